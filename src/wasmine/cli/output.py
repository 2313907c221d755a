"""Where commands that translate write to."""

from __future__ import annotations

import sys

from wasmine.cli.errors import CommandError


def write_output(path: str, content: bytes) -> None:
    """Write to a file, or to standard output for `-`.

    Raises:
        CommandError: the file cannot be written.
    """
    if path == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    try:
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(content)
    except OSError as error:
        raise CommandError(error.strerror or str(error), path) from None


def read_input(path: str) -> bytes:
    """Read a file, or standard input for `-`.

    Raises:
        CommandError: the file cannot be read.
    """
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError as error:
        raise CommandError(error.strerror or str(error), path) from None
