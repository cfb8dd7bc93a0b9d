"""Any history of calls, with every way in which a commit can end: no rule of "exactly once, all or nothing" breaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain import errors
from domain.create_instance import Created
from domain.creation import Creation, Receipt
from domain.credentials import token_digest
from domain.errors import Reason, Refused
from domain.instant import Instant
from domain.ports import Outcome, Verdict
from fakes.instances import FakeInstances
from fakes.requests import human, machine_with_credentials
from fakes.world import World

DOMAIN, SAME_DOMAIN = {"custom_domain": "id.acme.test"}, {"custom_domain": "ID.ACME.test"}
REQUESTS = [machine_with_credentials(), machine_with_credentials(DOMAIN), human(SAME_DOMAIN)]


class Troubled(FakeInstances):
    """Real records behind a connection on which anything can happen to the next commit."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble = "none"
        self.lookups_fail = False
        self.under_way: list[Callable[[], Outcome]] = []

    def commit(self, creation: Creation, deadline: Instant) -> Outcome:
        def attempt() -> Outcome:
            return super(Troubled, self).commit(creation, deadline)

        match self.trouble:
            case "refused":
                return Outcome(Verdict.REFUSED, reason=errors.THROTTLED, retry_after=1)
            case "answer lost":
                attempt()
            case "late":
                self.under_way.append(attempt)
            case "never sent":
                pass
            case _:
                return attempt()
        return Outcome(Verdict.UNKNOWN, final=False)

    def receipt(self, identity: str) -> Receipt | None:
        if self.lookups_fail:
            raise Refused(errors.UNAVAILABLE)
        return super().receipt(identity)


class Histories(RuleBasedStateMachine):
    """What callers were told must agree with each other and with what is stored."""

    def __init__(self) -> None:
        super().__init__()
        self.instances = Troubled()
        self.world = World(self.instances)
        self.answers: dict[tuple[str, str], Created] = {}
        self.unknown = 0

    @rule(
        caller=st.sampled_from(["alice", "bob"]),
        key=st.sampled_from(["one", "two", None]),
        request=st.sampled_from(REQUESTS),
        trouble=st.sampled_from(["none", "none", "refused", "answer lost", "late", "never sent"]),
        lookups_fail=st.booleans(),
    )
    def call(self, caller: str, key: str | None, request: dict[str, Any], trouble: str, lookups_fail: bool) -> None:
        self.instances.trouble, self.instances.lookups_fail = trouble, lookups_fail
        before = self.world.contents()
        try:
            answer = self.world.create(request, key, caller=caller)
        except Refused as refused:
            self.check_refusal(refused.reason, before)
        else:
            self.check_answer((caller, key), answer)

    def check_refusal(self, reason: Reason, before: tuple[Any, ...]) -> None:
        known = {errors.OUTCOME_UNKNOWN, errors.IDEMPOTENCY_KEY_REUSED, errors.DOMAIN_TAKEN, errors.THROTTLED}
        assert reason in known
        if reason is errors.OUTCOME_UNKNOWN:
            self.unknown += 1
        else:
            assert self.world.contents() == before

    def check_answer(self, name: tuple[str, str | None], answer: Created) -> None:
        creation = self.world.creation_of(answer)
        assert creation.receipt == answer.receipt
        assert bool(answer.credentials) == (answer.receipt.secret_arn is not None)
        if name[1] is None:
            assert not answer.replayed
            return
        first = self.answers.setdefault(name, answer)  # type: ignore[arg-type]
        assert (first.receipt, first.credentials) == (answer.receipt, answer.credentials)
        assert answer is first or answer.replayed

    @rule()
    def what_is_under_way_arrives(self) -> None:
        while self.instances.under_way:
            self.instances.under_way.pop()()

    @invariant()
    def every_record_s_secret_is_there_and_is_its_own(self) -> None:
        for creation in self.instances.creations:
            if creation.receipt.secret_arn is not None:
                kept = self.world.vault.contents[creation.receipt.secret_arn]
                assert kept.pat
                assert creation.token
                assert creation.token.sha256 == token_digest(kept.pat)

    @invariant()
    def nothing_exists_twice(self) -> None:
        identities = [creation.receipt.identity for creation in self.instances.creations]
        domains = [name.lower() for creation in self.instances.creations for name in creation.receipt.domains]
        assert len(set(identities)) == len(identities)
        assert len(set(domains)) == len(domains)

    @invariant()
    def only_unknown_outcomes_leave_secrets_that_nothing_refers_to(self) -> None:
        referred = {creation.receipt.secret_arn for creation in self.instances.creations}
        assert len(self.world.vault.contents.keys() - referred) <= self.unknown


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
