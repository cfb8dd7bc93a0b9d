"""A person tries the API on the page of `make serve`, in a real browser."""

import json
import os
import subprocess

from clients.programs import HERE


def test_a_person_authorises_and_creates_an_instance(service, tmp_path):
    ran = subprocess.run(
        ["node", "try_page.mjs", service.url, str(tmp_path)],
        cwd=HERE, env={**os.environ, "TOKEN": service.bearer}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout)
    assert seen["status"].split()[0] == "200"
    assert json.loads(seen["body"]).keys() == {"instanceId", "details", "pat", "machineKey"}
    assert (seen["elsewhere"], seen["errors"]) == ([], [])
