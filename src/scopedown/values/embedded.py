"""Policy documents written as JSON text: plain, in a block scalar, inside Fn::Sub, Fn::Join or ToJsonString.

A document in Fn::Sub or Fn::Join is read first and substituted after: every string with a placeholder
becomes an expression of its own, so that positions stay those of the template.
"""

from __future__ import annotations

from ..source.tree import Mapping, Node, Scalar, Sequence
from .intrinsics import call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Stands for the n-th member of a Join that is not a string; private use, so no template holds it.
_MARK = 0xF0000


def embedded(node: Node) -> Node | None:
    """The tree that a JSON text holds, or None where the node is no such text."""
    if isinstance(node, Scalar):
        return _parsed(node)
    function = call(node)
    if function is None:
        return None
    name, argument = function
    if name == "Fn::ToJsonString":
        return argument
    if name == "Fn::Join":
        return _joined(argument, node)
    return _in_sub(argument) if name == "Fn::Sub" else None


def _in_sub(argument: Node) -> Node | None:
    local: Node | None = None
    if isinstance(argument, Sequence) and len(argument.items) == 2:
        argument, local = argument.items
    tree = _parsed(argument) if isinstance(argument, Scalar) else None
    if tree is None:
        return None

    def expression(node: Scalar) -> Node | None:
        if "${" not in node.value:
            return None
        return _call("Fn::Sub", node, node if local is None else _listed(node, [node, local]))

    return _substituted(tree, expression)


def _joined(argument: Node, node: Node) -> Node | None:
    items = argument.items if isinstance(argument, Sequence) else []
    if len(items) != 2 or not isinstance(items[0], Scalar) or not isinstance(items[1], Sequence):
        return None
    members = items[1].items
    first = members[0] if members else None
    if not isinstance(first, Scalar) or not first.value.lstrip().startswith("{"):
        return None
    pieces = [
        each.value if isinstance(each, Scalar) else chr(_MARK + number) for number, each in enumerate(members)
    ]
    # The text stands nowhere in the file, so everything in it has the place of the whole Join.
    tree = _parsed(Scalar(node.document, node.start, node.end, items[0].value.join(pieces), '"'))
    if tree is None:
        return None
    empty = Scalar(node.document, node.start, node.start, "", '"')

    def expression(text: Scalar) -> Node | None:
        parts: list[Node] = []
        for piece in _cut(text.value, len(members)):
            made = Scalar(text.document, text.start, text.end, piece, '"')
            parts.append(members[ord(piece) - _MARK] if _is_mark(piece, len(members)) else made)
        if not any(isinstance(part, Mapping) for part in parts):
            return None
        return _call("Fn::Join", text, _listed(text, [empty, _listed(text, parts)]))

    return _substituted(tree, expression)


def _is_mark(piece: str, count: int) -> bool:
    return len(piece) == 1 and _MARK <= ord(piece) < _MARK + count


def _cut(value: str, count: int) -> list[str]:
    """A string in runs, the marks on their own."""
    runs = [""]
    for character in value:
        if _is_mark(character, count):
            runs += [character, ""]
        else:
            runs[-1] += character
    return [run for run in runs if run]


def _parsed(scalar: Scalar) -> Node | None:
    if not scalar.value.lstrip().startswith("{"):
        return None
    from ..source.json_reader import parse_embedded

    return parse_embedded(scalar)


def _substituted(node: Node, expression: Callable[[Scalar], Node | None]) -> Node:
    """The tree with the strings for which there is an expression replaced by it."""
    document, start, end = node.document, node.start, node.end
    if isinstance(node, Sequence):
        sequence = node
        return Sequence(
            document,
            start,
            end,
            lambda: [_substituted(each, expression) for each in sequence.items],
            node.flow,
        )
    if isinstance(node, Mapping):
        mapping = node
        return Mapping(
            document,
            start,
            end,
            lambda: ([(key, _substituted(value, expression)) for key, value in mapping.entries], []),
            node.flow,
        )
    return (expression(node) if isinstance(node, Scalar) else None) or node


def _call(name: str, at: Node, argument: Node) -> Mapping:
    key = Scalar(at.document, at.start, at.start, name)
    return Mapping(at.document, at.start, at.end, lambda: ([(key, argument)], []), True, True)


def _listed(at: Node, items: list[Node]) -> Sequence:
    return Sequence(at.document, at.start, at.end, lambda: items, True)
