"""Throwing and catching exceptions; see exception.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.binary.module import EXT_TAG
from cython.cimports.wasmine.ir.func import HANDLE_DELEGATE, HANDLE_TAG, Handler, Instr, IrFunc
from cython.cimports.wasmine.runtime.extern import Extern, extern_tag
from cython.cimports.wasmine.runtime.frames import forget_passed
from cython.cimports.wasmine.runtime.heap import SlotSpan, close_span, heap_new_exn, open_span
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.values import from_slots, to_slots
from cython.cimports.wasmine.runtime.vm import Exn, Instance, Tag, VMContext
from cython.cimports.wasmine.spec.traps import TRAP_GC_HEAP_EXHAUSTED, TRAP_NONE, TRAP_UNCAUGHT_EXCEPTION
from cython.cimports.wasmine.spec.types import TypeDef, slots_of

from wasmine.spec.errors import WasmException


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def throw_new(
    ctx: cython.pointer[VMContext], tag: cython.pointer[Tag], slots: cython.pointer[uint64_t]
) -> uint32_t:
    """See exception.pxd."""
    ctx.exception = heap_new_exn(ctx, tag, slots)
    return TRAP_GC_HEAP_EXHAUSTED if ctx.exception == 0 else TRAP_UNCAUGHT_EXCEPTION


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def handler_at(
    func: cython.pointer[IrFunc],
    inst: cython.pointer[Instance],
    position: uint32_t,
    tag: cython.pointer[Tag],
) -> cython.pointer[Handler]:
    """The handler of a function that takes an exception of `tag` thrown at a position, or NULL."""
    handler: cython.pointer[Handler] = func.handlers
    end: cython.pointer[Handler] = handler + func.n_handlers
    outer: uint32_t = 0x7FFFFFFF
    while handler < end:
        if handler.start <= position < handler.end and handler.serial <= outer:
            if handler.kind == HANDLE_DELEGATE:
                outer = handler.outer
            elif handler.kind != HANDLE_TAG or inst.tags[handler.tag] == tag:
                return handler
        handler += 1
    return cython.NULL


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def find_handler(ctx: cython.pointer[VMContext]) -> cython.bint:
    """See exception.pxd."""
    exn: cython.pointer[Exn] = cython.cast(cython.pointer[Exn], ctx.exception)
    fp: cython.pointer[uint64_t] = ctx.fp
    func: cython.pointer[IrFunc] = ctx.func
    inst: cython.pointer[Instance] = ctx.inst
    pc: cython.pointer[Instr] = ctx.pc
    header: cython.pointer[uint64_t]
    handler: cython.pointer[Handler]
    while True:
        if func.n_handlers != 0:
            handler = handler_at(func, inst, cython.cast(uint32_t, pc - func.code), exn.tag)
            if handler != cython.NULL:
                break
        header = fp + func.header
        if header[2] == 0:
            return False
        # A return address is one past the call.
        pc = cython.cast(cython.pointer[Instr], header[0]) - 1
        fp = cython.cast(cython.pointer[uint64_t], header[1])
        func = cython.cast(cython.pointer[IrFunc], header[2])
        inst = cython.cast(cython.pointer[Instance], header[3])
    if handler.kind == HANDLE_TAG:
        memcpy(fp + handler.slot, exn + 1, exn.tag.type.param_slots * cython.sizeof(uint64_t))
    if handler.ref_slot >= 0:
        fp[handler.ref_slot] = ctx.exception
    ctx.pc = func.code + handler.target
    ctx.fp = fp
    ctx.func = func
    ctx.inst = inst
    forget_passed(ctx)
    return True


@cython.cfunc
def exception_of(store: StoreCore) -> object:
    """See exception.pxd."""
    exn: cython.pointer[Exn] = cython.cast(cython.pointer[Exn], store.ctx.exception)
    type: cython.pointer[TypeDef] = exn.tag.type
    slots: cython.pointer[uint64_t] = cython.cast(cython.pointer[uint64_t], exn + 1)
    values: list = []
    i: uint32_t
    # What is made here may run Python code, which may throw another one.
    span: cython.pointer[SlotSpan] = open_span(cython.address(store.heap), 1)
    span.slots[0] = store.ctx.exception
    try:
        for i in range(type.n_params):
            values.append(from_slots(store, type.params[i], slots))
            slots += slots_of(type.params[i])
        return WasmException(extern_tag(store, exn.tag), *values)
    finally:
        close_span(cython.address(store.heap), span)


@cython.cfunc
@cython.exceptval(0xFFFF, check=True)
def throw_python(store: StoreCore, error: object) -> uint32_t:
    """See exception.pxd."""
    if not isinstance(error.tag, Extern):
        return TRAP_NONE
    tag: Extern = error.tag
    if tag.kind != EXT_TAG or tag.store is not store:
        return TRAP_NONE
    type: cython.pointer[TypeDef] = tag.tag.type
    payload: tuple = error.payload
    span: cython.pointer[SlotSpan]
    at: uint32_t = 0
    i: uint32_t
    if len(payload) != type.n_params:
        raise TypeError(f"{error.tag!r} takes {type.n_params} values, not {len(payload)}")
    span = open_span(cython.address(store.heap), type.param_slots)
    try:
        for i in range(type.n_params):
            to_slots(store, type.params[i], payload[i], span.slots + at)
            at += slots_of(type.params[i])
        return throw_new(cython.address(store.ctx), tag.tag, span.slots)
    finally:
        close_span(cython.address(store.heap), span)
