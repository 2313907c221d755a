"""Memories: reservation, growth, limits, buffers, bulk instructions."""

import os
import resource
import subprocess
import sys

import pytest
import wasmtime

import wasmine

BULK = """
(module
  (memory (export "m") 2 4)
  (data $d "abcdef")
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (data.drop $d))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1))))
"""
PAGE = 65536
OUT_OF_BOUNDS = "out of bounds memory access"


@pytest.mark.parametrize("guard", [True, False])
def test_growth_up_to_the_maximum(guard):
    engine = wasmine.Engine(wasmine.Config(guard=guard))
    with wasmine.Store(engine) as store:
        module = wasmine.Module(engine, bytes(wasmtime.wat2wasm(BULK)))
        instance = wasmine.Linker(engine).instantiate(store, module)
        exports = instance.exports
        exports.store(2 * PAGE - 4, 7)
        assert exports.grow(0) == 2
        assert exports.grow(1) == 2
        assert exports.grow(2) == -1
        assert exports.grow(-1) == -1
        assert exports.grow(1) == 3
        assert exports.grow(1) == -1
        assert exports.size() == 4
        assert exports.load(2 * PAGE - 4) == 7
        assert exports.load(4 * PAGE - 4) == 0
        with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
            exports.load(4 * PAGE - 3)


def test_view_stays_valid_while_memory_grows(load):
    instance = load(BULK)
    view = memoryview(instance.exports.m)
    assert instance.exports.grow(1) == 2
    instance.exports.store(0, 0x01020304)
    assert len(view) == 2 * PAGE
    assert bytes(view[:4]) == bytes([4, 3, 2, 1])
    view[0] = 0xFF
    assert instance.exports.load(0) == 0x010203FF
    assert len(memoryview(instance.exports.m)) == 3 * PAGE


def test_view_outlives_its_store(load):
    instance = load(BULK)
    instance.exports.store(8, 0x2A)
    memory = instance.exports.m
    view = memoryview(memory)
    instance.close()
    assert view[8] == 0x2A
    view[PAGE] = 1
    with pytest.raises(ValueError, match="closed"):
        memoryview(memory)
    view.release()


def test_fill(load):
    exports = load(BULK).exports
    exports.fill(1, 0x1FF, 3)
    assert exports.load(0) == -0x100
    assert exports.load(4) == 0
    exports.fill(2 * PAGE, 1, 0)
    for start, count in ((2 * PAGE + 1, 0), (2 * PAGE, 1), (0, 2 * PAGE + 1), (-1, 1), (1, -1)):
        with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
            exports.fill(start, 9, count)
    assert exports.load(4) == 0


def test_copy_of_overlapping_ranges(load):
    instance = load(BULK)
    exports, memory = instance.exports, instance.exports.m
    memory[0:10] = bytes(range(10))
    exports.copy(2, 0, 8)
    assert memory[0:10] == bytes([0, 1, 0, 1, 2, 3, 4, 5, 6, 7])
    memory[0:10] = bytes(range(10))
    exports.copy(0, 2, 8)
    assert memory[0:10] == bytes([2, 3, 4, 5, 6, 7, 8, 9, 8, 9])
    for dst, src, count in ((0, 2 * PAGE - 1, 2), (2 * PAGE - 1, 0, 2), (2 * PAGE + 1, 0, 0)):
        with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
            exports.copy(dst, src, count)


