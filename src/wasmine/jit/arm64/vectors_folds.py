"""Instruction selection for vectors: an instruction together with one whose value only it needs.

Products and sums of pairs that are added to something; factors that are one lane everywhere; complements.
"""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.packed import arg, into_to, onto_to, pack_to
from cython.cimports.wasmine.jit.arm64.vectors_lanes import splat
from cython.cimports.wasmine.jit.backend.lower import Lower, is_foldable, result_of, value_of
from cython.cimports.wasmine.jit.ssa import ops as o

Lowering = cython.typedef(cython.pointer[Lower])

# smull and smlal, umull and umlal differ in this bit.
TO_ADDING = cython.declare(cython.const[uint32_t], 0x4000)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fold_vector(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    long: uint32_t
    if op == o.I16X8_MUL or op == o.I32X4_MUL or op == o.I64X2_MUL:
        long = long_product(s, id)
        if long != 0:
            multiply_to(s, result_of(s, id), long, id)
        return long != 0
    elif op == o.I16X8_ADD or op == o.I32X4_ADD or op == o.I64X2_ADD:
        return add_to(s, id, 0) or add_to(s, id, 1)
    elif op == o.I16X8_SUB:
        return subtract_product(s, id, o.I16X8_MUL, a.A_MLS_8H)
    elif op == o.I32X4_SUB:
        return subtract_product(s, id, o.I32X4_MUL, a.A_MLS_4S)
    elif op == o.F32X4_MUL:
        return by_lane(s, id, 0, a.A_FMUL_AT_4S, o.F32X4_SPLAT, 2) or by_lane(
            s, id, 1, a.A_FMUL_AT_4S, o.F32X4_SPLAT, 2
        )
    elif op == o.F64X2_MUL:
        return by_lane(s, id, 0, a.A_FMUL_AT_2D, o.F64X2_SPLAT, 3) or by_lane(
            s, id, 1, a.A_FMUL_AT_2D, o.F64X2_SPLAT, 3
        )
    elif op == o.V128_AND:
        return with_complement(s, id, 0, a.A_BIC_16B) or with_complement(s, id, 1, a.A_BIC_16B)
    elif op == o.V128_OR:
        return with_complement(s, id, 0, a.A_ORN_16B) or with_complement(s, id, 1, a.A_ORN_16B)
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def long_product(s: Lowering, id: uint32_t) -> uint32_t:
    """The multiplication that makes its factors wider by itself, of such factors; 0: they are others."""
    op: uint32_t = s.f.insts[arg(s, id, 0)].op
    if s.f.insts[arg(s, id, 1)].op != op:
        return 0
    if op == o.I16X8_EXTEND_LOW_I8X16_S:
        return a.A_SMULL_8H
    elif op == o.I16X8_EXTEND_HIGH_I8X16_S:
        return a.A_SMULL2_8H
    elif op == o.I16X8_EXTEND_LOW_I8X16_U:
        return a.A_UMULL_8H
    elif op == o.I16X8_EXTEND_HIGH_I8X16_U:
        return a.A_UMULL2_8H
    elif op == o.I32X4_EXTEND_LOW_I16X8_S:
        return a.A_SMULL_4S
    elif op == o.I32X4_EXTEND_HIGH_I16X8_S:
        return a.A_SMULL2_4S
    elif op == o.I32X4_EXTEND_LOW_I16X8_U:
        return a.A_UMULL_4S
    elif op == o.I32X4_EXTEND_HIGH_I16X8_U:
        return a.A_UMULL2_4S
    elif op == o.I64X2_EXTEND_LOW_I32X4_S:
        return a.A_SMULL_2D
    elif op == o.I64X2_EXTEND_HIGH_I32X4_S:
        return a.A_SMULL2_2D
    elif op == o.I64X2_EXTEND_LOW_I32X4_U:
        return a.A_UMULL_2D
    elif op == o.I64X2_EXTEND_HIGH_I32X4_U:
        return a.A_UMULL2_2D
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply_to(s: Lowering, dst: uint32_t, op: uint32_t, id: uint32_t) -> cython.void:
    left: uint32_t = value_of(s, arg(s, arg(s, id, 0), 0))
    pack_to(s, dst, op, left, value_of(s, arg(s, arg(s, id, 1), 0)), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_part(s: Lowering, id: uint32_t) -> cython.bint:
    """Whether a value may be computed here instead: what stands in front of a loop stays there."""
    return is_foldable(s, id) and s.f.insts[id].block == s.block


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_to(s: Lowering, id: uint32_t, k: uint32_t) -> cython.bint:
    """Operand k, of which the machine has a form that adds it to something."""
    part: uint32_t = arg(s, id, k)
    op: uint32_t = adding(s.f.insts[part].op, s.f.insts[id].op)
    long: uint32_t = 0
    dst: uint32_t
    sum: uint32_t
    left: uint32_t
    if not is_part(s, part):
        return False
    if op == a.A_MLA_8H or op == a.A_MLA_4S:
        long = long_product(s, part)
    if op == 0:
        return False
    dst = result_of(s, id)
    sum = value_of(s, arg(s, id, 1 - k))
    if long != 0:
        left = value_of(s, arg(s, arg(s, part, 0), 0))
        onto_to(s, dst, long ^ TO_ADDING, sum, left, value_of(s, arg(s, arg(s, part, 1), 0)))
        return True
    left = value_of(s, arg(s, part, 0))
    if s.f.insts[part].n_args == 1:
        into_to(s, dst, op, sum, left, 0)
    else:
        onto_to(s, dst, op, sum, left, value_of(s, arg(s, part, 1)))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def adding(op: uint32_t, addition: uint32_t) -> uint32_t:
    """The form of an instruction that adds it, in lanes of the size of the addition's; 0: none."""
    if addition == o.I16X8_ADD:
        return adding_halves(op)
    elif addition == o.I32X4_ADD:
        return adding_words(op)
    return adding_doublewords(op)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def adding_halves(op: uint32_t) -> uint32_t:
    if op == o.I16X8_MUL:
        return a.A_MLA_8H
    elif op == o.I16X8_EXTMUL_LOW_I8X16_S:
        return a.A_SMLAL_8H
    elif op == o.I16X8_EXTMUL_HIGH_I8X16_S:
        return a.A_SMLAL2_8H
    elif op == o.I16X8_EXTMUL_LOW_I8X16_U:
        return a.A_UMLAL_8H
    elif op == o.I16X8_EXTMUL_HIGH_I8X16_U:
        return a.A_UMLAL2_8H
    elif op == o.I16X8_EXTADD_PAIRWISE_I8X16_S:
        return a.A_SADALP_8H
    elif op == o.I16X8_EXTADD_PAIRWISE_I8X16_U:
        return a.A_UADALP_8H
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def adding_words(op: uint32_t) -> uint32_t:
    if op == o.I32X4_MUL:
        return a.A_MLA_4S
    elif op == o.I32X4_EXTMUL_LOW_I16X8_S:
        return a.A_SMLAL_4S
    elif op == o.I32X4_EXTMUL_HIGH_I16X8_S:
        return a.A_SMLAL2_4S
    elif op == o.I32X4_EXTMUL_LOW_I16X8_U:
        return a.A_UMLAL_4S
    elif op == o.I32X4_EXTMUL_HIGH_I16X8_U:
        return a.A_UMLAL2_4S
    elif op == o.I32X4_EXTADD_PAIRWISE_I16X8_S:
        return a.A_SADALP_4S
    elif op == o.I32X4_EXTADD_PAIRWISE_I16X8_U:
        return a.A_UADALP_4S
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def adding_doublewords(op: uint32_t) -> uint32_t:
    if op == o.I64X2_EXTMUL_LOW_I32X4_S:
        return a.A_SMLAL_2D
    elif op == o.I64X2_EXTMUL_HIGH_I32X4_S:
        return a.A_SMLAL2_2D
    elif op == o.I64X2_EXTMUL_LOW_I32X4_U:
        return a.A_UMLAL_2D
    elif op == o.I64X2_EXTMUL_HIGH_I32X4_U:
        return a.A_UMLAL2_2D
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def subtract_product(s: Lowering, id: uint32_t, product: uint32_t, op: uint32_t) -> cython.bint:
    part: uint32_t = arg(s, id, 1)
    dst: uint32_t
    sum: uint32_t
    left: uint32_t
    if s.f.insts[part].op != product or not is_part(s, part):
        return False
    dst = result_of(s, id)
    sum = value_of(s, arg(s, id, 0))
    left = value_of(s, arg(s, part, 0))
    onto_to(s, dst, op, sum, left, value_of(s, arg(s, part, 1)))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def by_lane(
    s: Lowering, id: uint32_t, k: uint32_t, op: uint32_t, splat_op: uint32_t, size: uint32_t
) -> cython.bint:
    """A product with operand k, which is a float everywhere, or a lane of 1 << size bytes."""
    part: uint32_t = arg(s, id, k)
    lane = cython.declare(uint32_t, 0)
    source: uint32_t = 0
    dst: uint32_t
    other: uint32_t
    if not is_foldable(s, part):
        return False
    if s.f.insts[part].op == splat_op:
        source = arg(s, part, 0)
    elif s.f.insts[part].op == o.I8X16_SHUFFLE:
        source = splat_source(s, part, size, cython.address(lane))
    if source == 0:
        return False
    dst = result_of(s, id)
    other = value_of(s, arg(s, id, 1 - k))
    pack_to(s, dst, op, other, value_of(s, source), lane)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def splat_source(s: Lowering, id: uint32_t, size: uint32_t, lane: cython.pointer[uint32_t]) -> uint32_t:
    """The operand of a shuffle that has one lane of it everywhere; 0: it is another shuffle."""
    lanes = cython.declare(uint8_t[16])
    k: cython.int
    source: uint32_t
    memcpy(lanes, s.f.pool + s.f.insts[id].imm, 16)
    source = arg(s, id, lanes[0] >> 4)
    for k in range(16):
        lanes[k] = lanes[k] ^ (lanes[0] & 16) if k else lanes[0]
    lanes[0] &= 15
    if splat(lanes, size, lane):
        return source
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def with_complement(s: Lowering, id: uint32_t, k: uint32_t, op: uint32_t) -> cython.bint:
    part: uint32_t = arg(s, id, k)
    dst: uint32_t
    other: uint32_t
    if s.f.insts[part].op != o.V128_NOT or not is_foldable(s, part):
        return False
    dst = result_of(s, id)
    other = value_of(s, arg(s, id, 1 - k))
    pack_to(s, dst, op, other, value_of(s, arg(s, part, 0)), 0)
    return True
