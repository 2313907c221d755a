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
    BUILD_NO_WAY_IN,
    BUILD_TOO_LARGE,
    NO_ENTRY,
    BuildOptions,
    build,
)
from cython.cimports.wasmine.jit.ssa.cfg import clean_flow
from cython.cimports.wasmine.jit.ssa.choose import choose_values
from cython.cimports.wasmine.jit.ssa.dce import remove_dead
from cython.cimports.wasmine.jit.ssa.flow import analyse, count_uses, link_preds, order_blocks
from cython.cimports.wasmine.jit.ssa.fold import fold_binary, fold_unary
from cython.cimports.wasmine.jit.ssa.function import SsaFunc, init_func
from cython.cimports.wasmine.jit.ssa.gvn import number_values
from cython.cimports.wasmine.jit.ssa.induction import compare_next, sink_next
from cython.cimports.wasmine.jit.ssa.inline import inline_calls
from cython.cimports.wasmine.jit.ssa.licm import hoist_invariants
from cython.cimports.wasmine.jit.ssa.optimize import optimize
from cython.cimports.wasmine.jit.ssa.polls import thin_polls
from cython.cimports.wasmine.jit.ssa.simplify import simplify
from cython.cimports.wasmine.jit.ssa.text import format_func, parse_func
from cython.cimports.wasmine.jit.ssa.verify import SOUND, Fault, verify
from cython.cimports.wasmine.jit.workspace import Workspace, free_workspace
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.vm import ModuleCode
from cython.cimports.wasmine.spec.traps import TRAP_NONE

from wasmine.jit.ssa.ops import NUMBER

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


class NoWayIn(Exception):
    """Entered at that loop, a loop around it would have two entries."""


@cython.final
@cython.cclass
class Ssa:
    """A function in SSA form. `str()` gives its text."""

    f: SsaFunc
    work: Workspace
    code: ModuleCodeCore
    options: BuildOptions

    def __cinit__(self) -> None:
        init_func(cython.address(self.f), cython.address(self.work))

    def __dealloc__(self) -> None:
        free_workspace(cython.address(self.work))

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
        """Runs passes; seconds of processor time that they took.

        The passes are simplify, dce, cfg, choose, gvn, licm, inline, induction, and all of them in the order
        of the compiler: optimize. Raises KeyError for another name, MemoryError.
        """
        start: object = time.thread_time()
        for name in names:
            if not self.run_one(name):
                raise MemoryError
        return time.thread_time() - start

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def run_one(self, name: str) -> cython.int:
        f: cython.pointer[SsaFunc] = cython.address(self.f)
        code: cython.pointer[ModuleCode] = cython.NULL
        if self.code is not None:
            code = cython.address(self.code.code)
        if not analyse(f) or not count_uses(f):
            return False
        if name == "simplify":
            return simplify(f)
        if name == "dce":
            return remove_dead(f)
        if name == "cfg":
            return clean_flow(f)
        if name == "choose":
            choose_values(f)
            return not f.failed
        if name == "gvn":
            return number_values(f)
        if name == "licm":
            return hoist_invariants(f)
        if name == "induction":
            compare_next(f)
            thin_polls(f)
            sink_next(f)
            return not f.failed
        if name == "inline" and self.code is not None:
            return inline_calls(f, code, cython.address(self.options))
        if name == "optimize":
            return optimize(f, code, cython.address(self.options))
        raise KeyError(name)

    @property
    def size(self) -> tuple:
        """Instructions, blocks, edges that were ever made."""
        return (self.f.n_insts, self.f.n_blocks, self.f.n_edges)


def fold(op: str, *operands: int) -> object:
    """What an op computes from the bits of its operands, as the constant folder does: None where it would
    trap. Raises KeyError.
    """
    number: uint32_t = NUMBER[op]
    bits: uint64_t = 0
    done: cython.bint
    if len(operands) == 1:
        done = fold_unary(number, operands[0], cython.address(bits))
    else:
        done = fold_binary(number, operands[0], operands[1], cython.address(bits))
    return bits if done else None


def parse(text: str) -> Ssa:
    """A function from text. Raises SyntaxError."""
    func: Ssa = Ssa()
    parse_func(cython.address(func.f), text)
    return func


def build_func(module: ModuleCodeCore, index: int, guarded: int = 0, enter_at: int = -1) -> Ssa:
    """Builds a defined function of a module.

    `guarded`: a bit for each memory that is guarded. `enter_at`: the position in register IR of a `loop`
    where code is entered, -1 for the start. Raises IndexError when there is no such function or position,
    NotImplementedError when there is no translation, TooLarge, NoWayIn.
    """
    code: cython.pointer[ModuleCode] = cython.address(module.code)
    position: int64_t = index - cython.cast(int64_t, code.n_imported_funcs)
    status: uint32_t
    func: Ssa = Ssa()
    if position < 0 or position >= code.n_funcs:
        raise IndexError(f"the module defines no function {index}")
    ir: cython.pointer[IrFunc] = code.funcs + position
    if ir.frame_slots == FRAME_NOT_LOWERED and lower(code, ir) != TRAP_NONE:
        raise NotImplementedError("the function cannot be lowered")
    if enter_at >= cython.cast(int64_t, ir.n_instrs):
        raise IndexError(f"the function has no instruction at {enter_at}")
    func.options.guarded = guarded
    func.options.enter_at = NO_ENTRY if enter_at < 0 else enter_at
    func.code = module
    with cython.nogil:
        status = build(cython.address(func.f), code, ir, cython.address(func.options))
    if status == BUILD_NO_MEMORY:
        raise MemoryError
    if status == BUILD_TOO_LARGE:
        raise TooLarge
    if status == BUILD_NO_WAY_IN:
        raise NoWayIn
    if status != BUILD_DONE:
        raise NotImplementedError("the function has an instruction without a translation")
    return func
