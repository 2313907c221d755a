"""Instruction selection for vectors: splats, single lanes, shuffles."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    def_reg,
    emit,
    emit_move,
    fresh,
    mod_reg,
    result_of,
    use_any,
    use_reg,
    value_of,
)
from cython.cimports.wasmine.jit.backend.machine import (
    ROLE_REG,
    ROLE_RM,
    ROLE_SECOND,
    VT_I32,
    VT_V128,
    MachInst,
)
from cython.cimports.wasmine.jit.ssa import ops as o
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.lower import CPU_AVX2, CPU_VBMI
from cython.cimports.wasmine.jit.x64.packed import (
    arg,
    constant,
    constant_to,
    each8,
    from_integer,
    pack_to,
    ternary_to,
    unary,
    unary_to,
    vex,
    with_constant,
)

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])

NONE = cython.declare(cython.const[uint32_t], 0xFF)
NO_BLEND = cython.declare(cython.const[uint32_t], 0x100)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_lanes(s: Lowering, id: uint32_t) -> cython.bint:
    op: uint32_t = s.f.insts[id].op
    if op == o.I8X16_SPLAT:
        splat_small(s, id, x.X_VPBROADCASTB)
    elif op == o.I16X8_SPLAT:
        splat_small(s, id, x.X_VPBROADCASTW)
    elif op == o.I32X4_SPLAT:
        splat(s, id, x.X_MOVD, 0)
    elif op == o.I64X2_SPLAT:
        splat(s, id, x.X_MOVQ, 0x44)
    elif op == o.F32X4_SPLAT:
        splat_float(s, id, x.X_SHUFPS)
    elif op == o.F64X2_SPLAT:
        splat_float(s, id, x.X_UNPCKLPD)
    elif op == o.I8X16_EXTRACT_LANE_S:
        extract(s, id, x.X_PEXTRB, x.X_MOVSX832)
    elif op == o.I8X16_EXTRACT_LANE_U:
        extract(s, id, x.X_PEXTRB, 0)
    elif op == o.I16X8_EXTRACT_LANE_S:
        extract(s, id, x.X_PEXTRW, x.X_MOVSX1632)
    elif op == o.I16X8_EXTRACT_LANE_U:
        extract(s, id, x.X_PEXTRW, 0)
    elif op == o.I32X4_EXTRACT_LANE:
        extract(s, id, x.X_PEXTRD if s.f.insts[id].imm else x.X_MOVD_OUT, 0)
    elif op == o.I64X2_EXTRACT_LANE:
        extract(s, id, x.X_PEXTRQ if s.f.insts[id].imm else x.X_MOVQ_OUT, 0)
    elif op == o.F32X4_EXTRACT_LANE:
        extract_float(s, id, cython.cast(uint32_t, s.f.insts[id].imm))
    elif op == o.F64X2_EXTRACT_LANE:
        extract_float(s, id, 0xEE if s.f.insts[id].imm else 0)
    elif op == o.I8X16_REPLACE_LANE:
        replace(s, id, x.X_PINSRB)
    elif op == o.I16X8_REPLACE_LANE:
        replace(s, id, x.X_PINSRW)
    elif op == o.I32X4_REPLACE_LANE:
        replace(s, id, x.X_PINSRD)
    elif op == o.I64X2_REPLACE_LANE:
        replace(s, id, x.X_PINSRQ)
    elif op == o.F32X4_REPLACE_LANE:
        replace_float(s, id, x.X_INSERTPS, cython.cast(uint32_t, s.f.insts[id].imm) << 4)
    elif op == o.F64X2_REPLACE_LANE:
        replace_float(s, id, x.X_UNPCKLPD if s.f.insts[id].imm else x.X_MOVSD, 0)
    elif op == o.I8X16_SWIZZLE:
        swizzle(s, id)
    elif op == o.I8X16_SHUFFLE:
        shuffle(s, id)
    else:
        return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def splat_small(s: Lowering, id: uint32_t, broadcast: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    lane: uint32_t = value_of(s, arg(s, id, 0))
    lane = from_integer(s, x.X_MOVD, lane)
    if s.features & CPU_AVX2:
        unary_to(s, dst, broadcast, lane, 0)
    elif broadcast == x.X_VPBROADCASTB:
        pack_to(s, dst, x.X_PSHUFB, lane, constant(s, 0, 0), 0)
    else:
        unary_to(s, dst, x.X_PSHUFD, unary(s, x.X_PSHUFLW, lane, 0), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def splat(s: Lowering, id: uint32_t, op: uint32_t, order: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    lane: uint32_t = value_of(s, arg(s, id, 0))
    lane = from_integer(s, op, lane)
    unary_to(s, dst, x.X_PSHUFD, lane, order)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def splat_float(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    """The lowest lane twice, or four times."""
    dst: uint32_t = result_of(s, id)
    lane: uint32_t = value_of(s, arg(s, id, 0))
    if s.features & CPU_AVX2 and op == x.X_SHUFPS:
        unary_to(s, dst, x.X_VBROADCASTSS, lane, 0)
    elif op == x.X_UNPCKLPD:
        unary_to(s, dst, x.X_MOVDDUP, lane, 0)
    elif vex(s):
        pack_to(s, dst, op, lane, lane, 0)
    else:
        unary_to(s, dst, x.X_PSHUFD, lane, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extract(s: Lowering, id: uint32_t, op: uint32_t, extend: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    lane: uint32_t = fresh(s, VT_I32) if extend else dst
    inst: Made = emit(s, op | vex(s))
    def_reg(s, inst, lane, ROLE_RM)
    use_reg(s, inst, a, ROLE_REG)
    if op != x.X_MOVD_OUT and op != x.X_MOVQ_OUT:
        inst.imm = s.f.insts[id].imm
    if extend:
        inst = emit(s, extend)
        def_reg(s, inst, dst, ROLE_REG)
        use_reg(s, inst, lane, ROLE_RM)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def extract_float(s: Lowering, id: uint32_t, order: uint32_t) -> cython.void:
    """What is above the lowest lane does not count."""
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    if order == 0:
        emit_move(s, dst, a)
    else:
        unary_to(s, dst, x.X_PSHUFD, a, order)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def replace(s: Lowering, id: uint32_t, op: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    lane: uint32_t = value_of(s, arg(s, id, 1))
    inst: Made
    if vex(s):
        inst = emit(s, op | x.VEX)
        def_reg(s, inst, dst, ROLE_REG)
        use_reg(s, inst, a, ROLE_SECOND)
    else:
        emit_move(s, dst, a)
        inst = emit(s, op)
        mod_reg(s, inst, dst, ROLE_REG)
    use_any(s, inst, lane)
    inst.imm = s.f.insts[id].imm


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def replace_float(s: Lowering, id: uint32_t, op: uint32_t, imm: uint32_t) -> cython.void:
    dst: uint32_t = result_of(s, id)
    a: uint32_t = value_of(s, arg(s, id, 0))
    lane: uint32_t = value_of(s, arg(s, id, 1))
    pack_to(s, dst, op, a, lane, imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def swizzle(s: Lowering, id: uint32_t) -> cython.void:
    """pshufb gives 0 where the top bit of an index is set: a saturating sum sets it for those above 15."""
    dst: uint32_t = result_of(s, id)
    index: uint32_t = arg(s, id, 1)
    a: uint32_t = value_of(s, arg(s, id, 0))
    lanes = cython.declare(uint8_t[16])
    k: cython.int
    if s.f.insts[index].op == o.V128_CONST:
        memcpy(lanes, s.f.pool + s.f.insts[index].imm, 16)
        for k in range(16):
            if lanes[k] > 15:
                lanes[k] = 0x80
        gather(s, dst, a, lanes)
        return
    index = value_of(s, index)
    pack_to(s, dst, x.X_PSHUFB, a, with_constant(s, x.X_PADDUSB, index, each8(0x70), each8(0x70)), 0)


# --- shuffles


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shuffle(s: Lowering, id: uint32_t) -> cython.void:
    """Sixteen lanes, 0 to 15 of a and 16 to 31 of b; the cheapest instruction that does it, else pshufb."""
    dst: uint32_t = result_of(s, id)
    lanes = cython.declare(uint8_t[16])
    left: uint32_t = arg(s, id, 0)
    right: uint32_t = arg(s, id, 1)
    from_left: cython.bint = False
    from_right: cython.bint = False
    k: cython.int
    memcpy(lanes, s.f.pool + s.f.insts[id].imm, 16)
    for k in range(16):
        if left == right:
            lanes[k] &= 15
        if lanes[k] < 16:
            from_left = True
        else:
            from_right = True
    if not from_left or not from_right:
        if from_right:
            left = right
        for k in range(16):
            lanes[k] &= 15
        shuffle_one(s, dst, value_of(s, left), lanes)
        return
    a: uint32_t = value_of(s, left)
    b: uint32_t = value_of(s, right)
    if not shuffle_two(s, dst, a, b, lanes):
        for k in range(16):
            lanes[k] ^= 16
        if not shuffle_two(s, dst, b, a, lanes):
            shuffle_bytes(s, dst, b, a, lanes)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shuffle_one(s: Lowering, dst: uint32_t, a: uint32_t, lanes: cython.pointer[uint8_t]) -> cython.void:
    """A shuffle of one vector."""
    words = cython.declare(uint32_t[4])
    halves = cython.declare(uint32_t[8])
    op: uint32_t = unpack_op(lanes, 0)
    start: uint32_t = rotation(lanes, 15)
    if wider(lanes, words):
        if words[0] == 0 and words[1] == 1 and words[2] == 2 and words[3] == 3:
            emit_move(s, dst, a)
        else:
            unary_to(s, dst, x.X_PSHUFD, a, words[0] | words[1] << 2 | words[2] << 4 | words[3] << 6)
    elif op != 0:
        pack_to(s, dst, op, a, a, 0)
    elif start != NONE:
        pack_to(s, dst, x.X_PALIGNR, a, a, start)
    elif s.features & CPU_AVX2 and all_equal(lanes, 0, 1):
        unary_to(s, dst, x.X_VPBROADCASTB, a, 0)
    elif s.features & CPU_AVX2 and all_equal(lanes, 0, 2):
        unary_to(s, dst, x.X_VPBROADCASTW, a, 0)
    elif in_pairs(lanes, halves) and keeps(halves, 4) and within(halves, 0):
        unary_to(s, dst, x.X_PSHUFLW, a, halves[0] | halves[1] << 2 | halves[2] << 4 | halves[3] << 6)
    elif in_pairs(lanes, halves) and keeps(halves, 0) and within(halves, 4):
        unary_to(
            s,
            dst,
            x.X_PSHUFHW,
            a,
            (halves[4] & 3) | (halves[5] & 3) << 2 | (halves[6] & 3) << 4 | (halves[7] & 3) << 6,
        )
    else:
        gather(s, dst, a, lanes)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shuffle_two(
    s: Lowering, dst: uint32_t, a: uint32_t, b: uint32_t, lanes: cython.pointer[uint8_t]
) -> cython.bint:
    """A shuffle of two vectors, if there is one instruction for it with the operands in this order."""
    words = cython.declare(uint32_t[4])
    halves = cython.declare(uint32_t[8])
    op: uint32_t = unpack_op(lanes, 16)
    start: uint32_t = rotation(lanes, 31)
    k: cython.int
    imm: uint32_t = 0
    if op != 0:
        pack_to(s, dst, op, a, b, 0)
        return True
    if start != NONE and start < 16:
        pack_to(s, dst, x.X_PALIGNR, b, a, start)
        return True
    if in_pairs(lanes, halves):
        for k in range(8):
            if halves[k] & 7 != k:
                imm = NO_BLEND
                break
            imm |= (halves[k] >> 3) << k
        if imm != NO_BLEND:
            pack_to(s, dst, x.X_PBLENDW, a, b, imm)
            return True
    if wider(lanes, words) and words[0] < 4 and words[1] < 4 and words[2] >= 4 and words[3] >= 4:
        imm = words[0] | words[1] << 2 | (words[2] & 3) << 4 | (words[3] & 3) << 6
        pack_to(s, dst, x.X_SHUFPS, a, b, imm)
        return True
    return False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shuffle_bytes(
    s: Lowering, dst: uint32_t, a: uint32_t, b: uint32_t, lanes: cython.pointer[uint8_t]
) -> cython.void:
    """Each operand's bytes where they belong, zeros elsewhere; then both in one."""
    index: uint32_t
    if s.features & CPU_VBMI:
        index = in_register(s, lanes)
        ternary_to(s, dst, x.X_VPERMI2B, index, a, b, 0)
        return
    first = cython.declare(uint8_t[16])
    second = cython.declare(uint8_t[16])
    left: uint32_t = fresh(s, VT_V128)
    right: uint32_t = fresh(s, VT_V128)
    k: cython.int
    for k in range(16):
        first[k] = lanes[k] if lanes[k] < 16 else 0x80
        second[k] = lanes[k] & 15 if lanes[k] >= 16 else 0x80
    gather(s, left, a, first)
    gather(s, right, b, second)
    pack_to(s, dst, x.X_POR, left, right, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def gather(s: Lowering, dst: uint32_t, a: uint32_t, lanes: cython.pointer[uint8_t]) -> cython.void:
    constant_to(s, dst, x.X_PSHUFB, a, eight(lanes), eight(lanes + 8), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def in_register(s: Lowering, lanes: cython.pointer[uint8_t]) -> uint32_t:
    return constant(s, eight(lanes), eight(lanes + 8))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def eight(lanes: cython.pointer[uint8_t]) -> uint64_t:
    value: uint64_t = 0
    memcpy(cython.address(value), lanes, 8)
    return value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def wider(lanes: cython.pointer[uint8_t], words: cython.pointer[uint32_t]) -> cython.bint:
    """Whether whole lanes of 32 bits are moved, and which."""
    k: cython.int
    for k in range(4):
        words[k] = lanes[4 * k] >> 2
        if lanes[4 * k] & 3 or not follows(lanes + 4 * k, 4):
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def in_pairs(lanes: cython.pointer[uint8_t], halves: cython.pointer[uint32_t]) -> cython.bint:
    """Whether whole lanes of 16 bits are moved, and which."""
    k: cython.int
    for k in range(8):
        halves[k] = lanes[2 * k] >> 1
        if lanes[2 * k] & 1 or not follows(lanes + 2 * k, 2):
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def follows(lanes: cython.pointer[uint8_t], n: uint32_t) -> cython.bint:
    k: uint32_t = 1
    while k < n and lanes[k] == lanes[0] + k:
        k += 1
    return k == n


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def keeps(halves: cython.pointer[uint32_t], first: uint32_t) -> cython.bint:
    """Whether four lanes of 16 bits stay where they are."""
    k: uint32_t = first
    while k < first + 4 and halves[k] == k:
        k += 1
    return k == first + 4


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def within(halves: cython.pointer[uint32_t], first: uint32_t) -> cython.bint:
    """Whether four lanes of 16 bits come from among themselves."""
    k: uint32_t = first
    while k < first + 4 and halves[k] & ~cython.cast(uint32_t, 3) == first:
        k += 1
    return k == first + 4


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def all_equal(lanes: cython.pointer[uint8_t], first: uint32_t, size: uint32_t) -> cython.bint:
    """Whether the first lane of `size` bytes is everywhere."""
    k: uint32_t = 0
    while k < 16 and lanes[k] == first + k % size:
        k += 1
    return k == 16


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def rotation(lanes: cython.pointer[uint8_t], mask: uint32_t) -> uint32_t:
    """The byte from which on sixteen are taken, of 16 or 32 in a circle; NONE if it is not that."""
    k: uint32_t
    for k in range(1, 16):
        if lanes[k] != (lanes[0] + k & mask):
            return NONE
    return lanes[0]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unpack_op(lanes: cython.pointer[uint8_t], other: uint32_t) -> uint32_t:
    """The op that interleaves the lower halves, or the upper ones, of both operands.

    Lanes of the second operand count from `other`.
    """
    size: uint32_t = 1
    k: uint32_t
    start: uint32_t
    for k in range(4):
        for start in range(0, 16, 8):
            if interleaves(lanes, size, start, other):
                if k == 0:
                    return x.X_PUNPCKLBW if start == 0 else x.X_PUNPCKHBW
                elif k == 1:
                    return x.X_PUNPCKLWD if start == 0 else x.X_PUNPCKHWD
                elif k == 2:
                    return x.X_PUNPCKLDQ if start == 0 else x.X_PUNPCKHDQ
                return x.X_PUNPCKLQDQ if start == 0 else x.X_PUNPCKHQDQ
        size *= 2
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def interleaves(
    lanes: cython.pointer[uint8_t], size: uint32_t, start: uint32_t, other: uint32_t
) -> cython.bint:
    k: uint32_t
    from_: uint32_t
    for k in range(16):
        from_ = start + k // (2 * size) * size + k % size
        if k // size & 1:
            from_ += other
        if lanes[k] != from_:
            return False
    return True
