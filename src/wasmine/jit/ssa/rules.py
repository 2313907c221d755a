"""The rules of algebra, for integers; floats are only computed where all operands are constant (fold.py).

A rule looks at an op and the definitions of its operands, one step deep, and never at uses: it is as good
while a function is built as later. It may make at most a few instructions, each of which is simplified in
turn; every rule leads to something smaller, or to an op that no rule leads away from.
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir.scalar import ctz64
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.division import divide_by
from cython.cimports.wasmine.jit.ssa.fold import fold_binary, fold_unary
from cython.cimports.wasmine.jit.ssa.function import TYPE_I32, TYPE_I64, Inst, SsaFunc, const_of
from cython.cimports.wasmine.jit.ssa.info import INVERSE
from cython.cimports.wasmine.jit.ssa.simplify import Cursor, emit1, emit2

Func = cython.typedef(cython.pointer[SsaFunc])
At = cython.typedef(cython.pointer[Cursor])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def ones(type: uint32_t) -> uint64_t:
    """All bits of an integer type."""
    return cython.cast(uint32_t, -1) if type == TYPE_I32 else cython.cast(uint64_t, -1)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def width_of(type: uint32_t) -> uint32_t:
    """Bits of an integer type."""
    return 32 if type == TYPE_I32 else 64


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_relation(op: uint32_t) -> cython.bint:
    """Whether an op gives 0 or 1 and compares two operands."""
    return op >= o.I32_EQ and op <= o.F64_GE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def known_bits(f: Func, value: uint32_t) -> uint64_t:
    """See rules.pxd."""
    inst: cython.pointer[Inst] = f.insts + value
    op: uint32_t = inst.op
    by: cython.pointer[Inst]
    if op == o.CONST:
        return inst.imm
    elif op == o.I32_LOAD8_U or op == o.I64_LOAD8_U:
        return 0xFF
    elif op == o.I32_LOAD16_U or op == o.I64_LOAD16_U:
        return 0xFFFF
    elif op == o.I64_LOAD32_U or op == o.I64_EXTEND_I32_U:
        return cython.cast(uint32_t, -1)
    elif op == o.I32_AND or op == o.I64_AND:
        by = f.insts + inst.args[1]
        return by.imm if by.op == o.CONST else ones(inst.type)
    elif op == o.I32_SHR_U or op == o.I64_SHR_U:
        by = f.insts + inst.args[1]
        return (
            ones(inst.type) >> (by.imm & (width_of(inst.type) - 1)) if by.op == o.CONST else ones(inst.type)
        )
    elif op == o.I32_CLZ or op == o.I32_CTZ or op == o.I32_POPCNT:
        return 63
    elif op == o.I64_CLZ or op == o.I64_CTZ or op == o.I64_POPCNT:
        return 127
    elif op == o.I8X16_BITMASK:
        return 0xFFFF
    elif op == o.I16X8_BITMASK:
        return 0xFF
    elif op == o.I32X4_BITMASK:
        return 15
    elif op == o.I64X2_BITMASK:
        return 3
    if is_relation(op):
        return 1
    return ones(inst.type)


# --- one operand


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_unary(c: At, op: uint32_t, type: uint32_t, x: uint32_t) -> uint32_t:
    """See rules.pxd."""
    f: Func = c.f
    bits: uint64_t = 0
    inner: uint32_t = f.insts[x].op
    below: uint32_t = f.insts[x].args[0]
    if inner == o.CONST:
        if fold_unary(op, f.insts[x].imm, cython.address(bits)):
            return const_of(f, type, bits)
        return 0
    if op == o.I32_WRAP_I64:
        return reduce_wrap(c, x, inner, below)
    elif op == o.I64_EXTEND_I32_U:
        if inner == o.I32_WRAP_I64 and known_bits(f, below) >> 32 == 0:
            return below
    elif op == o.I64_EXTEND32_S:
        if inner == o.I64_EXTEND_I32_U or inner == o.I64_EXTEND_I32_S:
            return emit1(c, o.I64_EXTEND_I32_S, TYPE_I64, below)
        elif inner == o.I64_EXTEND32_S or inner == o.I64_EXTEND16_S or inner == o.I64_EXTEND8_S:
            return x
        elif inner == o.I64_LOAD32_S or inner == o.I64_LOAD16_S or inner == o.I64_LOAD8_S:
            return x
        elif known_bits(f, x) >> 31 == 0:
            return x
    elif op == o.I64_EXTEND_I32_S:
        if known_bits(f, x) >> 31 == 0:
            return emit1(c, o.I64_EXTEND_I32_U, TYPE_I64, x)
    elif op == o.I32_EXTEND8_S or op == o.I64_EXTEND8_S:
        return reduce_extend(c, op, type, x, 0xFF)
    elif op == o.I32_EXTEND16_S or op == o.I64_EXTEND16_S:
        return reduce_extend(c, op, type, x, 0xFFFF)
    elif op == o.I32_REINTERPRET_F32:
        if inner == o.F32_REINTERPRET_I32:
            return below
    elif op == o.F32_REINTERPRET_I32:
        if inner == o.I32_REINTERPRET_F32:
            return below
    elif op == o.I64_REINTERPRET_F64:
        if inner == o.F64_REINTERPRET_I64:
            return below
    elif op == o.F64_REINTERPRET_I64:
        if inner == o.I64_REINTERPRET_F64:
            return below
    elif op == o.F32_NEG or op == o.F64_NEG:
        if inner == op:
            return below
    elif op == o.F32_ABS or op == o.F64_ABS:
        if inner == op:
            return x
        elif inner == o.F32_NEG or inner == o.F64_NEG:
            return emit1(c, op, type, below)
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_wrap(c: At, x: uint32_t, inner: uint32_t, below: uint32_t) -> uint32_t:
    """The lower half of an i64."""
    f: Func = c.f
    if inner == o.I64_EXTEND_I32_U or inner == o.I64_EXTEND_I32_S:
        return below
    elif inner == o.I64_EXTEND32_S:
        return emit1(c, o.I32_WRAP_I64, TYPE_I32, below)
    elif inner == o.I64_AND:
        if (
            cython.cast(uint32_t, known_bits(f, x)) == cython.cast(uint32_t, -1)
            and f.insts[f.insts[x].args[1]].op == o.CONST
        ):
            return emit1(c, o.I32_WRAP_I64, TYPE_I32, below)
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_extend(c: At, op: uint32_t, type: uint32_t, x: uint32_t, mask: uint64_t) -> uint32_t:
    """The sign extension of the bits in a mask: a mask that keeps them all does nothing to it."""
    f: Func = c.f
    inner: cython.pointer[Inst] = f.insts + x
    if inner.op == op:
        return x
    if (
        (inner.op == o.I32_AND or inner.op == o.I64_AND)
        and f.insts[inner.args[1]].op == o.CONST
        and f.insts[inner.args[1]].imm & mask == mask
    ):
        return emit1(c, op, type, inner.args[0])
    return x if known_bits(f, x) & ~(mask >> 1) == 0 else 0


# --- two operands


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_binary(c: At, op: uint32_t, type: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """See rules.pxd."""
    f: Func = c.f
    bits: uint64_t = 0
    if is_const(f, x) and is_const(f, y):
        if fold_binary(op, f.insts[x].imm, f.insts[y].imm, cython.address(bits)):
            return const_of(f, type, bits)
        return 0
    if op == o.I32_ADD or op == o.I64_ADD:
        return reduce_add(c, op, type, x, y)
    elif op == o.I32_SUB or op == o.I64_SUB:
        return reduce_sub(c, op, type, x, y)
    elif op == o.I32_MUL or op == o.I64_MUL:
        return reduce_mul(c, op, type, x, y)
    elif op == o.I32_AND or op == o.I64_AND:
        return reduce_and(c, op, type, x, y)
    elif op == o.I32_OR or op == o.I64_OR or op == o.I32_XOR or op == o.I64_XOR:
        return reduce_or(c, op, type, x, y)
    elif (
        op == o.I32_SHL
        or op == o.I64_SHL
        or op == o.I32_SHR_S
        or op == o.I64_SHR_S
        or op == o.I32_SHR_U
        or op == o.I64_SHR_U
    ):
        return reduce_shift(c, op, type, x, y)
    elif op == o.I32_ROTL or op == o.I64_ROTL or op == o.I32_ROTR or op == o.I64_ROTR:
        return reduce_rotate(c, op, type, x, y)
    elif (
        op == o.I32_DIV_S
        or op == o.I64_DIV_S
        or op == o.I32_DIV_U
        or op == o.I64_DIV_U
        or op == o.I32_REM_S
        or op == o.I64_REM_S
        or op == o.I32_REM_U
        or op == o.I64_REM_U
    ):
        return divide_by(c, op, type, x, f.insts[y].imm) if is_const(f, y) and f.insts[y].imm != 0 else 0
    if op >= o.I32_EQ and op < o.F32_EQ:
        return reduce_relation(c, op, x, y)
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def inner_const(f: Func, value: uint32_t, op: uint32_t, bits: cython.pointer[uint64_t]) -> cython.bint:
    """Whether a value is `op` of something and a constant, whose bits are given."""
    inst: cython.pointer[Inst] = f.insts + value
    if inst.op != op or f.insts[inst.args[1]].op != o.CONST:
        return False
    bits[0] = f.insts[inst.args[1]].imm
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_add(c: At, op: uint32_t, type: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """x + y"""
    f: Func = c.f
    sub: uint32_t = o.I32_SUB if op == o.I32_ADD else o.I64_SUB
    bits: uint64_t = 0
    if is_const(f, y):
        if f.insts[y].imm == 0:
            return x
        if inner_const(f, x, op, cython.address(bits)):
            return emit2(c, op, type, f.insts[x].args[0], const_of(f, type, bits + f.insts[y].imm))
        return 0
    if f.insts[y].op == sub:
        if is_const_of(f, f.insts[y].args[0], 0):
            return emit2(c, sub, type, x, f.insts[y].args[1])
        if f.insts[y].args[1] == x:
            return f.insts[y].args[0]
    if f.insts[x].op == sub:
        if is_const_of(f, f.insts[x].args[0], 0):
            return emit2(c, sub, type, y, f.insts[x].args[1])
        if f.insts[x].args[1] == y:
            return f.insts[x].args[0]
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_sub(c: At, op: uint32_t, type: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """x - y"""
    f: Func = c.f
    add: uint32_t = o.I32_ADD if op == o.I32_SUB else o.I64_ADD
    if x == y:
        return const_of(f, type, 0)
    if is_const(f, y):
        return emit2(c, add, type, x, const_of(f, type, -f.insts[y].imm))
    if f.insts[x].op == add:
        if f.insts[x].args[0] == y:
            return f.insts[x].args[1]
        if f.insts[x].args[1] == y:
            return f.insts[x].args[0]
    if is_const_of(f, x, 0) and f.insts[y].op == op:
        return emit2(c, op, type, f.insts[y].args[1], f.insts[y].args[0])
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_mul(c: At, op: uint32_t, type: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """x * y"""
    f: Func = c.f
    wide: cython.bint = op == o.I64_MUL
    by: uint64_t = f.insts[y].imm
    bits: uint64_t = 0
    if not is_const(f, y):
        return 0
    if by == 0:
        return y
    if by == ones(type):
        return emit2(c, o.I64_SUB if wide else o.I32_SUB, type, const_of(f, type, 0), x)
    if by & (by - 1) == 0:
        return emit2(c, o.I64_SHL if wide else o.I32_SHL, type, x, const_of(f, type, ctz64(by)))
    if inner_const(f, x, op, cython.address(bits)):
        return emit2(c, op, type, f.insts[x].args[0], const_of(f, type, bits * by))
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_and(c: At, op: uint32_t, type: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """x & y"""
    f: Func = c.f
    mask: uint64_t = f.insts[y].imm
    bits: uint64_t = 0
    if x == y:
        return x
    if not is_const(f, y):
        return 0
    if known_bits(f, x) & ~mask == 0:
        return x
    if known_bits(f, x) & mask == 0:
        return const_of(f, type, 0)
    if inner_const(f, x, op, cython.address(bits)):
        return emit2(c, op, type, f.insts[x].args[0], const_of(f, type, bits & mask))
    if mask == cython.cast(uint32_t, -1):
        x = emit1(c, o.I32_WRAP_I64, TYPE_I32, x)
        return emit1(c, o.I64_EXTEND_I32_U, TYPE_I64, x)
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_or(c: At, op: uint32_t, type: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """x | y, x ^ y"""
    f: Func = c.f
    exclusive: cython.bint = op == o.I32_XOR or op == o.I64_XOR
    bits: uint64_t = 0
    if x == y:
        return const_of(f, type, 0) if exclusive else x
    if not is_const(f, y):
        return 0
    if f.insts[y].imm == 0:
        return x
    if not exclusive and f.insts[y].imm == ones(type):
        return y
    if inner_const(f, x, op, cython.address(bits)):
        bits = bits ^ f.insts[y].imm if exclusive else bits | f.insts[y].imm
        return emit2(c, op, type, f.insts[x].args[0], const_of(f, type, bits))
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_shift(c: At, op: uint32_t, type: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """x << y, x >> y"""
    f: Func = c.f
    width: uint32_t = width_of(type)
    wide: cython.bint = type == TYPE_I64
    left: uint32_t = o.I64_SHL if wide else o.I32_SHL
    logical: uint32_t = o.I64_SHR_U if wide else o.I32_SHR_U
    by: uint64_t = f.insts[y].imm & (width - 1)
    bits: uint64_t = 0
    if not is_const(f, y):
        # The count is taken modulo the width anyway.
        if (
            inner_const(f, y, o.I64_AND if wide else o.I32_AND, cython.address(bits))
            and bits & (width - 1) == width - 1
        ):
            return emit2(c, op, type, x, f.insts[y].args[0])
        return x if is_const_of(f, x, 0) else 0
    if by == 0:
        return x
    if by != f.insts[y].imm:
        return emit2(c, op, type, x, const_of(f, type, by))
    if inner_const(f, x, op, cython.address(bits)):
        bits = (bits & (width - 1)) + by
        if bits < width:
            return emit2(c, op, type, f.insts[x].args[0], const_of(f, type, bits))
        if op == left or op == logical:
            return const_of(f, type, 0)
        return emit2(c, op, type, f.insts[x].args[0], const_of(f, type, width - 1))
    if op == left:
        if inner_const(f, x, logical, cython.address(bits)) and bits == by:
            bits = ones(type) << by
            return emit2(
                c, o.I64_AND if wide else o.I32_AND, type, f.insts[x].args[0], const_of(f, type, bits)
            )
    elif inner_const(f, x, left, cython.address(bits)) and bits == by:
        if op == logical:
            bits = ones(type) >> by
            return emit2(
                c, o.I64_AND if wide else o.I32_AND, type, f.insts[x].args[0], const_of(f, type, bits)
            )
        return extend_from(c, type, f.insts[x].args[0], width - cython.cast(uint32_t, by))
    elif op != logical and known_bits(f, x) >> (width - 1) == 0:
        return emit2(c, logical, type, x, y)
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extend_from(c: At, type: uint32_t, x: uint32_t, bits: uint32_t) -> uint32_t:
    """The sign extension of the low bits, if there is an op for it."""
    if bits == 8:
        return emit1(c, o.I64_EXTEND8_S if type == TYPE_I64 else o.I32_EXTEND8_S, type, x)
    if bits == 16:
        return emit1(c, o.I64_EXTEND16_S if type == TYPE_I64 else o.I32_EXTEND16_S, type, x)
    if bits == 32 and type == TYPE_I64:
        return emit1(c, o.I64_EXTEND32_S, type, x)
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_rotate(c: At, op: uint32_t, type: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """Rotations; to the right by a constant becomes to the left."""
    f: Func = c.f
    width: uint32_t = width_of(type)
    by: uint64_t = f.insts[y].imm & (width - 1)
    if not is_const(f, y):
        return 0
    if by == 0:
        return x
    if op == o.I32_ROTR or op == o.I64_ROTR:
        return emit2(
            c, o.I64_ROTL if type == TYPE_I64 else o.I32_ROTL, type, x, const_of(f, type, width - by)
        )
    if by != f.insts[y].imm:
        return emit2(c, op, type, x, const_of(f, type, by))
    return 0


# --- relations


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_eq(op: uint32_t) -> cython.bint:
    """Equality of integers."""
    return op == o.I32_EQ or op == o.I64_EQ


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_ne(op: uint32_t) -> cython.bint:
    """Inequality of integers."""
    return op == o.I32_NE or op == o.I64_NE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_relation(c: At, op: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """Relations of integers."""
    f: Func = c.f
    r: uint32_t
    if x == y:
        # Those that hold for equal operands.
        return const_of(
            f,
            TYPE_I32,
            is_eq(op)
            or op == o.I32_LE_S
            or op == o.I32_LE_U
            or op == o.I32_GE_S
            or op == o.I32_GE_U
            or op == o.I64_LE_S
            or op == o.I64_LE_U
            or op == o.I64_GE_S
            or op == o.I64_GE_U,
        )
    if is_const(f, y):
        r = reduce_unsigned_bound(c, op, x, f.insts[y].imm)
        if r != 0:
            return r
        if is_eq(op) or is_ne(op):
            return reduce_equality(c, op, x, y)
    return reduce_extended(c, op, x, y)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_unsigned_bound(c: At, op: uint32_t, x: uint32_t, bound: uint64_t) -> uint32_t:
    """x < 0, x >= 1 and the like, unsigned."""
    f: Func = c.f
    type: uint32_t = f.insts[x].type
    zero: uint32_t
    equal: uint32_t = o.I32_EQ if type == TYPE_I32 else o.I64_EQ
    unequal: uint32_t = o.I32_NE if type == TYPE_I32 else o.I64_NE
    if bound > 1:
        return 0
    if op == o.I32_LT_U or op == o.I64_LT_U:
        if bound == 0:
            return const_of(f, TYPE_I32, 0)
        zero = const_of(f, TYPE_I32 if type == TYPE_I32 else TYPE_I64, 0)
        return emit2(c, equal, TYPE_I32, x, zero)
    elif op == o.I32_GE_U or op == o.I64_GE_U:
        if bound == 0:
            return const_of(f, TYPE_I32, 1)
        zero = const_of(f, TYPE_I32 if type == TYPE_I32 else TYPE_I64, 0)
        return emit2(c, unequal, TYPE_I32, x, zero)
    elif bound == 0:
        zero = const_of(f, TYPE_I32 if type == TYPE_I32 else TYPE_I64, 0)
        if op == o.I32_GT_U or op == o.I64_GT_U:
            return emit2(c, unequal, TYPE_I32, x, zero)
        elif op == o.I32_LE_U or op == o.I64_LE_U:
            return emit2(c, equal, TYPE_I32, x, zero)
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_equality(c: At, op: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """x == constant, x != constant"""
    f: Func = c.f
    inner: uint32_t = f.insts[x].op
    type: uint32_t = f.insts[x].type
    value: uint64_t = f.insts[y].imm
    bits: uint64_t = 0
    if value & ~known_bits(f, x):
        return const_of(f, TYPE_I32, is_ne(op))
    if is_relation(inner) and value < 2:
        if is_ne(op) == (value == 0):
            return x
        if INVERSE[inner] != 0:
            return emit2(c, INVERSE[inner], TYPE_I32, f.insts[x].args[0], f.insts[x].args[1])
        # Of a relation of floats only whether it is zero is asked.
        if value == 1:
            return emit2(c, o.I32_EQ, TYPE_I32, x, const_of(f, TYPE_I32, 0))
        return 0
    if inner == o.I32_ADD or inner == o.I64_ADD:
        if inner_const(f, x, inner, cython.address(bits)):
            return emit2(c, op, TYPE_I32, f.insts[x].args[0], const_of(f, type, value - bits))
    elif inner == o.I32_XOR or inner == o.I64_XOR:
        if value == 0:
            return emit2(c, op, TYPE_I32, f.insts[x].args[0], f.insts[x].args[1])
        elif inner_const(f, x, inner, cython.address(bits)):
            return emit2(c, op, TYPE_I32, f.insts[x].args[0], const_of(f, type, value ^ bits))
    elif inner == o.I32_SUB or inner == o.I64_SUB:
        if value == 0:
            return emit2(c, op, TYPE_I32, f.insts[x].args[0], f.insts[x].args[1])
    elif inner == o.I64_EXTEND_I32_U:
        return emit2(
            c, o.I32_EQ if is_eq(op) else o.I32_NE, TYPE_I32, f.insts[x].args[0], const_of(f, TYPE_I32, value)
        )
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def narrowed(op: uint32_t, signed: cython.bint) -> uint32_t:
    """The relation of i32 that one of i64 is, of extended operands; 0 when it is none."""
    if op == o.I64_EQ:
        return o.I32_EQ
    elif op == o.I64_NE:
        return o.I32_NE
    elif op == o.I64_LT_U:
        return o.I32_LT_U
    elif op == o.I64_GT_U:
        return o.I32_GT_U
    elif op == o.I64_LE_U:
        return o.I32_LE_U
    elif op == o.I64_GE_U:
        return o.I32_GE_U
    elif op == o.I64_LT_S:
        return o.I32_LT_S if signed else o.I32_LT_U
    elif op == o.I64_GT_S:
        return o.I32_GT_S if signed else o.I32_GT_U
    elif op == o.I64_LE_S:
        return o.I32_LE_S if signed else o.I32_LE_U
    elif op == o.I64_GE_S:
        return o.I32_GE_S if signed else o.I32_GE_U
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_extended(c: At, op: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """Relations of i64 whose operands were extended from i32 alike, or of one such and a constant in the
    range of i32.

    Unsigned relations of sign-extended operands are those of the operands themselves: the order is kept.
    """
    f: Func = c.f
    inner: uint32_t = f.insts[x].op
    signed: cython.bint = inner == o.I64_EXTEND_I32_S
    relation: uint32_t = narrowed(op, signed)
    value: uint64_t = f.insts[y].imm
    right: uint32_t = f.insts[y].args[0]
    if relation == 0 or (not signed and inner != o.I64_EXTEND_I32_U):
        return 0
    if is_const(f, y):
        if signed:
            if cython.cast(uint64_t, cython.cast(int64_t, value << 32) >> 32) != value:
                return 0
        elif value >> 31 > 1:
            return 0
        right = const_of(f, TYPE_I32, value)
    elif f.insts[y].op != inner:
        return 0
    return emit2(c, relation, TYPE_I32, f.insts[x].args[0], right)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def condition_of(f: Func, condition: uint32_t, negated: cython.pointer[cython.bint]) -> uint32_t:
    """See rules.pxd."""
    inst: cython.pointer[Inst] = f.insts + condition
    while (inst.op == o.I32_EQ or inst.op == o.I32_NE) and is_const_of(f, inst.args[1], 0):
        if inst.op == o.I32_EQ:
            negated[0] = not negated[0]
        condition = inst.args[0]
        inst = f.insts + condition
    return condition


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reduce_select(c: At, type: uint32_t, condition: uint32_t, x: uint32_t, y: uint32_t) -> uint32_t:
    """See rules.pxd."""
    f: Func = c.f
    if x == y:
        return x
    if is_const(f, condition):
        return x if f.insts[condition].imm != 0 else y
    if type == TYPE_I32 and is_const(f, x) and is_const(f, y) and known_bits(f, condition) == 1:
        if f.insts[x].imm == 1 and f.insts[y].imm == 0:
            return condition
        if f.insts[x].imm == 0 and f.insts[y].imm == 1:
            return emit2(c, o.I32_EQ, TYPE_I32, condition, const_of(f, TYPE_I32, 0))
    return 0
