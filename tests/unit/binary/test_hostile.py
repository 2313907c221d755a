"""Bytes that no compiler made: an error each, no crash, bounded time and memory."""

import random
import resource
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmine.binary.customs import branch_hints, producers
from wasmine.binary.decode import decode
from wasmine.binary.module import ModuleData
from wasmine.binary.names import SUBSECTIONS, Names
from wasmine.spec.errors import InvalidError, MalformedError, ModuleError
from wasmine.spec.limits import MAX
from wasmine.spec.types import TypeRegistry

Read = Callable[..., ModuleData]


def section_starts(data: bytes) -> Iterator[int]:
    at = 8
    while at < len(data):
        yield at
        at += 1
        size = shift = 0
        while True:
            size |= (data[at] & 0x7F) << shift
            shift += 7
            at += 1
            if data[at - 1] < 0x80:
                break
        at += size


def test_every_truncation_is_malformed(everything: bytes) -> None:
    registry = TypeRegistry()
    # Between two sections, what is there may be a module, before the function section for example.
    boundaries = set(section_starts(everything))
    assert len(boundaries) == 15
    for n in range(len(everything)):
        if n in boundaries:
            outcome(everything[:n], registry)
            continue
        with pytest.raises(MalformedError) as caught:
            decode(everything[:n], registry)
        assert caught.value.offset is not None
        assert caught.value.offset <= n
    assert registry.live_groups == 0


def outcome(data: bytes, registry: TypeRegistry) -> ModuleData | None:
    """The module, or None when it was refused in good order."""
    try:
        return decode(data, registry)
    except ModuleError as error:
        in_order = error.message.startswith(error.text) and (error.offset or 0) <= len(data)
        return None if in_order else pytest.fail(f"bad error: {error!r}")


def exercise(data: bytes, registry: TypeRegistry) -> None:
    """Decodes, and uses all that came out."""
    module = outcome(data, registry)
    if module is None:
        return
    module.describe()
    names = Names(module.data, module.customs)
    for kind in SUBSECTIONS:
        if kind in ("local", "label", "field"):
            list(names.inner_items(kind, 1))
        elif kind != "module":
            list(names.items(kind))
    assert names.module is None or isinstance(names.module, str)
    producers(module.data, module.customs)
    branch_hints(module.data, module.customs)


@pytest.mark.parametrize("seed", range(4))
def test_mutated_modules(seed: int, everything: bytes) -> None:
    rng = random.Random(seed)
    registry = TypeRegistry()
    for _ in range(3000):
        data = bytearray(everything)
        for _ in range(rng.choice((1, 1, 2, 8))):
            at = rng.randrange(8, len(data))
            match rng.randrange(4):
                case 0:
                    data[at] = rng.randrange(256)
                case 1:
                    data[at] = rng.choice(
                        (0, 1, 0x40, 0x4E, 0x50, 0x5F, 0x60, 0x63, 0x64, 0x70, 0x7F, 0x80, 0xFF)
                    )
                case 2:
                    del data[at : at + rng.randrange(1, 4)]
                case 3:
                    data[at:at] = rng.randbytes(rng.randrange(1, 4))
        exercise(bytes(data), registry)
    assert registry.live_groups == 0


@given(st.lists(st.tuples(st.integers(0, 14), st.binary(max_size=24)), max_size=5))
def test_random_sections(sections: list[tuple[int, bytes]]) -> None:
    data = b"\0asm\1\0\0\0" + b"".join(bytes([id, len(body)]) + body for id, body in sections)
    exercise(data, TypeRegistry())


HUGE = b"\xff\xff\xff\xff\x0f"


