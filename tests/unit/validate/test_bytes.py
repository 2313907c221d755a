"""Bodies whose bytes are no instructions, and what bounds a body."""

from collections.abc import Callable

import pytest

from wasmine.spec.errors import InvalidError, MalformedError, ModuleError

Outcome = Callable[[bytes], ModuleError | None]
Build = Callable[..., bytes]

MEMORY = b"\x05\x03\x01\x00\x01"
END = b"\x0b"

MALFORMED = {
    "no end": (b"\0", "unexpected end of section or function"),
    "empty body": (b"", "unexpected end of section or function"),
    "block without end": (b"\0\x02\x40\x0b", "unexpected end of section or function"),
    "bytes after the end": (b"\0\x0b\x0b", "section size mismatch"),
    "else outside of if": (b"\0\x05\x0b", "END opcode expected"),
    "second else": (b"\0\x41\0\x04\x40\x05\x05\x0b\x0b", "END opcode expected"),
    "truncated index": (b"\0\x20", "unexpected end of section or function"),
    "truncated LEB128": (b"\0\x41\x80", "unexpected end of section or function"),
    "truncated f64": (b"\0\x44\0\0\0", "unexpected end of section or function"),
    "truncated v128": (b"\0\xfd\x0c\0\0\0", "unexpected end of section or function"),
    "truncated shuffle": (b"\0\xfd\x0d\0\0\0", "unexpected end of section or function"),
    "truncated prefix": (b"\0\xfc", "unexpected end of section or function"),
    "truncated block type": (b"\0\x02", "unexpected end of section or function"),
    "truncated labels": (b"\0\x41\0\x0e\x05\0\0", "unexpected end of section or function"),
    "index too long": (b"\0\x20\x80\x80\x80\x80\x80\0\x0b", "integer representation too long"),
    "index too large": (b"\0\x20\x80\x80\x80\x80\x10\x0b", "integer too large"),
    "i32 too long": (b"\0\x41\x80\x80\x80\x80\x80\0\x1a\x0b", "integer representation too long"),
    "i32 too large": (b"\0\x41\x80\x80\x80\x80\x08\x1a\x0b", "integer too large"),
    "i32 too small": (b"\0\x41\xff\xff\xff\xff\x77\x1a\x0b", "integer too large"),
    "i64 too long": (b"\0\x42" + b"\x80" * 10 + b"\0\x1a\x0b", "integer representation too long"),
    "i64 too large": (b"\0\x42" + b"\x80" * 9 + b"\x01\x1a\x0b", "integer too large"),
    "prefixed opcode too long": (b"\0\0\xfc\x80\x80\x80\x80\x80\0\x0b", "integer representation too long"),
    "byte 0xff": (b"\0\xff\x0b", "illegal opcode ff"),
    "prefixed opcode out of range": (b"\0\xfd\xff\xff\xff\xff\x0f\x0b", "illegal opcode fd ffffffff"),
    "block type": (b"\0\x02\x41\x0b\x0b", "malformed value type"),
    "block type of a packed type": (b"\0\x02\x78\x0b\x0b", "malformed value type"),
    "negative block type": (b"\0\x02\x80\x7f\x0b\x0b", "malformed value type"),
    "local type": (b"\x01\x01\x40\x0b", "malformed value type"),
    "local of a packed type": (b"\x01\x01\x77\x0b", "malformed value type"),
    "heap type": (b"\0\xd0\x7f\x1a\x0b", "malformed heap type"),
    "heap type, negative in two bytes": (b"\0\xd0\xf0\x7f\x1a\x0b", "malformed heap type"),
    "locals overflow": (b"\x02\xff\xff\xff\xff\x0f\x7f\x01\x7f\x0b", "too many locals"),
    "memory flags": (b"\0\x41\0\x28\x80\x01\0\x1a\x0b", "malformed memop flags"),
    "fence": (b"\0\xfe\x03\x01\x0b", "zero byte expected"),
    "catch clause": (b"\0\x1f\x40\x01\x04\0\x0b\x0b", "malformed catch clause"),
    "cast flags": (b"\0\0\xfb\x18\x04\0\x6e\x6e\x0b", "malformed cast flags"),
    "memory.init without data count": (b"\0\0\xfc\x08\0\0\x0b", "data count section required"),
    "data.drop without data count": (b"\0\xfc\x09\0\x0b", "data count section required"),
}


