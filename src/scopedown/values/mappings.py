"""Fn::FindInMap: the rows of the Mappings section that a lookup can find, each with its guard.

A key that is not known stands for every row that it could be; DefaultValue, of the language extensions,
stands for every key that has no row.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-findinmap-enhancements.html
"""

from __future__ import annotations

from ..source.tree import Mapping, Node, Sequence
from .guard import ALWAYS, Guard, equals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .intrinsics import Resolver


def rows(argument: Node, resolver: Resolver) -> list[tuple[Node, Guard]]:
    """The values that a lookup can find; empty where the mapping itself is not known."""
    if not isinstance(argument, Sequence) or len(argument.items) < 3:
        return []
    mappings = resolver.root.get("Mappings")
    level: list[tuple[Node, Guard]] = []
    for text, when in resolver.expression(argument.items[0]):
        if text.literal is None or not isinstance(mappings, Mapping):
            return []
        table = mappings.get(text.literal)
        if table is not None:
            level.append((table, when))
    for key in argument.items[1:3]:
        level = [pair for node, guard in level for pair in _row(node, key, guard, resolver)]
    options = argument.items[3] if len(argument.items) > 3 else None
    default = options.get("DefaultValue") if isinstance(options, Mapping) else None
    if default is not None:
        missing = ALWAYS
        for _, when in level:
            missing = missing.and_(when.not_())
        if not missing.is_never:
            level.append((default, missing))
    return level


def _row(node: Node, key: Node, guard: Guard, resolver: Resolver) -> list[tuple[Node, Guard]]:
    if not isinstance(node, Mapping):
        return []
    found = []
    for text, when in resolver.expression(key, guard):
        if text.literal is not None:
            value = node.get(text.literal)
            if value is not None:
                found.append((value, when))
            continue
        hole = text.hole
        subject = text.display() if hole is None else hole.identity
        values = hole.values if hole is not None and hole.exhaustive else ()
        for name, value in node.entries:
            both = when.and_(equals(subject, name.value, values))
            if not both.is_never:
                found.append((value, both))
    return found
