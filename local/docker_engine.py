"""A Docker engine for as long as the context lasts: the one there is, or one that is started, and ended, here.

Installing and starting is for machines that are ours: as root, where apt-get is. Anywhere else whoever lacks an engine
is told so.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import lifeline

START_SECONDS = 60.0
STOP_SECONDS = 30.0
_SIOCGIFADDR = 0x8915  # Linux: an interface's address


class EngineMissing(Exception):
    """There is no Docker engine, and none can be started here; the message says what to do."""


@contextmanager
def engine(log: Path) -> Iterator[str]:
    """The engine's version. What one that is started here says goes to ``log``. Raises EngineMissing."""
    if found := version():
        yield found
        return
    if not shutil.which("dockerd"):
        if not can_install():
            raise EngineMissing(
                "There is no Docker engine to talk to. Start one, then repeat this. As root, where apt-get is, it is "
                "installed and started by itself."
            )
        install("docker.io", "iptables")
        if not shutil.which("docker"):  # Debian 13 has the client apart from the engine
            install("docker-cli")
        if found := version():  # the package has started it
            yield found
            return
    with _started(log) as found:
        yield found


def version() -> str:
    """The version of the engine that answers, "" if none does."""
    if not shutil.which("docker"):
        return ""
    asked = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() if asked.returncode == 0 else ""


def can_install() -> bool:
    """Whether this machine lets us install packages: root, with apt-get."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Install packages of the distribution. Raises EngineMissing."""
    patient = ["--option", "Acquire::Retries=5", "--option", "DPkg::Lock::Timeout=300"]
    apt = ["apt-get", "--quiet", "--quiet", "--yes", "--no-install-recommends", *patient]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run([*apt, "update"], env=quiet, stdout=2, check=True)
        subprocess.run([*apt, "install", *packages], env=quiet, stdout=2, check=True)
    except subprocess.CalledProcessError as error:
        raise EngineMissing(f"apt-get could not install {', '.join(packages)}.") from error


@contextmanager
def _started(log: Path) -> Iterator[str]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            lifeline.bound(["dockerd"]), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (found := version()):
            if process.poll() is not None or time.monotonic() > deadline:
                last = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
                raise EngineMissing(f"dockerd did not start; the last it said:\n{last}")
            time.sleep(0.1)
        yield found
    finally:
        lifeline.terminate(process, STOP_SECONDS)


def bridge_addresses() -> tuple[str, str]:
    """The address of this machine that containers reach and nobody outside of it: to listen on, and to call.

    Where the engine runs in a virtual machine of its own (macOS, Windows), it has a name for our loopback.
    """
    if sys.platform != "linux":
        return "127.0.0.1", "host.docker.internal"
    inspected = subprocess.run(["docker", "network", "inspect", "bridge"], capture_output=True, check=True)
    (network,) = json.loads(inspected.stdout)
    if address := network["IPAM"]["Config"][0].get("Gateway"):
        return address, address
    # Version 20 names the gateway only if it was configured. It is the bridge's own address.
    name = network["Options"]["com.docker.network.bridge.name"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("256s", name.encode())
        address = socket.inet_ntoa(fcntl.ioctl(any_socket, _SIOCGIFADDR, request)[20:24])
    return address, address
