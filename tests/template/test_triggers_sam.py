"""SAM events, function URLs, destinations, and the throttles of the APIs that SAM makes."""

from __future__ import annotations

import textwrap

import pytest

from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.template import cloudformation
from scopedown.template.stack import Function, Stack


def stack_of(template: str) -> Stack:
    """The stack of a SAM template; the Transform line is added."""
    text = "Transform: AWS::Serverless-2016-10-31\n" + textwrap.dedent(template)
    document = Document("template.yaml", text)
    (root,) = parse_yaml(document)
    assert isinstance(root, Mapping)
    return cloudformation.read(document, root, "sam")


def function_of(template: str, id: str = "Orders") -> Function:
    (function,) = [function for function in stack_of(template).functions if function.id == id]
    return function


def found(template: str, id: str = "Orders") -> list[tuple[str, str | None, bool | None]]:
    """(kind, logical id of the source, bounded) of every trigger."""
    return [(t.kind, t.source_id, t.bounded) for t in function_of(template, id).triggers]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("SQS, Properties: {Queue: !GetAtt Jobs.Arn}", ("sqs", "Jobs", False)),
        ("SQS, Properties: {Queue: !GetAtt Jobs.Arn, BatchSize: 5}", ("sqs", "Jobs", False)),
        (
            "SQS, Properties: {Queue: !GetAtt Jobs.Arn, ScalingConfig: {MaximumConcurrency: 5}}",
            ("sqs", "Jobs", True),
        ),
        ("SNS, Properties: {Topic: !Ref News}", ("sns", "News", False)),
        ("SNS, Properties: {Topic: !Ref News, SqsSubscription: true}", ("sqs", "News", False)),
        ("S3, Properties: {Bucket: !Ref Files, Events: 's3:ObjectCreated:*'}", ("s3", "Files", False)),
        ("Kinesis, Properties: {Stream: !GetAtt Clicks.Arn}", ("kinesis", "Clicks", True)),
        ("DynamoDB, Properties: {Stream: 'arn:aws:dynamodb:x:1:table/t'}", ("dynamodb", None, True)),
        ("MSK, Properties: {Stream: !ImportValue cluster, Topics: [t]}", ("msk", None, True)),
        ("MQ, Properties: {Broker: !ImportValue broker, Queues: [q]}", ("mq", None, True)),
        ("SelfManagedKafka, Properties: {Topics: [t]}", ("kafka", None, True)),
        ("DocumentDB, Properties: {Cluster: !ImportValue docs}", ("documentdb", None, True)),
        ("Schedule, Properties: {Schedule: rate(1 hour)}", ("schedule", None, True)),
        ("ScheduleV2, Properties: {ScheduleExpression: rate(1 hour)}", ("schedule", None, True)),
        ("EventBridgeRule, Properties: {Pattern: {source: [shop]}}", ("event-pattern", None, False)),
        ("EventBridgeRule, Properties: {State: DISABLED}", ("event-pattern", None, True)),
        ("CloudWatchLogs, Properties: {LogGroupName: !Ref Log}", ("logs", "Log", False)),
        ("IoTRule, Properties: {Sql: SELECT}", ("iot", None, False)),
        ("Cognito, Properties: {UserPool: !Ref Pool, Trigger: PreSignUp}", ("cognito", "Pool", None)),
        ("AlexaSkill", ("other", None, None)),
        ("Api, Properties: {Path: /orders, Method: get}", ("rest-api", None, False)),
        ("HttpApi", ("http-api", None, False)),
        ("Tomorrow", ("unresolved", None, None)),
    ],
)
def test_events(event: str, expected: tuple[str, str | None, bool | None]) -> None:
    template = f"""
        Resources:
          Jobs: {{Type: AWS::SQS::Queue}}
          News: {{Type: AWS::SNS::Topic}}
          Files: {{Type: AWS::S3::Bucket}}
          Clicks: {{Type: AWS::Kinesis::Stream}}
          Log: {{Type: AWS::Logs::LogGroup}}
          Pool: {{Type: AWS::Cognito::UserPool}}
          Orders:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                It: {{Type: {event}}}
        """
    assert found(template) == [expected]


def api(settings: str = "", event: str = "", top: str = "") -> str:
    """A REST API of SAM with GET /orders."""
    return textwrap.dedent(top) + textwrap.dedent(
        f"""
        Resources:
          Api: {{Type: AWS::Serverless::Api, Properties: {{StageName: live, {settings}}}}}
          Orders:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                Get:
                  Type: Api
                  Properties: {{RestApiId: !Ref Api, Path: /orders, Method: get, {event}}}
        """
    )


