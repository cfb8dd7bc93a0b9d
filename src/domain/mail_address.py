"""The two rules for a human's e-mail address: the field rule ``email: true`` and ZITADEL's stricter one.

The field rule is protoc-gen-validate v1.1.0's (spec 1.2): RFC 5322 with RFC 6532's non-ASCII text as Go 1.24's
``net/mail.ParseAddress`` reads it, so ``Foo <a@b.c>`` passes, and then lengths and the host name. The cause of a fault
is on the wire, so faults are looked for in Go's order and told in Go's words. Lengths are bytes of UTF-8, as in Go.
"""

from __future__ import annotations

import binascii
import ipaddress
import re

# Strings, so that only a request with a human pays for compiling them.
_ATOM = r'[^\x00-\x20\x7f()<>\[\]:;@\\,"]+'
_QUOTED_CONTENT = r'(?:[^\x00-\x08\x0a-\x1f\x7f"\\]|\\[^\x00-\x08\x0a-\x1f\x7f])*'
_LITERAL_CONTENT = r"[^\x00-\x20\x7f\[\]\\]*"
_COMMENT_CHARACTER = r"(?s)\\?."
_ENCODED_WORD = r"=\?([^?]+)\?(?:[bB]\?([^?]*)|[qQ]\?((?:[\t\n\r -<>@-~]|=[0-9A-Fa-f]{2})*))\?="
_PLAIN_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_PLAIN_LABEL}(?:\.{_PLAIN_LABEL})*"

_CHARSETS = frozenset({"utf-8", "iso-8859-1", "us-ascii"})
_HOST_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"
_RUNE = "'"
_GO_ESCAPES = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}


def plain(text: str) -> bool:
    """Whether the whole text is a bare ASCII address, nothing trimmed (spec 4.2 "E-mail regex semantics").

    A label has at most 63 characters, which bounds what the expression may have to try again: it takes linear time.
    """
    return re.fullmatch(_PLAIN, text) is not None


def fault(text: str) -> str | None:
    """Why the text breaks the field rule, in the words of Go or protoc-gen-validate; None if it keeps it."""
    try:
        _check_lengths_and_host(_Parser(text).single_address())
    except _Malformed as malformed:
        return str(malformed)
    return None


class _Malformed(ValueError):
    """Carries the cause as it goes on the wire."""


def _check_lengths_and_host(address: str) -> None:
    local, _, host = address.partition("@")
    if _size(address) > 254:
        raise _Malformed("email addresses cannot exceed 254 characters")
    if _size(local) > 64:
        raise _Malformed("email address local phrase cannot exceed 64 characters")
    # The validator's next rule, a host of at most 253 bytes, cannot break in an address of at most 254.
    for label in _lower(host).split("."):
        if not 1 <= _size(label) <= 63:
            raise _Malformed("hostname part must be non-empty and cannot exceed 63 characters")
        if label.startswith("-"):
            raise _Malformed("hostname parts cannot begin with hyphens")
        if label.endswith("-"):
            raise _Malformed("hostname parts cannot end with hyphens")
        if odd := label.lstrip(_HOST_CHARACTERS):
            message = "hostname parts can only contain alphanumeric characters or hyphens, got"
            raise _Malformed(f"{message} {_go_quoted(odd[0])}")


