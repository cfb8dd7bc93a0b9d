"""A pure decoder under atheris, which looks for inputs that reach new code: ``python -m fuzz.guided frames CORPUS -runs=…``."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["wire"]):
    from fuzz.targets import DECODERS

if __name__ == "__main__":
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, DECODERS[name])
    atheris.Fuzz()
