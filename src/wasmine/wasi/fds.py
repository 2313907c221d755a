"""What is done with descriptors."""

from __future__ import annotations

import os

from wasmine.wasi import abi
from wasmine.wasi.descriptors import Descriptor, Directory, filetype_of
from wasmine.wasi.errno import BADF, INVAL, NAMETOOLONG, NOTCAPABLE, ROFS, Fail
from wasmine.wasi.memory import buffers, check_span, span
from wasmine.wasi.poll import wait_for_input

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.wasi.system import Wasi

MAX_OFFSET = (1 << 63) - 1
MAX_ADVICE = 5
WHENCE = (os.SEEK_SET, os.SEEK_CUR, os.SEEK_END)


# Bytes


def fd_read(wasi: Wasi, number: int, parts: int, count: int, result: int) -> None:
    """Read into buffers, and write how many bytes came."""
    view = wasi.view()
    file = wasi.files.get(number, abi.FD_READ)
    check_span(view, result, 4)
    targets = buffers(view, parts, count)
    if file.filetype != abi.REGULAR_FILE and targets:
        wait_for_input(wasi, file)
    abi.U32.pack_into(view, result, file.read(targets))


def fd_write(wasi: Wasi, number: int, parts: int, count: int, result: int) -> None:
    """Write buffers, and write how many bytes went."""
    view = wasi.view()
    file = wasi.files.get(number, abi.FD_WRITE)
    check_span(view, result, 4)
    abi.U32.pack_into(view, result, file.write(buffers(view, parts, count)))


def fd_pread(wasi: Wasi, number: int, parts: int, count: int, offset: int, result: int) -> None:
    """Read from an offset."""
    view = wasi.view()
    file = wasi.files.seekable(number, abi.FD_READ | abi.FD_SEEK)
    check_span(view, result, 4)
    targets = buffers(view, parts, count)
    abi.U32.pack_into(view, result, file.pread(targets, checked_offset(offset)))


def fd_pwrite(wasi: Wasi, number: int, parts: int, count: int, offset: int, result: int) -> None:
    """Write at an offset."""
    view = wasi.view()
    file = wasi.files.seekable(number, abi.FD_WRITE | abi.FD_SEEK)
    check_span(view, result, 4)
    targets = buffers(view, parts, count)
    abi.U32.pack_into(view, result, file.pwrite(targets, checked_offset(offset)))


def fd_seek(wasi: Wasi, number: int, offset: int, whence: int, result: int) -> None:
    """Move the position, and write it."""
    view = wasi.view()
    signed = offset - (1 << 64) if offset > MAX_OFFSET else offset
    # To find out where one is takes no more than the right to tell.
    asks = signed == 0 and whence == 1
    file = wasi.files.seekable(number, abi.FD_TELL if asks else abi.FD_SEEK)
    if whence >= len(WHENCE):
        raise Fail(INVAL)
    check_span(view, result, 8)
    abi.U64.pack_into(view, result, file.seek(signed, WHENCE[whence]))


def fd_tell(wasi: Wasi, number: int, result: int) -> None:
    """Write the position."""
    file = wasi.files.seekable(number, abi.FD_TELL)
    abi.U64.pack_into(wasi.view(), result, file.seek(0, os.SEEK_CUR))


def fd_sync(wasi: Wasi, number: int) -> None:
    """Wait until data and metadata are on the medium."""
    wasi.files.get(number, abi.FD_SYNC).sync(data_only=False)


def fd_datasync(wasi: Wasi, number: int) -> None:
    """Wait until data is on the medium."""
    wasi.files.get(number, abi.FD_DATASYNC).sync(data_only=True)


def fd_advise(wasi: Wasi, number: int, offset: int, size: int, advice: int) -> None:
    """Take a hint of how a file is going to be used. What is true for the guest need not be for its host."""
    wasi.files.file(number, abi.FD_ADVISE)
    if advice > MAX_ADVICE or offset > MAX_OFFSET or size > MAX_OFFSET:
        raise Fail(INVAL)


def fd_allocate(wasi: Wasi, number: int, offset: int, size: int) -> None:
    """Make room in a file."""
    file = wasi.files.file(number, abi.FD_ALLOCATE)
    if size == 0:
        raise Fail(INVAL)
    file.allocate(checked_offset(offset), checked_offset(size))


# Descriptors


def fd_close(wasi: Wasi, number: int) -> None:
    """Close a descriptor, be it a preopened one."""
    wasi.files.close(number)


def fd_renumber(wasi: Wasi, source: int, target: int) -> None:
    """Move a descriptor to the number of another one, which is closed."""
    wasi.files.renumber(source, target)


