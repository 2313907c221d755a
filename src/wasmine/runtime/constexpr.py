"""Evaluates constant expressions: nearly always one instruction, sometimes a little arithmetic."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import free, malloc
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.binary.module import Span
from cython.cimports.wasmine.runtime.constexpr import DONE, NO_MEMORY, NOT_KNOWN, STACK_FULL
from cython.cimports.wasmine.runtime.funcref import func_ref
from cython.cimports.wasmine.runtime.vm import FuncInst, Instance
from cython.cimports.wasmine.spec import opcodes as op

SIMD_PREFIX = cython.declare(cython.const[uint32_t], 0xFD)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unsigned(p: cython.pointer[cython.pointer[cython.const[uint8_t]]]) -> uint64_t:
    """LEB128 at p[0], which moves behind it; the decoder has checked its form."""
    value: uint64_t = 0
    shift: uint32_t = 0
    byte: uint8_t
    while True:
        byte = p[0][0]
        p[0] += 1
        value |= cython.cast(uint64_t, byte & 0x7F) << shift
        shift += 7
        if byte & 0x80 == 0:
            return value


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def signed(p: cython.pointer[cython.pointer[cython.const[uint8_t]]]) -> uint64_t:
    start: cython.pointer[cython.const[uint8_t]] = p[0]
    value: uint64_t = unsigned(p)
    bits: uint32_t = 7 * cython.cast(uint32_t, p[0] - start)
    if bits < 64 and value >> (bits - 1):
        value |= ~cython.cast(uint64_t, 0) << bits
    return value


@cython.cfunc
@cython.exceptval(-1, check=False)
def evaluate(inst: cython.pointer[Instance], where: Span, slots: cython.pointer[uint64_t]) -> cython.int:
    few = cython.declare(uint64_t[32])
    many: cython.pointer[uint64_t]
    operands: cython.size_t = 16
    status: cython.int = run(inst, inst.code.desc.base + where.start, few, few + 2 * operands)
    memcpy(slots, few, 2 * cython.sizeof(uint64_t))
    while status == STACK_FULL:
        operands *= 8
        many = cython.cast(cython.pointer[uint64_t], malloc(2 * operands * cython.sizeof(uint64_t)))
        if many == cython.NULL:
            raise MemoryError
        status = run(inst, inst.code.desc.base + where.start, many, many + 2 * operands)
        memcpy(slots, many, 2 * cython.sizeof(uint64_t))
        free(many)
    if status == NO_MEMORY:
        raise MemoryError
    if status == NOT_KNOWN:
        raise NotImplementedError("constant expressions with GC instructions are not supported yet")
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def run(
    inst: cython.pointer[Instance],
    p: cython.pointer[cython.const[uint8_t]],
    stack: cython.pointer[uint64_t],
    end: cython.pointer[uint64_t],
) -> cython.int:
    """Leaves the value at the bottom of the stack, where each operand has two slots: a v128 is one too."""
    top: cython.pointer[uint64_t] = stack - 2
    opcode: uint32_t
    func: cython.pointer[FuncInst]
    value: cython.pointer[uint64_t]
    while True:
        if top + 4 > end:
            return STACK_FULL
        opcode = p[0]
        p += 1
        if opcode == op.END:
            return DONE
        elif opcode == op.I32_CONST:
            top += 2
            top[0] = cython.cast(uint32_t, signed(cython.address(p)))
        elif opcode == op.I64_CONST:
            top += 2
            top[0] = signed(cython.address(p))
        elif opcode == op.F32_CONST:
            top += 2
            top[0] = 0
            memcpy(top, p, 4)
            p += 4
        elif opcode == op.F64_CONST:
            top += 2
            memcpy(top, p, 8)
            p += 8
        elif opcode == op.GLOBAL_GET:
            top += 2
            value = inst.globals[unsigned(cython.address(p))]
            top[0] = value[0]
            top[1] = value[1]
        elif opcode == op.REF_NULL:
            signed(cython.address(p))
            top += 2
            top[0] = 0
        elif opcode == op.REF_FUNC:
            func = func_ref(inst, cython.cast(uint32_t, unsigned(cython.address(p))))
            if func == cython.NULL:
                return NO_MEMORY
            top += 2
            top[0] = cython.cast(uint64_t, func)
        elif opcode == op.I32_ADD:
            top -= 2
            top[0] = cython.cast(uint32_t, top[0] + top[2])
        elif opcode == op.I32_SUB:
            top -= 2
            top[0] = cython.cast(uint32_t, top[0] - top[2])
        elif opcode == op.I32_MUL:
            top -= 2
            top[0] = cython.cast(uint32_t, top[0] * top[2])
        elif opcode == op.I64_ADD:
            top -= 2
            top[0] += top[2]
        elif opcode == op.I64_SUB:
            top -= 2
            top[0] -= top[2]
        elif opcode == op.I64_MUL:
            top -= 2
            top[0] *= top[2]
        elif opcode == SIMD_PREFIX:
            # v128.const is the only constant one.
            unsigned(cython.address(p))
            top += 2
            memcpy(top, p, 16)
            p += 16
        else:
            return NOT_KNOWN
