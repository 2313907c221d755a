"""Instruction selection for atomic accesses, all sequentially consistent.

Loads acquire and stores release. Changes are one instruction each where the processor has them (LSE), else
loops (exclusives.py). An access checks that it is aligned, then that it is in bounds; the address is computed
as a whole for that.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import COND_HI, COND_LO, COND_NE
from cython.cimports.wasmine.jit.arm64.atomics import of_size
from cython.cimports.wasmine.jit.arm64.convention import INSTANCE, MEMORY
from cython.cimports.wasmine.jit.arm64.encode import fits_imm
from cython.cimports.wasmine.jit.arm64.features import CPU_LSE
from cython.cimports.wasmine.jit.arm64.packed import arg, pack_to
from cython.cimports.wasmine.jit.backend.accesses import ACCESS_64
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    early_reg,
    emit,
    emit_load,
    emit_load_const,
    emit_load_pinned,
    emit_move,
    emit_trap_if,
    fresh,
    mod_reg,
    result_of,
    use_pinned,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_MASK,
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.pseudo import P_FENCE
from cython.cimports.wasmine.jit.backend.waits import lower_wait
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_I64
from cython.cimports.wasmine.runtime.vm import Instance, Memory
from cython.cimports.wasmine.spec.traps import TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS, TRAP_UNALIGNED_ATOMIC

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])

# The instructions come in groups of seven: i32, i64, i32 of 8 and 16 bits, i64 of 8, 16, 32 bits.
SIZES = cython.declare(uint32_t[7], [2, 3, 0, 1, 0, 1, 2])
GROUP = cython.declare(cython.const[uint32_t], 7)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_atomic(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    group: uint32_t
    size: uint32_t
    place: uint32_t
    if op == o.ATOMIC_FENCE:
        emit(s, P_FENCE)
        return True
    if op == o.MEMORY_ATOMIC_NOTIFY or op == o.MEMORY_ATOMIC_WAIT32 or op == o.MEMORY_ATOMIC_WAIT64:
        lower_wait(s, id)
        return True
    if not o.I32_ATOMIC_LOAD <= op <= o.I64_ATOMIC_RMW32_CMPXCHG_U:
        return False
    group = (op - o.I32_ATOMIC_LOAD) // GROUP
    size = SIZES[(op - o.I32_ATOMIC_LOAD) % GROUP]
    place = find_place(s, id, size)
    if group == 0:
        load(s, id, size, place)
    elif group == 1:
        store(s, id, size, place)
    elif group == 2:
        change(s, id, size, place, a.A_LDADDAL32, a.A_ADD64)
    elif group == 3:
        subtract(s, id, size, place)
    elif group == 4:
        combine_and(s, id, size, place)
    elif group == 5:
        change(s, id, size, place, a.A_LDSETAL32, a.A_ORR64)
    elif group == 6:
        change(s, id, size, place, a.A_LDEORAL32, a.A_EOR64)
    elif group == 7:
        change(s, id, size, place, a.A_SWPAL32, 0)
    else:
        compare_exchange(s, id, size, place)
    return True


# --- addresses


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_place(s: Lowering, id: uint32_t, size: uint32_t) -> uint32_t:
    """A virtual register with the machine's address, checked."""
    instance: cython.pointer[Instance] = cython.NULL
    memory: cython.pointer[Memory] = cython.NULL
    number: uint32_t = s.f.insts[id].aux
    wide: cython.bint = s.f.insts[arg(s, id, 0)].type == TYPE_I64
    index: uint32_t = find_index(s, id, size)
    at: uint32_t = fresh(s, VT_I64)
    limit: uint32_t = fresh(s, VT_I64)
    place: uint32_t = fresh(s, VT_I64)
    base: uint32_t = 0
    end: uint32_t
    list: uint32_t
    made: Made
    if number == 0:
        emit_load_pinned(s, ACCESS_64, at, INSTANCE, offset(cython.address(instance.mem0)))
    else:
        list = fresh(s, VT_I64)
        base = fresh(s, VT_I64)
        emit_load_pinned(s, ACCESS_64, list, INSTANCE, offset(cython.address(instance.memories)))
        emit_load(s, ACCESS_64, at, list, 8 * number)
        emit_load(s, ACCESS_64, base, at, offset(cython.address(memory.base)))
    emit_load(s, ACCESS_64, limit, at, offset(cython.address(memory.size)))
    # The end may wrap around, and what is below the address has done so.
    end = sum_of(s, index, cython.cast(uint64_t, 1) << size)
    if wide:
        compare(s, end, index)
        emit_trap_if(s, COND_LO, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)
    compare(s, end, limit)
    emit_trap_if(s, COND_HI, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)
    made = emit(s, a.A_ADD64)
    def_reg(s, made, place, ROLE_REG)
    if base != 0:
        use_reg(s, made, base, ROLE_SECOND)
    else:
        use_pinned(s, made, MEMORY, ROLE_SECOND)
    use_reg(s, made, index, ROLE_RM)
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_index(s: Lowering, id: uint32_t, size: uint32_t) -> uint32_t:
    """Address and offset in one, aligned. Only a 64-bit address can make the sum wrap around."""
    address: uint32_t = value_of(s, arg(s, id, 0))
    wide: cython.bint = s.f.insts[arg(s, id, 0)].type == TYPE_I64
    index: uint32_t = address
    made: Made
    if s.f.insts[id].imm != 0:
        index = sum_of(s, address, s.f.insts[id].imm)
    if size != 0:
        made = emit(s, a.A_TST_IMM64)
        made.imm = (1 << size) - 1
        use_reg(s, made, index, ROLE_SECOND)
        emit_trap_if(s, COND_NE, TRAP_UNALIGNED_ATOMIC)
    if s.f.insts[id].imm != 0 and wide:
        compare(s, index, address)
        emit_trap_if(s, COND_LO, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)
    return index


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sum_of(s: Lowering, left: uint32_t, right: uint64_t) -> uint32_t:
    sum: uint32_t = fresh(s, VT_I64)
    big: uint32_t
    made: Made
    if fits_imm(right):
        made = emit(s, a.A_ADD_IMM64)
        made.imm = right
        def_reg(s, made, sum, ROLE_REG)
        use_reg(s, made, left, ROLE_SECOND)
    else:
        big = fresh(s, VT_I64)
        emit_load_const(s, big, VT_I64, right)
        pack_to(s, sum, a.A_ADD64, left, big, 0)
    return sum


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare(s: Lowering, left: uint32_t, right: uint32_t) -> cython.void:
    made: Made = emit(s, a.A_CMP64)
    use_reg(s, made, left, ROLE_SECOND)
    use_reg(s, made, right, ROLE_RM)


