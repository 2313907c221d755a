"""What is done with paths, each relative to a directory that the guest has."""

from __future__ import annotations

import os
import stat

from wasmine.wasi import abi
from wasmine.wasi.descriptors import Descriptor, Directory, HostFile
from wasmine.wasi.errno import INVAL, ISDIR, NOENT, NOTCAPABLE, NOTDIR, PERM, ROFS, Fail
from wasmine.wasi.fds import check_times, chosen_times, write_filestat
from wasmine.wasi.lookup import LINK_ERRORS, Lookup
from wasmine.wasi.memory import check_span, read_path, span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.wasi.system import Wasi

WRITING = abi.FD_WRITE | abi.FD_ALLOCATE | abi.FD_FILESTAT_SET_SIZE
"""Rights that take a host file which is open for writing."""

READONLY_RIGHTS = ~(WRITING | abi.FD_FILESTAT_SET_TIMES)


def path_open(
    wasi: Wasi,
    number: int,
    lookup: int,
    path: int,
    size: int,
    oflags: int,
    rights: int,
    inheriting: int,
    fdflags: int,
    result: int,
) -> None:
    """Open a file or a directory, create it if asked to, and write its descriptor.

    Of the rights asked for, it gets those that mean something for its kind and that its directory passes on.
    To read and to write are never left out silently: without them, the call fails.
    """
    view = wasi.view()
    check_span(view, result, 4)
    if oflags & ~abi.OFLAGS or fdflags & ~abi.FDFLAGS:
        raise Fail(INVAL)
    directory = wasi.files.directory(number, abi.PATH_OPEN)
    check_open_rights(directory, oflags, rights)
    wasi.files.check_room()
    rights &= directory.inheriting
    inheriting &= directory.inheriting
    with Lookup(directory.fileno(), read_path(view, path, size)) as place:
        fd = open_place(place, directory, lookup, oflags, rights, fdflags)
    opened = wasi.files.add(new_descriptor(fd, directory, rights, inheriting, fdflags))
    abi.U32.pack_into(view, result, opened)


def check_open_rights(directory: Directory, oflags: int, rights: int) -> None:
    """Raise unless what is asked for may be done in `directory`."""
    if oflags & abi.O_CREAT:
        if oflags & abi.O_DIRECTORY:
            raise Fail(INVAL)
        if not directory.rights & abi.PATH_CREATE_FILE:
            raise Fail(NOTCAPABLE)
    if oflags & abi.O_TRUNC and not directory.rights & abi.PATH_FILESTAT_SET_SIZE:
        raise Fail(NOTCAPABLE)
    if rights & (abi.FD_READ | abi.FD_WRITE) & ~directory.inheriting:
        raise Fail(NOTCAPABLE)
    if oflags & abi.O_DIRECTORY and rights & abi.FD_WRITE:
        raise Fail(ISDIR)
    if directory.readonly and (rights & abi.FD_WRITE or oflags & abi.O_TRUNC):
        raise Fail(ROFS)


def open_place(
    place: Lookup, directory: Directory, lookup: int, oflags: int, rights: int, fdflags: int
) -> int:
    """Open what a lookup has found, and follow it if it is a symbolic link that is to be followed."""
    follow = lookup & abi.SYMLINK_FOLLOW or place.slash
    if directory.readonly:
        rights &= READONLY_RIGHTS
    flags = host_open_flags(oflags, rights, fdflags)
    creates = flags & os.O_CREAT
    if directory.readonly:
        flags &= ~os.O_CREAT
    while True:
        if place.slash:
            if creates:
                raise Fail(ISDIR)
            flags |= os.O_DIRECTORY
        try:
            return os.open(place.name, flags, 0o666, dir_fd=place.parent)
        except FileNotFoundError:
            if creates and directory.readonly:
                raise Fail(ROFS) from None
            raise
        except OSError as error:
            # With O_DIRECTORY, a link is said to be no directory.
            linked = error.errno in LINK_ERRORS or isinstance(error, NotADirectoryError)
            if not (follow and linked and place.follow()):
                raise


def host_open_flags(oflags: int, rights: int, fdflags: int) -> int:
    """Return the flags to open a file with."""
    reads = rights & (abi.FD_READ | abi.FD_READDIR)
    writes = rights & WRITING or oflags & abi.O_TRUNC
    if oflags & abi.O_DIRECTORY or not writes:
        flags = os.O_RDONLY
    else:
        flags = os.O_RDWR if reads else os.O_WRONLY
    if oflags & abi.O_CREAT:
        flags |= os.O_CREAT
        if oflags & abi.O_EXCL:
            flags |= os.O_EXCL
    if oflags & abi.O_DIRECTORY:
        flags |= os.O_DIRECTORY
    if oflags & abi.O_TRUNC:
        flags |= os.O_TRUNC
    if fdflags & abi.APPEND:
        flags |= os.O_APPEND
    if fdflags & abi.DSYNC:
        flags |= os.O_DSYNC
    if fdflags & (abi.SYNC | abi.RSYNC):
        flags |= os.O_SYNC
    if fdflags & abi.NONBLOCK:
        flags |= os.O_NONBLOCK
    return flags | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC


def new_descriptor(fd: int, directory: Directory, rights: int, inheriting: int, fdflags: int) -> Descriptor:
    """Return the descriptor for what was opened in `directory`."""
    try:
        mode = os.fstat(fd).st_mode
    except BaseException:
        os.close(fd)
        raise
    if stat.S_ISDIR(mode):
        return Directory(fd, rights, inheriting, fdflags, readonly=directory.readonly)
    return HostFile(fd, rights & READONLY_RIGHTS if directory.readonly else rights, fdflags)


