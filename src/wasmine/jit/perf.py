"""Files for Linux' perf; see perf.pxd."""

import os

import cython
from cython.cimports.libc.stdint import uint32_t, uint64_t
from cython.cimports.libc.stdio import FILE, fclose, fflush, fopen, fprintf, fwrite, snprintf
from cython.cimports.libc.string import strlen
from cython.cimports.posix.unistd import getpid
from cython.cimports.wasmine.jit.ssa.build import NO_ENTRY
from cython.cimports.wasmine.runtime.clib import (
    MAP_FAILED,
    MAP_PRIVATE,
    PROT_EXEC,
    PROT_READ,
    fileno,
    gettid,
    mmap,
    monotonic_ns,
)

# The records of a jitdump, as the kernel's tools/perf/Documentation/jitdump-specification.txt has them.
Header = cython.struct(
    magic=uint32_t,
    version=uint32_t,
    size=uint32_t,
    machine=uint32_t,
    unused=uint32_t,
    pid=uint32_t,
    time=uint64_t,
    flags=uint64_t,
)
Load = cython.struct(
    kind=uint32_t,
    size=uint32_t,
    time=uint64_t,
    pid=uint32_t,
    thread=uint32_t,
    address=uint64_t,
    place=uint64_t,
    code_size=uint64_t,
    number=uint64_t,
)
MAGIC = cython.declare(cython.const[uint32_t], 0x4A695444)
# ELF's number of the machine.
MACHINE = cython.declare(uint32_t, 183 if os.uname().machine in ("aarch64", "arm64") else 62)

wants_map = cython.declare(cython.bint, False)
wants_dump = cython.declare(cython.bint, False)
# A child of fork has files of its own.
pid = cython.declare(cython.int, 0)
map_file = cython.declare(cython.pointer[FILE], cython.NULL)
dump_file = cython.declare(cython.pointer[FILE], cython.NULL)
loads = cython.declare(uint64_t, 0)


@cython.cfunc
@cython.exceptval(-1, check=False)
def find_wish() -> cython.bint:
    global wants_map, wants_dump
    wish: str = os.environ.get("WASMINE_PERF", "")
    wants_map = "map" in wish
    wants_dump = "dump" in wish
    return wants_map or wants_dump


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def open_files() -> cython.void:
    global pid, map_file, dump_file
    path = cython.declare(cython.char[64])
    header = cython.declare(Header)
    pid = getpid()
    map_file = dump_file = cython.NULL
    if wants_map:
        snprintf(path, 64, b"/tmp/perf-%d.map", pid)
        map_file = fopen(path, b"a")
    if wants_dump:
        snprintf(path, 64, b"jit-%d.dump", pid)
        dump_file = fopen(path, b"w+")
    if dump_file == cython.NULL:
        return
    # That it is mapped is what perf sees of it.
    if mmap(cython.NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(dump_file), 0) == MAP_FAILED:
        fclose(dump_file)
        dump_file = cython.NULL
        return
    header.magic = MAGIC
    header.version = 1
    header.size = cython.sizeof(Header)
    header.machine = MACHINE
    header.unused = 0
    header.pid = pid
    header.time = monotonic_ns()
    header.flags = 0
    fwrite(cython.address(header), cython.sizeof(Header), 1, dump_file)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def note_code(
    place: cython.p_void, size: uint32_t, name: cython.pointer[cython.const[cython.char]], at: uint32_t
) -> cython.void:
    full = cython.declare(cython.char[512])
    if getpid() != pid:
        open_files()
    if at == NO_ENTRY:
        snprintf(full, 512, b"wasm:%s", name)
    else:
        snprintf(full, 512, b"wasm:%s@%u", name, at)
    if map_file != cython.NULL:
        fprintf(map_file, b"%lx %x %s\n", cython.cast(cython.ulong, place), size, full)
        fflush(map_file)
    if dump_file != cython.NULL:
        dump_code(place, size, full)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def dump_code(place: cython.p_void, size: uint32_t, name: cython.p_char) -> cython.void:
    global loads
    load = cython.declare(Load)
    length: cython.size_t = strlen(name) + 1
    load.kind = 0
    load.size = cython.cast(uint32_t, cython.sizeof(Load) + length + size)
    load.time = monotonic_ns()
    load.pid = pid
    load.thread = gettid()
    load.address = load.place = cython.cast(uint64_t, cython.cast(cython.size_t, place))
    load.code_size = size
    load.number = loads
    loads += 1
    fwrite(cython.address(load), cython.sizeof(Load), 1, dump_file)
    fwrite(name, length, 1, dump_file)
    fwrite(place, size, 1, dump_file)
    fflush(dump_file)
