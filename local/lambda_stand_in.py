"""A stand-in for AWS's image of the Lambda runtime, for machines that cannot pull it.

Debian's packages of the same Python, AWS's own runtime client, and the lock's boto3 where the runtime has its own, laid
out as in AWS's image. It has a name of its own, so that nobody takes it for AWS's. docs/sam-local.md says what it
proves and what it does not.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from local import docker_engine
from local.lifeline import ROOT

PYTHON = "3.13"
"""The Python of the runtime (template.yaml, Runtime)."""

CONTENT = f"Debian trixie's python{PYTHON} and awslambdaric"
NAME = "instance-foundry/lambda-stand-in"

_LABEL = "instance-foundry.key"
_UV = str(ROOT / ".tools/uv/bin/uv")
_DEBIAN = {"x86_64": "amd64", "arm64": "arm64"}
_WHEELS = {"x86_64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}

# Besides Python: a shell, mv and chmod, with which SAM puts its emulator in, and what wheels link to.
_PACKAGES = f"base-files,base-passwd,dash,coreutils,libc-bin,libstdc++6,ca-certificates,tzdata,python{PYTHON}"
_UNUSED = ("man", "doc", "locale", "info", "lintian")

_BOOTSTRAP = f"""#!/bin/sh
export AWS_EXECUTION_ENV="${{AWS_EXECUTION_ENV:-AWS_Lambda_python{PYTHON}}}"
export PYTHONPATH="/opt/python/lib/python{PYTHON}/site-packages:/opt/python:/var/runtime"
exec /var/lang/bin/python{PYTHON} -m awslambdaric "${{_HANDLER:-$AWS_LAMBDA_FUNCTION_HANDLER}}"
"""
_LIBRARIES = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
_SETTINGS = (
    "ENV LANG=en_US.UTF-8 TZ=:/etc/localtime PATH=/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
    f"ENV LD_LIBRARY_PATH={_LIBRARIES} LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime",
    "WORKDIR /var/task",
    'ENTRYPOINT ["/var/runtime/bootstrap"]',
)
# What fails here fails at the first invocation otherwise, and says less.
_SMOKE = "import awslambdaric, boto3, bz2, ctypes, lzma, runtime_client, sqlite3, ssl, zlib"


class ImageMissing(Exception):
    """The stand-in cannot be made; the message says why."""


def prepare(architecture: str, log: Path) -> str:
    """The name of the image, which is made unless there is one of the same ingredients.

    ``architecture`` is this machine's, "x86_64" or "arm64". Raises ImageMissing, or ``EngineMissing`` where a package
    cannot be installed.
    """
    name = f"{NAME}:{PYTHON}-{architecture}"
    requirements = _requirements()
    key = hashlib.sha256(b"\0".join((Path(__file__).read_bytes(), requirements))).hexdigest()[:16]
    if _key(name) == key:
        return name
    if not shutil.which("mmdebstrap"):
        if not docker_engine.can_install():
            raise ImageMissing(
                "AWS's image cannot be pulled, and only root, where apt-get is, can make a stand-in for it."
            )
        docker_engine.install("mmdebstrap", "debian-archive-keyring")
    with tempfile.TemporaryDirectory(prefix="lambda-stand-in-") as scratch, log.open("wb") as output:
        try:
            _Maker(Path(scratch), architecture, output.fileno()).make(name, key, requirements)
        except subprocess.CalledProcessError as error:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
            raise ImageMissing(f"the stand-in could not be made: {error}\n{last}") from error
    return name


def _requirements() -> bytes:
    """What the runtime brings besides Python, from the lock, with hashes."""
    wanted = ["--frozen", "--no-default-groups", "--only-group", "runtime", "--no-emit-project", "--no-header"]
    return subprocess.run([_UV, "export", "--quiet", *wanted], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


def _mirror() -> str:
    """Where this machine has Debian's packages from, or what DEBIAN_MIRROR says. Raises ImageMissing."""
    if given := os.environ.get("DEBIAN_MIRROR"):
        return given
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)"], stdout=subprocess.PIPE, text=True, check=True
    )
    for site in asked.stdout.splitlines():
        if site.rstrip("/").endswith("/debian"):
            return site
    raise ImageMissing("This machine's packages are not Debian's: name a mirror of Debian in DEBIAN_MIRROR.")