class _Parser:
    """Consumes a text from the front, as Go's parser does; methods raise _Malformed where the text is not theirs."""

    def __init__(self, text: str) -> None:
        self._rest = text

    def single_address(self) -> str:
        """The text's one address, without display name and comments."""
        addresses = self._address()
        self._skip_comments()
        if self._rest:
            raise _Malformed(f"mail: expected single address, got {_go_quoted(self._rest)}")
        if not addresses:
            raise _Malformed("mail: empty group")
        if len(addresses) > 1:
            raise _Malformed("mail: group with multiple addresses")
        return addresses[0]

    def _address(self, *, in_group: bool = False) -> list[str]:
        """addr-spec [comment] / [display-name] angle-addr / group, the last with any number of addresses."""
        self._skip_space()
        if not self._rest:
            raise _Malformed("mail: no address")
        start = self._rest
        try:
            spec = self._spec()
        except _Malformed:
            self._rest = start
        else:
            self._skip_space()
            if self._rest.startswith("("):
                for word in re.split("[ \t]+", self._comment()):
                    _decoded(word)
            return [spec]
        name = "" if self._rest.startswith("<") else self._phrase()
        self._skip_space()
        if not in_group and self._take(":"):
            return self._group()
        if not self._take("<"):
            could_be_local = not name or re.fullmatch(_ATOM, name)
            raise _Malformed("mail: missing '@' or angle-addr" if could_be_local else "mail: no angle-addr")
        spec = self._spec()
        if not self._take(">"):
            raise _Malformed("mail: unclosed angle-addr")
        return [spec]

    def _group(self) -> list[str]:
        """The members of a group whose name and colon are read."""
        members: list[str] = []
        self._skip_space()
        closed = self._take(";")
        while not closed:
            members += self._address(in_group=True)
            self._skip_comments()
            closed = self._take(";")
            if not closed and not self._take(","):
                raise _Malformed("mail: expected comma")
        self._skip_comments()
        return members

    def _spec(self) -> str:
        """(dot-atom / quoted-string) "@" (dot-atom / domain-literal)."""
        self._skip_space()
        if not self._rest:
            raise _Malformed("mail: no addr-spec")
        local = self._quoted_local() if self._rest.startswith('"') else self._dot_atom()
        if not self._take("@"):
            raise _Malformed("mail: missing @ in addr-spec")
        self._skip_space()
        if not self._rest:
            raise _Malformed("mail: no domain in addr-spec")
        return f"{local}@{self._literal() if self._rest.startswith('[') else self._dot_atom()}"

    def _quoted_local(self) -> str:
        try:
            local = self._quoted_string()
        except _Malformed:
            local = ""
        if not local:
            raise _Malformed("mail: empty quoted string in addr-spec")
        return local

    def _phrase(self) -> str:
        """1*(atom / quoted-string), decoded; after its first word it ends wherever no further word can be read."""
        words: list[str] = []
        joins = False
        while self._rest:
            try:
                word, encoded = self._word()
            except _Malformed as malformed:
                if not words:
                    raise _Malformed(f"mail: missing word in phrase: {malformed}") from None
                break
            if encoded and joins:
                words[-1] += word
            else:
                words.append(word)
            joins = encoded
            self._skip_comments()
        return " ".join(words)

    def _word(self) -> tuple[str, bool]:
        """The next word, and whether it was an encoded one."""
        return (self._quoted_string(), False) if self._rest.startswith('"') else _decoded(self._atom())

    def _dot_atom(self) -> str:
        atom = self._atom()
        if atom.startswith("."):
            raise _Malformed("mail: leading dot in atom")
        if ".." in atom:
            raise _Malformed("mail: double dot in atom")
        if atom.endswith("."):
            raise _Malformed("mail: trailing dot in atom")
        return atom

    def _atom(self) -> str:
        atom = self._leading(_ATOM)
        if not atom:
            raise _Malformed("mail: invalid string")
        self._rest = self._rest[len(atom) :]
        return atom

    def _quoted_string(self) -> str:
        content = self._leading(_QUOTED_CONTENT, 1)
        tail = self._rest[1 + len(content) :].removeprefix("\\")
        if not tail:
            raise _Malformed("mail: unclosed quoted-string")
        if not tail.startswith('"'):
            raise _Malformed(f"mail: bad character in quoted-string: {_go_quoted(tail[0], _RUNE)}")
        self._rest = tail[1:]
        return re.sub(r"\\(.)", r"\1", content)

    def _literal(self) -> str:
        content = self._leading(_LITERAL_CONTENT, 1)
        tail = self._rest[1 + len(content) :]
        if not tail:
            raise _Malformed("mail: unclosed domain-literal")
        if not tail.startswith("]"):
            raise _Malformed(f"mail: bad character in domain-literal: {_go_quoted(tail[0], _RUNE)}")
        if not _is_ip_address(content):
            raise _Malformed(f"mail: invalid IP address in domain-literal: {_go_quoted(content)}")
        self._rest = tail[1:]
        return f"[{content}]"

    def _skip_comments(self) -> None:
        self._skip_space()
        while self._rest.startswith("("):
            self._comment()
            self._skip_space()

    def _comment(self) -> str:
        """The text of a comment, with those inside it."""
        text = ""
        depth = 0
        for character in re.finditer(_COMMENT_CHARACTER, self._rest):
            depth += {"(": 1, ")": -1}.get(character[0], 0)
            if not depth:
                self._rest = self._rest[character.end() :]
                return text[1:]
            text += character[0][-1]
        raise _Malformed("mail: misformatted parenthetical comment")

    def _skip_space(self) -> None:
        self._rest = self._rest.lstrip(" \t")

    def _leading(self, shape: str, start: int = 0) -> str:
        found = re.match(shape, self._rest[start:])
        return found[0] if found else ""

    def _take(self, character: str) -> bool:
        found = self._rest.startswith(character)
        self._rest = self._rest[found:]
        return found


def _decoded(word: str) -> tuple[str, bool]:
    """The word's text, and whether it was an encoded one (RFC 2047).

    Only which characters are ASCII matters to a caller, so every charset that Go knows is read as Latin-1.
    """
    encoded = re.fullmatch(_ENCODED_WORD, word)
    if not encoded:
        return word, False
    charset, base64, quoted_printable = encoded.groups()
    # Go's base64 passes over line breaks; strict_mode does not.
    try:
        content = (
            binascii.a2b_base64(re.sub("[\r\n]", "", base64), strict_mode=True)
            if base64 is not None
            else binascii.a2b_qp(quoted_printable, header=True)
        )
    except ValueError:
        return word, False
    if charset.casefold() not in _CHARSETS:
        raise _Malformed(f"charset not supported: {_go_quoted(_lower(charset))}")
    return content.decode("latin-1"), True


def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _lower(text: str) -> str:
    """Go's ``strings.ToLower``: a character for a character, so ``İ`` is ``i`` and a final ``Σ`` is ``σ``."""
    return "".join(character.lower()[0] for character in text)


def _go_quoted(text: str, mark: str = '"') -> str:
    """Go's ``%q`` of a string or, between apostrophes, of a rune."""
    return (
        mark
        + "".join(f"\\{character}" if character in {mark, "\\"} else _visible(character) for character in text)
        + mark
    )


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    number = f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return _GO_ESCAPES.get(character, number)
