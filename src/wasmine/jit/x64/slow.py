"""What native code leaves to C without giving up its registers: see slow.pxd.

The registers are saved on the stack, where the collector finds the references among them.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.interp.gc import new_array
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_align
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.abi import (
    emit_far,
    emit_mem,
    restore_registers,
    save_registers,
    saved_at,
)
from cython.cimports.wasmine.jit.x64.assembler import (
    INT3,
    R8,
    R11,
    RAX,
    RBP,
    RCX,
    RDI,
    RDX,
    RSI,
    RSP,
    emit_ret,
)
from cython.cimports.wasmine.jit.x64.convention import INSTANCE
from cython.cimports.wasmine.jit.x64.encode import emit_rr
from cython.cimports.wasmine.jit.x64.slow import (
    FLOAT_VALUE,
    NO_VALUE,
    SLOW_FIXED_ARRAY,
    SLOW_REF_FUNC,
    SLOW_STRUCT,
)
from cython.cimports.wasmine.runtime.funcref import func_ref
from cython.cimports.wasmine.runtime.heap import GcObject, heap_new_struct
from cython.cimports.wasmine.runtime.vm import FuncInst, Instance, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_GC_HEAP_EXHAUSTED, TRAP_LOWERING_FAILED, TRAP_NONE
from cython.cimports.wasmine.spec.types import TypeDef

Slots = cython.typedef(cython.pointer[uint64_t])
Words = cython.typedef(cython.pointer[cython.const[uint32_t]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_slow(code: cython.pointer[CodeBuffer]) -> uint32_t:
    inst: cython.pointer[Instance] = cython.NULL
    start: uint32_t
    emit_align(code, 16, INT3)
    start = code.size
    save_registers(code)
    emit_mem(code, x.X_MOV64, RDI, INSTANCE, cython.cast(cython.size_t, cython.address(inst.ctx)))
    emit_rr(code, x.X_MOV64, RSI, INSTANCE, 0)
    emit_rr(code, x.X_MOV64, RDX, R11, 0)
    emit_rr(code, x.X_MOV64, RCX, RBP, 0)
    emit_rr(code, x.X_MOV64, R8, RSP, 0)
    emit_far(code, x.X_CALL, cython.cast(cython.p_void, do_slowly))
    emit_mem(code, x.X_STORE64, RAX, RBP, saved_at(R11))
    restore_registers(code)
    emit_ret(code)
    return start


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def do_slowly(
    ctx: cython.pointer[VMContext], inst: cython.pointer[Instance], words: Words, ints: Slots, floats: Slots
) -> uint64_t:
    """A reference, or TRAP_*."""
    object: cython.pointer[GcObject]
    func: cython.pointer[FuncInst]
    if words[0] == SLOW_REF_FUNC:
        func = func_ref(inst, words[1])
        return cython.cast(uint64_t, func) if func != cython.NULL else TRAP_LOWERING_FAILED
    if words[0] == SLOW_STRUCT:
        object = heap_new_struct(ctx, ctx.defs[words[1]])
        return cython.cast(uint64_t, object) if object != cython.NULL else TRAP_GC_HEAP_EXHAUSTED
    return array(ctx, ctx.defs[words[1]], words, ints, floats)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def array(
    ctx: cython.pointer[VMContext], type: cython.pointer[TypeDef], words: Words, ints: Slots, floats: Slots
) -> uint64_t:
    """The new array is in a slot of this frame while it is filled: that takes time, and may collect."""
    slots = cython.declare(uint64_t[2])
    length: uint32_t = words[2]
    default: cython.bint = words[0] == SLOW_FIXED_ARRAY or words[3] == NO_VALUE
    status: uint32_t
    memset(slots, 0, cython.sizeof(slots))
    if words[0] != SLOW_FIXED_ARRAY:
        length = cython.cast(uint32_t, saved(ints, words[2])[0])
    if not default:
        if words[3] & FLOAT_VALUE:
            memcpy(slots, floats + 2 * (words[3] & 15), 16)
        else:
            slots[0] = saved(ints, words[3])[0]
    status = new_array(ctx, type, slots, length, default)
    return slots[0] if status == TRAP_NONE else status


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def saved(ints: Slots, reg: uint32_t) -> Slots:
    return ints + (saved_at(reg) >> 3)
