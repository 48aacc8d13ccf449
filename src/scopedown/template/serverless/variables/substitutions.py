"""Variables inside Fn::Sub: its argument as the framework resolves it comes in, a valid one goes out.

The framework resolves its variables before CloudFormation sees the string, so what is not known becomes a
name of the second argument: ``["${SlsVariable1}/*", {SlsVariable1: ...}]``.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
"""

from __future__ import annotations

from ....source.tree import Mapping, Node, Scalar, Sequence
from .unknowns import Unknown, listed, text

NAME = "SlsVariable"


def substituted(argument: Node) -> Node:
    """The argument of Fn::Sub.

    Args:
        argument: a string, or a list of a string and a mapping; the string may be one that is partly known.

    Returns:
        The argument itself where all of its string is known.
    """
    names: Mapping | None = None
    template = argument
    if isinstance(argument, Sequence):
        items = argument.items
        template = items[0] if items else argument
        if len(items) > 1 and isinstance(items[1], Mapping) and not isinstance(items[1], Unknown):
            names = items[1]
    if not isinstance(template, Unknown):
        return argument
    entries = list(names.entries) if names is not None else []
    taken = {key.value for key, _ in entries}
    pieces: list[str] = []
    number = 0
    for part in template.parts if template.kind == "join" else [template]:
        if isinstance(part, str):
            pieces.append(part)
            continue
        number += 1
        while f"{NAME}{number}" in taken:
            number += 1
        pieces.append("${" + f"{NAME}{number}" + "}")
        entries.append((text(f"{NAME}{number}", template), _value(part, names)))
    map_ = Mapping(template.document, template.start, template.end, lambda: (entries, []), True)
    return listed([text("".join(pieces), template), map_], template)


def _value(part: str | Node, names: Mapping | None) -> Node:
    """A value for a name; text of a fallback is itself part of the string that Fn::Sub reads."""
    assert isinstance(part, Node)
    if isinstance(part, Scalar):
        return _call(part, names) if "${" in part.value else part
    if not isinstance(part, Unknown):
        return part
    if part.kind == "if":
        condition, then, otherwise = part.parts
        return Unknown("if", [condition, _value(then, names), _value(otherwise, names)], part)
    if part.kind == "join":
        argument: Node = part
        if names is not None:
            argument = listed([part, names], part)
        return _call(substituted(argument), None)
    return part


def _call(argument: Node, names: Mapping | None) -> Node:
    if names is not None:
        argument = listed([argument, names], argument)
    key = Scalar(argument.document, argument.start, argument.end, "Fn::Sub")
    return Mapping(argument.document, argument.start, argument.end, lambda: ([(key, argument)], []), True)
