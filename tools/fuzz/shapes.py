"""Steps that make shapes on which compilers go wrong.

Many values alive at a time, counted loops, values that change places, constant operands, extensions.
"""

from __future__ import annotations

import re

from fuzz.assemble import op, s
from fuzz.bodies import Body, Label, Plain
from fuzz.values import signed

NUMBERS = ("i32", "i64", "f32", "f64", "v128")
COMPARISON = re.compile(r"[if](32|64)\.(eqz|eq|ne|[lg][te](_[su])?)")
MASKS = (0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFF00)
DIVISORS = [1, 2, 3, 5, 7, 10, 16, 60, 641, 1000, -1, -2, -3, -10, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


def common_type(b: Body) -> str:
    found = [t for t in b.style.types if t in NUMBERS]
    return b.choose.choice(found)


def binary_ops(b: Body, type_: str) -> list[Plain]:
    """The instructions that make one value of the type out of two."""
    return [row for row in b.style.by_result(type_) if row.params == (type_, type_)]


def locals_of(b: Body, type_: str) -> list[int]:
    return [i for i in range(b.open_locals) if b.locals[i] == type_]


def pressure(b: Body) -> None:
    """More values at a time than there are registers, maybe across a call, then taken in some order."""
    type_ = common_type(b)
    rows = binary_ops(b, type_)
    count = b.choose.choice((4, 9, 17, 34))
    base = len(b.stack)
    floor, b.floor = b.floor, base
    for _ in range(count):
        b.push(type_)
    if b.chance(0.4):
        # What the others return lies on top and is got rid of first.
        index = b.choose.randrange(len(b.module.funcs))
        called = b.module.func_type(index)
        b.floor = len(b.stack)
        for param in called.params:
            b.push(param)
        b.emit_op("call", index)
        b.take(len(called.params))
        b.stack += called.results
        b.drop_some(len(called.results))
    b.floor = base
    while len(b.stack) > base + 1:
        if rows and b.chance(0.9):
            b.plain(b.choose.choice(rows))
        else:
            b.drop_some(1)
    b.floor = floor


def permute(b: Body) -> None:
    """Locals of one type change places at once, as the values do that a loop carries."""
    groups = [found for type_ in set(b.locals[: b.open_locals]) if len(found := locals_of(b, type_)) > 1]
    if not groups:
        return
    group = b.choose.choice(sorted(groups))
    some = b.choose.sample(group, b.choose.randrange(2, min(len(group), 6) + 1))
    for index in some:
        b.emit_op("local.get", index)
    turn = b.choose.randrange(len(some)) if b.chance(0.5) else None
    targets = some[turn:] + some[:turn] if turn is not None else b.choose.sample(some, len(some))
    for index in targets:
        b.emit_op("local.set", index)


def condition(b: Body) -> None:
    """An i32 that a comparison makes, mostly."""
    found = [row for row in b.style.by_result("i32") if COMPARISON.fullmatch(row.name)]
    if found and b.chance(0.7):
        b.plain(b.choose.choice(found))
    else:
        b.want("i32")


def counted_loop(b: Body) -> None:
    """A loop that a counter of its own ends, which the body reads as it likes.

    Either the head tests, and all branches to the loop count; or the end does, and nothing else may branch
    there.
    """
    if b.is_deep():
        return
    b.pay()
    type_ = b.choose.choice(("i32", "i32", "i64"))
    counter = b.new_local(type_)
    step = b.choose.choice((1, 1, 1, 3, -1))
    trips = b.choose.choice((1, 2, 3, 10, 40))
    b.emit(op(f"{type_}.const") + s(trips * -step) + op("local.set", counter))
    count = op("local.get", counter) + op(f"{type_}.const") + s(step) + op(f"{type_}.add")
    at_end = b.chance(0.5)
    if at_end:
        b.emit(op("loop") + b"\x40")
        b.labels.append(Label((), len(b.stack), is_loop=True, is_private=True))
    else:
        b.emit(op("block") + b"\x40")
        b.labels.append(Label((), len(b.stack)))
        b.emit(op("loop") + b"\x40")
        b.labels.append(Label((), len(b.stack), is_loop=True))
        b.emit(op("local.get", counter) + op(f"{type_}.eqz") + op("br_if", 1))
        b.emit(count + op("local.set", counter))
    b.readable[counter] = type_
    b.run(b.choose.randrange(1, 9))
    if b.reachable and b.chance(0.6):
        permute(b)
    b.finish(())
    if at_end:
        b.emit(count + again(b, type_, counter, "lt_s" if step > 0 else "gt_s"))
    else:
        b.emit_op("br", 0)
        b.labels.pop()
        b.emit_op("end")
    del b.readable[counter]
    b.labels.pop()
    b.emit_op("end")


def again(b: Body, type_: str, counter: int, compare: str) -> bytes:
    """Code that takes the counter's new value and branches back: until it is zero, or has passed zero."""
    if b.chance(0.5):
        compare_zero = op("i64.eqz") + op("i32.eqz") if type_ == "i64" else b""
        return op("local.tee", counter) + compare_zero + op("br_if", 0)
    read = op("local.set", counter) + op("local.get", counter)
    return read + op(f"{type_}.const") + s(0) + op(f"{type_}.{compare}") + op("br_if", 0)


def with_constant(b: Body) -> None:
    """An instruction on integers whose second operand is a constant."""
    type_ = b.choose.choice(("i32", "i64"))
    bits = int(type_[1:])
    name = b.choose.choice(
        ("add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr")
        + ("div_s", "div_u", "rem_s", "rem_u") * 2
        + ("eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u")
    )
    b.want(type_)
    if name[:3] in ("div", "rem"):
        value = b.choose.choice((*DIVISORS, b.choose.getrandbits(bits) | 1))
        if value == -1 and not b.chance(b.style.risk):
            value = 3
        b.emit(op(f"{type_}.const") + s(signed(value % (1 << bits), bits)))
    else:
        b.emit(b.constant(type_))
    b.emit_op(f"{type_}.{name}")
    if name[:2] in ("eq", "ne", "lt", "gt", "le", "ge"):
        b.stack[-1] = "i32"


def extensions(b: Body) -> None:
    """A chain of wraps, extensions, shifts and masks."""
    b.want(b.choose.choice(("i32", "i64")))
    for _ in range(b.choose.randrange(2, 7)):
        type_ = b.stack[-1]
        way = b.choose.randrange(5)
        if way == 0:
            b.emit_op("i64.extend_i32_s" if type_ == "i32" and b.chance(0.5) else other_width(type_))
            b.stack[-1] = "i64" if type_ == "i32" else "i32"
        elif way == 1:
            b.emit_op(f"{type_}.{b.choose.choice(('extend8_s', 'extend16_s'))}")
        elif way == 2 and type_ == "i64":
            b.emit_op("i64.extend32_s")
        elif way == 3:
            amount = b.choose.choice((1, 8, 16, 24, 31, 32, 33, 48, 63))
            b.emit(
                op(f"{type_}.const") + s(amount) + op(f"{type_}.{b.choose.choice(('shl', 'shr_s', 'shr_u'))}")
            )
        else:
            mask = signed(b.choose.choice(MASKS), int(type_[1:]))
            b.emit(op(f"{type_}.const") + s(mask) + op(f"{type_}.and"))


def other_width(type_: str) -> str:
    return "i64.extend_i32_u" if type_ == "i32" else "i32.wrap_i64"


def diamond(b: Body) -> None:
    """Two arms that write the same locals; what they hold is read behind."""
    if not b.open_locals or b.is_deep():
        return
    some = b.choose.sample(range(b.open_locals), b.choose.randrange(1, min(b.open_locals, 5) + 1))
    condition(b)
    b.stack.pop()
    b.emit(op("if") + b"\x40")
    b.labels.append(Label((), len(b.stack)))
    for arm in range(2):
        for index in some:
            if b.chance(0.8):
                b.push(b.locals[index])
                b.emit_op("local.set", index)
                b.stack.pop()
        if arm == 0:
            b.emit_op("else")
    b.labels.pop()
    b.emit_op("end")
    for index in some[:3]:
        b.emit_op("local.get", index)
        b.stack.append(b.locals[index])
