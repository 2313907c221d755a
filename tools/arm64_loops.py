"""Counts the instructions that benchmarks take on ARM64, with wasmine's code and with wasmtime's.

python tools/arm64_loops.py                 programs of the layers wat, c and simd; writes docs/arm64.md
python tools/arm64_loops.py --show NAME...  prints instead, of these programs

They run once, as their tests do (`check` in bench/catalogue.toml), in the root of arm64_root.py: qemu logs
which blocks of generated code it translates and each time it enters one. Of each program's hottest loop the
instructions of a turn are counted and shown: a loop that was unrolled does more in a turn, so that what
compares the two is all of a program.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import arm64_root

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "arm64.md"
HEADING = "## All of it, counted\n"
LAYERS = ("wat", "c", "simd")
# Whose loops are shown: what is asked most of a compiler.
SHOWN = ("c/nbody", "c/matrix", "c/sieve", "c/sha256", "simd/dot")
ENGINES = ("wasmine", "wasmtime")
# The second as its users have it who want to interrupt what runs, as the first always is.
INTERRUPTIBLE = "interruptible"
ATTEMPTS = 6
LOG = "tmp/instructions.log"
COMMON = {"QEMU_RESERVED_VA": hex(arm64_root.ADDRESS_SPACE), "PYTHONHASHSEED": "0", "WASMINE_PERF": "map"}


@dataclass(frozen=True)
class Program:
    name: str
    args: tuple[int, ...]

    @property
    def module(self) -> Path:
        return ROOT / "bench" / "programs" / f"{self.name}.wasm"


@dataclass(frozen=True)
class Range:
    """Where the code of a program is."""

    start: int
    size: int


@dataclass
class Run:
    """What a program executed: how often each address, and what is there."""

    counts: Counter[int] = field(default_factory=Counter)
    texts: dict[int, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.counts.total()


def programs(names: Iterable[str]) -> list[Program]:
    with (ROOT / "bench" / "catalogue.toml").open("rb") as file:
        rows = tomllib.load(file)["benchmark"]
    found = [Program(row["name"], tuple(row["check"])) for row in rows if row["name"].split("/")[0] in LAYERS]
    wanted = set(names)
    return [program for program in found if not wanted or program.name in wanted]


# --- in the root


def execute(engine: str, chosen: list[Program]) -> None:
    """Runs programs; prints where their code is, from what the engine says for perf."""
    kept = []
    map_file = Path(f"/tmp/perf-{os.getpid()}.map")
    said = 0
    for program in chosen:
        kept.append(start(engine, program))
        lines = map_file.read_text().splitlines()
        for line in lines[said:]:
            address, size, name = line.split(maxsplit=2)
            if re.match(r"wasm:|wasm\[0\]::function|\w+$", name) and "wasmtime" not in name:
                print("code", program.name, int(address, 16), int(size, 16), flush=True)
        said = len(lines)
    map_file.unlink()


def start(engine: str, program: Program) -> object:
    """Calls a program; gives what keeps its code where it is."""
    content = program.module.read_bytes()
    if engine == "wasmine":
        import wasmine

        ours = wasmine.Engine(wasmine.Config(tier="jit"))
        module = wasmine.Module(ours, content)
        instance = wasmine.Linker(ours).instantiate(wasmine.Store(ours), module)
        instance.exports["run"](*program.args)
        return instance
    import wasmtime

    config = wasmtime.Config()
    config.profiler = "perfmap"
    config.parallel_compilation = False  # for the same addresses each time
    config.epoch_interruption = engine == INTERRUPTIBLE
    theirs = wasmtime.Engine(config)
    store = wasmtime.Store(theirs)
    if engine == INTERRUPTIBLE:
        store.set_epoch_deadline(1)
    other = wasmtime.Instance(store, wasmtime.Module(theirs, content), [])
    function = other.exports(store)["run"]
    assert isinstance(function, wasmtime.Func)
    function(store, *program.args)
    return store, other


# --- outside


def in_root(engine: str, chosen: list[Program], env: dict[str, str]) -> dict[str, list[Range]]:
    script, known = arm64_root.command()
    words = ["tools/arm64_loops.py", "--execute", engine, *(program.name for program in chosen)]
    done = subprocess.run(
        [*script, *words], env=known | COMMON | env, stdout=subprocess.PIPE, check=True, text=True
    )
    found: dict[str, list[Range]] = {program.name: [] for program in chosen}
    for line in done.stdout.splitlines():
        if line.startswith("code "):
            _, name, start, size = line.split()
            found[name].append(Range(int(start), int(size)))
    return found


def measure(engine: str, chosen: list[Program]) -> dict[str, Run]:
    """Only what is at known places is logged: again until code is where it has been before."""
    log = arm64_root.SYSTEM / LOG
    known: set[Range] = {Range(0, 4)}
    for _ in range(ATTEMPTS):
        log.unlink(missing_ok=True)
        ranges = ",".join(f"{part.start:#x}+{part.size:#x}" for part in known)
        places = in_root(
            engine,
            chosen,
            {"QEMU_LOG": "exec,in_asm,nochain", "QEMU_LOG_FILENAME": f"/{LOG}", "QEMU_DFILTER": ranges},
        )
        found = {part for parts in places.values() for part in parts}
        if found <= known:
            break
        known |= found
    else:
        sys.exit(f"arm64: the code of {engine} is elsewhere each time")
    counts, texts = read_log(log)
    log.unlink()
    runs = {}
    for name, parts in places.items():
        inside = {at for part in parts for at in range(part.start, part.start + part.size, 4)}
        runs[name] = Run(Counter({at: counts[at] for at in inside & counts.keys()}), texts)
    return runs


def read_log(log: Path) -> tuple[Counter[int], dict[int, str]]:
    """How often each instruction was executed, and its text."""
    entries: Counter[int] = Counter()
    blocks: dict[int, list[int]] = {}
    texts: dict[int, str] = {}
    block: list[int] = []
    with log.open(encoding="ascii") as lines:
        for line in lines:
            if line.startswith("Trace "):
                entries[int(line.split("/")[1], 16)] += 1
            elif line.startswith("IN:"):
                block = []
            elif line.startswith("0x"):
                place, _, text = line.split(maxsplit=2)
                at = int(place.rstrip(":"), 16)
                if not block:
                    blocks[at] = block
                block.append(at)
                texts[at] = " ".join(text.split())
    counts: Counter[int] = Counter()
    for start, times in entries.items():
        for at in blocks[start]:
            counts[at] += times
    return counts, texts


# --- loops


@dataclass(frozen=True)
class Loop:
    """The hottest one: what its instructions are, and how many of them a turn executes."""

    lines: tuple[str, ...]
    turn: float


BRANCH = re.compile(r"(?:b|b\.\w+|cbn?z|tbn?z)\b.*#(0x[0-9a-f]+)$")


def hottest_loop(run: Run) -> Loop | None:
    """The shortest way back around the instruction that is executed most."""
    if not run.counts:
        return None
    hot = max(run.counts, key=lambda at: run.counts[at])
    spans = []
    for at in run.counts:
        branch = BRANCH.match(run.texts[at])
        if branch and (target := int(branch[1], 16)) <= hot <= at and run.counts[at] * 2 > run.counts[hot]:
            spans.append((at - target, target, at))
    if not spans:
        return None
    _, first, last = min(spans)
    inside = [at for at in range(first, last + 4, 4) if at in run.counts]
    lines = tuple(readable(run.texts[at], first, last) for at in inside)
    return Loop(lines, sum(run.counts[at] for at in inside) / run.counts[first])


def readable(text: str, first: int, last: int) -> str:
    """Without addresses: a branch goes to an instruction of the loop, by number, or out of it."""
    if branch := BRANCH.match(text):
        target = int(branch[1], 16)
        where = f"loop+{(target - first) // 4}" if first <= target <= last else "out"
        return text.replace(f"#{branch[1]}", where)
    return re.sub(r"^(ldr \w+), #0x\w+$", r"\1, constant", text)


# --- the report


def table(chosen: list[Program], runs: dict[str, dict[str, Run]]) -> Iterator[str]:
    yield (
        "| program | wasmine | wasmtime | ratio | wasmtime, interruptible | ratio "
        "| a turn of the hottest loop: wasmine | wasmtime | interruptible |"
    )
    yield "| --- |" + " ---: |" * 8
    for program in chosen:
        ours, *others = (runs[engine][program.name] for engine in (*ENGINES, INTERRUPTIBLE))
        loops = [hottest_loop(run) for run in (ours, *others)]
        turns = " | ".join(f"{loop.turn:.1f}".removesuffix(".0") if loop else "" for loop in loops)
        beside = " | ".join(f"{run.total:,} | {ours.total / run.total:.2f}" for run in others)
        yield f"| {program.name} | {ours.total:,} | {beside} | {turns} |"


def side_by_side(name: str, loops: list[Loop | None]) -> Iterator[str]:
    columns = [list(loop.lines) if loop else [] for loop in loops]
    height = max(map(len, columns))
    left, right = (column + [""] * (height - len(column)) for column in columns)
    yield from ("", f"### {name}", "", "```asm")
    yield from (f"{one:<39} {other}".rstrip() for one, other in zip(left, right, strict=True))
    yield "```"


def report(chosen: list[Program], runs: dict[str, dict[str, Run]], shown: Iterable[str]) -> str:
    lines = list(table(chosen, runs))
    for name in shown:
        if name in runs[ENGINES[0]]:
            lines += side_by_side(name, [hottest_loop(runs[engine][name]) for engine in ENGINES])
    return "\n".join(lines) + "\n"


def main() -> int:
    words = sys.argv[1:]
    if words[:1] == ["--execute"]:
        execute(words[1], programs(words[2:]))
        return 0
    show = words[:1] == ["--show"]
    chosen = programs(words[show:])
    try:
        arm64_root.prepare()
    except arm64_root.Impossible as reason:
        sys.exit(f"arm64: {reason}")
    runs = {engine: measure(engine, chosen) for engine in (*ENGINES, INTERRUPTIBLE)}
    if show:
        print(report(chosen, runs, words[1:]), end="")
    else:
        head, heading, _ = REPORT.read_text(encoding="utf-8").partition(HEADING)
        REPORT.write_text(f"{head}{heading}\n{report(chosen, runs, SHOWN)}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