def path_create_directory(wasi: Wasi, number: int, path: int, size: int) -> None:
    """Create a directory."""
    with writable_place(wasi, number, abi.PATH_CREATE_DIRECTORY, path, size) as place:
        os.mkdir(place.name, dir_fd=place.parent)


def path_remove_directory(wasi: Wasi, number: int, path: int, size: int) -> None:
    """Remove an empty directory."""
    with writable_place(wasi, number, abi.PATH_REMOVE_DIRECTORY, path, size) as place:
        os.rmdir(place.name, dir_fd=place.parent)


def path_unlink_file(wasi: Wasi, number: int, path: int, size: int) -> None:
    """Remove what is no directory."""
    with writable_place(wasi, number, abi.PATH_UNLINK_FILE, path, size) as place:
        if place.slash:
            raise Fail(ISDIR if is_directory(place) else NOTDIR)
        os.unlink(place.name, dir_fd=place.parent)


def path_symlink(wasi: Wasi, target: int, target_size: int, number: int, path: int, size: int) -> None:
    """Create a symbolic link. One to an absolute path could not be followed, so it is refused."""
    contents = read_path(wasi.view(), target, target_size)
    if contents.startswith(b"/"):
        raise Fail(NOTCAPABLE)
    with writable_place(wasi, number, abi.PATH_SYMLINK, path, size) as place:
        if place.slash and not exists(place):
            raise Fail(NOENT)
        os.symlink(contents, place.name, dir_fd=place.parent)


def path_readlink(
    wasi: Wasi, number: int, path: int, size: int, buffer: int, buffer_size: int, result: int
) -> None:
    """Write what a symbolic link stands for, as much as the buffer holds, and how much that is."""
    view = wasi.view()
    directory = wasi.files.directory(number, abi.PATH_READLINK)
    target = span(view, buffer, buffer_size)
    check_span(view, result, 4)
    with Lookup(directory.fileno(), read_path(view, path, size)) as place:
        if place.slash:
            raise Fail(INVAL if is_directory(place) else NOTDIR)
        contents = os.readlink(place.name, dir_fd=place.parent)[:buffer_size]
    target[: len(contents)] = contents
    abi.U32.pack_into(view, result, len(contents))


def path_link(
    wasi: Wasi,
    old_number: int,
    lookup: int,
    old_path: int,
    old_size: int,
    number: int,
    path: int,
    size: int,
) -> None:
    """Give a file another name. A symbolic link is linked itself; to follow it is refused."""
    if lookup & abi.SYMLINK_FOLLOW:
        raise Fail(INVAL)
    with (
        writable_place(wasi, old_number, abi.PATH_LINK_SOURCE, old_path, old_size) as old,
        writable_place(wasi, number, abi.PATH_LINK_TARGET, path, size) as place,
    ):
        if old.slash:
            raise Fail(PERM if is_directory(old) else NOTDIR)
        if place.slash and not exists(place):
            raise Fail(NOENT)
        os.link(old.name, place.name, src_dir_fd=old.parent, dst_dir_fd=place.parent, follow_symlinks=False)


def path_rename(
    wasi: Wasi, old_number: int, old_path: int, old_size: int, number: int, path: int, size: int
) -> None:
    """Give a file or directory another name, in place of what has that name."""
    with (
        writable_place(wasi, old_number, abi.PATH_RENAME_SOURCE, old_path, old_size) as old,
        writable_place(wasi, number, abi.PATH_RENAME_TARGET, path, size) as place,
    ):
        if (old.slash or place.slash) and not is_directory(old):
            raise Fail(NOTDIR)
        os.rename(old.name, place.name, src_dir_fd=old.parent, dst_dir_fd=place.parent)


def path_filestat_get(wasi: Wasi, number: int, lookup: int, path: int, size: int, result: int) -> None:
    """Write what the host knows of a file."""
    view = wasi.view()
    directory = wasi.files.directory(number, abi.PATH_FILESTAT_GET)
    with Lookup(directory.fileno(), read_path(view, path, size)) as place:
        found = stat_place(place, lookup)
    write_filestat(view, result, found)


def path_filestat_set_times(
    wasi: Wasi, number: int, lookup: int, path: int, size: int, accessed: int, modified: int, which: int
) -> None:
    """Set the times of a file."""
    check_times(which)
    with writable_place(wasi, number, abi.PATH_FILESTAT_SET_TIMES, path, size) as place:
        found = stat_place(place, lookup)
        if which:
            times = chosen_times(wasi, found, accessed, modified, which)
            os.utime(place.name, ns=times, dir_fd=place.parent, follow_symlinks=False)


def writable_place(wasi: Wasi, number: int, right: int, path: int, size: int) -> Lookup:
    """Look up a path in a directory where something is to be changed."""
    directory = wasi.files.directory(number, right)
    contents = read_path(wasi.view(), path, size)
    if directory.readonly:
        raise Fail(ROFS)
    return Lookup(directory.fileno(), contents)


def stat_place(place: Lookup, lookup: int) -> os.stat_result:
    """Return the attributes of what a lookup has found, and follow it if asked to."""
    while True:
        found = os.stat(place.name, dir_fd=place.parent, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode) and (lookup & abi.SYMLINK_FOLLOW or place.slash) and place.follow():
            continue
        if place.slash and not stat.S_ISDIR(found.st_mode):
            raise Fail(NOTDIR)
        return found


def is_directory(place: Lookup) -> bool:
    """Whether what a lookup has found is a directory and no link to one. NOENT when there is nothing."""
    return stat.S_ISDIR(os.stat(place.name, dir_fd=place.parent, follow_symlinks=False).st_mode)


def exists(place: Lookup) -> bool:
    """Whether there is what a lookup has found."""
    try:
        os.stat(place.name, dir_fd=place.parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
