"""Every SIMD instruction against Python's integers and NumPy's floats, and against another runtime."""

import struct
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st

from wasmine.interp.simd import evaluate
from wasmine.ir.simd_ops import OPS, SimdOp
from wasmine.spec.opcodes import BY_NAME

BY_OP = {row.name: row for row in OPS}


def opcode(row: SimdOp) -> int:
    return BY_NAME[row.name].id


def immediates(row: SimdOp) -> tuple[str, ...]:
    return BY_NAME[row.name].immediates


def operand_types(row: SimdOp) -> list[str]:
    return str(BY_NAME[row.name].signature).partition("->")[0].split()


FORMATS = {
    "i8": "16b", "i16": "8h", "i32": "4i", "i64": "2q", "u8": "16B", "u16": "8H", "u32": "4I", "u64": "2Q",
}  # fmt: skip

# Values at which lane arithmetic changes its mind: ends of ranges, signs, NaNs (quiet, signalling, with
# payload), infinities, subnormals, halves between integers, and the ends of the integers' ranges as floats.
F32 = [
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x3F800000, 0xBF800000, 0x3F000000, 0xBF000000,
    0x3FC00000, 0x40200000, 0xC0200000, 0x4B000001, 0x4F000000, 0xCF000000, 0xCF000001, 0x4EFFFFFF,
    0x4F800000, 0x4F7FFFFF, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000,
    0x7FA00000, 0xFFA00001, 0x7FC12345,
]  # fmt: skip
F64 = [
    0x0000000000000000, 0x8000000000000000, 0x0000000000000001, 0x3FF0000000000000, 0xBFF0000000000000,
    0x3FE0000000000000, 0xBFE0000000000000, 0x3FF8000000000000, 0x4004000000000000, 0xC004000000000000,
    0x41DFFFFFFFC00000, 0x41DFFFFFFFE00000, 0x41E0000000000000, 0xC1E0000000000000, 0xC1E0000000100000,
    0xC1E0000000200000, 0x41EFFFFFFFE00000, 0x41F0000000000000, 0x4330000000000001, 0x47EFFFFFE0000000,
    0x47EFFFFFF0000000, 0x380FFFFFE0000000, 0x36A0000000000000, 0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000,
    0xFFF0000000000000, 0x7FF8000000000000, 0xFFF8000000000000, 0x7FF4000000000000, 0xFFF0000000000001,
    0x7FF8000012345678, 0x3FF0000010000000, 0x3FF0000030000000,
]  # fmt: skip


def shape_of(name: str) -> str:
    return name.partition(".")[0]


def unpack(lane: str, data: bytes) -> list[int]:
    return list(struct.unpack("<" + FORMATS[lane], data))


def pack(lane: str, values: Iterable[int]) -> bytes:
    width = int(lane[1:])
    cut = [value & ((1 << width) - 1) for value in values]
    return struct.pack("<" + FORMATS[f"u{width}"], *cut)


def edges(width: int) -> st.SearchStrategy[int]:
    half = 1 << (width - 1)
    return st.sampled_from([0, 1, 2, half - 1, half, half + 1, 2 * half - 1]) | st.integers(0, 2 * half - 1)


