"""APIs: which methods and routes invoke a function, and whether a throttle covers them."""

from __future__ import annotations

import textwrap

import pytest

from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.template import cloudformation
from scopedown.template.stack import Stack

URI = "!Sub 'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${Orders.Arn}/invocations'"


def stack_of(template: str) -> Stack:
    """The stack of some resources beside a function Orders."""
    text = textwrap.dedent(
        """\
        Parameters: {Rate: {Type: Number}}
        Resources:
          Orders: {Type: AWS::Lambda::Function, Properties: {Role: 'arn:aws:iam::111122223333:role/orders'}}
        """
    ) + textwrap.indent(textwrap.dedent(template), "  ")
    document = Document("template.yaml", text)
    (root,) = parse_yaml(document)
    assert isinstance(root, Mapping)
    return cloudformation.read(document, root, "cloudformation")


def found(template: str) -> list[tuple[str, bool | None, str]]:
    """(kind, bounded, guard) of every trigger of the function."""
    (function,) = stack_of(template).functions
    return [(t.kind, t.bounded, t.guard.display()) for t in function.triggers]


def rest(stage: str, method: str = "", more: str = "") -> str:
    """A REST API with GET /orders/{id}; what its stage and its method say beyond that."""
    return (
        textwrap.dedent(
            f"""
            Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{Name: orders}}}}
            Top:
              Type: AWS::ApiGateway::Resource
              Properties: {{RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: orders}}
            One:
              Type: AWS::ApiGateway::Resource
              Properties: {{RestApiId: !Ref Api, ParentId: !Ref Top, PathPart: '{{id}}'}}
            Method:
              Type: AWS::ApiGateway::Method
              Properties:
                RestApiId: !Ref Api
                ResourceId: !Ref One
                HttpMethod: GET
                Integration: {{Type: AWS_PROXY, Uri: {URI}}}
            """
        )
        + textwrap.indent(method and textwrap.dedent(method), "    ")
        + "Release: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api}}\n"
        + "Stage:\n  Type: AWS::ApiGateway::Stage\n"
        + "  Properties:\n    RestApiId: !Ref Api\n    StageName: live\n"
        + textwrap.indent(stage and f"MethodSettings: [{stage}]\n", "    ")
        + textwrap.dedent(more)
    )


@pytest.mark.parametrize(
    ("settings", "bounded"),
    [
        ("", False),
        ("{ResourcePath: '/*', HttpMethod: '*', LoggingLevel: INFO}", False),
        ("{ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 10}", True),
        ("{ResourcePath: '/*', HttpMethod: '*', ThrottlingBurstLimit: 10}", True),
        ("{ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: !Ref Rate}", True),
        ("{ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: -1}", False),
        ("{ResourcePath: '/~1orders~1{id}', HttpMethod: GET, ThrottlingRateLimit: 10}", True),
        ("{ResourcePath: '/~1orders~1{id}', HttpMethod: '*', ThrottlingRateLimit: 10}", True),
        ("{ResourcePath: '/~1orders~1{id}', HttpMethod: POST, ThrottlingRateLimit: 10}", False),
        ("{ResourcePath: '/~1orders', HttpMethod: GET, ThrottlingRateLimit: 10}", False),
        ("{ResourcePath: !ImportValue path, HttpMethod: GET, ThrottlingRateLimit: 10}", None),
        ("!Transform {Name: AWS::Include}", None),
    ],
)
def test_method_settings(settings: str, bounded: bool | None) -> None:
    assert found(rest(settings)) == [("rest-api", bounded, "")]


def test_a_throttle_in_one_branch() -> None:
    settings = (
        "!If [IsProd, {ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 10}, !Ref AWS::NoValue]"
    )
    assert found(rest(settings)) == [("rest-api", False, "not IsProd"), ("rest-api", True, "IsProd")]


PLAN = """
    Plan:
      Type: AWS::ApiGateway::UsagePlan
      Properties:
        ApiStages: [{{ApiId: !Ref Api, Stage: {stage}}}]
        Throttle: {{RateLimit: 10, BurstLimit: 20}}
"""


