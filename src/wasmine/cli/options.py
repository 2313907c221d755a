"""Command-line options.

A small parser of our own, because argparse takes longer to import than a small program takes to run.
"""

from __future__ import annotations

from wasmine.cli.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FLAG = "flag"
VALUE = "value"
MANY = "many"  # a value, and the option may be given again
OPTIONAL = "optional"  # a value only after "="


def parse_options(
    arguments: list[str], kinds: dict[str, str], *, anywhere: bool = False, known_only: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Split arguments into options and the rest.

    Args:
        arguments: what follows the command.
        kinds: options with their dashes, and for each its kind, one of the constants above.
        anywhere: whether options may follow the first argument that is none. They never follow `--`.
        known_only: whether to end at an unknown option, and leave it in the rest.

    Returns:
        What was given, by the options' names without dashes: True, a string, or a list of them; and the rest.

    Raises:
        UsageError: an option is unknown, lacks its value, has one that it does not take, or was given twice.
    """
    found: dict[str, Any] = {}
    rest: list[str] = []
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        position += 1
        if argument == "--":
            return found, rest + arguments[position:]
        if not argument.startswith("-") or argument == "-":
            if not anywhere:
                return found, arguments[position - 1 :]
            rest.append(argument)
            continue
        name, equals, value = argument.partition("=")
        kind = kinds.get(name)
        if kind is None:
            if known_only:
                return found, arguments[position - 1 :]
            raise UsageError(f"unknown option {name}")
        if kind in (VALUE, MANY) and not equals:
            if position == len(arguments):
                raise UsageError(f"{name} needs a value")
            value = arguments[position]
            position += 1
        elif kind == FLAG and equals:
            raise UsageError(f"{name} takes no value")
        keep(found, name, kind, value)
    return found, rest


def keep(found: dict[str, Any], name: str, kind: str, value: str) -> None:
    """Note one option."""
    key = name.lstrip("-")
    if kind == MANY:
        found.setdefault(key, []).append(value)
    elif key in found and kind != FLAG:
        raise UsageError(f"{name} was given twice")
    else:
        found[key] = True if kind == FLAG else value


def parse_count(text: str, option: str) -> int:
    """Return a number that is not negative."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise UsageError(f"{option} needs a number that is not negative, not {text!r}")
    return value


SUFFIXES = {"": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20}
SUFFIXES |= {"g": 30, "gb": 30, "gib": 30, "t": 40, "tb": 40, "tib": 40}


def parse_size(text: str, option: str) -> int:
    """Return a number of bytes: digits, and K, M, G or T for powers of 1024."""
    number = text.rstrip("BbIiKkMmGgTt")
    shift = SUFFIXES.get(text[len(number) :].lower())
    if shift is None or not number.isascii() or not number.isdigit():
        raise UsageError(f"{option} needs a size such as 65536, 64K or 16M, not {text!r}")
    return int(number) << shift


def parse_seconds(text: str, option: str) -> float:
    """Return a time above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise UsageError(f"{option} needs a number of seconds above 0, not {text!r}")
    return value
