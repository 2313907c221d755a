"""Signals, deadlines and Store.interrupt.

While an activation runs without the GIL, it is on a list. A thread of ours walks the list every few
milliseconds and sets the flag that loop headers read, and the stack limit that calls read, so that neither
reads a clock. The activation then polls: it looks at its deadline and, on the main thread, lets Python
handle signals, Ctrl-C among them. The thread is made by the first activation and ends when there has been
none for a while.

The list, the thread and the flags `ticking` and `idle` are guarded by the GIL.
"""

import _thread
import os

import cython
from cython.cimports.cpython.exc import PyErr_CheckSignals
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.wasmine.runtime.clib import (
    ATOMIC_SEQ_CST,
    PyEval_RestoreThread,
    PyEval_SaveThread,
    PyThread_get_thread_ident,
    atomic_exchange_u32,
    monotonic_ns,
    usleep,
)
from cython.cimports.wasmine.runtime.settled import unsettle
from cython.cimports.wasmine.runtime.stack import on_thread_stack, pause, resume, thread_entry_t
from cython.cimports.wasmine.runtime.store import StoreCore, request_poll, set_poll
from cython.cimports.wasmine.runtime.vm import POLL_NONE, POLL_STOP, POLL_TICK, Activation, VMContext
from cython.cimports.wasmine.spec.traps import (
    TRAP_HOST_EXCEPTION,
    TRAP_INTERRUPTED,
    TRAP_NONE,
    TRAP_TIMEOUT,
)

TICK_US = cython.declare(cython.const[cython.int], 25_000)
IDLE_TICKS = cython.declare(cython.const[cython.int], 40)

running = cython.declare(cython.pointer[Activation], cython.NULL)
ticking = cython.declare(cython.bint, False)
main_thread = cython.declare(cython.ulong, 0)


@cython.cfunc
@cython.exceptval(check=False)
def watch(activation: cython.pointer[Activation]) -> cython.void:
    global running, ticking
    if not ticking:
        ticking = True
        try:
            _thread.start_new_thread(tick, ())
        except Exception:
            ticking = False  # no thread to be had, as when the interpreter ends: Wasm still runs
    activation.before = cython.NULL
    activation.after = running
    if running != cython.NULL:
        running.before = activation
    running = activation


@cython.cfunc
@cython.exceptval(check=False)
def unwatch(activation: cython.pointer[Activation]) -> cython.void:
    global running
    if activation.before != cython.NULL:
        activation.before.after = activation.after
    else:
        running = activation.after
    if activation.after != cython.NULL:
        activation.after.before = activation.before


def tick() -> None:
    """Body of the ticker thread."""
    global ticking
    idle: cython.int = 0
    activation: cython.pointer[Activation]
    while idle < IDLE_TICKS:
        with cython.nogil:
            usleep(TICK_US)
        idle += 1
        unsettle()
        activation = running
        while activation != cython.NULL:
            idle = 0
            request_poll(activation.ctx, POLL_TICK)
            activation = activation.after
    ticking = False


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def poll(ctx: cython.pointer[VMContext]) -> uint32_t:
    if ctx.thread_state == cython.NULL:
        return TRAP_NONE  # called with the GIL, by instantiation inside a host call: the flag waits for Wasm
    ctx.stack_limit = ctx.stack_end
    ctx.native_limit = ctx.native_floor
    reason: uint32_t = atomic_exchange_u32(cython.address(ctx.interrupt), POLL_NONE, ATOMIC_SEQ_CST)
    if reason == POLL_STOP:
        return TRAP_INTERRUPTED
    if reason == POLL_NONE:
        return TRAP_NONE
    if ctx.deadline != 0 and monotonic_ns() >= ctx.deadline:
        return TRAP_TIMEOUT
    if ctx.activation.thread != main_thread:
        return TRAP_NONE
    frame: cython.pointer[uint64_t] = ctx.tail_frame
    status: uint32_t = on_thread_stack(ctx, check_signals, cython.NULL, cython.NULL)
    ctx.tail_frame = frame
    return status


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def check_signals(ctx: cython.pointer[VMContext], arg0: cython.p_void, arg1: cython.p_void) -> uint32_t:
    activation: cython.pointer[Activation] = pause(ctx)
    PyEval_RestoreThread(ctx.thread_state)
    ctx.thread_state = cython.NULL
    # The GIL is held now, which Cython cannot see.
    trap: uint32_t = cython.cast(thread_entry_t, cython.cast(cython.p_void, run_handlers))(
        ctx, cython.NULL, cython.NULL
    )
    resume(ctx, activation)
    ctx.thread_state = PyEval_SaveThread()
    return trap


@cython.cfunc
@cython.exceptval(check=False)
def run_handlers(ctx: cython.pointer[VMContext], arg0: cython.p_void, arg1: cython.p_void) -> uint32_t:
    store: StoreCore = cython.cast(StoreCore, ctx.store)
    try:
        PyErr_CheckSignals()
    except BaseException as error:
        store.pending = error
        return TRAP_HOST_EXCEPTION
    return TRAP_NONE


def after_fork() -> None:
    """In the child: the ticker is gone, and so are the activations of other threads."""
    global running, ticking, main_thread
    ticking = False
    main_thread = PyThread_get_thread_ident()
    activation: cython.pointer[Activation] = running
    running = cython.NULL
    after: cython.pointer[Activation]
    while activation != cython.NULL:
        after = activation.after
        if activation.thread == main_thread:
            watch(activation)
        activation = after


def find_main_thread() -> int:
    """Ident of the main thread, without importing `threading` for it."""
    import sys

    threading = sys.modules.get("threading")
    if threading is None:
        return _thread.get_ident()
    return threading.main_thread().ident


main_thread = find_main_thread()
set_poll(poll)
os.register_at_fork(after_in_child=after_fork)
