"""What is done with paths."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wasmine.wasi import abi

FOLLOW = abi.SYMLINK_FOLLOW
CREAT, DIRECTORY, EXCL, TRUNC = abi.O_CREAT, abi.O_DIRECTORY, abi.O_EXCL, abi.O_TRUNC
READ, WRITE = abi.FD_READ, abi.FD_WRITE


def exists(guest: Any, path: str) -> Any:
    try:
        guest.stat(path)
    except guest.Failed as error:
        if error.name == "NOENT":
            return False
        raise
    return True


# path_open


def test_create_exclusively_and_truncate(guest: Any, fails: Any) -> None:
    with fails("NOENT"):
        guest.open("f")
    guest.close(guest.create("f", b"abc"))
    guest.close(guest.create("f"))
    assert guest.stat("f").size == 3
    with fails("EXIST"):
        guest.open("f", CREAT | EXCL)
    fd = guest.open("f", CREAT | TRUNC, READ | WRITE)
    assert guest.read(fd, 10) == b""
    fd = guest.open("g", CREAT | EXCL, READ)
    assert guest.read(fd, 10) == b""
    guest.write(guest.open("f", 0, WRITE), b"abc")
    guest.close(guest.open("f", TRUNC, 0))
    assert guest.stat("f").size == 0


def test_directories_and_files_are_told_apart(guest: Any, fails: Any) -> None:
    guest.mkdir("d")
    guest.close(guest.create("f"))
    assert guest.fdstat(guest.open("d", DIRECTORY))[0] == abi.DIRECTORY
    assert guest.fdstat(guest.open("d"))[0] == abi.DIRECTORY
    with fails("NOTDIR"):
        guest.open("f", DIRECTORY)
    for oflags in (0, DIRECTORY):
        with fails("ISDIR"):
            guest.open("d", oflags, READ | WRITE)
    with fails("ISDIR"):
        guest.open("d", TRUNC)
    with fails("INVAL"):
        guest.open("x", CREAT | DIRECTORY)
    with fails("NOTDIR"):
        guest.open("f/x")
    with fails("NOTDIR"):
        guest.open("x", fd=guest.open("f"))
    with fails("INVAL"):
        guest.open("f", 16)
    with fails("INVAL"):
        guest.open("f", flags=32)


def test_a_preopened_directory_opens_itself(guest: Any, fails: Any) -> None:
    for oflags, rights in ((0, 0), (DIRECTORY, 0), (DIRECTORY, READ), (0, guest.fdstat(3)[2])):
        guest.open(".", oflags, rights)
    guest.open(".", flags=abi.NONBLOCK)
    with fails("ISDIR"):
        guest.open(".", DIRECTORY, READ | WRITE)


@pytest.mark.parametrize(
    ("path", "errors"),
    [
        ("/dir/nested/file", ["NOTCAPABLE"]),
        ("dir/nested/file\0", ["INVAL"]),
        ("dir/nested/file/", ["NOTDIR"]),
        ("dir/nested/file///", ["NOTDIR"]),
        ("dir/nested/file/.", ["NOTDIR"]),
        ("dir/nested/file/..", ["NOTDIR"]),
        ("dir/nested/file/../file", ["NOTDIR"]),
        ("dir/none/../nested/file", ["NOENT"]),
        ("dir/nested/../../../root/dir/nested/file", ["NOTCAPABLE"]),
        ("..", ["NOTCAPABLE"]),
        ("", ["NOENT"]),
        ("x" * 300, ["NAMETOOLONG"]),
        ("x/" * 3000, ["NAMETOOLONG"]),
        (b"\xff", ["ILSEQ"]),
    ],
)
def test_paths_that_cannot_be(guest: Any, fails: Any, path: str, errors: list[str]) -> None:
    guest.mkdir("dir")
    guest.mkdir("dir/nested")
    guest.close(guest.create("dir/nested/file"))
    with fails(*errors):
        guest.open(path)
    with fails(*errors):
        guest.stat(path)


@pytest.mark.parametrize(
    "path",
    [
        "dir/.//nested/../../dir/nested/../nested///./file",
        "./dir/nested/file",
        "dir//nested/file",
        "dir/nested/../nested/file",
        "link/../dir/nested/file",
        "dir/up/dir/nested/file",
    ],
)
def test_roundabout_paths(guest: Any, path: str) -> None:
    guest.mkdir("dir")
    guest.mkdir("dir/nested")
    guest.symlink("dir/nested", "link2")
    guest.symlink("dir", "link")
    guest.symlink("..", "dir/up")
    guest.close(guest.create("dir/nested/file", b"here"))
    assert guest.read(guest.open(path), 10) == b"here"


def test_dot_dot_after_a_link_is_above_its_target(guest: Any, fails: Any) -> None:
    guest.mkdir("a")
    guest.mkdir("a/b")
    guest.symlink("a/b", "link")
    guest.close(guest.create("a/file", b"in a"))
    assert guest.read(guest.open("link/../file"), 9) == b"in a"
    with fails("NOTCAPABLE"):
        guest.open("link/../../../secret")


def test_trailing_slashes_when_opening(guest: Any, fails: Any) -> None:
    guest.mkdir("d")
    guest.symlink("d", "link")
    guest.close(guest.create("f"))
    guest.symlink("f", "flink")
    for path in ("d/", "d///", "d/.", "link/", "d/../d/"):
        assert guest.fdstat(guest.open(path))[0] == abi.DIRECTORY
    for path in ("f/", "flink/"):
        with fails("NOTDIR"):
            guest.open(path)
    for path in ("new/", "f/", "d/"):
        with fails("ISDIR"):
            guest.open(path, CREAT)
    assert not exists(guest, "new")


def test_deep_paths(guest: Any, root: Path, fails: Any) -> None:
    depth = 100
    path = root
    for _ in range(depth):
        path = path / "d"
    path.mkdir(parents=True)
    guest.close(guest.create("d/" * depth + "f", b"deep"))
    assert guest.read(guest.open("d/" * depth + "../d/f"), 9) == b"deep"
    with fails("NAMETOOLONG"):
        guest.open("d/" * depth + "../" * depth + "d")
    assert guest.stat("d/" * 60 + "../" * 60).filetype == abi.DIRECTORY


# Symbolic links


def test_links_are_followed_only_when_asked(guest: Any, fails: Any) -> None:
    guest.mkdir("target")
    guest.symlink("target", "link")
    with fails("LOOP", "NOTDIR"):
        guest.open("link", DIRECTORY)
    with fails("LOOP"):
        guest.open("link")
    guest.close(guest.open("link", DIRECTORY, lookup=FOLLOW))
    guest.unlink("link")
    guest.rmdir("target")
    guest.close(guest.create("target", b"text"))
    guest.symlink("target", "link")
    with fails("LOOP", "NOTDIR"):
        guest.open("link", DIRECTORY)
    with fails("LOOP"):
        guest.open("link")
    with fails("NOTDIR"):
        guest.open("link", DIRECTORY, lookup=FOLLOW)
    assert guest.read(guest.open("link", lookup=FOLLOW), 9) == b"text"


def test_dangling_links(guest: Any, root: Path, fails: Any) -> None:
    guest.symlink("target", "link")
    with fails("LOOP", "NOTDIR"):
        guest.open("link", DIRECTORY)
    with fails("LOOP"):
        guest.open("link")
    with fails("LOOP"):
        guest.open("link", CREAT)
    with fails("EXIST"):
        guest.open("link", CREAT | EXCL, lookup=FOLLOW)
    with fails("NOENT"):
        guest.open("link", lookup=FOLLOW)
    with fails("NOENT"):
        guest.stat("link", lookup=FOLLOW)
    assert guest.stat("link").filetype == abi.SYMBOLIC_LINK
    guest.close(guest.open("link", CREAT, lookup=FOLLOW))
    assert (root / "target").is_file()


def test_loops_end(guest: Any, fails: Any) -> None:
    guest.symlink("loop", "loop")
    guest.symlink("b", "a")
    guest.symlink("a", "b")
    for path in ("loop", "a", "loop/x", "a/x", "loop/"):
        with fails("LOOP"):
            guest.open(path, lookup=FOLLOW)
        with fails("LOOP"):
            guest.stat(path, lookup=FOLLOW)
    with fails("LOOP"):
        guest.open("loop")


def test_chains_of_links_have_a_limit(guest: Any, fails: Any) -> None:
    guest.close(guest.create("l0", b"end"))
    for i in range(50):
        guest.symlink(f"l{i}", f"l{i + 1}")
    assert guest.read(guest.open("l40", lookup=FOLLOW), 9) == b"end"
    with fails("LOOP"):
        guest.open("l41", lookup=FOLLOW)


def test_links_that_multiply_stay_bounded(guest: Any, fails: Any) -> None:
    guest.mkdir("d")
    guest.symlink("./" * 2000 + "d", "wide")
    guest.stat("wide", lookup=FOLLOW)
    for i in range(38):
        target = "/".join([f"x{i + 1}"] * 100)
        guest.symlink(target, f"x{i}")
    guest.symlink("d", "x38")
    with fails("LOOP", "NAMETOOLONG", "NOENT"):
        guest.stat("x0", lookup=FOLLOW)


def test_readlink(guest: Any, fails: Any) -> None:
    guest.symlink("target", "link")
    guest.memory[8192:8210] = b"." * 18
    assert guest.readlink("link", 10) == "target"
    assert guest.memory[8192:8202] == b"target...."
    assert guest.readlink("link", 4) == "targ"
    assert guest.readlink("link", 0) == ""
    guest.close(guest.create("file"))
    guest.mkdir("dir")
    for path in ("file", "dir", "dir/", "."):
        with fails("INVAL"):
            guest.readlink(path)
    with fails("NOENT"):
        guest.readlink("none")


def test_symlink_errors(guest: Any, fails: Any) -> None:
    for absolute in ("/", "/etc/passwd"):
        with fails("NOTCAPABLE", "PERM"):
            guest.symlink(absolute, "link")
    with fails("NOENT"):
        guest.symlink("", "link")
    with fails("NOENT"):
        guest.symlink("source", "target/")
    guest.symlink("source", "target")
    guest.unlink("target")
    guest.mkdir("target")
    for path in ("target", "target/"):
        with fails("EXIST"):
            guest.symlink("source", path)
    guest.rmdir("target")
    guest.close(guest.create("target"))
    with fails("EXIST", "NOTDIR"):
        guest.symlink("source", "target/")
    with fails("EXIST"):
        guest.symlink("source", "target")


# Attributes


def test_filestat_follows_only_when_asked(guest: Any) -> None:
    guest.mkdir("sub")
    guest.close(guest.create("sub/file"))
    for link, target, kind in (("l1", "sub/file", abi.REGULAR_FILE), ("l2", "sub", abi.DIRECTORY)):
        guest.symlink(target, link)
        assert guest.stat(link).filetype == abi.SYMBOLIC_LINK
        assert guest.stat(link, lookup=FOLLOW) == guest.stat(target)
        assert guest.stat(target, lookup=FOLLOW).filetype == kind
    assert guest.stat("l2/").filetype == abi.DIRECTORY


def test_times_of_links_and_their_targets(guest: Any, fails: Any) -> None:
    guest.close(guest.create("file"))
    guest.symlink("file", "link")
    file, link = guest.stat("file"), guest.stat("link")
    guest.call("path_filestat_set_times", 3, 0, "link", 0, link.mtim - 200, abi.MTIM)
    assert guest.stat("link").mtim == link.mtim - 200
    assert guest.stat("file").mtim == file.mtim
    guest.call("path_filestat_set_times", 3, FOLLOW, "link", 0, 12345, abi.MTIM)
    assert guest.stat("file").mtim == 12345
    assert guest.stat("link").mtim == link.mtim - 200
    for which in (abi.MTIM | abi.MTIM_NOW, abi.ATIM | abi.ATIM_NOW):
        with fails("INVAL"):
            guest.call("path_filestat_set_times", 3, 0, "file", 0, 1, which)
    assert guest.stat("file").mtim == 12345
    with fails("NOENT"):
        guest.call("path_filestat_set_times", 3, 0, "none", 0, 1, abi.MTIM)


# Creating and removing


def test_directories(guest: Any, fails: Any) -> None:
    guest.mkdir("d")
    with fails("EXIST"):
        guest.mkdir("d")
    guest.mkdir("d/e/")
    with fails("NOENT"):
        guest.mkdir("x/y")
    with fails("EXIST"):
        guest.mkdir(".")
    with fails("NOTEMPTY"):
        guest.rmdir("d")
    guest.rmdir("d/e/")
    guest.rmdir("d")
    guest.close(guest.create("f"))
    for path in ("f", "f/"):
        with fails("NOTDIR"):
            guest.rmdir(path)
    with fails("NOENT"):
        guest.rmdir("none")
    with fails("INVAL"):
        guest.rmdir(".")


def test_removing_through_links_removes_the_link(guest: Any, root: Path, fails: Any) -> None:
    guest.mkdir("d")
    guest.symlink("d", "link")
    for path in ("link", "link/"):
        with fails("NOTDIR"):
            guest.rmdir(path)
    with fails("NOTDIR"):
        guest.unlink("link/")
    guest.unlink("link")
    assert (root / "d").is_dir()
    assert not (root / "link").is_symlink()


def test_unlink_errors(guest: Any, fails: Any) -> None:
    guest.mkdir("d")
    for path in ("d", "d/"):
        with fails("ISDIR", "PERM"):
            guest.unlink(path)
    guest.close(guest.create("f"))
    with fails("NOTDIR"):
        guest.unlink("f/")
    with fails("NOENT"):
        guest.unlink("none/")
    guest.unlink("f")
    with fails("NOENT"):
        guest.unlink("f")


def test_a_removed_file_stays_open(guest: Any) -> None:
    fd = guest.create("f", b"abc")
    guest.unlink("f")
    assert guest.read(fd, 9, offset=0) == b"abc"
    guest.close(guest.create("f"))
    assert guest.stat(fd).nlink == 0


def test_hard_links(guest: Any, fails: Any) -> None:
    guest.close(guest.create("file", b"abc"))
    guest.link("file", "link")
    assert guest.stat("file") == guest.stat("link")
    assert guest.stat("link").nlink == 2
    for path in ("link", "file", "link/"):
        with fails("EXIST"):
            guest.link("file", path)
    guest.unlink("link")
    with fails("NOENT"):
        guest.link("file", "link/")
    with fails("NOTDIR"):
        guest.link("file/", "link")
    guest.mkdir("d")
    for path in ("d", "d/"):
        with fails("PERM", "ACCES"):
            guest.link(path, "link")
    with fails("EXIST"):
        guest.link("file", "d")
    guest.symlink("target", "dangling")
    guest.link("dangling", "link")
    assert guest.readlink("link") == "target"
    with fails("EXIST"):
        guest.link("file", "dangling")
    with fails("INVAL"):
        guest.link("dangling", "other", lookup=FOLLOW)


# Renaming


def test_renaming_directories(guest: Any, fails: Any) -> None:
    guest.mkdir("source")
    guest.rename("source", "target")
    with fails("NOENT"):
        guest.open("source", DIRECTORY)
    guest.mkdir("source")
    guest.rename("source", "target")
    assert not exists(guest, "source")
    guest.mkdir("source")
    guest.close(guest.create("target/file"))
    with fails("NOTEMPTY", "EXIST"):
        guest.rename("source", "target")
    with fails("NOTDIR"):
        guest.rename("source", "target/file")
    with fails("INVAL"):
        guest.rename("source", "source/below")
    with fails("BUSY", "INVAL"):
        guest.rename(".", "x")


def test_renaming_files(guest: Any, fails: Any) -> None:
    guest.close(guest.create("source", b"new"))
    guest.close(guest.create("target", b"old"))
    guest.rename("source", "target")
    assert guest.read(guest.open("target"), 9) == b"new"
    guest.mkdir("d")
    with fails("ISDIR"):
        guest.rename("target", "d")
    guest.rename("target", "d/there")
    sub = guest.open("d", DIRECTORY)
    guest.rename("there", "back", fd=sub)
    assert exists(guest, "back")
    with fails("NOENT"):
        guest.rename("none", "x")


def test_renaming_with_trailing_slashes(guest: Any, fails: Any) -> None:
    guest.mkdir("source")
    guest.rename("source/", "target")
    guest.rename("target", "source/")
    guest.rename("source/", "target/")
    guest.rename("target", "source")
    guest.close(guest.create("file"))
    for old, new in (("file/", "x"), ("file", "x/"), ("file/", "x/")):
        with fails("NOTDIR"):
            guest.rename(old, new)


def test_renaming_a_link_moves_the_link(guest: Any) -> None:
    guest.close(guest.create("file"))
    guest.symlink("file", "link")
    guest.rename("link", "moved")
    assert guest.readlink("moved") == "file"


# Rights


def test_what_a_directory_may_not_pass_on(guest: Any, fails: Any) -> None:
    guest.close(guest.create("f", b"abc"))
    sub = guest.open(".", DIRECTORY, abi.PATH_OPEN, inheriting=READ | abi.FD_SEEK)
    fd = guest.open("f", fd=sub, rights=READ | abi.FD_SEEK | abi.FD_TELL)
    assert guest.fdstat(fd)[2] == READ | abi.FD_SEEK
    for rights in (WRITE, READ | WRITE):
        with fails("NOTCAPABLE"):
            guest.open("f", fd=sub, rights=rights)
    with fails("NOTCAPABLE"):
        guest.open("g", CREAT, fd=sub, rights=READ)
    with fails("NOTCAPABLE"):
        guest.open("f", TRUNC, fd=sub, rights=READ)


@pytest.mark.parametrize(
    ("right", "name", "args"),
    [
        (abi.PATH_OPEN, "path_open", (0, "f", 0, 0, 0, 0, 0)),
        (abi.PATH_CREATE_DIRECTORY, "path_create_directory", ("x",)),
        (abi.PATH_REMOVE_DIRECTORY, "path_remove_directory", ("d",)),
        (abi.PATH_UNLINK_FILE, "path_unlink_file", ("f",)),
        (abi.PATH_FILESTAT_GET, "path_filestat_get", (0, "f", 0)),
        (abi.PATH_FILESTAT_SET_TIMES, "path_filestat_set_times", (0, "f", 0, 0, abi.MTIM)),
        (abi.PATH_READLINK, "path_readlink", ("l", 0, 0, 0)),
        (abi.PATH_RENAME_SOURCE, "path_rename", ("f", 3, "g")),
        (abi.PATH_LINK_SOURCE, "path_link", (0, "f", 3, "g")),
    ],
)
def test_each_call_needs_its_right(
    guest: Any, root: Path, fails: Any, right: int, name: str, args: Any
) -> None:
    (root / "f").touch()
    (root / "d").mkdir()
    (root / "l").symlink_to("f")
    with fails("NOTCAPABLE"):
        guest.call(name, guest.open(".", DIRECTORY, abi.DIRECTORY_RIGHTS & ~right), *args)
    guest.call(name, guest.open(".", DIRECTORY, right), *args)


# Read-only directories


def test_nothing_changes_in_a_readonly_directory(make_guest: Any, root: Path, fails: Any) -> None:
    (root / "f").write_bytes(b"abc")
    (root / "d").mkdir()
    guest = make_guest(preopens=[("/", root, True)])
    sub = guest.open("d", DIRECTORY)
    calls: list[Callable[[], Any]] = [
        lambda: guest.open("f", 0, READ | WRITE),
        lambda: guest.open("f", TRUNC, READ),
        lambda: guest.open("new", CREAT, READ),
        lambda: guest.open("new", CREAT, READ, fd=sub),
        lambda: guest.mkdir("new"),
        lambda: guest.rmdir("d"),
        lambda: guest.unlink("f"),
        lambda: guest.symlink("f", "new"),
        lambda: guest.link("f", "new"),
        lambda: guest.rename("f", "new"),
        lambda: guest.mkdir("new", fd=sub),
        lambda: guest.call("path_filestat_set_times", 3, 0, "f", 0, 0, abi.MTIM),
        lambda: guest.call("fd_filestat_set_times", 3, 0, 0, abi.MTIM),
        lambda: guest.call("fd_filestat_set_times", sub, 0, 0, abi.MTIM),
    ]
    for call in calls:
        with fails("ROFS"):
            call()
    fd = guest.open("f", CREAT, READ | abi.FD_FILESTAT_SET_TIMES | abi.FD_FILESTAT_SET_SIZE)
    assert guest.read(fd, 9) == b"abc"
    for name, args in (("fd_filestat_set_times", (0, 0, abi.MTIM)), ("fd_filestat_set_size", (0,))):
        with fails("NOTCAPABLE"):
            guest.call(name, fd, *args)
    assert guest.fdstat(3)[3] & WRITE, "wasi-libc would leave the right out of what it asks for"
    assert sorted(p.name for p in root.iterdir()) == ["d", "f"]
    assert (root / "f").read_bytes() == b"abc"
