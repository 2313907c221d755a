"""The way from Python into WebAssembly and back.

A call into Wasm takes one of two ways. A function whose cost is known to be small, since it has neither
loops nor calls, runs at once: on the caller's stack, its frame in a local array, the GIL held. Everything
else is an activation: it releases the GIL, runs on a stack of its own and can be interrupted. A host call
comes back to the thread's stack and takes the GIL; if it calls into Wasm again, that is another activation,
on another stack.
"""

import cython
from cython.cimports.cpython.object import PyObject
from cython.cimports.cpython.ref import Py_DECREF, Py_INCREF
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.ir.func import ENTRY_NATIVE, ENTRY_NEW, IR_BOUNDED, IR_FAULTS
from cython.cimports.wasmine.runtime.clib import (
    PY_VECTORCALL_ARGUMENTS_OFFSET,
    PyEval_RestoreThread,
    PyEval_SaveThread,
    PyObject_Vectorcall,
    PyThread_get_thread_ident,
    monotonic_ns,
    thread_stack_low,
)
from cython.cimports.wasmine.runtime.exception import throw_python
from cython.cimports.wasmine.runtime.hostfunc import HostFunc
from cython.cimports.wasmine.runtime.interrupt import unwatch, watch
from cython.cimports.wasmine.runtime.settled import notice_handlers
from cython.cimports.wasmine.runtime.stack import (
    Stack,
    Stubs,
    give_stack,
    native_floor,
    on_thread_stack,
    pause,
    resume,
    shrink_stack,
    stubs,
    take_stack,
    thread_entry_t,
)
from cython.cimports.wasmine.runtime.store import StoreCore, set_call_host
from cython.cimports.wasmine.runtime.traps import make_trap, plain_trap
from cython.cimports.wasmine.runtime.values import from_slots, to_slots
from cython.cimports.wasmine.runtime.vm import FUNC_HOST, Activation, FuncInst, VMContext, run_t
from cython.cimports.wasmine.spec.traps import (
    TRAP_CALL_STACK_EXHAUSTED,
    TRAP_GC_HEAP_EXHAUSTED,
    TRAP_HOST_EXCEPTION,
    TRAP_NONE,
)
from cython.cimports.wasmine.spec.types import TypeDef, slots_of

from wasmine.spec.errors import ResourceError, StoreClosed, WasmException
from wasmine.spec.types import value_type_name

SMALL_FRAME = cython.declare(cython.const[uint32_t], 128)  # slots: 1 KiB of the thread's stack
MAX_NESTING = cython.declare(cython.const[uint32_t], 200)  # activations within one another
FREE_NESTING = cython.declare(cython.const[uint32_t], 8)  # of those, how many ask for nothing
# What must be left of the thread's stack for one more round of host function and Wasm.
THREAD_RESERVE = cython.declare(cython.const[cython.size_t], 49152)
FEW = cython.declare(cython.const[uint32_t], 8)  # arguments of a host call that need no allocation


@cython.cfunc
@cython.exceptval(-1, check=False)
def invoke(store: StoreCore, func: cython.pointer[FuncInst], slots: cython.pointer[uint64_t]) -> cython.int:
    if store.closed or store.owner != 0:
        store.check()
    if func.kind == FUNC_HOST:
        return invoke_host(store, func, slots)
    # A function that is not lowered yet has an endless frame.
    if func.ir.frame_slots <= SMALL_FRAME and func.ir.flags & IR_BOUNDED:
        if func.ir.entry_slots == ENTRY_NATIVE:
            if func.ir.flags & IR_FAULTS:
                notice_handlers()
            return invoke_bounded(store, func, slots, func.inst.code.native.run)
        if func.ir.entry_slots != ENTRY_NEW:
            return invoke_bounded(store, func, slots, store.ctx.run)
    return invoke_activation(store, func, slots)


