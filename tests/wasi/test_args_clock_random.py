"""Arguments, environment, clocks, random numbers, exit, sockets."""

import struct
import time
from typing import Any

import pytest

from wasmine.wasi.proc import Exit


def strings(guest: Any, prefix: Any) -> Any:
    guest.call(f"{prefix}_sizes_get", 0, 8)
    count, size = guest.u32(0), guest.u32(8)
    guest.call(f"{prefix}_get", 2048, 4096)
    pointers = struct.unpack_from(f"<{count}I", guest.memory, 2048)
    text = bytes(guest.memory[4096 : 4096 + size])
    found = [text[p - 4096 : text.index(0, p - 4096)] for p in pointers]
    assert text == b"".join(s + b"\0" for s in found)
    return found


def test_nothing_is_granted_by_default(make_guest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "1")
    guest = make_guest()
    assert strings(guest, "args") == []
    assert strings(guest, "environ") == []


def test_arguments_and_environment(make_guest: Any) -> None:
    guest = make_guest(args=["prog", "", "two words", "naïve"], env={"HOME": "/", "EMPTY": "", "EQ": "a=b"})
    assert strings(guest, "args") == [b"prog", b"", b"two words", "naïve".encode()]
    assert strings(guest, "environ") == [b"HOME=/", b"EMPTY=", b"EQ=a=b"]


def test_arguments_that_the_host_could_not_decode_come_through(make_guest: Any) -> None:
    assert strings(make_guest(args=["\udcff"]), "args") == [b"\xff"]


@pytest.mark.parametrize(
    "options",
    [
        {"args": ["a\0b"]},
        {"env": {"a=b": "c"}},
        {"env": {"": "c"}},
        {"env": {"a": "\0"}},
        {"clock_resolution": 0},
        {"preopens": {"": "/"}},
        {"preopens": {"a\0": "/"}},
    ],
)
def test_impossible_values_are_refused(make_guest: Any, options: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the message is the value's own
        make_guest(**options)


def test_one_string_is_not_a_list_of_arguments(make_guest: Any) -> None:
    with pytest.raises(TypeError, match="several strings"):
        make_guest(args="abc")


def test_clocks_show_the_time_at_the_granted_resolution(make_guest: Any) -> None:
    guest = make_guest()
    for clock, real in ((0, time.time_ns), (1, time.monotonic_ns)):
        before = real()
        guest.call("clock_time_get", clock, 0, 0)
        assert before - 1000 <= guest.u64() <= real()
        assert guest.u64() % 1000 == 0
        guest.call("clock_res_get", clock, 0)
        assert guest.u64() == 1000


def test_processor_time_starts_at_zero(make_guest: Any) -> None:
    guest = make_guest()
    for clock in (2, 3):
        guest.call("clock_time_get", clock, 0, 0)
        assert guest.u64() < 5_000_000_000


def test_unknown_clocks(make_guest: Any, fails: Any) -> None:
    guest = make_guest()
    for clock in (4, 0xFFFFFFFF):
        with fails("INVAL"):
            guest.call("clock_time_get", clock, 0, 0)
        with fails("INVAL"):
            guest.call("clock_res_get", clock, 0)


def test_clocks_and_random_source_are_injectable(make_guest: Any) -> None:
    guest = make_guest(
        realtime=lambda: 1234, monotonic=lambda: 99, clock_resolution=10, random=lambda n: b"\x07" * n
    )
    guest.call("clock_time_get", 0, 0, 0)
    assert guest.u64() == 1230
    guest.call("clock_time_get", 1, 0, 0)
    assert guest.u64() == 90
    guest.call("random_get", 0, 5)
    assert guest.memory[:8] == b"\x07" * 5 + bytes(3)


def test_random_fills_exactly_the_buffer(make_guest: Any) -> None:
    guest = make_guest()
    guest.memory[:] = bytes(len(guest.memory))
    guest.call("random_get", 100, 4096)
    assert guest.memory[:100] == bytes(100)
    assert len(set(guest.memory[100:4196])) > 100
    assert guest.memory[4196:] == bytes(len(guest.memory) - 4196)
    guest.call("random_get", len(guest.memory), 0)


def test_exit_carries_the_code(make_guest: Any) -> None:
    guest = make_guest()
    for given, code in ((0, 0), (3, 3), (-1, 0xFFFFFFFF)):
        with pytest.raises(Exit) as caught:
            guest.call("proc_exit", given)
        assert caught.value.code == code


def test_signals_are_not_supported_and_yielding_is(make_guest: Any, fails: Any) -> None:
    guest = make_guest()
    with fails("NOTSUP"):
        guest.call("proc_raise", 6)
    guest.call("sched_yield")


def test_no_descriptor_is_a_socket(guest: Any, fails: Any) -> None:
    for name, rest in (
        ("sock_shutdown", (1,)),
        ("sock_accept", (0, 0)),
        ("sock_recv", (0, 0, 0, 0, 0)),
        ("sock_send", (0, 0, 0, 0)),
    ):
        with fails("NOTSOCK"):
            guest.call(name, 1, *rest)
        with fails("NOTSOCK"):
            guest.call(name, 3, *rest)
        with fails("BADF"):
            guest.call(name, 42, *rest)
