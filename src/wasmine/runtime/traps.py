"""Makes the exceptions of traps, with the WebAssembly frames that led to them.

frames.pxd says where those are found. They are given twice: as objects in `Trap.frames`, and as entries of
the Python traceback. What only a failure needs is imported when there is one.
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t
from cython.cimports.wasmine.ir.func import IrFunc
from cython.cimports.wasmine.runtime.clib import show_frame
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.exception import exception_of
from cython.cimports.wasmine.runtime.frames import forget_passed, pass_interpreted
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.vm import (
    MAX_INLINED,
    MAX_PASSED,
    FramePlace,
    ModuleCode,
    PassedFrame,
    VMContext,
)
from cython.cimports.wasmine.spec.traps import (
    TRAP_CALL_STACK_EXHAUSTED,
    TRAP_FUEL_EXHAUSTED,
    TRAP_HOST_EXCEPTION,
    TRAP_INTERRUPTED,
    TRAP_LOWERING_FAILED,
    TRAP_TIMEOUT,
    TRAP_UNCAUGHT_EXCEPTION,
    TRAP_UNINITIALIZED_ELEMENT,
)

from wasmine.spec.errors import FuelExhausted, Interrupted, StackExhausted, Timeout, Trap


@cython.cfunc
def make_trap(store: StoreCore, code: uint32_t) -> object:
    frames: list
    error = store.pending
    store.pending = None
    if code == TRAP_HOST_EXCEPTION and ends_quietly(error):
        forget_passed(cython.address(store.ctx))
        return error
    frames = walk(cython.address(store.ctx))
    if code == TRAP_LOWERING_FAILED and error is None:
        error = MemoryError()
    if code == TRAP_HOST_EXCEPTION:
        error.__traceback__ = without_engine(error.__traceback__)
    elif code == TRAP_UNCAUGHT_EXCEPTION:
        error = exception_of(store)
        error.frames = tuple(frames)
    elif code != TRAP_LOWERING_FAILED:
        error = class_of(code)(trap_text(store, code), code, tuple(frames))
    return with_traceback(error, frames)


@cython.cfunc
def trap_text(store: StoreCore, code: uint32_t) -> str:
    """The words of the standard's test suite, which names the element that is null."""
    text: str = text_of(code)
    return f"{text} {store.ctx.trap_detail}" if code == TRAP_UNINITIALIZED_ELEMENT else text


@cython.cfunc
def text_of(code: uint32_t) -> str:
    from wasmine.spec.traps import BY_CODE

    return BY_CODE[code].text


@cython.cfunc
@cython.exceptval(check=False)
def ends_quietly(error: object) -> cython.bint:
    """Whether an exception is the regular end of a program: names for its frames would cost milliseconds."""
    return isinstance(error, SystemExit) or getattr(error, "ends_quietly", False) is True


@cython.cfunc
def plain_trap(code: uint32_t) -> object:
    return class_of(code)(text_of(code), code)


@cython.cfunc
def class_of(code: uint32_t) -> object:
    if code == TRAP_CALL_STACK_EXHAUSTED:
        return StackExhausted
    elif code == TRAP_FUEL_EXHAUSTED:
        return FuelExhausted
    elif code == TRAP_TIMEOUT:
        return Timeout
    elif code == TRAP_INTERRUPTED:
        return Interrupted
    return Trap


@cython.cfunc
def walk(ctx: cython.pointer[VMContext]) -> list:
    """The frames of the innermost activation, innermost first: what was passed, then what still stands."""
    from wasmine.runtime.backtrace import Frame, Omitted

    shown = cython.declare(FramePlace[MAX_PASSED])
    places = cython.declare(FramePlace[MAX_INLINED])
    n_shown: uint32_t = 0
    n: uint32_t
    i: uint32_t
    k: uint32_t
    omitted: cython.Py_ssize_t
    # To the end, before Python code can run that may trap itself.
    pass_interpreted(ctx)
    omitted = ctx.n_omitted
    for i in range(ctx.n_passed):
        n = places_of(ctx.passed + i, places)
        for k in range(n):
            if n_shown < MAX_PASSED:
                shown[n_shown] = places[k]
                n_shown += 1
            else:
                omitted += 1
    forget_passed(ctx)
    frames: list = [Frame(*describe(shown[i].func, shown[i].pos)) for i in range(n_shown)]
    if omitted:
        frames.append(Omitted(omitted))
    return frames


@cython.cfunc
@cython.exceptval(check=False)
def places_of(
    frame: cython.pointer[cython.const[PassedFrame]], places: cython.pointer[FramePlace]
) -> uint32_t:
    """The functions that a frame stands for."""
    code: cython.pointer[ModuleCode] = cython.cast(cython.pointer[ModuleCode], frame.func.code_module)
    if frame.map != cython.NULL:
        return min(code.native.expand(frame.map, frame.at, places), MAX_INLINED)
    places[0].func = frame.func
    places[0].pos = cython.cast(uint32_t, frame.at)
    return 1


@cython.cfunc
def describe(func: cython.pointer[IrFunc], pos: uint32_t) -> tuple:
    code: cython.pointer[ModuleCode] = cython.cast(cython.pointer[ModuleCode], func.code_module)
    owner: ModuleCodeCore = cython.cast(ModuleCodeCore, code.owner)
    offset: int64_t = -1
    if func.offsets != cython.NULL and pos < func.n_instrs:
        offset = func.offsets[pos]
    return owner.func_name(func.index), func.index, offset


@cython.cfunc
def without_engine(traceback: object) -> object:
    """The traceback of a host function's exception from the first entry that is not ours on."""
    inner = traceback
    while inner is not None and inner.tb_frame.f_code.co_filename.endswith("wasmine/runtime/call.py"):
        inner = inner.tb_next
    return traceback if inner is None else inner


@cython.cfunc
def with_traceback(error: object, frames: list) -> object:
    """Adds the frames to the traceback of `error`, as if they had been unwound one by one."""
    from types import TracebackType

    from wasmine.runtime.backtrace import Frame

    file: bytes
    name: bytes
    traceback = error.__traceback__
    for frame in frames:
        if isinstance(frame, Frame):
            file = f"<wasm offset {frame.offset:#x}>".encode()
            name = frame.func_name.encode(errors="replace")
        else:
            file = b"<wasm>"
            name = str(frame).encode()
        traceback = TracebackType(traceback, show_frame(file, name, {}), -1, 1)
    return error.with_traceback(traceback)
