"""tools/artefact: the same files give the same zip, and nothing leaves that breaks the budget."""

from __future__ import annotations

import os
import shutil
import zipfile

import pytest

from harness.artefact import tool

ARM64, X86_64 = b"\xb7\x00", b"\x3e\x00"
PYC = "app.cpython-313.pyc"


def unchecked(flags: int = 1) -> bytes:
    return b"\xf3\r\r\n" + flags.to_bytes(4, "little") + bytes(8)


@pytest.fixture(scope="session")
def artefact():
    return tool("artefact")


@pytest.fixture
def function(tmp_path):
    """What `sam build` leaves of a function: one module, its bytecode and a library."""
    folder = tmp_path / "build" / "ApiFunction"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "app.py").write_text("print()\n")
    (folder / "__pycache__" / PYC).write_bytes(unchecked())
    (folder / "library.so").write_bytes(b"\x7fELF".ljust(18, b"\0") + ARM64)
    (tmp_path / "build.toml").write_text(
        '[function_build_definitions.1]\narchitecture = "arm64"\nfunctions = ["ApiFunction"]\n'
    )
    return folder


def test_a_good_artefact_passes_and_its_sizes_are_told(artefact, function, tmp_path, capsys):
    assert artefact.main(function, tmp_path / "dist" / "api.zip") == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.endswith("api.zip: 0.0 MB zipped, 0.0 MB unzipped, arm64\n")
    with zipfile.ZipFile(tmp_path / "dist" / "api.zip") as archive:
        assert archive.namelist() == [f"__pycache__/{PYC}", "app.py", "library.so"]
        assert archive.testzip() is None


def test_the_same_files_give_the_same_bytes_whenever_and_wherever(artefact, function, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    for path in sorted(function.rglob("*"), reverse=True):
        if path.is_file():
            copy = elsewhere / path.relative_to(function)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copy.chmod(0o600)
            os.utime(copy, (1_000_000_000, 1_000_000_000))
    artefact.write_zip(function, tmp_path / "one.zip")
    artefact.write_zip(elsewhere, tmp_path / "other.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


def test_everyone_may_read_what_is_in_the_zip(artefact, function, tmp_path):
    """Lambda runs the code as another user than the one who built it."""
    artefact.write_zip(function, tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o644}


FOR_ANOTHER_PROCESSOR = b"\x7fELF".ljust(18, b"\0") + X86_64


@pytest.mark.parametrize(
    ("added", "violation"),
    [
        (("boto3/client.json", b""), "boto3/client.json must not be shipped"),
        (("botocore/data/s3.json", b""), "botocore/data/s3.json must not be shipped"),
        (("aws_xray_sdk/core.json", b""), "aws_xray_sdk/core.json must not be shipped"),
        (("pydantic/tests/data.json", b""), "pydantic/tests/data.json must not be shipped"),
        (("stub.pyi", b""), "stub.pyi must not be shipped"),
        (("a.so", FOR_ANOTHER_PROCESSOR), "a.so is for x86_64, the stack is for arm64 (make build ARCH=...)"),
        (("new.py", b""), "new.py has no bytecode of its own"),
        ((f"__pycache__/{PYC}", unchecked(flags=0)), "app.py has no bytecode of its own"),
        ((f"__pycache__/{PYC}", unchecked(flags=3)), "app.py has no bytecode of its own"),
        (("large.json", os.urandom(12_000_001)), "12.0 MB zipped, over the budget of 12 MB"),
        (("large.json", bytes(40_000_001)), "40.0 MB unzipped, over the budget of 40 MB"),
    ],
    ids=[
        "sdk",
        "sdk core",
        "tracer",
        "tests",
        "stub",
        "processor",
        "missing",
        "dated",
        "checked",
        "zipped",
        "unzipped",
    ],
)
def test_a_bad_artefact_is_refused_with_the_reason(artefact, function, capsys, added, violation):
    path, content = function / added[0], added[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    assert artefact.main(function, function.with_name("api.zip")) == 1
    assert [line.split(": ", 1)[1] for line in capsys.readouterr().err.splitlines()] == [violation]


def test_every_function_runs_the_same_files(artefact, function, tmp_path, capsys):
    other = shutil.copytree(function, tmp_path / "build" / "SweeperFunction")
    assert artefact.main(function, tmp_path / "api.zip") == 0
    (other / "app.py").write_text("print(1)\n")
    (function / "app.py").write_text("print(2)\n")
    assert artefact.main(function, tmp_path / "api.zip") == 1
    assert "SweeperFunction was built from other files" in capsys.readouterr().err
    shutil.copyfile(function / "app.py", other / "app.py")
    (other / "new.json").touch()
    assert artefact.main(function, tmp_path / "api.zip") == 1


def test_an_artefact_without_any_bytecode_passes_with_a_warning(artefact, function, tmp_path, capsys):
    (function / "__pycache__" / PYC).unlink()
    assert artefact.main(function, tmp_path / "api.zip") == 0
    assert "WARNING: no bytecode" in capsys.readouterr().err
