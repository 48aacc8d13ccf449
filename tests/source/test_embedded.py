"""Places in a scalar's value, found again in the file: quoted text over several lines, with escapes."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from scopedown.source.discovery import parse
from scopedown.source.embedded import placer
from scopedown.source.tree import Document, Mapping, Scalar

TEXTS = st.text(alphabet="ab1 {}\"'\\:\n\t,*", max_size=60)


def only(text: str) -> Scalar:
    root = parse(Document("template.yaml", text))
    assert isinstance(root, Mapping)
    value = root.entries[0][1]
    assert isinstance(value, Scalar)
    return value


@given(TEXTS, st.sampled_from(["'", '"']))
def test_every_letter_of_quoted_text_is_found(value: str, quote: str) -> None:
    text = yaml.dump({"key": value}, default_style=quote, width=12)
    scalar = only(text)
    assert scalar.value == value
    place = placer(scalar)
    whole = (scalar.start, scalar.end)
    for at, letter in enumerate(value):
        if letter.isalnum() and place(at, at + 1) != whole:
            start, end = place(at, at + 1)
            assert (text[start:end], end - start) == (letter, 1)


@given(TEXTS.filter(lambda value: "\t" not in value))
def test_single_quotes_are_never_given_up(value: str) -> None:
    scalar = only(yaml.dump({"key": value + "z"}, default_style="'", width=12))
    assert placer(scalar)(len(value), len(value) + 1) != (scalar.start, scalar.end)


def test_lines_folded_and_quotes_doubled() -> None:
    text = "key: 'it''s\n  a  b\n\n  c'\n"
    scalar = only(text)
    assert scalar.value == "it's a  b\nc"
    place = placer(scalar)
    for letter in "tsabc":
        start, end = place(scalar.value.index(letter), scalar.value.index(letter) + 1)
        assert text[start:end] == letter


def test_a_line_continued_by_a_backslash() -> None:
    text = 'key: "one \\\n  two\\"3"\n'
    scalar = only(text)
    assert scalar.value == 'one two"3'
    start, end = placer(scalar)(scalar.value.index("3"), len(scalar.value))
    assert text[start:end] == "3"


def test_an_escape_that_is_not_known_gives_the_whole() -> None:
    scalar = only('key: "\\u0041b\\\n  c"\n')
    assert placer(scalar)(0, 1) == (scalar.start, scalar.end)
