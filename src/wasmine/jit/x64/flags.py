"""What is known of the flags: comparisons that an instruction before made, readers to come."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.emit import Emit
from cython.cimports.wasmine.jit.backend.machine import OPERAND_MOD, MachFunc, MachInst
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.lower import CC_E, CC_NE, CC_NS, CC_S
from cython.cimports.wasmine.jit.x64.operands import operand_reg

Emitting = cython.typedef(cython.pointer[Emit])
Made = cython.typedef(cython.pointer[cython.const[MachInst]])

# Instructions that are looked at for one that reads the flags.
FLAGS_REACH = cython.declare(cython.const[uint32_t], 16)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def flags_are_set(e: Emitting, inst: Made) -> cython.bint:
    """Whether the instruction before a comparison of a value with zero computed it, and set the flags alike.

    Sums and differences set carry and overflow otherwise: then only zero and sign may be asked for.
    """
    before: Made = inst - 1
    after: Made = inst + 1
    op: uint32_t
    wide: uint32_t = inst.op - x.X_TEST32
    if inst == e.m.insts or inst.n_moves != 0 or before.n_operands == 0 or inst.n_operands != 2:
        return False
    if operand_reg(e, inst, 0) != operand_reg(e, inst, 1) or operand_reg(e, before, 0) != operand_reg(
        e, inst, 0
    ):
        return False
    if before.op < wide:
        return False
    op = before.op - wide
    if op == x.X_BLSR32:
        return after.cond == CC_E or after.cond == CC_NE
    if e.m.operands[before.operands].kind != OPERAND_MOD:
        return False
    if op == x.X_AND32 or op == x.X_AND32_IMM or op == x.X_OR32 or op == x.X_XOR32:
        return True
    if op != x.X_ADD32 and op != x.X_ADD32_IMM and op != x.X_SUB32 and op != x.X_SUB32_IMM:
        return False
    if after.op != p.P_JUMP_IF and after.op != p.P_TRAP_IF and after.op != x.P_SET:
        return False
    return after.cond == CC_E or after.cond == CC_NE or after.cond == CC_S or after.cond == CC_NS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def flags_live(e: Emitting, n: uint32_t) -> cython.bint:
    """Whether an instruction behind n may read flags that are set before n, in the same block."""
    m: cython.pointer[MachFunc] = e.m
    end: uint32_t = m.n_insts
    op: uint32_t
    k: uint32_t
    for k in range(n + 1, end):
        op = m.insts[k].op
        if op == p.P_LABEL:
            return False
        if reads_flags(op):
            return True
        if writes_flags(op):
            return False
        if k == n + FLAGS_REACH:
            return True
    return False


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def reads_flags(op: uint32_t) -> cython.bint:
    """Also those of which it is not sure."""
    return (
        op == p.P_JUMP_IF
        or op == p.P_TRAP_IF
        or op == p.P_POLL_COUNTED
        or op == x.P_SET
        or op == x.P_SELECT_FLOAT
        or op == x.X_CMOV32
        or op == x.X_CMOV64
        or op == x.X_ADC32
        or op == x.X_ADC64
        or op == x.X_SBB32
        or op == x.X_SBB64
    )


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def writes_flags(op: uint32_t) -> cython.bint:
    """The usual ones that surely overwrite all flags."""
    return (
        op == x.X_CMP32
        or op == x.X_CMP64
        or op == x.X_CMP32_IMM
        or op == x.X_CMP64_IMM
        or op == x.X_TEST32
        or op == x.X_TEST64
        or op == x.X_TEST32_IMM
        or op == x.X_TEST64_IMM
        or op == x.X_UCOMISS
        or op == x.X_UCOMISD
        or op == x.X_ADD32
        or op == x.X_ADD64
        or op == x.X_ADD32_IMM
        or op == x.X_ADD64_IMM
        or op == x.X_SUB32
        or op == x.X_SUB64
        or op == x.X_AND32
        or op == x.X_AND32_IMM
        or op == x.X_XOR32
        or op == x.X_OR32
    )