@cython.cfunc
@cython.exceptval(-1, check=False)
def invoke_bounded(
    store: StoreCore, func: cython.pointer[FuncInst], slots: cython.pointer[uint64_t], run: run_t
) -> cython.int:
    # No activation: nothing else can run before it ends.
    frame = cython.declare(uint64_t[128])
    ctx: cython.pointer[VMContext] = cython.address(store.ctx)
    stub: cython.pointer[Stubs] = stubs()
    trap: uint32_t
    ctx.stack_base = frame
    ctx.stack_end = ctx.stack_limit = frame + 128
    # Native code has a small frame on this stack, and asks for nothing else.
    ctx.native_floor = ctx.native_limit = cython.NULL
    ctx.func = cython.NULL
    memcpy(frame, slots, func.ir.param_slots * cython.sizeof(uint64_t))
    if stub.call_plain != cython.NULL:
        trap = stub.call_plain(ctx, cython.NULL, run, func.inst, func.ir, frame)
    else:
        trap = run(ctx, func.inst, func.ir, frame)
    if trap == TRAP_NONE:
        memcpy(slots, frame, func.ir.result_slots * cython.sizeof(uint64_t))
        show_frame(ctx)
        return 0
    error = make_trap(store, trap)
    show_frame(ctx)
    raise error


@cython.cfunc
@cython.exceptval(-1, check=False)
def invoke_activation(
    store: StoreCore, func: cython.pointer[FuncInst], slots: cython.pointer[uint64_t]
) -> cython.int:
    ctx: cython.pointer[VMContext] = cython.address(store.ctx)
    type: cython.pointer[TypeDef] = func.type
    stack: cython.pointer[Stack]
    trap: uint32_t
    if ctx.depth >= FREE_NESTING and (ctx.depth >= MAX_NESTING or thread_stack_is_low(ctx.activation)):
        raise plain_trap(TRAP_CALL_STACK_EXHAUSTED)
    stack = take_stack(store.stack_bytes)
    if stack == cython.NULL:
        raise ResourceError("no address space for a stack")
    memcpy(stack.base, slots, type.param_slots * cython.sizeof(uint64_t))
    begin(store, stack)
    trap = run_released(ctx, func, stack)
    if trap == TRAP_NONE:
        memcpy(slots, stack.base, type.result_slots * cython.sizeof(uint64_t))
        finish(store, stack)
        if store.heap.dead_handles:
            store.release_handles()
        return 0
    try:
        error = make_trap(store, trap)
    finally:
        # What is left on the stack would keep objects alive for frames that come to stand on it, unwritten.
        if trap in (TRAP_CALL_STACK_EXHAUSTED, TRAP_GC_HEAP_EXHAUSTED):
            shrink_stack(stack)
        finish(store, stack)
    raise error


