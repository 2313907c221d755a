"""Standard streams: inherited, files, bytes, Python objects, nothing."""

import io
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wasmine.wasi import abi


def buffered(data: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(data))


class TextOnly:
    """A file-like object that is no `io` class and takes text."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: Any) -> None:
        self.parts.append(text + "")


class BytesOnly:
    """One that takes bytes, a few at a time."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: Any) -> Any:
        self.data += data[:3]
        return min(len(data), 3)


def test_nothing_is_granted_by_default(make_guest: Any) -> None:
    guest = make_guest()
    assert guest.read(0, 100) == b""
    assert guest.write(1, b"abc", b"d") == 4
    assert guest.write(2, b"abc") == 3
    for fd in range(3):
        assert guest.fdstat(fd)[0] == abi.UNKNOWN
        assert guest.stat(fd).filetype == abi.UNKNOWN


def test_streams_go_one_way(make_guest: Any, fails: Any) -> None:
    guest = make_guest()
    with fails("NOTCAPABLE"):
        guest.write(0, b"x")
    for fd in (1, 2):
        with fails("NOTCAPABLE"):
            guest.read(fd, 1)
    calls: list[Callable[[], Any]] = [
        lambda: guest.seek(0, 0),
        lambda: guest.tell(1),
        lambda: guest.write(1, b"x", offset=0),
    ]
    for call in calls:
        with fails("SPIPE"):
            call()


def test_input_from_bytes(make_guest: Any) -> None:
    guest = make_guest(stdin=b"hello world")
    assert guest.read(0, 3, 3) == b"hello "
    assert guest.read(0, 100) == b"world"
    assert guest.read(0, 100) == b""


@pytest.mark.parametrize("make", [io.BytesIO, buffered])
def test_input_from_binary_files(make_guest: Any, make: Any) -> None:
    guest = make_guest(stdin=make(b"hello world"))
    assert guest.read(0, 3, 3) == b"hello "
    assert guest.read(0, 5) == b"world"
    assert guest.read(0, 5) == b""


def test_input_from_text(make_guest: Any) -> None:
    guest = make_guest(stdin=io.StringIO("hé\nzwei\n"))
    assert guest.read(0, 2) == "hé".encode()[:2]
    assert b"".join(iter(lambda: guest.read(0, 100), b"")) == "hé\nzwei\n".encode()[2:]


