"""GC objects, references and tables on both tiers; also with a collection at every allocation."""

from collections.abc import Callable
from typing import Any

import pytest

from wasmine import Config, Engine, Instance, Linker, Module, Store, Trap

Make = Callable[..., Instance]


@pytest.fixture(params=["interp", "jit", "interp-stress", "jit-stress"])
def make(request: pytest.FixtureRequest) -> Make:
    tier, _, stress = request.param.partition("-")
    engine = Engine(Config(tier=tier, gc_stress=bool(stress)))

    def instantiate(text: str, imports: dict[str, Any] | None = None, **limits: Any) -> Instance:
        linker = Linker(engine)
        store = Store(engine, **limits)
        for name, value in (imports or {}).items():
            linker.define("env", name, value)
        return linker.instantiate(store, Module(engine, text))

    return instantiate


LIST = """(module
  (type $cell (struct (field $next (ref null $cell)) (field $value i64)))
  (func $cons (export "cons") (param i64 (ref null $cell)) (result (ref $cell))
    (struct.new $cell (local.get 1) (local.get 0)))
  (func (export "sum") (param $n i64) (result i64)
    (local $list (ref null $cell)) (local $sum i64)
    (loop $more
      (local.set $list (call $cons (local.get $n) (local.get $list)))
      (local.set $n (i64.sub (local.get $n) (i64.const 1)))
      (br_if $more (i64.ne (local.get $n) (i64.const 0))))
    (block $done
      (loop $next
        (br_if $done (ref.is_null (local.get $list)))
        (local.set $sum (i64.add (local.get $sum) (struct.get $cell $value (local.get $list))))
        (local.set $list (struct.get $cell $next (local.get $list)))
        (br $next)))
    (local.get $sum)))"""


def test_a_list_survives_what_is_allocated_after_it(make: Make) -> None:
    assert make(LIST).exports.sum(500) == 500 * 501 // 2


def test_what_is_kept_in_registers_over_calls_and_allocations_stays_alive(make: Make) -> None:
    """More references than there are registers, some in spill slots, while callees allocate."""
    names = [f"$r{i}" for i in range(20)]
    text = f"""(module
      (type $box (struct (field $v (mut i32))))
      (func $box (param i32) (result (ref $box)) (struct.new $box (local.get 0)))
      (func $churn (param i32) (result i32) (local (ref null $box))
        (loop $l
          (local.set 1 (struct.new $box (local.get 0)))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (struct.get $box $v (local.get 1)))
      (func (export "run") (param i32) (result i32) (local $s i32)
        {" ".join(f"(local {name} (ref null $box))" for name in names)}
        {" ".join(f"(local.set {name} (call $box (i32.const {1 << i})))" for i, name in enumerate(names))}
        (drop (call $churn (local.get 0)))
        {
        " ".join(
            f"(local.set $s (i32.add (local.get $s) (struct.get $box $v (local.get {name}))))"
            for name in names
        )
    }
        (local.get $s)))"""
    assert make(text).exports.run(300) == (1 << 20) - 1


def test_references_in_arguments_on_the_stack_stay_alive(make: Make) -> None:
    params = " ".join(f"(param $p{i} (ref null $box))" for i in range(14))
    total = "(i32.const 0)"
    for i in range(14):
        total = f"(i32.add {total} (struct.get $box $v (local.get $p{i})))"
    arguments = " ".join(f"(struct.new $box (i32.const {i}))" for i in range(14))
    text = f"""(module
      (type $box (struct (field $v i32)))
      (func $churn (param i32)
        (loop $l
          (drop (struct.new $box (i32.const -1)))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func $take {params} (result i32) (call $churn (i32.const 50)) {total})
      (func (export "run") (result i32) (call $take {arguments})))"""
    assert make(text).exports.run() == sum(range(14))


