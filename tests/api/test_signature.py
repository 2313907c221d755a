import functools

import pytest

import wasmine
from wasmine import EXTERNREF, F32, F64, I32, I64, FuncType
from wasmine.api.signature import annotated_type, explicit_type


def plain(a: int, b: float) -> int:
    return a


def exact(a: wasmine.i64, b: wasmine.f32, c: wasmine.externref) -> tuple[wasmine.i64, wasmine.f32]:
    return a, b


def nothing() -> None:
    pass


def bare(a, b):
    return a


def deferred(a: "wasmine.i64") -> "int":
    return a


class Methods:
    def method(self, a: int) -> float:
        return a

    def __call__(self, b: wasmine.i64) -> None:
        pass


@functools.wraps(exact)
def wrapped(*args):
    return exact(*args)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (plain, FuncType([I32, F64], [I32])),
        (exact, FuncType([I64, F32, EXTERNREF], [I64, F32])),
        (nothing, FuncType([], [])),
        (deferred, FuncType([I64], [I32])),
        (Methods().method, FuncType([I32], [F64])),
        (Methods(), FuncType([I64], [])),
        (wrapped, FuncType([I64, F32, EXTERNREF], [I64, F32])),
        (bare, None),
        (print, None),
        (len, None),
        (functools.partial(bare, 1), None),
        (lambda x: x, None),
    ],
)
def test_annotations_spell_the_type(function, expected):
    assert annotated_type(function) == expected


def half(a: int, b) -> int:
    return a


def no_result(a: int):
    return a


def odd(a: str) -> int:
    return 0


def odd_result(a: int) -> list[int]:
    return []


def many(a: int, *rest: int) -> int:
    return a


def unknown(a: "nowhere.i64") -> int:  # type: ignore[name-defined]  # noqa: F821
    return a


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (half, r"half\(\): parameter 'b' has no annotation"),
        (no_result, r"no_result\(\): the result has no annotation"),
        (odd, r"odd\(\): parameter 'a': str means no Wasm type"),
        (odd_result, r"odd_result\(\): the result: list"),
        (many, r"many\(\): \*rest"),
        (unknown, r"unknown\(\): annotation 'nowhere.i64' of 'a'"),
    ],
)
def test_annotations_that_say_too_little_are_type_errors(function, message):
    with pytest.raises(TypeError, match=message):
        annotated_type(function)


def test_an_explicit_type_comes_in_two_forms_but_not_both():
    given = FuncType(["i32"], [])
    assert explicit_type(given, None, None) is given
    assert explicit_type(None, ["i32"], None) == given
    assert explicit_type(None, None, None) is None
    with pytest.raises(TypeError, match="either"):
        explicit_type(given, ["i32"], None)
    with pytest.raises(TypeError, match="FuncType"):
        explicit_type("i32", None, None)
