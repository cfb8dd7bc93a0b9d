"""The instance's first admin: a person or a service account (spec 3.1, 4.2 rows 6 to 11)."""

from __future__ import annotations

from dataclasses import dataclass

from domain import command, errors, languages, mail_address
from domain.credentials import expiration
from domain.instant import Instant
from domain.rules import Rule, Violation, single
from domain.secret import Secret
from domain.text import trim


@dataclass(frozen=True, slots=True)
class HumanUser:
    """A person as recorded; ``state`` is ``initial`` until a code or a first login confirms them (spec 5.6)."""

    id: str
    org_id: str
    username: str
    first_name: str
    last_name: str
    preferred_language: str
    email: str
    email_verified: bool
    password_hash: str | None
    password_change_required: bool

    @property
    def display_name(self) -> str:
        """First and last name, as ZITADEL derives it."""
        return f"{self.first_name} {self.last_name}"

    @property
    def state(self) -> str:
        """``active`` where nothing is left to confirm, else ``initial``."""
        return "active" if self.email_verified and self.password_hash else "initial"


@dataclass(frozen=True, slots=True)
class MachineUser:
    """A service account as recorded; its access tokens are opaque (``accessTokenType`` 0)."""

    id: str
    org_id: str
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class HumanDraft:
    """A person for whom all rules hold, before there is an id or a hash; an empty ``password`` is none."""

    username: str
    first_name: str
    last_name: str
    preferred_language: str
    email: str
    email_verified: bool
    password: Secret
    password_change_required: bool


@dataclass(frozen=True, slots=True)
class MachineDraft:
    """A service account for which all rules hold; an expiration is None where that credential was not asked for."""

    username: str
    name: str
    token_expires_at: Instant | None
    key_expires_at: Instant | None


def draft_machine(machine: command.Machine, now: Instant) -> Rule[MachineDraft]:
    """The service account; its names are neither trimmed nor derived from each other (spec 3.1).

    Yields OWNER_MISSING (PROJE-hzxwo), MACHINE_NAME_EMPTY (COMMAND-bs9Ds) or MACHINE_USERNAME_EMPTY (COMMAND-bm9Ds),
    and EXPIRATION_PAST (DOMAIN-dv3t5) for each credential.
    """
    if not machine.name and not machine.user_name:
        # ZITADEL skips a machine without names, whatever else it asks for, and then misses the project's owner.
        yield Violation(errors.OWNER_MISSING, "machine")
    elif not machine.name:
        yield Violation(errors.MACHINE_NAME_EMPTY, "machine.name")
    elif not machine.user_name:
        yield Violation(errors.MACHINE_USERNAME_EMPTY, "machine.user_name")
    return MachineDraft(
        username=machine.user_name,
        name=machine.name,
        token_expires_at=(yield from _expiration("machine.personal_access_token", machine.personal_access_token, now)),
        key_expires_at=(yield from _expiration("machine.machine_key", machine.machine_key, now)),
    )


def _expiration(
    field: str, asked: command.PersonalAccessToken | command.MachineKey | None, now: Instant
) -> Rule[Instant | None]:
    if asked is None:
        return None
    return (yield from single(f"{field}.expiration_date", lambda: expiration(asked.expiration_date, now), now))


def draft_human(human: command.Human, org_domain: str) -> Rule[HumanDraft]:
    """The person, names trimmed; without a username it is ``@`` and the organization's domain (spec 3.1).

    Yields EMAIL_INVALID (EMAIL-599BI), USERNAME_BLANK (V2-zzad3), FIRST_NAME_BLANK (USER-UCej2) and LAST_NAME_BLANK
    (USER-4hB7d). The password is not checked here: its turn comes after all other rules.
    """
    if not mail_address.plain(human.email.email):
        yield Violation(errors.EMAIL_INVALID, "human.email.email")
    draft = HumanDraft(
        username=trim(human.user_name or f"@{org_domain}"),
        first_name=trim(human.profile.first_name),
        last_name=trim(human.profile.last_name),
        preferred_language=languages.strict(human.profile.preferred_language),
        email=human.email.email,
        email_verified=human.email.is_email_verified,
        password=human.password.password,
        password_change_required=human.password.password_change_required,
    )
    if not draft.username:
        yield Violation(errors.USERNAME_BLANK, "human.user_name")
    if not draft.first_name:
        yield Violation(errors.FIRST_NAME_BLANK, "human.profile.first_name")
    if not draft.last_name:
        yield Violation(errors.LAST_NAME_BLANK, "human.profile.last_name")
    return draft
