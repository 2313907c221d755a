"""Modules that may be wrong: wasmine and wasmtime must agree on which are.

Valid modules are changed a little, bytes anywhere or instructions and immediates in bodies. Where a changed
module is still valid, it is run as well.
"""

from __future__ import annotations

import random

import wasmine
from fuzz.cut import Cut, Instr
from fuzz.generate import generate as generate_valid
from fuzz.peer import peer_error
from fuzz.program import Program

# What wasmtime refuses for reasons of its own, by a part of its message.
PEER_LIMITS = (
    "legacy_exceptions",
    "legacy exceptions",
    "exceeded memory limit",
    "memory size must be at most",
    "exceeds implementation limit",
    "implementation limit",
    "shared-everything",
    "stack switching",
    "custom descriptors",
)


def disagreement(binary: bytes) -> str | None:
    """What the two say of a module, when one takes it and the other does not."""
    try:
        wasmine.Module.validate(binary)
        ours = None
    except wasmine.ModuleError as error:
        ours = str(error)
    theirs = peer_error(binary)
    if (ours is None) == (theirs is None):
        return None
    if theirs is not None and any(part in theirs for part in PEER_LIMITS):
        return None
    return f"wasmtime says {theirs or 'valid'}; wasmine says {ours or 'valid'}"


def generate(seed: int) -> Program:
    """A changed module, with the calls of the program that it comes from."""
    choose = random.Random(seed)
    program = generate_valid(seed // 8)
    binary = program.modules[0]
    if choose.random() < 0.5:
        binary = changed_bytes(choose, binary)
    else:
        binary = changed_bodies(choose, binary)
    # A changed module may run for ever, so that it is only looked at.
    return Program([binary], [])


def changed_bytes(choose: random.Random, binary: bytes) -> bytes:
    data = bytearray(binary)
    for _ in range(choose.choice((1, 1, 2, 4))):
        at = choose.randrange(8, len(data)) if len(data) > 8 else 8
        way = choose.randrange(4)
        if way == 0:
            data[at:at] = choose.randbytes(1)
        elif way == 1 and len(data) > 9:
            del data[at]
        elif way == 2:
            data[at : at + 1] = bytes([choose.randrange(256)])
        elif at < len(data):
            data[at] = (data[at] + choose.choice((-1, 1, 64, 128))) % 256
    return bytes(data)


def changed_bodies(choose: random.Random, binary: bytes) -> bytes:
    cut = Cut(binary)
    everything = [one for func in cut.funcs for one in func.body]
    if not everything:
        return changed_bytes(choose, binary)
    for _ in range(choose.choice((1, 1, 2))):
        body = choose.choice(cut.funcs).body
        at = choose.randrange(len(body))
        way = choose.randrange(5)
        if way == 0:
            del body[at]
        elif way == 1:
            body.insert(at, choose.choice(everything))
        elif way == 2:
            body[at] = choose.choice(everything)
        elif way == 3:
            other = choose.randrange(len(body))
            body[at], body[other] = body[other], body[at]
        else:
            raw = bytearray(body[at].raw)
            place = choose.randrange(len(raw))
            raw[place] = (raw[place] + choose.choice((-1, 1, 2))) % 256
            body[at] = Instr(body[at].name, bytes(raw))
    return cut.join()
