"""The field rules, in protoc-gen-validate's order and words, and the canonical form of a request (spec 1.1, 1.2)."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.command import CreateInstance, Human, Machine, parse
from domain.errors import Kind, Refused
from domain.instant import Instant
from domain.rules import enforce
from domain.secret import Secret
from domain.settings import patched
from fakes.requests import human, machine, machine_with_credentials

FROM_1_TO_200 = "value length must be between 1 and 200 runes, inclusive"
AT_MOST_200 = "value length must be at most 200 runes"
AT_MOST_10 = "value length must be at most 10 runes"
IS_REQUIRED = "value is required"
FAILED = "embedded message failed validation | caused by: "

ROOT = "invalid CreateInstanceRequest."
HUMAN = f"{ROOT}Human: {FAILED}invalid CreateInstanceRequest_Human."
EMAIL = f"{HUMAN}Email: {FAILED}invalid CreateInstanceRequest_Email."
PROFILE = f"{HUMAN}Profile: {FAILED}invalid CreateInstanceRequest_Profile."
PASSWORD = f"{HUMAN}Password: {FAILED}invalid CreateInstanceRequest_Password."
MACHINE = f"{ROOT}Machine: {FAILED}invalid CreateInstanceRequest_Machine."
MACHINE_KEY = f"{MACHINE}MachineKey: {FAILED}invalid CreateInstanceRequest_MachineKey."
LABEL_CHARACTERS = "hostname parts can only contain alphanumeric characters or hyphens"

LONG, LONG_TAG = "漢" * 201, "x" * 11

# In the order in which they are found: each is a change to a request that keeps all rules, and what is said to it.
ROOT_VIOLATIONS: list[tuple[dict[str, Any], str]] = [
    ({"instance_name": ""}, f"{ROOT}InstanceName: {FROM_1_TO_200}"),
    ({"instance_name": None}, f"{ROOT}InstanceName: {FROM_1_TO_200}"),
    ({"instance_name": LONG}, f"{ROOT}InstanceName: {FROM_1_TO_200}"),
    ({"first_org_name": LONG}, f"{ROOT}FirstOrgName: {AT_MOST_200}"),
    ({"custom_domain": LONG}, f"{ROOT}CustomDomain: {AT_MOST_200}"),
    ({"default_language": LONG_TAG}, f"{ROOT}DefaultLanguage: {AT_MOST_10}"),
]
HUMAN_VIOLATIONS: list[tuple[dict[str, Any], str]] = [
    *ROOT_VIOLATIONS,
    ({"human": {"user_name": LONG}}, f"{HUMAN}UserName: {AT_MOST_200}"),
    ({"human": {"email": None}}, f"{HUMAN}Email: {IS_REQUIRED}"),
    ({"human": {"email": {"email": None}}}, f"{EMAIL}Email: {FROM_1_TO_200}"),
    ({"human": {"email": {"email": ""}}}, f"{EMAIL}Email: {FROM_1_TO_200}"),
    ({"human": {"email": {"email": LONG}}}, f"{EMAIL}Email: {FROM_1_TO_200}"),
    (
        {"human": {"email": {"email": "{grace}"}}},
        f"{EMAIL}Email: value must be a valid email address | caused by: mail: missing '@' or angle-addr",
    ),
    (
        {"human": {"email": {"email": "grace@{acme}"}}},
        f'{EMAIL}Email: value must be a valid email address | caused by: {LABEL_CHARACTERS}, got "{{"',
    ),
    ({"human": {"profile": {"first_name": LONG}}}, f"{PROFILE}FirstName: {AT_MOST_200}"),
    ({"human": {"profile": {"last_name": LONG}}}, f"{PROFILE}LastName: {AT_MOST_200}"),
    ({"human": {"profile": {"preferred_language": LONG_TAG}}}, f"{PROFILE}PreferredLanguage: {AT_MOST_10}"),
    ({"human": {"password": {"password": LONG}}}, f"{PASSWORD}Password: {AT_MOST_200}"),
    ({"human": None}, f"{ROOT}Owner: {IS_REQUIRED}"),
]
MACHINE_VIOLATIONS: list[tuple[dict[str, Any], str]] = [
    *ROOT_VIOLATIONS,
    ({"machine": {"user_name": LONG}}, f"{MACHINE}UserName: {AT_MOST_200}"),
    ({"machine": {"name": LONG}}, f"{MACHINE}Name: {AT_MOST_200}"),
    (
        {"machine": {"machine_key": {"type": None}}},
        f"{MACHINE_KEY}Type: value must not be in list [KEY_TYPE_UNSPECIFIED]",
    ),
    ({"machine": {"machine_key": {"type": 0}}}, f"{MACHINE_KEY}Type: value must not be in list [KEY_TYPE_UNSPECIFIED]"),
    ({"machine": {"machine_key": {"type": 2}}}, f"{MACHINE_KEY}Type: value must be one of the defined enum values"),
    ({"machine": {"machine_key": {"type": -1}}}, f"{MACHINE_KEY}Type: value must be one of the defined enum values"),
    ({"machine": None}, f"{ROOT}Owner: {IS_REQUIRED}"),
]
EVERY_VIOLATION = [
    *((human, *violation) for violation in HUMAN_VIOLATIONS),
    *((machine_with_credentials, *violation) for violation in MACHINE_VIOLATIONS),
]


def fault(request: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        parse(request)
    reason = refused.value.reason
    assert (reason.kind, reason.id, reason.localizable) == (Kind.INVALID_ARGUMENT, "", False)
    return reason.key


@pytest.mark.parametrize(("request_with", "change", "text"), EVERY_VIOLATION)
def test_a_broken_rule_is_told_in_the_validator_s_words(request_with: Any, change: dict[str, Any], text: str) -> None:
    assert fault(request_with(change)) == text


def test_an_empty_request_lacks_a_name_first() -> None:
    assert fault({}) == f"{ROOT}InstanceName: {FROM_1_TO_200}"
    assert fault({"instance_name": "a"}) == f"{ROOT}Owner: {IS_REQUIRED}"
    assert fault({"instance_name": "a", "human": {}}) == f"{HUMAN}Email: {IS_REQUIRED}"


@pytest.mark.parametrize(
    ("request_with", "violations"), [(human, HUMAN_VIOLATIONS), (machine_with_credentials, MACHINE_VIOLATIONS)]
)
def test_of_two_broken_rules_the_first_is_told(request_with: Any, violations: list[tuple[dict[str, Any], str]]) -> None:
    pairs = 0
    for index, (first, text) in enumerate(violations):
        for second, _ in violations[index + 1 :]:
            if patched(first, second) == patched(second, first):  # they touch different fields
                assert fault(request_with(second, first)) == text
                pairs += 1
    assert pairs > 20


def test_the_owner_is_named_where_both_are_there() -> None:
    both = {**human(), "machine": machine()["machine"]}
    assert fault(both) == f"{ROOT}Owner: {IS_REQUIRED}"


# What keeps the rules


@pytest.mark.parametrize(
    "change",
    [
        {"instance_name": "漢" * 200, "first_org_name": "😀" * 200, "custom_domain": "x" * 200},
        {"default_language": "x" * 10},
        {"human": {"user_name": "漢" * 200}},
        {"human": {"email": {"email": f"{'a' * 64}@{'b' * 63}.{'c' * 63}.test"}}},
        {"human": {"email": {"email": "Grace <grace@acme.example>"}}},
        {"human": {"profile": {"first_name": "漢" * 200, "last_name": "漢" * 200, "preferred_language": "x" * 10}}},
        {"human": {"profile": None, "password": None, "user_name": None}},
        {"human": {"password": {"password": "漢" * 200}}},
    ],
)
def test_lengths_count_code_points_and_their_bounds_belong_to_them(change: dict[str, Any]) -> None:
    assert isinstance(parse(human(change)).owner, Human)


def test_what_is_not_said_has_the_zero_value() -> None:
    command = parse({"instance_name": "a", "machine": {}})
    assert (command.first_org_name, command.custom_domain, command.default_language) == ("", "", "")
    assert command.owner == Machine(user_name="", name="", personal_access_token=None, machine_key=None)
    person = parse({"instance_name": "a", "human": {"email": {"email": "a@b"}}}).owner
    assert isinstance(person, Human)
    assert (person.user_name, person.profile.first_name, person.profile.last_name) == ("", "", "")
    assert (person.password.password, person.password.password_change_required) == (Secret(""), False)
    assert not person.email.is_email_verified


def test_empty_messages_are_there() -> None:
    command = parse(machine({"machine": {"personal_access_token": {}}}))
    assert isinstance(command.owner, Machine)
    assert command.owner.personal_access_token is not None
    assert command.owner.personal_access_token.expiration_date is None
    assert command.owner.machine_key is None


def test_a_command_can_not_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        parse(machine()).instance_name = "other"  # type: ignore[misc]


def test_an_unknown_field_is_a_fault_of_ours() -> None:
    assert "InstanceNam" in fault(machine({"instance_nam": "Acme"}))


def test_the_schema_states_lengths_and_formats() -> None:
    schema = CreateInstance.model_json_schema()
    properties = schema["properties"]
    assert {
        name: (field["minLength"], field["maxLength"]) for name, field in properties.items() if "maxLength" in field
    } == {
        "instance_name": (1, 200),
        "first_org_name": (0, 200),
        "custom_domain": (0, 200),
        "default_language": (0, 10),
    }
    assert schema["$defs"]["Password"]["properties"]["password"]["maxLength"] == 200
    for credential in ("PersonalAccessToken", "MachineKey"):
        expiration = schema["$defs"][credential]["properties"]["expiration_date"]
        assert expiration["anyOf"][0] == {"type": "string", "format": "date-time"}


# Passwords stay hidden

HIDDEN = "correct horse battery staple"


@pytest.mark.parametrize(
    "change",
    [
        {"human": {"password": {"password": HIDDEN * 10}}},
        {"human": {"password": {"password": [HIDDEN]}}},
        {"human": {"password": {"password": HIDDEN, "password_change_required": HIDDEN}}},
        {"human": {"password": {"password": HIDDEN, HIDDEN[:7]: True}}},
        {"human": {"password": HIDDEN}},
        {"human": {"password": {"password": HIDDEN}, "email": None}},
        {"human": {"password": {"password": HIDDEN}}, "instance_name": ""},
        {"human": {"password": {"password": HIDDEN}}, "machine": {}},
    ],
)
def test_no_error_shows_a_password(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as invalid:
        CreateInstance.model_validate(human(change))
    with pytest.raises(Refused) as refused:
        parse(human(change))
    assert refused.value.__context__ is None
    assert refused.value.__cause__ is None
    shown = [str(invalid.value), repr(invalid.value), *traceback.format_exception(invalid.value)]
    shown += [str(refused.value), repr(refused.value), *traceback.format_exception(refused.value)]
    assert not [text for text in shown if "staple" in text]


def test_a_command_does_not_show_its_password() -> None:
    command = parse(human({"human": {"password": {"password": HIDDEN}}}))
    assert "staple" not in f"{command} {command!r} {command.model_dump()} {command.owner!r}"


# Canonical form

texts = st.text(max_size=3)
tags = st.text(max_size=2)
instants = st.builds(Instant, st.integers(-2, 2), st.integers(0, 2))
passwords = st.fixed_dictionaries({}, optional={"password": texts, "password_change_required": st.booleans()})
emails = st.fixed_dictionaries(
    {"email": st.sampled_from(["a@b", "c@d"])}, optional={"is_email_verified": st.booleans()}
)
profiles = st.fixed_dictionaries({}, optional={"first_name": texts, "last_name": texts, "preferred_language": tags})
humans = st.fixed_dictionaries(
    {"email": emails}, optional={"user_name": texts, "profile": profiles, "password": passwords}
)
tokens = st.fixed_dictionaries({}, optional={"expiration_date": instants})
keys = st.fixed_dictionaries({"type": st.just(1)}, optional={"expiration_date": instants})
machines = st.fixed_dictionaries(
    {}, optional={"user_name": texts, "name": texts, "personal_access_token": tokens, "machine_key": keys}
)
plain_fields = {"first_org_name": texts, "custom_domain": texts, "default_language": tags}
names = st.text(min_size=1, max_size=2)
requests = st.fixed_dictionaries(
    {"instance_name": names, "human": humans}, optional=plain_fields
) | st.fixed_dictionaries({"instance_name": names, "machine": machines}, optional=plain_fields)


@given(requests)
def test_equal_requests_have_one_canonical_form(request: dict[str, Any]) -> None:
    def reordered(fields: Any) -> Any:
        if not isinstance(fields, dict):
            return fields
        return {name: reordered(fields[name]) for name in reversed(fields)}

    command = parse(request)
    assert parse(reordered(request)) == command
    assert parse(reordered(request)).canonical() == command.canonical()
    # Said or not, a zero value is the same request: that is all the wire can tell, too.
    assert parse({"first_org_name": "", "custom_domain": "", "default_language": "", **request}).canonical() == (
        command.canonical()
    )


@given(requests, requests)
def test_different_requests_have_different_canonical_forms(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (parse(one).canonical() == parse(other).canonical()) == (parse(one) == parse(other))


def leaves(fields: dict[str, Any], *path: str) -> list[tuple[str, ...]]:
    """The path of every value that is no message."""
    return [
        leaf
        for name, value in fields.items()
        for leaf in (leaves(value, *path, name) if isinstance(value, dict) else [(*path, name)])
    ]


def other_value(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, Instant):
        return Instant(value.seconds, value.nanos + 1)
    return f"{value}x"


FULL = [
    human(
        {"first_org_name": "a", "custom_domain": "b", "default_language": "c"},
        {"human": {"password": {"password_change_required": False, "kept_at": "d"}}},
    ),
    machine_with_credentials(
        {"machine": {name: {"expiration_date": Instant(5, 6)} for name in ("personal_access_token", "machine_key")}}
    ),
]


@pytest.mark.parametrize(
    ("request_", "path"),
    [(request, path) for request in FULL for path in leaves(request) if path[-1] != "type"],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_every_field_counts(request_: dict[str, Any], path: tuple[str, ...]) -> None:
    value: Any = request_
    for name in path:
        value = value[name]
    change: Any = other_value(value)
    for name in reversed(path):
        change = {name: change}
    assert parse(patched(request_, change)).canonical() != parse(request_).canonical()


def test_every_field_is_covered_by_that() -> None:
    """A field that is new must be in FULL, and so be known to count."""

    def fields(schema: dict[str, Any], definitions: dict[str, Any]) -> set[str]:
        return {name for part in (schema, *definitions.values()) for name in part["properties"]}

    schema = CreateInstance.model_json_schema()
    mentioned = {name for request in FULL for path in leaves(request) for name in path}
    assert mentioned == fields(schema, schema["$defs"])


@given(requests)
def test_the_canonical_form_is_compact_ascii_json(request: dict[str, Any]) -> None:
    canonical = parse(request).canonical()
    assert canonical.isascii()
    assert json.dumps(json.loads(canonical), sort_keys=True, separators=(",", ":")).encode() == canonical


def test_a_password_that_is_kept_elsewhere_can_be_put_in() -> None:
    kept = parse(human({"human": {"password": {"password": None, "password_change_required": True, "kept_at": "x"}}}))
    assert kept.password_kept_at == "x"
    complete = enforce(kept.with_password(Secret("Correct-Horse-1")))
    assert complete == parse(human({"human": {"password": {"password_change_required": True}}}))
    assert complete.password_kept_at == parse(machine()).password_kept_at == ""


def test_a_password_that_is_put_in_keeps_the_rule_of_its_field() -> None:
    with pytest.raises(Refused) as refused:
        enforce(parse(human()).with_password(Secret(LONG)))
    assert refused.value.reason.key == f"{PASSWORD}Password: {AT_MOST_200}"
