"""Where threads wait for a memory.atomic.notify: buckets of waiters, found by the address in the process.

The base of a memory never moves, so an address names one cell of one memory, whatever store it is seen
from. A waiter compares the cell and joins its bucket under the bucket's lock; a notify takes the same lock,
so no wake-up is lost between the two.

A waiter wakes every POLL_NS to look at the context's interrupt flag. While it polls, the lock is free but
the waiter stays in the list: a notify of that moment counts, and a signal handler may run Python code, even
fork.
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t, uint64_t, uintptr_t
from cython.cimports.wasmine.runtime.clib import ATOMIC_SEQ_CST, monotonic_ns
from cython.cimports.wasmine.runtime.parking import (
    WAIT_NOT_EQUAL,
    WAIT_OK,
    WAIT_TIMED_OUT,
    Bucket,
    Waiter,
    cond_init,
    cond_wait,
    load,
    pthread_atfork,
    pthread_cond_destroy,
    pthread_cond_signal,
    pthread_mutex_init,
    pthread_mutex_lock,
    pthread_mutex_unlock,
)
from cython.cimports.wasmine.runtime.vm import POLL_NONE, VMContext
from cython.cimports.wasmine.spec import traps as t

BUCKETS = cython.declare(Bucket[256])
ready = cython.declare(cython.bint, False)

FOREVER = cython.declare(cython.const[int64_t], 0x7FFFFFFFFFFFFFFF)
POLL_NS = cython.declare(cython.const[int64_t], 50_000_000)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def reset() -> cython.void:
    """Empties the table: at the start, and in the child of a fork, where the other threads are gone."""
    i: cython.int
    for i in range(256):
        pthread_mutex_init(cython.address(BUCKETS[i].lock), cython.NULL)
        BUCKETS[i].first = cython.NULL


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def bucket_of(address: cython.p_void) -> cython.pointer[Bucket]:
    """Cells are at least four bytes apart; Fibonacci hashing spreads regular distances."""
    hashed: uint64_t = (cython.cast(uint64_t, cython.cast(uintptr_t, address)) >> 2) * cython.cast(
        uint64_t, 0x9E3779B97F4A7C15
    )
    return cython.address(BUCKETS[hashed >> 56])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def append(bucket: cython.pointer[Bucket], waiter: cython.pointer[Waiter]) -> cython.void:
    """Puts a waiter at the end of the line. The bucket is locked."""
    link: cython.pointer[cython.pointer[Waiter]] = cython.address(bucket.first)
    while link[0] != cython.NULL:
        link = cython.address(link[0].next)
    waiter.next = cython.NULL
    link[0] = waiter


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def remove(bucket: cython.pointer[Bucket], waiter: cython.pointer[Waiter]) -> cython.void:
    """Takes a waiter out of the line if it is there: after a fork it is not. The bucket is locked."""
    link: cython.pointer[cython.pointer[Waiter]] = cython.address(bucket.first)
    while link[0] != cython.NULL:
        if link[0] == waiter:
            link[0] = waiter.next
            return
        link = cython.address(link[0].next)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def wait(
    ctx: cython.pointer[VMContext],
    bucket: cython.pointer[Bucket],
    waiter: cython.pointer[Waiter],
    deadline: int64_t,
    result: cython.pointer[uint64_t],
) -> uint32_t:
    """Waits in line. The bucket is locked, before and after."""
    status: uint32_t
    time: int64_t = monotonic_ns()
    while not waiter.notified:
        if time >= deadline:
            result[0] = WAIT_TIMED_OUT
            return t.TRAP_NONE
        cond_wait(
            cython.address(waiter.woken), cython.address(bucket.lock), time, min(deadline, time + POLL_NS)
        )
        if ctx.interrupt != POLL_NONE and not waiter.notified:
            pthread_mutex_unlock(cython.address(bucket.lock))
            status = ctx.poll(ctx)
            pthread_mutex_lock(cython.address(bucket.lock))
            if status != t.TRAP_NONE:
                return status
        time = monotonic_ns()
    result[0] = WAIT_OK
    return t.TRAP_NONE


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def park(
    ctx: cython.pointer[VMContext],
    address: cython.p_void,
    width: uint32_t,
    expected: uint64_t,
    timeout: int64_t,
    result: cython.pointer[uint64_t],
) -> uint32_t:
    """See parking.pxd."""
    waiter = cython.declare(Waiter)
    bucket: cython.pointer[Bucket] = bucket_of(address)
    status: uint32_t = t.TRAP_NONE
    found: uint64_t
    start: int64_t = monotonic_ns()
    deadline: int64_t = FOREVER if timeout < 0 or timeout > FOREVER - start else start + timeout
    cond_init(cython.address(waiter.woken))
    waiter.address = address
    waiter.notified = False
    pthread_mutex_lock(cython.address(bucket.lock))
    if width == 4:
        found = load(cython.cast(cython.pointer[uint32_t], address), ATOMIC_SEQ_CST)
    else:
        found = load(cython.cast(cython.pointer[uint64_t], address), ATOMIC_SEQ_CST)
    if found != expected:
        result[0] = WAIT_NOT_EQUAL
    else:
        append(bucket, cython.address(waiter))
        status = wait(ctx, bucket, cython.address(waiter), deadline, result)
        remove(bucket, cython.address(waiter))
    pthread_mutex_unlock(cython.address(bucket.lock))
    pthread_cond_destroy(cython.address(waiter.woken))
    return status


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unpark(address: cython.p_void, count: uint32_t) -> uint32_t:
    """See parking.pxd."""
    bucket: cython.pointer[Bucket] = bucket_of(address)
    woken: uint32_t = 0
    waiter: cython.pointer[Waiter]
    pthread_mutex_lock(cython.address(bucket.lock))
    link: cython.pointer[cython.pointer[Waiter]] = cython.address(bucket.first)
    while link[0] != cython.NULL and woken < count:
        waiter = link[0]
        if waiter.address == address:
            link[0] = waiter.next
            waiter.notified = True
            # The waiter cannot leave, and take its condition variable with it, before the lock is free.
            pthread_cond_signal(cython.address(waiter.woken))
            woken += 1
        else:
            link = cython.address(waiter.next)
    pthread_mutex_unlock(cython.address(bucket.lock))
    return woken


# Other interpreters of the process share the table.
if not ready:
    ready = True
    reset()
    pthread_atfork(cython.NULL, cython.NULL, reset)
