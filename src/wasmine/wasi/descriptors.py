"""What a guest's descriptors stand for, files and directories of the host; the table that numbers them."""
# ruff: noqa: D102  # a method that overrides does what `Descriptor` says

from __future__ import annotations

import os
import stat

from wasmine.wasi import abi
from wasmine.wasi.errno import AGAIN, BADF, INVAL, ISDIR, MFILE, NOTCAPABLE, NOTDIR, NOTSUP, SPIPE, Fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Times = tuple[int, int]

SYNC_FLAGS = abi.DSYNC | abi.RSYNC | abi.SYNC
SEEKABLE = (abi.REGULAR_FILE, abi.BLOCK_DEVICE, abi.DIRECTORY)


class Descriptor:
    """One open file, with the rights to it. A kind of file overrides what it can do.

    `rights` is for the descriptor itself, `inheriting` for what is opened through it. `flags` are fdflags.
    """

    __slots__ = ("filetype", "flags", "inheriting", "rights")

    def __init__(self, filetype: int, rights: int, inheriting: int = 0, flags: int = 0) -> None:
        self.filetype = filetype
        self.rights = rights
        self.inheriting = inheriting
        self.flags = flags

    def fileno(self) -> int | None:
        """Return the host's descriptor, or None when there is nothing to wait for."""
        return None

    def read(self, targets: Sequence[memoryview]) -> int:
        """Fill buffers from the current position, and return how many bytes came; 0 is the end."""
        raise Fail(BADF)

    def write(self, parts: Sequence[memoryview]) -> int:
        """Write buffers at the current position, and return how many bytes went."""
        raise Fail(BADF)

    def pread(self, targets: Sequence[memoryview], offset: int) -> int:
        """Fill buffers from `offset`; the current position stays."""
        raise Fail(SPIPE)

    def pwrite(self, parts: Sequence[memoryview], offset: int) -> int:
        """Write buffers at `offset`; the current position stays."""
        raise Fail(SPIPE)

    def seek(self, offset: int, whence: int) -> int:
        """Move the current position, and return it."""
        raise Fail(SPIPE)

    def stat(self) -> os.stat_result | None:
        """Return what the host knows of the file, or None when it is no file of the host."""
        return None

    def sync(self, data_only: bool) -> None:
        """Wait until what was written is on the medium."""

    def set_times(self, times: Times) -> None:
        """Set the times of access and modification, in nanoseconds."""
        raise Fail(BADF)

    def set_flags(self, flags: int) -> None:
        """Change the fdflags. Whether writes are synchronous is settled when a file is opened."""
        if (flags ^ self.flags) & SYNC_FLAGS:
            raise Fail(INVAL)
        self.flags = flags

    def close(self) -> None:
        """Close the host's descriptor, if it is ours."""


class HostFile(Descriptor):
    """A file of the host that is no directory."""

    __slots__ = ("_fd", "owned")

    def __init__(self, fd: int, rights: int, flags: int = 0, *, owned: bool = True) -> None:
        self._fd = fd
        self.owned = owned
        mode = os.fstat(fd).st_mode
        super().__init__(filetype_of(mode), rights & file_rights(fd, mode), 0, flags)

    def fileno(self) -> int:
        return self._fd

    def read(self, targets: Sequence[memoryview]) -> int:
        return os.readv(self._fd, targets)

    def write(self, parts: Sequence[memoryview]) -> int:
        return os.writev(self._fd, parts)

    def pread(self, targets: Sequence[memoryview], offset: int) -> int:
        return os.preadv(self._fd, targets, offset)

    def pwrite(self, parts: Sequence[memoryview], offset: int) -> int:
        return os.pwritev(self._fd, parts, offset)

    def seek(self, offset: int, whence: int) -> int:
        return os.lseek(self._fd, offset, whence)

    def stat(self) -> os.stat_result:
        return os.fstat(self._fd)

    def sync(self, data_only: bool) -> None:
        if data_only:
            os.fdatasync(self._fd)
        else:
            os.fsync(self._fd)

    def set_times(self, times: Times) -> None:
        os.utime(self._fd, ns=times)

    def set_flags(self, flags: int) -> None:
        super().set_flags(flags)
        set_host_flags(self._fd, flags)

    def truncate(self, size: int) -> None:
        """Make the file `size` bytes long."""
        os.ftruncate(self._fd, size)

    def allocate(self, offset: int, size: int) -> None:
        """Make room for a range of bytes, and the file long enough to hold it."""
        if not hasattr(os, "posix_fallocate"):
            raise Fail(NOTSUP)
        os.posix_fallocate(self._fd, offset, size)

    def close(self) -> None:
        if self._fd >= 0 and self.owned:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def __del__(self) -> None:
        if hasattr(self, "_fd"):
            self.close()


