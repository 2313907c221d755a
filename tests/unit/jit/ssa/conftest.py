"""An evaluator of SSA text, so that what the builder and the passes make can be held against the
interpreter.
"""

import re
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from wasmine.binary.decode import decode
from wasmine.interp.simd import evaluate as evaluate_simd
from wasmine.jit.ssa.debug import Ssa, build_func, fold
from wasmine.jit.ssa.ops import NUMBER, OPS
from wasmine.runtime.code import ModuleCodeCore
from wasmine.spec.opcodes import BY_NAME
from wasmine.spec.traps import TRAPS
from wasmine.spec.types import TypeRegistry
from wasmine.text import parse_module
from wasmine.validate.validator import validate

TRAP = {trap.name: trap.code for trap in TRAPS}
REGISTRY = TypeRegistry()

LINE = re.compile(r"(?:(v\d+):\w+ = )?([\w.]+) ?(.*)")
HEADING = re.compile(r"(b\d+)(?: handler)?(?:\((.*)\))?:")
OPERAND = re.compile(r"(v\d+|-?\w+:\w+)(?:, | |$)")
EDGE = re.compile(r"(b\d+)(?:\(([^()]*)\))?(?:, |$)")
WORD = re.compile(r"(?:(imm|aux)=(\w+)|(\d+)|\[([\d ]*)\]|([a-z]+))(?: |$)")

WIDTHS = {"8": 1, "16": 2, "32": 4}


