"""Node: its engine is V8."""

from __future__ import annotations

from bench.peers.base import HERE, MACHINE, Runtime, find, output_of

INSTALLED = f"node_modules/node-linux-{MACHINE}/bin/node"


def executable() -> str | None:
    return find("node", INSTALLED)


RUNTIME = Runtime(
    name="node",
    missing=lambda: None if executable() else "no node on the search path or installed here",
    version=lambda: output_of([executable() or "node", "--version"]).lstrip("v"),
    worker=lambda: [executable() or "node", str(HERE / "worker.mjs")],
    program=lambda file, args: [executable() or "node", str(HERE / "run.mjs"), file, *args],
    invoke=lambda file, export, args: [executable() or "node", str(HERE / "call.mjs"), file, export, *args],
)
