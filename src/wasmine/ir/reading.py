"""Opcodes and immediates in the bytes of a body: read, or passed over."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.ir.builder import Builder, read_s64, read_u32, read_u64
from cython.cimports.wasmine.spec.immediates import (
    IMM_BLOCK_TYPE,
    IMM_BYTE,
    IMM_BYTES4,
    IMM_BYTES8,
    IMM_BYTES16,
    IMM_CATCHES,
    IMM_LABELS,
    IMM_MEMARG,
    IMM_TYPES,
    immediates_of,
)
from cython.cimports.wasmine.spec.types import T_V128

Building = cython.typedef(cython.pointer[Builder])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_opcode(b: Building) -> uint32_t:
    """The id of the next instruction (spec/opcodes.py)."""
    byte: uint32_t = b.at[0]
    b.at += 1
    if byte < 0xFB:
        return byte
    if byte == 0xFC:
        return 0x100 + read_u32(b)
    elif byte == 0xFB:
        return 0x140 + read_u32(b)
    elif byte == 0xFE:
        return 0x180 + read_u32(b)
    elif byte == 0xFD:
        return 0x200 + read_u32(b)
    return byte


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def skip_value_type(b: Building) -> uint32_t:
    """Passes over a value type; 1 when it is v128."""
    byte: uint8_t = b.at[0]
    b.at += 1
    if byte == 0x63 or byte == 0x64:
        read_s64(b)
    return byte == T_V128


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def skip_immediates(b: Building, id: uint32_t) -> cython.void:
    """Passes over the immediates of an instruction in unreachable code."""
    kinds: uint32_t = immediates_of(id)
    kind: uint32_t
    n: uint32_t
    clause: uint8_t
    while kinds != 0:
        kind = kinds & 15
        kinds >>= 4
        if kind == IMM_BYTE:
            b.at += 1
        elif kind == IMM_BYTES4:
            b.at += 4
        elif kind == IMM_BYTES8:
            b.at += 8
        elif kind == IMM_BYTES16:
            b.at += 16
        elif kind == IMM_MEMARG:
            if read_u32(b) & 0x40:
                read_u32(b)
            read_u64(b)
        elif kind == IMM_BLOCK_TYPE:
            if b.at[0] == 0x63 or b.at[0] == 0x64:
                skip_value_type(b)
            else:
                read_s64(b)
        elif kind == IMM_TYPES:
            for n in range(read_u32(b)):
                skip_value_type(b)
        elif kind == IMM_LABELS:
            for n in range(read_u32(b) + 1):
                read_u32(b)
        elif kind == IMM_CATCHES:
            for n in range(read_u32(b)):
                clause = b.at[0]
                b.at += 1
                if clause < 2:
                    read_u32(b)
                read_u32(b)
        else:
            read_s64(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def read_le(b: Building, size: cython.size_t) -> uint64_t:
    """The bits of a float constant."""
    bits: uint64_t = 0
    memcpy(cython.address(bits), b.at, size)
    b.at += size
    return bits
