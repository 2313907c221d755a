"""What the tests of the validator share: modules from text or from the bytes of one body."""

import re
from collections.abc import Callable

import pytest
import wasmtime

from wasmine.binary.decode import decode
from wasmine.spec.errors import InvalidError, ModuleError
from wasmine.spec.types import TypeRegistry
from wasmine.validate.validator import validate

Outcome = ModuleError | None


def outcome_of(binary: bytes) -> Outcome:
    """What decoding and validating raises; None for a valid module."""
    try:
        validate(decode(binary, TypeRegistry()))
    except ModuleError as error:
        return error
    return None


def unsigned(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def section(number: int, *items: bytes) -> bytes:
    content = unsigned(len(items)) + b"".join(items)
    return bytes([number]) + unsigned(len(content)) + content


def module_of(
    *bodies: bytes,
    types: tuple[bytes, ...] = (b"\x60\0\0",),
    signatures: tuple[int, ...] = (),
    before: bytes = b"",
) -> bytes:
    """A module of functions with these bodies.

    `signatures` are their type indices, 0 where none is given; `before` are the sections ahead of the code.
    """
    sized = [unsigned(len(body)) + body for body in bodies]
    signatures += (0,) * (len(bodies) - len(signatures))
    functions = section(3, *map(unsigned, signatures))
    return b"\0asm\1\0\0\0" + section(1, *types) + functions + before + section(10, *sized)


@pytest.fixture(scope="session")
def outcome() -> Callable[[bytes], Outcome]:
    return outcome_of


@pytest.fixture(scope="session")
def check_rule(peer: Callable[[bytes], bool]) -> Callable[[str, str | None], None]:
    """Checks that the fields of a module are valid, or that the message starts with the reason.

    wasmtime assembles the text, which it does without asking whether the module is valid, and must agree.
    """

    def check(fields: str, reason: str | None) -> None:
        binary = bytes(wasmtime.wat2wasm(f"(module {fields})"))
        error = outcome_of(binary)
        if reason is None:
            assert error is None
        else:
            assert error is not None, "was accepted"
            assert str(error).startswith(reason)
            assert isinstance(error, InvalidError) or reason == "END opcode expected"
        # wasmtime lacks the legacy exceptions, and has not the limit.
        if not re.search(r"\btry\b", fields) and reason != "too many operands":
            assert peer(binary) == (error is None)

    return check


@pytest.fixture(scope="session")
def build() -> Callable[..., bytes]:
    return module_of


@pytest.fixture(scope="session")
def make_section() -> Callable[..., bytes]:
    return section


@pytest.fixture(scope="session")
def peer() -> Callable[[bytes], bool]:
    """Whether wasmtime takes the module for valid."""
    config = wasmtime.Config()
    for feature in (
        "bulk_memory",
        "custom_page_sizes",
        "exceptions",
        "function_references",
        "gc",
        "memory64",
        "multi_memory",
        "multi_value",
        "reference_types",
        "relaxed_simd",
        "simd",
        "tail_call",
        "threads",
        "wide_arithmetic",
    ):
        setattr(config, f"wasm_{feature}", True)
    engine = wasmtime.Engine(config)

    def is_valid(binary: bytes) -> bool:
        try:
            wasmtime.Module.validate(engine, binary)
        except wasmtime.WasmtimeError:
            return False
        return True

    return is_valid
