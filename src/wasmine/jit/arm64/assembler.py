"""Encoders of ARM64 instructions for stubs and adapters; see assembler.pxd."""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.assembler import LR, SP, X16
from cython.cimports.wasmine.jit.arm64.encode import (
    EXTEND_LSL,
    emit_before,
    emit_behind,
    emit_const,
    emit_dn,
    emit_dni,
    emit_dnm,
    emit_indexed,
    emit_mem,
    emit_op,
    extend,
    fits_offset,
    set_distance,
)
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, free_code

Code = cython.typedef(cython.pointer[CodeBuffer])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_access(code: Code, op: uint32_t, reg: uint32_t, base: uint32_t, disp: int32_t) -> cython.void:
    if fits_offset(op, disp):
        emit_mem(code, op, reg, base, disp)
    else:
        emit_const(code, X16, disp)
        emit_indexed(code, op, reg, base, X16, EXTEND_LSL, False)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_load64(code: Code, dst: uint32_t, base: uint32_t, disp: int32_t) -> cython.void:
    emit_access(code, a.A_LDR64, dst, base, disp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_store64(code: Code, base: uint32_t, disp: int32_t, src: uint32_t) -> cython.void:
    emit_access(code, a.A_STR64, src, base, disp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_mov64(code: Code, dst: uint32_t, src: uint32_t) -> cython.void:
    emit_dnm(code, a.A_MOV64, dst, 0, src)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_add64_imm(code: Code, dst: uint32_t, src: uint32_t, value: int32_t) -> cython.void:
    """In one instruction or two of 12 bits each, or with the value in a register."""
    op: uint32_t = a.A_SUB_IMM64 if value < 0 else a.A_ADD_IMM64
    amount: uint32_t = 0 - cython.cast(uint32_t, value) if value < 0 else cython.cast(uint32_t, value)
    if amount >> 24:
        emit_const(code, X16, amount)
        op = a.A_SUB_EXT64 if value < 0 else a.A_ADD_EXT64
        emit_op(code, op, dst, src, X16, 0, extend(EXTEND_LSL, 0))
        return
    if amount >> 12:
        emit_dni(code, op, dst, src, amount & 0xFFF000)
        src = dst
    if amount & 0xFFF or src != dst:
        emit_dni(code, op, dst, src, amount & 0xFFF)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_push(code: Code, reg: uint32_t) -> cython.void:
    emit_before(code, a.A_STR64, reg, SP, -16)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_pop(code: Code, reg: uint32_t) -> cython.void:
    emit_behind(code, a.A_LDR64, reg, SP, 16)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_call(code: Code, reg: uint32_t) -> cython.void:
    emit_dn(code, a.A_BLR, 0, reg)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_jump(code: Code, reg: uint32_t) -> cython.void:
    emit_dn(code, a.A_BR, 0, reg)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_ret(code: Code) -> cython.void:
    emit_dn(code, a.A_RET, 0, LR)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_branch(code: Code, op: uint32_t, reg: uint32_t) -> uint32_t:
    at: uint32_t = code.size
    emit_dni(code, op, reg, 0, 0)
    return at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def land(code: Code, branch: uint32_t) -> cython.void:
    if not code.failed:
        set_distance(code.bytes + branch, code.size - branch)


def encode(name: str, *operands: int) -> bytes:
    """The bytes that one of these appends: `encode("load64", dst, base, disp)` is of `emit_load64`.

    For tests, which hold the encoders against a disassembler. Raises ValueError for an unknown name.
    """
    code = cython.declare(CodeBuffer)
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    first: int32_t = operands[0] if len(operands) > 0 else 0
    second: int32_t = operands[1] if len(operands) > 1 else 0
    third: int32_t = operands[2] if len(operands) > 2 else 0
    if name == "push":
        emit_push(cython.address(code), first)
    elif name == "pop":
        emit_pop(cython.address(code), first)
    elif name == "mov64":
        emit_mov64(cython.address(code), first, second)
    elif name == "load64":
        emit_load64(cython.address(code), first, second, third)
    elif name == "store64":
        emit_store64(cython.address(code), first, second, third)
    elif name == "add64_imm":
        emit_add64_imm(cython.address(code), first, second, third)
    elif name == "call":
        emit_call(cython.address(code), first)
    elif name == "jump":
        emit_jump(cython.address(code), first)
    elif name == "ret":
        emit_ret(cython.address(code))
    else:
        raise ValueError(f"no encoder named {name!r}")
    result = code.bytes[: code.size]
    free_code(cython.address(code))
    return result
