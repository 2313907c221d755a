"""`wasmine wast`: run scripts in the format of the official test suite."""

from __future__ import annotations

from wasmine.cli.errors import FAILED, UsageError, printable
from wasmine.cli.options import FLAG, VALUE, parse_count, parse_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.api.config import Config
    from wasmine.script import Outcome

HELP = """\
Run WAST scripts, the format of the official test suite.

usage: wasmine wast [OPTION...] FILE...

options:
  --tier TIER  auto, interp or jit
  --line N     judge only the assertion that begins on line N

Prints FILE:LINE: and the reason for each command that did not do what the script says, and at the end
how many passed and failed. The exit code is 1 if any failed.
"""


def main(arguments: list[str]) -> int:
    """Run the command."""
    kinds = {"--tier": VALUE, "--line": VALUE, "--help": FLAG, "-h": FLAG}
    options, files = parse_options(arguments, kinds, anywhere=True)
    if "help" in options or "h" in options:
        print(HELP, end="")
        return 0
    if not files:
        raise UsageError("there is no FILE to run")
    line = parse_count(options["line"], "--line") if "line" in options else None
    config = engine_config(options.get("tier", "auto"))
    passed = failed = 0
    for file in files:
        outcome = run_file(file, config, line)
        for failure in outcome.failures:
            print(printable(f"{file}:{failure.line}: {failure.reason}"))
        passed += outcome.passed
        failed += len(outcome.failures)
    print(f"{passed} passed, {failed} failed")
    return FAILED if failed else 0


def engine_config(tier: str) -> Config:
    """Return the settings of the scripts' engines."""
    from wasmine.api.config import Config

    try:
        return Config(tier=tier)  # type: ignore[arg-type]
    except ValueError as error:
        raise UsageError(f"--tier: {error}") from None


def run_file(path: str, config: Config, line: int | None) -> Outcome:
    """Run one script. One that cannot be read is a failure of its own."""
    from wasmine.script import Failure, Outcome, run_script
    from wasmine.script.runner import config_for
    from wasmine.text.errors import TextError

    try:
        with open(path, "rb") as file:  # noqa: PTH123
            source = file.read()
        lines = None if line is None else lambda number: number == line
        return run_script(source, path, config=config_for(path, config), lines=lines)
    except OSError as error:
        return Outcome(0, [Failure(0, error.strerror or str(error))])
    except TextError as error:
        return Outcome(0, [Failure(error.line, error.message)])
