"""JSON: exact spans, escapes, duplicates, refusals, embedded documents."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopedown.source.json_reader import parse_embedded, parse_json
from scopedown.source.tree import Document, InputError, Mapping, Node, Scalar, Sequence

from .trees import at, bytes_tree, json_tree, mapping, nodes, plain, scalar, yaml_tree


def test_spans_and_styles() -> None:
    root = json_tree('{"a": [1, -2.5e3, true, null],\n\t"b\\u00e9": "x\\/y"}')
    assert isinstance(root, Mapping)
    assert root.flow
    assert [node.span.text for node in nodes(at(root, "a"))] == [
        "[1, -2.5e3, true, null]",
        *("1", "-2.5e3", "true", "null"),
    ]
    assert (scalar(root, "a", 1).value, scalar(root, "a", 1).style) == ("-2.5e3", "")
    found = scalar(root, "bé")
    assert (found.value, found.style, found.span.text) == ("x/y", '"', '"x\\/y"')
    assert (found.span.line, found.span.column) == (2, 13)
    key = root.key_node("bé")
    assert key is not None
    assert key.span.text == '"b\\u00e9"'


def test_numbers_keep_their_text() -> None:
    assert plain(json_tree("[123456789012, 1.0, 1E+2, -0]")) == ["123456789012", "1.0", "1E+2", "-0"]
    assert plain(json_tree("[" + "9" * 10_000 + "]")) == ["9" * 10_000]


def test_surrogates() -> None:
    assert scalar(json_tree('"\\ud83d\\ude00 \\u20ac"')).value == "😀 €"
    assert scalar(json_tree('"a\\ud83d"')).value == "a\ufffd"


def test_duplicate_keys_last_wins_and_is_recorded() -> None:
    root = json_tree('{"a": 1, "b": 2, "\\u0061": 3}')
    assert isinstance(root, Mapping)
    assert plain(root) == {"b": "2", "a": "3"}
    assert [key.span.column for key in root.duplicates] == [2]


def test_bom_crlf_emoji() -> None:
    root = bytes_tree(b"\xef\xbb\xbf" + '\r\n{"😀": "x",\r\n\t"b": ["ü😀", 1]}\r\n'.encode())
    node = at(root, "b", 1)
    assert (node.span.line, node.span.column, node.span.text) == (3, 14, "1")


@pytest.mark.parametrize(
    ("text", "line", "column", "cause"),
    [
        ("", 1, 1, "the file ends"),
        ('{"a": 1,', 1, 9, "the file ends"),
        ('{"a": "b', 1, 7, "a string is not closed"),
        ('{"a": 1,\n }', 2, 2, "a key in double quotes is missing"),
        ('{"a" 1}', 1, 6, "a ':' is missing"),
        ("[1 2]", 1, 4, "a ',' or a closing bracket is missing"),
        ("[1,]", 1, 4, "a value is missing"),
        ('{"a": 1} x', 1, 10, "text after the end"),
        ('{"a": 1}}', 1, 9, "text after the end"),
        ("{a: 1}", 1, 2, "a key in double quotes is missing"),
        ('{\n// c\n"a": 1}', 2, 1, "JSON has no comments"),
        ('{"a": 1 # c\n}', 1, 9, "JSON has no comments"),
        ('["a\tb"]', 1, 4, "a raw line break, tab or control character"),
        ('["\\x"]', 1, 3, "an unknown escape"),
        ("[NaN]", 1, 2, "JSON has no NaN"),
        ('["NaN", -Infinity]', 1, 9, "JSON has no -Infinity"),
        ("[01]", 1, 3, "is missing"),
        ("]", 1, 1, "a value is missing"),
    ],
)
def test_errors_name_place_and_cause(text: str, line: int, column: int, cause: str) -> None:
    with pytest.raises(InputError) as caught:
        json_tree(text)
    error = caught.value
    assert cause in error.cause
    assert (error.line, error.column) == (line, column)
    assert error.advice


@pytest.mark.parametrize("depth", [101, 1_000, 100_000])
@pytest.mark.parametrize(("unit", "tail"), [("[", "]"), ('{"a":', "}"), ("[", "")])
def test_deep_nesting_is_refused(unit: str, tail: str, depth: int) -> None:
    text = unit * depth + "1" + tail * depth
    told = "more than 100 levels" if tail or depth > 101 else "cut off"
    with pytest.raises(InputError, match=told):
        json_tree(text)


@pytest.mark.parametrize(
    "text", ['["' + 'a\\"' * 300_000, '["' * 300_000, '"' * 300_000, '["' + "\\" * 300_000]
)
def test_hostile_strings_take_linear_time(text: str) -> None:
    begin = time.perf_counter()
    with pytest.raises(InputError):
        json_tree(text)
    assert time.perf_counter() - begin < 2


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


def _check(node: Node, value: Any) -> None:
    """A tree equals a value, and every node's slice parses to the part it stands for."""
    assert json.loads(node.span.text) == value
    if isinstance(value, dict):
        assert isinstance(node, Mapping)
        assert [key.value for key, _ in node.entries] == list(value)
        for key, inner in node.entries:
            assert json.loads(key.span.text) == key.value
            _check(inner, value[key.value])
    elif isinstance(value, list):
        assert isinstance(node, Sequence)
        assert len(node.items) == len(value)
        for item, inner in zip(node.items, value, strict=True):
            _check(item, inner)
    else:
        assert isinstance(node, Scalar)
        assert (node.value if node.style else json.loads(node.value)) == value