# --- accesses


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load(s: Lowering, id: uint32_t, size: uint32_t, place: uint32_t) -> cython.void:
    """Also when nobody needs the value: it might be out of bounds."""
    made: Made = emit(s, of_size(a.A_LDAR32, size))
    def_reg(s, made, result_of(s, id), ROLE_REG)
    use_reg(s, made, place, ROLE_SECOND)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store(s: Lowering, id: uint32_t, size: uint32_t, place: uint32_t) -> cython.void:
    value: uint32_t = value_of(s, arg(s, id, 1))
    made: Made = emit(s, of_size(a.A_STLR32, size))
    use_reg(s, made, value, ROLE_REG)
    use_reg(s, made, place, ROLE_SECOND)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def change(
    s: Lowering, id: uint32_t, size: uint32_t, place: uint32_t, op: uint32_t, loop_op: uint32_t
) -> cython.void:
    change_by(s, id, size, place, op, loop_op, value_of(s, arg(s, id, 1)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def change_by(
    s: Lowering,
    id: uint32_t,
    size: uint32_t,
    place: uint32_t,
    op: uint32_t,
    loop_op: uint32_t,
    value: uint32_t,
) -> cython.void:
    """The instruction, or a loop around the op of registers; 0: the value as it is."""
    dst: uint32_t = result_of(s, id)
    made: Made
    if s.features & CPU_LSE:
        made = emit(s, of_size(op, size))
        def_reg(s, made, dst, ROLE_REG)
    else:
        made = emit(s, a.P_ATOMIC_LOOP)
        made.imm = loop_op
        made.aux = size
        early_reg(s, made, dst, ROLE_REG)
    use_reg(s, made, place, ROLE_SECOND)
    use_reg(s, made, value, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def changed(s: Lowering, op: uint32_t, value: uint32_t) -> uint32_t:
    dst: uint32_t = fresh(s, VT_I64)
    made: Made = emit(s, op)
    def_reg(s, made, dst, ROLE_REG)
    use_reg(s, made, value, ROLE_RM)
    return dst


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def subtract(s: Lowering, id: uint32_t, size: uint32_t, place: uint32_t) -> cython.void:
    """The machine has no atomic subtraction: the negative value is added."""
    value: uint32_t = value_of(s, arg(s, id, 1))
    change_by(s, id, size, place, a.A_LDADDAL32, a.A_ADD64, changed(s, a.A_NEG64, value))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def combine_and(s: Lowering, id: uint32_t, size: uint32_t, place: uint32_t) -> cython.void:
    """The machine has an atomic and with the complement."""
    value: uint32_t = value_of(s, arg(s, id, 1))
    change_by(s, id, size, place, a.A_LDCLRAL32, a.A_BIC64, changed(s, a.A_MVN64, value))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_exchange(s: Lowering, id: uint32_t, size: uint32_t, place: uint32_t) -> cython.void:
    """Of what is expected, too, only the bits count that are accessed."""
    dst: uint32_t = result_of(s, id)
    expected: uint32_t = value_of(s, arg(s, id, 1))
    new: uint32_t = value_of(s, arg(s, id, 2))
    made: Made
    if s.features & CPU_LSE:
        emit_move(s, dst, expected)
        made = emit(s, of_size(a.A_CASAL32, size))
        mod_reg(s, made, dst, ROLE_RM)
        use_reg(s, made, new, ROLE_REG)
    else:
        made = emit(s, a.P_ATOMIC_COMPARE)
        made.aux = size
        early_reg(s, made, dst, ROLE_REG)
        use_reg(s, made, new, ROLE_RM)
        use_reg(s, made, expected, ROLE_MASK)
    use_reg(s, made, place, ROLE_SECOND)
