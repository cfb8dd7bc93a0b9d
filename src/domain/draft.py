"""A request held against every rule that needs no state (spec 4.1 phases 1 and 2)."""

from __future__ import annotations

from dataclasses import dataclass

from domain import domain_names, errors, languages, organization
from domain.command import CreateInstance, Human
from domain.credentials import check_password
from domain.external_address import ExternalAddress
from domain.instance import InstanceDomain
from domain.instant import Instant
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
) -> Draft:
    """Hold the request against the rules in ZITADEL's order; ``label`` makes the generated domain unique.

    Raises Refused with the first rule that is broken (spec 4.2 rows 4 to 21).
    """
    org_name, org_domain = organization.name_and_domain(command.first_org_name or command.instance_name, external)
    owner = command.owner
    admin = draft_human(owner, org_domain) if isinstance(owner, Human) else draft_machine(owner, now)
    domains = _domains(command, label, external)
    if isinstance(admin, HumanDraft) and admin.password:
        check_password(admin.password, defaults.password_policy)
    _check_own_domain(domains)
    return Draft(
        instance_name=command.instance_name,
        org_name=org_name,
        org_domain=org_domain,
        admin=admin,
        domains=domains,
        default_language=languages.canonical(command.default_language) or defaults.default_language,
    )


def _domains(command: CreateInstance, label: str, external: ExternalAddress) -> tuple[InstanceDomain, ...]:
    generated = domain_names.generated_domain(command.instance_name, label, external)
    custom = domain_names.custom_domain(command.custom_domain)
    first = InstanceDomain(generated, generated=True, primary=custom is None)
    return (first,) if custom is None else (first, InstanceDomain(custom, generated=False, primary=True))


def _check_own_domain(domains: tuple[InstanceDomain, ...]) -> None:
    """A custom domain that is the generated one: equal and alike spelling break different rules."""
    generated, *custom = (domain.name for domain in domains)
    if generated in custom:
        raise errors.Refused(errors.DOMAIN_OWN)
    if any(domain_names.uniqueness_key(name) == generated for name in custom):
        raise errors.Refused(errors.DOMAIN_TAKEN)
