"""The use case: remove secrets that no instance refers to (design decision 4).

A creation stores its secret before it commits. Where it dies in between, or cannot tell how its commit ended, the
secret stays. It harms nobody, because no record accepts its credentials, and it is removed here.

Why the age is safe: a secret belongs to one attempt of one invocation, which ends with the function's timeout (25 s),
and its transaction can take effect no later than DynamoDB remembers its token (10 minutes). An attempt that is older
than ``SAFE_AGE_SECONDS`` has therefore committed, or never will; nothing ever adopts another attempt's secret (ADR 2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.instant import Instant
from domain.ports import Clock

SAFE_AGE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret of an instance, or of an attempt that wanted to become one."""

    arn: str
    instance_id: str
    created_at: Instant


class StoredSecrets(Protocol):
    """All secrets of instances."""

    def pages(self) -> Iterator[Sequence[StoredSecret]]:
        """Every secret, the newest first, in pages of at most 100. Raises Refused THROTTLED or UNAVAILABLE."""
        ...

    def remove(self, arn: str) -> None:
        """Schedule a secret's removal; it can be restored for a week. Removing it again is no error.

        Raises Refused THROTTLED or UNAVAILABLE.
        """
        ...


class References(Protocol):
    """What instances say about their secrets."""

    def secrets_of(self, instance_ids: Sequence[str]) -> Mapping[str, str | None]:
        """The secret's ARN of each of at most 100 instances that exist, read strongly consistent.

        Raises Refused THROTTLED or UNAVAILABLE.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep came to; ``complete`` is False where time ran out, with secrets not seen or orphans not removed."""

    seen: int
    orphans: tuple[str, ...]
    removed: int
    complete: bool


def sweep_secrets(
    secrets: StoredSecrets, references: References, clock: Clock, deadline: Instant, *, dry_run: bool
) -> Sweep:
    """Remove every secret older than the safe age to which no instance refers; with ``dry_run`` only find them.

    Half of the time is for looking, so that however many secrets there are, what was found is removed. The newest come
    first: an orphan is among them when the first sweep after its safe age meets it.

    Raises Refused where AWS does; what was removed until then stays removed, and a repeat goes on from there.
    """
    seen, complete = 0, True
    orphans: list[str] = []
    begun = clock.now()
    seen_until = begun.plus((deadline.seconds - begun.seconds) // 2)
    for page in secrets.pages():
        if clock.now() > seen_until:
            complete = False
            break
        seen += len(page)
        oldest_kept = clock.now().plus(-SAFE_AGE_SECONDS)
        settled = [secret for secret in page if secret.created_at < oldest_kept]
        # Read after the secrets were listed: a reference that appears later cannot be to one of these.
        referred = references.secrets_of([secret.instance_id for secret in settled]) if settled else {}
        orphans += [secret.arn for secret in settled if referred.get(secret.instance_id) != secret.arn]
    # Removed only when the list is read: where pages are counted from its start, removing moves the next one.
    removed = 0
    for arn in () if dry_run else orphans:
        if clock.now() > deadline:
            complete = False
            break
        secrets.remove(arn)
        removed += 1
    return Sweep(seen, tuple(orphans), removed, complete)
