"""Lowering under hostile shapes: time grows with the size of the body, and what runs is right."""

import time
from collections.abc import Callable

import pytest

from wasmine import load
from wasmine.binary.decode import decode
from wasmine.runtime.code import ModuleCodeCore
from wasmine.spec.types import TypeRegistry


def leb(value: int) -> bytes:
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def section(number: int, content: bytes) -> bytes:
    return bytes([number]) + leb(len(content)) + content


def module(body: bytes, locals_: bytes = b"\0") -> bytes:
    """One exported function `f` of type (i32) -> i32."""
    code = locals_ + body + b"\x0b"
    return (
        b"\0asm\1\0\0\0"
        + section(1, b"\1\x60\1\x7f\1\x7f")
        + section(3, b"\1\0")
        + section(7, b"\1\1f\0\0")
        + section(10, b"\1" + leb(len(code)) + code)
    )


GET, SET, TEE = b"\x20\0", b"\x21\0", b"\x22\0"
ADD, DROP, CONST = b"\x6a", b"\x1a", b"\x41\5"


def nested_blocks(n: int) -> bytes:
    return GET + b"\x02\x40" * n + b"\x0b" * n


def nested_ifs_with_values(n: int) -> bytes:
    return GET + (GET + b"\x04\0") * n + b"\x05\x0b" * n


def many_readers_then_set(n: int) -> bytes:
    return GET * n + CONST + SET + ADD * (n - 1)


def sets_below_a_deep_stack(n: int) -> bytes:
    return CONST * n + (GET + CONST + SET + DROP) * n + ADD * (n - 1)


def tables_in_deep_nests(n: int) -> bytes:
    tables = b"".join(b"\x02\x40" + GET + b"\x0e\0" + leb(min(d, n - 1)) + b"\x0b" for d in range(n))
    return b"\x02\x40" * n + tables + b"\x0b" * n + GET


def one_wide_table(n: int) -> bytes:
    return b"\x02\x7f\x02\x7f" + CONST + GET + b"\x0e" + leb(n) + b"\0\1" * (n // 2) + b"\0\x0b\x0b"


def branches_with_values(n: int) -> bytes:
    return b"\x02\x7f" + CONST + (GET + b"\x0d\0") * n + b"\x0b"


SHAPES = [
    nested_blocks,
    nested_ifs_with_values,
    many_readers_then_set,
    sets_below_a_deep_stack,
    tables_in_deep_nests,
    one_wide_table,
    branches_with_values,
]


def lowering_seconds(source: bytes) -> float:
    """Processor time of lowering the only function and copying its listing out."""
    best = float("inf")
    for _ in range(3):
        code = ModuleCodeCore(decode(source, TypeRegistry()))
        start = time.thread_time()
        code.listing(0)
        best = min(best, time.thread_time() - start)
    return best


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_time_is_linear(shape: Callable[[int], bytes]) -> None:
    type_with_params = section(1, b"\1\x60\1\x7f\1\x7f")
    assert type_with_params in module(b"")
    small, large = (lowering_seconds(module(shape(n))) for n in (4_000, 40_000))
    # What takes less than a millisecond says little.
    assert large < 60 * max(small, 1e-3), f"{small:.6f} s, and {large:.6f} s for ten times as much"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_runs(shape: Callable[[int], bytes]) -> None:
    n = 400
    argument = 3
    expected: dict[Callable[[int], bytes], int] = {
        nested_blocks: argument,
        nested_ifs_with_values: argument,
        many_readers_then_set: n * argument,
        sets_below_a_deep_stack: 5 * n,
        tables_in_deep_nests: argument,
        one_wide_table: 5,
        branches_with_values: 5,
    }
    with load(module(shape(n))) as instance:
        assert instance.exports.f(argument) == expected[shape]


def test_most_locals_are_zero() -> None:
    source = module(b"\x20" + leb(49_999), b"\1" + leb(49_999) + b"\x7f")
    with load(source) as instance:
        assert instance.exports.f(1) == 0


def test_listing_is_of_a_defined_function() -> None:
    code = ModuleCodeCore(decode(module(GET), TypeRegistry()))
    for index in (-1, 1):
        with pytest.raises(IndexError, match=f"defines no function {index}"):
            code.listing(index)
