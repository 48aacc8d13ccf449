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


def _of(name: str, format: str, text: str) -> list[tuple[int, int, str]]:
    return comments(Document(name, text, format))


def test_comments_of_toml() -> None:
    text = (
        '# one\na = "x # no" # two\nb = [ # three\n  1, # four\n]\n[c] # five\n'
        'd = """\n# no\n""" # six\ne = { f = \'# no\' } # seven\r\n#eight'
    )
    assert _of("serverless.toml", "toml", text) == [
        (1, 1, "# one"),
        (2, 14, "# two"),
        (3, 7, "# three"),
        (4, 6, "# four"),
        (6, 5, "# five"),
        (9, 5, "# six"),
        (10, 20, "# seven"),
        (11, 1, "#eight"),
    ]


def test_comments_of_code() -> None:
    text = (
        "#!/usr/bin/env node\n// one\nconst a = 'x // no'; // two\n"
        "const b = /\\/\\/ no/; /* three */ const c = 1;\n"
        "const d = `// no ${a /* four */}`;\n/*\n * five\n */\n"
    )
    assert _of("serverless.ts", "javascript", text) == [
        (2, 1, "// one"),
        (3, 22, "// two"),
        (4, 22, "/* three */"),
        (5, 22, "/* four */"),
        (6, 1, "/*"),
        (7, 1, " * five"),
        (8, 1, " */"),
    ]


def test_comments_of_toml_and_code_that_do_not_parse() -> None:
    assert _of("serverless.toml", "toml", "a = 1 # yes\nb = = # no\n") == [(1, 7, "# yes")]
    assert _of("serverless.ts", "javascript", "a = 1 // yes\nb = '\n") == []
