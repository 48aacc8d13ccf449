"""What the framework adds to roles by itself, from settings and events of functions.

The order is the framework's: who changes the default role in ``resources`` counts its statements.

https://www.serverless.com/framework/docs/providers/aws/guide/functions
"""

from __future__ import annotations

from ....source.tree import Mapping
from ..service import at, is_null, is_truthy
from ..texts import GAP, is_string, known, plain, substituted, where_set
from . import events as event_statements
from . import logs as log_statements
from . import streams as stream_statements
from .events import FUNCTION_ARN, say_all, trusting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ....source.tree import Node
    from ..framework import Framework
    from ..packaged import MadeRole, Packaged
    from ..roles import Roles
    from ..service import Declared, Service

# Settings for which a function gets a version whatever else is said.
_VERSIONED = ("provisionedConcurrency", "snapStart", "durableConfig")
_DURABLE = "service-role/AWSLambdaBasicDurableExecutionRolePolicy"


# -- settings ----------------------------------------------------------------------------------------------


def settings(roles: Roles, role: MadeRole) -> None:
    """Adds to the default role what functions' settings ask for."""
    framework = roles.service.framework
    if framework.name == "osls" and framework.major >= 4:
        _durable_statement(roles, role)
    waiting: list[Declared] = []
    sent: set[Any] = set()
    for function in roles.service.functions:
        feeds = roles.feeds_shared(function)
        if feeds:
            topic(role, function)
            decryption(role, roles.service, function)
        tracing(role, roles.service, function)
        if framework.is_v4 and not is_truthy(function.get("role")):
            durable(role, function)
        if feeds:
            files(role, framework, function)
            if framework.semantics >= 3 and _is_versioned(roles.service, function):
                waiting.append(function)
            elif not is_truthy(function.get("role")):
                destinations(roles.packaged, role, function, sent)
    # From version 3 on the framework first reads the code of functions that get a version.
    for function in waiting:
        if not is_truthy(function.get("role")):
            destinations(roles.packaged, role, function, sent)


def _is_versioned(service: Service, function: Declared) -> bool:
    needs = any(is_truthy(function.get(key)) for key in _VERSIONED)
    if needs or event_statements.of_kind(function, "cloudFront"):
        return True
    own = function.get("versionFunction")
    said = own if not is_null(own) else service.provider.get("versionFunctions")
    return is_null(said) or is_truthy(said)


def topic(role: MadeRole, function: Declared) -> None:
    """``onError``: sending to a topic; where it is a CloudFormation function nothing is added."""
    node = function.get("onError")
    if is_truthy(node) and is_string(node):
        statement = {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": [node]}
        place = function.place("onError"), f"{function.path}.onError"
        role.say(where_set(statement, node), *place, "onError")


def key_of(service: Service, function: Declared) -> tuple[Node, Node, str] | None:
    """The key that encrypts a function's environment: (ARN, where it is written, path)."""
    semantics = service.framework.semantics
    whole = service.root.get("service")
    places = [(function.node, "kmsKeyArn", function.path)] if semantics >= 2 else []
    places += [(function.node, "awsKmsKeyArn", function.path)] if semantics <= 2 else []
    places += [(service.provider, "kmsKeyArn", "provider")] if semantics >= 2 else []
    if semantics <= 2 and isinstance(whole, Mapping):
        places.append((whole, "awsKmsKeyArn", "service"))
    for holder, name, path in places:
        node = holder.get(name)
        if node is not None and is_truthy(node):
            return node, holder.key_node(name) or function.key, f"{path}.{name}"
    return None


def decryption(role: MadeRole, service: Service, function: Declared) -> None:
    """``kmsKeyArn``: decrypting with the key, once; a CloudFormation function adds nothing."""
    found = key_of(service, function)
    if found is not None and is_string(found[0]):
        statement = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [found[0]]}
        role.say_once(where_set(statement, found[0]), found[1], found[2], "kmsKeyArn")


def tracing(role: MadeRole, service: Service, function: Declared) -> None:
    """``tracing``: sending traces, once."""
    node = function.get("tracing")
    place: tuple[Node, str] = function.place("tracing"), f"{function.path}.tracing"
    holder = service.provider.get("tracing")
    if not is_truthy(node) and isinstance(holder, Mapping):
        node = holder.get("lambda")
        place = holder.key_node("lambda") or function.key, "provider.tracing.lambda"
    if is_truthy(node):
        actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        statement = {"Effect": "Allow", "Action": actions, "Resource": ["*"]}
        role.say_once(where_set(statement, node), *place, "tracing")


