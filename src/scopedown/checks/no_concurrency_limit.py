"""no-concurrency-limit: a trigger can drive a function as far as the account allows.

What counts depends on the trigger: streams, schedules and brokers bound themselves; queues, topics, buckets
and open endpoints do not. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

from ..rulebook.context import several
from ..template.cloudformation import role_unset
from ..values.guard import ALWAYS, NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding, Unresolved
    from ..template.stack import Function, Stack, Trigger
    from ..template.triggers.backends import Backends
    from ..values.guard import Guard

    Open = tuple[Trigger, Guard]  # a trigger without bound, and when it is so

# Kinds of trigger and what they are called. Kinds that are not here bound themselves, should not be bounded
# (authorizers, Cognito, custom resources), or are bounded in a state machine's Map.
_APIS = {"rest-api": "REST API", "http-api": "HTTP API", "websocket-api": "WebSocket API"}
_SYNCHRONOUS = {**_APIS, "function-url": "its function URL", "alb": "load balancer", "appsync": "AppSync API"}
_DRIVERS = {
    **_SYNCHRONOUS,
    "sns": "topic",
    "s3": "bucket",
    "event-pattern": "event rule",
    "iot": "IoT rule",
    "logs": "log group",
    "sqs": "queue",
}
# Reserved concurrency is not for these: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/
# lambda-at-edge-function-restrictions.html
_ELSEWHERE = ("edge", "capacity-provider")
# Services whose backends take a limited number of connections; ``backends`` looks closer.
_LIMITED = (
    "AWS::RDS::",
    "AWS::DocDB::",
    "AWS::Neptune::",
    "AWS::Redshift::",
    "AWS::ElastiCache::",
    "AWS::MemoryDB::",
)
_RESERVED = "ReservedConcurrentExecutions"
# The APIs that SAM makes for events that name none, and their section of Globals.
_IMPLICIT = {"ServerlessRestApi": "Api", "ServerlessHttpApi": "HttpApi"}
# The APIs that the Serverless Framework makes, and the stage whose settings a service can replace.
_MADE = {"ApiGatewayRestApi": "", "HttpApi": "HttpApiStage", "WebsocketsApi": "WebsocketsDeploymentStage"}


def check(context: Context) -> Iterator[Finding | Unresolved]:
    """One finding per function that a trigger can drive without bound; else a record of what is not known."""
    backends: Backends | None = None
    limited = any(resource.type.startswith(_LIMITED) for resource in context.stack.resources.values())
    for function in context.stack.functions:
        open_, unknown = _judge(context.stack, function)
        if open_:
            if limited and backends is None:
                from ..template.triggers.backends import Backends

                backends = Backends(context.stack)
            backend = backends.reached_by(function) if backends is not None else None
            yield _finding(context, function, open_, backend)
        elif unknown:
            yield _unresolved(context, function, unknown[0])


def _judge(stack: Stack, function: Function) -> tuple[list[Open], list[Trigger]]:
    """The triggers without bound, each with when it is so, and those that nobody can tell about."""
    open_: list[Open] = []
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


def _finding(context: Context, function: Function, open_: list[Open], backend: str | None) -> Finding:
    # What always holds says more than what holds in a branch.
    sources = _by_source(sorted(open_, key=lambda pair: not function.guard.implies(pair[1])))
    guard = NEVER
    for _, when in open_:
        if not when.implies(guard):
            guard = guard.or_(when)
    if function.guard.implies(guard):
        guard = function.guard
    database = f", which connects to {backend}," if backend else ""
    places = dict.fromkeys(trigger.node for source in sources for trigger, _ in source)
    related = [(node, "invokes it without bound") for node in list(places)[:3]]
    if backend:
        related.append((context.stack.resources[backend].key, "takes a limited number of connections"))
    remedy = _remedy(context.stack, [trigger for trigger, _ in open_])
    keys = tuple(_key(found[0][0]) for found in sources)
    alike = not backend and all(kind in _APIS for kind, _ in keys)
    return context.finding(
        function.resource.key,
        f"{_drivers(sources, guard)} can drive {function.label}{database} without bound; {remedy}",
        resource=function.resource.owner,
        path=function.resource.path,
        guard=guard.display(),
        identity=("function",),
        related=related,
        note="no reserved concurrency",
        severity="medium" if backend else None,
        # Functions of the same APIs are told together, where they differ in nothing else.
        cause=(keys, guard.display(), remedy) if alike else None,
    )


def _by_source(open_: list[Open]) -> list[list[Open]]:
    """The triggers by what invokes: routes of one API stand together, and the alternatives of one event."""
    sources: dict[tuple[str, str], list[Open]] = {}
    places: dict[str, tuple[str, str]] = {}
    for pair in open_:
        key = places.setdefault(pair[0].path, _key(pair[0]))
        sources.setdefault(key, []).append(pair)
    return list(sources.values())


def _key(trigger: Trigger) -> tuple[str, str]:
    """One key for the triggers that one source makes."""
    from ..template.triggers.invocation import key_of

    return trigger.kind, trigger.source_id or key_of(trigger.source) or trigger.path


# -- what drives it ----------------------------------------------------------------------------------


def _drivers(sources: list[list[Open]], guard: Guard) -> str:
    """The first source in words, with its routes and the number of the others."""
    (trigger, when), *_ = sources[0]
    words = _driver(trigger)
    if trigger.kind in _APIS:
        routes = len({found.path for found, _ in sources[0]})
        words += f" ({routes} routes)" if routes > 1 else ""
    elif _name(trigger) and not guard.implies(when):
        words += f" (when {when.display()})"
    others = len(sources) - 1
    return f"{words} and {others} other trigger{'s' if others > 1 else ''}" if others else words


def _driver(trigger: Trigger) -> str:
    word = _DRIVERS[trigger.kind]
    if trigger.kind == "function-url":
        return word
    if _is_made(trigger):
        return f"the {word}"
    if _is_construct(trigger):
        return f"{word} {trigger.path.split('.')[1]}"
    name = _name(trigger)
    if name:
        return f"{word} {name}"
    # What it is called is not known here: the event or the resource that makes it stands for it.
    event = trigger.path.partition(".Properties.Events.")[2]
    if event:
        # SAM makes a rule of such an event.
        return (
            f"{word} {event}" if trigger.kind in ("event-pattern", "iot") else f"the {word} of event {event}"
        )
    if _is_resource(trigger):
        return f"the {word} of {trigger.path.split('.')[1]}"
    place = trigger.path.rpartition(".")[0].rpartition(".")[2]
    return f"the {word} of {place}" if place.startswith("events[") else f"the {word}"


def _is_made(trigger: Trigger) -> bool:
    """Whether the framework makes the API for the events of a service, under a name that stands nowhere."""
    return not _is_resource(trigger) and trigger.source_id in _MADE


def _is_resource(trigger: Trigger) -> bool:
    return trigger.path.startswith("Resources.")


def _is_construct(trigger: Trigger) -> bool:
    """Whether it is the queue of a construct: https://github.com/getlift/lift/blob/master/docs/queue.md."""
    return trigger.kind == "sqs" and trigger.path.startswith("constructs.")


