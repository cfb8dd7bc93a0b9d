"""One process's part of an exploration."""

from __future__ import annotations

import argparse
import logging
import os
import resource
import sys
import time

from harness.emulated_aws import ENVIRONMENT, moto_aws

os.environ.update(ENVIRONMENT)

from faults.aws_faults import Injector, injected  # the clients read the environment
from faults.explorer import Tally, explore, histories
from faults.mistakes import MISTAKES


def explore_part(options: argparse.Namespace, part: int, parts: int) -> Tally:
    """Every ``parts``-th history, or the only one that ``options`` name, in an AWS of this process's own."""
    logging.disable(logging.CRITICAL)
    time.sleep = lambda _seconds: None  # a back-off has nothing to wait for here
    only = options.only
    chosen = [
        history
        for history in histories(options.histories, options.seed)
        if (history.number == only if only is not None else history.number % parts == part)
    ]
    injector = Injector()
    with moto_aws(), injected(injector):
        tally = explore(chosen, injector, MISTAKES[options.mistake])
    if only is not None:
        print(*chosen, *injector.journal, sep="\n", file=sys.stderr)
    tally.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return tally
