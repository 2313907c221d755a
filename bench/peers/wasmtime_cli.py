"""wasmtime's own command."""

from bench.peers.base import command_line

RUNTIME = command_line(
    "wasmtime",
    lambda me, file, args: [me, "run", file, *args],
    lambda me, file, export, args: [me, "run", "--invoke", export, file, *args],
)
