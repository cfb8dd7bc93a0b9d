"""What is built from one commit is one artefact: the same bytes, of known origin, under licences that allow it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from harness.artefact import ARCHITECTURE, ROOT, make, tool


@pytest.fixture(scope="session")
def sbom():
    return tool("sbom")


def test_two_builds_give_the_same_bytes(built, tmp_path):
    # By the Python of the first, which make chose for its bytecode and may not be the tests'.
    found = subprocess.run([ROOT / "tools" / "find-python"], capture_output=True, text=True, check=True, cwd=ROOT)
    python, second = os.environ.get("UV_PYTHON") or found.stdout.strip(), tmp_path / "elsewhere"
    subprocess.run([python, "tools/package", second, ARCHITECTURE], cwd=ROOT, check=True)
    tool("artefact").write_zip(second, tmp_path / "second.zip")
    assert (tmp_path / "second.zip").read_bytes() == (built / "code.zip").read_bytes()


def test_everything_shipped_is_in_the_bill_of_materials(built):
    bill = json.loads((built / "sbom.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    libraries = {info.name.split("-")[0].replace("_", "-") for info in (built / "code").glob("*.dist-info")}
    assert {component["name"] for component in bill["components"]} == libraries
    assert all(component["externalReferences"][0]["hashes"] for component in bill["components"])
    (cryptography,) = (each for each in bill["components"] if each["name"] == "cryptography")
    assert "openssl" in {each["name"] for each in cryptography["components"]}, "compiled into the wheel"


def test_every_library_brings_the_text_of_its_licence(built):
    for info in (built / "code").glob("*.dist-info"):
        assert any(info.rglob("LICENSE*")), info.name


def test_the_bill_of_materials_has_no_date(built):
    bill = (built / "sbom.json").read_text()
    assert "timestamp" not in json.loads(bill)["metadata"]
    assert "serialNumber" not in json.loads(bill)


@pytest.mark.parametrize(
    ("expression", "fine"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT/Apache-2.0", True),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", True),
        ("Apache-2.0 WITH LLVM-exception OR MIT", True),
        ("3-Clause BSD License", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR Apache-2.0) AND GPL-2.0-only", False),
        ("(LGPL-2.1-only OR GPL-2.0-only) AND MIT", False),
        ("AGPL-3.0-only", False),
        ("none", False),
    ],
)
def test_a_licence_is_allowed_if_a_choice_is(sbom, expression, fine):
    assert sbom.allowed(expression) is fine


def library(folder, name, licence, compiled_in=()):
    info = folder / f"{name}-1.0.dist-info"
    (info / "sboms").mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nLicense-Expression: {licence}\n"
    )
    (info / "sboms" / "all.json").write_text(json.dumps({"components": list(compiled_in)}))


def crate(name, licence):
    return {"name": name, "version": "2", "bom-ref": "x", "licenses": [{"license": {"id": licence}}]}


def locked(*names):
    components = [{"bom-ref": f"{name}@1.0", "name": name, "version": "1.0"} for name in names]
    dependencies = [{"ref": each["bom-ref"], "dependsOn": ["a@1.0", "left-out@1.0"]} for each in components]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"bom-ref": "us"}},
    }
    return document | {"components": components, "dependencies": dependencies}


def judged(folder, document):
    """The exit status, the complaints and the bill."""
    command = [sys.executable, ROOT / "tools" / "sbom", folder, folder / "sbom.json"]
    done = subprocess.run(command, input=json.dumps(document), capture_output=True, text=True, check=False)
    complaints = [line.split(": ", 1)[1] for line in done.stderr.splitlines()]
    return done.returncode, complaints, json.loads((folder / "sbom.json").read_text())


def test_what_is_locked_but_not_shipped_is_not_in_the_bill(tmp_path):
    library(tmp_path, "a", "MIT")
    status, complaints, bill = judged(tmp_path, locked("a", "left-out"))
    assert (status, complaints) == (0, [])
    assert [each["name"] for each in bill["components"]] == ["a"]
    assert bill["dependencies"] == [{"ref": "a@1.0", "dependsOn": ["a@1.0"]}]


def test_a_library_from_elsewhere_is_refused(tmp_path):
    library(tmp_path, "stranger", "MIT")
    assert judged(tmp_path, locked("a"))[:2] == (1, ["stranger is not in the lock"])


@pytest.mark.parametrize("name", ["a", "a.b", "A_b"])
def test_a_licence_that_asks_for_more_is_refused(tmp_path, name):
    library(tmp_path, name, "GPL-3.0-only")
    canonical = name.lower().replace("_", "-").replace(".", "-")
    assert judged(tmp_path, locked(canonical))[:2] == (1, [f"{canonical} 1.0: GPL-3.0-only is not an allowed licence"])


def test_so_is_that_of_something_compiled_in(tmp_path):
    library(tmp_path, "a", "MIT", [crate("fine", "MIT"), crate("libssh", "LGPL-2.1-only"), {"name": "unsaid"}])
    status, complaints, bill = judged(tmp_path, locked("a"))
    assert status == 1
    assert complaints == [
        "libssh 2: LGPL-2.1-only is not an allowed licence",
        "unsaid : none is not an allowed licence",
    ]
    assert "bom-ref" not in bill["components"][0]["components"][0]


class Osv(BaseHTTPRequestHandler):
    """A database of vulnerabilities in which the first library asked for has one, or none has."""

    vulnerable = False

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        found = [{"vulns": [{"id": "OSV-1", "modified": "2026-01-01T00:00:00Z"}]}] if self.vulnerable else [{}]
        self.answer({"results": found + [{}] * (len(asked) - 1)})

    def do_GET(self):
        self.answer({"id": "OSV-1", "modified": "2026-01-01T00:00:00Z", "summary": "a hole", "affected": []})

    def answer(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def audited(address):
    """The exit status of `make audit` with a database at an address, its last line, and the details."""
    make(".tools/uv/bin/uv")
    environment = {**os.environ, "VULNERABILITIES": address, "UV_NO_CONFIG": "1", "UV_HTTP_RETRIES": "0"}
    command = [ROOT / "tools" / "audit", ".tools/uv/bin/uv"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip(), done.stderr


@contextlib.contextmanager
def answering(handler):
    """The address of a server that answers with it."""
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(params=[False, True], ids=["nothing known", "vulnerable"])
def database(request):
    """A database's address, and whether it knows a vulnerability."""
    with answering(type("Answers", (Osv,), {"vulnerable": request.param})) as address:
        yield address, request.param


def test_an_audit_fails_with_a_known_vulnerability_and_passes_without(database):
    address, vulnerable = database
    status, said, details = audited(address)
    assert (status, said) == ((1, "audit failed") if vulnerable else (0, "audit passed: no known vulnerability"))
    assert ("OSV-1" in details) is vulnerable


class Down(Osv):
    """What a proxy answers for a database that it cannot or may not reach."""

    def do_POST(self):
        self.send_error(503)


def test_an_audit_without_a_database_says_that_it_knows_nothing():
    with answering(Down) as down:
        for address in ("http://127.0.0.1:9/", down):
            status, said, details = audited(address)
            assert (status, said) == (0, "audit SKIPPED: no vulnerability database can be reached from here"), details
