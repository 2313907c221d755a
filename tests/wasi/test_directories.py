"""fd_readdir and its cookies."""

import os
from pathlib import Path
from typing import Any

import pytest

from wasmine.wasi import abi


def read_all(guest: Any, fd: int, size: int) -> Any:
    """Read a directory the way wasi-libc does: cut-off entries are read again with the cookie before them."""
    names, cookie = [], 0
    while True:
        found, used = guest.readdir(fd, cookie, size)
        names += [entry.name for entry in found]
        if used < size:
            return names
        assert found, "the buffer holds at least one entry"
        cookie = found[-1].cookie


def test_an_empty_directory_has_two_entries(guest: Any) -> None:
    found, used = guest.readdir(3)
    assert used == 24 * 2 + 3
    assert [(e.name, e.filetype) for e in found] == [(".", abi.DIRECTORY), ("..", abi.DIRECTORY)]
    assert found[0].ino == guest.stat(3).ino


def test_filetypes_and_inodes(guest: Any, root: Path) -> None:
    guest.mkdir("dir")
    guest.close(guest.create("file"))
    guest.symlink("dir", "link")
    os.mkfifo(root / "pipe")
    found = {entry.name: entry for entry in guest.readdir(3)[0]}
    kinds = {
        "dir": abi.DIRECTORY,
        "file": abi.REGULAR_FILE,
        "link": abi.SYMBOLIC_LINK,
        "pipe": abi.UNKNOWN,
    }
    for name, filetype in kinds.items():
        assert found[name].filetype == filetype
        assert found[name].ino == guest.stat(name).ino


@pytest.mark.parametrize("size", [34, 64, 100, 256, 4096])
def test_small_buffers_see_every_entry_once(guest: Any, root: Path, size: int) -> None:
    expected = {".", ".."}
    for i in range(200):
        (root / f"file{i}").touch()
        expected.add(f"file{i}")
    names = read_all(guest, 3, size)
    assert len(names) == len(set(names))
    assert set(names) == expected


def test_an_entry_that_does_not_fit_is_cut_off(guest: Any) -> None:
    found, used = guest.readdir(3, 0, 30)
    assert used == 30
    assert [entry.name for entry in found] == ["."]
    _, used = guest.readdir(3, 0, 10)
    assert used == 10
    _, used = guest.readdir(3, 0, 0)
    assert used == 0


def test_cookies_survive_changes(guest: Any, root: Path) -> None:
    for i in range(20):
        (root / f"file{i:02}").touch()
    first, _ = guest.readdir(3)
    for i in range(20):
        (root / f"file{i:02}").unlink()
    (root / "new").touch()
    rest, _ = guest.readdir(3, first[5].cookie)
    assert [entry.name for entry in rest] == [entry.name for entry in first[6:]]
    assert [entry.name for entry in guest.readdir(3)[0]] == [".", "..", "new"]


def test_cookies_past_the_end(guest: Any) -> None:
    assert guest.readdir(3, 2) == ([], 0)
    assert guest.readdir(3, (1 << 64) - 1) == ([], 0)


def test_reading_needs_the_right_and_a_directory(guest: Any, fails: Any) -> None:
    fd = guest.create("file")
    with fails("NOTDIR"):
        guest.readdir(fd)
    fd = guest.open(".", abi.O_DIRECTORY, abi.PATH_OPEN)
    with fails("NOTCAPABLE"):
        guest.readdir(fd)


def test_the_host_descriptor_stays_usable(guest: Any) -> None:
    guest.mkdir("a")
    for _ in range(3):
        assert [entry.name for entry in guest.readdir(3)[0]] == [".", "..", "a"]
    guest.close(guest.create("a/b"))
