"""The frames that a trap passes; see frames.pxd."""

import cython
from cython.cimports.libc.stdint import uint64_t
from cython.cimports.wasmine.ir.func import Instr, IrFunc
from cython.cimports.wasmine.runtime.vm import (
    MAX_INLINED,
    MAX_PASSED,
    FramePlace,
    ModuleCode,
    PassedFrame,
    VMContext,
)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pass_interpreted(ctx: cython.pointer[VMContext]) -> cython.void:
    """See frames.pxd."""
    pc: cython.pointer[Instr] = ctx.pc
    fp: cython.pointer[uint64_t] = ctx.fp
    func: cython.pointer[IrFunc] = ctx.func
    header: cython.pointer[uint64_t]
    while func != cython.NULL:
        if ctx.n_passed < MAX_PASSED:
            note(ctx, func, cython.NULL, pc - func.code)
        else:
            ctx.n_omitted += 1
        header = fp + func.header
        # A return address is one past the call.
        pc = cython.cast(cython.pointer[Instr], header[0]) - 1
        fp = cython.cast(cython.pointer[uint64_t], header[1])
        func = cython.cast(cython.pointer[IrFunc], header[2])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pass_native(
    ctx: cython.pointer[VMContext],
    func: cython.pointer[IrFunc],
    map: cython.pointer[cython.const[cython.void]],
    at: uint64_t,
) -> cython.void:
    """See frames.pxd."""
    code: cython.pointer[ModuleCode] = cython.cast(cython.pointer[ModuleCode], func.code_module)
    places = cython.declare(FramePlace[MAX_INLINED])
    if ctx.n_passed < MAX_PASSED:
        note(ctx, func, map, at)
    else:
        ctx.n_omitted += code.native.expand(map, at, places)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def note(
    ctx: cython.pointer[VMContext],
    func: cython.pointer[IrFunc],
    map: cython.pointer[cython.const[cython.void]],
    at: uint64_t,
) -> cython.void:
    frame: cython.pointer[PassedFrame] = ctx.passed + ctx.n_passed
    frame.func = func
    frame.map = map
    frame.at = at
    ctx.n_passed += 1
