"""SSA from Python: for tests, and for people who want to see what a pass does.

    func = build_func(code, 3)           # function 3 of a module's code, a runtime.code.ModuleCodeCore
    func.run("simplify")
    print(func)
"""

import time

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir.func import FRAME_NOT_LOWERED, IrFunc
from cython.cimports.wasmine.ir.lower import lower
from cython.cimports.wasmine.jit.ssa.build import (
    BUILD_DONE,
    BUILD_NO_MEMORY,
    BUILD_TOO_LARGE,
    NO_ENTRY,
    BuildOptions,
    build,
)
from cython.cimports.wasmine.jit.ssa.function import SsaFunc, free_func, init_func, link_preds, order_blocks
from cython.cimports.wasmine.jit.ssa.simplify import simplify
from cython.cimports.wasmine.jit.ssa.text import format_func, parse_func
from cython.cimports.wasmine.jit.ssa.verify import SOUND, Fault, verify
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec.traps import TRAP_NONE

FAULTS: list = [
    "sound",
    "the entry block has predecessors or parameters",
    "an instruction is linked wrongly",
    "a block does not end with its last instruction",
    "wrong number of edges",
    "an edge leads nowhere",
    "wrong number of arguments",
    "an argument has the wrong type",
    "edges and handlers do not meet",
    "wrong number of operands",
    "an operand has the wrong type",
    "a result has the wrong type",
    "an operand stands nowhere",
    "a definition does not dominate its use",
    "a projection stands elsewhere than behind its call",
    "parameters are numbered wrongly",
    "uses are counted wrongly",
    "the flow is irreducible",
    "a table names an edge that there is not",
    "out of memory",
]


class TooLarge(Exception):
    """The function passes a limit of the compiler; it stays in the interpreter."""


@cython.final
@cython.cclass
class Ssa:
    """A function in SSA form. `str()` gives its text."""

    f: SsaFunc
    code: ModuleCodeCore

    def __cinit__(self) -> None:
        init_func(cython.address(self.f))

    def __dealloc__(self) -> None:
        free_func(cython.address(self.f))

    def __str__(self) -> str:
        if not order_blocks(cython.address(self.f)) or not link_preds(cython.address(self.f)):
            raise MemoryError
        return format_func(cython.address(self.f))

    def fault(self) -> object:
        """What the verifier says: None, or a sentence."""
        fault: Fault = verify(cython.address(self.f))
        if fault.code == SOUND:
            return None
        return f"{FAULTS[fault.code]} (block {fault.block}, instruction {fault.inst})"

    def run(self, *names: str) -> float:
        """Runs passes; seconds that they took. Raises KeyError for a name that is none, MemoryError."""
        start: object = time.perf_counter()
        for name in names:
            if not run_pass(cython.address(self.f), name):
                raise MemoryError
        return time.perf_counter() - start

    @property
    def size(self) -> tuple:
        """Instructions, blocks, edges that were ever made."""
        return (self.f.n_insts, self.f.n_blocks, self.f.n_edges)


@cython.cfunc
@cython.exceptval(-1, check=False)
def run_pass(f: cython.pointer[SsaFunc], name: str) -> cython.int:
    """One pass by its name."""
    if name == "simplify":
        return simplify(f)
    raise KeyError(name)


def parse(text: str) -> Ssa:
    """A function from text. Raises SyntaxError."""
    func: Ssa = Ssa()
    parse_func(cython.address(func.f), text)
    return func


def build_func(module: ModuleCodeCore, index: int, guarded: int = 0, enter_at: int = -1) -> Ssa:
    """Builds a defined function of a module.

    `guarded`: a bit for each memory that is guarded. `enter_at`: the position in register IR of a `loop` where code is entered, -1 for
    the start. Raises IndexError when the module defines no such function, NotImplementedError when there is no translation, TooLarge.
    """
    code: cython.pointer[ModuleCode] = cython.address(module.code)
    position: int64_t = index - cython.cast(int64_t, code.n_imported_funcs)
    options: BuildOptions
    status: uint32_t
    func: Ssa = Ssa()
    if position < 0 or position >= code.n_funcs:
        raise IndexError(f"the module defines no function {index}")
    ir: cython.pointer[IrFunc] = code.funcs + position
    if ir.frame_slots == FRAME_NOT_LOWERED and lower(code, ir) != TRAP_NONE:
        raise NotImplementedError("the function cannot be lowered")
    options.guarded = guarded
    options.enter_at = NO_ENTRY if enter_at < 0 else enter_at
    func.code = module
    with cython.nogil:
        status = build(cython.address(func.f), code, ir, cython.address(options))
    if status == BUILD_NO_MEMORY:
        raise MemoryError
    if status == BUILD_TOO_LARGE:
        raise TooLarge
    if status != BUILD_DONE:
        raise NotImplementedError("the function has an instruction without a translation")
    return func
