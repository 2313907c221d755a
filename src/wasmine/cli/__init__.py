"""The command line.

A run of a small program is mostly start-up, so modules here import what they need where they need it, and
nothing that is large: neither argparse nor pathlib, re, json or typing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command `wasmine` with its arguments, those of this process when none are given.

    Returns:
        The exit code: that of the guest; 134 after a trap; 1 for a file that is missing or no valid module; 2
        for wrong usage; 130 after Ctrl-C.
    """
    from wasmine.cli.dispatch import dispatch

    if argv is None:
        import sys

        argv = sys.argv[1:]
    return dispatch(list(argv))


def command() -> NoReturn:
    """Be the command `wasmine`: run `main`, and end this process with its exit code.

    The process ends at once. Python would first take apart its modules, one by one; of a short run that is a
    tenth. `python -m wasmine` does it, for what wants to see the end, such as a profiler.
    """
    import os
    import sys

    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # there is none, or it takes no more
        sys.exit(code)
    os._exit(code)
