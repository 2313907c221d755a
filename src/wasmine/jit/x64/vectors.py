"""Instruction selection for vectors: the table of vector_ops.py; sequences are in the files vectors_*.py."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    Target,
    def_reg,
    emit,
    emit_move,
    imm_of,
    is_const,
    result_of,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_SECOND, MachInst
from cython.cimports.wasmine.jit.backend.memory import add_target
from cython.cimports.wasmine.jit.backend.sinking import sinks, stand_for
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.lower import CPU_SSE41
from cython.cimports.wasmine.jit.x64.memory import find_target
from cython.cimports.wasmine.jit.x64.packed import (
    arg,
    constant_to,
    count_in_vector,
    pack_to,
    shift_to,
    unary_to,
    vex,
)
from cython.cimports.wasmine.jit.x64.vector_tables import ROWS, Row
from cython.cimports.wasmine.jit.x64.vectors_bits import lower_bits
from cython.cimports.wasmine.jit.x64.vectors_floats import lower_vector_float
from cython.cimports.wasmine.jit.x64.vectors_integers import lower_vector_integer
from cython.cimports.wasmine.jit.x64.vectors_lanes import lower_lanes
from cython.cimports.wasmine.jit.x64.vectors_memory import lower_vector_memory

Lowering = cython.typedef(cython.pointer[Lower])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_vector(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    form: uint32_t = ROWS[op].form
    if s.features & CPU_SSE41 == 0:
        return False
    if form == x.V_NONE:
        return (
            lower_vector_memory(s, id)
            or lower_bits(s, id)
            or lower_lanes(s, id)
            or lower_vector_integer(s, id)
            or lower_vector_float(s, id)
        )
    if form == x.V_A:
        a: uint32_t = value_of(s, arg(s, id, 0))
        unary_to(s, result_of(s, id), ROWS[op].op, a, ROWS[op].imm)
    elif form == x.V_BY:
        shift(s, id, cython.address(ROWS[op]))
    else:
        binary(s, id, cython.address(ROWS[op]))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def binary(s: Lowering, id: uint32_t, row: cython.pointer[Row]) -> cython.void:
    dst: uint32_t = result_of(s, id)
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    if row.form == x.V_BA:
        left, right = right, left
    elif row.form == x.V_SUM and s.f.insts[right].op != o.V128_CONST:
        # The constant becomes a memory operand; without AVX, the operand that dies here gives its register.
        if s.f.insts[left].op == o.V128_CONST or (
            not vex(s) and s.f.insts[left].uses > s.f.insts[right].uses
        ):
            left, right = right, left
    if with_memory(s, dst, row, left, right) or (
        row.form == x.V_SUM and s.f.insts[right].op != o.V128_CONST and with_memory(s, dst, row, right, left)
    ):
        return
    a: uint32_t = value_of(s, left)
    if s.f.insts[right].op == o.V128_CONST:
        words: cython.pointer[uint32_t] = s.f.pool + s.f.insts[right].imm
        constant_to(
            s,
            dst,
            row.op,
            a,
            words[0] | cython.cast(uint64_t, words[1]) << 32,
            words[2] | cython.cast(uint64_t, words[3]) << 32,
            row.imm,
        )
        return
    b: uint32_t = value_of(s, right)
    pack_to(s, dst, row.op, a, b, row.imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def with_memory(
    s: Lowering, dst: uint32_t, row: cython.pointer[Row], left: uint32_t, load: uint32_t
) -> cython.bint:
    """dst = left op what a load that sinks here reads. Without AVX, the operand would have to be aligned."""
    target = cython.declare(Target)
    inst: cython.pointer[MachInst]
    if not vex(s) or row.op >> 24 & 1 or not sinks(s, load, o.V128_LOAD):
        return False
    find_target(s, load, cython.address(target))
    left = value_of(s, left)
    inst = emit(s, row.op | x.VEX)
    inst.imm = row.imm
    def_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, left, ROLE_SECOND)
    add_target(s, inst, cython.address(target))
    stand_for(s, inst, load)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shift(s: Lowering, id: uint32_t, row: cython.pointer[Row]) -> cython.void:
    """A count is taken modulo the lane's width; the machine shifts everything out by a larger one."""
    dst: uint32_t = result_of(s, id)
    count: uint32_t = arg(s, id, 1)
    a: uint32_t = value_of(s, arg(s, id, 0))
    n: uint32_t
    if is_const(s, count):
        n = cython.cast(uint32_t, imm_of(s, count)) & row.imm
        if n == 0:
            emit_move(s, dst, a)
        else:
            shift_to(s, dst, row.counted, a, n)
        return
    pack_to(s, dst, row.op, a, count_in_vector(s, count, row.imm), 0)
