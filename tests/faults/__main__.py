"""``make faults``: explore, in one process per core, and end with one line."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time

from faults.explorer import Tally
from faults.part import explore_part


def main() -> int:
    """Run the command: 0 where there is no defect."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="replay the history with this number")
    options = parser.parse_args()
    parts = 1 if options.only is not None else os.cpu_count() or 1
    started = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(parts) as pool:
        arguments = [(options.histories, options.seed, part, parts, options.only) for part in range(parts)]
        tally = Tally()
        for found in pool.starmap(explore_part, arguments):
            tally.add(found)
    for failure in tally.failing[:20]:
        print(failure, file=sys.stderr)
    print(f"seed {options.seed}, {time.monotonic() - started:.0f} s on {parts} processes", file=sys.stderr)
    print(f"faults: {tally}")
    return 1 if tally.failing else 0


if __name__ == "__main__":
    sys.exit(main())
