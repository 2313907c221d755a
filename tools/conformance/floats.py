"""Instructions on floats (core specification, section 4.3.3), and conversions (4.3.4)."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from conformance import softfloat as soft
from conformance.integers import edges
from conformance.script import WIDTHS, const, function, module, returns, traps, unsigned
from conformance.softfloat import F32, F64, Format, Result

INVALID, OVERFLOW = "invalid conversion to integer", "integer overflow"

BINARY: dict[str, Callable[[Format, int, int], Result]] = {
    "add": soft.add,
    "sub": soft.sub,
    "mul": soft.mul,
    "div": soft.div,
    "min": soft.minimum,
    "max": soft.maximum,
    "copysign": soft.copysign,
}
COMPARISONS: dict[str, Callable[[Format, int, int], bool]] = {
    "eq": soft.equal,
    "ne": lambda form, a, b: not soft.equal(form, a, b),
    "lt": soft.less,
    "gt": lambda form, a, b: soft.less(form, b, a),
    "le": lambda form, a, b: soft.less(form, a, b) or soft.equal(form, a, b),
    "ge": lambda form, a, b: soft.less(form, b, a) or soft.equal(form, a, b),
}
UNARY: dict[str, Callable[[Format, int], Result]] = {
    "abs": lambda form, a: a & ~form.sign,
    "neg": lambda form, a: a ^ form.sign,
    "ceil": lambda form, a: soft.to_integral(form, a, soft.ceil),
    "floor": lambda form, a: soft.to_integral(form, a, soft.floor),
    "trunc": lambda form, a: soft.to_integral(form, a, soft.trunc),
    "nearest": lambda form, a: soft.to_integral(form, a, soft.nearest),
    "sqrt": soft.sqrt,
}


def numbers(form: Format) -> list[int]:
    """Patterns where something changes: zeros, subnormals, halves, the largest numbers, infinities, NaNs."""
    one = form.bias << form.mantissa
    positive = [0, 1, (1 << form.mantissa) - 1, 1 << form.mantissa, one, one + 1, one - 1]
    positive += [soft.rounded(form, Fraction(n, 10)) for n in (1, 5, 15, 25, 35, 31416)]
    positive += [form.infinity - 1, form.infinity, form.nan, form.infinity | 1, form.nan | form.quiet >> 1]
    return [pattern | sign for pattern in positive for sign in (0, form.sign)]


def pairs(form: Format) -> Iterator[tuple[int, int]]:
    """Each with itself, its negative, and two others; zeros, one, infinities and NaNs among each other."""
    patterns = numbers(form)
    for place, a in enumerate(patterns[::2]):
        others = [patterns[(place * 10 + step) % len(patterns)] for step in (3, 21)]
        for b in dict.fromkeys((a, a ^ form.sign, *others)):
            yield a, b
    special = (0, form.sign, form.bias << form.mantissa, form.infinity, form.infinity | form.sign, form.nan)
    for a in special:
        for b in special:
            yield a, b


def floats(form: Format) -> str:
    """The script of one type."""
    kind = form.name
    functions, asserts = [], []
    for operation, compute in BINARY.items():
        functions.append(function(f"{kind}.{operation}", (kind, kind), kind))
        for a, b in pairs(form):
            arguments = (const(kind, a), const(kind, b))
            asserts.append(returns(f"{kind}.{operation}", arguments, const(kind, compute(form, a, b))))
    for operation, holds in COMPARISONS.items():
        functions.append(function(f"{kind}.{operation}", (kind, kind), "i32"))
        for a, b in pairs(form):
            arguments = (const(kind, a), const(kind, b))
            asserts.append(returns(f"{kind}.{operation}", arguments, const("i32", int(holds(form, a, b)))))
    for operation, compute_one in UNARY.items():
        functions.append(function(f"{kind}.{operation}", (kind,), kind))
        for a in numbers(form):
            result = const(kind, compute_one(form, a))
            asserts.append(returns(f"{kind}.{operation}", (const(kind, a),), result))
    return module(functions) + "\n".join(asserts) + "\n"


def limits(bits: int, sign: str) -> tuple[int, int]:
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if sign == "s" else (0, (1 << bits) - 1)


def boundary_numbers(form: Format) -> list[int]:
    """Those around the limits of the integer types, besides the usual ones."""
    found = numbers(form)
    for power in (31, 32, 63, 64):
        pattern = soft.rounded(form, Fraction(1 << power))
        found += [pattern - 1, pattern, pattern + 1, pattern | form.sign, (pattern + 1) | form.sign]
    for near in (-1, 1, -3, 3):
        found.append(soft.rounded(form, Fraction(near, 2) + (1 << 31) * (1 if near > 0 else -1)))
        found.append(soft.rounded(form, Fraction(near, 4)))
    return list(dict.fromkeys(found))


def conversions() -> str:
    """The script of everything that turns one type of number into another."""
    functions, asserts = [], []

    def define(name: str, source: str, target: str) -> None:
        functions.append(function(name, (source,), target))

    def check(name: str, source: str, argument: int, target: str, result: Result) -> None:
        asserts.append(returns(name, (const(source, argument),), const(target, result)))

    for form in (F32, F64):
        for bits in (32, 64):
            integer = f"i{bits}"
            for sign in "su":
                low, high = limits(bits, sign)
                cut, saturating = (
                    f"{integer}.trunc_{form.name}_{sign}",
                    f"{integer}.trunc_sat_{form.name}_{sign}",
                )
                define(cut, form.name, integer)
                define(saturating, form.name, integer)
                for a in boundary_numbers(form):
                    number = soft.to_integer(form, a, low, high)
                    if number is None:
                        why = INVALID if soft.is_nan(form, a) else OVERFLOW
                        asserts.append(traps(cut, (const(form.name, a),), why))
                    else:
                        check(cut, form.name, a, integer, number)
                    check(saturating, form.name, a, integer, soft.saturated(form, a, low, high))
                name = f"{form.name}.convert_{integer}_{sign}"
                define(name, integer, form.name)
                for a in [*edges(bits), *ties(form, bits)]:
                    number = a - (1 << bits) if sign == "s" and a >> (bits - 1) else a
                    check(name, integer, a, form.name, soft.rounded(form, Fraction(number)))
    define("f32.demote_f64", "f64", "f32")
    for a in [*numbers(F64), *f64_between_f32()]:
        check("f32.demote_f64", "f64", a, "f32", soft.convert(F64, F32, a))
    define("f64.promote_f32", "f32", "f64")
    for a in numbers(F32):
        check("f64.promote_f32", "f32", a, "f64", soft.convert(F32, F64, a))
    for target, source in (("i32", "f32"), ("f32", "i32"), ("i64", "f64"), ("f64", "i64")):
        name = f"{target}.reinterpret_{source}"
        define(name, source, target)
        for a in numbers(F32 if WIDTHS[source] == 32 else F64):
            check(name, source, a, target, a)
    define("i32.wrap_i64", "i64", "i32")
    for sign in "su":
        define(f"i64.extend_i32_{sign}", "i32", "i64")
    for a in edges(64):
        check("i32.wrap_i64", "i64", a, "i32", unsigned(a, 32))
    for a in edges(32):
        check("i64.extend_i32_u", "i32", a, "i64", a)
        check("i64.extend_i32_s", "i32", a, "i64", a - (1 << 32) if a >> 31 else a)
    return module(functions) + "\n".join(asserts) + "\n"


def ties(form: Format, bits: int) -> list[int]:
    """Integers in the middle of two floats, and next to that."""
    places = form.mantissa + 1
    if places >= bits:
        return []
    half = 1 << (bits - 2 - places)
    tops = [(1 << (bits - 2)) + half * odd + near for odd in (1, 3) for near in (-1, 0, 1)]
    return tops + [unsigned(-top, bits) for top in tops]


def f64_between_f32() -> list[int]:
    """Numbers that lie in the middle of two f32, just off it, and around the least and the largest f32."""
    found = []
    for middle in (
        Fraction(2**24 + 1),
        Fraction(2**24 + 3),
        Fraction(1, 2**150),
        Fraction(3, 2**150),
    ):
        pattern = soft.rounded(F64, middle)
        found += [pattern - 1, pattern, pattern + 1]
    overflow = soft.rounded(F64, Fraction(2**128 - 2**103))
    return [*found, overflow - 1, overflow, overflow | F64.sign]
