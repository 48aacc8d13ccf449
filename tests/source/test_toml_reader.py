"""TOML: exact spans, every kind of value, and the same judgement as the standard library's reader."""

from __future__ import annotations

import time
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopedown.source.toml_reader import MAX_CHARACTERS, parse_toml
from scopedown.source.tree import Document, InputError, Mapping, Node, Scalar, Sequence

from .trees import at, mapping, nodes, plain, scalar

BAKERY = """\
service = "bakery"  # the shop
[provider]
name = 'aws'
iam.role.name = "baker"
environment = { TABLE = "Cakes", "SIZE" = 3 }

[[provider.iam.role.statements]]
Effect = "Allow"
Action = [
  "dynamodb:*", # all
]
Resource = "*"
[[provider.iam.role.statements]]
Effect = "Deny"

[functions.bake]
handler = "src/bake.handler"
"""


def toml(text: str) -> Mapping:
    return parse_toml(Document("serverless.toml", text, "toml"))


def data(node: Node) -> Any:
    """A tree as the standard library would give it; plain scalars are read by that library one by one."""
    if isinstance(node, Mapping):
        return {key.value: data(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [data(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.value if node.style else tomllib.loads(f"x = {node.value}")["x"]


def test_a_service_with_its_places() -> None:
    root = toml(BAKERY)
    assert plain(root) == {
        "service": "bakery",
        "provider": {
            "name": "aws",
            "iam": {
                "role": {
                    "name": "baker",
                    "statements": [
                        {"Effect": "Allow", "Action": ["dynamodb:*"], "Resource": "*"},
                        {"Effect": "Deny"},
                    ],
                }
            },
            "environment": {"TABLE": "Cakes", "SIZE": "3"},
        },
        "functions": {"bake": {"handler": "src/bake.handler"}},
    }
    action = scalar(root, "provider", "iam", "role", "statements", 0, "Action", 0)
    assert (action.span.line, action.span.column, action.span.text) == (10, 3, '"dynamodb:*"')
    first = mapping(root, "provider", "iam", "role", "statements", 0)
    assert first.span.text.startswith('[[provider.iam.role.statements]]\nEffect = "Allow"')
    assert (first.span.line, first.span.end_line, first.flow) == (7, 12, False)
    assert at(root, "provider", "iam", "role", "statements").span.end_line == 14
    assert at(root, "provider", "iam").span.text == 'role.name = "baker"'
    assert mapping(root, "provider", "environment").span.text == '{ TABLE = "Cakes", "SIZE" = 3 }'
    assert mapping(root, "provider", "environment").flow
    assert mapping(root, "functions").span.text == '[functions.bake]\nhandler = "src/bake.handler"'
    key = mapping(root, "functions").key_node("bake")
    assert key is not None
    assert (key.span.line, key.span.column) == (16, 12)
    assert scalar(root, "provider", "name").style == "'"


@pytest.mark.parametrize(
    ("source", "value", "style"),
    [
        ('"a\\tb\\u00e9\\U0001F600\\""', 'a\tbé😀"', '"'),
        ("'a\\tb'", "a\\tb", "'"),
        ('"""\na\r\n b"""', "a\n b", '"'),
        ('"""a \\\n   \r\n  b\\\\"""', "a b\\", '"'),
        ('"""a"b""c"""""', 'a"b""c""', '"'),
        ("'''\na''b''''", "a''b'", "'"),
        ('""', "", '"'),
        *(
            (raw, raw, "")
            for raw in (
                *("true", "-1_000", "0x1F_f", "0o17", "0b1_0", "1.5e-3", "+inf", "nan"),
                *("1979-05-27", "1979-05-27T07:32:00.25Z", "1979-05-27 07:32:00-07:00", "07:32:00"),
            )
        ),
    ],
)
def test_values(source: str, value: str, style: str) -> None:
    node = scalar(toml(f"a = {source} # end\n"), "a")
    assert (node.value, node.style, node.span.text) == (value, style, source)


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("a = 1\na = 2", 2, "the key 'a' is written twice"),
        ("[a]\n[b]\n[a]", 3, "the table 'a' is declared twice"),
        ("a = 1\n[a]", 2, "'a' is already defined"),
        ("a = {b = 1}\n[a.c]", 2, "'a' is already defined"),
        ("a = []\n[[a]]", 2, "'a' is already defined"),
        ("[a]\nb.c = 1\n[a.b]", 3, "the table 'b' is declared twice"),
        ("a = ", 1, "a value is missing"),
        ("a = yes", 1, "'yes' is no value"),
        ("a = 1979-02-29", 1, "'1979-02-29' is no date"),
        ('a = "x\n', 1, "a string is not closed"),
        ("a = '''x\ny", 1, "a string is not closed"),
        ('a = "\\q"', 1, "an unknown escape '\\q'"),
        ('a = "\\ud800"', 1, "'\\ud800' is no character"),
        ("a = 1 b = 2", 1, "text after the end"),
        ("a 1", 1, "a '=' is missing"),
        ("= 1", 1, "a key is missing"),
        ("\n[a\nb = 1", 2, "a ']' is missing"),
        ("a = [1, 2\n\nb = 3", 3, "a ',' or ']' is missing"),
        ("a = {b = 1,\n c = 2}", 1, "a key is missing"),
        ("a = 1 # \x07", 1, "a control character in a comment"),
        ('a = "\x07"', 1, "a control character in a string"),
        ("a = " + "[" * 101 + "]" * 101, 1, "more than 100 levels"),
        (".".join("a" * 102) + " = 1", 1, "more than 100 levels"),
        ("#" * (MAX_CHARACTERS + 1), None, "more than 1,000,000 characters"),
    ],
)
def test_errors(text: str, line: int | None, cause: str) -> None:
    with pytest.raises(InputError) as caught:
        toml(text)
    assert cause in caught.value.cause
    assert caught.value.line == line
    assert caught.value.advice


_LINES = (
    r"""
[a]|[a.b]|[[a]]|[[a.b]]|[b.c]|a = 1|b = 2|a.b = 1|b.c.d = 3|c = {a = 1}|c.x = 1|a = []|d = [1, [2], {x = 3}]
'b' . "c" = 1|# note|u = 07:32:00|v = 1979-05-27 07:32:00Z|w = 1e5|s = """
    + "\"\"\"x\\\n  y\"\"\"|t = '''\nz'''"
)
_PIECES = st.sampled_from(
    [line + "\n" for line in _LINES.strip().replace("]\n", "]|").split("|")]
    + list("= \n\r\"'{}[],\\1x-:.\té#\0")
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=10))
def test_the_same_as_the_standard_library(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        expected = repr(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        with pytest.raises(InputError):
            toml(text)
        return
    assert repr(data(toml(text))) == expected


_KEYS = st.text(st.characters(codec="ascii", categories=("Ll", "Nd")), min_size=1, max_size=3)
_LEAVES = st.integers(-9, 9999).map(str) | st.booleans().map(lambda flag: str(flag).lower())
_LEAVES |= st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=6).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ",\n ".join(items) + "]")
        | st.dictionaries(_KEYS, inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + "}"
        )
    ),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(_KEYS, st.dictionaries(_KEYS, _VALUES, max_size=3), max_size=3))
def test_valid_files(tables: dict[str, dict[str, str]]) -> None:
    lines = []
    for name, pairs in tables.items():
        lines += [f"[{name}]", *(f"{key} = {value}" for key, value in pairs.items())]
    text = "\n".join(lines)
    root = toml(text)
    assert data(root) == tomllib.loads(text)
    for node in nodes(root):
        assert 0 <= node.start <= node.end <= len(text)
        if isinstance(node, Scalar) and not node.style:
            assert node.span.text == node.value


@pytest.mark.parametrize("line", ["[a.b{0}]\nc = 'x'\n", "a{0}.b.c = [1, 2]\n", '[[a]]\nb = """x\n{0}"""\n'])
def test_the_time_grows_with_the_size(line: str) -> None:
    def seconds(count: int) -> float:
        text = "".join(line.format(index) for index in range(count))
        best = 9.0
        for _ in range(2):
            began = time.process_time()
            nodes(toml(text))
            best = min(best, time.process_time() - began)
        return best

    assert seconds(3200) < 24 * max(seconds(400), 0.002)
