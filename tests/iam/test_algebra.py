"""overlaps, intersect and subtract are right for every value of the holes; checked by brute force."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopedown.iam.algebra import intersect, overlaps, subtract, within
from scopedown.values.text import QUESTION, STAR, Hole, Text, Variable, Wildcard

HOLE = Hole("Table.Arn", "attribute", "Table", "Arn")
VALUES = ["", "a", "b", "ab", "ba"]
STRINGS = ["".join(chars) for size in range(7) for chars in itertools.product("ab", repeat=size)]
FIELDS = ["", "a", "b", "ab"]
ARNS = [
    ":".join(["arn", *fields])
    for fields in itertools.product(["a", "b"], FIELDS, [""], FIELDS, ["a", "b", "a:b", ":"])
]


def words(holes: bool, size: int = 5) -> st.SearchStrategy[list[object]]:
    """Short patterns over a small alphabet."""
    choices: list[object] = ["a", "b", STAR, STAR, QUESTION]
    return st.lists(st.sampled_from(choices + ([HOLE, Variable("v")] if holes else [])), max_size=size)


def arns(holes: bool) -> st.SearchStrategy[list[object]]:
    """Patterns with six fields; values of holes hold no colon."""
    fields = st.tuples(*(words(holes, 2) for _ in range(5)))
    return fields.map(lambda found: ["a", "r", "n", *(part for field in found for part in (":", *field))])


def regex(parts: list[object], hole: str = "", variable: str = "", segments: bool = False) -> re.Pattern[str]:
    """A naive reading of a pattern; by segments no wildcard crosses one of the first five colons."""
    written, colons = [], 0
    for part in parts:
        if isinstance(part, str):
            written.append(re.escape(part))
            colons += part.count(":")
        elif isinstance(part, Wildcard):
            one = "[^:]" if segments and colons < 5 else "."
            written.append(one if part is QUESTION else f"{one}*")
        else:
            written.append(re.escape(hole if isinstance(part, Hole) else variable))
    return re.compile("".join(written), re.DOTALL)


def check(one: list[object], two: list[object], strings: list[str], segments: bool) -> None:
    """Compares all three answers with what matching every string says."""
    left, right = Text.join(one), Text.join(two)  # type: ignore[arg-type]
    meets = overlaps(left, right, segments=segments)
    both = intersect(left, right, segments=segments)
    rest = subtract(left, right, segments=segments)
    for hole, variable in itertools.product(VALUES, repeat=2):
        mine, yours = (regex(parts, hole, variable, segments) for parts in (one, two))
        lefts = {string for string in strings if mine.fullmatch(string)}
        rights = {string for string in strings if yours.fullmatch(string)}
        if meets is False:
            assert not lefts & rights, (hole, variable)
        if both is not None:
            assert lefts & rights == matched(both, strings, hole, variable, segments), (hole, variable)
        if rest is not None:
            assert lefts - rights == matched(rest, strings, hole, variable, segments), (hole, variable)


def matched(patterns: list[Text], strings: list[str], hole: str, variable: str, segments: bool) -> set[str]:
    """Every string that one of the patterns matches."""
    found = [regex(list(pattern.parts), hole, variable, segments) for pattern in patterns]
    return {string for string in strings if any(each.fullmatch(string) for each in found)}


@settings(max_examples=200, deadline=None)
@given(words(True), words(True))
def test_flat(one: list[object], two: list[object]) -> None:
    check(one, two, STRINGS, False)


@settings(max_examples=80, deadline=None)
@given(arns(True), arns(True))
def test_by_segment(one: list[object], two: list[object]) -> None:
    check(one, two, ARNS, True)


@settings(max_examples=80, deadline=None)
@given(arns(False), arns(False))
def test_flat_over_arns(one: list[object], two: list[object]) -> None:
    check(one, two, ARNS, False)


@settings(max_examples=150, deadline=None)
@given(words(False), words(False))
def test_without_holes_there_is_always_an_answer(one: list[object], two: list[object]) -> None:
    left, right = Text.join(one), Text.join(two)  # type: ignore[arg-type]
    mine, yours = regex(one), regex(two)
    common = any(mine.fullmatch(string) and yours.fullmatch(string) for string in STRINGS)
    meets = overlaps(left, right)
    assert meets is not None
    assert meets or not common
    short = len(one) + len(two) <= 6  # a common string is then no longer than those tried
    assert common or not meets or not short
    assert intersect(left, right) is not None


@settings(max_examples=80, deadline=None)
@given(arns(True), arns(True))
def test_covers_by_segment_is_sound(one: list[object], two: list[object]) -> None:
    answer = within(Text.join(one), Text.join(two), segments=True)  # type: ignore[arg-type]
    for hole, variable in itertools.product(VALUES, repeat=2):
        outer, inner = (regex(parts, hole, variable, True) for parts in (one, two))
        all_of = all(outer.fullmatch(string) for string in ARNS if inner.fullmatch(string))
        assert answer is not True or all_of, (hole, variable)


def text(string: str) -> Text:
    """Text of a string in which ⟨ stands for the table's ARN."""
    parts: list[object] = []
    for number, piece in enumerate(string.split("⟨")):
        parts += [HOLE] if number else []
        parts += Text.of(piece).parts
    return Text.join(parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "two", "found"),
    [
        ("s3:Get*", "s3:*Object", ["s3:Get*Object"]),
        ("s3:*", "s3:Get*", ["s3:Get*"]),
        ("s3:Get*", "sqs:*", []),
        ("*", "⟨/index/*", ["⟨/index/*"]),
        ("⟨/index/*", "⟨/*", ["⟨/index/*"]),
        ("⟨/a*", "⟨/*b", ["⟨/a*b"]),
        ("⟨/a*", "⟨/b*", []),
        ("⟨", "arn:aws:dynamodb:*:*:table/orders", None),
        ("⟨/x", "⟨y", []),
        ("aba*", "*ba", ["aba", "aba*ba"]),
    ],
)
def test_intersections(one: str, two: str, found: list[str] | None) -> None:
    expected = None if found is None else [text(each) for each in found]
    assert intersect(text(one), text(two)) == expected


def test_the_two_readings_differ_where_a_star_crosses_a_colon() -> None:
    one, two = Text.of("arn:aws:dynamodb:*:1:table/x"), Text.of("arn:aws:dynamodb:eu:*:table/*")
    assert intersect(one, two, segments=True) == [Text.of("arn:aws:dynamodb:eu:1:table/x")]
    assert len(intersect(one, two) or []) > 1


def test_actions_meet_without_case() -> None:
    assert overlaps(Text.of("S3:GET*"), Text.of("s3:getobject"), ignore_case=True)
    assert subtract(Text.of("S3:GetObject"), Text.of("s3:get*"), ignore_case=True) == []
    assert overlaps(Text.of("S3:GET*"), Text.of("s3:getobject")) is False


def test_too_many_patterns_are_no_answer() -> None:
    one = Text.join(part for letter in "abcdefgh" for part in (STAR, letter))
    two = Text.join(part for letter in "ijklmnop" for part in (STAR, letter))
    assert intersect(Text.join([*one.parts, STAR]), Text.join([*two.parts, STAR])) is None
