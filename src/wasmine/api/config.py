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
            call, `"auto"` interprets first and compiles what runs often.
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

        gc_stress: whether the GC heap is collected at every allocation. That makes code with GC objects very
            slow, and shows at once when one is freed too early: for tests of wasmine itself.

    Raises:
        ValueError: `tier` is none of the three, or a feature cannot be switched off.
    """

    tier: Tier = "auto"
    fuel: bool = False
    guard: bool = True
    gc_stress: bool = field(default=False, repr=False)
    disable: Collection[str] = frozenset()

    def __post_init__(self) -> None:
        """Check the values that a type checker does not see."""
        if self.tier not in get_args(Tier):
            raise ValueError(f"tier must be 'auto', 'interp' or 'jit', not {self.tier!r}")
        if isinstance(self.disable, str):
            raise ValueError("disable must be a collection of names, not a string")
        if self.disable:
            from wasmine.spec.features import closure

            closure(self.disable)
        object.__setattr__(self, "disable", frozenset(self.disable))
