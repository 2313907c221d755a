"""Instruction selection for vectors of floats: what is more than one instruction."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.packed import arg, onto_to, pack, pack_to
from cython.cimports.wasmine.jit.backend.lower import Lower, result_of, value_of
from cython.cimports.wasmine.jit.ssa import ops as o

Lowering = cython.typedef(cython.pointer[Lower])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_vector_float(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.F32X4_PMIN:
        choose(s, id, a.A_FCMGT_4S, 0, 1)
    elif op == o.F32X4_PMAX:
        choose(s, id, a.A_FCMGT_4S, 1, 0)
    elif op == o.F64X2_PMIN:
        choose(s, id, a.A_FCMGT_2D, 0, 1)
    elif op == o.F64X2_PMAX:
        choose(s, id, a.A_FCMGT_2D, 1, 0)
    elif op == o.F32X4_RELAXED_MADD:
        multiply_add(s, id, a.A_FMUL_4S, a.A_FADD_4S)
    elif op == o.F32X4_RELAXED_NMADD:
        multiply_add(s, id, a.A_FMUL_4S, a.A_FSUB_4S)
    elif op == o.F64X2_RELAXED_MADD:
        multiply_add(s, id, a.A_FMUL_2D, a.A_FADD_2D)
    elif op == o.F64X2_RELAXED_NMADD:
        multiply_add(s, id, a.A_FMUL_2D, a.A_FSUB_2D)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def choose(s: Lowering, id: uint32_t, op: uint32_t, left: uint32_t, right: uint32_t) -> cython.void:
    """The second operand where op(left, right) holds, else the first."""
    dst: uint32_t = result_of(s, id)
    values = cython.declare(uint32_t[2])
    values[0] = value_of(s, arg(s, id, 0))
    values[1] = value_of(s, arg(s, id, 1))
    mask: uint32_t = pack(s, op, values[left], values[right])
    onto_to(s, dst, a.A_BSL_16B, mask, values[1], values[0])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply_add(s: Lowering, id: uint32_t, multiply: uint32_t, op: uint32_t) -> cython.void:
    """c + a * b, c - a * b; rounded twice (ir/simd_ops.py)."""
    dst: uint32_t = result_of(s, id)
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t = value_of(s, arg(s, id, 1))
    sum: uint32_t = value_of(s, arg(s, id, 2))
    pack_to(s, dst, op, sum, pack(s, multiply, left, right), 0)
