"""Bodies made to cost much: time stays close to linear in their size, and memory is bounded."""

import time
from collections.abc import Callable

import pytest

from wasmine.binary.decode import decode
from wasmine.spec.errors import InvalidError
from wasmine.spec.types import TypeRegistry
from wasmine.validate.validator import validate

Build = Callable[..., bytes]

THOUSAND = b"\xe8\x07" + b"\x7f" * 1000
VOID = b"\x60\0\0"
SOURCE = b"\x60\0" + THOUSAND
SINK = b"\x60" + THOUSAND + b"\0"
THROUGH = b"\x60" + THOUSAND + THOUSAND
TYPES = (VOID, SOURCE, SINK, THROUGH)
STRUCT = b"\x5f\x90\x4e" + b"\x7f\0" * 10_000
MILLION = 1_000_000

# Seconds of processor time; each takes a fraction of one here, and would take minutes if it were quadratic.
BUDGET = 10


def check(binary: bytes) -> None:
    module = decode(binary, TypeRegistry())
    start = time.process_time()
    try:
        validate(module)
    finally:
        assert time.process_time() - start < BUDGET


@pytest.mark.parametrize("opener", [b"\x02\x40", b"\x03\x40", b"\x06\x40", b"\x1f\x40\0"])
def test_deep_nesting(opener: bytes, build: Build) -> None:
    check(build(b"\0" + opener * MILLION + b"\x0b" * MILLION + b"\x0b"))


def test_deep_nesting_of_if(build: Build) -> None:
    check(build(b"\0" + b"\x41\0\x04\x40" * MILLION + b"\x05\x0b" * MILLION + b"\x0b"))


def test_deep_branches(build: Build) -> None:
    """Each of many branches goes to the outermost block."""
    branches = b"".join(
        b"\x02\x40\x41\0\x0d" + bytes([n & 0x7F | 0x80, n >> 7 & 0x7F | 0x80, n >> 14])
        for n in range(500_000)
    )
    check(build(b"\0" + branches + b"\x0b" * 500_000 + b"\x0b"))


def test_many_operands(build: Build) -> None:
    check(build(b"\0" + b"\x41\0" * MILLION + b"\x1a" * MILLION + b"\x0b"))


def test_many_operands_dropped_by_a_branch(build: Build) -> None:
    check(build(b"\0" + (b"\x02\x40" + b"\x41\0" * 1000 + b"\x0c\0\x0b") * 1000 + b"\x0b"))


def test_operands_are_bounded(build: Build) -> None:
    """Calls that leave a thousand values each: an error comes before the memory is full."""
    binary = build(b"\0" + b"\x10\x01" * MILLION + b"\0\x0b", b"\0\0\x0b", types=TYPES, signatures=(0, 1))
    with pytest.raises(InvalidError, match="too many operands"):
        check(binary)


def test_long_type_lists(build: Build) -> None:
    calls = b"\x10\x01\x10\x02" * 100_000
    check(build(b"\0" + calls + b"\x0b", b"\0\0\x0b", b"\0\x0b", types=TYPES, signatures=(0, 1, 2)))


def test_long_block_types(build: Build) -> None:
    blocks = b"\x10\x01" + b"\x02\x03" * 100_000 + b"\x0b" * 100_000 + b"\x10\x02"
    check(build(b"\0" + blocks + b"\x0b", b"\0\0\x0b", b"\0\x0b", types=TYPES, signatures=(0, 1, 2)))


def test_long_type_lists_in_unreachable_code(build: Build) -> None:
    calls = b"\0" + b"\x10\x02" * MILLION
    check(build(b"\0" + calls + b"\x0b", b"\0\0\x0b", b"\0\x0b", types=TYPES, signatures=(0, 1, 2)))


def test_labels_with_long_types(build: Build) -> None:
    """Tables of the most labels, which name two blocks in turn; their types match, but are not the same."""
    anys = b"\x60\0\xe8\x07" + b"\x6e" * 1000
    eqs = b"\x60\0\xe8\x07" + b"\x6d" * 1000
    table = b"\x0e\xf0\xff\x03" + b"\0\x01" * 32_760 + b"\0"
    code = (b"\x02\x01\x02\x01\x10\x01\x41\0" + table + b"\x0b\x0b\0") * 50
    check(build(b"\0" + code + b"\x0b", b"\0\0\x0b", types=(VOID, anys, eqs), signatures=(0, 2)))


def test_many_functions_of_many_locals(build: Build) -> None:
    """No function pays for locals that it declares and does not name."""
    body = b"\x01\xd0\x86\x03\x7e\x20\xcf\x86\x03\x1a\x0b"
    check(build(*[body] * 100_000))


def test_many_groups_of_locals(build: Build) -> None:
    groups = b"\xd0\x86\x03" + b"\x01\x7f\x01\x7e" * 25_000
    check(build(groups + b"\x20\xcf\x86\x03\x1a" * MILLION + b"\x0b"))


def test_assignments_in_blocks(build: Build) -> None:
    """What a block assigned is unset at its end: that work is paid by the assignments."""
    local = b"\xd0\x86\x03\x64\x6e"  # 50,000 times (ref any)
    sets = b"".join(
        b"\x02\x40\0\x21" + bytes([n & 0x7F | 0x80, n >> 7 & 0x7F | 0x80, n >> 14]) for n in range(50_000)
    )
    check(build(b"\x01" + local + sets + b"\x0b" * 50_000 + b"\x0b"))


def test_large_structures(build: Build) -> None:
    types = (VOID, STRUCT)
    check(build(b"\0" + b"\xfb\x01\x01\x1a" * MILLION + b"\x0b", types=types))
    check(build(b"\0\0" + b"\xfb\0\x01\x1a" * MILLION + b"\x0b", types=types))


def test_long_arrays_in_unreachable_code(build: Build) -> None:
    types = (VOID, b"\x5e\x7f\0")
    check(build(b"\0\0" + b"\xfb\x08\x01\x90\x4e\x1a" * MILLION + b"\x0b", types=types))


def test_many_catch_clauses(build: Build) -> None:
    clauses = b"\xc0\x84\x3d" + b"\0\0\0" * MILLION
    tags = b"\x0d\x03\x01\0\x02"
    body = b"\x02\x01\x1f\x40" + clauses + b"\x0b\0\x0b\x10\x01"
    check(build(b"\0" + body + b"\x0b", b"\0\x0b", types=TYPES, signatures=(0, 2), before=tags))
