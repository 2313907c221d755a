"""The ways between the interpreter, native code and C functions (System V AMD64 calling convention).

What `enter` leaves on the stack, below which native code has its frames; native_exit points to it:

    high    return address
            rbp rbx r12 r13 r14 r15
            native_exit, slot_top   of the activation before
            fp
    low     ctx
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.backend.codebuffer import (
    CodeBuffer,
    emit_align,
    emit_u8,
    emit_u32,
)
from cython.cimports.wasmine.jit.backend.machine import VT_F32, VT_V128
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.places import ON_STACK, Places, next_place, stack_bytes, value_type
from cython.cimports.wasmine.jit.backend.services import ask_limit, ask_poll, call_func, call_interp
from cython.cimports.wasmine.jit.backend.target import Common
from cython.cimports.wasmine.jit.unwind import leave_native
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.abi import SAVED_FLOATS, SAVED_INTS
from cython.cimports.wasmine.jit.x64.assembler import (
    INT3,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    RAX,
    RBP,
    RBX,
    RCX,
    RDI,
    RDX,
    RSI,
    RSP,
    emit_pop,
    emit_push,
    emit_ret,
)
from cython.cimports.wasmine.jit.x64.bridges import emit_unusual
from cython.cimports.wasmine.jit.x64.convention import CALLEE, FRAME, INSTANCE, MEMORY, SCRATCH, start_places
from cython.cimports.wasmine.jit.x64.encode import NO_REG, Address, emit_const, emit_rmem, emit_rr
from cython.cimports.wasmine.jit.x64.lower import CC_E, CC_NE
from cython.cimports.wasmine.jit.x64.slow import emit_slow
from cython.cimports.wasmine.runtime.vm import Instance, Memory, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_CALL_STACK_EXHAUSTED
from cython.cimports.wasmine.spec.types import TypeDef

Code = cython.typedef(cython.pointer[CodeBuffer])
Type = cython.typedef(cython.pointer[TypeDef])

FP_AT = cython.declare(cython.const[int32_t], 8)  # in what `enter` leaves on the stack


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_mem(code: Code, op: uint32_t, reg: uint32_t, base: uint32_t, disp: int32_t) -> cython.void:
    address = cython.declare(Address)
    address.base = base
    address.index = NO_REG
    address.scale = 0
    address.disp = disp
    emit_rmem(code, op, reg, cython.address(address), 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_far(code: Code, op: uint32_t, target: cython.p_void) -> cython.void:
    """A call or jump to an address, by way of rax."""
    emit_const(code, RAX, cython.cast(uint64_t, cython.cast(cython.size_t, target)))
    emit_rr(code, op, 0, RAX, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_near(code: Code, cc: uint32_t, target: uint32_t) -> cython.void:
    """A jump to a place in the buffer, on a condition (NO_REG: always)."""
    if cc == NO_REG:
        emit_u8(code, 0xE9)
    else:
        emit_u8(code, 0x0F)
        emit_u8(code, 0x80 + cc)
    emit_u32(code, target - (code.size + 4))


# --- for a whole module


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_common(code: Code, common: cython.pointer[Common]) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    common.trap_exit = code.size
    # Nothing that native code has in registers is needed any more.
    emit_mem(code, x.X_MOV64, RBX, INSTANCE, offset(cython.address(inst.ctx)))
    emit_rr(code, x.X_MOV32, R12, RAX, 0)
    emit_rr(code, x.X_MOV64, RDI, RBX, 0)
    emit_rr(code, x.X_MOV64, RSI, INSTANCE, 0)
    emit_rr(code, x.X_MOV64, RDX, RSP, 0)
    emit_rr(code, x.X_MOV32, RCX, RAX, 0)
    emit_rr(code, x.X_AND64_IMM, 0, RSP, -16)
    emit_far(code, x.X_CALL, cython.cast(cython.p_void, leave_native))
    emit_rr(code, x.X_TEST64, RAX, RAX, 0)
    emit_u8(code, 0x74)  # je: nobody takes it
    emit_u8(code, 0)
    start: uint32_t = code.size
    emit_mem(code, x.X_MOV64, RSP, RBX, offset(cython.address(ctx.landing_sp)))
    emit_mem(code, x.X_MOV64, INSTANCE, RBX, offset(cython.address(ctx.landing_inst)))
    emit_reload_memory(code)
    emit_rr(code, x.X_JMP, 0, RAX, 0)
    if not code.failed:
        code.bytes[start - 1] = code.size - start
    emit_rr(code, x.X_MOV32, RAX, R12, 0)
    emit_mem(code, x.X_MOV64, RSP, RBX, offset(cython.address(ctx.native_exit)))
    common.leave = code.size
    emit_pop(code, RDI)
    emit_pop(code, RCX)
    emit_pop(code, RCX)
    emit_mem(code, x.X_STORE64, RCX, RDI, offset(cython.address(ctx.slot_top)))
    emit_pop(code, RCX)
    emit_mem(code, x.X_STORE64, RCX, RDI, offset(cython.address(ctx.native_exit)))
    emit_pop(code, R15)
    emit_pop(code, R14)
    emit_pop(code, R13)
    emit_pop(code, R12)
    emit_pop(code, RBX)
    emit_pop(code, RBP)
    emit_ret(code)
    common.poll = emit_asking(code, common, cython.cast(cython.p_void, ask_poll))
    common.limit = emit_asking(code, common, cython.cast(cython.p_void, ask_limit))
    common.slow = emit_slow(code)
    common.unusual = emit_unusual(code, common.trap_exit)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_asking(code: Code, common: cython.pointer[Common], ask: cython.p_void) -> uint32_t:
    """Calls ask(ctx) with all registers kept, and leaves with the trap that it returns, if any."""
    inst: cython.pointer[Instance] = cython.NULL
    start: uint32_t
    emit_align(code, 16, INT3)
    start = code.size
    save_registers(code)
    emit_mem(code, x.X_MOV64, RDI, INSTANCE, offset(cython.address(inst.ctx)))
    emit_far(code, x.X_CALL, ask)
    emit_rr(code, x.X_TEST32, RAX, RAX, 0)
    emit_u8(code, 0x74)  # je: all is well
    emit_u8(code, 0)
    jump: uint32_t = code.size
    # Back to the return address, which says where we were.
    emit_mem(code, x.X_LEA64, RSP, RBP, SAVED_INTS)
    emit_near(code, NO_REG, common.trap_exit)
    if not code.failed:
        code.bytes[jump - 1] = code.size - jump
    restore_registers(code)
    emit_ret(code)
    return start


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def save_registers(code: Code) -> cython.void:
    reg: uint32_t
    for reg in range(16, 0, -1):
        emit_push(code, reg - 1)
    emit_rr(code, x.X_MOV64, RBP, RSP, 0)
    emit_rr(code, x.X_AND64_IMM, 0, RSP, -16)
    emit_rr(code, x.X_SUB64_IMM, 0, RSP, SAVED_FLOATS)
    for reg in range(16):
        emit_mem(code, x.X_STOREUPS, reg, RSP, 16 * reg)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def restore_registers(code: Code) -> cython.void:
    reg: uint32_t
    for reg in range(16):
        emit_mem(code, x.X_MOVUPS, reg, RSP, 16 * reg)
    emit_rr(code, x.X_MOV64, RSP, RBP, 0)
    for reg in range(16):
        if reg == RSP:
            emit_rr(code, x.X_ADD64_IMM, 0, RSP, 8)
        else:
            emit_pop(code, reg)


# --- for a type


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_values(
    code: Code, types: cython.pointer[uint32_t], n: uint32_t, slots: uint32_t, area: int32_t
) -> cython.void:
    """From slots to where the convention has values; those on the stack are at rsp + area."""
    places = cython.declare(Places)
    i: uint32_t
    place: uint32_t
    type: uint32_t
    slot: int32_t = 0
    start_places(cython.address(places))
    for i in range(n):
        type = value_type(types[i])
        place = next_place(cython.address(places), type)
        if place >= ON_STACK:
            copy_word(code, slots, slot, RSP, area + cython.cast(int32_t, place - ON_STACK))
            if type == VT_V128:
                copy_word(code, slots, slot + 8, RSP, area + cython.cast(int32_t, place - ON_STACK) + 8)
        elif type < VT_F32:
            emit_mem(code, x.X_MOV64, place, slots, slot)
        elif type == VT_V128:
            emit_mem(code, x.X_MOVUPS, place & 15, slots, slot)
        else:
            emit_mem(code, x.X_MOVSD, place & 15, slots, slot)
        slot += 16 if type == VT_V128 else 8


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def store_values(
    code: Code, types: cython.pointer[uint32_t], n: uint32_t, slots: uint32_t, area: int32_t
) -> cython.void:
    """The other way. An f32 in a slot has zeros above."""
    places = cython.declare(Places)
    i: uint32_t
    place: uint32_t
    type: uint32_t
    slot: int32_t = 0
    start_places(cython.address(places))
    for i in range(n):
        type = value_type(types[i])
        place = next_place(cython.address(places), type)
        if place >= ON_STACK and type == VT_F32:
            emit_mem(code, x.X_MOV32, R11, RSP, area + cython.cast(int32_t, place - ON_STACK))
            emit_mem(code, x.X_STORE64, R11, slots, slot)
        elif place >= ON_STACK:
            copy_word(code, RSP, area + cython.cast(int32_t, place - ON_STACK), slots, slot)
            if type == VT_V128:
                copy_word(code, RSP, area + cython.cast(int32_t, place - ON_STACK) + 8, slots, slot + 8)
        elif type < VT_F32:
            emit_mem(code, x.X_STORE64, place, slots, slot)
        elif type == VT_V128:
            emit_mem(code, x.X_STOREUPS, place & 15, slots, slot)
        elif type == VT_F32:
            emit_rr(code, x.X_MOVD_OUT, place & 15, R11, 0)
            emit_mem(code, x.X_STORE64, R11, slots, slot)
        else:
            emit_mem(code, x.X_STORESD, place & 15, slots, slot)
        slot += 16 if type == VT_V128 else 8


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_word(code: Code, base: uint32_t, disp: int32_t, to: uint32_t, to_disp: int32_t) -> cython.void:
    emit_mem(code, x.X_MOV64, R11, base, disp)
    emit_mem(code, x.X_STORE64, R11, to, to_disp)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_enter(code: Code, type: Type, common: cython.pointer[cython.const[Common]]) -> cython.void:
    """enter(rdi ctx, rsi inst, rdx func, rcx fp, r8 entry, r9 top)."""
    ctx: cython.pointer[VMContext] = cython.NULL
    area: int32_t = max(stack_bytes(type.params, type.n_params), stack_bytes(type.results, type.n_results))
    push_saved(code)
    emit_mem(code, x.X_PUSH, 0, RDI, offset(cython.address(ctx.native_exit)))
    emit_mem(code, x.X_PUSH, 0, RDI, offset(cython.address(ctx.slot_top)))
    emit_push(code, RCX)
    emit_push(code, RDI)
    emit_mem(code, x.X_STORE64, RSP, RDI, offset(cython.address(ctx.native_exit)))
    emit_mem(code, x.X_STORE64, R9, RDI, offset(cython.address(ctx.slot_top)))
    emit_rr(code, x.X_SUB64_IMM, 0, RSP, area + 8)
    emit_rr(code, x.X_MOV64, INSTANCE, RSI, 0)
    emit_rr(code, x.X_MOV64, FRAME, RCX, 0)
    emit_rr(code, x.X_MOV64, R12, R8, 0)
    emit_reload_memory(code)
    load_values(code, type.params, type.n_params, FRAME, 0)
    emit_rr(code, x.X_CALL, 0, R12, 0)
    emit_mem(code, x.X_MOV64, FRAME, RSP, area + 8 + FP_AT)
    store_values(code, type.results, type.n_results, FRAME, 0)
    emit_rr(code, x.X_ADD64_IMM, 0, RSP, area + 8)
    emit_rr(code, x.X_XOR32, RAX, RAX, 0)
    emit_near(code, NO_REG, common.leave)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_reload_memory(code: Code) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    memory: cython.pointer[Memory] = cython.NULL
    start: uint32_t
    emit_mem(code, x.X_MOV64, MEMORY, INSTANCE, offset(cython.address(inst.mem0)))
    emit_rr(code, x.X_TEST64, MEMORY, MEMORY, 0)
    emit_u8(code, 0x70 + CC_E)
    emit_u8(code, 0)
    start = code.size
    emit_mem(code, x.X_MOV64, MEMORY, MEMORY, offset(cython.address(memory.base)))
    if not code.failed:
        code.bytes[start - 1] = code.size - start


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def push_saved(code: Code) -> cython.void:
    emit_push(code, RBP)
    emit_push(code, RBX)
    emit_push(code, R12)
    emit_push(code, R13)
    emit_push(code, R14)
    emit_push(code, R15)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_to_func(code: Code, type: Type, common: cython.pointer[cython.const[Common]]) -> cython.void:
    emit_by_slots(code, type, common, CALLEE, cython.cast(cython.p_void, call_func))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_to_interp(code: Code, type: Type, common: cython.pointer[cython.const[Common]]) -> cython.void:
    emit_by_slots(code, type, common, SCRATCH, cython.cast(cython.p_void, call_interp))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_by_slots(
    code: Code,
    type: Type,
    common: cython.pointer[cython.const[Common]],
    callee: uint32_t,
    function: cython.p_void,
) -> cython.void:
    """function(ctx, inst, callee, slots), with arguments and results in the slots above all frames."""
    inst: cython.pointer[Instance] = cython.NULL
    ctx: cython.pointer[VMContext] = cython.NULL
    start: uint32_t = code.size
    slots: uint32_t = max(type.param_slots, type.result_slots)
    # The callee's register is kept on the stack: r11 is needed to copy.
    emit_rr(code, x.X_MOV64, R10, callee, 0)
    emit_mem(code, x.X_MOV64, R12, INSTANCE, offset(cython.address(inst.ctx)))
    emit_mem(code, x.X_CMP64, RSP, R12, offset(cython.address(ctx.native_limit)))
    emit_u8(code, 0x73)  # jae: past the question
    emit_u8(code, 0)
    jump: uint32_t = code.size
    # The stack is as at a function's entry, which is what the question wants.
    emit_u8(code, 0xE8)
    emit_u32(code, common.limit - (code.size + 4))
    emit_rr(code, x.X_MOV64, SCRATCH, R10, 0)
    emit_near(code, NO_REG, start)
    if not code.failed:
        code.bytes[jump - 1] = code.size - jump
    emit_mem(code, x.X_MOV64, R13, R12, offset(cython.address(ctx.slot_top)))
    emit_mem(code, x.X_LEA64, R11, R13, 8 * slots)
    emit_mem(code, x.X_CMP64, R11, R12, offset(cython.address(ctx.stack_end)))
    emit_const(code, RBP, TRAP_CALL_STACK_EXHAUSTED)
    emit_u8(code, 0x76)  # jbe: there is room
    emit_u8(code, 0)
    jump = code.size
    emit_rr(code, x.X_MOV64, RAX, RBP, 0)
    emit_near(code, NO_REG, common.trap_exit)
    if not code.failed:
        code.bytes[jump - 1] = code.size - jump
    emit_rr(code, x.X_SUB64_IMM, 0, RSP, 8)
    store_values(code, type.params, type.n_params, R13, 16)
    emit_rr(code, x.X_MOV64, RDI, R12, 0)
    emit_rr(code, x.X_MOV64, RSI, INSTANCE, 0)
    emit_rr(code, x.X_MOV64, RDX, R10, 0)
    emit_rr(code, x.X_MOV64, RCX, R13, 0)
    emit_far(code, x.X_CALL, function)
    # The caller's return address is what the way out and results on the stack want on top.
    emit_rr(code, x.X_ADD64_IMM, 0, RSP, 8)
    emit_rr(code, x.X_TEST32, RAX, RAX, 0)
    emit_near(code, CC_NE, common.unusual)
    load_values(code, type.results, type.n_results, R13, 8)
    emit_ret(code)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_load(code: Code, type: Type) -> cython.void:
    func: cython.pointer[IrFunc] = cython.NULL
    load_values(code, type.params, type.n_params, R13, 8)
    emit_rr(code, x.X_MOV64, SCRATCH, R12, 0)
    emit_mem(code, x.X_JMP, 0, SCRATCH, offset(cython.address(func.native)))
