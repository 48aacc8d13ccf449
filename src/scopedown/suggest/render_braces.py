"""Rendering in braces: statements in long form come in, JSON or an object literal of JavaScript goes out.

For a document in TOML what it has in their place goes out.
"""

from __future__ import annotations

import json

from . import render_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..source.tree import Document
    from .render import Place, Style

# What stands for an expression of the code while the rest is written as JSON; no text of a file holds it.
_MARK = "\0"


def statements_text(statements: list[dict[str, Any]], style: Style, place: Place, document: Document) -> str:
    """Statements as they would stand in the file.

    Args:
        statements: long-form CloudFormation JSON.
        style: see ``render.style_of``.
        place: where the replaced statement stands.
        document: the file.
    """
    several = len(statements) > 1 and not place.member
    if style.format == "toml":
        return render_toml.statements_text(statements, place, several, document)
    if place.inline:
        joined = ", ".join(_dumped(statement, style, None) for statement in statements)
        return f"[{joined}]" if several else joined
    return ",\n".join(text(statement, style, place.lead) for statement in statements)


def below_text(keys: list[str], statements: list[dict[str, Any]], style: Style) -> str:
    """Statements as a list that nested keys lead to."""
    if style.format == "toml":
        return render_toml.below_text(keys, statements)
    value: Any = statements
    for key in reversed(keys):
        value = {key: value}
    return text(value, style, "")


def text(value: Any, style: Style, indent: str) -> str:
    """A value over several lines, each behind an indentation; in TOML on one."""
    if style.format == "toml":
        return indent + render_toml.value(value)
    dumped = _dumped(value, style, "\t" if "\t" in indent else style.step)
    return "\n".join(indent + line for line in dumped.split("\n"))


def _dumped(value: Any, style: Style, indent: int | str | None) -> str:
    if style.format != "javascript":
        return json.dumps(value, indent=indent, ensure_ascii=False)
    code: list[str] = []
    dumped = json.dumps(_marked(value, code), indent=indent, ensure_ascii=False)
    for number, source in enumerate(code):
        mark = json.dumps(f"{_MARK}{number}{_MARK}")
        dumped = dumped.replace(f'"...": {mark}', source).replace(mark, source)
    return dumped


def _marked(value: Any, code: list[str]) -> Any:
    """The value with marks for what the file says with expressions, which are collected."""
    if isinstance(value, list):
        return [_marked(item, code) for item in value]
    if not isinstance(value, dict):
        return value
    source = value.get("Fn::Variable") if len(value) == 1 else None
    if isinstance(source, str):
        code.append(source)
        return f"{_MARK}{len(code) - 1}{_MARK}"
    return {key: _marked(item, code) for key, item in value.items()}
