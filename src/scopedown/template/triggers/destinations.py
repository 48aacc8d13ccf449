"""Where functions send failed and finished invocations: dead-letter queues and destinations."""

from __future__ import annotations

from ..stack import Destination
from .invocation import service_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...values.guard import Guard
    from ...values.text import Text
    from ..stack import Function
    from .invocation import Finder, Place

_TYPES = {
    "AWS::SQS::Queue": "sqs",
    "AWS::SNS::Topic": "sns",
    "AWS::Lambda::Function": "lambda",
    "AWS::Lambda::Alias": "lambda",
    "AWS::Lambda::Version": "lambda",
    "AWS::Serverless::Function": "lambda",
    "AWS::Events::EventBus": "event-bus",
    "AWS::S3::Bucket": "s3",
}
_SERVICES = {"sqs": "sqs", "sns": "sns", "lambda": "lambda", "events": "event-bus", "s3": "s3"}


def read(
    finder: Finder, functions: Iterable[tuple[Function, Guard]], place: Place, use: str, kind: str = ""
) -> None:
    """Adds what an expression names as a destination of functions.

    Args:
        place: the expression, when it stands there, and its path.
        use: dlq, on-failure, on-success or esm-on-failure.
        kind: sqs, sns, lambda, event-bus or s3 where the template says it; else the ARN tells.
    """
    node, guard, path = place
    for element in finder.resolver.elements(node, guard):
        found = kind or _kind(finder, element.origin)
        for function, when in functions:
            send(finder, function, element.origin, (element.node, when.and_(element.guard), path), use, found)


def send(finder: Finder, function: Function, target: Text, place: Place, use: str, kind: str) -> None:
    """Adds one destination; a function that is sent to is invoked by it."""
    node, guard, path = place
    both = function.guard.and_(guard)
    if not both.is_never:
        function.destinations.append(Destination(kind, target, use, node, both))
        for invoked in finder.named(target):
            finder.add(invoked, "other", (node, both, path), bounded=None)


def _kind(finder: Finder, text: Text) -> str:
    resource = finder.stack.resources.get(finder.resource_of(text) or "")
    if resource is not None and resource.type in _TYPES:
        return _TYPES[resource.type]
    return _SERVICES.get(service_of(text), "unresolved")
