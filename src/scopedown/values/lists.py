"""Functions over lists: Fn::Select (with Fn::Split inside) and Fn::Length.

A hole may hold the delimiter, so only the pieces before the first such hole are known; the values of the
pseudo parameters named here hold neither colons nor slashes.
"""

from __future__ import annotations

from ..source.tree import Node, Scalar, Sequence
from .guard import Guard
from .intrinsics import call, scalar
from .text import Hole, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .intrinsics import Resolver
    from .text import Part

_PLAIN = ("AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackName", "AWS::URLSuffix")


def evaluate(name: str, argument: Node, resolver: Resolver, guard: Guard) -> list[tuple[Text, Guard]]:
    """The values of Fn::Select or Fn::Length; empty where they cannot be known."""
    if name == "Fn::Length":
        listed = _lists(argument, resolver, guard)
        return [(Text((str(len(items)),)), when) for items, when in listed if None not in items]
    if not isinstance(argument, Sequence) or len(argument.items) != 2:
        return []
    indexes = {text.literal for text, _ in resolver.expression(argument.items[0])}
    index = indexes.pop() if len(indexes) == 1 else None
    if index is None or not index.isdecimal():
        return []
    found = []
    for items, when in _lists(argument.items[1], resolver, guard):
        item = items[int(index)] if int(index) < len(items) else None
        if item is None:
            return []
        found += resolver.expression(item, when) if isinstance(item, Node) else [(item, when)]
    return found


def _lists(node: Node, resolver: Resolver, guard: Guard) -> list[tuple[list[Node | Text | None], Guard]]:
    """The lists that a node can be; None stands for a member that is not known."""
    found: list[tuple[list[Node | Text | None], Guard]] = []
    for branch, when in resolver.branches(node, guard):
        function = call(branch)
        if isinstance(branch, Sequence):
            found.append(([*branch.items], when))
        elif function is not None and function[0] == "Fn::Split":
            found += _split(function[1], resolver, when)
        elif function is not None and function[0] == "Ref":
            parameter = resolver.parameter(scalar(function[1]))
            if parameter is None or not parameter.is_list or not parameter.values:
                return []
            found.append(([Text.of(value.strip()) for value in parameter.values[0].split(",")], when))
        else:
            return []
    return found


def _split(argument: Node, resolver: Resolver, guard: Guard) -> list[tuple[list[Node | Text | None], Guard]]:
    if not isinstance(argument, Sequence) or len(argument.items) != 2:
        return []
    delimiter, source = argument.items
    if not isinstance(delimiter, Scalar) or not delimiter.value:
        return []
    return [(_pieces(text, delimiter.value), when) for text, when in resolver.expression(source, guard)]


def _pieces(text: Text, delimiter: str) -> list[Node | Text | None]:
    pieces: list[list[Part]] = [[]]
    unknown = len(text.parts) + len(text.display())
    for part in text.parts:
        if isinstance(part, str):
            first, *others = part.split(delimiter)
            pieces[-1].append(first)
            pieces += [[other] for other in others]
        else:
            if isinstance(part, Hole) and (part.identity not in _PLAIN or delimiter.isalnum()):
                unknown = min(unknown, len(pieces) - 1)
            pieces[-1].append(part)
    return [Text.join(piece) if number < unknown else None for number, piece in enumerate(pieces)]
