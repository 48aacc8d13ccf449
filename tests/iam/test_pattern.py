"""covers() is sound for every value of every hole; checked by brute force."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopedown.iam.pattern import covers, covers_by_segment, proves
from scopedown.values.text import QUESTION, STAR, Hole, Text, Variable, Wildcard

BUCKET = Hole("Bucket.Arn", "attribute", "Bucket", "Arn", display="${Bucket.Arn}")


def text(string: str) -> Text:
    """Text of a string in which ⟨ stands for the bucket's ARN."""
    parts: list[object] = []
    for number, piece in enumerate(string.split("⟨")):
        if number:
            parts.append(BUCKET)
        parts += Text.of(piece).parts
    return Text.join(parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outer", "inner", "answer"),
    [
        ("*", "⟨/*", True),
        ("⟨/*", "⟨/*", True),
        ("⟨/*", "⟨/reports/*", True),
        ("⟨/reports/*", "⟨/*", None),
        ("⟨", "arn:aws:s3:::b", None),
        ("arn:aws:s3:::*", "⟨", None),
        ("arn:aws:s3:::a", "arn:aws:s3:::b", False),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:Get?bject", "s3:Get*", False),
        ("a${aws:username}", "a${aws:UserName}", True),
        ("a${aws:username}", "ab", None),
    ],
)
def test_answers(outer: str, inner: str, answer: bool | None) -> None:
    assert covers(text(outer), text(inner)) is answer


def test_actions_compare_without_case_and_resources_with_it() -> None:
    assert covers(Text.of("S3:get*"), Text.of("s3:GetObject"), ignore_case=True)
    assert not covers(Text.of("arn:aws:s3:::B"), Text.of("arn:aws:s3:::b"))


def test_a_star_that_crosses_a_colon_proves_nothing() -> None:
    outer, inner = Text.of("arn:aws:s*:x"), Text.of("arn:aws:sns:eu-west-1:111122223333:x")
    assert covers(outer, inner) is True
    assert covers_by_segment(Text.of("arn:aws:sns:*:t"), Text.of("arn:aws:sns:a:b:t")) is True
    assert not proves(Text.of("arn:aws:*:x:1:t"), Text.of("arn:aws:a:b:x:1:t"))


def _tokens(holes: bool) -> st.SearchStrategy[list[object]]:
    choices: list[object] = ["a", "b", STAR, QUESTION]
    if holes:
        choices += [Hole("X", "unknown"), Variable("v")]
    return st.lists(st.sampled_from(choices), max_size=5)


def _matches(pattern: list[object], string: str) -> bool:
    if not pattern:
        return not string
    head, rest = pattern[0], pattern[1:]
    if isinstance(head, Wildcard) and head.sign == "*":
        return any(_matches(rest, string[n:]) for n in range(len(string) + 1))
    if not string:
        return False
    return (isinstance(head, Wildcard) or head == string[0]) and _matches(rest, string[1:])


def _filled(pattern: list[object], hole: str, variable: str) -> list[object]:
    filled: list[object] = []
    for part in pattern:
        if isinstance(part, Hole):
            filled += hole
        elif isinstance(part, Variable):
            filled += variable
        else:
            filled.append(part)
    return filled


STRINGS = ["".join(chars) for size in range(6) for chars in itertools.product("ab", repeat=size)]
VALUES = ["", "a", "b", "ab", "bb"]


@settings(max_examples=150, deadline=None)
@given(_tokens(True), _tokens(True))
def test_covers_is_sound_for_every_value_of_the_holes(outer: list[object], inner: list[object]) -> None:
    answer = covers(Text.join(outer), Text.join(inner))  # type: ignore[arg-type]
    for hole, variable in itertools.product(VALUES, repeat=2):
        left, right = _filled(outer, hole, variable), _filled(inner, hole, variable)
        within = all(_matches(left, string) for string in STRINGS if _matches(right, string))
        if answer is True:
            assert within, (hole, variable)
        if answer is False and len(right) < 5:
            assert not within, (hole, variable)


@settings(max_examples=150, deadline=None)
@given(_tokens(False), _tokens(False))
def test_without_holes_covers_is_exact(outer: list[object], inner: list[object]) -> None:
    answer = covers(Text.join(outer), Text.join(inner))  # type: ignore[arg-type]
    strings = ["".join(chars) for size in range(8) for chars in itertools.product("abc", repeat=size)]
    assert answer is not None
    within = all(_matches(outer, string) for string in strings if _matches(inner, string))
    assert answer is within
