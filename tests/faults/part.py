"""One process's part of an exploration."""

from __future__ import annotations

import logging
import os
import time

from harness.emulated_aws import ENVIRONMENT, moto_aws

os.environ.update(ENVIRONMENT)

from faults.aws_faults import Injector, injected  # the clients read the environment
from faults.explorer import Tally, explore, histories


def explore_part(total: int, seed: int, part: int, parts: int, only: int | None) -> Tally:
    """Every ``parts``-th history, or the one with the number ``only``, in an AWS of this process's own."""
    logging.disable(logging.CRITICAL)
    time.sleep = lambda _seconds: None  # a back-off has nothing to wait for here
    chosen = [
        history
        for history in histories(total, seed)
        if (history.number == only if only is not None else history.number % parts == part)
    ]
    injector = Injector()
    with moto_aws(), injected(injector):
        return explore(chosen, injector)
