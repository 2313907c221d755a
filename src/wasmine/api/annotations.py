"""Annotations for host functions that say which Wasm type a parameter or result has.

    @linker.func("env", "seek")
    def seek(handle: wasmine.i32, offset: wasmine.i64) -> wasmine.i64: ...

To a type checker `wasmine.i64` is `int`, `wasmine.f32` is `float`, and so on. Plain `int` means i32 and plain
`float` f64.
"""

from typing import TYPE_CHECKING, Annotated, Any, Optional

from wasmine.api import types

if TYPE_CHECKING:
    from wasmine.api.func import Func

i32 = Annotated[int, types.I32]
i64 = Annotated[int, types.I64]
f32 = Annotated[float, types.F32]
f64 = Annotated[float, types.F64]
v128 = Annotated[bytes, types.V128]
externref = Annotated[Any, types.EXTERNREF]
funcref = Annotated[Optional["Func"], types.FUNCREF]
