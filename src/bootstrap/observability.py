"""Logs and metrics: JSON lines and CloudWatch's embedded metric format, both on stdout (Powertools).

There is no tracer: the X-Ray SDK is in maintenance and brings botocore into the artefact. Lambda's own segment and the
trace id in every line are what tracing needs.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit

from domain.create_instance import Created
from domain.errors import Kind, Refused
from domain.sweep_secrets import Sweep
from domain.validate_instance import Assessment

logger = Logger(utc=True, use_rfc3339=True)

# What the adapters have to say goes the same way.
copy_config_to_registered_loggers(logger, include={"adapters"})

METRICS = (
    "Created",
    "Replayed",
    "Validated",
    "Refused",
    "Faults",
    "OrphansFound",
    "OrphansRemoved",
    "EventsPublished",
    "EventsRejected",
)
"""All there is to count; template.yaml alarms on Faults and OrphansFound."""

# Lambda sets both. The version that runs, not the one that is called: that would be the alias.
_FUNCTION = {
    "function_name": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local"),
    "function_version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
}


def created(answer: Created, caller: str) -> None:
    """An instance was created, or the answer of its creation was repeated."""
    _count("Replayed" if answer.replayed else "Created")
    logger.info("creation answered", instance_id=answer.receipt.instance_id, caller=caller, replayed=answer.replayed)


def validated(assessment: Assessment, caller: str) -> None:
    """A request was assessed, and nothing created."""
    _count("Validated")
    reasons = [violation.reason.id for violation in assessment.violations]
    logger.info("request assessed", caller=caller, valid=assessment.valid, reason_ids=reasons)


def refused(refusal: Refused) -> None:
    """A request was refused; where the reason is the service's own, the log has the cause."""
    reason = refusal.reason
    if reason.kind is Kind.INTERNAL:
        failed(refusal)
        return
    _count("Refused")
    cause = refusal.__cause__
    logger.info("refused", kind=reason.kind.value, reason_id=reason.id, cause=repr(cause) if cause else None)


def failed(error: Exception) -> None:
    """Something went wrong that nobody outside can mend; the log has the cause, with its traceback.

    Counted for the service, and for the version that runs, by which a canary is judged.
    """
    _count("Faults")
    _count("Faults", of=_FUNCTION)
    logger.error("failed", exc_info=error)


def swept(sweep: Sweep) -> None:
    """A sweep ended; every orphan is named in the log, because it tells of a creation that was cut off."""
    _count("OrphansFound", len(sweep.orphans))
    _count("OrphansRemoved", sweep.removed)
    logger.info("swept", seen=sweep.seen, orphans=sweep.orphans, removed=sweep.removed, complete=sweep.complete)


def published(count: int, rejected: Collection[str]) -> None:
    """A batch of the outbox was offered to the bus; each rejected event is named, because it will be late."""
    _count("EventsPublished", count)
    _count("EventsRejected", len(rejected))
    logger.info("published", published=count, rejected=sorted(rejected))


def _count(name: str, value: int = 1, of: Mapping[str, str] | None = None) -> None:
    # Written at once: Powertools' Metrics collects in the class, which invocations side by side would share.
    with single_metric(name, MetricUnit.Count, value, default_dimensions={"service": logger.service, **(of or {})}):
        pass
