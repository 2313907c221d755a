"""The compiled modules: their list, which the build and the tests read too, and how they are loaded.

All are in one extension file, `_core`. With a file for each, every process would open dozens of dynamic
libraries before its first call; docs/rationale.md has the figures.
"""

import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import ExtensionFileLoader
from _imp import create_dynamic, extension_suffixes
from os.path import exists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

COMPILED: tuple[str, ...] = (
    "wasmine.api.describe",
    "wasmine.api.externs",
    "wasmine.api.func",
    "wasmine.api.instance",
    "wasmine.api.memory",
    "wasmine.api.objects",
    "wasmine.api.store",
    "wasmine.binary.decode",
    "wasmine.binary.module",
    "wasmine.binary.reader",
    "wasmine.binary.restrict",
    "wasmine.binary.sections",
    "wasmine.binary.types",
    "wasmine.interp.atomics",
    "wasmine.interp.bulk",
    "wasmine.interp.gc",
    "wasmine.interp.loop",
    "wasmine.interp.memops",
    "wasmine.interp.simd",
    "wasmine.ir.accesses",
    "wasmine.ir.builder",
    "wasmine.ir.calls",
    "wasmine.ir.control",
    "wasmine.ir.instructions",
    "wasmine.ir.lower",
    "wasmine.ir.objects",
    "wasmine.ir.reading",
    "wasmine.ir.tries",
    "wasmine.jit.adapters",
    "wasmine.jit.arm64.abi",
    "wasmine.jit.arm64.accesses",
    "wasmine.jit.arm64.allocate",
    "wasmine.jit.arm64.assembler",
    "wasmine.jit.arm64.atomics",
    "wasmine.jit.arm64.bridges",
    "wasmine.jit.arm64.callsites",
    "wasmine.jit.arm64.casts",
    "wasmine.jit.arm64.cold",
    "wasmine.jit.arm64.conditions",
    "wasmine.jit.arm64.constants",
    "wasmine.jit.arm64.convention",
    "wasmine.jit.arm64.emit",
    "wasmine.jit.arm64.encode",
    "wasmine.jit.arm64.exclusives",
    "wasmine.jit.arm64.features",
    "wasmine.jit.arm64.fields",
    "wasmine.jit.arm64.floats",
    "wasmine.jit.arm64.fold",
    "wasmine.jit.arm64.hoisting",
    "wasmine.jit.arm64.integers",
    "wasmine.jit.arm64.jumps",
    "wasmine.jit.arm64.lower",
    "wasmine.jit.arm64.memory",
    "wasmine.jit.arm64.operands",
    "wasmine.jit.arm64.packed",
    "wasmine.jit.arm64.places",
    "wasmine.jit.arm64.saved",
    "wasmine.jit.arm64.select",
    "wasmine.jit.arm64.sharing",
    "wasmine.jit.arm64.slow",
    "wasmine.jit.arm64.stubs",
    "wasmine.jit.arm64.tails",
    "wasmine.jit.arm64.target",
    "wasmine.jit.arm64.tearing",
    "wasmine.jit.arm64.throws",
    "wasmine.jit.arm64.vector_tables",
    "wasmine.jit.arm64.vectors",
    "wasmine.jit.arm64.vectors_bits",
    "wasmine.jit.arm64.vectors_floats",
    "wasmine.jit.arm64.vectors_folds",
    "wasmine.jit.arm64.vectors_integers",
    "wasmine.jit.arm64.vectors_lanes",
    "wasmine.jit.arm64.vectors_memory",
    "wasmine.jit.arm64.wide",
    "wasmine.jit.backend.bridges",
    "wasmine.jit.backend.calls",
    "wasmine.jit.backend.codebuffer",
    "wasmine.jit.backend.cold",
    "wasmine.jit.backend.emit",
    "wasmine.jit.backend.exceptions",
    "wasmine.jit.backend.layout",
    "wasmine.jit.backend.lines",
    "wasmine.jit.backend.liveness",
    "wasmine.jit.backend.lower",
    "wasmine.jit.backend.machine",
    "wasmine.jit.backend.memory",
    "wasmine.jit.backend.moves",
    "wasmine.jit.backend.objects",
    "wasmine.jit.backend.places",
    "wasmine.jit.backend.placing",
    "wasmine.jit.backend.regalloc",
    "wasmine.jit.backend.resolve",
    "wasmine.jit.backend.rotation",
    "wasmine.jit.backend.select",
    "wasmine.jit.backend.services",
    "wasmine.jit.backend.sinking",
    "wasmine.jit.backend.slots",
    "wasmine.jit.backend.slow",
    "wasmine.jit.backend.stubs",
    "wasmine.jit.backend.text",
    "wasmine.jit.backend.targets",
    "wasmine.jit.backend.waits",
    "wasmine.jit.codemap",
    "wasmine.jit.codespace",
    "wasmine.jit.compile",
    "wasmine.jit.cross",
    "wasmine.jit.faults",
    "wasmine.jit.host",
    "wasmine.jit.perf",
    "wasmine.jit.ssa.access",
    "wasmine.jit.ssa.build",
    "wasmine.jit.ssa.cfg",
    "wasmine.jit.ssa.choose",
    "wasmine.jit.ssa.dce",
    "wasmine.jit.ssa.debug",
    "wasmine.jit.ssa.dispatch",
    "wasmine.jit.ssa.division",
    "wasmine.jit.ssa.flow",
    "wasmine.jit.ssa.fold",
    "wasmine.jit.ssa.function",
    "wasmine.jit.ssa.gvn",
    "wasmine.jit.ssa.indirect",
    "wasmine.jit.ssa.induction",
    "wasmine.jit.ssa.info",
    "wasmine.jit.ssa.inline",
    "wasmine.jit.ssa.licm",
    "wasmine.jit.ssa.numbers",
    "wasmine.jit.ssa.objects",
    "wasmine.jit.ssa.optimize",
    "wasmine.jit.ssa.polls",
    "wasmine.jit.ssa.rules",
    "wasmine.jit.ssa.scan",
    "wasmine.jit.ssa.settle",
    "wasmine.jit.ssa.simplify",
    "wasmine.jit.ssa.slots",
    "wasmine.jit.ssa.splice",
    "wasmine.jit.ssa.state",
    "wasmine.jit.ssa.text",
    "wasmine.jit.ssa.turns",
    "wasmine.jit.ssa.verify",
    "wasmine.jit.stubs",
    "wasmine.jit.tiering",
    "wasmine.jit.unwind",
    "wasmine.jit.worker",
    "wasmine.jit.workspace",
    "wasmine.jit.x64.abi",
    "wasmine.jit.x64.accesses",
    "wasmine.jit.x64.allocate",
    "wasmine.jit.x64.assembler",
    "wasmine.jit.x64.atomics",
    "wasmine.jit.x64.bridges",
    "wasmine.jit.x64.callsites",
    "wasmine.jit.x64.casts",
    "wasmine.jit.x64.cold",
    "wasmine.jit.x64.conditions",
    "wasmine.jit.x64.constants",
    "wasmine.jit.x64.convention",
    "wasmine.jit.x64.emit",
    "wasmine.jit.x64.encode",
    "wasmine.jit.x64.features",
    "wasmine.jit.x64.flags",
    "wasmine.jit.x64.floats",
    "wasmine.jit.x64.integers",
    "wasmine.jit.x64.jumps",
    "wasmine.jit.x64.lower",
    "wasmine.jit.x64.memory",
    "wasmine.jit.x64.operands",
    "wasmine.jit.x64.packed",
    "wasmine.jit.x64.places",
    "wasmine.jit.x64.select",
    "wasmine.jit.x64.sequences",
    "wasmine.jit.x64.slow",
    "wasmine.jit.x64.stubs",
    "wasmine.jit.x64.tails",
    "wasmine.jit.x64.target",
    "wasmine.jit.x64.throws",
    "wasmine.jit.x64.vector_tables",
    "wasmine.jit.x64.vectors",
    "wasmine.jit.x64.vectors_bits",
    "wasmine.jit.x64.vectors_floats",
    "wasmine.jit.x64.vectors_integers",
    "wasmine.jit.x64.vectors_lanes",
    "wasmine.jit.x64.vectors_memory",
    "wasmine.jit.x64.wide",
    "wasmine.runtime.call",
    "wasmine.runtime.code",
    "wasmine.runtime.collect",
    "wasmine.runtime.constexpr",
    "wasmine.runtime.exception",
    "wasmine.runtime.extern",
    "wasmine.runtime.fixed",
    "wasmine.runtime.frames",
    "wasmine.runtime.funcref",
    "wasmine.runtime.heap",
    "wasmine.runtime.hostfunc",
    "wasmine.runtime.instance",
    "wasmine.runtime.interrupt",
    "wasmine.runtime.linking",
    "wasmine.runtime.memory",
    "wasmine.runtime.parking",
    "wasmine.runtime.reference",
    "wasmine.runtime.settled",
    "wasmine.runtime.stack",
    "wasmine.runtime.store",
    "wasmine.runtime.table",
    "wasmine.runtime.traps",
    "wasmine.runtime.values",
    "wasmine.spec.types",
    "wasmine.validate.body",
    "wasmine.validate.checker",
    "wasmine.validate.control",
    "wasmine.validate.gc",
    "wasmine.validate.storage",
    "wasmine.validate.validator",
)

