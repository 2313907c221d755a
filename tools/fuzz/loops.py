"""Loops that count up to a bound in a local, or down from it, and walk over memories as they go.

What a compiler makes of counters, of addresses that follow them, and of checks that it merges or takes out of
loops, shows here.
"""

from __future__ import annotations

from fuzz.assemble import op, s
from fuzz.bodies import Body, Label
from fuzz.memory import SCALAR_ACCESS, VECTOR_ACCESS, access_at
from fuzz.shapes import permute

MOST = 31
"""The largest bound."""

# Comparisons that go on, and where they end for certain: start, step.
UP = [("lt_s", start, step) for start in (0, 1, -3) for step in (1, 2, 4)]
UP += [
    (compare, start, step) for compare in ("lt_u", "le_s", "le_u") for start in (0, 5) for step in (1, 3, 8)
]
UP += [("ne", 0, 1)]
DOWN = [("ne", -1), ("gt_u", -1), ("gt_s", -1), ("gt_s", -3), ("ge_s", -1), ("ge_s", -2)]


def bounded_loop(b: Body) -> None:
    """A loop whose bound is no constant; its test stands at the head or at the end."""
    if b.is_deep():
        return
    b.pay()
    type_ = b.choose.choice(("i32", "i32", "i64"))
    counter, bound = b.new_local(type_), b.new_local(type_)
    const = op(f"{type_}.const")
    b.push(type_)
    b.stack.pop()
    b.emit(const + s(MOST - 1) + op(f"{type_}.and") + const + s(1) + op(f"{type_}.add"))
    if b.chance(0.6):
        b.emit_op("local.set", bound)
        compare, start, step = b.choose.choice(UP)
        limit = op("local.get", bound)
        b.emit(const + s(start))
    else:
        b.emit_op("local.tee", bound)
        compare, step = b.choose.choice(DOWN)
        limit = const + s(0)
    b.emit_op("local.set", counter)
    test = op("local.get", counter) + limit + op(f"{type_}.{compare}")
    at_end = b.chance(0.5)
    b.emit(op("block") + b"\x40")
    b.labels.append(Label((), len(b.stack)))
    b.emit(op("loop") + b"\x40")
    b.labels.append(Label((), len(b.stack), is_loop=True, is_private=True))
    if not at_end:
        b.emit(test + op("i32.eqz") + op("br_if", 1))
    b.readable[counter] = b.readable[bound] = type_
    body(b, counter, type_)
    b.emit(op("local.get", counter) + const + s(step) + op(f"{type_}.add") + op("local.set", counter))
    b.emit(test + op("br_if", 0) if at_end else op("br", 0))
    for _ in range(2):
        b.labels.pop()
        b.emit_op("end")
    del b.readable[counter], b.readable[bound]


def body(b: Body, counter: int, type_: str) -> None:
    """What the loop does each time; its end is reached."""
    if b.module.memories:
        for _ in range(b.choose.randrange(4)):
            walk(b, counter, type_)
    b.run(b.choose.randrange(5))
    if b.reachable and b.chance(0.4):
        permute(b)
    b.finish(())


def walk(b: Body, counter: int, type_: str) -> None:
    """An access at an address that the counter gives: times a factor, plus a base."""
    number = b.choose.randrange(len(b.module.memories))
    memory = b.module.memories[number]
    address = memory.address
    row = b.choose.choice(VECTOR_ACCESS if "v128" in b.style.types and b.chance(0.3) else SCALAR_ACCESS)
    size = 1 << row.access
    factor = b.choose.choice((1, size, 3, 8))
    room = (memory.least << memory.page_log2) - (MOST + 8) * factor - size
    risky = b.chance(b.style.risk)
    if room < 32 and not risky:
        return
    b.emit_op("local.get", counter)
    if type_ != address:
        b.emit_op(
            "i32.wrap_i64" if address == "i32" else b.choose.choice(("i64.extend_i32_s", "i64.extend_i32_u"))
        )
    if factor in (1, 2, 4, 8, 16) and b.chance(0.6):
        if factor > 1:
            b.emit(op(f"{address}.const") + s(factor.bit_length() - 1) + op(f"{address}.shl"))
    else:
        b.emit(op(f"{address}.const") + s(factor) + op(f"{address}.mul"))
    b.stack.append(address)
    # A counter may be as low as -3.
    base = 3 * factor
    if b.chance(0.3):
        b.push(address)
        b.emit(op(f"{address}.const") + s(15) + op(f"{address}.and") + op(f"{address}.add"))
        b.take(1)
    b.emit(op(f"{address}.const") + s(base) + op(f"{address}.add"))
    far = room - base - 15
    offset = b.choose.choice((0, 1, size, max(0, far)))
    if risky:
        offset = b.choose.choice((max(0, far) + MOST * factor // 2, 0xFFFFFFFF, 0x7FFFFFF0))
    access_at(b, row, number, offset)
    if len(b.stack) > b.base:
        b.drop_some(1)
