"""wasm3's command, an interpreter."""

from bench.peers.base import command_line

RUNTIME = command_line(
    "wasm3",
    lambda me, file, args: [me, file, *args],
    lambda me, file, export, args: [me, "--func", export, file, *args],
)
