"""Reading, writing and what else is done with open files."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wasmine.wasi import abi


def open_count() -> Any:
    """Return how many descriptors this process has."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


READ, WRITE, SEEK, TELL = abi.FD_READ, abi.FD_WRITE, abi.FD_SEEK, abi.FD_TELL


def test_write_and_read_back(guest: Any, root: Path) -> None:
    fd = guest.create("f")
    assert guest.write(fd, b"one", b"", b"two") == 6
    assert (root / "f").read_bytes() == b"onetwo"
    assert guest.tell(fd) == 6
    assert guest.read(fd, 10) == b""
    assert guest.seek(fd, 1) == 1
    assert guest.read(fd, 2, 0, 2) == b"netw"
    assert guest.tell(fd) == 5
    assert guest.write(fd) == 0
    assert guest.read(fd) == b""


def test_seek(guest: Any, fails: Any) -> None:
    fd = guest.create("f", b"0123456789")
    assert guest.seek(fd, 3, 0) == 3
    assert guest.seek(fd, 2, 1) == 5
    assert guest.seek(fd, -1, 2) == 9
    assert guest.seek(fd, 100, 1) == 109
    with fails("INVAL"):
        guest.seek(fd, -200, 1)
    with fails("INVAL"):
        guest.seek(fd, 0, 3)
    assert guest.tell(fd) == 109


def test_pread_and_pwrite_leave_the_position(guest: Any, fails: Any) -> None:
    fd = guest.create("f", b"0123456789")
    guest.seek(fd, 4)
    assert guest.read(fd, 2, 2, offset=1) == b"1234"
    assert guest.write(fd, b"ab", b"c", offset=8) == 3
    assert guest.tell(fd) == 4
    assert guest.read(fd, 20, offset=0) == b"01234567abc"
    assert guest.read(fd, 20, offset=100) == b""
    with fails("INVAL"):
        guest.read(fd, 1, offset=1 << 63)
    with fails("INVAL"):
        guest.write(fd, b"x", offset=-1)


def test_append_mode_can_be_left(guest: Any, root: Path) -> None:
    fd = guest.create("f", b"abc", flags=abi.APPEND)
    assert guest.fdstat(fd)[1] == abi.APPEND
    guest.seek(fd, 0)
    guest.write(fd, b"def")
    assert (root / "f").read_bytes() == b"abcdef"
    guest.call("fd_fdstat_set_flags", fd, 0)
    assert guest.fdstat(fd)[1] == 0
    guest.seek(fd, 0)
    guest.write(fd, b"X")
    assert (root / "f").read_bytes() == b"Xbcdef"
    guest.call("fd_fdstat_set_flags", fd, abi.APPEND | abi.NONBLOCK)
    guest.write(fd, b"!")
    assert (root / "f").read_bytes() == b"Xbcdef!"


def test_synchronous_writes_are_settled_when_opening(guest: Any, fails: Any) -> None:
    fd = guest.create("f", flags=abi.SYNC | abi.DSYNC)
    assert guest.fdstat(fd)[1] == abi.SYNC | abi.DSYNC
    guest.write(fd, b"x")
    with fails("INVAL"):
        guest.call("fd_fdstat_set_flags", fd, 0)
    guest.call("fd_fdstat_set_flags", fd, abi.SYNC | abi.DSYNC | abi.APPEND)
    with fails("INVAL"):
        guest.call("fd_fdstat_set_flags", fd, 1 << 10)


def test_size_and_allocation(guest: Any, fails: Any) -> None:
    fd = guest.create("f", b"abc")
    guest.call("fd_filestat_set_size", fd, 100)
    assert guest.stat(fd).size == 100
    guest.call("fd_filestat_set_size", fd, 2)
    guest.call("fd_allocate", fd, 0, 10)
    assert guest.stat(fd).size == 10
    guest.call("fd_allocate", fd, 2, 3)
    assert guest.stat(fd).size == 10
    guest.call("fd_allocate", fd, 8, 12)
    assert guest.stat(fd).size == 20
    assert guest.read(fd, 10, offset=0) == b"ab" + bytes(8)
    for offset, size in ((0, 0), (1 << 63, 1), (0, 1 << 63)):
        with fails("INVAL", "FBIG"):
            guest.call("fd_allocate", fd, offset, size)
    with fails("INVAL"):
        guest.call("fd_filestat_set_size", fd, 1 << 63)


