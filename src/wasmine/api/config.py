"""What an engine may be told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

Tier: TypeAlias = Literal["auto", "interp", "jit"]


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of an engine. They cannot change once it is made: `dataclasses.replace` makes another.

    Args:
        tier: how functions run. `"interp"` interprets always, `"jit"` compiles each function before its first
            call, `"auto"` interprets first and compiles what runs often. Where there is no compiler for the
            machine, `"auto"` interprets.
        compile_threads: 1 to compile in the background with `"auto"`, while the interpreter goes on; 0 to
            compile in the thread that runs the function, so that the same happens each time.
        fuel: whether the instructions that run are counted, so that a store can be given a budget
            (`Store(engine, fuel=...)`). Counting costs some speed.
        guard: whether a 32-bit memory reserves all the address space that its addresses can reach, so that
            access needs no check. False reserves what the memory may grow to and checks: for many instances
            in one process, or where address space is limited.
        disable: features that modules must do without, by the names that `wasmine features` lists. What
            builds on one goes with it: `simd` takes `relaxed-simd` along, `reference-types` takes
            `function-references`, `gc` and `exceptions`. A module that uses one is refused with
            `MalformedError` or `InvalidError`. These can be switched off: `sign-extension`,
            `nontrapping-float-to-int`, `reference-types` (with it, more than one table), `simd`,
            `relaxed-simd`, `tail-call`, `multi-memory`, `memory64`, `function-references`, `gc`,
            `exceptions`, `legacy-exceptions`, `threads`, `wide-arithmetic`, `custom-page-sizes`.

        tier_up: with `"auto"`, after how many calls a function is compiled, and how many trips of a loop make
            it worth to be compiled in the middle of a call; None for what suits the function. For tests of
            wasmine itself: `(1, 1)` compiles everything at once.
        gc_stress: whether the GC heap is collected at every allocation. That makes code with GC objects very
            slow, and shows at once when one is freed too early: for tests of wasmine itself.

    Raises:
        ValueError: `tier` is none of the three, `compile_threads` is neither 0 nor 1, `tier_up` is no pair of
            positive numbers, or a feature cannot be switched off.
    """

    tier: Tier = "auto"
    compile_threads: int = 1
    fuel: bool = False
    guard: bool = True
    tier_up: tuple[int, int] | None = field(default=None, repr=False)
    gc_stress: bool = field(default=False, repr=False)
    disable: Collection[str] = frozenset()

    def __post_init__(self) -> None:
        """Check the values that a type checker does not see."""
        if self.tier not in get_args(Tier):
            raise ValueError(f"tier must be 'auto', 'interp' or 'jit', not {self.tier!r}")
        if self.compile_threads not in (0, 1):
            raise ValueError(f"compile_threads must be 0 or 1, not {self.compile_threads!r}")
        if self.tier_up is not None:
            calls, trips = self.tier_up
            if not (0 < calls < 1 << 31 and 0 < trips < 1 << 31):
                raise ValueError(f"tier_up must be two positive numbers below 2**31, not {self.tier_up!r}")
        if isinstance(self.disable, str):
            raise ValueError("disable must be a collection of names, not a string")
        if self.disable:
            from wasmine.spec.features import closure

            closure(self.disable)
        object.__setattr__(self, "disable", frozenset(self.disable))