def fd_fdstat_get(wasi: Wasi, number: int, result: int) -> None:
    """Write filetype, flags and rights."""
    file = wasi.files.get(number)
    abi.FDSTAT.pack_into(wasi.view(), result, file.filetype, file.flags, file.rights, file.inheriting)


def fd_fdstat_set_flags(wasi: Wasi, number: int, flags: int) -> None:
    """Change whether writes append and whether calls wait."""
    file = wasi.files.get(number, abi.FD_FDSTAT_SET_FLAGS)
    if flags & ~abi.FDFLAGS:
        raise Fail(INVAL)
    file.set_flags(flags)


def fd_fdstat_set_rights(wasi: Wasi, number: int, rights: int, inheriting: int) -> None:
    """Give up rights. There is no way to gain any."""
    file = wasi.files.get(number)
    if rights & ~file.rights or inheriting & ~file.inheriting:
        raise Fail(NOTCAPABLE)
    file.rights = rights
    file.inheriting = inheriting


def fd_prestat_get(wasi: Wasi, number: int, result: int) -> None:
    """Write the length of a preopened directory's name."""
    abi.PRESTAT.pack_into(wasi.view(), result, 0, len(preopen_name(wasi, number)))


def fd_prestat_dir_name(wasi: Wasi, number: int, path: int, size: int) -> None:
    """Write a preopened directory's name, without a NUL."""
    name = preopen_name(wasi, number)
    if size < len(name):
        raise Fail(NAMETOOLONG)
    span(wasi.view(), path, len(name))[:] = name


def preopen_name(wasi: Wasi, number: int) -> bytes:
    """Return the guest's name of a preopened directory."""
    file = wasi.files.get(number)
    if not isinstance(file, Directory) or file.name is None:
        raise Fail(BADF)
    return file.name


# Attributes


def fd_filestat_get(wasi: Wasi, number: int, result: int) -> None:
    """Write what the host knows of an open file."""
    file = wasi.files.get(number, abi.FD_FILESTAT_GET)
    write_filestat(wasi.view(), result, file.stat(), file)


def fd_filestat_set_size(wasi: Wasi, number: int, size: int) -> None:
    """Make an open file shorter, or longer by zeros."""
    wasi.files.file(number, abi.FD_FILESTAT_SET_SIZE).truncate(checked_offset(size))


def fd_filestat_set_times(wasi: Wasi, number: int, accessed: int, modified: int, which: int) -> None:
    """Set the times of an open file."""
    file = wasi.files.get(number, abi.FD_FILESTAT_SET_TIMES)
    if isinstance(file, Directory) and file.readonly:
        raise Fail(ROFS)
    check_times(which)
    found = file.stat()
    if found is None:
        raise Fail(BADF)
    if which:
        file.set_times(chosen_times(wasi, found, accessed, modified, which))


def check_times(which: int) -> None:
    """Raise INVAL for flags that contradict each other."""
    both_accessed = which & abi.ATIM and which & abi.ATIM_NOW
    both_modified = which & abi.MTIM and which & abi.MTIM_NOW
    if both_accessed or both_modified or which & ~abi.FSTFLAGS:
        raise Fail(INVAL)


def chosen_times(
    wasi: Wasi, found: os.stat_result, accessed: int, modified: int, which: int
) -> tuple[int, int]:
    """Return the times that a file is to have: given, now, or what they were."""
    if which & (abi.ATIM_NOW | abi.MTIM_NOW):
        now = wasi.realtime()
    if which & abi.ATIM_NOW:
        accessed = now
    elif not which & abi.ATIM:
        accessed = found.st_atime_ns
    if which & abi.MTIM_NOW:
        modified = now
    elif not which & abi.MTIM:
        modified = found.st_mtime_ns
    return accessed, modified


def write_filestat(
    view: memoryview, result: int, found: os.stat_result | None, file: Descriptor | None = None
) -> None:
    """Write a filestat. What is no file of the host has a filetype and nothing else."""
    if found is None:
        assert file is not None
        abi.FILESTAT.pack_into(view, result, 0, 0, file.filetype, 0, 0, 0, 0, 0)
        return
    abi.FILESTAT.pack_into(
        view,
        result,
        found.st_dev,
        found.st_ino,
        filetype_of(found.st_mode),
        found.st_nlink,
        found.st_size,
        # There is nothing before 1970.
        max(found.st_atime_ns, 0),
        max(found.st_mtime_ns, 0),
        max(found.st_ctime_ns, 0),
    )


def checked_offset(value: int) -> int:
    """Return an offset or size that the host can express."""
    if value > MAX_OFFSET:
        raise Fail(INVAL)
    return value
