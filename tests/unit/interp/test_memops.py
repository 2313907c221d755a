"""Every load and store that is not atomic, against Python's integers: values, lanes, and where it traps."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wasmine.interp.atomics import access
from wasmine.spec.opcodes import BY_NAME, OPS, Op
from wasmine.spec.traps import TRAPS

OUT_OF_BOUNDS = next(trap.code for trap in TRAPS if trap.name == "OUT_OF_BOUNDS_MEMORY_ACCESS")

ACCESSES = [op for op in OPS if op.immediates[:1] == ("memarg",) and op.prefix in (0, 0xFD)]
LOADS = [op for op in ACCESSES if "load" in op.name]
STORES = [op for op in ACCESSES if "store" in op.name]

SIZE = 64

memories = st.binary(min_size=SIZE, max_size=SIZE)
vectors = st.binary(min_size=16, max_size=16)


def size_of(op: Op) -> int:
    return 1 << op.access


def scalar_result(op: Op, data: bytes) -> bytes:
    """The slot of a scalar load: widened to the result type, zero above it."""
    width = 8 * (4 if op.name[1:3] == "32" else 8)
    value = int.from_bytes(data, "little", signed=op.name.endswith("_s"))
    return (value & ((1 << width) - 1)).to_bytes(8, "little")


def vector_result(op: Op, data: bytes, vector: bytes, lane: int) -> bytes:
    """The vector that a SIMD load makes."""
    extends = re.fullmatch(r"v128\.load(\d+)x(\d+)_([su])", op.name)
    if extends:
        size = int(extends[1]) // 8
        parts = [data[at : at + size] for at in range(0, 8, size)]
        values = [int.from_bytes(part, "little", signed=extends[3] == "s") for part in parts]
        return b"".join((value % (1 << (16 * size))).to_bytes(2 * size, "little") for value in values)
    if op.name.endswith("_splat"):
        return data * (16 // len(data))
    if op.name.endswith("_lane"):
        at = lane * len(data)
        return vector[:at] + data + vector[at + len(data) :]
    return data.ljust(16, b"\0")


def lanes_of(op: Op) -> st.SearchStrategy[int]:
    return st.integers(0, 16 // size_of(op) - 1) if "lane" in op.immediates else st.just(0)


@pytest.mark.parametrize("op", LOADS, ids=lambda op: op.name)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.data(), content=memories, vector=vectors)
def test_load(op: Op, data: st.DataObject, content: bytes, vector: bytes) -> None:
    lane = data.draw(lanes_of(op))
    at = data.draw(st.integers(0, SIZE - size_of(op)))
    offset = data.draw(st.integers(0, at))
    status, result = access(op.id, bytearray(content), at - offset, vector, offset=offset, lane=lane)
    loaded = content[at : at + size_of(op)]
    assert status == 0
    if op.name.startswith("v128"):
        assert result == vector_result(op, loaded, vector, lane)
    else:
        assert result[:8] == scalar_result(op, loaded)


@pytest.mark.parametrize("op", STORES, ids=lambda op: op.name)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.data(), content=memories, value=vectors)
def test_store(op: Op, data: st.DataObject, content: bytes, value: bytes) -> None:
    size = size_of(op)
    lane = data.draw(lanes_of(op))
    at = data.draw(st.integers(0, SIZE - size))
    offset = data.draw(st.integers(0, at))
    memory = bytearray(content)
    operand = value if op.name.startswith("v128") else value[:8]
    status, _ = access(op.id, memory, at - offset, operand, offset=offset, lane=lane)
    assert status == 0
    stored = value[lane * size :][:size]
    assert memory == content[:at] + stored + content[at + size :]


@pytest.mark.parametrize("op", ACCESSES, ids=lambda op: op.name)
def test_traps_one_byte_beyond_the_end(op: Op) -> None:
    size = size_of(op)
    last = SIZE - size
    for address, offset in ((last, 0), (0, last), (1, last - 1)):
        assert access(op.id, bytearray(SIZE), address, bytes(16), offset=offset)[0] == 0
    beyond = [
        (last + 1, 0),
        (0, last + 1),
        (1, last),
        (SIZE, 0),
        (2**32 - 1, 0),
        (0, 2**32),
        (2**64 - 1, 0),
        (0, 2**64 - 1),
        (2**64 - 1, 1),  # the sum wraps to 0
        (2**63, 2**63),
        (2**64 - size, size),
        (2**64 - 1, 2**64 - 1),
    ]
    for address, offset in beyond:
        memory = bytearray(SIZE)
        status, _ = access(op.id, memory, address, b"\xff" * 16, offset=offset)
        assert status == OUT_OF_BOUNDS, (address, offset)
        assert memory == bytes(SIZE)


@pytest.mark.parametrize("size", [0, 1])
def test_traps_in_a_memory_smaller_than_the_access(size: int) -> None:
    for op in ACCESSES:
        if size_of(op) > size:
            assert access(op.id, bytearray(size), 0, bytes(16))[0] == OUT_OF_BOUNDS, op.name


def test_an_instruction_of_another_group_is_refused() -> None:
    not_implemented = next(trap.code for trap in TRAPS if trap.name == "NOT_IMPLEMENTED")
    assert access(BY_NAME["i32.add"].id, bytearray(8), 0)[0] == not_implemented
