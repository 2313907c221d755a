"""Tables, globals and tags."""

import pytest

import wasmine
from wasmine import (
    FUNCREF,
    Func,
    FuncType,
    Global,
    GlobalType,
    Linker,
    LinkError,
    Module,
    ResourceError,
    Store,
    StoreClosed,
    Table,
    TableType,
    Tag,
    TagType,
)

TABLE = """
(module
  (table (export "table") 3 6 funcref)
  (elem (i32.const 0) $seven)
  (func $seven (export "seven") (result i32) i32.const 7)
  (func (export "eight") (result i32) i32.const 8)
  (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))
"""


def test_a_table_is_a_sequence():
    exports = wasmine.load(TABLE).exports
    table = exports.table
    assert len(table) == 3
    assert list(table) == [exports.seven, None, None]
    table[1] = exports.eight
    table[-1] = exports.seven
    assert [exports.call(i) for i in range(3)] == [7, 8, 7]
    assert table.get(1) == exports.eight
    table.set(1, None)
    assert table[1] is None
    for index in (3, -4, 1 << 70):
        with pytest.raises(IndexError, match="3 elements"):
            _ = table[index]
        with pytest.raises(IndexError, match="3 elements"):
            table[index] = None
    for wrong in (3, len, "f"):
        with pytest.raises(TypeError):
            table[0] = wrong


def test_a_python_function_called_indirectly():
    exports = wasmine.load(TABLE).exports
    exports.table[1] = Func(exports.table.store, lambda: 99, results=["i32"])
    assert exports.call(1) == 99
    exports.table[1] = Func(exports.table.store, lambda: 99, results=["i64"])
    with pytest.raises(wasmine.Trap, match="indirect call type mismatch"):
        exports.call(1)


def test_a_table_grows():
    exports = wasmine.load(TABLE).exports
    table = exports.table
    assert table.grow(2, exports.eight) == 3
    assert len(table) == 5
    assert exports.call(4) == 8
    assert table.grow(0) == 5
    with pytest.raises(ResourceError, match="cannot grow by 2"):
        table.grow(2)
    with pytest.raises(ValueError, match="shrink"):
        table.grow(-1)
    assert table.type == TableType(FUNCREF, 5, 6)
    assert repr(table) == "<Table of 5 funcref, at most 6>"


def test_a_table_of_objects():
    thing = object()
    table = Table(Store(), TableType("externref", 2), thing)
    assert list(table) == [thing, thing]
    table[0] = None
    assert table[0] is None
    assert table[1] is thing


def test_a_table_made_for_a_module():
    store = Store()
    table = Table(store, TableType(FUNCREF, 1, 1))
    linker = Linker()
    linker.define("env", "table", table)
    module = Module("""(module (import "env" "table" (table 1 funcref)) (elem (i32.const 0) 0)
      (func (result i32) i32.const 5))""")
    linker.instantiate(store, module)
    assert table[0]() == 5


def test_a_reference_of_another_store_is_refused():
    here, there = wasmine.load(TABLE).exports, wasmine.load(TABLE).exports
    for use in (
        lambda: here.table.set(0, there.seven),
        lambda: here.table.grow(1, there.seven),
        lambda: Table(here.table.store, TableType(FUNCREF, 1), there.seven),
        lambda: Global(here.table.store, GlobalType(FUNCREF), there.seven),
    ):
        with pytest.raises(ValueError, match="another store"):
            use()
    assert here.table[0] == here.seven


GLOBALS = """
(module
  (global (export "i") (mut i32) (i32.const -1))
  (global (export "f") (mut f32) (f32.const 0.5))
  (global (export "v") (mut v128) (v128.const i32x4 1 2 3 4))
  (global (export "e") (mut externref) (ref.null extern))
  (global (export "fixed") i64 (i64.const 9))
  (func (export "get") (result i32) global.get 0))
"""


