"""`wasmine print`: binary to text."""

from __future__ import annotations

from wasmine.cli.errors import CommandError, UsageError
from wasmine.cli.options import FLAG, VALUE, parse_options
from wasmine.cli.output import read_input, write_output

HELP = """\
Print a module in the text format.

usage: wasmine print [OPTION...] FILE

options:
  --fold                  nest instructions into one another, as expressions
  --no-names              name things by their indices, not as the section of names says
  -o FILE, --output FILE  where to write; by default standard output

FILE is a binary or a text module, - for standard input. What is printed translates back to the same bytes
(`wasmine wat`). The command is also called `wasmine wasm`.
"""


def main(arguments: list[str]) -> int:
    """Run the command."""
    kinds = {"-o": VALUE, "--output": VALUE, "--no-names": FLAG, "--fold": FLAG}
    options, files = parse_options(arguments, kinds | {"--help": FLAG, "-h": FLAG}, anywhere=True)
    if "help" in options or "h" in options:
        print(HELP, end="")
        return 0
    if len(files) != 1:
        raise UsageError("one FILE is needed")
    text = printed(files[0], fold="fold" in options, names="no-names" not in options)
    write_output(options.get("o") or options.get("output") or "-", text.encode())
    return 0


def printed(path: str, *, fold: bool, names: bool) -> str:
    """Return the text of the module in a file."""
    from wasmine.spec.errors import ModuleError
    from wasmine.text import parse_module, print_module

    source = read_input(path)
    try:
        if source.lstrip()[:1] in (b"(", b";"):
            source = parse_module(source, filename=path)
        return print_module(source, fold=fold, names=names)
    except ModuleError as error:
        raise CommandError(str(error), path) from None
