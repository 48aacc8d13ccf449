"""Events that Lambda polls for a function, and where failed and finished invocations go.

https://www.serverless.com/framework/docs/providers/aws/events/sqs,
https://www.serverless.com/framework/docs/providers/aws/events/streams
"""

from __future__ import annotations

from ....source.tree import Mapping, Scalar
from ...grown import grow
from ...triggers import destinations, pollers
from ..naming import normalized
from ..service import at, is_null, is_truthy, may_be_settings, settings_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ....source.tree import Node
    from ....values.guard import Guard
    from ...stack import Function
    from ...triggers.invocation import Finder, Place
    from ..service import Declared, Event, Service

_KINDS = {
    "sqs": "sqs",
    "stream": "stream",
    "msk": "msk",
    "kafka": "kafka",
    "activemq": "mq",
    "rabbitmq": "mq",
}
_TARGETS = {"sqs": "sqs", "sns": "sns", "function": "lambda", "eventBus": "event-bus"}


def read(
    finder: Finder,
    service: Service,
    owner: tuple[Function, Declared],
    event: Event,
    node: Node | None,
    guard: Guard,
) -> None:
    """Adds the trigger of a queue, stream or broker, and where its failed batches go.

    Args:
        owner: the function, and how the service declares it.
        event: one of sqs, stream, msk, kafka, activemq and rabbitmq.
        node: its setting, alternatives resolved; None for none.
        guard: when it is so.
    """
    function, declared = owner
    settings = settings_of(node)
    arn = settings.get("arn") if settings is not None else node
    mapping = _mapping(service, declared, event, settings)
    for source, when in finder.sources(arn if event.kind != "kafka" else None, guard):
        kind, place = _KINDS[event.kind], (event.key, when, event.path)
        if kind == "stream":
            type = finder.word(at(settings, "type"))
            found = pollers.source_kind(finder, source[0]) if source[0] is not None else ""
            kind = type if type in ("dynamodb", "kinesis") else found or kind
        if kind == "sqs" and may_be_settings(node):
            finder.add(function, kind, place, (None, None), None)
        else:
            pollers.add_poller(finder, function, kind, place, source, mapping)
    failed = at(settings, "destinations", "onFailure")
    if failed is not None:
        here = (failed, guard, f"{event.path}.destinations.onFailure")
        send(finder, service, function, here, "esm-on-failure")


def _mapping(service: Service, declared: Declared, event: Event, settings: Mapping | None) -> Mapping:
    """The properties of the mapping that the framework makes, as far as they bound it."""
    found: dict[str, Any] = {}
    enabled = at(settings, "enabled")
    if enabled is not None:
        found["Enabled"] = enabled
    maximum = at(settings, "maximumConcurrency")
    if maximum is not None and is_truthy(maximum):
        found["ScalingConfig"] = {"MaximumConcurrency": maximum}
    provisioned = at(settings, "provisionedPollerConfig")
    if provisioned is not None and is_truthy(provisioned):
        found["ProvisionedPollerConfig"] = provisioned
    if event.kind == "sqs":
        found |= _laid_over(service, declared)
    node = grow(found, event.key)
    assert isinstance(node, Mapping)
    return node


def _laid_over(service: Service, declared: Declared) -> dict[str, Any]:
    """What the author's resources or extensions say of the mapping of a function's only queue."""
    if sum(event.kind == "sqs" for event in declared.events) != 1:
        return {}
    found: dict[str, Any] = {}
    start = f"{normalized(declared.name)}EventSourceMappingSQS"
    for section in ("Resources", "extensions"):
        resources = at(service.resources, section)
        for key, resource in resources.entries if isinstance(resources, Mapping) else ():
            properties = at(resource, "Properties")
            if key.value.startswith(start) and isinstance(properties, Mapping):
                found |= {name.value: value for name, value in properties.entries}
    return found


def send(finder: Finder, service: Service, function: Function, place: Place, use: str) -> None:
    """Adds a destination: a function's name, an ARN, or a mapping with type and arn.

    Args:
        place: the setting, when it stands there, and its path.
        use: on-failure, on-success or esm-on-failure.
    """
    setting, guard, path = place
    for node, when in finder.resolver.branches(setting, guard):
        settings = settings_of(node)
        target = settings.get("arn") if settings is not None else node
        if target is None or is_null(target):
            continue
        own = service.function(target.value) if isinstance(target, Scalar) else None
        if own is not None:
            text = finder.resolver.attribute(f"{own.id}.Arn")
            destinations.send(finder, function, text, (target, when, path), use, "lambda")
            continue
        kind = _TARGETS.get(finder.word(at(settings, "type")) or "", "")
        there = (target, when, f"{path}.arn" if settings is not None else path)
        destinations.read(finder, [(function, function.guard)], there, use, kind)