ALL = "{ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 10}"
ONE = "{ResourcePath: /~1orders, HttpMethod: GET, ThrottlingBurstLimit: 1}"
OTHER = "{ResourcePath: /~1items, HttpMethod: GET, ThrottlingBurstLimit: 1}"
PLAN = "Auth: {UsagePlan: {CreateUsagePlan: PER_API, Throttle: {RateLimit: 10}}%s}"


@pytest.mark.parametrize(
    ("settings", "event", "top", "bounded"),
    [
        ("", "", "", False),
        (f"MethodSettings: [{ALL}]", "", "", True),
        (
            "MethodSettings: [{ResourcePath: /~1orders, HttpMethod: GET, ThrottlingBurstLimit: 1}]",
            "",
            "",
            True,
        ),
        (
            "MethodSettings: [{ResourcePath: /~1items, HttpMethod: GET, ThrottlingBurstLimit: 1}]",
            "",
            "",
            False,
        ),
        ("", "", f"Globals: {{Api: {{MethodSettings: [{ALL}]}}}}", True),
        ("", "", "Globals: {HttpApi: {DefaultRouteSettings: {ThrottlingRateLimit: 1}}}", False),
        (PLAN % "", "", "", False),
        (PLAN % ", ApiKeyRequired: true", "", "", True),
        (PLAN % ", ApiKeyRequired: true", "Auth: {ApiKeyRequired: false}", "", False),
        (PLAN % "", "Auth: {ApiKeyRequired: true}", "", True),
        ("", "Auth: {ApiKeyRequired: true}", "Globals: {Api: {" + PLAN % "" + "}}", True),
        ("Auth: {DefaultAuthorizer: AWS_IAM}", "", "", False),
    ],
)
def test_throttles_of_a_rest_api(settings: str, event: str, top: str, bounded: bool) -> None:
    assert found(api(settings, event, top)) == [("rest-api", "Api", bounded)]


def test_a_usage_plan_beside_the_api() -> None:
    plan = """
          Plan:
            Type: AWS::ApiGateway::UsagePlan
            Properties:
              ApiStages: [{ApiId: !Ref Api, Stage: !Ref Api.Stage}]
              Throttle: {RateLimit: 10}
        """
    template = api("", "Auth: {ApiKeyRequired: true}") + textwrap.indent(textwrap.dedent(plan), "  ")
    assert found(template) == [("rest-api", "Api", True)]


@pytest.mark.parametrize(
    ("globals", "event", "bounded"),
    [
        ("{}", "", False),
        ("{HttpApi: {DefaultRouteSettings: {ThrottlingRateLimit: 25}}}", "", True),
        ("{HttpApi: {RouteSettings: {GET /orders: {ThrottlingRateLimit: 25}}}}", "", True),
        ("{HttpApi: {RouteSettings: {POST /orders: {ThrottlingRateLimit: 25}}}}", "", False),
        ("{}", "RouteSettings: {ThrottlingBurstLimit: 5}", True),
        (f"{{Api: {{MethodSettings: [{ALL}]}}}}", "", False),
    ],
)
def test_throttles_of_the_implicit_http_api(globals: str, event: str, bounded: bool) -> None:
    template = f"""
        Globals: {globals}
        Resources:
          Orders:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                Get: {{Type: HttpApi, Properties: {{Path: /orders, Method: get, {event}}}}}
        """
    assert found(template) == [("http-api", None, bounded)]


def test_an_api_that_ignores_globals() -> None:
    template = """
        Globals: {HttpApi: {DefaultRouteSettings: {ThrottlingRateLimit: 25}}}
        Resources:
          Api: {Type: AWS::Serverless::HttpApi, IgnoreGlobals: '*'}
          Orders:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /orders, Method: get}}
        """
    assert found(template) == [("http-api", "Api", False)]


def test_an_api_from_a_parameter_cannot_be_judged() -> None:
    template = """
        Parameters: {Shared: {Type: String}}
        Resources:
          Orders:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                Get: {Type: HttpApi, Properties: {ApiId: !Ref Shared, Path: /orders, Method: get}}
        """
    assert found(template) == [("http-api", None, None)]


def test_a_websocket_api() -> None:
    template = """
        Resources:
          Chat:
            Type: AWS::Serverless::WebSocketApi
            Properties:
              Auth: {AuthType: CUSTOM, AuthArn: !GetAtt Door.Arn}
              Routes:
                $connect: {FunctionArn: !GetAtt Orders.Arn}
                send: {FunctionArn: !GetAtt Orders.Arn}
              RouteSettings: {send: {ThrottlingRateLimit: 5}}
          Orders: {Type: AWS::Serverless::Function, Properties: {Handler: a}}
          Door: {Type: AWS::Serverless::Function, Properties: {Handler: b}}
        """
    assert found(template) == [("websocket-api", "Chat", False), ("websocket-api", "Chat", True)]
    assert found(template, "Door") == [("authorizer", "Chat", None)]


