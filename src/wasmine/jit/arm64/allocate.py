"""Allocation on the bump pointer (runtime/heap.pxd): add to the cursor, compare with the limit, store.

What does not fit goes to stubs that keep all registers: for register allocation it is no call. Memory up to
the limit is zero, so the header and what is not zero are stored, and nothing else: before anything else is
allocated, for the collector reads headers.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.accesses import ACCESSES
from cython.cimports.wasmine.jit.arm64.assembler import (
    COND_HI,
    COND_NE,
    LR,
    X0,
    emit_add64_imm,
    emit_branch,
    emit_load64,
    emit_mov64,
    emit_pop,
    emit_push,
    emit_store64,
    land,
)
from cython.cimports.wasmine.jit.arm64.cold import call_out, new_stub
from cython.cimports.wasmine.jit.arm64.constants import emit_literal_address
from cython.cimports.wasmine.jit.arm64.convention import CONTEXT, INSTANCE, SCRATCH, SCRATCH2
from cython.cimports.wasmine.jit.arm64.encode import (
    emit_behind,
    emit_const,
    emit_dni,
    emit_dnm,
    emit_mem,
    emit_pair,
)
from cython.cimports.wasmine.jit.arm64.jumps import jump_back
from cython.cimports.wasmine.jit.arm64.operands import operand_reg
from cython.cimports.wasmine.jit.backend.accesses import access_of_width
from cython.cimports.wasmine.jit.backend.cold import ask_slowly, come_back
from cython.cimports.wasmine.jit.backend.emit import STUB_SLOW, Emit, Stub
from cython.cimports.wasmine.jit.backend.machine import FLOAT_REGS, MachInst
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.pseudo import P_NEW_ARRAY, P_NEW_OBJECT, P_REF_FUNC
from cython.cimports.wasmine.jit.backend.slow import (
    LARGEST_TRAP,
    NO_VALUE,
    SLOW_ARRAY,
    SLOW_FIXED_ARRAY,
    SLOW_REF_FUNC,
    SLOW_STRUCT,
)
from cython.cimports.wasmine.jit.codemap import NOTE_CALL, add_note
from cython.cimports.wasmine.runtime.heap import (
    ARRAY_ELEMENTS,
    ARRAY_LENGTH,
    LARGE_BYTES,
    OBJ_ARRAY,
    OBJ_STRUCT,
    Heap,
)
from cython.cimports.wasmine.runtime.vm import Instance, VMContext

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_allocation(e: Emitting, inst: Made) -> cython.bint:
    if inst.op == P_NEW_OBJECT:
        new_object(e, inst)
    elif inst.op == P_NEW_ARRAY:
        new_array(e, inst)
    elif inst.op == P_REF_FUNC:
        ref_func(e, inst)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_slow_stub(e: Emitting, stub: cython.pointer[cython.const[Stub]]) -> cython.void:
    """Both calls have a note: the second one says where a trap was."""
    fine: uint32_t
    words: cython.pointer[uint32_t] = stub.words
    if e.frame == 0:
        emit_push(e.code, LR)
    emit_literal_address(
        e,
        SCRATCH,
        words[0] | cython.cast(uint64_t, words[1]) << 32,
        words[2] | cython.cast(uint64_t, words[3]) << 32,
    )
    call_out(e, e.links.slow)
    add_note(e.notes, e.code.size, stub.pos, stub.site, NOTE_CALL)
    emit_dni(e.code, a.A_CMP_IMM64, 0, SCRATCH, LARGEST_TRAP)
    fine = emit_branch(e.code, a.A_B_IF, COND_HI)
    emit_dnm(e.code, a.A_MOV32, X0, 0, SCRATCH)
    call_out(e, e.links.trap_exit)
    add_note(e.notes, e.code.size, stub.pos, stub.site, NOTE_CALL)
    land(e.code, fine)
    if e.frame == 0:
        emit_pop(e.code, LR)
    emit_mov64(e.code, stub.reg, SCRATCH)
    jump_back(e, stub.back)


# --- objects


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_window(e: Emitting, cursor: uint32_t) -> cython.void:
    """The heap into SCRATCH, its cursor into a register, its limit into SCRATCH2."""
    ctx: cython.pointer[VMContext] = cython.NULL
    heap: cython.pointer[Heap] = cython.NULL
    emit_load64(e.code, SCRATCH, CONTEXT, offset(cython.address(ctx.heap)))
    # The limit stands behind the cursor.
    emit_pair(e.code, a.A_LDP64, cursor, SCRATCH2, SCRATCH, offset(cython.address(heap.cursor)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_cursor(e: Emitting, cursor: uint32_t) -> cython.void:
    heap: cython.pointer[Heap] = cython.NULL
    emit_store64(e.code, SCRATCH, offset(cython.address(heap.cursor)), cursor)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_header(e: Emitting, object: uint32_t, type: uint64_t, kind: uint32_t) -> cython.void:
    """A GcObject without flags."""
    emit_const(e.code, SCRATCH2, type | cython.cast(uint64_t, kind) << 32)
    emit_store64(e.code, object, 0, SCRATCH2)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_object(e: Emitting, inst: Made) -> cython.void:
    """An object of aux bytes, which are known; kind: scale, type: imm, length of an array: disp."""
    dst: uint32_t = operand_reg(e, inst, 0)
    length: uint32_t = cython.cast(uint32_t, inst.disp)
    what: uint32_t = SLOW_STRUCT if inst.scale == OBJ_STRUCT else SLOW_FIXED_ARRAY
    type: uint32_t = cython.cast(uint32_t, inst.imm)
    bytes: int32_t = cython.cast(int32_t, inst.aux)
    stub: uint32_t
    if inst.aux > LARGE_BYTES:
        # The stub stands for all of it; a large object has a flag in its header.
        come_back(e, ask_slowly(e, new_stub(e, STUB_SLOW, a.A_B, 0, 0), dst, what, type, length, 0))
        return
    find_window(e, dst)
    emit_add64_imm(e.code, dst, dst, bytes)
    emit_dnm(e.code, a.A_CMP64, 0, dst, SCRATCH2)
    stub = ask_slowly(e, new_stub(e, STUB_SLOW, a.A_B_IF, COND_HI, 0), dst, what, type, length, 0)
    set_cursor(e, dst)
    emit_add64_imm(e.code, dst, dst, -bytes)
    set_header(e, dst, type, inst.scale)
    if inst.scale == OBJ_ARRAY and length != 0:
        emit_const(e.code, SCRATCH2, length)
        emit_mem(e.code, a.A_STR32, SCRATCH2, dst, ARRAY_LENGTH)
    come_back(e, stub)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def new_array(e: Emitting, inst: Made) -> cython.void:
    """An array of type imm, elements of 2^scale bytes: object, temporary, length[, value of the elements]."""
    dst: uint32_t = operand_reg(e, inst, 0)
    temp: uint32_t = operand_reg(e, inst, 1)
    length: uint32_t = operand_reg(e, inst, 2)
    value: uint32_t = e.m.operands[inst.operands + 3].preg if inst.n_operands > 3 else NO_VALUE
    type: uint32_t = cython.cast(uint32_t, inst.imm)
    stub: uint32_t
    emit_dni(e.code, a.A_LSL_IMM64, temp, length, inst.scale)
    if inst.scale < 3:
        emit_dni(e.code, a.A_ADD_IMM64, temp, temp, ARRAY_ELEMENTS + 7)
        emit_dni(e.code, a.A_AND_IMM64, temp, temp, -8)
    else:
        emit_dni(e.code, a.A_ADD_IMM64, temp, temp, ARRAY_ELEMENTS)
    find_window(e, dst)
    emit_dnm(e.code, a.A_ADD64, temp, temp, dst)
    emit_dnm(e.code, a.A_CMP64, 0, temp, SCRATCH2)
    stub = ask_slowly(e, new_stub(e, STUB_SLOW, a.A_B_IF, COND_HI, 0), dst, SLOW_ARRAY, type, length, value)
    set_cursor(e, temp)
    set_header(e, dst, type, OBJ_ARRAY)
    emit_mem(e.code, a.A_STR32, length, dst, ARRAY_LENGTH)
    if value != NO_VALUE:
        fill(e, dst, temp, length, value, inst.scale)
    come_back(e, stub)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill(
    e: Emitting, array: uint32_t, temp: uint32_t, length: uint32_t, value: uint32_t, width: uint32_t
) -> cython.void:
    """All elements: they are few, since the array fits the window of allocation."""
    none: uint32_t = emit_branch(e.code, a.A_CBZ32, length)
    again: uint32_t
    emit_dni(e.code, a.A_ADD_IMM64, SCRATCH, array, ARRAY_ELEMENTS)
    emit_dnm(e.code, a.A_MOV32, temp, 0, length)
    again = e.code.size
    emit_behind(
        e.code, ACCESSES.store[access_of_width(width, value >= FLOAT_REGS)], value, SCRATCH, 1 << width
    )
    emit_dni(e.code, a.A_SUBS_IMM32, temp, temp, 1)
    emit_dni(e.code, a.A_B_IF, COND_NE, 0, cython.cast(int32_t, again - e.code.size))
    land(e.code, none)


# --- functions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ref_func(e: Emitting, inst: Made) -> cython.void:
    """The reference to function aux; imm functions are imported. The stub makes those not taken before."""
    instance: cython.pointer[Instance] = cython.NULL
    dst: uint32_t = operand_reg(e, inst, 0)
    imported: uint32_t = cython.cast(uint32_t, inst.imm)
    first: uint32_t
    second: uint32_t
    if inst.aux < imported:
        emit_load64(e.code, dst, INSTANCE, offset(cython.address(instance.imports)))
        emit_load64(e.code, dst, dst, 8 * inst.aux)
        return
    emit_load64(e.code, dst, INSTANCE, offset(cython.address(instance.funcrefs)))
    first = ask_slowly(e, new_stub(e, STUB_SLOW, a.A_CBZ64, dst, 0), dst, SLOW_REF_FUNC, inst.aux, 0, 0)
    emit_load64(e.code, dst, dst, 8 * (inst.aux - imported))
    second = ask_slowly(e, new_stub(e, STUB_SLOW, a.A_CBZ64, dst, 0), dst, SLOW_REF_FUNC, inst.aux, 0, 0)
    come_back(e, first)
    come_back(e, second)
