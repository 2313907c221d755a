"""`wasmine wat`: text to binary."""

from __future__ import annotations

from wasmine.cli.errors import CommandError, UsageError
from wasmine.cli.options import FLAG, VALUE, parse_options
from wasmine.cli.output import read_input, write_output

HELP = """\
Translate a module from the text format to the binary one.

usage: wasmine wat FILE [-o OUT.wasm]

options:
  -o FILE, --output FILE  where to write, - for standard output; by default beside FILE, as .wasm
  --no-names              write no section of names
  --no-validate           translate what is no valid module, too

FILE is - for standard input.
"""


def main(arguments: list[str]) -> int:
    """Run the command."""
    kinds = {"-o": VALUE, "--output": VALUE, "--no-names": FLAG, "--no-validate": FLAG}
    options, files = parse_options(arguments, kinds | {"--help": FLAG, "-h": FLAG}, anywhere=True)
    if "help" in options or "h" in options:
        print(HELP, end="")
        return 0
    if len(files) != 1:
        raise UsageError("one FILE is needed")
    path = files[0]
    binary = translate(path, names="no-names" not in options)
    if "no-validate" not in options:
        check(path, binary)
    write_output(options.get("o") or options.get("output") or beside(path), binary)
    return 0


def translate(path: str, *, names: bool) -> bytes:
    """Return the binary of the module in a text file."""
    from wasmine.text import TextError, parse_module

    try:
        return parse_module(read_input(path), filename=path, names=names)
    except TextError as error:
        raise CommandError(str(error), None if path in str(error) else path) from None


def check(path: str, binary: bytes) -> None:
    """Refuse what is no valid module."""
    from wasmine.api.module import Module
    from wasmine.spec.errors import ModuleError

    try:
        Module.validate(binary)
    except ModuleError as error:
        raise CommandError(str(error), path) from None


def beside(path: str) -> str:
    """Return the name of the output that belongs to an input."""
    if path == "-":
        return "-"
    stem = path.removesuffix(".wat")
    return f"{stem}.wasm"
