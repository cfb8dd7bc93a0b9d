"""The use case: create an instance, exactly once, all or nothing (design, "The one flow").

The order is the promise. Nothing is written before every rule holds. The credentials are stored before the commit, so
that no record is ever without its secret. The commit is one transaction; in it the instance starts to exist. What an
unsuccessful attempt stored is removed at once where it is certain that nothing will refer to it, and otherwise left to
the sweeper.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from domain import errors
from domain.command import CreateInstance
from domain.creation import Creation, Receipt
from domain.credentials import (
    TOKEN_ENTROPY_BYTES,
    AccessToken,
    Credentials,
    MachineKey,
    key_file,
    mint_token,
    token_digest,
)
from domain.domain_names import random_label
from domain.draft import Draft, draft_instance
from domain.errors import Refused
from domain.external_address import ExternalAddress
from domain.instance import ApiApp, Instance, Project, console_app
from domain.instant import Instant
from domain.organization import Membership, Organization
from domain.ports import (
    Clock,
    CredentialVault,
    Entropy,
    Fingerprints,
    Ids,
    Instances,
    KeyPairs,
    Outcome,
    PasswordHashes,
    Passwords,
    Verdict,
)
from domain.rules import Rule, Violation, enforce
from domain.settings import Defaults
from domain.user import HumanDraft, HumanUser, MachineDraft, MachineUser

SECONDS_TO_CREATE = 14
"""The least time with which a creation is started: keys, secret, commit, and finding out how the commit went."""

SECONDS_TO_COMMIT = 8
"""The least time with which the commit is started once the secret is stored: one attempt, and one look at it."""

RETRY_SECONDS = 1

_KEY_FORM = re.compile(r"[ -~]{1,255}")


@dataclass(frozen=True, slots=True)
class Foundry:
    """Everything a creation needs: the ports, the defaults, the external address, and how long receipts are kept."""

    clock: Clock
    ids: Ids
    entropy: Entropy
    key_pairs: KeyPairs
    password_hashes: PasswordHashes
    passwords: Passwords
    fingerprints: Fingerprints
    vault: CredentialVault
    instances: Instances
    defaults: Defaults
    external: ExternalAddress
    receipt_seconds: int


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, under which idempotency key, and whether the answer shall hold credentials.

    ``deadline`` is when the service itself will be ended: nothing is started that could be cut off by it.
    ``awaited_until`` is when the caller stops waiting, if they said so: later than that no commit is begun.
    """

    caller: str
    idempotency_key: str | None
    deadline: Instant
    reveal: bool = True
    awaited_until: Instant | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """The answer. ``replayed`` tells that the instance was created by an earlier call with the same key."""

    receipt: Receipt
    credentials: Credentials
    replayed: bool


def create_instance(foundry: Foundry, command: CreateInstance, call: Call) -> Created:
    """Create an instance, or answer as the first call with this idempotency key was answered.

    Raises Refused with the reason. Then nothing of this call exists or ever will, except where the reason is
    OUTCOME_UNKNOWN: repeating the call with the same key finds out.
    """
    identity = identity_of(foundry, call)
    fingerprint = foundry.fingerprints.of(command.canonical())
    now = foundry.clock.now()
    try:
        draft = enforce(drafted(foundry, command, now))
    except Refused:
        # Since the first call a date may have passed, a policy changed, or a password that is kept elsewhere; what was
        # created then is answered still.
        receipt = foundry.instances.receipt(identity) if call.idempotency_key is not None else None
        if receipt is not None and receipt.is_for(fingerprint):
            return replay(foundry, call, receipt, fingerprint)
        raise
    _check_time(foundry, call, SECONDS_TO_CREATE)
    creation, credentials = compose(foundry, draft, identity, fingerprint, now)
    if credentials:
        creation = creation.with_secret(foundry.vault.store(creation.instance.id, credentials))
    return _commit(foundry, call, creation, credentials)


