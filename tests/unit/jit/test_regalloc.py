"""Register allocation by itself: tiny programs, and a checker that follows every value symbolically.

The checker knows nothing of how allocation works. It keeps, for each register and slot, the set of virtual
registers whose value is surely there, follows the moves as they were put, and looks whether each operand
finds its value.
"""

import random
from typing import Any

import pytest

from wasmine.jit.backend.text import Program

USE, DEF, MOD, TEMP, EARLY = range(5)
ANY, FIXED = 1, 2
State = dict[int, frozenset[str]]


def run_moves(state: State, moves: list[tuple[int, int]]) -> None:
    for source, target in moves:
        state[target] = state.get(source, frozenset())


def define(state: State, name: str, place: int) -> None:
    for other in state:
        state[other] -= {name}
    state[place] = frozenset([name])


def run_inst(state: State, operands: list[tuple[str, int, int, int]], call: bool) -> None:
    places = [place for _, kind, _, place in operands if kind in (TEMP, EARLY)]
    reads = [place for _, kind, _, place in operands if kind in (USE, MOD)]
    writes = [place for _, kind, _, place in operands if kind != USE]
    assert not set(places) & set(reads), "a temporary shares a register with an operand"
    assert len(set(writes)) == len(writes), "two results in one register"
    for name, kind, where, place in operands:
        assert place < 1000 or where == ANY, f"{name} is in a slot"
        if kind in (USE, MOD):
            assert name in state.get(place, frozenset()), f"{name} is not at {place}"
    for name, kind, _, place in operands:
        if kind == TEMP:
            state[place] = frozenset()
    if call:
        for place in [place for place in state if place < 1000]:
            state[place] = frozenset()
    for name, kind, _, place in operands:
        if kind in (DEF, MOD, EARLY):
            define(state, name, place)


def leave(state: State, block: dict[str, Any], target: dict[str, Any]) -> State:
    """The state behind an edge: arguments become parameters."""
    run_moves(state, target["in"] if len(block["succs"]) > 1 else [])
    renamed = dict(zip(target["params"], block["args"], strict=True)) if block["args"] else {}
    return {
        place: (held - set(target["params"])) | {p for p, a in renamed.items() if a in held}
        for place, held in state.items()
    }


def check(blocks: list[dict[str, Any]]) -> None:
    states: list[State | None] = [None] * len(blocks)
    states[0] = {}
    work = [0]
    while work:
        number = work.pop()
        block = blocks[number]
        state = dict(states[number] or {})
        for position, (moves, operands, call) in enumerate(block["insts"]):
            run_moves(state, moves)
            if position == len(block["insts"]) - 1 and len(block["succs"]) == 1:
                run_moves(state, block["out"])
            run_inst(state, operands, call)
        for successor in block["succs"]:
            new = leave(dict(state), block, blocks[successor])
            old = states[successor]
            merged = new if old is None else {p: old[p] & new.get(p, frozenset()) for p in old}
            if merged != old:
                states[successor] = merged
                work.append(successor)


def allocate(text: str, ints: int = 0b111, floats: int = 0b11) -> list[dict[str, Any]]:
    blocks = Program(text, ints, floats).blocks()
    check(blocks)
    return blocks


def all_moves(blocks: list[dict[str, Any]]) -> int:
    return sum(
        len(block["in"]) + len(block["out"]) + sum(len(moves) for moves, _, _ in block["insts"])
        for block in blocks
    )


def test_straight_line_needs_no_move() -> None:
    blocks = allocate("""
        b0:
          def v1
          def v2
          def v3, use v1, use v2
          use v3
    """)
    assert all_moves(blocks) == 0


def test_a_copy_shares_the_register_of_its_source() -> None:
    blocks = allocate("""
        b0:
          def v1
          def v2
          move v3, v1
          mod v3, use v2
          use v3
    """)
    (_, copy, _) = blocks[0]["insts"][3]
    assert copy[0][3] == copy[1][3]
    assert all_moves(blocks) == 0


