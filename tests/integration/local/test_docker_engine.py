"""Docker is used, installed or asked for; nothing that was started for it stays."""

import subprocess
import sys

import pytest

from local import docker_engine, lifeline


def test_whoever_may_not_install_docker_is_told_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(docker_engine.EngineMissing, match="Start one"), docker_engine.engine(tmp_path / "log"):
        pass


def test_an_engine_that_does_not_start_says_why(monkeypatch, tmp_path):
    dockerd = tmp_path / "dockerd"
    dockerd.write_text("#!/bin/sh\necho no cgroups >&2\nexit 1\n")
    dockerd.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(docker_engine, "version", lambda: "")
    with pytest.raises(docker_engine.EngineMissing, match="no cgroups"), docker_engine.engine(tmp_path / "log"):
        pass


def test_a_running_engine_is_used_and_left_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(docker_engine, "version", lambda: "29.0.0")
    with docker_engine.engine(tmp_path / "log") as version:
        assert version == "29.0.0"
    assert not (tmp_path / "log").exists()


def test_a_bound_program_ends_with_its_parent(children, gone):
    if lifeline.bound(["true"]) == ["true"]:
        pytest.skip("needs Linux's setpriv")
    starts = "import subprocess; from local import lifeline; subprocess.run(lifeline.bound(['sleep', '60']))"
    with subprocess.Popen([sys.executable, "-c", starts], cwd=lifeline.ROOT) as parent:
        while not (started := children(parent.pid)):
            assert parent.poll() is None
        parent.kill()
    assert gone(started)


def test_a_bound_program_whose_parent_ended_first_does_not_start():
    if lifeline.bound(["true"]) == ["true"]:
        pytest.skip("needs Linux's setpriv")
    somebody_else = ["sh", "-c", '"$@"; exit $?', "sh"]
    ran = subprocess.run([*somebody_else, *lifeline.bound(["echo", "started"])], capture_output=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, b"")