class Trapped(Exception):
    """Code left with a trap."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class OutOfSteps(Exception):
    """It ran for too long."""


class Line(NamedTuple):
    """One instruction."""

    target: str | None
    op: str
    operands: list[str]
    imm: int
    aux: int
    table: list[int]
    edges: list[tuple[str, list[str]]]


def read_line(text: str) -> Line:
    match = LINE.fullmatch(text)
    assert match is not None, text
    target, op, rest = match.groups()
    operands = []
    at = 0
    while found := OPERAND.match(rest, at):
        operands.append(found[1])
        at = found.end()
        if rest[at - 2 : at] != ", ":
            break
    imm = aux = 0
    table: list[int] = []
    while (found := WORD.match(rest, at)) and EDGE.match(rest, at) is None:
        if found[1] == "aux":
            aux = int(found[2], 0)
        elif found[1] == "imm" or found[3]:
            imm = int(found[2] or found[3], 0)
        elif found[4] is not None:
            table = [int(word) for word in found[4].split()]
        at = found.end()
    edges = [(e[1], e[2].split(", ") if e[2] else []) for e in EDGE.finditer(rest, at)]
    return Line(target, op, operands, imm, aux, table, edges)


class Code:
    """The blocks of a function."""

    def __init__(self, text: str) -> None:
        self.blocks: dict[str, tuple[list[str], list[Line]]] = {}
        for line in text.splitlines():
            match = HEADING.fullmatch(line)
            if match:
                params = [p.partition(":")[0] for p in match[2].split(", ")] if match[2] else []
                self.blocks[match[1]] = (params, [])
            else:
                self.blocks[f"b{len(self.blocks)}"][1].append(read_line(line.strip()))


def is_simd(op: str) -> bool:
    return op in BY_NAME and BY_NAME[op].prefix == 0xFD and "memarg" not in BY_NAME[op].immediates


def constant(text: str) -> int:
    bits, _, kind = text.partition(":")
    width = {"i32": 32, "f32": 32, "v128": 128}.get(kind, 64)
    return int(bits, 0) % (1 << width)


class Machine:
    """Runs the functions of a module from their SSA."""

    def __init__(
        self, code: Callable[[int], Code], memory: bytearray, globals_: list[int], steps: int = 200_000
    ) -> None:
        self.code = code
        self.memory = memory
        self.globals = globals_
        self.steps = steps

    def call(self, index: int, arguments: list[int], depth: int = 0) -> list[int]:
        """Results of a defined function."""
        if depth > 100:
            raise OutOfSteps
        values: dict[str, int] = {}
        blocks = self.code(index).blocks
        block = "b1"
        while True:
            for line in blocks[block][1]:
                self.steps -= 1
                if self.steps < 0:
                    raise OutOfSteps
                operands = [values[v] if v[0] == "v" else constant(v) for v in line.operands]
                if line.edges or line.op in ("return", "trap", "return_call"):
                    break
                self.execute(line, operands, values, arguments, depth)
            if line.op == "return":
                return operands
            if line.op == "trap":
                raise Trapped(line.imm)
            if line.op == "return_call":
                return self.call(line.aux, operands, depth + 1)
            block, passed = line.edges[self.choose(line, operands)]
            new = [values[v] if v[0] == "v" else constant(v) for v in passed]
            values.update(zip(blocks[block][0], new, strict=True))

    def choose(self, line: Line, operands: list[int]) -> int:
        if line.op == "br_if":
            return 0 if operands[0] else 1
        if line.op == "br_table":
            return line.table[min(operands[0], len(line.table) - 1)]
        assert line.op == "br", line.op
        return 0

    def execute(
        self, line: Line, operands: list[int], values: dict[str, int], arguments: list[int], depth: int
    ) -> None:
        op = line.op
        if op == "arg":
            result = arguments[line.imm]
        elif op == "trap_if":
            if operands[0]:
                raise Trapped(line.imm)
            return
        elif op == "check_bounds":
            if operands[0] + line.imm > operands[1]:
                raise Trapped(TRAP["OUT_OF_BOUNDS_MEMORY_ACCESS"])
            return
        elif op in ("poll", "poll_counted", "fuel"):
            return
        elif op == "select":
            result = operands[1] if operands[0] else operands[2]
        elif op == "memory.bytes":
            result = len(self.memory)
        elif op == "memory.pages":
            result = len(self.memory) >> 16
        elif op == "memory.grow":
            result = len(self.memory) >> 16
            if operands[0] > 3:
                result = 0xFFFFFFFF
            else:
                self.memory.extend(bytes(operands[0] << 16))
        elif op == "global.get":
            result = self.globals[line.aux]
        elif op == "global.set":
            self.globals[line.aux] = operands[0]
            return
        elif op == "call":
            results = self.call(line.aux, operands, depth + 1)
            values.update({f"{line.target}.{k}": value for k, value in enumerate(results)})
            if line.target is None:
                return
            result = results[0]
        elif op == "result":
            result = values[f"{line.operands[0]}.{line.imm}"]
        elif ".load" in op or ".store" in op:
            self.access(line, operands, values)
            return
        elif is_simd(op):
            result = self.simd(line, operands)
        else:
            folded = fold(op, *operands)
            if folded is None:
                raise Trapped(self.reason(op, operands))
            result = folded
        assert line.target is not None, line
        values[line.target] = result

    def reason(self, op: str, operands: list[int]) -> int:
        """Which trap a checked truncation ends in."""
        kind = op.split("_")[1]
        (value,) = struct.unpack(
            "<f" if kind == "f32" else "<d", operands[0].to_bytes(4 if kind == "f32" else 8, "little")
        )
        return TRAP["INVALID_CONVERSION_TO_INTEGER" if value != value else "INTEGER_OVERFLOW"]

    def simd(self, line: Line, operands: list[int]) -> int:
        wasm = BY_NAME[line.op]
        wide = "lanes16" in wasm.immediates
        immediate = line.imm.to_bytes(16 if wide else 1, "little") if wasm.immediates else b""
        kinds = (wasm.signature or "").partition("->")[0].split()
        words = [
            v.to_bytes(16 if kind == "v128" else 8, "little") for v, kind in zip(operands, kinds, strict=True)
        ]
        result = int.from_bytes(evaluate_simd(wasm.id, *words, immediate=immediate), "little")
        return result if (wasm.signature or "").endswith("v128") else result & (1 << 64) - 1

    def access(self, line: Line, operands: list[int], values: dict[str, int]) -> None:
        kind, _, how = line.op.partition(".")
        size = {"i32": 4, "f32": 4, "v128": 16}.get(kind, 8)
        digits = re.search(r"(8|16|32)", how)
        if digits and kind != "v128":
            size = WIDTHS[digits[1]]
        at = operands[0] + line.imm
        if at + size > len(self.memory):
            raise Trapped(TRAP["OUT_OF_BOUNDS_MEMORY_ACCESS"])
        if how.startswith("store"):
            self.memory[at : at + size] = (operands[1] % (1 << 8 * size)).to_bytes(size, "little")
            return
        value = int.from_bytes(self.memory[at : at + size], "little", signed=how.endswith("_s"))
        assert line.target is not None
        values[line.target] = value % (1 << {"i32": 32, "f32": 32, "v128": 128}.get(kind, 64))


def load_code(wat: str, metered: bool = False) -> ModuleCodeCore:
    """The code of a module in the text format."""
    data = decode(parse_module(wat), REGISTRY)
    validate(data)
    return ModuleCodeCore(data, metered)


@pytest.fixture(scope="session")
def code_of() -> Callable[..., ModuleCodeCore]:
    return load_code


@pytest.fixture(scope="session")
def ssa_of() -> Callable[..., Ssa]:
    """Builds a function of a WAT module, verified, and after each of the passes again."""

    def build(
        wat: str, index: int = 0, *passes: str, guarded: int = 1, enter_at: int = -1, metered: bool = False
    ) -> Ssa:
        func = build_func(load_code(wat, metered), index, guarded, enter_at)
        assert func.fault() is None, func.fault()
        for name in passes:
            func.run(name)
            assert func.fault() is None, f"after {name}: {func.fault()}\n{func}"
        return func

    return build


@pytest.fixture(scope="session")
def machine_of() -> Callable[..., Machine]:
    """A machine for a module: built with the given passes, with the given memory and globals."""

    def make(
        code: ModuleCodeCore,
        memory: bytearray,
        globals_: list[int],
        *passes: str,
        guarded: int = 0,
        **more: Any,
    ) -> Machine:
        built: dict[int, Code] = {}

        def code_at(index: int) -> Code:
            if index not in built:
                func = build_func(code, index, guarded)
                assert func.fault() is None, func.fault()
                for name in passes:
                    func.run(name)
                    assert func.fault() is None, f"after {name}: {func.fault()}\n{func}"
                built[index] = Code(str(func))
            return built[index]

        return Machine(code_at, memory, globals_, **more)

    return make


@pytest.fixture(scope="session")
def outcome() -> Callable[..., object]:
    """What a call comes to: its results as bits, or the code of its trap; None when it ran for too long."""

    def run(machine: Machine, index: int, arguments: list[int]) -> object:
        try:
            return machine.call(index, arguments)
        except Trapped as trap:
            return trap.code
        except OutOfSteps:
            return None

    return run


def test_names() -> None:
    assert NUMBER["nop"] == 0
    assert len(OPS) == len(NUMBER)
