"""What callers see of an assessment: the same JSON document over HTTP and in a workflow (docs/validation.md)."""

from __future__ import annotations

from typing import Any

from pydantic.alias_generators import to_camel

from domain.errors import Refused
from domain.rules import Violation
from domain.validate_instance import Assessment
from handlers.errors import status_of


def document_of(assessment: Assessment, accept_language: str | None) -> dict[str, Any]:
    """The document; every member is always there, ``plan`` is null where nothing would be created."""
    plan = assessment.plan
    return {
        "valid": assessment.valid,
        "replayed": assessment.replayed,
        "violations": [_violation(violation, accept_language) for violation in assessment.violations],
        "domains": [
            {
                "domain": domain.name,
                "generated": domain.generated,
                "primary": domain.primary,
                "available": domain.available,
            }
            for domain in assessment.domains
        ],
        "plan": plan
        and {
            "records": dict(plan.records),
            "secrets": [{"holds": list(plan.credentials)}] if plan.credentials else [],
            "awsCalls": plan.calls,
        },
    }


def _violation(violation: Violation, accept_language: str | None) -> dict[str, Any]:
    status = status_of(Refused(violation.reason), accept_language, request_id="")
    return {
        "code": status.codes.grpc,
        "id": violation.reason.id,
        "message": status.message,
        "field": ".".join(map(to_camel, violation.field.split("."))),
    }