def test_copies_and_fills_longer_than_one_step(load):
    """16 MiB are moved at a time; the order of the steps matters where the ranges overlap."""
    instance = load(BULK.replace("2 4)", "800 800)"))
    exports, memory = instance.exports, instance.exports.m
    size = 40 << 20
    exports.fill(0, 0x5A, size)
    view = memoryview(memory)
    assert view[size - 1] == 0x5A
    assert view[size] == 0
    pattern = bytes(range(251))
    data = (pattern * (size // 251 + 1))[:size]
    view[:size] = data
    exports.copy(1000, 0, size)
    assert view[1000 : size + 1000] == data
    exports.copy(0, 1000, size)
    assert view[:size] == data


def test_init_and_drop(load):
    instance = load(BULK)
    exports, memory = instance.exports, instance.exports.m
    exports.init(10, 1, 3)
    assert memory[9:14] == b"\0bcd\0"
    for dst, src, count in ((0, 4, 3), (0, 7, 0), (2 * PAGE - 1, 0, 2)):
        with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
            exports.init(dst, src, count)
    exports.drop()
    exports.init(0, 0, 0)
    with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
        exports.init(0, 0, 1)


def test_limit_of_the_store(load):
    exports = load(BULK, max_memory=3 * PAGE).exports
    assert exports.grow(2) == -1
    assert exports.grow(1) == 2
    assert exports.grow(1) == -1
    with pytest.raises(wasmine.ResourceError, match="limit"):
        load(BULK, max_memory=2 * PAGE - 1)


def test_limit_counts_all_memories(load):
    two = "(module (memory 2) (memory 2))"
    load(two, max_memory=4 * PAGE)
    with pytest.raises(wasmine.ResourceError, match="limit"):
        load(two, max_memory=4 * PAGE - 1)


def test_64_bit_addresses(load):
    exports = load(
        """(module (memory i64 1 0x1000000000000)
           (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
           (func (export "load") (param i64) (result i32) (i32.load (local.get 0)))
           (func (export "fill") (param i64 i64)
             (memory.fill (local.get 0) (i32.const 1) (local.get 1))))"""
    ).exports
    assert exports.grow(1) == 1
    assert exports.grow(1 << 47) == -1
    assert exports.grow(-1) == -1
    assert exports.load(2 * PAGE - 4) == 0
    exports.fill(2 * PAGE - 4, 4)
    assert exports.load(2 * PAGE - 4) == 0x01010101
    for address in (2 * PAGE - 3, 1 << 32, -1, -4):
        with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
            exports.load(address)
    with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
        exports.fill(16, -8)


@pytest.mark.parametrize("guard", [True, False])
def test_largest_32_bit_memory_is_accessible_to_its_last_byte(guard):
    engine = wasmine.Engine(wasmine.Config(guard=guard))
    exports = wasmine.load(wasmine.Module(engine, BULK.replace("2 4)", "1 65536)"))).exports
    assert exports.grow(65535) == 1
    exports.store(0xFFFFFFFC, 77)
    assert exports.load(0xFFFFFFFC) == 77
    with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
        exports.load(0xFFFFFFFD)


@pytest.mark.parametrize(
    ("memory", "grow"),
    [
        ("1 (pagesize 1)", "(i64.extend_i32_u (memory.grow (i32.const 0x40000000)))"),
        ("i64 1", "(memory.grow (i64.const 0x4000))"),
    ],
)
def test_memories_without_guards_grow_by_a_gibibyte(memory, grow):
    source = f'(module (memory {memory}) (func (export "grow") (result i64) {grow}))'
    assert wasmine.load(source).exports.grow() == 1


def test_little_address_space():
    """Where 8 GiB cannot be reserved, a memory is smaller and still works."""
    program = """
import resource, sys, wasmine
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
instances = [wasmine.load(bytes.fromhex(sys.argv[1])) for _ in range(5)]
for instance in instances:
    assert instance.exports.grow(2) == 2
    instance.exports.store(4 * 65536 - 4, 5)
    assert instance.exports.load(4 * 65536 - 4) == 5
"""
    code = bytes(wasmtime.wat2wasm(BULK)).hex()
    subprocess.run([sys.executable, "-c", program, code], check=True, timeout=60)


def test_closing_returns_the_address_space():
    before = mappings()
    for _ in range(50):
        wasmine.load(bytes(wasmtime.wat2wasm(BULK))).close()
    assert mappings() < before + 20


def mappings() -> int:
    with open("/proc/self/maps") as maps:  # noqa: PTH123
        return sum(1 for _ in maps)


@pytest.mark.skipif("WASMINE_EMULATED" in os.environ, reason="qemu keeps 24 bytes for each page ever mapped")
def test_a_memory_that_nobody_touches_takes_no_pages(load):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    load("(module (memory 16384))")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16384


ENDS = """(module
  (memory i64 1 2)
  (func (export "grow") (result i64) (memory.grow (i64.const 1)))
  (func (export "near") (param i64) (result i32) (i32.load offset=2 (local.get 0)))
  (func (export "far") (param i64) (result i32) (i32.load offset=65532 (local.get 0)))
  (func (export "beyond") (param i64) (result i32) (i32.load offset=65533 (local.get 0)))
  (func (export "last") (param i64) (result i32) (i32.load offset=0xfffffffffffffff0 (local.get 0))))"""


@pytest.mark.parametrize("tier", ["interp", "jit"])
def test_the_end_of_a_memory_of_64_bits(tier):
    """How far an access reaches may be at most, or more than, what the memory has from the start."""
    engine = wasmine.Engine(wasmine.Config(tier=tier))
    with wasmine.Store(engine) as store:
        exports = wasmine.Linker(engine).instantiate(store, wasmine.Module(engine, ENDS)).exports
        for size in (PAGE, 2 * PAGE):
            for name, end in (("near", 6), ("far", PAGE), ("beyond", PAGE + 1), ("last", 2**64 - 12)):
                get = exports[name]
                for address in (0, size - end, size - end + 1, size, -1, -end, 1 - end, -(1 << 63)):
                    address = (address + (1 << 63)) % (1 << 64) - (1 << 63)
                    if address % (1 << 64) + end <= size:
                        assert get(address) == 0, (name, address)
                    else:
                        with pytest.raises(wasmine.Trap, match=OUT_OF_BOUNDS):
                            get(address)
            exports.grow()