class Stdio(HostFile):
    """One of the three standard descriptors of this process.

    Others use the same open file, a terminal above all, so the fdflags of the guest are kept to ourselves.
    """

    __slots__ = ("flush",)

    def __init__(self, fd: int, rights: int, stream: object = None) -> None:
        super().__init__(fd, rights, host_flags(fd), owned=False)
        self.flush = getattr(stream, "flush", None)

    def read(self, targets: Sequence[memoryview]) -> int:
        self.check_blocking(for_reading=True)
        return os.readv(self._fd, targets)

    def write(self, parts: Sequence[memoryview]) -> int:
        if self.flush is not None:
            self.flush()  # what Python printed before comes before
        self.check_blocking(for_reading=False)
        return os.writev(self._fd, parts)

    def set_flags(self, flags: int) -> None:
        Descriptor.set_flags(self, flags)

    def check_blocking(self, for_reading: bool) -> None:
        """Raise AGAIN when the guest does not want to wait and would have to."""
        if self.flags & abi.NONBLOCK and self.filetype != abi.REGULAR_FILE:
            import select

            poll = select.poll()
            poll.register(self._fd, select.POLLIN if for_reading else select.POLLOUT)
            if not poll.poll(0):
                raise Fail(AGAIN)


class Directory(Descriptor):
    """A directory of the host, which paths of the guest start from and never leave."""

    __slots__ = ("_fd", "entries", "name", "readonly")

    def __init__(
        self,
        fd: int,
        rights: int = abi.DIRECTORY_RIGHTS,
        inheriting: int = abi.INHERITING_RIGHTS,
        flags: int = 0,
        *,
        name: bytes | None = None,
        readonly: bool = False,
    ) -> None:
        self._fd = fd
        super().__init__(abi.DIRECTORY, rights & abi.DIRECTORY_RIGHTS, inheriting, flags)
        self.name = name
        self.readonly = readonly
        self.entries: list[tuple[bytes, int, int]] | None = None

    def fileno(self) -> int:
        return self._fd

    def read(self, targets: Sequence[memoryview]) -> int:
        raise Fail(ISDIR)

    def write(self, parts: Sequence[memoryview]) -> int:
        raise Fail(ISDIR)

    def pread(self, targets: Sequence[memoryview], offset: int) -> int:
        raise Fail(ISDIR)

    def pwrite(self, parts: Sequence[memoryview], offset: int) -> int:
        raise Fail(ISDIR)

    def seek(self, offset: int, whence: int) -> int:
        raise Fail(ISDIR)

    def stat(self) -> os.stat_result:
        return os.fstat(self._fd)

    def sync(self, data_only: bool) -> None:
        os.fsync(self._fd)

    def set_times(self, times: Times) -> None:
        os.utime(self._fd, ns=times)

    def close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def __del__(self) -> None:
        if hasattr(self, "_fd"):
            self.close()


