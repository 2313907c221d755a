"""Atomic instructions against Python's integers, and waiting with real threads."""

import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wasmine.interp.atomics import access
from wasmine.spec.opcodes import BY_NAME, OPS, Op
from wasmine.spec.traps import TRAPS

TRAP = {trap.name: trap.code for trap in TRAPS}
ATOMICS = [op for op in OPS if op.prefix == 0xFE and op.access is not None and "memarg" in op.immediates]
RMW = [op for op in ATOMICS if ".rmw" in op.name]
WAIT32 = BY_NAME["memory.atomic.wait32"].id
WAIT64 = BY_NAME["memory.atomic.wait64"].id
NOTIFY = BY_NAME["memory.atomic.notify"].id

MODIFY: dict[str, Callable[[int, int], int]] = {
    "add": lambda old, y: old + y,
    "sub": lambda old, y: old - y,
    "and": lambda old, y: old & y,
    "or": lambda old, y: old | y,
    "xor": lambda old, y: old ^ y,
    "xchg": lambda old, y: y,
}

words = st.integers(0, 2**64 - 1)


def le(value: int, size: int = 8) -> bytes:
    return (value % (1 << (8 * size))).to_bytes(size, "little")


def operation_of(op: Op) -> str:
    match = re.search(r"([a-z]+)\d*(_u)?$", op.name)
    assert match is not None
    return match[1]


def result_of(op: Op, memory: bytearray, address: int, *operands: bytes) -> int:
    status, result = access(op.id, memory, address, *operands)
    assert status == 0
    return int.from_bytes(result[:8], "little")


@pytest.mark.parametrize("op", RMW, ids=lambda op: op.name)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(content=st.binary(min_size=16, max_size=16), y=words, z=words, matches=st.booleans())
def test_read_modify_write(op: Op, content: bytes, y: int, z: int, matches: bool) -> None:
    size = 1 << op.access
    for at in (0, size, 16 - size):
        memory = bytearray(content)
        old = int.from_bytes(content[at : at + size], "little")
        if operation_of(op) == "cmpxchg":
            # The bits of the expected value above the access do not count.
            expected = (y & ~((1 << (8 * size)) - 1)) | old if matches else y
            new = z if expected % (1 << (8 * size)) == old else old
        else:
            expected = y
            new = MODIFY[operation_of(op)](old, y)
        assert result_of(op, memory, at, le(expected), le(z)) == old
        assert memory == content[:at] + le(new, size) + content[at + size :]


@pytest.mark.parametrize("op", [op for op in ATOMICS if "load" in op.name], ids=lambda op: op.name)
def test_load(op: Op) -> None:
    size = 1 << op.access
    memory = bytearray(range(0x80, 0x90))
    assert result_of(op, memory, size) == int.from_bytes(memory[size : 2 * size], "little")


@pytest.mark.parametrize("op", [op for op in ATOMICS if "store" in op.name], ids=lambda op: op.name)
def test_store(op: Op) -> None:
    size = 1 << op.access
    memory = bytearray(16)
    assert access(op.id, memory, size, le(0x8182838485868788))[0] == 0
    assert memory == bytes(size) + le(0x8182838485868788)[:size] + bytes(16 - 2 * size)


@pytest.mark.parametrize("op", ATOMICS, ids=lambda op: op.name)
def test_traps(op: Op) -> None:
    size = 1 << op.access
    memory = bytearray(32)
    for address, offset in ((32, 0), (0, 32), (2**64 - size, size), (0, 2**64 - size)):
        assert access(op.id, memory, address, offset=offset)[0] == TRAP["OUT_OF_BOUNDS_MEMORY_ACCESS"]
    for offset in range(1, size):
        assert access(op.id, memory, 0, le(1), offset=offset)[0] == TRAP["UNALIGNED_ATOMIC"]
    assert memory == bytes(32)
    for offset in range(1, size):
        # The sum counts, not its parts.
        assert access(op.id, memory, size - offset, le(1), offset=offset, shared=True)[0] == 0


def test_fence() -> None:
    assert access(BY_NAME["atomic.fence"].id, bytearray(0), 0)[0] == 0


