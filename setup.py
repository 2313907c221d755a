"""Builds the compiled modules; all metadata is in pyproject.toml.

A module listed in `_compiled.COMPILED` is a `.py` file in Cython's pure Python mode. It is compiled again
only when the file, or a `.pxd` that it cimports, is newer than the generated C. All are linked to one
extension, from which `_compiled.py` loads them.
"""

import functools
import os
import re
import runpy
import sysconfig
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import Cython.Compiler.Errors
import Cython.Compiler.ExprNodes
import Cython.Compiler.Nodes
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
CORE = "wasmine._core"
_compiled = runpy.run_path(str(ROOT / "src/wasmine/_compiled.py"))
COMPILED: tuple[str, ...] = _compiled["COMPILED"]
symbol: Callable[[str], str] = _compiled["symbol"]
JOBS = os.cpu_count() or 1
BUILD = ROOT / "build/cython"

# -fwrapv and -fno-strict-aliasing: Wasm arithmetic wraps, and slots are read as every type.
# -ffp-contract=off: a fused multiply-add has one rounding where the standard has two.
COMPILE = [
    *("-O2", "-g0", "-DNDEBUG", "-fvisibility=hidden", "-Wno-unused-function", "-Wno-sign-compare"),
    *("-fwrapv", "-fno-strict-aliasing", "-ffp-contract=off"),
]
# For size: they run once for a module, or for people only.
SMALL = frozenset(
    f"wasmine.{name}"
    for name in (
        *("api.describe", "api.externs", "api.objects", "api.store", "binary.restrict"),
        *("jit.backend.text", "jit.cross", "jit.host", "jit.perf", "jit.ssa.debug", "jit.ssa.text"),
        *("jit.tiering", "jit.x64.features", "runtime.code", "runtime.extern", "runtime.instance"),
        *("runtime.linking", "runtime.store", "runtime.traps", "spec.types"),
    )
)
LINK = ["-s"]  # no symbols
if os.environ.get("WASMINE_DEBUG"):  # see docs/debugging.md
    COMPILE.append("-g")
    LINK = []
else:
    COMPILE.append("-fno-asynchronous-unwind-tables")  # debuggers read them, nothing else does
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "auto_pickle": False,
    "autotestdict": False,
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


def generated_c(name: str) -> Path:
    """Where the C of a module is."""
    return BUILD / "src" / f"{name.replace('.', '/')}.c"


def forget_stale_c(name: str) -> None:
    """Removes the generated C of a module that is older than a declaration it depends on."""
    source = ROOT / "src" / f"{name.replace('.', '/')}.py"
    generated = generated_c(name)
    if generated.exists():
        made = generated.stat().st_mtime
        if any(file.stat().st_mtime > made for file in declarations(source)):
            generated.unlink()


for name in COMPILED:
    forget_stale_c(name)


class BuildCore(build_ext):
    """Compiles the modules side by side, those whose C is new, and links them to one extension."""

    def run(self) -> None:
        core = ROOT / "src" / self.get_ext_filename(CORE)
        remove_other_extensions(Path(self.build_lib))
        if self.inplace:
            remove_other_extensions(ROOT / "src")
        # An editable install runs from the source tree, where `build_ext --inplace` may have been.
        if not (self.editable_mode and is_fresh(core, [generated_c(name) for name in COMPILED])):
            super().run()

    def build_extension(self, ext: Extension) -> None:
        with ThreadPoolExecutor(JOBS) as pool:
            objects = list(pool.map(self.build_object, COMPILED))
        core = Path(self.get_ext_fullpath(ext.name))
        if self.force or not is_fresh(core, objects):
            self.compiler.link_shared_object(
                [str(file) for file in objects],
                str(core),
                libraries=ext.libraries,
                extra_postargs=ext.extra_link_args,
                target_lang="c",
            )

    def build_object(self, name: str) -> Path:
        """Compiles one module; the function that makes it gets a name that no other one has."""
        source = generated_c(name)
        relative = str(source.relative_to(ROOT))
        (file,) = self.compiler.object_filenames([relative], output_dir=self.build_temp)
        if self.force or not is_fresh(Path(file), [source]):
            unique = (f"PyInit_{name.rpartition('.')[2]}", f"PyInit_{symbol(name)}")
            flags = [*COMPILE, "-Os"] if name in SMALL else COMPILE
            self.compiler.compile(
                [relative], output_dir=self.build_temp, macros=[unique], extra_postargs=flags
            )
        return Path(file)


def is_fresh(made: Path, sources: list[Path]) -> bool:
    """Whether a file is there, and not older than what it is made of and this script, which says how."""
    return made.exists() and all(
        file.stat().st_mtime <= made.stat().st_mtime for file in (*sources, Path(__file__))
    )


def remove_other_extensions(directory: Path) -> None:
    """Removes what earlier versions built: a wheel would get it, and a reader be misled."""
    for file in (directory / "wasmine").rglob(f"*{sysconfig.get_config_var('EXT_SUFFIX')}"):
        if file.relative_to(directory).as_posix().partition(".")[0] != "wasmine/_core":
            file.unlink()


class BuildPython(build_py):
    """Leaves the sources of compiled modules out of a wheel: a missing extension has no fallback."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        modules = super().find_package_modules(package, package_dir)
        return [m for m in modules if f"{m[0]}.{m[1]}" not in COMPILED]


modules = cythonize(
    [Extension(name, [f"src/{name.replace('.', '/')}.py"]) for name in COMPILED],
    include_path=["src"],
    compiler_directives=DIRECTIVES,
    build_dir=str(BUILD.relative_to(ROOT)),
    nthreads=JOBS if len(COMPILED) > 1 else 0,
    show_all_warnings=False,
)
core = Extension(
    CORE,
    [source for module in modules for source in module.sources],
    extra_link_args=LINK,
    libraries=["m"],
)
setup(ext_modules=[core], cmdclass={"build_ext": BuildCore, "build_py": BuildPython})