def test_pressure_spills() -> None:
    text = "b0:\n" + "".join(f"def v{i}\n" for i in range(8)) + "".join(f"use v{i}\n" for i in range(8))
    assert all_moves(allocate(text)) > 0


def test_what_lives_across_a_call_is_stored_once() -> None:
    blocks = allocate("""
        b0:
          def v1
          use v1=0, def v2=0, call
          use v2=0, def v3=0, call
          use v1, use v3
    """)
    stores = [move for moves, _, _ in blocks[0]["insts"] for move in moves if move[1] >= 1000]
    assert len(stores) == 1


def test_what_is_spilled_behind_a_loop_is_not_stored_in_it() -> None:
    blocks = allocate("""
        b0: -> b1(v1)
          def v1
          jump
        b1(v2) in b1: -> b2, b3
          move v3, v2
          mod v3
          use v3
        b2 in b1: -> b1(v3)
          jump
        b3:
          use v3=0, def v4=0, call
          use v3, use v4
    """)
    stores = [bool(moves_of(block, 1000)) for block in blocks]
    assert stores == [False, False, False, True]


def test_what_only_lives_through_a_loop_leaves_its_register_to_what_is_used_there() -> None:
    blocks = allocate("""
        b0: -> b1(v1, v2)
          def v0
          def v1
          def v2
          jump
        b1(v3, v4) in b1: -> b2, b3
          move v5, v3
          mod v5, use v4
          move v6, v4
          mod v6, use v5
        b2 in b1: -> b1(v5, v6)
          jump
        b3:
          use v0, use v5
    """)
    loop = blocks[1:3]
    assert not any(moves_of(block, 1000) for block in loop)


def moves_of(block: dict[str, Any], first: int) -> list[tuple[int, int]]:
    """The moves of a block and of its edge to places from `first` on."""
    moves = [*block["in"], *block["out"], *(move for moves, _, _ in block["insts"] for move in moves)]
    return [move for move in moves if move[1] >= first]


def test_loop_without_pressure_has_no_move() -> None:
    blocks = allocate("""
        b0: -> b1(v1)
          def v1
          jump
        b1(v2) in b1: -> b2, b3
          move v3, v2
          mod v3
          use v3
        b2 in b1: -> b1(v3)
          jump
        b3:
          use v3
    """)
    assert all_moves(blocks) == 0


def test_what_becomes_a_parameter_takes_its_register_though_other_ways_still_use_that() -> None:
    blocks = allocate("""
        b0: -> b1(v1)
          def v1
          jump
        b1(v2) in b1: -> b2, b3, b4
          use v2
        b2 in b1: -> b1(v3)
          def v3, use v2
          use v3
          jump
        b3 in b1: -> b1(v4)
          def v4, use v2
          jump
        b4:
          use v2
    """)
    assert all_moves(blocks) == 0


def test_a_parameter_keeps_its_register_where_it_is_used_behind_its_next_value() -> None:
    allocate("""
        b0: -> b1(v1)
          def v1
          jump
        b1(v2) in b1: -> b2, b3
          def v3, use v2
        b2 in b1: -> b1(v3)
          use v2
          jump
        b3:
          use v2
    """)


def test_reload_goes_before_the_loop() -> None:
    """A value that a call pushed out comes back once, not in each turn of the loop behind."""
    blocks = allocate("""
        b0: -> b1
          def v1
          def v2=0, call
          jump
        b1 in b1: -> b2, b3
          use v1, use v2
        b2 in b1: -> b1
          use v1
          jump
        b3:
          use v2
    """)
    for block in blocks[1:3]:
        assert not block["out"]
        assert all(not moves for moves, _, _ in block["insts"])


def loads_of(block: dict[str, Any]) -> list[tuple[int, int]]:
    """The moves of a block and of its edge that read slots."""
    return [move for move in moves_of(block, 0) if move[0] >= 1000]