@settings(max_examples=200, deadline=None)
@given(_VALUES, st.sampled_from([None, 0, 3, "\t"]), st.booleans())
def test_dumped_values_read_back_and_slices_parse(
    value: Any, indent: int | str | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    _check(parse_json(Document("t.json", text, "json")), json.loads(text))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='{}[]",:\\ \n01truenaN-', max_size=30))
def test_what_the_standard_library_refuses_is_refused(text: str) -> None:
    try:
        value = json.loads(text)
    except ValueError:
        with pytest.raises(InputError):
            json_tree(text)
    else:
        if "NaN" not in text:
            _check(json_tree(text), value)


def _embedded(node: Node | None) -> Node:
    assert isinstance(node, Scalar)
    found = parse_embedded(node)
    assert found is not None
    return found


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("header", ["|", "|-", "|2", "| # policy"])
def test_embedded_in_a_literal_block(newline: str, header: str) -> None:
    text = f'a:\n - {header}\n\n   {{"x":\n\n     ["😀", "y"]}}\n\nb: 1\n'
    if header == "|2":
        text = text.replace("   {", "   {").replace("     [", "     [")
    inner = _embedded(at(yaml_tree(text.replace("\n", newline)), "a", 0))
    assert plain(inner) == {"x": ["😀", "y"]}
    node = at(inner, "x", 1)
    assert (node.span.line, node.span.column, node.span.text) == (6, 12, '"y"')
    assert (inner.span.line, inner.span.column) == (4, 4)
    assert inner.span.text.endswith('"y"]}')


def test_embedded_under_a_short_tag() -> None:
    root = yaml_tree('a: !Sub |\n  {"x": "${B}"}\n')
    assert at(_embedded(at(root, "a", "Fn::Sub")), "x").span.text == '"${B}"'


@pytest.mark.parametrize("source", ['\'{"x": ["y"]}\'', '\'[{"x": ["y"]}]\''])
def test_embedded_in_single_quotes(source: str) -> None:
    inner = _embedded(at(yaml_tree(f"a: {source}\n"), "a"))
    assert '"y"' in [node.span.text for node in nodes(inner)]
    assert inner.span.text == source[1:-1]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('"{\\"x\\": \\"y\\"}"', '\\"y\\"'),
        ("'{\"x\": \"it''s\"}'", "\"it''s\""),
        ('\'{"x":\n  "y"}\'', '"y"'),
    ],
)
def test_embedded_in_quotes_that_fold_or_escape(source: str, told: str) -> None:
    inner = _embedded(at(yaml_tree(f"a: {source}\nb: 1\n"), "a"))
    assert at(inner, "x").span.text == told


def test_embedded_where_the_source_shows_it_otherwise_has_the_scalars_span() -> None:
    source = '>\n  {"x":\n  "y"}'
    inner = _embedded(at(yaml_tree(f"a: {source}\nb: 1\n"), "a"))
    assert {node.span.text for node in nodes(inner)} == {source}


def test_embedded_through_an_alias_has_the_span_of_the_use() -> None:
    inner = _embedded(at(yaml_tree("a: &x '{\"k\": 1}'\nb: *x\n"), "b"))
    assert {node.span.text for node in nodes(inner)} == {"*x"}


def test_embedded_in_json() -> None:
    inner = _embedded(at(json_tree('{"a": "{\\"k\\": 1}", "b": "[1]"}'), "a"))
    assert plain(inner) == {"k": "1"}
    assert inner.span.text == '{\\"k\\": 1}'
    assert _embedded(at(json_tree('{"b": "[1]"}'), "b")).span.text == "[1]"


def test_embedded_with_an_explicit_indentation() -> None:
    root = yaml_tree('a: |2\n    {"x": 1}\n')
    inner = _embedded(at(root, "a"))
    assert (at(inner, "x").span.line, at(inner, "x").span.column) == (2, 11)


@pytest.mark.parametrize(
    "value", ["", "text", "{{ x }}", "{x: 1}", "[1", "[" * 500, "${X}", "[NaN]", '{"a": 1} x']
)
def test_what_is_no_json_document_is_none(value: str) -> None:
    assert parse_embedded(Scalar(Document("t", ""), 0, 0, value, "'")) is None


def test_a_number_alone_is_no_embedded_document() -> None:
    assert parse_embedded(scalar(yaml_tree("a: '12'\n"), "a")) is None


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(max_size=6), _VALUES, min_size=1, max_size=3), st.sampled_from([1, 2, "\t"]))
def test_embedded_literal_blocks_slice_exactly(value: dict[str, Any], indent: int | str) -> None:
    lines = json.dumps(value, indent=indent).split("\n")
    root = yaml_tree("k:\n  a: |\n" + "".join(f"      {line}\n" for line in lines) + "  b: 1\n")
    node = mapping(_embedded(at(root, "k", "a")))
    assert node.document is root.document
    _check_slices(node, value)


def _check_slices(node: Node, value: Any) -> None:
    assert json.loads(node.span.text) == value
    if isinstance(node, Mapping):
        for key, inner in node.entries:
            _check_slices(inner, value[key.value])
    elif isinstance(node, Sequence):
        for item, inner in zip(node.items, value, strict=True):
            _check_slices(item, inner)
