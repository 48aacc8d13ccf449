"""Strings of a service as far as they are known: whether a value is one, and how it reads.

The framework asks whether a value is a string after it has resolved the variables; what a variable stands for
is a string there, even where only deployment knows it. What is written as a CloudFormation function is none.
"""

from __future__ import annotations

from ...source.tree import Node, Scalar
from .service import is_null, is_truthy
from .variables.unknowns import Unknown, conditions, fallback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Stands in a text for a part that only deployment knows.
GAP = "\0"


def is_string(node: Node | None) -> bool:
    """Whether a value is a string for the framework; of a choice the fallback decides."""
    if isinstance(node, Unknown) and node.kind == "if":
        last = fallback(node)
        return is_null(last) or is_string(last)
    return isinstance(node, Unknown) or (isinstance(node, Scalar) and not is_null(node))


def known(node: Node | str | None) -> str:
    """How a string reads, with ``GAP`` for what is not known; of a choice the fallback."""
    if isinstance(node, str):
        return node
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Unknown):
        if node.kind == "if":
            last = fallback(node)
            return GAP if is_null(last) else known(last)
        if node.kind == "join":
            return "".join(part if isinstance(part, str) else GAP for part in node.parts)
    return GAP


def substituted(before: str, text: Node | str, after: str) -> Any:
    """``Fn::Sub`` of a text between two others, as the framework writes it."""
    if isinstance(text, Scalar):
        text = text.value
    if isinstance(text, str):
        return {"Fn::Sub": before + text + after}
    return {"Fn::Join": ["", [{"Fn::Sub": before}, text, {"Fn::Sub": after} if "${" in after else after]]}


def where_set(value: Any, node: Node | None) -> Any:
    """What a setting asks for where it is on: a choice that falls back to nothing may have no value."""
    if not isinstance(node, Unknown) or is_truthy(fallback(node)):
        return value
    said: Any = {"Ref": "AWS::NoValue"}
    for condition in reversed(conditions(node)):
        said = {"Fn::If": [condition, value, said]}
    return said


def plain(value: Any) -> str | None:
    """A value of a statement as the string it is in the framework, None where it is none.

    What is not known is told apart by the variable that stands for it.
    """
    from ...values.intrinsics import canonical

    if isinstance(value, str):
        return value
    return canonical(value) if isinstance(value, Node) and is_string(value) else None
