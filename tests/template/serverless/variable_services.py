"""Services given as text, and their resolved trees as plain values."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from scopedown.source.discovery import parse
from scopedown.source.reader import Reader
from scopedown.source.tree import Document, Mapping, Node, Scalar, Sequence
from scopedown.template.serverless.framework import Framework
from scopedown.template.serverless.variables.tree import Given, Variables

__all__ = [
    "Framework",
    "Given",
    "at",
    "either",
    "hole",
    "in_folder",
    "notes",
    "plain",
    "shop",
    "value",
    "variables",
]

V1 = Framework("serverless", 1, 83)
V2 = Framework("serverless", 2, 72)
V3 = Framework("serverless", 3, 40)
V4 = Framework("serverless", 4, 41)
OSLS = Framework("osls", 4, 3)


def variables(text: str, framework: Framework = V3, given: Given | None = None) -> Variables:
    """The variables of a service without a folder."""
    root = parse(Document("serverless.yml", textwrap.dedent(text)))
    assert isinstance(root, Mapping)
    return Variables(root, framework, given or Given(), None, "")


def in_folder(
    folder: Path, files: dict[str, str], framework: Framework = V3, given: Given | None = None
) -> Variables:
    """The variables of the service in a folder that holds these files, one of them serverless.yml."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content))
    reader = Reader(str(folder))
    root = parse(reader.read(str(folder / "serverless.yml")))
    assert isinstance(root, Mapping)
    return Variables(root, framework, given or Given(), reader, str(folder))


def plain(node: Node | None) -> Any:
    """A tree as plain values, scalars as strings."""
    if isinstance(node, Mapping):
        return {key.value: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert node is None or isinstance(node, Scalar)
    return node.value if isinstance(node, Scalar) else None


def at(found: Variables, *keys: str) -> Node:
    """The resolved node at a path."""
    node: Node | None = found.root
    for key in keys:
        if isinstance(node, Sequence):
            node = node.items[int(key)]
        else:
            assert isinstance(node, Mapping), key
            node = node.get(key)
    assert node is not None, keys
    return node


def value(expression: str, custom: str = "", framework: Framework = V3, given: Given | None = None) -> Any:
    """What an expression is in a small service, as a plain value."""
    return plain(at(shop(expression, custom, framework, given), "custom", "asked"))


def shop(
    expression: str, custom: str = "", framework: Framework = V3, given: Given | None = None
) -> Variables:
    """A small service that holds an expression as ``custom.asked``, quoted as YAML's single quotes do."""
    quoted = expression.replace("'", "''")
    text = (
        "service: bakery\nprovider: {name: aws, stage: dev, region: eu-west-1}\nplugins: [ovens]\ncustom:\n"
    )
    text += f"  asked: '{quoted}'\n" + textwrap.indent(textwrap.dedent(custom), "  ")
    return variables(text, framework, given)


def notes(found: Variables) -> list[tuple[str, str]]:
    """What is noted, and why, once all of the tree was read."""
    plain(found.root)
    return [(what, reason) for what, reason, _ in found.notes]


def hole(source: str) -> dict[str, str]:
    """What an unknown source looks like."""
    return {"Fn::Variable": source}


def either(condition: str, source: str, fallback: Any) -> dict[str, Any]:
    """What an unknown source with a fallback looks like."""
    return {"Fn::If": [condition, hole(source), fallback]}
