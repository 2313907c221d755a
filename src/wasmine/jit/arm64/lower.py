"""What the parts of instruction selection for ARM64 share; see lower.pxd."""

import cython
from cython.cimports.libc.stdint import uint8_t
from cython.cimports.libc.stdlib import calloc
from cython.cimports.wasmine.jit.arm64.hoisting import find_calls
from cython.cimports.wasmine.jit.arm64.lower import Own, Sharing, own
from cython.cimports.wasmine.jit.arm64.sharing import find_sharing
from cython.cimports.wasmine.jit.backend.lower import Lower

Lowering = cython.typedef(cython.pointer[Lower])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def start_own(s: Lowering) -> cython.bint:
    """In one piece of memory, which is freed with the rest."""
    sharing: cython.size_t = s.f.n_insts * cython.sizeof(Sharing)
    s.own = calloc(1, cython.sizeof(Own) + sharing + s.f.n_blocks)
    if s.own == cython.NULL:
        return False
    own(s).sharing = cython.cast(cython.pointer[Sharing], own(s) + 1)
    own(s).calls = cython.cast(cython.pointer[uint8_t], own(s).sharing + s.f.n_insts)
    find_sharing(s.f, own(s).sharing)
    find_calls(s)
    return True
