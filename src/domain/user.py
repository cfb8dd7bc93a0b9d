"""The instance's first admin: a person or a service account (spec 3.1, 4.2 rows 6 to 11)."""

from __future__ import annotations

from dataclasses import dataclass

from domain import command, errors, languages, mail_address
from domain.credentials import expiration
from domain.instant import Instant
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


def draft_machine(machine: command.Machine, now: Instant) -> MachineDraft:
    """The service account; its names are neither trimmed nor derived from each other (spec 3.1).

    Raises Refused OWNER_MISSING (PROJE-hzxwo), MACHINE_NAME_EMPTY (COMMAND-bs9Ds), MACHINE_USERNAME_EMPTY
    (COMMAND-bm9Ds) or EXPIRATION_PAST (DOMAIN-dv3t5).
    """
    if not machine.name and not machine.user_name:
        # ZITADEL skips a machine without names, whatever else it asks for, and then misses the project's owner.
        raise errors.Refused(errors.OWNER_MISSING)
    if not machine.name:
        raise errors.Refused(errors.MACHINE_NAME_EMPTY)
    if not machine.user_name:
        raise errors.Refused(errors.MACHINE_USERNAME_EMPTY)
    token, key = machine.personal_access_token, machine.machine_key
    return MachineDraft(
        username=machine.user_name,
        name=machine.name,
        token_expires_at=None if token is None else expiration(token.expiration_date, now),
        key_expires_at=None if key is None else expiration(key.expiration_date, now),
    )


def draft_human(human: command.Human, org_domain: str) -> HumanDraft:
    """The person, names trimmed; without a username it is ``@`` and the organization's domain (spec 3.1).

    Raises Refused EMAIL_INVALID (EMAIL-599BI), USERNAME_BLANK (V2-zzad3), FIRST_NAME_BLANK (USER-UCej2) or
    LAST_NAME_BLANK (USER-4hB7d). The password is not checked here: its turn comes after all other rules.
    """
    if not mail_address.plain(human.email.email):
        raise errors.Refused(errors.EMAIL_INVALID)
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
        raise errors.Refused(errors.USERNAME_BLANK)
    if not draft.first_name:
        raise errors.Refused(errors.FIRST_NAME_BLANK)
    if not draft.last_name:
        raise errors.Refused(errors.LAST_NAME_BLANK)
    return draft
