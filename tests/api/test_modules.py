"""Modules: sources, descriptions, pickling."""

import io
import multiprocessing
import pickle
from pathlib import Path

import pytest

import wasmine
from wasmine import (
    Config,
    Engine,
    ExportType,
    FuncType,
    GlobalType,
    ImportType,
    InvalidError,
    MalformedError,
    MemoryType,
    Module,
    TableType,
    TagType,
)
from wasmine.text import parse_module

ADD = '(module $adder (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))'


@pytest.fixture(scope="module")
def data():
    return parse_module(ADD)


def answer(module):
    return wasmine.Linker(module.engine).instantiate(wasmine.Store(module.engine), module).exports.add(2, 40)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda d: io.BytesIO(d).getbuffer()])
def test_a_source_is_bytes_of_any_kind(data, kind):
    assert answer(Module(kind(data))) == 42
    assert answer(Module(Engine(), kind(data))) == 42


@pytest.mark.parametrize("kind", [str, Path, lambda p: FsPath(p)])
def test_a_source_is_a_path(data, tmp_path, kind):
    path = tmp_path / "adder.wasm"
    path.write_bytes(data)
    assert answer(Module(kind(path))) == 42
    text = tmp_path / "adder.wat"
    text.write_text(ADD)
    assert answer(Module(kind(text))) == 42
    binary = tmp_path / "binary.wat"
    binary.write_bytes(data)
    assert answer(Module(kind(binary))) == 42


class FsPath:
    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return str(self.path)


@pytest.mark.parametrize("lead", ["", "  \n\t", ";; a comment\n", "(; block ;) ", ";; one\n;; two\n  "])
def test_a_source_is_text(lead):
    assert answer(Module(lead + ADD)) == 42


@pytest.mark.parametrize("wrong", [3, None, 1.5, object(), ["(module)"]])
def test_other_sources_are_type_errors(wrong):
    with pytest.raises(TypeError, match=r"bytes, a path or WAT text|is missing"):
        Module(Engine(), wrong)
    with pytest.raises(TypeError):
        Module(wrong)


def test_an_engine_alone_is_no_module(data):
    with pytest.raises(TypeError, match="missing"):
        Module(Engine())
    with pytest.raises(TypeError, match="Engine"):
        Module(data, data)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Module(tmp_path / "nothing.wasm")
    with pytest.raises(FileNotFoundError):
        Module("nothing.wasm")


def test_what_is_wrong_is_told_apart(data):
    with pytest.raises(MalformedError, match="magic"):
        Module(b"not wasm at all")
    with pytest.raises(MalformedError):
        Module(data[:-1])
    with pytest.raises(MalformedError):
        Module("(module (func (nonsense)))")
    with pytest.raises(InvalidError, match="type mismatch"):
        Module("(module (func (result i32)))")
    assert issubclass(MalformedError, wasmine.WasmineError)
    assert issubclass(InvalidError, wasmine.WasmineError)


def test_validate_keeps_nothing(data):
    assert Module.validate(data) is None
    assert Module.validate(ADD) is None
    with pytest.raises(InvalidError):
        Module.validate("(module (func (result i32)))")
    with pytest.raises(MalformedError):
        Module.validate(b"")


def test_imports_and_exports_describe_themselves():
    module = Module("""(module
      (import "env" "f" (func (param i32 externref) (result f64)))
      (import "env" "t" (table 1 2 externref))
      (import "env" "m" (memory i64 3 4))
      (import "e\\u{76}" "g" (global (mut v128)))
      (import "env" "x" (tag (param i32)))
      (export "again" (func 0))
      (memory (export "mem") 1)
      (global (export "glob") i32 (i32.const 1))
      (export "tag" (tag 0))
      (table (export "tab") 0 (ref null func)))""")
    assert module.imports == (
        ImportType("env", "f", FuncType(["i32", "externref"], ["f64"])),
        ImportType("env", "t", TableType("externref", 1, 2)),
        ImportType("env", "m", MemoryType(3, 4, address="i64")),
        ImportType("ev", "g", GlobalType("v128", mutable=True)),
        ImportType("env", "x", TagType(["i32"])),
    )
    assert module.exports == (
        ExportType("again", FuncType(["i32", "externref"], ["f64"])),
        ExportType("mem", MemoryType(1)),
        ExportType("glob", GlobalType("i32")),
        ExportType("tag", TagType(["i32"])),
        ExportType("tab", TableType("funcref", 0)),
    )
    assert Module("(module)").imports == Module("(module)").exports == ()
    assert str(module.imports[0]) == "env.f: (i32, externref) -> f64"


