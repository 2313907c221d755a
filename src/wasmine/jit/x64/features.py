"""What the processor can do, and how much of that the compiler uses: all, but for tests of other choices."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, emit_u8, free_code
from cython.cimports.wasmine.jit.codespace import CodeSpace
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.assembler import (
    R8,
    RAX,
    RBX,
    RCX,
    RDI,
    RDX,
    RSI,
    emit_pop,
    emit_push,
    emit_ret,
)
from cython.cimports.wasmine.jit.x64.encode import NO_REG, Address, emit_rmem, emit_rr
from cython.cimports.wasmine.jit.x64.lower import (
    CPU_AVX,
    CPU_AVX2,
    CPU_AVX512,
    CPU_BITALG,
    CPU_BMI1,
    CPU_BMI2,
    CPU_LZCNT,
    CPU_POPCNT,
    CPU_SSE41,
    CPU_SSE42,
    CPU_VBMI,
)

NAMES = {
    "sse4.1": CPU_SSE41,
    "sse4.2": CPU_SSE42,
    "avx": CPU_AVX,
    "avx2": CPU_AVX2,
    "popcnt": CPU_POPCNT,
    "lzcnt": CPU_LZCNT,
    "bmi1": CPU_BMI1,
    "bmi2": CPU_BMI2,
    "avx512": CPU_AVX512,
    "vbmi": CPU_VBMI,
    "bitalg": CPU_BITALG,
}

# XCR0: the registers of SSE and AVX; and the masks, the upper halves and the upper registers of AVX-512
KEEPS_AVX = cython.declare(cython.const[uint32_t], 0x06)
KEEPS_AVX512 = cython.declare(cython.const[uint32_t], 0xE6)
# cpuid 7, ebx: F, DQ, BW, VL
AVX512_PARTS = cython.declare(cython.const[uint32_t], 0xC0030000)

ask_t = cython.typedef("void (*ask_t)(unsigned int, unsigned int, unsigned int *) noexcept nogil")

# The stubs are never freed.
space: CodeSpace = cython.declare(CodeSpace, None)
found = cython.declare(uint32_t, 0)
allowed = cython.declare(uint32_t, 0xFFFFFFFF)


def features() -> list[str]:
    """Names of what code made from now on may use."""
    bits: uint32_t = find_features()
    return [name for name, bit in NAMES.items() if bits & bit]


def limit_features(names=None) -> None:
    """Code made from now on uses only these features, as far as the processor has them; None: all it has.

    For tests, which so see the code for other processors. Raises KeyError for an unknown name.
    """
    global allowed
    allowed = 0xFFFFFFFF
    if names is not None:
        bits: uint32_t = 0
        for name in names:
            bits |= cython.cast(uint32_t, NAMES[name])
        allowed = bits


@cython.cfunc
@cython.exceptval(0xFFFFFFFF, check=True)
def find_features() -> uint32_t:
    global space, found
    if space is None:
        space = CodeSpace()
        found = ask()
    return found & allowed


@cython.cfunc
@cython.exceptval(0xFFFFFFFF, check=True)
def ask() -> uint32_t:
    cpuid: ask_t = instruction(0xA2, 0)
    words = cython.declare(uint32_t[4])
    bits: uint32_t = 0
    cpuid(1, 0, words)
    bits |= has(words[2], 19, CPU_SSE41) | has(words[2], 20, CPU_SSE42) | has(words[2], 23, CPU_POPCNT)
    kept: uint32_t = 0
    if words[2] >> 27 & 1 and words[2] >> 28 & 1:
        kept = kept_by_system()
    if kept & KEEPS_AVX == KEEPS_AVX:
        bits |= CPU_AVX
    cpuid(0x80000000, 0, words)
    if words[0] > cython.cast(uint32_t, 0x80000000):
        cpuid(0x80000001, 0, words)
        bits |= has(words[2], 5, CPU_LZCNT)
    cpuid(0, 0, words)
    if words[0] >= 7:
        cpuid(7, 0, words)
        bits |= has(words[1], 3, CPU_BMI1)
        if bits & CPU_AVX:
            # Their instructions have the VEX encoding, which the system must allow.
            bits |= has(words[1], 5, CPU_AVX2) | has(words[1], 8, CPU_BMI2)
        if kept & KEEPS_AVX512 == KEEPS_AVX512 and words[1] & AVX512_PARTS == AVX512_PARTS:
            bits |= CPU_AVX512 | has(words[2], 1, CPU_VBMI) | has(words[2], 12, CPU_BITALG)
    return bits


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def has(word: uint32_t, bit: uint32_t, feature: uint32_t) -> uint32_t:
    return feature if word >> bit & 1 else 0


@cython.cfunc
@cython.exceptval(0xFFFFFFFF, check=True)
def kept_by_system() -> uint32_t:
    """XCR0: of what the system saves when it switches threads."""
    xgetbv: ask_t = instruction(0x01, 0xD0)
    words = cython.declare(uint32_t[4])
    xgetbv(0, 0, words)
    return words[0]


@cython.cfunc
@cython.exceptval(check=True)
def instruction(opcode: uint32_t, tail: uint32_t) -> ask_t:
    """A C function (edi: eax, esi: ecx, rdx: what eax, ebx, ecx, edx are then) around 0F `opcode` `tail`."""
    code = cython.declare(CodeBuffer)
    code.bytes = cython.NULL
    code.size = code.capacity = code.failed = 0
    emit_push(cython.address(code), RBX)
    emit_rr(cython.address(code), x.X_MOV64, R8, RDX, 0)
    emit_rr(cython.address(code), x.X_MOV32, RAX, RDI, 0)
    emit_rr(cython.address(code), x.X_MOV32, RCX, RSI, 0)
    emit_u8(cython.address(code), 0x0F)
    emit_u8(cython.address(code), opcode)
    if tail != 0:
        emit_u8(cython.address(code), tail)
    keep(cython.address(code), RAX, 0)
    keep(cython.address(code), RBX, 4)
    keep(cython.address(code), RCX, 8)
    keep(cython.address(code), RDX, 12)
    emit_pop(cython.address(code), RBX)
    emit_ret(cython.address(code))
    if code.failed:
        free_code(cython.address(code))
        raise MemoryError
    try:
        return cython.cast(ask_t, space.publish(code.bytes, code.size))
    finally:
        free_code(cython.address(code))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def keep(code: cython.pointer[CodeBuffer], reg: uint32_t, disp: uint32_t) -> cython.void:
    address = cython.declare(Address)
    address.base = R8
    address.index = NO_REG
    address.scale = 0
    address.disp = disp
    emit_rmem(code, x.X_STORE32, reg, cython.address(address), 0)