@pytest.mark.parametrize(
    ("id", "contents"),
    [
        (1, HUGE),
        (1, b"\x01\x4e" + HUGE),
        (1, b"\x01\x60" + HUGE),
        (1, b"\x01\x60\x00" + HUGE),
        (1, b"\x01\x5f" + HUGE),
        (1, b"\x01\x50" + HUGE),
        (2, HUGE),
        (2, b"\x01" + HUGE),
        (2, b"\x01\x00" + HUGE),
        (3, HUGE),
        (4, HUGE),
        (5, HUGE),
        (6, HUGE),
        (6, b"\x01\x7f\x00\x0e" + HUGE),
        (6, b"\x01\x7f\x00\x1c" + HUGE),
        (6, b"\x01\x7f\x00\x1f\x40" + HUGE),
        (7, HUGE),
        (7, b"\x01" + HUGE),
        (9, HUGE),
        (9, b"\x01\x01\x00" + HUGE),
        (9, b"\x01\x05\x70" + HUGE),
        (10, HUGE),
        (10, b"\x01" + HUGE),
        (11, HUGE),
        (11, b"\x01\x01" + HUGE),
        (13, HUGE),
        (0, HUGE),
    ],
)
def test_giant_counts(id: int, contents: bytes, read: Read, wasm: SimpleNamespace) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises((MalformedError, InvalidError)) as caught:
        read(wasm.module(wasm.section(id, contents)))
    assert caught.value.text.startswith(("length out of bounds", "unexpected end", "too many"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10_000  # KiB


@pytest.mark.parametrize(
    ("limit", "id", "item"),
    [
        ("REC_GROUPS", 1, b"\x4e\x00"),
        ("TYPES", 1, b"\x60\x00\x00"),
        ("IMPORTS", 2, b"\0\0\x03\x7f\0"),
        ("FUNCTIONS", 3, b"\x00"),
        ("TABLES", 4, b"\x70\0\0"),
        ("MEMORIES", 5, b"\0\0"),
        ("TAGS", 13, b"\0\0"),
        ("GLOBALS", 6, b"\x7f\0\x41\0\x0b"),
        ("DATA_SEGMENTS", 11, b"\x01\0"),
    ],
)
def test_limits(limit: str, id: int, item: bytes, read: Read, wasm: SimpleNamespace) -> None:
    type_section = [] if id == 1 else [wasm.section(1, b"\x01\x60\x00\x00")]
    over = MAX[limit] + 1
    contents = wasm.u32(over) + item * over
    with pytest.raises(InvalidError, match=f"too many .*expected at most {MAX[limit]}, found {over}"):
        read(wasm.module(*type_section, wasm.section(id, contents)))
    # The declared count alone decides: just below it, the section is read.
    contents = wasm.u32(over - 1) + item * (over - 1)
    code = [wasm.section(10, wasm.u32(over - 1) + b"\x02\x00\x0b" * (over - 1))] if id == 3 else []
    read(wasm.module(*type_section, wasm.section(id, contents), *code))


def test_imports_count_among_the_limits(read: Read, wasm: SimpleNamespace) -> None:
    for kind, limit in ((b"\x01\x70\0\0", MAX["TABLES"]), (b"\x02\0\0", MAX["MEMORIES"])):
        imports = wasm.section(2, wasm.u32(limit + 1) + (b"\0\0" + kind) * (limit + 1))
        with pytest.raises(InvalidError, match="too many"):
            read(wasm.module(imports))
    imports = wasm.section(2, wasm.u32(100) + b"\0\0\x02\0\0" * 100)
    with pytest.raises(InvalidError, match="too many memories"):
        read(wasm.module(imports, wasm.section(5, b"\x01\0\0")))


@pytest.mark.parametrize(
    ("limit", "type_"),
    [("PARAMS", b"\x60%b\x00"), ("RESULTS", b"\x60\x00%b"), ("STRUCT_FIELDS", b"\x5f%b")],
)
def test_limits_of_types(limit: str, type_: bytes, read: Read, wasm: SimpleNamespace) -> None:
    item = b"\x7f\x00" if limit == "STRUCT_FIELDS" else b"\x7f"
    for n in (MAX[limit], MAX[limit] + 1):
        data = wasm.module(wasm.section(1, b"\x01" + type_ % (wasm.u32(n) + item * n)))
        if n > MAX[limit]:
            with pytest.raises(InvalidError, match="too many"):
                read(data)
        else:
            read(data)


def test_limit_of_names_and_bodies(read: Read, wasm: SimpleNamespace) -> None:
    read(wasm.module(wasm.custom("n" * MAX["STRING_BYTES"], b"")))
    with pytest.raises(InvalidError, match="too many bytes in a name"):
        read(wasm.module(wasm.custom("n" * (MAX["STRING_BYTES"] + 1), b"")))
    function = wasm.section(1, b"\x01\x60\x00\x00"), wasm.section(3, b"\x01\x00")
    size = MAX["BODY_BYTES"] + 1
    body = wasm.u32(size) + b"\x00" + b"\x01" * (size - 2) + b"\x0b"
    with pytest.raises(InvalidError, match="too many bytes in a function body"):
        read(wasm.module(*function, wasm.section(10, b"\x01" + body)))


def seconds(read: Read, data: bytes) -> float:
    """Time of this thread on the processor: other programs do not count."""
    start = time.thread_time()
    read(data)
    return time.thread_time() - start


@pytest.mark.parametrize("kind", ["exports", "types", "uses", "nesting", "customs", "elements"])
def test_time_is_linear(kind: str, read: Read, wasm: SimpleNamespace) -> None:
    def build(n: int) -> bytes:
        void = wasm.section(1, b"\x01\x60\x00\x00")
        if kind == "exports":
            items = b"".join(wasm.name(f"{i:x}") + b"\x02\0" for i in range(n))
            return bytes(wasm.module(wasm.section(5, b"\x01\0\0"), wasm.section(7, wasm.u32(n) + items)))
        if kind == "types":
            items = b"".join(b"\x5e\x64" + wasm.index(i) + b"\0" for i in range(n))
            return bytes(wasm.module(wasm.section(1, wasm.u32(n + 1) + b"\x5f\0" + items)))
        if kind == "uses":
            # Many groups, each of which mentions all that it may of the groups before.
            structures = [b"\x5f\x00", b"\x5e\x7f\x00", b"\x5e\x7e\x00", b"\x5e\x7d\x00"]
            many = b"\x60" + wasm.u32(500) + b"\x64\0\x64\1\x64\2\x64\3\x7f" * 100 + b"\x00"
            return bytes(
                wasm.module(
                    wasm.section(1, wasm.u32(n // 500 + 4) + b"".join(structures) + many * (n // 500))
                )
            )
        if kind == "nesting":
            code = b"\x02\x40" * n + b"\x0b" * n + b"\x0b"
            return bytes(wasm.module(wasm.section(6, b"\x01\x7f\0" + code)))
        if kind == "customs":
            return bytes(wasm.module(*([wasm.custom("n", b"")] * n)))
        return bytes(wasm.module(void, wasm.section(9, wasm.u32(n) + b"\x01\0\0" * n)))

    n = 5_000
    small = min(seconds(read, build(n)) for _ in range(3))
    large = min(seconds(read, build(16 * n)) for _ in range(2))
    # Sixteen times the work, and slack for caches; squared it would be two hundred and fifty-six times.
    assert large < 160 * max(small, 0.002)