def compose(
    foundry: Foundry, draft: Draft, identity: str, fingerprint: str, now: Instant
) -> tuple[Creation, Credentials]:
    """Make everything that a creation consists of, its secret not yet stored."""
    instance_id, org_id = foundry.ids.draw(), foundry.ids.draw()
    admin = _make_admin(foundry, draft.admin, org_id)
    receipt = Receipt(
        identity=identity,
        fingerprint=fingerprint,
        instance_id=instance_id,
        org_id=org_id,
        domains=tuple(domain.name for domain in draft.domains),
        created_at=now,
        secret_arn=None,
        expires_at=Instant(now.seconds + foundry.receipt_seconds),
    )
    return _creation(foundry, draft, admin, receipt), admin.credentials


def identity_of(foundry: Foundry, call: Call) -> str:
    """What this request is known by: the same for the same caller and key, and never the same without a key.

    Raises Refused IDEMPOTENCY_KEY_INVALID.
    """
    if call.idempotency_key is None:
        return foundry.entropy.draw(32).hex()
    if not _KEY_FORM.fullmatch(call.idempotency_key) or call.idempotency_key.isspace():
        raise Refused(errors.IDEMPOTENCY_KEY_INVALID)
    return hashlib.sha256(f"{call.caller}\0{call.idempotency_key}".encode()).hexdigest()


def drafted(foundry: Foundry, command: CreateInstance, now: Instant) -> Rule[Draft]:
    """The request held against every rule that needs no record, its password read from wherever that is kept.

    Raises Refused THROTTLED, UNAVAILABLE or INTERNAL where that could not be found out.
    """
    label = random_label(foundry.entropy.draw(8))
    if command.password_kept_at:
        password = foundry.passwords.read(command.password_kept_at)
        if password is None:
            yield Violation(errors.PASSWORD_UNREADABLE, "human.password")
        else:
            command = yield from command.with_password(password)
    return (yield from draft_instance(command, label, now, foundry.defaults, foundry.external))


def _check_time(foundry: Foundry, call: Call, seconds: int) -> None:
    """Start nothing that nobody waits for any more, and nothing that cannot be finished."""
    now = foundry.clock.now()
    if call.awaited_until is not None and now >= call.awaited_until:
        raise Refused(errors.DEADLINE_EXCEEDED)
    if now.plus(seconds) > call.deadline:
        raise Refused(errors.OUT_OF_TIME, retry_after=RETRY_SECONDS)


@dataclass(frozen=True, slots=True)
class _Admin:
    user: HumanUser | MachineUser
    token: AccessToken | None
    key: MachineKey | None
    credentials: Credentials


def _make_admin(foundry: Foundry, draft: HumanDraft | MachineDraft, org_id: str) -> _Admin:
    if isinstance(draft, HumanDraft):
        return _make_human(foundry, draft, org_id)
    return _make_machine(foundry, draft, org_id)


def _make_human(foundry: Foundry, draft: HumanDraft, org_id: str) -> _Admin:
    user = HumanUser(
        id=foundry.ids.draw(),
        org_id=org_id,
        username=draft.username,
        first_name=draft.first_name,
        last_name=draft.last_name,
        preferred_language=draft.preferred_language,
        email=draft.email,
        email_verified=draft.email_verified,
        password_hash=foundry.password_hashes.begin(draft.password).result() if draft.password else None,
        password_change_required=bool(draft.password) and draft.password_change_required,
    )
    return _Admin(user, None, None, Credentials())


def _make_machine(foundry: Foundry, draft: MachineDraft, org_id: str) -> _Admin:
    pending_pair = foundry.key_pairs.begin() if draft.key_expires_at else None
    user = MachineUser(id=foundry.ids.draw(), org_id=org_id, username=draft.username, name=draft.name)
    token, token_text, key, key_text = None, None, None, None
    if draft.token_expires_at:
        token_text = mint_token(foundry.entropy.draw(TOKEN_ENTROPY_BYTES))
        token = AccessToken(
            id=foundry.ids.draw(),
            user_id=user.id,
            sha256=token_digest(token_text),
            expires_at=draft.token_expires_at,
            scopes=foundry.defaults.token_scopes,
        )
    if pending_pair and draft.key_expires_at:
        pair = pending_pair.result()
        key = MachineKey(
            id=foundry.ids.draw(), user_id=user.id, public_key=pair.public_key, expires_at=draft.key_expires_at
        )
        key_text = key_file(key, pair.private_key)
    return _Admin(user, token, key, Credentials(token_text, key_text))