@pytest.mark.parametrize("name", ["i32.atomic.rmw.add", "i64.atomic.rmw8.add_u"])
def test_no_addition_is_lost(name: str) -> None:
    memory = bytearray(8)

    def add() -> None:
        for _ in range(5000):
            access(BY_NAME[name].id, memory, 0, le(1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert memory[0] == 20000 % 256


# Waiting

OK, NOT_EQUAL, TIMED_OUT = 0, 1, 2
FOREVER = -1


def wait(memory: bytearray, address: int, expected: int, timeout: int, opcode: int = WAIT32) -> int:
    status, result = access(opcode, memory, address, le(expected), le(timeout), shared=True)
    assert status == 0
    return int.from_bytes(result[:8], "little")


def notify(memory: bytearray, address: int, count: int, *, shared: bool = True) -> int:
    status, result = access(NOTIFY, memory, address, le(count), shared=shared)
    assert status == 0
    return int.from_bytes(result[:8], "little")


def notify_all(memory: bytearray, address: int, waiting: int) -> None:
    """Wakes that many waiters, which may not have arrived yet."""
    deadline = time.monotonic() + 30
    while waiting:
        waiting -= notify(memory, address, 0xFFFFFFFF)
        assert time.monotonic() < deadline, f"{waiting} threads are not waiting"
        time.sleep(0.001)


def test_wait_on_a_memory_that_is_not_shared_traps() -> None:
    for opcode in (WAIT32, WAIT64):
        assert access(opcode, bytearray(8), 0, le(0), le(0))[0] == TRAP["EXPECTED_SHARED_MEMORY"]
    assert notify(bytearray(8), 0, 1, shared=False) == 0


def test_wait_compares_all_bytes_of_its_width() -> None:
    memory = bytearray(le(1 << 40))
    assert wait(memory, 0, 0, 0) == TIMED_OUT
    assert wait(memory, 0, 1, FOREVER) == NOT_EQUAL
    assert wait(memory, 0, 0, FOREVER, WAIT64) == NOT_EQUAL
    assert wait(memory, 0, 1 << 40, 0, WAIT64) == TIMED_OUT


@pytest.mark.parametrize("milliseconds", [1, 60, 130])
def test_wait_ends_at_its_timeout(milliseconds: int) -> None:
    start = time.monotonic()
    assert wait(bytearray(8), 0, 0, milliseconds * 1_000_000) == TIMED_OUT
    assert milliseconds / 1000 <= time.monotonic() - start < milliseconds / 1000 + 5


@pytest.mark.parametrize("timeout", [FOREVER, -(2**63), 2**63 - 1, 60 * 10**9])
@pytest.mark.parametrize("opcode", [WAIT32, WAIT64])
def test_notify_wakes(timeout: int, opcode: int) -> None:
    memory = bytearray(16)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait, memory, 8, 0, timeout, opcode)
        notify_all(memory, 8, 1)
        assert waiting.result(timeout=30) == OK


def test_notify_wakes_only_its_address() -> None:
    memory = bytearray(4096)
    other = bytearray(4096)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait, memory, 4, 0, 200_000_000)
        while not waiting.done():
            assert notify(memory, 0, 9) == 0
            assert notify(memory, 8, 9) == 0
            assert notify(other, 4, 9) == 0
        assert waiting.result(timeout=30) == TIMED_OUT


def test_notify_wakes_as_many_as_asked_and_the_longest_waiting_first() -> None:
    memory = bytearray(8)
    with ThreadPoolExecutor(4) as pool:
        waiting: list[Future[int]] = []
        for _ in range(4):
            waiting.append(pool.submit(wait, memory, 0, 0, FOREVER))
            time.sleep(0.1)
        assert notify(memory, 0, 0) == 0
        assert notify(memory, 0, 2) == 2
        assert [future.result(timeout=30) for future in waiting[:2]] == [OK, OK]
        assert not waiting[2].done()
        assert not waiting[3].done()
        notify_all(memory, 0, 2)
        assert [future.result(timeout=30) for future in waiting] == [OK] * 4
    assert notify(memory, 0, 1) == 0


def test_wait_polls_for_interruption() -> None:
    memory = bytearray(8)
    start = time.monotonic()
    assert access(WAIT32, memory, 0, le(0), le(FOREVER), shared=True, stopped=True)[0] == TRAP["INTERRUPTED"]
    assert time.monotonic() - start < 5
    assert notify(memory, 0, 1) == 0
    assert access(WAIT32, memory, 0, le(1), le(FOREVER), shared=True, stopped=True)[0] == 0


def test_a_mutex_built_on_wait_excludes() -> None:
    """The futex mutex: 0 free, 1 locked, 2 locked with waiters. The counter is guarded by nothing else."""
    memory = bytearray(16)
    exchange = BY_NAME["i32.atomic.rmw.xchg"]
    compare_exchange = BY_NAME["i32.atomic.rmw.cmpxchg"]
    load, store = BY_NAME["i32.load"].id, BY_NAME["i32.store"].id

    def work() -> None:
        for _ in range(300):
            if result_of(compare_exchange, memory, 0, le(0), le(1)) != 0:
                while result_of(exchange, memory, 0, le(2)) != 0:
                    wait(memory, 0, 2, FOREVER)
            value = int.from_bytes(access(load, memory, 8)[1][:4], "little")
            access(store, memory, 8, le(value + 1))
            if result_of(exchange, memory, 0, le(0)) == 2:
                notify(memory, 0, 1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    assert memory[8:12] == le(1200, 4)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_the_child_of_a_fork_starts_with_an_empty_table() -> None:
    memory = bytearray(8)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait, memory, 0, 0, FOREVER)
        time.sleep(0.1)
        child = os.fork()
        if child == 0:
            os._exit(notify(memory, 0, 1) + 10 * wait(memory, 0, 0, 1_000_000))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 10 * TIMED_OUT
        notify_all(memory, 0, 1)
        assert waiting.result(timeout=30) == OK
