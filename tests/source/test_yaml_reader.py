"""YAML: raw scalars, exact spans, short tags, merge keys, aliases, limits."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scopedown.source import yaml_reader
from scopedown.source.tree import Document, InputError, Mapping, Scalar, Sequence
from scopedown.source.yaml_reader import parse_yaml

from .trees import at, bytes_tree, mapping, nodes, plain, scalar, yaml_tree

LOADERS = [name for name in ("CSafeLoader", "SafeLoader") if hasattr(yaml, name)]


@pytest.fixture(params=LOADERS, autouse=True)
def _both_loaders(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs with libyaml and with the pure parser."""
    monkeypatch.setattr(yaml_reader, "LOADER", getattr(yaml, request.param))


@pytest.mark.parametrize(
    "text",
    [
        *("2012-10-17", "123456789012", "012345670123", "012345678901", "yes", "no", "on", "off", "1:30"),
        *("~", "null", "1_000", "0x1F", ".inf", "1e3", "true"),
    ],
)
def test_plain_scalars_keep_their_raw_text(text: str) -> None:
    found = scalar(yaml_tree(f"a: {text}\n"), "a")
    assert (found.value, found.style, found.span.text) == (text, "", text)


@pytest.mark.parametrize(
    ("source", "value", "style"),
    [
        ("'it''s'", "it's", "'"),
        ('"a\\tb\\u00e9"', "a\tbé", '"'),
        ("|\n  x\n  y", "x\ny\n", "|"),
        (">-\n  x\n  y", "x y", ">"),
        ("x\n  y", "x y", ""),
        ("''", "", "'"),
    ],
)
def test_scalar_styles(source: str, value: str, style: str) -> None:
    found = scalar(yaml_tree(f"a: {source}\nb: 1\n"), "a")
    assert (found.value, found.style, found.span.text) == (value, style, source)


def test_a_missing_value_is_an_empty_plain_scalar_just_after_its_key() -> None:
    found = scalar(yaml_tree("a: # nothing\nb: 1\n"), "a")
    assert (found.value, found.style, found.span.line, found.span.column) == ("", "", 1, 3)
    assert found.span.text == ""


def test_blocks_end_with_their_last_leaf_not_with_comments_after_it() -> None:
    root = yaml_tree("a:\n  - x\n  - y: 1  # last\n\n# about b\n\nb: |\n  text\n\n# end\n")
    assert at(root, "a").span.text == "- x\n  - y: 1"
    assert at(root, "a", 1).span.text == "y: 1"
    assert at(root, "b").span.text == "|\n  text"
    assert root.span.text.endswith("|\n  text")


def test_flow_collections() -> None:
    root = yaml_tree("a: [x, {k: v}]  # c\nb: {}\n")
    items = at(root, "a")
    assert isinstance(items, Sequence)
    assert items.flow
    assert items.span.text == "[x, {k: v}]"
    assert mapping(root, "a", 1).flow
    assert mapping(root, "b").entries == []
    assert at(root, "b").span.text == "{}"
    assert not root.flow


@pytest.mark.parametrize(
    ("source", "key", "inner", "whole"),
    [
        ("!Sub 'x'", "Fn::Sub", "'x'", "!Sub 'x'"),
        ("!Ref X", "Ref", "X", "!Ref X"),
        ("!Condition C", "Condition", "C", "!Condition C"),
        ("!GetAtt A.Arn", "Fn::GetAtt", "A.Arn", "!GetAtt A.Arn"),
        ("!Join ['', [a]]", "Fn::Join", "['', [a]]", "!Join ['', [a]]"),
        ("!If\n  # why\n  - C\n  - x", "Fn::If", "- C\n  - x", "!If\n  # why\n  - C\n  - x"),
        ("!Transform\n  Name: x", "Fn::Transform", "Name: x", "!Transform\n  Name: x"),
        ("!Sub |\n  x\n", "Fn::Sub", "|\n  x", "!Sub |\n  x"),
        ("!Ref", "Ref", "", "!Ref"),
        ("&n !Ref X", "Ref", "X", "!Ref X"),
        ("!Ref &n X", "Ref", "X", "!Ref &n X"),
        ("!<!Ref> X", "Ref", "X", "!<!Ref> X"),
    ],
)
def test_short_tags(source: str, key: str, inner: str, whole: str) -> None:
    node = mapping(yaml_tree(f"a: {source}\n"), "a")
    assert node.short
    assert node.span.text == whole
    [(name, value)] = node.entries
    assert name.value == key
    assert name.span.text == whole.split()[0]
    assert value.span.text == inner
    assert node.duplicates == []


def test_getatt_keeps_its_string() -> None:
    assert scalar(yaml_tree("a: !GetAtt A.B.C"), "a", "Fn::GetAtt").value == "A.B.C"


@pytest.mark.parametrize(
    "source", ["!!str 012", "! 012", "!<tag:yaml.org,2002:str> 012", "&x 012", "&x !!str 012"]
)
def test_standard_tags_and_anchors_leave_the_scalar_as_it_is(source: str) -> None:
    found = scalar(yaml_tree(f"a: {source}\n"), "a")
    assert (found.value, found.span.text) == ("012", "012")


