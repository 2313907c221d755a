"""poll_oneoff."""

import io
import os
import signal
import struct
import sys
import threading
import time
from typing import Any

import pytest

from wasmine.wasi import abi


def clock(userdata: int, timeout: int, *, clock: int = abi.MONOTONIC, flags: int = 0) -> Any:
    return struct.pack("<QB7xI4xQQH6x", userdata, abi.EVENT_CLOCK, clock, timeout, 0, flags)


def ready(userdata: int, kind: int, fd: int) -> Any:
    return struct.pack("<QB7xI28x", userdata, kind, fd)


def poll(guest: Any, *subscriptions: Any) -> Any:
    """Return events as (userdata, error, type, nbytes, flags)."""
    data = b"".join(subscriptions)
    guest.memory[2048 : 2048 + len(data)] = data
    guest.call("poll_oneoff", 2048, 8192, len(subscriptions), 0)
    return [struct.unpack_from("<QHB5xQH6x", guest.memory, 8192 + 32 * i) for i in range(guest.u32())]


READ, WRITE = abi.EVENT_FD_READ, abi.EVENT_FD_WRITE
MS = 1_000_000


@pytest.mark.parametrize("which", [abi.MONOTONIC, abi.REALTIME])
def test_time_passes(make_guest: Any, which: Any) -> None:
    guest = make_guest()
    start = time.monotonic()
    assert poll(guest, clock(7, 30 * MS, clock=which)) == [(7, 0, abi.EVENT_CLOCK, 0, 0)]
    assert 0.03 <= time.monotonic() - start < 1


@pytest.mark.parametrize(("which", "now"), [(abi.MONOTONIC, time.monotonic_ns), (abi.REALTIME, time.time_ns)])
def test_until_a_point_in_time(make_guest: Any, which: Any, now: Any) -> None:
    guest = make_guest()
    deadline = now() + 30 * MS
    poll(guest, clock(7, deadline, clock=which, flags=abi.ABSTIME))
    assert now() >= deadline - MS
    start = time.monotonic()
    poll(guest, clock(7, 1, clock=which, flags=abi.ABSTIME))
    assert time.monotonic() - start < 0.02


def test_the_first_clock_ends_the_wait(make_guest: Any) -> None:
    guest = make_guest()
    start = time.monotonic()
    assert poll(guest, clock(1, 10_000 * MS), clock(2, 5 * MS), clock(3, 0)) == [(3, 0, 0, 0, 0)]
    assert time.monotonic() - start < 1
    assert [event[0] for event in poll(guest, clock(1, 0), clock(2, 0))] == [1, 2]


def test_an_injected_clock_does_not_stop_time(make_guest: Any) -> None:
    guest = make_guest(monotonic=lambda: 5_000_000)
    assert poll(guest, clock(1, 5 * MS)) == [(1, 0, 0, 0, 0)]
    assert poll(guest, clock(1, 9 * MS, flags=abi.ABSTIME)) == [(1, 0, 0, 0, 0)]


def test_standard_streams_are_ready(make_guest: Any) -> None:
    guest = make_guest(stdin=io.BytesIO(b"x"), stdout=io.BytesIO())
    events = poll(guest, clock(1, 10_000 * MS), ready(2, WRITE, 1), ready(3, WRITE, 2), ready(4, READ, 0))
    assert [(e[0], e[1], e[2]) for e in events] == [(2, 0, WRITE), (3, 0, WRITE), (4, 0, READ)]


