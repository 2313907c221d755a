"""Modules: checked code, ready to be instantiated."""

from __future__ import annotations

from wasmine.api.describe import counts, export_types, import_names, import_type
from wasmine.api.engine import Engine, default_engine, engine_for
from wasmine.api.source import read_source
from wasmine.binary.decode import decode
from wasmine.runtime.code import ModuleCodeCore
from wasmine.spec.errors import WasmineError
from wasmine.spec.types import TypeRegistry
from wasmine.validate.validator import validate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.api.config import Config
    from wasmine.api.definitions import ArrayType, StructType
    from wasmine.api.source import Source
    from wasmine.api.types import ExportType, FuncType, ImportType
    from wasmine.binary.module import ModuleData


class Module:
    """A WebAssembly module (core specification, section 2.5), decoded and validated.

    `Module(engine, source)` loads it for an engine, `Module(source)` for the default one. A module may be
    instantiated many times, in any store of its engine and by any thread. It pickles as its bytes, so that a
    function that uses it runs unchanged in another process.

    Args:
        engine: the engine to load it for.
        source: its bytes (anything with the buffer protocol), the path of a file, or WAT text.

    Raises:
        MalformedError: it does not follow the binary or text format (sections 5 and 6).
        InvalidError: it breaks a rule of validation (section 3), or a limit of the implementation.
        OSError: the file cannot be read.
        TypeError: `source` is nothing of that kind.
    """

    __slots__ = (
        "__weakref__",
        "_code",
        "_data",
        "_exports",
        "_import_names",
        "_import_types",
        "_name",
        "engine",
    )

    engine: Engine
    """The engine that it was loaded for."""
    _code: ModuleCodeCore
    _data: ModuleData

    def __init__(self, engine: Engine | Source, source: Source | None = None, /) -> None:
        if not isinstance(engine, Engine):
            if source is not None:
                raise TypeError(f"engine must be an Engine, not {type(engine).__name__}")
            self._load(default_engine(), *read_source(engine))
        elif source is None:
            raise TypeError("Module(engine, source): the source is missing")
        else:
            self._load(engine, *read_source(source, engine.disabled))

    def _load(self, engine: Engine, data: bytes, path: str | None) -> None:
        self.engine = engine
        self._data = decode(data, engine.registry)
        if engine.disabled:
            from wasmine.binary.restrict import restrict

            restrict(self._data, engine.disabled)
        validate(self._data)
        self._code = ModuleCodeCore(self._data, engine.metered)
        if engine.tier != "interp":
            attach_compiler(engine, self._code)
        self._name = path
        self._exports: tuple[ExportType, ...] | None = None
        self._import_names: list[tuple[str, str]] | None = None
        self._import_types: dict[int, ImportType] = {}

    @staticmethod
    def validate(source: Source) -> None:
        """Check that `source` is a valid module, and keep nothing of it.

        Raises:
            MalformedError, InvalidError, OSError, TypeError: as `Module` does.
        """
        validate(decode(read_source(source)[0], TypeRegistry()))

    @property
    def name(self) -> str | None:
        """Its name: from its name section, else that of the file it came from, else None."""
        from wasmine.binary.names import Names

        named = Names(self._data.data, self._data.customs).module
        if named is not None or self._name is None:
            return named
        file = self._name.replace("\\", "/").rpartition("/")[2]
        return file.rpartition(".")[0] or file

    @property
    def imports(self) -> tuple[ImportType, ...]:
        """What it asks for, in its order."""
        return tuple(self._import_type(i) for i in range(len(self._names())))

    @property
    def exports(self) -> tuple[ExportType, ...]:
        """What its instances give, in its order."""
        if self._exports is None:
            from wasmine.api.types import ExportType

            self._exports = tuple(ExportType(name, kind) for name, kind in export_types(self._data))
        return self._exports

    @property
    def types(self) -> tuple[FuncType | StructType | ArrayType, ...]:
        """The types that it defines, in its order, with the names that its name section has for them.

        Structures and arrays of such a type can be made by `StructRef` and `ArrayRef`.
        """
        from wasmine.api.describe import module_types

        return module_types(self._data)

    @property
    def data(self) -> bytes:
        """Its binary format: what it was loaded from, or what its text was translated to."""
        data: bytes = self._data.data
        return data

    def text(self, *, fold: bool = False, names: bool = True) -> str:
        """Return the module in the text format, from which the same module can be loaded again.

        Args:
            fold: whether instructions stand in parentheses with their operands.
            names: whether the names of its name section become identifiers.
        """
        from wasmine.text.printer import print_module

        return print_module(self.data, fold=fold, names=names)

    def custom_sections(self, name: str) -> tuple[bytes, ...]:
        """Return the contents of the custom sections of that name (section 5.5.3), in the module's order."""
        return tuple(
            self._data.data[start:end] for found, start, end, _ in self._data.customs if found == name
        )

    def _names(self) -> list[tuple[str, str]]:
        if self._import_names is None:
            self._import_names = import_names(self._data)
        return self._import_names

    def _import_type(self, position: int) -> ImportType:
        found = self._import_types.get(position)
        if found is None:
            from wasmine.api.types import ImportType

            module, name = self._names()[position]
            found = ImportType(module, name, import_type(self._data, position))
            self._import_types[position] = found
        return found

    def __reduce__(self) -> tuple[object, ...]:
        return load_pickled, (self.engine._config, self.data, self._name)

    def __repr__(self) -> str:
        imports, exports, funcs = counts(self._data)
        name = f" {self.name}" if self.name else ""
        words = (plural(imports, "import"), plural(exports, "export"), plural(funcs, "function"))
        return f"<Module{name}: {', '.join(words)}, {len(self.data)} bytes>"


def load_pickled(config: Config | None, data: bytes, path: str | None) -> Module:
    """Load a module that was pickled, for the engine of this process with the same settings."""
    module = Module.__new__(Module)
    module._load(engine_for(config), data, path)
    return module


def attach_compiler(engine: Engine, code: ModuleCodeCore) -> None:
    """Let functions of a module be compiled as the engine's settings say."""
    from wasmine.jit.tiering import attach

    config = engine._config
    if config is None:
        attach(code, 1, None, guarded=engine.guarded)
    elif engine.tier == "jit":
        if not attach(code, guarded=engine.guarded):
            raise WasmineError("tier 'jit' needs an x86-64 or ARM64 processor and executable memory")
    else:
        attach(code, config.compile_threads, config.tier_up, guarded=engine.guarded)


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"
