"""One recipe a program: where its source is from, its licence, how its two builds are made."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from toolchain import PROGRAMS, ROOT, CBuild, DebianSource, MissingError, Workspace, find_tool, optimise, run

SOURCES = PROGRAMS / "src"
COMPAT = PROGRAMS / "compat"
BINARIES = PROGRAMS / "bin"
PIPELINE = SOURCES / "pipeline.go"
TREE = "programs/src/tree.rs"

# Signals, process numbers and process times, which wasi-libc only imitates on request.
UNIX_FLAGS = (
    "-D_WASI_EMULATED_SIGNAL",
    "-D_WASI_EMULATED_GETPID",
    "-D_WASI_EMULATED_PROCESS_CLOCKS",
    f"-isystem{COMPAT / 'include'}",
)
UNIX_LIBRARIES = (
    "-lwasi-emulated-signal",
    "-lwasi-emulated-getpid",
    "-lwasi-emulated-process-clocks",
)

Build = Callable[[Workspace, Path], None]  # (where to work, what to make)


@dataclass(frozen=True)
class Recipe:
    """How one program is made. `native` is None where the language has no compiler for this machine.

    The result is committed in `folder`; with `compressed` as .wasm.xz, for its size. `file` is what it is
    called there, if not as the recipe.
    """

    name: str
    licence: str
    tools: tuple[str, ...]
    wasm: Build
    native: Build | None
    source: DebianSource | None = None
    compressed: bool = False
    folder: Path = BINARIES
    file: str = ""

    @property
    def committed(self) -> Path:
        """The committed file."""
        name = self.file or self.name
        return self.folder / (f"{name}.wasm.xz" if self.compressed else f"{name}.wasm")

    @property
    def title(self) -> str:
        """What the README calls the binary: its file, with its folder if it is a benchmark."""
        file = self.committed.name.removesuffix(".xz")
        return file if self.folder == BINARIES else f"{self.folder.name}/{file}"


def own_c_program(name: str, *flags: str, keep_names: bool = False) -> Recipe:
    """A program of this project in one C file. One whose names are kept is not inlined any further."""
    build = CBuild(
        files=(SOURCES / f"{name}.c",),
        flags=("-Os", "-Wall", "-Wextra", "-Wno-unused-parameter", *flags),
        native_flags=("-D_GNU_SOURCE",),
        passes=() if keep_names else ("-Os",),
        keep_names=keep_names,
    )
    return Recipe(
        name=name,
        licence="Apache-2.0",
        tools=("clang", "wasm-opt", "cc"),
        wasm=lambda work, output: build.build_wasm(output),
        native=lambda work, output: build.build_native(output),
    )


def words_recipe() -> Recipe:
    """C++, with its standard library but without exceptions, which WASI's libc++ of LLVM 14 lacks."""
    build = CBuild(
        files=(SOURCES / "words.cpp",), flags=("-Os", "-Wall", "-Wextra", "-std=c++17", "-fno-exceptions")
    )
    return Recipe(
        name="words",
        licence="Apache-2.0",
        tools=("clang++", "wasm-opt", "c++"),
        wasm=lambda work, output: build.build_wasm(output),
        native=lambda work, output: build.build_native(output),
    )


def build_rust(source: str, output: Path, *flags: str) -> None:
    """Compile a file. Paths are relative, so that panics name the same file on every machine."""
    run([*find_tool("rustc"), "--edition=2021", *flags, "-o", output, source], cwd=ROOT)


def build_rust_wasm(source: str, output: Path, level: str = "s") -> None:
    """Rust with its names kept, for backtraces of panics."""
    build_rust(
        source,
        output,
        "--target=wasm32-wasi",
        f"-Copt-level={level}",
        "-Clto",
        "-Cpanic=abort",
        "-Cstrip=debuginfo",
    )
    optimise(output, (f"-O{level}",), keep_names=True)


def build_zig(output: Path, *flags: str) -> None:
    """Compile digits.zig."""
    run([*find_tool("zig"), "build-exe", *flags, f"-femit-bin={output}", SOURCES / "digits.zig"])


def build_go(
    source: Path, output: Path, work: Workspace, flags: tuple[str, ...] = (), **environment: str
) -> None:
    """Compile a file of Go. The linker's flags drop the symbol table and the build's own identity."""
    command = [*find_tool("go"), "build", "-trimpath", "-ldflags=-s -w -buildid=", *flags]
    environment |= {"GOTOOLCHAIN": "local", "GOCACHE": str(work.path / "go-cache"), "GOFLAGS": "-mod=mod"}
    run([*command, "-o", output, source.name], env=environment, cwd=source.parent)


def build_assemblyscript(output: Path, work: Workspace) -> None:
    """Compile life.ts, with the WASI shim beside the compiler, which is found by relative path only."""
    compiler = find_tool("asc")
    modules = Path(compiler[-1]).resolve().parents[2]
    shim = Path("node_modules", "@assemblyscript", "wasi-shim", "asconfig.json")
    if not (modules.parent / shim).exists():
        raise MissingError(f"@assemblyscript/wasi-shim is missing beside {compiler[-1]} (npm)")
    with tempfile.TemporaryDirectory(dir=work.path) as folder:
        Path(folder, "node_modules").symlink_to(modules)
        shutil.copy(SOURCES / "life.ts", folder)
        run([*compiler, "life.ts", "--config", shim, "-Os", "--outFile", output], cwd=Path(folder))