@cython.cfunc
@cython.exceptval(check=False)
def thread_stack_is_low(activation: cython.pointer[Activation]) -> cython.bint:
    """Whether host calls within one another have nearly used up the thread's stack, which may be small."""
    here: cython.char = 0
    at: cython.size_t = cython.cast(cython.size_t, cython.address(here))
    if activation.thread_low == 0:
        activation.thread_low = cython.cast(cython.size_t, thread_stack_low())
    # A stack from elsewhere, of which nothing is known, is not in this range.
    return at - activation.thread_low < THREAD_RESERVE


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def begin(store: StoreCore, stack: cython.pointer[Stack]) -> cython.void:
    """Makes an activation on `stack` the current one."""
    ctx: cython.pointer[VMContext] = cython.address(store.ctx)
    activation: cython.pointer[Activation] = cython.address(stack.activation)
    activation.ctx = ctx
    activation.thread = PyThread_get_thread_ident()
    if store.guards:
        notice_handlers()
    activation.watched = not store.guards
    activation.below = ctx.activation
    activation.thread_low = ctx.activation.thread_low if ctx.activation != cython.NULL else 0
    if ctx.activation == cython.NULL:
        store.owner = activation.thread
        ctx.interrupt = 0
        ctx.deadline = monotonic_ns() + store.timeout_ns if store.timeout_ns != 0 else 0
    ctx.activation = activation
    ctx.depth += 1
    ctx.stack_base = stack.base
    ctx.stack_end = stack.base + (store.stack_bytes >> 3)
    ctx.stack_limit = cython.NULL if ctx.interrupt != 0 else ctx.stack_end
    ctx.native_floor = ctx.native_limit = native_floor(stack, store.stack_bytes)
    ctx.native_exit = cython.NULL
    ctx.slot_top = cython.NULL
    ctx.tail_frame = cython.NULL
    if ctx.interrupt != 0:
        ctx.native_limit = cython.cast(cython.p_void, ~cython.cast(cython.size_t, 0))
    # There are no frames yet, only arguments.
    activation.stack_base = ctx.stack_base
    activation.stack_end = ctx.stack_end
    activation.fp = stack.base
    activation.func = cython.NULL
    activation.slot_top = cython.NULL
    activation.switched = 0
    watch(activation)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def finish(store: StoreCore, stack: cython.pointer[Stack]) -> cython.void:
    """Ends the current activation. The one below is in a host call, and has put its context away."""
    ctx: cython.pointer[VMContext] = cython.address(store.ctx)
    unwatch(cython.address(stack.activation))
    ctx.activation = stack.activation.below
    ctx.depth -= 1
    if ctx.activation == cython.NULL:
        store.owner = 0
    show_frame(ctx)
    give_stack(stack)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def show_frame(ctx: cython.pointer[VMContext]) -> cython.void:
    """Lets the context name the frame that the host function around us was called from, if there is one."""
    activation: cython.pointer[Activation] = ctx.activation
    if activation != cython.NULL:
        ctx.pc = activation.pc
        ctx.fp = activation.fp
        ctx.func = activation.func
        ctx.inst = activation.inst


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def run_released(
    ctx: cython.pointer[VMContext], func: cython.pointer[FuncInst], stack: cython.pointer[Stack]
) -> uint32_t:
    stub: cython.pointer[Stubs] = stubs()
    trap: uint32_t
    ctx.thread_state = PyEval_SaveThread()
    if stub.enter != cython.NULL:
        ctx.switched = 1
        trap = stub.enter(ctx, stack.native_top, ctx.run, func.inst, func.ir, stack.base)
    else:
        ctx.switched = 0
        trap = ctx.run(ctx, func.inst, func.ir, stack.base)
    PyEval_RestoreThread(ctx.thread_state)
    ctx.thread_state = cython.NULL
    return trap


@cython.cfunc
@cython.exceptval(-1, check=False)
def invoke_host(
    store: StoreCore, func: cython.pointer[FuncInst], slots: cython.pointer[uint64_t]
) -> cython.int:
    call_python(store, cython.cast(HostFunc, func.host), slots)
    return 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def call_host(
    ctx: cython.pointer[VMContext], func: cython.pointer[FuncInst], slots: cython.pointer[uint64_t]
) -> uint32_t:
    frame: cython.pointer[uint64_t] = ctx.tail_frame
    status: uint32_t = on_thread_stack(ctx, enter_python, func, slots)
    ctx.tail_frame = frame
    return status


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def enter_python(ctx: cython.pointer[VMContext], func: cython.p_void, slots: cython.p_void) -> uint32_t:
    activation: cython.pointer[Activation] = pause(ctx)
    PyEval_RestoreThread(ctx.thread_state)
    ctx.thread_state = cython.NULL
    # The GIL is held now, which Cython cannot see.
    trap: uint32_t = cython.cast(thread_entry_t, cython.cast(cython.p_void, call_with_gil))(ctx, func, slots)
    resume(ctx, activation)
    ctx.thread_state = PyEval_SaveThread()
    return trap