def test_advice_is_taken_and_checked(guest: Any, fails: Any) -> None:
    fd = guest.create("f", b"abc")
    for advice in range(6):
        guest.call("fd_advise", fd, 0, 10, advice)
    with fails("INVAL"):
        guest.call("fd_advise", fd, 0, 10, 6)
    with fails("INVAL"):
        guest.call("fd_advise", fd, 1 << 63, 10, 0)
    with fails("ISDIR", "BADF"):
        guest.call("fd_advise", 3, 0, 10, 0)
    assert guest.stat(fd).size == 3


def test_sync(guest: Any) -> None:
    fd = guest.create("f", b"abc")
    guest.call("fd_sync", fd)
    guest.call("fd_datasync", fd)
    guest.call("fd_sync", 3)


def test_filestat(guest: Any, root: Path) -> None:
    fd = guest.create("f", b"abc")
    os.link(root / "f", root / "g")
    real = (root / "f").stat()
    found = guest.stat(fd)
    assert found == guest.stat("g")
    assert (found.dev, found.ino, found.nlink, found.size) == (real.st_dev, real.st_ino, 2, 3)
    assert (found.atim, found.mtim, found.ctim) == (real.st_atime_ns, real.st_mtime_ns, real.st_ctime_ns)
    assert found.filetype == abi.REGULAR_FILE
    assert guest.stat(3).filetype == abi.DIRECTORY


def test_times(guest: Any, fails: Any) -> None:
    fd = guest.create("f")
    before = guest.stat(fd)
    guest.call("fd_filestat_set_times", fd, 5, 123_456_789_012, abi.MTIM)
    assert guest.stat(fd).mtim == 123_456_789_012
    assert guest.stat(fd).atim == before.atim
    guest.call("fd_filestat_set_times", fd, 77, 5, abi.ATIM)
    assert (guest.stat(fd).atim, guest.stat(fd).mtim) == (77, 123_456_789_012)
    guest.call("fd_filestat_set_times", fd, 0, 0, abi.ATIM_NOW | abi.MTIM_NOW)
    assert abs(guest.stat(fd).mtim - time.time_ns()) < 5_000_000_000
    for which in (abi.ATIM | abi.ATIM_NOW, abi.MTIM | abi.MTIM_NOW, 16):
        with fails("INVAL"):
            guest.call("fd_filestat_set_times", fd, 1, 1, which)


def test_rights_are_those_asked_for_and_can_only_shrink(guest: Any, fails: Any) -> None:
    guest.close(guest.create("f", b"abc"))
    fd = guest.open("f", 0, READ | SEEK | TELL | abi.PATH_OPEN | abi.SOCK_ACCEPT)
    assert guest.fdstat(fd) == (abi.REGULAR_FILE, 0, READ | SEEK | TELL, 0)
    with fails("NOTCAPABLE"):
        guest.write(fd, b"x")
    with fails("NOTCAPABLE"):
        guest.call("fd_filestat_set_size", fd, 0)
    with fails("NOTCAPABLE"):
        guest.call("fd_fdstat_set_rights", fd, READ | WRITE, 0)
    guest.call("fd_fdstat_set_rights", fd, TELL, 0)
    calls: list[Callable[[], Any]] = [
        lambda: guest.read(fd, 1),
        lambda: guest.seek(fd, 1),
        lambda: guest.stat(fd),
    ]
    for call in calls:
        with fails("NOTCAPABLE"):
            call()
    assert guest.tell(fd) == guest.seek(fd, 0, 1) == 0
    with fails("NOTCAPABLE"):
        guest.call("fd_fdstat_set_rights", fd, TELL | SEEK, 0)


def test_writing_only(guest: Any, fails: Any) -> None:
    guest.close(guest.create("f", b"abc"))
    fd = guest.open("f", 0, WRITE)
    assert guest.write(fd, b"X") == 1
    with fails("NOTCAPABLE"):
        guest.read(fd, 1)


def test_a_directory_cannot_be_used_as_a_file(guest: Any, fails: Any) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: guest.read(3, 1),
        lambda: guest.write(3, b"x"),
        lambda: guest.read(3, 1, offset=0),
        lambda: guest.write(3, b"x", offset=0),
        lambda: guest.seek(3, 0, 0),
        lambda: guest.seek(3, 0, 1),
        lambda: guest.seek(3, 0, 2),
        lambda: guest.tell(3),
        lambda: guest.call("fd_allocate", 3, 0, 1),
        lambda: guest.call("fd_filestat_set_size", 3, 0),
    ]
    for call in calls:
        with fails("ISDIR"):
            call()


