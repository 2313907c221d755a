"""A store of which a part is out of bounds writes nothing; what ARM64 does for that."""

from typing import Literal

import capstone
import pytest

import wasmine
from wasmine.jit.cross import machine_code
from wasmine.text import parse_module

END = 0x10000
# Store, type of its value, bytes
STORES = [
    ("i32.store", "i32", 4),
    ("i32.store16", "i32", 2),
    ("i64.store", "i64", 8),
    ("i64.store16", "i64", 2),
    ("i64.store32", "i64", 4),
    ("f32.store", "f32", 4),
    ("f64.store", "f64", 8),
    ("v128.store", "v128", 16),
    *[(f"v128.store{8 * width}_lane {lane}", "v128", width) for width in (2, 4, 8) for lane in (0, 1)],
]
ONES = {
    "i32": "(i32.const -1)",
    "i64": "(i64.const -1)",
    "f32": "(f32.reinterpret_i32 (i32.const -1))",
    "f64": "(f64.reinterpret_i64 (i64.const -1))",
    "v128": "(v128.const i64x2 -1 -1)",
}


def with_offset(store: str, offset: int) -> str:
    name, _, lane = store.partition(" ")
    return f"{name} offset={offset} {lane}"


@pytest.mark.parametrize("tier", ["interp", "jit"])
@pytest.mark.parametrize("offset", [0, 3])
@pytest.mark.parametrize(("store", "type", "width"), STORES, ids=[store for store, _, _ in STORES])
def test_nothing_is_written(
    tier: Literal["interp", "jit"], store: str, type: str, width: int, offset: int
) -> None:
    text = f"""
        (module (memory (export "memory") 1)
          (func (export "store") (param i32) ({with_offset(store, offset)} (local.get 0) {ONES[type]})))"""
    engine = wasmine.Engine(wasmine.Config(tier=tier))
    instance = wasmine.Linker(engine).instantiate(wasmine.Store(engine), wasmine.Module(engine, text))
    memory = instance.exports["memory"]
    for inside in range(width):
        with pytest.raises(wasmine.Trap, match="out of bounds"):
            instance.exports["store"](END - inside - offset)
    assert bytes(memory[END - 16 : END]) == bytes(16)
    instance.exports["store"](END - width - offset)
    assert bytes(memory[END - width : END]) == b"\xff" * width


# --- on ARM64, whose stores may write a part: a load first

decoder = capstone.Cs(capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM)


def accesses(body: str) -> list[str]:
    """The names of the loads and stores of a function of an address, $n and $i, in memory that is guarded."""
    engine = wasmine.Engine()
    text = f"(module (memory 1) (func (param $at i32) (param $n i32) (local $i i32) {body}))"
    code = machine_code(wasmine.Module(engine, parse_module(text))._code, 0, "arm64")
    names = []
    for _, _, name, operands in decoder.disasm_lite(code, 0):
        if name.startswith(("ld", "st")) and "[sp" not in operands:
            names.append(f"{name.replace('ur', 'r')} {operands.split(',')[0]}")
    return names


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        ("(i32.store16 (local.get $at) (local.get $n))", ["ldrh wzr", "strh w1"]),
        ("(i32.store (local.get $at) (local.get $n))", ["ldr wzr", "str w1"]),
        ("(i64.store (local.get $at) (i64.const 0))", ["ldr xzr", "str xzr"]),
        ("(f64.store (local.get $at) (f64.const 0))", ["ldr xzr", "str xzr"]),
        ("(v128.store (local.get $at) (i32x4.splat (local.get $n)))", ["ldr q31", "str q0"]),
        (
            "(v128.store64_lane 1 (local.get $at) (i32x4.splat (local.get $n)))",
            ["ldr xzr", "st1 {v0.d}[1]"],
        ),
    ],
)
def test_a_load_first(store: str, expected: list[str]) -> None:
    assert accesses(store) == expected


@pytest.mark.parametrize(
    "body",
    [
        # one byte
        "(i32.store8 (local.get $at) (local.get $n))",
        # what was read is written
        "(i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $n)))",
        # an address in every memory
        "(i32.store offset=8 (i32.const 5) (local.get $n))",
        # aligned: by an instruction,
        "(i32.store offset=8 (i32.shl (local.get $at) (i32.const 2)) (local.get $n))",
        "(i32.store offset=8 (i32.and (local.get $at) (i32.const -4)) (local.get $n))",
        "(i32.store offset=8 (i32.mul (local.get $at) (i32.const 20)) (local.get $n))",
        # on both ways,
        """(i32.store (select (i32.shl (local.get $at) (i32.const 2)) (i32.const 8) (local.get $n))
             (local.get $n))""",
        # at the start of a loop and by its step
        """(loop $next
             (i64.store offset=1024 (local.get $i) (i64.const 1))
             (br_if $next
               (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $n))))""",
    ],
)
def test_no_load(body: str) -> None:
    assert not any(access.startswith("ld") and access.endswith("zr") for access in accesses(body))


def test_no_load_behind_one_that_goes_further() -> None:
    found = accesses("""
        (i64.store offset=8 (local.get $at) (i64.const 1))
        (if (local.get $n) (then (i64.store (local.get $at) (i64.const 2))))
        (i64.store offset=4 (local.get $at) (i64.const 3))
        (i64.store offset=12 (local.get $at) (i64.const 4))""")
    assert (found.count("ldr xzr"), len(found)) == (2, 6)


@pytest.mark.parametrize(
    "body",
    [
        # only one way has been further
        """(if (local.get $n) (then (i64.store offset=8 (local.get $at) (i64.const 1))))
           (i64.store (local.get $at) (i64.const 1))""",
        # an offset, a step, and a start that are not aligned
        "(i64.store offset=4 (i32.shl (local.get $at) (i32.const 3)) (i64.const 1))",
        """(loop $next
             (i64.store (local.get $i) (i64.const 1))
             (br_if $next
               (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $n))))""",
        """(loop $next
             (i64.store (local.get $at) (i64.const 1))
             (br_if $next
               (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $n))))""",
    ],
)
def test_a_load_all_the_same(body: str) -> None:
    assert "ldr xzr" in accesses(body)
