"""A process that runs jobs with one of Python's runtimes, and times them.

`python -m bench.peers.worker RUNTIME [TIER]` reads requests, one line of JSON each, and answers each with
another; worker.mjs does the same for JavaScript.

    {"do": "open", "job": JOB}                   compile the job's module, and keep it
    {"do": "run", "clock": "wall", "times": 1}   run it that many times: seconds for one, and its result
    {"do": "fresh", "job": JOB}                  from bytes to a result; how long the load took

An answer of {"error": TEXT} says what went wrong. The result of a WASI program is its exit code, and the
length and the digest of its output.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Answer = dict[str, Any]

CLOCKS: dict[str, Callable[[], float]] = {
    "wall": time.perf_counter,
    "cpu": time.thread_time,  # of the thread that runs
    "process": time.process_time,  # of all threads, such as those that compile
}


class Worker:
    """The state between requests: a compiled module, and what runs the job once."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.once: Callable[[], Any] = lambda: None

    def prepare(self, module: Any, job: Answer) -> Callable[[], Any]:
        """What runs a job once. An export is called in one instance; a program gets a new one each time."""
        if "argv" in job:
            return lambda: self.engine.program(module, job["argv"], job["stdin"])
        function, args = self.engine.function(module, job["export"]), job["args"]
        return lambda: function(*args)

    def open(self, request: Answer) -> Answer:
        source = Path(request["job"]["module"]).read_bytes()
        start = time.perf_counter()
        module = self.engine.compile(source)
        seconds = time.perf_counter() - start
        self.once = self.prepare(module, request["job"])
        return {"seconds": seconds}

    def run(self, request: Answer) -> Answer:
        clock, times, once, result = CLOCKS[request["clock"]], request["times"], self.once, None
        start = clock()
        for _ in range(times):
            result = once()
        seconds = (clock() - start) / times
        return {"seconds": seconds, "result": describe(result)}

    def fresh(self, request: Answer) -> Answer:
        source = Path(request["job"]["module"]).read_bytes()
        clock = CLOCKS[request.get("clock", "wall")]
        start = clock()
        module = self.engine.compile(source)
        loaded = clock()
        result = self.prepare(module, request["job"])()
        done = clock()
        return {"load": loaded - start, "seconds": done - start, "result": describe(result)}

    def answer(self, request: Answer) -> Answer:
        handlers = {"open": self.open, "run": self.run, "fresh": self.fresh}
        try:
            return handlers[request["do"]](request)
        except Exception as error:
            text = str(error).strip().splitlines() or [""]
            return {"error": f"{type(error).__name__}: {text[0]}"}


def describe(result: Any) -> Any:
    if isinstance(result, tuple):
        output, code = result
        return f"exit {code}, {len(output)} bytes, {hashlib.sha256(output).hexdigest()[:16]}"
    return result


def main() -> None:
    # What a runtime may print on its own must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name, *settings = sys.argv[1:]
    worker = Worker(importlib.import_module(f"bench.peers.{name}").Engine(*settings))
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
