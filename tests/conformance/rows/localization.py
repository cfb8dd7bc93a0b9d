"""In which language a refusal is told (spec 2.5, 2.6, 4.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.callers import Bearer
from conformance.refusals import (
    DELIVERY_UNKNOWN,
    DOMAIN_BLANK,
    DOMAIN_CHARACTERS,
    DOMAIN_TAKEN,
    EMAIL_INVALID,
    EXPIRED,
    FIRST_NAME_EMPTY,
    INVALID_HEADER,
    INVALID_TOKEN,
    KEY_INVALID,
    LAST_NAME_EMPTY,
    MACHINE_NAME_EMPTY,
    MACHINE_USERNAME_EMPTY,
    NO_HEADER,
    NO_ORGANIZATION,
    NO_PERMISSION,
    ORG_DOMAIN_EMPTY,
    ORG_NAME_BLANK,
    OWNER_MISSING,
    PASSWORD_LOWER,
    PASSWORD_NUMBER,
    PASSWORD_SHORT,
    PASSWORD_SYMBOL,
    PASSWORD_UPPER,
    UNDECODABLE,
    UNKNOWN_PATH,
    USERNAME_BLANK,
    violation,
)
from conformance.rows.field_rules import FROM_1_TO_200
from conformance.rows.routes import LOOKED_UP, UNKNOWN_INSTANCE
from conformance.samples import human, machine, nobody
from conformance.table import Call, Refused, Row

SECTION = "2.6"
ENGLISH = {"accept-language": "en"}

_BAD_NAME = machine({"name": ""})
_IN_ENGLISH = MACHINE_NAME_EMPTY.saying("Userdata is invalid")
_IN_GERMAN = MACHINE_NAME_EMPTY.saying("Benutzerdaten sind ungültig")
_IN_FRENCH = MACHINE_NAME_EMPTY.saying("Les données de l'utilisateur ne sont pas valides")
_ONLY_ENGLISH_IS_GIVEN = "4.6 has the English texts only; this one is known from ZITADEL's own file"

# Which language a header asks for; without a match there is the key

_HEADERS: Mapping[str, Refused] = {
    "en": _IN_ENGLISH,
    "EN": _IN_ENGLISH,
    "en-US": _IN_ENGLISH,
    "en-US,en;q=0.5": _IN_ENGLISH,
    "en; q=0.1": _IN_ENGLISH,
    "xx, en;q=0.2": _IN_ENGLISH,
    "tlh, en": _IN_ENGLISH,
    "de;q=0.5, en": _IN_ENGLISH,
    "de;q=0, en": _IN_ENGLISH,
    "tlh": MACHINE_NAME_EMPTY,
    "xx": MACHINE_NAME_EMPTY,
    "und": MACHINE_NAME_EMPTY,
    "*": MACHINE_NAME_EMPTY,
    "": MACHINE_NAME_EMPTY,
    "en;q=0": MACHINE_NAME_EMPTY,
    ";;;": MACHINE_NAME_EMPTY,
    "klingon": MACHINE_NAME_EMPTY,
}

_TRANSLATED_HEADERS: Mapping[str, Refused] = {
    "de": _IN_GERMAN,
    "de-CH": _IN_GERMAN,
    "de-CH,en;q=0.9": _IN_GERMAN,
    "en;q=0.1, de;q=0.9": _IN_GERMAN,
    "de, en": _IN_GERMAN,
    "fr": _IN_FRENCH,
    "fr-FR, de;q=0.5": _IN_FRENCH,
}


def _named(first: str, last: str) -> dict[str, Any]:
    return human({"profile": {"firstName": first, "lastName": last}})


def _password(text: str) -> dict[str, Any]:
    return human({"password": {"password": text}})


# Every text of 4.6 that a request can bring about

_ENGLISH_TEXTS: Mapping[str, tuple[dict[str, Any], Refused]] = {
    "Invalid non numeric and alphabetical characters were replaced with empty spaces and resulting domain is an empty string": (
        nobody(firstOrgName="-"),
        ORG_DOMAIN_EMPTY,
    ),
    "Userdata is invalid": (machine({"userName": ""}), MACHINE_USERNAME_EMPTY),
    "Email is invalid": (human({"email": {"email": "<jane@acme.example>"}}), EMAIL_INVALID),
    "Given name in profile is empty": (_named("", "Doe"), FIRST_NAME_EMPTY),
    "Family name in profile is empty": (_named("Jane", ""), LAST_NAME_EMPTY),
    "Password is too short": (_password("weak"), PASSWORD_SHORT),
    "Password must contain lower case": (_password("PASSW0RD!"), PASSWORD_LOWER),
    "Password must contain upper case": (_password("passw0rd!"), PASSWORD_UPPER),
    "Password must contain number": (_password("Password!"), PASSWORD_NUMBER),
    "Password must contain symbol": (_password("Passw0rd"), PASSWORD_SYMBOL),
}

# Keys that ZITADEL has in no language

_WITHOUT_TEXT: Mapping[str, tuple[dict[str, Any], Refused]] = {
    "of a blank org name": (nobody(firstOrgName=" "), ORG_NAME_BLANK),
    "of a missing owner": (nobody(), OWNER_MISSING),
    "of a blank user name": (human({"userName": " "}), USERNAME_BLANK),
    "of a blank custom domain": (machine(customDomain=" "), DOMAIN_BLANK),
    "of a domain's characters": (machine(customDomain="_"), DOMAIN_CHARACTERS),
    "of a date in the past": (machine({"personalAccessToken": {"expirationDate": "1970-01-01T00:00:00Z"}}), EXPIRED),
}


def _texts() -> Iterator[Row]:
    for text, (request, refused) in _ENGLISH_TEXTS.items():
        yield Row(f"{refused.id} in English", "4.6", request, refused.saying(text), headers=ENGLISH)
        yield Row(f"{refused.id} in no language", SECTION, request, refused)
    for what, (request, refused) in _WITHOUT_TEXT.items():
        for language in ("en", "de"):
            yield Row(
                f"key {what} has no text in {language}",
                SECTION,
                request,
                refused,
                headers={"accept-language": language},
            )
    taken = machine(customDomain="login.acme.example")
    yield Row(
        "key of a taken domain has no text", SECTION, taken, DOMAIN_TAKEN, headers=ENGLISH, earlier=(Call(taken),)
    )


ROWS = (
    Row("no Accept-Language", SECTION, _BAD_NAME, MACHINE_NAME_EMPTY),
    *(
        Row(f"Accept-Language {header!r}", SECTION, _BAD_NAME, expected, headers={"accept-language": header})
        for header, expected in _HEADERS.items()
    ),
    *(
        Row(
            f"Accept-Language {header!r}",
            SECTION,
            _BAD_NAME,
            expected,
            headers={"accept-language": header},
            doubt=_ONLY_ENGLISH_IS_GIVEN,
        )
        for header, expected in _TRANSLATED_HEADERS.items()
    ),
    *(
        Row(
            f"Accept-Language {language!r}, which ZITADEL has",
            SECTION,
            _BAD_NAME,
            MACHINE_NAME_EMPTY,
            headers={"accept-language": language},
            departure="ZITADEL has 20 languages, this service has English, German and French",
        )
        for language in ("it", "ja")
    ),
    Row(
        "Accept-Language with an unreadable range",
        SECTION,
        _BAD_NAME,
        _IN_ENGLISH,
        headers={"accept-language": "!!!, en"},
        departure="Go's parser gives up the whole header; here the range is passed over",
    ),
    *_texts(),
    # Never localized
    *(
        Row(f"{what} is never localized", "2.5", nobody(), expected, headers=ENGLISH, authorization=authorization)
        for what, expected, authorization in (
            ("a missing header", NO_HEADER, None),
            ("an invalid header", INVALID_HEADER, "Basic x"),
            ("an invalid token", INVALID_TOKEN, "Bearer x"),
            ("a missing permission", NO_PERMISSION, Bearer("viewer")),
        )
    ),
    Row(
        "an unknown organization is never localized",
        "2.5",
        nobody(),
        NO_ORGANIZATION,
        headers={**ENGLISH, "x-zitadel-orgid": "1"},
    ),
    Row(
        "a broken field rule is never localized",
        "2.5",
        nobody(instanceName=""),
        violation("InstanceName", reason=FROM_1_TO_200),
        headers={"accept-language": "de"},
    ),
    Row("an undecodable body is never localized", "2.1", b"{", UNDECODABLE, headers={"accept-language": "de"}),
    Row(
        "an unknown path is never localized", "2.3", nobody(), UNKNOWN_PATH, headers={"accept-language": "de"}, path="/"
    ),
    # The lookup of an instance falls back to English
    Row(
        "lookup of _create in an unknown language is English",
        "2.5",
        b"",
        LOOKED_UP,
        headers={"accept-language": "tlh"},
        method="GET",
    ),
    Row("lookup of _create in English", "2.5", b"", LOOKED_UP, headers=ENGLISH, method="GET"),
    Row(
        "lookup of _create in German",
        "2.5",
        b"",
        LOOKED_UP.saying(re.compile(re.escape(UNKNOWN_INSTANCE.split("=Inst")[0]) + "=Instanz nicht gefunden.*")),
        headers={"accept-language": "de"},
        method="GET",
        doubt=_ONLY_ENGLISH_IS_GIVEN,
    ),
    # Ours have a text in every language there is
    Row(
        "a bad idempotency key in English",
        "design 5",
        machine(),
        KEY_INVALID.saying(re.compile("The idempotency key is invalid.*")),
        headers={**ENGLISH, "idempotency-key": ""},
    ),
    Row(
        "an unknown delivery in German",
        "design 6",
        machine(),
        DELIVERY_UNKNOWN.saying(re.compile("Diese Art, Zugangsdaten.*")),
        headers={"accept-language": "de", "x-credential-delivery": "mail"},
    ),
)
