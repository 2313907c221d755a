"""The stubs that switch stacks: see stubs.pxd."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer, free_code
from cython.cimports.wasmine.jit.codespace import CodeSpace
from cython.cimports.wasmine.runtime.stack import Stubs, call_thread_t, enter_t

# The stubs are never freed: threads may be inside when the interpreter ends.
space: CodeSpace = cython.declare(CodeSpace, None)


@cython.cfunc
@cython.exceptval(-1, check=False)
def publish_stubs(
    code: cython.pointer[CodeBuffer], plain: uint32_t, thread: uint32_t, stubs: cython.pointer[Stubs]
) -> cython.int:
    global space
    start: cython.pointer[uint8_t]
    try:
        if code.failed:
            raise MemoryError
        if space is None:
            space = CodeSpace()
        start = cython.cast(cython.pointer[uint8_t], space.publish(code.bytes, code.size))
    finally:
        free_code(code)
    stubs.enter = cython.cast(enter_t, start)
    stubs.call_plain = cython.cast(enter_t, start + plain)
    stubs.call_thread = cython.cast(call_thread_t, start + thread)
    return 0
