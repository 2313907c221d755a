"""LEB128 integers, at the places of a module where they show."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmine.binary.decode import decode
from wasmine.binary.module import ModuleData
from wasmine.spec.errors import InvalidError, MalformedError
from wasmine.spec.types import TypeRegistry

REGISTRY = TypeRegistry()
HEADER = b"\0asm\1\0\0\0"
TOO_LONG, TOO_LARGE, END = "integer representation too long", "integer too large", "unexpected end"


def unsigned(data: bytes, bits: int) -> int | str:
    """What section 5.2.2 makes of `data`: the value of the integer that it starts with, or what is wrong."""
    value = 0
    for i, byte in enumerate(data):
        left = bits - 7 * i
        if left <= 0:
            return TOO_LONG
        if left < 7 and byte & 0x7F >= 1 << left:
            return TOO_LARGE
        value |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            return value
    return TOO_LONG if len(data) * 7 >= bits else END


def signed(data: bytes, bits: int) -> int | str:
    value = 0
    for i, byte in enumerate(data):
        left = bits - 7 * i
        if left <= 0:
            return TOO_LONG
        payload = byte & 0x7F
        signed_payload = payload - 0x80 if payload & 0x40 else payload
        if left < 7 and not -(1 << (left - 1)) <= signed_payload < 1 << (left - 1):
            return TOO_LARGE
        if byte < 0x80:
            return value + (signed_payload << 7 * i)
        value += payload << 7 * i
    return TOO_LONG if len(data) * 7 >= bits else END


def read_u32(data: bytes) -> int | str:
    """Value of the integer in a data count section, told by the error about the missing data section."""
    try:
        decode(HEADER + b"\x0c" + bytes([len(data)]) + data, REGISTRY)
    except MalformedError as error:
        if error.text.startswith("data count"):
            return int(str(error.expected).split()[0])
        return error.text.replace(" of section or function", "")
    return 0


def read_u64(data: bytes) -> int | str:
    """Value of the integer as the smallest size of a 64-bit memory with pages of one byte."""
    contents = b"\x01\x0c" + data + b"\x00"
    try:
        module = decode(HEADER + b"\x05" + bytes([len(contents)]) + contents, REGISTRY)
    except MalformedError as error:
        return error.text
    minimum: int = module.describe()["memories"][0][0][0]
    return minimum


def const_is_read(opcode: int, data: bytes) -> str | None:
    """What is wrong with `data` as the immediate of `i32.const` or `i64.const`."""
    contents = b"\x01\x7f\x00" + bytes([opcode]) + data + b"\x0b"
    try:
        decode(HEADER + b"\x06" + bytes([len(contents)]) + contents, REGISTRY)
    except MalformedError as error:
        return error.text
    return None


encodings = st.builds(
    lambda longer, last: bytes([byte | 0x80 for byte in longer] + [last]),
    st.lists(st.sampled_from([0x00, 0x01, 0x40, 0x7F]) | st.integers(0, 127), max_size=11),
    st.sampled_from([0, 1, 2, 7, 8, 0x0F, 0x10, 0x3F, 0x40, 0x70, 0x78, 0x7E, 0x7F]) | st.integers(0, 127),
)


@given(encodings)
def test_u32(data: bytes) -> None:
    assert read_u32(data) == unsigned(data, 32)


@given(encodings)
def test_u64(data: bytes) -> None:
    assert read_u64(data) == unsigned(data, 64)


@given(encodings)
def test_signed_immediates(data: bytes) -> None:
    for opcode, bits in ((0x41, 32), (0x42, 64)):
        expected = signed(data, bits)
        assert const_is_read(opcode, data) == (expected if isinstance(expected, str) else None)


@given(st.integers(0, 2**32 - 1), st.integers(0, 5))
def test_values_and_padding(value: int, padding: int) -> None:
    data = bytearray()
    rest = value
    while True:
        data.append(rest & 0x7F)
        rest >>= 7
        if not rest:
            break
    padded = bytes([*data, *b"\0" * padding])
    data_with_flags = bytes([*(byte | 0x80 for byte in padded[:-1]), padded[-1]])
    assert read_u32(data_with_flags) == (value if len(padded) <= 5 else TOO_LONG)


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff\xff\xff\xff"])
def test_unfinished(data: bytes) -> None:
    assert read_u32(data) == END


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x80\x80\x80\x80\x00", "unknown type 0"),
        (b"\xff\xff\xff\xff\x0f", "unknown type 4294967295"),
        (b"\xff\xff\xff\xff\x1f", TOO_LARGE),
        (b"\x80\x80\x80\x80\x80\x00", TOO_LONG),
        (b"\x7f", "malformed heap type"),
        (b"\x80\x80\x80\x80\x70", "malformed heap type"),
        (b"\xff\xff\xff\xff\x6f", TOO_LARGE),
    ],
)
def test_heap_type_is_33_bits(
    data: bytes, text: str, read: Callable[..., ModuleData], wasm: SimpleNamespace
) -> None:
    contents = wasm.vector(b"\x63" + data + b"\x00\xd0\x6f\x0b")
    with pytest.raises((MalformedError, InvalidError)) as caught:
        read(wasm.module(wasm.section(6, contents)))
    assert caught.value.text == text
