"""Bodies of functions: a walk over typed instructions that keeps its own operand stack, so that each body
is valid.

A step needs operands: those that are already on top of the stack are used, the others are pushed. Blocks,
branches and calls take what they find as often as what was made for them. Loops and calls pay from a budget
that a global holds, so that each run ends.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from fuzz.assemble import Module, Types, encode_locals, op, s
from fuzz.values import NAN, constant
from wasmine.spec.opcodes import OPS

# Results whose NaN bits the standard leaves open.
LOOSE_NAN = re.compile(
    r"(f32|f64|f32x4|f64x2)\.(add|sub|mul|div|sqrt|min|max|ceil|floor|trunc|nearest|demote|promote|relaxed_)"
)
# wasmtime's deterministic relaxed SIMD fuses multiplication and addition, wasmine never does. The dot product
# saturates here and wraps there, where the second operand is no 7-bit number.
OURS_ALONE = re.compile(r"relaxed_(n?madd|dot)")

# What makes an i64 of a value that is got rid of.
SINK = {
    "i32": op("i64.extend_i32_u"),
    "i64": b"",
    "f32": op("i32.reinterpret_f32") + op("i64.extend_i32_u"),
    "f64": op("i64.reinterpret_f64"),
    "v128": b"",
}


@dataclass(frozen=True)
class Plain:
    """An instruction that only its mnemonic describes, up to a lane."""

    name: str
    params: Types
    results: Types
    lanes: int = 0


def _plain_ops() -> list[Plain]:
    rows = []
    for row in OPS:
        signature = row.signature
        if signature is None or row.access or row.name.endswith(".const"):
            continue
        if row.immediates not in ((), ("lane",)) or signature == "->":
            continue
        left, _, right = signature.partition("->")
        lanes = 0
        if row.immediates:
            lanes = int(row.name.partition(".")[0].partition("x")[2])
        rows.append(Plain(row.name, tuple(left.split()), tuple(right.split()), lanes))
    return rows


PLAIN = _plain_ops()
MEMORY = [row for row in OPS if row.access or row.immediates[:1] == ("memarg",)]


@dataclass
class Label:
    types: Types
    """What a branch to it takes along."""
    base: int
    """Height of the operand stack below its block."""
    is_loop: bool = False
    is_private: bool = False
    """Whether only who opened the block may branch to it."""


@dataclass
class Style:
    """What one module is made of; each seed mixes it anew, so that rare things meet in some of them."""

    weights: dict[str, float]
    types: list[str]
    risk: float
    """How often nothing is done to keep an operation from trapping."""
    lazy: float
    """How much of what is pushed are reads of locals."""
    size: int
    """Steps of a body, about."""
    dead: float
    """How often unreachable code goes on."""
    depth: int
    """Blocks within one another."""
    plain: list[Plain]
    rows: dict[str, list[Plain]] = field(default_factory=dict)

    def by_result(self, type_: str) -> list[Plain]:
        """The plain instructions that make one value of the type."""
        found = self.rows.get(type_)
        if found is None:
            found = self.rows[type_] = [row for row in self.plain if row.results == (type_,)]
        return found


class Body:
    """One function in the making."""

    def __init__(self, choose: random.Random, module: Module, style: Style, index: int, budget: int) -> None:
        self.choose = choose
        self.module = module
        self.style = style
        self.type = module.func_type(index)
        self.budget = budget
        self.out = bytearray()
        self.stack: list[str] = []
        self.labels = [Label(self.type.results, 0)]
        self.locals = [*self.type.params]
        for _ in range(choose.choice((0, 1, 2, 4, 9))):
            self.locals += [choose.choice(style.types)] * choose.choice((1, 1, 1, 2))
        self.open_locals = len(self.locals)
        self.scratch: dict[str, int] = {}
        self.readable: dict[int, str] = {}
        """Locals that only loops write, and their types."""
        self.depth = 0
        self.floor = 0
        """Height of the stack below which operands are spoken for."""
        self.reachable = True
        self.steps: list[tuple[Callable[[Body], None], float]] = []

    def build(self, steps: list[tuple[Callable[[Body], None], float]]) -> bytes:
        """The function's code entry, without its size."""
        self.steps = steps
        self.pay()
        self.run(self.choose.randrange(1, 2 * self.style.size))
        self.finish(self.type.results)
        declared = encode_locals(self.locals[len(self.type.params) :])
        return declared + bytes(self.out) + b"\x0b"

    # --- choices

    def chance(self, probability: float) -> bool:
        return self.choose.random() < probability

    def emit(self, code: bytes) -> None:
        self.out += code

    def emit_op(self, mnemonic: str, *immediates: int) -> None:
        self.out += op(mnemonic, *immediates)

    def run(self, count: int) -> None:
        """Up to `count` steps; stops where nothing is reachable."""
        functions = [step for step, _ in self.steps]
        weights = [weight for _, weight in self.steps]
        while count > 0 and self.reachable and len(self.out) < 60_000:
            count -= 1
            self.choose.choices(functions, weights)[0](self)
            if len(self.stack) - self.base > 14:
                self.drop_some(self.choose.randrange(1, 12))
            if not self.reachable and self.chance(self.style.dead):
                self.reachable = True

    @property
    def base(self) -> int:
        return self.labels[-1].base

    # --- operand stack

    def take(self, count: int) -> None:
        if count:
            del self.stack[-count:]

    def push(self, type_: str) -> None:
        """One more value of the type, made in some way."""
        self.depth += 1
        floor, self.floor = self.floor, len(self.stack)
        way = self.choose.random()
        if way < self.style.lazy and self.push_local(type_):
            pass
        elif way < self.style.lazy + 0.1 and self.push_global(type_):
            pass
        elif way < 0.85 and self.depth < 5 and self.push_computed(type_):
            pass
        else:
            self.push_constant(type_)
        self.floor = floor
        self.depth -= 1

    def push_local(self, type_: str) -> bool:
        counters = [i for i, one in self.readable.items() if one == type_]
        if counters and self.chance(0.3):
            self.emit_op("local.get", self.choose.choice(counters))
            self.stack.append(type_)
            return True
        fitting = [i for i in range(self.open_locals) if self.locals[i] == type_]
        if not fitting:
            return False
        index = self.choose.choice(fitting)
        self.emit_op("local.get", index)
        if self.chance(0.1):
            self.emit_op("local.tee", self.choose.choice(fitting))
        self.stack.append(type_)
        return True

    def push_global(self, type_: str) -> bool:
        fitting = [
            i
            for i, one in enumerate(self.module.globals)
            if one.type == type_ and i not in (self.budget, self.budget + 1)
        ]
        if not fitting:
            return False
        self.emit_op("global.get", self.choose.choice(fitting))
        self.stack.append(type_)
        return True

    def push_computed(self, type_: str) -> bool:
        fitting = self.style.by_result(type_)
        if not fitting:
            return False
        self.plain(self.choose.choice(fitting))
        return True

    def push_constant(self, type_: str) -> None:
        self.emit(self.constant(type_))
        self.stack.append(type_)

    def constant(self, type_: str) -> bytes:
        return constant(self.choose, type_, self.module)

    def want(self, *types: str) -> None:
        """Sees to it that values of these types are on top: those that are there already, then new ones."""
        have = 0
        for count in range(min(len(types), len(self.stack) - max(self.base, self.floor)), 0, -1):
            if tuple(self.stack[-count:]) == types[:count]:
                have = count
                break
        for type_ in types[have:]:
            self.push(type_)

    def drop_some(self, count: int) -> None:
        """Gets rid of values: by `drop`, or into locals."""
        while count > 0 and len(self.stack) > self.base:
            count -= 1
            type_ = self.stack.pop()
            fitting = [i for i in range(self.open_locals) if self.locals[i] == type_]
            if fitting and self.chance(0.4):
                self.emit_op("local.set", self.choose.choice(fitting))
            elif type_ in SINK and self.chance(0.8):
                self.sink(type_)
            else:
                self.emit_op("drop")

    def sink(self, type_: str) -> None:
        """Mixes the top value into a global that is looked at in the end."""
        if type_ == "v128":
            index = self.scratch_local(type_)
            self.emit(op("local.tee", index) + op("i64x2.extract_lane", 0))
            self.emit(op("local.get", index) + op("i64x2.extract_lane", 1) + op("i64.add"))
        self.emit(SINK[type_] + op("global.get", self.budget + 1))
        self.emit(op("i64.const") + s(5) + op("i64.rotl") + op("i64.xor") + op("global.set", self.budget + 1))

    def scratch_local(self, type_: str) -> int:
        index = self.scratch.get(type_)
        if index is None:
            index = self.scratch[type_] = self.new_local(type_)
        return index

    def new_local(self, type_: str) -> int:
        """A local that steps do not choose by themselves."""
        self.locals.append(type_)
        return len(self.locals) - 1

    def finish(self, types: Types) -> None:
        """Brings the stack above the label's base to the label's results, for its `end`."""
        base = self.base
        if not self.reachable:
            self.reachable = True
            if self.chance(0.5):
                # Polymorphic: what is missing need not be there.
                kept = self.choose.randrange(len(types) + 1)
                for type_ in types[kept:]:
                    self.emit(self.constant(type_))
            self.stack[base:] = types
            return
        above = tuple(self.stack[base:])
        if above != types and not self.labels[-1].is_loop and self.chance(0.3):
            # A branch may leave values behind.
            self.want(*types)
            self.emit_op("br", 0)
        elif above != types:
            same = 0
            while same < min(len(above), len(types)) and above[same] == types[same]:
                same += 1
            self.drop_some(len(above) - same)
            for type_ in types[same:]:
                self.push(type_)
        self.stack[base:] = types

    def targets(self) -> list[Label]:
        """The labels that any step may branch to."""
        return [one for one in self.labels if not one.is_private]

    def is_deep(self) -> bool:
        """Whether there are enough blocks within one another."""
        return len(self.labels) > self.style.depth

    def leave(self) -> None:
        """Behind an instruction that never goes on."""
        del self.stack[self.base :]
        self.reachable = False

    # --- instructions that many steps use

    def plain(self, row: Plain) -> None:
        name = row.name
        risky = self.chance(self.style.risk)
        if not risky and re.fullmatch(r"i(32|64)\.trunc_f.*", name):
            name = name.replace("trunc_", "trunc_sat_")
        self.want(*row.params)
        if not risky and re.search(r"\.(div|rem)_[su]$", name):
            self.emit(op(f"{row.params[0]}.const") + s(self.choose.choice((1, 3, 0x40))))
            self.emit_op(f"{row.params[0]}.or")
        self.emit_op(name, *([self.choose.randrange(row.lanes)] if row.lanes else []))
        self.take(len(row.params))
        self.stack += row.results
        if LOOSE_NAN.match(name):
            self.canonicalise(row.results[0], name)

    def canonicalise(self, type_: str, name: str) -> None:
        """Makes one NaN of all, since the standard leaves their bits open."""
        lane = name.partition(".")[0]
        index = self.scratch_local(type_)
        self.emit_op("local.tee", index)
        if type_ == "v128":
            self.emit(op("v128.const") + (NAN["f32"] * 4 if lane == "f32x4" else NAN["f64"] * 2))
        else:
            self.emit(op(f"{type_}.const") + NAN[type_])
        self.emit(op("local.get", index) * 2)
        if type_ == "v128":
            self.emit(op(f"{lane}.eq") + op("v128.bitselect"))
        else:
            self.emit(op(f"{type_}.eq") + op("select"))

    def pay(self) -> None:
        """Takes one from the budget; without any left, the function ends in one way or the other."""
        self.emit_op("global.get", self.budget)
        self.emit(op("i32.eqz") + op("if") + b"\x40")
        if self.chance(0.7):
            for type_ in self.type.results:
                self.emit(self.constant(type_))
            self.emit_op("return")
        else:
            self.emit_op("unreachable")
        self.emit(op("end") + op("global.get", self.budget) + op("i32.const") + s(1) + op("i32.sub"))
        self.emit_op("global.set", self.budget)
