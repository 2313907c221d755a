"""Instruction selection for f32 and f64.

The machine's arithmetic, rounding, minimum and maximum are the standard's. Conversions to integers saturate,
and make 0 of NaN; those that trap look at the result.
"""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import COND_EQ, COND_LS, COND_LT, COND_NE, COND_VS
from cython.cimports.wasmine.jit.arm64.encode import EXTEND_SXTW, EXTEND_UXTW, extend
from cython.cimports.wasmine.jit.arm64.packed import arg, into_to, pack_to, unary, unary_to
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    emit_load_const,
    emit_trap_if,
    fresh,
    result_of,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    VT_F32,
    VT_F64,
    VT_I64,
    MachInst,
)
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.spec.traps import TRAP_INTEGER_OVERFLOW, TRAP_INVALID_CONVERSION_TO_INTEGER

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])

MINUS_TWO_63_F32 = cython.declare(cython.const[uint64_t], 0xDF000000)
MINUS_TWO_63_F64 = cython.declare(cython.const[uint64_t], 0xC3E0000000000000)
MINUS_ONE_F32 = cython.declare(cython.const[uint64_t], 0xBF800000)
MINUS_ONE_F64 = cython.declare(cython.const[uint64_t], 0xBFF0000000000000)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_float(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.F32_ADD:
        binary(s, id, a.A_FADD_S)
    elif op == o.F64_ADD:
        binary(s, id, a.A_FADD_D)
    elif op == o.F32_SUB:
        binary(s, id, a.A_FSUB_S)
    elif op == o.F64_SUB:
        binary(s, id, a.A_FSUB_D)
    elif op == o.F32_MUL:
        binary(s, id, a.A_FMUL_S)
    elif op == o.F64_MUL:
        binary(s, id, a.A_FMUL_D)
    elif op == o.F32_DIV:
        binary(s, id, a.A_FDIV_S)
    elif op == o.F64_DIV:
        binary(s, id, a.A_FDIV_D)
    elif op == o.F32_MIN:
        binary(s, id, a.A_FMIN_S)
    elif op == o.F64_MIN:
        binary(s, id, a.A_FMIN_D)
    elif op == o.F32_MAX:
        binary(s, id, a.A_FMAX_S)
    elif op == o.F64_MAX:
        binary(s, id, a.A_FMAX_D)
    elif op == o.F32_ABS:
        alone(s, id, a.A_FABS_S)
    elif op == o.F64_ABS:
        alone(s, id, a.A_FABS_D)
    elif op == o.F32_NEG:
        alone(s, id, a.A_FNEG_S)
    elif op == o.F64_NEG:
        alone(s, id, a.A_FNEG_D)
    elif op == o.F32_SQRT:
        alone(s, id, a.A_FSQRT_S)
    elif op == o.F64_SQRT:
        alone(s, id, a.A_FSQRT_D)
    elif op == o.F32_NEAREST:
        alone(s, id, a.A_FRINTN_S)
    elif op == o.F64_NEAREST:
        alone(s, id, a.A_FRINTN_D)
    elif op == o.F32_FLOOR:
        alone(s, id, a.A_FRINTM_S)
    elif op == o.F64_FLOOR:
        alone(s, id, a.A_FRINTM_D)
    elif op == o.F32_CEIL:
        alone(s, id, a.A_FRINTP_S)
    elif op == o.F64_CEIL:
        alone(s, id, a.A_FRINTP_D)
    elif op == o.F32_TRUNC:
        alone(s, id, a.A_FRINTZ_S)
    elif op == o.F64_TRUNC:
        alone(s, id, a.A_FRINTZ_D)
    elif op == o.F32_COPYSIGN:
        copysign(s, id, a.A_USHR_4S, a.A_SLI_4S, 31)
    elif op == o.F64_COPYSIGN:
        copysign(s, id, a.A_USHR_2D, a.A_SLI_2D, 63)
    else:
        return lower_conversion(s, id, op)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def binary(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    left: uint32_t = value_of(s, arg(s, id, 0))
    pack_to(s, dst, op, left, value_of(s, arg(s, id, 1)), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def alone(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    unary_to(s, dst, op, value_of(s, arg(s, id, 0)), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copysign(s: Lowering, id: uint32_t, right_op: uint32_t, insert: uint32_t, top: uint32_t) -> cython.void:
    """The sign of the second operand, shifted down, is inserted above all other bits of the first."""
    dst: uint32_t = result_of(s, id)
    left: uint32_t = value_of(s, arg(s, id, 0))
    sign: uint32_t = unary(s, right_op, value_of(s, arg(s, id, 1)), top)
    into_to(s, dst, insert, left, sign, top)


# --- conversions


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_conversion(s: Lowering, id: uint32_t, op: uint32_t) -> cython.bint:
    machine: uint32_t = conversion(op)
    if machine != 0:
        alone(s, id, machine)
    elif op == o.I32_TRUNC_F32_S:
        truncate_32(s, id, a.A_FCMP_S, a.A_FCVTZS_X_S, EXTEND_SXTW)
    elif op == o.I32_TRUNC_F32_U:
        truncate_32(s, id, a.A_FCMP_S, a.A_FCVTZS_X_S, EXTEND_UXTW)
    elif op == o.I32_TRUNC_F64_S:
        truncate_32(s, id, a.A_FCMP_D, a.A_FCVTZS_X_D, EXTEND_SXTW)
    elif op == o.I32_TRUNC_F64_U:
        truncate_32(s, id, a.A_FCMP_D, a.A_FCVTZS_X_D, EXTEND_UXTW)
    elif op == o.I64_TRUNC_F32_S:
        truncate_64(s, id, a.A_FCMP_S, a.A_FCVTZS_X_S, MINUS_TWO_63_F32, COND_LT, COND_VS)
    elif op == o.I64_TRUNC_F32_U:
        truncate_64(s, id, a.A_FCMP_S, a.A_FCVTZU_X_S, MINUS_ONE_F32, COND_LS, COND_EQ)
    elif op == o.I64_TRUNC_F64_S:
        truncate_64(s, id, a.A_FCMP_D, a.A_FCVTZS_X_D, MINUS_TWO_63_F64, COND_LT, COND_VS)
    elif op == o.I64_TRUNC_F64_U:
        truncate_64(s, id, a.A_FCMP_D, a.A_FCVTZU_X_D, MINUS_ONE_F64, COND_LS, COND_EQ)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def conversion(op: uint32_t) -> uint32_t:
    """The one instruction that does it, or 0."""
    if op == o.F32_DEMOTE_F64:
        return a.A_FCVT_S_D
    elif op == o.F64_PROMOTE_F32:
        return a.A_FCVT_D_S
    elif op == o.F32_REINTERPRET_I32:
        return a.A_FMOV_S_W
    elif op == o.F64_REINTERPRET_I64:
        return a.A_FMOV_D_X
    elif op == o.I32_REINTERPRET_F32:
        return a.A_FMOV_W_S
    elif op == o.I64_REINTERPRET_F64:
        return a.A_FMOV_X_D
    elif op == o.F32_CONVERT_I32_S:
        return a.A_SCVTF_S_W
    elif op == o.F64_CONVERT_I32_S:
        return a.A_SCVTF_D_W
    elif op == o.F32_CONVERT_I32_U:
        return a.A_UCVTF_S_W
    elif op == o.F64_CONVERT_I32_U:
        return a.A_UCVTF_D_W
    elif op == o.F32_CONVERT_I64_S:
        return a.A_SCVTF_S_X
    elif op == o.F64_CONVERT_I64_S:
        return a.A_SCVTF_D_X
    elif op == o.F32_CONVERT_I64_U:
        return a.A_UCVTF_S_X
    elif op == o.F64_CONVERT_I64_U:
        return a.A_UCVTF_D_X
    elif op == o.I32_TRUNC_SAT_F32_S:
        return a.A_FCVTZS_W_S
    elif op == o.I32_TRUNC_SAT_F32_U:
        return a.A_FCVTZU_W_S
    elif op == o.I32_TRUNC_SAT_F64_S:
        return a.A_FCVTZS_W_D
    elif op == o.I32_TRUNC_SAT_F64_U:
        return a.A_FCVTZU_W_D
    elif op == o.I64_TRUNC_SAT_F32_S:
        return a.A_FCVTZS_X_S
    elif op == o.I64_TRUNC_SAT_F32_U:
        return a.A_FCVTZU_X_S
    elif op == o.I64_TRUNC_SAT_F64_S:
        return a.A_FCVTZS_X_D
    elif op == o.I64_TRUNC_SAT_F64_U:
        return a.A_FCVTZU_X_D
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare(s: Lowering, op: uint32_t, left: uint32_t, right: uint32_t, imm: uint32_t) -> cython.void:
    made: Made = emit(s, op)
    made.imm = imm
    use_reg(s, made, left, ROLE_SECOND)
    use_reg(s, made, right, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def truncate_32(s: Lowering, id: uint32_t, test: uint32_t, op: uint32_t, kind: uint32_t) -> cython.void:
    """As a number of 64 bits, which must be the same when it is extended from 32. NaN would give 0."""
    dst: uint32_t = result_of(s, id)
    src: uint32_t = value_of(s, arg(s, id, 0))
    whole: uint32_t = fresh(s, VT_I64)
    made: Made
    compare(s, test, src, src, 0)
    emit_trap_if(s, COND_VS, TRAP_INVALID_CONVERSION_TO_INTEGER)
    unary_to(s, whole, op, src, 0)
    compare(s, a.A_CMP_EXT64, whole, whole, extend(kind, 0))
    emit_trap_if(s, COND_NE, TRAP_INTEGER_OVERFLOW)
    made = emit(s, a.A_MOV32)
    def_reg(s, made, dst, ROLE_REG)
    use_reg(s, made, whole, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def truncate_64(
    s: Lowering, id: uint32_t, test: uint32_t, op: uint32_t, lowest: uint64_t, low: uint32_t, high: uint32_t
) -> cython.void:
    """Too low is what compares so with `lowest`. No float becomes the highest number but by saturation.

    That number plus 1 overflows as a signed one, and is zero.
    """
    dst: uint32_t = result_of(s, id)
    src: uint32_t = value_of(s, arg(s, id, 0))
    type: uint32_t = VT_F64 if test == a.A_FCMP_D else VT_F32
    limit: uint32_t = fresh(s, type)
    made: Made
    compare(s, test, src, src, 0)
    emit_trap_if(s, COND_VS, TRAP_INVALID_CONVERSION_TO_INTEGER)
    emit_load_const(s, limit, type, lowest)
    compare(s, test, src, limit, 0)
    emit_trap_if(s, low, TRAP_INTEGER_OVERFLOW)
    unary_to(s, dst, op, src, 0)
    made = emit(s, a.A_CMN_IMM64)
    made.imm = 1
    use_reg(s, made, dst, ROLE_SECOND)
    emit_trap_if(s, high, TRAP_INTEGER_OVERFLOW)
