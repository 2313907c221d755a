"""The ways between the interpreter, native code and C functions (AAPCS64 calling convention).

What `enter` leaves on the stack, below which native code has its frames; native_exit points to it:

    high    x19 to x30, d8 to d15
            slot_top, native_exit   of the activation before
    low     ctx, fp
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.jit.arm64 import ops as a
from cython.cimports.wasmine.jit.arm64.abi import LOADED, LOADED_SLOTS
from cython.cimports.wasmine.jit.arm64.accesses import ACCESSES
from cython.cimports.wasmine.jit.arm64.assembler import (
    COND_HS,
    COND_LS,
    LR,
    SP,
    X0,
    X1,
    X2,
    X3,
    X4,
    X5,
    X9,
    X10,
    X11,
    X19,
    ZERO,
    emit_access,
    emit_add64_imm,
    emit_branch,
    emit_call,
    emit_jump,
    emit_load64,
    emit_mov64,
    emit_pop,
    emit_push,
    emit_ret,
    emit_store64,
    land,
)
from cython.cimports.wasmine.jit.arm64.bridges import emit_unusual
from cython.cimports.wasmine.jit.arm64.convention import (
    CALLEE,
    CONTEXT,
    FRAME,
    INSTANCE,
    MEMORY,
    SCRATCH,
    SCRATCH2,
    start_places,
)
from cython.cimports.wasmine.jit.arm64.encode import (
    EXTEND_LSL,
    emit_const,
    emit_dni,
    emit_op,
    emit_pair,
    emit_pair_before,
    extend,
    fits_branch,
)
from cython.cimports.wasmine.jit.arm64.saved import (
    SAVED_ALL,
    pop_saved,
    push_saved,
    restore_registers,
    save_registers,
)
from cython.cimports.wasmine.jit.arm64.slow import emit_slow
from cython.cimports.wasmine.jit.backend.accesses import access_of_value
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer
from cython.cimports.wasmine.jit.backend.machine import VT_F32, VT_V128
from cython.cimports.wasmine.jit.backend.offsets import offset
from cython.cimports.wasmine.jit.backend.places import ON_STACK, Places, next_place, stack_bytes, value_type
from cython.cimports.wasmine.jit.backend.services import ask_limit, ask_poll, call_func, call_interp
from cython.cimports.wasmine.jit.backend.target import Common
from cython.cimports.wasmine.jit.unwind import leave_native
from cython.cimports.wasmine.runtime.vm import Instance, Memory, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_CALL_STACK_EXHAUSTED
from cython.cimports.wasmine.spec.types import TypeDef

Code = cython.typedef(cython.pointer[CodeBuffer])
Type = cython.typedef(cython.pointer[TypeDef])

FP_AT = cython.declare(cython.const[int32_t], 8)  # in what `enter` leaves on the stack
LINK_BYTES = cython.declare(cython.const[int32_t], 16)  # of a return address on the stack


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_far_call(code: Code, target: cython.p_void) -> cython.void:
    emit_const(code, SCRATCH2, cython.cast(uint64_t, cython.cast(cython.size_t, target)))
    emit_call(code, SCRATCH2)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_near(code: Code, op: uint32_t, reg: uint32_t, target: uint32_t) -> cython.void:
    distance: int32_t = cython.cast(int32_t, target - code.size)
    if fits_branch(op, distance):
        emit_dni(code, op, reg, 0, distance)
    else:
        code.failed = 1


# --- for a whole module


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_common(code: Code, common: cython.pointer[Common]) -> cython.void:
    emit_trap_exit(code, common)
    common.poll = emit_asking(code, common, cython.cast(cython.p_void, ask_poll))
    common.limit = emit_asking(code, common, cython.cast(cython.p_void, ask_limit))
    common.slow = emit_slow(code)
    common.unusual = emit_unusual(code, common.trap_exit)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_trap_exit(code: Code, common: cython.pointer[Common]) -> cython.void:
    """And `leave`, into which it falls. Nothing that native code has in registers is needed any more."""
    ctx: cython.pointer[VMContext] = cython.NULL
    nobody: uint32_t
    common.trap_exit = code.size
    emit_push(code, LR)
    emit_mov64(code, X19, X0)
    emit_mov64(code, X3, X0)
    emit_mov64(code, X0, CONTEXT)
    emit_mov64(code, X1, INSTANCE)
    emit_add64_imm(code, X2, SP, 0)
    emit_far_call(code, cython.cast(cython.p_void, leave_native))
    nobody = emit_branch(code, a.A_CBZ64, X0)
    emit_load64(code, X9, CONTEXT, offset(cython.address(ctx.landing_sp)))
    emit_add64_imm(code, SP, X9, 0)
    emit_load64(code, INSTANCE, CONTEXT, offset(cython.address(ctx.landing_inst)))
    emit_reload_memory(code)
    emit_jump(code, X0)
    land(code, nobody)
    emit_mov64(code, X0, X19)
    emit_load64(code, X9, CONTEXT, offset(cython.address(ctx.native_exit)))
    emit_add64_imm(code, SP, X9, 0)
    common.leave = code.size
    emit_load64(code, X9, SP, 0)
    emit_pair(code, a.A_LDP64, X10, X11, SP, 16)
    emit_store64(code, X9, offset(cython.address(ctx.slot_top)), X10)
    emit_store64(code, X9, offset(cython.address(ctx.native_exit)), X11)
    emit_add64_imm(code, SP, SP, 32)
    pop_saved(code)
    emit_ret(code)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_asking(code: Code, common: cython.pointer[Common], ask: cython.p_void) -> uint32_t:
    """Calls ask(ctx) with all registers kept, and leaves with the trap that it returns, if any."""
    start: uint32_t = code.size
    fine: uint32_t
    emit_push(code, LR)
    save_registers(code)
    emit_mov64(code, X0, CONTEXT)
    emit_far_call(code, ask)
    fine = emit_branch(code, a.A_CBZ32, X0)
    # Back to the return address, which says where we were.
    emit_add64_imm(code, SP, SP, SAVED_ALL)
    emit_pop(code, LR)
    emit_near(code, a.A_B, 0, common.trap_exit)
    land(code, fine)
    restore_registers(code)
    emit_pop(code, LR)
    emit_ret(code)
    return start


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_reload_memory(code: Code) -> cython.void:
    inst: cython.pointer[Instance] = cython.NULL
    memory: cython.pointer[Memory] = cython.NULL
    none: uint32_t
    emit_load64(code, MEMORY, INSTANCE, offset(cython.address(inst.mem0)))
    none = emit_branch(code, a.A_CBZ64, MEMORY)
    emit_load64(code, MEMORY, MEMORY, offset(cython.address(memory.base)))
    land(code, none)


# --- for a type


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def load_values(
    code: Code, types: cython.pointer[uint32_t], n: uint32_t, slots: uint32_t, area: int32_t
) -> cython.void:
    """From slots to where the convention has values; those on the stack are at sp + area."""
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
            copy_word(code, slots, slot, SP, area + cython.cast(int32_t, place - ON_STACK))
            if type == VT_V128:
                copy_word(code, slots, slot + 8, SP, area + cython.cast(int32_t, place - ON_STACK) + 8)
        else:
            emit_access(code, ACCESSES.load[access_of_value(type)], place, slots, slot)
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
            emit_access(code, a.A_LDR32, SCRATCH2, SP, area + cython.cast(int32_t, place - ON_STACK))
            emit_store64(code, slots, slot, SCRATCH2)
        elif place >= ON_STACK:
            copy_word(code, SP, area + cython.cast(int32_t, place - ON_STACK), slots, slot)
            if type == VT_V128:
                copy_word(code, SP, area + cython.cast(int32_t, place - ON_STACK) + 8, slots, slot + 8)
        else:
            if type == VT_F32:
                emit_store64(code, slots, slot, ZERO)
            emit_access(code, ACCESSES.store[access_of_value(type)], place, slots, slot)
        slot += 16 if type == VT_V128 else 8


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_word(code: Code, base: uint32_t, disp: int32_t, to: uint32_t, to_disp: int32_t) -> cython.void:
    emit_load64(code, SCRATCH2, base, disp)
    emit_store64(code, to, to_disp, SCRATCH2)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_enter(code: Code, type: Type, common: cython.pointer[cython.const[Common]]) -> cython.void:
    """enter(x0 ctx, x1 inst, x2 func, x3 fp, x4 entry, x5 top)."""
    ctx: cython.pointer[VMContext] = cython.NULL
    area: int32_t = max(stack_bytes(type.params, type.n_params), stack_bytes(type.results, type.n_results))
    push_saved(code)
    emit_load64(code, X9, X0, offset(cython.address(ctx.slot_top)))
    emit_load64(code, X10, X0, offset(cython.address(ctx.native_exit)))
    emit_pair_before(code, a.A_STP64, X0, X3, SP, -32)
    emit_pair(code, a.A_STP64, X9, X10, SP, 16)
    emit_add64_imm(code, X9, SP, 0)
    emit_store64(code, X0, offset(cython.address(ctx.native_exit)), X9)
    emit_store64(code, X0, offset(cython.address(ctx.slot_top)), X5)
    emit_add64_imm(code, SP, SP, -area)
    emit_mov64(code, CONTEXT, X0)
    emit_mov64(code, INSTANCE, X1)
    emit_mov64(code, FRAME, X3)
    emit_mov64(code, X9, X4)
    emit_reload_memory(code)
    load_values(code, type.params, type.n_params, FRAME, 0)
    emit_call(code, X9)
    emit_load64(code, FRAME, SP, area + FP_AT)
    store_values(code, type.results, type.n_results, FRAME, 0)
    emit_add64_imm(code, SP, SP, area)
    emit_const(code, X0, 0)
    emit_near(code, a.A_B, 0, common.leave)


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
    ctx: cython.pointer[VMContext] = cython.NULL
    slots: int32_t = max(type.param_slots, type.result_slots)
    again: uint32_t
    well: uint32_t
    emit_push(code, LR)
    # Of what is free, so that copying does not lose it.
    emit_mov64(code, X9, callee)
    again = code.size
    emit_load64(code, X10, CONTEXT, offset(cython.address(ctx.native_limit)))
    emit_op(code, a.A_CMP_EXT64, 0, SP, X10, 0, extend(EXTEND_LSL, 0))
    well = emit_branch(code, a.A_B_IF, COND_HS)
    # The stack is as at a function's entry, which is what the question wants.
    emit_near(code, a.A_BL, 0, common.limit)
    emit_near(code, a.A_B, 0, again)
    land(code, well)
    emit_load64(code, LOADED_SLOTS, CONTEXT, offset(cython.address(ctx.slot_top)))
    emit_add64_imm(code, X10, LOADED_SLOTS, 8 * slots)
    emit_load64(code, X11, CONTEXT, offset(cython.address(ctx.stack_end)))
    emit_op(code, a.A_CMP64, 0, X10, X11, 0, 0)
    well = emit_branch(code, a.A_B_IF, COND_LS)
    emit_const(code, X0, TRAP_CALL_STACK_EXHAUSTED)
    emit_pop(code, LR)
    emit_near(code, a.A_B, 0, common.trap_exit)
    land(code, well)
    store_values(code, type.params, type.n_params, LOADED_SLOTS, LINK_BYTES)
    emit_mov64(code, X0, CONTEXT)
    emit_mov64(code, X1, INSTANCE)
    emit_mov64(code, X2, X9)
    emit_mov64(code, X3, LOADED_SLOTS)
    emit_far_call(code, function)
    # The caller's return address is what the way out wants.
    emit_pop(code, LR)
    well = emit_branch(code, a.A_CBZ32, X0)
    emit_near(code, a.A_B, 0, common.unusual)
    land(code, well)
    load_values(code, type.results, type.n_results, LOADED_SLOTS, 0)
    emit_ret(code)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_load(code: Code, type: Type) -> cython.void:
    func: cython.pointer[IrFunc] = cython.NULL
    load_values(code, type.params, type.n_params, LOADED_SLOTS, 0)
    emit_mov64(code, SCRATCH, LOADED)
    emit_load64(code, SCRATCH2, SCRATCH, offset(cython.address(func.native)))
    emit_jump(code, SCRATCH2)