@pytest.mark.parametrize(("body", "reason"), MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed(
    body: bytes, reason: str, outcome: Outcome, build: Build, peer: Callable[[bytes], bool]
) -> None:
    binary = build(body, before=MEMORY)
    error = outcome(binary)
    assert isinstance(error, MalformedError)
    assert error.text == reason
    assert error.function == 0
    assert not peer(binary)


def test_missing_end_before_another_body(outcome: Outcome, build: Build) -> None:
    error = outcome(build(b"\0\x41\x01\x1a", b"\0" + END))
    assert isinstance(error, MalformedError)
    assert error.text == "END opcode expected"


def test_missing_end_before_what_looks_like_one(outcome: Outcome, build: Build) -> None:
    """The size of the second body is the byte of `end`, which the reference interpreter takes for one."""
    error = outcome(build(b"\0\x01", b"\0" + b"\x01" * 9 + END))
    assert isinstance(error, MalformedError)
    assert error.text == "section size mismatch"
    error = outcome(build(b"\0\x02\x40", b"\0" + b"\x01" * 9 + END))
    assert isinstance(error, MalformedError)
    assert error.text == "END opcode expected"


@pytest.mark.parametrize("body", [b"\0", b"\0\x02\x40\x41\x01\x0d\x00\x0b\x41\x00\x41\x00\x36\x02\x04"])
def test_every_prefix_is_rejected(body: bytes, outcome: Outcome, build: Build) -> None:
    assert outcome(build(body + END, before=MEMORY)) is None
    for length in range(len(body) + 1):
        assert isinstance(outcome(build(body[:length], before=MEMORY)), ModuleError)


def test_long_encodings(outcome: Outcome, build: Build) -> None:
    """LEB128 need not be minimal (section 5.2.2)."""
    body = b"\x81\0\x82\x80\0\x7f" + b"\x20\x81\x80\x80\x80\0" + b"\x41\xff\xff\xff\xff\x7f" + b"\x6a\x1a"
    assert outcome(build(body + b"\x42" + b"\xff" * 9 + b"\x7f\xfc\x86\x80\0\x0b")) is not None
    assert outcome(build(body + b"\x42" + b"\xff" * 9 + b"\x7f\x1a\x02\xc0\x7f" + END)) is not None
    assert outcome(build(body + b"\x42" + b"\xff" * 9 + b"\x7f\x1a" + END)) is None


def test_limit_of_locals(outcome: Outcome, build: Build) -> None:
    def locals_of(*counts: int) -> bytes:
        groups = [bytes([n & 0x7F | 0x80, n >> 7 & 0x7F | 0x80, n >> 14]) + b"\x7f" for n in counts]
        return bytes([len(counts)]) + b"".join(groups) + END

    assert outcome(build(locals_of(50_000))) is None
    assert outcome(build(locals_of(49_999, 1))) is None
    for counts in ((50_001,), (50_000, 1), (1, 50_000)):
        error = outcome(build(locals_of(*counts)))
        assert isinstance(error, InvalidError)
        assert (error.text, error.found) == ("too many locals", "50001")


def test_limit_of_labels(outcome: Outcome, build: Build) -> None:
    def table(n: int) -> bytes:
        return b"\0\x41\0\x0e" + bytes([n & 0x7F | 0x80, n >> 7 & 0x7F | 0x80, n >> 14]) + bytes(n + 1) + END

    assert outcome(build(table(65_520))) is None
    error = outcome(build(table(65_521)))
    assert isinstance(error, InvalidError)
    assert error.text == "too many labels"


def test_message(outcome: Outcome, build: Build) -> None:
    error = outcome(build(b"\0" + END, b"\0\x41\0\x44" + bytes(8) + b"\x6a\x1a" + END))
    assert error is not None
    assert (error.text, error.function, error.expected, error.found) == (
        "type mismatch",
        1,
        "i32 for i32.add",
        "f64",
    )
    assert str(error) == "type mismatch: in function 1, at byte 0x26: expected i32 for i32.add, found f64"
