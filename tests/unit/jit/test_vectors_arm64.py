"""What vector instructions become on ARM64, by an independent disassembler; it needs no ARM64 machine."""

import re

import capstone
import pytest

import wasmine
from wasmine.jit.arm64.ops import BY_NAME as MACHINE
from wasmine.jit.arm64.vector_ops import ROWS, VectorOp
from wasmine.jit.cross import machine_code
from wasmine.spec.opcodes import BY_NAME

decoder = capstone.Cs(capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM)
decoder.skipdata = True


def compiled(function: str) -> list[str]:
    """The instructions of a function, up to its return."""
    module = wasmine.Module(wasmine.Engine(), f'(module (memory 1) (func (export "f") {function}))')
    lines: list[str] = []
    for instruction in decoder.disasm(machine_code(module._code, 0, "arm64"), 0):
        if instruction.mnemonic == "ret":
            return lines
        lines.append(f"{instruction.mnemonic} {instruction.op_str}")
    raise AssertionError("the code does not return")


def expected(row: VectorOp) -> list[str]:
    """The instructions of a row on parameters in v0 and v1 or w1 that are lost; the result is in v0."""
    first, other = MACHINE[row.op].syntax, MACHINE[row.other].syntax if row.other else ""

    def of(syntax: str, n: str, m: str = "1") -> str:
        for field, number in (("d", "0"), ("n", n), ("m", m)):
            syntax = re.sub(rf"\b[A-Z]{field}\b", lambda found: found[0].lower(), syntax)
            syntax = re.sub(rf"\b([a-z]){field}\b", rf"\g<1>{number}", syntax)
        return syntax.replace("#imm", "#0").replace("[lane]", "[0]")

    if row.form == "ab":
        return [of(first, "0")]
    if row.form == "ba":
        return [of(first, "1", "0")]
    if row.form == "not":
        return [of(first, "0"), "mvn v0.16b, v0.16b"]
    if row.form == "aa":
        return [of(first, "0"), of(other, "0")]
    if row.form == "pair":
        return [of(first, "0"), of(other, "1")]
    assert row.form == "a"
    return [of(first, "0")]


def plain(line: str) -> str:
    return line.replace("not v", "mvn v")


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.form not in ("left", "right")], ids=lambda r: r.name
)
def test_rows(row: VectorOp) -> None:
    operands, _, result = str(BY_NAME[row.name].signature).partition("->")
    gets = " ".join(f"(local.get {k})" for k in range(len(operands.split())))
    code = compiled(f"(param {operands}) (result {result}) ({row.name} {gets})")
    assert [plain(line) for line in code] == expected(row)


COUNTED = [row for row in ROWS if row.form in ("left", "right")]


@pytest.mark.parametrize("row", COUNTED, ids=lambda row: row.name)
def test_shifts(row: VectorOp) -> None:
    bits = int(row.name[1 : row.name.index("x")])
    head = MACHINE[row.op].syntax.split()[0]
    for count in (1, bits - 1, bits + 3):
        code = compiled(f"(param v128) (result v128) ({row.name} (local.get 0) (i32.const {count}))")
        assert len(code) == 1
        assert code[0].startswith(head)
        assert int(code[0].rpartition("#")[2], 0) == count % bits
    assert compiled(f"(param v128) (result v128) ({row.name} (local.get 0) (i32.const {bits}))") == []
    code = compiled(f"(param v128 i32) (result v128) ({row.name} (local.get 0) (local.get 1))")
    assert code[0].startswith("and ")
    assert code[-1].split()[0] == MACHINE[row.other].syntax.split()[0]
    assert len(code) == (3 if row.form == "left" else 4)


A, B, C = "(local.get 0)", "(local.get 1)", "(local.get 2)"


def three(expression: str) -> list[str]:
    return compiled(f"(param v128 v128 v128) (result v128) {expression}")


