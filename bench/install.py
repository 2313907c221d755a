"""`python -m bench peers [--install]`: which peers there are; those that come by package name get here.

They go below build/bench/peers, which git ignores; nothing else on the machine changes.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence

from bench.peers import PEERS, WASMINE
from bench.peers.base import INSTALLED, MACHINE, find

NPM = [f"node-linux-{MACHINE}@24", f"@oven/bun-linux-{MACHINE.replace('arm64', 'aarch64')}"]
PYPI = ["wasmtime", "pywasm"]


def run(command: Sequence[str], **settings: object) -> bool:
    """Run a command and say so; whether it succeeded."""
    print("+", *command, flush=True)
    try:
        return subprocess.run(command, check=False, **settings).returncode == 0  # type: ignore[call-overload,no-any-return]
    except OSError as error:
        print(f"  {error}")
        return False


def install_javascript() -> None:
    """Node and Bun from npm."""
    if shutil.which("npm") is None:
        print("npm is missing (Debian: npm): no Node, no Bun")
        return
    run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(INSTALLED), *NPM])


def install_python() -> None:
    """wasmtime and pywasm from PyPI, beside other packages; the wheels are kept for their size."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    wheels, target = str(INSTALLED / "wheels"), str(INSTALLED / "python")
    run([*pip, "download", "-q", "--no-deps", "-d", wheels, *PYPI])
    run([*pip, "install", "-q", "--upgrade", "--target", target, *PYPI])


def install_hyperfine() -> None:
    """hyperfine from Debian's archive, unpacked without being installed."""
    if find("hyperfine", "usr/bin/hyperfine"):
        return
    if shutil.which("apt-get") is None:
        print("apt-get is missing: install hyperfine by other means")
        return
    folder = INSTALLED / "debian"
    folder.mkdir(exist_ok=True)
    if run(["apt-get", "-q", "download", "hyperfine"], cwd=folder):
        for package in folder.glob("hyperfine*.deb"):
            run(["dpkg-deb", "-x", str(package), str(INSTALLED)])


def show() -> None:
    """Every runtime, and whether it is there."""
    for runtime in (*WASMINE.values(), *PEERS.values()):
        reason = runtime.missing()
        print(f"{runtime.name:<16} {runtime.version() if reason is None else 'missing: ' + reason}")
    tool = find("hyperfine", "usr/bin/hyperfine")
    print(f"{'hyperfine':<16} {tool or 'missing: whole processes are not timed'}")


def main(arguments: list[str]) -> int:
    """List the peers, after installing them if asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench peers", description=__doc__)
    parser.add_argument("--install", action="store_true", help="install those that come by package name")
    if parser.parse_args(arguments).install:
        INSTALLED.mkdir(parents=True, exist_ok=True)
        for install in (install_javascript, install_python, install_hyperfine):
            install()
    show()
    return 0
