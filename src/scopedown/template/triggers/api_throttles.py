"""Stages, deployments and usage plans of API Gateway: where an API can be called, and how often.

Resources and properties come in; limits are added to the stages and plans of an ``apis.Api``.
"""

from __future__ import annotations

from ...source.tree import Mapping
from ...values.guard import ALWAYS
from ...values.intrinsics import call
from .apis import ANY, Apis, Limit, Stage, route_key
from .invocation import Finder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Node
    from ...values.guard import Guard
    from ...values.text import Text
    from ..stack import Resource, Stack


def rates(
    finder: Finder, settings: Node | None, guard: Guard, names: tuple[str, str]
) -> list[tuple[Guard, str]]:
    """When a setting limits the rate or the burst, and to what; -1 stands for no limit."""
    found = []
    for block, when in finder.resolver.branches(settings, guard):
        if not isinstance(block, Mapping):
            continue
        for name in names:
            elements = finder.resolver.elements(block.get(name), when)
            found += [
                (element.guard, element.origin.display())
                for element in elements
                if not (element.text.literal or "").startswith("-")
            ]
    return found


THROTTLING = ("ThrottlingRateLimit", "ThrottlingBurstLimit")
_PLAN = ("RateLimit", "BurstLimit")


def method_settings(finder: Finder, node: Node | None, guard: Guard) -> list[Limit]:
    """The limits in the MethodSettings of a REST API's stage.

    A path is written with ``~1`` for its inner slashes and ``/*`` for all paths; ``*`` is every method.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html
    """
    limits = []
    for member, when in finder.resolver.members(node, guard):
        if not isinstance(member, Mapping) or call(member) is not None:
            limits.append(Limit(None, None, when, ""))
            continue
        method = finder.word(member.get("HttpMethod"))
        path = _decoded(finder.word(member.get("ResourcePath")))
        for holds, text in rates(finder, member, when, THROTTLING):
            limits.append(Limit(path, method.upper() if method else None, holds, text))
    return limits


def _decoded(path: str | None) -> str | None:
    if path is None or path in ("/*", "*"):
        return None if path is None else ANY
    path = path.replace("~1", "/")
    return "/" + path.lstrip("/")


def route_settings(
    finder: Finder, properties: list[tuple[Node | None, Node | None]], guard: Guard
) -> list[Limit]:
    """The limits of an HTTP or WebSocket API's stage.

    Args:
        properties: pairs of (DefaultRouteSettings, RouteSettings), as several places may set them.
    """
    limits = []
    for default, routes in properties:
        limits += [Limit(ANY, ANY, when, text) for when, text in rates(finder, default, guard, THROTTLING)]
        for block, when in finder.resolver.branches(routes, guard):
            if isinstance(block, Mapping) and call(block) is None:
                for key, settings in block.entries:
                    for holds, text in rates(finder, settings, when, THROTTLING):
                        limits.append(Limit(route_key(key.value), ANY, holds, text))
            else:
                limits.append(Limit(None, ANY, when, ""))
    return limits


def plan_limits(
    finder: Finder, throttle: Node | None, guard: Guard, stage: Text | None = None
) -> list[Limit]:
    """The limits of a usage plan for all methods; they count where a method requires an API key."""
    found = rates(finder, throttle, guard, _PLAN)
    return [Limit(ANY, ANY, when, text, stage, True) for when, text in found]


def plan_method_limits(
    finder: Finder, throttle: Node | None, guard: Guard, stage: Text | None
) -> list[Limit]:
    """The limits that a usage plan sets method by method ("/pets/GET")."""
    limits = []
    for block, when in finder.resolver.branches(throttle, guard):
        if isinstance(block, Mapping):
            for key, settings in block.entries:
                path, _, method = key.value.rpartition("/")
                for holds, text in rates(finder, settings, when, _PLAN):
                    limits.append(Limit(path or "/", method.upper(), holds, text, stage, True))
    return limits


# -- resources ---------------------------------------------------------------------------------------


