"""The text of scripts: values, functions of one instruction, assertions."""

from collections.abc import Iterable, Sequence

from conformance.softfloat import F32, F64, Format, Result, is_nan

FORMATS = {"f32": F32, "f64": F64}
WIDTHS = {"i32": 32, "i64": 64, "f32": 32, "f64": 64}


def signed(number: int, bits: int) -> int:
    """The number that a pattern means in two's complement."""
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


def unsigned(number: int, bits: int) -> int:
    """The pattern of a number."""
    return number & ((1 << bits) - 1)


def float_literal(form: Format, bits: int) -> str:
    """A float by its bits, in hexadecimal; no decimal rounding is needed to read it."""
    sign = "-" if bits & form.sign else ""
    mantissa = bits & ((1 << form.mantissa) - 1)
    exponent = (bits & form.infinity) >> form.mantissa
    if is_nan(form, bits):
        return f"{sign}nan:{mantissa:#x}"
    if bits & ~form.sign == form.infinity:
        return f"{sign}inf"
    if exponent:
        return f"{sign}{mantissa | 1 << form.mantissa:#x}p{exponent - form.bias - form.mantissa:+d}"
    return f"{sign}{mantissa:#x}p{1 - form.bias - form.mantissa:+d}"


def literal(kind: str, value: Result) -> str:
    """A number of a type as its instruction takes it."""
    if isinstance(value, str):
        return value
    if kind in FORMATS:
        return float_literal(FORMATS[kind], unsigned(value, WIDTHS[kind]))
    return str(signed(value, WIDTHS[kind]))


def const(kind: str, value: Result) -> str:
    """A constant instruction, or a result pattern."""
    return f"({kind}.const {literal(kind, value)})"


def vector(shape: str, lanes: Sequence[Result]) -> str:
    """A v128 by its lanes."""
    kind = shape.partition("x")[0]
    if kind in FORMATS:
        words = [literal(kind, lane) for lane in lanes]
    else:
        words = [hex(unsigned(int(lane), int(kind[1:]))) for lane in lanes]
    return f"(v128.const {shape} {' '.join(words)})"


def function(name: str, params: Iterable[str], result: str | None, body: str | None = None) -> str:
    """An exported function: one instruction on its parameters, or another body."""
    params = list(params)
    if body is None:
        operands = "".join(f" (local.get {index})" for index in range(len(params)))
        body = f"({name}{operands})"
    head = f'(func (export "{name}")'
    if params:
        head += f" (param {' '.join(params)})"
    if result is not None:
        head += f" (result {result})"
    return f"  {head} {body})"


def module(functions: Iterable[str], *others: str) -> str:
    """A module of fields."""
    return "\n".join(("(module", *(f"  {other}" for other in others), *functions)) + ")\n"


def invoke(name: str, *arguments: str) -> str:
    return f'(invoke "{name}"{"".join(" " + argument for argument in arguments)})'


def returns(name: str, arguments: Iterable[str], *results: str) -> str:
    """An assertion that a function returns these results."""
    return f"(assert_return {invoke(name, *arguments)}{''.join(' ' + result for result in results)})"


def traps(name: str, arguments: Iterable[str], message: str) -> str:
    """An assertion that a function traps."""
    return f'(assert_trap {invoke(name, *arguments)} "{message}")'