class Table:
    """The descriptors of one guest, by number."""

    __slots__ = ("_files", "limit")

    def __init__(self, limit: int) -> None:
        self._files: dict[int, Descriptor] = {}
        self.limit = limit

    def add(self, file: Descriptor) -> int:
        """Give `file` the lowest free number."""
        files = self._files
        if len(files) >= self.limit:
            file.close()
            raise Fail(MFILE)
        number = 0
        while number in files:
            number += 1
        files[number] = file
        return number

    def check_room(self) -> None:
        """Raise MFILE when `add` would."""
        if len(self._files) >= self.limit:
            raise Fail(MFILE)

    def get(self, number: int, rights: int = 0) -> Descriptor:
        """Return the descriptor of that number, which must have all of `rights`."""
        file = self._files.get(number)
        if file is None:
            raise Fail(BADF)
        if rights & ~file.rights:
            # A directory is said to be one where the right is for files only.
            unfit = file.filetype == abi.DIRECTORY and not rights & abi.DIRECTORY_RIGHTS
            raise Fail(ISDIR if unfit else NOTCAPABLE)
        return file

    def seekable(self, number: int, rights: int) -> Descriptor:
        """Return a descriptor that has a position."""
        file = self.get(number)
        if file.filetype not in SEEKABLE and not file.rights & (abi.FD_SEEK | abi.FD_TELL):
            raise Fail(SPIPE)
        return self.get(number, rights)

    def file(self, number: int, rights: int) -> HostFile:
        """Return a file of the host that is no directory."""
        file = self.get(number, rights)
        if not isinstance(file, HostFile):
            raise Fail(ISDIR if isinstance(file, Directory) else BADF)
        return file

    def directory(self, number: int, rights: int) -> Directory:
        """Return a directory."""
        file = self.get(number)
        if not isinstance(file, Directory):
            raise Fail(NOTDIR)
        if rights & ~file.rights:
            raise Fail(NOTCAPABLE)
        return file

    def renumber(self, source: int, target: int) -> None:
        """Let `target` be what `source` was; close what `target` was. Both must be open."""
        file = self.get(source)
        old = self.get(target)
        if source != target:
            del self._files[source]
            self._files[target] = file
            old.close()

    def close(self, number: int) -> None:
        """Close one descriptor. It is closed even when the host reports an error of earlier writes."""
        file = self._files.pop(number, None)
        if file is None:
            raise Fail(BADF)
        file.close()

    def close_all(self) -> None:
        """Close all of them."""
        files, self._files = self._files, {}
        for file in files.values():
            file.close()


def filetype_of(mode: int) -> int:
    """Return the filetype for the host's mode bits. WASI has none for a pipe."""
    if stat.S_ISREG(mode):
        return abi.REGULAR_FILE
    if stat.S_ISDIR(mode):
        return abi.DIRECTORY
    if stat.S_ISLNK(mode):
        return abi.SYMBOLIC_LINK
    if stat.S_ISCHR(mode):
        return abi.CHARACTER_DEVICE
    if stat.S_ISBLK(mode):
        return abi.BLOCK_DEVICE
    if stat.S_ISSOCK(mode):
        return abi.SOCKET_STREAM
    return abi.UNKNOWN


def file_rights(fd: int, mode: int) -> int:
    """Return the rights that mean something for an open file with the host's mode bits."""
    if stat.S_ISREG(mode) or stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and not os.isatty(fd)):
        return abi.FILE_RIGHTS
    return abi.FILE_RIGHTS & ~(abi.FD_SEEK | abi.FD_TELL | abi.FD_ALLOCATE | abi.FD_ADVISE)


def host_flags(fd: int) -> int:
    """Return the fdflags that a descriptor of the host has already."""
    import fcntl

    host = fcntl.fcntl(fd, fcntl.F_GETFL)
    return (abi.APPEND if host & os.O_APPEND else 0) | (abi.NONBLOCK if host & os.O_NONBLOCK else 0)


def set_host_flags(fd: int, flags: int) -> None:
    """Make an open file append or not, and wait or not."""
    import fcntl

    host = fcntl.fcntl(fd, fcntl.F_GETFL) & ~(os.O_APPEND | os.O_NONBLOCK)
    host |= (os.O_APPEND if flags & abi.APPEND else 0) | (os.O_NONBLOCK if flags & abi.NONBLOCK else 0)
    fcntl.fcntl(fd, fcntl.F_SETFL, host)