@pytest.mark.parametrize(
    ("method", "stage", "bounded"),
    [
        ("ApiKeyRequired: true\n", "!Ref Stage", True),
        ("ApiKeyRequired: 'true'\n", "live", True),
        ("ApiKeyRequired: true\n", "test", False),
        ("ApiKeyRequired: false\n", "!Ref Stage", False),
        ("", "!Ref Stage", False),
    ],
)
def test_a_usage_plan_counts_where_a_key_is_required(method: str, stage: str, bounded: bool) -> None:
    assert found(rest("", method, PLAN.format(stage=stage))) == [("rest-api", bounded, "")]


def test_every_stage_counts() -> None:
    other = """
        Other: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: open}}
        """
    throttled = "{ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 10}"
    assert found(rest(throttled, "", other)) == [("rest-api", False, "")]


@pytest.mark.parametrize(
    ("deployment", "bounded"),
    [
        ("StageName: live", False),
        ("StageName: live, StageDescription: {ThrottlingRateLimit: 10}", True),
        ("Description: x", None),
    ],
)
def test_a_deployment_may_make_the_stage(deployment: str, bounded: bool | None) -> None:
    template = f"""
        Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{Name: orders}}}}
        Method:
          Type: AWS::ApiGateway::Method
          Properties:
            RestApiId: !Ref Api
            ResourceId: !GetAtt Api.RootResourceId
            HttpMethod: ANY
            Integration: {{Type: AWS_PROXY, Uri: {URI}}}
        Release:
          Type: AWS::ApiGateway::Deployment
          Properties: {{RestApiId: !Ref Api, {deployment}}}
        """
    assert found(template) == [("rest-api", bounded, "")]


def body(path: str, extra: str = "", settings: str = "") -> str:
    return f"""
        Api:
          Type: AWS::ApiGateway::RestApi
          Properties:
            Body:
              openapi: 3.0.1
              paths:
                /orders:
                  {path}:
                    {extra}
                    x-amazon-apigateway-integration: {{type: aws_proxy, uri: {URI}}}
              components:
                securitySchemes:
                  key: {{type: apiKey, in: header, name: x-api-key}}
                  token:
                    type: apiKey
                    in: header
                    name: Authorization
                    x-amazon-apigateway-authorizer: {{type: token, authorizerUri: door}}
        Stage:
          Type: AWS::ApiGateway::Stage
          Properties: {{RestApiId: !Ref Api, StageName: live, MethodSettings: [{settings}]}}
        Plan:
          Type: AWS::ApiGateway::UsagePlan
          Properties: {{ApiStages: [{{ApiId: !Ref Api, Stage: live}}], Throttle: {{RateLimit: 10}}}}
        """


@pytest.mark.parametrize(
    ("method", "extra", "settings", "bounded"),
    [
        ("get", "", "", False),
        ("get", "", "{ResourcePath: /~1orders, HttpMethod: GET, ThrottlingRateLimit: 1}", True),
        ("get", "", "{ResourcePath: /~1orders, HttpMethod: PUT, ThrottlingRateLimit: 1}", False),
        ("x-amazon-apigateway-any-method", "", "{ResourcePath: /orders, HttpMethod: '*'}", False),
        ("get", "security: [{key: []}]", "", True),
        ("get", "security: [{token: []}]", "", False),
    ],
)
def test_openapi_bodies(method: str, extra: str, settings: str, bounded: bool) -> None:
    assert found(body(method, extra, settings)) == [("rest-api", bounded, "")]


def test_authorizers() -> None:
    template = f"""
        Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{Name: orders}}}}
        Token:
          Type: AWS::ApiGateway::Authorizer
          Properties: {{RestApiId: !Ref Api, Type: TOKEN, AuthorizerUri: {URI}}}
        Permission:
          Type: AWS::Lambda::Permission
          Properties:
            FunctionName: !Ref Orders
            Principal: apigateway.amazonaws.com
            SourceArn: !Sub 'arn:aws:execute-api:x:1:${{Api}}/authorizers/${{Token}}'
        """
    assert found(template) == [("authorizer", None, "")]


