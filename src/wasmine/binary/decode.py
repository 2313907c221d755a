"""A module from its bytes (core specification, section 5.5): header, order of sections, custom sections."""

import cython
from cython.cimports.cpython.bytes import PyBytes_AS_STRING
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t
from cython.cimports.libc.string import memset
from cython.cimports.wasmine.binary.module import ModuleData, Span, resize
from cython.cimports.wasmine.binary.reader import Reader
from cython.cimports.wasmine.binary.sections import SectionReader
from cython.cimports.wasmine.binary.types import TypeReader
from cython.cimports.wasmine.spec.limits import MAX_MODULE_BYTES
from cython.cimports.wasmine.spec.types import TypeRegistry

from wasmine.spec.errors import InvalidError, MalformedError

SECTIONS = (
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count",
    "tag",
)
N_SECTIONS = cython.declare(cython.const[cython.int], 14)

# Place of each section id in the order that the standard fixes (section 5.5.18).
ORDER = cython.declare(uint8_t[14], [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6])


@cython.ccall
def decode(data: bytes, registry: TypeRegistry) -> ModuleData:
    """Reads a module in the binary format; `registry` takes its types.

    Raises MalformedError where the bytes leave the format, and InvalidError where they break a limit
    (`wasmine.spec.limits`) or a rule that can be checked without typing expressions: the error that comes
    first in the bytes, function bodies aside.
    """
    module: ModuleData = ModuleData()
    if len(data) > MAX_MODULE_BYTES:
        raise InvalidError("too many bytes", expected=f"at most {MAX_MODULE_BYTES}", found=f"{len(data)}")
    module.data = data
    module.registry = registry
    module.desc.base = cython.cast(cython.pointer[cython.const[uint8_t]], PyBytes_AS_STRING(data))
    module.desc.size = len(data)
    module.desc.defs = registry.defs
    read_header(data)
    read_sections(module)
    return module


@cython.cfunc
@cython.exceptval(-1, check=False)
def read_header(data: bytes) -> cython.int:
    """The magic number and the version (section 5.5.18)."""
    if data[:4] != b"\0asm":
        if len(data) < 4:
            raise MalformedError("unexpected end", len(data), expected="the magic number", found="the end")
        raise MalformedError("magic header not detected", 0, expected="00 61 73 6d", found=data[:4].hex(" "))
    if len(data) < 8:
        raise MalformedError("unexpected end", len(data), expected="the version", found="the end")
    if data[4:8] != b"\1\0\0\0":
        raise MalformedError("unknown binary version", 4, expected="01 00 00 00", found=data[4:8].hex(" "))
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def read_sections(module: ModuleData) -> cython.int:
    """All that follows the header."""
    r: Reader = Reader(module.data)
    sections: SectionReader = SectionReader(r, TypeReader(r, module), module)
    last: cython.int = 0
    r.pos = 8
    try:
        while r.pos < r.end:
            last = read_section(module, sections, last)
    except MalformedError:
        check_bodies(module, r)
        raise
    if ORDER[last] <= 3:
        close_functions(module, r)
    return sections.check_counts()


@cython.cfunc
@cython.exceptval(-1, check=False)
def read_section(module: ModuleData, sections: SectionReader, last: cython.int) -> cython.int:
    """Reads one section; returns its id, or `last`, the id of the section before, for a custom section."""
    r: Reader = sections.r
    at: uint32_t = r.pos
    id: cython.int = r.byte()
    size: int64_t
    end: uint32_t
    if id >= N_SECTIONS:
        raise MalformedError("malformed section id", at, expected=f"0 to {N_SECTIONS - 1}", found=f"{id}")
    size = r.u32()
    if size > r.end - r.pos:
        raise MalformedError(
            "length out of bounds",
            at,
            expected=f"a {SECTIONS[id]} section of at most {r.end - r.pos} bytes",
            found=f"{size} bytes",
        )
    end = r.pos + cython.cast(uint32_t, size)
    if id == 0:
        read_custom(module, r, end, last)
        return last
    if ORDER[id] <= ORDER[last]:
        raise MalformedError(
            "unexpected content after last section",
            at,
            expected=f"a section that belongs after the {SECTIONS[last]} section",
            found=f"a {SECTIONS[id]} section",
        )
    if ORDER[id] > 3 and ORDER[last] <= 3:
        close_functions(module, r)
    sections.section(id)
    if r.pos != end:
        raise MalformedError(
            "section size mismatch",
            at,
            expected=f"a {SECTIONS[id]} section of {size} bytes",
            found=f"{size + r.pos - end} bytes of contents",
        )
    return id


@cython.cfunc
@cython.exceptval(-1, check=False)
def close_functions(module: ModuleData, r: Reader) -> cython.int:
    """The index space of functions is complete: from here on they may be named."""
    n: uint32_t = module.desc.n_funcs
    module.desc.func_declared = cython.cast(cython.pointer[uint8_t], resize(cython.NULL, n, 1))
    memset(module.desc.func_declared, 0, n)
    r.declared = module.desc.func_declared
    r.n_declared = n
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def read_custom(module: ModuleData, r: Reader, end: uint32_t, last: cython.int) -> cython.int:
    """Section 5.5.3, Custom Section: name and place are kept, the contents are read by who wants them."""
    at: uint32_t = r.pos
    name = cython.declare(Span)
    r.name(cython.address(name))
    if r.pos > end:
        raise MalformedError("unexpected end of section", at, expected="a name inside of the section")
    module.customs.append((module.text(name), r.pos, end, last))
    r.pos = end
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def check_bodies(module: ModuleData, r: Reader) -> cython.int:
    """Raises the error of the first function body that is malformed.

    Bodies are stepped over unread. So when a later section makes no sense, that may be because a body is not
    what its size says, and then the error in the body comes first.
    """
    d = cython.address(module.desc)
    i: uint32_t
    for i in range(d.n_bodies):
        r.pos = d.bodies[i].start
        r.body(d.bodies[i].end)
    return 0