def test_references_stay_alive_while_a_host_function_calls_back(make: Make) -> None:
    held: list[Instance] = []

    def back(n: int) -> None:
        held[0].exports.churn(n)

    text = """(module
      (type $box (struct (field $v i32)))
      (import "env" "back" (func $back (param i32)))
      (func (export "churn") (param i32) (local (ref null $box))
        (loop $l
          (local.set 1 (struct.new $box (local.get 0)))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (drop (array.new $refs (local.get 1) (i32.const 100))))
      (type $refs (array (mut (ref null $box))))
      (func (export "run") (result i32) (local $a (ref null $box)) (local $b (ref null $refs))
        (local.set $a (struct.new $box (i32.const 40)))
        (local.set $b (array.new_fixed $refs 1 (struct.new $box (i32.const 2))))
        (call $back (i32.const 100))
        (i32.add
          (struct.get $box $v (local.get $a))
          (struct.get $box $v (array.get $refs (local.get $b) (i32.const 0))))))"""
    held.append(make(text, {"back": back}))
    assert held[0].exports.run() == 42


ARRAYS = """(module
  (type $i8 (array (mut i8))) (type $i16 (array (mut i16))) (type $i32 (array (mut i32)))
  (type $i64 (array (mut i64))) (type $f32 (array (mut f32))) (type $f64 (array (mut f64)))
  (type $v128 (array (mut v128)))
  (func (export "i8") (param i32 i32 i32) (result i32)
    (array.get_s $i8 (array.new $i8 (local.get 0) (local.get 1)) (local.get 2)))
  (func (export "i16") (param i32 i32 i32) (result i32)
    (array.get_u $i16 (array.new $i16 (local.get 0) (local.get 1)) (local.get 2)))
  (func (export "i32") (param i32 i32 i32) (result i32)
    (array.get $i32 (array.new $i32 (local.get 0) (local.get 1)) (local.get 2)))
  (func (export "i64") (param i64 i32 i32) (result i64)
    (array.get $i64 (array.new $i64 (local.get 0) (local.get 1)) (local.get 2)))
  (func (export "f32") (param f32 i32 i32) (result f32)
    (array.get $f32 (array.new $f32 (local.get 0) (local.get 1)) (local.get 2)))
  (func (export "f64") (param f64 i32 i32) (result f64)
    (array.get $f64 (array.new $f64 (local.get 0) (local.get 1)) (local.get 2)))
  (func (export "v128") (param i64 i32 i32) (result i64)
    (i64x2.extract_lane 1 (array.get $v128
      (array.new $v128 (i64x2.splat (local.get 0)) (local.get 1)) (local.get 2))))
  (func (export "zeros") (param i32 i32) (result i64)
    (array.get $i64 (array.new_default $i64 (local.get 0)) (local.get 1)))
  (func (export "length") (param i32) (result i32) (array.len (array.new_default $i8 (local.get 0))))
  (func (export "set") (param i32 i32 i32) (result i32) (local $a (ref null $i16))
    (local.set $a (array.new_default $i16 (local.get 0)))
    (array.set $i16 (local.get $a) (local.get 1) (local.get 2))
    (array.get_s $i16 (local.get $a) (local.get 1))))"""

WIDTHS = [
    ("i8", 7),
    ("i16", 60000),
    ("i32", -5),
    ("i64", 1 << 60),
    ("f32", 1.5),
    ("f64", -0.25),
    ("v128", 99),
]


@pytest.mark.parametrize("length", [1, 3, 100, 5000, 70000])
@pytest.mark.parametrize(("name", "value"), WIDTHS)
def test_arrays_of_every_width_and_length(make: Make, name: str, value: float, length: int) -> None:
    get = make(ARRAYS).exports[name]
    assert get(value, length, 0) == value
    assert get(value, length, length - 1) == value
    with pytest.raises(Trap, match="out of bounds array access"):
        get(value, length, length)
    with pytest.raises(Trap, match="out of bounds array access"):
        get(value, 0, 0)


