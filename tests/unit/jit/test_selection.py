"""What single patterns become on x86-64, by an independent disassembler."""

import platform

import capstone
import pytest

from wasmine import Config, Engine, Linker, Module, Store

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="machine code of x86-64")

decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)


def compiled(function: str, *arguments: float) -> tuple[list[str], object]:
    """The machine code of a function `f` in a module with a memory and a global, and what it returns."""
    module = Module(
        Engine(Config(tier="jit")),
        f'(module (memory 1) (global $g (mut i32) (i32.const 7)) (func (export "f") {function}))',
    )
    result = Linker(module.engine).instantiate(Store(module.engine), module).exports.f(*arguments)
    code = module._code.native.machine_code(0)
    return [f"{i.mnemonic} {i.op_str}" for i in decoder.disasm(code, 0)], result


def test_memory_is_changed_in_place() -> None:
    code, result = compiled(
        """(param i32 i32) (result i32)
        (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (local.get 1)))
        (i64.store (i32.const 64) (i64.xor (i64.const 3) (i64.load (i32.const 64))))
        (i32.sub (i32.load8_u (local.get 0)) (i32.load8_u (i32.const 64)))""",
        16,
        40,
    )
    assert "add dword ptr [r15 + rax], ecx" in code
    assert "xor qword ptr [r15 + 0x40], 3" in code
    assert result == 37


def test_what_is_loaded_is_an_operand_in_memory() -> None:
    code, _ = compiled(
        "(param i32 f64) (result f64) (f64.mul (local.get 1) (f64.load (local.get 0)))", 0, 1.0
    )
    assert any("mulsd xmm0, " in line and line.endswith("qword ptr [r15 + rax]") for line in code)
    code, _ = compiled("(param i32 i32) (result i32) (i32.lt_u (i32.load (local.get 0)) (local.get 1))", 0, 1)
    assert "cmp dword ptr [r15 + rax], ecx" in code
    code, _ = compiled("(param i32) (result i32) (i32.eqz (i32.load (local.get 0)))", 0)
    assert "cmp dword ptr [r15 + rax], 0" in code


def test_a_load_stays_before_a_store() -> None:
    _, result = compiled(
        """(param i32 i32) (result i32) (local i32)
        (local.set 2 (i32.load (local.get 0)))
        (i32.store (i32.const 8) (i32.const 5))
        (i32.sub (local.get 1) (local.get 2))""",
        8,
        100,
    )
    assert result == 100


def test_a_global_of_the_module_is_one_access_away() -> None:
    code, result = compiled("(result i32) (global.get $g)")
    assert result == 7
    assert sum("r14" in line for line in code) == 1


def test_a_counter_stays_in_its_register() -> None:
    code, result = compiled(
        """(param i32) (result i32) (local i32)
        (loop
          (local.set 1 (i32.add (local.get 1) (local.get 0)))
          (br_if 0 (i32.ne (local.get 0) (i32.const 1))
            (local.set 0 (i32.add (local.get 0) (i32.const -1)))))
        (local.get 1)""",
        100,
    )
    assert result == 5050
    loop = code[next(i for i, line in enumerate(code) if line.startswith("add")) :]
    loop = loop[: next(i for i, line in enumerate(loop) if line.startswith("ret"))]
    assert not any(line.startswith("mov e") and "ptr" not in line for line in loop[:-1]), code
    # One test is for the poll; the counter's own has the flags of the sum.
    assert sum(line.startswith(("test", "cmp")) for line in loop) <= 2, code


def test_zero_needs_no_immediate() -> None:
    code, result = compiled("(result i32) (i32.const 0)")
    assert result == 0
    assert "xor eax, eax" in code


@pytest.mark.parametrize(
    ("op", "left", "right", "expected"),
    [
        ("shl", 3, 33, 6),
        ("shr_s", -8, 1, -4),
        ("shr_u", -8, 28, 15),
        ("rotl", 0x40000001, 2, 5),
        ("rotr", 5, 1, -0x7FFFFFFE),
    ],
)
def test_shifts(op: str, left: int, right: int, expected: int) -> None:
    source = f"(param i32 i32) (result i32) (i32.{op} (local.get 0) (local.get 1))"
    assert compiled(source, left, right)[1] == expected
    source = f"""(param i32) (result i32)
        (i32.sub (i32.{op} (local.get 0) (i32.const {right})) (local.get 0))"""
    wrapped = (expected - left + 2**31) % 2**32 - 2**31
    assert compiled(source, left)[1] == wrapped


def test_and_with_a_complement() -> None:
    source = "(param i64 i64) (result i64) (i64.and (local.get 0) (i64.xor (local.get 1) (i64.const -1)))"
    assert compiled(source, 0x7FFF, 0x0F0F)[1] == 0x70F0


