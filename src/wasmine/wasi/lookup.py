"""Finding what a guest's path means, without ever leaving the directory that it starts from.

A path is resolved here, one component after the other, each relative to an open descriptor of the directory
before it and none by following a symbolic link: the host never sees more than one name. Links are expanded
into the components that they stand for. `..` goes back to the descriptor that we came from, so that whatever
anybody renames or replaces meanwhile, the walk stays at or below its start. What the last name means is left
to the caller, which acts on it relative to the last directory; that does not follow links either.

Absolute paths, links to absolute paths, and `..` at the start are NOTCAPABLE.
"""

from __future__ import annotations

import os
from errno import EINVAL, ELOOP, EMLINK

from wasmine.wasi.errno import LOOP, NAMETOOLONG, NOTCAPABLE, NOTDIR, Fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

MAX_LINKS = 40
MAX_PENDING = 8192
"""Components that a path may have once links are expanded."""

MAX_HELD = 64
"""Directories that are held open for `..`. Deeper paths work, but do not go back past what was let go."""

LINK_ERRORS = (ELOOP, EMLINK)
"""What systems say when O_NOFOLLOW meets a link."""

# With O_PATH, to pass through a directory needs no more than the right to search it.
STEP = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Lookup:
    """The place that a path names: `name`, which may be `.`, in the directory `parent`.

    `slash` says that the path ended in a slash, so that a directory is meant. To be used with `with`, which
    closes what was opened on the way.
    """

    __slots__ = ("_held", "_links", "_lost", "_root", "name", "slash")

    def __init__(self, root: int, path: bytes) -> None:
        self._root = root
        self._held: list[int] = []
        self._lost = False
        self._links = 0
        self.name = b"."
        self.slash = False
        try:
            self._walk(path)
        except BaseException:
            self.close()
            raise

    @property
    def parent(self) -> int:
        """Descriptor of the directory that `name` is in."""
        return self._held[-1] if self._held else self._root

    def follow(self) -> bool:
        """If `name` is a symbolic link, go on to what it stands for. Return whether it is one."""
        target = self._read_link(self.name)
        if target is None:
            return False
        slash = self.slash
        self._walk(target)
        self.slash |= slash
        return True

    def close(self) -> None:
        """Close the directories that were opened on the way."""
        while self._held:
            os.close(self._held.pop())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _walk(self, path: bytes) -> None:
        """Go along all of `path` but the last name."""
        pending = self._components(path)
        self.slash = path.endswith((b"/", b"/."))
        self.name = b"."
        while pending:
            name = pending.pop()
            if name == b"..":
                self._leave()
            elif not pending:
                self.name = name
            elif not self._enter(name):
                target = self._read_link(name)
                if target is None:
                    raise Fail(NOTDIR)
                pending += self._components(target)
                if len(pending) > MAX_PENDING:
                    raise Fail(NAMETOOLONG)

    @staticmethod
    def _components(path: bytes) -> list[bytes]:
        """Return the names in a path, last first, without those that mean nothing."""
        if path.startswith(b"/"):
            raise Fail(NOTCAPABLE)
        return [name for name in reversed(path.split(b"/")) if name not in (b"", b".")]

    def _enter(self, name: bytes) -> bool:
        """Open a directory below the current one; return False when that is no directory."""
        try:
            fd = os.open(name, STEP, dir_fd=self.parent)
        except NotADirectoryError:
            return False
        except OSError as error:
            if error.errno in LINK_ERRORS:
                return False
            raise
        self._held.append(fd)
        if len(self._held) > MAX_HELD:
            os.close(self._held.pop(0))
            self._lost = True
        return True

    def _leave(self) -> None:
        """Go back to the directory that the current one was entered from."""
        if not self._held or (self._lost and len(self._held) == 1):
            raise Fail(NAMETOOLONG if self._lost else NOTCAPABLE)
        os.close(self._held.pop())

    def _read_link(self, name: bytes) -> bytes | None:
        """Return what a symbolic link stands for, or None when `name` is none."""
        try:
            target = os.readlink(name, dir_fd=self.parent)
        except OSError as error:
            if error.errno == EINVAL:
                return None
            raise
        self._links += 1
        if self._links > MAX_LINKS:
            raise Fail(LOOP)
        return target
