"""Bit fields: what shifts and masks take out of a value, or put somewhere; see fields.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.ir.scalar import ctz64_nonzero, popcnt64
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.encode import put_at, taken
from cython.cimports.wasmine.jit.arm64.fold import (
    bits_of,
    folds,
    is_64,
    put_dn,
    put_dnm,
    register_of,
)
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    emit,
    emit_move,
    imm_of,
    is_const,
    mod_reg,
    result_of,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_SECOND, MachInst
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.ssa.function import Inst

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])
Value = cython.typedef(cython.pointer[Inst])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_shift(s: Lowering, id: uint32_t, op32: uint32_t, op64: uint32_t) -> cython.bint:
    """By a constant, and nobody else wants it."""
    inst: Value = s.f.insts + id
    return (inst.op == op32 or inst.op == op64) and folds(s, id) and is_const(s, inst.args[1])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def count_of(s: Lowering, id: uint32_t) -> uint32_t:
    return cython.cast(uint32_t, imm_of(s, s.f.insts[id].args[1])) & (63 if is_64(s, id) else 31)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_run(mask: uint64_t) -> cython.bint:
    """Whether the ones of a mask stand together."""
    if mask == 0:
        return False
    mask >>= ctz64_nonzero(mask)
    return mask & mask + 1 == 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def field_of_shift(s: Lowering, id: uint32_t) -> cython.bint:
    """To the right of what was shifted to the left: a field from the middle. Of a mask: a field from its
    place.
    """
    inst: Value = s.f.insts + id
    inner: uint32_t = inst.args[0]
    width: uint32_t = 64 if is_64(s, id) else 32
    right: uint32_t = count_of(s, id)
    left: uint32_t
    op: uint32_t
    mask: uint64_t
    dst: uint32_t = result_of(s, id)
    if inst.op == o.I32_SHR_S or inst.op == o.I64_SHR_S:
        op = a.A_SBFM64 if width == 64 else a.A_SBFM32
    elif inst.op == o.I32_SHR_U or inst.op == o.I64_SHR_U:
        op = a.A_UBFM64 if width == 64 else a.A_UBFM32
        if is_shift(s, inner, o.I32_AND, o.I64_AND):
            mask = bits_of(s, s.f.insts[inner].args[1]) >> right
            if mask != 0 and mask & mask + 1 == 0:
                put_dn(s, op, dst, register_of(s, s.f.insts[inner].args[0]), taken(right, popcnt64(mask)))
                return True
    else:
        return field_put(s, id, right)
    if not is_shift(s, inner, o.I32_SHL, o.I64_SHL):
        return False
    left = count_of(s, inner)
    inner = register_of(s, s.f.insts[inner].args[0])
    if right >= left:
        put_dn(s, op, dst, inner, taken(right - left, width - right))
    else:
        put_dn(s, op, dst, inner, put_at(left - right, width - left, width))
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def field_put(s: Lowering, id: uint32_t, left: uint32_t) -> cython.bint:
    """The lowest bits of a value, elsewhere."""
    inner: uint32_t = s.f.insts[id].args[0]
    width: uint32_t = 64 if is_64(s, id) else 32
    op: uint32_t = a.A_UBFM64 if width == 64 else a.A_UBFM32
    mask: uint64_t
    dst: uint32_t
    if not is_shift(s, inner, o.I32_AND, o.I64_AND):
        return False
    mask = bits_of(s, s.f.insts[inner].args[1])
    if mask & 1 == 0 or not is_run(mask):
        return False
    dst = result_of(s, id)
    put_dn(
        s,
        op,
        dst,
        register_of(s, s.f.insts[inner].args[0]),
        put_at(left, min(popcnt64(mask), width - left), width),
    )
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def field_of_and(s: Lowering, id: uint32_t) -> cython.bint:
    """A mask of what was shifted."""
    inst: Value = s.f.insts + id
    inner: uint32_t = inst.args[0]
    width: uint32_t = 64 if is_64(s, id) else 32
    op: uint32_t = a.A_UBFM64 if width == 64 else a.A_UBFM32
    mask: uint64_t
    count: uint32_t
    bits: uint32_t
    dst: uint32_t
    if not is_const(s, inst.args[1]):
        return False
    mask = bits_of(s, inst.args[1])
    if not is_run(mask):
        return False
    dst = result_of(s, id)
    if is_shift(s, inner, o.I32_SHR_U, o.I64_SHR_U) and mask & 1:
        count = count_of(s, inner)
        bits = min(popcnt64(mask), width - count)
        put_dn(s, op, dst, register_of(s, s.f.insts[inner].args[0]), taken(count, bits))
        return True
    if is_shift(s, inner, o.I32_SHR_S, o.I64_SHR_S) and mask & 1:
        count = count_of(s, inner)
        if popcnt64(mask) + count <= width:
            put_dn(s, op, dst, register_of(s, s.f.insts[inner].args[0]), taken(count, popcnt64(mask)))
            return True
    if is_shift(s, inner, o.I32_SHL, o.I64_SHL):
        count = count_of(s, inner)
        if ctz64_nonzero(mask) == count:
            put_dn(s, op, dst, register_of(s, s.f.insts[inner].args[0]), put_at(count, popcnt64(mask), width))
            return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def field_of_or(s: Lowering, id: uint32_t) -> cython.bint:
    inst: Value = s.f.insts + id
    return (
        extract_pair(s, id, inst.args[0], inst.args[1])
        or extract_pair(s, id, inst.args[1], inst.args[0])
        or insert(s, id, inst.args[0], inst.args[1])
        or insert(s, id, inst.args[1], inst.args[0])
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extract_pair(s: Lowering, id: uint32_t, high: uint32_t, low: uint32_t) -> cython.bint:
    """The end of one value, and the start of another: high << n | low >> width - n."""
    width: uint32_t = 64 if is_64(s, id) else 32
    dst: uint32_t
    n: uint32_t
    if not is_shift(s, high, o.I32_SHL, o.I64_SHL) or not is_shift(s, low, o.I32_SHR_U, o.I64_SHR_U):
        return False
    if count_of(s, low) == 0 or count_of(s, high) + count_of(s, low) != width:
        return False
    dst = result_of(s, id)
    n = register_of(s, s.f.insts[high].args[0])
    put_dnm(
        s,
        a.A_EXTR64 if width == 64 else a.A_EXTR32,
        dst,
        n,
        register_of(s, s.f.insts[low].args[0]),
        count_of(s, low),
    )
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def insert(s: Lowering, id: uint32_t, rest: uint32_t, field: uint32_t) -> cython.bint:
    """A value without the bits of a field, and that field: rest & ~mask | field & mask, or field << n."""
    width: uint32_t = 64 if is_64(s, id) else 32
    kept: uint64_t
    mask: uint64_t
    start: uint32_t
    dst: uint32_t
    below: uint32_t
    made: Made
    if not is_shift(s, rest, o.I32_AND, o.I64_AND):
        return False
    kept = bits_of(s, s.f.insts[rest].args[1])
    mask = ~kept & (~cython.cast(uint64_t, 0) >> (64 - width))
    if not is_run(mask):
        return False
    start = ctz64_nonzero(mask)
    if is_shift(s, field, o.I32_AND, o.I64_AND) and start == 0:
        if bits_of(s, s.f.insts[field].args[1]) != mask:
            return False
    elif not is_shift(s, field, o.I32_SHL, o.I64_SHL) or count_of(s, field) != start:
        return False
    elif start == 0 or popcnt64(mask) + start != width:
        # The shifted value may have more bits than the field.
        return False
    dst = result_of(s, id)
    field = register_of(s, s.f.insts[field].args[0])
    below = value_of(s, s.f.insts[rest].args[0])
    emit_move(s, dst, below)
    made = emit(s, a.A_BFM64 if width == 64 else a.A_BFM32)
    made.imm = put_at(start, popcnt64(mask), width)
    mod_reg(s, made, dst, ROLE_REG)
    use_reg(s, made, field, ROLE_SECOND)
    return True
