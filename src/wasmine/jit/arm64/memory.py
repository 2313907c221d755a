"""Instruction selection for memory, globals, and what else the instance holds.

A memory access is [x26 + address], or [x26 + (address + offset)]: addresses are 32 bits wide, zeros above, so
that the sum cannot wrap around. Other memories come with their base as the last operand.
"""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import COND_HI, COND_HS, COND_LO, ZERO
from cython.cimports.wasmine.jit.arm64.convention import FLOAT_SCRATCH, INSTANCE, MEMORY
from cython.cimports.wasmine.jit.arm64.encode import EXTEND_LSL, fits_imm, fits_offset
from cython.cimports.wasmine.jit.arm64.lower import own
from cython.cimports.wasmine.jit.arm64.packed import pack_to
from cython.cimports.wasmine.jit.arm64.sharing import shared_place
from cython.cimports.wasmine.jit.backend.accesses import ACCESS_64
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    Target,
    def_reg,
    emit,
    emit_load,
    emit_load_const,
    emit_load_pinned,
    emit_trap_if,
    fresh,
    is_const,
    use_pinned,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.memory import MEMORY_OF, add_target
from cython.cimports.wasmine.jit.ssa.function import (
    F_CHECKED,
    F_FITS,
    TYPE_I64,
    Inst,
    args_of,
)
from cython.cimports.wasmine.runtime.layout import global_pointer_at, is_own_global, own_global_at
from cython.cimports.wasmine.spec.traps import TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