SQLITE = DebianSource("sqlite3", "3.40.1-2+deb12u2")


def sqlite_build(work: Workspace) -> CBuild:
    """SQLite's shell over the amalgamation, which the source's own makefile puts together."""
    tree = SQLITE.fetch(work)
    amalgamation = work.path / "sqlite-amalgamation"
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
            # Its size depends on the machine, and with it the last digits that are printed.
            "-DLONGDOUBLE_TYPE=double",
        ),
        wasm_flags=(*UNIX_FLAGS, "-include", str(COMPAT / "unix.h")),
        wasm_libraries=(*UNIX_LIBRARIES, "-Wl,-z,stack-size=1048576"),
    )


BZIP2 = DebianSource("bzip2", "1.0.8-5")


def bzip2_build(work: Workspace) -> CBuild:
    """The bzip2 command, which replaces FILE by FILE.bz2 and back."""
    source = BZIP2.fetch(work)
    names = ("blocksort", "huffman", "crctable", "randtable", "compress", "decompress", "bzlib", "bzip2")
    return CBuild(
        files=tuple(source / f"{name}.c" for name in names),
        flags=("-O2", "-w", "-D_FILE_OFFSET_BITS=64"),
        wasm_flags=(*UNIX_FLAGS, "-include", str(COMPAT / "unix.h")),
        wasm_libraries=UNIX_LIBRARIES,
        passes=("-O2",),
    )


ZLIB = DebianSource("zlib", "1:1.2.13.dfsg-1")


def minigzip_build(work: Workspace) -> CBuild:
    """The small gzip that zlib has as an example of its use."""
    source = ZLIB.fetch(work)
    return CBuild(
        files=(*sorted(source.glob("*.c")), source / "test" / "minigzip.c"),
        flags=("-O2", "-w", "-DZ_HAVE_UNISTD_H", "-DHAVE_UNISTD_H"),
        include=(source,),
        passes=("-O2",),
    )


LUA = DebianSource("lua5.4", "5.4.4-3+deb12u1")


def lua_build(work: Workspace) -> CBuild:
    """Lua's interpreter. An error leaves its frames by Asyncify's unwinding: see compat/lua_errors.h."""
    source = LUA.fetch(work) / "src"
    return CBuild(
        files=tuple(sorted(file for file in source.glob("*.c") if file.name != "luac.c")),
        flags=("-Os", "-w"),
        include=(COMPAT / "lua",),
        wasm_files=(COMPAT / "lua_errors.c",),
        wasm_flags=(*UNIX_FLAGS, "-include", str(COMPAT / "lua_errors.h")),
        wasm_libraries=UNIX_LIBRARIES,
        passes=("--asyncify", "-Os"),
        keep_names=True,
    )


def c_recipe(
    name: str, licence: str, source: DebianSource, build: Callable[[Workspace], CBuild], *tools: str
) -> Recipe:
    """A program in C from a Debian source package."""
    return Recipe(
        name=name,
        licence=licence,
        tools=("clang", "wasm-opt", "apt-get", "dpkg-source", *tools),
        wasm=lambda work, output: build(work).build_wasm(output),
        native=lambda work, output: build(work).build_native(output),
        source=source,
    )


RECIPES = (
    c_recipe("sqlite", "public domain", SQLITE, sqlite_build, "make", "tclsh"),
    c_recipe("bzip2", "bzip2-1.0.6", BZIP2, bzip2_build),
    c_recipe("minigzip", "Zlib", ZLIB, minigzip_build),
    c_recipe("lua", "MIT", LUA, lua_build),
    own_c_program("process", keep_names=True),
    own_c_program("files", keep_names=True),
    own_c_program("clocks"),
    words_recipe(),
    Recipe(
        name="tree",
        licence="Apache-2.0",
        tools=("rustc", "wasm-opt"),
        wasm=lambda work, output: build_rust_wasm(TREE, output),
        native=lambda work, output: build_rust(TREE, output, "-Copt-level=1"),
    ),
    Recipe(
        name="digits",
        licence="Apache-2.0",
        tools=("zig",),
        wasm=lambda work, output: build_zig(output, "-target", "wasm32-wasi", "-OReleaseSmall"),
        native=lambda work, output: build_zig(output, "-OReleaseSafe"),
    ),
    Recipe(
        name="life",
        licence="Apache-2.0",
        tools=("asc",),
        wasm=lambda work, output: build_assemblyscript(output, work),
        native=None,
    ),
    Recipe(
        name="pipeline",
        licence="Apache-2.0",
        tools=("go",),
        wasm=lambda work, output: build_go(PIPELINE, output, work, GOOS="wasip1", GOARCH="wasm"),
        native=lambda work, output: build_go(PIPELINE, output, work),
        compressed=True,
    ),
)
