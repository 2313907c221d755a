"""Programs that Binaryen makes of random bytes (`wasm-opt -ttf`, Debian package `binaryen`)."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from pathlib import Path

import wasmine
from fuzz.assemble import Import, Module, encode_locals, op
from fuzz.bodies import LOOSE_NAN
from fuzz.cut import Cut, Instr
from fuzz.program import Call, Program, Value
from wasmine.spec.opcodes import BY_NAME

# What Debian's version knows and writes as the standard does today. Its exceptions and GC are older.
FEATURES = (
    "simd threads bulk-memory reference-types multivalue tail-call nontrapping-float-to-int sign-ext "
    "mutable-globals extended-const"
)
WANTED = FEATURES.split()[:5]


def missing() -> str | None:
    """Why there can be no such programs here, or None."""
    return None if shutil.which("wasm-opt") else "wasm-opt is not installed (Debian package binaryen)"


def generate(seed: int) -> Program:
    """The program of a seed."""
    choose = random.Random(seed)
    features = [one for one in FEATURES.split() if one not in WANTED or choose.random() < 0.8]
    if "multivalue" in features and "reference-types" in features:
        # Together they bring references without null, which this version writes as they once were.
        features.remove(choose.choice(("multivalue", "reference-types")))
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name, "seed"), Path(name, "module.wasm")
        source.write_bytes(choose.randbytes(choose.choice((200, 1000, 4000, 12000))))
        subprocess.run(
            [
                "wasm-opt",
                "-ttf",
                source,
                "-o",
                target,
                "--denan",
                *(["-O2"] if choose.random() < 0.3 else []),
                *(f"--enable-{one}" for one in features),
            ],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        binary = without_loose_vectors(target.read_bytes())
    return Program([vector_logger(), binary], calls_of(choose, binary))


def without_loose_vectors(binary: bytes) -> bytes:
    """Replaces what makes vectors of NaN whose bits the standard leaves open; --denan passes it over."""
    try:
        wasmine.Module.validate(binary)
    except wasmine.ModuleError:
        return binary
    cut = Cut(binary)
    for func in cut.funcs:
        for at, one in enumerate(func.body):
            if LOOSE_NAN.match(one.name) and "x" in one.name.partition(".")[0]:
                operands = (BY_NAME[one.name].signature or "").partition("->")[0].split()
                name = ("f32x4.abs", "i32x4.add", "v128.bitselect")[len(operands) - 1]
                func.body[at] = Instr(name, op(name))
    return cut.join()


def vector_logger() -> bytes:
    """A module that hands a vector to the host as two integers: wasmtime's Python face has no vectors."""
    module = Module()
    module.imports.append(Import("host", "mix", 0, module.type_index(("i64", "i64"), ())))
    module.funcs += [0, module.type_index(("v128",), ())]
    halves = b"".join(op("local.get", 0) + op("i64x2.extract_lane", lane) for lane in (0, 1))
    module.bodies.append(encode_locals([]) + halves + op("call", 0) + op("end"))
    module.exports.append(("log-v128", 0, 1))
    return module.encode()


def calls_of(choose: random.Random, binary: bytes) -> list[Call]:
    calls: list[Call] = []
    try:
        names = {one.name: one for one in wasmine.Module(binary).exports}
    except wasmine.ModuleError:
        return calls
    for name, one in names.items():
        if not isinstance(one.type, wasmine.FuncType):
            continue
        params = [str(t) for t in one.type.params]
        results = [str(t) for t in one.type.results]
        if not {*params, *results} <= {"i32", "i64", "f32", "f64", "externref", "funcref"}:
            continue
        for _ in range(2):
            if "hangLimitInitializer" in names:
                calls.append(Call(1, "hangLimitInitializer", []))
            calls.append(Call(1, name, [argument(choose, param) for param in params]))
    if "hashMemory" in names:
        calls.append(Call(1, "hashMemory", []))
    return calls


def argument(choose: random.Random, type_: str) -> Value:
    if type_ in ("i32", "i64"):
        bits = int(type_[1:])
        return choose.choice((0, 1, -1, 2, choose.getrandbits(bits - 1), -(1 << bits - 1)))
    if type_ in ("f32", "f64"):
        return choose.choice((0.0, -0.0, 1.5, -1e6, float("inf"), 2147483648.0))
    return choose.choice((None, "one", "two")) if type_ == "externref" else None
