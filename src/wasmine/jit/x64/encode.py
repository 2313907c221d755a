"""The encoder of x86-64 instructions; see encode.pxd, ops.py for the table, assembler.py for the anatomy."""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_u8, emit_u32, free_code
from cython.cimports.wasmine.jit.x64.assembler import RBP, RSP
from cython.cimports.wasmine.jit.x64.encode import NO_REG, RIP, Address
from cython.cimports.wasmine.jit.x64.ops import (
    FORM_M,
    FORM_MI,
    FORM_MI8,
    FORM_MI32,
    FORM_MRI8,
    FORM_RMI,
    FORM_RMI8,
    VEX,
)

Code = cython.typedef(cython.pointer[CodeBuffer])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def emit_head(
    code: Code, op: uint32_t, reg: uint32_t, index: uint32_t, base: uint32_t, imm: int64_t, rex: uint32_t
) -> cython.void:
    """Prefixes and opcode. `rex`: 0x40 where a REX prefix is needed even if all its bits are 0."""
    prefix: uint32_t = op >> 10 & 3
    map: uint32_t = op >> 8 & 3
    opcode: uint32_t = op & 0xFF
    form: uint32_t = op >> 16 & 15
    if op >> 23 & 1:
        emit_u8(code, 0xF0)
    if prefix == 1:
        emit_u8(code, 0x66)
    elif prefix == 2:
        emit_u8(code, 0xF3)
    elif prefix == 3:
        emit_u8(code, 0xF2)
    rex |= (op >> 12 & 1) << 3 | reg >> 3 << 2 | index >> 3 << 1 | base >> 3
    if rex != 0:
        emit_u8(code, 0x40 | rex)
    if map != 0:
        emit_u8(code, 0x0F)
        if map == 2:
            emit_u8(code, 0x38)
        elif map == 3:
            emit_u8(code, 0x3A)
    if (form in (FORM_MI, FORM_RMI)) and -128 <= imm <= 127:
        opcode |= 2
    emit_u8(code, opcode)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def emit_imm(code: Code, op: uint32_t, imm: int64_t) -> cython.void:
    form: uint32_t = op >> 16 & 15
    short: cython.bint = -128 <= imm <= 127
    if form in (FORM_MI8, FORM_RMI8, FORM_MRI8) or (short and (form in (FORM_MI, FORM_RMI))):
        emit_u8(code, cython.cast(uint32_t, imm) & 0xFF)
    elif form in (FORM_MI, FORM_MI32, FORM_RMI):
        emit_u32(code, cython.cast(uint32_t, imm))


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def reg_field(op: uint32_t, reg: uint32_t) -> uint32_t:
    """What ModRM.reg holds: the register, or the op's digit."""
    form: uint32_t = op >> 16 & 15
    if form in (FORM_M, FORM_MI, FORM_MI8, FORM_MI32):
        return op >> 13 & 7
    return reg


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_rr(code: Code, op: uint32_t, reg: uint32_t, rm: uint32_t, imm: int64_t) -> cython.void:
    rex: uint32_t = 0
    # Without REX, the numbers 4 to 7 of byte registers are ah, ch, dh, bh.
    if (op >> 20 & 1 and 4 <= reg <= 7) or (op >> 21 & 1 and 4 <= rm <= 7):
        rex = 0x40
    reg = reg_field(op, reg)
    emit_head(code, op, reg, 0, rm, imm, rex)
    emit_u8(code, 0xC0 | (reg & 7) << 3 | rm & 7)
    emit_imm(code, op, imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_rmem(
    code: Code, op: uint32_t, reg: uint32_t, address: cython.pointer[cython.const[Address]], imm: int64_t
) -> cython.void:
    rex: uint32_t = 0x40 if op >> 20 & 1 and 4 <= reg <= 7 else 0
    index: uint32_t = address.index if address.index != NO_REG else 0
    base: uint32_t = address.base if address.base < RIP else 0
    reg = reg_field(op, reg)
    emit_head(code, op, reg, index, base, imm, rex)
    emit_address(code, reg, address)
    emit_imm(code, op, imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_vex(
    code: Code, op: uint32_t, reg: uint32_t, second: uint32_t, index: uint32_t, base: uint32_t
) -> cython.void:
    """Prefix and opcode, VEX or EVEX; fourth bits of registers, and all of `second`, are inverted.

    Two bytes do when neither r/m nor the index needs its fourth bit, the map is 0F, and W is 0.
    """
    map: uint32_t = op >> 8 & 3
    wide: uint32_t = op >> 12 & 1
    high_reg: uint32_t = (~reg & 8) << 4
    tail: uint32_t = (~second & 15) << 3 | op >> 10 & 3
    if op >> 24 & 1:
        # Fifth bits of registers, a mask, a broadcast: none.
        emit_u8(code, 0x62)
        emit_u8(code, high_reg | (~index & 8) << 3 | (~base & 8) << 2 | 0x10 | map)
        emit_u8(code, wide << 7 | tail | 4)
        emit_u8(code, 0x08)
    elif map == 1 and wide == 0 and index < 8 and base < 8:
        emit_u8(code, 0xC5)
        emit_u8(code, high_reg | tail)
    else:
        emit_u8(code, 0xC4)
        emit_u8(code, high_reg | (~index & 8) << 3 | (~base & 8) << 2 | map)
        emit_u8(code, wide << 7 | tail)
    emit_u8(code, op & 0xFF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_vex_rr(
    code: Code, op: uint32_t, reg: uint32_t, second: uint32_t, rm: uint32_t, imm: int64_t
) -> cython.void:
    reg = reg_field(op, reg)
    emit_vex(code, op, reg, second, 0, rm)
    emit_u8(code, 0xC0 | (reg & 7) << 3 | rm & 7)
    emit_imm(code, op, imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_vex_rmem(
    code: Code,
    op: uint32_t,
    reg: uint32_t,
    second: uint32_t,
    address: cython.pointer[cython.const[Address]],
    imm: int64_t,
) -> cython.void:
    index: uint32_t = address.index if address.index != NO_REG else 0
    base: uint32_t = address.base if address.base < RIP else 0
    reg = reg_field(op, reg)
    emit_vex(code, op, reg, second, index, base)
    emit_address(code, reg, address)
    emit_imm(code, op, imm)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_address(code: Code, reg: uint32_t, address: cython.pointer[cython.const[Address]]) -> cython.void:
    """ModRM, SIB and displacement.

    In ModRM.rm, the number of rsp and r12 announces a SIB byte; that of rbp and r13, without a displacement,
    means rip; in SIB.base, it means no base. In SIB.index, the number of rsp means no index: rsp cannot be
    one.
    """
    field: uint32_t = (reg & 7) << 3
    low: uint32_t = address.base & 7
    disp: int32_t = address.disp
    mode: uint32_t
    if address.base == RIP:
        emit_u8(code, field | RBP)
        emit_u32(code, cython.cast(uint32_t, disp))
        return
    if address.base == NO_REG:
        emit_u8(code, field | RSP)
        emit_u8(code, address.scale << 6 | (RSP if address.index == NO_REG else address.index & 7) << 3 | RBP)
        emit_u32(code, cython.cast(uint32_t, disp))
        return
    if disp == 0 and low != RBP:
        mode = 0
    elif -128 <= disp <= 127:
        mode = 1
    else:
        mode = 2
    if address.index != NO_REG:
        emit_u8(code, mode << 6 | field | RSP)
        emit_u8(code, address.scale << 6 | (address.index & 7) << 3 | low)
    else:
        emit_u8(code, mode << 6 | field | low)
        if low == RSP:
            emit_u8(code, 0x24)
    if mode == 1:
        emit_u8(code, cython.cast(uint32_t, disp) & 0xFF)
    elif mode == 2:
        emit_u32(code, cython.cast(uint32_t, disp))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_const(code: Code, reg: uint32_t, value: uint64_t) -> cython.void:
    if value >> 32 == 0:
        if reg >= 8:
            emit_u8(code, 0x41)
        emit_u8(code, 0xB8 | reg & 7)
        emit_u32(code, cython.cast(uint32_t, value))
    elif cython.cast(int64_t, value) == cython.cast(int32_t, value):
        emit_u8(code, 0x48 | reg >> 3)
        emit_u8(code, 0xC7)
        emit_u8(code, 0xC0 | reg & 7)
        emit_u32(code, cython.cast(uint32_t, value))
    else:
        emit_u8(code, 0x48 | reg >> 3)
        emit_u8(code, 0xB8 | reg & 7)
        emit_u32(code, cython.cast(uint32_t, value))
        emit_u32(code, cython.cast(uint32_t, value >> 32))


def encode_rr(op: int, reg: int, rm: int, imm: int = 0, second: int = 0) -> bytes:
    """The bytes of one instruction between registers; `op` is the value of a row of `ops.py`.

    `second` is the register of a source that only the VEX encoding has.
    """
    code = cython.declare(CodeBuffer)
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    if op & VEX:
        emit_vex_rr(cython.address(code), op, reg, second, rm, imm)
    else:
        emit_rr(cython.address(code), op, reg, rm, imm)
    result = code.bytes[: code.size]
    free_code(cython.address(code))
    return result


def encode_rmem(
    op: int, reg: int, base: int, index: int, scale: int, disp: int, imm: int = 0, second: int = 0
) -> bytes:
    """The bytes of one instruction with a memory operand."""
    code = cython.declare(CodeBuffer)
    address = cython.declare(Address)
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    address.base = base
    address.index = index
    address.scale = scale
    address.disp = disp
    if op & VEX:
        emit_vex_rmem(cython.address(code), op, reg, second, cython.address(address), imm)
    else:
        emit_rmem(cython.address(code), op, reg, cython.address(address), imm)
    result = code.bytes[: code.size]
    free_code(cython.address(code))
    return result


def encode_const(reg: int, value: int) -> bytes:
    """The bytes of the instruction that makes `reg` hold the 64 bits `value`."""
    code = cython.declare(CodeBuffer)
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    emit_const(cython.address(code), reg, value)
    result = code.bytes[: code.size]
    free_code(cython.address(code))
    return result
