"""Lowering of exception handling (core specification, sections 3.4.13 and 4.6.13), and of its legacy form.

A try has no instruction of its own: the function gets a list of handlers, each with the range of positions
that it covers, and code that throws nothing pays nothing. The clauses of a `try_table` are pads in front of
its body, which find the values of the exception in slots and branch on with them:

        br body
     pad 1: (values in slots) br label 1
     pad 2: ...
    body: ...                        <- covered

The legacy `try` has its `catch` code behind the body. It keeps the exception in a slot of its own, for
`rethrow`; so the operands of a catch stand one slot higher than those of the body, and are moved down where
it ends.
"""

import cython
from cython.cimports.libc.stdint import int32_t, uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import qsort, realloc
from cython.cimports.wasmine.ir import ops as o
from cython.cimports.wasmine.ir.builder import (
    L_BLOCK,
    L_CATCH,
    L_TRY,
    L_TRY_TABLE,
    NO_INSTR,
    Builder,
    Label,
    bind,
    bind_fixups,
    emit,
    emit_jump,
    end_label,
    jump_to,
    larger,
    open_label,
    pop,
    pop_slot,
    push,
    push_results,
    read_u32,
    settle,
    start_block,
)
from cython.cimports.wasmine.ir.func import HANDLE_ALL, HANDLE_DELEGATE, HANDLE_TAG, Handler
from cython.cimports.wasmine.spec import traps as t
from cython.cimports.wasmine.spec.types import T_V128, TypeDef

Building = cython.typedef(cython.pointer[Builder])
Types = cython.typedef(cython.pointer[cython.const[uint32_t]])

# Clauses of try_table, as in the binary format.
CATCH_REF = cython.declare(cython.const[uint8_t], 1)
CATCH_ALL = cython.declare(cython.const[uint8_t], 2)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_handler(b: Building, kind: uint32_t, serial: uint32_t) -> cython.pointer[Handler]:
    """A new handler from the current position on; NULL, with `failed` set, when memory is exhausted."""
    capacity: uint32_t
    size: uint64_t
    grown: cython.p_void
    if b.n_handlers == b.handler_capacity:
        capacity = larger(b.handler_capacity)
        size = capacity
        grown = realloc(b.handlers, size * cython.sizeof(Handler)) if capacity else cython.NULL
        if grown == cython.NULL:
            b.failed = t.TRAP_LOWERING_FAILED
            return cython.NULL
        b.handlers = cython.cast(cython.pointer[Handler], grown)
        b.handler_capacity = capacity
    handler: cython.pointer[Handler] = b.handlers + b.n_handlers
    b.n_handlers += 1
    handler.kind = kind
    handler.serial = serial
    handler.tag = 0
    handler.outer = 0
    handler.ref_slot = NO_INSTR
    return handler


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def open_try(
    b: Building, kind: uint32_t, n_params: uint32_t, params: Types, n_results: uint32_t, results: Types
) -> cython.pointer[Label]:
    """Opens the label of a try. The caller has flushed and settled."""
    open_label(b, kind, n_params, params, n_results, results)
    label: cython.pointer[Label] = b.labels + b.n_labels - 1
    if b.failed:
        return label
    b.tries += 1
    label.serial = b.tries
    label.within = b.tries
    label.first_handler = b.n_handlers
    return label


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def tag_type(b: Building, tag: uint32_t) -> cython.pointer[TypeDef]:
    """The function type of a tag: its parameters are the values of the exception."""
    return b.desc.defs[b.desc.tags[tag]]


# --- try_table


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_clause(b: Building, label: cython.pointer[Label]) -> cython.void:
    """One clause: its handler, and the pad that branches on. A clause doesn't count the label's own depth."""
    clause: uint8_t = b.at[0]
    handler: cython.pointer[Handler]
    type: cython.pointer[TypeDef]
    tag: uint32_t = 0
    ref_slot: int32_t = NO_INSTR
    b.at += 1
    if clause < CATCH_ALL:
        tag = read_u32(b)
        type = tag_type(b, tag)
        push_results(b, label, type.n_params, type.params)
    else:
        push_results(b, label, 0, cython.NULL)
    if clause == CATCH_REF or clause == CATCH_ALL + 1:
        ref_slot = cython.cast(int32_t, push(b, 0))
    handler = add_handler(b, HANDLE_TAG if clause < CATCH_ALL else HANDLE_ALL, label.serial)
    if handler == cython.NULL:
        return
    handler.tag = tag
    handler.target = b.n
    handler.slot = label.home
    handler.ref_slot = ref_slot
    bind(b)
    start_block(b)
    jump_to(b, b.labels + (b.n_labels - 2 - read_u32(b)))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_try_table(
    b: Building, n_params: uint32_t, params: Types, n_results: uint32_t, results: Types
) -> cython.void:
    """try_table, whose block type has been read; its clauses follow."""
    around: uint32_t
    count: uint32_t
    i: uint32_t
    label: cython.pointer[Label] = open_try(b, L_TRY_TABLE, n_params, params, n_results, results)
    if b.failed:
        return
    count = read_u32(b)
    if count != 0:
        around = emit(b, o.BR, 0, 0, 0, cython.cast(uint32_t, NO_INSTR))
        for i in range(count):
            lower_clause(b, label)
            if b.failed:
                return
        push_results(b, label, n_params, params)
        bind_fixups(b, cython.cast(int32_t, around))
        for i in range(label.first_handler, b.n_handlers):
            b.handlers[i].start = b.n
            b.handlers[i].end = b.n
    bind(b)
    start_block(b)


