"""Installs the stubs of the machine that this process runs on, if there are any for it."""

import cython
from cython.cimports.wasmine.jit.host import host_target
from cython.cimports.wasmine.runtime.stack import Stubs, install_stubs


def install() -> bool:
    """Makes Wasm run on stacks of its own from now on; False where it goes on running on the thread's stack.

    That is so on machines without stubs, and where the system forbids executable memory.
    """
    stubs = cython.declare(Stubs)
    if host_target() == cython.NULL:
        return False
    try:
        host_target().make_stubs(cython.address(stubs))
    except OSError:
        return False
    install_stubs(stubs)
    return True
