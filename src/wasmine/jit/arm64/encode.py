"""The encoder of ARM64 instructions; see encode.pxd, and ops.py for the table.

Every instruction is a word. Registers stand at 0 (d), 5 (n), 16 (m), and 10 (a).
"""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.ir.scalar import clz64_nonzero, ctz32_nonzero, ctz64_nonzero, popcnt64
from cython.cimports.wasmine.jit.arm64.encode import NO_FLOAT8, NO_LOGICAL, NO_VECTOR_IMM
from cython.cimports.wasmine.jit.arm64.ops import (
    A_MOVK32,
    A_MOVK64,
    A_MOVN32,
    A_MOVN64,
    A_MOVZ32,
    A_MOVZ64,
    A_ORR_IMM32,
    A_ORR_IMM64,
    FORM_BRANCH,
    FORM_D,
    FORM_D_ADDRESS,
    FORM_D_BRANCH,
    FORM_D_FLOAT,
    FORM_D_UNLESS,
    FORM_D_WIDE,
    FORM_DM_BRANCH,
    FORM_DN,
    FORM_DN_FIELD,
    FORM_DN_IMM,
    FORM_DN_LEFT,
    FORM_DN_LOGICAL,
    FORM_DN_RIGHT,
    FORM_DN_ROTATE,
    FORM_DNM,
    FORM_DNM_AT,
    FORM_DNM_COND,
    FORM_DNM_EXTEND,
    FORM_DNM_SHIFT,
    FORM_DNMA,
    FORM_MEM,
    FORM_N,
    FORM_N_FLAGS,
    FORM_NM,
    FORM_NM_FLAGS,
    FORM_PAIR,
    FORM_V_BY,
    FORM_V_BYTES,
    FORM_V_ELEMENT,
    FORM_V_IMM,
    FORM_V_LANE,
    FORM_V_LANES,
    FORM_V_LEFT,
    FORM_V_RIGHT,
    FORM_WORD,
    FROM_ZERO,
    NO_RESULT,
    WITH_ZERO,
)
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_u32, free_code

Code = cython.typedef(cython.pointer[CodeBuffer])

FORM = cython.declare(cython.const[uint32_t], 0x3F)
FIXED = cython.declare(cython.const[uint32_t], 0xFFFFFC00)

