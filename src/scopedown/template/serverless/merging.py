"""Merging as the framework merges: mappings deeply, lists index by index, what comes later wins.

The framework uses lodash's merge (https://lodash.com/docs/#merge) for lists of ``resources`` and
``functions`` and for laying ``resources`` over what it generates.
"""

from __future__ import annotations

from ...source.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def mapping(at: Node, entries: Iterable[tuple[Scalar, Node]]) -> Mapping:
    """A mapping of nodes that stand elsewhere, itself standing where ``at`` stands."""
    pairs = list(entries)
    return Mapping(at.document, at.start, at.end, lambda: (pairs, []), True)


def sequence(at: Node, items: Iterable[Node]) -> Sequence:
    """A list of nodes that stand elsewhere, itself standing where ``at`` stands."""
    listed = list(items)
    return Sequence(at.document, at.start, at.end, lambda: listed, True)


def merge(base: Node | None, over: Node) -> Node:
    """``over`` laid over ``base``; what only one of them has stays the very node it is.

    A list over a mapping replaces it; a mapping over a list changes nothing that is written out as JSON.
    """
    if isinstance(over, Mapping) and isinstance(base, Mapping):
        return _mappings(base, over)
    if isinstance(over, Sequence) and isinstance(base, Sequence):
        return _sequences(base, over)
    if isinstance(over, Mapping) and isinstance(base, Sequence):
        return base
    return over


def _mappings(base: Mapping, over: Mapping) -> Mapping:
    merged = {key.value: (key, value) for key, value in base.entries}
    for key, value in over.entries:
        before = merged.get(key.value)
        merged[key.value] = (key, merge(before[1], value) if before is not None else value)
    return mapping(over, merged.values())


def _sequences(base: Sequence, over: Sequence) -> Sequence:
    items = list(base.items)
    for number, item in enumerate(over.items):
        if number < len(items):
            items[number] = merge(items[number], item)
        else:
            items.append(item)
    return sequence(over, items)


def merged(node: Node | None) -> Mapping | None:
    """A section that is a mapping or a list of mappings, merged from the first to the last.

    Args:
        node: ``functions`` or ``resources``; anything else yields None.
    """
    if isinstance(node, Mapping):
        return node
    if not isinstance(node, Sequence):
        return None
    found: Node | None = None
    for item in node.items:
        if isinstance(item, Mapping):
            found = merge(found, item) if found is not None else item
    return found if isinstance(found, Mapping) else mapping(node, ())
