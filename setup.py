"""Builds the compiled modules; all metadata is in pyproject.toml.

A module listed in `_compiled.COMPILED` is a `.py` file in Cython's pure Python mode. Its extension is rebuilt
only when the file, or a `.pxd` that it cimports, is newer than the generated C.
"""

import functools
import os
import re
import runpy
from pathlib import Path

import Cython.Compiler.Errors
import Cython.Compiler.ExprNodes
import Cython.Compiler.Nodes
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
COMPILED: tuple[str, ...] = runpy.run_path(str(ROOT / "src/wasmine/_compiled.py"))["COMPILED"]
JOBS = os.cpu_count() or 1
BUILD = ROOT / "build/cython"

# -fwrapv and -fno-strict-aliasing: Wasm arithmetic wraps, and slots are read as every type.
# -ffp-contract=off: a fused multiply-add has one rounding where the standard has two.
COMPILE = [
    *("-O2", "-g0", "-DNDEBUG", "-fvisibility=hidden", "-Wno-unused-function", "-Wno-sign-compare"),
    *("-fwrapv", "-fno-strict-aliasing", "-ffp-contract=off"),
]
# No symbols, and no page of its own for what is only read: a process opens dozens of these files.
LINK = ["-s", "-Wl,-z,noseparate-code"]
if os.environ.get("WASMINE_DEBUG"):  # see docs/debugging.md
    COMPILE.append("-g")
    LINK = []
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "auto_pickle": False,
    # Plain built-in functions: smaller, and faster to make and to call than Cython's imitation of Python's.
    "binding": False,
    "embedsignature": True,
    "embedsignature.format": "clinic",
}


def performance_hint_is_an_error(position: object, message: str, env: object) -> object:
    """A hint means that a hot function touches Python behind our back: the build stops."""
    return Cython.Compiler.Errors.error(position, f"performance hint: {message}")


for module in (Cython.Compiler.Errors, Cython.Compiler.Nodes, Cython.Compiler.ExprNodes):
    if hasattr(module, "performance_hint"):
        module.performance_hint = performance_hint_is_an_error  # type: ignore[attr-defined]


IMPORTS = re.compile(
    r"^from (?:cython\.cimports\.)?(wasmine[\w.]*) c?import (\([^)]*\)|[^\n]*)", re.MULTILINE
)


@functools.cache
def named_declarations(path: Path) -> frozenset[Path]:
    """The `.pxd` files that a `.py` or `.pxd` file names, and its own.

    Cython's own search does not see that `from cython.cimports.package import module` needs `module.pxd`.
    """
    found = {path.with_suffix(".pxd")}
    for package, names in IMPORTS.findall(path.read_text(encoding="utf-8")):
        base = ROOT / "src" / package.replace(".", "/")
        found.add(base.with_suffix(".pxd"))
        found |= {base / f"{name}.pxd" for name in re.findall(r"\w+", names)}
    return frozenset(file for file in found if file.exists())


def declarations(path: Path) -> set[Path]:
    """The `.pxd` files that a module depends on, through others too."""
    found: set[Path] = set()
    left = {path}
    while left:
        new = named_declarations(left.pop()) - found
        found |= new
        left |= new
    return found


def forget_stale_c(name: str) -> None:
    """Removes the generated C of a module that is older than a declaration it depends on."""
    source = ROOT / "src" / f"{name.replace('.', '/')}.py"
    generated = BUILD / "src" / f"{name.replace('.', '/')}.c"
    if generated.exists():
        made = generated.stat().st_mtime
        if any(file.stat().st_mtime > made for file in declarations(source)):
            generated.unlink()


for name in COMPILED:
    forget_stale_c(name)


class BuildExtensions(build_ext):
    """Compiles the extensions side by side."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or JOBS

    def run(self) -> None:
        # An editable install runs from the source tree, where `build_ext --inplace` may have been.
        if not (self.editable_mode and all(self.is_fresh(extension) for extension in self.extensions)):
            super().run()

    def is_fresh(self, extension: Extension) -> bool:
        """Whether the extension stands beside its source, and is newer than what it is made of."""
        module = ROOT / "src" / self.get_ext_filename(extension.name)
        return module.exists() and all(
            (ROOT / source).stat().st_mtime <= module.stat().st_mtime for source in extension.sources
        )


class BuildPython(build_py):
    """Leaves the sources of compiled modules out of a wheel: a missing extension has no fallback."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        modules = super().find_package_modules(package, package_dir)
        return [m for m in modules if f"{m[0]}.{m[1]}" not in COMPILED]


setup(
    ext_modules=cythonize(
        [
            Extension(
                name,
                [f"src/{name.replace('.', '/')}.py"],
                extra_compile_args=COMPILE,
                extra_link_args=LINK,
                libraries=["m"],
            )
            for name in COMPILED
        ],
        include_path=["src"],
        compiler_directives=DIRECTIVES,
        build_dir=str(BUILD.relative_to(ROOT)),
        nthreads=JOBS if len(COMPILED) > 1 else 0,
        show_all_warnings=False,
    ),
    cmdclass={"build_ext": BuildExtensions, "build_py": BuildPython},
)
