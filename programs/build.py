#!/usr/bin/env python3
"""Make the WebAssembly programs of the end-to-end tests and the benchmarks, and their native twins.

    python programs/build.py                  all, into programs/bin and bench/programs
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
import lzma
import subprocess
import sys
import tempfile
from pathlib import Path

import benchmarks
import recipes
from recipes import Recipe
from toolchain import PACKAGE_OF, PROGRAMS, ROOT, MissingError, Workspace

# Exit code where a tool or a source is not on this machine, and nothing else went wrong.
MISSING = 3
RECIPES = (*recipes.RECIPES, *benchmarks.RECIPES)


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
    parser.add_argument("--offline", action="store_true", help="use only sources that are already there")
    parser.add_argument("--packages", action="store_true", help="print the packages needed and stop")
    return parser.parse_args()


def select(names: list[str]) -> list[Recipe]:
    """The recipes of that name, in the order of the table; all for no name."""
    known = {recipe.name for recipe in RECIPES}
    if unknown := sorted(set(names) - known):
        sys.exit(f"no such program: {', '.join(unknown)} (there are {', '.join(sorted(known))})")
    return [recipe for recipe in RECIPES if not names or recipe.name in names]


def make_wasm(recipe: Recipe, work: Workspace, folder: Path) -> Path:
    """Make one program in `folder`, compressed if it is committed so, and say what came out."""
    made = folder / recipe.committed.name
    plain = made.with_name(made.name.removesuffix(".xz"))
    recipe.wasm(work, plain)
    plain.chmod(0o644)
    contents = plain.read_bytes()
    digest = hashlib.sha256(contents).hexdigest()
    print(f"{digest}  {len(contents):>8}  {recipe.title}", flush=True)
    if recipe.compressed:
        made.write_bytes(lzma.compress(contents, preset=9 | lzma.PRESET_EXTREME))
        plain.unlink()
    return made


def contents_of(path: Path) -> bytes:
    """What a committed binary holds once it is unpacked; nothing if it is not there."""
    if not path.exists():
        return b""
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def record_digests() -> None:
    """Bring the table of digests in the README up to date with what is committed."""
    readme = PROGRAMS / "README.md"
    rows = "".join(
        f"| {recipe.title} | `{hashlib.sha256(contents_of(recipe.committed)).hexdigest()}` |\n"
        for recipe in sorted(RECIPES, key=lambda recipe: recipe.title)
        if recipe.committed.exists()
    )
    before, _, rest = readme.read_text(encoding="utf-8").partition("<!-- digests -->\n")
    _, _, after = rest.partition("<!-- end of digests -->")
    table = f"<!-- digests -->\n{rows}<!-- end of digests -->"
    readme.write_text(before + table + after, encoding="utf-8")


def make(recipe: Recipe, work: Workspace, options: argparse.Namespace) -> bool:
    """Make what was asked for of one program. False where `--check` finds a difference."""
    same = True
    if options.check:
        with tempfile.TemporaryDirectory() as scratch:
            made = make_wasm(recipe, work, Path(scratch))
            same = contents_of(made) == contents_of(recipe.committed)
        print("  as committed" if same else "  NOT as committed")
    elif not options.no_wasm:
        make_wasm(recipe, work, recipe.folder)
    if options.native and recipe.native:
        recipe.native(work, options.native / recipe.name)
    return same


def main() -> int:
    """Make the programs. 1 if that failed or `--check` found a difference, else MISSING or 0."""
    options = parse_arguments()
    recipes = select(options.names)
    if options.packages:
        print("\n".join(sorted({PACKAGE_OF[tool] for recipe in recipes for tool in recipe.tools})))
        return 0
    work = Workspace(options.work.resolve(), options.offline)
    work.path.mkdir(parents=True, exist_ok=True)
    if options.native:
        options.native = options.native.resolve()
        options.native.mkdir(parents=True, exist_ok=True)
    status = 0
    for recipe in recipes:
        try:
            if not make(recipe, work, options):
                status = 1
        except MissingError as error:
            print(f"{recipe.name}: {error}", file=sys.stderr)
            status = status or MISSING
        except subprocess.CalledProcessError as error:
            print(f"{recipe.name}: {error.cmd[0]} failed", file=sys.stderr)
            status = 1
    if not options.check and not options.no_wasm:
        record_digests()
    return status


if __name__ == "__main__":
    sys.exit(main())
