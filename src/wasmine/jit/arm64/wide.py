"""Instruction selection for wide arithmetic (wide-arithmetic proposal)."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import ZERO
from cython.cimports.wasmine.jit.arm64.encode import fits_imm
from cython.cimports.wasmine.jit.arm64.packed import pack_to
from cython.cimports.wasmine.jit.backend.calls import nth_result
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    fresh,
    imm_of,
    is_const,
    use_pinned,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_RM, ROLE_SECOND, VT_I64, MachInst
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import args_of

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_wide(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.I64_ADD128:
        chain(s, id, a.A_ADDS64, a.A_ADDS_IMM64, a.A_ADC64)
    elif op == o.I64_SUB128:
        chain(s, id, a.A_SUBS64, a.A_SUBS_IMM64, a.A_SBC64)
    elif op == o.I64_MUL_WIDE_S:
        multiply(s, id, a.A_SMULH)
    elif op == o.I64_MUL_WIDE_U:
        multiply(s, id, a.A_UMULH)
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
def chain(s: Lowering, id: uint32_t, op: uint32_t, op_imm: uint32_t, carry: uint32_t) -> cython.void:
    """The lower halves, then the upper ones with the carry. Moves between the two leave the flags alone."""
    args: cython.pointer[uint32_t] = args_of(s.f, s.f.insts + id)
    small: cython.bint = is_const(s, args[2]) and fits_imm(cython.cast(uint64_t, imm_of(s, args[2])))
    none: cython.bint = is_const(s, args[3]) and imm_of(s, args[3]) == 0
    low: uint32_t = half(s, id, 0)
    high: uint32_t = half(s, id, 1)
    left_low: uint32_t = value_of(s, args[0])
    left_high: uint32_t = value_of(s, args[1])
    right_low: uint32_t = 0 if small else value_of(s, args[2])
    right_high: uint32_t = 0 if none else value_of(s, args[3])
    made: Made = emit(s, op_imm if small else op)
    def_reg(s, made, low, ROLE_REG)
    use_reg(s, made, left_low, ROLE_SECOND)
    if small:
        made.imm = imm_of(s, args[2])
    else:
        use_reg(s, made, right_low, ROLE_RM)
    made = emit(s, carry)
    def_reg(s, made, high, ROLE_REG)
    use_reg(s, made, left_high, ROLE_SECOND)
    if none:
        use_pinned(s, made, ZERO, ROLE_RM)
    else:
        use_reg(s, made, right_high, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    args: cython.pointer[uint32_t] = args_of(s.f, s.f.insts + id)
    low: uint32_t = nth_result(s, id, 0)
    high: uint32_t = nth_result(s, id, 1)
    left: uint32_t = value_of(s, args[0])
    right: uint32_t = value_of(s, args[1])
    if low != 0:
        pack_to(s, low, a.A_MUL64, left, right, 0)
    if high != 0:
        pack_to(s, high, op, left, right, 0)
