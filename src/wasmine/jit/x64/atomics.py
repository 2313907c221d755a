"""Instruction selection for atomic accesses, all sequentially consistent.

On x86-64, loads are so by themselves, stores by xchg. An access checks that it is aligned, then that it is in
bounds; the address is computed as a whole for that.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.accesses import ACCESS_8, ACCESS_64
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    Target,
    def_fixed,
    def_reg,
    emit,
    emit_load,
    emit_load_const,
    emit_load_pinned,
    emit_move,
    emit_trap_if,
    fresh,
    mod_reg,
    result_of,
    temp_fixed,
    temp_reg,
    use_any,
    use_fixed,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_BASE,
    ROLE_REG,
    ROLE_RM,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.backend.memory import add_target
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.waits import lower_wait
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_I64
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.accesses import ACCESSES
from cython.cimports.wasmine.jit.x64.assembler import RAX
from cython.cimports.wasmine.jit.x64.atomics import TO_16, TO_64, TO_BYTE
from cython.cimports.wasmine.jit.x64.convention import INSTANCE
from cython.cimports.wasmine.jit.x64.lower import CC_A, CC_B, CC_NE
from cython.cimports.wasmine.runtime.vm import Instance, Memory
from cython.cimports.wasmine.spec.traps import TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS, TRAP_UNALIGNED_ATOMIC

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])

MAX_DISP = cython.declare(cython.const[uint64_t], 0x7FFFFFFF)
# The instructions come in groups of seven: i32, i64, i32 of 8 and 16 bits, i64 of 8, 16, 32 bits.
SIZES = cython.declare(uint32_t[7], [2, 3, 0, 1, 0, 1, 2])
GROUP = cython.declare(cython.const[uint32_t], 7)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def operand(s: Lowering, id: uint32_t, k: uint32_t) -> uint32_t:
    return s.f.insts[id].args[k]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_atomic(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    place = cython.declare(Target)
    group: uint32_t
    size: uint32_t
    if op == o.ATOMIC_FENCE:
        emit(s, p.P_FENCE)
        return True
    if op == o.MEMORY_ATOMIC_NOTIFY or op == o.MEMORY_ATOMIC_WAIT32 or op == o.MEMORY_ATOMIC_WAIT64:
        lower_wait(s, id)
        return True
    if not o.I32_ATOMIC_LOAD <= op <= o.I64_ATOMIC_RMW32_CMPXCHG_U:
        return False
    group = (op - o.I32_ATOMIC_LOAD) // GROUP
    size = SIZES[(op - o.I32_ATOMIC_LOAD) % GROUP]
    find_place(s, id, size, cython.address(place))
    if group == 0:
        load(s, id, size, cython.address(place))
    elif group == 1:
        store(s, id, size, cython.address(place))
    elif group == 2 or group == 3:
        add(s, id, size, cython.address(place), group == 3)
    elif group == 4:
        combine(s, id, size, cython.address(place), x.X_AND64, x.X_LOCKAND32)
    elif group == 5:
        combine(s, id, size, cython.address(place), x.X_OR64, x.X_LOCKOR32)
    elif group == 6:
        combine(s, id, size, cython.address(place), x.X_XOR64, x.X_LOCKXOR32)
    elif group == 7:
        exchange(s, id, size, cython.address(place))
    else:
        compare_exchange(s, id, size, cython.address(place))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def op_of_size(op: uint32_t, size: uint32_t) -> uint32_t:
    if size == 0:
        return op + TO_BYTE
    if size == 1:
        return op + TO_16
    return op + TO_64 if size == 3 else op


# --- addresses


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_place(s: Lowering, id: uint32_t, size: uint32_t, place: cython.pointer[Target]) -> cython.void:
    """The address, checked."""
    instance: cython.pointer[Instance] = cython.NULL
    memory: cython.pointer[Memory] = cython.NULL
    number: uint32_t = s.f.insts[id].aux
    wide: cython.bint = s.f.insts[operand(s, id, 0)].type == TYPE_I64
    at: uint32_t = fresh(s, VT_I64)
    end: uint32_t = fresh(s, VT_I64)
    list: uint32_t
    made: Made
    find_address(s, id, size, place)
    if number == 0:
        emit_load_pinned(s, ACCESS_64, at, INSTANCE, offset(cython.address(instance.mem0)))
    else:
        list = fresh(s, VT_I64)
        emit_load_pinned(s, ACCESS_64, list, INSTANCE, offset(cython.address(instance.memories)))
        emit_load(s, ACCESS_64, at, list, 8 * number)
        place.base = fresh(s, VT_I64)
        emit_load(s, ACCESS_64, place.base, at, offset(cython.address(memory.base)))
    # The end may wrap around, and what is below the address has done so.
    made = emit(s, x.X_LEA64)
    made.disp = 1 << size
    def_reg(s, made, end, ROLE_REG)
    use_reg(s, made, place.index, ROLE_BASE)
    if wide:
        refuse_below(s, end, place.index)
    made = emit(s, x.X_CMP64)
    made.disp = offset(cython.address(memory.size))
    use_reg(s, made, end, ROLE_REG)
    use_reg(s, made, at, ROLE_BASE)
    emit_trap_if(s, CC_A, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def refuse_below(s: Lowering, sum: uint32_t, part: uint32_t) -> cython.void:
    """Traps where a sum is below one of its parts: it has wrapped around."""
    made: Made = emit(s, x.X_CMP64)
    use_reg(s, made, sum, ROLE_REG)
    use_reg(s, made, part, ROLE_RM)
    emit_trap_if(s, CC_B, TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_address(s: Lowering, id: uint32_t, size: uint32_t, place: cython.pointer[Target]) -> cython.void:
    """Address and offset in one, aligned. Only a 64-bit address can make the sum wrap around."""
    address: uint32_t = operand(s, id, 0)
    wide: cython.bint = s.f.insts[address].type == TYPE_I64
    far: uint64_t = s.f.insts[id].imm
    sum: uint32_t
    made: Made
    place.base = 0
    place.scale = 0
    place.disp = 0
    place.faults = False
    address = value_of(s, address)
    place.index = address
    if far != 0:
        sum = fresh(s, VT_I64)
        place.index = sum
        if far <= MAX_DISP:
            made = emit(s, x.X_LEA64)
            made.disp = cython.cast(int32_t, far)
            def_reg(s, made, sum, ROLE_REG)
            use_reg(s, made, address, ROLE_BASE)
        else:
            emit_load_const(s, sum, VT_I64, far)
            made = emit(s, x.X_ADD64)
            mod_reg(s, made, sum, ROLE_REG)
            use_any(s, made, address)
    if size != 0:
        made = emit(s, x.X_TEST32_IMM)
        made.imm = (1 << size) - 1
        use_reg(s, made, place.index, ROLE_RM)
        emit_trap_if(s, CC_NE, TRAP_UNALIGNED_ATOMIC)
    if far != 0 and wide:
        refuse_below(s, place.index, address)


# --- accesses


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extended(s: Lowering, dst: uint32_t, src: uint32_t, size: uint32_t) -> cython.void:
    """dst = what of src has been accessed."""
    made: Made = emit(s, ACCESSES.load[ACCESS_8 + size])
    def_reg(s, made, dst, ROLE_REG)
    use_reg(s, made, src, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load(s: Lowering, id: uint32_t, size: uint32_t, place: cython.pointer[Target]) -> cython.void:
    """Also when nobody needs the value: it might be out of bounds."""
    dst: uint32_t = result_of(s, id)
    made: Made = emit(s, ACCESSES.load[ACCESS_8 + size])
    def_reg(s, made, dst, ROLE_REG)
    add_target(s, made, place)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copied(s: Lowering, id: uint32_t, k: uint32_t) -> uint32_t:
    """A virtual register of its own with the value of an operand."""
    value: uint32_t = value_of(s, operand(s, id, k))
    copy: uint32_t = fresh(s, s.m.vregs[value].type)
    emit_move(s, copy, value)
    return copy


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store(s: Lowering, id: uint32_t, size: uint32_t, place: cython.pointer[Target]) -> cython.void:
    value: uint32_t = copied(s, id, 1)
    made: Made = emit(s, op_of_size(x.X_XCHG32, size))
    mod_reg(s, made, value, ROLE_REG)
    add_target(s, made, place)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def exchange(s: Lowering, id: uint32_t, size: uint32_t, place: cython.pointer[Target]) -> cython.void:
    dst: uint32_t = result_of(s, id)
    store_value: uint32_t = copied(s, id, 1)
    made: Made = emit(s, op_of_size(x.X_XCHG32, size))
    mod_reg(s, made, store_value, ROLE_REG)
    add_target(s, made, place)
    extended(s, dst, store_value, size)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add(
    s: Lowering, id: uint32_t, size: uint32_t, place: cython.pointer[Target], subtract: cython.bint
) -> cython.void:
    value: uint32_t
    made: Made
    if s.vregs[id] == 0:
        combine_only(s, id, size, place, x.X_LOCKSUB32 if subtract else x.X_LOCKADD32)
        return
    value = copied(s, id, 1)
    if subtract:
        made = emit(s, x.X_NEG64)
        mod_reg(s, made, value, ROLE_RM)
    made = emit(s, op_of_size(x.X_XADD32, size))
    mod_reg(s, made, value, ROLE_REG)
    add_target(s, made, place)
    extended(s, s.vregs[id], value, size)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def combine_only(
    s: Lowering, id: uint32_t, size: uint32_t, place: cython.pointer[Target], op: uint32_t
) -> cython.void:
    """When nobody needs what was there."""
    value: uint32_t = value_of(s, operand(s, id, 1))
    made: Made = emit(s, op_of_size(op, size))
    use_reg(s, made, value, ROLE_REG)
    add_target(s, made, place)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def combine(
    s: Lowering, id: uint32_t, size: uint32_t, place: cython.pointer[Target], op: uint32_t, alone: uint32_t
) -> cython.void:
    value: uint32_t
    made: Made
    if s.vregs[id] == 0:
        combine_only(s, id, size, place, alone)
        return
    value = value_of(s, operand(s, id, 1))
    made = emit(s, x.P_ATOMIC_LOOP)
    made.imm = op
    made.aux = size
    temp_reg(s, made, fresh(s, VT_I64))
    use_reg(s, made, value, ROLE_REG)
    temp_fixed(s, made, RAX)
    def_fixed(s, made, s.vregs[id], RAX)
    add_target(s, made, place)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare_exchange(s: Lowering, id: uint32_t, size: uint32_t, place: cython.pointer[Target]) -> cython.void:
    """Of what is expected, too, only the bits count that are accessed."""
    dst: uint32_t = result_of(s, id)
    expected: uint32_t = value_of(s, operand(s, id, 1))
    new: uint32_t = value_of(s, operand(s, id, 2))
    found: uint32_t = fresh(s, s.m.vregs[dst].type)
    made: Made = emit(s, op_of_size(x.X_CMPXCHG32, size))
    use_fixed(s, made, expected, RAX)
    temp_fixed(s, made, RAX)
    def_fixed(s, made, found, RAX)
    use_reg(s, made, new, ROLE_REG)
    add_target(s, made, place)
    extended(s, dst, found, size)
