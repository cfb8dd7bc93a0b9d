"""The records of all instances in memory."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping

from domain import errors
from domain.creation import Creation, Receipt
from domain.domain_names import uniqueness_key
from domain.instant import Instant
from domain.ports import Clock, Outcome, Verdict


class FakeInstances:
    """Takes all keys of a creation or none, one commit at a time, as a transaction on the table does.

    With a clock it keeps deadlines; without one it is always fast enough.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._holders: dict[tuple[str, str], Creation] = {}
        self._lock = threading.Lock()

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        """Store the creation where none of its keys is taken; storing the very same again changes nothing."""
        if self._clock and self._clock.now() > deadline:
            return Outcome(Verdict.REFUSED, reason=errors.OUT_OF_TIME, retry_after=1)
        keys = tuple(_keys(creation))
        with self._lock:
            taken = {kind: self._holders[kind, value] for kind, value in keys if (kind, value) in self._holders}
            if not taken:
                self._holders |= dict.fromkeys(keys, creation)
                return Outcome(Verdict.COMMITTED)
        if taken.get("instance") == creation:
            return Outcome(Verdict.COMMITTED)
        if "receipt" in taken:
            return Outcome(Verdict.REPEATED, receipt=taken["receipt"].receipt)
        if taken.keys() == {"domain"}:
            return Outcome(Verdict.DOMAIN_TAKEN)
        return Outcome(Verdict.REFUSED, reason=errors.INTERNAL)

    def rehearse(self, creation: Creation) -> Mapping[str, int]:
        """How many keys of each kind a commit would take."""
        return Counter(kind for kind, _ in _keys(creation))

    def has_domain(self, name: str) -> bool:
        """Whether an instance has the domain."""
        return ("domain", uniqueness_key(name)) in self._holders

    def receipt(self, identity: str) -> Receipt | None:
        """The receipt, or None."""
        holder = self._holders.get(("receipt", identity))
        return holder.receipt if holder else None

    @property
    def creations(self) -> tuple[Creation, ...]:
        """What is stored, in the order in which it was."""
        return tuple(creation for (kind, _), creation in self._holders.items() if kind == "receipt")


def _keys(creation: Creation) -> Iterator[tuple[str, str]]:
    """What must be unique over all instances; everything else has the instance's id in its key."""
    yield "receipt", creation.receipt.identity
    yield "instance", creation.instance.id
    for domain in creation.instance.domains:
        yield "domain", uniqueness_key(domain.name)
    if creation.token:
        yield "token", creation.token.sha256
