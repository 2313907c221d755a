"""The Python in the README runs as it stands there, and prints what the comments say."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_the_readme_works_as_typed(block, capsys):
    exec(compile(block, str(README), "exec"), {})
    expected = re.findall(r"print\(.*\)  # (.*)", block)
    assert expected
    assert capsys.readouterr().out.splitlines() == expected
