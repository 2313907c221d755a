"""Random changes of valid bodies: wasmtime and wasmine must agree on which are still valid."""

import random
from collections.abc import Callable

import pytest
import wasmtime

from wasmine.spec.errors import ModuleError

CHANGES = 4000

# One module with something of everything, so that a changed index or type often meets another that exists.
TEXT = """(module
  (type $v (func)) (type $i (func (param i32) (result i32))) (type $two (func (result i32 i64)))
  (type $s (sub (struct (field i32) (field (mut i64)) (field (mut i8)))))
  (type $t (sub $s (struct (field i32) (field (mut i64)) (field (mut i8)) (field (ref null $s)))))
  (type $a (array (mut i32))) (type $r (array (mut (ref null $s))))
  (tag $e) (tag $f (param i32))
  (table $tab 3 funcref) (table $tab64 i64 3 anyref)
  (memory $m 1) (memory $m64 i64 1)
  (global $g (mut i32) (i32.const 0)) (global $h i64 (i64.const 0)) (global $n (mut anyref) (ref.null any))
  (elem $el funcref (ref.func 0)) (data $d "abc")
  (func $control (type $i) (local i64 f32 f64 v128)
    (block $b (result i32)
      (loop $l
        (br_if $l (i32.eqz (local.get 0)))
        (br_table $l $l (local.get 0)))
      (if (result i32) (local.get 0)
        (then (i32.const 1))
        (else (br $b (i32.const 2)))))
    (call $control)
    (call_indirect $tab (type $i) (i32.const 1)) (return_call $control))
  (func $numbers (result i32 i64) (local i32 i64 f32 f64 v128)
    (local.set 3 (f64.promote_f32 (f32.add (local.get 2) (f32.const 1))))
    (local.set 1 (i64.add (i64.extend_i32_s (local.get 0)) (i64.trunc_f64_s (local.get 3))))
    (i64.add128 (local.get 1) (i64.const 1) (i64.const 2) (global.get $h)) drop drop
    (local.set 4 (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (local.get 4) (local.get 4)))
    (local.set 0 (i16x8.extract_lane_s 3 (f32x4.splat (local.get 2))))
    (select (local.get 0) (global.get $g) (i32.const 1)) (local.tee 1 (i64.const 5)))
  (func $storage (param i32 i64)
    (i32.store offset=4 (local.get 0) (i32.load8_u (local.get 0)))
    (i64.store $m64 (local.get 1) (i64.load32_s $m64 align=2 (local.get 1)))
    (drop (i32.atomic.rmw.add (local.get 0) (i32.const 1)))
    (memory.copy $m $m64 (local.get 0) (local.get 1) (i32.const 2))
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
    (memory.fill $m64 (local.get 1) (i32.const 0) (local.get 1))
    (table.set $tab (i32.const 1) (table.get $tab (i32.const 0)))
    (table.fill $tab64 (i64.const 0) (ref.null any) (table.size $tab64))
    (table.init $tab $el (i32.const 0) (i32.const 0) (i32.const 1))
    (global.set $g (memory.grow (i32.const 1))))
  (func $references (param (ref $s) anyref (ref null $i)) (result i32) (local (ref $s) (ref null $r) funcref)
    (local.set 3 (local.get 0))
    (block $other (result anyref)
      (block $cast (result (ref $t))
        (br_on_cast $cast anyref (ref $t) (local.get 1))
        (br_on_cast_fail $other anyref (ref null $s))
        (br $other))
      (struct.set $s 1 (local.get 3) (i64.const 2))
      (struct.get $t 3))
    drop
    (block $null (br_on_null $null (local.get 1)) drop)
    (local.set 4 (array.new_fixed $r 2 (local.get 3) (ref.null $t)))
    (array.set $r (local.get 4) (i32.const 0) (struct.new $s (i32.const 1) (i64.const 2) (i32.const 3)))
    (array.fill $r (local.get 4) (i32.const 0) (ref.null $s) (i32.const 1))
    (drop (ref.eq (local.get 3) (ref.i31 (i32.const 1))))
    (drop (ref.cast (ref null $t) (local.get 1)))
    (global.set $n (any.convert_extern (extern.convert_any (local.get 1))))
    (local.set 5 (ref.func $control))
    (struct.get_u $s 2 (local.get 0)) (call_ref $i (local.get 2)))
  (func $exceptions (result i32)
    (block $x (result i32)
      (block $y (result exnref)
        (try_table (result i32) (catch $f $x) (catch_all_ref $y)
          (throw $f (i32.const 1)))
        (br $x))
      (throw_ref)))
)"""


def split_bodies(binary: bytes) -> tuple[bytes, list[bytes], bytes]:
    """The sections before the code, the bodies, and the sections after it; sizes take two bytes at most."""
    at = 8
    while binary[at] != 10:
        size, next_at = read_size(binary, at + 1)
        at = next_at + size
    size, next_at = read_size(binary, at + 1)
    end = next_at + size
    bodies = []
    before, at = binary[:at], next_at + 1
    while at < end:
        size, at = read_size(binary, at)
        bodies.append(binary[at : at + size])
        at += size
    return before, bodies, binary[end:]


def read_size(binary: bytes, at: int) -> tuple[int, int]:
    if binary[at] < 0x80:
        return binary[at], at + 1
    return binary[at] & 0x7F | binary[at + 1] << 7, at + 2


def change(body: bytearray, choose: random.Random) -> None:
    """One byte more, less or other, or a copy of some bytes elsewhere in the body."""
    at = choose.randrange(len(body))
    kind = choose.randrange(5)
    if kind == 0:
        body[at] = choose.randrange(256)
    elif kind == 1:
        body[at] = (body[at] + choose.choice((-1, 1))) % 256
    elif kind == 2:
        del body[at]
    elif kind == 3:
        body[at:at] = choose.choice(
            (b"\x1a", b"\x41\0", b"\x42\0", b"\xd0\x6e", b"\xd4", b"\0", b"\x02\x40", b"\x0b")
        )
    else:
        start = choose.randrange(len(body))
        body[at:at] = body[start : start + choose.randrange(1, 9)]


@pytest.mark.parametrize("seed", range(4))
def test_changed_bodies(
    seed: int,
    outcome: Callable[[bytes], ModuleError | None],
    peer: Callable[[bytes], bool],
    make_section: Callable[..., bytes],
) -> None:
    choose = random.Random(seed)
    binary = bytes(wasmtime.wat2wasm(TEXT))
    assert outcome(binary) is None
    before, bodies, after = split_bodies(binary)
    verdicts = {True: 0, False: 0}
    for _ in range(CHANGES // 4):
        body = bytearray(choose.choice(bodies))
        index = bodies.index(bytes(body))
        for _ in range(choose.randrange(1, 4)):
            change(body, choose)
        changed = [*bodies[:index], bytes(body), *bodies[index + 1 :]]
        sized = [
            size.to_bytes(1, "little") if size < 0x80 else bytes([size & 0x7F | 0x80, size >> 7])
            for size in map(len, changed)
        ]
        module = (
            before
            + make_section(10, *(size + body for size, body in zip(sized, changed, strict=True)))
            + after
        )
        error = outcome(module)
        valid = peer(module)
        legacy = error is None and not valid and any(op in body for op in (0x06, 0x07, 0x09, 0x18, 0x19))
        assert valid == (error is None) or legacy, f"{error}: {module.hex()}"
        verdicts[valid] += 1
    assert verdicts[True] > 10
    assert verdicts[False] > 10
