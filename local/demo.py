"""`make demo`: one instance with a machine admin, a token and a key, made by the real handler in an AWS of its own.

The handler runs in this process, on an event as API Gateway sends it. Its answer alone goes to stdout; everything that
is said on the way, the handler's log included, goes to stderr. Nothing of `make serve` is read or changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from bootstrap.settings import VARIABLES
from local import lambda_runtime, system_user, token
from local.embedded_aws import EmbeddedAws, StartFailed
from local.lifeline import ROOT
from local.provision import provision

EVENT = ROOT / "events" / "create-machine-with-credentials.json"
LOG = ROOT / ".local" / "embedded-aws-demo.log"
PORT = 8080


def event(file: Path, bearer: str) -> dict[str, Any]:
    """The invocation event in ``file`` with the token in the place of ``${TOKEN}``."""
    result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8").replace("${TOKEN}", bearer))
    return result


def answer(file: Path) -> dict[str, Any]:
    """What the real handler answers to the event in ``file``, in a new AWS, called by a new system user.

    Raises ``StartFailed`` when that AWS does not start.
    """
    private_pem, _ = token.make_key_pair()
    with EmbeddedAws(LOG) as embedded:
        embedded.adopt()
        deployment = provision(system_user.configuration(private_pem), port=PORT, endpoint=embedded.endpoint)
        for name in VARIABLES:  # a shell that is set up for another deployment must not mix into this one
            os.environ.pop(name, None)
        function = deployment.function(os.environ)
        os.environ.update(function.process_environment())
        handler = lambda_runtime.load(function.handler)
        bearer = token.sign(system_user.USER_ID, private_pem, f"http://localhost:{PORT}")
        started = time.monotonic()
        deadline = int((time.time() + function.timeout) * 1000)
        context = lambda_runtime.context(str(uuid.uuid4()), deadline, os.environ)
        result: dict[str, Any] = handler(event(file, bearer), context)
        print(f"The handler answered {result['statusCode']} in {time.monotonic() - started:.2f} s.", file=sys.stderr)
    return result


def main() -> int:
    """Run the command: 0 with the answer's body on stdout, or 1 with a message on stderr when it is not a 200."""
    with contextlib.redirect_stdout(sys.stderr):  # a function logs to stdout
        try:
            result = answer(EVENT)
        except StartFailed as error:
            print(f"make demo: {error}", file=sys.stderr)
            return 1
    if result["statusCode"] != 200:
        print(f"make demo: no instance was created: {result['statusCode']} {result.get('body')}", file=sys.stderr)
        return 1
    print(result["body"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
