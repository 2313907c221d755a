"""The numbers and memory layouts of WASI preview 1 (`wasi_snapshot_preview1.witx`), little-endian."""

from __future__ import annotations

from struct import Struct

MODULE = "wasi_snapshot_preview1"

# Rights: what may be done with a descriptor.
FD_DATASYNC = 1 << 0
FD_READ = 1 << 1
FD_SEEK = 1 << 2
FD_FDSTAT_SET_FLAGS = 1 << 3
FD_SYNC = 1 << 4
FD_TELL = 1 << 5
FD_WRITE = 1 << 6
FD_ADVISE = 1 << 7
FD_ALLOCATE = 1 << 8
PATH_CREATE_DIRECTORY = 1 << 9
PATH_CREATE_FILE = 1 << 10
PATH_LINK_SOURCE = 1 << 11
PATH_LINK_TARGET = 1 << 12
PATH_OPEN = 1 << 13
FD_READDIR = 1 << 14
PATH_READLINK = 1 << 15
PATH_RENAME_SOURCE = 1 << 16
PATH_RENAME_TARGET = 1 << 17
PATH_FILESTAT_GET = 1 << 18
PATH_FILESTAT_SET_SIZE = 1 << 19
PATH_FILESTAT_SET_TIMES = 1 << 20
FD_FILESTAT_GET = 1 << 21
FD_FILESTAT_SET_SIZE = 1 << 22
FD_FILESTAT_SET_TIMES = 1 << 23
PATH_SYMLINK = 1 << 24
PATH_REMOVE_DIRECTORY = 1 << 25
PATH_UNLINK_FILE = 1 << 26
POLL_FD_READWRITE = 1 << 27
SOCK_SHUTDOWN = 1 << 28
SOCK_ACCEPT = 1 << 29

# A descriptor has at most the rights that mean something for its kind. That a terminal has neither seek nor
# tell is how wasi-libc's isatty() knows one.
STREAM_RIGHTS = FD_READ | FD_WRITE | FD_FDSTAT_SET_FLAGS | FD_FILESTAT_GET | POLL_FD_READWRITE
FILE_RIGHTS = (
    STREAM_RIGHTS
    | FD_DATASYNC
    | FD_SEEK
    | FD_SYNC
    | FD_TELL
    | FD_ADVISE
    | FD_ALLOCATE
    | FD_FILESTAT_SET_SIZE
    | FD_FILESTAT_SET_TIMES
)
DIRECTORY_RIGHTS = (
    FD_FDSTAT_SET_FLAGS
    | FD_SYNC
    | FD_DATASYNC
    | PATH_CREATE_DIRECTORY
    | PATH_CREATE_FILE
    | PATH_LINK_SOURCE
    | PATH_LINK_TARGET
    | PATH_OPEN
    | FD_READDIR
    | PATH_READLINK
    | PATH_RENAME_SOURCE
    | PATH_RENAME_TARGET
    | PATH_FILESTAT_GET
    | PATH_FILESTAT_SET_SIZE
    | PATH_FILESTAT_SET_TIMES
    | FD_FILESTAT_GET
    | FD_FILESTAT_SET_TIMES
    | PATH_SYMLINK
    | PATH_REMOVE_DIRECTORY
    | PATH_UNLINK_FILE
    | POLL_FD_READWRITE
)
INHERITING_RIGHTS = DIRECTORY_RIGHTS | FILE_RIGHTS

# filetype
UNKNOWN = 0
BLOCK_DEVICE = 1
CHARACTER_DEVICE = 2
DIRECTORY = 3
REGULAR_FILE = 4
SOCKET_STREAM = 6
SYMBOLIC_LINK = 7

# fdflags
APPEND = 1
DSYNC = 2
NONBLOCK = 4
RSYNC = 8
SYNC = 16
FDFLAGS = APPEND | DSYNC | NONBLOCK | RSYNC | SYNC

# oflags
O_CREAT = 1
O_DIRECTORY = 2
O_EXCL = 4
O_TRUNC = 8
OFLAGS = O_CREAT | O_DIRECTORY | O_EXCL | O_TRUNC

SYMLINK_FOLLOW = 1  # lookupflags

# fstflags
ATIM = 1
ATIM_NOW = 2
MTIM = 4
MTIM_NOW = 8
FSTFLAGS = ATIM | ATIM_NOW | MTIM | MTIM_NOW

# clockid
REALTIME = 0
MONOTONIC = 1
PROCESS_CPUTIME = 2
THREAD_CPUTIME = 3

# eventtype, subclockflags, eventrwflags
EVENT_CLOCK = 0
EVENT_FD_READ = 1
EVENT_FD_WRITE = 2
ABSTIME = 1
HANGUP = 1

U32 = Struct("<I")
U64 = Struct("<Q")
U32_PAIR = Struct("<II")
IOVEC = Struct("<II")  # buf, buf_len
FDSTAT = Struct("<BxH4xQQ")  # filetype, flags, rights_base, rights_inheriting
FILESTAT = Struct("<QQB7xQQQQQ")  # dev, ino, filetype, nlink, size, atim, mtim, ctim
PRESTAT = Struct("<B3xI")  # tag (0: directory), length of its name
DIRENT = Struct("<QQIB3x")  # next cookie, ino, length of the name, filetype; the name follows
SUBSCRIPTION = Struct("<QB7x32s")  # userdata, eventtype, one of the next two
SUBSCRIPTION_CLOCK = Struct("<I4xQQH6x")  # clockid, timeout, precision, flags
SUBSCRIPTION_FD = Struct("<I28x")
EVENT = Struct("<QHB5xQH6x")  # userdata, error, eventtype, nbytes, flags
