"""Waiting: for time to pass, and for descriptors to become ready."""

from __future__ import annotations

import select
import time

from wasmine.wasi import abi
from wasmine.wasi.clock import now
from wasmine.wasi.errno import BADF, INTR, INVAL, SUCCESS, Fail
from wasmine.wasi.memory import span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.wasi.descriptors import Descriptor
    from wasmine.wasi.system import Wasi

    Event = tuple[int, int, int, int, int]  # as abi.EVENT packs it

MAX_SUBSCRIPTIONS = 4096
"""How many one call may have: each takes memory of the host."""

SLICE = 0.05
"""Seconds of one wait, after which the limits of the store are looked at again."""

ENDED = select.POLLHUP | select.POLLERR


class Clock:
    """One subscription to a clock. The time is waited out for real, whatever the clock is made to show."""

    __slots__ = ("deadline", "userdata")
    deadline: int

    def __init__(self, wasi: Wasi, userdata: int, contents: bytes) -> None:
        clock, timeout, _precision, flags = abi.SUBSCRIPTION_CLOCK.unpack(contents)
        shown = now(wasi, clock)
        self.userdata = userdata
        self.deadline = time.monotonic_ns() + (timeout - shown if flags & abi.ABSTIME else timeout)

    def left(self) -> int:
        """Return the nanoseconds that it has still to wait."""
        return max(0, self.deadline - time.monotonic_ns())

    def event(self) -> Event:
        """Return what tells the guest that the time has come."""
        return self.userdata, SUCCESS, abi.EVENT_CLOCK, 0, 0


class Ready:
    """One subscription to a descriptor."""

    __slots__ = ("file", "kind", "userdata")

    def __init__(self, userdata: int, kind: int, file: Descriptor) -> None:
        self.userdata = userdata
        self.kind = kind
        self.file = file

    def waits_for(self) -> int | None:
        """Return the host's descriptor to wait for; None when the file is always ready."""
        if self.file.filetype in (abi.REGULAR_FILE, abi.DIRECTORY):
            return None
        return self.file.fileno()

    def mask(self) -> int:
        """Return what to wait for, in the words of `select.poll`."""
        return select.POLLIN if self.kind == abi.EVENT_FD_READ else select.POLLOUT

    def event(self, found: int = 0) -> Event:
        """Return what tells the guest that the descriptor is ready."""
        size = bytes_ready(self.file) if self.kind == abi.EVENT_FD_READ else 1
        hangup = abi.HANGUP if found & select.POLLHUP else 0
        return self.userdata, SUCCESS, self.kind, size, hangup


def poll_oneoff(wasi: Wasi, subscriptions: int, events: int, count: int, result: int) -> None:
    """Wait until at least one of the subscriptions is fulfilled, and write those that are.

    Regular files and Python objects are always ready. A signal to the host, such as Ctrl-C, ends the wait.
    """
    if not 0 < count <= MAX_SUBSCRIPTIONS:
        raise Fail(INVAL)
    view = wasi.view()
    source = span(view, subscriptions, count * abi.SUBSCRIPTION.size)
    target = span(view, events, count * abi.EVENT.size)
    span(view, result, 4)
    found, clocks, files = read_subscriptions(wasi, source)
    found = found or wait(wasi, clocks, files)
    for position, event in enumerate(found):
        abi.EVENT.pack_into(target, position * abi.EVENT.size, *event)
    abi.U32.pack_into(view, result, len(found))


def read_subscriptions(wasi: Wasi, source: memoryview) -> tuple[list[Event], list[Clock], list[Ready]]:
    """Return the events of subscriptions that cannot be fulfilled, and the others by kind."""
    failed: list[Event] = []
    clocks: list[Clock] = []
    files: list[Ready] = []
    for userdata, kind, contents in abi.SUBSCRIPTION.iter_unpack(source):
        try:
            if kind == abi.EVENT_CLOCK:
                clocks.append(Clock(wasi, userdata, contents))
            elif kind in (abi.EVENT_FD_READ, abi.EVENT_FD_WRITE):
                (number,) = abi.SUBSCRIPTION_FD.unpack(contents)
                right = abi.FD_READ if kind == abi.EVENT_FD_READ else abi.FD_WRITE
                file = wasi.files.get(number)
                if not file.rights & (right | abi.POLL_FD_READWRITE):
                    raise Fail(BADF)
                files.append(Ready(userdata, kind, file))
            else:
                raise Fail(INVAL)
        except Fail as error:
            failed.append((userdata, error.number, kind, 0, 0))
    return failed, clocks, files


def wait(wasi: Wasi, clocks: list[Clock], files: list[Ready]) -> list[Event]:
    """Wait for the first event, and return all that have happened by then."""
    waiting: dict[int, list[Ready]] = {}
    found: list[Event] = []
    for one in files:
        number = one.waits_for()
        if number is None:
            found.append(one.event())
        else:
            waiting.setdefault(number, []).append(one)
    poll = select.poll()
    for number, several in waiting.items():
        mask = 0
        for one in several:
            mask |= one.mask()
        poll.register(number, mask)
    while True:
        found += happened(poll, waiting, 0 if found else nap(clocks))
        found += [clock.event() for clock in clocks if clock.left() == 0]
        if found or wasi.must_stop():
            return found


def wait_for_input(wasi: Wasi, file: Descriptor) -> None:
    """Wait until a descriptor can be read without waiting. Raise INTR when the store's limits end that."""
    number = None if file.flags & abi.NONBLOCK or file.filetype == abi.DIRECTORY else file.fileno()
    if number is None:
        return
    poll = select.poll()
    poll.register(number, select.POLLIN)
    while not poll.poll(SLICE * 1000):
        if wasi.must_stop():
            raise Fail(INTR)


def nap(clocks: list[Clock]) -> float:
    """Return the seconds that one wait may take."""
    left = min((clock.left() for clock in clocks), default=None)
    return SLICE if left is None else min(left / 1e9, SLICE)


def happened(poll: select.poll, waiting: dict[int, list[Ready]], seconds: float) -> list[Event]:
    """Wait for descriptors, and return the events of those that are ready."""
    if not waiting:
        if seconds:
            time.sleep(seconds)
        return []
    found: list[Event] = []
    for number, state in poll.poll(seconds * 1000):
        for one in waiting[number]:
            if state & select.POLLNVAL:
                found.append((one.userdata, BADF, one.kind, 0, 0))
            elif state & (one.mask() | ENDED):
                found.append(one.event(state))
    return found


def bytes_ready(file: Descriptor) -> int:
    """Return how many bytes can be read at once, at least 1 where nobody knows."""
    number = file.fileno()
    if number is None:
        return 1
    try:
        if file.filetype == abi.REGULAR_FILE:
            found = file.stat()
            return 0 if found is None else max(0, found.st_size - file.seek(0, 1))
        import fcntl
        import termios

        return int.from_bytes(fcntl.ioctl(number, termios.FIONREAD, bytes(4)), "little")
    except (OSError, ImportError):
        return 1
