"""Linkers, imports, and load."""

import pytest

import wasmine
from wasmine import (
    Engine,
    FuncType,
    Global,
    GlobalType,
    Instance,
    Linker,
    LinkError,
    Memory,
    MemoryType,
    Module,
    Store,
)

USER = """
(module
  (import "env" "twice" (func $twice (param i32) (result i32)))
  (import "env" "base" (global $base i32))
  (func (export "run") (param i32) (result i32)
    (i32.add (global.get $base) (call $twice (local.get 0)))))
"""


def twice(x):
    return 2 * x


def test_imports_are_given_as_mappings():
    for imports in (
        {"env": {"twice": twice, "base": 100}},
        {("env", "twice"): twice, ("env", "base"): 100},
    ):
        assert wasmine.load(USER, imports).exports.run(4) == 108
    assert wasmine.load(Module(USER), {"env": {"twice": twice, "base": 1}}).exports.run(4) == 9


def test_a_number_serves_an_immutable_global_of_any_number_type():
    text = """(module (import "a" "i" (global i64)) (import "a" "f" (global f64))
      (export "i" (global 0)) (export "f" (global 1)))"""
    exports = wasmine.load(text, {"a": {"i": -5, "f": 2.5}}).exports
    assert (exports.i.value, exports.f.value) == (-5, 2.5)
    with pytest.raises(LinkError, match="mutable"):
        wasmine.load('(module (import "a" "g" (global (mut i32))))', {"a": {"g": 1}})
    with pytest.raises(LinkError, match="number"):
        wasmine.load('(module (import "a" "g" (func)))', {"a": {"g": 1}})
    with pytest.raises(OverflowError):
        wasmine.load('(module (import "a" "g" (global i32)))', {"a": {"g": 1 << 40}})
    with pytest.raises(LinkError, match="function"):
        wasmine.load('(module (import "a" "g" (global i32)))', {"a": {"g": len}})


def test_an_instance_serves_as_imports_and_brings_its_store():
    library = wasmine.load("""(module
      (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
      (global (export "base") i32 (i32.const 1000)))""")
    user = wasmine.load(USER, {"env": library})
    assert user.exports.run(5) == 1010
    assert user.store is library.store
    with user:
        pass
    assert not library.store.closed
    with pytest.raises(ValueError, match="fuel"):
        wasmine.load(USER, {"env": library}, fuel=5)
    other = wasmine.load('(module (func (export "twice") (param i32) (result i32) i32.const 0))')
    with pytest.raises(ValueError, match="different stores"):
        wasmine.load(USER, {"env": {"twice": other.exports.twice, "base": library.exports.base}})


def test_a_linker_serves_many_stores():
    linker = Linker()
    linker.define("env", "twice", twice)
    linker.define("env", "base", 7)
    module = Module(USER)
    for _ in range(3):
        store = Store()
        assert linker.instantiate(store, module).exports.run(1) == 9
        assert linker.instantiate(store, module).exports.run(2) == 11


def test_linking_instances():
    store, linker = Store(), Linker()
    linker.instance(
        "lib", linker.instantiate(store, Module('(module (func (export "one") (result i32) i32.const 1))'))
    )
    module = Module("""(module (import "lib" "one" (func $one (result i32)))
      (func (export "two") (result i32) (i32.add (call $one) (call $one))))""")
    assert linker.instantiate(store, module).exports.two() == 2
    assert ("lib", "one") in linker
    assert ("lib", "two") not in linker
    linker.define("lib", "one", lambda: 10)
    assert linker.instantiate(store, module).exports.two() == 20
    with pytest.raises(TypeError, match="Instance"):
        linker.instance("lib", module)


def test_missing_imports_are_all_named():
    with pytest.raises(LinkError, match=r"env\.twice: \(i32\) -> i32; env\.base: \(global i32\)"):
        wasmine.load(USER)
    with pytest.raises(LinkError, match=r"unknown import: env\.base"):
        wasmine.load(USER, {"env": {"twice": twice}})


@pytest.mark.parametrize(
    ("import_type", "item"),
    [
        ("(func (param i32))", lambda s: wasmine.Func(s, print, FuncType(["i64"], []))),
        ("(memory 2)", lambda s: Memory(s, MemoryType(1))),
        ("(memory 1 2)", lambda s: Memory(s, MemoryType(1, 3))),
        ("(memory i64 1)", lambda s: Memory(s, MemoryType(1))),
        ("(global i32)", lambda s: Global(s, GlobalType("i64"), 1)),
        ("(global i32)", lambda s: Global(s, GlobalType("i32", mutable=True), 1)),
        ("(table 1 funcref)", lambda s: wasmine.Table(s, wasmine.TableType("externref", 1))),
        ("(memory 1)", lambda s: Global(s, GlobalType("i64"), 1)),
        ("(tag)", lambda s: wasmine.Tag(s, ["i32"])),
    ],
)
def test_import_types_match_exactly(import_type, item):
    store, linker = Store(), Linker()
    linker.define("env", "it", item(store))
    with pytest.raises(LinkError, match="incompatible import type"):
        linker.instantiate(store, Module(f'(module (import "env" "it" {import_type}))'))