# --- addresses


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_target(s: Lowering, id: uint32_t, op: uint32_t, target: cython.pointer[Target]) -> cython.void:
    inst: cython.pointer[Inst] = s.f.insts + id
    at: uint32_t = args_of(s.f, inst)[0]
    far: uint64_t = inst.imm
    base_of(s, inst, target)
    place: uint32_t
    if not is_const(s, at):
        place = shared_place(s, id)
        if place != 0:
            target.base = place
            target.disp = cython.cast(int32_t, far)
        else:
            target.index = sum_of(s, value_of(s, at), far)
        return
    far += s.f.insts[at].imm  # what wraps around has failed a check
    if is_near(op, far):
        target.disp = cython.cast(int32_t, far)
    else:
        target.index = fresh(s, VT_I64)
        emit_load_const(s, target.index, VT_I64, far)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_near(op: uint32_t, distance: uint64_t) -> cython.bint:
    return distance < 0x10000 and fits_offset(op, cython.cast(int64_t, distance))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_place(s: Lowering, id: uint32_t, target: cython.pointer[Target]) -> uint32_t:
    inst: cython.pointer[Inst] = s.f.insts + id
    place: uint32_t = fresh(s, VT_I64)
    index: uint32_t
    made: Made
    base_of(s, inst, target)
    index = sum_of(s, value_of(s, args_of(s.f, inst)[0]), inst.imm)
    made = emit(s, a.A_ADD64)
    def_reg(s, made, place, ROLE_REG)
    if target.base != 0:
        use_reg(s, made, target.base, ROLE_SECOND)
    else:
        use_pinned(s, made, MEMORY, ROLE_SECOND)
    use_reg(s, made, index, ROLE_RM)
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def base_of(s: Lowering, inst: cython.pointer[Inst], target: cython.pointer[Target]) -> cython.void:
    target.base = 0
    target.index = 0
    target.scale = EXTEND_LSL
    target.disp = 0
    target.faults = inst.flags & F_CHECKED == 0
    if inst.aux & MEMORY_OF != 0:
        target.base = value_of(s, args_of(s.f, inst)[inst.n_args - 1])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sum_of(s: Lowering, left: uint32_t, right: uint64_t) -> uint32_t:
    """Either of 64 bits."""
    sum: uint32_t
    if right == 0:
        return left
    sum = fresh(s, VT_I64)
    add_to(s, sum, left, right, False)
    return sum


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_to(s: Lowering, sum: uint32_t, left: uint32_t, right: uint64_t, flags: cython.bint) -> cython.void:
    big: uint32_t
    made: Made
    if fits_imm(right):
        made = emit(s, a.A_ADDS_IMM64 if flags else a.A_ADD_IMM64)
        made.imm = right
        def_reg(s, made, sum, ROLE_REG)
        use_reg(s, made, left, ROLE_SECOND)
    else:
        big = fresh(s, VT_I64)
        emit_load_const(s, big, VT_I64, right)
        pack_to(s, sum, a.A_ADDS64 if flags else a.A_ADD64, left, big, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """Zero is a register; of a float, too."""
    target = cython.declare(Target)
    value: uint32_t = args_of(s.f, s.f.insts + id)[1]
    zero: cython.bint = is_const(s, value) and s.f.insts[value].imm == 0
    made: Made
    if zero and op == a.A_STR_S:
        op = a.A_STR32
    elif zero and op == a.A_STR_D:
        op = a.A_STR64
    find_target(s, id, op, cython.address(target))
    if not zero:
        value = value_of(s, value)
    guard_store(s, id, op, cython.address(target))
    made = emit(s, op)
    if zero:
        use_pinned(s, made, ZERO, ROLE_REG)
    else:
        use_reg(s, made, value, ROLE_REG)
    add_target(s, made, cython.address(target))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def guard_store(s: Lowering, id: uint32_t, op: uint32_t, target: cython.pointer[Target]) -> cython.void:
    """Nobody wants what it loads."""
    made: Made
    if not own(s).torn[id]:
        return
    if op == a.A_STR_Q:
        made = emit(s, a.A_LDR_Q)
        use_pinned(s, made, FLOAT_SCRATCH, ROLE_REG)
    else:
        made = emit(s, load_as_wide(op))
        use_pinned(s, made, ZERO, ROLE_REG)
    add_target(s, made, target)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_as_wide(op: uint32_t) -> uint32_t:
    """The load into an integer register that reaches as far as a store, and has the same offsets."""
    if op == a.A_STRH or op == a.A_STR_H:
        return a.A_LDRH
    elif op == a.A_STR32 or op == a.A_STR_S:
        return a.A_LDR32
    return a.A_LDR64


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_bounds(s: Lowering, id: uint32_t) -> cython.void:
    """Traps unless address + imm <= bytes. Only a 64-bit address can make the sum wrap around; it is compared
    with bytes - imm, where that cannot.
    """
    at: uint32_t = s.f.insts[id].args[0]
    end: uint64_t = s.f.insts[id].imm
    wide: cython.bint = s.f.insts[at].type == TYPE_I64
    bytes: uint32_t = value_of(s, s.f.insts[id].args[1])
    sum: uint32_t = fresh(s, VT_I64)
    made: Made
    at = value_of(s, at)
    if wide and s.f.insts[id].flags & F_FITS and fits_imm(end):
        made = emit(s, a.A_SUB_IMM64)
        made.imm = end
        def_reg(s, made, sum, ROLE_REG)
        use_reg(s, made, bytes, ROLE_SECOND)
        made = emit(s, a.A_CMP64)
        use_reg(s, made, sum, ROLE_SECOND)
        use_reg(s, made, at, ROLE_RM)
        emit_trap_if(s, COND_LO, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)
        return
    add_to(s, sum, at, end, wide)
    if wide:
        emit_trap_if(s, COND_HS, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)
    made = emit(s, a.A_CMP64)
    use_reg(s, made, sum, ROLE_SECOND)
    use_reg(s, made, bytes, ROLE_RM)
    emit_trap_if(s, COND_HI, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)


# --- globals


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_global(s: Lowering, index: uint32_t, op: uint32_t) -> uint32_t:
    at: uint32_t
    place: int32_t
    if not is_own_global(s.code.desc, index):
        place = cython.cast(int32_t, global_pointer_at(s.code.desc, index))
        at = fresh(s, VT_I64)
        if fits_offset(a.A_LDR64, place):
            emit_load_pinned(s, ACCESS_64, at, INSTANCE, place)
        else:
            emit_load(s, ACCESS_64, at, part_of_instance(s, place), 0)
        return at
    place = cython.cast(int32_t, own_global_at(s.code.desc, index))
    return 0 if fits_offset(op, place) else part_of_instance(s, place)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def part_of_instance(s: Lowering, place: int32_t) -> uint32_t:
    """The address of what is far from its start."""
    at: uint32_t = fresh(s, VT_I64)
    distance: uint32_t = fresh(s, VT_I64)
    made: Made
    emit_load_const(s, distance, VT_I64, place)
    made = emit(s, a.A_ADD64)
    def_reg(s, made, at, ROLE_REG)
    use_pinned(s, made, INSTANCE, ROLE_SECOND)
    use_reg(s, made, distance, ROLE_RM)
    return at
