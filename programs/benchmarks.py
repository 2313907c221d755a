"""The recipes of the benchmarks: everything below bench/programs that has a source, one folder a layer."""

from __future__ import annotations

import sys
from pathlib import Path

from recipes import Recipe, build_go, build_rust_wasm
from toolchain import ROOT, CBuild, Workspace, find_tool, run

FOLDER = ROOT / "bench" / "programs"


def kernel(source: Path) -> Recipe:
    """C: one exported function, no imports, no C library. Its twin is a shared library."""
    build = CBuild(
        files=(source,),
        # A fused multiply-add would round otherwise than WebAssembly does; recursion is what some measure.
        flags=(
            "-O2",
            "-Wall",
            "-Wextra",
            "-ffreestanding",
            "-ffp-contract=off",
            "-fno-optimize-sibling-calls",
        ),
        wasm_flags=("-msimd128",) if source.parent.name == "simd" else (),
        wasm_libraries=("-nostdlib", "-Wl,--no-entry"),
        native_flags=("-shared", "-fPIC", "-fvisibility=hidden"),
        passes=("-O2",),
        keep_names=True,
    )
    return Recipe(
        name=f"{source.parent.name}-{source.stem}",
        licence="Apache-2.0",
        tools=("clang", "wasm-opt", "cc"),
        wasm=lambda work, output: build.build_wasm(output),
        native=lambda work, output: build.build_native(output),
        folder=source.parent,
        file=source.stem,
    )


def text(source: Path) -> Recipe:
    """WebAssembly's text format, assembled by wasmine itself."""

    def assemble(work: Workspace, output: Path) -> None:
        run(
            [sys.executable, "-m", "wasmine", "wat", "-o", output, source],
            env={"PYTHONPATH": str(ROOT / "src")},
        )

    return Recipe(
        name=f"{source.parent.name}-{source.stem}",
        licence="Apache-2.0",
        tools=(),
        wasm=assemble,
        native=None,
        folder=source.parent,
        file=source.stem,
    )


def program(source: Path) -> Recipe:
    """C++: a WASI program with its standard library."""
    build = CBuild(
        files=(source,),
        flags=("-O2", "-Wall", "-Wextra", "-std=c++17", "-fno-exceptions", "-ffp-contract=off"),
        passes=("-O2",),
    )
    return Recipe(
        name=f"real-{source.stem}",
        licence="Apache-2.0",
        tools=("clang++", "wasm-opt", "c++"),
        wasm=lambda work, output: build.build_wasm(output),
        native=lambda work, output: build.build_native(output),
        folder=source.parent,
        file=source.stem,
    )


def build_assemblyscript(source: Path, output: Path) -> None:
    """Compile a module without imports: what aborts traps."""
    flags = ["-O3", "--runtime", "incremental", "--use", "abort="]
    run([*find_tool("asc"), source.name, *flags, "--outFile", output], cwd=source.parent)


RECIPES = (
    *(text(source) for layer in ("wat", "gc", "host") for source in sorted((FOLDER / layer).glob("*.wat"))),
    *(kernel(source) for layer in ("c", "simd") for source in sorted((FOLDER / layer).glob("*.c"))),
    Recipe(
        name="lang-assemblyscript",
        licence="Apache-2.0",
        tools=("asc",),
        wasm=lambda work, output: build_assemblyscript(FOLDER / "lang" / "assemblyscript.ts", output),
        native=None,
        folder=FOLDER / "lang",
        file="assemblyscript",
    ),
    Recipe(
        name="lang-go",
        licence="Apache-2.0",
        tools=("go",),
        wasm=lambda work, output: build_go(
            FOLDER / "lang" / "go" / "go.go",
            output,
            work,
            ("-buildmode=c-shared",),
            GOOS="wasip1",
            GOARCH="wasm",
        ),
        native=None,
        compressed=True,
        folder=FOLDER / "lang",
        file="go",
    ),
    *(program(source) for source in sorted((FOLDER / "real").glob("*.cpp"))),
    Recipe(
        name="real-json",
        licence="Apache-2.0",
        tools=("rustc", "wasm-opt"),
        wasm=lambda work, output: build_rust_wasm("bench/programs/real/json.rs", output, "3"),
        native=None,
        folder=FOLDER / "real",
        file="json",
    ),
)
