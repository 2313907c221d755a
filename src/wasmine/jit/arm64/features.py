"""What the processor can do, and how much of that the compiler uses: all, but for tests of other choices."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.wasmine.jit.arm64.features import CPU_LSE, present

NAMES = {"lse": CPU_LSE}

allowed = cython.declare(uint32_t, 0xFFFFFFFF)


def features() -> list[str]:
    """Names of what code made from now on may use."""
    bits: uint32_t = find_features()
    return [name for name, bit in NAMES.items() if bits & bit]


def limit_features(names=None) -> None:
    """Code made from now on uses only these features, as far as the processor has them; None: all it has.

    For tests, which so see the code for other processors. Raises KeyError for an unknown name.
    """
    global allowed
    allowed = 0xFFFFFFFF
    if names is not None:
        bits: uint32_t = 0
        for name in names:
            bits |= cython.cast(uint32_t, NAMES[name])
        allowed = bits


@cython.cfunc
@cython.exceptval(0xFFFFFFFF, check=True)
def find_features() -> uint32_t:
    return present() & allowed
