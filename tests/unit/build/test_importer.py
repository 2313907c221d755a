"""The importer of the compiled modules: what they look like to Python's own tools, and how it fails."""

import importlib
import inspect
import multiprocessing
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

import wasmine
from wasmine._compiled import COMPILED, CoreFinder, install

PACKAGE = Path(wasmine.__file__).parent
CORE = next(PACKAGE.glob("_core.*"))


@pytest.fixture
def finder() -> CoreFinder:
    found = [finder for finder in sys.meta_path if isinstance(finder, CoreFinder)]
    assert len(found) == 1
    assert sys.meta_path[0] is found[0]
    return found[0]


@pytest.mark.parametrize("name", COMPILED)
def test_every_compiled_module_comes_from_the_extension(name: str) -> None:
    module = importlib.import_module(name)
    spec = module.__spec__
    assert spec is not None
    assert module is sys.modules[name]
    assert (module.__name__, spec.name) == (name, name)
    assert module.__package__ == spec.parent == name.rpartition(".")[0]
    assert module.__file__ == spec.origin == str(CORE)
    assert module.__loader__ is spec.loader


def test_a_reload_changes_nothing(finder: CoreFinder) -> None:
    module = importlib.import_module("wasmine.api.memory")
    memory = module.Memory
    assert importlib.reload(module) is module
    assert module.Memory is memory is wasmine.Memory
    before = list(sys.meta_path)
    importlib.reload(wasmine)
    assert len(sys.meta_path) == len(before)
    assert [type(one) for one in sys.meta_path] == [type(one) for one in before]


def test_inspect_sees_extensions() -> None:
    module = importlib.import_module("wasmine.api.memory")
    assert inspect.getfile(module) == str(CORE)
    assert inspect.getfile(wasmine.Memory) == str(CORE)
    assert inspect.getmodule(wasmine.Memory) is module
    assert inspect.getsourcefile(module) is None
    with pytest.raises((OSError, TypeError)):
        inspect.getsource(wasmine.Memory)


def test_a_compiled_module_is_no_program() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "wasmine.api.memory"], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 1
    assert result.stderr.endswith("No code object available for wasmine.api.memory\n")


def test_a_spawned_process_imports_what_it_is_sent() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(getattr, (wasmine.Memory, "__module__")) == "wasmine.api.memory"


def test_a_module_that_the_extension_lacks(finder: CoreFinder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "names", finder.names | {"wasmine.api.gone"})
    with pytest.raises(ImportError, match=r"PyInit_api_gone.*out of date.*build_ext --inplace") as caught:
        importlib.import_module("wasmine.api.gone")
    assert caught.value.name == "wasmine.api.gone"
    assert caught.value.path == str(CORE)
    assert "wasmine.api.gone" not in sys.modules


def test_a_directory_without_the_extension_changes_nothing(tmp_path: Path) -> None:
    before = list(sys.meta_path)
    with pytest.raises(ImportError, match=r"no _core in .*build_ext --inplace"):
        install(str(tmp_path))
    assert sys.meta_path == before


def import_of_a_copy(directory: Path, change: Callable[[Path], object]) -> subprocess.CompletedProcess[str]:
    """Import a compiled module from a changed copy of the package, in a process of its own."""
    package = directory / "wasmine"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    change(package)
    code = f"import sys; sys.path.insert(0, {str(directory)!r}); from wasmine.api import memory; print(memory.__file__)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


def test_an_extension_left_from_an_earlier_version_is_not_loaded(tmp_path: Path) -> None:
    def leave(package: Path) -> None:
        (package / f"api/memory{EXTENSION_SUFFIXES[0]}").write_bytes(b"no library")

    result = import_of_a_copy(tmp_path, leave)
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()) == tmp_path / "wasmine" / CORE.name


def test_an_extension_that_is_damaged(tmp_path: Path) -> None:
    def damage(package: Path) -> None:
        (package / CORE.name).write_bytes(b"no library")

    result = import_of_a_copy(tmp_path, damage)
    assert result.returncode == 1
    message = result.stderr.splitlines()[-1]
    assert message.startswith("ImportError: ")
    assert "damaged or out of date" in message
    assert "build_ext --inplace" in message