def test_duplicate_keys_last_wins_and_is_recorded() -> None:
    root = yaml_tree("a: 1\nb: 2\n'a': 3\na: 4\n")
    assert plain(root) == {"b": "2", "a": "4"}
    assert [key.value for key, _ in root.entries] == ["b", "a"]
    assert [key.span.line for key in root.duplicates] == [1, 3]
    key = root.key_node("a")
    assert key is not None
    assert key.span.line == 4
    assert root.get("c") is None
    assert root.key_node("c") is None


def test_merge_keys() -> None:
    root = yaml_tree(
        "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nsingle:\n  <<: *one\n  b: own\n"
        "list:\n  <<: [*one, *two]\n  d: own\ninline: {<<: {x: 1}, y: 2}\nquoted: {'<<': 1}\n"
    )
    assert plain(at(root, "single")) == {"a": "1", "b": "own"}
    assert plain(at(root, "list")) == {"a": "1", "b": "1", "c": "2", "d": "own"}
    assert plain(at(root, "inline")) == {"x": "1", "y": "2"}
    assert plain(at(root, "quoted")) == {"<<": "1"}
    assert mapping(root, "single").duplicates == []
    assert at(root, "list", "c").span.line == 2


def test_an_explicit_key_before_the_merge_key_wins_too() -> None:
    root = yaml_tree("base: &base {a: 1, b: 1}\nuse:\n  a: own\n  <<: *base\n")
    assert plain(at(root, "use")) == {"a": "own", "b": "1"}


def test_an_alias_stands_at_its_use_and_its_content_at_the_anchor() -> None:
    root = yaml_tree("a: &x\n  k: [v]\nb: *x\nc: [*x]\ns: &s word\nt: *s\n")
    used = mapping(root, "b")
    assert (used.span.text, used.span.line) == ("*x", 3)
    assert at(root, "c", 0).span.text == "*x"
    assert at(root, "b", "k", 0).span.line == 2
    assert at(root, "a").span.text == "k: [v]"
    word = scalar(root, "t")
    assert (word.value, word.span.text, word.span.line) == ("word", "*s", 6)
    assert at(root, "c").span.text == "[*x]"


def test_an_aliased_short_tag_is_a_short_mapping_at_its_use() -> None:
    node = mapping(yaml_tree("a: &x !Ref A\nb: *x\n"), "b")
    assert node.short
    assert node.span.text == "*x"
    assert node.entries[0][0].span.text == "!Ref"


def test_an_anchor_may_be_defined_again() -> None:
    assert plain(yaml_tree("a: &x 1\nb: *x\nc: &x 2\nd: *x\n")) == {"a": "1", "b": "1", "c": "2", "d": "2"}


def test_an_alias_as_a_key() -> None:
    assert plain(yaml_tree("a: &x k\n*x : v\n")) == {"a": "k", "k": "v"}


def test_keys_that_are_not_scalars_count_by_their_text() -> None:
    assert [key.value for key, _ in yaml_tree("{a: b}: 1\n[c]: 2\n").entries] == ["{a: b}", "[c]"]


def test_several_documents() -> None:
    roots = parse_yaml(Document("t.yaml", "a: &x 1\n---\nb: 2\n...\n--- text\n"))
    assert [plain(root) for root in roots] == [{"a": "1"}, {"b": "2"}, "text"]


def test_an_anchor_counts_in_its_own_document_only() -> None:
    with pytest.raises(InputError, match="has no anchor"):
        parse_yaml(Document("t.yaml", "a: &x 1\n---\nb: *x\n"))


def test_no_document() -> None:
    assert parse_yaml(Document("t.yaml", "")) == []
    assert parse_yaml(Document("t.yaml", "# only a comment\n")) == []


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_positions_count_characters_whatever_the_encoding(newline: str, bom: bytes) -> None:
    lines = ["é: 😀", "b: '😀x'  # ü", "c:", "  - \U0001f600: s3:*", "d: |", "  x😀", "e: !Sub 'ü'"]
    root = bytes_tree(bom + newline.join(lines).encode() + newline.encode())
    node = at(root, "c", 0, "\U0001f600")
    assert (node.span.line, node.span.column, node.span.end_column) == (4, 8, 12)
    assert node.span.text == "s3:*"
    assert at(root, "b").span.text == "'😀x'"
    assert at(root, "d").span.text == f"|{newline}  x😀"
    assert (at(root, "e").span.line, at(root, "e").span.text) == (7, "!Sub 'ü'")


def test_line_separators_of_unicode_move_no_lines() -> None:
    node = at(yaml_tree("a: 'x\u2028y'\nb: 1\n"), "b")
    assert (node.span.line, node.span.column) == (2, 4)


