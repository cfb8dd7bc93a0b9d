"""The whole conformance table."""

from __future__ import annotations

from conformance.rows import (
    answers,
    callers,
    decoding,
    domain_rules,
    field_rules,
    idempotency,
    localization,
    not_validated,
    routes,
)

ROWS = (
    *field_rules.ROWS,
    *decoding.ROWS,
    *callers.ROWS,
    *routes.ROWS,
    *domain_rules.ROWS,
    *not_validated.ROWS,
    *answers.ROWS,
    *localization.ROWS,
    *idempotency.ROWS,
)
"""Every row, in the order in which a request meets the rules."""
