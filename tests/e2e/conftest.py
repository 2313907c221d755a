"""Running a program of programs/bin, or its native twin, in a directory of its own.

The command that runs WebAssembly is `python -m wasmine run`, unless WASMINE_RUNNER says otherwise: it may
name another runtime that takes the same options (`peer.py` is one).
"""

from __future__ import annotations

import hashlib
import lzma
import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BINARIES = ROOT / "programs" / "bin"


@dataclass(frozen=True)
class Outcome:
    """What a program left behind: exit code, output, and the files in its directory, one line each."""

    exit: int
    stdout: bytes
    stderr: bytes
    files: str


@dataclass(frozen=True)
class Case:
    """One row of cases.toml: `directory` says what the program finds, `stdin_file` starts at the root."""

    name: str
    program: str
    args: tuple[str, ...] = ()
    stdin: str = ""
    stdin_file: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    directory: str = ""
    exit: int = 0

    def input(self) -> bytes:
        """What the program reads from standard input."""
        return (ROOT / self.stdin_file).read_bytes() if self.stdin_file else self.stdin.encode()


def load_cases() -> list[Case]:
    """The table of cases.toml."""
    with (HERE / "cases.toml").open("rb") as file:
        table = tomllib.load(file)
    return [Case(name=name, **row | {"args": tuple(row.get("args", ()))}) for name, row in table.items()]


def describe_files(directory: Path) -> str:
    """The tree below a directory: names, sizes and contents (hashed), and where links lead."""
    lines = []
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if path.is_symlink():
            lines.append(f"{name} -> {path.readlink()}\n")
        elif path.is_dir():
            lines.append(f"{name}/\n")
        else:
            contents = path.read_bytes()
            lines.append(f"{name} {len(contents)} {hashlib.sha256(contents).hexdigest()}\n")
    return "".join(lines)


def noise(size: int) -> bytes:
    """Bytes that no compressor shortens, the same on every machine."""
    return b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(size // 32 + 1))[:size]


def prepare(directory: Path, kind: str) -> None:
    """Fill a directory with what a case asks for by name; '' leaves it empty."""
    directory.mkdir()
    if kind in {"tree", "texts"}:
        (directory / "licence.txt").write_bytes((ROOT / "LICENSE").read_bytes())
        (directory / "noise.bin").write_bytes(noise(100_000))
        (directory / "mixed.dat").write_bytes((noise(3000) + bytes(3000)) * 20)
        (directory / "empty").touch()
    if kind == "tree":
        deep = directory / "a" / "b" / "c"
        deep.mkdir(parents=True)
        (deep / "deepest.txt").write_text("deep\n")
        (directory / "a" / "grüße 世界.txt").write_text("hello\n", encoding="utf-8")
        (directory / "a" / "up.txt").symlink_to("../licence.txt")
        (directory / "nothing").symlink_to("does-not-exist")
    if kind == "scripts":
        for script in sorted((HERE / "scripts").iterdir()):
            (directory / script.name).write_bytes(script.read_bytes())


def runner_command() -> list[str]:
    """The command that runs a WebAssembly program, without its options."""
    if override := os.environ.get("WASMINE_RUNNER"):
        return shlex.split(override)
    return [sys.executable, "-m", "wasmine", "run"]


def finish(
    command: list[str],
    stdin: bytes,
    directory: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a command to its end and look at what it left in `directory`."""
    done = subprocess.run(
        command, input=stdin, capture_output=True, check=False, cwd=cwd, env=env, timeout=240
    )
    return Outcome(done.returncode, done.stdout, done.stderr, describe_files(directory))


@pytest.fixture(scope="session")
def runner() -> list[str]:
    """The command that runs a WebAssembly program, without its options."""
    return runner_command()


@pytest.fixture(scope="session")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The path of a program's module, unpacked if it is committed compressed."""
    unpacked = tmp_path_factory.mktemp("programs")

    def find(name: str) -> Path:
        plain = BINARIES / f"{name}.wasm"
        if plain.exists():
            return plain
        target = unpacked / plain.name
        if not target.exists():
            target.write_bytes(lzma.decompress((BINARIES / f"{name}.wasm.xz").read_bytes()))
        return target

    return find


@pytest.fixture
def run_guest(binary: Callable[[str], Path], tmp_path: Path) -> Callable[..., Outcome]:
    """Run a program by name in WebAssembly; it finds `directory` under the name `guest`."""

    def run(
        program: str,
        *args: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        directory: Path | None = None,
        guest: str = "/",
    ) -> Outcome:
        command = runner_command()
        for name, value in (env or {}).items():
            command += ["--env", f"{name}={value}"]
        if directory is not None:
            command += ["--dir", f"{directory}::{guest}"]
        return finish([*command, str(binary(program)), *args], stdin, directory or tmp_path)

    return run


@pytest.fixture(scope="session")
def native(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The path of a program's native twin, built from sources that are there; else the test is skipped."""
    folder = tmp_path_factory.mktemp("native")
    work = os.environ.get("WASMINE_PROGRAMS_WORK", str(ROOT / "build" / "programs"))

    def build(name: str) -> Path:
        twin = folder / name
        if not twin.exists():
            options = ["--offline", "--no-wasm", "--native", str(folder), "--work", work]
            command = [sys.executable, str(ROOT / "programs" / "build.py"), *options, name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 3:
                pytest.skip(f"no native twin: {done.stderr.strip().splitlines()[0]}")
            assert done.returncode == 0, done.stderr
        return twin

    return build


@pytest.fixture
def run_native(native: Callable[[str], Path]) -> Callable[[Case, Path], Outcome]:
    """Run the native twin of a case's program in a directory, with the environment of the case alone."""

    def run(case: Case, directory: Path) -> Outcome:
        command = [str(native(case.program)), *case.args]
        return finish(command, case.input(), directory, cwd=directory, env=case.env)

    return run


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test that asks for a `case` each row of the table."""
    if "case" in metafunc.fixturenames:
        cases = load_cases()
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])


@pytest.fixture
def case_directory(case: Case, tmp_path: Path) -> Callable[[str], Path]:
    """Make a directory with what the case wants to find; the argument keeps several apart."""

    def make(name: str) -> Path:
        directory = tmp_path / name
        prepare(directory, case.directory)
        return directory

    return make
