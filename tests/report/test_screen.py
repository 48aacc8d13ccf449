"""Excerpts: the caret run stands under what it means, whatever the line holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopedown.report.escape import escape, escape_lines
from scopedown.report.screen import Screen, crop, excerpt
from scopedown.source.tree import Document, Span


def columns(text: str) -> int:
    """Columns of a text on a terminal."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.category(character) in ("Mn", "Me") for character in text)


def drawn(text: str, marked: str, width: int = 80, note: str = "") -> list[str]:
    start = text.index(marked)
    return excerpt(Screen(width), Span(Document("t.yaml", text), start, start + len(marked)), note, "high")


@pytest.mark.parametrize(
    "line",
    [
        "    Action: s3:*",
        "\tAction:\ts3:*",
        "  説明: s3:*",
        "  e\u0301a\u0300: s3:*",
        "  \U0001f600: s3:*",
        "  a\u202eb\x1b[31m: s3:*",
        "x" * 300 + " s3:* " + "y" * 300,
        "説" * 200 + " s3:* " + "説" * 200,
        "x" * 76 + "s3:*",
        "s3:*" + "x" * 200,
    ],
)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_carets_stand_under_the_span(line: str, width: int) -> None:
    source, carets = drawn(line, "s3:*", width)
    assert columns(source) <= width
    before = columns(source[: source.index("s3:*")])
    assert carets.index("^") == before
    assert carets.count("^") == 4


def test_a_cut_line_says_so() -> None:
    source, _ = drawn("x" * 300 + " s3:* " + "y" * 300, "s3:*", 60)
    assert source.startswith("    1 │ …")
    assert source.endswith("…")


def test_a_span_longer_than_the_screen() -> None:
    source, carets = drawn("a: " + "s" * 500, "s" * 500, 60)
    assert columns(source) <= 60
    assert len(carets) <= 60
    assert carets.endswith("^")


def test_a_span_over_several_lines_names_them() -> None:
    source, carets = drawn("- Effect: Allow  \n  Action: '*'\n", "Effect: Allow  \n  Action: '*'", note="all")
    assert source == "    1 │ - Effect: Allow"
    assert carets == "      │   ^^^^^^^^^^^^^ all (lines 1-2)"


def test_an_empty_span_gets_one_caret() -> None:
    document = Document("t.yaml", "Role:\n")
    assert excerpt(Screen(), Span(document, 5, 5), "missing", "high")[1] == "      │      ^ missing"


def test_a_long_note_is_wrapped_beside_the_gutter() -> None:
    lines = drawn("  Action: s3:*", "s3:*", 60, "one two three " * 8)
    assert len(lines) > 2
    assert all(line.startswith("      │ ") and len(line) <= 60 for line in lines[1:])


@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 300), st.integers(20, 120))
def test_cropping_holds_for_any_text(source: str, start: int, length: int, room: int) -> None:
    start = min(start, len(source))
    text, before, run = crop(Screen(), source, start, min(len(source), start + length), room)
    assert columns(text) <= room
    assert before >= 0
    assert run >= 1


def test_a_line_of_a_megabyte_is_not_slow() -> None:
    line = '{"a":"' + "x" * 1_000_000 + '","Action":"s3:*"}'
    assert len(drawn(line, "s3:*")[0]) <= 80


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain ünï 説 \U0001f600", "plain ünï 説 \U0001f600"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\x00\x1b\x7f\x9b", "\\x00\\x1b\\x7f\\x9b"),
        ("\u202a\u202e\u2066\u2069\u200f\u061c", "\\u202a\\u202e\\u2066\\u2069\\u200f\\u061c"),
        ("\u200b\ufeff\u00ad\u2028", "\\u200b\\ufeff\\xad\\u2028"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_escape(raw: str, shown: str) -> None:
    assert escape(raw) == shown


def test_escape_lines_keeps_lines_and_tabs() -> None:
    assert escape_lines("a\tb\r\nc\x1b") == ["a\tb", "c\\x1b"]
