"""``make fuzz``: hostile inputs for everything that reads what strangers send, ending with one line."""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzz.run import TARGETS, Defect, feed
from fuzz.targets import BODIES, DECODERS, FRAMES

GUIDED_RUNS = 200_000
EXAMPLES = 1_000


def main() -> int:
    """Run the command: 0 where there is no defect."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="of the full numbers")
    options = parser.parse_args()
    started, defects, told = time.monotonic(), 0, []
    parts = os.cpu_count() or 1
    with multiprocessing.get_context("spawn").Pool(parts) as pool:
        for target in TARGETS:
            count = int(target.long * options.share) // parts
            running = [pool.apply_async(feed, (target.name, options.seed, count, part)) for part in range(parts)]
            done = 0
            for each in running:
                try:
                    done += each.get()
                except Defect as defect:
                    defects += 1
                    print(defect, file=sys.stderr)
            told.append(f"{target.name} {done:,}")
    told.append(f"API document {_document(options.seed, int(EXAMPLES * options.share))}")
    told.append(f"guided {_guided(options.seed, int(GUIDED_RUNS * options.share))}")
    print(f"{time.monotonic() - started:.0f} s on {parts} processes", file=sys.stderr)
    failed = defects + sum("FAILED" in each for each in told)
    print(f"fuzz: seed {options.seed}, inputs: {', '.join(told)}; {failed} defects")
    return 1 if failed else 0


def _document(seed: int, examples: int) -> str:
    command = [sys.executable, "-m", "fuzz.api_document", str(seed), str(examples)]
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode:
        print(finished.stdout[-4000:], finished.stderr[-4000:], file=sys.stderr)
        return "FAILED"
    return f"{int(finished.stdout.splitlines()[-1]):,}"


def _guided(seed: int, runs: int) -> str:
    """Both pure decoders under atheris, which has no wheel for some platforms."""
    if importlib.util.find_spec("atheris") is None:
        return "not on this platform"
    for name, samples in zip(DECODERS, (FRAMES, BODIES), strict=True):
        with tempfile.TemporaryDirectory() as corpus:
            for number, sample in enumerate(samples):
                Path(corpus, str(number)).write_bytes(sample)
            limits = [
                f"-runs={runs}",
                f"-seed={seed}",
                "-timeout=5",
                "-rss_limit_mb=1024",
                f"-artifact_prefix={corpus}/",
            ]
            command = [sys.executable, "-m", "fuzz.guided", name, corpus, *limits]
            finished = subprocess.run(command, check=False, capture_output=True, text=True)
        if finished.returncode:
            print(finished.stdout[-4000:], finished.stderr[-4000:], file=sys.stderr)
            return f"{name} FAILED"
    return f"{runs * len(DECODERS):,}"


if __name__ == "__main__":
    sys.exit(main())
