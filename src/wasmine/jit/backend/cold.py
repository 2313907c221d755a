"""What stands out of line, behind the blocks; see cold.pxd."""

import cython
from cython.cimports.libc.stdint import uint32_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.jit.backend.emit import (
    STUB_SLOW,
    STUB_STATUS,
    STUB_TAIL,
    STUB_TRAP,
    Emit,
    Stub,
)
from cython.cimports.wasmine.jit.codemap import NOTE_CALL, add_note

Emitting = cython.typedef(cython.pointer[Emit])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def ask_slowly(
    e: Emitting,
    stub: cython.pointer[Stub],
    reg: uint32_t,
    what: uint32_t,
    id: uint32_t,
    length: uint32_t,
    value: uint32_t,
) -> uint32_t:
    if stub == cython.NULL:
        return 0
    stub.reg = reg
    stub.words[0] = what
    stub.words[1] = id
    stub.words[2] = length
    stub.words[3] = value
    return e.n_stubs - 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def come_back(e: Emitting, stub: uint32_t) -> cython.void:
    if not e.failed:
        e.stubs[stub].back = e.code.size


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_stubs(e: Emitting) -> cython.void:
    """One that ends in a trap is a call of what they share: the return address tells where it was."""
    ways_out = cython.declare(uint32_t[64])
    i: uint32_t
    n: uint32_t
    stub: cython.pointer[Stub]
    # The calls are patched in the end: until then each way out is a list of them.
    memset(ways_out, 0, cython.sizeof(ways_out))
    for i in range(e.n_stubs):
        stub = e.stubs + i
        e.machine.patch(e, stub.from_, e.code.size)
        if stub.kind == STUB_TRAP or stub.kind == STUB_STATUS:
            e.machine.trap_stub(e, stub)
            add_note(e.notes, e.code.size, stub.pos, stub.site, NOTE_CALL)
            n = stub.trap & 63
            stub.back = ways_out[n]
            stub.from_ = e.code.size - 4
            ways_out[n] = i + 1
        elif stub.kind == STUB_SLOW:
            e.machine.slow_stub(e, stub)
        elif stub.kind == STUB_TAIL:
            e.machine.tail_stub(e, stub)
        else:
            e.machine.call_stub(e, stub)
    for n in range(64):
        if ways_out[n] != 0:
            emit_way_out(e, n, ways_out[n])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def emit_way_out(e: Emitting, trap: uint32_t, stub: uint32_t) -> cython.void:
    """What all stubs of one trap call."""
    target: uint32_t = e.code.size
    e.machine.way_out(e, trap)
    while stub != 0:
        e.machine.patch(e, e.stubs[stub - 1].from_, target)
        stub = e.stubs[stub - 1].back
