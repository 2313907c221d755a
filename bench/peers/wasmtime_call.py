"""Calls an export by wasmtime's binding, as a small program of a user would: FILE EXPORT ARGUMENT..."""

import sys
from pathlib import Path

import wasmtime

file, export, *arguments = sys.argv[1:]
engine = wasmtime.Engine()
store = wasmtime.Store(engine)
instance = wasmtime.Instance(store, wasmtime.Module(engine, Path(file).read_bytes()), [])
function = instance.exports(store)[export]
assert isinstance(function, wasmtime.Func)
print(function(store, *map(int, arguments)))
