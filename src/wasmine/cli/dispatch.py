"""From the command line to a command."""

from __future__ import annotations

import os
import sys

from wasmine.cli.errors import CLOSED_PIPE, FAILED, INTERRUPTED, USAGE, CommandError, UsageError, report

HELP = """\
WebAssembly on the command line.

usage: wasmine [run] [OPTION...] FILE [ARGUMENT...]
       wasmine COMMAND ...

commands:
  run        run a program, or call a function of a module (the default)
  inspect    show what a module imports, exports and contains
  validate   check whether files are valid modules
  features   list the features of WebAssembly
  wat        translate a module from text to binary
  print      print a module as text
  wast       run scripts of the test suite's format

options:
  --help     this text; for a command: wasmine COMMAND --help
  --version  the version

exit codes: those of the program; 134 after a trap; 1 for a file that is missing or no valid module;
2 for wrong usage
"""

COMMANDS = ("run", "inspect", "validate", "features", "wat", "print", "wast")
ALIASES = {"wasm": "print"}
"""Each is a module of this package with `main(arguments) -> int` and `HELP`."""


def dispatch(argv: list[str]) -> int:
    """Run a command, report what goes wrong, and return the exit code."""
    if sys.stdout is None:  # closed by who started us
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  # until the end; pathlib is large
    elif hasattr(sys.stdout, "reconfigure"):  # a name may be more than the terminal's encoding has
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = choose(argv)
        sys.stdout.flush()
        return code
    except CommandError as error:
        report(error.message, error.subject)
        if isinstance(error, UsageError):
            print("See wasmine --help.", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        forget_output()
        return CLOSED_PIPE
    except OSError as error:  # of files, commands make errors of their own
        forget_output()
        report(error.strerror or str(error), "standard output")
        return FAILED


def choose(argv: list[str]) -> int:
    """Find the command and run it."""
    name = argv[0] if argv else ""
    if name in ("", "-h", "--help", "help"):
        print(HELP, end="", file=sys.stdout if name else sys.stderr)
        return 0 if name else USAGE
    if name in ("-V", "--version"):
        from wasmine import __version__

        print(f"wasmine {__version__}")
        return 0
    if name not in COMMANDS and name not in ALIASES:
        return run_command("run", argv)
    return run_command(name, argv[1:])


def run_command(name: str, arguments: list[str]) -> int:
    """Run a command by its name."""
    module = __import__(f"wasmine.cli.{ALIASES.get(name, name)}", fromlist=["main"])
    code: int = module.main(arguments)
    return code


def forget_output() -> None:
    """Let Python not fail again when it flushes standard output at the end."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
    except (OSError, ValueError):
        pass
