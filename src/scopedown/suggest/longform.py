"""Template nodes as the long-form JSON that CloudFormation reads, whatever their spelling."""

from __future__ import annotations

import re

from ..source.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,8}")


def long_form(node: Node) -> Any:
    """A node as JSON data; short tags become ``Fn::`` functions, plain scalars their type."""
    if isinstance(node, Scalar):
        if node.style == "" and node.value.lower() in ("true", "false"):
            return node.value.lower() == "true"
        if node.style == "" and _INTEGER.fullmatch(node.value):
            return int(node.value)
        return node.value
    if isinstance(node, Sequence):
        return [long_form(item) for item in node.items]
    if isinstance(node, Mapping):
        built: dict[str, Any] = {}
        for key, value in node.entries:
            if key.value == "Fn::GetAtt" and isinstance(value, Scalar):
                id, _, attribute = value.value.partition(".")
                built[key.value] = [id, attribute]
            else:
                built[key.value] = long_form(value)
        return built
    return None
