"""Run a WASI program by another runtime, with the options of `wasmine run` that the tests use.

WASMINE_RUNNER="python tests/e2e/peer.py" pytest tests/e2e    holds programs and tests against that runtime.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import wasmtime


def main() -> int:
    """Run the program and pass on its exit code; 134 after a trap."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", action="append", default=[])
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("--invoke")
    parser.add_argument("file")
    parser.add_argument("args", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    engine = wasmtime.Engine()
    store, linker = wasmtime.Store(engine), wasmtime.Linker(engine)
    linker.define_wasi()
    wasi = wasmtime.WasiConfig()
    wasi.argv = [options.file, *options.args]
    wasi.env = [tuple(variable.split("=", 1)) for variable in options.env]
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    for directory in options.dir:
        wasi.preopen_dir(*directory.split("::"))
    store.set_wasi(wasi)
    try:
        instance = linker.instantiate(store, wasmtime.Module.from_file(engine, options.file))
        exports: Any = instance.exports(store)
        if options.invoke:
            print(exports[options.invoke](store, *map(int, options.args)))
        else:
            exports["_start"](store)
    except wasmtime.ExitTrap as exit_trap:
        return int(exit_trap.code)
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        print(error, file=sys.stderr)
        # This runtime refuses exit codes from 126 on; abort in AssemblyScript exits with 255.
        return 255 if "invalid exit status" in str(error) else 134
    return 0


if __name__ == "__main__":
    sys.exit(main())