def files(role: MadeRole, framework: Framework, function: Declared) -> None:
    """``fileSystemConfig``: mounting a file system and writing to it."""
    arn = function.get("fileSystemConfig", "arn")
    if arn is None or not is_truthy(arn):
        return
    kind = known(function.get("fileSystemConfig", "type")).strip(GAP)
    if not kind and is_string(arn) and ":s3files:" in known(arn):
        kind = "s3files"
    prefix = "s3files" if framework.is_v4 and kind == "s3files" else "elasticfilesystem"
    actions = [f"{prefix}:ClientMount", f"{prefix}:ClientWrite"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": [arn]}
    path = f"{function.path}.fileSystemConfig"
    role.say(statement, function.place("fileSystemConfig"), path, "fileSystemConfig")


def durable(role: MadeRole, function: Declared) -> None:
    """``durableConfig``: the managed policy that version 4 attaches, once."""
    if is_truthy(function.get("durableConfig")) and all(
        getattr(each, "name", "") != _DURABLE for each in role.managed
    ):
        role.attach(_DURABLE, function.place("durableConfig"), f"{function.path}.durableConfig")


def _durable_statement(roles: Roles, role: MadeRole) -> None:
    """``durableConfig`` as osls knows it: one statement for all functions that have no role of their own."""
    functions = [
        each
        for each in roles.service.functions
        if is_truthy(each.get("durableConfig")) and not is_truthy(each.get("role"))
    ]
    if functions:
        first = functions[0]
        names = [roles.service.function_name(each) for each in functions]
        resources = [substituted(FUNCTION_ARN, name, ":*/durable-execution/*/*") for name in names]
        actions = ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"]
        statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
        role.say(statement, first.place("durableConfig"), f"{first.path}.durableConfig", "durableConfig")


def destinations(
    packaged: Packaged, role: MadeRole, function: Declared, sent: set[Any] | None = None
) -> None:
    """``destinations``: sending to where results and failures of a function go.

    Args:
        packaged: takes targets that cannot be told.
        role: gets the statements.
        function: whose destinations are meant.
        sent: targets that the role has a statement for already; None: every one gets its own.
    """
    node = function.get("destinations")
    if node is None:
        return
    from .targets import target

    for name in ("onSuccess", "onFailure"):
        value = at(node, name)
        if value is None or not is_truthy(value):
            continue
        seen = plain(value) or id(value)
        if sent is not None and seen in sent:
            continue
        path = f"{function.path}.destinations.{name}"
        found = target(packaged.service, value)
        if isinstance(found, str):
            packaged.note("destination", found, value, function.name, path)
            continue
        action, resource = found
        if sent is not None:
            sent.add(seen)
        key = node.key_node(name) if isinstance(node, Mapping) else None
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        role.say(statement, key or value, path, "destinations")


# -- events ------------------------------------------------------------------------------------------------


def events(roles: Roles, role: MadeRole) -> None:
    """Adds to the default role what functions' events ask for, kind by kind as the framework does."""
    packaged, service = roles.packaged, roles.service
    framework = service.framework
    feeding = [each for each in service.functions if roles.feeds_shared(each)]
    if framework.semantics >= 3:
        trusting(role, event_statements.schedules(service, feeding), "scheduler.amazonaws.com")
    if not is_truthy(at(service.provider, "apiGateway", "websocketApiId")):
        say_all(role, [need for each in service.functions for need in event_statements.connections(each)][:1])
    for each in feeding:
        say_all(role, stream_statements.needs(packaged, each))
    if framework.semantics >= 2:
        for builder in _POLLED:
            for each in feeding:
                say_all(role, builder(each))
    if framework.semantics >= 3:
        say_all(role, event_statements.queues(feeding))
    else:
        for each in feeding:
            say_all(role, event_statements.queues([each]))
    tags = log_statements.tags_logs(framework)
    edge = [need for each in service.functions for need in event_statements.edge(each, tags)][:1]
    trusting(role, edge, "edgelambda.amazonaws.com")


_POLLED = (
    event_statements.kafka,
    event_statements.activemq,
    event_statements.rabbitmq,
    event_statements.clusters,
)