def test_a_handler_without_calls_is_not_charged_for_one_with() -> None:
    """Behind a dispatch, each handler begins with its registers, not with those of the handler before."""
    blocks = allocate("""
        b0: -> b1
          def v1
          def v2
          jump
        b1 in b1: -> b2, b3, b4, b5
          use v1, use v2
        b2 in b1: -> b1
          use v1=0, def v3=0, call
          jump
        b3 in b1: -> b1
          use v1, use v2
          jump
        b4 in b1: -> b1
          use v2, use v1
          jump
        b5:
          use v1, use v2
    """)
    assert [len(loads_of(block)) for block in blocks] == [0, 0, 2, 0, 0, 0]


def test_where_ways_meet_a_call_on_one_of_them_loads_on_that_one() -> None:
    blocks = allocate("""
        b0: -> b1, b2
          def v1
          def v2
          use v1, use v2
        b1: -> b3
          jump
        b2: -> b3
          use v1=0, def v3=0, call
          jump
        b3:
          use v1, use v2
    """)
    assert [len(loads_of(block)) for block in blocks] == [0, 0, 2, 0]


def test_what_another_way_has_loaded_is_not_loaded_before_it_is_used() -> None:
    blocks = allocate("""
        b0: -> b1, b2
          def v1
          def v2
          use v1=0, def v3=0, call
          use v3
        b1: -> b4
          use v1, use v2
          jump
        b2: -> b3, b5
          use v3
        b3: -> b4
          jump
        b4:
          use v1, use v2
        b5:
          use v3
    """)
    assert not loads_of(blocks[2])
    assert len(loads_of(blocks[1])) == 2


def test_cycle_of_parameters() -> None:
    """Two values that exchange places around a loop."""
    blocks = allocate("""
        b0: -> b1(v1, v2)
          def v1
          def v2
          jump
        b1(v3, v4) in b1: -> b2, b3
          use v3, use v4
        b2 in b1: -> b1(v4, v3)
          jump
        b3:
          use v3, use v4
    """)
    assert all_moves(blocks) == 3


def test_too_few_registers() -> None:
    with pytest.raises(ValueError, match="registers"):
        Program("b0:\n def v1\n def v2\n def v3\n use v1, use v2, use v3\n", ints=0b11)


