"""wazero's command, which runs WASI programs and calls no exports."""

from bench.peers.base import command_line

RUNTIME = command_line("wazero", lambda me, file, args: [me, "run", file, *args], None)
