"""Writes the interpreter's groups from their tables: `interp/simd.py`, `memops.py` and `atomics.py`.

`python tools/gen_groups.py` writes them; with `--check` it only says which are stale, and exits 1 if any
is. A group is a template, `interp_NAME.py.in`, whose `# {arms}` becomes one arm for each instruction. The
tables are loaded from their files, so no built extension is needed.
"""

import re
import runpy
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import generator
from generator import PACKAGE, TOOLS

SPEC = runpy.run_path(str(PACKAGE / "spec" / "opcodes.py"))
SCALAR = runpy.run_path(str(PACKAGE / "ir" / "ops.py"))
SIMD = runpy.run_path(str(PACKAGE / "ir" / "simd_ops.py"))
MEMORY = runpy.run_path(str(PACKAGE / "ir" / "memory_ops.py"))

Lines = list[str]

DATA = "data = cython.cast(cython.pointer[DataWord], pc + 1)"
OUT_OF_BOUNDS = "    return t.TRAP_OUT_OF_BOUNDS_MEMORY_ACCESS"


def indent(lines: Iterable[str], levels: int = 1) -> Lines:
    return ["    " * levels + line for line in lines]


def constant(name: str) -> str:
    return f"op.{SPEC['CONSTANT_NAME'](SPEC['BY_NAME'][name])}"


def assign(target: str, value: str) -> Lines:
    """An assignment, one term to a line when it is long."""
    if len(value) < 80:
        return [f"{target} = {value}"]
    first, *others = re.split(r" \+ (?![^(]*\))", value)
    return [f"{target} = (", f"    {first}", *(f"    + {term}" for term in others), ")"]


def on_lanes(text: str, lane_types: dict[str, str]) -> str:
    """An expression of the tables as C arithmetic: `a` becomes `a.u8[i]`, and `a[k]` becomes `a.u8[k]`."""

    def lane(match: re.Match[str]) -> str:
        name, subscript = match.groups()
        return f"{name}.{lane_types[name]}[" if subscript else f"{name}.{lane_types[name]}[i]"

    names = "".join(lane_types)
    return re.sub(rf"\b([{names}])\b(?![.(])(\[)?", lane, text)


# SIMD


def simd_operands(row: Any) -> Iterator[str]:
    """Statements that copy the operands out of the frame: the result may lie where one of them is."""
    kinds: list[str] = SPEC["BY_NAME"][row.name].signature.partition("->")[0].split()
    immediates: tuple[str, ...] = SPEC["BY_NAME"][row.name].immediates
    if len(kinds) > 2 or "lane" in immediates:
        yield DATA
    vectors = iter("abc")
    for kind, slot in zip(kinds, ("pc.b", "pc.c", "data.slot"), strict=False):
        if kind == "v128":
            yield f"memcpy(cython.address({next(vectors)}), fp + {slot}, 16)"
        else:
            yield f"x = fp[{slot}]"
    if "lane" in immediates:
        yield "lane = data.extra"
    elif immediates:
        yield "memcpy(cython.address(m), pc + 1, 16)"


def simd_vector(row: Any, values: tuple[str, ...]) -> Iterator[str]:
    lanes = SIMD["lane_count"](row.write) // len(values)
    yield f"for i in range({lanes}):"
    for part, value in enumerate(values):
        index = f"i + {lanes}" if part else "i"
        yield from indent(assign(f"r.{row.write}[{index}]", value))


def simd_scalar(row: Any, value: str) -> Iterator[str]:
    if row.start is not None:
        yield f"s = {row.start}"
        yield f"for i in range({SIMD['lane_count'](row.read)}):"
        yield f"    s = {value}"
        value = "s"
    yield f"fp[pc.a] = cython.cast({'uint64_t' if '64' in row.write else 'uint32_t'}, {value})"


def simd_arms() -> Iterator[tuple[str, Lines]]:
    for row in sorted(SIMD["OPS"], key=lambda row: int(SPEC["BY_NAME"][row.name].id)):
        lane_types = dict.fromkeys("abc", row.read)
        lane_types["m"] = "u64" if row.name == "v128.const" else "u8"
        values = tuple(on_lanes(text, lane_types) for text in row.expressions)
        is_vector = SPEC["BY_NAME"][row.name].signature.endswith("v128")
        result = simd_vector(row, values) if is_vector else simd_scalar(row, *values)
        yield constant(row.name), [*simd_operands(row), *result]


# Memory accesses


def lane_type(c_type: str) -> str:
    """`int8_t` is the lane type i8."""
    return c_type.removesuffix("_t").replace("uint", "u").replace("int", "i")


def scalar_access_arms() -> Iterator[tuple[str, Lines]]:
    """The scalar rows of `ops.py`, also for each instruction that does the same as one of them."""
    meanings = {name: name for name in SPEC["BY_NAME"]} | SCALAR["SAME"]
    rows = {row.name: row for row in (*SCALAR["LOADS"], *SCALAR["STORES"])}
    for name in sorted(SPEC["BY_NAME"], key=lambda name: int(SPEC["BY_NAME"][name].id)):
        row = rows.get(meanings[name])
        if row is None:
            continue
        size = 1 << SPEC["BY_NAME"][name].access
        check = [f"if room < {size}:", OUT_OF_BOUNDS]
        if hasattr(row, "result"):
            load = f"memcpy(cython.address(v), at, {size})"
            value = f"v.{lane_type(row.memory)}[0]"
            yield constant(name), [*check, load, f"fp[pc.a] = cython.cast({row.result}, {value})"]
        else:
            yield constant(name), [*check, f"memcpy(at, fp + pc.a, {size})"]


