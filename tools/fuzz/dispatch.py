"""Programs whose control goes by numbers: functions that dispatch on one again and again, as compilers make
them of goroutines and state machines, and calls through tables in loops.

The optimiser takes both apart (jit/ssa/dispatch.py, jit/ssa/indirect.py), and programs made of random
instructions hardly have them.
"""

from __future__ import annotations

import random

import wasmine
from fuzz.program import Call, Program

VARIABLES = ("$a", "$b", "$c")
BUDGET = 200
"""Jumps of a call before it returns."""

TYPES = (
    ("$t1", "(param i32) (result i32)", 1, 1),
    ("$t2", "(param i32 i32) (result i32)", 2, 1),
    ("$t3", "(param i32) (result i32 i32)", 1, 2),
)
"""Of functions in tables: name, type, parameters, results."""


def generate(seed: int) -> Program:
    """Return the program of a seed."""
    choose = random.Random(seed)
    return dispatcher(choose) if seed % 2 else table_calls(choose)


def binary_of(text: str) -> bytes:
    return wasmine.Module(text).data


# --- dispatchers


def expression(choose: random.Random, depth: int = 0) -> str:
    kind = choose.randint(0, 7 if depth < 2 else 3)
    if kind <= 1:
        return f"(local.get {choose.choice(VARIABLES)})"
    if kind == 2:
        return f"(i32.const {choose.randint(-9, 99)})"
    if kind == 3:
        return f"(i32.load (i32.const {4 * choose.randint(4, 9)}))"
    if kind == 7:
        return f"(call $other {expression(choose, depth + 1)})"
    operation = choose.choice(("add", "sub", "mul", "xor", "and"))
    return f"(i32.{operation} {expression(choose, depth + 1)} {expression(choose, depth + 1)})"


def statement(choose: random.Random) -> str:
    kind = choose.randint(0, 5)
    if kind <= 3:
        return f"(local.set {choose.choice(VARIABLES)} {expression(choose)})"
    if kind == 4:
        return f"(i32.store (i32.const {4 * choose.randint(4, 9)}) {expression(choose)})"
    return f"(global.set $g {expression(choose)})"


def jump(choose: random.Random, arms: int) -> str:
    """To an arm that is known, or to one that is computed, or out."""
    kind = choose.randint(0, 9)
    if kind == 9:
        return f"(return {expression(choose)})"
    target = (
        f"(i32.const {choose.randint(0, arms)})"
        if kind < 8
        else f"(i32.and {expression(choose)} (i32.const 7))"
    )
    return f"""(if (i32.eqz (global.get $budget)) (then (return (local.get $a))))
      (global.set $budget (i32.sub (global.get $budget) (i32.const 1)))
      (local.set $pc {target}) (br $dispatch)"""


def arm(choose: random.Random, number: int, arms: int) -> str:
    body = ""
    if choose.random() < 0.3:
        body += f"""(local.set $n (i32.const {choose.randint(1, 5)}))
          (loop $in{number} {statement(choose)}
            (br_if $in{number} (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"""
    body += "".join(statement(choose) for _ in range(choose.randint(1, 4)))
    for _ in range(choose.randint(0, 2)):
        relation = choose.choice(("lt_s", "gt_u", "eq", "ne"))
        body += f"""(if (i32.{relation} {expression(choose)} {expression(choose)})
          (then {statement(choose)} {jump(choose, arms)}))"""
    return body + (jump(choose, arms) if choose.random() < 0.4 else "")


