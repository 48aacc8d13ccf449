"""Where results of functions go: a destination as written in, the permission to send there out.

https://www.serverless.com/framework/docs/providers/aws/guide/functions#destinations
"""

from __future__ import annotations

from ....source.tree import Mapping
from ..texts import GAP, is_string, known, substituted
from .events import FUNCTION_ARN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ....source.tree import Node
    from ..service import Service

_TYPES = {
    "function": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "eventBus": "events:PutEvents",
}
_MARKS = ((":function:", "function"), (":sqs:", "sqs"), (":sns:", "sns"), (":event-bus/", "eventBus"))


def target(service: Service, node: Node) -> tuple[str, Any] | str:
    """The (action, resource) that sending to a destination needs.

    Args:
        service: knows the functions that a destination may name.
        node: a function's name, an ARN, or a mapping with type and arn.

    Returns:
        Why it cannot be told, where it cannot.
    """
    if isinstance(node, Mapping) and not is_string(node):
        return _typed(service, node)
    text = known(node)
    if text.startswith("arn:"):
        kind = next((kind for mark, kind in _MARKS if mark in text), None)
        if kind is not None:
            return _TYPES[kind], node
        return "what it is is known only when it is deployed" if GAP in text else "the framework refuses it"
    if GAP in text:
        return "whether it is an ARN or a function's name is known only when it is deployed"
    function = service.function(text)
    if function is None:
        return "the service has no function of that name"
    return _TYPES["function"], _function(service, function)


def _typed(service: Service, node: Mapping) -> tuple[str, Any] | str:
    if service.framework.semantics < 3:
        return "only version 3 of the framework takes more than a string"
    type, arn = known(node.get("type")), node.get("arn")
    if type not in _TYPES or arn is None:
        return "it says no type and arn that the framework knows"
    return _TYPES[type], arn


def _function(service: Service, function: Any) -> Any:
    """A function's ARN; osls names the alias too where one is invoked."""
    alias = ""
    if service.framework.name == "osls":
        from ..service import is_truthy

        if service.framework.major >= 4 and is_truthy(function.get("durableConfig")):
            alias = ":durable"
        elif is_truthy(function.get("provisionedConcurrency")):
            alias = ":provisioned"
        elif is_truthy(function.get("snapStart")):
            alias = ":snapstart"
    return substituted(FUNCTION_ARN, service.function_name(function), alias)
