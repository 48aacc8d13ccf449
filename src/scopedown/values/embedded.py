"""Policy documents written as JSON text: plain, in a block scalar, or inside Fn::Sub.

A document in Fn::Sub is read first and substituted after: every string with a placeholder becomes a Fn::Sub
of its own, so that positions stay those of the template.
"""

from __future__ import annotations

from ..source.tree import Mapping, Node, Scalar, Sequence
from .intrinsics import call


def embedded(node: Node) -> Node | None:
    """The tree inside a JSON text, or None where the node is no such text."""
    if isinstance(node, Scalar):
        return _parsed(node)
    function = call(node)
    if function is None or function[0] != "Fn::Sub":
        return None
    argument, local = function[1], None
    if isinstance(argument, Sequence) and len(argument.items) == 2:
        argument, local = argument.items
    tree = _parsed(argument) if isinstance(argument, Scalar) else None
    return _substituted(tree, local) if tree is not None else None


def _parsed(scalar: Scalar) -> Node | None:
    if not scalar.value.lstrip().startswith("{"):
        return None
    from ..source.json_reader import parse_embedded

    return parse_embedded(scalar)


def _substituted(node: Node, local: Node | None) -> Node:
    document, start, end = node.document, node.start, node.end
    if isinstance(node, Sequence):
        sequence = node
        return Sequence(
            document, start, end, lambda: [_substituted(item, local) for item in sequence.items], node.flow
        )
    if isinstance(node, Mapping):
        mapping = node
        return Mapping(
            document,
            start,
            end,
            lambda: ([(key, _substituted(value, local)) for key, value in mapping.entries], []),
            node.flow,
        )
    if isinstance(node, Scalar) and "${" in node.value:
        key = Scalar(document, start, start, "Fn::Sub")
        argument: Node = node
        if local is not None:
            pair = [node, local]
            argument = Sequence(document, start, end, lambda: list(pair), True)
        return Mapping(document, start, end, lambda: ([(key, argument)], []), True, True)
    return node
