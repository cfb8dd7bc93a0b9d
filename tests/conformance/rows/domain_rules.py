"""The errors reachable from user input, in the order in which they are looked for (spec 4.2, 4.5).

The numbers in the names are the rows of that table. For each of its steps there is a pair: a request that breaks two
rules, and the one that is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.callers import NEIGHBOUR, Bearer
from conformance.refusals import (
    DOMAIN_BLANK,
    DOMAIN_CHARACTERS,
    DOMAIN_OWN,
    DOMAIN_TAKEN,
    EMAIL_INVALID,
    EXPIRED,
    FIRST_NAME_EMPTY,
    LAST_NAME_EMPTY,
    MACHINE_NAME_EMPTY,
    MACHINE_USERNAME_EMPTY,
    ORG_DOMAIN_EMPTY,
    ORG_NAME_BLANK,
    OWNER_MISSING,
    PASSWORD_LOWER,
    PASSWORD_NUMBER,
    PASSWORD_SHORT,
    PASSWORD_SYMBOL,
    PASSWORD_UPPER,
    USERNAME_BLANK,
)
from conformance.samples import HUMAN, JSON_KEY, PASSWORD, human, machine, nobody
from conformance.table import Call, Created, Row
from domain.instant import Instant

SECTION = "4.2"
NOW = Instant(1_900_000_000, 123_456_000)
NOW_TEXT = "2030-03-17T17:46:40.123456Z"
JUST_PAST = "2030-03-17T17:46:40.123455999Z"
PAST = "1970-01-01T00:00:00Z"
FUTURE = "2999-01-01T00:00:00Z"

WEAK = {"password": {"password": "weak"}}


def _named(first: str | None, last: str | None) -> dict[str, Any]:
    return {"profile": {"firstName": first or "", "lastName": last or ""}}


def _address(text: str) -> dict[str, Any]:
    return {"email": {"email": text}}


def _token(date: str) -> dict[str, Any]:
    return {"personalAccessToken": {"expirationDate": date}}


def _key(date: str) -> dict[str, Any]:
    return {"machineKey": {**JSON_KEY, "expirationDate": date}}


# Rows 4 and 5

_BLANK = {
    "blanks": "   ",
    "a tab and line breaks": "\t\r\n\v\f",
    "a no-break space": "\u00a0",
    "a next line": "\u0085",
    "an ideographic space": "\u3000",
    "an en quad and a line separator": "\u2000\u2028",
}

_WITHOUT_LABEL = {
    "a hyphen": "-",
    "two hyphens": "--",
    "punctuation": "!?&%",
    "dots": "...",
    "underscores": "___",
    "an emoji": "🦊",
    "other digits than ASCII's": "٤٢",
    "a zero-width space, which is no white space": "\u200b",
    "a unit separator, which Go does not trim": "\u001f",
    "hyphens that are none": "–—",
}

_WITH_LABEL = {
    "three hyphens": "---",
    "a combining mark": "\u0301",
    "a letter among punctuation": "!a!",
    "a digit": "7",
    "a letter of another script": "株",
    "a blank between hyphens": "- -",
}


def _organizations() -> Iterator[Row]:
    for what, text in _BLANK.items():
        yield Row(f"4 org name of {what}", SECTION, nobody(firstOrgName=text), ORG_NAME_BLANK)
    yield Row("4 instance name of blanks, for want of an org name", SECTION, nobody(instanceName="   "), ORG_NAME_BLANK)
    for what, text in _WITHOUT_LABEL.items():
        yield Row(f"5 org name of {what}", SECTION, nobody(firstOrgName=text), ORG_DOMAIN_EMPTY)
    yield Row(
        "5 instance name without label, for want of an org name", SECTION, nobody(instanceName="_"), ORG_DOMAIN_EMPTY
    )
    for what, text in _WITH_LABEL.items():
        yield Row(f"5 org name of {what} is enough", "5.3", nobody(firstOrgName=text), OWNER_MISSING)
    yield Row(
        "5 instance name of blanks does not matter beside an org name",
        "4.4",
        nobody(instanceName="   ", firstOrgName="Acme"),
        OWNER_MISSING,
    )


# Rows 6m to 9m and 11

_MACHINES = (
    Row("6m machine without name", SECTION, machine({"name": None}), MACHINE_NAME_EMPTY),
    Row("6m machine with an empty name", SECTION, machine({"name": ""}), MACHINE_NAME_EMPTY),
    Row("7m machine without user name", SECTION, machine({"userName": None}), MACHINE_USERNAME_EMPTY),
    Row("7m machine with an empty user name", SECTION, machine({"userName": ""}), MACHINE_USERNAME_EMPTY),
    Row("8m token that expired at the epoch", SECTION, machine(_token(PAST)), EXPIRED),
    Row("8m token that expired a nanosecond ago", SECTION, machine(_token(JUST_PAST)), EXPIRED, at=NOW),
    Row(
        "8m token that expires now passes",
        "3.1",
        machine(_token(NOW_TEXT), customDomain="_"),
        DOMAIN_CHARACTERS,
        at=NOW,
    ),
    Row(
        "8m token that expired in the year 1, after its first instant",
        SECTION,
        machine(_token("0001-01-01T00:00:00.000000001Z")),
        EXPIRED,
    ),
    Row(
        "8m token without a date passes",
        SECTION,
        machine(_token("0001-01-01T00:00:00Z"), customDomain="_"),
        DOMAIN_CHARACTERS,
    ),
    Row(
        "8m an offset counts: this token expired a second ago",
        SECTION,
        machine(_token("2030-03-17T19:46:39.123456+02:00")),
        EXPIRED,
        at=NOW,
    ),
    Row("9m key that expired at the epoch", SECTION, machine(_key(PAST)), EXPIRED),
    Row("9m key that expired a nanosecond ago", SECTION, machine(_key(JUST_PAST)), EXPIRED, at=NOW),
    Row("9m key that expires now passes", "3.1", machine(_key(NOW_TEXT), customDomain="_"), DOMAIN_CHARACTERS, at=NOW),
    Row(
        "9m key without a date passes",
        SECTION,
        machine(_key("0001-01-01T00:00:00Z"), customDomain="_"),
        DOMAIN_CHARACTERS,
    ),
    Row("8m and 9m both expired", SECTION, machine({**_token(PAST), **_key(PAST)}), EXPIRED),
    Row("9m key expired beside a good token", SECTION, machine({**_token(FUTURE), **_key(PAST)}), EXPIRED),
    Row("11 machine without names", SECTION, nobody(), OWNER_MISSING),
    Row("11 machine with empty names", SECTION, machine({"userName": "", "name": ""}), OWNER_MISSING),
    Row(
        "11 machine without names is skipped with its expired token",
        SECTION,
        {"instanceName": "Acme", "machine": _token(PAST)},
        OWNER_MISSING,
    ),
    Row(
        "11 machine without names is skipped with its key",
        SECTION,
        {"instanceName": "Acme", "machine": {"machineKey": JSON_KEY}},
        OWNER_MISSING,
    ),
)


# Rows 7h to 10h

_ADDRESSES = {
    "with a display name": "Jane <jane@acme.example>",
    "in angle brackets": "<jane@acme.example>",
    "with a blank before it": " jane@acme.example",
    "with a blank after it": "jane@acme.example ",
    "with a quoted local part": '"jane"@acme.example',
    "with an umlaut in the local part": "jäne@acme.example",
    "with a comment after it": "jane@acme.example(x)",
    "with a tab after it": "jane@acme.example\t",
}


def _humans() -> Iterator[Row]:
    for how, text in _ADDRESSES.items():
        yield Row(f"7h address {how}", SECTION, human(_address(text)), EMAIL_INVALID)
    for what, text in _BLANK.items():
        yield Row(f"8h user name of {what}", SECTION, human({"userName": text}), USERNAME_BLANK)
    yield Row("9h human without profile", SECTION, human({"profile": None}), FIRST_NAME_EMPTY)
    yield Row("9h human with an empty profile", SECTION, human({"profile": {}}), FIRST_NAME_EMPTY)
    yield Row("9h first name empty", SECTION, human(_named("", "Doe")), FIRST_NAME_EMPTY)
    yield Row("9h first name of blanks", SECTION, human(_named(" \u3000", "Doe")), FIRST_NAME_EMPTY)
    yield Row("10h last name empty", SECTION, human(_named("Jane", "")), LAST_NAME_EMPTY)
    yield Row("10h last name of blanks", SECTION, human(_named("Jane", "\u00a0 ")), LAST_NAME_EMPTY)


# Rows 12 to 14

_ODD_NAMES = {
    "an underscore": "acme_1",
    "an umlaut": "Äcme",
    "a slash": "acme/1",
    "a tab": "acme\t1",
    "a no-break space within": "acme\u00a01",
    "an asterisk": "*.acme",
    "a colon": "acme:1",
    "an emoji": "acme 🦊",
    "a comma": "Acme, Inc.",
    "an apostrophe": "Acme's",
    "an ampersand": "Acme & Sons",
    "a line break within": "acme\n1",
    "a fullwidth letter": "ａcme",
    "a long s, which has no ASCII lower case": "acmeſ",
}

_ODD_DOMAINS = {
    "a port": "login.acme.example:443",
    "an underscore": "log_in.acme.example",
    "a wildcard": "*.acme.example",
    "an umlaut": "äcme.example",
    "a slash": "acme.example/",
    "a scheme": "https://acme.example",
    "a blank within": "login acme.example",
    "an at sign": "root@acme.example",
    "a bracketed address": "[::1]",
    "a tab within": "login\tacme.example",
    "a NUL": "acme.example\x00",
    "an ideographic full stop": "acme。example",
    "a kelvin sign, which is not lower-cased first": "acme.\u212a",
}


def _domains() -> Iterator[Row]:
    for what, text in _ODD_NAMES.items():
        yield Row(f"12 instance name with {what}", SECTION, machine(instanceName=text), DOMAIN_CHARACTERS)
    yield Row(
        "12 instance name with an underscore, whatever the org name",
        SECTION,
        machine(instanceName="acme_1", firstOrgName="Acme"),
        DOMAIN_CHARACTERS,
    )
    for what, text in {"blanks": "   ", "an ideographic space": "\u3000", "a tab and a line break": "\t\n"}.items():
        yield Row(f"13 custom domain of {what}", SECTION, machine(customDomain=text), DOMAIN_BLANK)
    for what, text in _ODD_DOMAINS.items():
        yield Row(f"14 custom domain with {what}", SECTION, machine(customDomain=text), DOMAIN_CHARACTERS)


# Rows 15h to 20h

_PASSWORDS = (
    ("15h", "of 7 bytes with everything", "Abc12!x", PASSWORD_SHORT),
    ("15h", "of one byte", "A", PASSWORD_SHORT),
    ("15h", "of 7 blanks", "       ", PASSWORD_SHORT),
    ("15h", "of 3 runes in 6 bytes", "ÄÖÜ", PASSWORD_SHORT),
    ("16h", "of 4 runes in 8 bytes is long enough, and has no lower case", "ÄÖÜÄ", PASSWORD_LOWER),
    ("16h", "of 2 astral runes is long enough, and has no lower case", "🦊🦊", PASSWORD_LOWER),
    ("16h", "without lower case", "PASSW0RD!", PASSWORD_LOWER),
    ("16h", "whose only lower case is not ASCII", "PASSW0RDß!", PASSWORD_LOWER),
    ("16h", "of blanks", "        ", PASSWORD_LOWER),
    ("17h", "without upper case", "passw0rd!", PASSWORD_UPPER),
    ("17h", "whose only upper case is not ASCII", "passw0rdÄ", PASSWORD_UPPER),
    ("18h", "without number", "Password!", PASSWORD_NUMBER),
    ("18h", "whose only number is not ASCII", "Password٤!", PASSWORD_NUMBER),
    ("19h", "without symbol", "Passw0rd", PASSWORD_SYMBOL),
    ("16h before 17h", "without lower and upper case", "12345678!", PASSWORD_LOWER),
    ("17h before 18h", "without upper case and number", "password!", PASSWORD_UPPER),
    ("18h before 19h", "without number and symbol", "Password", PASSWORD_NUMBER),
    ("15h before all", "that is short and has nothing else", "!", PASSWORD_SHORT),
)


def _passwords() -> Iterator[Row]:
    for number, how, text, expected in _PASSWORDS:
        yield Row(f"{number} password {how}", SECTION, human({"password": {"password": text}}), expected)
    for how, text in {
        "an umlaut for a symbol": "Passw0rdä",
        "a blank for a symbol": "Passw0rd 1",
        "exactly 8 bytes": "Passw0r!",
    }.items():
        yield Row(
            f"19h password with {how} is accepted",
            SECTION,
            human({"password": {"password": text}}),
            Created(records={"user": {"state": "active"}}),
        )
    for size in (72, 73):
        yield Row(
            f"20h password of {size} bytes is accepted",
            SECTION,
            human({"password": {"password": PASSWORD + "a" * (size - len(PASSWORD))}}),
            Created(records={"user": {"state": "active"}}),
            departure=None
            if size == 72
            else "bcrypt ends at 72 bytes and ZITADEL answers 2/500; argon2id takes all of it (design decision 6)",
        )


# Row 22

_CUSTOM = machine(customDomain="login.acme.example")


def _taken() -> Iterator[Row]:
    spellings = {
        "as it was": "login.acme.example",
        "in another case": "LOGIN.Acme.Example",
        "with blanks around it": " login.acme.example\n",
    }
    for how, text in spellings.items():
        yield Row(f"22 taken domain {how}", SECTION, machine(customDomain=text), DOMAIN_TAKEN, earlier=(Call(_CUSTOM),))
    yield Row(
        "22 domain that was taken in upper case",
        SECTION,
        _CUSTOM,
        DOMAIN_TAKEN,
        earlier=(Call(machine(customDomain="LOGIN.ACME.EXAMPLE")),),
    )
    yield Row(
        "22 taken domain for a human",
        SECTION,
        human(customDomain="login.acme.example"),
        DOMAIN_TAKEN,
        earlier=(Call(_CUSTOM),),
    )
    yield Row(
        "22 taken domain with credentials to be made",
        SECTION,
        machine({"personalAccessToken": {}}, customDomain="login.acme.example"),
        DOMAIN_TAKEN,
        earlier=(Call(_CUSTOM),),
    )
    yield Row(
        "22 domain of another caller's instance",
        SECTION,
        _CUSTOM,
        DOMAIN_TAKEN,
        earlier=(Call(_CUSTOM, authorization=Bearer(NEIGHBOUR)),),
    )
    yield Row(
        "22 a refused request takes no domain",
        SECTION,
        _CUSTOM,
        Created(),
        earlier=(
            Call(machine({"name": ""}, customDomain="login.acme.example")),
            Call(machine(_token(PAST), customDomain="login.acme.example")),
        ),
    )
    yield Row(
        "22 a domain that only begins alike is free",
        SECTION,
        machine(customDomain="login.acme.example.net"),
        Created(),
        earlier=(Call(_CUSTOM),),
    )


# Rows 21 and 22 with the generated domain

_OWN = "acme-k3x09a.foundry.example"


def _generated() -> Iterator[Row]:
    yield Row(
        "21 custom domain equal to the generated one", SECTION, machine(customDomain=_OWN), DOMAIN_OWN, label="k3x09a"
    )
    yield Row(
        "21 custom domain equal to the generated one, for a human",
        SECTION,
        human({"password": {"password": PASSWORD}}, customDomain=_OWN),
        DOMAIN_OWN,
        label="k3x09a",
    )
    yield Row(
        "21 custom domain equal to the generated one once it is trimmed",
        SECTION,
        machine(customDomain=f" {_OWN} "),
        DOMAIN_OWN,
        label="k3x09a",
    )
    yield Row(
        "21 custom domain that is the generated one in another case breaks the next rule",
        SECTION,
        machine(customDomain=_OWN.upper()),
        DOMAIN_TAKEN,
        label="k3x09a",
    )
    yield Row(
        "15h before 21",
        SECTION,
        human(WEAK, customDomain=_OWN),
        PASSWORD_SHORT,
        label="k3x09a",
    )
    yield Row(
        "21 before 22",
        SECTION,
        machine(customDomain=_OWN),
        DOMAIN_OWN,
        label="k3x09a",
        earlier=(Call(machine(), label="k3x09a"),),
    )
    yield Row(
        "22 custom domain that is another instance's generated one",
        SECTION,
        machine(customDomain=_OWN),
        DOMAIN_TAKEN,
        earlier=(Call(machine(), label="k3x09a"),),
    )
    yield Row(
        "22 generated domain that another instance has",
        SECTION,
        machine(),
        DOMAIN_TAKEN,
        label="k3x09a",
        earlier=(Call(machine(), label="k3x09a"),),
    )
    yield Row(
        "22 generated domain that is another instance's custom one, in another case",
        SECTION,
        machine(),
        DOMAIN_TAKEN,
        label="k3x09a",
        earlier=(Call(machine(instanceName="Other", customDomain=_OWN.upper())),),
    )


# Two rules broken: the earlier one is told

_PAIRS = (
    Row("4 before 11", SECTION, nobody(firstOrgName=" "), ORG_NAME_BLANK),
    Row("4 before 6m", SECTION, machine({"name": ""}, firstOrgName=" "), ORG_NAME_BLANK),
    Row("4 before 7h", SECTION, human(_address("<a@b.c>"), firstOrgName=" "), ORG_NAME_BLANK),
    Row("4 before 13", SECTION, machine(firstOrgName=" ", customDomain=" "), ORG_NAME_BLANK),
    Row("5 before 6m", SECTION, machine({"name": ""}, firstOrgName="-"), ORG_DOMAIN_EMPTY),
    Row("5 before 7h", SECTION, human(_address("<a@b.c>"), firstOrgName="-"), ORG_DOMAIN_EMPTY),
    Row("5 before 12", SECTION, machine(instanceName="_"), ORG_DOMAIN_EMPTY),
    Row("6m before 8m", SECTION, machine({"name": "", **_token(PAST)}), MACHINE_NAME_EMPTY),
    Row("7m before 8m", SECTION, machine({"userName": "", **_token(PAST)}), MACHINE_USERNAME_EMPTY),
    Row("7m before 9m", SECTION, machine({"userName": "", **_key(PAST)}), MACHINE_USERNAME_EMPTY),
    Row("6m before 12", SECTION, machine({"name": ""}, instanceName="acme_1"), MACHINE_NAME_EMPTY),
    Row("7m before 13", SECTION, machine({"userName": ""}, customDomain=" "), MACHINE_USERNAME_EMPTY),
    Row("8m before 12", SECTION, machine(_token(PAST), instanceName="acme_1"), EXPIRED),
    Row("8m before 13", SECTION, machine(_token(PAST), customDomain=" "), EXPIRED),
    Row("9m before 14", SECTION, machine(_key(PAST), customDomain="_"), EXPIRED),
    Row("7h before 8h", SECTION, human({**_address("<a@b.c>"), "userName": " "}), EMAIL_INVALID),
    Row("7h before 9h", SECTION, human({**_address("<a@b.c>"), "profile": None}), EMAIL_INVALID),
    Row("8h before 9h", SECTION, human({"userName": " ", "profile": None}), USERNAME_BLANK),
    Row("9h before 10h", SECTION, human(_named(" ", " ")), FIRST_NAME_EMPTY),
    Row("10h before 12", SECTION, human(_named("Jane", ""), instanceName="acme_1"), LAST_NAME_EMPTY),
    Row("10h before 13", SECTION, human(_named("Jane", ""), customDomain=" "), LAST_NAME_EMPTY),
    Row("10h before 15h", SECTION, human({**_named("Jane", ""), **WEAK}), LAST_NAME_EMPTY),
    Row("11 before 12", SECTION, nobody(instanceName="acme_1"), OWNER_MISSING),
    Row("11 before 13", SECTION, nobody(customDomain=" "), OWNER_MISSING),
    Row("12 before 13", SECTION, machine(instanceName="acme_1", customDomain=" "), DOMAIN_CHARACTERS),
    Row("12 before 15h", SECTION, human(WEAK, instanceName="acme_1"), DOMAIN_CHARACTERS),
    Row("13 before 15h", SECTION, human(WEAK, customDomain=" "), DOMAIN_BLANK),
    Row("14 before 15h", SECTION, human(WEAK, customDomain="_"), DOMAIN_CHARACTERS),
    Row(
        "15h before 22",
        SECTION,
        human(WEAK, customDomain="login.acme.example"),
        PASSWORD_SHORT,
        earlier=(Call(_CUSTOM),),
    ),
    Row(
        "8m before 22",
        SECTION,
        machine(_token(PAST), customDomain="login.acme.example"),
        EXPIRED,
        earlier=(Call(_CUSTOM),),
    ),
    Row(
        "a human's rule does not depend on fields after it",
        SECTION,
        {"instanceName": "Acme", "human": {**HUMAN, "userName": " "}, "customDomain": "_", "firstOrgName": "Acme"},
        USERNAME_BLANK,
    ),
)

ROWS = (*_organizations(), *_MACHINES, *_humans(), *_domains(), *_passwords(), *_taken(), *_generated(), *_PAIRS)
