"""The types that a type checker sees: `make check` reads this file, and the tests run it."""

from typing import Any, assert_type

import wasmine
from wasmine import (
    Config,
    Engine,
    Exports,
    ExportType,
    Func,
    FuncType,
    Global,
    GlobalType,
    ImportType,
    Instance,
    Linker,
    Memory,
    MemoryType,
    Module,
    RefType,
    Store,
    Table,
    TableType,
)

TEXT = """
(module
  (import "env" "f" (func (param i32) (result i64)))
  (export "f" (func 0))
  (memory (export "m") 1))
"""


def test_annotations_are_plain_types_to_a_checker() -> None:
    linker = Linker()

    @linker.func("env", "f")
    def f(x: wasmine.i32) -> wasmine.i64:
        assert_type(x, int)
        return x + 1

    assert_type(f(1), int)

    @linker.func("env", "g")
    def g(a: wasmine.f32, b: wasmine.v128, c: wasmine.externref, d: wasmine.funcref) -> float:
        assert_type(a, float)
        assert_type(b, bytes)
        assert_type(d, Func | None)
        return a

    store = Store()
    instance = linker.instantiate(store, Module(TEXT))
    assert_type(instance, Instance)
    assert_type(instance.exports, Exports)
    assert_type(instance.store, Store)
    assert_type(instance.module, Module)
    assert instance.exports.f(41) == 42


def test_loading() -> None:
    def f(x: int) -> wasmine.i64:
        return x

    with wasmine.load(TEXT, {"env": {"f": f}}, timeout=1.5, max_memory=1 << 20) as instance:
        assert_type(instance, Instance)
        memory = instance.exports.m
        assert isinstance(memory, Memory)
        assert_type(memory[0], int)
        assert_type(memory[0:4], bytes)
        assert_type(memory.read_u32(0), int)
        assert_type(memory.read_f64(0), float)
        assert_type(memory.type, MemoryType)
        assert_type(memory.grow(0), int)
        assert len(bytes(memoryview(memory))) == len(memory)


def test_what_python_makes() -> None:
    engine = Engine(Config(tier="interp", fuel=True))
    with Store(engine, fuel=1000) as store:
        assert_type(store.fuel, int | None)
        func = Func(store, lambda x: x, FuncType(["i32"], [wasmine.i32]))
        assert_type(func.type, FuncType)
        answer: Any = func(1)
        assert answer == 1
        table = Table(store, TableType("funcref", 1), func)
        assert_type(len(table), int)
        glob = Global(store, GlobalType(wasmine.I32, mutable=True), 1)
        assert_type(glob.type, GlobalType)
        glob.value += 1


def test_descriptions() -> None:
    module = Module(Engine(), TEXT.encode().decode())
    assert_type(module.imports, tuple[ImportType, ...])
    assert_type(module.exports, tuple[ExportType, ...])
    assert_type(module.name, str | None)
    assert_type(module.custom_sections("name"), tuple[bytes, ...])
    match module.imports[0].type:
        case FuncType(params, results):
            assert_type(params, tuple[wasmine.ValType, ...])
            assert len(results) == 1
        case MemoryType() | TableType():
            raise AssertionError
    assert_type(wasmine.FUNCREF, RefType)
