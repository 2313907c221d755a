"""Reading directories."""

from __future__ import annotations

import os

from wasmine.wasi import abi
from wasmine.wasi.descriptors import filetype_of
from wasmine.wasi.memory import check_span, span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.wasi.descriptors import Directory
    from wasmine.wasi.system import Wasi

    Entry = tuple[bytes, int, int]


def fd_readdir(wasi: Wasi, number: int, buffer: int, size: int, cookie: int, result: int) -> None:
    """Write entries of a directory, from the one that `cookie` says.

    As many as the buffer holds; the last may be cut off, and then is the sign that there are more. Cookie 0
    reads the directory anew. Others count entries of that reading, so they stay right whatever is created or
    removed.
    """
    view = wasi.view()
    directory = wasi.files.directory(number, abi.FD_READDIR)
    target = span(view, buffer, size)
    check_span(view, result, 4)
    if cookie == 0 or directory.entries is None:
        directory.entries = read_entries(directory)
    used = 0
    for position in range(cookie, len(directory.entries)):
        name, inode, filetype = directory.entries[position]
        entry = abi.DIRENT.pack(position + 1, inode, len(name), filetype) + name
        fitting = min(len(entry), size - used)
        target[used : used + fitting] = entry[:fitting]
        used += fitting
        if used == size:
            break
    abi.U32.pack_into(view, result, used)


def read_entries(directory: Directory) -> list[Entry]:
    """Return name, inode and filetype of all that is in a directory, `.` and `..` first."""
    fd = directory.fileno()
    inode = os.fstat(fd).st_ino
    # Of the directory above, nobody below is told.
    entries: list[Entry] = [(b".", inode, abi.DIRECTORY), (b"..", inode, abi.DIRECTORY)]
    with os.scandir(fd) as found:
        entries.extend((os.fsencode(entry.name), entry.inode(), entry_type(entry)) for entry in found)
    return entries


def entry_type(entry: os.DirEntry[str]) -> int:
    """Return the filetype of an entry, without following it; most hosts need no further call for it."""
    if entry.is_symlink():
        return abi.SYMBOLIC_LINK
    if entry.is_dir(follow_symlinks=False):
        return abi.DIRECTORY
    if entry.is_file(follow_symlinks=False):
        return abi.REGULAR_FILE
    try:
        return filetype_of(entry.stat(follow_symlinks=False).st_mode)
    except OSError:  # it has gone meanwhile
        return abi.UNKNOWN
