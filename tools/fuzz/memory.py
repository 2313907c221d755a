"""Steps on memories: accesses, mostly within bounds, and bulk instructions."""

from __future__ import annotations

from fuzz.assemble import op, s, u
from fuzz.bodies import MEMORY, Body
from fuzz.values import signed
from wasmine.spec.opcodes import Op


def push_address(b: Body, memory: int, size: int, aligned: bool) -> int:
    """Pushes an address for an access of `size` bytes; the offset to use with it."""
    type_ = b.module.memories[memory]
    extent = type_.least << type_.page_log2
    address = type_.address
    if b.chance(0.15):
        # At the end, a byte before it, a byte behind it.
        over = b.choose.choice((-1, 0, 0, 0, 1)) if b.chance(b.style.risk * 4) else b.choose.choice((-1, 0))
        place = max(0, extent - size + over)
        offset = b.choose.choice((0, place // 2, place))
        if aligned:
            place -= place % size
            offset = 0
        b.emit(op(f"{address}.const") + s(signed(place - offset, 32 if address == "i32" else 64)))
        b.stack.append(address)
        return offset
    b.push(address)
    if b.chance(b.style.risk):
        return b.choose.choice((0, 1, 8, 0xFFFF, 0xFFFFFFFF, 0x80000000, (1 << 64) - 1 if type_.is64 else 3))
    reach = min(extent - size, 0xFF)
    if reach <= 0:
        reach = 0
    mask = (1 << reach.bit_length()) - 1 >> 1
    if aligned:
        mask -= mask % size
        b.emit(op(f"{address}.const") + s(mask) + op(f"{address}.and"))
        return 0
    if mask > 63 and b.chance(0.3):
        return scaled_address(b, address)
    b.emit(op(f"{address}.const") + s(mask) + op(f"{address}.and"))
    return b.choose.choice((0, 1, reach - mask)) if reach > mask + 1 else 0


def scaled_address(b: Body, address: str) -> int:
    """An index times a power of two plus a base plus a constant, of what is on top; the offset to use with
    it.

    In sum it is small, though the constant alone may be negative: the address wraps around, the offset does
    not.
    """
    b.emit(op(f"{address}.const") + s(7) + op(f"{address}.and"))
    b.emit(op(f"{address}.const") + s(b.choose.randrange(4)) + op(f"{address}.shl"))
    constant = b.choose.choice((0, 1, 8, -1, -8, -16))
    base = max(0, -constant) + b.choose.choice((0, 1, 16))
    if b.chance(0.5):
        b.push(address)
        b.emit(op(f"{address}.const") + s(15) + op(f"{address}.and") + op(f"{address}.add"))
        b.take(1)
    short = constant < 0 and b.chance(b.style.risk)
    for number in (0 if short else base, constant):
        if number:
            b.emit(op(f"{address}.const") + s(number) + op(f"{address}.add"))
    return b.choose.choice((0, 1, 16))


def access(b: Body, row: Op) -> None:
    """An access at any address."""
    memory = b.choose.randrange(len(b.module.memories))
    size = 1 << row.access
    atomic = row.prefix == 0xFE
    if row.name == "memory.atomic.wait32" or row.name == "memory.atomic.wait64":
        # On a memory that is shared it would block until its time is over.
        if b.module.memories[memory].shared or not b.chance(b.style.risk):
            return
    offset = push_address(b, memory, size, atomic and not b.chance(b.style.risk))
    access_at(b, row, memory, offset)


def access_at(b: Body, row: Op, memory: int, offset: int) -> None:
    """An access at the address on top of the stack."""
    assert row.signature is not None
    left, _, right = row.signature.partition("->")
    params = left.split()[1:]
    for type_ in params:
        b.push(type_)
    align = row.access if row.prefix == 0xFE else b.choose.randrange(row.access + 1)
    b.emit(op(row.name) + (u(align | 0x40) + u(memory) if memory or b.chance(0.1) else u(align)) + u(offset))
    if "lane" in row.immediates:
        b.emit(u(b.choose.randrange(16 >> row.access)))
    b.take(1 + len(params))
    b.stack += right.split()


SCALAR_ACCESS = [row for row in MEMORY if row.prefix == 0]
VECTOR_ACCESS = [row for row in MEMORY if row.prefix == 0xFD]
ATOMIC_ACCESS = [row for row in MEMORY if row.prefix == 0xFE]


def scalar_access(b: Body) -> None:
    if b.module.memories:
        access(b, b.choose.choice(SCALAR_ACCESS))


def vector_access(b: Body) -> None:
    if b.module.memories:
        access(b, b.choose.choice(VECTOR_ACCESS))


def atomic_access(b: Body) -> None:
    if b.module.memories:
        access(b, b.choose.choice(ATOMIC_ACCESS))


def push_length(b: Body, address: str, most: int) -> None:
    """A count of bytes or elements, small but for risks."""
    b.push(address)
    if not b.chance(b.style.risk):
        b.emit(op(f"{address}.const") + s(most) + op(f"{address}.and"))


def shorter(x: str, y: str) -> str:
    return "i64" if x == y == "i64" else "i32"


def bulk(b: Body) -> None:
    if not b.module.memories:
        return
    x = b.choose.randrange(len(b.module.memories))
    y = b.choose.randrange(len(b.module.memories))
    to, other = b.module.memories[x].address, b.module.memories[y].address
    way = b.choose.randrange(6)
    if way == 0:
        b.emit_op("memory.size", x)
        b.stack.append(to)
    elif way == 1:
        push_length(b, to, 1)
        b.emit_op("memory.grow", x)
    elif way == 2:
        push_length(b, to, 63)
        b.push("i32")
        push_length(b, to, 31)
        b.emit_op("memory.fill", x)
        b.take(3)
    elif way == 3:
        push_length(b, to, 63)
        push_length(b, other, 63)
        push_length(b, shorter(to, other), 31)
        b.emit_op("memory.copy", x, y)
        b.take(3)
    elif b.module.datas:
        data = b.choose.randrange(len(b.module.datas))
        if b.chance(0.1):
            b.emit_op("data.drop", data)
            return
        push_length(b, to, 63)
        push_length(b, "i32", 3)
        push_length(b, "i32", 3)
        b.emit_op("memory.init", data, x)
        b.take(3)