def _key(name: str) -> str:
    """The key with which the image was made, "" if there is none."""
    label = f'{{{{ index .Config.Labels "{_LABEL}" }}}}'
    asked = subprocess.run(
        ["docker", "image", "inspect", "-f", label, name], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


class _Maker:
    """Makes the image in a folder; every step raises ``CalledProcessError`` when it fails."""

    def __init__(self, scratch: Path, architecture: str, output: int) -> None:
        self._scratch = scratch
        self._root = scratch / "root"
        self._architecture = architecture
        self._output = output

    def make(self, name: str, key: str, requirements: bytes) -> None:
        self._unpack_packages()
        self._configure_packages()
        self._lay_out()
        self._install(requirements)
        self._run("ldconfig", "-r", self._root)
        compiled = f"/usr/lib/python{PYTHON}", "/var/runtime"
        self._run("chroot", self._root, f"/usr/bin/python{PYTHON}", "-m", "compileall", "-q", *compiled)
        self._import(f"{name}-unproven", key)
        python = f"/var/lang/bin/python{PYTHON}"
        smoke = "--rm", "--network", "none", "--env", "PYTHONPATH=/var/runtime", "--entrypoint", python
        self._run("docker", "run", *smoke, f"{name}-unproven", "-c", _SMOKE)
        # SAM derives an image from this one, and does so once: it would go on with what it derived from the last one.
        self._run("docker", "image", "rm", "--force", f"{NAME}:rapid-{self._architecture}")
        self._run("docker", "tag", f"{name}-unproven", name)
        self._run("docker", "image", "rm", f"{name}-unproven")

    def _run(self, *command: str | Path) -> None:
        subprocess.run(command, stdout=self._output, stderr=self._output, check=True)

    def _unpack_packages(self) -> None:
        """The packages' files: their own scripts, which would need a whole system, are not run."""
        unused = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in _UNUSED]
        options = [
            "--quiet",
            "--variant=extract",
            "--skip=output/dev",
            f"--architectures={_DEBIAN[self._architecture]}",
        ]
        layout = "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"
        self._run("mmdebstrap", *options, layout, f"--include={_PACKAGES}", *unused, "trixie", self._root, _mirror())

    def _configure_packages(self) -> None:
        """What of the packages' scripts is needed."""
        for name in ("passwd", "group"):
            shutil.copy(self._root / f"usr/share/base-passwd/{name}.master", self._root / "etc" / name)
        certificates = sorted((self._root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
        bundle = self._root / "etc/ssl/certs/ca-certificates.crt"
        bundle.parent.mkdir(parents=True, exist_ok=True)
        bundle.write_bytes(b"".join(each.read_bytes() for each in certificates))
        shell = self._root / "usr/bin/sh"
        if not shell.exists():
            shell.symlink_to("dash")

    def _lay_out(self) -> None:
        for folder in ("var/lang/bin", "var/runtime", "var/task", "opt"):
            (self._root / folder).mkdir(parents=True, exist_ok=True)
        (self._root / f"var/lang/bin/python{PYTHON}").symlink_to(f"/usr/bin/python{PYTHON}")
        bootstrap = self._root / "var/runtime/bootstrap"
        bootstrap.write_text(_BOOTSTRAP)
        bootstrap.chmod(0o755)

    def _install(self, requirements: bytes) -> None:
        locked = self._scratch / "requirements.txt"
        locked.write_bytes(requirements)
        wheels = "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--link-mode", "copy"
        runtime = "--python-version", PYTHON, "--python-platform", _WHEELS[self._architecture]
        into = "--target", self._root / "var/runtime", "--requirements", locked
        self._run(_UV, "pip", "install", *wheels, *runtime, *into)

    def _import(self, name: str, key: str) -> None:
        changes = [part for each in (*_SETTINGS, f"LABEL {_LABEL}={key}") for part in ("--change", each)]
        archive = self._scratch / "root.tar"
        self._run("tar", "--create", "--numeric-owner", "--directory", self._root, "--file", archive, ".")
        self._run("docker", "import", *changes, archive, name)
