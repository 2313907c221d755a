"""Structures, arrays, i31 and exceptions of the GC heap as Python sees them."""

import gc
import weakref

import pytest

import wasmine
from wasmine import I31, ArrayRef, ArrayType, ExnRef, FieldType, StructRef, StructType

POINTS = """(module
  (type $point (struct (field $x (mut i32)) (field $y (mut f64))))
  (type $line (struct (field $from (ref null $point)) (field $to (ref $point))))
  (type $bytes (array (mut i8)))
  (type $points (array (ref null $point)))
  (func (export "point") (param i32 f64) (result (ref $point))
    (struct.new $point (local.get 0) (local.get 1)))
  (func (export "line") (param (ref null $point) (ref $point)) (result (ref $line))
    (struct.new $line (local.get 0) (local.get 1)))
  (func (export "bytes") (param i32 i32) (result (ref $bytes)) (array.new $bytes (local.get 0) (local.get 1)))
  (func (export "x") (param (ref null $point)) (result i32) (struct.get $point $x (local.get 0)))
  (func (export "same") (param eqref eqref) (result i32) (ref.eq (local.get 0) (local.get 1)))
  (func (export "any") (param anyref) (result anyref) (local.get 0))
  (func (export "eq") (param eqref) (result eqref) (local.get 0))
  (func (export "i31") (param i31ref) (result i31ref) (local.get 0))
  (func (export "structs") (param structref) (result structref) (local.get 0))
  (func (export "arrays") (param arrayref) (result arrayref) (local.get 0))
  (func (export "extern") (param externref) (result externref) (local.get 0))
  (func (export "in") (param externref) (result anyref) (any.convert_extern (local.get 0)))
  (func (export "out") (param anyref) (result externref) (extern.convert_any (local.get 0)))
  (func (export "is i31") (param anyref) (result i32) (ref.test (ref i31) (local.get 0)))
  (global (export "point of module") (mut (ref null $point)) (ref.null $point))
  (table (export "points of module") 3 (ref null $point)))"""


@pytest.fixture
def instance():
    with wasmine.load(POINTS) as instance:
        yield instance


def call(instance, name, *arguments):
    return instance.exports[name](*arguments)


# --- structures


def test_fields_are_read_and_assigned_by_position_and_by_name(instance):
    point = call(instance, "point", 3, 0.5)
    assert (point[0], point[1], point["x"], point["y"]) == (3, 0.5, 3, 0.5)
    point["x"] = -4
    point[-1] = 2
    assert list(point) == [-4, 2.0]
    assert len(point) == 2
    assert call(instance, "x", point) == -4


def test_a_field_that_is_not_there_or_not_to_be_assigned(instance):
    point = call(instance, "point", 3, 0.5)
    line = call(instance, "line", None, point)
    assert line["from"] is None
    assert line["to"] == point
    for key in (2, -3, 1 << 70):
        with pytest.raises(IndexError):
            point[key]
    with pytest.raises(KeyError):
        point["z"]
    with pytest.raises(TypeError):
        point[0.5]
    with pytest.raises(TypeError, match="immutable"):
        line["from"] = point
    with pytest.raises(OverflowError):
        point["x"] = 1 << 32
    with pytest.raises(TypeError):
        point["y"] = "1"


def test_structures_are_equal_when_they_are_the_same(instance):
    one, other = (call(instance, "point", 1, 1.0) for _ in range(2))
    again = call(instance, "any", one)
    assert one == again
    assert hash(one) == hash(again)
    assert one != other
    assert one != 1
    assert call(instance, "same", one, again) == 1
    assert call(instance, "same", one, other) == 0


