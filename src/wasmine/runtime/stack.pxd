# Stacks that Wasm runs on.
#
#     low                                                                   high
#     | guard page | native stack, grows down | value stack, grows up | guard page |
#                                   ^native_top  ^base
#
# The native part is for the C frames of the interpreter and, later, of native code's helpers; the value part holds the
# frames of Wasm functions. One mapping; stacks are pooled by size. The activation that uses a stack is described beside
# it, not on the thread's stack, which a switch of greenlets may move away.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from wasmine.ir.func cimport IrFunc
from wasmine.runtime.vm cimport Activation, Instance, VMContext, run_t

cdef struct Stack:
    Stack* next             # in the pool
    uint8_t* map
    size_t map_size
    uint8_t* native_top     # 16-aligned
    uint64_t* base
    Activation activation

# A stack with `value_bytes` of value stack, or somewhat more. With the GIL held. NULL when the address space is exhausted.
cdef Stack* take_stack(size_t value_bytes) noexcept
# The lowest stack pointer of native code when its frames may take so many bytes: not more than the value part has.
cdef void* native_floor(Stack* stack, size_t bytes) noexcept
# From now on the native part is as large as the value part besides: native code has its frames there.
cdef void enlarge_stacks() noexcept
cdef void give_stack(Stack* stack) noexcept
# Gives the pages back to the system; for one that was used to its end.
cdef void shrink_stack(Stack* stack) noexcept

# What runs code on such a stack, emitted by the machine's part of the JIT (jit/x64/stubs.py). Without stubs, Wasm runs
# on the thread's stack.
#
# enter:        run(ctx, inst, func, fp) on the stack that ends at native_top, with Wasm's float environment
# call_plain:   the same on the stack of the caller (ctx is not told; no host call may happen)
# call_thread:  from Wasm: entry(ctx, arg0, arg1) on the thread's stack, with the thread's float environment
ctypedef uint32_t (*enter_t)(VMContext* ctx, void* native_top, run_t run, Instance* inst, IrFunc* func,
                             uint64_t* fp) noexcept nogil
ctypedef uint32_t (*thread_entry_t)(VMContext* ctx, void* arg0, void* arg1) noexcept nogil
ctypedef uint32_t (*call_thread_t)(VMContext* ctx, thread_entry_t entry, void* arg0, void* arg1) noexcept nogil

cdef struct Stubs:
    enter_t enter
    enter_t call_plain
    call_thread_t call_thread

# NULL members until installed; read through the pointer.
cdef Stubs* stubs() noexcept nogil
cdef void install_stubs(Stubs stubs) noexcept
# Runs entry on the thread's stack, whatever the current one is.
cdef uint32_t on_thread_stack(VMContext* ctx, thread_entry_t entry, void* arg0, void* arg1) noexcept nogil
# Around what an activation runs on the thread's stack: put its part of the context away, and get it back.
cdef Activation* pause(VMContext* ctx) noexcept nogil
cdef void resume(VMContext* ctx, Activation* activation) noexcept nogil
