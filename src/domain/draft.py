"""A request held against every rule that needs no state (spec 4.1 phases 1 and 2)."""

from __future__ import annotations

from dataclasses import dataclass

from domain import domain_names, errors, languages, organization
from domain.command import CreateInstance, Human
from domain.credentials import check_password
from domain.external_address import ExternalAddress
from domain.instance import InstanceDomain
from domain.instant import Instant
from domain.rules import Rule, single
from domain.settings import Defaults
from domain.user import HumanDraft, MachineDraft, draft_human, draft_machine


@dataclass(frozen=True, slots=True)
class Draft:
    """What a creation will record, as far as it follows from the request alone."""

    instance_name: str
    org_name: str
    org_domain: str
    admin: HumanDraft | MachineDraft
    domains: tuple[InstanceDomain, ...]
    default_language: str


def draft_instance(
    command: CreateInstance, label: str, now: Instant, defaults: Defaults, external: ExternalAddress
) -> Rule[Draft]:
    """Hold the request against the rules in ZITADEL's order (spec 4.2 rows 4 to 21).

    ``label`` makes the generated domain unique.
    """
    org_field = "first_org_name" if command.first_org_name else "instance_name"
    org_name, org_domain = yield from single(
        org_field, lambda: organization.name_and_domain(getattr(command, org_field), external), ("", "")
    )
    owner = command.owner
    admin: HumanDraft | MachineDraft
    if isinstance(owner, Human):
        admin = yield from draft_human(owner, org_domain)
    else:
        admin = yield from draft_machine(owner, now)
    domains = yield from _domains(command, label, external)
    if isinstance(admin, HumanDraft) and admin.password:
        yield from check_password(admin.password, defaults.password_policy)
    yield from single("custom_domain", lambda: _check_own_domain(domains), None)
    return Draft(
        instance_name=command.instance_name,
        org_name=org_name,
        org_domain=org_domain,
        admin=admin,
        domains=domains,
        default_language=languages.canonical(command.default_language) or defaults.default_language,
    )


def _domains(command: CreateInstance, label: str, external: ExternalAddress) -> Rule[tuple[InstanceDomain, ...]]:
    generated = yield from single(
        "instance_name", lambda: domain_names.generated_domain(command.instance_name, label, external), ""
    )
    custom = yield from single("custom_domain", lambda: domain_names.custom_domain(command.custom_domain), None)
    first = InstanceDomain(generated, generated=True, primary=custom is None)
    return (first,) if custom is None else (first, InstanceDomain(custom, generated=False, primary=True))


def _check_own_domain(domains: tuple[InstanceDomain, ...]) -> None:
    """A custom domain that is the generated one: equal and alike spelling break different rules."""
    generated, *custom = (domain.name for domain in domains)
    if generated in custom:
        raise errors.Refused(errors.DOMAIN_OWN)
    if any(domain_names.uniqueness_key(name) == generated for name in custom):
        raise errors.Refused(errors.DOMAIN_TAKEN)
