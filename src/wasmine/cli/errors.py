"""What ends a command early, and how it is said."""

from __future__ import annotations

import sys

FAILED = 1
USAGE = 2
INTERRUPTED = 130
TRAPPED = 134
CLOSED_PIPE = 141


class CommandError(Exception):
    """Ends a command with one line on standard error.

    `subject` is what it is about, often a file.
    """

    code = FAILED

    def __init__(self, message: str, subject: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.subject = subject


class UsageError(CommandError):
    """The command line asks for what does not exist or makes no sense."""

    code = USAGE


def report(message: str, subject: str | None = None) -> None:
    """Write one line on standard error, or the few of a message that shows a place in a text."""
    about = f"{subject}: " if subject else ""
    lines = [printable(line) for line in (about + message).split("\n")]
    print("wasmine: error: " + "\n".join(lines), file=sys.stderr)


def printable(text: str) -> str:
    """Return text that a terminal takes for nothing but text, whatever a module calls its parts."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