# --- legacy


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_try(
    b: Building, n_params: uint32_t, params: Types, n_results: uint32_t, results: Types
) -> cython.void:
    """Legacy try, whose block type has been read."""
    label: cython.pointer[Label] = open_try(b, L_TRY, n_params, params, n_results, results)
    if not b.failed:
        label.target = b.n
        bind(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def end_body(b: Building, label: cython.pointer[Label]) -> cython.void:
    """The end of a try's body or of a catch: its results go where the label expects them."""
    if b.reachable:
        if label.kind == L_TRY:
            settle(b, label.n_results)
            emit_jump(b, label)
        else:
            jump_to(b, label)
    if label.kind == L_TRY:
        label.body_end = b.n
        label.within = b.labels[b.n_labels - 2].within
        label.kind = L_CATCH


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_catch(b: Building, all: cython.bint) -> cython.void:
    """Legacy catch and catch_all: end what is before, begin their own code."""
    label: cython.pointer[Label] = b.labels + b.n_labels - 1
    handler: cython.pointer[Handler]
    type: cython.pointer[TypeDef]
    exn_slot: uint32_t
    i: uint32_t
    end_body(b, label)
    handler = add_handler(b, HANDLE_ALL if all else HANDLE_TAG, label.serial)
    if handler == cython.NULL:
        return
    handler.start = cython.cast(uint32_t, label.target)
    handler.end = label.body_end
    handler.target = b.n
    bind(b)
    push_results(b, label, 0, cython.NULL)
    # The exception has the slot below the operands of this code.
    exn_slot = b.next_home
    b.next_home += 1
    if b.next_home > b.frame_slots:
        b.frame_slots = b.next_home
    label.exn_slot = exn_slot
    handler.ref_slot = cython.cast(int32_t, exn_slot)
    handler.slot = b.next_home
    if not all:
        handler.tag = read_u32(b)
        type = tag_type(b, handler.tag)
        for i in range(type.n_params):
            push(b, type.params[i] == T_V128)
    b.flushed = b.height
    b.reachable = 1
    start_block(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_delegate(b: Building) -> cython.void:
    """Legacy delegate: ends a try whose exceptions go to the tries outside of a label."""
    label: cython.pointer[Label] = b.labels + b.n_labels - 1
    target: cython.pointer[Label] = b.labels + (b.n_labels - 2 - read_u32(b))
    handler: cython.pointer[Handler]
    if b.reachable:
        settle(b, label.n_results)
    handler = add_handler(b, HANDLE_DELEGATE, label.serial)
    if handler == cython.NULL:
        return
    handler.start = cython.cast(uint32_t, label.target)
    handler.end = b.n
    handler.outer = target.within
    bind(b)
    label.kind = L_BLOCK
    end_label(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def end_try(b: Building, label: cython.pointer[Label]) -> cython.void:
    """See tries.pxd."""
    i: uint32_t
    if label.kind == L_CATCH:
        end_body(b, label)
        b.reachable = 0
        return
    if b.reachable:
        settle(b, label.n_results)
    if label.kind == L_TRY_TABLE:
        for i in range(label.first_handler, b.n_handlers):
            if b.handlers[i].serial == label.serial:
                b.handlers[i].end = b.n
        bind(b)


# --- throwing


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_throw(b: Building) -> cython.void:
    """throw: the values go home, the instruction names the first of their slots."""
    tag: uint32_t = read_u32(b)
    count: uint32_t = tag_type(b, tag).n_params
    base: uint32_t = b.next_home
    i: uint32_t
    settle(b, count)
    for i in range(count):
        base = pop(b).home
    emit(b, o.THROW, 0, base, 0, tag)
    leave(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_throw_ref(b: Building) -> cython.void:
    """throw_ref."""
    emit(b, o.THROW_REF, 0, pop_slot(b), 0, 0)
    leave(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def lower_rethrow(b: Building) -> cython.void:
    """Legacy rethrow: throws again what the catch at a label caught."""
    label: cython.pointer[Label] = b.labels + (b.n_labels - 1 - read_u32(b))
    emit(b, o.THROW_REF, 0, label.exn_slot, 0, 0)
    leave(b)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def leave(b: Building) -> cython.void:
    """Behind an instruction that never goes on."""
    b.last = NO_INSTR
    b.reachable = 0
    b.bounded = 0


# --- order


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def compare(
    x: cython.pointer[cython.const[cython.void]], y: cython.pointer[cython.const[cython.void]]
) -> cython.int:
    """Later tries first; within one, the order of the clauses, which is that of their targets."""
    first: cython.pointer[cython.const[Handler]] = cython.cast(cython.pointer[cython.const[Handler]], x)
    second: cython.pointer[cython.const[Handler]] = cython.cast(cython.pointer[cython.const[Handler]], y)
    if first.serial != second.serial:
        return -1 if first.serial > second.serial else 1
    return -1 if first.target < second.target else cython.cast(cython.int, first.target > second.target)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def sort_handlers(b: Building) -> cython.void:
    """See tries.pxd."""
    if b.n_handlers > 1:
        qsort(b.handlers, b.n_handlers, cython.sizeof(Handler), compare)
