"""Evaluates constant expressions: nearly always one instruction, done here; any other is lowered and run."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import free
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.wasmine.binary.module import Span
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.ir.lower import lower_constant
from cython.cimports.wasmine.runtime.funcref import func_ref
from cython.cimports.wasmine.runtime.heap import Heap, SlotSpan, close_span, open_span
from cython.cimports.wasmine.runtime.traps import plain_trap
from cython.cimports.wasmine.runtime.vm import FuncInst, Instance, VMContext
from cython.cimports.wasmine.spec import opcodes as op
from cython.cimports.wasmine.spec.traps import TRAP_NONE
from cython.cimports.wasmine.spec.types import T_ANYREF

SIMD_PREFIX = cython.declare(cython.const[uint32_t], 0xFD)

# All that matters of the type is that it takes one slot: the only constant v128 is one instruction.
RESULT = cython.declare(uint32_t, T_ANYREF)


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
    value = cython.declare(uint64_t[2])
    # Not into the slots at once: they may be those of a global, which a collector looks at.
    if is_simple(inst, inst.code.desc.base + where.start, value):
        memcpy(slots, value, 2 * cython.sizeof(uint64_t))
        return 0
    return run(inst, where.start, slots)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_simple(
    inst: cython.pointer[Instance],
    p: cython.pointer[cython.const[uint8_t]],
    slots: cython.pointer[uint64_t],
) -> cython.bint:
    """Evaluates an expression of one instruction; False when it has more, or memory is exhausted."""
    opcode: uint32_t = p[0]
    value: cython.pointer[uint64_t]
    func: cython.pointer[FuncInst]
    p += 1
    slots[0] = 0
    slots[1] = 0
    if opcode == op.I32_CONST:
        slots[0] = cython.cast(uint32_t, signed(cython.address(p)))
    elif opcode == op.I64_CONST:
        slots[0] = signed(cython.address(p))
    elif opcode == op.F32_CONST:
        memcpy(slots, p, 4)
        p += 4
    elif opcode == op.F64_CONST:
        memcpy(slots, p, 8)
        p += 8
    elif opcode == op.GLOBAL_GET:
        value = inst.globals[unsigned(cython.address(p))]
        slots[0] = value[0]
        slots[1] = value[1]
    elif opcode == op.REF_NULL:
        signed(cython.address(p))
    elif opcode == op.REF_FUNC:
        func = func_ref(inst, cython.cast(uint32_t, unsigned(cython.address(p))))
        if func == cython.NULL:
            return False
        slots[0] = cython.cast(uint64_t, func)
    elif opcode == SIMD_PREFIX:
        # v128.const is the only constant one.
        unsigned(cython.address(p))
        memcpy(slots, p, 16)
        p += 16
    else:
        return False
    return p[0] == op.END


@cython.cfunc
@cython.exceptval(-1, check=False)
def run(inst: cython.pointer[Instance], start: uint32_t, slots: cython.pointer[uint64_t]) -> cython.int:
    """Lowers the expression and runs it where we are: it calls nothing, and a collector finds its frame."""
    ctx: cython.pointer[VMContext] = inst.ctx
    heap: cython.pointer[Heap] = cython.cast(cython.pointer[Heap], ctx.heap)
    shown: VMContext = ctx[0]
    func = cython.declare(IrFunc)
    frame: cython.pointer[SlotSpan]
    memset(cython.address(func), 0, cython.sizeof(IrFunc))
    func.code_module = inst.code
    trap: uint32_t = lower_constant(inst.code, cython.address(func), start, cython.address(RESULT))
    if trap != TRAP_NONE:
        raise MemoryError
    try:
        frame = open_span(heap, func.frame_slots)
        ctx.stack_base = frame.slots
        ctx.stack_end = ctx.stack_limit = frame.slots + func.frame_slots
        trap = ctx.run(ctx, inst, cython.address(func), frame.slots)
        slots[0] = frame.slots[0]
        close_span(heap, frame)
    finally:
        # For who asks which frame called the host function around us.
        ctx.pc = shown.pc
        ctx.fp = shown.fp
        ctx.func = shown.func
        ctx.inst = shown.inst
        free(func.code)
        free(func.offsets)
    if trap != TRAP_NONE:
        raise plain_trap(trap)
    return 0
