import pytest
import wasmtime

import wasmine


def compile_text(text: str) -> bytes:
    return bytes(wasmtime.wat2wasm(text))


@pytest.fixture
def load():
    """`load(text, imports=None, **limits)`: an instance with a store of its own, closed after the test."""
    made = []

    def load(text, imports=None, **limits):
        instance = wasmine.load(compile_text(text), imports, **limits)
        made.append(instance)
        return instance

    yield load
    for instance in made:
        instance.close()


@pytest.fixture
def store():
    with wasmine.Store() as store:
        yield store


@pytest.fixture
def instantiate(store):
    """`instantiate(text, imports={})`: an instance in `store`; names of imports are "module.name"."""

    def instantiate(text, imports=None):
        linker = wasmine.Linker()
        for name, value in (imports or {}).items():
            linker.define(*name.split("."), value)
        return linker.instantiate(store, wasmine.Module(compile_text(text)))

    return instantiate
