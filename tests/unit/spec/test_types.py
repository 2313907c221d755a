"""The registry of defined types, and matching."""

import copy
import gc
import pickle
import weakref

import pytest

from wasmine.spec.errors import InvalidError, MalformedError, ModuleError
from wasmine.spec.limits import LIMITS, MAX
from wasmine.spec.types import RecGroup, TypeRegistry, heap_type_name, value_type_name

REF, NULLABLE, ABSTRACT = 0x40000000, 0x20000000, 0x10000000
I32, I64, F32, F64, V128 = 0x7F, 0x7E, 0x7D, 0x7C, 0x7B
HEAP = {
    "func": 0x70, "extern": 0x6F, "any": 0x6E, "eq": 0x6D, "i31": 0x6C, "struct": 0x6B, "array": 0x6A,
    "exn": 0x69, "noexn": 0x74, "nofunc": 0x73, "noextern": 0x72, "none": 0x71,
}  # fmt: skip

# Section 3.3.2: each abstract heap type and those it matches, besides itself.
ABOVE = {
    "eq": {"any"},
    "i31": {"eq", "any"},
    "struct": {"eq", "any"},
    "array": {"eq", "any"},
    "none": {"i31", "struct", "array", "eq", "any"},
    "nofunc": {"func"},
    "noextern": {"extern"},
    "noexn": {"exn"},
}


def ref(heap: str, nullable: bool = False) -> int:
    return REF | ABSTRACT | HEAP[heap] | (NULLABLE if nullable else 0)


def test_function_types_are_canonical() -> None:
    registry = TypeRegistry()
    a = registry.func_type((I32, V128), (F64,))
    assert registry.func_type((I32, V128), (F64,)) is a
    b = registry.func_type((I32,), (V128, F64))
    assert b is not a
    assert (a.base, b.base) == (0, 1)
    assert registry.describe(a.base) == ("func", True, None, ((I32, V128), (F64,)))
    assert registry.describe(b.base) == ("func", True, None, ((I32,), (V128, F64)))
    assert repr(a) == "<RecGroup of types 0 to 0>"


def test_a_group_dies_with_its_last_user() -> None:
    registry = TypeRegistry()
    a = registry.func_type((I32,), ())
    user = registry.func_type((REF | a.base,), (), (a,))
    watch = weakref.ref(a)
    base = a.base
    del a
    assert watch() is not None
    del user
    assert watch() is None
    assert registry.live_groups == 0
    with pytest.raises(KeyError):
        registry.describe(base)
    assert registry.func_type((), ()).base in (0, 1)


def test_the_registry_outlives_its_groups() -> None:
    registry = TypeRegistry()
    watch = weakref.ref(registry)
    group = registry.func_type((), ())
    del registry
    assert watch() is not None
    del group
    assert watch() is None


def test_groups_in_a_cycle_are_collected() -> None:
    def make_cycle(registry: TypeRegistry) -> None:
        cycle: list[object] = [registry, *(registry.func_type((I32,) * i, ()) for i in range(100))]
        cycle.append(cycle)

    registry = TypeRegistry()
    make_cycle(registry)
    gc.collect()
    assert registry.live_groups == 0
    watch = weakref.ref(registry)
    make_cycle(registry)
    del registry
    assert watch() is not None
    gc.collect()
    assert watch() is None


def test_memory_stays_flat() -> None:
    registry = TypeRegistry()
    for i in range(10_000):
        group = registry.func_type((I32,) * (i % 7), (I64,) * (i % 3))
        assert group.base <= 1


def test_only_the_registry_makes_groups_that_mean_anything() -> None:
    group = RecGroup()
    assert (group.base, group.count) == (0, 0)


@pytest.mark.parametrize("nullable_a", [False, True])
@pytest.mark.parametrize("nullable_b", [False, True])
def test_abstract_types(nullable_a: bool, nullable_b: bool) -> None:
    registry = TypeRegistry()
    for a in HEAP:
        for b in HEAP:
            heap_matches = a == b or b in ABOVE.get(a, set())
            expected = heap_matches and (nullable_b or not nullable_a)
            assert registry.matches(ref(a, nullable_a), ref(b, nullable_b)) is expected, (a, b)


def test_numbers_match_themselves_only() -> None:
    registry = TypeRegistry()
    for a in (I32, I64, F32, F64, V128):
        for b in (I32, I64, F32, F64, V128):
            assert registry.matches(a, b) is (a == b)
        assert not registry.matches(a, ref("any", nullable=True))
        assert not registry.matches(ref("any", nullable=True), a)
        assert registry.matches(1, a)  # the bottom type


def test_function_types_among_the_abstract_ones() -> None:
    registry = TypeRegistry()
    group = registry.func_type((), ())
    other = registry.func_type((I32,), ())
    for heap in HEAP:
        assert registry.matches(REF | group.base, ref(heap)) is (heap == "func")
        assert registry.matches(ref(heap), REF | group.base) is (heap == "nofunc")
    assert registry.matches(REF | group.base, REF | NULLABLE | group.base)
    assert not registry.matches(REF | group.base, REF | other.base)


def test_names_of_types() -> None:
    assert [value_type_name(code) for code in (I32, I64, F32, F64, V128, 0x78, 0x77)] == [
        "i32", "i64", "f32", "f64", "v128", "i8", "i16",
    ]  # fmt: skip
    assert value_type_name(ref("func", nullable=True)) == "funcref"
    assert value_type_name(ref("none", nullable=True)) == "nullref"
    assert value_type_name(ref("nofunc", nullable=True)) == "nullfuncref"
    assert value_type_name(ref("extern")) == "(ref extern)"
    assert value_type_name(REF | 5) == "(ref 5)"
    assert value_type_name(REF | NULLABLE | 5) == "(ref null 5)"
    assert [heap_type_name(ABSTRACT | code) for code in HEAP.values()] == list(HEAP)


def test_limits_have_names_and_reasons() -> None:
    assert len(MAX) == len(LIMITS)
    for limit in LIMITS:
        assert limit.name.isupper()
        assert limit.value > 0
        assert limit.subject
        assert limit.reason


def test_errors_say_where_and_what() -> None:
    error = MalformedError("integer too large", 0x1F2, expected="32 bits", found="33", function=7)
    assert error.message == "integer too large: in function 7, at byte 0x1f2: expected 32 bits, found 33"
    assert (error.offset, error.function, error.expected, error.found) == (0x1F2, 7, "32 bits", "33")
    assert str(InvalidError("start function")) == "start function"
    assert str(InvalidError("unknown type 3", 8)) == "unknown type 3: at byte 0x8"
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert isinstance(twin, ModuleError)
        assert (type(twin), vars(twin)) == (type(error), vars(error))
