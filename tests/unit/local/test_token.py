"""The keys and tokens that ``local.token`` makes are those that the service takes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.system_tokens import SystemTokens, load_users
from domain.access import Caller
from domain.errors import Refused
from domain.instant import Instant
from fakes.foundry import SYSTEM_ROLES
from local import token

AUDIENCE = "http://127.0.0.1:8080"
NOW = 1_800_000_000
ROOT = Path(__file__).parents[3]


class FixedClock:
    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def now(self) -> Instant:
        return Instant(self._seconds)


@pytest.fixture(scope="module")
def pair() -> tuple[str, str]:
    return token.make_key_pair()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(token.time, "time", lambda: NOW + 0.9)
    return NOW


def verify(jwt: str, entry: str, seconds: int) -> Caller:
    return SystemTokens(load_users(entry), frozenset({AUDIENCE}), SYSTEM_ROLES, FixedClock(seconds)).verify(jwt)


def test_the_service_takes_what_is_signed(pair: tuple[str, str], now: int) -> None:
    private_pem, public_pem = pair
    entry = token.configuration_entry("operator", public_pem)
    jwt = token.sign("operator", private_pem, AUDIENCE)
    for seconds in (now, now + 3598):
        assert verify(jwt, entry, seconds) == Caller("operator", SYSTEM_ROLES["SYSTEM_OWNER"])
    with pytest.raises(Refused):
        verify(jwt, entry, now + 3599)


def test_the_lifetime_is_the_callers(pair: tuple[str, str], now: int) -> None:
    private_pem, public_pem = pair
    jwt = token.sign("operator", private_pem, AUDIENCE, lifetime=60)
    with pytest.raises(Refused):
        verify(jwt, token.configuration_entry("operator", public_pem), now + 60)


def test_a_pair_is_pkcs8_and_spki_of_2048_bits(pair: tuple[str, str]) -> None:
    private_pem, public_pem = pair
    assert private_pem.startswith("-----BEGIN PRIVATE KEY-----\n")
    assert public_pem.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert load_pem_private_key(private_pem.encode(), None).key_size == 2048  # type: ignore[union-attr]
    assert token.make_key_pair()[0] != private_pem


@pytest.mark.parametrize("pem", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_signing_needs_a_private_key(pem: str, pair: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="not a private RSA key"):
        token.sign("operator", pem, AUDIENCE)
    with pytest.raises(ValueError, match="public key cannot sign"):
        token.sign("operator", pair[1], AUDIENCE)


def test_the_commands_make_a_user_and_its_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str], now: int) -> None:
    key_file = tmp_path / "operator.pem"
    assert token.main(["new-user", "operator", "--out", str(key_file)]) == 0
    entry = capsys.readouterr().out
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert "PRIVATE" not in entry
    assert list(json.loads(entry)[0]) == ["operator"]

    assert token.main(["sign", "operator", "--key", str(key_file), "--audience", AUDIENCE]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    assert verify(out.strip(), entry, now).user_id == "operator"


def test_a_key_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert token.main(["new-user", "operator", "--out", str(tmp_path / "key.pem")]) == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600


def test_no_key_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key_file = tmp_path / "operator.pem"
    key_file.write_text("precious")
    assert token.main(["new-user", "operator", "--out", str(key_file)]) == 1
    assert key_file.read_text() == "precious"
    out, err = capsys.readouterr()
    assert out == ""
    assert "File exists" in err


def test_errors_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing.pem"
    assert token.main(["sign", "operator", "--key", str(missing), "--audience", AUDIENCE]) == 1
    missing.write_text("nonsense")
    assert token.main(["sign", "operator", "--key", str(missing), "--audience", AUDIENCE]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 2


def test_it_is_a_program(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "local.token", "new-user", "operator", "--out", str(tmp_path / "key.pem")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert load_users(run.stdout).keys() == {"operator"}
    assert run.stderr == ""
