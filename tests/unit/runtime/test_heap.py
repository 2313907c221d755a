"""The GC heap: what is reachable stays, what is not goes, and memory is bounded."""

import gc
import random
import resource
import threading
import weakref

import pytest

import wasmine

STRESS = wasmine.Engine(wasmine.Config(gc_stress=True))


class Thing:
    """A Python object whose end can be seen."""


@pytest.fixture
def ended():
    """`ended(thing)`: a callable that tells whether the object is gone, once no name is left for it."""

    def watch(thing):
        reference = weakref.ref(thing)
        return lambda: reference() is None

    return watch


# --- memory


SHORT_LIVED = """(module
  (type $p (struct (field i32) (field i32)))
  (func (export "run") (param $n i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (struct.get $p 0 (struct.new $p (i32.const 1) (local.get $n)))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $l (local.get $n)))
    (local.get $s)))"""


def test_short_lived_objects_take_bounded_memory(load):
    instance = load(SHORT_LIVED, max_gc_heap=8 << 20)
    assert instance.exports.run(10_000_000) == 10_000_000
    assert instance.store.gc_heap_bytes <= 8 << 20


def test_what_is_filled_again_after_a_collection_keeps_its_memory(load):
    """A collection comes after 16 MiB, of objects of 16 bytes here; giving some back faults it in again."""
    instance = load(SHORT_LIVED)
    instance.exports.run(2_500_000)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    instance.exports.run(4_000_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults < 200


TREE = """(module
  (type $t (struct (field (ref null $t)) (field (ref null $t)) (field i32)))
  (global $root (mut (ref null $t)) (ref.null $t))
  (func $make (param $depth i32) (param $id i32) (result (ref $t))
    (if (i32.eqz (local.get $depth))
      (then (return (struct.new $t (ref.null $t) (ref.null $t) (local.get $id)))))
    (struct.new $t
      (call $make (i32.sub (local.get $depth) (i32.const 1)) (i32.mul (local.get $id) (i32.const 2)))
      (call $make (i32.sub (local.get $depth) (i32.const 1))
                  (i32.add (i32.mul (local.get $id) (i32.const 2)) (i32.const 1)))
      (local.get $id)))
  ;; Counts the nodes whose number is what their place says.
  (func $check (param $t (ref null $t)) (param $id i32) (result i32)
    (if (ref.is_null (local.get $t)) (then (return (i32.const 0))))
    (i32.add
      (i32.eq (struct.get $t 2 (local.get $t)) (local.get $id))
      (i32.add
        (call $check (struct.get $t 0 (local.get $t)) (i32.mul (local.get $id) (i32.const 2)))
        (call $check (struct.get $t 1 (local.get $t))
                     (i32.add (i32.mul (local.get $id) (i32.const 2)) (i32.const 1))))))
  (func (export "grow") (param i32) (global.set $root (call $make (local.get 0) (i32.const 1))))
  (func (export "check") (result i32) (call $check (global.get $root) (i32.const 1)))
  (func (export "drop") (global.set $root (ref.null $t))))"""


def test_a_large_tree_is_built_and_walked(load):
    instance = load(TREE)
    instance.exports.grow(17)
    assert instance.exports.check() == (1 << 18) - 1
    instance.store.gc()
    assert instance.exports.check() == (1 << 18) - 1
    # One tree is garbage while the next one grows beside it.
    before = instance.store.gc_heap_bytes
    for _ in range(10):
        instance.exports.grow(17)
    assert instance.exports.check() == (1 << 18) - 1
    # A place in a native frame that nobody reads any more may still name a tree that died.
    assert instance.store.gc_heap_bytes <= 6 * before


def test_memory_of_what_died_goes_back(load):
    instance = load(TREE)
    instance.exports.grow(18)
    assert instance.store.gc_heap_bytes > 10 << 20
    instance.exports.drop()
    instance.store.gc()
    assert instance.store.gc_heap_bytes <= 4 << 20
    instance.exports.grow(18)
    assert instance.exports.check() == (1 << 19) - 1


def test_a_long_list_needs_no_deep_stack_to_be_marked(load):
    instance = load(
        """(module
          (type $l (struct (field (ref null $l))))
          (global $head (mut (ref null $l)) (ref.null $l))
          (func (export "grow") (param $n i32)
            (loop $again
              (global.set $head (struct.new $l (global.get $head)))
              (local.set $n (i32.sub (local.get $n) (i32.const 1)))
              (br_if $again (local.get $n))))
          (func (export "length") (result i32) (local $l (ref null $l)) (local $n i32)
            (local.set $l (global.get $head))
            (block $end (loop $next
              (br_if $end (ref.is_null (local.get $l)))
              (local.set $n (i32.add (local.get $n) (i32.const 1)))
              (local.set $l (struct.get $l 0 (local.get $l)))
              (br $next)))
            (local.get $n)))"""
    )
    instance.exports.grow(1_000_000)
    instance.store.gc()
    assert instance.exports.length() == 1_000_000


def test_the_heap_limit_traps_and_the_store_goes_on(load):
    instance = load(TREE, max_gc_heap=1 << 20)
    with pytest.raises(wasmine.Trap, match="GC heap exhausted"):
        instance.exports.grow(17)
    assert instance.store.gc_heap_bytes <= 1 << 20
    instance.exports.grow(10)
    assert instance.exports.check() == (1 << 11) - 1


@pytest.mark.parametrize("limit", [0, 1, 40_000, 100_000])
def test_a_tiny_heap_is_exhausted_at_once(load, limit):
    instance = load(TREE, max_gc_heap=limit)
    with pytest.raises(wasmine.Trap, match="GC heap exhausted"):
        instance.exports.grow(16)


def test_an_array_that_can_never_fit_traps_without_a_collection(load):
    instance = load(
        """(module (type $a (array (mut i64))) (type $b (array (mut v128)))
          (func (export "make") (param i32) (drop (array.new_default $a (local.get 0))))
          (func (export "fill") (param i32) (drop (array.new $b (v128.const i64x2 1 2) (local.get 0)))))""",
        max_gc_heap=1 << 20,
    )
    instance.exports.make(100_000)
    with pytest.raises(wasmine.Trap, match="allocation size too large"):
        instance.exports.make(200_000)
    for length in (-1, -2, 1 << 28):
        with pytest.raises(wasmine.Trap, match="allocation size too large"):
            instance.exports.fill(length)


def test_large_arrays_come_and_go(load):
    instance = load(
        """(module (type $a (array (mut i32))) (table $t 16 (ref null $a))
          (func (export "make") (param $n i32) (param $length i32)
            (loop $again
              (table.set $t (i32.and (local.get $n) (i32.const 15))
                            (array.new $a (local.get $n) (local.get $length)))
              (local.set $n (i32.sub (local.get $n) (i32.const 1)))
              (br_if $again (local.get $n))))
          (func (export "last") (param i32) (result i32)
            (array.get $a (table.get $t (local.get 0))
                          (i32.sub (array.len (table.get $t (local.get 0))) (i32.const 1)))))""",
        max_gc_heap=64 << 20,
    )
    for length in (2_100, 30_000, 300_000):
        instance.exports.make(500, length)
        assert [instance.exports.last(i) for i in range(16)] == [16, *range(1, 16)]
    assert instance.store.gc_heap_bytes <= 64 << 20


@pytest.mark.parametrize("engine", [None, STRESS], ids=["plain", "stress"])
def test_objects_of_all_sizes_keep_their_contents(engine):
    draw = random.Random(5)
    element = wasmine.ArrayType(wasmine.FieldType("i32", mutable=True))
    steps = 3000 if engine is None else 400
    with wasmine.Store(engine, max_gc_heap=32 << 20) as store:
        kept: dict[int, tuple[wasmine.ArrayRef, list[int]]] = {}
        for step in range(steps):
            size = draw.choice([0, 1, 5, 28, 29, 100, 500, 2_000, 2_044, 2_045, 5_000])
            contents = [draw.getrandbits(31) for _ in range(size)]
            kept[draw.randrange(60)] = wasmine.ArrayRef(store, element, contents), contents
            if step % 500 == 0:
                store.gc()
        for array, contents in kept.values():
            assert list(array) == contents


def test_values_of_all_widths_in_fields_survive_collections():
    fields = ["i8", "i64", "i16", "f32", "v128", "externref", "i8", "anyref", "f64"]
    layout = wasmine.StructType([wasmine.FieldType(field, mutable=True) for field in fields])
    with wasmine.Store(STRESS) as store:
        thing = Thing()
        made = []
        for n in range(200):
            previous = made[-1] if made else None
            values = [n, -n, 60_000 + n, n / 2, bytes([n] * 16), thing, 255 - n, previous, n / 4]
            made.append(wasmine.StructRef(store, layout, values))
        for n, struct in enumerate(made):
            previous = made[n - 1] if n else None
            assert list(struct) == [
                n, -n, 60_000 + n, n / 2, bytes([n] * 16), thing, 255 - n, previous, n / 4,
            ]  # fmt: skip


# --- roots


ROOTS = """(module
  (type $box (struct (field (mut externref))))
  (type $boxes (array (mut (ref null $box))))
  (import "host" "collect" (func $collect))
  (tag $e (param (ref $box)))
  (global $global (mut (ref null $box)) (ref.null $box))
  (global $extern (mut externref) (ref.null extern))
  (table $table 4 (ref null any))

  (func $value (param (ref null $box)) (result externref)
    (struct.get $box 0 (local.get 0)))
  (func (export "in a global") (param externref) (result externref)
    (global.set $global (struct.new $box (local.get 0)))
    (local.set 0 (ref.null extern))
    (call $collect)
    (call $value (global.get $global)))
  (func (export "in a global of externref") (param externref) (result externref)
    (global.set $extern (local.get 0))
    (local.set 0 (ref.null extern))
    (call $collect)
    (global.get $extern))
  (func (export "in a table") (param externref) (result externref)
    (table.set $table (i32.const 3) (struct.new $box (local.get 0)))
    (local.set 0 (ref.null extern))
    (call $collect)
    (call $value (ref.cast (ref $box) (table.get $table (i32.const 3)))))
  (func (export "in a local") (param externref) (result externref) (local (ref null $box))
    (local.set 1 (struct.new $box (local.get 0)))
    (local.set 0 (ref.null extern))
    (call $collect)
    (call $value (local.get 1)))
  (func (export "on the operand stack") (param externref) (result externref)
    (struct.new $box (local.get 0))
    (local.set 0 (ref.null extern))
    (call $collect)
    (call $value))
  (func (export "in an array") (param externref) (result externref) (local (ref null $boxes))
    (local.set 1 (array.new_default $boxes (i32.const 5000)))
    (array.set $boxes (local.get 1) (i32.const 4321) (struct.new $box (local.get 0)))
    (local.set 0 (ref.null extern))
    (call $collect)
    (call $value (array.get $boxes (local.get 1) (i32.const 4321))))
  (func (export "in an exception") (param externref) (result externref)
    (block $caught (result (ref $box))
      (try_table (catch $e $caught)
        (struct.new $box (local.get 0))
        (local.set 0 (ref.null extern))
        (call $throw))
      (unreachable))
    (call $value))
  (func $throw (param (ref $box))
    (block $again (result exnref)
      (try_table (catch_all_ref $again) (throw $e (local.get 0)))
      (unreachable))
    (call $collect)
    (throw_ref))
  (func (export "in a caller's frame") (param externref) (result externref)
    (call $deep (struct.new $box (local.get 0)) (i32.const 300)))
  (func $deep (param (ref $box)) (param i32) (result externref)
    (if (i32.eqz (local.get 1)) (then (call $collect) (return (call $value (local.get 0)))))
    (call $deep (struct.new $box (call $value (local.get 0))) (i32.sub (local.get 1) (i32.const 1)))))"""

PLACES = [line.split('"')[1] for line in ROOTS.splitlines() if "(export" in line]


def use_freed_memory(store):
    """Collects, and gives other contents to what was freed."""
    store.gc()
    kind = wasmine.StructType(["i64", "i64"])
    for _ in range(3000):
        wasmine.StructRef(store, kind, [-1, -1])


@pytest.mark.parametrize("place", PLACES)
def test_an_object_survives(load, place):
    instance = load(ROOTS, {"host": {"collect": lambda: use_freed_memory(instance.store)}})
    thing = Thing()
    assert instance.exports[place](thing) is thing


def test_objects_in_a_passive_segment_survive(load):
    instance = load(
        """(module
          (type $box (struct (field (mut externref))))
          (type $boxes (array (ref $box)))
          (elem $segment (ref $box)
            (item (struct.new $box (ref.null extern))) (item (struct.new $box (ref.null extern))))
          (func $box (param i32) (result (ref $box))
            (array.get $boxes (array.new_elem $boxes $segment (local.get 0) (i32.const 1)) (i32.const 0)))
          (func (export "set") (param i32 externref)
            (struct.set $box 0 (call $box (local.get 0)) (local.get 1)))
          (func (export "get") (param i32) (result externref) (struct.get $box 0 (call $box (local.get 0))))
          (func (export "drop") (elem.drop $segment)))"""
    )
    things = Thing(), Thing()
    for i, thing in enumerate(things):
        instance.exports.set(i, thing)
    use_freed_memory(instance.store)
    assert (instance.exports.get(0), instance.exports.get(1)) == things
    first = weakref.ref(things[0])
    del things, thing
    instance.exports.drop()
    instance.store.gc()
    assert first() is None


def test_objects_in_outer_activations_survive(load):
    def again(depth):
        instance.store.gc()
        return instance.exports.nest(depth - 1)

    instance = load(
        """(module (type $box (struct (field i32)))
          (import "host" "again" (func $again (param i32) (result i32)))
          (func (export "nest") (param i32) (result i32) (local (ref null $box))
            (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
            (local.set 1 (struct.new $box (local.get 0)))
            (i32.add (call $again (local.get 0)) (struct.get $box 0 (local.get 1)))))""",
        {"host": {"again": again}},
    )
    assert instance.exports.nest(40) == 40 * 41 // 2


def test_arguments_survive_while_the_others_are_converted(load):
    instance = load(
        """(module (type $box (struct (field externref)))
          (func (export "second") (param externref i32 externref) (result externref externref)
            (local.get 0) (local.get 2)))"""
    )

    class Index:
        def __index__(self):
            instance.store.gc()
            return 1

    first, last = Thing(), Thing()
    assert instance.exports.second(first, Index(), last) == (first, last)


# --- Python objects


def test_a_python_object_is_let_go_by_a_collection(load, ended):
    instance = load('(module (func (export "take") (param externref)))')
    thing = Thing()
    gone = ended(thing)
    instance.exports.take(thing)
    del thing
    assert not gone()
    instance.store.gc()
    assert gone()


def test_python_objects_in_a_cycle_of_structures_are_let_go(load, ended):
    instance = load(
        """(module
          (type $node (struct (field (mut (ref null $node))) (field externref)))
          (func (export "cycle") (param externref externref) (local $a (ref $node))
            (local.set $a (struct.new $node (ref.null $node) (local.get 0)))
            (struct.set $node 0 (local.get $a) (struct.new $node (local.get $a) (local.get 1)))))"""
    )
    things = [Thing(), Thing()]
    gone = [ended(thing) for thing in things]
    instance.exports.cycle(*things)
    del things
    instance.store.gc()
    assert all(end() for end in gone)


def test_a_loop_that_makes_python_objects_lets_them_go(load):
    alive = weakref.WeakSet()
    most = 0

    def make():
        nonlocal most
        most = max(most, len(alive))
        thing = Thing()
        alive.add(thing)
        return thing

    instance = load(
        """(module (import "host" "make" (func $make (result externref)))
          (func (export "run") (param i32)
            (loop $again
              (drop (call $make))
              (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
              (br_if $again (local.get 0)))))""",
        {"host": {"make": make}},
    )
    instance.exports.run(100_000)
    assert most <= 20_000


def test_a_python_object_keeps_its_reference_while_it_is_reachable(load):
    instance = load(
        """(module (global $g (mut externref) (ref.null extern))
          (func (export "set") (param externref) (global.set $g (local.get 0)))
          (func (export "get") (result externref) (global.get $g)))"""
    )
    kept = Thing()
    instance.exports.set(kept)
    for _ in range(50):
        instance.store.gc()
        for _ in range(20):
            instance.exports.set(Thing())
        instance.exports.set(kept)
    instance.store.gc()
    assert instance.exports.get() is kept


def test_a_finaliser_may_use_the_store(load):
    instance = load(
        '(module (func (export "take") (param externref)) (func (export "two") (result i32) i32.const 2))'
    )
    seen = []

    class Last:
        def __del__(self):
            seen.append(instance.exports.two())
            instance.store.gc()

    instance.exports.take(Last())
    instance.store.gc()
    assert seen == [2]


def test_closing_the_store_lets_python_objects_go(ended):
    store = wasmine.Store()
    kind = wasmine.StructType(["externref"])
    thing = Thing()
    gone = ended(thing)
    struct = wasmine.StructRef(store, kind, [thing])
    del thing
    store.close()
    gc.collect()
    assert gone()
    with pytest.raises(wasmine.StoreClosed):
        struct[0]
    with pytest.raises(wasmine.StoreClosed):
        store.gc()
    del struct


def test_a_cycle_through_a_store_is_freed_with_it(ended):
    store = wasmine.Store()
    thing = Thing()
    thing.struct = wasmine.StructRef(store, wasmine.StructType(["externref"]), [thing])
    gone = ended(thing)
    del store, thing
    gc.collect()
    assert gone()


# --- threads


def test_stores_of_several_threads_collect_apart():
    module = wasmine.Module(SHORT_LIVED)
    results = []

    def work():
        with wasmine.Store(max_gc_heap=5 << 20) as store:
            results.append(wasmine.Linker().instantiate(store, module).exports.run(500_000))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [500_000] * 4


def test_a_wrapper_may_end_in_another_thread_while_the_store_collects(load):
    instance = load(SHORT_LIVED)
    kind = wasmine.StructType(["i32"])
    for _ in range(5):
        wrappers = [wasmine.StructRef(instance.store, kind, [n]) for n in range(2000)]
        thread = threading.Thread(target=wrappers.clear)
        thread.start()
        assert instance.exports.run(1_000_000) == 1_000_000
        thread.join()
        del wrappers


def test_collecting_a_store_that_another_thread_runs_is_refused(load):
    entered, leave = threading.Event(), threading.Event()

    def wait():
        entered.set()
        leave.wait()

    instance = load(
        '(module (import "a" "wait" (func $wait)) (func (export "run") (call $wait)))', {"a": {"wait": wait}}
    )
    thread = threading.Thread(target=instance.exports.run)
    thread.start()
    entered.wait()
    try:
        with pytest.raises(wasmine.StoreBusy):
            instance.store.gc()
    finally:
        leave.set()
        thread.join()


def test_a_structure_may_be_larger_than_a_block(load):
    fields = ["i64", "externref"] * 4000
    kind = wasmine.StructType(fields)
    with wasmine.Store() as store:
        things = [Thing() for _ in range(4000)]
        values = [value for i, thing in enumerate(things) for value in (i, thing)]
        struct = wasmine.StructRef(store, kind, values)
        box = wasmine.StructRef(store, wasmine.StructType(["anyref"]), [struct])
        del struct
        use_freed_memory(store)
        assert list(box[0]) == values