def _name(trigger: Trigger) -> str:
    """What the source is called: its logical id or its name; "" where only deployment knows."""
    literal = trigger.source.literal if trigger.source is not None else None
    if trigger.source is None or (trigger.source_id and literal is None):
        return trigger.source_id or ""
    hole = trigger.source.hole
    if hole is not None:
        return f"in parameter {hole.resource}" if hole.kind == "parameter" else hole.resource
    shown = trigger.source.display().removesuffix(":*")
    # Of an ARN with pseudo parameters the name is enough.
    name = shown if "${" not in shown else shown.rpartition(":")[2]
    return "" if "${" in name or "*" in name else name


# -- what bounds it ----------------------------------------------------------------------------------


def _remedy(stack: Stack, triggers: list[Trigger]) -> str:
    """What to set: on the trigger where that bounds all of them, else a reservation."""
    reserved = _RESERVED if stack.packaged is None else "reservedConcurrency"
    kinds = {trigger.kind for trigger in triggers}
    queues = [trigger for trigger in triggers if trigger.kind == "sqs" and _has_mapping(stack, trigger)]
    if len(queues) == len(triggers):
        setting, place = _maximum(stack, queues)
        number = "the" if len({trigger.path for trigger in queues}) == 1 else "each"
        return f"set {setting} (2 to 1000) on {number} {place}"
    if queues:
        # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html: pollers do not look at it
        setting, place = _maximum(stack, queues)
        return f"set {reserved}, and {setting.rpartition('.')[2]} on the queue's {place.removeprefix('sqs ')}"
    if not kinds <= _SYNCHRONOUS.keys():
        return f"set {reserved}"
    throttle = _throttle(stack, triggers)
    where = f"ThrottlingRateLimit and ThrottlingBurstLimit in {throttle}, or " if throttle else ""
    how = "from a parameter per stage" if stack.packaged is None else "with a value per stage"
    return f"set {where}{reserved} {how}"