def test_what_is_added_at_once() -> None:
    assert three(f"(i32x4.add {A} (i32x4.mul {B} {C}))") == ["mla v0.4s, v1.4s, v2.4s"]
    assert three(f"(i16x8.sub {A} (i16x8.mul {B} {C}))") == ["mls v0.8h, v1.8h, v2.8h"]
    assert three(f"(i32x4.add (i32x4.extmul_high_i16x8_u {B} {C}) {A})") == ["umlal2 v0.4s, v1.8h, v2.8h"]
    assert three(f"(i16x8.add (i16x8.extadd_pairwise_i8x16_s {B}) {A})") == ["sadalp v0.8h, v1.16b"]
    wider = "i16x8.extend_low_i8x16_s"
    assert three(f"(i16x8.mul ({wider} {A}) ({wider} {B}))") == ["smull v0.8h, v0.8b, v1.8b"]
    product = f"(i16x8.mul ({wider} {B}) ({wider} {C}))"
    assert three(f"(i16x8.add {A} {product})") == ["smlal v0.8h, v1.8b, v2.8b"]
    assert len(three(f"(i16x8.add (i32x4.mul {B} {C}) {A})")) == 2


def test_a_lane_as_factor() -> None:
    lanes = "4 5 6 7 " * 4
    product = f"(f32x4.mul {A} (i8x16.shuffle {lanes} {B} {B}))"
    assert three(product) == ["fmul v0.4s, v0.4s, v1.s[1]"]
    code = compiled(f"(param v128 f32) (result v128) (f32x4.mul (f32x4.splat {B}) {A})")
    assert code == ["fmul v0.4s, v0.4s, v1.s[0]"]
    code = compiled(f"(param v128 f64) (result v128) (f64x2.mul {A} (f64x2.splat {B}))")
    assert code == ["fmul v0.2d, v0.2d, v1.d[0]"]


def test_complements() -> None:
    assert three(f"(v128.and (v128.not {B}) {A})") == ["bic v0.16b, v0.16b, v1.16b"]
    assert three(f"(v128.or {A} (v128.not {B}))") == ["orn v0.16b, v0.16b, v1.16b"]


def test_comparisons_with_zero() -> None:
    zero = "(v128.const i64x2 0 0)"
    assert three(f"(i8x16.eq {A} {zero})") == ["cmeq v0.16b, v0.16b, #0"]
    assert three(f"(i32x4.lt_s {A} {zero})") == ["cmlt v0.4s, v0.4s, #0"]
    assert three(f"(f64x2.le {A} {zero})") == ["fcmle v0.2d, v0.2d, #0.0"]


def test_selection_of_bits() -> None:
    """The operand that dies becomes the result."""
    assert three(f"(v128.bitselect {B} {C} {A})") == ["bsl v0.16b, v1.16b, v2.16b"]


@pytest.mark.parametrize(
    ("lanes", "text"),
    [
        ([2, 3] * 8, "dup v0.8h, v0.h[1]"),
        ([*range(3, 16), 0, 1, 2], "ext v0.16b, v0.16b, v0.16b, #3"),
        ([*range(5, 21)], "ext v0.16b, v0.16b, v1.16b, #5"),
        ([*range(20, 32), *range(4)], "ext v0.16b, v1.16b, v0.16b, #4"),
        ([k // 2 + 16 * (k % 2) for k in range(16)], "zip1 v0.16b, v0.16b, v1.16b"),
        ([8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31], "zip2 v0.8h, v0.8h, v1.8h"),
        ([*range(0, 32, 2)], "uzp1 v0.16b, v0.16b, v1.16b"),
        ([2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31], "uzp2 v0.8h, v0.8h, v1.8h"),
        ([0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27], "trn1 v0.4s, v0.4s, v1.4s"),
        ([*range(8), *range(16, 24)], "zip1 v0.2d, v0.2d, v1.2d"),
        ([k ^ 7 for k in range(16)], "rev64 v0.16b, v0.16b"),
        ([k ^ 2 for k in range(16)], "rev32 v0.8h, v0.8h"),
        ([*range(4), 20, 21, 22, 23, *range(8, 16)], "mov v0.s[1], v1.s[1]"),
        ([*range(12), 6, 7, 14, 15], "mov v0.h[6], v0.h[3]"),
    ],
)
def test_shuffles(lanes: list[int], text: str) -> None:
    numbers = " ".join(map(str, lanes))
    code = compiled(f"(param v128 v128) (result v128) (i8x16.shuffle {numbers} {A} {B})")
    assert code == [text]


def test_other_shuffles_look_up() -> None:
    numbers = "0 20 7 19 4 5 30 7 22 9 10 11 12 23 14 1"
    code = compiled(f"(param v128 v128) (result v128) (i8x16.shuffle {numbers} {A} {B})")
    assert code[-1].startswith("tbl v0.16b, {v28.16b, v29.16b}, v")
    assert len(code) == 4
