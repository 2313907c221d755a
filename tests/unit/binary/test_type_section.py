"""The type section: canonical ids across modules, and the rules of subtyping."""

import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import wasmtime

from wasmine.binary.module import ModuleData
from wasmine.spec.errors import InvalidError, MalformedError, ModuleError
from wasmine.spec.types import TypeRegistry

Read = Callable[..., ModuleData]


def ids(module: ModuleData) -> list[int]:
    found: list[int] = module.describe()["types"]
    return found


LIST = "(rec (type $l (struct (field (ref null $l)))) (type (array (ref $l))))"


def test_equal_groups_are_one_across_modules(read: Read) -> None:
    registry = TypeRegistry()
    first = read(f"(module (type (func (param i32))) {LIST})", registry)
    again = LIST.replace("$l", "$m")
    second = read(f"(module {LIST} (type (func)) (type (func (param i32))) {again})", registry)
    one, two = ids(first), ids(second)
    assert two[0:2] == one[1:3]
    assert two[3] == one[0]
    assert two[4:6] == two[0:2]
    assert two[2] not in one
    assert registry.live_groups == 3


def test_groups_differ_by_anything(read: Read) -> None:
    registry = TypeRegistry()
    variants = [
        "(type (func (param i32)))",
        "(type (func (result i32)))",
        "(type (sub (func (param i32))))",
        "(type (struct (field i32)))",
        "(type (struct (field (mut i32))))",
        "(type (array i32))",
        "(type (array i8))",
        "(type (array i16))",
        "(rec (type (array i32)) (type (array i32)))",
        "(rec (type $l (struct (field (ref null $l)))) (type (array (ref null $l))))",
        "(rec (type (array (ref $l))) (type $l (struct (field (ref null $l)))))",
        LIST,
        # A reference to a type of an equal group is another type than one into the own group.
        "(type $o (struct (field anyref))) (type $n (struct (field (ref null $o))))",
        "(type $l (struct (field (ref null $l)))) (type (struct (field (ref null $l))))",
    ]
    modules = [read(f"(module {variant})", registry) for variant in variants]
    seen = [id for module in modules for id in dict.fromkeys(ids(module))]
    assert len(seen) == len(set(seen))
    # A group of one type is the type alone.
    alone = ids(modules[0])
    assert ids(read("(module (rec (type (func (param i32)))))", registry)) == alone


def test_references_between_groups_keep_them_alive(read: Read) -> None:
    registry = TypeRegistry()
    module = read(
        "(module (type $a (func)) (type $b (func (param (ref $a)))) (type (struct (field (ref $b)))))",
        registry,
    )
    last = module.groups[-1]
    before = ids(module)
    del module
    gc.collect()
    assert registry.live_groups == 3
    assert registry.describe(last.base)[3] == ((0x40000000 | before[1], False),)
    again = read("(module (type $a (func)) (type (func (param (ref $a)))))", registry)
    assert ids(again) == before[:2]
    del again, last
    assert registry.live_groups == 0


def test_ids_are_used_again(read: Read) -> None:
    registry = TypeRegistry()
    sources = [
        f"(module (type (func (param {'i32 ' * n}))) {LIST.replace('ref null', kind)})"
        for n in range(20)
        for kind in ("ref null", "ref")
    ]
    highest = max(max(ids(read(source, registry))) for source in sources * 5)
    assert highest == 2
    assert registry.live_groups == 0


def test_a_rejected_group_leaves_nothing(read: Read, wasm: SimpleNamespace) -> None:
    registry = TypeRegistry()
    bad = wasm.module(wasm.section(1, b"\x02\x5f\x00\x50\x01\x00\x5f\x00"))
    for _ in range(3):
        with pytest.raises(InvalidError, match="sub type 1 does not match super type 0"):
            read(bad, registry)
    gc.collect()
    assert registry.live_groups == 0
    assert ids(read("(module (type (func)))", registry))[0] <= 1


STRUCT = b"\x5f\x00"

MISMATCHES = [
    # (struct), which is final when the form of a subtype is left out, and one below it
    (STRUCT, b"\x50\x01\x00" + STRUCT, "the super type is final"),
    (b"\x4f\x00" + STRUCT, b"\x50\x01\x00" + STRUCT, "the super type is final"),
    (b"\x50\x00" + STRUCT, b"\x50\x01\x00\x60\x00\x00", "one is a function"),
    (b"\x50\x00\x5f\x01\x7f\x00", b"\x50\x01\x00\x5f\x00", "it has fewer fields"),
    (b"\x50\x00\x5f\x01\x7f\x00", b"\x50\x01\x00\x5f\x01\x7f\x01", "field 0 differs"),
    (b"\x50\x00\x5e\x6e\x01", b"\x50\x01\x00\x5e\x6d\x01", "the elements differ"),
    (b"\x50\x00\x60\x01\x6d\x00", b"\x50\x01\x00\x60\x01\x71\x00", "parameter 0"),
    (b"\x50\x00\x60\x00\x01\x6d", b"\x50\x01\x00\x60\x00\x01\x6e", "result 0"),
    (b"\x50\x00\x60\x00\x01\x6d", b"\x50\x01\x00\x60\x00\x00", "they differ in the number"),
]


