"""What native code of any machine asks C for; see services.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.interp.loop import HAND_BACK
from cython.cimports.wasmine.ir.func import Instr, IrFunc
from cython.cimports.wasmine.runtime.frames import pass_interpreted
from cython.cimports.wasmine.runtime.vm import FUNC_HOST, FuncInst, Instance, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_CALL_STACK_EXHAUSTED, TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ask_poll(ctx: cython.pointer[VMContext]) -> uint32_t:
    return ctx.poll(ctx)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ask_limit(ctx: cython.pointer[VMContext]) -> uint32_t:
    """If the limit still stands in the way, the stack is exhausted."""
    status: uint32_t
    if ctx.interrupt != 0:
        status = ctx.poll(ctx)
        # A poll that must wait leaves the flag for loops to see.
        ctx.native_limit = ctx.native_floor
        return status
    if ctx.native_limit != ctx.native_floor:
        ctx.native_limit = ctx.native_floor
        return TRAP_NONE
    return TRAP_CALL_STACK_EXHAUSTED


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_func(
    ctx: cython.pointer[VMContext],
    inst: cython.pointer[Instance],
    func: cython.pointer[FuncInst],
    slots: cython.pointer[uint64_t],
) -> uint32_t:
    around: cython.pointer[Instance] = ctx.inst
    status: uint32_t
    if func.kind != FUNC_HOST:
        return call_interp(ctx, func.inst, func.ir, slots)
    # Host functions ask who calls them.
    ctx.inst = inst
    status = ctx.call_host(ctx, func, slots)
    ctx.inst = around
    return status


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_interp(
    ctx: cython.pointer[VMContext],
    inst: cython.pointer[Instance],
    func: cython.pointer[IrFunc],
    slots: cython.pointer[uint64_t],
) -> uint32_t:
    """Runs a function by the interpreter; whoever walks the frames afterwards starts where he did before.

    The frames of the interpreter that a trap leaves are passed here: from our caller no way leads to them.
    """
    pc: cython.p_void = ctx.pc
    fp: cython.pointer[uint64_t] = ctx.fp
    above: cython.pointer[IrFunc] = ctx.func
    around: cython.pointer[Instance] = ctx.inst
    frame: cython.pointer[uint64_t] = ctx.tail_frame
    status: uint32_t
    ctx.tail_frame = slots
    status = ctx.run(ctx, inst, func, slots)
    ctx.tail_frame = frame
    if status != TRAP_NONE and status != HAND_BACK:
        pass_interpreted(ctx)
    ctx.pc = cython.cast(cython.pointer[Instr], pc)
    ctx.fp = fp
    ctx.func = above
    ctx.inst = around
    return status
