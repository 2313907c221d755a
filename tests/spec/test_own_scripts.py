"""wasmine's own conformance scripts, on every tier; and what they cover."""

import re
from collections.abc import Callable, Iterator

import pytest

from wasmine.api.config import Config
from wasmine.api.engine import Engine
from wasmine.api.module import Module
from wasmine.script import run_script
from wasmine.spec.errors import InvalidError, MalformedError, ModuleError
from wasmine.spec.opcodes import OPS
from wasmine.spec.traps import TRAPS
from wasmine.text import parse_script, print_module
from wasmine.text.commands import (
    AssertExhaustion,
    AssertInvalid,
    AssertMalformed,
    AssertTrap,
    Command,
    ModuleSource,
    Thread,
)
from wasmine.validate.faults import FAULTS, Fault

# Limits of wasmine are tested apart: a module that exceeds one is large.
LIMITS = ("LIMIT_", "NO_MEMORY")

MODULE_RULES = {
    "duplicate export name",
    "invalid custom page size",
    "memory size must be at most 65536 pages (4GiB)",
    "memory size must be at most 281474976710656 pages",
    "memory size must be at most 4294967295 pages",
    "non-empty tag result type",
    "non-function type 0",
    "shared memory must have maximum",
    "size minimum must not be greater than maximum",
    "start function",
    "sub type 1 does not match super type 0",
    "table size must be at most 2^32-1",
    "unknown function 0",
    "unknown global 0",
    "unknown memory 0",
    "unknown table 0",
    "unknown tag 0",
    "unknown type 0",
}
"""Rules of validation that the decoder checks, by the text of their errors."""

MALFORMED = {
    "END opcode expected",
    "data count and data section have inconsistent lengths",
    "data count section required",
    "function and code section have inconsistent lengths",
    "illegal opcode ff",
    "illegal opcode fc 20",
    "integer representation too long",
    "integer too large",
    "invalid custom page size",
    "length out of bounds",
    "magic header not detected",
    "malformed UTF-8 encoding",
    "malformed cast flags",
    "malformed catch clause",
    "malformed data segment kind",
    "malformed definition type",
    "malformed element kind",
    "malformed elements segment kind",
    "malformed export kind",
    "malformed heap type",
    "malformed import kind",
    "malformed limits flags",
    "malformed memop flags",
    "malformed mutability",
    "malformed reference type",
    "malformed section id",
    "malformed storage type",
    "malformed value type",
    "section size mismatch",
    "too many locals",
    "unexpected content after last section",
    "unexpected end",
    "unexpected end of section or function",
    "unknown binary version",
    "zero byte expected",
}
"""The errors of bytes that are no module."""

NOT_OF_A_SCRIPT = {
    "FUEL_EXHAUSTED", "TIMEOUT", "INTERRUPTED", "HOST_EXCEPTION", "LOWERING_FAILED", "NOT_IMPLEMENTED",
    "GC_HEAP_EXHAUSTED", "ALLOCATION_TOO_LARGE", "UNCAUGHT_EXCEPTION",
}  # fmt: skip
"""Traps of the engine, not of the standard; and exceptions, which `assert_exception` expects."""


def test_script(own_script: Callable[[], str], config: Config) -> None:
    outcome = run_script(own_script(), config=config)
    failures = [f"line {failure.line}: {failure.reason}" for failure in outcome.failures]
    assert not failures, "\n".join(failures)
    assert outcome.passed


@pytest.fixture(scope="module")
def commands(all_own_scripts: dict[str, str]) -> list[Command]:
    return [command for text in all_own_scripts.values() for command in flat(parse_script(text))]


def flat(commands: list[Command]) -> Iterator[Command]:
    for command in commands:
        yield command
        if isinstance(command, Thread):
            yield from flat(list(command.commands))


def sources(commands: list[Command]) -> Iterator[ModuleSource]:
    """The modules that are to run."""
    for command in commands:
        for part in (getattr(command, "module", None), getattr(command, "action", None)):
            if isinstance(part, ModuleSource) and not isinstance(command, AssertInvalid | AssertMalformed):
                yield part


def test_every_instruction_occurs(commands: list[Command]) -> None:
    words: set[str] = set()
    for source in sources(commands):
        text = print_module(source.encode())
        words.update(re.findall(r"(?m)^ *([a-z][a-z0-9_.]*)", text))
        if re.search(r"\n *select \(result", text):
            words.add("select_t")
        for name in ("ref.test", "ref.cast"):
            if re.search(rf"\n *{re.escape(name)} \(ref null ", text):
                words.add(f"{name}_null")
    assert {op.name for op in OPS} - words == set()


def errors(commands: list[Command], kind: type[Command]) -> Iterator[ModuleError]:
    engine = Engine()
    for command in commands:
        if isinstance(command, kind):
            source: ModuleSource = command.module  # type: ignore[attr-defined]
            try:
                Module(engine, source.encode())
            except ModuleError as error:
                yield error


def template(text: str) -> str:
    return re.sub(r"\\\{\w+(:\w+)?\\\}", ".*", re.escape(text))


def is_of(fault: Fault, error: ModuleError) -> bool:
    return (
        re.fullmatch(template(fault.text), error.text) is not None
        and re.fullmatch(template(fault.expected), error.expected or "") is not None
    )


def test_every_rule_is_broken(commands: list[Command]) -> None:
    found = list(errors(commands, AssertInvalid))
    rules = [fault for fault in FAULTS if not fault.malformed and not fault.name.startswith(LIMITS)]
    assert [rule.name for rule in rules if not any(is_of(rule, error) for error in found)] == []
    assert all(isinstance(error, InvalidError) for error in found)
    assert MODULE_RULES - {error.text.partition(":")[0] for error in found} == set()


def test_every_malformation_occurs(commands: list[Command]) -> None:
    found = list(errors(commands, AssertMalformed))
    assert all(isinstance(error, MalformedError) for error in found)
    assert MALFORMED - {error.text for error in found} == set()
    faults = [fault for fault in FAULTS if fault.malformed]
    assert [fault.name for fault in faults if not any(is_of(fault, error) for error in found)] == []


def test_every_trap_happens(commands: list[Command]) -> None:
    expected = {command.message for command in commands if isinstance(command, AssertTrap | AssertExhaustion)}
    traps = {trap.text for trap in TRAPS if trap.name not in NOT_OF_A_SCRIPT}
    assert traps - expected == set()
