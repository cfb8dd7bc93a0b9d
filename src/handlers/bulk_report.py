"""The Lambda function at the end of a bulk run: one report of all its results."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bootstrap import application
from bootstrap.observability import logger
from domain.bulk_report import report_bulk


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, str], context: LambdaContext) -> dict[str, Any]:
    """Report on the results that ``manifest`` names, at ``report``, both keys in ``bucket``.

    Raises Refused where S3 does; the state machine tries again.
    """
    del context
    summary = report_bulk(application.bulk_results(**event))
    logger.info("bulk reported", summary=asdict(summary))
    return {**asdict(summary), "report": event["report"]}