def test_globals_are_read_and_written():
    exports = wasmine.load(GLOBALS).exports
    assert exports.i.value == -1
    exports.i.value = 0xFFFF_FFFE
    assert exports.get() == exports.i.value == -2
    exports.f.value = 3
    assert exports.f.value == 3.0
    assert exports.v.value == bytes([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0])
    exports.v.value = bytes(range(16))
    assert exports.v.value == bytes(range(16))
    exports.e.value = exports
    assert exports.e.value is exports


def test_wrong_values_for_globals():
    exports = wasmine.load(GLOBALS).exports
    with pytest.raises(TypeError):
        exports.i.value = "1"
    with pytest.raises(OverflowError):
        exports.i.value = 1 << 32
    with pytest.raises(AttributeError, match="immutable"):
        exports.fixed.value = 1
    assert exports.i.value == -1
    assert exports.fixed.value == 9


def test_globals_describe_themselves():
    exports = wasmine.load(GLOBALS).exports
    assert exports.i.type == GlobalType("i32", mutable=True)
    assert exports.fixed.type == GlobalType("i64")
    assert repr(exports.i) == "<Global mut i32 = -1>"
    assert repr(exports.fixed) == "<Global i64 = 9>"


def test_a_global_made_for_modules_is_shared():
    store = Store()
    counter = Global(store, GlobalType("i32", mutable=True), 5)
    linker = Linker()
    linker.define("env", "counter", counter)
    module = Module("""(module (import "env" "counter" (global $c (mut i32)))
      (func (export "inc") (global.set $c (i32.add (global.get $c) (i32.const 1)))))""")
    linker.instantiate(store, module).exports.inc()
    linker.instantiate(store, module).exports.inc()
    assert counter.value == 7


def test_tags_are_told_apart_by_identity():
    store = Store()
    one, two = Tag(store, ["i32"]), Tag(store, TagType(["i32"]))
    assert one.type == two.type == TagType(["i32"])
    assert one != two
    assert repr(one) == "<Tag (i32)>"
    linker = Linker()
    linker.define("env", "tag", one)
    module = Module('(module (import "env" "tag" (tag (param i32))) (export "tag" (tag 0)))')
    assert linker.instantiate(store, module).exports.tag == one
    other = Module('(module (import "env" "tag" (tag (param i64))))')
    with pytest.raises(LinkError):
        linker.instantiate(store, other)


MAKERS = {
    "func": lambda store: Func(store, print, FuncType()),
    "table": lambda store: Table(store, TableType(FUNCREF, 1)),
    "global": lambda store: Global(store, GlobalType("i32"), 1),
    "tag": lambda store: Tag(store),
    "memory": lambda store: wasmine.Memory(store, wasmine.MemoryType(1)),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_nothing_is_made_in_a_closed_store(make):
    store = Store()
    made = make(store)
    assert "closed" not in repr(made)
    store.close()
    assert "closed" in repr(made)
    with pytest.raises(StoreClosed):
        _ = made.type
    with pytest.raises(StoreClosed):
        make(store)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_nothing_is_made_without_a_store(make):
    for wrong in (None, 3, wasmine.Engine()):
        with pytest.raises(TypeError):
            make(wrong)


@pytest.mark.parametrize("kind", [Func, Table, Global, Tag, wasmine.Memory])
def test_what_was_never_made_raises_and_does_not_crash(kind):
    blank = kind.__new__(kind)
    assert "of nothing" in repr(blank)
    with pytest.raises(TypeError, match="refers to no"):
        _ = blank.type
    if kind is Table:
        for use in (len, list, lambda t: t[0], lambda t: t.grow(1), lambda t: t.set(0, None)):
            with pytest.raises(TypeError, match="refers to no"):
                use(blank)
    if kind is Global:
        with pytest.raises(TypeError, match="refers to no"):
            _ = blank.value
    linker = Linker()
    linker.define("env", "it", blank)
    module = Module('(module (import "env" "it" (func)))')
    with pytest.raises((TypeError, ValueError, LinkError)):
        linker.instantiate(Store(), module)
