"""A guest may pass anything; the host neither falls over nor writes where it should not."""

import io
import random
from pathlib import Path
from typing import Any

import pytest

from wasmine.wasi import abi
from wasmine.wasi.errno import NAMES
from wasmine.wasi.functions import FUNCTIONS
from wasmine.wasi.proc import Exit

SIZE = 1 << 16
CORNERS = [0, 1, 3, 4, 8, 64, SIZE - 1, SIZE - 4, SIZE, SIZE + 1, 1 << 31, -1, -4, -(1 << 31), 0xFFFFFFFF]
WIDE = [0, 1, 100, 1 << 31, 1 << 32, (1 << 63) - 1, -1, -(1 << 63), 1 << 62]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_any_arguments(guest: Any, root: Path, name: str) -> None:
    """No call raises, hangs or returns anything but an error number."""
    chosen = random.Random(name)
    guest.close(guest.create("f", b"abc"))
    guest.open(".", abi.O_DIRECTORY)
    params = FUNCTIONS[name][0]
    for round_number in range(300):
        if round_number % 3 == 0:
            guest.memory[:] = bytes(SIZE)
        elif round_number % 3 == 1:
            guest.memory[:256] = chosen.randbytes(256)
        else:
            guest.memory[:8] = b"f\0d/../."
        arguments = [chosen.choice(CORNERS if param == "i" else WIDE) for param in params]
        if params and chosen.random() < 0.7:
            arguments[0] = chosen.randrange(6)
        try:
            result = guest.raw(name, *arguments)
        except Exit:
            assert name == "proc_exit"
            continue
        assert result in NAMES
    assert (root.parent / "secret").read_text() == "secret"


OUT = SIZE - 3
POINTERS = [
    ("args_get", (OUT, 0)),
    ("args_get", (0, OUT)),
    ("args_sizes_get", (OUT, 0)),
    ("args_sizes_get", (0, OUT)),
    ("clock_res_get", (0, OUT)),
    ("clock_time_get", (0, 0, OUT)),
    ("fd_fdstat_get", (0, OUT)),
    ("fd_filestat_get", (0, OUT)),
    ("fd_prestat_get", (3, OUT)),
    ("fd_prestat_dir_name", (3, SIZE, 1)),
    ("fd_read", (4, OUT, 1, 0)),
    ("fd_read", (4, 0, 1, OUT)),
    ("fd_read", (4, 16, 1, 0)),
    ("fd_write", (4, OUT, 1, 0)),
    ("fd_write", (4, 0, 1, OUT)),
    ("fd_write", (4, 16, 1, 0)),
    ("fd_write", (4, 0, 1 << 28, 0)),
    ("fd_pread", (4, OUT, 1, 0, 0)),
    ("fd_pwrite", (4, 0, 1, 0, OUT)),
    ("fd_readdir", (3, OUT, 4, 0, 0)),
    ("fd_readdir", (3, 0, 4, 0, OUT)),
    ("fd_seek", (4, 0, 0, OUT)),
    ("fd_tell", (4, OUT)),
    ("path_create_directory", (3, OUT, 4)),
    ("path_create_directory", (3, 0, -1)),
    ("path_filestat_get", (3, 0, 32, 1, OUT)),
    ("path_filestat_get", (3, 0, OUT, 4, 0)),
    ("path_link", (3, 0, OUT, 4, 3, 32, 1)),
    ("path_link", (3, 0, 32, 1, 3, OUT, 4)),
    ("path_open", (3, 0, OUT, 4, 0, 0, 0, 0, 0)),
    ("path_open", (3, 0, 33, 1, 1, 0, 0, 0, OUT)),
    ("path_readlink", (3, OUT, 4, 0, 0, 0)),
    ("path_readlink", (3, 32, 1, OUT, 4, 0)),
    ("path_readlink", (3, 32, 1, 0, 4, OUT)),
    ("path_rename", (3, OUT, 4, 3, 32, 1)),
    ("path_symlink", (OUT, 4, 3, 32, 1)),
    ("path_symlink", (32, 1, 3, OUT, 4)),
    ("path_unlink_file", (3, OUT, 4)),
    ("poll_oneoff", (OUT, 0, 1, 0)),
    ("poll_oneoff", (0, OUT, 1, 0)),
    ("poll_oneoff", (0, 0, 1, OUT)),
    ("random_get", (OUT, 4)),
    ("random_get", (0, -1)),
]


@pytest.mark.parametrize(("name", "arguments"), POINTERS)
def test_pointers_past_the_end(make_guest: Any, root: Path, fails: Any, name: str, arguments: Any) -> None:
    """Such a call fails with FAULT, and has done nothing."""
    guest = make_guest(args=["a", "b"], preopens={"/": root})
    guest.create("f", b"abc")
    names = sorted(p.name for p in root.iterdir())
    guest.memory[:] = bytes(SIZE)
    guest.memory[16:24] = (SIZE - 1).to_bytes(4, "little") + (2).to_bytes(4, "little")
    guest.memory[32:34] = b"fg"
    with fails("FAULT"):
        guest.call(name, *arguments)
    assert sorted(p.name for p in root.iterdir()) == names
    assert guest.tell(4) == 3
    assert (root / "f").read_bytes() == b"abc"


def test_buffers_that_overlap_hold_no_more_than_a_call_moves(make_guest: Any) -> None:
    class Sink(io.RawIOBase):
        largest = 0

        def write(self, data: Any) -> int:
            self.largest = max(self.largest, len(data))
            return len(data)

    sink = Sink()
    guest = make_guest(stdout=sink)
    size = 1 << 20
    memory = bytearray(size)
    for i in range(1024):
        memory[8 * i + 16 : 8 * i + 24] = (0).to_bytes(4, "little") + size.to_bytes(4, "little")
    guest.wasi.bind(memory)
    assert guest.raw("fd_write", 1, 16, 1024, 0) == 0
    assert sink.largest == int.from_bytes(memory[:4], "little") == 1 << 26
    memory = bytearray(1 << 23)
    for i in range(1024):
        memory[8 * i + 16 : 8 * i + 24] = (0).to_bytes(4, "little") + len(memory).to_bytes(4, "little")
    guest.wasi.bind(memory)
    assert guest.raw("fd_write", 2, 16, 1024, 0) == 0
    assert int.from_bytes(memory[:4], "little") == 0x7FFFF000


def test_too_many_subscriptions(make_guest: Any, fails: Any) -> None:
    guest = make_guest()
    guest.wasi.bind(bytearray(1 << 20))
    with fails("INVAL"):
        guest.call("poll_oneoff", 0, 1 << 19, 4097, 0)
    assert guest.raw("poll_oneoff", 0, 1 << 19, 4096, 0) == 0


def test_without_a_memory_every_pointer_is_wrong(make_guest: Any, fails: Any) -> None:
    guest = make_guest()
    guest.wasi.bind(bytearray())
    with fails("FAULT"):
        guest.call("clock_time_get", 0, 0, 0)
    guest.call("sched_yield")


def test_a_memory_that_has_grown_is_seen(make_guest: Any) -> None:
    guest = make_guest()
    first, second = bytearray(16), bytearray(32)
    guest.wasi.bind(first)
    assert guest.raw("clock_time_get", 0, 0, 20) != 0
    guest.wasi._memory = second
    assert guest.raw("clock_time_get", 0, 0, 20) == 0
    assert any(second[20:28])