def test_tabs_between_tokens() -> None:
    text = "a:\t1\t# c\nb: [x,\ty]\n"
    if yaml_reader.LOADER is yaml.SafeLoader:
        with pytest.raises(InputError):  # the pure parser takes none
            yaml_tree(text)
        return
    root = yaml_tree(text)
    assert at(root, "b", 1).span.text == "y"
    assert scalar(root, "a").value == "1"


@pytest.mark.parametrize("depth", [101, 1_000, 100_000])
@pytest.mark.parametrize(
    ("head", "unit", "tail"),
    [("x: ", "[", "]"), ("x: ", "{a: ", "}"), ("", "- ", ""), ("", "? ", ""), ("x: ", "[", "")],
)
def test_deep_nesting_is_refused(head: str, unit: str, tail: str, depth: int) -> None:
    if yaml_reader.LOADER is yaml.SafeLoader:
        depth = min(depth, 1_000)  # the pure parser is slow
    with pytest.raises(InputError, match="more than 100 levels are nested"):
        parse_yaml(Document("t.yaml", head + unit * depth + "a" + tail * depth))


@pytest.mark.parametrize("depth", [101, 1_500])
def test_deep_indentation_is_refused(depth: int) -> None:
    text = "".join(" " * level + "a:\n" for level in range(depth))
    with pytest.raises(InputError, match="more than 100 levels") as caught:
        parse_yaml(Document("t.yaml", text))
    assert caught.value.line == 101


def test_a_hundred_levels_are_read() -> None:
    assert len(nodes(yaml_tree("x: " + "[" * 99 + "a" + "]" * 99))) == 102


def test_an_alias_bomb_is_refused_quickly() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    begin = time.perf_counter()
    with pytest.raises(InputError, match="more than 250,000 nodes"):
        parse_yaml(Document("t.yaml", "\n".join(lines)))
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize("body", ["[*a{0}, {1}]", "{{<<: *a{0}, k{1}: 1}}"])
def test_chains_of_aliases_are_bounded(body: str) -> None:
    def chain(length: int) -> str:
        rest = "".join(f"a{n}: &a{n} {body.format(n - 1, n)}\n" for n in range(1, length))
        return "a0: &a0 {x: 1}\n" + rest + f"z: *a{length - 1}\n"

    assert len(nodes(at(yaml_tree(chain(15)), "z"))) > 15
    with pytest.raises(InputError, match="aliases nest more than 100 levels"):
        parse_yaml(Document("t.yaml", chain(400)))


def test_an_anchor_that_contains_itself_is_refused() -> None:
    with pytest.raises(InputError, match="contains itself"):
        parse_yaml(Document("t.yaml", "a: &x [*x]\n"))


def test_many_tag_directives_are_refused() -> None:
    text = "".join(f"%TAG !a{n}! x\n" for n in range(200)) + "--- a\n"
    with pytest.raises(InputError, match="%TAG"):
        parse_yaml(Document("t.yaml", text))


def test_nodes_are_made_once() -> None:
    root = yaml_tree("a: [b]\n")
    assert root.entries is root.entries
    items = at(root, "a")
    assert isinstance(items, Sequence)
    assert items.items is items.items


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


def _rebuilt(node: Any) -> Any:
    """The value of a tree, every scalar read again from its own source text."""
    if isinstance(node, Mapping):
        return {key.value: _rebuilt(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [_rebuilt(item) for item in node.items]
    assert isinstance(node, Scalar)
    if node.style:
        assert yaml.safe_load(node.span.text.replace("\n", "\n ")) == node.value
        return node.value
    return yaml.safe_load(node.value)


def _as_read(value: Any) -> Any:
    """A value as a tree shows it: keys are text, merge keys do not occur."""
    if isinstance(value, dict):
        return {key: _as_read(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_read(inner) for inner in value]
    return value


@settings(max_examples=150, deadline=None)
@given(_VALUES, st.booleans() | st.none(), st.booleans())
def test_dumped_values_read_back_and_slices_parse(value: Any, flow: bool | None, unicode: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=unicode, width=40)
    for loader in (getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader):
        yaml_reader.LOADER = loader
        [root] = parse_yaml(Document("t.yaml", text))
        assert _rebuilt(root) == _as_read(value)
        for node in nodes(root):
            assert 0 <= node.start <= node.end <= len(text)
            if isinstance(node, Mapping | Sequence) and node.flow:
                assert yaml.safe_load(node.span.text) == _rebuilt(node)
            assert node.span.text == node.span.text.strip(" \t\r\n")


def test_template_pieces_slice_as_json_in_yaml() -> None:
    value = {"Resources": {"A": {"Type": "AWS::X::Y", "Properties": {"N": [1, "s3:*", None]}}}}
    root = yaml_tree("x: " + json.dumps(value, indent=1) + "\n")
    assert json.loads(at(root, "x").span.text) == value


def test_unicode_line_breaks_between_a_tag_and_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    if LOADERS[0] == "CSafeLoader":  # the pure parser reads the break as part of the tag
        monkeypatch.setattr(yaml_reader, "LOADER", yaml.CSafeLoader)
    assert at(yaml_tree("a: !Ref\x85 'x'\n"), "a", "Ref").span.text == "'x'"