def test_definitions_are_replaced_only_on_demand():
    linker = Linker()
    linker.define("env", "f", twice)
    with pytest.raises(ValueError, match=r"env\.f is already defined"):
        linker.define("env", "f", twice)
    with pytest.raises(ValueError, match="already"):
        linker.func("env", "f")(twice)
    linker.define("env", "f", 3, replace=True)
    linker.func("env", "f", replace=True)(twice)
    assert ("env", "f") in linker


@pytest.mark.parametrize("item", ["text", None, b"", [], Engine()])
def test_what_cannot_be_imported_is_a_type_error(item):
    with pytest.raises(TypeError, match=r"env\.it"):
        Linker().define("env", "it", item)
    with pytest.raises(TypeError, match="env"):
        wasmine.load("(module)", {"env": 3})


def test_wrong_arguments_of_a_linker():
    with pytest.raises(TypeError, match="Engine"):
        Linker(3)
    with pytest.raises(TypeError, match="Store"):
        Linker().instantiate(None, Module("(module)"))


def test_a_linker_describes_itself():
    linker = Linker()
    assert repr(linker) == "<Linker of nothing>"
    linker.define("env", "f", twice)
    linker.instance("lib", wasmine.load("(module)"))
    assert repr(linker) == "<Linker of env.f, lib.*>"


START = """
(module
  (import "env" "log" (func $log (param i32)))
  (func $go i32.const 5 call $log)
  (start $go))
"""


def test_the_start_function_runs_with_imports():
    seen = []
    instance = wasmine.load(START, {"env": {"log": seen.append}})
    assert seen == [5]
    assert isinstance(instance, Instance)


def test_what_the_start_function_raises_arrives():
    def fail(x):
        raise LookupError(x)

    with pytest.raises(LookupError, match="5"):
        wasmine.load(START, {"env": {"log": fail}})
    with pytest.raises(wasmine.Trap, match="unreachable"):
        wasmine.load("(module (func $f unreachable) (start $f))")


def test_load_closes_its_store_when_the_start_function_fails():
    stores = []
    linker = Linker()

    @linker.func("env", "log", caller=True)
    def log(caller, x: int) -> None:
        stores.append(caller.store)
        raise LookupError(x)

    store = Store()
    with pytest.raises(LookupError):
        linker.instantiate(store, Module(START))
    assert stores == [store]
    assert not store.closed

    class Closed:
        def __init__(self):
            self.alive = True

        def __del__(self):
            self.alive = False
            stores.append("freed")

        def __call__(self, x):
            raise LookupError(x)

    with pytest.raises(LookupError):
        wasmine.load(START, {"env": {"log": Closed()}})
    assert stores == [store, "freed"]


def test_an_instance_describes_itself():
    instance = wasmine.load('(module $tool (func (export "a")) (memory (export "b") 1))')
    assert repr(instance) == "<Instance of tool with a, b>"
    assert repr(instance.exports) == "<Exports a, b>"
    assert repr(wasmine.load("(module)")) == "<Instance with no export>"
    many = " ".join(f'(export "f{i}" (func 0))' for i in range(12))
    assert repr(wasmine.load(f"(module (func) {many})").exports).endswith("f9 and 2 more>")
    instance.close()
    assert repr(instance) == "<Instance, closed>"
    for make in (Instance, type(instance.exports)):
        with pytest.raises(TypeError, match="comes from"):
            make()


def test_host_functions_keep_the_exact_type_that_a_module_defines():
    text = """(module
      (rec (type $f (sub (func (param i32)))) (type $g (func)))
      (import "env" "f" (func $f (type $f)))
      (func (export "run") i32.const 3 call $f))"""
    seen = []
    wasmine.load(text, {"env": {"f": seen.append}}).exports.run()
    assert seen == [3]
    store = Store()
    module = Module(text)
    linker = Linker()
    linker.define("env", "f", wasmine.Func(store, seen.append, module.imports[0].type))
    linker.instantiate(store, module).exports.run()
    assert seen == [3, 3]