def test_a_structure_made_in_python(instance):
    kind = instance.module.types[0]
    point = StructRef(instance.store, kind, [7, 1.5])
    assert call(instance, "x", point) == 7
    assert list(StructRef(instance.store, kind)) == [0, 0.0]
    assert point.store is instance.store
    with pytest.raises(TypeError, match="2 fields, 1 values"):
        StructRef(instance.store, kind, [1])
    with pytest.raises(TypeError, match="no default"):
        StructRef(instance.store, instance.module.types[1])
    with pytest.raises(TypeError):
        StructRef(instance.store, instance.module.types[1], [None, None])
    with pytest.raises(TypeError, match="StructType"):
        StructRef(instance.store, instance.module.types[2], [])
    with pytest.raises(TypeError):
        StructRef(None, kind)


def test_a_type_made_in_python_is_that_of_the_module(instance):
    kind = StructType([FieldType("i32", mutable=True), FieldType("f64", mutable=True)])
    assert kind == instance.module.types[0]
    assert call(instance, "x", StructRef(instance.store, kind, [5, 0])) == 5
    other = StructType(["i32", "f64"])
    assert kind != other
    with pytest.raises(TypeError):
        call(instance, "x", StructRef(instance.store, other, [5, 0]))


def test_types_describe_themselves(instance):
    point, line, octets, points, *_ = instance.module.types
    assert str(point) == "(struct (mut i32) (mut f64))"
    assert (point.name, line.name) == ("point", "line")
    assert [field.name for field in point.fields] == ["x", "y"]
    assert str(octets) == "(array (mut i8))"
    assert octets.element.storage == wasmine.I8
    assert points.element.storage.heap.definition == point
    made = call(instance, "point", 1, 2)
    assert made.type == point
    assert made.type.name == "point"
    assert repr(made) == "<StructRef (struct (mut i32) (mut f64))>"
    assert eval(repr(point), vars(wasmine)) == point
    assert wasmine.HeapType("any").definition is None


def test_globals_and_tables_hold_structures(instance):
    point = call(instance, "point", 8, 0)
    instance.exports["point of module"].value = point
    assert instance.exports["point of module"].value == point
    table = instance.exports["points of module"]
    table[1] = point
    assert [None if p is None else p["x"] for p in table] == [None, 8, None]
    with pytest.raises(TypeError):
        table[2] = call(instance, "bytes", 0, 1)


# --- arrays


def test_elements_are_read_and_assigned(instance):
    octets = call(instance, "bytes", 7, 4)
    assert len(octets) == 4
    octets[0] = 255
    octets[-1] = -1
    assert list(octets) == [255, 7, 7, 255]
    assert octets[1:3] == [7, 7]
    assert octets[::-2] == [255, 7]
    assert octets.tobytes() == b"\xff\x07\x07\xff"
    for index in (4, -5):
        with pytest.raises(IndexError):
            octets[index]
        with pytest.raises(IndexError):
            octets[index] = 0
    for value in (256, -129):
        with pytest.raises(OverflowError):
            octets[0] = value
    with pytest.raises(TypeError):
        octets[0] = 1.5
    assert repr(octets) == "<ArrayRef (array (mut i8)) of 4 elements>"


def test_arrays_made_in_python(instance):
    store = instance.store
    octets, points = instance.module.types[2:4]
    assert ArrayRef(store, octets, b"wasm").tobytes() == b"wasm"
    assert list(ArrayRef(store, octets, length=3)) == [0, 0, 0]
    point = call(instance, "point", 2, 2)
    assert list(ArrayRef(store, points, [None, point])) == [None, point]


