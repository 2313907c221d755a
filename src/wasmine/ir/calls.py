"""Lowering of calls."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.ir import ops as o
from cython.cimports.wasmine.ir.builder import (
    NO_INSTR,
    Builder,
    emit,
    emit_words,
    pop,
    pop_slot,
    push,
    read_u32,
    settle,
)
from cython.cimports.wasmine.spec.types import T_V128, TypeDef

Building = cython.typedef(cython.pointer[Builder])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_call(
    b: Building, op: uint32_t, type: cython.pointer[TypeDef], a: uint32_t, c: uint32_t
) -> cython.void:
    """A call whose callee operand has been popped: arguments go home, where the callee's frame begins."""
    base: uint32_t
    i: uint32_t
    room: uint32_t
    settle(b, type.n_params)
    for i in range(type.n_params):
        pop(b)
    base = b.next_home
    room = base + (type.param_slots if type.param_slots > type.result_slots else type.result_slots)
    if room > b.frame_slots:
        b.frame_slots = room
    emit(b, op, 0, a, base, c)
    for i in range(type.n_results):
        push(b, type.results[i] == T_V128)
    b.last = NO_INSTR
    b.bounded = 0
    b.leaf = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_direct_call(b: Building, tail: cython.bint) -> cython.void:
    """call, return_call."""
    index: uint32_t = read_u32(b)
    imported: uint32_t = b.desc.n_imported_funcs
    type: cython.pointer[TypeDef] = b.desc.defs[b.desc.func_types[index]]
    op: uint32_t
    if index < imported:
        op = o.RETURN_CALL_IMPORT if tail else o.CALL_IMPORT
    else:
        op = o.RETURN_CALL if tail else o.CALL
        index -= imported
    lower_call(b, op, type, index, 0)
    if tail:
        b.reachable = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_indirect_call(b: Building, tail: cython.bint) -> cython.void:
    """call_indirect, return_call_indirect."""
    id: uint32_t = b.desc.types[read_u32(b)]
    table: uint32_t = read_u32(b)
    index: uint32_t = pop_slot(b)
    lower_call(b, o.RETURN_CALL_INDIRECT if tail else o.CALL_INDIRECT, b.desc.defs[id], id, index)
    # The word belongs to the call; the results pushed above take no code.
    emit_words(b, 0, table, 0, 0)
    if tail:
        b.reachable = 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_call_ref(b: Building, tail: cython.bint) -> cython.void:
    """call_ref, return_call_ref."""
    id: uint32_t = b.desc.types[read_u32(b)]
    callee: uint32_t = pop_slot(b)
    lower_call(b, o.RETURN_CALL_REF if tail else o.CALL_REF, b.desc.defs[id], id, callee)
    if tail:
        b.reachable = 0
