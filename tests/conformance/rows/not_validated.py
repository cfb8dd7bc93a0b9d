"""What is not validated: each is accepted, and this is what is made of it (spec 4.4, 4.5, 3.1, 5.2, 5.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.samples import HUMAN, PROFILE, human, machine
from conformance.table import Call, Created, Row

SECTION = "4.4"


def generated(label: str) -> re.Pattern[str]:
    """The generated domain of an instance whose name becomes ``label`` (spec 5.2)."""
    return re.compile(rf"{re.escape(label)}-[a-z0-9]{{6}}\.foundry\.example")


# Languages (3.1): none is checked against the supported ones, and what cannot be understood is ignored

_DEFAULT_LANGUAGES = {
    "de": "de",
    "de-CH": "de-CH",
    "de_CH": "de-CH",
    "en-": "en",
    "iw": "he",
    "ger": "de",
    "abc": "abc",
    "tlh": "tlh",
    "mul": "mul",
    "xx": "en",
    "english": "en",
    "und": "en",
    "*": "en",
    "": "en",
    "!!!": "en",
    "株式会社": "en",
}

_PREFERRED_LANGUAGES = {
    "de": "de",
    "de_CH": "de-CH",
    "tlh": "tlh",
    "": "und",
    "xx": "und",
    "english": "und",
    "en-": "und",
    "!!!": "und",
}


def _languages() -> Iterator[Row]:
    for tag, stored in _DEFAULT_LANGUAGES.items():
        yield Row(
            f"default language {tag!r}",
            "3.1",
            machine(defaultLanguage=tag),
            Created(records={"instance": {"default_language": stored}}),
        )
    for tag, stored in _PREFERRED_LANGUAGES.items():
        yield Row(
            f"preferred language {tag!r}",
            "3.1",
            human({"profile": {**PROFILE, "preferredLanguage": tag}}),
            Created(records={"user": {"preferred_language": stored}}),
        )


# Custom domains: only the characters are looked at

_DOMAINS = {
    "with a leading hyphen": "-login.acme.example",
    "with a trailing hyphen": "login.acme.example-",
    "with a leading dot": ".acme.example",
    "with a trailing dot": "acme.example.",
    "with an empty label": "login..acme.example",
    "of dots only": "..",
    "of one hyphen": "-",
    "without a dot": "localhost",
    "of one letter": "a",
    "that is an address": "127.0.0.1",
    "with a label of 100 characters": f"{'a' * 100}.example",
    "of 200 characters": f"{'a' * 192}.example",
    "that is the service's own": "foundry.example",
    "under the service's own": "acme.foundry.example",
    "that somebody else owns": "www.google.com",
}


def _custom_domains() -> Iterator[Row]:
    for how, domain in _DOMAINS.items():
        yield Row(
            f"custom domain {how}",
            SECTION,
            machine(customDomain=domain),
            Created(records={"instance": {"domains": [{"primary": False}, {"name": domain, "primary": True}]}}),
        )
    for how, text, domain in (
        ("keeps its case", "Login.ACME.example", "Login.ACME.example"),
        ("is trimmed", " \u3000login.acme.example\t", "login.acme.example"),
    ):
        yield Row(
            f"custom domain {how}",
            SECTION,
            machine(customDomain=text),
            Created(records={"instance": {"domains": [{"primary": False}, {"name": domain, "primary": True}]}}),
        )


# Instance names: never trimmed where they are stored, and what remains of them in the generated domain

_NAMES = {
    "with blanks around it": (" Acme ", "acme"),
    "with a no-break space after it": ("Acme\u00a0", "acme"),
    "with blanks within": ("My Inst 1", "my-inst-1"),
    "with two blanks within": ("a  b", "a--b"),
    "with dots": ("acme.test.1", "acme.test.1"),
    "with hyphens around it": ("-acme-", "-acme-"),
    "of a dot and a letter": (".a", ".a"),
    "of a digit": ("1", "1"),
    "in upper case": ("ACME", "acme"),
    "of 200 characters": ("a" * 200, "a" * 200),
    "that nobody would take for a name": ("DROP TABLE--", "drop-table--"),
    "with a kelvin sign, whose lower case is ASCII": ("\u212aelvin", "kelvin"),
}


def _instance_names() -> Iterator[Row]:
    for how, (name, label) in _NAMES.items():
        yield Row(
            f"instance name {how}",
            SECTION,
            machine(instanceName=name),
            Created(records={"instance": {"name": name, "domains": [{"name": generated(label), "generated": True}]}}),
        )
    yield Row(
        "instance name with a dotted capital I",
        "4.5",
        machine(instanceName="\u0130zmir"),
        Created(records={"instance": {"domains": [{"name": generated("izmir")}]}}),
        doubt="4.5 says that Go lower-cases İ to i̇; Go's simple mapping gives i alone, which the domain may hold",
    )
    yield Row(
        "instance name of blanks beside an org name",
        SECTION,
        machine(instanceName="   ", firstOrgName="Acme"),
        Created(
            records={
                "instance": {"name": "   ", "domains": [{"name": generated("")}]},
                "organization": {"name": "Acme"},
            }
        ),
    )
    yield Row("instance name that another instance has", SECTION, machine(), Created(), earlier=(Call(machine()),))
    yield Row(
        "org name that another instance's org has",
        SECTION,
        machine(instanceName="Other", firstOrgName="Acme"),
        Created(records={"organization": {"name": "Acme"}}),
        earlier=(Call(machine(firstOrgName="Acme")),),
    )
    yield Row(
        "user name that another instance's user has",
        SECTION,
        human(instanceName="Other"),
        Created(records={"user": {"username": "jane"}}),
        earlier=(Call(human()),),
    )


# Organizations: the name is trimmed, its domain is what 5.3 leaves of it

_ORGANIZATIONS = {
    "with blanks around it": ("  Acme Org ", "Acme Org", "acme-org"),
    "with punctuation": ("Acme & Söhne (Köln)", "Acme & Söhne (Köln)", "acme--söhne-köln"),
    "of another script": ("株式会社", "株式会社", "株式会社"),
    "with dots and underscores": ("a.b_c", "a.b_c", "abc"),
    "with hyphens around it": ("--acme--", "--acme--", "-acme-"),
    "of three hyphens": ("---", "---", "-"),
    "of 63 letters": ("a" * 63, "a" * 63, "a" * 63),
    "of 64 letters": ("a" * 64, "a" * 64, "a" * 63),
    "whose 63rd byte is a hyphen": ("a" * 62 + "-b", "a" * 62 + "-b", "a" * 62),
}


def _organizations() -> Iterator[Row]:
    for how, (text, name, label) in _ORGANIZATIONS.items():
        yield Row(
            f"org name {how}",
            "5.3",
            machine(firstOrgName=text),
            Created(
                records={
                    "organization": {
                        "name": name,
                        "domains": [{"name": f"{label}.foundry.example", "primary": True, "verified": True}],
                    }
                }
            ),
        )
    yield Row(
        "org name whose 63rd byte is within a character",
        "5.3",
        machine(firstOrgName="a" * 62 + "é"),
        Created(records={"organization": {"domains": [{"name": f"{'a' * 62}.foundry.example"}]}}),
        departure="ZITADEL cuts through the character and stores invalid UTF-8; here the label ends before it",
    )


# Machines and humans

_MACHINES = {
    "with names of one blank": (" ", " "),
    "with blanks around its names": (" root ", "\tRoot "),
    "with names that no system would like": ("../../etc/passwd\x00", "<script>alert(1)</script>"),
    "with an at sign in its user name": ("root@acme.example", "Root"),
    "with names of another script": ("ルート", "ルート 🦊"),
    "with the longest names": ("𝔘" * 200, "𝔘" * 200),
}

_USER_NAMES = {
    "with an at sign": ("jane@acme.example", "jane@acme.example"),
    "with a blank within": ("jane doe", "jane doe"),
    "with blanks around it": (" jane\u00a0", "jane"),
    "in upper case": ("JANE", "JANE"),
    "of another script": ("ジェーン", "ジェーン"),
    "of 200 runes": ("𝔘" * 200, "𝔘" * 200),
    "of the fallback's form": ("@acme.foundry.example", "@acme.foundry.example"),
}


def _users() -> Iterator[Row]:
    for how, (user_name, name) in _MACHINES.items():
        yield Row(
            f"machine {how}",
            SECTION,
            machine({"userName": user_name, "name": name}),
            Created(records={"user": {"kind": "machine", "username": user_name, "name": name}}),
        )
    for how, (text, user_name) in _USER_NAMES.items():
        yield Row(
            f"user name {how}",
            SECTION,
            human({"userName": text}),
            Created(records={"user": {"kind": "human", "username": user_name}}),
        )
    yield Row(
        "names with blanks around them",
        "4.5",
        human({"profile": {"firstName": " Jane ", "lastName": "\u3000Doe\n"}}),
        Created(records={"user": {"first_name": "Jane", "last_name": "Doe", "display_name": "Jane Doe"}}),
    )
    yield Row(
        "address in upper case is kept as it is",
        "4.5",
        human({"email": {"email": "Jane.DOE@Acme.EXAMPLE"}}),
        Created(records={"user": {"email": "Jane.DOE@Acme.EXAMPLE"}}),
    )
    yield Row(
        "address with a host of one label",
        "4.2",
        human({"email": {"email": "jane@localhost"}}),
        Created(records={"user": {"email": "jane@localhost"}}),
    )
    yield Row(
        "human at every limit",
        "1.2",
        {
            "instanceName": "a" * 200,
            "firstOrgName": "a" * 200,
            "customDomain": "a" * 200,
            "defaultLanguage": "de-Latn-CH",
            "human": {
                **HUMAN,
                "userName": "a" * 200,
                "profile": {"firstName": "a" * 200, "lastName": "b" * 200, "preferredLanguage": "de-Latn-CH"},
                "password": {"password": "aA1!" * 50},
            },
        },
        Created(
            records={
                "instance": {"name": "a" * 200, "default_language": "de-Latn-CH"},
                "organization": {"name": "a" * 200},
                "user": {
                    "username": "a" * 200,
                    "display_name": f"{'a' * 200} {'b' * 200}",
                    "preferred_language": "de-Latn-CH",
                },
            }
        ),
    )


ROWS = (
    *_languages(),
    *_custom_domains(),
    *_instance_names(),
    *_organizations(),
    *_users(),
)