def test_input_from_a_text_file_is_exact(make_guest: Any, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(b"\xff\r\n\x00")
    with path.open() as file:
        assert make_guest(stdin=file).read(0, 100) == b"\xff\r\n\x00"


def test_input_from_a_path(make_guest: Any, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(b"0123456789")
    for source in (path, str(path)):
        guest = make_guest(stdin=source)
        assert guest.read(0, 3) == b"012"
        assert guest.fdstat(0)[0] == abi.REGULAR_FILE
        assert guest.seek(0, 8) == 8
        assert guest.read(0, 9) == b"89"


def test_output_to_binary_files(make_guest: Any) -> None:
    out = io.BytesIO()
    guest = make_guest(stdout=out)
    assert guest.write(1, b"a\xff", b"b") == 3
    assert out.getvalue() == b"a\xffb"


def test_output_is_visible_at_once(make_guest: Any, tmp_path: Path) -> None:
    for mode in ("w", "wb"):
        path = tmp_path / mode
        with path.open(mode) as file:
            make_guest(stdout=file).write(1, b"no newline")
            assert path.read_bytes() == b"no newline"


def test_output_to_text(make_guest: Any) -> None:
    out = io.StringIO()
    guest = make_guest(stdout=out)
    data = "é€".encode()
    guest.write(1, data[:1])
    guest.write(1, data[1:4])
    guest.write(1, data[4:] + b"\xff.")
    assert out.getvalue() == "é€�."


def test_output_to_objects_that_only_write(make_guest: Any) -> None:
    text, data = TextOnly(), BytesOnly()
    guest = make_guest(stdout=text, stderr=data)
    assert guest.write(1, b"ab", b"c") == 3
    assert text.parts == ["abc"]
    assert guest.write(2, b"abcdef") == 3
    assert data.data == b"abc"


def test_output_below_text_is_exact_and_in_order(make_guest: Any) -> None:
    below = io.BytesIO()
    out = io.TextIOWrapper(below, encoding="ascii", write_through=False)
    guest = make_guest(stdout=out)
    out.write("first ")
    guest.write(1, b"\xff")
    assert below.getvalue() == b"first \xff"


def test_output_to_a_path(make_guest: Any, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old contents")
    guest = make_guest(stdout=path)
    guest.write(1, b"new")
    guest.call("fd_close", 1)
    assert path.read_bytes() == b"new"


def test_the_same_object_for_both(make_guest: Any) -> None:
    out = io.BytesIO()
    guest = make_guest(stdout=out, stderr=out)
    guest.write(1, b"1")
    guest.write(2, b"2")
    guest.write(1, b"3")
    guest.close(1)
    guest.write(2, b"4")
    assert out.getvalue() == b"1234"


def test_inherited_output(make_guest: Any, capfd: pytest.CaptureFixture[str]) -> None:
    guest = make_guest(stdout="inherit", stderr="inherit")
    sys.stdout.write("before ")
    guest.write(1, b"\xe2\x82")
    guest.write(1, b"\xac out")
    guest.write(2, b"err")
    captured = capfd.readouterr()
    assert captured.out == "before € out"
    assert captured.err == "err"


def test_inherited_output_goes_where_python_prints(
    make_guest: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    make_guest(stdout="inherit").write(1, b"text")
    assert capsys.readouterr().out == "text"


def test_what_is_no_stream_is_refused(make_guest: Any) -> None:
    for options in ({"stdin": 5}, {"stdout": b"path"}, {"stderr": object()}):
        with pytest.raises(TypeError, match=next(iter(options))):
            make_guest(**options)
    with pytest.raises(FileNotFoundError):
        make_guest(stdin="/does/not/exist")


def test_what_the_object_raises_arrives(make_guest: Any, fails: Any) -> None:
    class Broken(io.RawIOBase):
        def __init__(self, error: Any) -> None:
            self.error = error

        def write(self, data: Any) -> None:
            raise self.error

    with fails("PIPE"):
        make_guest(stdout=Broken(BrokenPipeError(32, "Broken pipe"))).write(1, b"x")
    with fails("IO"):
        make_guest(stdout=Broken(OSError("no number"))).write(1, b"x")
    with pytest.raises(ZeroDivisionError):
        make_guest(stdout=Broken(ZeroDivisionError())).write(1, b"x")


def replace_fd(number: int, replacement: Any) -> Any:
    """Let a standard descriptor be another one; return what restores it."""
    saved = os.dup(number)
    os.dup2(replacement, number)
    os.close(replacement)

    def restore() -> None:
        os.dup2(saved, number)
        os.close(saved)

    return restore


@pytest.fixture
def inherited(request: pytest.FixtureRequest) -> Any:
    """Put something in the place of a standard descriptor for a test."""

    def put(number: int, replacement: Any) -> None:
        request.addfinalizer(replace_fd(number, replacement))

    return put


def test_a_closed_pipe(make_guest: Any, inherited: Any, fails: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    inherited(1, writing)
    monkeypatch.setattr(sys, "stdout", None)
    with fails("PIPE"):
        make_guest(stdout="inherit").write(1, b"x")


def test_a_terminal_looks_like_one(make_guest: Any, inherited: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = pty.openpty()
    inherited(0, slave)
    monkeypatch.setattr(sys, "stdin", None)
    guest = make_guest(stdin="inherit")
    filetype, _, rights, _ = guest.fdstat(0)
    assert filetype == abi.CHARACTER_DEVICE
    assert not rights & (abi.FD_SEEK | abi.FD_TELL)
    os.write(master, b"line\nmore\n")
    assert guest.read(0, 100) == b"line\n"
    os.close(master)


def test_a_device_that_is_no_terminal(
    make_guest: Any, inherited: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    inherited(0, os.open("/dev/zero", os.O_RDONLY))
    monkeypatch.setattr(sys, "stdin", None)
    guest = make_guest(stdin="inherit")
    filetype, _, rights, _ = guest.fdstat(0)
    assert filetype == abi.CHARACTER_DEVICE
    assert rights & (abi.FD_SEEK | abi.FD_TELL)
    assert guest.read(0, 4) == bytes(4)


def test_inherited_files_keep_their_position(
    make_guest: Any, inherited: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "in"
    path.write_bytes(b"0123456789")
    inherited(0, os.open(path, os.O_RDONLY))
    monkeypatch.setattr(sys, "stdin", None)
    os.lseek(0, 4, os.SEEK_SET)
    guest = make_guest(stdin="inherit")
    assert guest.tell(0) == 4
    assert guest.read(0, 2) == b"45"
    guest.close(0)
    assert os.read(0, 1) == b"6"


def test_appending_output_is_known_and_flags_stay_with_the_guest(
    make_guest: Any, inherited: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    inherited(1, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    monkeypatch.setattr(sys, "stdout", None)
    guest = make_guest(stdout="inherit")
    assert guest.fdstat(1)[1] == abi.APPEND
    guest.call("fd_fdstat_set_flags", 1, abi.NONBLOCK)
    assert guest.fdstat(1)[1] == abi.NONBLOCK
    assert os.get_blocking(1)


def test_not_waiting_for_inherited_input(
    make_guest: Any, inherited: Any, fails: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    inherited(0, reading)
    monkeypatch.setattr(sys, "stdin", None)
    guest = make_guest(stdin="inherit")
    guest.call("fd_fdstat_set_flags", 0, abi.NONBLOCK)
    with fails("AGAIN"):
        guest.read(0, 10)
    os.write(writing, b"now")
    assert guest.read(0, 10) == b"now"
    os.close(writing)
    assert guest.read(0, 10) == b""


def test_a_stream_that_is_closed_outside(make_guest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = os.dup(0)
    os.close(0)
    monkeypatch.setattr(sys, "stdin", None)
    try:
        guest = make_guest(stdin="inherit")
    finally:
        os.dup2(saved, 0)
        os.close(saved)
    assert guest.read(0, 1) == b""


def test_files_of_the_host_are_closed_with_the_system(make_guest: Any, tmp_path: Path) -> None:
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    guest = make_guest(stdin="/dev/null", stdout=tmp_path / "out", stderr=tmp_path / "err")
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before + 3
    guest.wasi.close()
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before
