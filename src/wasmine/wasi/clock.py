"""Clocks."""

from __future__ import annotations

import time

from wasmine.wasi.abi import MONOTONIC, PROCESS_CPUTIME, REALTIME, THREAD_CPUTIME, U64
from wasmine.wasi.errno import INVAL, Fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.wasi.system import Wasi


def clock_res_get(wasi: Wasi, clock: int, result: int) -> None:
    """Write the resolution of a clock in nanoseconds."""
    if clock > THREAD_CPUTIME:
        raise Fail(INVAL)
    U64.pack_into(wasi.view(), result, wasi.clock_resolution)


def clock_time_get(wasi: Wasi, clock: int, precision: int, result: int) -> None:
    """Write what a clock shows in nanoseconds. As precisely as is granted, whatever is asked."""
    U64.pack_into(wasi.view(), result, now(wasi, clock))


def now(wasi: Wasi, clock: int) -> int:
    """Return what a clock shows, cut to the resolution that is granted."""
    if clock == REALTIME:
        value = wasi.realtime()
    elif clock == MONOTONIC:
        value = wasi.monotonic()
    elif clock in (PROCESS_CPUTIME, THREAD_CPUTIME):
        read = time.process_time_ns if clock == PROCESS_CPUTIME else time.thread_time_ns
        value = max(0, read() - wasi.cpu_start[clock])  # this may be another thread than at the start
    else:
        raise Fail(INVAL)
    return (value - value % wasi.clock_resolution) & 0xFFFF_FFFF_FFFF_FFFF
