"""Encoders of x86-64 instructions; see assembler.pxd.

An instruction is

    [REX] opcode [ModRM] [SIB] [displacement] [immediate]

REX = 0100WRXB holds the fourth bits of register numbers: R of ModRM.reg, X of the index, B of ModRM.rm or
the base; W makes the operation 64 bits wide.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_u8, emit_u32, free_code
from cython.cimports.wasmine.jit.x64.assembler import RBP, RSP


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def emit_rex(code: cython.pointer[CodeBuffer], wide: uint32_t, reg: uint32_t, rm: uint32_t) -> cython.void:
    """The prefix for ModRM.reg `reg` and ModRM.rm, or base, `rm`; nothing where all its bits are 0."""
    bits: uint32_t = wide << 3 | reg >> 3 << 2 | rm >> 3
    if bits != 0:
        emit_u8(code, 0x40 | bits)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def emit_direct(code: cython.pointer[CodeBuffer], reg: uint32_t, rm: uint32_t) -> cython.void:
    """ModRM for two registers."""
    emit_u8(code, 0xC0 | (reg & 7) << 3 | rm & 7)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_memory(
    code: cython.pointer[CodeBuffer], reg: uint32_t, base: uint32_t, disp: int32_t
) -> cython.void:
    """ModRM, SIB and displacement for [base + disp].

    In ModRM.rm, the number of rsp and r12 announces a SIB byte; that of rbp and r13, without a displacement,
    means rip.
    """
    low: uint32_t = base & 7
    mode: uint32_t
    if disp == 0 and low != RBP:
        mode = 0
    elif -128 <= disp <= 127:
        mode = 1
    else:
        mode = 2
    emit_u8(code, mode << 6 | (reg & 7) << 3 | low)
    if low == RSP:
        emit_u8(code, 0x24)
    if mode == 1:
        emit_u8(code, cython.cast(uint32_t, disp) & 0xFF)
    elif mode == 2:
        emit_u32(code, cython.cast(uint32_t, disp))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_push(code: cython.pointer[CodeBuffer], reg: uint32_t) -> cython.void:
    emit_rex(code, 0, 0, reg)
    emit_u8(code, 0x50 | reg & 7)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_pop(code: cython.pointer[CodeBuffer], reg: uint32_t) -> cython.void:
    emit_rex(code, 0, 0, reg)
    emit_u8(code, 0x58 | reg & 7)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_mov64(code: cython.pointer[CodeBuffer], dst: uint32_t, src: uint32_t) -> cython.void:
    emit_rex(code, 1, src, dst)
    emit_u8(code, 0x89)
    emit_direct(code, src, dst)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_load64(
    code: cython.pointer[CodeBuffer], dst: uint32_t, base: uint32_t, disp: int32_t
) -> cython.void:
    emit_rex(code, 1, dst, base)
    emit_u8(code, 0x8B)
    emit_memory(code, dst, base, disp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_store64(
    code: cython.pointer[CodeBuffer], base: uint32_t, disp: int32_t, src: uint32_t
) -> cython.void:
    emit_rex(code, 1, src, base)
    emit_u8(code, 0x89)
    emit_memory(code, src, base, disp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_add64_imm(code: cython.pointer[CodeBuffer], reg: uint32_t, value: int32_t) -> cython.void:
    emit_rex(code, 1, 0, reg)
    if -128 <= value <= 127:
        emit_u8(code, 0x83)
        emit_direct(code, 0, reg)
        emit_u8(code, cython.cast(uint32_t, value) & 0xFF)
    else:
        emit_u8(code, 0x81)
        emit_direct(code, 0, reg)
        emit_u32(code, cython.cast(uint32_t, value))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_ldmxcsr(code: cython.pointer[CodeBuffer], base: uint32_t, disp: int32_t) -> cython.void:
    emit_rex(code, 0, 0, base)
    emit_u8(code, 0x0F)
    emit_u8(code, 0xAE)
    emit_memory(code, 2, base, disp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_stmxcsr(code: cython.pointer[CodeBuffer], base: uint32_t, disp: int32_t) -> cython.void:
    emit_rex(code, 0, 0, base)
    emit_u8(code, 0x0F)
    emit_u8(code, 0xAE)
    emit_memory(code, 3, base, disp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_call(code: cython.pointer[CodeBuffer], reg: uint32_t) -> cython.void:
    emit_rex(code, 0, 0, reg)
    emit_u8(code, 0xFF)
    emit_direct(code, 2, reg)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_ret(code: cython.pointer[CodeBuffer]) -> cython.void:
    emit_u8(code, 0xC3)


def encode(name: str, *operands: int) -> bytes:
    """The bytes of one instruction: `encode("load64", dst, base, disp)` is what `emit_load64` appends.

    For tests, which hold the encoders against a disassembler. Raises ValueError for an unknown name.
    """
    code = cython.declare(CodeBuffer)
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    a: int32_t = operands[0] if len(operands) > 0 else 0
    b: int32_t = operands[1] if len(operands) > 1 else 0
    c: int32_t = operands[2] if len(operands) > 2 else 0
    if name == "push":
        emit_push(cython.address(code), a)
    elif name == "pop":
        emit_pop(cython.address(code), a)
    elif name == "mov64":
        emit_mov64(cython.address(code), a, b)
    elif name == "load64":
        emit_load64(cython.address(code), a, b, c)
    elif name == "store64":
        emit_store64(cython.address(code), a, b, c)
    elif name == "add64_imm":
        emit_add64_imm(cython.address(code), a, b)
    elif name == "ldmxcsr":
        emit_ldmxcsr(cython.address(code), a, b)
    elif name == "stmxcsr":
        emit_stmxcsr(cython.address(code), a, b)
    elif name == "call":
        emit_call(cython.address(code), a)
    elif name == "ret":
        emit_ret(cython.address(code))
    else:
        raise ValueError(f"no encoder named {name!r}")
    result = code.bytes[: code.size]
    free_code(cython.address(code))
    return result