def test_preopened_directories_have_names(make_guest: Any, root: Path, fails: Any) -> None:
    guest = make_guest(preopens=[("/data", root), ("ro", root, True)])
    for fd, name in ((3, b"/data"), (4, b"ro")):
        guest.call("fd_prestat_get", fd, 0)
        assert (guest.memory[0], guest.u32(4)) == (0, len(name))
        guest.memory[64:80] = b"." * 16
        guest.call("fd_prestat_dir_name", fd, 64, 16)
        assert guest.memory[64:80] == name.ljust(16, b".")
        with fails("NAMETOOLONG"):
            guest.call("fd_prestat_dir_name", fd, 64, len(name) - 1)
    for fd in (0, 5):
        with fails("BADF"):
            guest.call("fd_prestat_get", fd, 0)
    fd = guest.open(".", abi.O_DIRECTORY)
    with fails("BADF"):
        guest.call("fd_prestat_get", fd, 0)


def test_rights_of_a_directory(guest: Any) -> None:
    filetype, flags, rights, inheriting = guest.fdstat(3)
    assert (filetype, flags) == (abi.DIRECTORY, 0)
    assert rights == abi.DIRECTORY_RIGHTS
    assert not rights & (SEEK | abi.FD_FILESTAT_SET_SIZE)
    assert inheriting == abi.DIRECTORY_RIGHTS | abi.FILE_RIGHTS


def test_closing_and_reusing_numbers(guest: Any, fails: Any) -> None:
    first, second = guest.create("a"), guest.create("b")
    assert (first, second) == (4, 5)
    guest.close(first)
    with fails("BADF"):
        guest.close(first)
    with fails("BADF"):
        guest.fdstat(first)
    assert guest.create("c") == 4
    guest.close(3)
    with fails("BADF"):
        guest.create("d")
    guest.write(second, b"still open")


def test_renumber(guest: Any, fails: Any) -> None:
    a, b = guest.create("a", b"a"), guest.create("b", b"b")
    before = guest.fdstat(a)
    guest.call("fd_renumber", a, b)
    with fails("BADF"):
        guest.close(a)
    assert guest.fdstat(b) == before
    assert guest.read(b, 9, offset=0) == b"a"
    for source, target in ((a, b), (b, a), (b, 99)):
        with fails("BADF"):
            guest.call("fd_renumber", source, target)
    guest.call("fd_renumber", b, b)
    assert guest.read(b, 9, offset=0) == b"a"
    directory = guest.open(".", abi.O_DIRECTORY)
    guest.call("fd_renumber", directory, 3)
    guest.close(guest.create("c"))
    guest.call("fd_renumber", 0, b)
    with fails("BADF"):
        guest.fdstat(0)


def test_renumbering_closes_the_host_descriptor(guest: Any) -> None:
    open_before = open_count()
    a, b = guest.create("a"), guest.create("b")
    guest.call("fd_renumber", a, b)
    guest.close(b)
    assert open_count() == open_before


def test_descriptors_are_limited(make_guest: Any, root: Path, fails: Any) -> None:
    guest = make_guest(preopens={"/": root}, max_descriptors=6)
    fds = [guest.create("a"), guest.create("b")]
    open_before = open_count()
    with fails("MFILE"):
        guest.create("c")
    assert not (root / "c").exists()
    assert open_count() == open_before
    guest.close(fds[0])
    guest.create("c")


def test_closing_the_system_closes_everything(make_guest: Any, root: Path) -> None:
    open_before = open_count()
    guest = make_guest(preopens={"/": root})
    guest.create("a")
    guest.open(".", abi.O_DIRECTORY)
    assert open_count() == open_before + 3
    guest.wasi.close()
    assert open_count() == open_before


def test_more_buffers_than_a_host_call_takes(guest: Any, root: Path) -> None:
    fd = guest.create("f")
    count = 3000
    guest.memory[40000] = ord("x")
    for i in range(count):
        guest.memory[8192 + 8 * i : 8200 + 8 * i] = (40000).to_bytes(4, "little") + (1).to_bytes(4, "little")
    guest.call("fd_write", fd, 8192, count, 0)
    assert guest.u32() == 1024
    assert (root / "f").stat().st_size == 1024


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_errors_of_the_host_arrive(make_guest: Any, fails: Any) -> None:
    guest = make_guest(stdout="/dev/full")
    with fails("NOSPC"):
        guest.write(1, b"x")
