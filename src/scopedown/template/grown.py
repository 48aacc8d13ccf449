"""Nodes for what nobody wrote: plain values (of AWS documents, of what SAM adds) come in, nodes go out.

They stand where their cause stands, so that whoever points at them points at the cause; the same readers that
read a template's text then read them.
"""

from __future__ import annotations

from ..source.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def grow(value: Any, at: Node) -> Node:
    """A node that says ``value`` (nodes in it stay as they are), standing where ``at`` stands."""
    document, start, end = at.document, at.start, at.end
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        return Mapping(
            document,
            start,
            end,
            lambda: ([(Scalar(document, start, end, key), grow(v, at)) for key, v in value.items()], []),
            True,
        )
    if isinstance(value, (list, tuple)):
        return Sequence(document, start, end, lambda: [grow(each, at) for each in value], True)
    if isinstance(value, bool):
        return Scalar(document, start, end, "true" if value else "false")
    return Scalar(document, start, end, str(value), '"')
