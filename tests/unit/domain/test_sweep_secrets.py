"""Which secrets a sweep removes, and which it must not touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest

from domain.sweep_secrets import SAFE_AGE_SECONDS, StoredSecret, Sweep, sweep_secrets
from fakes.clock import NOW, FixedClock
from harness.creations import FAR_AWAY

OLD = NOW.plus(-SAFE_AGE_SECONDS - 1)
YOUNG = NOW.plus(-SAFE_AGE_SECONDS)


class Secrets:
    def __init__(self, *pages: Sequence[StoredSecret]) -> None:
        self._pages = pages
        self.removed: list[str] = []

    def pages(self) -> Iterator[Sequence[StoredSecret]]:
        yield from self._pages

    def remove(self, arn: str) -> None:
        self.removed.append(arn)


class References:
    def __init__(self, **references: str | None) -> None:
        self._references = references
        self.asked: list[str] = []

    def secrets_of(self, instance_ids: Sequence[str]) -> Mapping[str, str | None]:
        self.asked.extend(instance_ids)
        return {found: self._references[found] for found in instance_ids if found in self._references}


def secret(instance_id: str, created_at=OLD) -> StoredSecret:
    return StoredSecret(f"arn:{instance_id}", instance_id, created_at)


def sweep(secrets: Secrets, references: References, *, dry_run: bool = False, deadline=FAR_AWAY) -> Sweep:
    return sweep_secrets(secrets, references, FixedClock(), deadline, dry_run=dry_run)


@pytest.mark.parametrize(
    ("stored", "references", "removed"),
    [
        (secret("a"), References(), ["arn:a"]),
        (secret("a"), References(a="arn:a"), []),
        (secret("a"), References(a="arn:other"), ["arn:a"]),
        (secret("a"), References(a=None), ["arn:a"]),
        (secret("a", YOUNG), References(), []),
        (secret("a", NOW), References(), []),
    ],
    ids=["orphan", "in use", "another is in use", "the instance has none", "just young enough", "in flight"],
)
def test_only_old_secrets_that_nothing_refers_to_are_removed(
    stored: StoredSecret, references: References, removed: list[str]
) -> None:
    secrets = Secrets([stored])
    found = sweep(secrets, references)
    assert secrets.removed == removed
    assert found == Sweep(seen=1, orphans=tuple(removed), removed=len(removed), complete=True)


def test_every_page_is_swept() -> None:
    secrets = Secrets([secret("a"), secret("b")], [], [secret("c"), secret("d", NOW)])
    references = References(b="arn:b")
    assert sweep(secrets, references) == Sweep(4, ("arn:a", "arn:c"), 2, complete=True)
    assert references.asked == ["a", "b", "c"]


def test_a_dry_run_only_finds() -> None:
    secrets = Secrets([secret("a")])
    assert sweep(secrets, References(), dry_run=True) == Sweep(1, ("arn:a",), 0, complete=True)
    assert secrets.removed == []


def test_a_sweep_ends_in_time() -> None:
    secrets = Secrets([secret("a")])
    assert sweep(secrets, References(), deadline=NOW.plus(-1)) == Sweep(0, (), 0, complete=False)
    assert secrets.removed == []


def test_removing_ends_in_time_too() -> None:
    secrets = Secrets([secret("a"), secret("b")])
    clock = FixedClock(tick=1)
    # The clock is looked at to begin, for the page, for the age, and before each removal.
    found = sweep_secrets(secrets, References(), clock, NOW.plus(3), dry_run=False)
    assert found == Sweep(2, ("arn:a", "arn:b"), 1, complete=False)
    assert secrets.removed == ["arn:a"]


def test_what_was_found_is_removed_however_many_secrets_there_are() -> None:
    secrets = Secrets(*([secret(str(number))] for number in range(1000)))
    found = sweep_secrets(secrets, References(), FixedClock(tick=1), NOW.plus(30), dry_run=False)
    assert not found.complete
    assert 0 < found.seen == len(found.orphans) == found.removed == len(secrets.removed)