@cython.cfunc
@cython.exceptval(check=False)
def call_with_gil(ctx: cython.pointer[VMContext], func: cython.p_void, slots: cython.p_void) -> uint32_t:
    store: StoreCore = cython.cast(StoreCore, ctx.store)
    inst: cython.pointer[FuncInst] = cython.cast(cython.pointer[FuncInst], func)
    try:
        if store.heap.dead_handles:
            store.release_handles()
        call_python(store, cython.cast(HostFunc, inst.host), cython.cast(cython.pointer[uint64_t], slots))
    except WasmException as error:
        return throw_or_keep(store, error)
    except BaseException as error:
        store.pending = error
        return TRAP_HOST_EXCEPTION
    return TRAP_NONE


@cython.cfunc
@cython.exceptval(check=False)
def throw_or_keep(store: StoreCore, error: object) -> uint32_t:
    """Throws what a host function raised, if its tag is of the store; else it passes through as any other."""
    trap: uint32_t = TRAP_NONE
    try:
        trap = throw_python(store, error)
    except BaseException as wrong:
        error = wrong
    if trap == TRAP_NONE:
        store.pending = error
        trap = TRAP_HOST_EXCEPTION
    return trap


@cython.cfunc
@cython.exceptval(-1, check=False)
def call_python(store: StoreCore, host: HostFunc, slots: cython.pointer[uint64_t]) -> cython.int:
    type: cython.pointer[TypeDef] = host.func.type
    if host.position >= len(store.callables):
        raise StoreClosed("the store is closed")
    callable = store.callables[host.position]
    if type.n_params <= FEW:
        result = call_few(store, callable, type, slots)
    else:
        result = callable(*arguments(store, type, slots))
    if type.n_results == 0:
        return 0
    if type.n_results == 1:
        return store_result(store, host, type.results[0], result, slots)
    return store_results(store, host, type, result, slots)


@cython.cfunc
def call_few(
    store: StoreCore,
    callable: object,
    type: cython.pointer[TypeDef],
    slots: cython.pointer[uint64_t],
) -> object:
    # One free place before the arguments lets a bound method put its object there.
    args = cython.declare(cython.pointer[PyObject][9])
    n: uint32_t = 0
    i: uint32_t
    try:
        for i in range(type.n_params):
            value = from_slots(store, type.params[i], slots)
            slots += slots_of(type.params[i])
            Py_INCREF(value)
            args[1 + i] = cython.cast(cython.pointer[PyObject], value)
            n += 1
        return PyObject_Vectorcall(callable, args + 1, n | PY_VECTORCALL_ARGUMENTS_OFFSET, cython.NULL)
    finally:
        for i in range(n):
            Py_DECREF(cython.cast(object, args[1 + i]))


@cython.cfunc
def arguments(store: StoreCore, type: cython.pointer[TypeDef], slots: cython.pointer[uint64_t]) -> list:
    values: list = []
    i: uint32_t
    for i in range(type.n_params):
        values.append(from_slots(store, type.params[i], slots))
        slots += slots_of(type.params[i])
    return values


@cython.cfunc
@cython.exceptval(-1, check=False)
def store_result(
    store: StoreCore, host: HostFunc, type: uint32_t, value: object, slots: cython.pointer[uint64_t]
) -> cython.int:
    try:
        return to_slots(store, type, value, slots)
    except (TypeError, OverflowError, ValueError) as error:
        raise error.__class__(
            f"host function {host.name} must return {value_type_name(type)}: {error}"
        ) from None


@cython.cfunc
@cython.exceptval(-1, check=False)
def store_results(
    store: StoreCore,
    host: HostFunc,
    type: cython.pointer[TypeDef],
    result: object,
    slots: cython.pointer[uint64_t],
) -> cython.int:
    i: uint32_t
    values: tuple
    if not isinstance(result, (tuple, list)) or len(result) != type.n_results:
        raise TypeError(
            f"host function {host.name} must return a tuple of {type.n_results} values, not {result!r}"
        )
    values = tuple(result)
    for i in range(type.n_results):
        store_result(store, host, type.results[i], values[i], slots)
        slots += slots_of(type.results[i])
    return 0


set_call_host(call_host)
