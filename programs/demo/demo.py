#!/usr/bin/env python3
"""SQLite's own shell, compiled to WebAssembly, answers questions about a database of real data.

The data is the Unicode character database that this Python carries. Python writes it into a database
file in a temporary directory; SQLite in WebAssembly sees that directory as /data, and nothing else of the
machine. Each answer is compared with what Python's own sqlite3 module says.
"""

from __future__ import annotations

import os
import shlex
import sqlite3
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

SQLITE = Path(__file__).resolve().parent.parent / "bin" / "sqlite.wasm"
SEPARATOR = "\x1f"
PRINTED_ROWS = 8

SCHEMA = """
create table character (code integer primary key, name text, category text, numeric real);
create table word (word text, code integer references character);
create index word_by_text on word (word);
"""


@dataclass(frozen=True)
class Question:
    """What is asked, in words and in SQL. A question may begin with a statement that changes the file."""

    title: str
    query: str
    change: str = ""


QUESTIONS = (
    Question(
        "Which kinds of characters are there?",
        "select category, count(*) as characters, round(avg(length(name)), 2) as name_length"
        " from character group by category order by characters desc, category limit 6",
    ),
    Question(
        "Which words are used in most names, and in how many kinds of characters?",
        "select word, count(*) as names, count(distinct category) as kinds"
        " from word join character using (code) group by word order by names desc, word limit 8",
    ),
    Question(
        "Which characters stand for large numbers?",
        "select printf('U+%04X', code) as code, name, cast(numeric as integer) as value"
        " from character where numeric is not null order by numeric desc, code limit 5",
    ),
    Question(
        "Which names are longest in each of the most common kinds?",
        "with ranked as (select category, name, row_number() over"
        " (partition by category order by length(name) desc, name) as place,"
        " count(*) over (partition by category) as size from character)"
        " select category, size, length(name) as length, name from ranked"
        " where place = 1 order by size desc limit 5",
    ),
    Question(
        "Which letters have a cat in their name?",
        "select printf('U+%04X', code) as code, char(code) as character, name from character"
        " where code in (select code from word where word in ('CAT', 'KITTEN'))"
        " order by code limit 6",
    ),
    Question(
        "How many names does each script have? (kept in a new table of the same file)",
        "select * from script order by letters desc, name limit 6",
        change="create table script as select substr(name, 1, instr(name, ' ') - 1) as name,"
        " count(*) as letters from character where name like '% LETTER %' group by 1;",
    ),
)


def characters() -> Iterator[tuple[int, str, str, float | None]]:
    """Every character that has a name: code, name, category, numeric value."""
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if name := unicodedata.name(character, ""):
            # Ideographs are named by their number alone, and Hangul by their sounds: tens of thousands.
            if name.startswith(("CJK UNIFIED", "HANGUL SYLLABLE")):
                continue
            yield code, name, unicodedata.category(character), unicodedata.numeric(character, None)


def write_database(path: Path) -> tuple[int, int]:
    """Make the database file; the numbers of characters and of words in it."""
    rows = list(characters())
    words = [(word, code) for code, name, _, _ in rows for word in name.replace("-", " ").split()]
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(SCHEMA)
        database.executemany("insert into character values (?, ?, ?, ?)", rows)
        database.executemany("insert into word values (?, ?)", words)
    return len(rows), len(words)


def ask_webassembly(directory: Path, sql: str) -> tuple[list[list[str]], float]:
    """SQLite's answer, the header first, and the seconds that the whole process took."""
    runner = os.environ.get("WASMINE_RUNNER")
    command = shlex.split(runner) if runner else [sys.executable, "-m", "wasmine", "run"]
    command += ["--dir", f"{directory}::/data", str(SQLITE)]
    command += ["-batch", "-header", "-separator", SEPARATOR, "/data/unicode.db", sql]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{shlex.join(command[:4])} ... failed:\n{done.stderr.decode(errors='replace')}")
    return [line.split(SEPARATOR) for line in done.stdout.decode().splitlines()], seconds


def ask_python(directory: Path, sql: str) -> tuple[list[list[str]], float]:
    """The answer of Python's sqlite3 module to a query, in the shell's notation."""
    start = time.perf_counter()
    with closing(sqlite3.connect(directory / "unicode.db")) as database:
        cursor = database.execute(sql)
        rows = [["" if value is None else str(value) for value in row] for row in cursor]
        return [[column[0] for column in cursor.description], *rows], time.perf_counter() - start


def print_table(rows: list[list[str]]) -> None:
    """Rows below their header, in columns, each cut to what fits a line."""
    shown = [
        [cell if len(cell) <= 60 else cell[:57] + "..." for cell in row] for row in rows[: PRINTED_ROWS + 1]
    ]
    widths = [max(len(row[i]) for row in shown) for i in range(len(shown[0]))]
    shown.insert(1, ["-" * width for width in widths])
    for row in shown:
        print("   ", "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def main() -> int:
    """Write the database, ask each question, compare; 1 if an answer differs."""
    differing = 0
    # A terminal that cannot show some character need not stop the demonstration.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    with tempfile.TemporaryDirectory(prefix="wasmine-demo-") as name:
        directory = Path(name)
        start = time.perf_counter()
        count, words = write_database(directory / "unicode.db")
        size = (directory / "unicode.db").stat().st_size
        print(f"Unicode {unicodedata.unidata_version}: {count:,} named characters, {words:,} words,")
        print(f"a database of {size / 1e6:.1f} MB written by Python in {time.perf_counter() - start:.2f} s.")
        print(f"Now {SQLITE.name} ({SQLITE.stat().st_size / 1e6:.2f} MB) reads it as /data/unicode.db.")
        for number, question in enumerate(QUESTIONS, 1):
            answer, seconds = ask_webassembly(directory, question.change + question.query)
            expected, native_seconds = ask_python(directory, question.query)
            print(f"\n{number}. {question.title}")
            print_table(answer)
            verdict = "the same" if answer == expected else "ANOTHER ANSWER"
            differing += answer != expected
            print(f"    {seconds * 1000:.0f} ms, process and all; Python's sqlite3 says {verdict}", end=" ")
            print(f"({native_seconds * 1000:.0f} ms)")
    print("\nAll answers agree." if not differing else f"\n{differing} answers differ.")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