def test_defined_types_are_described():
    module = Module("""(module
      (type $callback (func (param i32)))
      (type $point (struct (field (mut f64)) (field i8)))
      (rec (type $a (func (param (ref $b)))) (type $b (array (mut (ref null $a)))))
      (import "env" "f" (func (param (ref $callback)) (result (ref null $point))))
      (import "env" "g" (func (param (ref $b)))))""")
    first, second = (entry.type for entry in module.imports)
    assert str(first) == "((ref (func (param i32)))) -> (ref null (struct (mut f64) i8))"
    assert first.params[0].heap.is_defined
    assert first.params[0] != first.results[0]
    assert second.params[0].heap.is_defined
    assert Module(module.data).imports == module.imports
    assert Module(Engine(), module.data).imports != module.imports
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(first)
    with pytest.raises(TypeError, match="another engine"):
        wasmine.Func(wasmine.Store(Engine()), print, first)


def test_a_name_comes_from_the_name_section_or_the_file(data, tmp_path):
    assert Module(ADD).name == "adder"
    assert Module("(module)").name is None
    path = tmp_path / "plugin.v2.wasm"
    path.write_bytes(parse_module("(module)"))
    assert Module(path).name == "plugin.v2"


def custom(name, content):
    body = bytes([len(name)]) + name + content
    return bytes([0, len(body)]) + body


def test_custom_sections_are_kept(data):
    module = Module(data + custom(b"one", b"first") + custom(b"two", b"") + custom(b"one", b"second"))
    assert module.custom_sections("one") == (b"first", b"second")
    assert module.custom_sections("two") == (b"",)
    assert module.custom_sections("three") == ()


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\0\xff", b"\xff" * 9, b"\0\5\xff\xff\xff\xff\xff", b"\1\x80"]
)
def test_a_malformed_name_section_is_no_error(content):
    module = Module(b"\0asm\1\0\0\0" + custom(b"name", content))
    assert module.name is None or isinstance(module.name, str)
    assert "Module" in repr(module)


def test_a_module_pickles_as_its_bytes(data):
    module = Module(data)
    copy = pickle.loads(pickle.dumps(module))
    assert copy.data == data
    assert answer(copy) == 42
    assert copy.engine is module.engine
    counting = Module(Engine(Config(fuel=True)), data)
    copy = pickle.loads(pickle.dumps(counting))
    assert copy.engine.config == Config(fuel=True)
    assert pickle.loads(pickle.dumps(copy)).engine is copy.engine


def test_a_module_goes_to_another_process(data):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(answer, [Module(data)]) == [42]


def test_a_module_describes_itself():
    assert repr(Module(ADD)).startswith("<Module adder: 0 imports, 1 export, 1 function, ")


def test_settings_are_frozen():
    config = Config(tier="interp")
    with pytest.raises(AttributeError):
        config.tier = "auto"
    with pytest.raises(TypeError):
        Config("interp")
    with pytest.raises(ValueError, match="tier"):
        Config(tier="quick")
    assert Engine(config).config is config
    assert Engine().config == Config()
    assert answer(Module(Engine(config), ADD)) == 42


def test_each_tier_runs_a_module():
    for tier in ("interp", "auto", "jit"):
        assert answer(Module(Engine(Config(tier=tier)), ADD)) == 42


def test_memories_without_a_guard():
    engine = Engine(Config(guard=False))
    memory = wasmine.Memory(wasmine.Store(engine), MemoryType(1, 4))
    view = memoryview(memory)
    memory.grow(3)
    view[0] = 5
    assert memory[0] == 5


def test_a_module_as_text():
    module = Module(ADD)
    assert module.text().startswith("(module $adder\n")
    assert "(i32.add (local.get 0) (local.get 1))" in module.text(fold=True)
    assert Module(module.text()).data == module.data
    assert "$" not in module.text(names=False)
    assert Module(module.text(names=False, fold=True)).data == module.data


def test_features_can_be_switched_off():
    config = Config(disable=["simd", "reference-types"])
    assert Engine(config).disabled > {"simd", "relaxed-simd", "gc", "function-references"}
    assert Config(disable={"simd"}) == Config(disable=("simd",))
    assert answer(Module(Engine(config), ADD)) == 42
    for text in ("(func (local v128))", "(func (param externref))", "(table 1 funcref) (table 1 funcref)"):
        Module(text)
        with pytest.raises(wasmine.ModuleError):
            Module(Engine(config), text)
    with pytest.raises(MalformedError, match="i32 constant out of range"):
        Module(Engine(Config(disable=["memory64"])), "(memory 0x1_0000_0000)")
    with pytest.raises(ValueError, match="mvp"):
        Config(disable=["mvp"])
    with pytest.raises(ValueError, match="string"):
        Config(disable="simd")
