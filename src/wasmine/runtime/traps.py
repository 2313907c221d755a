"""Makes the exceptions of traps, with the WebAssembly frames that led to them.

A frame is found through its header (ir/func.pxd); the outermost one of an activation has no caller. Frames
are given twice: as objects in `Trap.frames`, and as entries of the Python traceback.

What only a trap needs is imported at the first one: a program that has none starts sooner.
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t
from cython.cimports.wasmine.ir.func import Instr, IrFunc
from cython.cimports.wasmine.runtime.clib import show_frame
from cython.cimports.wasmine.runtime.code import ModuleCodeCore
from cython.cimports.wasmine.runtime.exception import exception_of
from cython.cimports.wasmine.runtime.store import StoreCore
from cython.cimports.wasmine.runtime.vm import ModuleCode, VMContext
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

MAX_FRAMES = cython.declare(cython.const[cython.int], 64)


@cython.cfunc
def make_trap(store: StoreCore, code: uint32_t) -> object:
    frames: list = walk(cython.address(store.ctx))
    error = store.pending
    store.pending = None
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
    text: str = plain_text(code)
    return f"{text} {store.ctx.trap_detail}" if code == TRAP_UNINITIALIZED_ELEMENT else text


@cython.cfunc
def plain_trap(code: uint32_t) -> object:
    return class_of(code)(plain_text(code), code)


@cython.cfunc
def plain_text(code: uint32_t) -> str:
    from wasmine.spec.traps import BY_CODE

    return BY_CODE[code].text


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
    """The frames of the innermost activation, innermost first."""
    frames: list = []
    pc: cython.pointer[Instr] = ctx.pc
    fp: cython.pointer[uint64_t] = ctx.fp
    func: cython.pointer[IrFunc] = ctx.func
    header: cython.pointer[uint64_t]
    omitted: cython.Py_ssize_t = 0
    while func != cython.NULL:
        if len(frames) < MAX_FRAMES:
            frames.append(describe(func, pc))
        else:
            omitted += 1
        header = fp + func.header
        # A return address is one past the call.
        pc = cython.cast(cython.pointer[Instr], header[0]) - 1
        fp = cython.cast(cython.pointer[uint64_t], header[1])
        func = cython.cast(cython.pointer[IrFunc], header[2])
    if omitted:
        from wasmine.runtime.backtrace import Omitted

        frames.append(Omitted(omitted))
    return frames


@cython.cfunc
def describe(func: cython.pointer[IrFunc], pc: cython.pointer[Instr]) -> object:
    from wasmine.runtime.backtrace import Frame

    code: cython.pointer[ModuleCode] = cython.cast(cython.pointer[ModuleCode], func.code_module)
    owner: ModuleCodeCore = cython.cast(ModuleCodeCore, code.owner)
    offset: int64_t = -1
    if func.offsets != cython.NULL and func.code <= pc < func.code + func.n_instrs:
        offset = func.offsets[pc - func.code]
    return Frame(owner.func_name(func.index), func.index, offset)


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
    file: bytes
    name: bytes
    traceback = error.__traceback__
    if not frames:
        return error
    from types import TracebackType

    from wasmine.runtime.backtrace import Frame

    for frame in frames:
        if isinstance(frame, Frame):
            file = f"<wasm offset {frame.offset:#x}>".encode()
            name = frame.func_name.encode(errors="replace")
        else:
            file = b"<wasm>"
            name = str(frame).encode()
        traceback = TracebackType(traceback, show_frame(file, name, {}), -1, 1)
    return error.with_traceback(traceback)
