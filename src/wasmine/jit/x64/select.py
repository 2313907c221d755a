"""Instruction selection for x86-64: what the machine-independent part leaves to the machine."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.jit.backend import pseudo as p
from cython.cimports.wasmine.jit.backend.exceptions import lower_exception
from cython.cimports.wasmine.jit.backend.lower import (
    Lower,
    SelectionOf,
    Target,
    emit,
    emit_trap_if,
    use_any,
    use_reg,
)
from cython.cimports.wasmine.jit.backend.machine import ROLE_REG, ROLE_RM, MachFunc, MachInst
from cython.cimports.wasmine.jit.backend.memory import lower_memory
from cython.cimports.wasmine.jit.backend.objects import lower_object
from cython.cimports.wasmine.jit.backend.select import select_instructions
from cython.cimports.wasmine.jit.ssa.function import SsaFunc
from cython.cimports.wasmine.jit.x64 import ops as x
from cython.cimports.wasmine.jit.x64.accesses import ACCESSES
from cython.cimports.wasmine.jit.x64.assembler import RCX
from cython.cimports.wasmine.jit.x64.atomics import lower_atomic
from cython.cimports.wasmine.jit.x64.conditions import emit_condition
from cython.cimports.wasmine.jit.x64.convention import (
    CALLEE,
    FRAME,
    INSTANCE,
    MEMORY,
    start_places,
)
from cython.cimports.wasmine.jit.x64.floats import lower_float
from cython.cimports.wasmine.jit.x64.integers import lower_integer
from cython.cimports.wasmine.jit.x64.lower import CC_E
from cython.cimports.wasmine.jit.x64.memory import check_bounds, find_global, find_target, store
from cython.cimports.wasmine.jit.x64.places import (
    check_index,
    compare_ref,
    find_in_object,
    set_condition,
    store_place,
)
from cython.cimports.wasmine.jit.x64.vectors import lower_vector
from cython.cimports.wasmine.jit.x64.wide import lower_wide
from cython.cimports.wasmine.runtime.vm import ModuleCode

Lowering = cython.typedef(cython.pointer[Lower])
Made = cython.typedef(cython.pointer[MachInst])

machine = cython.declare(SelectionOf)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def select_x64(
    m: cython.pointer[MachFunc],
    f: cython.pointer[SsaFunc],
    code: cython.pointer[ModuleCode],
    features: uint32_t,
    refused: cython.pointer[uint32_t],
) -> uint32_t:
    return select_instructions(cython.address(machine), m, f, code, features, refused)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower(s: Lowering, id: uint32_t) -> cython.bint:
    return (
        lower_integer(s, id)
        or lower_memory(s, id)
        or lower_float(s, id)
        or lower_vector(s, id)
        or lower_object(s, id)
        or lower_exception(s, id)
        or lower_atomic(s, id)
        or lower_wide(s, id)
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def branch(s: Lowering, condition: uint32_t, yes: uint32_t, no: uint32_t) -> cython.void:
    cc: uint32_t = emit_condition(s, condition)
    made: Made = emit(s, p.P_JUMP_IF)
    made.cond = cc
    made.label = yes
    made.aux = no


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on_value(s: Lowering, condition: uint32_t, trap: uint32_t) -> cython.void:
    emit_trap_if(s, emit_condition(s, condition), trap)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def trap_on_null(s: Lowering, ref: uint32_t, trap: uint32_t, detail: uint32_t) -> cython.void:
    made: Made = emit(s, x.X_TEST64)
    use_reg(s, made, ref, ROLE_REG)
    use_reg(s, made, ref, ROLE_RM)
    made = emit_trap_if(s, CC_E, trap)
    if detail != 0:
        use_reg(s, made, detail, ROLE_REG)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def poll_counted(s: Lowering, counter: uint32_t, mask: uint64_t) -> cython.void:
    made: Made = emit(s, x.X_TEST32_IMM)
    made.imm = cython.cast(int64_t, mask)
    use_any(s, made, counter)
    emit(s, p.P_POLL_COUNTED)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_target_by(s: Lowering, id: uint32_t, op: uint32_t, target: cython.pointer[Target]) -> cython.void:
    """All ops reach as far."""
    find_target(s, id, target)


machine.lower = lower
machine.branch = branch
machine.trap_if = trap_on_value
machine.poll_counted = poll_counted
machine.trap_on_null = trap_on_null
machine.find_target = find_target_by
machine.store = store
machine.check_bounds = check_bounds
machine.find_global = find_global
machine.find_in_object = find_in_object
machine.store_place = store_place
machine.compare_ref = compare_ref
machine.set_condition = set_condition
machine.check_index = check_index
machine.accesses = cython.address(ACCESSES)
machine.equal = CC_E
machine.start_places = start_places
machine.instance = INSTANCE
machine.memory = MEMORY
machine.callee = CALLEE
machine.frame = FRAME
machine.slots = RCX
