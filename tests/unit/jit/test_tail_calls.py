"""Tail calls on both tiers: unbounded chains, whatever the callees take, wherever they live."""

from collections.abc import Callable
from typing import Any

import pytest

import wasmine
from wasmine import Config, Engine, Func, Instance, Linker, Module, Store, Trap

Make = Callable[..., Instance]
MANY = 300_000


@pytest.fixture(params=["interp", "jit", "auto"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "auto":
        # Everything begins in the interpreter, and goes on in native code.
        return Engine(Config(tier="auto", compile_threads=0, tier_up=(1, 1)))
    return Engine(Config(tier=request.param))


def instantiate(engine: Engine, text: str, store: Store | None = None, **imports: Any) -> Instance:
    linker = Linker(engine)
    for name, value in imports.items():
        linker.define("env", name, value)
    return linker.instantiate(store or Store(engine), Module(engine, text))


def chain(form: str) -> str:
    """Functions of 1, 12 and 40 parameters that call each other in turn; the last parameter counts."""
    sizes = (1, 12, 40)
    types = "".join(
        f"(type $t{n} (func (param {'i64 ' * n}) (result i64)))"
        f"(global $g{n} (mut (ref null $t{n})) (ref.null $t{n}))"
        for n in sizes
    )
    funcs = ""
    for k, n in enumerate(sizes):
        to = sizes[(k + 1) % 3]
        last = f"(i64.sub (local.get {n - 1}) (i64.const 1))"
        # What has no parameter to come from is as large as its place.
        values = [f"(local.get {i})" if i < n - 1 else f"(i64.const {i + 1})" for i in range(to - 1)]
        values.append(last)
        callee = {
            "direct": f"return_call $f{to} ",
            "indirect": f"return_call_indirect (type $t{to}) ",
            "ref": f"return_call_ref $t{to} ",
        }[form]
        target = {"direct": "", "indirect": f"(i32.const {(k + 1) % 3})", "ref": f"(global.get $g{to})"}[form]
        total = f"(i64.const {n})"
        for i in range(n - 1):
            total = f"(i64.add {total} (local.get {i}))"
        funcs += f"""(func $f{n} (type $t{n})
          (if (i64.eqz (local.get {n - 1})) (then (return {total})))
          ({callee} {" ".join(values)} {target}))"""
    return f"""(module {types} (table funcref (elem $f1 $f12 $f40)) {funcs}
      (func (export "run") (param i64) (result i64)
        {" ".join(f"(global.set $g{n} (ref.func $f{n}))" for n in sizes)}
        (call $f1 (local.get 0))))"""


@pytest.mark.parametrize("form", ["direct", "indirect", "ref"])
def test_chains_through_functions_with_many_and_few_parameters(engine: Engine, form: str) -> None:
    run = instantiate(engine, chain(form)).exports.run
    expected = {0: 1, 1: 12 + sum(range(1, 12)), 2: 40 + sum(range(1, 40))}
    for count in (0, 1, 2, 3, 4, 5, MANY, MANY + 1, MANY + 2):
        assert run(count) == expected[count % 3], count


def test_arguments_of_all_types_on_the_stack(engine: Engine) -> None:
    """They are exchanged in pairs at each call, so each is read before its place is written."""
    params = [*("i32", "i64", "f32", "f64") * 5, "v128", "v128"]
    n = len(params)

    def value(i: int) -> str:
        j = i ^ 4 if i < 16 else (i if i < 20 else 41 - i)
        return f"(local.get {j if params[j] == params[i] else i})"

    moved = " ".join(value(i) for i in range(n))
    constants = " ".join(
        f"(i32x4.splat (i32.const {i}))" if type == "v128" else f"({type}.const {i})"
        for i, type in enumerate(params)
    )
    total = "(f64.const 0)"
    for i, type in enumerate(params):
        part = {
            "i32": f"(f64.convert_i32_s (local.get {i}))",
            "i64": f"(f64.convert_i64_s (local.get {i}))",
            "f32": f"(f64.promote_f32 (local.get {i}))",
            "f64": f"(local.get {i})",
            "v128": f"(f64.convert_i32_s (i32x4.extract_lane 3 (local.get {i})))",
        }[type]
        total = f"(f64.add {total} (f64.mul {part} (f64.const {i * i + 1})))"
    text = f"""(module
      (func $swap (param {" ".join(params)} i32) (result f64)
        (if (i32.eqz (local.get {n})) (then (return {total})))
        (return_call $swap {moved} (i32.sub (local.get {n}) (i32.const 1))))
      (func (export "run") (param i32) (result f64) (call $swap {constants} (local.get 0))))"""
    run = instantiate(engine, text).exports.run
    numbers = list(range(n))
    order = [i ^ 4 if i < 16 else (i if i < 20 else 41 - i) for i in range(n)]
    swapped = [numbers[order[i]] for i in range(n)]
    assert run(0) == run(MANY) == sum(number * (i * i + 1) for i, number in enumerate(numbers))
    assert run(1) == run(MANY + 1) == sum(number * (i * i + 1) for i, number in enumerate(swapped))


def test_results_on_the_stack_come_through(engine: Engine) -> None:
    results = " ".join(["i64"] * 12)
    values = " ".join(f"(i64.add (local.get 0) (i64.const {i}))" for i in range(12))
    text = f"""(module
      (func $few (param i64 i32) (result {results})
        (if (i32.eqz (local.get 1)) (then (return {values})))
        (return_call $many {"(local.get 0) " * 30} (i32.sub (local.get 1) (i32.const 1))))
      (func $many (param {"i64 " * 30} i32) (result {results})
        (if (i32.eqz (local.get 30)) (then (return {values})))
        (return_call $few (local.get 29) (i32.sub (local.get 30) (i32.const 1))))
      (func (export "run") (param i64 i32) (result {results}) (call $few (local.get 0) (local.get 1))))"""
    run = instantiate(engine, text).exports.run
    for count in (0, 1, 2, MANY, MANY + 1):
        assert run(5, count) == tuple(range(5, 17))


SIDE = """(module
  (type $step (func (param i32 {more}) (result i32)))
  (import "env" "table" (table 4 funcref))
  (memory 1)
  (global $count (mut i32) (i32.const 0))
  (data (i32.const 100) "{letter}")
  (func $step (type $step)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (if (i32.eqz (local.get 0)) (then (return (i32.load8_u (i32.const 100)))))
    (return_call_indirect (type $step) (i32.sub (local.get 0) (i32.const 1)) {values} (i32.const {other})))
  (elem (i32.const {own}) $step)
  (func (export "count") (result i32) (global.get $count))
  (func (export "run") (param i32) (result i32)
    ;; The other instance's letter, and this one's: the instance is back when the call is.
    (i32.add
      (i32.mul (call $step (local.get 0) {values}) (i32.const 1000))
      (i32.add (i32.load8_u (i32.const 100)) (i32.mul (global.get $count) (i32.const 0))))))"""


@pytest.mark.parametrize("more", [0, 20])
def test_chains_between_instances(engine: Engine, more: int) -> None:
    store = Store(engine)
    table = wasmine.Table(store, wasmine.TableType("funcref", 4))
    sides = [
        instantiate(
            engine,
            SIDE.format(
                letter=letter, own=own, other=1 - own, more="i64 " * more, values="(i64.const 3) " * more
            ),
            store,
            table=table,
        )
        for own, letter in enumerate("AB")
    ]
    first, second = (side.exports for side in sides)
    for count in (0, 1, 2, 3, MANY, MANY + 1):
        assert first.run(count) == 1000 * (65 + count % 2) + 65
        assert second.run(count) == 1000 * (66 - count % 2) + 66
    assert first.count() + second.count() == 2 * (1 + 2 + 3 + 4 + MANY + 1 + MANY + 2)


def test_chains_between_instances_through_imports(engine: Engine) -> None:
    store = Store(engine)
    lower = instantiate(
        engine,
        """(module (memory 1) (data (i32.const 0) "L")
          (func (export "end") (param i32 i32) (result i32)
            (i32.add (local.get 1) (i32.load8_u (i32.const 0)))))""",
        store,
    )
    upper = instantiate(
        engine,
        """(module (import "env" "end" (func $end (param i32 i32) (result i32)))
          (memory 1) (data (i32.const 0) "U")
          (func $go (param i32 i32) (result i32)
            (if (local.get 0)
              (then (return_call $go
                (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1)))))
            (return_call $end (local.get 0) (local.get 1)))
          (func (export "run") (param i32) (result i32)
            (i32.sub (call $go (local.get 0) (i32.const 0)) (i32.load8_u (i32.const 0)))))""",
        store,
        end=lower.exports.end,
    )
    assert upper.exports.run(MANY) == MANY + ord("L") - ord("U")


def test_to_host_functions(engine: Engine) -> None:
    text = """(module
      (import "env" "add" (func $add (param i32 i32) (result i32)))
      (import "env" "many" (func $many (param {many}) (result i64)))
      (table 4 funcref) (elem (i32.const 0) $add)
      (memory 1) (data (i32.const 0) "M")
      (func $direct (param i32) (result i32) (return_call $add (local.get 0) (i32.const 1)))
      (func $indirect (param i32) (result i32)
        (return_call_indirect (param i32 i32) (result i32) (local.get 0) (i32.const 2) (i32.const 0)))
      (func $wide (param i64) (result i64) (return_call $many {values}))
      (func (export "run") (param i32) (result i32)
        (i32.add (i32.load8_u (i32.const 0))
          (i32.add (call $direct (local.get 0)) (call $indirect (local.get 0)))))
      (func (export "wide") (param i64) (result i64)
        (i64.add (call $wide (local.get 0)) (i64.load8_u (i32.const 0)))))"""
    text = text.replace("{many}", "i64 " * 20).replace("{values}", "(local.get 0) " * 20)
    exports = instantiate(engine, text, add=lambda x, y: x + y, many=lambda *values: sum(values)).exports
    assert exports.run(10) == ord("M") + 11 + 12
    assert exports.wide(3) == 60 + ord("M")


def test_a_host_function_in_a_chain_calls_back(engine: Engine) -> None:
    held: list[Instance] = []

    def back(n: int) -> int:
        return held[0].exports.down(n - 1) if n > 0 else 7

    text = """(module
      (import "env" "back" (func $back (param i32) (result i32)))
      (func $down (export "down") (param i32) (result i32) (return_call $back (local.get 0))))"""
    held.append(instantiate(engine, text, back=back))
    assert held[0].exports.down(50) == 7


def test_an_endless_chain_can_be_interrupted(engine: Engine) -> None:
    for text in (
        '(module (func $f (export "f") (return_call $f)))',
        '(module (func $f (export "f") (return_call $g)) (func $g (return_call $f)))',
    ):
        store = Store(engine, timeout=0.2)
        with pytest.raises(Trap, match="timeout"):
            instantiate(engine, text, store).exports.f()


def test_traps_at_the_end_of_chains(engine: Engine) -> None:
    text = """(module
      (type $f (func (param i32) (result i32)))
      (table 2 funcref) (elem (i32.const 0) $bad)
      (func $bad (param i64))
      (func $null (type $f) (return_call_ref $f (local.get 0) (ref.null $f)))
      (func (export "null") (type $f) (i32.add (call $null (local.get 0)) (i32.const 1)))
      (func (export "indirect") (type $f) (return_call_indirect (type $f) (local.get 0) (local.get 0)))
      (func $end (type $f) (unreachable))
      (func (export "end") (type $f) (return_call $end (local.get 0))))"""
    exports = instantiate(engine, text).exports
    with pytest.raises(Trap, match="null function reference"):
        exports.null(1)
    for index, message in ((0, "type mismatch"), (1, "uninitialized element"), (2, "undefined element")):
        with pytest.raises(Trap, match=message):
            exports.indirect(index)
    with pytest.raises(Trap, match="unreachable"):
        exports.end(1)


def test_a_python_function_taken_by_reference(engine: Engine) -> None:
    store = Store(engine)
    text = """(module
      (type $f (func (param i32) (result i32)))
      (func (export "run") (param (ref null $f) i32) (result i32)
        (return_call_ref $f (local.get 1) (local.get 0))))"""
    instance = instantiate(engine, text, store)
    double = Func(store, lambda n: 2 * n, params=["i32"], results=["i32"])
    assert instance.exports.run(double, 21) == 42


COLD = 300


def mixed(hot: int, cold: int) -> tuple[str, str]:
    """A function that is called all the time, and many that are called in turn by it, and call it back.

    So it has native code and they have not. `hot`, `cold`: how many parameters they have besides the count.
    """
    types = f"""(type $hot (func (param {"i64 " * hot} i32) (result i64)))
      (type $cold (func (param {"i64 " * cold} i32) (result i64)))"""
    total = "(i64.const 0)"
    for i in range(hot):
        total = f"(i64.add {total} (local.get {i}))"

    def values(n: int, own: int) -> str:
        return " ".join(f"(local.get {i})" if i < own else f"(i64.const {i})" for i in range(n))

    upper = f"""(module {types}
      (table (export "table") {COLD + 1} funcref) (elem (i32.const {COLD}) $hot) (memory 1)
      (data (i32.const 8) "\\07")
      (func $hot (type $hot)
        (if (i32.eqz (local.get {hot}))
          (then (return (i64.add {total} (i64.load8_u (i32.const 8))))))
        (return_call_indirect (type $cold) {values(cold, hot)}
          (i32.sub (local.get {hot}) (i32.const 1))
          (i32.rem_u (local.get {hot}) (i32.const {COLD}))))
      (func (export "run") (param i32) (result i64)
        (i64.mul (call $hot {values(hot, 0)} (local.get 0)) (i64.load8_u (i32.const 8)))))"""
    funcs = "".join(
        f"""(func $c{i} (type $cold)
          (if (i32.eqz (local.get {cold})) (then (return (i64.load8_u (i32.const 8)))))
          (return_call_indirect (type $hot) {values(hot, cold)} (i32.sub (local.get {cold}) (i32.const 1))
            (i32.const {COLD})))"""
        for i in range(COLD)
    )
    lower = f"""(module {types} (import "env" "table" (table {COLD + 1} funcref)) (memory 1)
      (data (i32.const 8) "\\05") {funcs}
      (elem (i32.const 0) {" ".join(f"$c{i}" for i in range(COLD))}))"""
    return upper, lower


@pytest.mark.parametrize("tier", ["interp", "jit", "auto"])
@pytest.mark.parametrize(("hot", "cold"), [(0, 0), (2, 2), (0, 14), (14, 0), (3, 20), (11, 11)])
def test_chains_between_the_tiers_and_instances(tier: Any, hot: int, cold: int) -> None:
    """A small stack: it would not hold a frame for each call."""
    counts = (2000, 1 << 30) if tier == "auto" else None
    engine = Engine(Config(tier=tier, compile_threads=0, tier_up=counts))
    store = Store(engine, max_stack=1 << 16)
    upper, lower = mixed(hot, cold)
    instance = instantiate(engine, upper, store)
    instantiate(engine, lower, store, table=instance.exports.table)
    expected = sum(range(hot)) + 7
    for count in (0, 2, 100_000, 400_000):
        assert instance.exports.run(count) == 7 * expected
        assert instance.exports.run(count + 1) == 7 * 5


CATCHING = """(module
  (import "env" "t" (tag $t)) (import "env" "f" (func $f)) (type $n (func)) (elem declare func $f)
  (func $direct (block $h (try_table (catch $t $h) (return_call $f))))
  (func $reference (block $h (try_table (catch $t $h) (return_call_ref $n (ref.func $f)))))
  (func (export "direct") (result i32)
    (block $h (try_table (catch $t $h) (call $direct)) (return (i32.const 1))) (i32.const 2))
  (func (export "reference") (result i32)
    (block $h (try_table (catch $t $h) (call $reference)) (return (i32.const 1))) (i32.const 2))
  (func (export "bare") (block $h (try_table (catch $t $h) (return_call $f)))))"""
"""Functions that leave their handlers behind by a tail call."""


@pytest.mark.parametrize("called", ["host", "code"])
def test_handlers_of_a_function_that_was_left_catch_nothing(engine: Engine, called: str) -> None:
    store = Store(engine)
    thrower = instantiate(engine, '(module (tag $t (export "t")) (func (export "f") (throw $t)))', store)
    f = thrower.exports.f
    if called == "host":
        f = Func(store, lambda: thrower.exports.f(), wasmine.FuncType([], []))
    else:
        # In native code by the time that it is called from the interpreter.
        with pytest.raises(wasmine.WasmException):
            f()
    exports = instantiate(engine, CATCHING, store, t=thrower.exports.t, f=f).exports
    assert exports.direct() == 2
    assert exports.reference() == 2
    with pytest.raises(wasmine.WasmException):
        exports.bare()


@pytest.mark.parametrize("more", [0, 20])
def test_exceptions_and_traps_pass_instances_that_were_left_by_tail_calls(engine: Engine, more: int) -> None:
    """The frame that catches is of the first instance, and finds its memory again; so does a later call."""
    store = Store(engine)
    params, values = "i64 " * more, "(i64.const 3) " * more
    lower = instantiate(
        engine,
        f"""(module (memory 1) (tag $t (export "t") (param i32)) (data (i32.const 0) "L")
          (func (export "throw") (param i32 {params})
            (if (i32.eqz (local.get 0)) (then (unreachable)))
            (throw $t (i32.load8_u (i32.const 0)))))""",
        store,
    )
    upper = instantiate(
        engine,
        f"""(module
          (import "env" "t" (tag $t (param i32)))
          (import "env" "throw" (func $throw (param i32 {params})))
          (memory 1) (data (i32.const 0) "U")
          (func $go (param i32) (return_call $throw (local.get 0) {values}))
          (func (export "run") (param i32) (result i32)
            (i32.add
              (i32.mul (i32.const 1000)
                (block $h (result i32) (try_table (catch $t $h) (call $go (local.get 0))) (i32.const 0)))
              (i32.load8_u (i32.const 0)))))""",
        store,
        t=lower.exports.t,
        throw=lower.exports.throw,
    )
    for _ in range(20):
        assert upper.exports.run(1) == 1000 * ord("L") + ord("U")
        with pytest.raises(Trap, match="unreachable"):
            upper.exports.run(0)
