"""A caller who says until when they wait: later than that nothing comes to exist."""

from __future__ import annotations

import pytest

from domain import errors
from domain.command import parse
from domain.create_instance import Call, create_instance
from domain.errors import Refused
from domain.instant import LATEST
from fakes.clock import NOW, FixedClock
from fakes.foundry import fake_foundry
from fakes.instances import FakeInstances
from fakes.requests import MACHINE


@pytest.mark.parametrize(("seconds", "tick"), [(-1, 0), (0, 0), (2, 1)])
def test_nothing_is_left_where_the_caller_has_gone(seconds: int, tick: int) -> None:
    foundry = fake_foundry(clock=FixedClock(tick=tick))
    call = Call("tester", None, LATEST, awaited_until=NOW.plus(seconds))
    with pytest.raises(Refused) as refused:
        create_instance(foundry, parse(MACHINE), call)
    assert refused.value.reason is errors.DEADLINE_EXCEEDED
    assert isinstance(foundry.instances, FakeInstances)
    assert list(foundry.instances.creations) == []


def test_a_caller_who_waits_gets_the_answer() -> None:
    call = Call("tester", None, LATEST, awaited_until=NOW.plus(1))
    assert create_instance(fake_foundry(), parse(MACHINE), call).receipt.instance_id
