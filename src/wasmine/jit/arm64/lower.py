"""What the parts of instruction selection for ARM64 share; see lower.pxd."""

import cython
from cython.cimports.libc.stdint import uint8_t
from cython.cimports.wasmine.jit.arm64.hoisting import find_calls
from cython.cimports.wasmine.jit.arm64.lower import Own, Sharing, own
from cython.cimports.wasmine.jit.arm64.sharing import find_sharing
from cython.cimports.wasmine.jit.arm64.tearing import Reached, find_torn
from cython.cimports.wasmine.jit.backend.lower import Lower
from cython.cimports.wasmine.jit.workspace import take_zeros

Lowering = cython.typedef(cython.pointer[Lower])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_own(s: Lowering) -> cython.bint:
    """In one piece of memory, which is freed with the rest."""
    n: cython.size_t = s.f.n_insts
    each: cython.size_t = cython.sizeof(Sharing) + cython.sizeof(Reached) + 1
    reached: cython.pointer[Reached]
    s.own = take_zeros(s.f.work, 1, cython.sizeof(Own) + n * each + s.f.n_blocks)
    if s.own == cython.NULL:
        return False
    reached = cython.cast(cython.pointer[Reached], own(s) + 1)
    own(s).sharing = cython.cast(cython.pointer[Sharing], reached + n)
    own(s).torn = cython.cast(cython.pointer[uint8_t], own(s).sharing + n)
    own(s).calls = own(s).torn + n
    find_sharing(s.f, own(s).sharing)
    find_calls(s)
    return find_torn(s.f, own(s).torn, reached)
