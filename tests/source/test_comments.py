"""Comments: outside scalars only, with their places."""

from __future__ import annotations

import pytest

from scopedown.source.comments import comments
from scopedown.source.tree import Document


def _found(text: str) -> list[tuple[int, int, str]]:
    return comments(Document("t.yaml", text))


def test_places_and_texts() -> None:
    text = "# one\na: 1 # two\n  # three\nb: [x, # four\n  y]\n#five"
    assert _found(text) == [
        (1, 1, "# one"),
        (2, 6, "# two"),
        (3, 3, "# three"),
        (4, 8, "# four"),
        (6, 1, "#five"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: 'x # no'\n",
        'a: "x # no"\n',
        "a: x#no\n",
        "a: http://h/#no\n",
        "a: |\n  # no\n  x # no\nb: 1\n",
        "a: >\n  # no\n",
        "a: 'x\n  # no\n  y'\n",
        "a: !Sub |\n   # no\n",
    ],
)
def test_a_hash_inside_a_scalar_begins_no_comment(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: | # yes\n  # no\n", [(1, 6, "# yes")]),
        ("a: # yes\n  - 1\n", [(1, 4, "# yes")]),
        ("a: 'x' # yes\n", [(1, 8, "# yes")]),
        ("a: x\t# yes\r\nb: 1\r\n", [(1, 6, "# yes")]),
        ("a: |\n  x\n# yes\nb: 1\n", [(3, 1, "# yes")]),
        ("a: |\n  x\n\n # yes\nb: 1\n", [(4, 2, "# yes")]),
        ("a:\n  - b # yes # still\n", [(2, 7, "# yes # still")]),
        ("a: &x # yes\n  b: 1\n", [(1, 7, "# yes")]),
        ("a: '😀' # yes\n", [(1, 8, "# yes")]),
    ],
)
def test_comments_beside_scalars(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert _found(text) == expected


def test_json_has_none() -> None:
    assert comments(Document("t.json", '{"a": "# x"}', "json")) == []


def test_a_text_that_does_not_parse_gives_what_was_found() -> None:
    assert _found("a: 1 # yes\nb: @\n")[0] == (1, 6, "# yes")
