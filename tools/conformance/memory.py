"""Loads and stores, plain and atomic, on memories of either address type (core specification, 4.6.9)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from conformance.script import WIDTHS, const, module, returns, signed, traps, unsigned

PAGE = 65536
OUT_OF_BOUNDS = "out of bounds memory access"
UNALIGNED = "unaligned atomic"
PATTERN = bytes((index * 37 + 129) & 0xFF for index in range(32))
"""At address 0, and again at the end of the memory."""
FILL = 0xEE


class Access(NamedTuple):
    """A load or store."""

    name: str
    kind: str
    width: int
    """In bytes."""
    extend: str
    """`s` or `u` for a load of fewer bytes than the type has, `u` for one of as many."""


def loads() -> Iterator[Access]:
    for kind, bits in WIDTHS.items():
        yield Access(f"{kind}.load", kind, bits // 8, "u")
    for bits in (32, 64):
        for width in (8, 16, 32):
            if width < bits:
                for sign in "su":
                    yield Access(f"i{bits}.load{width}_{sign}", f"i{bits}", width // 8, sign)


def stores() -> Iterator[Access]:
    for kind, bits in WIDTHS.items():
        yield Access(f"{kind}.store", kind, bits // 8, "u")
    for bits in (32, 64):
        for width in (8, 16, 32):
            if width < bits:
                yield Access(f"i{bits}.store{width}", f"i{bits}", width // 8, "u")


def escaped(content: bytes) -> str:
    return "".join(f"\\{byte:02x}" for byte in content)


def fields(address: str, minimum: int = 1, shared: bool = False) -> list[str]:
    """A memory with the pattern at both of its ends."""
    prefix = "i64 " if address == "i64" else ""
    end = minimum * PAGE - len(PATTERN)
    suffix = f" {minimum} shared" if shared else ""
    return [
        f"(memory {prefix}{minimum}{suffix})",
        f'(data ({address}.const 0) "{escaped(PATTERN)}")',
        f'(data ({address}.const {end}) "{escaped(PATTERN)}")',
    ]


def loaded(access: Access, start: int) -> int:
    """What a load finds in the pattern, as a pattern of bits."""
    number = int.from_bytes(PATTERN[start : start + access.width], "little")
    if access.extend == "s":
        number = signed(number, 8 * access.width)
    return unsigned(number, WIDTHS[access.kind])


def export(name: str, params: str, result: str, body: str) -> str:
    result = f" (result {result})" if result else ""
    return f'  (func (export "{name}") (param {params}){result} {body})'


def plain(address: str) -> str:
    """The script of plain accesses, for one address type."""
    functions, asserts = [], []
    last = PAGE - len(PATTERN)
    for access in loads():
        name, width = access.name, access.width
        functions.append(export(name, address, access.kind, f"({name} (local.get 0))"))
        functions.append(
            export(f"{name} offset", address, access.kind, f"({name} offset=5 align=1 (local.get 0))")
        )
        for start in (0, 1, 7):
            expected = const(access.kind, loaded(access, start))
            asserts.append(returns(name, [const(address, start)], expected))
            asserts.append(returns(name, [const(address, last + start)], expected))
            expected = const(access.kind, loaded(access, start + 5))
            asserts.append(returns(f"{name} offset", [const(address, start)], expected))
        expected = const(access.kind, loaded(access, len(PATTERN) - width))
        asserts.append(returns(name, [const(address, PAGE - width)], expected))
        asserts.append(returns(f"{name} offset", [const(address, PAGE - width - 5)], expected))
        asserts += bounds(name, address, width, ())
    for access in stores():
        name, width = access.name, access.width
        # The words around the place say that nothing else was written.
        read = "(i64.load (local.get 0)) (i64.load offset=8 (local.get 0))"
        fill = f"(memory.fill (local.get 0) (i32.const {FILL}) ({address}.const 16))"
        params = f"{address} {access.kind}"
        for form, offset in ((name, 0), (f"{name} offset", 5)):
            body = f"{fill} ({name} offset={offset} (local.get 0) (local.get 1)) {read}"
            functions.append(export(form, params, "i64 i64", body))
            for value in (0, 0x0123456789ABCDEF, 0x8070605040302010):
                content = bytearray([FILL] * 16)
                stored = unsigned(value, WIDTHS[access.kind])
                content[offset : offset + width] = (stored & ((1 << 8 * width) - 1)).to_bytes(width, "little")
                results = [const("i64", int.from_bytes(content[at : at + 8], "little")) for at in (0, 8)]
                arguments = [const(address, 100 + offset), const(access.kind, stored)]
                asserts.append(returns(form, arguments, *results))
        functions.append(export(f"{name} only", params, "", f"({name} (local.get 0) (local.get 1))"))
        asserts.append(returns(f"{name} only", [const(address, PAGE - width), const(access.kind, 0)]))
        asserts += bounds(f"{name} only", address, width, (const(access.kind, 0),))
    return module(functions, *fields(address)) + "\n".join(asserts) + "\n"


def bounds(name: str, address: str, width: int, operands: tuple[str, ...]) -> Iterator[str]:
    """Accesses that leave the memory."""
    outside = [PAGE - width + 1, PAGE, -1, -width, 1 << WIDTHS[address] - 1]
    for start in outside:
        yield traps(name, (const(address, unsigned(start, WIDTHS[address])), *operands), OUT_OF_BOUNDS)


# Atomic accesses

RMW: dict[str, Callable[[int, int], int]] = {
    "add": lambda old, new: old + new,
    "sub": lambda old, new: old - new,
    "and": lambda old, new: old & new,
    "or": lambda old, new: old | new,
    "xor": lambda old, new: old ^ new,
    "xchg": lambda old, new: new,
}


def atomic_widths() -> Iterator[tuple[int, int]]:
    for bits in (32, 64):
        for width in (8, 16, 32, 64):
            if width <= bits:
                yield bits, width


def atomic(shared: bool) -> str:
    """The script of atomic accesses (the proposal of threads), on a memory of its own or a shared one."""
    functions, asserts = [], []
    reset = f"(i64.store (i32.const 8) (i64.const {signed(int.from_bytes(PATTERN[8:16], 'little'), 64)}))"
    read = "(i64.load (i32.const 8))"

    def after(width: int, value: int) -> str:
        content = (value & ((1 << width) - 1)).to_bytes(width // 8, "little") + PATTERN[8 + width // 8 : 16]
        return const("i64", int.from_bytes(content, "little"))

    for bits, width in atomic_widths():
        kind, size = f"i{bits}", width // 8
        narrow = "" if width == bits else str(width)
        suffix = "" if width == bits else "_u"
        old = int.from_bytes(PATTERN[8 : 8 + size], "little")
        load = f"{kind}.atomic.load{narrow}{suffix}"
        functions.append(export(load, "i32", kind, f"({load} (local.get 0))"))
        for start in (0, 8, PAGE - 8):
            place = start if start < PAGE - 8 else len(PATTERN) - 8
            expected = const(kind, int.from_bytes(PATTERN[place : place + size], "little"))
            asserts.append(returns(load, [const("i32", start)], expected))
        asserts += atomic_traps(load, size, ())
        value = unsigned(0x8123456789ABCDEF, bits)
        store = f"{kind}.atomic.store{narrow}"
        functions.append(
            export(store, f"i32 {kind}", "i64", f"{reset} ({store} (local.get 0) (local.get 1)) {read}")
        )
        asserts.append(returns(store, [const("i32", 8), const(kind, value)], after(width, value)))
        asserts += atomic_traps(store, size, (const(kind, 0),))
        for operation, compute in RMW.items():
            name = f"{kind}.atomic.rmw{narrow}.{operation}{suffix}"
            body = f"{reset} ({name} (local.get 0) (local.get 1)) {read}"
            functions.append(export(name, f"i32 {kind}", f"{kind} i64", body))
            for operand in (value, 1, unsigned(-1, bits)):
                new = compute(old, operand & ((1 << width) - 1))
                arguments = [const("i32", 8), const(kind, operand)]
                asserts.append(returns(name, arguments, const(kind, old), after(width, new)))
            asserts += atomic_traps(name, size, (const(kind, 0),))
        name = f"{kind}.atomic.rmw{narrow}.cmpxchg{suffix}"
        body = f"{reset} ({name} (local.get 0) (local.get 1) (local.get 2)) {read}"
        functions.append(export(name, f"i32 {kind} {kind}", f"{kind} i64", body))
        # Of the expected value only the bits count that the cell has.
        for expected_old in (old, old ^ 1, *([old | 1 << width] if width < bits else [])):
            new = old if expected_old == old ^ 1 else value
            arguments = [const("i32", 8), const(kind, expected_old), const(kind, value)]
            asserts.append(returns(name, arguments, const(kind, old), after(width, new)))
        asserts += atomic_traps(name, size, (const(kind, 0), const(kind, 0)))
    functions.append('  (func (export "memory.atomic.notify") (param i32 i32) (result i32)')
    functions.append("    (memory.atomic.notify (local.get 0) (local.get 1)))")
    asserts.append(returns("memory.atomic.notify", [const("i32", 8), const("i32", -1)], const("i32", 0)))
    asserts += atomic_traps("memory.atomic.notify", 4, (const("i32", 0),))
    functions.append('  (func (export "atomic.fence") (atomic.fence))')
    asserts.append(returns("atomic.fence", []))
    asserts += waits(functions, shared)
    return module(functions, *fields("i32", shared=shared)) + "\n".join(asserts) + "\n"


def atomic_traps(name: str, size: int, operands: tuple[str, ...]) -> Iterator[str]:
    if size > 1:
        for start in (1, size // 2, PAGE - 1):
            yield traps(name, (const("i32", start), *operands), UNALIGNED)
    for start in (PAGE, unsigned(-size, 32)):
        yield traps(name, (const("i32", start), *operands), OUT_OF_BOUNDS)


def waits(functions: list[str], shared: bool) -> Iterator[str]:
    """Waits that end at once or by their timeout: a value that differs, no time, a little time."""
    for bits in (32, 64):
        name, kind = f"memory.atomic.wait{bits}", f"i{bits}"
        body = f"({name} (local.get 0) (local.get 1) (local.get 2))"
        functions.append(export(name, f"i32 {kind} i64", "i32", body))
        value = const(kind, int.from_bytes(PATTERN[16 : 16 + bits // 8], "little"))
        place = const("i32", 16)
        if not shared:
            yield traps(name, [place, value, const("i64", 0)], "expected shared memory")
            continue
        yield returns(name, [place, const(kind, 0), const("i64", -1)], const("i32", 1))
        yield returns(name, [place, value, const("i64", 0)], const("i32", 2))
        yield returns(name, [place, value, const("i64", 1_000_000)], const("i32", 2))
        yield traps(name, [const("i32", 4 if bits == 64 else 2), value, const("i64", 0)], UNALIGNED)
        yield traps(name, [const("i32", PAGE), value, const("i64", 0)], OUT_OF_BOUNDS)