class Generator:
    """Random structured programs: straight runs, branches that meet, loops, calls, fixed registers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.blocks: list[list[str]] = []
        self.heads: list[str] = []
        self.tails: list[str] = []
        self.counter = 0
        self.loops: list[int] = []

    def name(self) -> str:
        self.counter += 1
        return f"{self.random.choice('vvvff')}{self.counter}"

    def block(self, params: list[str]) -> int:
        number = len(self.blocks)
        loop = ""
        if self.loops:
            loop = f" in b{self.loops[-1]}"
            if self.loops[-1] == number and len(self.loops) > 1:
                loop += f" of b{self.loops[-2]}"
        self.heads.append(f"b{number}({', '.join(params)}){loop}:")
        self.tails.append("")
        self.blocks.append([])
        return number

    def run(self, live: list[str], block: int) -> list[str]:
        live = list(live)
        for _ in range(self.random.randrange(6)):
            self.blocks[block].append(self.instruction(live))
        return live

    def instruction(self, live: list[str]) -> str:
        pick = lambda: self.random.choice(live)  # noqa: E731
        kind = self.random.randrange(8)
        fixed = lambda name: f"{name}={self.random.randrange(3) if name[0] == 'v' else 32}"  # noqa: E731
        if not live or kind == 0:
            live.append(self.name())
            return f"def {live[-1]}"
        if kind == 1:
            source = pick()
            self.counter += 1
            live.append(f"{source[0]}{self.counter}")
            return f"move {live[-1]}, {source}"
        if kind == 2:
            argument, result = pick(), self.name()
            live.append(result)
            return f"use {fixed(argument)}, def {fixed(result)}, call"
        if kind == 3:
            argument, result = pick(), self.name()
            text = f"use {fixed(argument)}, def {fixed(result)}"
            live.append(result)
            return text
        if kind == 4:
            source = pick()
            self.counter += 1
            copy = f"{source[0]}{self.counter}"
            text = f"move {copy}, {source}\nmod {copy}, use {pick()}"
            live.append(copy)
            return text
        if kind == 5:
            self.counter += 1
            return f"use {pick()}, any {pick()}, temp v{self.counter}"
        if kind == 6:
            name = self.name()
            text = f"early {name}, use {pick()}"
            live.append(name)
            return text
        return f"use {pick()}, any {pick()}"

    def matching(self, types: list[str], live: list[str]) -> list[str] | None:
        args = []
        for kind in types:
            choices = [name for name in live if name[0] == kind]
            if not choices:
                return None
            args.append(self.random.choice(choices))
        return args

    def goto(self, block: int, target: int, args: list[str]) -> None:
        self.blocks[block].append("jump")
        self.tails[block] = f" -> b{target}({', '.join(args)})" if args else f" -> b{target}"

    def region(self, live: list[str], block: int, depth: int) -> tuple[int, list[str]]:
        """Code from `block` on; returns where it ends and what lives there."""
        for _ in range(self.random.randrange(1, 4)):
            live = self.run(live, block)
            shape = self.random.randrange(4) if depth else 0
            if shape == 1:
                block, live = self.branch(live, block, depth - 1)
            elif shape >= 2:
                block, live = self.loop(live, block, depth - 1)
        return block, live

    def branch(self, live: list[str], block: int, depth: int) -> tuple[int, list[str]]:
        types = [self.random.choice("vf") for _ in range(self.random.randrange(3))]
        self.blocks[block].append("jump")
        ends = []
        targets = []
        for _ in range(self.random.randrange(2, 5)):
            targets.append(self.block([]))
            arm, arm_live = self.region(live, targets[-1], depth)
            for kind in types:
                self.counter += 1
                arm_live.append(f"{kind}{self.counter}")
                self.blocks[arm].append(f"def {arm_live[-1]}")
            ends.append((arm, self.matching(types, arm_live) or []))
        params = [f"{kind}{self.counter + 1 + i}" for i, kind in enumerate(types)]
        self.counter += len(types)
        join = self.block(params)
        self.tails[block] = " -> " + ", ".join(f"b{target}" for target in targets)
        for arm, args in ends:
            self.goto(arm, join, args)
        return join, live + params

    def loop(self, live: list[str], block: int, depth: int) -> tuple[int, list[str]]:
        types = [self.random.choice("vf") for _ in range(self.random.randrange(4))]
        types = [kind for kind in types if any(name[0] == kind for name in live)]
        first = self.matching(types, live) or []
        params = [f"{kind}{self.counter + 1 + i}" for i, kind in enumerate(types)]
        self.counter += len(types)
        header = len(self.blocks)
        self.loops.append(header)
        self.block(params)
        self.goto(block, header, first)
        body, body_live = self.region(live + params, header, depth)
        self.blocks[body].append("jump")
        targets = []
        for _ in range(self.random.randrange(1, 4)):
            targets.append(self.block([]))
            again = self.run(body_live, targets[-1])
            self.goto(targets[-1], header, self.matching(types, again) or [])
        self.loops.pop()
        leave = self.block([])
        self.tails[body] = " -> " + ", ".join(f"b{target}" for target in [*targets, leave])
        return leave, body_live

    def text(self) -> str:
        last, live = self.region([], self.block([]), 3)
        self.blocks[last].append(", ".join(f"any {name}" for name in live[-1:]) or "temp v9002")
        lines = []
        for head, tail, block in zip(self.heads, self.tails, self.blocks, strict=True):
            lines += [head + tail, *block]
        return "\n".join(lines)


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_random_programs(first: int) -> None:
    for seed in range(first, first + 50):
        text = Generator(seed).text()
        for ints, floats in ((0b111111, 0b1111), (0b11111, 0b111)):
            try:
                allocate(text, ints, floats)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, registers {ints:b}: {error}\n{text}") from error