def test_regular_files_are_ready(guest: Any) -> None:
    fd = guest.create("f", b"0123456789")
    guest.seek(fd, 4)
    assert poll(guest, ready(1, READ, fd), ready(2, WRITE, fd)) == [(1, 0, READ, 6, 0), (2, 0, WRITE, 1, 0)]


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Standard input is a pipe; return its other end."""
    saved = os.dup(0)
    reading, writing = os.pipe()
    os.dup2(reading, 0)
    os.close(reading)
    monkeypatch.setattr(sys, "stdin", None)
    yield writing
    os.dup2(saved, 0)
    os.close(saved)


def test_a_pipe(make_guest: Any, pipe: Any) -> None:
    guest = make_guest(stdin="inherit")
    assert poll(guest, ready(1, READ, 0), clock(2, 5 * MS)) == [(2, 0, 0, 0, 0)]
    os.write(pipe, b"abc")
    assert poll(guest, ready(1, READ, 0), clock(2, 10_000 * MS)) == [(1, 0, READ, 3, 0)]
    guest.read(0, 10)
    timer = threading.Timer(0.05, lambda: os.write(pipe, b"later"))
    timer.start()
    assert poll(guest, ready(1, READ, 0)) == [(1, 0, READ, 5, 0)]
    timer.join()
    guest.read(0, 10)
    os.close(pipe)
    ((userdata, error, kind, _, flags),) = poll(guest, ready(1, READ, 0))
    assert (userdata, error, kind, flags) == (1, 0, READ, abi.HANGUP)


def test_what_python_has_read_ahead_is_ready(make_guest: Any, pipe: Any) -> None:
    with os.fdopen(os.dup(0), "rb") as file:
        guest = make_guest(stdin=file)
        os.write(pipe, b"0123456789")
        assert guest.read(0, 4) == b"0123"
        assert [e[0] for e in poll(guest, ready(1, READ, 0))] == [1]
        assert guest.read(0, 100) == b"456789"
        assert poll(guest, ready(1, READ, 0), clock(2, 5 * MS)) == [(2, 0, 0, 0, 0)]
    os.close(pipe)


def test_a_limit_of_the_store_ends_a_read(make_guest: Any, pipe: Any, fails: Any) -> None:
    guest = make_guest(stdin="inherit")
    end = time.monotonic() + 0.05
    guest.wasi.must_stop = lambda: time.monotonic() > end
    with fails("INTR"):
        guest.read(0, 10)
    assert time.monotonic() < end + 1
    os.write(pipe, b"abc")
    assert guest.read(0, 10) == b"abc"
    os.close(pipe)


def test_one_descriptor_twice(make_guest: Any, pipe: Any) -> None:
    guest = make_guest(stdin="inherit")
    os.write(pipe, b"abc")
    assert [e[0] for e in poll(guest, ready(1, READ, 0), ready(2, READ, 0))] == [1, 2]
    os.close(pipe)


def test_errors_are_events(make_guest: Any) -> None:
    guest = make_guest()
    assert poll(guest, ready(1, READ, 99), clock(2, 10_000 * MS)) == [(1, 8, READ, 0, 0)]
    assert poll(guest, clock(1, 5, clock=9)) == [(1, 28, abi.EVENT_CLOCK, 0, 0)]
    assert poll(guest, struct.pack("<QB39x", 5, 77)) == [(5, 28, 77, 0, 0)]


def test_nothing_to_wait_for(make_guest: Any, fails: Any) -> None:
    guest = make_guest()
    with fails("INVAL"):
        guest.call("poll_oneoff", 0, 0, 0, 0)
    with fails("FAULT"):
        guest.call("poll_oneoff", 0, 0, 4096, 0)


def test_ctrl_c_ends_the_wait(make_guest: Any, pipe: Any) -> None:
    guest = make_guest(stdin="inherit")
    for subscriptions in ([clock(1, 60_000 * MS)], [clock(1, 60_000 * MS), ready(2, READ, 0)]):
        timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            poll(guest, *subscriptions)
        assert time.monotonic() - start < 2
        timer.join()
    os.close(pipe)


def test_a_limit_of_the_store_ends_the_wait(make_guest: Any) -> None:
    guest = make_guest()
    end = time.monotonic() + 0.05
    guest.wasi.must_stop = lambda: time.monotonic() > end
    assert poll(guest, clock(1, 60_000 * MS)) == []
    assert time.monotonic() < end + 1
