"""Random numbers."""

from __future__ import annotations

from wasmine.wasi.errno import INTR, Fail
from wasmine.wasi.memory import span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.wasi.system import Wasi

CHUNK = 1 << 16


def random_get(wasi: Wasi, buffer: int, size: int) -> None:
    """Fill a buffer with random bytes."""
    target = span(wasi.view(), buffer, size)
    for start in range(0, size, CHUNK):
        count = min(CHUNK, size - start)
        target[start : start + count] = wasi.random(count)
        if wasi.must_stop():
            raise Fail(INTR)
