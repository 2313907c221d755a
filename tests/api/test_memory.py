"""Memory as a buffer, as a sequence of bytes, and with typed access."""

import gc
import math
import struct

import numpy as np
import pytest

import wasmine
from wasmine import Memory, MemoryType, ResourceError, Store, StoreClosed

PAGE = 65536
GROWER = """
(module
  (memory (export "memory") 1 5)
  (data (i32.const 8) "hello\\00w\\c3\\b6rld\\00")
  (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
  (func (export "load") (param i32) (result i32) local.get 0 i32.load)
  (func (export "store") (param i32 i32) local.get 0 local.get 1 i32.store))
"""


@pytest.fixture
def exports():
    return wasmine.load(GROWER).exports


@pytest.fixture
def memory():
    return Memory(Store(), MemoryType(1, 5))


def test_a_view_is_the_memory_itself(exports):
    view = memoryview(exports.memory)
    assert (view.nbytes, view.format, view.readonly, view.c_contiguous) == (PAGE, "B", False, True)
    exports.store(100, 0x01020304)
    assert bytes(view[100:104]) == b"\4\3\2\1"
    view[100] = 9
    assert exports.load(100) == 0x01020309


def test_numpy_reads_and_writes_in_place(exports):
    array = np.frombuffer(exports.memory, dtype="<u4")
    assert len(array) == PAGE // 4
    array[25] = 77
    assert exports.load(100) == 77
    exports.store(104, 78)
    assert array[26] == 78
    assert np.asarray(exports.memory)[8] == ord("h")


def test_a_view_stays_valid_over_growth(exports):
    view = memoryview(exports.memory)
    array = np.frombuffer(exports.memory, dtype="u1")
    assert exports.grow(3) == 1
    exports.store(100, 5)
    assert view[100] == array[100] == 5
    view[101] = 1
    assert exports.load(100) == 0x105
    assert view.nbytes == PAGE
    assert memoryview(exports.memory).nbytes == 4 * PAGE
    assert len(exports.memory) == 4 * PAGE


def test_a_view_outlives_the_closing_of_the_store(exports):
    memory = exports.memory
    view = memoryview(memory)
    array = np.frombuffer(memory, dtype="u1")
    view[0] = 42
    memory.store.close()
    assert view[0] == array[0] == 42
    view[1] = 43
    del view
    assert array[1] == 43


def use_length(memory):
    return len(memory)


