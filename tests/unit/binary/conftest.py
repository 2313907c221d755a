"""What the tests of the binary format share: bytes of modules, put together by hand."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import wasmtime

from wasmine.binary.decode import decode
from wasmine.binary.module import ModuleData
from wasmine.spec.types import TypeRegistry

HEADER = b"\0asm\1\0\0\0"

# Every section, every kind of import, export and segment, groups with subtyping, all kinds of limits.
EVERYTHING = r"""
(module $everything
  (type $f (func (param i32 i64) (result f32)))
  (type $nothing (func))
  (rec (type $node (sub (struct (field $next (mut (ref null $node))) (field i8) (field v128))))
       (type $leaf (sub final $node
         (struct (field (mut (ref null $node))) (field i8) (field v128) (field $value f64)))))
  (type $bytes (array (mut i8)))
  (import "env" "f" (func $imported (type $f)))
  (import "env" "t" (table $imported_table 1 10 funcref))
  (import "env" "m" (memory $imported_memory 1 2 shared))
  (import "env" "g" (global $imported_global (mut i64)))
  (import "env" "e" (tag $imported_tag (param i32)))
  (func $start (type $nothing))
  (func $body (type $f) (local $x i32) (local f64)
    (block $out (br_if $out (local.get 0)))
    (data.drop $quiet)
    (f32.const 1.5))
  (table $initialized 2 (ref func) (ref.func $start))
  (table $long i64 0 0x100000000 externref)
  (memory $large i64 0 0x1000000000000)
  (memory $one 1)
  (tag $tag (param f64))
  (global $answer (mut i32) (i32.add (i32.const 40) (i32.const 2)))
  (global $node (ref null $node) (struct.new $node (ref.null $node) (i32.const -1) (v128.const i64x2 1 2)))
  (export "start" (func $start))
  (export "" (table $long))
  (export "m" (memory $one))
  (export "g" (global $answer))
  (export "e" (tag $tag))
  (start $start)
  (elem $active (table $initialized) (i32.const 0) func $body)
  (elem $passive func $imported $start)
  (elem $declared declare func $body)
  (elem $expressions (ref null $f) (ref.null $f) (ref.func $body))
  (data $hello (memory $one) (i32.const 8) "hello")
  (data $quiet "quiet")
  (@custom "note" (after data) "kept as it is"))
"""


def u32(value: int) -> bytes:
    """Shortest unsigned LEB128 encoding."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def index(value: int) -> bytes:
    """Shortest signed LEB128 encoding of a type index, where a heap type is due."""
    encoded = u32(value)
    return encoded[:-1] + bytes([encoded[-1] | 0x80, 0]) if encoded[-1] & 0x40 else encoded


def section(id: int, contents: bytes) -> bytes:
    return bytes([id]) + u32(len(contents)) + contents


def vector(*items: bytes) -> bytes:
    return u32(len(items)) + b"".join(items)


def module(*sections: bytes) -> bytes:
    return HEADER + b"".join(sections)


def name(text: str) -> bytes:
    return u32(len(text.encode())) + text.encode()


def custom(title: str, contents: bytes) -> bytes:
    return section(0, name(title) + contents)


@pytest.fixture(scope="session")
def wasm() -> SimpleNamespace:
    """Functions that encode parts of a module."""
    return SimpleNamespace(
        header=HEADER,
        u32=u32,
        index=index,
        section=section,
        vector=vector,
        module=module,
        name=name,
        custom=custom,
    )


@pytest.fixture(scope="session")
def everything() -> bytes:
    """A module with every section."""
    return bytes(wasmtime.wat2wasm(EVERYTHING))


@pytest.fixture
def read() -> Callable[..., ModuleData]:
    """Decodes bytes, or WAT, with a registry of their own or the one given."""

    def read(source: bytes | str, registry: TypeRegistry | None = None) -> ModuleData:
        data: Any = wasmtime.wat2wasm(source) if isinstance(source, str) else source
        return decode(bytes(data), TypeRegistry() if registry is None else registry)

    return read