FILLS = """(module
  (type $i16 (array (mut i16))) (type $i64 (array (mut i64))) (type $v128 (array (mut v128)))
  (func (export "i16") (param $start i32) (param $count i32) (param $at i32) (result i64)
    (local $a (ref $i16))
    (local.set $a (array.new_default $i16 (i32.const 99)))
    (array.fill $i16 (local.get $a) (local.get $start) (i32.const 0x54321) (local.get $count))
    (i64.extend_i32_u (array.get_u $i16 (local.get $a) (local.get $at))))
  (func (export "i64") (param $start i32) (param $count i32) (param $at i32) (result i64)
    (local $a (ref $i64))
    (local.set $a (array.new_default $i64 (i32.const 99)))
    (array.fill $i64 (local.get $a) (local.get $start) (i64.const 0x123456789abcdef0) (local.get $count))
    (array.get $i64 (local.get $a) (local.get $at)))
  (func (export "v128") (param $start i32) (param $count i32) (param $at i32) (result i64)
    (local $a (ref $v128)) (local $v v128)
    (local.set $a (array.new_default $v128 (i32.const 99)))
    (array.fill $v128
      (local.get $a) (local.get $start) (v128.const i64x2 100000000001 7) (local.get $count))
    (local.set $v (array.get $v128 (local.get $a) (local.get $at)))
    (i64.mul
      (i64x2.extract_lane 0 (local.get $v)) (i64x2.extract_lane 1 (local.get $v)))))"""


