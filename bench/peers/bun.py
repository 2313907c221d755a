"""Bun: its engine is JavaScriptCore."""

from __future__ import annotations

from bench.peers.base import HERE, MACHINE, Runtime, find, output_of

INSTALLED = f"node_modules/@oven/bun-linux-{MACHINE.replace('arm64', 'aarch64')}/bin/bun"


def executable() -> str | None:
    return find("bun", INSTALLED)


RUNTIME = Runtime(
    name="bun",
    missing=lambda: None if executable() else "no bun on the search path or installed here",
    version=lambda: output_of([executable() or "bun", "--version"]).lstrip("v"),
    worker=lambda: [executable() or "bun", str(HERE / "worker.mjs")],
    program=lambda file, args: [executable() or "bun", str(HERE / "run.mjs"), file, *args],
    invoke=lambda file, export, args: [executable() or "bun", str(HERE / "call.mjs"), file, export, *args],
)
