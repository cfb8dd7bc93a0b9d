"""Configuration that is read again while the function is warm."""

from __future__ import annotations

import botocore.exceptions as aws
import pytest
from botocore.exceptions import ClientError

from adapters.parameter_store import MAX_AGE_SECONDS, Parameter
from domain import errors
from domain.errors import Refused
from fakes.clock import FixedClock

LOST = aws.ReadTimeoutError(endpoint_url="u")
NOT_FOUND = ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")


class ScriptedSsm:
    """Gives one line of its script per call."""

    def __init__(self, *script: str | Exception) -> None:
        self.script = list(script)

    def get_parameter(self, **_request: object) -> dict[str, dict[str, str]]:
        line = self.script.pop(0)
        if isinstance(line, Exception):
            raise line
        return {"Parameter": {"Value": line}}


def parameter(clock: FixedClock, *script: str | Exception) -> Parameter:
    return Parameter(ScriptedSsm(*script), "name", clock, absent="none")  # type: ignore[arg-type]


def test_the_value_is_read_again_when_it_is_old() -> None:
    clock = FixedClock()
    value = parameter(clock, "one", "two").value
    assert value() == "one"
    clock.forward(MAX_AGE_SECONDS - 1)
    assert value() == "one"
    clock.forward(1)
    assert value() == "two"


def test_the_last_value_is_kept_while_reading_fails() -> None:
    clock = FixedClock()
    value = parameter(clock, "one", LOST, "two").value
    value()
    clock.forward(MAX_AGE_SECONDS)
    assert value() == "one"
    clock.forward(MAX_AGE_SECONDS)
    assert value() == "two"


def test_a_value_that_was_never_read_is_a_refusal() -> None:
    with pytest.raises(Refused) as refusal:
        parameter(FixedClock(), LOST).value()
    assert refusal.value.reason is errors.UNAVAILABLE


def test_a_parameter_that_is_not_there_counts_as_absent_until_it_is() -> None:
    clock = FixedClock()
    value = parameter(clock, NOT_FOUND, "one", NOT_FOUND).value
    assert value() == "none"
    clock.forward(MAX_AGE_SECONDS)
    assert value() == "one"
    clock.forward(MAX_AGE_SECONDS)
    assert value() == "none"
