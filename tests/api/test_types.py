import copy
import pickle

import pytest

import wasmine
from wasmine import (
    EXTERNREF,
    F64,
    FUNCREF,
    I32,
    I64,
    V128,
    ExportType,
    FuncType,
    GlobalType,
    HeapType,
    ImportType,
    Limits,
    MemoryType,
    RefType,
    TableType,
    TagType,
    ValType,
)

EVERY_KIND = [
    I32,
    V128,
    FUNCREF,
    RefType("any", nullable=False),
    HeapType("extern"),
    FuncType([I32, "f32"], ["i64"]),
    Limits(1, 2),
    MemoryType(1, 2, address="i64", shared=True, page_size=1),
    TableType("externref", 3, address="i64"),
    GlobalType("f64", mutable=True),
    TagType(["i32"]),
    ImportType("env", "f", FuncType()),
    ExportType("memory", MemoryType(1)),
]


@pytest.mark.parametrize("value", EVERY_KIND, ids=repr)
def test_a_type_survives_copying_and_pickling_and_prints_as_code(value):
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) is value
    assert eval(repr(value), vars(wasmine) | {n: getattr(wasmine, n) for n in wasmine.__all__}) == value
    assert hash(pickle.loads(pickle.dumps(value))) == hash(value)


@pytest.mark.parametrize("value", EVERY_KIND, ids=repr)
def test_a_type_cannot_be_changed(value):
    for name in value._fields:
        with pytest.raises(AttributeError):
            setattr(value, name, 1)
        with pytest.raises(AttributeError):
            delattr(value, name)


def test_types_compare_by_what_they_say():
    assert len({repr(v) for v in EVERY_KIND}) == len(set(EVERY_KIND)) == len(EVERY_KIND)
    assert FuncType([I32], []) != FuncType([], [I32])
    assert Limits(1) != MemoryType(1)
    assert I32 != "i32"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (FuncType([I32, I64], [F64]), "(i32, i64) -> f64"),
        (FuncType([], []), "() -> ()"),
        (FuncType([], [I32, I32]), "() -> (i32, i32)"),
        (MemoryType(1), "(memory 1)"),
        (MemoryType(1, 2, address=I64, shared=True, page_size=1), "(memory i64 1 2 shared (pagesize 1))"),
        (TableType(FUNCREF, 0, 4), "(table 0 4 funcref)"),
        (GlobalType(I32, mutable=True), "(global (mut i32))"),
        (RefType("none"), "nullref"),
        (RefType("noextern"), "nullexternref"),
        (RefType("func", nullable=False), "(ref func)"),
        (ImportType("env", "f", FuncType()), "env.f: () -> ()"),
    ],
)
def test_a_type_prints_in_the_words_of_the_text_format(value, text):
    assert str(value) == text


def test_names_lead_to_the_one_value_type():
    assert ValType("i32") is I32
    assert ValType("externref") is ValType("(ref null extern)")
    assert isinstance(ValType("(ref func)"), RefType)
    assert ValType("externref") == EXTERNREF
    assert EXTERNREF.is_reference
    assert not I32.is_reference


def test_python_types_and_annotations_mean_value_types():
    assert ValType.of(int) is I32
    assert ValType.of(float) is F64
    assert ValType.of(object) == EXTERNREF
    assert ValType.of(wasmine.i64) is I64
    assert ValType.of(wasmine.funcref) == FUNCREF


@pytest.mark.parametrize("value", [3, str, None, b"i32"])
def test_what_means_no_value_type_is_a_type_error(value):
    with pytest.raises(TypeError, match="not a value type"):
        ValType.of(value)


@pytest.mark.parametrize("name", ["i16", "", "I32", "(ref)", "funcref "])
def test_an_unknown_name_is_a_value_error(name):
    with pytest.raises(ValueError, match="no value type"):
        ValType(name)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Limits(-1), "negative"),
        (lambda: Limits(2, 1), "below"),
        (lambda: MemoryType(65537), "address"),
        (lambda: MemoryType(1, 65537), "address"),
        (lambda: MemoryType(1, shared=True), "maximum"),
        (lambda: MemoryType(1, page_size=4096), "page_size"),
        (lambda: MemoryType(1, address="f32"), "address type"),
        (lambda: TableType(FUNCREF, 1 << 33), "index"),
        (lambda: HeapType("i32"), "heap type"),
    ],
)
def test_a_type_that_cannot_be_is_a_value_error(make, error):
    with pytest.raises(ValueError, match=error):
        make()


def test_a_table_of_numbers_is_a_type_error():
    with pytest.raises(TypeError, match="references"):
        TableType("i32", 1)
    with pytest.raises(TypeError, match="several"):
        FuncType("i32")


def test_types_match_patterns():
    match MemoryType(1, 2):
        case MemoryType(Limits(low, high)):
            assert (low, high) == (1, 2)
