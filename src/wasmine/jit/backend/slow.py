"""What native code leaves to C without giving up its registers: see slow.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.interp.gc import new_array
from cython.cimports.wasmine.jit.backend.machine import FLOAT_REGS
from cython.cimports.wasmine.jit.backend.slow import (
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
def do_slowly(
    ctx: cython.pointer[VMContext], inst: cython.pointer[Instance], words: Words, ints: Slots, floats: Slots
) -> uint64_t:
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
        length = cython.cast(uint32_t, ints[words[2]])
    if not default:
        if words[3] >= FLOAT_REGS:
            memcpy(slots, floats + 2 * (words[3] - FLOAT_REGS), 16)
        else:
            slots[0] = ints[words[3]]
    status = new_array(ctx, type, slots, length, default)
    return slots[0] if status == TRAP_NONE else status
