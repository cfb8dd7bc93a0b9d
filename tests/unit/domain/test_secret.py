"""A secret leaves by one door, and no accident opens it."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticSerializationError

from domain.command import Runes
from domain.credentials import Credentials, KeyPair
from domain.secret import Secret

HIDDEN = "correct horse battery staple"
SECRET = Secret(HIDDEN)


class Form(BaseModel):
    """A model as any of ours."""

    password: Annotated[Secret, Runes(0, 40)]

    model_config = ConfigDict(hide_input_in_errors=True)


@dataclasses.dataclass(frozen=True)
class Record:
    """A record as any of ours."""

    password: Secret


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        format,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r} {secret!s} {secret:>40} {secret:.2}",
        "{0} {0!r}".format,
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031
        lambda secret: str([secret, {secret: secret}, (secret,)]),
        lambda secret: repr(Record(secret)),
        lambda secret: repr(Credentials(pat=secret, machine_key=secret)),
        lambda secret: repr(KeyPair(private_key=secret, public_key="public")),
        lambda secret: repr(Form(password=secret.reveal())),
        lambda secret: str(Form(password=secret.reveal())),
        lambda secret: repr(Form(password=secret.reveal()).model_dump()),
        lambda secret: repr(dataclasses.fields(Record(secret))),
        lambda secret: logging.LogRecord("n", 20, "p", 1, "got %s %r", (secret, secret), None).getMessage(),
        lambda secret: json.dumps({"password": secret}, default=str),
        lambda secret: "".join(traceback.format_exception(ValueError(secret))),
        lambda secret: str(vars(type(secret))),
    ],
)
def test_every_way_of_printing_hides_it(show: Callable[[Secret], str]) -> None:
    assert not any(word in show(SECRET) for word in HIDDEN.split())


def test_it_is_printed_as_stars() -> None:
    assert f"{SECRET}|{SECRET!r}|{SECRET:>5}" == "***|***|  ***"


@pytest.mark.parametrize(
    ("leak", "error"),
    [
        (pickle.dumps, TypeError),
        (copy.copy, TypeError),
        (copy.deepcopy, TypeError),
        (json.dumps, TypeError),
        (vars, TypeError),
        (lambda secret: dataclasses.asdict(Record(secret)), TypeError),
        (lambda secret: Form(password=secret.reveal()).model_dump_json(), PydanticSerializationError),
        (lambda secret: Form(password=secret.reveal()).model_dump(mode="json"), PydanticSerializationError),
    ],
)
def test_what_would_write_it_down_fails_without_showing_it(leak: Callable[[Secret], Any], error: type) -> None:
    with pytest.raises(error) as failure:
        leak(SECRET)
    assert HIDDEN not in str(failure.value)


def test_reveal_is_the_door() -> None:
    assert SECRET.reveal() == HIDDEN
    assert Form(password=HIDDEN).password == SECRET


@pytest.mark.parametrize("value", ["p" * 41, b"ppp", ["ppp"], {"p": "ppp"}])
def test_a_model_takes_only_strings_within_the_bounds_and_does_not_repeat_them(value: Any) -> None:
    with pytest.raises(ValidationError) as failure:
        Form(password=value)
    assert "ppp" not in f"{failure.value}{failure.value!r}"


@given(st.text(), st.text())
def test_equality_and_hash_are_those_of_the_value(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) == (one == other)
    assert (Secret(one) != Secret(other)) == (one != other)
    assert hash(Secret(one)) == hash(Secret(one))
    assert len({Secret(one), Secret(other)}) == len({one, other})
    assert bool(Secret(one)) == bool(one)


def test_it_equals_no_string_and_hashes_unlike_its_value() -> None:
    assert SECRET != HIDDEN
    assert HIDDEN != SECRET
    assert hash(SECRET) != hash(HIDDEN)


def test_it_can_not_be_given_attributes() -> None:
    with pytest.raises(AttributeError):
        SECRET.note = "x"  # type: ignore[attr-defined]
