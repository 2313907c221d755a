#!/usr/bin/env python3
"""Make the WebAssembly programs of the end-to-end tests, and their native twins.

    python programs/build.py                  every program, into programs/bin
    python programs/build.py sqlite lua       some of them
    python programs/build.py --native DIR     the native twins as well, into DIR
    python programs/build.py --check          build elsewhere and compare with what is committed
    python programs/build.py --packages       which packages have the compilers

Nothing is installed: a missing tool is reported with the package that has it. Sources from
Debian come through `apt-get source`, which needs a `deb-src` line in apt's sources, or are found
below the work directory (build/programs, see --work).
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

from recipes import RECIPES, Recipe
from toolchain import PACKAGE_OF, PROGRAMS, ROOT, MissingError


def parse_arguments() -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="programs to make; default: all")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "programs", help="sources and objects")
    parser.add_argument("--native", type=Path, metavar="DIR", help="also make native twins, into DIR")
    parser.add_argument("--no-wasm", action="store_true", help="make native twins only")
    parser.add_argument("--check", action="store_true", help="compare with the committed binaries")
    parser.add_argument("--packages", action="store_true", help="print the packages needed and stop")
    return parser.parse_args()


def select(names: list[str]) -> list[Recipe]:
    """The recipes of that name, in the order of the table; all for no name."""
    known = {recipe.name for recipe in RECIPES}
    if unknown := sorted(set(names) - known):
        sys.exit(f"no such program: {', '.join(unknown)} (there are {', '.join(sorted(known))})")
    return [recipe for recipe in RECIPES if not names or recipe.name in names]


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make(recipe: Recipe, options: argparse.Namespace, binaries: Path) -> bool:
    """Make what was asked for of one program, and say so. False where `--check` finds a difference."""
    same = True
    if not options.no_wasm:
        output = binaries / f"{recipe.name}.wasm"
        recipe.wasm(options.work, output)
        print(f"{digest(output)}  {output.stat().st_size:>8}  {output.name}")
        committed = PROGRAMS / "bin" / output.name
        if options.check and recipe.committed:
            same = committed.exists() and digest(committed) == digest(output)
            print("  as committed" if same else "  NOT as committed")
    if options.native and recipe.native:
        recipe.native(options.work, options.native / recipe.name)
    return same


def main() -> int:
    """Make the programs; 1 if one could not be made or `--check` found a difference."""
    options = parse_arguments()
    recipes = select(options.names)
    if options.packages:
        print("\n".join(sorted({PACKAGE_OF[tool] for recipe in recipes for tool in recipe.tools})))
        return 0
    options.work = options.work.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.native:
        options.native = options.native.resolve()
        options.native.mkdir(parents=True, exist_ok=True)
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        for recipe in recipes:
            # A program that is not committed lands in the work directory, never among the committed ones.
            binaries = PROGRAMS / "bin" if recipe.committed else options.work
            try:
                failed |= not make(recipe, options, Path(scratch) if options.check else binaries)
            except MissingError as error:
                print(f"{recipe.name}: {error}", file=sys.stderr)
                failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
