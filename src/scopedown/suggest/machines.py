"""State machines: a definition comes in, the calls that it makes on resources of the template go out.

Only definitions of which every task is understood are told: what a role may lose must be certain.
https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

from __future__ import annotations

from ..source.tree import Mapping, Scalar, Sequence
from ..values.intrinsics import call
from .graph import references
from .links import Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source.tree import Node
    from ..template.stack import Resource, Stack

# Integration to the action that it calls and the argument that names the target.
_INTEGRATIONS = {
    "lambda:invoke": ("lambda:InvokeFunction", "FunctionName"),
    "sqs:sendMessage": ("sqs:SendMessage", "QueueUrl"),
    "sns:publish": ("sns:Publish", "TopicArn"),
    "events:putEvents": ("events:PutEvents", "EventBusName"),
    "dynamodb:getItem": ("dynamodb:GetItem", "TableName"),
    "dynamodb:putItem": ("dynamodb:PutItem", "TableName"),
    "dynamodb:updateItem": ("dynamodb:UpdateItem", "TableName"),
    "dynamodb:deleteItem": ("dynamodb:DeleteItem", "TableName"),
    "states:startExecution": ("states:StartExecution", "StateMachineArn"),
}
_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_QUIET = ("Pass", "Choice", "Wait", "Succeed", "Fail")


def calls(stack: Stack, machine: Resource) -> list[Link] | None:
    """What a state machine calls, each resource with the only action that it is called with.

    Returns:
        None where the definition is not in the template, or something in it is not understood.
    """
    definition = machine.properties.get("Definition") if machine.properties is not None else None
    found: list[Link] = []
    for state in _states(definition):
        link = _links(stack, machine, state)
        if link is None:
            return None
        found += link
    return found or None


def _states(node: Node | None) -> Iterator[Node | None]:
    """The states of a definition and of the definitions within it; None for what cannot be followed."""
    states = node.get("States") if isinstance(node, Mapping) and call(node) is None else None
    if not isinstance(states, Mapping) or call(states) is not None:
        yield None
        return
    for _, state in states.entries:
        yield state
        kind = _text(state.get("Type")) if isinstance(state, Mapping) else ""
        if isinstance(state, Mapping) and kind == "Parallel":
            branches = state.get("Branches")
            for branch in branches.items if isinstance(branches, Sequence) else [None]:
                yield from _states(branch)
        elif isinstance(state, Mapping) and kind == "Map":
            yield from _states(state.get("ItemProcessor") or state.get("Iterator"))


def _links(stack: Stack, machine: Resource, state: Node | None) -> list[Link] | None:
    """The calls of one state; None where they are not known."""
    if not isinstance(state, Mapping) or call(state) is not None:
        return None
    kind = _text(state.get("Type"))
    if kind in _QUIET or kind == "Parallel":
        return []
    if kind == "Map":
        processor = state.get("ItemProcessor")
        settings = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
        read = any(state.get(key) is not None for key in ("ItemReader", "ResultWriter"))
        return None if read or settings is not None else []
    if kind != "Task" or state.get("Credentials") is not None:
        return None
    resource = state.get("Resource")
    if isinstance(resource, Mapping):
        return _named(stack, machine, resource, "lambda:InvokeFunction")
    word = _text(resource).rpartition(":states:::")[2].removesuffix(".waitForTaskToken")
    arguments = state.get("Parameters") or state.get("Arguments")
    if word not in _INTEGRATIONS or not isinstance(arguments, Mapping):
        return None
    action, key = _INTEGRATIONS[word]
    if word != "events:putEvents":
        return _named(stack, machine, arguments.get(key), action)
    entries = arguments.get("Entries")
    found: list[Link] = []
    for entry in entries.items if isinstance(entries, Sequence) else [None]:
        more = _named(stack, machine, entry.get(key) if isinstance(entry, Mapping) else None, action)
        if more is None:
            return None
        found += more
    return found


def _named(stack: Stack, machine: Resource, node: Node | None, action: str) -> list[Link] | None:
    """The call on the one resource that an argument names."""
    if not isinstance(node, Mapping) or call(node) is None:
        return None
    ids = {id: place for id, _, place in references(node) if id in stack.resources}
    if len(ids) != 1 or len(references(node)) != 1:
        return None
    ((id, place),) = ids.items()
    target = stack.resources[id]
    if action == "lambda:InvokeFunction" and target.type not in _FUNCTIONS:
        return None
    return [Link(target, "target", frozenset((action,)), (place.span, f"{machine.id} calls {id}"))]


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Scalar) else ""
