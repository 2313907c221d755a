"""Bodies made to cost much: time stays close to linear in their size, and no stack overflows."""

import time
from collections.abc import Callable

import pytest

from wasmine.binary.decode import decode
from wasmine.spec.errors import InvalidError
from wasmine.spec.types import TypeRegistry
from wasmine.validate.validator import validate

Build = Callable[..., bytes]
VOID = b"\x60\0\0"
WIDE = b"\x60\0\xe8\x07" + b"\x7f" * 1000  # a function type with a thousand results
SINK = b"\x60\xe8\x07" + b"\x7f" * 1000 + b"\0"
THROUGH = b"\x60\xe8\x07" + b"\x7f" * 1000 + b"\xe8\x07" + b"\x7f" * 1000
NESTING = 1_000_000


def seconds(binary: bytes) -> float:
    module = decode(binary, TypeRegistry())
    start = time.perf_counter()
    validate(module)
    return time.perf_counter() - start


@pytest.mark.parametrize("opener", [b"\x02\x40", b"\x03\x40", b"\x06\x40", b"\x1f\x40\0"])
def test_deep_nesting(opener: bytes, build: Build) -> None:
    assert seconds(build(b"\0" + opener * NESTING + b"\x0b" * NESTING + b"\x0b")) < 5


def test_deep_nesting_of_if(build: Build) -> None:
    assert seconds(build(b"\0" + b"\x41\0\x04\x40" * NESTING + b"\x05\x0b" * NESTING + b"\x0b")) < 5


def test_many_operands(build: Build) -> None:
    assert seconds(build(b"\0" + b"\x41\0" * NESTING + b"\x1a" * NESTING + b"\x0b")) < 5


def test_many_operands_after_a_branch(build: Build) -> None:
    assert seconds(build(b"\0\0" + b"\x41\0" * NESTING + b"\x0f" + b"\x1a" * NESTING + b"\x0b")) < 5


def test_operands_are_bounded(build: Build) -> None:
    """Calls that leave a thousand values each: an error comes before the memory is full."""
    binary = build(b"\0" + b"\x10\x01" * 1_000_000 + b"\0\x0b", types=(VOID, WIDE))
    # The second function has type 1.
    binary = binary.replace(b"\x03\x02\x01\0", b"\x03\x03\x02\0\x01").replace(
        b"\x0a" + binary.split(b"\x0a", 1)[1][:4], b"\x0a" + binary.split(b"\x0a", 1)[1][:4]
    )
    binary = add_body(binary, b"\0\0\x0b")
    with pytest.raises(InvalidError, match="too many operands"):
        seconds(binary)
