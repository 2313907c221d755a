"""Who handles faults, as far as that can be known for nothing; see settled.pxd."""

from _signal import SIGSEGV, getsignal
from faulthandler import is_enabled

import cython
from cython.cimports.libc.stdint import uint32_t

CALLS = cython.declare(cython.const[uint32_t], 1000)

settled = cython.declare(cython.bint, False)
calls = cython.declare(uint32_t, 0)  # since it was unsettled
reported = cython.declare(cython.bint, False)  # by faulthandler
handler = cython.declare(object, None)  # what Python knows


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_settled() -> cython.bint:
    return settled


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def settle() -> cython.void:
    global settled
    settled = True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unsettle() -> cython.void:
    global settled
    settled = False


@cython.cfunc
@cython.exceptval(check=False)
def notice_handlers() -> cython.void:
    """See settled.pxd. Calls that are too short for the ticker count themselves."""
    global settled, calls, reported, handler
    now: cython.bint = is_enabled()
    found: object = getsignal(SIGSEGV)
    calls += 1
    if now != reported or found is not handler or calls > CALLS:
        settled = False
        calls = 0
        reported = now
        handler = found
