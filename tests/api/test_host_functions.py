"""Functions that Python gives to modules."""

import threading

import pytest

import wasmine
from wasmine import Func, FuncType, Linker, LinkError, Module, Store

CALLER = """
(module
  (import "env" "host" (func $host (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "call") (param i32) (result i32) local.get 0 call $host)
  (func (export "good") (result i32) i32.const 7))
"""


def call(function, text=CALLER, **options):
    linker = Linker()
    linker.func("env", "host", **options)(function)
    return linker.instantiate(Store(), Module(text)).exports


def test_the_type_comes_from_annotations():
    linker = Linker()

    @linker.func("env", "host")
    def host(x: int) -> int:
        return x + 1

    assert host(1) == 2
    assert linker.instantiate(Store(), Module(CALLER)).exports.call(41) == 42


def test_the_type_is_given_explicitly():
    def host(*args):
        return sum(args)

    assert call(host, type=FuncType(["i32"], ["i32"])).call(5) == 5
    assert call(host, params=["i32"], results=["i32"]).call(6) == 6
    assert call(host, params=[wasmine.I32], results=[wasmine.i32]).call(6) == 6


def test_without_annotations_the_type_is_that_of_the_import():
    assert call(lambda x: -x).call(5) == -5
    assert call(abs).call(-5) == 5


def test_a_type_that_does_not_match_the_import_is_a_link_error():
    def host(x: float) -> int:
        return 0

    with pytest.raises(LinkError, match="incompatible import type"):
        call(host)


def test_the_name_may_come_from_the_function():
    linker = Linker()

    @linker.func("env")
    def host(x: int) -> int:
        return 2 * x

    assert linker.instantiate(Store(), Module(CALLER)).exports.call(4) == 8


ERRORS = [ValueError("x"), KeyError("k"), KeyboardInterrupt(), SystemExit(3), StopIteration()]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_what_it_raises_arrives_unchanged_and_the_store_stays_usable(error):
    def host(x):
        raise error

    exports = call(host)
    for _ in range(3):
        with pytest.raises(type(error)) as info:
            exports.call(1)
        assert info.value is error
        assert info.value.__cause__ is None
        assert exports.good() == 7


def test_what_it_raises_in_another_thread_arrives_there():
    seen = []

    def work(number):
        def host(x):
            raise LookupError(number, x)

        exports = call(host)
        for i in range(50):
            try:
                exports.call(i)
            except LookupError as error:
                seen.append(error.args == (number, i))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 200


def test_calls_nest_and_each_error_ends_its_own_call():
    depths = []
    exports = None

    def host(x):
        depths.append(x)
        if x == 0:
            raise ArithmeticError("bottom")
        try:
            return exports.call(x - 1)
        except ArithmeticError:
            if x == 2:
                return 100
            raise

    exports = call(host)
    assert exports.call(5) == 100
    assert depths == [5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("value", ["1", None, 1.5, (1,), object()])
def test_a_wrong_result_type_names_the_function(value):
    def my_host(x):
        return value

    with pytest.raises(TypeError, match=r"my_host.*i32"):
        call(my_host).call(1)


def test_a_result_out_of_range_names_the_function():
    def my_host(x):
        return 1 << 32

    with pytest.raises(OverflowError, match=r"my_host.*i32"):
        call(my_host).call(1)


PAIR = """(module (import "env" "host" (func $host (param i32) (result i32 f64)))
  (func (export "call") (param i32) (result i32 f64) local.get 0 call $host))"""
NOTHING = """(module (import "env" "host" (func $host (param i32)))
  (func (export "call") (param i32) local.get 0 call $host))"""


def test_several_results_are_a_tuple():
    assert call(lambda x: (x, 0.5), PAIR).call(3) == (3, 0.5)
    assert call(lambda x: [x, 2], PAIR).call(3) == (3, 2.0)


@pytest.mark.parametrize("value", [1, (1,), (1, 2.0, 3), None, "ab"])
def test_a_wrong_number_of_results_names_the_function(value):
    def my_host(x):
        return value

    with pytest.raises(TypeError, match="my_host"):
        call(my_host, PAIR).call(1)


def test_a_function_without_result_may_return_none_only_by_convention():
    assert call(lambda x: None, NOTHING).call(1) is None


def test_the_caller_is_the_instance_that_calls():
    seen = []
    linker = Linker()

    @linker.func("env", "host", caller=True)
    def host(caller, x: int) -> int:
        seen.append(caller)
        return caller.exports.memory.read_i32(x)

    instance = linker.instantiate(Store(), Module(CALLER))
    instance.exports.memory.write_i32(12, 99)
    assert instance.exports.call(12) == 99
    assert seen == [instance]
    assert instance.store.caller is None


def test_a_func_is_made_for_a_store():
    store = Store()
    func = Func(store, lambda a, b: a * b, FuncType(["i32", "i32"], ["i32"]))
    assert func(6, 7) == 42
    assert func.store is store
    assert repr(func) == "<host Func <lambda> (i32, i32) -> i32>"
    linker = Linker()
    linker.define("env", "host", Func(store, lambda a: a, params=["i32"], results=["i32"]))
    assert linker.instantiate(store, Module(CALLER)).exports.call(3) == 3


def test_a_func_needs_a_type_and_something_to_call():
    store = Store()
    with pytest.raises(TypeError, match="annotations"):
        Func(store, lambda a: a)
    with pytest.raises(TypeError, match="call"):
        Func(store, 3, FuncType())
    with pytest.raises(TypeError):
        Func(None, len, FuncType())
    with pytest.raises(TypeError, match="no function"):
        Func.__new__(Func)()


def test_a_host_function_may_use_every_value_type():
    types = ["i32", "i64", wasmine.f32, wasmine.f64, wasmine.v128, wasmine.externref, wasmine.funcref]
    store = Store()
    same = Func(store, lambda *args: args, FuncType(types, types))
    values = (-1, 1 << 40, 0.5, 0.1, bytes(16), {"any": "thing"}, same)
    assert same(*values) == values


def test_a_bound_method_and_a_callable_object_are_host_functions():
    class Adder:
        def __init__(self, amount):
            self.amount = amount

        def add(self, x: int) -> int:
            return x + self.amount

        def __call__(self, x: int) -> int:
            return x - self.amount

    assert call(Adder(3).add).call(4) == 7
    linker = Linker()
    linker.define("env", "host", Adder(3))
    assert linker.instantiate(Store(), Module(CALLER)).exports.call(4) == 1


def test_closing_the_store_from_a_host_function_is_refused():
    def host(x):
        store.close()

    linker = Linker()
    linker.define("env", "host", host)
    store = Store()
    exports = linker.instantiate(store, Module(CALLER)).exports
    with pytest.raises(wasmine.StoreBusy):
        exports.call(1)
    assert exports.good() == 7
