"""no-concurrency-limit: a trigger can drive a function as far as the account allows.

What counts depends on the trigger: streams, schedules and brokers bound themselves; queues, topics, buckets
and open endpoints do not. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

from ..template.cloudformation import role_unset
from ..values.guard import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding, Unresolved
    from ..template.backends import Backends
    from ..template.stack import Function, Stack, Trigger
    from ..values.guard import Guard

_RESERVE = "set ReservedConcurrentExecutions"
_SYNCHRONOUS = "set ReservedConcurrentExecutions from a parameter per stage"
_STAGE = "set ThrottlingRateLimit in the stage's"
# Kind of trigger to (what it is called, what bounds it). Kinds that are not here bound themselves, should not
# be bounded (authorizers, Cognito, custom resources), or are bounded in a state machine's Map.
_DRIVERS = {
    "rest-api": ("REST API", f"{_STAGE} MethodSettings, or {_SYNCHRONOUS[4:]}"),
    "http-api": ("HTTP API", f"{_STAGE} DefaultRouteSettings, or {_SYNCHRONOUS[4:]}"),
    "websocket-api": ("WebSocket API", f"{_STAGE} DefaultRouteSettings, or {_SYNCHRONOUS[4:]}"),
    "function-url": ("its function URL", _SYNCHRONOUS),
    "alb": ("load balancer", _SYNCHRONOUS),
    "appsync": ("AppSync API", _SYNCHRONOUS),
    "sns": ("topic", _RESERVE),
    "s3": ("bucket", _RESERVE),
    "event-pattern": ("event rule", _RESERVE),
    "iot": ("IoT rule", _RESERVE),
    "logs": ("log group", _RESERVE),
    "sqs": ("queue", "set ScalingConfig.MaximumConcurrency (2 to 1000) on the event source"),
}
# Reserved concurrency is not for these: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/
# lambda-at-edge-function-restrictions.html
_ELSEWHERE = ("edge", "capacity-provider")


def check(context: Context) -> Iterator[Finding | Unresolved]:
    """One finding per function that a trigger can drive without bound; else a record of what is not known."""
    backends: Backends | None = None
    for function in context.stack.functions:
        open_, unknown = _judge(context.stack, function)
        if open_:
            if backends is None:
                from ..template.backends import Backends

                backends = Backends(context.stack)
            yield _finding(context, function, open_, backends.reached_by(function))
        elif unknown:
            yield _unresolved(context, function, unknown[0])


def _judge(stack: Stack, function: Function) -> tuple[list[tuple[Trigger, Guard]], list[Trigger]]:
    """The triggers without bound, each with when it is so, and those that nobody can tell about."""
    open_: list[tuple[Trigger, Guard]] = []
    unknown: list[Trigger] = []
    # A reservation bounds every trigger, whatever its number; only where there is none the trigger counts.
    unset = role_unset(stack, function.reserved_node, function.guard)
    for trigger in function.triggers:
        if trigger.kind in _ELSEWHERE:
            unset = unset.and_(trigger.guard.not_())
    for trigger in function.triggers:
        if trigger.bounded or (trigger.kind not in _DRIVERS and trigger.kind != "unresolved"):
            continue
        guard = trigger.guard.and_(unset)
        if guard.is_never:
            continue
        if trigger.bounded is None:
            unknown.append(trigger)
        else:
            open_.append((trigger, guard))
    return open_, unknown


def _finding(
    context: Context, function: Function, open_: list[tuple[Trigger, Guard]], backend: str | None
) -> Finding:
    # What always holds says more than what holds in a branch.
    (trigger, _), *others = sorted(open_, key=lambda pair: not function.guard.implies(pair[1]))
    others = [pair for pair in others if pair[0].path != trigger.path]
    guard = NEVER
    for _, when in open_:
        if not when.implies(guard):
            guard = guard.or_(when)
    if function.guard.implies(guard):
        guard = function.guard
    also = f" (and {len(others)} more)" if others else ""
    database = f", which connects to {backend}," if backend else ""
    related = [(found.node, "invokes it without bound") for found, _ in [(trigger, guard), *others][:3]]
    if backend:
        related.append((context.stack.resources[backend].key, "takes a limited number of connections"))
    return context.finding(
        function.resource.key,
        f"{_driver(trigger)}{also} can drive {function.label}{database} without bound; "
        f"{_remedy(context.stack, trigger, others)}",
        resource=function.id,
        path=f"Resources.{function.resource.id}",
        guard=guard.display(),
        identity=("function",),
        related=related,
        note="no reserved concurrency",
        severity="medium" if backend else None,
    )


def _driver(trigger: Trigger) -> str:
    word = _DRIVERS[trigger.kind][0]
    if trigger.kind == "function-url":
        return word
    hole = trigger.source.hole if trigger.source is not None else None
    if trigger.source_id:
        return f"{word} {trigger.source_id}"
    if trigger.source is not None and (hole is None or hole.resource):
        return f"{word} {hole.resource if hole is not None else trigger.source.display()}"
    # What it is called is not known here: the event or the resource that makes it stands for it.
    owner, _, event = trigger.path.partition(".Properties.Events.")
    return f"{word} {event}" if event else f"the {word} of {owner.split('.')[1]}"


def _remedy(stack: Stack, trigger: Trigger, others: list[tuple[Trigger, Guard]]) -> str:
    kinds = {trigger.kind, *(found.kind for found, _ in others)}
    if kinds == {"sqs"}:
        maker = stack.resources.get(trigger.path.split(".")[1])
        # A pipe has no such setting, nor has the mapping that SAM writes for an SqsSubscription.
        if maker is not None and maker.type == "AWS::Pipes::Pipe":
            return _RESERVE
        return _DRIVERS["sqs"][1]
    if "sqs" in kinds:
        return f"{_RESERVE}, and MaximumConcurrency on the queue's event source"
    return _DRIVERS[trigger.kind][1]


def _unresolved(context: Context, function: Function, trigger: Trigger) -> Unresolved:
    if trigger.kind == "unresolved":
        reason = "what invokes it stands outside the template"
    else:
        reason = f"the stage of {_driver(trigger)} stands outside the template, and so would its throttle"
    return context.unresolved(
        f"concurrency of {function.label}",
        reason,
        trigger.node,
        function.id,
        trigger.path,
    )