# Bits of words.
IS_64 = cython.declare(cython.const[uint32_t], 0x80000000)
IS_VECTOR = cython.declare(cython.const[uint32_t], 0x04000000)
OF_VECTOR_128 = cython.declare(cython.const[uint32_t], 0x00800000)  # of a load or store of a vector
UNSIGNED_OFFSET = cython.declare(cython.const[uint32_t], 0x01000000)  # of a load or store
INDEXED = cython.declare(cython.const[uint32_t], 0x00200800)
BEFORE = cython.declare(cython.const[uint32_t], 0x00000C00)
BEHIND = cython.declare(cython.const[uint32_t], 0x00000400)
PAIR_BEFORE = cython.declare(cython.const[uint32_t], 0x00800000)
PAIR_BEHIND = cython.declare(cython.const[uint32_t], 0x01800000)  # changed bits


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def encode(op: uint32_t, d: uint32_t, n: uint32_t, m: uint32_t, a: uint32_t, imm: int64_t) -> uint32_t:
    word: uint32_t = op & FIXED
    form: uint32_t = op & FORM
    bits: uint32_t = cython.cast(uint32_t, imm)
    d = 31 if op & NO_RESULT else 8 if op & WITH_ZERO else d & 31
    n = 31 if op & FROM_ZERO else n & 31
    if form == FORM_DM_BRANCH:
        return word | m >> 5 << 31 | (m & 31) << 19 | (bits >> 2 & 0x3FFF) << 5 | d
    m &= 31
    a &= 31
    if form == FORM_DNM:
        return word | m << 16 | n << 5 | d
    elif form == FORM_DN:
        return word | n << 5 | d
    elif form == FORM_NM:
        return word | m << 16 | n << 5
    elif form == FORM_D:
        return word | d
    elif form == FORM_N:
        return word | n << 5
    elif form == FORM_DNMA:
        return word | m << 16 | a << 10 | n << 5 | d
    elif form == FORM_DNM_SHIFT:
        return word | bits >> 6 << 22 | m << 16 | (bits & 63) << 10 | n << 5 | d
    elif form == FORM_DNM_EXTEND or form == FORM_DNM_AT:
        return word | m << 16 | bits << 10 | n << 5 | d
    elif form == FORM_DNM_COND:
        return word | m << 16 | bits << 12 | n << 5 | d
    elif form == FORM_DN_IMM:
        if bits >> 12 != 0:
            bits = bits >> 12 | 1 << 12
        return word | bits << 10 | n << 5 | d
    elif form == FORM_DN_LOGICAL:
        return word | logical(imm, word & IS_64 != 0) | n << 5 | d
    elif form == FORM_DN_FIELD:
        return word | bits << 10 | n << 5 | d
    elif form == FORM_DN_LEFT:
        m = 63 if word & IS_64 else 31
        return word | (0 - bits & m) << 16 | (m - bits) << 10 | n << 5 | d
    elif form == FORM_DN_RIGHT:
        return word | bits << 16 | n << 5 | d
    elif form == FORM_DN_ROTATE:
        return word | n << 16 | bits << 10 | n << 5 | d
    elif form == FORM_D_WIDE or form == FORM_WORD:
        return word | bits << 5 | (d if form == FORM_D_WIDE else 0)
    elif form == FORM_D_UNLESS:
        return word | (bits ^ 1) << 12 | n << 5 | d
    elif form == FORM_D_FLOAT:
        return word | bits << 13 | d
    elif form == FORM_NM_FLAGS:
        return word | m << 16 | bits >> 4 << 12 | n << 5 | bits & 15
    elif form == FORM_N_FLAGS:
        return word | bits >> 8 << 16 | (bits >> 4 & 15) << 12 | n << 5 | bits & 15
    elif form == FORM_D_ADDRESS:
        return word | (bits & 3) << 29 | (bits >> 2 & 0x7FFFF) << 5 | d
    elif form == FORM_D_BRANCH:
        return word | (bits >> 2 & 0x7FFFF) << 5 | d
    elif form == FORM_BRANCH:
        return word | bits >> 2 & 0x3FFFFFF
    elif form == FORM_MEM:
        return offset_form(op, imm) | n << 5 | d
    elif form == FORM_PAIR:
        return word | (bits >> log2_bytes(op) & 0x7F) << 15 | a << 10 | n << 5 | d
    return encode_vector(word, form, d, n, m, bits)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def encode_vector(
    word: uint32_t, form: uint32_t, d: uint32_t, n: uint32_t, m: uint32_t, bits: uint32_t
) -> uint32_t:
    size: uint32_t
    if form == FORM_V_LEFT:
        return word | bits << 16 | n << 5 | d
    elif form == FORM_V_RIGHT:
        # Twice the lane's bits, less the count; the word has the lane's bits there.
        return word | ((word >> 16 & 0x7F) - bits) << 16 | n << 5 | d
    elif form == FORM_V_BYTES:
        return word | m << 16 | bits << 11 | n << 5 | d
    elif form == FORM_V_LANE:
        return word | bits << lane_size(word) + 17 | n << 5 | d
    elif form == FORM_V_LANES:
        size = lane_size(word)
        return word | (bits & 0xFF) << size + 17 | bits >> 8 << size + 11 | n << 5 | d
    elif form == FORM_V_BY:
        if word >> 22 & 1:
            return word | m << 16 | bits << 11 | n << 5 | d
        return word | (bits & 1) << 21 | m << 16 | bits >> 1 << 11 | n << 5 | d
    elif form == FORM_V_ELEMENT:
        bits <<= (word >> 14 & 3) + (word >> 10 & 1)
        return word | bits >> 3 << 30 | (bits & 7) << 10 | n << 5 | d
    elif form == FORM_V_IMM:
        return word | bits >> 12 << 29 | (bits >> 8 & 15) << 12 | (bits >> 5 & 7) << 16 | (bits & 31) << 5 | d
    return word


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def lane_size(word: uint32_t) -> uint32_t:
    """log2 of the bytes of the lane that imm5 speaks of."""
    return ctz32_nonzero(word >> 16)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def offset_form(op: uint32_t, disp: int64_t) -> uint32_t:
    """A distance in multiples of the bytes accessed, or in bytes, -256 to 255."""
    size: uint32_t = log2_bytes(op)
    word: uint32_t = op & FIXED
    if is_scaled(disp, size):
        return word | cython.cast(uint32_t, disp) >> size << 10
    return word ^ UNSIGNED_OFFSET | (cython.cast(uint32_t, disp) & 0x1FF) << 12


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def is_scaled(disp: int64_t, size: uint32_t) -> cython.bint:
    return (
        0 <= disp < cython.cast(int64_t, 4096) << size and disp & ((cython.cast(int64_t, 1) << size) - 1) == 0
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def log2_bytes(op: uint32_t) -> uint32_t:
    if op & FORM == FORM_PAIR:
        return 2 + (op >> 30) if op & IS_VECTOR else 2 + (op >> 31)
    return 4 if op & IS_VECTOR and op & OF_VECTOR_128 else op >> 30


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fits_offset(op: uint32_t, disp: int64_t) -> cython.bint:
    size: uint32_t = log2_bytes(op)
    if op & FORM == FORM_PAIR:
        return -64 <= disp >> size <= 63 and disp & ((cython.cast(int64_t, 1) << size) - 1) == 0
    return -256 <= disp <= 255 or is_scaled(disp, size)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fits_imm(value: uint64_t) -> cython.bint:
    return value < 0x1000 or (value & 0xFFF == 0 and value < 0x1000000)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fits_branch(op: uint32_t, distance: int64_t) -> cython.bint:
    form: uint32_t = op & FORM
    reach: int64_t = 1 << 27 if form == FORM_BRANCH else 1 << 15 if form == FORM_DM_BRANCH else 1 << 20
    return -reach <= distance < reach


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def logical(value: uint64_t, is_64: cython.bint) -> uint32_t:
    """N, immr and imms.

    The value repeats an element of 2, 4, ... 64 bits, in which one run of ones stands at some place, around
    the end if need be. imms has the element's size in its upper bits, and the length of the run less 1; immr
    is how far the run, from bit 0 on, was rotated to the right. N belongs to the size.
    """
    all_ones: uint64_t = ~cython.cast(uint64_t, 0)
    size: uint32_t = 64
    half: uint32_t
    start: uint32_t
    n_ones: uint32_t
    if not is_64:
        value = value << 32 | value & all_ones >> 32
    if value == 0 or value == all_ones:
        return NO_LOGICAL
    while size > 2:
        half = size >> 1
        if (value ^ value >> half) & all_ones >> (64 - half) != 0:
            break
        size = half
    value &= all_ones >> (64 - size)
    n_ones = popcnt64(value)
    if value & 1 == 0:
        start = ctz64_nonzero(value)
    else:
        start = size - clz64_nonzero(~(value << (64 - size)))
    if run(n_ones, start, size) != value:
        return NO_LOGICAL
    return (
        (1 << 22 if size == 64 else 0)
        | (size - start & size - 1) << 16
        | (0x3F & ~(2 * size - 1) | n_ones - 1) << 10
    )


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def run(n_ones: uint32_t, start: uint32_t, size: uint32_t) -> uint64_t:
    """Ones from `start` on, around the end of an element; less than `size` of them."""
    ones: uint64_t = (cython.cast(uint64_t, 1) << n_ones) - 1
    start &= size - 1
    if start != 0:
        ones = ones << start | ones >> (size - start)
    return ones & ~cython.cast(uint64_t, 0) >> (64 - size)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def float8(bits: uint64_t, is_64: cython.bint) -> uint32_t:
    """abcdefgh for the float with sign a, exponent NOT(b) b... cd, and fraction efgh 0...."""
    low: uint32_t = 48 if is_64 else 19
    n: uint32_t = 8 if is_64 else 5
    head: uint32_t
    b: uint32_t
    if bits & ((cython.cast(uint64_t, 1) << low) - 1) != 0:
        return NO_FLOAT8
    head = cython.cast(uint32_t, bits >> low)  # a, NOT(b), n times b, cdefgh
    b = head >> 6 & ((1 << n) - 1)
    if b != (0 if head >> (6 + n) & 1 else (1 << n) - 1):
        return NO_FLOAT8
    return (head >> (7 + n) & 1) << 7 | (b & 1) << 6 | head & 0x3F


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def vector_imm(low: uint64_t, high: uint64_t) -> uint32_t:
    """Tries the forms from lanes of 8 bits to lanes of 64; those of 16 and 32 bits also inverted."""
    part: uint32_t = cython.cast(uint32_t, low)
    bits: uint32_t
    if low != high:
        return NO_VECTOR_IMM
    if low >> 32 == part:
        if part == (part & 0xFF) * cython.cast(uint32_t, 0x01010101):
            return 0xE << 8 | part & 0xFF
        bits = lane_imm(part)
        if bits != NO_VECTOR_IMM:
            return bits
        bits = lane_imm(~part)
        if bits != NO_VECTOR_IMM:
            return 1 << 12 | bits
        bits = float8(part, False)
        if bits != NO_FLOAT8:
            return 0xF << 8 | bits
    bits = bytes_imm(low)
    if bits != NO_VECTOR_IMM:
        return 1 << 12 | 0xE << 8 | bits
    bits = float8(low, True)
    return NO_VECTOR_IMM if bits == NO_FLOAT8 else 1 << 12 | 0xF << 8 | bits


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lane_imm(part: uint32_t) -> uint32_t:
    """One byte of 16 bits or 32, the others 0, or of 32 with ones below it."""
    k: uint32_t
    for k in range(4):
        if part & ~(cython.cast(uint32_t, 0xFF) << 8 * k) == 0:
            return 2 * k << 8 | part >> 8 * k
    if part >> 16 == part & 0xFFFF:
        if part & 0xFF00 == 0:
            return 8 << 8 | part & 0xFF
        if part & 0xFF == 0:
            return 10 << 8 | part >> 8 & 0xFF
    if part >> 16 == 0 and part & 0xFF == 0xFF:
        return 12 << 8 | part >> 8
    if part >> 24 == 0 and part & 0xFFFF == 0xFFFF:
        return 13 << 8 | part >> 16
    return NO_VECTOR_IMM


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bytes_imm(value: uint64_t) -> uint32_t:
    """Bytes that are all ones or all zeros, as one bit each."""
    bits: uint32_t = 0
    k: uint32_t
    for k in range(8):
        if value >> 8 * k & 0xFF == 0xFF:
            bits |= cython.cast(uint32_t, 1) << k
        elif value >> 8 * k & 0xFF:
            return NO_VECTOR_IMM
    return bits


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def set_distance(at: cython.pointer[uint8_t], distance: int64_t) -> cython.void:
    word: uint32_t = 0
    bits: uint32_t = cython.cast(uint32_t, distance)
    memcpy(cython.address(word), at, 4)
    if word >> 26 & 0x1F == 5:  # b, bl
        word = word & ~cython.cast(uint32_t, 0x3FFFFFF) | bits >> 2 & 0x3FFFFFF
    elif word >> 25 & 0x3F == 0x1B:  # tbz, tbnz
        word = word & ~cython.cast(uint32_t, 0x7FFE0) | (bits >> 2 & 0x3FFF) << 5
    elif word >> 24 & 0x9F == 0x10:  # adr
        word = word & ~cython.cast(uint32_t, 0x60FFFFE0) | (bits & 3) << 29 | (bits >> 2 & 0x7FFFF) << 5
    else:  # cbz, cbnz, a branch on a condition, a load
        word = word & ~cython.cast(uint32_t, 0xFFFFE0) | (bits >> 2 & 0x7FFFF) << 5
    memcpy(at, cython.address(word), 4)


# --- appending


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_op(
    code: Code, op: uint32_t, d: uint32_t, n: uint32_t, m: uint32_t, a: uint32_t, imm: int64_t
) -> cython.void:
    emit_u32(code, encode(op, d, n, m, a, imm))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_dnm(code: Code, op: uint32_t, d: uint32_t, n: uint32_t, m: uint32_t) -> cython.void:
    emit_u32(code, encode(op, d, n, m, 0, 0))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_dn(code: Code, op: uint32_t, d: uint32_t, n: uint32_t) -> cython.void:
    emit_u32(code, encode(op, d, n, 0, 0, 0))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_dni(code: Code, op: uint32_t, d: uint32_t, n: uint32_t, imm: int64_t) -> cython.void:
    emit_u32(code, encode(op, d, n, 0, 0, imm))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_mem(code: Code, op: uint32_t, d: uint32_t, base: uint32_t, disp: int32_t) -> cython.void:
    emit_u32(code, encode(op, d, base, 0, 0, disp))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def encode_indexed(
    op: uint32_t, d: uint32_t, base: uint32_t, index: uint32_t, extend: uint32_t, scaled: cython.bint
) -> uint32_t:
    word: uint32_t = (op & FIXED) ^ UNSIGNED_OFFSET | INDEXED
    return word | (index & 31) << 16 | extend << 13 | scaled << 12 | (base & 31) << 5 | d & 31


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_indexed(
    code: Code,
    op: uint32_t,
    d: uint32_t,
    base: uint32_t,
    index: uint32_t,
    extend: uint32_t,
    scaled: cython.bint,
) -> cython.void:
    emit_u32(code, encode_indexed(op, d, base, index, extend, scaled))


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def emit_changing(
    code: Code, op: uint32_t, d: uint32_t, base: uint32_t, disp: int32_t, mode: uint32_t
) -> cython.void:
    word: uint32_t = (op & FIXED) ^ UNSIGNED_OFFSET | mode
    emit_u32(code, word | (cython.cast(uint32_t, disp) & 0x1FF) << 12 | (base & 31) << 5 | d & 31)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_before(code: Code, op: uint32_t, d: uint32_t, base: uint32_t, disp: int32_t) -> cython.void:
    emit_changing(code, op, d, base, disp, BEFORE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_behind(code: Code, op: uint32_t, d: uint32_t, base: uint32_t, disp: int32_t) -> cython.void:
    emit_changing(code, op, d, base, disp, BEHIND)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_pair(
    code: Code, op: uint32_t, d: uint32_t, second: uint32_t, base: uint32_t, disp: int32_t
) -> cython.void:
    emit_u32(code, encode(op, d, base, 0, second, disp))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_pair_before(
    code: Code, op: uint32_t, d: uint32_t, second: uint32_t, base: uint32_t, disp: int32_t
) -> cython.void:
    emit_u32(code, encode(op, d, base, 0, second, disp) ^ PAIR_BEFORE)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_pair_behind(
    code: Code, op: uint32_t, d: uint32_t, second: uint32_t, base: uint32_t, disp: int32_t
) -> cython.void:
    emit_u32(code, encode(op, d, base, 0, second, disp) ^ PAIR_BEHIND)


# --- constants


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def unlike(value: uint64_t, filler: uint32_t) -> uint32_t:
    """How many of its quarters are not `filler`; of a value of 32 bits, of its halves."""
    n: uint32_t = 0
    k: uint32_t
    for k in range(quarters(value)):
        n += value >> 16 * k & 0xFFFF != filler
    return n


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def quarters(value: uint64_t) -> uint32_t:
    return 4 if value >> 32 else 2


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def const_length(value: uint64_t) -> uint32_t:
    n: uint32_t = min(unlike(value, 0), unlike(value, 0xFFFF))
    if n > 1 and logical(value, value >> 32 != 0) != NO_LOGICAL:
        return 1
    return max(n, 1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_const(code: Code, reg: uint32_t, value: uint64_t) -> cython.void:
    """movz or movn of one quarter, whichever leaves fewer to movk; or orr.

    An instruction on 32 bits makes the upper half 0.
    """
    is_64: cython.bint = value >> 32 != 0
    inverted: cython.bint = unlike(value, 0xFFFF) < unlike(value, 0)
    filler: uint32_t = 0xFFFF if inverted else 0
    op: uint32_t = A_MOVN64 if inverted else A_MOVZ64
    part: uint32_t
    k: uint32_t
    if not is_64:
        op = A_MOVN32 if inverted else A_MOVZ32
    if unlike(value, filler) > 1 and logical(value, is_64) != NO_LOGICAL:
        emit_dni(code, A_ORR_IMM64 if is_64 else A_ORR_IMM32, reg, 31, value)
        return
    if unlike(value, filler) == 0:
        emit_dni(code, op, reg, 0, 0)
        return
    for k in range(quarters(value)):
        part = value >> 16 * k & 0xFFFF
        if part == filler:
            continue
        if op != A_MOVK64 and op != A_MOVK32:
            emit_dni(code, op, reg, 0, (part ^ filler) | k << 16)
        else:
            emit_dni(code, op, reg, 0, part | k << 16)
        op = A_MOVK64 if is_64 else A_MOVK32


# --- for tests


def encode_op(op: int, d: int = 0, n: int = 0, m: int = 0, a: int = 0, imm: int = 0) -> bytes:
    """The bytes of one instruction; `op` is the value of a row of `ops.py`, `imm` what its form says."""
    return encode(op, d, n, m, a, imm).to_bytes(4, "little")


def encode_address(op: int, d: int, base: int, disp: int, mode: str = "offset", second: int = 0) -> bytes:
    """A load or store, of a pair if `second` counts. `mode`: offset, before, behind."""
    code = cython.declare(CodeBuffer)
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    if op & FORM == FORM_PAIR:
        if mode == "before":
            emit_pair_before(cython.address(code), op, d, second, base, disp)
        elif mode == "behind":
            emit_pair_behind(cython.address(code), op, d, second, base, disp)
        else:
            emit_pair(cython.address(code), op, d, second, base, disp)
    elif mode == "before":
        emit_before(cython.address(code), op, d, base, disp)
    elif mode == "behind":
        emit_behind(cython.address(code), op, d, base, disp)
    else:
        emit_mem(cython.address(code), op, d, base, disp)
    result = code.bytes[: code.size]
    free_code(cython.address(code))
    return result


def encode_index(op: int, d: int, base: int, index: int, extend: int, scaled: bool) -> bytes:
    """A load or store at an index in a register."""
    return encode_indexed(op, d, base, index, extend, scaled).to_bytes(4, "little")


def encode_const(reg: int, value: int) -> bytes:
    """The bytes of the instructions that make `reg` hold the 64 bits `value`."""
    code = cython.declare(CodeBuffer)
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    emit_const(cython.address(code), reg, value)
    result = code.bytes[: code.size]
    free_code(cython.address(code))
    return result


def length_of_const(value: int) -> int:
    """How many instructions these are."""
    return const_length(value)


def logical_bits(value: int, is_64: bool) -> int | None:
    """N, immr, imms of a logical immediate, or None."""
    bits: uint32_t = logical(value, is_64)
    return None if bits == NO_LOGICAL else bits >> 10


def float_bits(bits: int, is_64: bool) -> int | None:
    """The eight bits of a float immediate, or None."""
    small: uint32_t = float8(bits, is_64)
    return None if small == NO_FLOAT8 else small


def vector_bits(low: int, high: int) -> int | None:
    """The immediate of the form v_imm for a vector, or None."""
    bits: uint32_t = vector_imm(low, high)
    return None if bits == NO_VECTOR_IMM else bits


def reaches(op: int, disp: int) -> bool:
    """Whether [base + disp] is an address of this load or store, or `disp` a distance of this branch."""
    if op & FORM == FORM_MEM or op & FORM == FORM_PAIR:
        return fits_offset(op, disp)
    return fits_branch(op, disp)


def is_immediate(value: int) -> bool:
    """Whether an addition takes the value as immediate."""
    return fits_imm(value)


def with_distance(word: bytes, distance: int) -> bytes:
    """The branch, adr or load `word` with another distance."""
    buffer = cython.declare(uint8_t[4])
    for k in range(4):
        buffer[k] = word[k]
    set_distance(buffer, distance)
    return bytes([buffer[0], buffer[1], buffer[2], buffer[3]])