def _stage(apis: Apis, resource: Resource) -> None:
    properties, finder = resource.properties, apis.finder
    assert properties is not None
    name = apis.reference(properties.get("StageName"))
    stage = Stage(resource.id, resource.guard, name)
    if resource.type == "AWS::ApiGateway::Stage":
        api = apis.api(apis.reference(properties.get("RestApiId")))
        stage.add(method_settings(finder, properties.get("MethodSettings"), ALWAYS))
    else:
        api = apis.api(apis.reference(properties.get("ApiId")), "http-api")
        pair = (properties.get("DefaultRouteSettings"), properties.get("RouteSettings"))
        stage.add(route_settings(finder, [pair], ALWAYS))
    api.stages.append(stage)


def _deployment(apis: Apis, resource: Resource) -> None:
    """A deployment with a StageName makes a stage of its own (and with an empty one does not)."""
    properties, finder = resource.properties, apis.finder
    assert properties is not None
    name = properties.get("StageName")
    for element in finder.resolver.elements(name, resource.guard):
        stage = Stage(resource.id, element.guard, element.origin)
        for node, when in finder.resolver.branches(properties.get("StageDescription"), element.guard):
            if isinstance(node, Mapping):
                found = rates(finder, node, when, THROTTLING)
                stage.add(Limit(ANY, ANY, holds, text) for holds, text in found)
                stage.add(method_settings(finder, node.get("MethodSettings"), when))
        apis.api(apis.reference(properties.get("RestApiId"))).stages.append(stage)


def _plan(apis: Apis, resource: Resource) -> None:
    properties, finder = resource.properties, apis.finder
    assert properties is not None
    for member, when in finder.resolver.members(properties.get("ApiStages"), resource.guard):
        if isinstance(member, Mapping):
            api = apis.api(apis.reference(member.get("ApiId")))
            stage = apis.reference(member.get("Stage"))
            api.plans += plan_limits(finder, properties.get("Throttle"), when, stage)
            api.plans += plan_method_limits(finder, member.get("Throttle"), when, stage)


def _overrides(apis: Apis, resource: Resource) -> None:
    """What an API made by quick create is given beyond its defaults."""
    properties, finder = resource.properties, apis.finder
    assert properties is not None
    api = apis.api(apis.reference(properties.get("ApiId")), "http-api")
    stage = Stage(resource.id, ALWAYS)
    for node, when in finder.resolver.branches(properties.get("Stage"), resource.guard):
        if isinstance(node, Mapping):
            pair = (node.get("DefaultRouteSettings"), node.get("RouteSettings"))
            stage.add(route_settings(finder, [pair], when))
    api.stages.append(stage)


READERS = {
    "AWS::ApiGateway::Stage": _stage,
    "AWS::ApiGateway::Deployment": _deployment,
    "AWS::ApiGateway::UsagePlan": _plan,
    "AWS::ApiGatewayV2::Stage": _stage,
    "AWS::ApiGatewayV2::ApiGatewayManagedOverrides": _overrides,
}
_NO_STAGES = ("AWS::ApiGateway::UsagePlan", "AWS::ApiGatewayV2::ApiGatewayManagedOverrides")
_SETTINGS = {
    "AWS::ApiGateway::Stage": "MethodSettings",
    "AWS::ApiGateway::Deployment": "StageDescription",
    "AWS::ApiGatewayV2::Stage": "DefaultRouteSettings",
}


def open_stages(stack: Stack, id: str) -> dict[str, list[str]]:
    """Which settings of the stages of an API could hold a throttle for all routes.

    Args:
        id: logical id of an API Gateway API of the template.

    Returns:
        Ids of stages by the setting; empty where the template has no stage of it, as after quick create.
    """
    apis = Apis(Finder(stack))
    for type, reader in READERS.items():
        for resource in stack.of_type(type):
            if resource.properties is not None and type not in _NO_STAGES:
                reader(apis, resource)
    found: dict[str, list[str]] = {}
    stages = apis.api(apis.finder.resolver.reference(id)).stages
    # A stage with a throttle for everything needs none.
    bare = [stage for stage in stages if not any(limit.method == ANY for limit in stage.limits.get(ANY, ()))]
    for stage in bare or stages:
        found.setdefault(_SETTINGS[stack.resources[stage.id].type], []).append(stage.id)
    return found
