"""Installs the independent peers of the interop tests and benchmarks: `python3 tools/peers.py` (`make peers`).

Everything apart from the Debian packages lands in `.peers/` and needs no root. Each step is idempotent: a stamp holds
the hash of its inputs, and a step whose stamp fits is not repeated. A peer that cannot be had is named at the end with
the reason and never fails the run: its tests are skipped. Runs on the system's Python, standard library only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"
PEERS = ROOT / ".peers"

DEBIAN_PACKAGES = {
    "sip-tester": "SIPp, callee and caller of the SIP tests",
    "baresip-core": "SIP user agent",
    "kamailio": "authenticating SIP proxy",
    "kannel": "SMS gateway, SMPP side",
    "libnet-smpp-perl": "SMPP message centre in Perl",
    "postgresql": "second engine of the store's contract tests",
    "openssl": "certificates of the TLS tests",
    "tshark": "reader of RTP and RTCP captures",
    "secsipidx": "signer and verifier of SIP Identity headers",
    "fonts-noto-cjk": "Chinese glyphs of the PDF and page tests",
    "chromium": "browser that shows page and report",
    "sox": "reader of recordings",
}
# Named, not "testing", so that the step keeps meaning the same packages after that suite becomes stable.
ASTERISK_SUITE = "forky"
ASTERISK_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
FETCH_TRIES = 3
FETCH_PAUSE_S = 2.0
STEP_TIMEOUT_S = 600.0


class StepError(Exception):
    """A peer cannot be had here; the text says why, in one line."""


def say(step: str, text: str) -> None:
    print(f"peers: {step:<9} {text}", flush=True)


def run(command: Sequence[str], *, cwd: Path | None = None, extra_environment: dict[str, str] | None = None) -> str:
    """Run a command, return its output; StepError with its last line of output when it fails."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | (extra_environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=STEP_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        raise StepError(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise StepError(f"{command[0]} took longer than {STEP_TIMEOUT_S:.0f} s") from None
    if done.returncode != 0:
        lines = [line for line in done.stdout.splitlines() if line.strip()] or ["no output"]
        telling = next((line for line in lines if line.startswith(("E:", "ERROR", "npm error"))), lines[-1])
        raise StepError(f"{Path(command[0]).name} ended with {done.returncode}: {telling[:200]}")
    return done.stdout


def retried(action: Callable[[], object]) -> None:
    """Repeat what talks to a network, FETCH_TRIES times in all."""
    for attempt in range(1, FETCH_TRIES + 1):
        try:
            action()
            return
        except StepError:
            if attempt == FETCH_TRIES:
                raise
            time.sleep(FETCH_PAUSE_S * attempt)


