"""Mapped stacks for Wasm, pooled, and the way between them and the thread's stack; see stack.pxd."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t, uint64_t
from cython.cimports.libc.stdlib import calloc, free
from cython.cimports.wasmine.runtime.clib import (
    MADV_DONTNEED,
    MAP_ANONYMOUS,
    MAP_FAILED,
    MAP_NORESERVE,
    MAP_PRIVATE,
    PROT_NONE,
    PROT_READ,
    PROT_WRITE,
    madvise,
    mmap,
    mprotect,
    munmap,
)
from cython.cimports.wasmine.runtime.stack import Stack, Stubs, thread_entry_t
from cython.cimports.wasmine.runtime.vm import Activation, VMContext

GUARD = cython.declare(cython.const[cython.size_t], 65536)
NATIVE = cython.declare(cython.const[cython.size_t], 262144)
# Behind the value stack: native code puts the operands of a helper above all frames without asking.
SLACK = cython.declare(cython.const[cython.size_t], 256)
# What C functions may need below the frames of native code.
RESERVE = cython.declare(cython.const[cython.size_t], 131072)
# What the interpreter takes on the native stack before there is any frame.
ENTRANCE = cython.declare(cython.const[cython.size_t], 4096)
POOLED = cython.declare(cython.const[cython.int], 16)

# Guarded by the GIL.
pool = cython.declare(cython.pointer[Stack], cython.NULL)
pooled = cython.declare(cython.int, 0)
installed = cython.declare(Stubs)
native_frames = cython.declare(cython.bint, False)


@cython.cfunc
@cython.exceptval(check=False)
def take_stack(value_bytes: cython.size_t) -> cython.pointer[Stack]:
    global pool, pooled
    value_bytes = (value_bytes + SLACK + GUARD - 1) & ~(GUARD - 1)
    native_bytes: cython.size_t = NATIVE + (value_bytes if native_frames else 0)
    size: cython.size_t = 2 * GUARD + native_bytes + value_bytes
    link: cython.pointer[cython.pointer[Stack]] = cython.address(pool)
    stack: cython.pointer[Stack]
    while link[0] != cython.NULL:
        stack = link[0]
        if stack.map_size == size and stack.native_top == stack.map + GUARD + native_bytes:
            link[0] = stack.next
            pooled -= 1
            return stack
        link = cython.address(stack.next)
    return map_stack(size, native_bytes)


@cython.cfunc
@cython.exceptval(check=False)
def map_stack(size: cython.size_t, native_bytes: cython.size_t) -> cython.pointer[Stack]:
    stack: cython.pointer[Stack] = cython.cast(cython.pointer[Stack], calloc(1, cython.sizeof(Stack)))
    if stack == cython.NULL:
        return cython.NULL
    base: cython.p_void = mmap(
        cython.NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0
    )
    if base == MAP_FAILED:
        free(stack)
        return cython.NULL
    stack.map = cython.cast(cython.pointer[uint8_t], base)
    stack.map_size = size
    if mprotect(stack.map + GUARD, size - 2 * GUARD, PROT_READ | PROT_WRITE) != 0:
        drop_stack(stack)
        return cython.NULL
    stack.native_top = stack.map + GUARD + native_bytes
    stack.base = cython.cast(cython.pointer[uint64_t], stack.native_top)
    return stack


@cython.cfunc
@cython.exceptval(check=False)
def native_floor(stack: cython.pointer[Stack], bytes: cython.size_t) -> cython.p_void:
    return max(stack.native_top - (ENTRANCE + bytes), stack.map + GUARD + RESERVE)


@cython.cfunc
@cython.exceptval(check=False)
def enlarge_stacks() -> cython.void:
    global native_frames
    native_frames = True


@cython.cfunc
@cython.exceptval(check=False)
def give_stack(stack: cython.pointer[Stack]) -> cython.void:
    global pool, pooled
    if pooled >= POOLED:
        drop_stack(stack)
        return
    stack.next = pool
    pool = stack
    pooled += 1


@cython.cfunc
@cython.exceptval(check=False)
def shrink_stack(stack: cython.pointer[Stack]) -> cython.void:
    madvise(stack.map + GUARD, stack.map_size - 2 * GUARD, MADV_DONTNEED)


@cython.cfunc
@cython.exceptval(check=False)
def drop_stack(stack: cython.pointer[Stack]) -> cython.void:
    munmap(stack.map, stack.map_size)
    free(stack)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def stubs() -> cython.pointer[Stubs]:
    return cython.address(installed)


@cython.cfunc
@cython.exceptval(check=False)
def install_stubs(stubs: Stubs) -> cython.void:
    global installed
    installed = stubs


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def on_thread_stack(
    ctx: cython.pointer[VMContext],
    entry: thread_entry_t,
    arg0: cython.p_void,
    arg1: cython.p_void,
) -> uint32_t:
    if ctx.switched:
        return installed.call_thread(ctx, entry, arg0, arg1)
    return entry(ctx, arg0, arg1)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pause(ctx: cython.pointer[VMContext]) -> cython.pointer[Activation]:
    activation: cython.pointer[Activation] = ctx.activation
    activation.pc = ctx.pc
    activation.fp = ctx.fp
    activation.func = ctx.func
    activation.inst = ctx.inst
    activation.stack_base = ctx.stack_base
    activation.stack_end = ctx.stack_end
    activation.native_sp = ctx.native_sp
    activation.wasm_sp = ctx.wasm_sp
    activation.native_mxcsr = ctx.native_mxcsr
    activation.switched = ctx.switched
    activation.native_floor = ctx.native_floor
    activation.native_exit = ctx.native_exit
    activation.slot_top = ctx.slot_top
    return activation


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def resume(ctx: cython.pointer[VMContext], activation: cython.pointer[Activation]) -> cython.void:
    above: cython.pointer[Activation] = ctx.activation
    if above != activation:
        # Activations that began meanwhile have not ended: this one goes on before them.
        while above.below != activation:
            above = above.below
        above.below = activation.below
        activation.below = ctx.activation
        ctx.activation = activation
    ctx.pc = activation.pc
    ctx.fp = activation.fp
    ctx.func = activation.func
    ctx.inst = activation.inst
    ctx.stack_base = activation.stack_base
    ctx.stack_end = activation.stack_end
    ctx.native_sp = activation.native_sp
    ctx.wasm_sp = activation.wasm_sp
    ctx.native_mxcsr = activation.native_mxcsr
    ctx.switched = activation.switched
    ctx.native_floor = activation.native_floor
    ctx.native_exit = activation.native_exit
    ctx.slot_top = activation.slot_top
    # What was asked for meanwhile is still asked for.
    ctx.stack_limit = cython.NULL if ctx.interrupt != 0 else ctx.stack_end
    ctx.native_limit = (
        cython.cast(cython.p_void, ~cython.cast(cython.size_t, 0)) if ctx.interrupt != 0 else ctx.native_floor
    )
