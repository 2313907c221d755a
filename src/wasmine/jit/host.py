"""Chooses the machine that this process runs on; see host.pxd."""

import os

import cython
from cython.cimports.wasmine.jit.backend.target import Target
from cython.cimports.wasmine.jit.backend.targets import find_target

# What the system calls a machine -> what we call it.
MACHINES = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64", "arm64": "arm64"}

host = cython.declare(cython.pointer[cython.const[Target]], cython.NULL)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def host_target() -> cython.pointer[cython.const[Target]]:
    return host


@cython.cfunc
@cython.exceptval(check=False)
def target_named(name: str) -> cython.pointer[cython.const[Target]]:
    """See host.pxd. A machine is loaded when it is asked for first."""
    if name not in MACHINES.values():
        return cython.NULL
    __import__(f"wasmine.jit.{name}.target")
    return find_target(name.encode())


def host_name() -> str | None:
    """The name of the machine that this process runs on, None where the compiler has no support for it."""
    return None if host == cython.NULL else host.name.decode()


if os.uname().machine in MACHINES:
    host = target_named(MACHINES[os.uname().machine])
