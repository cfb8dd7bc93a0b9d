"""``make faults``: explore, in one process per core, and end with one line."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time

from faults.explorer import HISTORIES, Tally
from faults.mistakes import MISTAKES
from faults.part import explore_part


def main() -> int:
    """Run the command: 0 where there is no defect, and no fault point that so many histories should have met."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--histories", type=int, default=HISTORIES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="replay the history with this number")
    parser.add_argument(
        "--mistake", choices=[name for name in MISTAKES if name], help="a deliberate one, of faults.mistakes"
    )
    options = parser.parse_args()
    parts = 1 if options.only is not None else os.cpu_count() or 1
    started = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(parts) as pool:
        tally = Tally()
        for found in pool.starmap(explore_part, [(options, part, parts) for part in range(parts)]):
            tally.add(found)
    for failure in tally.failing[:20]:
        print(failure, file=sys.stderr)
    unmet = tally.points - tally.met if options.only is None and options.histories >= HISTORIES else set()
    for operation, fault in sorted(unmet):
        print(f"never met: {operation} {fault}", file=sys.stderr)
    spent = f"{time.monotonic() - started:.0f} s on {parts} processes, each at most {tally.megabytes} MB"
    print(f"seed {options.seed}, {spent}", file=sys.stderr)
    print(f"faults: {tally}")
    return 1 if tally.failing or unmet else 0


if __name__ == "__main__":
    sys.exit(main())
