"""Both ways to spell a repetition that gives nothing back match the same, where `re` is right about both."""

import random
import re

import pytest

from wasmine.text.patterns import OLD, possessive

GROUPS = (r"(?:[^;(]++|;(?!\))|\((?!;))", "(?:_?[0-9])", r'(?:[^"\\]++|\\(?:n|[0-9]{2}))', "(?:a++|b|ab)")


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("sign", ["*", "+"])
def test_both_ways_match_the_same(group: str, sign: str) -> None:
    if OLD:
        pytest.skip("this Python matches possessive groups wrongly, so the other way is taken")
    ways = [re.compile(f"x?{possessive(group, sign, old)}(y|$)?") for old in (True, False)]
    generator = random.Random(group)
    for _ in range(2000):
        text = "".join(generator.choices('ab;()"\\n_01xy', k=generator.randrange(12)))
        old, new = (way.match(text) for way in ways)
        assert (old and old.span()) == (new and new.span()), text


def test_nothing_is_given_back() -> None:
    assert re.match(possessive("(?:a)", "*", old=True) + "a", "aaa") is None
    assert re.match(possessive("(?:a|ab)", "+", old=True) + "c", "aabc") is None