BUILD_HINT = (
    "Install a wheel ('pip install wasmine'), or build in a checkout: 'python setup.py build_ext --inplace' "
    "(needs a C compiler and Cython)"
)


def symbol(name: str) -> str:
    """The part of `PyInit_api_memory` behind the prefix: in `_core`, `PyInit_memory` would not be unique."""
    return name.removeprefix("wasmine.").replace(".", "_")


class CoreLoader(ExtensionFileLoader):
    """Loads a compiled module from `_core`."""

    def create_module(self, spec: ModuleSpec) -> "ModuleType":
        """Return the module, not executed yet.

        Raises:
            ImportError: `_core` does not have it, or cannot be opened.
        """
        # Python looks for the function that is named by the last part of the module's name.
        unique = ModuleSpec(f"{spec.parent}.{symbol(spec.name)}", self, origin=spec.origin)
        try:
            module = create_dynamic(unique)
        except ImportError as error:
            raise ImportError(
                f"{error}. {spec.origin} is damaged or out of date. {BUILD_HINT}",
                name=spec.name,
                path=spec.origin,
            ) from error
        module.__name__ = spec.name
        return module


class CoreFinder:
    """Finds the compiled modules; first in `sys.meta_path`, before what would find their sources."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.names = frozenset(COMPILED)

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> ModuleSpec | None:
        """Return what `importlib` wants to know about a compiled module; None for another one."""
        if name not in self.names:
            return None
        spec = ModuleSpec(name, CoreLoader(name, self.file), origin=self.file)
        spec.has_location = True
        return spec


def install(directory: str) -> None:
    """Let the modules be imported from the extension in a directory, and from no other one.

    Raises:
        ImportError: it is not there. The sources may be, but would not run.
    """
    for suffix in extension_suffixes():
        file = f"{directory}/_core{suffix}"
        if exists(file):  # noqa: PTH110  # importing pathlib costs more than this whole module
            others = [finder for finder in sys.meta_path if type(finder).__name__ != CoreFinder.__name__]
            sys.meta_path[:] = [CoreFinder(file), *others]
            return
    raise ImportError(f"wasmine is here without its compiled modules: no _core in {directory}. {BUILD_HINT}")
