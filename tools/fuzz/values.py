"""Constants of every type, with a liking for edges."""

from __future__ import annotations

import random
import struct

from fuzz.assemble import Module, StructType, heap_type, is_ref, op, s

SMALL = (0, 1, 2, 7, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000)
EDGES_32 = [*SMALL, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFE, 0xFFFFFFFF]
EDGES_64 = [*EDGES_32, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 0xFFFFFFFF80000000, 0xFFFFFFFF7FFFFFFF]
INFINITY = float("inf")
EDGES_FLOAT = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, INFINITY, -INFINITY, 1e10, -1e10, 3.4e38, 1e-40]
EDGES_FLOAT += [2147483647.0, 2147483648.0, -2147483648.0, -2147483649.0, 4294967295.0, 4294967296.0]
EDGES_FLOAT += [2147483520.0, 4294967040.0, 4294967295.5, -2147483648.5, 9223371487098961920.0, 1.1754944e-38]
EDGES_FLOAT += [2.0**63, 2.0**64, -(2.0**63), 9007199254740993.0, -0.9999999]

NAN = {"f32": struct.pack("<I", 0x7FC00000), "f64": struct.pack("<Q", 0x7FF8000000000000)}
FORMAT = {"f32": "<f", "f64": "<d"}


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) & 1 else value


def float_bytes(choose: random.Random, type_: str) -> bytes:
    way = choose.random()
    if way < 0.1:
        return NAN[type_]
    if way < 0.7:
        return struct.pack(FORMAT[type_], choose.choice(EDGES_FLOAT))
    if way < 0.9:
        return struct.pack(FORMAT[type_], choose.uniform(-1e6, 1e6))
    return choose.randbytes(4 if type_ == "f32" else 8)


def vector_bytes(choose: random.Random) -> bytes:
    way = choose.randrange(4)
    if way == 0:
        return choose.randbytes(16)
    if way == 1:
        return bytes(choose.choice((0, 1, 0x7F, 0x80, 0xFF)) for _ in range(16))
    if way == 2:
        return b"".join(float_bytes(choose, "f32") for _ in range(4))
    return b"".join(float_bytes(choose, "f64") for _ in range(2))


def functions_for(type_: str, module: Module) -> list[int]:
    """The functions that a reference type takes."""
    if type_ == "funcref":
        return list(range(len(module.funcs)))
    if type_.startswith("ref:"):
        return [i for i, one in enumerate(module.funcs) if one == int(type_[4:])]
    return []


def objects_for(type_: str, module: Module) -> list[int]:
    """The types whose objects a reference type takes."""
    found = []
    for index in range(len(module.objects)):
        up: str | None = f"ref:{index}"
        while up is not None and up != type_:
            up = module.parent_of(up)
        if up is not None:
            found.append(index)
    return found


def constant(choose: random.Random, type_: str, module: Module) -> bytes:
    """Code for a constant of the type; a reference is seldom null where something else is to be had."""
    if type_ == "i32":
        return op("i32.const") + s(signed(choose.choice((*EDGES_32, choose.getrandbits(32))), 32))
    if type_ == "i64":
        return op("i64.const") + s(signed(choose.choice((*EDGES_64, choose.getrandbits(64))), 64))
    if type_ in NAN:
        return op(f"{type_}.const") + float_bytes(choose, type_)
    if type_ == "v128":
        return op("v128.const") + vector_bytes(choose)
    if choose.random() < 0.8:
        found = functions_for(type_, module)
        if found:
            return op("ref.func", choose.choice(found))
        objects = objects_for(type_, module)
        if type_ in ("anyref", "eqref", "i31ref") and (not objects or choose.random() < 0.4):
            return constant(choose, "i32", module) + op("ref.i31")
        if objects:
            return new_object(choose, choose.choice(objects), module)
    return op("ref.null") + heap_type(type_)


def new_object(choose: random.Random, index: int, module: Module) -> bytes:
    """A constant expression that makes an object."""
    one = module.objects[index]
    if isinstance(one, StructType):
        if choose.random() < 0.3 or any(is_ref(field.type) for field in one.fields):
            return op("struct.new_default", index)
        fields = b"".join(constant(choose, field.value, module) for field in one.fields)
        return fields + op("struct.new", index)
    length = choose.choice((0, 1, 3, 9))
    if choose.random() < 0.5 or is_ref(one.element.type):
        return op("i32.const") + s(length) + op("array.new_default", index)
    return constant(choose, one.element.value, module) + op("i32.const") + s(length) + op("array.new", index)
