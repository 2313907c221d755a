"""Instructions of a fixed type, from their rows in the opcode table; wasmtime must agree on each verdict."""

from collections.abc import Callable

import pytest

from wasmine.spec.errors import ModuleError
from wasmine.spec.opcodes import OPS, Op

CONSTANTS = {
    "i32": b"\x41\x00",
    "i64": b"\x42\x00",
    "f32": b"\x43" + bytes(4),
    "f64": b"\x44" + bytes(8),
    "v128": b"\xfd\x0c" + bytes(16),
}
IMMEDIATES = {
    "i32": b"\xff\x7f",
    "i64": b"\x80\x80\x01",
    "f32": bytes(4),
    "f64": bytes(8),
    "v128": bytes(16),
    "lane": b"\x01",
    "lanes16": bytes(range(16)),
    "fence": b"\x00",
    "data": b"\x00",
    "elem": b"\x00",
}
FIXED = [op for op in OPS if op.signature is not None]
DROP = b"\x1a"
END = b"\x0b"


def types_of(op: Op, address: str) -> tuple[list[str], list[str]]:
    assert op.signature is not None
    params, results = op.signature.split("->")
    return params.replace("addr", address).split(), results.split()


def encode(op: Op, memory: int) -> bytes:
    """The instruction, accessing memory 0 or, with the flag that says so, another one."""
    number = op.code.to_bytes(1, "little") if op.code < 0x80 else bytes([op.code & 0x7F | 0x80, op.code >> 7])
    opcode = bytes([op.prefix]) + number if op.prefix else bytes([op.code])
    memarg = bytes([op.access | 0x40 if memory else op.access, *[memory] * bool(memory), 0])
    return opcode + b"".join(memarg if kind == "memarg" else IMMEDIATES[kind] for kind in op.immediates)


def body_of(op: Op, params: list[str], results: list[str], memory: int) -> bytes:
    """Operands, the instruction, and for each result something that takes only its type: `local.set`."""
    groups = b"\x05" + b"".join(b"\x01" + bytes([code]) for code in (0x7F, 0x7E, 0x7D, 0x7C, 0x7B))
    local = {name: bytes([index]) for index, name in enumerate(CONSTANTS)}
    operands = b"".join(CONSTANTS[name] for name in params)
    return (
        groups + operands + encode(op, memory) + b"".join(b"\x21" + local[r] for r in reversed(results)) + END
    )


@pytest.fixture(scope="module")
def verdict(
    outcome: Callable[[bytes], ModuleError | None],
    peer: Callable[[bytes], bool],
    build: Callable[..., bytes],
    make_section: Callable[..., bytes],
) -> Callable[[bytes], ModuleError | None]:
    """The outcome of a body in a module with two memories, the second one of 64 bits, and two segments."""
    before = make_section(5, b"\0\1", b"\4\1") + make_section(9, b"\5\x70\0") + b"\x0c\x01\x01"
    data = make_section(11, b"\1\0")

    def check(body: bytes) -> ModuleError | None:
        binary = build(body, before=before) + data
        error = outcome(binary)
        assert peer(binary) == (error is None)
        return error

    return check


@pytest.mark.parametrize(
    ("op", "memory"),
    [
        pytest.param(op, memory, id=f"{op.name}, memory {memory}")
        for op in FIXED
        for memory in range(2 if "memarg" in op.immediates else 1)
    ],
)
def test_operands_and_results(op: Op, memory: int, verdict: Callable[[bytes], ModuleError | None]) -> None:
    params, results = types_of(op, "i64" if memory else "i32")
    assert verdict(body_of(op, params, results, memory)) is None
    for i, right in enumerate(params):
        wrong = "f32" if right != "f32" else "i64"
        error = verdict(body_of(op, [*params[:i], wrong, *params[i + 1 :]], results, memory))
        assert error is not None
        assert error.text == "type mismatch"
        assert (error.expected, error.found) == (f"{right} for {op.name}", wrong)
    if params:
        error = verdict(body_of(op, params[1:], results, memory))
        assert error is not None
        assert error.found == "nothing"
    if results:
        error = verdict(body_of(op, params, results[1:], memory))
        assert error is not None
        assert error.expected == "no more values at end"
    else:
        error = verdict(body_of(op, params, ["i32"], memory))
        assert error is not None
        assert (error.expected, error.found) == ("i32 for local.set", "nothing")


@pytest.mark.parametrize("op", [op for op in FIXED if "memarg" in op.immediates], ids=lambda op: op.name)
def test_alignment(op: Op, verdict: Callable[[bytes], ModuleError | None]) -> None:
    params, results = types_of(op, "i32")
    for align in range(op.access + 2):
        error = verdict(body_of(op._replace(access=align), params, results, 0))
        if align == op.access or (align < op.access and op.prefix != 0xFE):
            assert error is None
        elif align < op.access:
            assert error is not None
            assert error.text == "atomic alignment must be natural"
        else:
            assert error is not None
            assert error.text == "alignment must not be larger than natural"


@pytest.mark.parametrize("op", [op for op in FIXED if "lane" in op.immediates], ids=lambda op: op.name)
def test_lanes(
    op: Op, verdict: Callable[[bytes], ModuleError | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    params, results = types_of(op, "i32")
    accepted = []
    for lane in (0, 1, 2, 3, 4, 7, 8, 15, 16, 32, 255):
        monkeypatch.setitem(IMMEDIATES, "lane", bytes([lane]))
        error = verdict(body_of(op, params, results, 0))
        assert error is None or error.text == "invalid lane index"
        accepted += [lane] * (error is None)
    assert accepted[-1] + 1 in (2, 4, 8, 16)


PREFIXES = {0xFB, 0xFC, 0xFD, 0xFE}
UNUSED = sorted(set(range(0x400)) - {op.id for op in OPS} - PREFIXES)


@pytest.mark.parametrize("number", UNUSED)
def test_unused_ids_are_illegal(
    number: int, outcome: Callable[[bytes], ModuleError | None], build: Callable[..., bytes]
) -> None:
    prefix, code = next(
        (prefix, number - base)
        for prefix, base in ((0xFD, 0x200), (0xFE, 0x180), (0xFB, 0x140), (0xFC, 0x100), (0, 0))
        if number >= base
    )
    opcode = bytes([prefix, code & 0x7F | 0x80, code >> 7]) if prefix else bytes([code])
    error = outcome(build(b"\0" + b"\0" + opcode + END))
    assert error is not None
    assert error.text == (
        f"illegal opcode {prefix:02x} {code:02x}" if prefix else f"illegal opcode {code:02x}"
    )
