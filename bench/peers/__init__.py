"""The runtimes that are measured side by side. Each has a file of its own here, and is found by its name."""

from __future__ import annotations

from bench.peers import bun, node, pywasm, wasm3, wasmer, wasmine, wasmtime, wasmtime_cli, wazero, zwasm
from bench.peers.base import Runtime

WASMINE: dict[str, Runtime] = {runtime.name: runtime for runtime in wasmine.RUNTIMES}
"""wasmine by tier: `jit`, `auto`, `interp`."""

PEERS: dict[str, Runtime] = {
    module.RUNTIME.name: module.RUNTIME
    for module in (wasmtime, node, bun, pywasm, wasmtime_cli, wasmer, wazero, zwasm, wasm3)
}
"""The others."""