def test_a_product_with_a_constant_on_the_left_keeps_to_its_register() -> None:
    """The local is zero all the time: that is found when constants have moved right already."""
    _, result = compiled(
        """(param i64 i32) (result i64) (local $zero i64) (local $product i64) (local $bits i32)
        (local.set $bits (i32.clz (local.get 1)))
        (loop $more
          (local.set $product (i64.mul (local.get $zero) (local.get 0)))
          (local.set $zero
            (i64.reinterpret_f64 (select (f64.const 0) (f64.const 0) (i32.const 0))))
          (br_if $more (i32.eqz (local.get $bits))))
        (i64.add (local.get $product) (i64.extend_i32_u (local.get $bits)))""",
        5,
        1,
    )
    assert result == 31


@pytest.mark.parametrize(
    ("body", "instruction", "arguments", "expected"),
    [
        (
            "(i32.add (i32.shl (local.get 0) (i32.const 3)) (i32.const 1024))",
            "lea eax, [rax*8 + 0x400]",
            (3, 0),
            1048,
        ),
        (
            "(i32.add (i32.add (local.get 0) (local.get 1)) (i32.const -5))",
            "lea eax, [rax + rcx - 5]",
            (-1, 2),
            -4,
        ),
        (
            "(i32.add (i32.add (local.get 0) (i32.shl (local.get 1) (i32.const 2))) (i32.const 0x7fffffff))",
            "lea eax, [rax + rcx*4 + 0x7fffffff]",
            (1, 1),
            -0x7FFFFFFC,
        ),
        (
            "(i32.xor (i32.shl (local.get 0) (i32.const 1)) (local.get 0))",
            "lea ecx, [rax + rax]",
            (-0x80000000, 0),
            -0x80000000,
        ),
    ],
)
def test_sums_are_addresses(body: str, instruction: str, arguments: tuple[int, int], expected: int) -> None:
    code, result = compiled(f"(param i32 i32) (result i32) {body}", *arguments)
    assert instruction in code
    assert result == expected


@pytest.mark.parametrize("type", ["i32", "i64"])
def test_the_lowest_bit_is_cleared(type: str) -> None:
    """The instruction sets the flags by which the loop ends, after few turns: it needs no poll."""
    rest = "(i32.wrap_i64 (i64.ctz (local.get 0)))" if type == "i64" else "(i32.ctz (local.get 0))"
    code, result = compiled(
        f"""(param {type}) (result i32) (local $sum i32)
        (loop $more
          (local.set $sum (i32.add (local.get $sum) {rest}))
          (local.set 0 ({type}.and (local.get 0) ({type}.sub (local.get 0) ({type}.const 1))))
          (br_if $more ({type}.ne (local.get 0) ({type}.const 0))))
        (local.get $sum)""",
        0x55500001,
    )
    at = next(i for i, line in enumerate(code) if line.startswith("blsr "))
    assert code[at + 1].startswith("jne ")
    assert not any(line.startswith("cmp rsp, ") for line in code)
    assert result == 0 + 20 + 22 + 24 + 26 + 28 + 30


def test_products_of_bytes_share_extensions() -> None:
    code, result = compiled(
        """(param i32) (result i32) (local v128)
        (local.set 1 (i8x16.splat (local.get 0)))
        (i16x8.extract_lane_s 0 (i16x8.add
          (i16x8.extmul_low_i8x16_s (local.get 1) (local.get 1))
          (i16x8.extend_low_i8x16_s (local.get 1))))""",
        -128,
    )
    assert sum("pmovsxbw" in line for line in code) == 1
    assert result == 16384 - 128


def test_a_factor_that_becomes_constant_late() -> None:
    # When values are numbered, the loads are equal; then the branch is decided, and -1 is on the left.
    source = """(param i32 i32) (result i32) (local i32)
        (local.set 2 (i32.const -1))
        (if (i32.sub (i32.load (i32.const 24)) (i32.load (i32.const 24))) (then (local.set 2 (local.get 0))))
        (i32.add (local.get 0) (i32.mul (local.get 2) (i32.sub (i32.const -1) (local.get 1))))"""
    assert compiled(source, 5, 0)[1] == 6


@pytest.mark.parametrize(
    ("sum", "expected"),
    [
        ("(i64.add (local.get 0) (local.get 0))", 2),
        ("(i64.add (local.get 0) (i64.shl (local.get 0) (i64.const 3)))", 9),
        ("(i64.add (i64.shl (local.get 0) (i64.const 2)) (i64.const 5))", 9),
        ("(i64.add (i64.add (local.get 0) (local.get 0)) (i64.const 7))", 9),
    ],
)
def test_the_lower_half_of_a_sum_has_nothing_above_it(sum: str, expected: int) -> None:
    for half in (f"(i64.and (i64.const 0xffffffff) {sum})", f"(i64.extend_i32_u (i32.wrap_i64 {sum}))"):
        _, result = compiled(f"(param i64) (result i64) {half}", 0x7000_0000_0000_0001)
        assert result == expected