def vector_access_arms() -> Iterator[tuple[str, Lines]]:
    for row in (*MEMORY["VECTOR_LOADS"], *MEMORY["VECTOR_STORES"]):
        opcode = SPEC["BY_NAME"][row.name]
        size = 1 << opcode.access
        body = [f"if room < {size}:", OUT_OF_BOUNDS]
        if "lane" in opcode.immediates:
            body.append("lane = data.extra")
        if row in MEMORY["VECTOR_LOADS"]:
            if "v128" in opcode.signature.partition("->")[0]:
                body.append("memcpy(cython.address(a), fp + data.slot, 16)")
            value = on_lanes(row.expression, {"v": row.read, "a": row.write})
            body += [
                f"memcpy(cython.address(v), at, {size})",
                f"for i in range({SIMD['lane_count'](row.write)}):",
                f"    r.{row.write}[i] = {value}",
            ]
        elif "lane" in opcode.immediates:
            value = on_lanes(row.expression, {"a": row.write})
            body += [
                "memcpy(cython.address(a), fp + pc.a, 16)",
                f"v.{row.write}[0] = {value}",
                f"memcpy(at, cython.address(v), {size})",
            ]
        else:
            body.append(f"memcpy(at, fp + pc.a, {size})")
        yield constant(row.name), body


# Atomics


def aligned_check(size: int) -> Lines:
    aligned = [f"if address & {size - 1}:", "    return t.TRAP_UNALIGNED_ATOMIC"] if size > 1 else []
    return [*aligned, f"if room < {size}:", OUT_OF_BOUNDS]


def atomic_arms() -> Iterator[tuple[str, Lines]]:
    """Accesses; i32 and i64 instructions of one width do the same, so that they share an arm."""
    arms: dict[tuple[str, int], Lines] = {}
    for name, opcode in SPEC["BY_NAME"].items():
        match = re.fullmatch(r"i\d\d\.atomic\.(?:rmw\d*\.)?([a-z]+)\d*(?:_u)?", name)
        if match:
            arms.setdefault((match[1], 8 << opcode.access), []).append(constant(name))
    for (operation, width), constants in arms.items():
        text: str = MEMORY["ATOMIC_OPERATIONS"][operation]
        text = re.sub(r"\bp\b", f"p.u{width}", re.sub(r"\bv\b", f"v.u{width}[0]", text))
        first = ["y = fp[pc.a]"] if operation == "store" else []
        last = [] if operation == "store" else [f"fp[pc.a] = v.u{width}[0]"]
        body = [*aligned_check(width // 8), *first, *text.split("; "), *last]
        yield " or opcode == ".join(constants), body


def waiting_arms() -> Iterator[tuple[str, Lines]]:
    for width in (4, 8):
        yield (
            constant(f"memory.atomic.wait{8 * width}"),
            [
                *aligned_check(width),
                "if not mem.shared:",
                "    return t.TRAP_EXPECTED_SHARED_MEMORY",
                f"return park(ctx, p, {width}, y, cython.cast(int64_t, z), fp + pc.a)",
            ],
        )
    notify = ["fp[pc.a] = unpark(p, cython.cast(uint32_t, y))"]
    yield constant("memory.atomic.notify"), [*aligned_check(4), *notify]


# Files


def switch(arms: Iterable[tuple[str, Lines]], otherwise: Lines) -> Lines:
    """An `elif` chain on `opcode`, which Cython turns into one C switch."""
    lines: Lines = []
    for constants, body in arms:
        lines += [f"{'elif' if lines else 'if'} opcode == {constants}:", *indent(body)]
    return [*lines, "else:", *indent(otherwise)]


def module(group: str, sources: str, arms: Lines) -> str:
    template = (TOOLS / f"interp_{group}.py.in").read_text(encoding="utf-8")
    banner = f"Generated by tools/gen_groups.py from {sources} and tools/interp_{group}.py.in; do not edit."
    body = "\n".join(indent(arms))
    return template.replace("{banner}", banner).replace("    # {arms}", body)


def generate() -> dict[Path, str]:
    """The generated files and what each must hold."""
    simd = switch(simd_arms(), ["return False"])
    memops = switch((*scalar_access_arms(), *vector_access_arms()), ["return t.TRAP_NOT_IMPLEMENTED"])
    atomics = switch((*atomic_arms(), *waiting_arms()), ["return t.TRAP_NOT_IMPLEMENTED"])
    return {
        PACKAGE / "interp" / "simd.py": module("simd", "ir/simd_ops.py", simd),
        PACKAGE / "interp" / "memops.py": module("memops", "ir/ops.py, ir/memory_ops.py", memops),
        PACKAGE / "interp" / "atomics.py": module("atomics", "ir/memory_ops.py", atomics),
    }


if __name__ == "__main__":
    sys.exit(generator.main(__file__, __doc__, generate))
