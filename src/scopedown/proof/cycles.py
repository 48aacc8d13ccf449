"""Circles: would a resource that refers to others be needed by one of them, so that neither can be first?"""

from __future__ import annotations

import re

from ..source.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..template.stack import Stack

_NAMED = re.compile(r"\$\{\s*([A-Za-z0-9]+)")


def closes_circle(stack: Stack, owner: str, expressions: list[Any]) -> bool:
    """Whether expressions placed in ``owner`` name a resource that waits for ``owner``.

    A resource that ``owner`` names already adds nothing: the template stands as it is.
    """
    targets = {id for expression in expressions for id in names_in(expression) if id in stack.resources}
    if owner not in stack.resources:
        return False
    targets -= _needs(stack, owner)
    reached: set[str] = set()
    queue = sorted(targets)
    while queue:
        at = queue.pop()
        if at == owner:
            return True
        if at not in reached:
            reached.add(at)
            queue += _needs(stack, at) | _rewritten(stack, at)
    return False


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
                found.update(_NAMED.findall(body.value))
    return found


def names_in(value: Any) -> set[str]:
    """What Ref, GetAtt and Sub name in long-form data."""
    if isinstance(value, list):
        return {name for item in value for name in names_in(item)}
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for key, inner in value.items():
        found |= names_in(inner)
        if key == "Ref" and isinstance(inner, str):
            found.add(inner)
        elif key == "Fn::GetAtt":
            found.add((inner if isinstance(inner, str) else inner[0]).partition(".")[0])
        elif key == "Fn::Sub":
            body = inner if isinstance(inner, str) else inner[0]
            found.update(_NAMED.findall(body))
    return found