USES = {
    "len": use_length,
    "view": memoryview,
    "item": lambda m: m[0],
    "slice": lambda m: m[0:1],
    "assign": lambda m: m.__setitem__(0, 1),
    "assign slice": lambda m: m.__setitem__(slice(0, 1), b"x"),
    "read": lambda m: m.read(0, 1),
    "write": lambda m: m.write(0, b"x"),
    "read_i32": lambda m: m.read_i32(0),
    "write_f64": lambda m: m.write_f64(0, 1.0),
    "read_cstr": lambda m: m.read_cstr(0),
    "size": lambda m: m.size,
    "pages": lambda m: m.pages,
    "type": lambda m: m.type,
    "grow": lambda m: m.grow(1),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_use_after_close_raises(memory, use):
    use(memory)
    memory.store.close()
    with pytest.raises(StoreClosed):
        use(memory)


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_a_memory_that_was_never_made_raises(use):
    with pytest.raises(TypeError, match="no memory"):
        use(Memory.__new__(Memory))


def test_closing_from_an_index_is_safe(memory):
    class Closer:
        def __index__(self):
            memory.store.close()
            return 0

    with pytest.raises(StoreClosed):
        memory.read(Closer(), 1)


def test_items(memory):
    memory[0] = 255
    memory[-1] = 7
    assert memory[0] == 255
    assert memory[PAGE - 1] == 7
    assert memory[-PAGE] == 255
    for index in (PAGE, -PAGE - 1, 1 << 70, -(1 << 70)):
        with pytest.raises(IndexError):
            _ = memory[index]
        with pytest.raises(IndexError):
            memory[index] = 1
    for value in (256, -1):
        with pytest.raises(ValueError, match="byte"):
            memory[0] = value
    for key in ("a", 1.0, None):
        with pytest.raises(TypeError):
            _ = memory[key]


def test_slices_behave_as_those_of_a_bytearray(memory):
    model = bytearray(range(256)) * 256
    memory[:] = model
    for key in (
        slice(0, 16),
        slice(250, 260),
        slice(-5, None),
        slice(None, 3),
        slice(5, 2),
        slice(0, 100, 7),
        slice(100, 0, -3),
        slice(PAGE - 2, PAGE + 100),
    ):
        assert memory[key] == bytes(model[key])
        data = bytes(len(model[key]))
        memory[key] = data
        model[key] = data
    assert memory[:] == bytes(model)


def test_a_slice_keeps_its_size(memory):
    with pytest.raises(ValueError, match="3 bytes cannot replace 4"):
        memory[0:4] = b"abc"
    memory[0:8] = np.arange(2, dtype="<u4")
    assert memory[0:8] == bytes([0, 0, 0, 0, 1, 0, 0, 0])


def test_read_and_write(memory):
    assert memory.write(10, b"abc") == 3
    assert memory.write(13, np.array([1, 2], dtype="<u2")) == 4
    assert memory.read(10, 7) == b"abc\1\0\2\0"
    assert memory.read(PAGE, 0) == b""
    assert memory.write(PAGE, b"") == 0
    memory.write(4, memoryview(memory)[10:20])
    assert memory.read(4, 3) == b"abc"


@pytest.mark.parametrize(
    ("offset", "size"), [(PAGE, 1), (PAGE - 1, 2), (0, PAGE + 1), (-1, 1), (1 << 63, 1), (1, 1 << 70)]
)
def test_what_is_not_inside_is_an_index_error(memory, offset, size):
    with pytest.raises(IndexError, match="not inside a memory of 65536 bytes"):
        memory.read(offset, size)
    if size < 1 << 20:
        with pytest.raises(IndexError):
            memory.write(offset, bytes(size))


def test_a_write_that_does_not_fit_writes_nothing(memory):
    with pytest.raises(IndexError):
        memory.write(PAGE - 1, b"ab")
    assert memory[-1] == 0
    with pytest.raises(ValueError, match="negative"):
        memory.read(0, -1)
    with pytest.raises(TypeError):
        memory.write(0, "text")


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
def test_integers(memory, bits):
    read = {"i": getattr(memory, f"read_i{bits}"), "u": getattr(memory, f"read_u{bits}")}
    write = {"i": getattr(memory, f"write_i{bits}"), "u": getattr(memory, f"write_u{bits}")}
    top = 1 << bits
    for value in (0, 1, top // 2 - 1, top // 2, top - 1):
        for kind in "iu":
            write[kind](3, value)
            assert memory.read(3, bits // 8) == value.to_bytes(bits // 8, "little")
            assert read["u"](3) == value
            assert read["i"](3) == (value if value < top // 2 else value - top)
    for value in (-1, -top // 2):
        write["i"](3, value)
        assert read["i"](3) == value
        assert read["u"](3) == value + top
    for kind, value in (
        ("i", top),
        ("i", -top // 2 - 1),
        ("u", top),
        ("u", -1),
        ("i", 1 << 100),
        ("u", -1 << 100),
    ):
        with pytest.raises(OverflowError, match=f"{bits} bits"):
            write[kind](3, value)
    with pytest.raises(TypeError):
        write["i"](0, 1.5)
    end = PAGE - bits // 8
    write["u"](end, 1)
    assert read["u"](end) == 1
    with pytest.raises(IndexError):
        read["i"](end + 1)
    with pytest.raises(IndexError):
        write["u"](end + 1, 0)


@pytest.mark.parametrize(("bits", "code"), [(32, "f"), (64, "d")])
def test_floats(memory, bits, code):
    read, write = getattr(memory, f"read_f{bits}"), getattr(memory, f"write_f{bits}")
    for value in (0.0, -0.0, 1.5, -2, math.inf, 0.1):
        write(5, value)
        assert memory.read(5, bits // 8) == struct.pack("<" + code, value)
        assert read(5) == struct.unpack(code, struct.pack(code, value))[0]
    write(5, math.nan)
    assert math.isnan(read(5))
    with pytest.raises(TypeError):
        write(5, "1")
    with pytest.raises(IndexError):
        read(PAGE - 1)


def test_text(exports):
    memory = exports.memory
    assert memory.read_cstr(8) == "hello"
    assert memory.read_cstr(14) == "wörld"
    assert memory.read_str(8, 5) == "hello"
    assert memory.write_str(100, "grün") == 5
    assert memory.read_str(100, 5) == "grün"
    assert memory.write_str(200, "null", zero=True) == 5
    assert memory.read_cstr(200) == "null"
    assert memory.read_cstr(PAGE - 1) == ""
    with pytest.raises(UnicodeDecodeError):
        memory.read_str(100, 3)
    with pytest.raises(TypeError, match="str"):
        memory.write_str(0, b"bytes")
    memory[-1] = 1
    with pytest.raises(IndexError, match="zero byte"):
        memory.read_cstr(PAGE - 1)
    with pytest.raises(IndexError):
        memory.read_cstr(PAGE + 1)


def test_growth_from_python(exports):
    memory = exports.memory
    assert memory.grow(0) == 1
    assert memory.grow(2) == 1
    assert (memory.pages, memory.size, len(memory)) == (3, 3 * PAGE, 3 * PAGE)
    assert exports.grow(1) == 3
    with pytest.raises(ResourceError, match="cannot grow"):
        memory.grow(2)
    with pytest.raises(ResourceError, match="cannot grow"):
        memory.grow(1 << 70)
    with pytest.raises(ValueError, match="shrink"):
        memory.grow(-1)
    assert memory.pages == 4


def test_a_memory_describes_itself(exports):
    assert exports.memory.type == MemoryType(1, 5)
    assert repr(exports.memory) == "<Memory 1 page, at most 5 (65536 bytes)>"
    exports.memory.grow(1)
    assert exports.memory.type == MemoryType(2, 5)
    wide = Memory(Store(), MemoryType(0, address="i64"))
    assert repr(wide) == "<Memory i64 0 pages (0 bytes)>"
    assert wide.type == MemoryType(0, address="i64")


def test_a_store_of_bytes_is_limited():
    store = Store(max_memory=2 * PAGE)
    memory = Memory(store, MemoryType(1))
    memory.grow(1)
    with pytest.raises(ResourceError):
        memory.grow(1)
    with pytest.raises(ResourceError):
        Memory(store, MemoryType(1))


def test_pages_of_one_byte():
    memory = Memory(Store(), MemoryType(3, 10, page_size=1))
    assert len(memory) == 3
    memory.grow(4)
    assert len(memory) == 7
    with pytest.raises(IndexError):
        _ = memory[7]


def test_the_same_memory_is_equal_wherever_it_comes_from():
    text = '(module (memory 1) (export "a" (memory 0)) (export "b" (memory 0)))'
    exports = wasmine.load(text).exports
    assert exports.a == exports.b
    assert len({exports.a, exports.b}) == 1
    assert exports.a != wasmine.load(text).exports.a


def test_a_shared_memory_belongs_to_several_stores():
    here, there = Store(), Store()
    memory = Memory(here, MemoryType(1, 4, shared=True))
    other = memory.share(there)
    assert other == memory
    assert other.store is there
    memory.write_i32(0, 5)
    assert other.read_i32(0) == 5
    other.grow(1)
    assert memory.pages == 2
    linker = wasmine.Linker()
    linker.define("env", "memory", other)
    module = wasmine.Module("""(module (import "env" "memory" (memory 1 4 shared))
      (func (export "add") (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))""")
    linker.instantiate(there, module).exports.add()
    assert memory.read_i32(0) == 6
    view = memoryview(other)
    here.close()
    with pytest.raises(StoreClosed):
        memory.read_i32(0)
    assert other.read_i32(0) == 6
    there.close()
    with pytest.raises(StoreClosed):
        other.read_i32(0)
    assert view[0] == 6


def test_only_a_shared_memory_is_shared(memory):
    with pytest.raises(ValueError, match="shared"):
        memory.share(Store())


def test_a_view_is_collected_in_a_cycle_with_its_memory():
    memory = Memory(Store(), MemoryType(1))
    circle = [memory, memoryview(memory)]
    circle.append(circle)
    del circle, memory
    gc.collect()  # a complaint of the release would be an unraisable exception, which fails the test
