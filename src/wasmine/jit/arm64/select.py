"""Instruction selection for ARM64: what the machine-independent part leaves to the machine."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64.accesses import ACCESSES
from cython.cimports.wasmine.jit.arm64.assembler import COND_EQ
from cython.cimports.wasmine.jit.arm64.atomics import lower_atomic
from cython.cimports.wasmine.jit.arm64.conditions import (
    branch,
    lower_condition,
    poll_counted,
    trap_on_null,
    trap_on_value,
)
from cython.cimports.wasmine.jit.arm64.convention import (
    CALLEE,
    FRAME,
    INSTANCE,
    MEMORY,
    SLOTS,
    start_places,
)
from cython.cimports.wasmine.jit.arm64.floats import lower_float
from cython.cimports.wasmine.jit.arm64.hoisting import hoist_constant, make_hoisted
from cython.cimports.wasmine.jit.arm64.integers import lower_integer
from cython.cimports.wasmine.jit.arm64.lower import start_own
from cython.cimports.wasmine.jit.arm64.memory import check_bounds, find_global, find_target, store
from cython.cimports.wasmine.jit.arm64.places import (
    check_index,
    compare_ref,
    find_in_object,
    set_condition,
    store_place,
)
from cython.cimports.wasmine.jit.arm64.vectors import lower_vector
from cython.cimports.wasmine.jit.arm64.wide import lower_wide
from cython.cimports.wasmine.jit.backend.exceptions import lower_exception
from cython.cimports.wasmine.jit.backend.lower import Lower, SelectionOf
from cython.cimports.wasmine.jit.backend.machine import MachFunc
from cython.cimports.wasmine.jit.backend.memory import lower_memory
from cython.cimports.wasmine.jit.backend.objects import lower_object
from cython.cimports.wasmine.jit.backend.select import select_instructions
from cython.cimports.wasmine.jit.ssa.function import SsaFunc
from cython.cimports.wasmine.runtime.vm import ModuleCode

Lowering = cython.typedef(cython.pointer[Lower])

machine = cython.declare(SelectionOf)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def select_arm64(
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
        lower_condition(s, id)
        or lower_integer(s, id)
        or lower_memory(s, id)
        or lower_float(s, id)
        or lower_vector(s, id)
        or lower_atomic(s, id)
        or lower_wide(s, id)
        or lower_object(s, id)
        or lower_exception(s, id)
    )


machine.lower = lower
machine.start = start_own
machine.constant = hoist_constant
machine.before_end = make_hoisted
machine.branch = branch
machine.trap_if = trap_on_value
machine.poll_counted = poll_counted
machine.trap_on_null = trap_on_null
machine.find_target = find_target
machine.store = store
machine.check_bounds = check_bounds
machine.find_global = find_global
machine.find_in_object = find_in_object
machine.store_place = store_place
machine.compare_ref = compare_ref
machine.set_condition = set_condition
machine.check_index = check_index
machine.accesses = cython.address(ACCESSES)
machine.equal = COND_EQ
machine.start_places = start_places
machine.instance = INSTANCE
machine.memory = MEMORY
machine.callee = CALLEE
machine.frame = FRAME
machine.slots = SLOTS
