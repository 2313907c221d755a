# Lowering: the body of a function becomes register IR, at its first call.

from libc.stdint cimport uint32_t

from wasmine.ir.func cimport Instr, IrFunc
from wasmine.runtime.vm cimport ModuleCode

# Lowers a validated function and installs the code. Returns TRAP_NONE, or TRAP_LOWERING_FAILED (out of memory),
# TRAP_NOT_IMPLEMENTED (an instruction that is not executed yet). Threads may race for one function: one of them wins.
cdef uint32_t lower(ModuleCode* code, IrFunc* func) noexcept nogil

# Lowers a constant expression of the module as a function without parameters whose result is of type `result`.
# The caller frees func.code and func.offsets.
cdef uint32_t lower_constant(ModuleCode* code, IrFunc* func, uint32_t start,
                            const uint32_t* result) noexcept nogil

cdef extern from *:
    bint compare_exchange "__atomic_compare_exchange_n"(Instr**, Instr**, Instr*, bint, int, int) nogil
    void store_release "__atomic_store_n"(uint32_t*, uint32_t, int) nogil
    uint32_t load_acquire "__atomic_load_n"(uint32_t*, int) nogil