def test_a_definition_names_the_method_that_an_event_names() -> None:
    template = """
        Resources:
          Api:
            Type: AWS::Serverless::Api
            Properties:
              StageName: live
              DefinitionBody:
                paths:
                  /orders:
                    get: {x-amazon-apigateway-integration: {uri: !Sub 'f/${Orders.Arn}/invocations'}}
                    post: {x-amazon-apigateway-integration: {uri: !Sub 'f/${Orders.Arn}/invocations'}}
          Orders:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /orders, Method: GET}}
        """
    paths = [trigger.path for trigger in function_of(template).triggers]
    assert paths == [
        "Resources.Orders.Properties.Events.Get",
        "Resources.Api.Properties.DefinitionBody.paths./orders.post",
    ]


def test_authorizers_and_hooks_are_quiet() -> None:
    template = """
        Resources:
          Api:
            Type: AWS::Serverless::Api
            Properties:
              StageName: live
              Auth: {Authorizers: {Token: {FunctionArn: !GetAtt Check.Arn}}}
          Check: {Type: AWS::Serverless::Function, Properties: {Handler: a}}
          Test: {Type: AWS::Serverless::Function, Properties: {Handler: b}}
          Orders:
            Type: AWS::Serverless::Function
            Properties:
              DeploymentPreference: {Type: AllAtOnce, Hooks: {PreTraffic: !Ref Test}}
        """
    assert found(template, "Check") == [("authorizer", "Api", None)]
    assert found(template, "Test") == [("other", None, None)]


@pytest.mark.parametrize("where", ["local", "global"])
def test_function_urls(where: str) -> None:
    config = "{FunctionUrlConfig: {AuthType: NONE}}"
    shared, own = ("{}", config) if where == "local" else (config, "{}")
    template = f"""
        Globals: {{Function: {shared}}}
        Resources:
          Orders: {{Type: AWS::Serverless::Function, Properties: {own}}}
        """
    assert found(template) == [("function-url", None, False)]


def test_generated_aliases_and_versions_name_the_function() -> None:
    template = """
        Resources:
          One: {Type: AWS::Events::Rule, Properties: {EventPattern: {}, Targets: {Arn: !Ref OrdersAliaslive}}}
          Two: {Type: AWS::Events::Rule, Properties: {EventPattern: {}, Targets: {Arn: !Ref Orders.Version}}}
          Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Sub '${Orders.Alias}'}}
          Orders: {Type: AWS::Serverless::Function, Properties: {AutoPublishAlias: live}}
        """
    assert found(template) == [
        ("event-pattern", "One", False),
        ("event-pattern", "Two", False),
        ("function-url", None, False),
    ]


def test_destinations() -> None:
    function = function_of(
        """
        Globals:
          Function:
            EventInvokeConfig:
              DestinationConfig:
                OnFailure: {Type: SNS, Destination: !Ref Alerts}
                OnSuccess: {Type: EventBridge, Destination: !GetAtt Bus.Arn}
        Resources:
          Lost: {Type: AWS::SQS::Queue}
          Alerts: {Type: AWS::SNS::Topic}
          Bus: {Type: AWS::Events::EventBus}
          Clicks: {Type: AWS::Kinesis::Stream}
          Orders:
            Type: AWS::Serverless::Function
            Properties:
              DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Lost.Arn}
              EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}}}
              Events:
                Click:
                  Type: Kinesis
                  Properties:
                    Stream: !GetAtt Clicks.Arn
                    DestinationConfig: {OnFailure: {Destination: !GetAtt Lost.Arn}}
        """
    )
    assert [(d.use, d.kind, d.target.display()) for d in function.destinations] == [
        ("dlq", "sqs", "${Lost.Arn}"),
        ("on-success", "event-bus", "${Bus.Arn}"),
        ("on-failure", "sqs", "${Orders.on-failure}"),
        ("esm-on-failure", "sqs", "${Lost.Arn}"),
    ]


def test_a_permission_beside_events_is_not_counted_again() -> None:
    template = api() + textwrap.indent(
        textwrap.dedent(
            """
            Permission:
              Type: AWS::Lambda::Permission
              Properties:
                FunctionName: !Ref Orders
                Principal: apigateway.amazonaws.com
                SourceArn: !Sub 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*'
            """
        ),
        "  ",
    )
    assert found(template) == [("rest-api", "Api", False)]
