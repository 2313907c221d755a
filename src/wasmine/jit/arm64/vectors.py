"""Instruction selection for vectors: the table of vector_ops.py; sequences are in the files vectors_*.py."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.packed import arg, constant_to, into_to, pack, pack_to, unary, unary_to
from cython.cimports.wasmine.jit.arm64.vector_tables import ROWS, Row
from cython.cimports.wasmine.jit.arm64.vectors_bits import lower_bits
from cython.cimports.wasmine.jit.arm64.vectors_floats import lower_vector_float
from cython.cimports.wasmine.jit.arm64.vectors_folds import fold_vector
from cython.cimports.wasmine.jit.arm64.vectors_integers import lower_vector_integer
from cython.cimports.wasmine.jit.arm64.vectors_lanes import lower_lanes
from cython.cimports.wasmine.jit.arm64.vectors_memory import lower_vector_memory
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    emit_move,
    fresh,
    imm_of,
    is_const,
    result_of,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_RM, ROLE_SECOND, VT_I32, MachInst
from cython.cimports.wasmine.jit.ssa import ops as o

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_vector(s: Lowering, id: uint32_t) -> cython.bint:
    row: cython.pointer[Row] = cython.address(ROWS[s.f.insts[id].op])
    form: uint32_t = row.form
    left: uint32_t
    if fold_vector(s, id):
        return True
    if form == a.V_NONE:
        return (
            lower_vector_memory(s, id)
            or lower_bits(s, id)
            or lower_lanes(s, id)
            or lower_vector_integer(s, id)
            or lower_vector_float(s, id)
        )
    if form == a.V_AB or form == a.V_BA:
        binary(s, id, row)
        return True
    if is_const(s, arg(s, id, 0)):
        splat_constant(s, id, row.op)
        return True
    left = value_of(s, arg(s, id, 0))
    if form == a.V_A:
        unary_to(s, result_of(s, id), row.op, left, 0)
    elif form == a.V_AA:
        unary_to(s, result_of(s, id), row.other, unary(s, row.op, left, 0), 0)
    elif form == a.V_NOT:
        left = pack(s, row.op, left, value_of(s, arg(s, id, 1)))
        unary_to(s, result_of(s, id), a.A_MVN_16B, left, 0)
    elif form == a.V_PAIR:
        left = unary(s, row.op, left, 0)
        into_to(s, result_of(s, id), row.other, left, value_of(s, arg(s, id, 1)), 0)
    else:
        shift(s, id, row, left)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def splat_constant(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """A vector of which all lanes are a number."""
    bits: uint64_t = s.f.insts[arg(s, id, 0)].imm
    if op == a.A_DUP_16B:
        bits = (bits & 0xFF) * cython.cast(uint64_t, 0x0101010101010101)
    elif op == a.A_DUP_8H:
        bits = (bits & 0xFFFF) * cython.cast(uint64_t, 0x0001000100010001)
    elif op == a.A_DUP_4S or op == a.A_DUP_LANE_4S:
        bits = (bits & cython.cast(uint64_t, 0xFFFFFFFF)) * cython.cast(uint64_t, 0x0000000100000001)
    constant_to(s, result_of(s, id), bits, bits)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_zero(s: Lowering, id: uint32_t) -> cython.bint:
    words: cython.pointer[uint32_t] = s.f.pool + s.f.insts[id].imm
    return s.f.insts[id].op == o.V128_CONST and words[0] | words[1] | words[2] | words[3] == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def binary(s: Lowering, id: uint32_t, row: cython.pointer[Row]) -> cython.void:
    dst: uint32_t = result_of(s, id)
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t
    if row.other != 0 and is_zero(s, arg(s, id, 1)):
        unary_to(s, dst, row.other, left, 0)
        return
    right = value_of(s, arg(s, id, 1))
    if row.form == a.V_BA:
        left, right = right, left
    pack_to(s, dst, row.op, left, right, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shift(s: Lowering, id: uint32_t, row: cython.pointer[Row], left: uint32_t) -> cython.void:
    """The machine takes the lowest byte of each lane of the count, with its sign."""
    dst: uint32_t = result_of(s, id)
    count: uint32_t = arg(s, id, 1)
    n: uint32_t
    cut: uint32_t
    inst: Made
    if is_const(s, count):
        n = cython.cast(uint32_t, imm_of(s, count)) & row.mask
        if n == 0:
            emit_move(s, dst, left)
        else:
            unary_to(s, dst, row.op, left, n)
        return
    cut = fresh(s, VT_I32)
    count = value_of(s, count)
    inst = emit(s, a.A_AND_IMM32)
    inst.imm = row.mask
    def_reg(s, inst, cut, ROLE_REG)
    use_reg(s, inst, count, ROLE_SECOND)
    if row.form == a.V_RIGHT:
        count = cut
        cut = fresh(s, VT_I32)
        inst = emit(s, a.A_NEG32)
        def_reg(s, inst, cut, ROLE_REG)
        use_reg(s, inst, count, ROLE_RM)
    pack_to(s, dst, row.other, left, unary(s, splat_of(row.mask), cut, 0), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def splat_of(mask: uint32_t) -> uint32_t:
    if mask == 7:
        return a.A_DUP_16B
    elif mask == 15:
        return a.A_DUP_8H
    elif mask == 31:
        return a.A_DUP_4S
    return a.A_DUP_2D
