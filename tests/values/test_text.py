"""Text keeps literal runs, wildcards, policy variables and holes apart."""

from __future__ import annotations

import pytest

from scopedown.values.text import QUESTION, STAR, Hole, Text, Variable


@pytest.mark.parametrize(
    ("string", "parts"),
    [
        ("s3:GetObject", ("s3:GetObject",)),
        ("s3:*", ("s3:", STAR)),
        ("a?b", ("a", QUESTION, "b")),
        ("home/${aws:username}/*", ("home/", Variable("aws:username"), "/", STAR)),
        ("x{{resolve:ssm:/n}}", ("x", Hole("{{resolve:ssm:/n}}", "unknown"))),
        ("", ("",)),
    ],
)
def test_a_policy_string_is_read_in_parts(string: str, parts: tuple[object, ...]) -> None:
    assert Text.of(string).parts == parts or (string == "" and Text.of(string).parts == ("",))


def test_a_text_with_a_hole_has_no_literal() -> None:
    text = Text(("arn:aws:s3:::", Hole("Bucket", "reference", "Bucket", display="${Bucket}"), "/", STAR))
    assert text.literal is None
    assert text.display() == "arn:aws:s3:::${Bucket}/*"
    assert text.hole is None


def test_policy_variables_compare_without_case() -> None:
    assert Variable("aws:UserName") == Variable("aws:username")
    assert Text.of("${aws:UserName}") == Text.of("${aws:username}")


def test_joining_merges_literal_runs() -> None:
    assert Text.join(["a", "b", STAR, "c"]).parts == ("ab", STAR, "c")
