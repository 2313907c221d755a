"""What it costs to be between Python and Wasm: calls, callbacks, memory, instances, threads."""

from __future__ import annotations

from typing import Any

from bench.figures.base import Figure, Setting, figure, in_turn

SCRIPT = "bench.figures.host_script"


def ask(setting: Setting, what: str, *others: str) -> dict[str, Any]:
    """What the script measures with the packages that can do it, and with those named in `others`."""
    names = [*others]
    for name, runtime in setting.runtimes.items():
        if runtime.in_process is not None and (not runtime.slow or what == "call"):
            names.append(name)
    return in_turn({name: [name, what] for name in names}, SCRIPT, setting.rounds(3))


def rows(answers: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    """One row for each runtime and value, or the reason why there is none."""
    found: dict[str, Any] = {}
    for name, answer in answers.items():
        if isinstance(answer, str):
            found[name] = answer
            continue
        for key, title in titles.items():
            if key in answer:
                found[f"{name}{title}"] = answer[key]
    return found


def call(setting: Setting) -> Figure:
    found = rows(ask(setting, "call", "python"), {"seconds": ""})
    return figure(
        "Python calls add(i32, i32)", "s", found, "Processor time; what the loop costs is taken off."
    )


def callback(setting: Setting) -> Figure:
    found = rows(ask(setting, "callback"), {"seconds": ""})
    return figure("Wasm calls a Python function (i32) -> i32", "s", found)


def memory(setting: Setting) -> Figure:
    titles = {
        "read": ", reads a byte",
        "write": ", writes a byte",
        "copy_out": ", 1 MiB out",
        "copy_in": ", 1 MiB in",
        "view": ", NumPy sums 1 MiB in place",
    }
    return figure("Memory from Python", "s", rows(ask(setting, "memory", "python"), titles))


def instances(setting: Setting) -> Figure:
    titles = {"one": ", each of 1,000", "many": ", each of 10,000 that live at once"}
    found = rows(ask(setting, "instances"), titles)
    return figure("An instance of a module with a memory and a table, in a store of its own", "s", found)


def threads(setting: Setting) -> Figure:
    titles = {"one": ", one thread", "two": ", two threads"}
    note = (
        "Each thread has a store of its own and does the same work: on two free processors two take as long "
        "as one."
    )
    return figure("fib(32) in threads", "s", rows(ask(setting, "threads"), titles), note)