def _maximum(stack: Stack, queues: list[Trigger]) -> tuple[str, str]:
    """The setting that bounds what queues drive, and where it stands."""
    packaged = stack.packaged
    if packaged is None or any(_is_resource(trigger) for trigger in queues):
        return "ScalingConfig.MaximumConcurrency", "event source"
    if all(_is_construct(trigger) for trigger in queues):
        return "maxConcurrency", "construct"
    if packaged.service.framework.semantics < 3:
        # Only version 3 of the framework takes it in an event.
        return "ScalingConfig.MaximumConcurrency", "event source in resources.extensions"
    return "maximumConcurrency", "sqs event"


def _has_mapping(stack: Stack, trigger: Trigger) -> bool:
    """Whether a queue's event source has ScalingConfig.

    A pipe has no such setting, nor has the mapping that SAM writes for an SqsSubscription.
    """
    from ..template.triggers.invocation import Finder

    owner, _, event = trigger.path.partition(".Properties.Events.")
    maker = stack.resources.get(owner.split(".")[1])
    if maker is None or not event:
        return maker is None or maker.type != "AWS::Pipes::Pipe"
    finder = Finder(stack)
    types = finder.at(maker.properties, ("Events", event, "Type"), ALWAYS, "")
    return all(finder.word(node) != "SNS" for node, _, _ in types)


def _throttle(stack: Stack, triggers: list[Trigger]) -> str:
    """Where throttles for all of these could stand, in words; "" where the template has no place for one."""
    settings: dict[str, list[str]] = {}
    for kind, id in dict.fromkeys(_key(trigger) for trigger in triggers):
        places = _places(stack, kind, id) if kind in _APIS else {}
        if not places:
            return ""
        for setting, ids in places.items():
            settings.setdefault(setting, []).extend(ids)
    return several([f"{setting} of {several(ids)}" if ids else setting for setting, ids in settings.items()])


def _places(stack: Stack, kind: str, id: str) -> dict[str, list[str]]:
    """The settings that could hold an API's throttle, and the resources that have them."""
    setting = "MethodSettings" if kind == "rest-api" else "DefaultRouteSettings"
    if stack.packaged is not None and id in _MADE:
        stage = _MADE[id]
        return {f"resources.extensions.{stage}.Properties.{setting}": []} if stage else {}
    api = stack.resources.get(id)
    if api is None:
        return {f"Globals.{_IMPLICIT[id]}.{setting}": []} if id in _IMPLICIT else {}
    if api.type.startswith("AWS::Serverless::"):
        return {setting: [id]}
    from ..template.triggers.api_throttles import open_stages

    return open_stages(stack, id)


def _unresolved(context: Context, function: Function, trigger: Trigger) -> Unresolved:
    within = "template" if context.stack.packaged is None else "service"
    if trigger.kind == "unresolved":
        reason = f"what invokes it stands outside the {within}"
        if not _is_resource(trigger):
            event = trigger.path.rpartition("].")[2]
            plugin = "." not in event
            reason = f"'{event}' is no event of the framework" if plugin else "its events are not known here"
    elif trigger.kind in _APIS and not _is_made(trigger):
        reason = f"the stage of {_driver(trigger)} stands outside the {within}, and so would its throttle"
    else:
        reason = f"whether anything bounds {_driver(trigger)} is known only at deployment"
    return context.unresolved(
        f"concurrency of {function.label}",
        reason,
        trigger.node,
        function.resource.owner,
        trigger.path,
    )