def test_arrays_that_cannot_be_made(instance):
    store = instance.store
    octets = instance.module.types[2]
    with pytest.raises(TypeError, match="values or of a length"):
        ArrayRef(store, octets)
    with pytest.raises(TypeError, match="values or of a length"):
        ArrayRef(store, octets, b"", length=0)
    for length in (-1, 1 << 32):
        with pytest.raises(ValueError, match="elements"):
            ArrayRef(store, octets, length=length)
    with pytest.raises(OverflowError):
        ArrayRef(store, octets, [256])
    with pytest.raises(TypeError, match="no default"):
        ArrayRef(store, ArrayType(wasmine.RefType("any", nullable=False)), length=1)
    with pytest.raises(TypeError, match="no bytes"):
        ArrayRef(store, instance.module.types[3], length=1).tobytes()
    with wasmine.Store(max_gc_heap=100_000) as small:
        with pytest.raises(wasmine.Trap, match="allocation size too large"):
            ArrayRef(small, ArrayType("i64"), length=1 << 31)
        with pytest.raises(wasmine.Trap, match="GC heap exhausted"):
            [ArrayRef(small, ArrayType("i8"), length=5000) for _ in range(100)]


# --- i31 and Python objects


@pytest.mark.parametrize("value", [0, 1, -1, 5, (1 << 30) - 1, -(1 << 30)])
def test_i31_is_an_int(instance, value):
    for given in (value, I31(value)):
        for name in ("i31", "eq", "any"):
            got = call(instance, name, given)
            assert got == value
            assert type(got) is I31
    assert call(instance, "out", I31(value)) == value
    assert call(instance, "is i31", value) == 1


def test_i31_wraps_what_is_given_as_unsigned():
    assert I31((1 << 31) - 1) == -1
    assert I31(1 << 30) == -(1 << 30)
    assert repr(I31(5)) == "I31(5)"
    assert I31(5) + 1 == 6
    for value in (1 << 31, -(1 << 30) - 1):
        with pytest.raises(OverflowError):
            I31(value)


def test_an_int_beyond_i31_is_an_object_where_there_may_be_one(instance):
    large = 1 << 40
    assert call(instance, "any", large) is large
    assert call(instance, "is i31", large) == 0
    for name in ("i31", "eq"):
        with pytest.raises(OverflowError):
            call(instance, name, large)


def test_python_objects_go_through_by_identity(instance):
    class Thing:
        pass

    for thing in (Thing(), "text", 1.5, True, (), instance):
        assert call(instance, "extern", thing) is thing
        assert call(instance, "any", thing) is thing
        assert call(instance, "in", thing) is thing
        assert call(instance, "out", thing) is thing
        for name in ("eq", "i31", "structs", "arrays"):
            with pytest.raises(TypeError):
                call(instance, name, thing)
    assert call(instance, "extern", 5) == 5


def test_objects_go_out_and_in_again(instance):
    point = call(instance, "point", 1, 1)
    assert call(instance, "out", point) == point
    assert call(instance, "in", point) == point
    assert call(instance, "extern", point) == point
    assert call(instance, "structs", point) == point
    with pytest.raises(TypeError):
        call(instance, "arrays", point)
    assert call(instance, "out", None) is None
    assert call(instance, "in", None) is None


def test_host_functions_take_and_return_objects():
    text = """(module
      (type $box (struct (field $value (mut i32))))
      (import "host" "twice" (func $twice (param (ref $box)) (result (ref $box) i31ref)))
      (func (export "run") (param i32) (result i32)
        (call $twice (struct.new $box (local.get 0)))
        (drop)
        (struct.get $box 0)))"""
    seen = []

    def twice(box):
        seen.append(box["value"])
        box["value"] *= 2
        return StructRef(box.store, box.type, [box["value"] + 1]), 5

    with wasmine.load(text, {"host": {"twice": twice}}) as instance:
        assert instance.exports.run(20) == 41
        assert seen == [20]


# --- exceptions as values