def fingerprint(*inputs: Path | str) -> str:
    digest = hashlib.sha256()
    for item in inputs:
        digest.update(item.read_bytes() if isinstance(item, Path) else item.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def is_current(folder: Path, wanted: str) -> bool:
    stamp = folder / ".stamp"
    return stamp.is_file() and stamp.read_text() == wanted


def mark_current(folder: Path, wanted: str) -> None:
    (folder / ".stamp").write_text(wanted)


# --- Debian packages -------------------------------------------------------------------------------------------------


def missing_debian_packages() -> list[str]:
    def is_installed(package: str) -> bool:
        done = subprocess.run(
            ["dpkg-query", "-W", "-f=${Status}", package], capture_output=True, text=True, check=False
        )
        return "install ok installed" in done.stdout

    return [package for package in DEBIAN_PACKAGES if not is_installed(package)]


def install_debian() -> str:
    """Debian packages, one transaction; when that fails, one by one, so that one gap costs one peer."""
    if not shutil.which("dpkg-query") or not shutil.which("apt-get"):
        raise StepError(
            "not a Debian system: install SIPp, Kannel, Net::SMPP, baresip, PostgreSQL, Chromium and SoX by hand"
        )
    missing = missing_debian_packages()
    if not missing:
        return f"all {len(DEBIAN_PACKAGES)} packages there"
    if os.geteuid() != 0:
        raise StepError(f"needs root; absent: {', '.join(missing)}. As root: apt-get install {' '.join(missing)}")
    # RUNLEVEL=1 keeps packages from starting their services: the tests start their own, as plain users.
    environment = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    say("debian", f"installing {', '.join(missing)}")
    retried(lambda: run(["apt-get", "update", "-qq"]))
    try:
        run([*install, *missing], extra_environment=environment)
    except StepError:
        for package in missing:
            try:
                run([*install, package], extra_environment=environment)
            except StepError as error:
                say("debian", f"{package}: {error}")
    still_missing = missing_debian_packages()
    if still_missing:
        raise StepError(f"could not be installed: {', '.join(still_missing)}")
    return f"{len(missing)} installed"


# --- Asterisk, unpacked ----------------------------------------------------------------------------------------------


def configured_mirrors() -> Iterator[str]:
    """Addresses of Debian's main archive in apt's own configuration, most likely first."""
    release = dict(
        line.rstrip().split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
    )
    codename = release.get("VERSION_CODENAME", "").strip('"')
    listing = run(["apt-get", "indextargets", "--format", "$(IDENTIFIER)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)"])
    rows = [line.split("|") for line in listing.splitlines() if line.startswith("Packages|")]
    main_rows = [row for row in rows if row[3] == "main"]
    ranked = sorted(main_rows, key=lambda row: (row[2] != codename, row[1]))
    yield from dict.fromkeys(row[1] for row in ranked)


def private_apt(state: Path, uri: str) -> list[str]:
    """apt-get with a state of its own: needs no root, leaves the host's lists and packages alone."""
    for part in ("lists/partial", "cache/archives/partial", "etc"):
        (state / part).mkdir(parents=True, exist_ok=True)
    (state / "etc/sources.list").write_text(f"deb [signed-by={ASTERISK_KEYRING}] {uri} {ASTERISK_SUITE} main\n")
    (state / "status").touch()
    options = {
        "Dir::State": state,
        "Dir::State::lists": state / "lists",
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
        "Dir::Etc::sourcelist": state / "etc/sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Sandbox::User": "",
        "Debug::NoLocking": "1",
        "APT::Update::Error-Mode": "any",  # a mirror out of reach is an error here, not a warning
        "Acquire::Retries": "1",
    }
    return ["apt-get", "-qq", *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]


def fetch_asterisk(scratch: Path, packages: Sequence[str]) -> None:
    """Download the packages into `scratch` from the first configured mirror that carries the suite."""
    failures = []
    for uri in configured_mirrors():
        apt_get = private_apt(scratch / "apt", uri)
        try:
            run([*apt_get, "update"])
            run([*apt_get, "download", *packages], cwd=scratch)
            return
        except StepError as error:
            failures.append(error)
    raise failures[0] if failures else StepError("apt names no Debian mirror")


def asterisk_command(root: Path) -> list[str]:
    """The unpacked binary, run by the loader and libraries it was built for."""
    return [
        str(root / "usr/lib64/ld-linux-x86-64.so.2"),
        "--library-path",
        str(root / "usr/lib/x86_64-linux-gnu"),
        str(root / "usr/sbin/asterisk"),
    ]


def install_asterisk() -> str:
    """Asterisk and its libraries, unpacked beside the system: no root, no chroot, no maintainer script."""
    closure = TOOLS / "asterisk-closure.txt"
    folder, wanted = PEERS / "asterisk", fingerprint(closure, ASTERISK_SUITE)
    if is_current(folder, wanted):
        return run([*asterisk_command(folder / "root"), "-V"]).strip()
    if os.uname().machine != "x86_64":
        raise StepError(f"the package list is for x86_64, this is {os.uname().machine}")
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise StepError(f"{tool} is not installed")
    if not ASTERISK_KEYRING.is_file():
        raise StepError(f"{ASTERISK_KEYRING.name} is missing: install debian-archive-keyring")
    say("asterisk", f"fetching from {ASTERISK_SUITE} (about 22 MB)")
    # The scratch folder is outside `.peers`, so that no mirror address stays in the tree.
    with tempfile.TemporaryDirectory(prefix="baitie-peers-") as scratch_name:
        scratch = Path(scratch_name)
        retried(lambda: fetch_asterisk(scratch, closure.read_text().split()))
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "root").mkdir(parents=True)
        for package in sorted(scratch.glob("*.deb")):
            run(["dpkg-deb", "-x", str(package), str(folder / "root")])
    version = run([*asterisk_command(folder / "root"), "-V"]).strip()
    mark_current(folder, wanted)
    return version


# --- PyPI and npm ----------------------------------------------------------------------------------------------------


def install_python() -> str:
    """PyPI peers in a venv of their own, pinned by hash."""
    requirements = TOOLS / "peers-requirements.txt"
    folder, wanted = PEERS / "venv", fingerprint(requirements, sys.version)
    if not is_current(folder, wanted):
        say("python", "installing into .peers/venv")
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(folder)])
        pip = [
            str(folder / "bin/python"),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "-q",
            "--retries",
            "1",
        ]
        retried(lambda: run([*pip, "--require-hashes", "-r", str(requirements)]))
        mark_current(folder, wanted)
    pins = (TOOLS / "peers-requirements.in").read_text().split()
    return ", ".join(pin.replace("==", " ") for pin in pins)


def install_node() -> str:
    """npm peers, pinned by the lock file."""
    source = TOOLS / "peers-node"
    folder, wanted = PEERS / "node", fingerprint(source / "package.json", source / "package-lock.json")
    if not shutil.which("npm") or not shutil.which("node"):
        raise StepError("npm is not installed (Debian packages: nodejs npm)")
    if not is_current(folder, wanted):
        say("node", "installing into .peers/node")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        quickly = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000"]
        retried(lambda: run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", *quickly], cwd=folder))
        mark_current(folder, wanted)
    return "smpp 0.5.1"


STEPS: dict[str, Callable[[], str]] = {
    "debian": install_debian,
    "asterisk": install_asterisk,
    "python": install_python,
    "node": install_node,
}


def main(names: Sequence[str]) -> int:
    """Run the named steps, or all; 0 also when a peer cannot be had, 2 for an unknown step."""
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        print(f"peers: no such step: {', '.join(unknown)}; there are {', '.join(STEPS)}", file=sys.stderr)
        return 2
    PEERS.mkdir(exist_ok=True)
    absent: dict[str, str] = {}
    for name in names or STEPS:
        try:
            say(name, STEPS[name]())
        except (StepError, OSError) as error:
            absent[name] = str(error)
            say(name, f"absent: {error}")
    if absent:
        print(f"peers: the tests of {', '.join(absent)} will be skipped where a peer is absent")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
