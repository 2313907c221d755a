"""Instructions on integers (core specification, section 4.3.2), and wide arithmetic."""

from collections.abc import Callable, Iterator

from conformance.script import const, function, module, returns, signed, traps, unsigned

Binary = Callable[[int, int, int], int | str]

DIVIDE_BY_ZERO, OVERFLOW = "integer divide by zero", "integer overflow"


def quotient(a: int, b: int) -> int:
    """Rounded towards zero."""
    magnitude = abs(a) // abs(b)
    return magnitude if (a < 0) == (b < 0) else -magnitude


def div_s(a: int, b: int, bits: int) -> int | str:
    if not b:
        return DIVIDE_BY_ZERO
    result = quotient(signed(a, bits), signed(b, bits))
    return OVERFLOW if result >> (bits - 1) == 1 else result


def rem_s(a: int, b: int, bits: int) -> int | str:
    if not b:
        return DIVIDE_BY_ZERO
    x, y = signed(a, bits), signed(b, bits)
    return x - y * quotient(x, y)


def rotl(a: int, b: int, bits: int) -> int:
    b %= bits
    return a << b | a >> (bits - b)


BINARY: dict[str, Binary] = {
    "add": lambda a, b, bits: a + b,
    "sub": lambda a, b, bits: a - b,
    "mul": lambda a, b, bits: a * b,
    "div_s": div_s,
    "div_u": lambda a, b, bits: a // b if b else DIVIDE_BY_ZERO,
    "rem_s": rem_s,
    "rem_u": lambda a, b, bits: a % b if b else DIVIDE_BY_ZERO,
    "and": lambda a, b, bits: a & b,
    "or": lambda a, b, bits: a | b,
    "xor": lambda a, b, bits: a ^ b,
    "shl": lambda a, b, bits: a << b % bits,
    "shr_s": lambda a, b, bits: signed(a, bits) >> b % bits,
    "shr_u": lambda a, b, bits: a >> b % bits,
    "rotl": rotl,
    "rotr": lambda a, b, bits: rotl(a, -b % bits, bits),
}
COMPARISONS: dict[str, Binary] = {
    "eq": lambda a, b, bits: a == b,
    "ne": lambda a, b, bits: a != b,
    "lt_s": lambda a, b, bits: signed(a, bits) < signed(b, bits),
    "lt_u": lambda a, b, bits: a < b,
    "gt_s": lambda a, b, bits: signed(a, bits) > signed(b, bits),
    "gt_u": lambda a, b, bits: a > b,
    "le_s": lambda a, b, bits: signed(a, bits) <= signed(b, bits),
    "le_u": lambda a, b, bits: a <= b,
    "ge_s": lambda a, b, bits: signed(a, bits) >= signed(b, bits),
    "ge_u": lambda a, b, bits: a >= b,
}
UNARY: dict[str, Callable[[int, int], int]] = {
    "clz": lambda a, bits: bits - a.bit_length(),
    "ctz": lambda a, bits: (a & -a).bit_length() - 1 if a else bits,
    "popcnt": lambda a, bits: a.bit_count(),
    "extend8_s": lambda a, bits: signed(a, 8),
    "extend16_s": lambda a, bits: signed(a, 16),
}


def edges(bits: int) -> list[int]:
    """Numbers where something changes."""
    top = 1 << (bits - 1)
    numbers = [0, 1, -1, 2, -2, 3, 7, 10, 0x7F, 0x80, 0xFF, 0x8000, bits - 1, bits, bits + 1, 1 - bits]
    numbers += [top, top - 1, top + 1, 0x0123456789ABCDEF, -0x3141592653589793, 0x5555555555555555]
    return [unsigned(number, bits) for number in numbers]


def pairs(bits: int) -> Iterator[tuple[int, int]]:
    """A few numbers with a few others, so that the extremes meet each other, zero and something odd."""
    top, odd = 1 << (bits - 1), unsigned(0x0123456789ABCDEF, bits)
    for a in (0, 1, unsigned(-1, bits), top, top - 1, odd, unsigned(-7, bits)):
        for b in dict.fromkeys((0, 1, unsigned(-1, bits), top, a, bits + 3, unsigned(-3, bits))):
            yield a, b


def integers(bits: int) -> str:
    """The script of one type."""
    kind = f"i{bits}"
    functions, asserts = [], []

    def check(name: str, operands: tuple[int, ...], result: int | str, result_kind: str) -> None:
        arguments = [const(kind, operand) for operand in operands]
        for form in (name, f"{name} constant"):
            taken = arguments[:1] if form != name else arguments
            if form != name and (len(operands) == 1 or form not in constants):
                continue
            if form != name and operands[1] != constants[form]:
                continue
            if isinstance(result, str):
                asserts.append(traps(form, taken, result))
            else:
                asserts.append(returns(form, taken, const(result_kind, result)))

    constants: dict[str, int] = {}
    for table, result_kind in ((BINARY, kind), (COMPARISONS, "i32")):
        for place, (operation, compute) in enumerate(table.items()):
            name = f"{kind}.{operation}"
            functions.append(function(name, (kind, kind), result_kind))
            # The same with a constant for its right operand, which an engine may treat apart.
            right = constants[f"{name} constant"] = (1 << (bits - 1), unsigned(-1, bits), 1, 0)[place % 4]
            body = f"({name} (local.get 0) {const(kind, right)})"
            functions.append(function(f"{name} constant", (kind,), result_kind, body))
            for a, b in pairs(bits):
                check(name, (a, b), compute(a, b, bits), result_kind)
    unary = dict(UNARY)
    if bits == 64:
        unary["extend32_s"] = lambda a, _: signed(a, 32)
    for operation, compute_one in unary.items():
        name = f"{kind}.{operation}"
        functions.append(function(name, (kind,), kind))
        for a in edges(bits):
            check(name, (a,), compute_one(a, bits), kind)
    functions.append(function(f"{kind}.eqz", (kind,), "i32"))
    for a in edges(bits):
        check(f"{kind}.eqz", (a,), a == 0, "i32")
    return module(functions) + "\n".join(asserts) + "\n"


def wide() -> str:
    """The script of wide arithmetic (its proposal)."""
    words = [0, 1, 2**63, 2**64 - 1, 0x0123456789ABCDEF]
    functions = [function(f"i64.{operation}128", ("i64",) * 4, "i64 i64") for operation in ("add", "sub")] + [
        function(f"i64.mul_wide_{sign}", ("i64", "i64"), "i64 i64") for sign in "su"
    ]
    asserts = []

    def check(name: str, operands: tuple[int, ...], result: int) -> None:
        results = (const("i64", result & (2**64 - 1)), const("i64", result >> 64 & (2**64 - 1)))
        asserts.append(returns(name, [const("i64", operand) for operand in operands], *results))

    for place, low in enumerate(words):
        for high in words:
            a = high << 64 | low
            other_low, other_high = words[(place + 2) % 5], words[(words.index(high) + 3) % 5]
            b = other_high << 64 | other_low
            check("i64.add128", (low, high, other_low, other_high), a + b)
            check("i64.sub128", (low, high, other_low, other_high), a - b)
            check("i64.mul_wide_s", (low, high), signed(low, 64) * signed(high, 64))
            check("i64.mul_wide_u", (low, high), low * high)
    return module(functions) + "\n".join(asserts) + "\n"
