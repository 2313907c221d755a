"""The machines that have been loaded. Each adds itself: a process loads none but those it asks for."""

import cython
from cython.cimports.libc.string import strcmp
from cython.cimports.wasmine.jit.backend.target import Target

Known = cython.typedef(cython.pointer[cython.const[Target]])

MOST = cython.declare(cython.const[cython.int], 2)
known = cython.declare(Known[2])
count = cython.declare(cython.int, 0)


@cython.cfunc
@cython.exceptval(check=False)
def add_target(target: Known) -> cython.void:
    """See targets.pxd."""
    global count
    if find_target(target.name) == cython.NULL and count < MOST:
        known[count] = target
        count += 1


@cython.cfunc
@cython.exceptval(check=False)
def find_target(name: cython.pointer[cython.const[cython.char]]) -> Known:
    """See targets.pxd."""
    i: cython.int
    for i in range(count):
        if strcmp(known[i].name, name) == 0:
            return known[i]
    return cython.NULL