def http(protocol: str = "HTTP", stage: str = "", route: str = "GET /orders") -> str:
    return f"""
        Api: {{Type: AWS::ApiGatewayV2::Api, Properties: {{Name: orders, ProtocolType: {protocol}}}}}
        Call:
          Type: AWS::ApiGatewayV2::Integration
          Properties: {{ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Orders.Arn}}
        Route:
          Type: AWS::ApiGatewayV2::Route
          Properties: {{ApiId: !Ref Api, RouteKey: {route}, Target: !Sub 'integrations/${{Call}}'}}
        Stage:
          Type: AWS::ApiGatewayV2::Stage
          Properties: {{ApiId: !Ref Api, StageName: live, {stage}}}
        """


@pytest.mark.parametrize(
    ("protocol", "stage", "route", "expected"),
    [
        ("HTTP", "", "GET /orders", ("http-api", False, "")),
        ("WEBSOCKET", "", "$connect", ("websocket-api", False, "")),
        ("HTTP", "DefaultRouteSettings: {ThrottlingRateLimit: 5}", "GET /orders", ("http-api", True, "")),
        ("HTTP", "DefaultRouteSettings: {DetailedMetricsEnabled: true}", "$default", ("http-api", False, "")),
        (
            "HTTP",
            "RouteSettings: {GET /orders: {ThrottlingBurstLimit: 5}}",
            "GET /orders",
            ("http-api", True, ""),
        ),
        (
            "HTTP",
            "RouteSettings: {GET /items: {ThrottlingBurstLimit: 5}}",
            "GET /orders",
            ("http-api", False, ""),
        ),
        ("HTTP", "RouteSettings: !Ref Rate", "GET /orders", ("http-api", None, "")),
    ],
)
def test_routes(protocol: str, stage: str, route: str, expected: tuple[str, bool | None, str]) -> None:
    assert found(http(protocol, stage, route)) == [expected]


def test_an_integration_without_a_route_is_not_called() -> None:
    assert found(http().split("        Route:")[0]) == []


@pytest.mark.parametrize(
    ("more", "bounded"),
    [
        ("", False),
        (
            """
        Overrides:
          Type: AWS::ApiGatewayV2::ApiGatewayManagedOverrides
          Properties: {ApiId: !Ref Api, Stage: {DefaultRouteSettings: {ThrottlingRateLimit: 5}}}
        """,
            True,
        ),
    ],
)
def test_quick_create(more: str, bounded: bool) -> None:
    template = """
        Api:
          Type: AWS::ApiGatewayV2::Api
          Properties: {Name: orders, ProtocolType: HTTP, Target: !GetAtt Orders.Arn}
        """
    assert found(template + more) == [("http-api", bounded, "")]


def test_an_api_outside_the_template_cannot_be_judged() -> None:
    template = f"""
        Method:
          Type: AWS::ApiGateway::Method
          Properties:
            RestApiId: !ImportValue shared-api
            ResourceId: !ImportValue shared-root
            HttpMethod: GET
            Integration: {{Type: AWS_PROXY, Uri: {URI}}}
        """
    assert found(template) == [("rest-api", None, "")]


@pytest.mark.parametrize(
    ("settings", "bounded"),
    [
        ("", False),
        ("{ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 1}", True),
        ("{ResourcePath: /a, HttpMethod: '*', ThrottlingRateLimit: 1}", None),
    ],
)
def test_a_permission_of_an_api_whose_definition_is_elsewhere(settings: str, bounded: bool | None) -> None:
    template = f"""
        Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{BodyS3Location: {{Bucket: b, Key: k}}}}}}
        Stage:
          Type: AWS::ApiGateway::Stage
          Properties: {{RestApiId: !Ref Api, StageName: live, MethodSettings: [{settings}]}}
        Permission:
          Type: AWS::Lambda::Permission
          Properties:
            FunctionName: !Ref Orders
            Principal: apigateway.amazonaws.com
            SourceArn: !Sub 'arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/*'
        """
    assert found(template) == [("rest-api", bounded, "")]
