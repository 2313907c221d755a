"""Instruction selection for f32 and f64."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    Target,
    arg,
    def_reg,
    emit,
    emit_load_const,
    emit_move,
    emit_unary,
    fresh,
    is_const,
    mod_reg,
    result_of,
    temp_reg,
    use_any,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_RM, ROLE_SECOND, VT_I64, MachInst
from cython.cimports.wasmine.jit.backend.memory import add_target
from cython.cimports.wasmine.jit.backend.sinking import plain_load, sinks, stand_for
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import TYPE_F64
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.floats import TRUNC_64, TRUNC_F64, TRUNC_SAT, TRUNC_SIGNED
from cython.cimports.wasmine.jit.x64.integers import with_memory
from cython.cimports.wasmine.jit.x64.lower import CPU_SSE41, emit_with_constant
from cython.cimports.wasmine.jit.x64.memory import find_target
from cython.cimports.wasmine.jit.x64.packed import vex

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])

# opsd = opss + this: the prefix F2 instead of F3 in a packed op (ops.py)
DOUBLE = cython.declare(cython.const[uint32_t], 0x400)
# Immediates of rounds: bit 3 keeps the inexact flag quiet.
NEAREST = cython.declare(cython.const[uint32_t], 8)
DOWN = cython.declare(cython.const[uint32_t], 9)
UP = cython.declare(cython.const[uint32_t], 10)
TO_ZERO = cython.declare(cython.const[uint32_t], 11)
SIGN32 = cython.declare(cython.const[uint64_t], 0x80000000)
SIGN64 = cython.declare(cython.const[uint64_t], 0x8000000000000000)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_float(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    size: uint32_t = DOUBLE if s.f.insts[id].type == TYPE_F64 else 0
    if op == o.F32_ADD or op == o.F64_ADD:
        binary(s, id, x.X_ADDSS + size)
    elif op == o.F32_SUB or op == o.F64_SUB:
        binary(s, id, x.X_SUBSS + size)
    elif op == o.F32_MUL or op == o.F64_MUL:
        binary(s, id, x.X_MULSS + size)
    elif op == o.F32_DIV or op == o.F64_DIV:
        binary(s, id, x.X_DIVSS + size)
    elif op == o.F32_MIN or op == o.F64_MIN:
        extremum(s, id, x.P_FLOAT_MIN)
    elif op == o.F32_MAX or op == o.F64_MAX:
        extremum(s, id, x.P_FLOAT_MAX)
    elif op == o.F32_COPYSIGN or op == o.F64_COPYSIGN:
        copysign(s, id, SIGN64 if size else SIGN32)
    elif op == o.F32_ABS or op == o.F64_ABS:
        with_mask(s, id, x.X_ANDPS, ~SIGN64 if size else ~SIGN32 & cython.cast(uint64_t, 0xFFFFFFFF))
    elif op == o.F32_NEG or op == o.F64_NEG:
        with_mask(s, id, x.X_XORPS, SIGN64 if size else SIGN32)
    elif op == o.F32_SQRT or op == o.F64_SQRT:
        alone(s, id, x.X_SQRTSS + size, 0)
    elif op == o.F32_NEAREST or op == o.F64_NEAREST:
        return round_to(s, id, NEAREST)
    elif op == o.F32_FLOOR or op == o.F64_FLOOR:
        return round_to(s, id, DOWN)
    elif op == o.F32_CEIL or op == o.F64_CEIL:
        return round_to(s, id, UP)
    elif op == o.F32_TRUNC or op == o.F64_TRUNC:
        return round_to(s, id, TO_ZERO)
    else:
        return lower_conversion(s, id, op)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def binary(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    commutes: cython.bint = op & 0xFF != 0x5C and op & 0xFF != 0x5E
    if commutes and not is_const(s, right):
        # Without AVX, the operand that dies here gives its register.
        if is_const(s, left) or (not vex(s) and s.f.insts[left].uses > s.f.insts[right].uses):
            left, right = right, left
    if commutes and not is_const(s, right) and sinks(s, left, plain_load(s.f.insts[id].type)):
        left, right = right, left
        with_load(s, op, dst, left, right)
        return
    if sinks(s, right, plain_load(s.f.insts[id].type)):
        with_load(s, op, dst, left, right)
        return
    left = value_of(s, left)
    if is_const(s, right):
        with_constant(s, op, dst, left, s.f.insts[right].imm)
        return
    combine(s, op, dst, left, value_of(s, right))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def with_load(s: Lowering, op: uint32_t, dst: uint32_t, left: uint32_t, load: uint32_t) -> cython.void:
    """dst = op(left, what a load reads that sinks here)"""
    target = cython.declare(Target)
    inst: Made
    if not vex(s):
        with_memory(s, op, dst, left, load)
        return
    find_target(s, load, cython.address(target))
    left = value_of(s, left)
    inst = emit(s, op | x.VEX)
    def_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, left, ROLE_SECOND)
    add_target(s, inst, cython.address(target))
    stand_for(s, inst, load)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def combine(s: Lowering, op: uint32_t, dst: uint32_t, left: uint32_t, right: uint32_t) -> cython.void:
    """dst = op(left, right)"""
    inst: Made
    if vex(s):
        inst = emit(s, op | x.VEX)
        def_reg(s, inst, dst, ROLE_REG)
        use_reg(s, inst, left, ROLE_SECOND)
    else:
        emit_move(s, dst, left)
        inst = emit(s, op)
        mod_reg(s, inst, dst, ROLE_REG)
    use_any(s, inst, right)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def with_constant(s: Lowering, op: uint32_t, dst: uint32_t, left: uint32_t, bits: uint64_t) -> cython.void:
    """dst = op(left, constant)"""
    inst: Made
    if vex(s):
        inst = emit(s, x.P_WITH_POOL)
        inst.aux = op | x.VEX
        inst.imm = bits
        def_reg(s, inst, dst, ROLE_REG)
        use_reg(s, inst, left, ROLE_SECOND)
    else:
        emit_move(s, dst, left)
        emit_with_constant(s, op, dst, bits)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def alone(s: Lowering, id: uint32_t, op: uint32_t, imm: uint32_t) -> cython.void:
    """dst = op(src). The legacy encoding waits for dst, whose upper part it keeps; VEX has it from src."""
    dst: uint32_t = result_of(s, id)
    src: uint32_t = value_of(s, arg(s, id, 0))
    inst: Made = emit(s, op | vex(s))
    inst.imm = imm
    def_reg(s, inst, dst, ROLE_REG)
    if vex(s):
        use_reg(s, inst, src, ROLE_SECOND)
        use_reg(s, inst, src, ROLE_RM)
    else:
        use_any(s, inst, src)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extremum(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """min and max, where zeros have signs and NaN wins: several instructions."""
    dst: uint32_t = result_of(s, id)
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t = value_of(s, arg(s, id, 1))
    inst: Made
    emit_move(s, dst, left)
    inst = emit(s, op)
    inst.scale = s.f.insts[id].type == TYPE_F64
    mod_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, right, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def with_mask(s: Lowering, id: uint32_t, op: uint32_t, mask: uint64_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    with_constant(s, op, dst, value_of(s, arg(s, id, 0)), mask)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copysign(s: Lowering, id: uint32_t, sign: uint64_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    left: uint32_t = value_of(s, arg(s, id, 0))
    right: uint32_t = value_of(s, arg(s, id, 1))
    signed: uint32_t = fresh(s, s.m.vregs[dst].type)
    size: uint32_t = fresh(s, s.m.vregs[dst].type)
    inst: Made
    with_constant(s, x.X_ANDPS, signed, right, sign)
    with_constant(s, x.X_ANDPS, size, left, ~sign)
    emit_move(s, dst, size)
    inst = emit(s, x.X_ORPS)
    mod_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, signed, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def round_to(s: Lowering, id: uint32_t, mode: uint32_t) -> cython.bint:
    if s.features & CPU_SSE41 == 0:
        return False
    alone(s, id, x.X_ROUNDSD if s.f.insts[id].type == TYPE_F64 else x.X_ROUNDSS, mode)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_conversion(s: Lowering, id: uint32_t, op: uint32_t) -> cython.bint:
    if op == o.F32_DEMOTE_F64:
        alone(s, id, x.X_CVTSD2SS, 0)
    elif op == o.F64_PROMOTE_F32:
        alone(s, id, x.X_CVTSS2SD, 0)
    elif op == o.F32_REINTERPRET_I32:
        emit_unary(s, x.X_MOVD, result_of(s, id), value_of(s, arg(s, id, 0)))
    elif op == o.F64_REINTERPRET_I64:
        emit_unary(s, x.X_MOVQ, result_of(s, id), value_of(s, arg(s, id, 0)))
    elif op == o.I32_REINTERPRET_F32:
        take_bits(s, id, x.X_MOVD_OUT)
    elif op == o.I64_REINTERPRET_F64:
        take_bits(s, id, x.X_MOVQ_OUT)
    elif op == o.F32_CONVERT_I32_S:
        convert(s, id, x.X_CVTSI2SS32)
    elif op == o.F64_CONVERT_I32_S:
        convert(s, id, x.X_CVTSI2SD32)
    elif op == o.F32_CONVERT_I32_U or op == o.F32_CONVERT_I64_S:
        convert(s, id, x.X_CVTSI2SS64)  # an i32 has zeros above
    elif op == o.F64_CONVERT_I32_U or op == o.F64_CONVERT_I64_S:
        convert(s, id, x.X_CVTSI2SD64)
    elif op == o.F32_CONVERT_I64_U:
        convert_unsigned(s, id, 0)
    elif op == o.F64_CONVERT_I64_U:
        convert_unsigned(s, id, 1)
    elif op == o.I32_TRUNC_F32_S:
        truncate(s, id, TRUNC_SIGNED)
    elif op == o.I32_TRUNC_F32_U:
        truncate(s, id, 0)
    elif op == o.I32_TRUNC_F64_S:
        truncate(s, id, TRUNC_SIGNED | TRUNC_F64)
    elif op == o.I32_TRUNC_F64_U:
        truncate(s, id, TRUNC_F64)
    elif op == o.I64_TRUNC_F32_S:
        truncate(s, id, TRUNC_SIGNED | TRUNC_64)
    elif op == o.I64_TRUNC_F32_U:
        truncate(s, id, TRUNC_64)
    elif op == o.I64_TRUNC_F64_S:
        truncate(s, id, TRUNC_SIGNED | TRUNC_64 | TRUNC_F64)
    elif op == o.I64_TRUNC_F64_U:
        truncate(s, id, TRUNC_64 | TRUNC_F64)
    elif op == o.I32_TRUNC_SAT_F32_S:
        truncate(s, id, TRUNC_SAT | TRUNC_SIGNED)
    elif op == o.I32_TRUNC_SAT_F32_U:
        truncate(s, id, TRUNC_SAT)
    elif op == o.I32_TRUNC_SAT_F64_S:
        truncate(s, id, TRUNC_SAT | TRUNC_SIGNED | TRUNC_F64)
    elif op == o.I32_TRUNC_SAT_F64_U:
        truncate(s, id, TRUNC_SAT | TRUNC_F64)
    elif op == o.I64_TRUNC_SAT_F32_S:
        truncate(s, id, TRUNC_SAT | TRUNC_SIGNED | TRUNC_64)
    elif op == o.I64_TRUNC_SAT_F32_U:
        truncate(s, id, TRUNC_SAT | TRUNC_64)
    elif op == o.I64_TRUNC_SAT_F64_S:
        truncate(s, id, TRUNC_SAT | TRUNC_SIGNED | TRUNC_64 | TRUNC_F64)
    elif op == o.I64_TRUNC_SAT_F64_U:
        truncate(s, id, TRUNC_SAT | TRUNC_64 | TRUNC_F64)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def take_bits(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """The bits of a float; here the float stands in ModRM.reg."""
    dst: uint32_t = result_of(s, id)
    src: uint32_t = value_of(s, arg(s, id, 0))
    inst: Made = emit(s, op)
    def_reg(s, inst, dst, ROLE_RM)
    use_reg(s, inst, src, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def convert(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """From an integer.

    The upper part of the register stays: zeroed first, it does not wait for what was there.
    """
    dst: uint32_t = result_of(s, id)
    src: uint32_t = value_of(s, arg(s, id, 0))
    inst: Made
    emit_load_const(s, dst, s.m.vregs[dst].type, 0)
    inst = emit(s, op)
    mod_reg(s, inst, dst, ROLE_REG)
    use_any(s, inst, src)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def convert_unsigned(s: Lowering, id: uint32_t, double: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    src: uint32_t = value_of(s, arg(s, id, 0))
    inst: Made
    emit_load_const(s, dst, s.m.vregs[dst].type, 0)
    inst = emit(s, x.P_CONVERT_U64)
    inst.scale = double
    mod_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, src, ROLE_RM)
    temp_reg(s, inst, fresh(s, VT_I64))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def truncate(s: Lowering, id: uint32_t, kind: uint32_t) -> cython.void:
    """To an integer: several instructions, see emit.py."""
    dst: uint32_t = result_of(s, id)
    src: uint32_t = value_of(s, arg(s, id, 0))
    inst: Made = emit(s, x.P_TRUNCATE)
    inst.imm = kind
    def_reg(s, inst, dst, ROLE_REG)
    use_reg(s, inst, src, ROLE_RM)
