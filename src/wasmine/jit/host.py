"""Chooses the machine that this process runs on; see host.pxd."""

import os

import cython
from cython.cimports.wasmine.jit.arm64.target import arm64_target
from cython.cimports.wasmine.jit.backend.target import Target
from cython.cimports.wasmine.jit.x64.target import x64_target

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
    if name == "x64":
        return x64_target()
    if name == "arm64":
        return arm64_target()
    return cython.NULL


def host_name() -> str | None:
    """The name of the machine that this process runs on, None where the compiler has no support for it."""
    return None if host == cython.NULL else host.name.decode()


if os.uname().machine in MACHINES:
    host = target_named(MACHINES[os.uname().machine])