def vectors(width: int) -> st.SearchStrategy[bytes]:
    lanes = st.lists(edges(width), min_size=128 // width, max_size=128 // width)
    return lanes.map(lambda values: pack(f"u{width}", values))


def float_vectors(width: int) -> st.SearchStrategy[bytes]:
    lane = st.sampled_from(F32 if width == 32 else F64) | st.integers(0, (1 << width) - 1)
    return st.lists(lane, min_size=128 // width, max_size=128 // width).map(lambda v: pack(f"u{width}", v))


def operand(row: SimdOp, kind: str) -> st.SearchStrategy[bytes]:
    if kind == "v128":
        width = int(row.read[1:])
        return float_vectors(width) if row.read[0] == "f" or row.name[0] == "f" else vectors(width)
    size = 8 if kind in ("i64", "f64") else 4
    return edges(8 * size).map(lambda value: value.to_bytes(size, "little"))


# What the standard says of each instruction (core specification, section 4.3), in unbounded integers.

Lanes = list[int]


def clamp(value: int, lane: str) -> int:
    width = int(lane[1:])
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if lane[0] == "i" else (0, (1 << width) - 1)
    return min(max(value, low), high)


LANEWISE: dict[str, Callable[..., int]] = {
    "abs": abs,
    "neg": lambda a: -a,
    "popcnt": lambda a: a.bit_count(),
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "avgr": lambda a, b: (a + b + 1) // 2,
    "min": min,
    "max": max,
    "eq": lambda a, b: -(a == b),
    "ne": lambda a, b: -(a != b),
    "lt": lambda a, b: -(a < b),
    "gt": lambda a, b: -(a > b),
    "le": lambda a, b: -(a <= b),
    "ge": lambda a, b: -(a >= b),
}


def lanewise_integer(name: str, a: bytes, b: bytes) -> bytes | None:
    """Instructions whose lanes do not mix and keep their width; None for any other."""
    shape, _, instruction = name.partition(".")
    base, _, sign = instruction.rpartition("_")
    if sign not in ("s", "u"):
        base, sign = instruction, "u" if instruction == "popcnt" else "s"
    lane = ("i" if sign == "s" else "u") + shape[1:].partition("x")[0]
    saturates = base.endswith("_sat")
    function = LANEWISE.get(base.removesuffix("_sat"))
    if function is None:
        return None
    operands = [unpack(lane, data) for data in ((a, b) if b else (a,))]
    values = [function(*values) for values in zip(*operands, strict=True)]
    return pack(lane, [clamp(value, lane) for value in values] if saturates else values)


def shift(name: str, a: bytes, count: bytes) -> bytes:
    shape, _, instruction = name.partition(".")
    width = int(shape[1:].partition("x")[0])
    lane = f"i{width}" if instruction == "shr_s" else f"u{width}"
    n = int.from_bytes(count, "little") % width
    return pack(lane, [x << n if instruction == "shl" else x >> n for x in unpack(lane, a)])


def half(values: Lanes, name: str) -> Lanes:
    middle = len(values) // 2
    return values[middle:] if "_high_" in name else values[:middle]


def narrow_shape(name: str, sign: str) -> str:
    """The lane type that a widening instruction reads: the shape at the end of its name."""
    source = name.removesuffix("_s").removesuffix("_u").rpartition("_")[2]
    return sign + source[1:].partition("x")[0]


def pairs(values: Lanes) -> Lanes:
    return [x + y for x, y in zip(values[::2], values[1::2], strict=True)]


def width_changing(name: str, a: bytes, b: bytes) -> bytes | None:
    shape, _, instruction = name.partition(".")
    wide = "u" + shape[1:].partition("x")[0]
    sign = "u" if name.endswith("_u") else "i"
    if "narrow" in instruction:
        source = narrow_shape(name, "i")
        target = sign + wide[1:]
        return pack(target, [clamp(x, target) for x in unpack(source, a) + unpack(source, b)])
    if not instruction.startswith(("ext", "dot")) or instruction.startswith("extract"):
        return None
    source = narrow_shape(name, sign)
    x, y = unpack(source, a), unpack(source, b) if b else []
    if instruction.startswith("extend"):
        return pack(wide, half(x, name))
    if instruction.startswith("extadd"):
        return pack(wide, pairs(x))
    product = [p * q for p, q in zip(x, y, strict=True)]
    return pack(wide, pairs(product) if instruction.startswith("dot") else half(product, name))


def moved(name: str, a: bytes, b: bytes, c: bytes, immediate: bytes) -> bytes | None:
    shape, _, instruction = name.partition(".")
    if name == "v128.const":
        return immediate
    if instruction == "shuffle":
        return bytes((a + b)[k] for k in immediate)
    if instruction == "swizzle":
        return bytes(a[k] if k < 16 else 0 for k in b)
    if name.startswith("v128."):
        x, y, z = (int.from_bytes(v, "little") for v in (a, b, c))
        results = {
            "not": ~x,
            "and": x & y,
            "andnot": x & ~y,
            "or": x | y,
            "xor": x ^ y,
            "bitselect": (x & z) | (y & ~z),
            "any_true": int(x != 0),
        }
        return (results[instruction] & ((1 << 128) - 1)).to_bytes(16, "little")
    width = int(shape[1:].partition("x")[0])
    size = width // 8
    if instruction == "splat":
        return a[:size] * (16 // size)
    if instruction == "replace_lane":
        at = immediate[0] * size
        return a[:at] + b[:size] + a[at + size :]
    if instruction.startswith("extract_lane"):
        value = unpack(("i" if instruction.endswith("_s") else "u") + str(width), a)[immediate[0]]
        return (value & ((1 << max(width, 32)) - 1)).to_bytes(16, "little")
    if instruction == "all_true":
        return int(all(unpack(f"u{width}", a))).to_bytes(16, "little")
    if instruction == "bitmask":
        bits = [int(x < 0) << i for i, x in enumerate(unpack(f"i{width}", a))]
        return sum(bits).to_bytes(16, "little")
    return None


def integer_oracle(name: str, a: bytes, b: bytes, c: bytes, immediate: bytes) -> bytes | None:
    instruction = name.partition(".")[2]
    if instruction == "q15mulr_sat_s":
        products = zip(unpack("i16", a), unpack("i16", b), strict=True)
        return pack("i16", [clamp((x * y + 0x4000) >> 15, "i16") for x, y in products])
    if instruction in ("shl", "shr_s", "shr_u"):
        return shift(name, a, b)
    for found in (moved(name, a, b, c, immediate), width_changing(name, a, b)):
        if found is not None:
            return found
    return None if name.startswith("f") else lanewise_integer(name, a, b)


# Floats: NumPy computes in IEEE 754; NaNs are compared by kind.

Floats = np.ndarray[Any, np.dtype[Any]]


def sign_bits(x: Floats) -> Floats:
    return np.signbit(x)


def minimum(a: Floats, b: Floats) -> Floats:
    smaller = np.where(a == b, np.where(sign_bits(a), a, b), np.where(a < b, a, b))
    return np.where(np.isnan(a) | np.isnan(b), np.nan, smaller).astype(a.dtype)


def truncated(x: Floats, low: float, high: float) -> list[int]:
    return [0 if np.isnan(v) else int(min(max(float(v), low), high)) for v in x]


FLOAT: dict[str, Callable[..., Floats]] = {
    "sqrt": np.sqrt,
    "ceil": np.ceil,
    "floor": np.floor,
    "trunc": np.trunc,
    "nearest": np.rint,
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "min": minimum,
    "max": lambda a, b: -minimum(-a, -b),
    "relaxed_madd": lambda a, b, c: a * b + c,
    "relaxed_nmadd": lambda a, b, c: c - a * b,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "gt": np.greater,
    "le": np.less_equal,
    "ge": np.greater_equal,
}


def float_oracle(name: str, *operands: bytes) -> Floats | bytes | None:
    """The result's floats; or its bytes where every bit counts; or None if it is no float instruction."""
    shape, _, instruction = name.partition(".")
    if "trunc_sat" in name or "relaxed_trunc" in name:
        source = np.dtype("<f4" if "f32x4" in name else "<f8")
        signed = "_s" in name.removesuffix("_zero")[-2:]
        values = truncated(
            np.frombuffer(operands[0], source), *((-(2**31), 2**31 - 1) if signed else (0, 2**32 - 1))
        )
        return pack("i32", [*values, 0, 0][:4])
    if "convert" in name:
        integers = np.frombuffer(operands[0], "<i4" if name.endswith("_s") else "<u4")
        return integers.astype("<f4") if shape == "f32x4" else integers[:2].astype("<f8")
    if instruction == "demote_f64x2_zero":
        return np.append(np.frombuffer(operands[0], "<f8").astype("<f4"), np.zeros(2, "<f4"))
    if instruction == "promote_low_f32x4":
        return np.frombuffer(operands[0], "<f4")[:2].astype("<f8")
    if not shape.startswith("f"):
        return None
    width = int(shape[1:3])
    x = [np.frombuffer(data, f"<f{width // 8}") for data in operands if data]
    bits = [np.frombuffer(data, f"<u{width // 8}") for data in operands if data]
    if instruction in ("abs", "neg"):
        sign = np.array(1 << (width - 1), bits[0].dtype)
        return bytes((bits[0] & ~sign if instruction == "abs" else bits[0] ^ sign).tobytes())
    if instruction in ("pmin", "pmax"):
        second = x[1] < x[0] if instruction == "pmin" else x[0] < x[1]
        return np.where(second, bits[1], bits[0]).tobytes()
    function = FLOAT.get(instruction) or FLOAT.get(instruction.removeprefix("relaxed_"))
    if function is None:
        return None
    result = function(*x)
    return pack(f"i{width}", [-int(v) for v in result]) if result.dtype == np.bool_ else result


def assert_floats(name: str, found: bytes, expected: Floats, operands: list[bytes]) -> None:
    """Equal bit for bit, but any NaN must be arithmetic, and canonical where all NaN operands are."""
    width = expected.dtype.itemsize * 8
    quiet = 0x7FC00000 if width == 32 else 0x7FF8000000000000
    got = np.frombuffer(found, expected.dtype)
    bits = unpack(f"u{width}", found)
    for i, (value, want) in enumerate(zip(got, expected, strict=True)):
        if np.isnan(want):
            assert bits[i] & quiet == quiet, f"{name}: lane {i} is {bits[i]:x}, no arithmetic NaN"
            if only_canonical(name, operands):
                assert bits[i] & ~(1 << (width - 1)) == quiet, f"{name}: lane {i} is no canonical NaN"
        else:
            assert value.tobytes() == want.tobytes(), f"{name}: lane {i}: {value!r} instead of {want!r}"


def only_canonical(name: str, operands: list[bytes]) -> bool:
    """Whether every NaN among the operands' lanes is canonical."""
    width = 64 if "f64x2" in name and "promote" not in name else 32
    quiet = 0x7FC00000 if width == 32 else 0x7FF8000000000000
    infinity = 0x7F800000 if width == 32 else 0x7FF0000000000000
    lanes = [
        x & ((1 << (width - 1)) - 1)
        for data in operands
        if len(data) == 16
        for x in unpack(f"u{width}", data)
    ]
    return all(x <= infinity or x == quiet for x in lanes)


def standard_name(name: str) -> str:
    """The instruction whose result wasmine's choice for a relaxed one is."""
    shape, _, instruction = name.partition(".")
    if "laneselect" in instruction:
        return "v128.bitselect"
    if instruction in ("relaxed_swizzle", "relaxed_q15mulr_s"):
        return f"{shape}.{instruction.removeprefix('relaxed_').replace('q15mulr_s', 'q15mulr_sat_s')}"
    return name


def relaxed_dot(name: str, a: bytes, b: bytes, c: bytes) -> bytes:
    products = [x * y for x, y in zip(unpack("i8", a), unpack("i8", b), strict=True)]
    sums = [clamp(x, "i16") for x in pairs(products)]
    if not c:
        return pack("i16", sums)
    return pack("i32", [x + y for x, y in zip(pairs(sums), unpack("i32", c), strict=True)])


def draw_immediate(row: SimdOp, data: st.DataObject) -> bytes:
    if "lane" in immediates(row):
        return bytes([data.draw(st.integers(0, int(shape_of(row.name).partition("x")[2]) - 1))])
    if "lanes16" in immediates(row):
        return bytes(data.draw(st.lists(st.integers(0, 31), min_size=16, max_size=16)))
    return data.draw(st.binary(min_size=16, max_size=16)) if immediates(row) else b""


@pytest.mark.parametrize("name", list(BY_OP))
@settings(max_examples=15, deadline=None, derandomize=True)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_is_what_the_standard_says(name: str, data: st.DataObject) -> None:
    row = BY_OP[name]
    operands = [data.draw(operand(row, kind)) for kind in operand_types(row)]
    immediate = draw_immediate(row, data)
    found = evaluate(opcode(row), *operands, immediate=immediate)
    a, b, c = [*operands, b"", b"", b""][:3]
    if "relaxed_dot" in name:
        assert found == relaxed_dot(name, a, b, c)
        return
    expected = float_oracle(name, *operands)
    if expected is None:
        expected = integer_oracle(standard_name(name), a, b, c, immediate)
    if isinstance(expected, np.ndarray):
        assert_floats(name, found, expected, operands)
    else:
        assert expected is not None, "no oracle"
        assert found == expected


@given(data=st.data())
@settings(max_examples=200, deadline=None, derandomize=True)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_min_and_max_of_zeros_and_nans(data: st.DataObject) -> None:
    zeros_and_nans = st.sampled_from([0, 1 << 31, 0x7FC00000, 0xFFC00000, 0x7F800001, 0x3F800000])
    lanes = st.lists(zeros_and_nans, min_size=4, max_size=4)
    a, b = (pack("u32", data.draw(lanes)) for _ in range(2))
    for name in ("f32x4.min", "f32x4.max", "f32x4.relaxed_min", "f32x4.relaxed_max"):
        expected = float_oracle(name, a, b)
        assert isinstance(expected, np.ndarray)
        assert_floats(name, evaluate(BY_NAME[name].id, a, b), expected, [a, b])


def test_refuses_what_is_not_in_the_group() -> None:
    with pytest.raises(ValueError, match="not a SIMD instruction"):
        evaluate(BY_NAME["i32.add"].id, bytes(4), bytes(4))
    with pytest.raises(ValueError, match="not a SIMD instruction"):
        evaluate(BY_NAME["v128.load"].id, bytes(4))
    with pytest.raises(ValueError, match="at most 16 bytes"):
        evaluate(BY_NAME["i8x16.add"].id, bytes(17))


# Another runtime: one function an instruction, run over a table of operands in memory.

ROWS = 96
STRIDE = 64  # three operands and the result


def operand_table(row: SimdOp, seed: int) -> bytes:
    """ROWS rows of operands, corner values mixed with random bits."""
    random = np.random.default_rng(seed)
    corners = F32 if "f32" in row.name else F64
    width = 4 if corners is F32 else 8
    table = bytearray()
    for _ in range(ROWS):
        for kind in (*operand_types(row), *("v128",) * (4 - len(operand_types(row)))):
            words = [random.choice(np.array(corners, "u8")) for _ in range(16 // width)]
            corner = b"".join(int(word).to_bytes(width, "little") for word in words)
            is_float = "f32" in row.name or "f64" in row.name
            plain = random.integers(0, 256, 16, "u1")
            plain[random.random(16) < 0.3] = random.choice(np.array([0, 127, 128, 255], "u1"))
            table += corner if is_float and kind != "i32" and random.random() < 0.8 else plain.tobytes()
    return bytes(table)


def wat_function(row: SimdOp, lane: int) -> str:
    loads = {"v128": "v128.load", "i32": "i32.load", "i64": "i64.load", "f32": "f32.load", "f64": "f64.load"}
    arguments = " ".join(
        f"({loads[kind]} offset={16 * number} (local.get $p))"
        for number, kind in enumerate(operand_types(row))
    )
    choices = {
        "lane": str(lane),
        "lanes16": " ".join(str((7 * k + lane) % 32) for k in range(16)),
        "v128": "i32x4 1 -2 3 -4",
    }
    immediate = " ".join(choices[kind] for kind in immediates(row))
    result = str(BY_NAME[row.name].signature).rpartition(" ")[2]
    return f"""
      (func (export "{row.name} {lane}") (param $p i32) (local $end i32)
        (local.set $end (i32.add (local.get $p) (i32.const {ROWS * STRIDE})))
        (loop $next
          (v128.store offset=48 (local.get $p) (v128.const i64x2 0 0))
          ({result}.store offset=48 (local.get $p) ({row.name} {immediate} {arguments}))
          (local.set $p (i32.add (local.get $p) (i32.const {STRIDE})))
          (br_if $next (i32.lt_u (local.get $p) (local.get $end)))))"""


def lane_choices(row: SimdOp) -> range:
    return range(int(shape_of(row.name).partition("x")[2])) if "lane" in immediates(row) else range(1)


def immediate_bytes(row: SimdOp, lane: int) -> bytes:
    if "lane" in immediates(row):
        return bytes([lane])
    if "lanes16" in immediates(row):
        return bytes((7 * k + lane) % 32 for k in range(16))
    return struct.pack("<4i", 1, -2, 3, -4) if immediates(row) else b""


@pytest.fixture(scope="module")
def peer() -> Callable[[str, int, bytes], bytes]:
    config = wasmtime.Config()
    config.wasm_relaxed_simd = True
    config.wasm_relaxed_simd_deterministic = True
    functions = "".join(wat_function(row, lane) for row in OPS for lane in lane_choices(row))
    store = wasmtime.Store(wasmtime.Engine(config))
    module = wasmtime.Module(store.engine, f'(module (memory (export "m") 1) {functions})')
    instance = wasmtime.Instance(store, module, [])
    memory = instance.exports(store)["m"]
    assert isinstance(memory, wasmtime.Memory)

    def run(name: str, lane: int, table: bytes) -> bytes:
        memory.write(store, table, 0)
        function = instance.exports(store)[f"{name} {lane}"]
        assert isinstance(function, wasmtime.Func)
        function(store, 0)
        return bytes(memory.read(store, 0, len(table)))

    return run


def same_but_for_nans(row: SimdOp, found: bytes, expected: bytes) -> bool:
    """Whether both are equal, taking any two arithmetic NaNs of a float result for the same."""
    if found == expected:
        return True
    exact = ("abs", "neg", "pmin", "pmax", "splat", "replace_lane", "extract_lane")
    if row.write[0] != "f" or row.name.partition(".")[2] in exact:
        return False
    width = int(row.write[1:])
    quiet = 0x7FC00000 if width == 32 else 0x7FF8000000000000
    lanes = zip(unpack(f"u{width}", found), unpack(f"u{width}", expected), strict=True)
    return all(x == y or (x & quiet == quiet and y & quiet == quiet) for x, y in lanes)


# The other runtime makes another choice that the standard allows: it fuses multiply-adds, and wraps a sum of
# products that leaves 16 bits.
CHOSEN_OTHERWISE = tuple(row.name for row in OPS if "madd" in row.name or "relaxed_dot" in row.name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "row", [row for row in OPS if row.name not in CHOSEN_OTHERWISE], ids=lambda row: row.name
)
def test_agrees_with_another_runtime(row: SimdOp, peer: Callable[[str, int, bytes], bytes]) -> None:
    for lane in lane_choices(row):
        table = operand_table(row, seed=opcode(row) + lane)
        results = peer(row.name, lane, table)
        for start in range(0, len(table), STRIDE):
            operands = [
                table[start + 16 * n : start + 16 * n + (16 if kind == "v128" else 8 if "64" in kind else 4)]
                for n, kind in enumerate(operand_types(row))
            ]
            found = evaluate(opcode(row), *operands, immediate=immediate_bytes(row, lane))
            expected = results[start + 48 : start + 64]
            assert same_but_for_nans(row, found, expected), (
                f"{row.name}: {found.hex()} instead of {expected.hex()} for {[x.hex() for x in operands]}"
            )
