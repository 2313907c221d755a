"""`wasmine run --profile`: what was compiled, when, why, and in how long."""

from __future__ import annotations

import sys
import time

from wasmine.cli.errors import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.api.module import Module


def print_profile(module: Module, start: float) -> None:
    """Print the compilations of a module to standard error.

    `start`: when it began to run, on the monotonic clock.
    """
    native = module._code.native
    end = time.monotonic()
    if native is None:
        print("profile: everything was interpreted", file=sys.stderr)
        return
    history = native.history()
    print(f"profile: {(end - start) * 1e3:.1f} ms, {len(history)} compilations", file=sys.stderr)
    if not history:
        return
    imported = module._code.imported_funcs
    print("    at ms   took ms   bytes  reason            function", file=sys.stderr)
    for position, loop, reason, status, size, calls, trips, began, took in history:
        why = {"calls": f"{calls} calls", "loop": f"{trips} trips"}.get(reason, reason)
        name = module._code.name_of(imported + position)
        entered = "" if loop is None else f", entered in the loop at {loop}"
        failed = "" if status == "compiled" else f": not compiled: {status}"
        times = f"{(began - start) * 1e3:9.2f} {took * 1e3:9.2f}"
        print(f"{times} {size:7}  {why:16}  {printable(name)}{entered}{failed}", file=sys.stderr)