def _creation(foundry: Foundry, draft: Draft, admin: _Admin, receipt: Receipt) -> Creation:
    defaults, draw = foundry.defaults, foundry.ids.draw
    project = Project(
        id=draw(),
        org_id=receipt.org_id,
        name=defaults.project.name,
        api_apps=tuple(ApiApp(id=draw(), name=name, client_id=draw()) for name in defaults.project.api_apps),
        console=console_app(draw(), draw(), defaults.project, draft.domains, foundry.external),
    )
    instance = Instance(
        id=receipt.instance_id,
        name=draft.instance_name,
        default_language=draft.default_language,
        default_org_id=receipt.org_id,
        project_id=project.id,
        console_app_id=project.console.id,
        console_client_id=project.console.client_id,
        domains=draft.domains,
        created_at=receipt.created_at,
    )
    return Creation(
        receipt=receipt,
        instance=instance,
        organization=Organization(id=receipt.org_id, name=draft.org_name, domain=draft.org_domain),
        user=admin.user,
        memberships=(
            Membership("org", receipt.org_id, admin.user.id, defaults.organization_roles),
            Membership("instance", instance.id, admin.user.id, defaults.instance_roles),
        ),
        token=admin.token,
        key=admin.key,
        project=project,
        settings=defaults.settings,
    )


def _commit(foundry: Foundry, call: Call, creation: Creation, credentials: Credentials) -> Created:
    """Store the records and find out how that ended; an unknown outcome is looked up, never guessed."""
    receipt = creation.receipt
    try:
        _check_time(foundry, call, SECONDS_TO_COMMIT)
    except Refused:
        _discard(foundry, receipt)
        raise
    outcome = foundry.instances.commit(creation, call.deadline)
    if outcome.verdict is Verdict.UNKNOWN:
        outcome = _look_up(foundry, receipt, outcome.cause)
    committed = outcome.verdict is Verdict.COMMITTED
    if committed or (outcome.receipt and outcome.receipt.instance_id == receipt.instance_id):
        return Created(receipt, credentials if call.reveal else Credentials(), replayed=False)
    if outcome.receipt:
        # Whatever may still be under way for this creation must fail now: its identity belongs to the other one.
        _discard(foundry, receipt)
        return replay(foundry, call, outcome.receipt, receipt.fingerprint)
    if outcome.final:
        _discard(foundry, receipt)
    if outcome.verdict is Verdict.DOMAIN_TAKEN:
        raise Refused(errors.DOMAIN_TAKEN)
    raise Refused(outcome.reason or errors.INTERNAL, retry_after=outcome.retry_after) from outcome.cause


def _look_up(foundry: Foundry, receipt: Receipt, cause: Exception | None) -> Outcome:
    """What became of a commit whose answer was lost. Finding no receipt proves nothing: it may still come."""
    unknown = Outcome(
        Verdict.UNKNOWN, reason=errors.OUTCOME_UNKNOWN, retry_after=RETRY_SECONDS, final=False, cause=cause
    )
    try:
        found = foundry.instances.receipt(receipt.identity)
    except Refused:
        return unknown
    return Outcome(Verdict.REPEATED, receipt=found) if found else unknown


def _discard(foundry: Foundry, receipt: Receipt) -> None:
    if receipt.secret_arn:
        foundry.vault.discard(receipt.secret_arn)


def replay(foundry: Foundry, call: Call, receipt: Receipt, fingerprint: str) -> Created:
    """The first call's answer, credentials included, for a request that is the first call's.

    Raises Refused IDEMPOTENCY_KEY_REUSED for another request, and CREDENTIALS_REMOVED.
    """
    if not receipt.is_for(fingerprint):
        raise Refused(errors.IDEMPOTENCY_KEY_REUSED)
    if not call.reveal or receipt.secret_arn is None:
        return Created(receipt, Credentials(), replayed=True)
    credentials = foundry.vault.read(receipt.secret_arn)
    if credentials is None:
        raise Refused(errors.CREDENTIALS_REMOVED)
    return Created(receipt, credentials, replayed=True)
