"""The functions of WASI preview 1: the one table of names, parameters and what does the work.

A parameter is `i`, an i32, or `I`, an i64; both are unsigned here. Each function returns an error number, an
i32, but for `proc_exit`, which returns nothing.
"""

from __future__ import annotations

from operator import and_
from struct import error as StructError  # noqa: N812
from types import MethodType

from wasmine.wasi import args, clock, directories, fds, paths, poll, proc, random, sockets
from wasmine.wasi.errno import FAULT, INVAL, Fail, from_os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from wasmine.wasi.system import Wasi

MASKS = {"i": 0xFFFF_FFFF, "I": 0xFFFF_FFFF_FFFF_FFFF}

FUNCTIONS: dict[str, tuple[str, Callable[..., None]]] = {
    "args_get": ("ii", args.args_get),
    "args_sizes_get": ("ii", args.args_sizes_get),
    "environ_get": ("ii", args.environ_get),
    "environ_sizes_get": ("ii", args.environ_sizes_get),
    "clock_res_get": ("ii", clock.clock_res_get),
    "clock_time_get": ("iIi", clock.clock_time_get),
    "fd_advise": ("iIIi", fds.fd_advise),
    "fd_allocate": ("iII", fds.fd_allocate),
    "fd_close": ("i", fds.fd_close),
    "fd_datasync": ("i", fds.fd_datasync),
    "fd_fdstat_get": ("ii", fds.fd_fdstat_get),
    "fd_fdstat_set_flags": ("ii", fds.fd_fdstat_set_flags),
    "fd_fdstat_set_rights": ("iII", fds.fd_fdstat_set_rights),
    "fd_filestat_get": ("ii", fds.fd_filestat_get),
    "fd_filestat_set_size": ("iI", fds.fd_filestat_set_size),
    "fd_filestat_set_times": ("iIIi", fds.fd_filestat_set_times),
    "fd_pread": ("iiiIi", fds.fd_pread),
    "fd_prestat_get": ("ii", fds.fd_prestat_get),
    "fd_prestat_dir_name": ("iii", fds.fd_prestat_dir_name),
    "fd_pwrite": ("iiiIi", fds.fd_pwrite),
    "fd_read": ("iiii", fds.fd_read),
    "fd_readdir": ("iiiIi", directories.fd_readdir),
    "fd_renumber": ("ii", fds.fd_renumber),
    "fd_seek": ("iIii", fds.fd_seek),
    "fd_sync": ("i", fds.fd_sync),
    "fd_tell": ("ii", fds.fd_tell),
    "fd_write": ("iiii", fds.fd_write),
    "path_create_directory": ("iii", paths.path_create_directory),
    "path_filestat_get": ("iiiii", paths.path_filestat_get),
    "path_filestat_set_times": ("iiiiIIi", paths.path_filestat_set_times),
    "path_link": ("iiiiiii", paths.path_link),
    "path_open": ("iiiiiIIii", paths.path_open),
    "path_readlink": ("iiiiii", paths.path_readlink),
    "path_remove_directory": ("iii", paths.path_remove_directory),
    "path_rename": ("iiiiii", paths.path_rename),
    "path_symlink": ("iiiii", paths.path_symlink),
    "path_unlink_file": ("iii", paths.path_unlink_file),
    "poll_oneoff": ("iiii", poll.poll_oneoff),
    "proc_exit": ("i", proc.proc_exit),
    "proc_raise": ("i", proc.proc_raise),
    "random_get": ("ii", random.random_get),
    "sched_yield": ("", proc.sched_yield),
    "sock_accept": ("iii", sockets.sock_accept),
    "sock_recv": ("iiiiii", sockets.sock_recv),
    "sock_send": ("iiiii", sockets.sock_send),
    "sock_shutdown": ("ii", sockets.sock_shutdown),
}


def host_function(wasi: Wasi, name: str) -> Callable[..., int]:
    """Return a function of the table for one guest, as WebAssembly calls it: signed integers in, one out.

    Whatever the guest passes, it returns an error number. It raises `Exit`, and what Python objects of the
    configuration raise beyond OSError.
    """
    params, unbound = FUNCTIONS[name]
    function = MethodType(unbound, wasi)
    masks = tuple(MASKS[param] for param in params)

    def call(*arguments: Any) -> int:
        for argument in arguments:
            if argument < 0:
                arguments = tuple(map(and_, arguments, masks))
                break
        try:
            function(*arguments)
        except Fail as error:
            return error.number
        except StructError:
            return FAULT
        except OSError as error:
            return from_os(error)
        except OverflowError:  # a number that the host's C types cannot hold
            return INVAL
        return 0

    call.__qualname__ = call.__name__ = name
    return call
