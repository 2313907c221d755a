"""wasmine: a small, fast and safe WebAssembly runtime for Python.

    import wasmine

    plugin = wasmine.load("plugin.wasm")
    plugin.exports.add(2, 40)

Only what this module exports is public. Names are imported when they are first used, so that a program pays
at its start for what it uses.
"""

from wasmine._compiled import install

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.api.annotations import externref as externref
    from wasmine.api.annotations import f32 as f32
    from wasmine.api.annotations import f64 as f64
    from wasmine.api.annotations import funcref as funcref
    from wasmine.api.annotations import i32 as i32
    from wasmine.api.annotations import i64 as i64
    from wasmine.api.annotations import v128 as v128
    from wasmine.api.config import Config as Config
    from wasmine.api.definitions import I8 as I8
    from wasmine.api.definitions import I16 as I16
    from wasmine.api.definitions import ArrayType as ArrayType
    from wasmine.api.definitions import FieldType as FieldType
    from wasmine.api.definitions import PackedType as PackedType
    from wasmine.api.definitions import StructType as StructType
    from wasmine.api.engine import Engine as Engine
    from wasmine.api.externs import Global as Global
    from wasmine.api.externs import Table as Table
    from wasmine.api.externs import Tag as Tag
    from wasmine.api.func import Func as Func
    from wasmine.api.instance import Exports as Exports
    from wasmine.api.instance import Instance as Instance
    from wasmine.api.linker import Linker as Linker
    from wasmine.api.load import load as load
    from wasmine.api.memory import Memory as Memory
    from wasmine.api.module import Module as Module
    from wasmine.api.objects import ArrayRef as ArrayRef
    from wasmine.api.objects import ExnRef as ExnRef
    from wasmine.api.objects import StructRef as StructRef
    from wasmine.api.store import Store as Store
    from wasmine.api.types import ANYREF as ANYREF
    from wasmine.api.types import EXNREF as EXNREF
    from wasmine.api.types import EXTERNREF as EXTERNREF
    from wasmine.api.types import F32 as F32
    from wasmine.api.types import F64 as F64
    from wasmine.api.types import FUNCREF as FUNCREF
    from wasmine.api.types import I32 as I32
    from wasmine.api.types import I64 as I64
    from wasmine.api.types import V128 as V128
    from wasmine.api.types import ExportType as ExportType
    from wasmine.api.types import FuncType as FuncType
    from wasmine.api.types import GlobalType as GlobalType
    from wasmine.api.types import HeapType as HeapType
    from wasmine.api.types import ImportType as ImportType
    from wasmine.api.types import Limits as Limits
    from wasmine.api.types import MemoryType as MemoryType
    from wasmine.api.types import RefType as RefType
    from wasmine.api.types import TableType as TableType
    from wasmine.api.types import TagType as TagType
    from wasmine.api.types import ValType as ValType
    from wasmine.runtime.backtrace import Frame as Frame
    from wasmine.runtime.reference import I31 as I31
    from wasmine.spec.errors import FuelExhausted as FuelExhausted
    from wasmine.spec.errors import Interrupted as Interrupted
    from wasmine.spec.errors import InvalidError as InvalidError
    from wasmine.spec.errors import LinkError as LinkError
    from wasmine.spec.errors import MalformedError as MalformedError
    from wasmine.spec.errors import ModuleError as ModuleError
    from wasmine.spec.errors import ResourceError as ResourceError
    from wasmine.spec.errors import StackExhausted as StackExhausted
    from wasmine.spec.errors import StoreBusy as StoreBusy
    from wasmine.spec.errors import StoreClosed as StoreClosed
    from wasmine.spec.errors import Timeout as Timeout
    from wasmine.spec.errors import Trap as Trap
    from wasmine.spec.errors import WasmException as WasmException
    from wasmine.spec.errors import WasmineError as WasmineError
    from wasmine.text.errors import TextError as TextError

# Public name -> the module that it comes from.
_HOMES = {
    name: module
    for module, names in {
        "wasmine.api.annotations": "externref f32 f64 funcref i32 i64 v128",
        "wasmine.api.config": "Config",
        "wasmine.api.definitions": "I8 I16 ArrayType FieldType PackedType StructType",
        "wasmine.api.engine": "Engine",
        "wasmine.api.externs": "Global Table Tag",
        "wasmine.api.func": "Func",
        "wasmine.api.instance": "Exports Instance",
        "wasmine.api.linker": "Linker",
        "wasmine.api.load": "load",
        "wasmine.api.memory": "Memory",
        "wasmine.api.module": "Module",
        "wasmine.api.objects": "ArrayRef ExnRef StructRef",
        "wasmine.api.store": "Store",
        "wasmine.api.types": (
            "ANYREF EXNREF EXTERNREF F32 F64 FUNCREF I32 I64 V128 ExportType FuncType GlobalType HeapType "
            "ImportType Limits MemoryType RefType TableType TagType ValType"
        ),
        "wasmine.runtime.backtrace": "Frame",
        "wasmine.runtime.reference": "I31",
        "wasmine.spec.errors": (
            "FuelExhausted Interrupted InvalidError LinkError MalformedError ModuleError ResourceError "
            "StackExhausted StoreBusy StoreClosed Timeout Trap WasmException WasmineError"
        ),
        "wasmine.text.errors": "TextError",
    }.items()
    for name in names.split()
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    """Import a public name at its first use."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'wasmine' has no attribute {name!r}")
    module = __import__(home, fromlist=[name])
    value: object = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


install(__path__[0])
