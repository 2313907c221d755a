"""Instructions on vectors (core specification, section 4.3.6), lane by lane over the scalar models."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise

from conformance import softfloat as soft
from conformance.floats import BINARY as FLOAT_BINARY
from conformance.floats import COMPARISONS as FLOAT_COMPARISONS
from conformance.floats import UNARY as FLOAT_UNARY
from conformance.floats import limits, numbers
from conformance.integers import BINARY as INT_BINARY
from conformance.integers import COMPARISONS as INT_COMPARISONS
from conformance.memory import OUT_OF_BOUNDS, PAGE, PATTERN, fields
from conformance.script import FORMATS, const, module, returns, signed, traps, unsigned, vector
from conformance.softfloat import F32, F64

Lanes = list[int]

INTS = {"i8x16": (8, 16), "i16x8": (16, 8), "i32x4": (32, 4), "i64x2": (64, 2)}
FLOATS = {"f32x4": (32, 4), "f64x2": (64, 2)}

# Sixteen bytes each, so that every shape sees extremes, zeros and something odd.
VECTORS = [
    bytes(16),
    bytes([0xFF] * 16),
    bytes([0, 1, 2, 3, 0x7F, 0x80, 0x81, 0xFF, 0xFE, 0x10, 0x0F, 0xF0, 5, 0, 0x40, 0xC0]),
    bytes([0, 0, 0, 0x80, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0x80, 0xFF, 0x7F, 1, 0, 0xFF, 0xFF]),
    bytes([0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
    PATTERN[:16],
]
PAIRS = [(a, VECTORS[(place + step) % 6]) for place, a in enumerate(VECTORS) for step in (2, place % 2)]


def split(content: bytes, bits: int) -> Lanes:
    size = bits // 8
    return [int.from_bytes(content[at : at + size], "little") for at in range(0, 16, size)]


def joined(lanes: Sequence[int], bits: int) -> bytes:
    return b"".join(unsigned(lane, bits).to_bytes(bits // 8, "little") for lane in lanes)


def whole(content: bytes) -> str:
    return vector("i32x4", split(content, 32))


def clamped(number: int, bits: int, sign: str) -> int:
    low, high = limits(bits, sign)
    return min(max(number, low), high)


def number(lane: int, bits: int, sign: str) -> int:
    return signed(lane, bits) if sign == "s" else lane


class Script:
    """Collects functions and assertions."""

    def __init__(self) -> None:
        self.functions: list[str] = []
        self.asserts: list[str] = []

    def define(self, name: str, params: str, result: str, immediates: str = "", export: str = "") -> None:
        count = len(params.split())
        operands = "".join(f" (local.get {index})" for index in range(count))
        body = f"({name}{immediates}{operands})"
        self.functions.append(
            f'  (func (export "{export or name}") (param {params}) (result {result}) {body})'
        )

    def check(self, name: str, arguments: Sequence[str], *results: str) -> None:
        self.asserts.append(returns(name, arguments, *results))

    def text(self, *others: str) -> str:
        return module(self.functions, *others) + "\n".join(self.asserts) + "\n"


# Integer lanes


def lanewise(bits: int) -> Iterator[tuple[str, Callable[[int, int], int]]]:
    """Operations on two lanes that give one."""

    def of(table: dict[str, Callable[[int, int, int], int | str]], name: str) -> Callable[[int, int], int]:
        return lambda a, b: int(table[name](a, b, bits))

    def compared(name: str) -> Callable[[int, int], int]:
        return lambda a, b: -int(INT_COMPARISONS[name](a, b, bits))

    yield "add", of(INT_BINARY, "add")
    yield "sub", of(INT_BINARY, "sub")
    if bits > 8:
        yield "mul", of(INT_BINARY, "mul")
    for name in INT_COMPARISONS:
        if bits < 64 or not name.endswith("_u"):
            yield name, compared(name)
    for sign in "su":
        read = partial(number, bits=bits, sign=sign)
        clamp = partial(clamped, bits=bits, sign=sign)
        if bits < 64:
            yield f"min_{sign}", partial(chosen, min, read)
            yield f"max_{sign}", partial(chosen, max, read)
        if bits < 32:
            yield f"add_sat_{sign}", partial(saturating, read, clamp, 1)
            yield f"sub_sat_{sign}", partial(saturating, read, clamp, -1)
    if bits < 32:
        yield "avgr_u", lambda a, b: (a + b + 1) // 2
    if bits == 16:
        yield "q15mulr_sat_s", lambda a, b: clamped((signed(a, 16) * signed(b, 16) + 0x4000) >> 15, 16, "s")


def chosen(choose: Callable[..., int], read: Callable[[int], int], a: int, b: int) -> int:
    return choose(a, b, key=read)


def saturating(read: Callable[[int], int], clamp: Callable[[int], int], factor: int, a: int, b: int) -> int:
    return clamp(read(a) + factor * read(b))


def integer_lanes(script: Script) -> None:
    for shape, (bits, count) in INTS.items():
        for operation, compute in lanewise(bits):
            name = f"{shape}.{operation}"
            script.define(name, "v128 v128", "v128")
            for a, b in PAIRS:
                lanes = [compute(x, y) for x, y in zip(split(a, bits), split(b, bits), strict=True)]
                script.check(name, (whole(a), whole(b)), vector(shape, lanes))
        unary: dict[str, Callable[[int], int]] = {
            "abs": partial(magnitude, bits),
            "neg": int.__neg__,
            "popcnt": int.bit_count,
        }
        for operation, compute_one in unary.items():
            if operation == "popcnt" and bits > 8:
                continue
            script.define(f"{shape}.{operation}", "v128", "v128")
            for a in VECTORS:
                lanes = [compute_one(lane) for lane in split(a, bits)]
                script.check(f"{shape}.{operation}", (whole(a),), vector(shape, lanes))
        for operation in ("shl", "shr_s", "shr_u"):
            name = f"{shape}.{operation}"
            script.define(name, "v128 i32", "v128")
            for a in VECTORS[1:]:
                for amount in (0, 1, bits - 1, bits + 3, -1):
                    lanes = [
                        int(INT_BINARY[operation](lane, unsigned(amount, 32), bits))
                        for lane in split(a, bits)
                    ]
                    script.check(name, (whole(a), const("i32", amount)), vector(shape, lanes))
        script.define(f"{shape}.all_true", "v128", "i32")
        script.define(f"{shape}.bitmask", "v128", "i32")
        for a in VECTORS:
            lanes = split(a, bits)
            script.check(f"{shape}.all_true", (whole(a),), const("i32", int(all(lanes))))
            mask = sum((lane >> (bits - 1)) << place for place, lane in enumerate(lanes))
            script.check(f"{shape}.bitmask", (whole(a),), const("i32", mask))


def magnitude(bits: int, lane: int) -> int:
    return abs(signed(lane, bits))


def widths(script: Script) -> None:
    """Operations between lanes of one width and twice that."""
    for narrow, wide in pairwise(INTS):
        bits, count = INTS[narrow]
        for sign in "su":

            def numbers_of(content: bytes, b: int = bits, s: str = sign) -> Lanes:
                return [number(lane, b, s) for lane in split(content, b)]

            for half, part in (("low", slice(0, count // 2)), ("high", slice(count // 2, count))):
                extend, multiply = (
                    f"{wide}.extend_{half}_{narrow}_{sign}",
                    f"{wide}.extmul_{half}_{narrow}_{sign}",
                )
                script.define(extend, "v128", "v128")
                script.define(multiply, "v128 v128", "v128")
                for a in VECTORS[1:]:
                    script.check(extend, (whole(a),), vector(wide, numbers_of(a)[part]))
                for a, b in PAIRS[::2]:
                    products = [x * y for x, y in zip(numbers_of(a)[part], numbers_of(b)[part], strict=True)]
                    script.check(multiply, (whole(a), whole(b)), vector(wide, products))
            if bits < 32:
                name = f"{wide}.extadd_pairwise_{narrow}_{sign}"
                script.define(name, "v128", "v128")
                for a in VECTORS[1:]:
                    lanes = numbers_of(a)
                    sums = [x + y for x, y in zip(lanes[::2], lanes[1::2], strict=True)]
                    script.check(name, (whole(a),), vector(wide, sums))
                name = f"{narrow}.narrow_{wide}_{sign}"
                script.define(name, "v128 v128", "v128")
                for a, b in PAIRS:
                    lanes = [signed(lane, 2 * bits) for lane in split(a, 2 * bits) + split(b, 2 * bits)]
                    script.check(
                        name,
                        (whole(a), whole(b)),
                        vector(narrow, [clamped(lane, bits, sign) for lane in lanes]),
                    )
    script.define("i32x4.dot_i16x8_s", "v128 v128", "v128")
    for a, b in PAIRS:
        products = [signed(x, 16) * signed(y, 16) for x, y in zip(split(a, 16), split(b, 16), strict=True)]
        sums = [x + y for x, y in zip(products[::2], products[1::2], strict=True)]
        script.check("i32x4.dot_i16x8_s", (whole(a), whole(b)), vector("i32x4", sums))


def bitwise(script: Script) -> None:
    operations: dict[str, Callable[[int, int], int]] = {
        "and": lambda a, b: a & b,
        "andnot": lambda a, b: a & ~b,
        "or": lambda a, b: a | b,
        "xor": lambda a, b: a ^ b,
    }
    for operation, compute in operations.items():
        script.define(f"v128.{operation}", "v128 v128", "v128")
        for a, b in PAIRS:
            lanes = [compute(x, y) for x, y in zip(split(a, 32), split(b, 32), strict=True)]
            script.check(f"v128.{operation}", (whole(a), whole(b)), vector("i32x4", lanes))
    script.define("v128.not", "v128", "v128")
    script.define("v128.any_true", "v128", "i32")
    script.define("v128.bitselect", "v128 v128 v128", "v128")
    for a in VECTORS:
        script.check("v128.not", (whole(a),), vector("i32x4", [~lane for lane in split(a, 32)]))
        script.check("v128.any_true", (whole(a),), const("i32", int(any(a))))
    for (a, b), c in zip(PAIRS, VECTORS * 2, strict=True):
        lanes = [x & z | y & ~z for x, y, z in zip(split(a, 32), split(b, 32), split(c, 32), strict=True)]
        script.check("v128.bitselect", (whole(a), whole(b), whole(c)), vector("i32x4", lanes))


def lanes_of_scalars(script: Script) -> None:
    """Splats, lanes taken out and put in, shuffles."""
    for shape, (bits, count) in (INTS | FLOATS).items():
        kind = shape.partition("x")[0] if bits >= 32 else "i32"
        script.define(f"{shape}.splat", kind, "v128")
        for value in (0, 0x3FC0000040490FDB, unsigned(-2, 64)):
            script.check(
                f"{shape}.splat",
                (const(kind, unsigned(value, max(bits, 32))),),
                vector(shape, [unsigned(value, bits)] * count),
            )
        for lane in dict.fromkeys((0, 1, count - 1)):
            for sign in "su" if bits < 32 else ("",):
                name = f"{shape}.extract_lane{'_' + sign if sign else ''}"
                script.define(name, "v128", kind, f" {lane}", f"{name} {lane}")
                for a in VECTORS[2:]:
                    found = number(split(a, bits)[lane], bits, sign or "u")
                    script.check(f"{name} {lane}", (whole(a),), const(kind, unsigned(found, max(bits, 32))))
            name = f"{shape}.replace_lane"
            script.define(name, f"v128 {kind}", "v128", f" {lane}", f"{name} {lane}")
            value = 0x4049_0FDB_C000_0081
            lanes = split(VECTORS[2], bits)
            lanes[lane] = unsigned(value, bits)
            arguments = (whole(VECTORS[2]), const(kind, unsigned(value, max(bits, 32))))
            script.check(f"{name} {lane}", arguments, whole(joined(lanes, bits)))
    for place, order in enumerate((list(range(16)), list(range(31, 15, -1)), [0, 31, 1, 30] * 4, [16] * 16)):
        name = f"i8x16.shuffle {place}"
        script.define("i8x16.shuffle", "v128 v128", "v128", "".join(f" {lane}" for lane in order), name)
        for a, b in PAIRS[4:8]:
            script.check(name, (whole(a), whole(b)), whole(bytes((a + b)[lane] for lane in order)))
    script.define("i8x16.swizzle", "v128 v128", "v128")
    for a, b in PAIRS:
        script.check(
            "i8x16.swizzle", (whole(a), whole(b)), whole(bytes(a[lane] if lane < 16 else 0 for lane in b))
        )


# Float lanes


def float_vectors(shape: str) -> list[list[int]]:
    form = FORMATS[shape[:3]]
    count = FLOATS[shape][1]
    patterns = numbers(form)
    return [
        [patterns[(start * 3 + lane * 7) % len(patterns)] for lane in range(count)]
        for start in range(0, 34, 3)
    ]


def float_lanes(script: Script) -> None:
    for shape in FLOATS:
        form = FORMATS[shape[:3]]
        vectors = float_vectors(shape)
        pairs = [(a, vectors[(place * 5 + 4) % len(vectors)]) for place, a in enumerate(vectors)]
        pairs += [(a, a) for a in vectors[:4]]
        binary = {name: compute for name, compute in FLOAT_BINARY.items() if name != "copysign"}
        binary["pmin"] = lambda f, a, b: b if soft.less(f, b, a) else a
        binary["pmax"] = lambda f, a, b: b if soft.less(f, a, b) else a
        for operation, compute in binary.items():
            script.define(f"{shape}.{operation}", "v128 v128", "v128")
            for a, b in pairs:
                lanes = [compute(form, x, y) for x, y in zip(a, b, strict=True)]
                script.check(
                    f"{shape}.{operation}", (vector(shape, a), vector(shape, b)), vector(shape, lanes)
                )
        for operation, holds in FLOAT_COMPARISONS.items():
            script.define(f"{shape}.{operation}", "v128 v128", "v128")
            for a, b in pairs:
                masks = [-int(holds(form, x, y)) for x, y in zip(a, b, strict=True)]
                whole_masks = vector(f"i{shape[1:]}", masks)
                script.check(f"{shape}.{operation}", (vector(shape, a), vector(shape, b)), whole_masks)
        for operation, compute_one in FLOAT_UNARY.items():
            script.define(f"{shape}.{operation}", "v128", "v128")
            for a in vectors:
                lanes = [compute_one(form, x) for x in a]
                script.check(f"{shape}.{operation}", (vector(shape, a),), vector(shape, lanes))


def conversions(script: Script) -> None:
    for sign in "su":
        low, high = limits(32, sign)
        cut, cut_zero = f"i32x4.trunc_sat_f32x4_{sign}", f"i32x4.trunc_sat_f64x2_{sign}_zero"
        script.define(cut, "v128", "v128")
        for a in float_vectors("f32x4"):
            lanes = [soft.saturated(F32, x, low, high) for x in a]
            script.check(cut, (vector("f32x4", a),), vector("i32x4", lanes))
        script.define(cut_zero, "v128", "v128")
        for a in float_vectors("f64x2"):
            lanes = [soft.saturated(F64, x, low, high) for x in a] + [0, 0]
            script.check(cut_zero, (vector("f64x2", a),), vector("i32x4", lanes))
        to_f32, to_f64 = f"f32x4.convert_i32x4_{sign}", f"f64x2.convert_low_i32x4_{sign}"
        script.define(to_f32, "v128", "v128")
        script.define(to_f64, "v128", "v128")
        for content in VECTORS:
            fractions = [Fraction(number(lane, 32, sign)) for lane in split(content, 32)]
            script.check(
                to_f32, (whole(content),), vector("f32x4", [soft.rounded(F32, x) for x in fractions])
            )
            script.check(
                to_f64, (whole(content),), vector("f64x2", [soft.rounded(F64, x) for x in fractions[:2]])
            )
    script.define("f32x4.demote_f64x2_zero", "v128", "v128")
    for a in float_vectors("f64x2"):
        demoted = [*(soft.convert(F64, F32, x) for x in a), 0, 0]
        script.check("f32x4.demote_f64x2_zero", (vector("f64x2", a),), vector("f32x4", demoted))
    script.define("f64x2.promote_low_f32x4", "v128", "v128")
    for a in float_vectors("f32x4"):
        promoted = [soft.convert(F32, F64, x) for x in a[:2]]
        script.check("f64x2.promote_low_f32x4", (vector("f32x4", a),), vector("f64x2", promoted))


# Memory


def memory(script: Script) -> None:
    def load(name: str, width: int, expected: Callable[[bytes], bytes]) -> None:
        script.define(name, "i32", "v128")
        script.define(name, "i32", "v128", " offset=3 align=1", f"{name} offset")
        for start in (0, 5):
            script.check(name, (const("i32", start),), whole(expected(PATTERN[start : start + width])))
            shifted = PATTERN[start + 3 : start + 3 + width]
            script.check(f"{name} offset", (const("i32", start),), whole(expected(shifted)))
        script.check(name, (const("i32", PAGE - width),), whole(expected(PATTERN[len(PATTERN) - width :])))
        for start in (PAGE - width + 1, -1):
            script.asserts.append(traps(name, (const("i32", start),), OUT_OF_BOUNDS))

    load("v128.load", 16, lambda content: content)
    for bits in (8, 16, 32):
        for sign in "su":

            def extended(content: bytes, b: int = bits, s: str = sign) -> bytes:
                size = b // 8
                lanes = [int.from_bytes(content[at : at + size], "little") for at in range(0, 8, size)]
                return joined([number(lane, b, s) for lane in lanes], 2 * b)

            load(f"v128.load{bits}x{64 // bits}_{sign}", 8, extended)
    for bits in (8, 16, 32, 64):
        load(f"v128.load{bits}_splat", bits // 8, lambda content: content * (16 // len(content)))
        if bits >= 32:
            load(f"v128.load{bits}_zero", bits // 8, lambda content: content.ljust(16, b"\0"))
        size = bits // 8
        name = f"v128.load{bits}_lane"
        for lane in (0, 128 // bits - 1):
            export = f"{name} {lane}"
            script.define(name, "i32 v128", "v128", f" offset=1 {lane}", export)
            content = bytearray(VECTORS[2])
            content[lane * size : lane * size + size] = PATTERN[5 : 5 + size]
            script.check(export, (const("i32", 4), whole(VECTORS[2])), whole(bytes(content)))
            outside = const("i32", PAGE - size)
            script.asserts.append(traps(export, (outside, whole(VECTORS[2])), OUT_OF_BOUNDS))
            name_store = f"v128.store{bits}_lane"
            export = f"{name_store} {lane}"
            script.functions.append(
                f'  (func (export "{export}") (param i32 v128) (result v128)'
                f" (v128.store (local.get 0) (v128.const i64x2 0 0))"
                f" ({name_store} offset=1 {lane} (local.get 0) (local.get 1)) (v128.load (local.get 0)))"
            )
            stored = bytes(1) + VECTORS[5][lane * size : lane * size + size]
            script.check(export, (const("i32", 100), whole(VECTORS[5])), whole(stored.ljust(16, b"\0")))
            script.asserts.append(traps(export, (const("i32", -1), whole(VECTORS[5])), OUT_OF_BOUNDS))
    script.functions.append(
        '  (func (export "v128.store") (param i32 v128) (result v128)'
        " (v128.store (local.get 0) (local.get 1)) (v128.load (local.get 0)))"
    )
    for a in VECTORS:
        script.check("v128.store", (const("i32", 200), whole(a)), whole(a))
    script.asserts.append(traps("v128.store", (const("i32", PAGE - 15), whole(VECTORS[0])), OUT_OF_BOUNDS))


def integers() -> str:
    script = Script()
    bitwise(script)
    integer_lanes(script)
    widths(script)
    return script.text()


def lanes_and_memory() -> str:
    script = Script()
    lanes_of_scalars(script)
    memory(script)
    return script.text(*fields("i32"))


def floats() -> str:
    script = Script()
    float_lanes(script)
    conversions(script)
    return script.text()


# Relaxed instructions: one of few results, as the proposal lists them


def either(*options: str) -> str:
    options = tuple(dict.fromkeys(options))
    return options[0] if len(options) == 1 else f"(either {' '.join(options)})"


def relaxed() -> str:
    script = Script()
    relaxed_swizzle(script)
    relaxed_truncation(script)
    relaxed_arithmetic(script)
    relaxed_selection(script)
    relaxed_products(script)
    return script.text()


def relaxed_swizzle(script: Script) -> None:
    script.define("i8x16.relaxed_swizzle", "v128 v128", "v128")
    for a, b in PAIRS:
        zero = bytes(a[lane] if lane < 16 else 0 for lane in b)
        wrapped = bytes(0 if lane >= 128 else a[lane % 16] for lane in b)
        script.check("i8x16.relaxed_swizzle", (whole(a), whole(b)), either(whole(zero), whole(wrapped)))


def relaxed_truncation(script: Script) -> None:
    for sign in "su":
        low, high = limits(32, sign)
        odd = 1 << 31 if sign == "s" else (1 << 32) - 1
        for shape, name, padding in (
            ("f32x4", f"i32x4.relaxed_trunc_f32x4_{sign}", []),
            ("f64x2", f"i32x4.relaxed_trunc_f64x2_{sign}_zero", [0, 0]),
        ):
            form = FORMATS[shape[:3]]
            script.define(name, "v128", "v128")
            for a in float_vectors(shape):
                # Each lane that is out of range may saturate or become the odd value: one such lane a vector.
                inside = [soft.to_integer(form, x, low, high) is not None for x in a]
                lanes = [
                    x if good or place == inside.index(False) else 0
                    for place, (x, good) in enumerate(zip(a, inside, strict=True))
                ]
                saturated = [soft.saturated(form, x, low, high) for x in lanes]
                other = [
                    odd if soft.to_integer(form, x, low, high) is None else y
                    for x, y in zip(lanes, saturated, strict=True)
                ]
                options = (vector("i32x4", saturated + padding), vector("i32x4", other + padding))
                script.check(name, (vector(shape, lanes),), either(*options))


def relaxed_arithmetic(script: Script) -> None:
    for shape, (_, count) in FLOATS.items():
        form = FORMATS[shape[:3]]
        one = form.bias << form.mantissa
        # (1 + e) * (1 + e) - (1 + 2e) is e * e if it is rounded once, and zero if twice.
        operands = [
            (one + 1, one + 1, (one + 2) | form.sign),
            (one, one + 5, one),
            (one + 3, one | form.sign, one + 7),
        ]
        for operation, sign in (("madd", 0), ("nmadd", form.sign)):
            name = f"{shape}.relaxed_{operation}"
            script.define(name, "v128 v128 v128", "v128")
            for a, b, c in operands:
                c ^= sign
                product = soft.mul(form, a ^ sign, b)
                assert isinstance(product, int)
                twice = soft.add(form, product, c)
                once = soft.fused(form, a ^ sign, b, c)
                arguments = [vector(shape, [x] * count) for x in (a, b, c)]
                script.check(name, arguments, either(*(vector(shape, [x] * count) for x in (twice, once))))
        for operation, exact in (("min", soft.minimum), ("max", soft.maximum)):
            name = f"{shape}.relaxed_{operation}"
            script.define(name, "v128 v128", "v128")
            for a, b in (
                (one, one + 1),
                (form.infinity, one | form.sign),
                (0, form.sign),
                (form.nan, one),
                (one, form.nan),
            ):
                options = [exact(form, a, b)]
                if soft.is_nan(form, a) or soft.is_nan(form, b) or a ^ b == form.sign:
                    options += [a, b]
                arguments = [vector(shape, [x] * count) for x in (a, b)]
                script.check(name, arguments, either(*(vector(shape, [x] * count) for x in options)))


def relaxed_selection(script: Script) -> None:
    for shape, (bits, count) in INTS.items():
        name = f"{shape}.relaxed_laneselect"
        script.define(name, "v128 v128 v128", "v128")
        for a, b in PAIRS[::3]:
            for masks in ([-1] * count, [0] * count, [-(place % 2) for place in range(count)]):
                lanes = [
                    x if mask else y for x, y, mask in zip(split(a, bits), split(b, bits), masks, strict=True)
                ]
                script.check(name, (whole(a), whole(b), vector(shape, masks)), vector(shape, lanes))
        # A mask of the top bit alone chooses bits or the lane.
        top = 1 << (bits - 1)
        a, b = VECTORS[5], VECTORS[2]
        by_bit = [x & top | y & ~top for x, y in zip(split(a, bits), split(b, bits), strict=True)]
        options = [vector(shape, by_bit), vector(shape, split(a, bits))]
        script.check(name, (whole(a), whole(b), vector(shape, [top] * count)), either(*options))


def relaxed_products(script: Script) -> None:
    script.define("i16x8.relaxed_q15mulr_s", "v128 v128", "v128")
    for x, y in ((0x7FFF, 0x7FFF), (0x8000, 0x7FFF), (0x8000, 0x8000), (1, 0x4000), (0xC000, 0x5000)):
        product = (signed(x, 16) * signed(y, 16) + 0x4000) >> 15
        options = [vector("i16x8", [lane] * 8) for lane in (clamped(product, 16, "s"), product)]
        arguments = (vector("i16x8", [x] * 8), vector("i16x8", [y] * 8))
        script.check("i16x8.relaxed_q15mulr_s", arguments, either(*options))
    dot, dot_add = "i16x8.relaxed_dot_i8x16_i7x16_s", "i32x4.relaxed_dot_i8x16_i7x16_add_s"
    script.define(dot, "v128 v128", "v128")
    script.define(dot_add, "v128 v128 v128", "v128")
    seven_bits = [bytes(byte & 0x7F for byte in content) for content in VECTORS]
    for place, a in enumerate(VECTORS):
        b, c = seven_bits[(place + 2) % 6], VECTORS[(place + 1) % 6]
        products = [signed(x, 8) * y for x, y in zip(a, b, strict=True)]
        sums = [x + y for x, y in zip(products[::2], products[1::2], strict=True)]
        script.check(dot, (whole(a), whole(b)), vector("i16x8", sums))
        quads = [x + y + z for x, y, z in zip(sums[::2], sums[1::2], split(c, 32), strict=True)]
        script.check(dot_add, (whole(a), whole(b), whole(c)), vector("i32x4", quads))