def test_a_caught_exception_is_a_value():
    text = """(module
      (type $box (struct (field $value i32)))
      (tag $e (export "e") (param i32 (ref $box)))
      (func (export "catch") (param i32) (result exnref)
        (block $caught (result exnref)
          (try_table (catch_all_ref $caught) (throw $e (local.get 0) (struct.new $box (i32.const 9))))
          (unreachable)))
      (func (export "throw") (param exnref) (throw_ref (local.get 0))))"""
    with wasmine.load(text) as instance:
        caught = instance.exports.catch(4)
        assert isinstance(caught, ExnRef)
        instance.store.gc()
        assert caught.tag == instance.exports.e
        number, box = caught.payload
        assert (number, box["value"]) == (4, 9)
        assert repr(caught).startswith("<ExnRef <Tag (i32")
        with pytest.raises(wasmine.WasmException) as thrown:
            instance.exports.throw(caught)
        assert thrown.value.payload == (4, box)
        with pytest.raises(TypeError):
            instance.exports.throw(box)
        # To whom a reference says nothing, it is an object like any other.
        with wasmine.load(POINTS) as other:
            assert call(other, "extern", caught) is caught


# --- stores


def test_objects_belong_to_their_store(instance):
    with wasmine.load(POINTS) as other:
        point = call(other, "point", 1, 1)
        for name in ("x", "any", "extern"):
            with pytest.raises(ValueError, match="another store"):
                call(instance, name, point)


def test_types_belong_to_their_engine(instance):
    engine = wasmine.Engine(wasmine.Config())
    with wasmine.Store(engine) as store, pytest.raises(TypeError, match="another engine"):
        StructRef(store, instance.module.types[0])


def test_objects_of_a_closed_store_raise():
    instance = wasmine.load(POINTS)
    point, octets = call(instance, "point", 1, 1), call(instance, "bytes", 1, 1)
    instance.store.close()
    for use in (
        lambda: point[0],
        lambda: len(point),
        lambda: point.type,
        lambda: octets[0],
        lambda: len(octets),
        octets.tobytes,
    ):
        with pytest.raises(wasmine.StoreClosed):
            use()
    assert repr(point) == "<StructRef, closed>"
    assert repr(octets) == "<ArrayRef, closed>"
    assert point == point


@pytest.mark.parametrize("cls", [StructRef, ArrayRef, ExnRef])
def test_an_object_that_was_never_made(cls):
    blank = cls.__new__(cls)
    assert "of nothing" in repr(blank)
    assert blank != cls.__new__(cls)
    for name in ("type", "tag", "payload"):
        if hasattr(cls, name):
            with pytest.raises(TypeError, match="refers to nothing"):
                getattr(blank, name)
    if cls is not ExnRef:
        with pytest.raises(TypeError, match="refers to nothing"):
            blank[0]
    with wasmine.load(POINTS) as instance:
        for name in ("any", "eq", "extern"):
            with pytest.raises(TypeError, match="of nothing"):
                call(instance, name, blank)


def test_a_wrapper_holds_its_object_and_lets_it_go(instance):
    class Thing:
        pass

    thing = Thing()
    box = StructRef(instance.store, StructType(["externref"]), [thing])
    gone = weakref.ref(thing)
    del thing
    instance.store.gc()
    assert gone() is box[0]
    del box
    instance.store.gc()
    assert gone() is None


def test_a_store_can_be_dropped_with_its_objects_in_any_order():
    instance = wasmine.load(POINTS)
    store = weakref.ref(instance.store)
    point = call(instance, "point", 1, 1)
    del instance
    gc.collect()
    assert point[0] == 1
    del point
    gc.collect()
    assert store() is None


def test_a_value_whose_conversion_closes_the_store():
    instance = wasmine.load(POINTS)
    octets = call(instance, "bytes", 1, 1)

    class Closing:
        def __index__(self):
            instance.store.close()
            return 1

    with pytest.raises(wasmine.StoreClosed):
        octets[0] = Closing()


def test_making_objects_at_every_collection():
    engine = wasmine.Engine(wasmine.Config(gc_stress=True))
    with wasmine.Store(engine) as store:
        kind = StructType(["externref", "anyref"])
        chain = None
        for n in range(100):
            chain = StructRef(store, kind, [str(n), chain])
        for n in reversed(range(100)):
            assert chain[0] == str(n)
            chain = chain[1]
        assert chain is None
