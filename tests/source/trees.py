"""Short ways to make and look at located trees in tests."""

from __future__ import annotations

from typing import Any

from scopedown.source.json_reader import parse_json
from scopedown.source.reader import decode
from scopedown.source.tree import Document, Mapping, Node, Scalar, Sequence
from scopedown.source.yaml_reader import parse_yaml


def yaml_tree(text: str) -> Mapping:
    """The mapping at the root of a YAML text."""
    root = parse_yaml(Document("t.yaml", text))[0]
    assert isinstance(root, Mapping)
    return root


def json_tree(text: str) -> Node:
    """The root of a JSON text."""
    return parse_json(Document("t.json", text, "json"))


def bytes_tree(data: bytes) -> Mapping:
    """The mapping at the root of a file's content."""
    document = decode("t", data)
    root = parse_json(document) if document.format == "json" else parse_yaml(document)[0]
    assert isinstance(root, Mapping)
    return root


def at(node: Node | None, *steps: str | int) -> Node:
    """The node at the end of keys and indices."""
    for step in steps:
        if isinstance(step, int):
            assert isinstance(node, Sequence)
            node = node.items[step]
        else:
            assert isinstance(node, Mapping)
            node = node.get(step)
    assert node is not None
    return node


def scalar(node: Node | None, *steps: str | int) -> Scalar:
    """The scalar at the end of keys and indices."""
    found = at(node, *steps)
    assert isinstance(found, Scalar)
    return found


def mapping(node: Node | None, *steps: str | int) -> Mapping:
    """The mapping at the end of keys and indices."""
    found = at(node, *steps)
    assert isinstance(found, Mapping)
    return found


def plain(node: Node) -> Any:
    """A tree as dicts, lists and the values of scalars."""
    if isinstance(node, Mapping):
        return {key.value: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.value


def nodes(node: Node) -> list[Node]:
    """All nodes of a tree, keys included."""
    found = [node]
    if isinstance(node, Mapping):
        for key, value in node.entries:
            found += [key, *nodes(value)]
    elif isinstance(node, Sequence):
        for item in node.items:
            found += nodes(item)
    return found
