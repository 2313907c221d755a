"""Real programs: their output, exit codes and files are those of their native twins, byte for byte."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import os
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXPECTED = HERE / "expected"


def test_output_and_files_are_as_recorded(
    case: Any, case_directory: Callable[[str], Path], run_guest: Callable[..., Any]
) -> None:
    directory = case_directory("guest")
    outcome = run_guest(case.program, *case.args, stdin=case.input(), env=case.env, directory=directory)
    assert outcome.exit == case.exit, outcome.stderr.decode(errors="replace")
    assert outcome.stdout == (EXPECTED / f"{case.name}.out").read_bytes()
    assert outcome.files == (EXPECTED / f"{case.name}.files").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_native_twin_gives_the_same(
    case: Any, case_directory: Callable[[str], Path], run_native: Callable[..., Any]
) -> None:
    outcome = run_native(case, case_directory("native"))
    if os.environ.get("WASMINE_RECORD"):
        (EXPECTED / f"{case.name}.out").write_bytes(outcome.stdout)
        (EXPECTED / f"{case.name}.files").write_text(outcome.files, encoding="utf-8")
    assert outcome.exit == case.exit, outcome.stderr.decode(errors="replace")
    assert outcome.stdout == (EXPECTED / f"{case.name}.out").read_bytes()
    assert outcome.files == (EXPECTED / f"{case.name}.files").read_text(encoding="utf-8")


def test_every_expectation_belongs_to_a_case() -> None:
    text = (HERE / "cases.toml").read_text(encoding="utf-8")
    for path in EXPECTED.iterdir():
        assert f"[{path.stem}]" in text, f"{path.name} belongs to no case"


class TestProcess:
    def test_standard_error_is_apart_from_standard_output(self, run_guest: Callable[..., Any]) -> None:
        outcome = run_guest("process", "both", "out", "err")
        assert (outcome.stdout, outcome.stderr) == (b"out", b"err")

    def test_nothing_of_the_host_s_environment_arrives(
        self, run_guest: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WASMINE_SECRET", "secret")
        assert run_guest("process", "env").stdout == b""

    def test_any_bytes_pass_through_standard_input_and_output(self, run_guest: Callable[..., Any]) -> None:
        data = bytes(range(256)) * 1000
        outcome = run_guest("process", "upper", stdin=data)
        assert outcome.stdout == bytes(c - 32 if 97 <= c <= 122 else c for c in data)

    def test_abort_is_a_trap_and_keeps_what_was_written(self, run_guest: Callable[..., Any]) -> None:
        outcome = run_guest("process", "abort")
        assert outcome.exit == 134
        assert outcome.stdout == b"about to abort\n"
        assert outcome.stderr.startswith(b"this is standard error\n")

    @pytest.mark.parametrize(
        ("kind", "text", "function"),
        [
            ("unreachable", "unreachable", "run_trap"),
            ("divide", "integer divide by zero", "quotient"),
            ("bounds", "out of bounds memory access", "read_far"),
            ("signature", "indirect call type mismatch", "call_mistyped"),
            ("stack", "call stack exhausted", "descend"),
        ],
    )
    def test_a_trap_names_itself_and_where_it_was(
        self, kind: str, text: str, function: str, run_guest: Callable[..., Any]
    ) -> None:
        outcome = run_guest("process", "trap", kind)
        assert outcome.exit == 134
        assert outcome.stdout == f"about to trap: {kind}\n".encode()
        message = outcome.stderr.decode()
        assert text in message
        assert function in message


class TestFiles:
    def test_without_a_directory_there_are_no_files(
        self, run_guest: Callable[..., Any], tmp_path: Path
    ) -> None:
        outcome = run_guest("files", "list", str(tmp_path))
        assert outcome.exit == 1

    @pytest.mark.parametrize(
        "name", ["../secret.txt", "inner/../../secret.txt", "out/secret.txt", "link.txt"]
    )
    def test_no_path_leads_out_of_the_directory(
        self, name: str, run_guest: Callable[..., Any], tmp_path: Path
    ) -> None:
        (tmp_path / "secret.txt").write_text("secret\n")
        directory = tmp_path / "open"
        (directory / "inner").mkdir(parents=True)
        (directory / "out").symlink_to("..")
        (directory / "link.txt").symlink_to(tmp_path / "secret.txt")
        outcome = run_guest("files", "escape", ".", name, directory=directory)
        assert b"secret\n" not in outcome.stdout
        assert b"holds" not in outcome.stdout
        assert outcome.stdout.strip().endswith((b"EPERM", b"ENOTCAPABLE", b"EACCES", b"ENOENT"))

    @pytest.mark.parametrize("guest", [".", "/", "/some/where"])
    def test_a_directory_has_the_name_it_was_given(
        self, guest: str, run_guest: Callable[..., Any], tmp_path: Path
    ) -> None:
        (tmp_path / "plain.txt").write_text("plain\n")
        outcome = run_guest("files", "list", guest, directory=tmp_path, guest=guest)
        assert outcome.stdout == b"./plain.txt is a file of 6 bytes, 1 links\n"

    def test_a_path_may_leave_a_subdirectory_but_not_the_whole(
        self, run_guest: Callable[..., Any], tmp_path: Path
    ) -> None:
        directory = tmp_path / "open"
        (directory / "inner").mkdir(parents=True)
        (directory / "plain.txt").write_text("plain\n")
        (directory / "inner" / "link.txt").symlink_to("../plain.txt")
        outcome = run_guest("files", "escape", ".", "inner/link.txt", directory=directory)
        assert outcome.stdout == b"./inner/link.txt holds 6 bytes: plain/\n"


def test_clocks_agree_with_the_host_s(run_guest: Callable[..., Any]) -> None:
    begun = int(time.time())
    outcome = run_guest("clocks", str(begun), str(begun + 120))
    assert outcome.stdout.count(b": yes\n") == outcome.stdout.count(b"\n") > 10
    assert outcome.exit == 0


def test_a_rust_panic_is_a_trap_with_its_message(run_guest: Callable[..., Any]) -> None:
    outcome = run_guest("tree", "panic")
    assert outcome.exit == 134
    assert outcome.stdout == b"about to panic\n"
    assert b"index out of bounds: the len is 0 but the index is 1" in outcome.stderr
    assert b"programs/src/tree.rs" in outcome.stderr
    assert b"rust_panic" in outcome.stderr


class TestCompressors:
    @pytest.fixture
    def data(self) -> bytes:
        return (ROOT / "LICENSE").read_bytes() * 3 + bytes(range(256)) * 100

    def test_bzip2_writes_what_python_reads(self, data: bytes, run_guest: Callable[..., Any]) -> None:
        assert bz2.decompress(run_guest("bzip2", "-c", stdin=data).stdout) == data

    def test_bzip2_reads_what_python_writes(
        self, data: bytes, run_guest: Callable[..., Any], tmp_path: Path
    ) -> None:
        directory = tmp_path / "data"
        directory.mkdir()
        (directory / "data.bz2").write_bytes(bz2.compress(data))
        assert run_guest("bzip2", "-d", "data.bz2", directory=directory).exit == 0
        assert [path.name for path in directory.iterdir()] == ["data"]
        assert (directory / "data").read_bytes() == data

    def test_bzip2_keeps_the_time_of_a_file(self, run_guest: Callable[..., Any], tmp_path: Path) -> None:
        directory = tmp_path / "data"
        directory.mkdir()
        (directory / "old.txt").write_text("old\n")
        os.utime(directory / "old.txt", (1_000_000_000, 1_234_567_890))
        assert run_guest("bzip2", "old.txt", directory=directory).exit == 0
        assert (directory / "old.txt.bz2").stat().st_mtime == 1_234_567_890

    def test_bzip2_finds_a_broken_file(self, data: bytes, run_guest: Callable[..., Any]) -> None:
        broken = bytearray(bz2.compress(data))
        broken[len(broken) // 2] ^= 1
        outcome = run_guest("bzip2", "-dc", stdin=bytes(broken))
        assert outcome.exit == 2
        assert b"CRC" in outcome.stderr or b"corrupt" in outcome.stderr

    def test_minigzip_and_python_read_each_other(self, data: bytes, run_guest: Callable[..., Any]) -> None:
        assert gzip.decompress(run_guest("minigzip", stdin=data).stdout) == data
        assert run_guest("minigzip", "-d", stdin=gzip.compress(data)).stdout == data


class TestSQLite:
    @pytest.fixture
    def directory(self, tmp_path: Path) -> Path:
        directory = tmp_path / "data"
        directory.mkdir()
        return directory

    def test_python_reads_what_it_writes(self, directory: Path, run_guest: Callable[..., Any]) -> None:
        script = (HERE / "scripts" / "shop.sql").read_bytes()
        assert run_guest("sqlite", "-batch", "shop.db", stdin=script, directory=directory).exit == 0
        with sqlite3.connect(directory / "shop.db") as database:
            assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
            assert database.execute("select count(*), count(distinct item_id) from sale").fetchone() == (
                5000,
                25,
            )
        database.close()

    def test_it_reads_what_python_writes(self, directory: Path, run_guest: Callable[..., Any]) -> None:
        with sqlite3.connect(directory / "from_python.db") as database:
            database.execute("create table t (a integer, b text)")
            database.executemany("insert into t values (?, ?)", [(i, f"row {i}") for i in range(10_000)])
        database.close()
        query = "select count(*), sum(a), max(b) from t where a % 3 = 0"
        outcome = run_guest("sqlite", "from_python.db", query, directory=directory)
        assert outcome.stdout == b"3334|16668333|row 9999\n"

    def test_a_second_run_finds_what_the_first_left(
        self, directory: Path, run_guest: Callable[..., Any]
    ) -> None:
        run_guest("sqlite", "x.db", "create table t (a); insert into t values (1)", directory=directory)
        run_guest("sqlite", "x.db", "insert into t select a + 1 from t", directory=directory)
        assert run_guest("sqlite", "x.db", "select * from t", directory=directory).stdout == b"1\n2\n"
        assert [path.name for path in directory.iterdir()] == ["x.db"], "a journal was left behind"


def next_generation(cells: frozenset[tuple[int, int]], width: int, height: int) -> frozenset[tuple[int, int]]:
    around = Counter(
        ((x + dx) % width, (y + dy) % height)
        for x, y in cells
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
        if dx or dy
    )
    return frozenset(cell for cell, count in around.items() if count == 3 or (count == 2 and cell in cells))


class TestLife:
    """AssemblyScript has no compiler for this machine; the twin is a few lines of Python."""

    WIDTH, HEIGHT = 24, 16

    def draw(self, cells: frozenset[tuple[int, int]]) -> str:
        rows = range(self.HEIGHT)
        return "".join("".join(".#"[(x, y) in cells] for x in range(self.WIDTH)) + "\n" for y in rows)

    def test_generations(self, run_guest: Callable[..., Any]) -> None:
        bits = hashlib.sha512(b"life").digest()
        cells = frozenset(
            (x, y) for x in range(self.WIDTH) for y in range(self.HEIGHT) if bits[(x * 7 + y * 13) % 64] & 1
        )
        start, populations = self.draw(cells), Counter[int]()
        for _ in range(60):
            cells = next_generation(cells, self.WIDTH, self.HEIGHT)
            populations[len(cells)] += 1
        outcome = run_guest("life", "60", stdin=start.encode())
        counts = "".join(f"{size}: {times}\n" for size, times in sorted(populations.items()))
        assert outcome.stdout.decode() == self.draw(cells) + counts
        assert outcome.exit == (0 if cells else 1)

    def test_an_uncaught_error_names_its_line(self, run_guest: Callable[..., Any]) -> None:
        outcome = run_guest("life", stdin=b"..#\n..\n")
        assert outcome.exit == 255
        assert b"line 2 has another length in life.ts" in outcome.stderr


class TestBinaries:
    """What is committed stays within its bounds and is accounted for."""

    def test_all_together_they_are_small(self) -> None:
        assert sum(path.stat().st_size for path in (ROOT / "programs" / "bin").iterdir()) <= 3_000_000

    def test_the_readme_tells_where_each_comes_from(self, binary: Callable[[str], Path]) -> None:
        readme = (ROOT / "programs" / "README.md").read_text(encoding="utf-8")
        modules = [binary(path.name.partition(".")[0]) for path in (ROOT / "programs" / "bin").iterdir()]
        titled = {module.name: module for module in modules}
        titled |= {
            f"{module.parent.name}/{module.name}": module
            for module in (ROOT / "bench" / "programs").glob("*/*.wasm")
        }
        for title, module in titled.items():
            digest = hashlib.sha256(module.read_bytes()).hexdigest()
            assert f"| {title} | `{digest}` |" in readme, f"{title} is not in the README"

    @pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
    def test_native_twins_of_our_own_programs_can_always_be_built(
        self, native: Callable[[str], Path]
    ) -> None:
        assert native("process").exists()
