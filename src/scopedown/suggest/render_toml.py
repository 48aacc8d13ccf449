"""Rendering in TOML: statements in long form come in, inline tables or tables under their header go out.

https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..source.tree import Document
    from .render import Place


def statements_text(statements: list[dict[str, Any]], place: Place, several: bool, document: Document) -> str:
    """Statements as they would stand in the file.

    Args:
        statements: long-form CloudFormation JSON.
        place: where the replaced statement stands; where that is a header ``[[...]]``, each gets one.
        several: whether a list is to be made of them.
        document: the file.
    """
    start = place.start + len(place.lead)
    if document.text.startswith("[", start):
        header = document.text[start : document.text.index("]]", start) + 2]
        return "\n\n".join("\n".join([header, *_pairs(each)]) for each in statements)
    texts = [place.lead + value(each) for each in statements]
    if place.inline:
        return f"[{', '.join(texts)}]" if several else ", ".join(texts)
    return ",\n".join(texts)


def below_text(keys: list[str], statements: list[dict[str, Any]]) -> str:
    """Statements as tables of a list that nested keys lead to."""
    name = ".".join(map(_key, keys))
    tables = ["\n".join([f"[[{name}]]", *_pairs(each)]) for each in statements]
    return "\n\n".join(tables) or f"{name} = []"


def value(data: Any) -> str:
    """A value on one line, as inline tables must be."""
    if isinstance(data, dict):
        return f"{{ {', '.join(_pairs(data))} }}" if data else "{}"
    if isinstance(data, list):
        return f"[{', '.join(value(item) for item in data)}]"
    return json.dumps(data, ensure_ascii=False).replace("\x7f", "\\u007f")


def _pairs(data: dict[str, Any]) -> list[str]:
    return [f"{_key(key)} = {value(item)}" for key, item in data.items()]


def _key(name: str) -> str:
    plain = bool(name) and name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if plain else json.dumps(name, ensure_ascii=False)
