# One function, from register IR to machine code.

from libc.stdint cimport uint32_t

from wasmine.ir.func cimport IrFunc
from wasmine.jit.backend.codebuffer cimport CodeBuffer
from wasmine.jit.backend.target cimport Links, Target
from wasmine.jit.codemap cimport Notes
from wasmine.runtime.vm cimport ModuleCode

cdef enum:
    # What became of it
    COMPILED = 0
    NO_MEMORY = 1
    REFUSED_OP = 2          # an instruction that has no translation yet
    REFUSED_SIZE = 3        # over a limit of the compiler
    REFUSED_IR = 5          # no SSA is built of it
    REFUSED_ENTRY = 6       # it cannot be entered at that loop
    CANCELLED = 7           # nobody wants it any more

cdef struct Result:
    uint32_t status
    uint32_t op             # REFUSED_OP: of ssa/ops.py

# Appends the code for a machine of a function that has been lowered to an empty buffer, and to `notes` what is to be known of places in it. `at`: NO_ENTRY,
# or the position of the loop where it is entered with the interpreter's frame. Gives up when `stop` becomes true.
cdef Result compile_function(const Target* target, CodeBuffer* code, Notes* notes, ModuleCode* module, IrFunc* func, uint32_t at,
                             const Links* links, bint* stop) noexcept nogil
