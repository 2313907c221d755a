"""One recipe a program: where its source is from, its licence, how its two builds are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from toolchain import PROGRAMS, CBuild, DebianSource, find_tool, run

SOURCES = PROGRAMS / "src"
COMPAT = PROGRAMS / "compat"

Build = Callable[[Path, Path], None]  # (work directory, output)


@dataclass(frozen=True)
class Recipe:
    """How one program is made. `native` is None where the language has no native compiler."""

    name: str
    licence: str
    tools: tuple[str, ...]
    wasm: Build
    native: Build | None
    source: DebianSource | None = None
    committed: bool = True


def own_c_program(name: str, *flags: str, keep_names: bool = False, suffix: str = ".c") -> Recipe:
    """A program of this project, in one C or C++ file."""
    build = CBuild(
        files=(SOURCES / f"{name}{suffix}",),
        flags=("-Os", "-Wall", "-Wextra", "-Wno-unused-parameter", *flags),
        native_flags=("-D_GNU_SOURCE",),
        keep_names=keep_names,
    )
    return Recipe(
        name=name,
        licence="Apache-2.0",
        tools=("clang++" if build.is_cxx else "clang", "wasm-opt"),
        wasm=lambda work, output: build.build_wasm(output),
        native=lambda work, output: build.build_native(output),
    )


SQLITE = DebianSource("sqlite3", "3.40.1-2+deb12u2")


def sqlite_build(work: Path) -> CBuild:
    """SQLite's shell over the amalgamation, which the source's own makefile puts together."""
    tree = SQLITE.fetch(work)
    amalgamation = work / "sqlite-amalgamation"
    if not (amalgamation / "shell.c").exists():
        find_tool("tclsh")
        amalgamation.mkdir(parents=True, exist_ok=True)
        run([tree / "configure", "--disable-readline", "--disable-tcl"], cwd=amalgamation)
        run([*find_tool("make"), "sqlite3.c", "shell.c"], cwd=amalgamation)
    return CBuild(
        files=(amalgamation / "sqlite3.c", amalgamation / "shell.c"),
        flags=(
            "-Os",
            "-DSQLITE_THREADSAFE=0",
            "-DSQLITE_OMIT_LOAD_EXTENSION",
            # Write-ahead logging needs shared memory between processes.
            "-DSQLITE_OMIT_WAL",
            "-DSQLITE_MAX_MMAP_SIZE=0",
            "-DSQLITE_TEMP_STORE=2",
            "-DSQLITE_DEFAULT_MEMSTATUS=0",
            "-DSQLITE_ENABLE_MATH_FUNCTIONS",
            "-DSQLITE_NOHAVE_SYSTEM",
            "-DHAVE_USLEEP=1",
        ),
        wasm_flags=(
            "-D_WASI_EMULATED_SIGNAL",
            "-D_WASI_EMULATED_GETPID",
            "-D_WASI_EMULATED_PROCESS_CLOCKS",
            f"-isystem{COMPAT / 'include'}",
            "-include",
            str(COMPAT / "sqlite.h"),
        ),
        wasm_libraries=(
            "-lwasi-emulated-signal",
            "-lwasi-emulated-getpid",
            "-lwasi-emulated-process-clocks",
            "-Wl,-z,stack-size=1048576",
        ),
    )


RECIPES = (
    Recipe(
        name="sqlite",
        licence="public domain",
        tools=("clang", "wasm-opt", "make", "tclsh"),
        wasm=lambda work, output: sqlite_build(work).build_wasm(output),
        native=lambda work, output: sqlite_build(work).build_native(output),
        source=SQLITE,
    ),
    own_c_program("process", keep_names=True),
    own_c_program("files", keep_names=True),
    own_c_program("clocks"),
)
