"""Instruction selection for wide arithmetic (wide-arithmetic proposal)."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.calls import nth_result
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_fixed,
    emit,
    emit_move,
    fresh,
    imm_of,
    is_imm32,
    mod_reg,
    temp_fixed,
    use_any,
    use_fixed,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_RM, VT_I64, MachInst
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import args_of
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import RAX, RDX

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_wide(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.I64_ADD128:
        chain(s, id, x.X_ADD64, x.X_ADD64_IMM, x.X_ADC64, x.X_ADC64_IMM)
    elif op == o.I64_SUB128:
        chain(s, id, x.X_SUB64, x.X_SUB64_IMM, x.X_SBB64, x.X_SBB64_IMM)
    elif op == o.I64_MUL_WIDE_S:
        multiply(s, id, x.X_IMULWIDE64)
    elif op == o.I64_MUL_WIDE_U:
        multiply(s, id, x.X_MUL64)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def half(s: Lowering, id: uint32_t, n: uint32_t) -> uint32_t:
    """The virtual register of the lower result (0) or the upper one (1)."""
    vreg: uint32_t = nth_result(s, id, n)
    return vreg if vreg != 0 else fresh(s, VT_I64)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def chain(
    s: Lowering, id: uint32_t, op: uint32_t, op_imm: uint32_t, carry: uint32_t, carry_imm: uint32_t
) -> cython.void:
    """The lower halves, then the upper ones with the carry. Moves between the two leave the flags alone."""
    args: cython.pointer[uint32_t] = args_of(s.f, s.f.insts + id)
    low: uint32_t = half(s, id, 0)
    high: uint32_t = half(s, id, 1)
    left_low: uint32_t = value_of(s, args[0])
    left_high: uint32_t = value_of(s, args[1])
    right_low: uint32_t = 0 if is_imm32(s, args[2]) else value_of(s, args[2])
    right_high: uint32_t = 0 if is_imm32(s, args[3]) else value_of(s, args[3])
    emit_move(s, low, left_low)
    emit_move(s, high, left_high)
    combine(s, low, right_low, args[2], op, op_imm)
    combine(s, high, right_high, args[3], carry, carry_imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def combine(
    s: Lowering, dst: uint32_t, right: uint32_t, constant: uint32_t, op: uint32_t, op_imm: uint32_t
) -> cython.void:
    made: Made
    if right != 0:
        made = emit(s, op)
        mod_reg(s, made, dst, ROLE_REG)
        use_any(s, made, right)
    else:
        made = emit(s, op_imm)
        made.imm = imm_of(s, constant)
        mod_reg(s, made, dst, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    args: cython.pointer[uint32_t] = args_of(s.f, s.f.insts + id)
    low: uint32_t = half(s, id, 0)
    high: uint32_t = half(s, id, 1)
    left: uint32_t = value_of(s, args[0])
    right: uint32_t = value_of(s, args[1])
    made: Made = emit(s, op)
    use_fixed(s, made, left, RAX)
    temp_fixed(s, made, RAX)
    temp_fixed(s, made, RDX)
    def_fixed(s, made, low, RAX)
    def_fixed(s, made, high, RDX)
    use_any(s, made, right)
