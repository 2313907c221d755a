"""A growing run of bytes that encoders append to."""

import cython
from cython.cimports.libc.stdint import uint8_t, uint32_t
from cython.cimports.libc.stdlib import free, realloc
from cython.cimports.libc.string import memcpy
from cython.cimports.wasmine.jit.backend.codebuffer import CodeBuffer

FIRST = cython.declare(cython.const[uint32_t], 256)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def has_room(code: cython.pointer[CodeBuffer], count: uint32_t) -> cython.bint:
    capacity: uint32_t
    bytes: cython.p_void
    if code.size + count <= code.capacity:
        return True
    if code.failed:
        return False
    capacity = max(FIRST, 2 * code.capacity)
    bytes = realloc(code.bytes, capacity)
    if bytes == cython.NULL:
        code.failed = 1
        return False
    code.bytes = cython.cast(cython.pointer[uint8_t], bytes)
    code.capacity = capacity
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_u8(code: cython.pointer[CodeBuffer], value: uint32_t) -> cython.void:
    if has_room(code, 1):
        code.bytes[code.size] = cython.cast(uint8_t, value)
        code.size += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_u32(code: cython.pointer[CodeBuffer], value: uint32_t) -> cython.void:
    if has_room(code, 4):
        memcpy(code.bytes + code.size, cython.address(value), 4)
        code.size += 4


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_align(code: cython.pointer[CodeBuffer], align: uint32_t, filler: uint32_t) -> cython.void:
    while code.size % align != 0 and not code.failed:
        emit_u8(code, filler)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def free_code(code: cython.pointer[CodeBuffer]) -> cython.void:
    free(code.bytes)
    code.bytes = cython.NULL
    code.size = 0
    code.capacity = 0
