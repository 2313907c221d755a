"""What is wrong with a text, and where."""

from wasmine.spec.errors import MalformedError

_WINDOW = 120  # characters of a long line that are shown around the caret


class TextError(MalformedError, ValueError):
    """A text that is no well-formed module or script.

    `str()` shows the message, the place, the line itself and a caret below the offending token:

        unknown label $out
          --> loop.wat:3:9
          |   br $out
          |      ^
    """

    def __init__(
        self, message: str, line: int, column: int, source_line: str, filename: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        """What is wrong, beginning with the words of the official test suite."""
        self.line = line
        """Line number, from 1."""
        self.column = column
        """Column in characters, from 1."""
        self.source_line = source_line
        """The whole line, without its end."""
        self.filename = filename
        """Name of the file, or None for a text that came from elsewhere."""

    def __str__(self) -> str:
        start = max(0, self.column - 1 - _WINDOW // 2) if len(self.source_line) > _WINDOW else 0
        shown = self.source_line[start : start + _WINDOW]
        before = self.source_line[start : self.column - 1]
        indent = "".join("\t" if character == "\t" else " " for character in before)
        return (
            f"{self.message}\n  --> {self.filename or '<text>'}:{self.line}:{self.column}\n"
            f"  | {shown}\n  | {indent}^"
        )

    def __reduce__(self) -> tuple[object, ...]:
        return TextError, (self.message, self.line, self.column, self.source_line, self.filename)
