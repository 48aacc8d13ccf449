"""Circles: would a resource that refers to others be needed by one of them, so that neither can be first?"""

from __future__ import annotations

from ..source.tree import Mapping, Node, Scalar, Sequence
from .expand import named, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..template.stack import Stack

    # A stack, what each of its resources waits for, and what a SAM event source waits for besides.
    Known = tuple[Stack, dict[str, set[str]], dict[str, set[str]]]

_known: list[Known] = []  # the stack that was asked for last


def closes_circle(stack: Stack, owner: str, expressions: list[Any]) -> bool:
    """Whether expressions placed in ``owner`` name a resource that waits for ``owner``.

    A resource that ``owner`` names already adds nothing: the template stands as it is.
    """
    targets = {id for id in names_in(expressions) if id in stack.resources}
    if owner not in stack.resources:
        return False
    if not _known or _known[0][0] is not stack:
        _known[:] = [(stack, {}, {})]
    _, needed, waiting = _known[0]
    targets -= _once(needed, _needs, stack, owner)
    reached: set[str] = set()
    queue = sorted(targets)
    while queue:
        at = queue.pop()
        if at == owner:
            return True
        if at not in reached:
            reached.add(at)
            queue += _once(needed, _needs, stack, at) | _once(waiting, _rewritten, stack, at)
    return False


def _once(
    known: dict[str, set[str]], ask: Callable[[Stack, str], set[str]], stack: Stack, id: str
) -> set[str]:
    if id not in known:
        known[id] = ask(stack, id)
    return known[id]


def _needs(stack: Stack, id: str) -> set[str]:
    """The resources that one waits for."""
    resource = stack.resources[id]
    found: set[str] = set()
    if resource.properties is not None:
        for key, value in resource.properties.entries:
            if resource.type != "AWS::Serverless::Function" or key.value != "Events":
                found |= _in_node(value)
    waits = resource.node.get("DependsOn")
    for item in waits.items if isinstance(waits, Sequence) else [waits]:
        if isinstance(item, Scalar):
            found.add(item.value)
    return {name for name in found if name in stack.resources and name != id}


def _rewritten(stack: Stack, id: str) -> set[str]:
    """The SAM functions that a bucket, user pool or API waits for because it is among their events.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-s3.html
    """
    if not stack.resources[id].type.endswith(("::Bucket", "::UserPool", "::Api", "::HttpApi", "::RestApi")):
        return set()
    found = set()
    for function in stack.of_type("AWS::Serverless::Function"):
        events = function.properties.get("Events") if function.properties is not None else None
        if events is not None and id in _in_node(events):
            found.add(function.id)
    return found


def _in_node(node: Node) -> set[str]:
    if isinstance(node, Sequence):
        return {name for item in node.items for name in _in_node(item)}
    if not isinstance(node, Mapping):
        return set()
    found: set[str] = set()
    for key, value in node.entries:
        found |= _in_node(value)
        if key.value == "Ref" and isinstance(value, Scalar):
            found.add(value.value)
        elif key.value == "Fn::GetAtt":
            first = value.items[0] if isinstance(value, Sequence) and value.items else value
            if isinstance(first, Scalar):
                found.add(first.value.partition(".")[0])
        elif key.value == "Fn::Sub":
            body = value.items[0] if isinstance(value, Sequence) and value.items else value
            if isinstance(body, Scalar):
                found |= named(body.value)
    return found
