"""Runs the commands of a WAST script against the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wasmine.api.config import Config
from wasmine.api.engine import Engine
from wasmine.api.externs import Global
from wasmine.api.func import Func
from wasmine.api.instance import Instance
from wasmine.api.linker import Linker
from wasmine.api.memory import Memory
from wasmine.api.module import Module
from wasmine.api.store import Store
from wasmine.script.spectest import define_spectest
from wasmine.script.values import HostValues, has_type, matches, shown, to_python, written
from wasmine.spec.errors import (
    InvalidError,
    LinkError,
    MalformedError,
    Trap,
    WasmException,
    WasmineError,
)
from wasmine.text import commands as c
from wasmine.text import parse_script

THREADS_WITHOUT = frozenset(("reference-types", "multi-memory", "memory64"))
"""The proposal of threads is written against a standard of one memory and one table."""


@dataclass(frozen=True)
class Failure:
    """A command that did not do what the script says."""

    line: int
    reason: str


@dataclass
class Outcome:
    """What became of a script: how many commands passed, and which failed."""

    passed: int = 0
    failures: list[Failure] = field(default_factory=list)


class Mismatch(Exception):
    """A command did something else than the script says."""


def run_script(
    source: str | bytes,
    filename: str | None = None,
    *,
    config: Config | None = None,
    lines: Callable[[int], bool] | None = None,
) -> Outcome:
    """Run a script and judge every command.

    Args:
        source: the script.
        filename: its name, for messages.
        config: settings of the engine, by default those of `config_for`; all commands share one engine and
            one store.
        lines: which assertions to judge, by line; the others are passed over, but modules and actions run.

    Returns:
        The number of commands that passed, and the failures in order.

    Raises:
        TextError: the script itself is malformed.
    """
    engine = Engine(config or config_for(filename))
    commands = parse_script(source, filename, disabled=engine.disabled)
    runner = Runner(engine)
    with runner.store:
        runner.run(commands, lines)
        # Threads that the script does not wait for are judged, too.
        runner.run([c.Wait(line, name) for name, (line, _, _) in runner.threads.items()])
    return runner.outcome


def config_for(filename: str | None, config: Config | None = None) -> Config:
    """The settings for a script by its place in the official suite; all else is taken from `config`."""
    config = config or Config()
    if filename is not None and "proposals/threads" in Path(filename).absolute().parent.as_posix():
        return replace(config, disable=THREADS_WITHOUT)
    return config


class Results(list[tuple[Any, str]]):
    """The results of an action as the API gives them, and their types."""

    def __str__(self) -> str:
        return ", ".join(shown(value) for value, _ in self) or "no results"


class Runner:
    """The state of a script: its instances by name, and what they may import."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.store = Store(engine)
        self.linker = Linker(engine)
        self.outcome = Outcome()
        self.hosts = HostValues()
        self.instances: dict[str | None, Instance] = {}
        self.definitions: dict[str | None, Module] = {}
        self.shared: dict[str | None, dict[str, Memory]] = {}
        """In a thread: the memories of the instances that it shares with the one that began it."""
        self.threads: dict[str, tuple[int, threading.Thread, Runner]] = {}
        self.defined_spectest = False

    def run(self, commands: Iterable[c.Command], lines: Callable[[int], bool] | None = None) -> None:
        """Runs commands in order; one that fails does not stop the rest."""
        for command in commands:
            is_assertion = type(command).__name__.startswith("Assert")
            if lines is not None and is_assertion and not lines(command.line):
                continue
            try:
                self.execute(command)
            except Mismatch as mismatch:
                self.outcome.failures.append(Failure(command.line, str(mismatch)))
            except RecursionError as error:
                self.outcome.failures.append(Failure(command.line, f"the runner recursed: {error}"))
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
                self.outcome.failures.append(Failure(command.line, reason.splitlines()[0]))
            else:
                self.outcome.passed += 1

    def execute(self, command: c.Command) -> None:
        """Runs one command. Raises `Mismatch`, or what went wrong where the script expects nothing to."""
        match command:
            case c.Module(module=source, definition=True):
                self.definitions[source.name] = self.definitions[None] = self.load(source)
            case c.Module(module=source):
                self.add(source.name, self.instantiate(self.load(source)))
            case c.Instance(name=name, module=module):
                self.add(name, self.instantiate(self.definition(module)))
            case c.Register(as_name=name, module=module):
                self.register(name, module)
            case c.Invoke() | c.Get():
                self.act(command)
            case c.AssertReturn(action=action, results=patterns):
                self.check_return(self.act(action), patterns)
            case c.AssertTrap(action=action, message=message):
                self.expect((Trap,), message, lambda: self.attempt(action))
            case c.AssertExhaustion(action=action, message=message):
                self.expect((Trap,), message, lambda: self.attempt(action))
            case c.AssertException(action=action):
                self.expect((WasmException,), "", lambda: self.act(action))
            case c.AssertMalformed(module=source, message=message):
                self.expect((MalformedError,), message, lambda: self.load(source))
            case c.AssertInvalid(module=source, message=message, custom=custom):
                kinds = (InvalidError, MalformedError) if custom else (InvalidError,)
                self.expect(kinds, message, lambda: self.load(source))
            case c.AssertUnlinkable(module=source, message=message):
                loaded = self.load(source)
                self.expect((LinkError,), message, lambda: self.instantiate(loaded))
            case c.Thread():
                self.start_thread(command)
            case c.Wait(thread=name):
                self.join_thread(name)
            case _:
                raise Mismatch(f"no such command: {type(command).__name__}")

    # --- modules and instances

    def load(self, source: c.ModuleSource) -> Module:
        """Encodes, decodes and validates a module."""
        return Module(self.engine, source.encode())

    def instantiate(self, module: Module) -> Instance:
        """Instantiates a module with what is registered."""
        if not self.defined_spectest and any(one.module == "spectest" for one in module.imports):
            define_spectest(self.linker, self.store)
            self.defined_spectest = True
        return self.linker.instantiate(self.store, module)

    def add(self, name: str | None, instance: Instance) -> None:
        """The new instance is the current one, and has its name."""
        self.instances[None] = self.instances[name] = instance

    def definition(self, name: str | None) -> Module:
        """The module that a definition gave a name to, or the last one defined."""
        if name not in self.definitions:
            raise Mismatch("no module is defined" if name is None else f"no module is defined as ${name}")
        return self.definitions[name]

    def register(self, as_name: str, name: str | None) -> None:
        """What an instance exports can be imported, in a thread also what of it is shared."""
        if name in self.shared:
            for export, memory in self.shared[name].items():
                self.linker.define(as_name, export, memory)
        else:
            self.linker.instance(as_name, self.instance(name))

    def instance(self, name: str | None) -> Instance:
        """The instance of a name, or the current one."""
        if name not in self.instances:
            raise Mismatch("there is no module yet" if name is None else f"no module is called ${name}")
        return self.instances[name]

    # --- actions

    def attempt(self, action: c.Action | c.ModuleSource) -> Any:
        """An action, or the instantiation of a module."""
        if isinstance(action, c.ModuleSource):
            return self.instantiate(self.load(action))
        return self.act(action)

    def act(self, action: c.Command) -> Results:
        """The results of an action, each with its type."""
        if isinstance(action, c.Get):
            item = self.instance(action.module).exports[action.name]
            if not isinstance(item, Global):
                raise Mismatch(f"{action.name} is no global")
            return Results([(item.value, str(item.type.value))])
        assert isinstance(action, c.Invoke)
        function = self.instance(action.module).exports[action.function]
        if not isinstance(function, Func):
            raise Mismatch(f"{action.function} is no function")
        value = function(*(to_python(value, self.hosts) for value in action.arguments))
        types = [str(kind) for kind in function.type.results]
        values = (value,) if len(types) == 1 else value or ()
        return Results(zip(values, types, strict=True))

    # --- judgement

    def check_return(self, results: Results, patterns: tuple[c.Pattern, ...]) -> None:
        """Holds the results of an action against the patterns that are expected."""
        if len(results) != len(patterns):
            raise Mismatch(f"expected {len(patterns)} results, got {len(results)}")
        for at, (pattern, (value, kind)) in enumerate(zip(patterns, results, strict=True)):
            if not has_type(pattern, kind) or not matches(pattern, value, self.hosts):
                which = f"result {at}: " if len(patterns) > 1 else ""
                raise Mismatch(f"{which}expected {written(pattern)}, got {shown(value)} of type {kind}")

    def expect(self, kinds: tuple[type[Exception], ...], message: str, attempt: Callable[[], Any]) -> None:
        """Expects one of the errors, with a message that begins as the script says.

        The suite words invalid and malformed modules by the reference interpreter; what it says behind a
        colon is that interpreter's own, and so is not compared. Of traps and imports a script may say more
        than wasmine: which element is undefined, which import does not fit.
        """
        if Trap not in kinds:
            message = message.partition(":")[0]
        wanted = f"{kinds[0].__name__} {message!r}"
        try:
            result = attempt()
        except kinds as error:
            found = str(getattr(error, "message", error))
            says_more = isinstance(error, Trap | LinkError) and message.startswith(found.partition(":")[0])
            if not found.startswith(message) and not says_more:
                raise Mismatch(f"expected {wanted}, got {found!r}") from error
        except WasmineError as error:
            raise Mismatch(f"expected {wanted}, got {type(error).__name__}: {error}") from error
        else:
            raise Mismatch(
                f"expected {wanted}, got {result if isinstance(result, Results) else shown(result)}"
            )

    # --- threads

    def start_thread(self, command: c.Thread) -> None:
        """Runs commands in a thread, with a store of its own and the memories of the shared modules."""
        child = Runner(self.engine)
        for name in command.shared:
            instance = self.instance(name)
            for export in instance.exports:
                item = instance.exports[export]
                if isinstance(item, Memory):
                    child.shared.setdefault(name, {})[export] = item.share(child.store)
        thread = threading.Thread(target=child.run, args=(command.commands,), name=command.name)
        self.threads[command.name] = command.line, thread, child
        thread.start()

    def join_thread(self, name: str) -> None:
        """Waits for a thread; what failed in it fails here."""
        if name not in self.threads:
            raise Mismatch(f"no thread is called ${name}")
        _, thread, child = self.threads.pop(name)
        thread.join()
        child.store.close()
        self.outcome.passed += child.outcome.passed
        if child.outcome.failures:
            first = child.outcome.failures[0]
            raise Mismatch(f"in thread {name}, line {first.line}: {first.reason}")
