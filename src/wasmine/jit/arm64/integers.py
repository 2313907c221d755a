"""Instruction selection for integers; see backend/lower.pxd for the order of things.

An i32 has zeros in the upper half of its register; what an instruction on 32 bits reads there does not count.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.fields import field_of_and, field_of_or, field_of_shift
from cython.cimports.wasmine.jit.arm64.fold import (
    SECOND_EXTENDED,
    SECOND_IMM,
    SECOND_LOGICAL,
    SECOND_MINUS,
    Second,
    bits_of,
    find_logical,
    find_second,
    folds,
    is_64,
    is_special,
    put_dn,
    put_dnm,
    put_dnma,
    register_of,
    source,
)
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    arg,
    emit_move,
    fresh,
    imm_of,
    is_const,
    is_upper_half,
    result_of,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import VT_F64, VT_I32, VT_I64, MachInst
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import Inst

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
Value = cython.typedef(cython.pointer[Inst])

# What distinguishes the op of 64 bits: sf.
SF = cython.declare(cython.const[uint32_t], 0x80000000)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def sized(s: Lowering, id: uint32_t) -> uint32_t:
    """What to add to a 32-bit op for the type of the instruction."""
    return SF if is_64(s, id) else 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_integer(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.I32_ADD or op == o.I64_ADD:
        add(s, id)
    elif op == o.I32_SUB or op == o.I64_SUB:
        subtract(s, id)
    elif op == o.I32_AND or op == o.I64_AND:
        if not field_of_and(s, id):
            bitwise(s, id, a.A_AND32, a.A_BIC32, a.A_AND_IMM32)
    elif op == o.I32_OR or op == o.I64_OR:
        if not field_of_or(s, id):
            bitwise(s, id, a.A_ORR32, a.A_ORN32, a.A_ORR_IMM32)
    elif op == o.I32_XOR or op == o.I64_XOR:
        bitwise(s, id, a.A_EOR32, a.A_EON32, a.A_EOR_IMM32)
    elif op == o.I32_MUL or op == o.I64_MUL:
        multiply(s, id)
    elif op == o.I32_SHL or op == o.I64_SHL:
        shift_by(s, id, a.A_LSL32)
    elif op == o.I32_SHR_S or op == o.I64_SHR_S:
        shift_by(s, id, a.A_ASR32)
    elif op == o.I32_SHR_U or op == o.I64_SHR_U:
        shift_by(s, id, a.A_LSR32)
    elif op == o.I32_ROTL or op == o.I64_ROTL or op == o.I32_ROTR or op == o.I64_ROTR:
        rotate(s, id, op == o.I32_ROTL or op == o.I64_ROTL)
    elif op == o.I32_DIV_S or op == o.I64_DIV_S:
        plain(s, id, a.A_SDIV32)
    elif op == o.I32_DIV_U or op == o.I64_DIV_U:
        plain(s, id, a.A_UDIV32)
    elif op == o.I32_REM_S or op == o.I64_REM_S:
        remainder(s, id, a.A_SDIV32)
    elif op == o.I32_REM_U or op == o.I64_REM_U:
        remainder(s, id, a.A_UDIV32)
    elif op == o.I64_MUL_HIGH_S:
        put_dnm(s, a.A_SMULH, result_of(s, id), source(s, arg(s, id, 0)), source(s, arg(s, id, 1)), 0)
    elif op == o.I64_MUL_HIGH_U:
        put_dnm(s, a.A_UMULH, result_of(s, id), source(s, arg(s, id, 0)), source(s, arg(s, id, 1)), 0)
    else:
        return lower_unary(s, id, op)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_unary(s: Lowering, id: uint32_t, op: uint32_t) -> cython.bint:
    machine: uint32_t = 0
    counted: uint32_t
    if op == o.I32_EXTEND8_S:
        machine = a.A_SXTB32
    elif op == o.I64_EXTEND8_S:
        machine = a.A_SXTB64
    elif op == o.I32_EXTEND16_S:
        machine = a.A_SXTH32
    elif op == o.I64_EXTEND16_S:
        machine = a.A_SXTH64
    elif op == o.I64_EXTEND32_S or op == o.I64_EXTEND_I32_S:
        machine = a.A_SXTW
    elif op == o.I32_CLZ or op == o.I64_CLZ:
        machine = a.A_CLZ32 + sized(s, id)
    elif op == o.I32_WRAP_I64 and is_upper_half(s, arg(s, id, 0)):
        emit_move(s, result_of(s, id), value_of(s, arg(s, id, 0)))
        return True
    elif op == o.I32_WRAP_I64:
        put_dnm(s, a.A_MOV32, result_of(s, id), 0, register_of(s, arg(s, id, 0)), 0)
        return True
    elif op == o.I64_EXTEND_I32_U:
        # The upper half of an i32 is zero everywhere, in slots too.
        emit_move(s, result_of(s, id), value_of(s, arg(s, id, 0)))
        return True
    elif op == o.I32_CTZ or op == o.I64_CTZ:
        counted = fresh(s, VT_I64)
        machine = result_of(s, id)
        put_dn(s, a.A_RBIT32 + sized(s, id), counted, register_of(s, arg(s, id, 0)), 0)
        put_dn(s, a.A_CLZ32 + sized(s, id), machine, counted, 0)
        return True
    elif op == o.I32_POPCNT or op == o.I64_POPCNT:
        count_ones(s, id)
        return True
    else:
        return False
    put_dn(s, machine, result_of(s, id), register_of(s, arg(s, id, 0)), 0)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def count_ones(s: Lowering, id: uint32_t) -> cython.void:
    """Those of each byte of a vector, added up. An i32 has zeros above, unless it is a value cut in half."""
    dst: uint32_t = result_of(s, id)
    vector: uint32_t = fresh(s, VT_F64)
    counts: uint32_t = fresh(s, VT_F64)
    sum: uint32_t = fresh(s, VT_F64)
    if is_64(s, id):
        put_dn(s, a.A_FMOV_D_X, vector, value_of(s, arg(s, id, 0)), 0)
    else:
        put_dn(s, a.A_FMOV_S_W, vector, register_of(s, arg(s, id, 0)), 0)
    put_dn(s, a.A_CNT_8B, counts, vector, 0)
    put_dn(s, a.A_ADDV_8B, sum, counts, 0)
    put_dn(s, a.A_FMOV_W_S, dst, sum, 0)


# --- sums


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add(s: Lowering, id: uint32_t) -> cython.void:
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    if is_const(s, left) or (is_special(s, left) and not is_special(s, right)):
        left, right = right, left
    if is_const(s, right):
        sum_with(s, id, left, right, a.A_ADD32, a.A_ADD_EXT32, a.A_ADD_IMM32, a.A_SUB_IMM32)
    elif is_product(s, right):
        add_product(s, id, right, left, a.A_MADD32, a.A_SMADDL, a.A_UMADDL)
    elif is_product(s, left):
        add_product(s, id, left, right, a.A_MADD32, a.A_SMADDL, a.A_UMADDL)
    else:
        sum_with(s, id, left, right, a.A_ADD32, a.A_ADD_EXT32, a.A_ADD_IMM32, a.A_SUB_IMM32)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def subtract(s: Lowering, id: uint32_t) -> cython.void:
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    if is_product(s, right):
        add_product(s, id, right, left, a.A_MSUB32, a.A_SMSUBL, a.A_UMSUBL)
    else:
        sum_with(s, id, left, right, a.A_SUB32, a.A_SUB_EXT32, a.A_SUB_IMM32, a.A_ADD_IMM32)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sum_with(
    s: Lowering,
    id: uint32_t,
    left: uint32_t,
    right: uint32_t,
    op: uint32_t,
    extended: uint32_t,
    immediate: uint32_t,
    opposite: uint32_t,
) -> cython.void:
    """A sum or difference. Where the second operand is extended, or an immediate, no first one is zero."""
    second = cython.declare(Second)
    dst: uint32_t = result_of(s, id)
    wide: uint32_t = sized(s, id)
    n: uint32_t
    find_second(s, right, cython.address(second))
    if second.kind == SECOND_IMM:
        put_dn(s, immediate + wide, dst, register_of(s, left), second.imm)
    elif second.kind == SECOND_MINUS:
        put_dn(s, opposite + wide, dst, register_of(s, left), second.imm)
    elif second.kind == SECOND_EXTENDED:
        n = register_of(s, left)
        put_dnm(s, extended + wide, dst, n, second.vreg, second.imm)
    else:
        n = source(s, left)
        put_dnm(s, op + wide, dst, n, second.vreg, second.imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_product(s: Lowering, id: uint32_t) -> cython.bint:
    inst: Value = s.f.insts + id
    return (inst.op == o.I32_MUL or inst.op == o.I64_MUL) and folds(s, id)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extends(s: Lowering, product: uint32_t, op: uint32_t) -> cython.bint:
    """Whether both factors are extended from 32 bits alike; the second may be a constant."""
    inst: Value = s.f.insts + product
    bits: uint64_t
    if s.f.insts[inst.args[0]].op != op or not folds(s, inst.args[0]):
        return False
    if is_const(s, inst.args[1]):
        bits = bits_of(s, inst.args[1])
        if op == o.I64_EXTEND_I32_U:
            return bits == cython.cast(uint32_t, bits)
        return bits == cython.cast(uint64_t, cython.cast(int32_t, bits))
    return s.f.insts[inst.args[1]].op == op and folds(s, inst.args[1])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def narrow(s: Lowering, factor: uint32_t) -> uint32_t:
    """What a factor was extended from."""
    return factor if is_const(s, factor) else arg(s, factor, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_product(
    s: Lowering,
    id: uint32_t,
    product: uint32_t,
    other: uint32_t,
    op: uint32_t,
    signed_op: uint32_t,
    unsigned_op: uint32_t,
) -> cython.void:
    dst: uint32_t = result_of(s, id)
    n: uint32_t = arg(s, product, 0)
    m: uint32_t = arg(s, product, 1)
    third: uint32_t
    op += sized(s, id)
    if extends(s, product, o.I64_EXTEND_I32_S):
        op = signed_op
    elif extends(s, product, o.I64_EXTEND_I32_U):
        op = unsigned_op
    if op == signed_op or op == unsigned_op:
        n = narrow(s, n)
        m = narrow(s, m)
    n = register_of(s, n)
    m = register_of(s, m)
    third = source(s, other)
    put_dnma(s, op, dst, n, m, third)


# --- logic


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def complement(s: Lowering, id: uint32_t) -> uint32_t:
    """What a value is the complement of, if nobody else wants it; or 0."""
    inst: Value = s.f.insts + id
    if (inst.op == o.I32_XOR or inst.op == o.I64_XOR) and folds(s, id):
        if is_const(s, inst.args[1]) and imm_of(s, inst.args[1]) == -1:
            return inst.args[0]
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bitwise(s: Lowering, id: uint32_t, op: uint32_t, inverted: uint32_t, immediate: uint32_t) -> cython.void:
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    dst: uint32_t = result_of(s, id)
    wide: uint32_t = sized(s, id)
    second = cython.declare(Second)
    n: uint32_t
    if is_const(s, right) and imm_of(s, right) == -1 and op == a.A_EOR32:
        find_logical(s, left, cython.address(second))
        put_dnm(s, a.A_ORN32 + wide, dst, 0, second.vreg, second.imm)
        return
    if is_const(s, left) or complement(s, left) or (is_special(s, left) and not is_const(s, right)):
        left, right = right, left
    if complement(s, right):
        right = complement(s, right)
        op = inverted
        if is_const(s, right):
            put_dnm(s, op + wide, dst, source(s, left), value_of(s, right), 0)
            return
    find_logical(s, right, cython.address(second))
    n = source(s, left)
    if second.kind == SECOND_LOGICAL:
        put_dn(s, immediate + wide, dst, n, second.imm)
    else:
        put_dnm(s, op + wide, dst, n, second.vreg, second.imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shift_by(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """The machine takes the count modulo the width, as WebAssembly does."""
    value: uint32_t
    places: uint32_t
    width: uint32_t = 64 if is_64(s, id) else 32
    dst: uint32_t = result_of(s, id)
    if not is_const(s, arg(s, id, 1)):
        value = source(s, arg(s, id, 0))
        put_dnm(s, op + sized(s, id), dst, value, register_of(s, arg(s, id, 1)), 0)
        return
    if field_of_shift(s, id):
        return
    places = cython.cast(uint32_t, imm_of(s, arg(s, id, 1))) & (width - 1)
    value = register_of(s, arg(s, id, 0))
    if op == a.A_LSL32:
        put_dn(s, a.A_LSL_IMM64 if width == 64 else a.A_LSL_IMM32, dst, value, places)
    elif op == a.A_LSR32:
        put_dn(s, a.A_LSR_IMM64 if width == 64 else a.A_LSR_IMM32, dst, value, places)
    else:
        put_dn(s, a.A_ASR_IMM64 if width == 64 else a.A_ASR_IMM32, dst, value, places)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def rotate(s: Lowering, id: uint32_t, left: cython.bint) -> cython.void:
    width: uint32_t = 64 if is_64(s, id) else 32
    dst: uint32_t = result_of(s, id)
    value: uint32_t = register_of(s, arg(s, id, 0))
    places: uint32_t
    count: uint32_t
    if is_const(s, arg(s, id, 1)):
        places = cython.cast(uint32_t, imm_of(s, arg(s, id, 1)))
        if left:
            places = 0 - places
        put_dn(s, a.A_ROR_IMM64 if width == 64 else a.A_ROR_IMM32, dst, value, places & (width - 1))
        return
    count = register_of(s, arg(s, id, 1))
    if left:
        places = fresh(s, VT_I64)
        put_dnm(s, a.A_NEG32, places, 0, count, 0)
        count = places
    put_dnm(s, a.A_ROR64 if width == 64 else a.A_ROR32, dst, value, count, 0)


# --- products and quotients


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def plain(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    n: uint32_t = source(s, arg(s, id, 0))
    put_dnm(s, op + sized(s, id), dst, n, source(s, arg(s, id, 1)), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply(s: Lowering, id: uint32_t) -> cython.void:
    n: uint32_t
    op: uint32_t = 0
    if extends(s, id, o.I64_EXTEND_I32_S):
        op = a.A_SMULL
    elif extends(s, id, o.I64_EXTEND_I32_U):
        op = a.A_UMULL
    if op != 0:
        n = register_of(s, narrow(s, arg(s, id, 0)))
        put_dnm(s, op, result_of(s, id), n, register_of(s, narrow(s, arg(s, id, 1))), 0)
    elif not multiply_by_sum(s, id):
        plain(s, id, a.A_MUL32)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def multiply_by_sum(s: Lowering, id: uint32_t) -> cython.bint:
    """By 2^k + 1: the value and the value shifted."""
    factor: uint64_t
    value: uint32_t
    places: uint32_t = 1
    if not is_const(s, arg(s, id, 1)):
        return False
    factor = bits_of(s, arg(s, id, 1))
    while places < 32 and factor != (cython.cast(uint64_t, 1) << places) + 1:
        places += 1
    if places == 32:
        return False
    value = register_of(s, arg(s, id, 0))
    put_dnm(s, a.A_ADD32 + sized(s, id), result_of(s, id), value, value, places)
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def remainder(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """left - left / right * right; the smallest number by -1 gives 0 so."""
    dst: uint32_t = result_of(s, id)
    left: uint32_t = register_of(s, arg(s, id, 0))
    right: uint32_t = register_of(s, arg(s, id, 1))
    quotient: uint32_t = fresh(s, VT_I64 if is_64(s, id) else VT_I32)
    put_dnm(s, op + sized(s, id), quotient, left, right, 0)
    put_dnma(s, a.A_MSUB32 + sized(s, id), dst, quotient, right, left)