def dispatcher(choose: random.Random) -> Program:
    """One that its caller enters at an arm, and a loop that calls it."""
    arms = choose.randint(2, 9)
    labels = " ".join(f"$arm{i}" for i in range(arms))
    code = "(loop $dispatch " + "".join(f"(block $arm{arms - 1 - i} " for i in range(arms))
    code += f"(br_table {labels} (local.get $pc)))"
    for i in range(arms):
        code += arm(choose, i, arms) + (")" if i < arms - 1 else "")
    text = f"""(module (memory (export "memory") 1)
      (global $g (mut i32) (i32.const 7)) (global $budget (mut i32) (i32.const 0))
      (func $other (param i32) (result i32) (i32.add (local.get 0) (global.get $g)))
      (func $run (param $pc i32) (param $a i32) (result i32)
        (local $b i32) (local $c i32) (local $n i32)
        (local.set $b (global.get $g)) {code})
        (i32.add (local.get $a) (i32.mul (local.get $b) (local.get $c))))
      (func (export "enter") (param i32 i32) (result i32)
        (global.set $budget (i32.const {BUDGET})) (call $run (local.get 0) (local.get 1)))
      (func (export "again") (param i32) (result i32) (local i32)
        (loop $more
          (global.set $budget (i32.const {BUDGET}))
          (local.set 0 (call $run (i32.const 0) (local.get 0)))
          (br_if $more (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 3))))
        (local.get 0)))"""
    calls = [Call(0, "enter", [at, 5]) for at in (*range(arms + 2), -1)]
    return Program([binary_of(text)], [*calls, Call(0, "again", [3])], [(0, "memory")])


# --- calls through tables


def argument(choose: random.Random, params: int, depth: int = 0) -> str:
    kind = choose.randint(0, 5 if depth < 2 else 2)
    if kind == 0:
        return f"(local.get {choose.randrange(params)})"
    if kind == 1:
        return f"(i32.const {choose.randint(-5, 60)})"
    if kind == 2:
        return "(global.get $g)"
    operation = choose.choice(("add", "sub", "mul", "xor", "div_u"))
    return f"(i32.{operation} {argument(choose, params, depth + 1)} {argument(choose, params, depth + 1)})"


def callee(choose: random.Random, number: int, size: int) -> str:
    name, _, params, results = choose.choice(TYPES)
    body = f"(global.set $g {argument(choose, params)})" if choose.random() < 0.3 else ""
    if choose.random() < 0.1:
        values = " ".join(argument(choose, params) for _ in range(params))
        last = f"(return_call_indirect (type {name}) {values} (i32.const {choose.randrange(size + 1)}))"
    else:
        last = " ".join(argument(choose, params) for _ in range(results))
    return f"(func $f{number} (type {name}) {body} {last})"


def table_calls(choose: random.Random) -> Program:
    """A loop of indirect calls, of a table that nobody changes or that somebody else could."""
    size = choose.choice((1, 2, 5, 8, 16, 70))
    funcs = choose.randint(1, 14)
    text = '(module (memory (export "memory") 1) (global $g (mut i32) (i32.const 7))'
    text += "".join(f"(type {name} (func {type_}))" for name, type_, _, _ in TYPES)
    text += "".join(callee(choose, i, size) for i in range(funcs))
    exported = '(export "t")' if choose.random() < 0.2 else ""
    text += f"(table {exported} {size} funcref)"
    for _ in range(choose.randint(0, 3)):
        count = choose.randint(0, min(size, 5))
        listed = " ".join(f"$f{choose.randrange(funcs)}" for _ in range(count))
        text += f"(elem (i32.const {choose.randint(0, size - count)}) func {listed})"
    body = ""
    for _ in range(choose.randint(1, 3)):
        name, _, params, results = choose.choice(TYPES)
        index = choose.choice(
            (
                "(local.get $i)",
                f"(i32.const {choose.randrange(size + 1)})",
                "(i32.rem_u (local.get $k) (i32.const 5))",
            )
        )
        values = " ".join(choose.choice(("(local.get $s)", "(local.get $k)")) for _ in range(params))
        body += f"""(call_indirect (type {name}) {values} {index})
          (local.set $s (i32.add (local.get $s)))"""
        body += "(local.set $s (i32.xor (local.get $s)))" if results == 2 else ""
    text += f"""(func (export "run") (param $i i32) (result i32) (local $s i32) (local $k i32)
      (loop $more {body}
        (br_if $more
          (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 6))))
      (local.get $s)))"""
    indices = (*range(min(size, 17) + 2), -1, 69)
    return Program([binary_of(text)], [Call(0, "run", [index]) for index in indices], [(0, "memory")])
