"""A guest without WebAssembly: calls WASI as compiled code does, with a bytearray for its memory."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wasmine.wasi import abi
from wasmine.wasi.errno import NAMES
from wasmine.wasi.functions import FUNCTIONS, host_function
from wasmine.wasi.system import Wasi

ALL = (1 << 30) - 1
FOLLOW = abi.SYMLINK_FOLLOW


class Failed(Exception):
    """A call has returned an error number."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass
class Stat:
    dev: int
    ino: int
    filetype: int
    nlink: int
    size: int
    atim: int
    mtim: int
    ctim: int


@dataclass
class Entry:
    cookie: int
    ino: int
    filetype: int
    name: str


class Guest:
    """Methods take Python values and return what the call wrote; they raise `Failed` with its name."""

    Failed = Failed

    def __init__(self, **options: Any) -> None:
        self.wasi = Wasi(**options)
        self.memory = bytearray(1 << 16)
        self.wasi.bind(self.memory)
        self.functions = {name: host_function(self.wasi, name) for name in FUNCTIONS}
        self._next = 1024

    def raw(self, name: str, *args: int) -> int:
        """Call with numbers, and return the error number."""
        return self.functions[name](*args)

    def call(self, name: str, *args: int | str | bytes) -> None:
        """Call with numbers; text and bytes become a pointer and a length."""
        self._next = 1024
        numbers: list[int] = []
        for arg in args:
            if isinstance(arg, int):
                numbers.append(arg)
            else:
                data = arg.encode() if isinstance(arg, str) else arg
                numbers += [self.room(data), len(data)]
        error = self.raw(name, *numbers)
        if error:
            raise Failed(NAMES[error])

    def room(self, data: bytes) -> int:
        """Put bytes into the memory and return where."""
        pointer = self._next
        self.memory[pointer : pointer + len(data)] = data
        self._next = (pointer + len(data) + 15) & ~7
        return pointer

    def u32(self, pointer: int = 0) -> int:
        return int.from_bytes(self.memory[pointer : pointer + 4], "little")

    def u64(self, pointer: int = 0) -> int:
        return int.from_bytes(self.memory[pointer : pointer + 8], "little")

    def iovecs(self, *spans: tuple[int, int]) -> int:
        for i, (start, size) in enumerate(spans):
            struct.pack_into("<II", self.memory, 512 + 8 * i, start, size)
        return 512

    def open(
        self,
        path: str,
        oflags: int = 0,
        rights: int = ALL & ~abi.FD_WRITE & ~abi.FD_ALLOCATE & ~abi.FD_FILESTAT_SET_SIZE,
        *,
        fd: int = 3,
        inheriting: int = ALL,
        flags: int = 0,
        lookup: int = 0,
    ) -> int:
        self.call("path_open", fd, lookup, path, oflags, rights, inheriting, flags, 0)
        return self.u32()

    def create(self, path: str, data: bytes = b"", *, flags: int = 0, fd: int = 3) -> int:
        number = self.open(path, abi.O_CREAT, ALL, flags=flags, fd=fd)
        if data:
            self.write(number, data)
        return number

    def close(self, fd: int) -> None:
        self.call("fd_close", fd)

    def write(self, fd: int, *parts: bytes, offset: int | None = None) -> int:
        spans = []
        start = 4096
        for part in parts:
            self.memory[start : start + len(part)] = part
            spans.append((start, len(part)))
            start += len(part)
        where = self.iovecs(*spans)
        if offset is None:
            self.call("fd_write", fd, where, len(spans), 0)
        else:
            self.call("fd_pwrite", fd, where, len(spans), offset, 0)
        return self.u32()

    def read(self, fd: int, *sizes: int, offset: int | None = None) -> bytes:
        spans = []
        start = 4096
        for size in sizes:
            spans.append((start, size))
            start += size
        where = self.iovecs(*spans)
        if offset is None:
            self.call("fd_read", fd, where, len(spans), 0)
        else:
            self.call("fd_pread", fd, where, len(spans), offset, 0)
        return bytes(self.memory[4096 : 4096 + self.u32()])

    def seek(self, fd: int, offset: int, whence: int = 0) -> int:
        self.call("fd_seek", fd, offset, whence, 0)
        return self.u64()

    def tell(self, fd: int) -> int:
        self.call("fd_tell", fd, 0)
        return self.u64()

    def fdstat(self, fd: int) -> tuple[int, int, int, int]:
        """Return filetype, flags, rights and inheriting rights."""
        self.call("fd_fdstat_get", fd, 0)
        return struct.unpack_from("<BxH4xQQ", self.memory, 0)

    def stat(self, where: int | str, *, lookup: int = 0, fd: int = 3) -> Stat:
        if isinstance(where, int):
            self.call("fd_filestat_get", where, 0)
        else:
            self.call("path_filestat_get", fd, lookup, where, 0)
        return Stat(*struct.unpack_from("<QQB7xQQQQQ", self.memory, 0))

    def readdir(self, fd: int, cookie: int = 0, size: int = 4096) -> tuple[list[Entry], int]:
        """Return the entries that are whole, and how many bytes were used."""
        self.call("fd_readdir", fd, 8192, size, cookie, 0)
        used = self.u32()
        found = []
        position = 0
        while position + 24 <= used:
            cookie, ino, length, filetype = struct.unpack_from("<QQIB", self.memory, 8192 + position)
            end = position + 24 + length
            if end > used:
                break
            name = bytes(self.memory[8192 + position + 24 : 8192 + end])
            found.append(Entry(cookie, ino, filetype, name.decode()))
            position = end
        return found, used

    def readlink(self, path: str, size: int = 256, *, fd: int = 3) -> str:
        self.call("path_readlink", fd, path, 8192, size, 0)
        return bytes(self.memory[8192 : 8192 + self.u32()]).decode()

    def symlink(self, target: str, path: str, *, fd: int = 3) -> None:
        data = target.encode()
        self.memory[40000 : 40000 + len(data)] = data
        self.call("path_symlink", 40000, len(data), fd, path)

    def mkdir(self, path: str, *, fd: int = 3) -> None:
        self.call("path_create_directory", fd, path)

    def unlink(self, path: str, *, fd: int = 3) -> None:
        self.call("path_unlink_file", fd, path)

    def rmdir(self, path: str, *, fd: int = 3) -> None:
        self.call("path_remove_directory", fd, path)

    def rename(self, old: str, new: str, *, fd: int = 3, new_fd: int = 3) -> None:
        self.call("path_rename", fd, old, new_fd, new)

    def link(self, old: str, new: str, *, lookup: int = 0) -> None:
        self.call("path_link", 3, lookup, old, 3, new)


@pytest.fixture
def make_guest() -> Iterator[Callable[..., Guest]]:
    """Make guests that are closed at the end."""
    guests: list[Guest] = []

    def make(**options: Any) -> Guest:
        guests.append(Guest(**options))
        return guests[-1]

    yield make
    for guest in guests:
        guest.wasi.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The directory of the host that `guest` has as its descriptor 3; beside it lies a secret."""
    directory = tmp_path / "root"
    directory.mkdir()
    (tmp_path / "secret").write_text("secret")
    return directory


@pytest.fixture
def guest(make_guest: Callable[..., Guest], root: Path) -> Guest:
    """A guest with one directory, called `/`."""
    return make_guest(preopens={"/": root})


class Fails:
    """`with fails("NOENT"):` expects that error, or one of several."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, traceback: object) -> bool:
        assert isinstance(error, Failed), f"expected {self.names}, got {error!r}"
        assert error.name in self.names, f"expected {self.names}, got {error.name}"
        return True


@pytest.fixture
def fails() -> type[Fails]:
    return Fails
