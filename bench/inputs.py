"""What WASI programs read: made from a number, the same on every machine."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

SYLLABLES = [
    "ka",
    "lo",
    "mi",
    "ren",
    "su",
    "ta",
    "vor",
    "we",
    "xi",
    "zan",
    "el",
    "u",
    "pri",
    "qua",
    "sto",
    "ne",
]


def _words(source: random.Random, count: int) -> list[str]:
    vocabulary = ["".join(source.choice(SYLLABLES) for _ in range(source.randint(1, 4))) for _ in range(2000)]
    # Few words are frequent and many rare, as in a language.
    return [vocabulary[int(len(vocabulary) * source.random() ** 3)] for _ in range(count)]


def prose(n: int) -> str:
    """About n KiB of lines of words."""
    words = _words(random.Random(1), n * 190)
    lines = [" ".join(words[i : i + 12]) for i in range(0, len(words), 12)]
    return "\n".join(lines) + "\n"


def log(n: int) -> str:
    """n lines of a log."""
    source = random.Random(2)
    words = _words(source, n * 8)
    lines = []
    for i in range(n):
        head = f"2026-{source.randint(1, 12):02}-{source.randint(1, 28):02}"
        level = source.choice(["INFO", "WARN", "ERROR", "DEBUG"])
        where = f"{source.choice(SYLLABLES)}.{source.choice(SYLLABLES)}"
        said = words[i * 8 : i * 8 + 8]
        said[3] = f'"{said[3]} {said[4]}"' if i % 3 else said[3]
        said[5] = f"{source.randint(0, 999)}.{source.randint(0, 99)}" if i % 2 else str(source.randint(0, 99))
        lines.append(f"{head} {level}  {where}: {' '.join(said)}" if i % 17 else "... ".join(said))
    return "\n".join(lines) + "\n"


def records(n: int) -> str:
    """A JSON document of 200 records, whatever n is: that is how often it is read."""
    source = random.Random(3)
    words = _words(source, 2000)
    made = [
        {
            "id": i,
            "name": words[i * 10] + ' "' + words[i * 10 + 1] + '"',
            "ratio": source.random(),
            "tags": words[i * 10 + 2 : i * 10 + 6],
            "place": {"x": source.randint(-999, 999), "y": source.randint(-999, 999), "here": i % 3 == 0},
            "none": None,
        }
        for i in range(200)
    ]
    return json.dumps(made, indent=1) + "\n"


def board(n: int) -> str:
    """A world of 64 x 48 cells for the game of life, whatever n is: the number of generations."""
    source = random.Random(4)
    return "".join("".join(source.choice(".#") for _ in range(64)) + "\n" for _ in range(48))


def sql(n: int) -> str:
    """SQL: tables of n rows, an index, a join, an aggregate, updates."""
    return f"""
create table item (id integer primary key, name text, price real, kind integer);
with recursive counter(i) as (select 1 union all select i + 1 from counter where i < {n})
insert into item select i, 'item ' || (i * 7919 % 10007), (i * 31 % 1000) / 4.0, i % 50 from counter;
create index by_name on item(name);
create table kind (id integer primary key, title text);
insert into kind select distinct kind, 'kind ' || kind from item;
select count(*), sum(price), min(name), max(name) from item;
select kind.title, count(*), round(avg(price), 3) from item join kind on kind.id = item.kind
  group by kind.id having count(*) > 0 order by 3 desc, 1 limit 10;
select count(*) from item a join item b on a.name = b.name where a.id < b.id;
update item set price = price * 1.5 where name like 'item 1%';
delete from item where id % 3 = 0;
select name, sum(price) over (order by id) from item where kind = 7 order by name desc limit 5;
select count(*), round(sum(price), 3), group_concat(distinct kind % 5) from item;
"""


def lua(n: int) -> str:
    """A program in Lua: tables, strings, closures, coroutines; n rounds."""
    return f"""
local function primes(limit)
  local composite, found = {{}}, {{}}
  for i = 2, limit do
    if not composite[i] then
      found[#found + 1] = i
      for j = i * i, limit, i do composite[j] = true end
    end
  end
  return found
end
local function words(text)
  return coroutine.wrap(function()
    for word in text:gmatch("%a+") do coroutine.yield(word) end
  end)
end
local total, counts = 0, {{}}
for round = 1, {n} do
  local found = primes(5000)
  table.sort(found, function(a, b) return a % 101 < b % 101 or (a % 101 == b % 101 and a < b) end)
  total = total + found[round] + #found
  local parts = {{}}
  for i = 1, 200 do parts[i] = string.format("w%s%d", string.char(97 + i * round % 26), i % 10) end
  for word in words(table.concat(parts, " "):upper():gsub("%d", "")) do
    counts[word] = (counts[word] or 0) + 1
  end
end
local keys = {{}}
for key in pairs(counts) do keys[#keys + 1] = key end
table.sort(keys)
for _, key in ipairs(keys) do total = total * 31 % 1000000007 + counts[key] end
print(total, #keys)
"""


MAKERS: dict[str, Callable[[int], str]] = {
    maker.__name__: maker for maker in (prose, log, records, board, sql, lua)
}


def file(folder: Path, name: str, n: int) -> str:
    """The path of an input below `folder`, made if it is not there."""
    path = folder / f"{name}-{n}.txt"
    contents = MAKERS[name](n)
    if not path.exists() or path.read_text(encoding="utf-8") != contents:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(contents, encoding="utf-8", newline="\n")
    return str(path)
