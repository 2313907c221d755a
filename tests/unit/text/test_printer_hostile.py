"""Whatever the bytes are: a text that is read as the same module, or a ModuleError, in linear time."""

import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wasmine.spec.errors import ModuleError
from wasmine.text import parse_module, print_module
from wasmine.text.numbers import parse_float
from wasmine.text.printer.literals import bytes_lines, f32_text, f64_text, name_text

SEEDS = [parse_module(path.read_text()) for path in sorted((Path(__file__).parent / "modules").glob("*.wat"))]
FORMS: list[dict[str, bool]] = [{}, {"fold": True}, {"names": False}, {"fold": True, "names": False}]
HEADER = b"\0asm\1\0\0\0"
N = 20_000


def outcome(binary: bytes) -> None:
    """Print in all forms; all say the same module, of which the printer says the same again."""
    read = set()
    for form in FORMS:
        try:
            text = print_module(binary, **form)
        except ModuleError:
            continue
        again = parse_module(text)
        read.add(again)
        assert parse_module(print_module(again, **form)) == again
    assert len(read) <= 1


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 3), st.binary(min_size=1, max_size=4)), max_size=6
    ),
)
def test_changed_modules(seed: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    binary = bytearray(seed)
    for place, kind, content in changes:
        at = place % (len(binary) + 1)
        if kind == 0:
            binary[at : at + len(content)] = content
        elif kind == 1:
            binary[at:at] = content
        elif kind == 2:
            del binary[at : at + len(content)]
        else:
            source = content[0] % (len(binary) + 1)
            binary[at : at + 8] = binary[source : source + 8]
    outcome(bytes(binary))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_body(body: bytes) -> None:
    """Mostly instructions that are read; few are of the right type."""
    code = b"\0" + body + b"\x0b"
    types = b"\1\x0d\3\x60\0\0\x60\1\x7f\1\x7f\x5f\1\x7f\1"
    binary = HEADER + types + b"\3\2\1\0" + b"\x0a" + bytes([len(code) + 2, 1, len(code)]) + code
    outcome(binary)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_any_names(content: bytes) -> None:
    seed = parse_module(
        "(type $s (struct (field i32))) (func (param i32) (block)) (func (local f64)) (memory 1)"
    )
    outcome(seed + b"\0" + bytes([len(content) + 5]) + b"\4name" + content)


def test_every_prefix_of_a_module() -> None:
    for seed in SEEDS[::3]:
        for length in range(0, len(seed), 3):
            outcome(seed[:length])


# Literals


@given(st.integers(0, 2**32 - 1))
def test_f32(bits: int) -> None:
    text = f32_text(bits)
    assert parse_float(text, 32) == bits
    assert len(text.lstrip("-").replace(".", "").partition("e")[0].lstrip("0")) <= 9 or "nan" in text


@given(st.integers(0, 2**64 - 1))
def test_f64(bits: int) -> None:
    assert parse_float(f64_text(bits), 64) == bits


@given(st.floats(width=32))
def test_f32_of_everyday(value: float) -> None:
    bits = int.from_bytes(struct.pack("<f", value), "little")
    assert parse_float(f32_text(bits), 32) == bits


def test_floats_are_short() -> None:
    assert [f32_text(int.from_bytes(struct.pack("<f", x), "little")) for x in (0.1, -0.0, 1, 1e10)] == [
        "0.1",
        "-0",
        "1",
        "1e+10",
    ]
    assert f64_text(int.from_bytes(struct.pack("<d", 0.1), "little")) == "0.1"
    assert [f32_text(bits) for bits in (0x7FC00000, 0xFFC00000, 0x7F800001, 0xFF800000)] == [
        "nan",
        "-nan",
        "nan:0x1",
        "-inf",
    ]


@given(st.binary(max_size=300))
def test_strings(content: bytes) -> None:
    text = f"(data {bytes_lines(content, chr(10))})"
    escaped = "".join(f"\\{byte:02x}" for byte in content)
    assert parse_module(text) == parse_module(f'(data "{escaped}")')


@given(st.text())
def test_names(name: str) -> None:
    literal = name_text(name)
    assert literal.isprintable()
    exported = parse_module(f"(func (export {literal}))")
    assert name.encode() in exported


# Size and depth


def leb(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def section(number: int, content: bytes) -> bytes:
    return bytes([number]) + leb(len(content)) + content


def body(code: bytes) -> bytes:
    content = b"\0" + code + b"\x0b"
    functions = section(3, b"\1\0")
    return HEADER + section(1, b"\1\x60\0\0") + functions + section(10, b"\1" + leb(len(content)) + content)


def name(text: str) -> bytes:
    return leb(len(text.encode())) + text.encode()


def function_names(*names: str) -> bytes:
    content = leb(len(names)) + b"".join(leb(index) + name(text) for index, text in enumerate(names))
    return section(0, name("name") + b"\1" + leb(len(content)) + content)


def functions(count: int) -> bytes:
    code = leb(count) + b"\2\0\x0b" * count
    declared = section(3, leb(count) + bytes(count))
    return HEADER + section(1, b"\1\x60\0\0") + declared + section(10, code)


LARGE: dict[str, Callable[[int], bytes]] = {
    "blocks": lambda n: body(b"\2\x40" * n + b"\x0b" * n),
    "ifs with else": lambda n: body(b"\x41\0\4\x40\5" * n + b"\x0b" * n),
    "operands": lambda n: body(b"\x41\0" + b"\x45" * n + b"\x1a"),
    "pending operands": lambda n: body(b"\x41\0" * n + b"\x6a" * (n - 1) + b"\x1a"),
    "statements": lambda n: body(b"\1" * n),
    "labels of a br_table": lambda n: body(b"\x41\0\x0e" + leb(n) + bytes(n + 1)),
    "branches to a far label": lambda n: body(b"\2\x40" * n + b"\x0c" + leb(n - 1) + b"\x0b" * n),
    "tries": lambda n: body(b"\6\x40" * n + b"\x19\x0b" * n),
    "delegates": lambda n: body(b"\6\x40" * n + b"\x18\0" * n),
    "types": lambda n: HEADER + section(1, leb(n) + b"\x60\0\0" * n),
    "one group": lambda n: HEADER + section(1, b"\1\x4e" + leb(n) + b"\x60\0\0" * n),
    "parameters": lambda n: HEADER + section(1, b"\1\x60" + leb(n) + b"\x7f" * n + b"\0"),
    "functions": functions,
    "equal names": lambda n: functions(n) + function_names(*["f"] * n),
    "names like copies": lambda n: (
        functions(n) + function_names(*["f"] * (n // 2), *map("f.{}".format, range(n // 2)))
    ),
    "data": lambda n: HEADER + section(11, b"\1\1" + leb(n) + b"\xff" * n),
    "custom sections": lambda n: HEADER + section(0, b"\1a") * n,
    "calls of a long name": lambda n: body(b"\x10\0" * n) + function_names("x" * n),
    "functions of a long type": lambda n: (
        HEADER
        + section(1, b"\1\x60\xe8\x07" + b"\x7f" * 1000 + b"\0")
        + section(3, leb(n) + bytes(n))
        + section(10, leb(n) + b"\2\0\x0b" * n)
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE.keys())
@pytest.mark.parametrize("form", FORMS[:2], ids=["flat", "folded"])
def test_large(make: Callable[[int], bytes], form: dict[str, bool]) -> None:
    binary = make(N)
    text = print_module(binary, **form)
    assert len(text) < 150 * len(binary) + 100_000
    assert parse_module(text) == binary


@pytest.mark.slow
@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE.keys())
def test_time_is_linear(make: Callable[[int], bytes]) -> None:
    def seconds(n: int) -> float:
        binary = make(n)
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            print_module(binary, fold=True)
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(1_000), seconds(8_000)
    assert large < 8 * 4 * small + 0.2


def test_types_shared_by_many_blow_up_nothing() -> None:
    """A block of a type of many results costs three bytes, so its type is not written out."""
    binary = (
        HEADER
        + section(1, b"\1\x60\0\xe8\x07" + b"\x7f" * 1000)
        + section(3, b"\1\0")
        + section(10, (lambda code: b"\1" + leb(len(code)) + code)(b"\0" + b"\2\0\x0b" * N + b"\x0b"))
    )
    text = print_module(binary)
    assert len(text) < 100 * len(binary)
    assert parse_module(text) == binary
