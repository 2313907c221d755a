"""`wasmine run`: run a program, or call a function of a module."""

from __future__ import annotations

import sys
import time

from wasmine.cli.errors import TRAPPED, CommandError, UsageError, printable
from wasmine.cli.loading import load_module
from wasmine.cli.options import (
    FLAG,
    MANY,
    OPTIONAL,
    VALUE,
    parse_count,
    parse_options,
    parse_seconds,
    parse_size,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from wasmine.api.engine import Engine
    from wasmine.api.instance import Instance
    from wasmine.api.linker import Linker
    from wasmine.api.module import Module
    from wasmine.api.store import Store
    from wasmine.spec.errors import Trap

HELP = """\
Run a WASI program, or call a function of a module.

usage: wasmine run [OPTION...] FILE [ARGUMENT...]

FILE is a module, binary or text. What follows it is passed on: to the program, or to the function
that --invoke names.

options:
  --invoke NAME       call an exported function, and print each result on a line of its own
  --dir HOST[::GUEST] let the program use a directory, under the name GUEST; can be repeated
  --env NAME[=VALUE]  set a variable of its environment, without =VALUE to what it is here; can be repeated
  --link NAME=FILE    let the module import from another one under that name; can be repeated
  --fuel N            trap after N instructions
  --timeout SECONDS   trap when the call takes longer
  --max-memory SIZE   bytes of memory that it may have, such as 64K or 1G
  --tier TIER         auto, interp (interpret always) or jit (compile always)
  --profile           print to standard error, at the end, what was compiled: when, why, in how long
  --dump-ir[=FUNC]    print the code that the interpreter runs, of one function or of all, and do not run
  --dump-ssa[=FUNC]   the same, as the compiler sees it when it has optimised it
  --dump-asm[=FUNC]   the same, as machine code; needs wasmine[asm]
  --target MACHINE    x64 or arm64: whose code --dump-asm prints, instead of this machine's
"""

OPTIONS = {
    "--help": FLAG,
    "-h": FLAG,
    "--invoke": VALUE,
    "--dir": MANY,
    "--env": MANY,
    "--link": MANY,
    "--fuel": VALUE,
    "--timeout": VALUE,
    "--max-memory": VALUE,
    "--tier": VALUE,
    "--profile": FLAG,
    "--dump-ir": OPTIONAL,
    "--dump-ssa": OPTIONAL,
    "--dump-asm": OPTIONAL,
    "--target": VALUE,
}
MAX_NAMES = 50
TIERS = ("auto", "interp", "jit")
WASI = "wasi_snapshot_preview1"


def main(arguments: list[str]) -> int:
    """Run the command."""
    options, rest = parse_options(arguments, OPTIONS)
    if "help" in options or "h" in options:
        print(HELP, end="")
        return 0
    if not rest:
        raise UsageError("there is no FILE to run")
    path, *rest = rest
    rest = take_late_options(options, rest)
    limits = store_limits(options)
    engine = make_engine(options)
    module = load_module(path, engine)
    for form in ("ir", "ssa", "asm"):
        if f"dump-{form}" in options:
            from wasmine.cli.dump import dump

            return dump(module, form, options[f"dump-{form}"], options.get("target"))
    if "target" in options:
        raise UsageError("--target says what --dump-asm prints")
    if "profile" not in options:
        return run_module(path, module, engine, options, limits, rest)
    from wasmine.cli.profile import print_profile

    start = time.monotonic()
    try:
        return run_module(path, module, engine, options, limits, rest)
    finally:
        print_profile(module, start)


def take_late_options(options: dict[str, Any], rest: list[str]) -> list[str]:
    """Take options that follow FILE, if `--invoke` is among them; return what is left.

    What follows FILE is the program's. But with `--invoke` there is no program, so
    `wasmine run FILE --invoke add 2 40` can only mean one thing.
    """
    if "invoke" in options:
        return rest
    try:
        late, left = parse_options(rest, OPTIONS, known_only=True)
    except UsageError:
        return rest
    if "invoke" not in late:
        return rest
    for name, value in late.items():
        if isinstance(value, list):
            options.setdefault(name, []).extend(value)
        elif name in options:
            raise UsageError(f"--{name} was given twice")
        else:
            options[name] = value
    return left


def store_limits(options: dict[str, Any]) -> dict[str, Any]:
    """Return the limits that were asked for, as `Store` takes them."""
    limits: dict[str, Any] = {}
    if "fuel" in options:
        limits["fuel"] = parse_count(options["fuel"], "--fuel")
    if "timeout" in options:
        limits["timeout"] = parse_seconds(options["timeout"], "--timeout")
    if "max-memory" in options:
        limits["max_memory"] = parse_size(options["max-memory"], "--max-memory")
    return limits


def make_engine(options: dict[str, Any]) -> Engine:
    """Return the engine that was asked for."""
    from wasmine.api.engine import Engine, default_engine
    from wasmine.spec.errors import WasmineError

    tier = options.get("tier", "auto")
    if tier not in TIERS:
        raise UsageError(f"--tier must be one of {', '.join(TIERS)}, not {tier!r}")
    if tier == "auto" and "fuel" not in options:
        return default_engine()
    from wasmine.api.config import Config

    try:
        return Engine(Config(tier=tier, fuel="fuel" in options))
    except WasmineError as error:
        raise UsageError(str(error)) from None


def run_module(
    path: str,
    module: Module,
    engine: Engine,
    options: dict[str, Any],
    limits: dict[str, Any],
    rest: list[str],
) -> int:
    """Instantiate a module with what it needs, and run it."""
    from wasmine.api.linker import Linker
    from wasmine.api.store import Store
    from wasmine.spec.errors import Trap, WasmException

    linker = Linker(engine)
    linked = linked_modules(options, engine)
    if needs_wasi([module, *(other for _, _, other in linked)]):
        define_wasi(linker, path, options, [] if "invoke" in options else rest)
    with Store(engine, **limits) as store:
        try:
            for name, file, other in linked:
                linker.instance(name, instantiate(linker, store, other, file))
            instance = instantiate(linker, store, module, path)
            if "invoke" in options:
                return invoke(instance, options["invoke"], rest)
            return run_command(instance, path)
        except Trap as trap:
            report_trap(trap)
            return TRAPPED
        except WasmException as error:
            print(f"wasmine: uncaught exception: {error}", file=sys.stderr)
            return TRAPPED
        except Exception as error:
            from wasmine.wasi.proc import Exit

            if isinstance(error, Exit):
                return error.code & 0xFF
            raise


def linked_modules(options: dict[str, Any], engine: Engine) -> list[tuple[str, str, Module]]:
    """Return what `--link` asks for: name, file and module."""
    found = []
    for text in options.get("link", []):
        name, equals, file = text.partition("=")
        if not (name and equals and file):
            raise UsageError(f"--link needs NAME=FILE, not {text!r}")
        found.append((name, file, load_module(file, engine)))
    return found


def needs_wasi(modules: list[Module]) -> bool:
    """Whether one of the modules imports WASI."""
    return any(module == WASI for one in modules for module, _ in one._names())


def define_wasi(linker: Linker, path: str, options: dict[str, Any], arguments: list[str]) -> None:
    """Grant what was asked for. The program's own name is that of its file."""
    from wasmine.wasi.link import define_options

    define_options(
        linker,
        {
            "args": [path.rpartition("/")[2], *arguments],
            "env": environment(options),
            "preopens": directories(options),
            "stdin": "inherit",
            "stdout": "inherit",
            "stderr": "inherit",
        },
    )


def environment(options: dict[str, Any]) -> dict[str, str]:
    """Return the variables that `--env` sets. One without a value that is not set here is not set there."""
    import os

    found = {}
    for text in options.get("env", []):
        name, equals, value = text.partition("=")
        if not name:
            raise UsageError(f"--env needs NAME or NAME=VALUE, not {text!r}")
        if equals:
            found[name] = value
        elif name in os.environ:
            found[name] = os.environ[name]
    return found


def directories(options: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the directories that `--dir` grants, as (guest's name, host's path)."""
    import os

    found = []
    for text in options.get("dir", []):
        host, colons, guest = text.partition("::")
        if not host or (colons and not guest):
            raise UsageError(f"--dir needs HOST or HOST::GUEST, not {text!r}")
        if not os.path.isdir(host):  # noqa: PTH112
            raise CommandError("no such directory", host)
        found.append((guest or host, host))
    return found


def instantiate(linker: Linker, store: Store, module: Module, path: str) -> Instance:
    """Instantiate a module, and let it initialise itself if it is a library."""
    from wasmine.spec.errors import LinkError, ResourceError

    try:
        instance = linker.instantiate(store, module)
    except (LinkError, ResourceError) as error:
        raise CommandError(str(error), path) from None
    except OSError as error:
        raise CommandError(error.strerror or str(error), error.filename) from None
    if "_initialize" in instance.exports:
        instance.exports["_initialize"]()
    return instance


def run_command(instance: Instance, path: str) -> int:
    """Run a program to its end."""
    from wasmine.cli.sections import START, sections

    if "_start" in instance.exports:
        instance.exports["_start"]()
    elif not any(section.number == START for section in sections(instance.module.data)):
        names = function_names(instance)
        there = f"call a function with --invoke: {names}" if names else "and no function either"
        raise UsageError(f"it is no program: it exports no _start; {there}", path)
    return 0


def invoke(instance: Instance, name: str, texts: list[str]) -> int:
    """Call a function, and print its results."""
    from wasmine.api.func import Func
    from wasmine.cli.values import format_results, parse_arguments

    function = instance.exports[name] if name in instance.exports else None  # noqa: SIM401  # there is no get()
    if not isinstance(function, Func):
        names = function_names(instance) or "none"
        raise UsageError(f"there is no exported function {name}; exported functions: {names}")
    if texts[:1] == ["--"]:
        texts = texts[1:]
    value = function(*parse_arguments(texts, name, function.type))
    for line in format_results(value, function.type):
        print(line)
    return 0


def function_names(instance: Instance) -> str:
    """Return the names of the functions that an instance exports, and only the first of many."""
    from wasmine.api.types import FuncType

    names = [export.name for export in instance.module.exports if isinstance(export.type, FuncType)]
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more


def report_trap(trap: Trap) -> None:
    """Write a trap and the calls that led to it on standard error, innermost first."""
    sys.stdout.flush()
    print(f"wasmine: trap: {trap}", file=sys.stderr)
    for frame in trap.frames:
        print(f"    {printable(str(frame))}", file=sys.stderr)
