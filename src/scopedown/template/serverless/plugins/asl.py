"""Parts of state machine definitions: references to functions, parameters of tasks, ARNs made of them.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

from ....source.tree import Mapping, Node, Scalar, Sequence
from ....values.intrinsics import call, scalar
from ..merging import mapping, sequence
from ..naming import function_id
from ..service import at, is_truthy, items
from ..variables.unknowns import Unknown, fallback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..service import Service


def text(node: Node | None) -> str:
    """The text of a value, with ``\\0`` for every part that is not known here."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Unknown):
        if node.kind == "if":
            return text(fallback(node))
        if node.kind == "join":
            return "".join(part if isinstance(part, str) else text(part) for part in node.parts)
    return "\0"


def argument(state: Mapping, key: str) -> Node | None:
    """A parameter, or an argument in JSONata."""
    language = scalar(state.get("QueryLanguage"))
    parameters, arguments = state.get("Parameters"), state.get("Arguments")
    if language == "JSONata":
        return at(arguments, key)
    if language == "JSONPath" or (is_truthy(parameters) and not is_truthy(arguments)):
        return at(parameters, key)
    return at(arguments, key) if is_truthy(arguments) and not is_truthy(parameters) else None


def at_runtime(state: Mapping, key: str) -> bool:
    """Whether only the running execution knows a parameter."""
    if is_truthy(at(state, "Parameters", f"{key}.$")):
        return True
    return scalar(at(state, "Arguments", key)).strip().startswith("{%")


def machine_arn(name: Node | str) -> Any:
    """The ARN of a state machine of this account."""
    return arn("states", "stateMachine:${name}", name=name)


def arn(service: str, rest: str, **values: Any) -> Any:
    """An ARN of this account and region; ``rest`` may hold ``${...}`` for the values."""
    start = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}"
    return {"Fn::Sub": [start, values]} if values else {"Fn::Sub": start}


def translated(node: Node | None, service: Service) -> Node | None:
    """A definition in which references to functions by their key are references to their resource."""
    if node is None or isinstance(node, Scalar):
        return node
    if isinstance(node, Sequence):
        listed = node
        return Sequence(
            node.document,
            node.start,
            node.end,
            lambda: [_inside(each, service) for each in listed.items],
            node.flow,
        )
    assert isinstance(node, Mapping)
    if call(node) is not None:
        return _reference(node, service)
    start = node
    return Mapping(
        node.document,
        node.start,
        node.end,
        lambda: ([(key, _inside(value, service)) for key, value in start.entries], []),
        node.flow,
    )


def _inside(node: Node, service: Service) -> Node:
    found = translated(node, service)
    assert found is not None
    return found


def _reference(node: Mapping, service: Service) -> Node:
    key, argument = node.entries[0]
    if key.value == "Ref" and isinstance(argument, Scalar):
        return mapping(node, [(key, _logical(argument, argument.value, "", service))])
    if key.value == "Fn::GetAtt":
        if isinstance(argument, Scalar):
            id, dot, attribute = argument.value.partition(".")
            return mapping(node, [(key, _logical(argument, id, dot + attribute, service))])
        listed = items(argument)
        if listed and isinstance(listed[0], Scalar):
            first = _logical(listed[0], listed[0].value, "", service)
            return mapping(node, [(key, sequence(argument, [first, *listed[1:]]))])
    return node


def _logical(at_: Scalar, id: str, rest: str, service: Service) -> Scalar:
    """A logical id, where it is the key of a function and no resource has that name."""
    own = service.resources.get("Resources") if service.resources is not None else None
    if service.function(id) is None or at(own, id) is not None:
        return at_
    return Scalar(at_.document, at_.start, at_.end, function_id(id) + rest, at_.style)