@pytest.mark.parametrize(
    ("name", "value"), [("i16", 0x4321), ("i64", 0x123456789ABCDEF0), ("v128", 700000000007)]
)
def test_fills_reach_from_their_first_element_to_their_last(make: Make, name: str, value: int) -> None:
    get = make(FILLS).exports[name]
    for start, count in ((0, 0), (3, 1), (1, 3), (2, 4), (0, 32), (5, 33), (7, 71), (0, 99)):
        inside = {start, start + count // 2, start + count - 1}
        around = {0, max(start - 1, 0), start + count, 98}
        for at in sorted(at for at in inside | around if 0 <= at < 99):
            assert get(start, count, at) == (value if start <= at < start + count else 0), (start, count, at)
    with pytest.raises(Trap, match="out of bounds array access"):
        get(90, 10, 0)


def test_new_arrays_are_zero_though_their_memory_was_used(make: Make) -> None:
    exports = make(ARRAYS).exports
    for length in (0, 1, 60, 600, 6000) * 20:
        assert exports["i64"](-1, 600, 5) == -1
        assert exports.length(length) == length
        if length:
            assert exports.zeros(length, length - 1) == 0
    assert exports.set(10, 9, 0x18000) == -0x8000


def test_what_was_stored_into_a_new_structure_is_found_again(make: Make) -> None:
    """Also what comes by another name, from another function, or is cut to the width of the field."""
    text = """(module
      (type $s (struct (field (mut i32)) (field (mut f64)) (field (mut i8)) (field (mut (ref null $s)))))
      (global $g (mut (ref null $s)) (ref.null $s))
      (func $bump (struct.set $s 0 (global.get $g) (i32.const 5)))
      (func $new (param i32) (result (ref $s))
        (struct.new $s (local.get 0) (f64.const 0.5) (local.get 0) (ref.null $s)))
      (func (export "kept") (param i32) (result i32 f64 i32 i32) (local $a (ref null $s))
        (local.set $a (call $new (local.get 0)))
        (struct.get $s 0 (local.get $a)) (struct.get $s 1 (local.get $a)) (struct.get_s $s 2 (local.get $a))
        (ref.is_null (struct.get $s 3 (local.get $a))))
      (func (export "renamed") (param i32) (result i32) (local $a (ref null $s))
        (local.set $a (call $new (local.get 0)))
        (global.set $g (local.get $a))
        (struct.set $s 0 (global.get $g) (i32.const 9))
        (struct.get $s 0 (local.get $a)))
      (func (export "called") (param i32) (result i32) (local $a (ref null $s))
        (global.set $g (local.tee $a (call $new (local.get 0))))
        (call $bump)
        (struct.get $s 0 (local.get $a)))
      (func (export "loop") (param i32) (result i32) (local $a (ref null $s)) (local $b (ref null $s))
        (local.set $a (call $new (i32.const 0)))
        (loop $l
          (local.set $b
            (struct.new $s (struct.get $s 0 (local.get $a)) (f64.const 0) (i32.const 0) (local.get $a)))
          (struct.set $s 0 (local.get $b) (i32.add (struct.get $s 0 (local.get $b)) (local.get 0)))
          (local.set $a (local.get $b))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.sub (struct.get $s 0 (local.get $a)) (struct.get $s 0 (struct.get $s 3 (local.get $a))))))"""
    exports = make(text).exports
    assert exports.kept(0x1FE) == (0x1FE, 0.5, -2, 1)
    assert exports.renamed(4) == 9
    assert exports.called(4) == 5
    assert exports["loop"](100) == 1


def test_structures_larger_than_a_line_and_than_the_largest_in_a_block(make: Make) -> None:
    for count in (20, 900, 1500):
        fields = " ".join("(field (mut i64))" for _ in range(count))
        values = " ".join(f"(i64.const {i})" for i in range(count))
        text = f"""(module (type $big (struct {fields}))
          (func (export "last") (result i64) (struct.get $big {count - 1} (struct.new $big {values})))
          (func (export "zero") (result i64) (struct.get $big {count - 1} (struct.new_default $big))))"""
        exports = make(text).exports
        assert [exports.last() for _ in range(5)] == [count - 1] * 5
        assert exports.zero() == 0


def test_limits_of_the_heap_hold(make: Make) -> None:
    text = """(module
      (type $cell (struct (field (ref null $cell)) (field i64)))
      (type $bytes (array (mut i8)))
      (func (export "fill") (local (ref null $cell))
        (loop $l (local.set 0 (struct.new $cell (local.get 0) (i64.const 1))) (br $l)))
      (func (export "turnover") (param i32)
        (loop $l
          (drop (struct.new $cell (ref.null $cell) (i64.const 1)))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "huge") (param i32) (drop (array.new_default $bytes (local.get 0)))))"""
    instance = make(text, max_gc_heap=1 << 17)
    with pytest.raises(Trap, match="allocation size too large"):
        instance.exports.huge(-1)
    instance.exports.turnover(3000)
    with pytest.raises(Trap, match="GC heap exhausted"):
        instance.exports.fill()
    instance.exports.turnover(3000)


CASTS = """(module
  (rec
    (type $a (sub (struct (field i32))))
    (type $b (sub $a (struct (field i32) (field i32))))
    (type $c (sub final $b (struct (field i32) (field i32) (field i32)))))
  (type $other (struct (field i64)))
  (type $array (array i8))
  (func $make (param i32 externref) (result anyref)
    (block $7 (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 $4 $5 $6 $7 (local.get 0)))
      (return (ref.null any)))
      (return (struct.new $a (i32.const 1))))
      (return (struct.new $b (i32.const 1) (i32.const 2))))
      (return (struct.new $c (i32.const 1) (i32.const 2) (i32.const 3))))
      (return (struct.new $other (i64.const 1))))
      (return (array.new_fixed $array 1 (i32.const 1))))
      (return (ref.i31 (i32.const 3))))
    (any.convert_extern (local.get 1)))
  {functions})"""

NULL, A, B, C, OTHER, ARRAY, I31, HOST = range(8)
MEMBERS = {
    "$a": {A, B, C},
    "$b": {B, C},
    "$c": {C},
    "$other": {OTHER},
    "$array": {ARRAY},
    "any": {A, B, C, OTHER, ARRAY, I31, HOST},
    "eq": {A, B, C, OTHER, ARRAY, I31},
    "i31": {I31},
    "struct": {A, B, C, OTHER},
    "array": {ARRAY},
    "none": set(),
}


def cast_functions(type: str) -> str:
    value = "(call $make (local.get 0) (local.get 1))"
    return f"""
      (func (export "test") (param i32 externref) (result i32) (ref.test {type} {value}))
      (func (export "branch") (param i32 externref) (result i32)
        (if (result i32) (ref.test {type} {value}) (then (i32.const 1)) (else (i32.const 0))))
      (func (export "not") (param i32 externref) (result i32) (i32.eqz (ref.test {type} {value})))
      (func (export "br_on_cast") (param i32 externref) (result i32)
        (block $yes (result {type}) (br_on_cast $yes anyref {type} {value}) (return (i32.const 0)))
        (drop) (i32.const 1))
      (func (export "cast") (param i32 externref) (drop (ref.cast {type} {value})))"""


@pytest.mark.parametrize("null", ["", "null"])
@pytest.mark.parametrize("heap", MEMBERS)
def test_casts(make: Make, heap: str, null: str) -> None:
    exports = make(CASTS.replace("{functions}", cast_functions(f"(ref {null} {heap})"))).exports
    for value in range(8):
        expected = value in MEMBERS[heap] or (value == NULL and null != "")
        for name in ("test", "branch", "br_on_cast"):
            assert exports[name](value, "host") == expected, (name, value)
        assert exports["not"](value, "host") == (not expected), value
        if expected:
            exports.cast(value, "host")
        else:
            with pytest.raises(Trap, match="cast failure"):
                exports.cast(value, "host")


def test_casts_between_types_far_from_the_root(make: Make) -> None:
    depth = 20
    types = "(type $t0 (sub (struct)))" + "".join(
        f"(type $t{i} (sub $t{i - 1} (struct)))" for i in range(1, depth)
    )
    values = "".join(
        f"(if (i32.eq (local.get 0) (i32.const {i})) (then (return (struct.new $t{i}))))"
        for i in range(depth)
    )
    tests = "".join(
        f'(func (export "t{i}") (param i32) (result i32) (ref.test (ref $t{i}) (call $make (local.get 0))))'
        for i in range(depth)
    )
    exports = make(
        f"(module {types} (func $make (param i32) (result anyref) {values} (ref.null any)) {tests})"
    ).exports
    for i in range(depth):
        assert [exports[f"t{i}"](value) for value in range(depth + 1)] == [
            i <= v < depth for v in range(depth + 1)
        ]


def test_null_references_trap(make: Make) -> None:
    text = """(module
      (type $s (struct (field (mut i32)))) (type $a (array (mut i64))) (type $f (func (result i32)))
      (func (export "struct.get") (result i32) (struct.get $s 0 (ref.null $s)))
      (func (export "struct.set") (struct.set $s 0 (ref.null $s) (i32.const 1)))
      (func (export "array.get") (result i64) (array.get $a (ref.null $a) (i32.const 0)))
      (func (export "array.set") (array.set $a (ref.null $a) (i32.const 0) (i64.const 1)))
      (func (export "array.len") (result i32) (array.len (ref.null array)))
      (func (export "array.fill") (array.fill $a (ref.null $a) (i32.const 0) (i64.const 1) (i32.const 0)))
      (func (export "i31.get_s") (result i32) (i31.get_s (ref.null i31)))
      (func (export "call_ref") (result i32) (call_ref $f (ref.null $f)))
      (func (export "ref.as_non_null") (drop (ref.as_non_null (ref.null $s)))))"""
    exports = make(text).exports
    for name, message in {
        "struct.get": "null structure reference",
        "struct.set": "null structure reference",
        "array.get": "null array reference",
        "array.set": "null array reference",
        "array.len": "null array reference",
        "array.fill": "null array reference",
        "i31.get_s": "null i31 reference",
        "call_ref": "null function reference",
        "ref.as_non_null": "null reference",
    }.items():
        with pytest.raises(Trap, match=message):
            exports[name]()


TABLES = """(module
  (type $box (struct (field i32)))
  (type $get (sub (func (result i32))))
  (type $sub (sub final $get (func (result i32))))
  (table $boxes 4 10 (ref null $box))
  (table $wide i64 4 (ref null $box))
  (table $funcs 4 funcref)
  (elem $both func $seven $eight)
  (func $seven (type $get) (i32.const 7))
  (func $eight (type $sub) (i32.const 8))
  (func (export "put") (param i32 i32) (table.set $boxes (local.get 0) (struct.new $box (local.get 1))))
  (func (export "get") (param i32) (result i32) (struct.get $box 0 (table.get $boxes (local.get 0))))
  (func (export "put wide") (param i64 i32) (table.set $wide (local.get 0) (struct.new $box (local.get 1))))
  (func (export "get wide") (param i64) (result i32) (struct.get $box 0 (table.get $wide (local.get 0))))
  (func (export "size") (result i32) (table.size $boxes))
  (func (export "grow") (param i32 i32) (result i32)
    (table.grow $boxes (struct.new $box (local.get 1)) (local.get 0)))
  (func (export "fill") (param i32 i32 i32)
    (table.fill $boxes (local.get 0) (struct.new $box (local.get 1)) (local.get 2)))
  (func (export "copy") (param i32 i32 i32)
    (table.copy $boxes $boxes (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32) (table.init $funcs $both (local.get 0) (i32.const 0) (i32.const 2)))
  (func (export "call") (param i32) (result i32) (call_indirect $funcs (type $get) (local.get 0)))
  (func (export "call final") (param i32) (result i32) (call_indirect $funcs (type $sub) (local.get 0)))
  (func (export "take") (param i32) (result i32)
    (table.set $funcs (local.get 0) (ref.func $eight))
    (call_ref $get (ref.cast (ref $get) (table.get $funcs (local.get 0))))))"""


def test_tables_of_objects(make: Make) -> None:
    exports = make(TABLES).exports
    for i in range(4):
        exports.put(i, 10 * i)
        exports["put wide"](i, 10 * i)
    assert [exports.get(i) for i in range(4)] == [exports["get wide"](i) for i in range(4)] == [0, 10, 20, 30]
    for name, index in (("get", 4), ("get", -1), ("get wide", 4), ("get wide", 1 << 32)):
        with pytest.raises(Trap, match="out of bounds table access"):
            exports[name](index)
    with pytest.raises(Trap, match="out of bounds table access"):
        exports.put(4, 1)
    assert exports.grow(3, 5) == 4
    assert exports.grow(100, 5) == -1
    assert exports.size() == 7
    assert exports.get(6) == 5
    exports.fill(0, 9, 2)
    exports.copy(5, 0, 2)
    assert [exports.get(i) for i in range(7)] == [9, 9, 20, 30, 5, 9, 9]


def test_indirect_calls_accept_subtypes(make: Make) -> None:
    exports = make(TABLES).exports
    exports.init(1)
    assert [exports.call(1), exports.call(2), exports["call final"](2)] == [7, 8, 8]
    with pytest.raises(Trap, match="indirect call type mismatch"):
        exports["call final"](1)
    with pytest.raises(Trap, match="uninitialized element"):
        exports.call(0)
    with pytest.raises(Trap, match="undefined element"):
        exports.call(4)
    assert exports.take(0) == 8


def test_references_in_the_frames_of_a_deep_recursion_stay_alive(
    make: Make, request: pytest.FixtureRequest
) -> None:
    """Each frame holds one over its call; the innermost allocates until the heap has been collected."""
    text = """(module
      (type $box (struct (field $v i64)))
      (func $churn (param i32) (local (ref null $box))
        (loop $l
          (local.set 1 (struct.new $box (i64.const -1)))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func $down (export "down") (param i64 i32) (result i64) (local $own (ref $box))
        (local.set $own (struct.new $box (local.get 0)))
        (if (result i64) (i64.eqz (local.get 0))
          (then (call $churn (local.get 1)) (i64.const 0))
          (else
            (i64.add
              (call $down (i64.sub (local.get 0) (i64.const 1)) (local.get 1))
              (struct.get $box $v (local.get $own)))))))"""
    exports = make(text, max_gc_heap=1 << 20).exports
    assert exports.down(100, 10) == 100 * 101 // 2
    # Boxes of several times the heap, if that is not collected at each of them.
    garbage = 10 if request.node.callspec.params["make"].endswith("stress") else 200_000
    assert exports.down(3000, garbage) == 3000 * 3001 // 2
