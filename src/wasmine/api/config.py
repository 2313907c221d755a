"""What an engine may be told."""

from __future__ import annotations

from dataclasses import dataclass
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

    Raises:
        ValueError: `tier` is none of the three.
    """

    tier: Tier = "auto"
    fuel: bool = False
    guard: bool = True

    def __post_init__(self) -> None:
        """Check the values that a type checker does not see."""
        if self.tier not in get_args(Tier):
            raise ValueError(f"tier must be 'auto', 'interp' or 'jit', not {self.tier!r}")