@pytest.mark.parametrize(("upper", "lower", "why"), MISMATCHES)
def test_mismatch_with_the_supertype(
    upper: bytes, lower: bytes, why: str, read: Read, wasm: SimpleNamespace
) -> None:
    for group in (wasm.vector(upper, lower), b"\x01\x4e" + wasm.vector(upper, lower)):
        with pytest.raises(InvalidError) as caught:
            read(wasm.module(wasm.section(1, group)))
        assert caught.value.message.startswith(f"sub type 1 does not match super type 0: {why}")
        # The offset is that of the index of the supertype.
        assert caught.value.offset is not None
        assert wasm.module(wasm.section(1, group))[caught.value.offset - 2 :].startswith(b"\x50\x01\x00")


@pytest.mark.parametrize(
    ("types", "kind", "text"),
    [
        ([b"\x50\x01\x00" + STRUCT], InvalidError, "unknown type 0"),
        ([b"\x4e\x02\x50\x01\x01" + STRUCT + b"\x50\x00" + STRUCT], InvalidError, "unknown type 1"),
        ([b"\x5e\x63\x01\x00", STRUCT], InvalidError, "unknown type 1"),
        ([b"\x50\x02\x00\x00" + STRUCT], InvalidError, "too many super types of a type"),
        ([b"\x5d\x00"], MalformedError, "malformed definition type"),
        ([b"\xe0\x7f\x00\x00"], MalformedError, "integer representation too long"),
        ([b"\x5e\x76\x00"], MalformedError, "malformed storage type"),
        ([b"\x5e\x78\x02"], MalformedError, "malformed mutability"),
        ([b"\x60\x01\x78\x00"], MalformedError, "malformed value type"),
        ([b"\x60\x01\x63\x68\x00"], MalformedError, "malformed heap type"),
    ],
)
def test_refused(
    types: list[bytes], kind: type[ModuleError], text: str, read: Read, wasm: SimpleNamespace
) -> None:
    with pytest.raises(kind) as caught:
        read(wasm.module(wasm.section(1, wasm.vector(*types))))
    assert caught.value.message.startswith(text)
    assert caught.value.offset is not None


def test_subtypes_may_add_fields_and_narrow_what_cannot_be_written(read: Read) -> None:
    registry = TypeRegistry()
    module = read(
        """(module
          (type $a (sub (struct (field anyref) (field (mut i32)))))
          (type $b (sub $a (struct (field (ref $a)) (field (mut i32)) (field f32))))
          (type $f (sub (func (param (ref $b)) (result anyref))))
          (type $g (sub $f (func (param (ref null $a)) (result (ref i31)))))
          (rec (type $x (sub (array (ref null $y)))) (type $y (sub $x (array (ref null $y))))))""",
        registry,
    )
    a, b, f, g, x, y = (0x40000000 | id for id in ids(module))
    for lower, upper in ((b, a), (g, f), (y, x)):
        assert registry.matches(lower, upper)
        assert registry.matches(lower, upper | 0x20000000)
        assert not registry.matches(upper, lower)
        assert not registry.matches(lower | 0x20000000, upper)
    assert not registry.matches(b, x)


def test_supertypes_are_at_most_63(read: Read) -> None:
    def chain(n: int) -> str:
        links = " ".join(f"(type $t{i} (sub $t{i - 1} (struct)))" for i in range(1, n + 1))
        return f"(module (type $t0 (sub (struct))) {links})"

    registry = TypeRegistry()
    module = read(chain(63), registry)
    types = ids(module)
    assert registry.describe(types[-1])[2] == types[-2]


def test_64_supertypes(read: Read, wasm: SimpleNamespace) -> None:
    types = [b"\x50\x00" + STRUCT, *(b"\x50\x01" + wasm.u32(i) + STRUCT for i in range(64))]
    for group in (wasm.vector(*types), b"\x01\x4e" + wasm.vector(*types)):
        with pytest.raises(InvalidError, match="sub type 64 does not match super type 63: more than 63"):
            read(wasm.module(wasm.section(1, group)))


def test_a_long_chain_of_groups_is_freed_without_recursion(read: Read, wasm: SimpleNamespace) -> None:
    n = 50_000
    types = [STRUCT, *(b"\x5e\x64" + wasm.index(i) + b"\x00" for i in range(n))]
    registry = TypeRegistry()
    module = read(wasm.module(wasm.section(1, wasm.vector(*types))), registry)
    last = module.groups[-1]
    del module
    assert registry.live_groups == n + 1
    del last
    assert registry.live_groups == 0


def test_threads_agree_on_ids(read: Read) -> None:
    registry = TypeRegistry()
    sources = [f"(module {LIST} (type (func (param {'i32 ' * n}))))" for n in range(50)]
    encoded = [bytes(wasmtime.wat2wasm(source)) for source in sources]
    together = threading.Barrier(4)

    def work(_: int) -> list[int]:
        for _ in range(20):
            modules = [read(data, registry) for data in encoded]
        together.wait()
        # Every thread holds the modules now, so types that are equal have been one since they were made.
        found = [id for module in modules for id in ids(module)]
        together.wait()
        return found

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    assert all(result == results[0] for result in results)
    assert registry.live_groups == 0
