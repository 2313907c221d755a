"""`wasmine validate`: check whether files are valid modules."""

from __future__ import annotations

from wasmine.cli.errors import FAILED, CommandError, UsageError, report
from wasmine.cli.loading import load_module
from wasmine.cli.options import FLAG, parse_options

HELP = """\
Check whether files are valid modules.

usage: wasmine validate FILE...

Prints a line for each valid one on standard output, and for each other one on standard error. The exit
code is 1 if there is one that is not valid.
"""


def main(arguments: list[str]) -> int:
    """Run the command."""
    options, files = parse_options(arguments, {"--help": FLAG, "-h": FLAG}, anywhere=True)
    if options:
        print(HELP, end="")
        return 0
    if not files:
        raise UsageError("there is no FILE to check")
    code = 0
    for file in files:
        try:
            load_module(file)
        except CommandError as error:
            report(error.message, error.subject)
            code = FAILED
        else:
            print(f"{file}: valid")
    return code
