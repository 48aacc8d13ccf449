"""State machines: the functions that a definition calls, wherever it names them."""

from __future__ import annotations

import re

from ...source.tree import Mapping, Scalar, Sequence
from ...values.intrinsics import call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...source.tree import Node
    from ..stack import Function, Resource
    from .invocation import Finder, Place

_NAMED = re.compile(r":function:([A-Za-z0-9_-]+)")


def read(finder: Finder, resource: Resource) -> None:
    """Adds the functions that a state machine calls; a SAM DefinitionUri is not read."""
    properties = resource.properties
    assert properties is not None
    path = f"Resources.{resource.id}.Properties"
    found: dict[str, tuple[Function, Place]] = {}
    for node, guard, here in finder.at(properties, ("DefinitionSubstitutions", "*"), resource.guard, path):
        for function, when in finder.functions(node, guard):
            found.setdefault(function.id, (function, (node, when, here)))
    definition = properties.get("DefinitionString")
    if definition is not None:
        _read_definition(finder, definition, resource, f"{path}.DefinitionString", found)
    for node in _expressions(properties.get("Definition")):
        _read_definition(finder, node, resource, f"{path}.Definition", found)
    source = (finder.resolver.reference(resource.id), resource.id)
    for function, place in found.values():
        # Whether a Map bounds it is a question to the definition, which a rule of its own answers.
        finder.add(function, "step-functions", place, source, None)


def _read_definition(
    finder: Finder, node: Node, resource: Resource, path: str, found: dict[str, tuple[Function, Place]]
) -> None:
    for element in finder.resolver.elements(node, resource.guard):
        named = finder.named(element.origin)
        for part in element.origin.parts:
            if isinstance(part, str):
                named += [f for name in _NAMED.findall(part) for f in finder.called(name)]
        for function in named:
            found.setdefault(function.id, (function, (node, element.guard, path)))


def _expressions(root: Node | None) -> Iterator[Node]:
    """The intrinsics and function ARNs anywhere in a definition written as a mapping."""
    waiting = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            if ":function:" in node.value:
                yield node
        elif call(node) is not None:
            yield node
        elif isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            waiting += [value for _, value in node.entries]
