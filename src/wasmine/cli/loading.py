"""Modules from files, for all commands."""

from __future__ import annotations

from wasmine.cli.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.api.engine import Engine
    from wasmine.api.module import Module
    from wasmine.spec.errors import ModuleError


def load_module(path: str, engine: Engine | None = None) -> Module:
    """Load the module in a file, binary or text.

    Raises:
        CommandError: the file cannot be read, or holds no valid module.
    """
    from wasmine.api.engine import default_engine
    from wasmine.api.module import Module
    from wasmine.spec.errors import ModuleError

    try:
        return Module(engine or default_engine(), text_in(path) or FilePath(path))
    except OSError as error:
        raise CommandError(error.strerror or str(error), path) from None
    except UnicodeDecodeError:
        raise CommandError("the text is not UTF-8", path) from None
    except ModuleError as error:
        raise CommandError(in_one_line(error), path) from None


def in_one_line(error: ModuleError) -> str:
    """Return what is wrong with a module, with the place if it is a text."""
    line, column = getattr(error, "line", None), getattr(error, "column", None)
    return str(error) if line is None else f"{error.message}: at line {line}, column {column}"


class FilePath:
    """A path, whatever its text looks like."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return self.path


def text_in(path: str) -> str | None:
    """Return the text of a file that begins as the text format does, whatever the file is called."""
    with open(path, "rb") as file:  # noqa: PTH123  # pathlib would cost a start-up's worth of imports
        head = file.read(64).lstrip()
        if not head.startswith((b"(", b";;")):
            return None
        file.seek(0)
        return file.read().decode()
