"""No path leads out of a preopened directory, whatever changes while it is looked up."""

import contextlib
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from wasmine.wasi import abi

FOLLOW = abi.SYMLINK_FOLLOW


def attempts(guest: Any, path: str) -> Any:
    """Yield what a guest could do with a path to the outside."""
    yield lambda: guest.open(path, lookup=FOLLOW)
    yield lambda: guest.open(path)
    yield lambda: guest.open(path, abi.O_CREAT, lookup=FOLLOW)
    yield lambda: guest.open(path, abi.O_TRUNC, lookup=FOLLOW)
    yield lambda: guest.stat(path, lookup=FOLLOW)
    yield lambda: guest.call("path_filestat_set_times", 3, FOLLOW, path, 0, 0, abi.MTIM)
    yield lambda: guest.open(path + "/", lookup=FOLLOW)
    yield lambda: guest.stat(path + "/", lookup=FOLLOW)
    yield lambda: guest.open(path + "/x", abi.O_CREAT)
    yield lambda: guest.mkdir(path + "/x")
    yield lambda: guest.rename("inside", path + "/x")
    yield lambda: guest.link("inside", path + "/x")
    yield lambda: guest.symlink("inside", path + "/x")
    yield lambda: guest.unlink(path + "/secret")
    yield lambda: guest.rmdir(path + "/x")
    yield lambda: guest.readlink(path + "/x")


OUTSIDE = ["NOTCAPABLE", "LOOP", "NOENT", "NOTDIR", "ISDIR"]


@pytest.mark.parametrize("path", ["..", "../secret", "dir/../../secret", "/", "/etc/passwd", "dir/../.."])
def test_paths_to_the_outside(guest: Any, root: Path, fails: Any, path: str) -> None:
    guest.mkdir("dir")
    guest.close(guest.create("inside"))
    for attempt in attempts(guest, path):
        with fails("NOTCAPABLE"):
            attempt()
    assert (root.parent / "secret").read_text() == "secret"
    assert sorted(p.name for p in root.parent.iterdir()) == ["root", "secret"]


@pytest.mark.parametrize(
    "target",
    ["..", "../secret", "/etc/passwd", "/", "dir/../../secret", "{parent}/secret", "{parent}", "deep/up"],
)
def test_links_to_the_outside(guest: Any, root: Path, fails: Any, target: str) -> None:
    (root / "dir").mkdir()
    (root / "inside").touch()
    (root / "deep").mkdir()
    (root / "deep/up").symlink_to("../..")
    (root / "link").symlink_to(target.format(parent=root.parent))
    for attempt in attempts(guest, "link"):
        with fails(*OUTSIDE):
            attempt()
    assert (root.parent / "secret").read_text() == "secret"
    assert sorted(p.name for p in root.parent.iterdir()) == ["root", "secret"]


def test_an_opened_subdirectory_does_not_lead_back_up(guest: Any, fails: Any) -> None:
    guest.mkdir("dir")
    sub = guest.open("dir", abi.O_DIRECTORY)
    for path in ("..", "../dir", "./../x", "a/../.."):
        with fails("NOTCAPABLE", "NOENT"):
            guest.open(path, fd=sub)


def test_magic_links_of_the_host_are_not_followed(make_guest: Any, fails: Any) -> None:
    if not Path("/proc/self/root").exists():
        pytest.skip("no /proc")
    guest = make_guest(preopens={"/": "/proc/self"})
    for path in ("root", "cwd", "root/etc", "fd/0", "exe"):
        with fails("NOTCAPABLE", "NOENT"):
            guest.open(path, lookup=FOLLOW)


class Flipper:
    """Changes the file system in the background for as long as the block runs."""

    def __init__(self, *steps: Any) -> None:
        self.steps = steps
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        while not self.stop.is_set():
            for step in self.steps:
                step()

    def __enter__(self) -> None:
        self.interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        self.thread.start()

    def __exit__(self, *error: Any) -> None:
        self.stop.set()
        self.thread.join()
        sys.setswitchinterval(self.interval)


def collect(guest: Any, path: str, action: Any) -> Any:
    """Do something many times while things change; return the outcomes, success among them."""
    outcomes = set()
    count = 0
    end = time.monotonic() + 30
    while count < 1000 or (b"inside" not in outcomes and time.monotonic() < end):
        count += 1
        try:
            outcomes.add(action(guest, path))
        except guest.Failed as error:
            outcomes.add(error.name)
    return outcomes


def read_through(guest: Any, path: str) -> Any:
    fd = guest.open(path, lookup=FOLLOW)
    try:
        return guest.read(fd, 100)
    finally:
        guest.close(fd)


def test_a_directory_that_turns_into_a_link(guest: Any, root: Path) -> None:
    """The classic race: `dir` is a directory when looked at, and a link to the outside when used."""
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "secret").write_text("outside")
    (root / "real").mkdir()
    (root / "real/secret").write_text("inside")
    (root / "evil").symlink_to(outside)
    directory, real, evil = root / "dir", root / "real", root / "evil"
    real.rename(directory)
    flip = Flipper(
        lambda: directory.rename(real),
        lambda: evil.rename(directory),
        lambda: directory.rename(evil),
        lambda: real.rename(directory),
    )
    with flip:
        outcomes = collect(guest, "dir/secret", read_through)
    assert b"inside" in outcomes
    assert b"outside" not in outcomes
    assert outcomes <= {b"inside", "NOENT", "NOTCAPABLE", "LOOP", "NOTDIR"}


def test_a_file_that_turns_into_a_link(guest: Any, root: Path) -> None:
    (root / "real").write_text("inside")
    (root / "evil").symlink_to(root.parent / "secret")
    file, real, evil = root / "file", root / "real", root / "evil"
    real.rename(file)
    flip = Flipper(
        lambda: file.rename(real),
        lambda: evil.rename(file),
        lambda: file.rename(evil),
        lambda: real.rename(file),
    )
    with flip:
        outcomes = collect(guest, "file", read_through)
    assert b"inside" in outcomes
    assert outcomes <= {b"inside", "NOENT", "NOTCAPABLE", "LOOP"}


def test_a_directory_that_moves_away_while_dot_dot_is_taken(guest: Any, root: Path) -> None:
    """`a/b/../../file`: when b is moved higher up, `..` of the host would lead out of the root."""
    (root / "a/b").mkdir(parents=True)
    (root / "file").write_text("inside")
    (root.parent / "file").write_text("outside")
    inner, outer = root / "a/b", root / "b"
    with Flipper(lambda: inner.rename(outer), lambda: outer.rename(inner)):
        outcomes = collect(guest, "a/b/../../file", read_through)
    assert b"inside" in outcomes
    assert outcomes <= {b"inside", "NOENT"}


def test_creating_never_lands_outside(guest: Any, root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (root / "real").mkdir()
    (root / "evil").symlink_to(outside)
    directory, real, evil = root / "dir", root / "real", root / "evil"
    real.rename(directory)

    def create(guest: Any, path: str) -> Any:
        guest.close(guest.open(path, abi.O_CREAT, lookup=FOLLOW))
        with contextlib.suppress(guest.Failed):
            guest.mkdir(path + "dir")
            guest.rmdir(path + "dir")
            guest.symlink("x", path + "link")
            guest.unlink(path + "link")
            guest.rename(path, path + "2")
        return b"inside"

    flip = Flipper(
        lambda: directory.rename(real),
        lambda: evil.rename(directory),
        lambda: directory.rename(evil),
        lambda: real.rename(directory),
    )
    with flip:
        collect(guest, "dir/new", create)
    assert list(outside.iterdir()) == []
