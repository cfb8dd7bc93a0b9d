"""The field rules and how a violation is worded (spec 1.1, 1.2).

All wording in section 1.2 is inferred from protoc-gen-validate's templates, not seen on the wire. A text at its limit
is not worth an instance: a later rule that is bound to refuse the request shows that the field rules let it pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.refusals import (
    DOMAIN_CHARACTERS,
    EMAIL_INVALID,
    FIRST_NAME_EMPTY,
    LAST_NAME_EMPTY,
    ORG_NAME_BLANK,
    OWNER_MISSING,
    not_an_email,
    violation,
)
from conformance.samples import EMAIL, HUMAN, JSON_KEY, MACHINE, PROFILE, human, machine, nobody
from conformance.table import Refused, Row

SECTION = "1.2"
ASTRAL = "𝔘"
"""One rune: a letter that is four bytes in UTF-8 and two units in UTF-16."""

AT_MOST_200 = "value length must be at most 200 runes"
AT_MOST_10 = "value length must be at most 10 runes"
FROM_1_TO_200 = "value length must be between 1 and 200 runes, inclusive"
REQUIRED = "value is required"
UNSPECIFIED = "value must not be in list [KEY_TYPE_UNSPECIFIED]"
UNDEFINED = "value must be one of the defined enum values"

WITHOUT_PROFILE = {"profile": None}
ADDRESS_OF_200 = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 7}"
_BAD_DOMAIN = {"customDomain": "_"}


def _last_name_missing(first_name: str) -> dict[str, Any]:
    return human({"profile": {"firstName": first_name}})


_TEXTS: tuple[tuple[str, tuple[str, ...], int, str, Callable[[str], dict[str, Any]], Refused], ...] = (
    ("instanceName", ("InstanceName",), 200, FROM_1_TO_200, lambda t: nobody(instanceName=t), OWNER_MISSING),
    ("firstOrgName", ("FirstOrgName",), 200, AT_MOST_200, lambda t: nobody(firstOrgName=t), OWNER_MISSING),
    ("customDomain", ("CustomDomain",), 200, AT_MOST_200, lambda t: nobody(customDomain=t), OWNER_MISSING),
    ("defaultLanguage", ("DefaultLanguage",), 10, AT_MOST_10, lambda t: nobody(defaultLanguage=t), OWNER_MISSING),
    (
        "human.userName",
        ("Human", "UserName"),
        200,
        AT_MOST_200,
        lambda t: human({"userName": t, **WITHOUT_PROFILE}),
        FIRST_NAME_EMPTY,
    ),
    (
        "human.profile.firstName",
        ("Human", "Profile", "FirstName"),
        200,
        AT_MOST_200,
        _last_name_missing,
        LAST_NAME_EMPTY,
    ),
    (
        "human.profile.lastName",
        ("Human", "Profile", "LastName"),
        200,
        AT_MOST_200,
        lambda t: human({"profile": {"lastName": t}}),
        FIRST_NAME_EMPTY,
    ),
    (
        "human.profile.preferredLanguage",
        ("Human", "Profile", "PreferredLanguage"),
        10,
        AT_MOST_10,
        lambda t: human({"profile": {"preferredLanguage": t}}),
        FIRST_NAME_EMPTY,
    ),
    (
        "human.password.password",
        ("Human", "Password", "Password"),
        200,
        AT_MOST_200,
        lambda t: human({"password": {"password": t}, **WITHOUT_PROFILE}),
        FIRST_NAME_EMPTY,
    ),
    (
        "machine.userName",
        ("Machine", "UserName"),
        200,
        AT_MOST_200,
        lambda t: machine({"userName": t}, **_BAD_DOMAIN),
        DOMAIN_CHARACTERS,
    ),
    (
        "machine.name",
        ("Machine", "Name"),
        200,
        AT_MOST_200,
        lambda t: machine({"name": t}, **_BAD_DOMAIN),
        DOMAIN_CHARACTERS,
    ),
)


def _limits() -> Iterator[Row]:
    for name, fields, limit, reason, request, passed in _TEXTS:
        yield Row(f"{name} of {limit} ASCII runes passes", SECTION, request("a" * limit), passed)
        yield Row(f"{name} of {limit} astral runes passes", SECTION, request(ASTRAL * limit), passed)
        too_long = violation(*fields, reason=reason)
        yield Row(f"{name} of {limit + 1} ASCII runes", SECTION, request("a" * (limit + 1)), too_long)
        yield Row(f"{name} of {limit + 1} astral runes", SECTION, request(ASTRAL * (limit + 1)), too_long)


def _address(text: str) -> dict[str, Any]:
    return human({"email": {"email": text}, **WITHOUT_PROFILE})


_NO_ADDRESSES = {
    "without an at sign": "jane",
    "without a local part": "@acme.example",
    "without a host": "jane@",
    "with two at signs": "jane@doe@acme.example",
    "with a blank in the local part": "jane doe@acme.example",
    "with a leading dot": ".jane@acme.example",
    "with a trailing dot in the local part": "jane.@acme.example",
    "with two dots in the local part": "jane..doe@acme.example",
    "with an empty host label": "jane@acme..example",
    "with a dot at the host's end": "jane@acme.example.",
    "with a host label that begins with a hyphen": "jane@-acme.example",
    "with a host label that ends with a hyphen": "jane@acme-.example",
    "with an underscore in the host": "jane@ac_me.example",
    "with an umlaut in the host": "jane@äcme.example",
    "with a literal for a host": "jane@[127.0.0.1]",
    "with a host label of 64 characters": f"jane@{'a' * 64}.example",
    "with a local part of 65 characters": f"{'a' * 65}@acme.example",
    "with an unclosed angle bracket": "Jane <jane@acme.example",
    "two of them": "jane@acme.example, john@acme.example",
    "of blanks only": "   ",
}

_ADDRESSES = {
    "at its longest, 200 runes": ADDRESS_OF_200,
    "with a local part of 64 characters": f"{'a' * 64}@acme.example",
    "with a host label of 63 characters": f"jane@{'a' * 63}.example",
    "with a host of one label": "jane@localhost",
    "with upper case in the host": "Jane.Doe@ACME.Example",
    "with every special character of the local part": "!#$%&'*+/=?^_`{|}~-@acme.example",
    "with a digit for a host label": "jane@1.example",
    "with a hyphen in a host label": "jane@a-c-m-e.example",
}

_ADDRESSES_ONLY_HERE = {
    "with a display name": "Jane <jane@acme.example>",
    "with a quoted display name": '"Doe, Jane" <jane@acme.example>',
    "in angle brackets": "<jane@acme.example>",
    "with blanks around it": " jane@acme.example ",
    "with a quoted local part": '"jane doe"@acme.example',
    "with a comment": "jane@acme.example (Jane)",
    "with an umlaut in the local part": "jäne@acme.example",
}


def _addresses() -> Iterator[Row]:
    for how, text in _NO_ADDRESSES.items():
        yield Row(f"address {how}", SECTION, _address(text), not_an_email())
    for how, text in _ADDRESSES.items():
        yield Row(f"address {how} passes", SECTION, _address(text), FIRST_NAME_EMPTY)
    for how, text in _ADDRESSES_ONLY_HERE.items():
        yield Row(f"address {how} passes here and fails later", SECTION, _address(text), EMAIL_INVALID)


ROWS = (
    *_limits(),
    # The specification's own examples, word for word
    Row(
        "empty instance name",
        SECTION,
        nobody(instanceName=""),
        Refused(
            400,
            3,
            None,
            "invalid CreateInstanceRequest.InstanceName: value length must be between 1 and 200 runes, inclusive",
        ),
    ),
    Row(
        "no owner",
        SECTION,
        {"instanceName": "Acme"},
        Refused(400, 3, None, "invalid CreateInstanceRequest.Owner: value is required"),
    ),
    Row(
        "human without e-mail",
        SECTION,
        human({"email": None}),
        Refused(
            400,
            3,
            None,
            "invalid CreateInstanceRequest.Human: embedded message failed validation | caused by: "
            "invalid CreateInstanceRequest_Human.Email: value is required",
        ),
    ),
    Row(
        "machine key without type",
        SECTION,
        machine({"machineKey": {}}),
        Refused(
            400,
            3,
            None,
            "invalid CreateInstanceRequest.Machine: embedded message failed validation | caused by: "
            "invalid CreateInstanceRequest_Machine.MachineKey: embedded message failed validation | caused by: "
            "invalid CreateInstanceRequest_MachineKey.Type: value must not be in list [KEY_TYPE_UNSPECIFIED]",
        ),
    ),
    # Presence
    Row("empty request", SECTION, {}, violation("InstanceName", reason=FROM_1_TO_200)),
    Row("instance name of one rune passes", SECTION, nobody(instanceName="a"), OWNER_MISSING),
    Row("instance name of one blank passes", SECTION, nobody(instanceName=" "), ORG_NAME_BLANK),
    Row("empty human", "3.1", {"instanceName": "Acme", "human": {}}, violation("Human", "Email", reason=REQUIRED)),
    Row("human without profile passes", SECTION, human(WITHOUT_PROFILE), FIRST_NAME_EMPTY),
    Row("human with an empty profile passes", SECTION, human({"profile": {}}), FIRST_NAME_EMPTY),
    Row(
        "human with an empty password message passes",
        SECTION,
        human({"password": {}, **WITHOUT_PROFILE}),
        FIRST_NAME_EMPTY,
    ),
    Row("human without user name passes", SECTION, human({"userName": None, **WITHOUT_PROFILE}), FIRST_NAME_EMPTY),
    Row(
        "e-mail message without address",
        SECTION,
        human({"email": {}}),
        violation("Human", "Email", "Email", reason=FROM_1_TO_200),
    ),
    Row("empty address", SECTION, _address(""), violation("Human", "Email", "Email", reason=FROM_1_TO_200)),
    # The enum
    Row(
        "key type 0",
        SECTION,
        machine({"machineKey": {"type": 0}}),
        violation("Machine", "MachineKey", "Type", reason=UNSPECIFIED),
    ),
    Row(
        "key type KEY_TYPE_UNSPECIFIED",
        SECTION,
        machine({"machineKey": {"type": "KEY_TYPE_UNSPECIFIED"}}),
        violation("Machine", "MachineKey", "Type", reason=UNSPECIFIED),
    ),
    *(
        Row(
            f"key type {number}",
            SECTION,
            machine({"machineKey": {"type": number}}),
            violation("Machine", "MachineKey", "Type", reason=UNDEFINED),
        )
        for number in (2, 7, -1, 2**31 - 1, -(2**31))
    ),
    Row("key type 1 passes", SECTION, machine({"machineKey": {"type": 1}}, **_BAD_DOMAIN), DOMAIN_CHARACTERS),
    Row("key type KEY_TYPE_JSON passes", SECTION, machine({"machineKey": JSON_KEY}, **_BAD_DOMAIN), DOMAIN_CHARACTERS),
    # The e-mail rule
    Row(
        "address of 201 runes",
        SECTION,
        _address(f"{ADDRESS_OF_200}d"),
        violation("Human", "Email", "Email", reason=FROM_1_TO_200),
    ),
    Row("address of 200 astral runes is not too long but no address", SECTION, _address(ASTRAL * 200), not_an_email()),
    Row(
        "address with a local part of 33 runes in 66 bytes",
        SECTION,
        _address(f"{'é' * 33}@acme.example"),
        not_an_email(),
        doubt="the limit is given as 64 characters; Go's len counts bytes, so 33 two-byte characters are too long",
    ),
    *_addresses(),
    # The earliest violation is the one that is told
    Row(
        "instance name before org name",
        SECTION,
        nobody(instanceName="", firstOrgName="a" * 201),
        violation("InstanceName", reason=FROM_1_TO_200),
    ),
    Row(
        "org name before custom domain",
        SECTION,
        nobody(firstOrgName="a" * 201, customDomain="a" * 201),
        violation("FirstOrgName", reason=AT_MOST_200),
    ),
    Row(
        "custom domain before language",
        SECTION,
        nobody(customDomain="a" * 201, defaultLanguage="a" * 11),
        violation("CustomDomain", reason=AT_MOST_200),
    ),
    Row(
        "language before a missing owner",
        SECTION,
        {"instanceName": "Acme", "defaultLanguage": "a" * 11},
        violation("DefaultLanguage", reason=AT_MOST_10),
    ),
    Row(
        "language before the owner's fields, though its number is higher",
        SECTION,
        machine({"userName": "a" * 201}, defaultLanguage="a" * 11),
        violation("DefaultLanguage", reason=AT_MOST_10),
    ),
    Row(
        "human: user name before e-mail",
        SECTION,
        human({"userName": "a" * 201, "email": None}),
        violation("Human", "UserName", reason=AT_MOST_200),
    ),
    Row(
        "human: e-mail before profile",
        SECTION,
        human({"email": {"email": "jane"}, "profile": {"firstName": "a" * 201}}),
        not_an_email(),
    ),
    Row(
        "human: first name before last name",
        SECTION,
        human({"profile": {"firstName": "a" * 201, "lastName": "a" * 201}}),
        violation("Human", "Profile", "FirstName", reason=AT_MOST_200),
    ),
    Row(
        "human: last name before preferred language",
        SECTION,
        human({"profile": {**PROFILE, "lastName": "a" * 201, "preferredLanguage": "a" * 11}}),
        violation("Human", "Profile", "LastName", reason=AT_MOST_200),
    ),
    Row(
        "human: profile before password",
        SECTION,
        human({"profile": {**PROFILE, "preferredLanguage": "a" * 11}, "password": {"password": "a" * 201}}),
        violation("Human", "Profile", "PreferredLanguage", reason=AT_MOST_10),
    ),
    Row(
        "address: length before form",
        SECTION,
        _address("a" * 201),
        violation("Human", "Email", "Email", reason=FROM_1_TO_200),
    ),
    Row(
        "machine: user name before name",
        SECTION,
        machine({"userName": "a" * 201, "name": "a" * 201}),
        violation("Machine", "UserName", reason=AT_MOST_200),
    ),
    Row(
        "machine: name before key",
        SECTION,
        machine({"name": "a" * 201, "machineKey": {}}),
        violation("Machine", "Name", reason=AT_MOST_200),
    ),
    # Field rules come before all others
    Row(
        "a field rule of the owner before a rule of the organization",
        "4.2",
        {"instanceName": "Acme", "firstOrgName": " ", "human": {**HUMAN, "email": {**EMAIL, "email": "jane"}}},
        not_an_email(),
    ),
    Row(
        "a field rule of the key before a rule of the machine's name",
        "4.2",
        {"instanceName": "Acme", "machine": {**MACHINE, "name": "", "machineKey": {"type": 7}}},
        violation("Machine", "MachineKey", "Type", reason=UNDEFINED),
    ),
)
