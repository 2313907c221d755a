# Native code of modules: when functions are compiled, what became of each, and what owns the code.

cimport cython
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from wasmine.jit.codespace cimport CodePool
from wasmine.jit.x64.emit cimport Links
from wasmine.runtime.code cimport ModuleCodeCore
from wasmine.runtime.vm cimport ModuleCode, NativeTier

# The ways into and out of native code for one type of functions.
cdef struct Adapters:
    uint32_t type_id
    uint32_t used
    void* enter
    void* to_func
    void* to_interp

cdef struct Outcome:
    uint8_t status          # of compile.pxd, or NOT_TRIED
    uint8_t unused
    uint16_t op             # REFUSED_OP: of ssa/ops.py
    uint32_t bytes          # of machine code
    uint32_t nanoseconds    # that compiling took

cdef enum:
    NOT_TRIED = 0xFF

# What native code of a module needs; the tier comes first, for ModuleCode.native points to it.
cdef struct NativeModule:
    NativeTier tier
    ModuleCode* code
    CodePool pool
    Links links
    Adapters* adapters      # hash table, by type id
    uint32_t n_adapters     # a power of two
    uint32_t features
    uint32_t lock           # of the compiler: one thread at a time
    Outcome* outcomes       # by position in ModuleCode.funcs

@cython.final
cdef class NativeCode:
    cdef NativeModule module
    cdef ModuleCode* code
