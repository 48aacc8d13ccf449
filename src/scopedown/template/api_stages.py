"""Stages, deployments and usage plans of API Gateway: where an API can be called, and how often."""

from __future__ import annotations

from ..source.tree import Mapping
from ..values.guard import ALWAYS
from .api_throttles import (
    ANY,
    THROTTLING,
    Limit,
    Stage,
    method_settings,
    plan_limits,
    plan_method_limits,
    rates,
    route_settings,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .api_triggers import Apis
    from .stack import Resource


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
