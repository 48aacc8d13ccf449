"""no-concurrency-limit and reserved-zero: what is found where, how it is said, and what stays unresolved."""

from __future__ import annotations

import textwrap

import pytest

from scopedown.checks import no_concurrency_limit, reserved_zero
from scopedown.rulebook.context import Context
from scopedown.rulebook.finding import Finding, Unresolved
from scopedown.rulebook.index import Rule
from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.template import cloudformation


def results(template: str, check: str = "limit") -> list[Finding | Unresolved]:
    """What a check says of a template; SAM where it has the Transform, a service where it names one."""
    document = Document("template.yaml", textwrap.dedent(template))
    (root,) = parse_yaml(document)
    assert isinstance(root, Mapping)
    dialect = "sam" if root.get("Transform") else "serverless" if root.get("service") else "cloudformation"
    stack = cloudformation.read(document, root, dialect)
    if check == "limit":
        return list(no_concurrency_limit.check(Context(stack, Rule("no-concurrency-limit", "low", "high"))))
    return list(reserved_zero.check(Context(stack, Rule("reserved-zero", "high", "high"))))


def findings(template: str, check: str = "limit") -> list[Finding]:
    return [result for result in results(template, check) if isinstance(result, Finding)]


def said(template: str, check: str = "limit") -> list[tuple[str | None, str, str | None]]:
    """(owner, severity, guard) of every finding."""
    return [(f.resource, f.severity, f.guard) for f in findings(template, check)]


def sam(event: str, more: str = "", top: str = "", resources: str = "") -> str:
    """A SAM function Orders with one event; ``more`` are further properties."""
    return (
        "Transform: AWS::Serverless-2016-10-31\n"
        + textwrap.dedent(top)
        + "Resources:\n"
        + textwrap.indent(textwrap.dedent(resources), "  ")
        + "  Jobs: {Type: AWS::SQS::Queue}\n"
        + "  Orders:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n"
        + textwrap.indent(textwrap.dedent(more), "      ")
        + f"      Events:\n        It: {{Type: {event}}}\n"
    )


QUEUE = "SQS, Properties: {Queue: !GetAtt Jobs.Arn}"
API = "Api, Properties: {Path: /, Method: get}"


# -- no-concurrency-limit ----------------------------------------------------------------------------


def test_a_queue_without_a_bound() -> None:
    (finding,) = findings(sam(QUEUE))
    assert finding.message == (
        "queue Jobs can drive Orders without bound; "
        "set ScalingConfig.MaximumConcurrency (2 to 1000) on the event source"
    )
    assert (finding.severity, finding.resource, finding.path) == ("low", "Orders", "Resources.Orders")
    assert [(label.kind, label.span.text) for label in finding.labels] == [
        ("primary", "Orders"),
        ("related", "It"),
    ]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (
            API,
            "REST API ServerlessRestApi can drive Orders without bound; set ThrottlingRateLimit and "
            "ThrottlingBurstLimit in Globals.Api.MethodSettings, or ReservedConcurrentExecutions from a "
            "parameter per stage",
        ),
        (
            "HttpApi",
            "ThrottlingBurstLimit in Globals.HttpApi.DefaultRouteSettings, or ReservedConcurrent",
        ),
        ("S3, Properties: {Bucket: !Ref Jobs}", "bucket Jobs can drive Orders without bound; set Reserved"),
        ("EventBridgeRule, Properties: {Pattern: {}}", "event rule It can drive Orders without bound"),
        (
            "SNS, Properties: {Topic: !ImportValue news}",
            "the topic of event It can drive Orders without bound",
        ),
        (
            "SNS, Properties: {Topic: !Sub 'arn:${AWS::Partition}:sns:${AWS::Region}:1:news'}",
            "topic news can drive Orders",
        ),
        (
            "SQS, Properties: {Queue: !Sub 'arn:aws:sqs:eu-west-1:1:${Stage}-jobs'}",
            "the queue of event It can drive Orders",
        ),
        ("CloudWatchLogs, Properties: {LogGroupName: /app}", "log group /app can drive Orders"),
        ("SNS, Properties: {Topic: 'arn:aws:sns:x:1:news'}", "topic arn:aws:sns:x:1:news can drive Orders"),
    ],
)
def test_the_message_names_the_trigger_and_what_bounds_it(event: str, words: str) -> None:
    (finding,) = findings(sam(event))
    assert words in finding.message


@pytest.mark.parametrize(
    "event",
    [
        "Schedule, Properties: {Schedule: rate(1 minute)}",
        "Kinesis, Properties: {Stream: !ImportValue s, StartingPosition: LATEST}",
        "DynamoDB, Properties: {Stream: !ImportValue s, StartingPosition: LATEST}",
        "MQ, Properties: {Broker: !ImportValue b, Queues: [q]}",
        "Cognito, Properties: {UserPool: !ImportValue p, Trigger: PreSignUp}",
        "SQS, Properties: {Queue: !GetAtt Jobs.Arn, ScalingConfig: {MaximumConcurrency: 1000}}",
    ],
)
def test_what_bounds_itself_is_left_alone(event: str) -> None:
    assert results(sam(event)) == []


def test_nothing_invokes_it() -> None:
    assert results("Resources: {F: {Type: AWS::Lambda::Function, Properties: {Role: r}}}") == []


def test_one_bounded_trigger_does_not_bound_the_other() -> None:
    bounded = "SQS, Properties: {Queue: !GetAtt Jobs.Arn, ScalingConfig: {MaximumConcurrency: 5}}}"
    (finding,) = findings(sam(bounded + "\n        Get: {" + "Type: " + API))
    assert finding.message.startswith("REST API")
    assert [label.span.text for label in finding.labels] == ["Orders", "Get"]


def test_several_triggers_are_one_finding() -> None:
    (finding,) = findings(sam(QUEUE + "}\n        Get: {Type: " + API))
    assert finding.message == (
        "queue Jobs and 1 other trigger can drive Orders without bound; "
        "set ReservedConcurrentExecutions, and MaximumConcurrency on the queue's event source"
    )
    assert [label.span.text for label in finding.labels] == ["Orders", "It", "Get"]


ASYNCHRONOUS = "SNS, Properties: {Topic: 'arn:aws:sns:x:1:news'}"


@pytest.mark.parametrize(
    ("first", "second", "remedy"),
    [
        (API, ASYNCHRONOUS, "set ReservedConcurrentExecutions"),
        (ASYNCHRONOUS, API, "set ReservedConcurrentExecutions"),
        (
            ASYNCHRONOUS,
            QUEUE,
            "set ReservedConcurrentExecutions, and MaximumConcurrency on the queue's event source",
        ),
        (
            API,
            "HttpApi, Properties: {Path: /, Method: get}",
            "set ThrottlingRateLimit and ThrottlingBurstLimit in Globals.Api.MethodSettings and "
            "Globals.HttpApi.DefaultRouteSettings, or ReservedConcurrentExecutions from a parameter "
            "per stage",
        ),
    ],
)
def test_the_advice_bounds_every_trigger(first: str, second: str, remedy: str) -> None:
    (finding,) = findings(sam(first + "}\n        Second: {Type: " + second))
    assert finding.message.endswith(f" and 1 other trigger can drive Orders without bound; {remedy}")


def test_two_queues_are_bounded_one_by_one() -> None:
    two = QUEUE + "}\n        Second: {Type: SQS, Properties: {Queue: 'arn:aws:sqs:x:1:more'}"
    (finding,) = findings(sam(two))
    assert finding.message.endswith("; set ScalingConfig.MaximumConcurrency (2 to 1000) on each event source")


def test_a_queue_behind_a_topic_has_no_setting_of_its_own() -> None:
    (finding,) = findings(sam("SNS, Properties: {Topic: !ImportValue news, SqsSubscription: true}"))
    assert finding.message.endswith("; set ReservedConcurrentExecutions")


def test_routes_of_one_api_are_no_other_triggers() -> None:
    routes = API + "}\n        Put: {Type: Api, Properties: {Path: /, Method: put}}"
    more = "\n        Del: {Type: Api, Properties: {Path: /, Method: delete}"
    (finding,) = findings(sam(routes + more))
    assert finding.message.startswith(
        "REST API ServerlessRestApi (3 routes) can drive Orders without bound; "
    )
    (finding,) = findings(sam(routes + "\n        Run: {Type: " + QUEUE))
    assert finding.message.startswith(
        "REST API ServerlessRestApi (2 routes) and 1 other trigger can drive Orders"
    )


@pytest.mark.parametrize(
    ("event", "resources", "place"),
    [
        (
            "Api, Properties: {RestApiId: !Ref Shop, Path: /, Method: get}",
            "Shop: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}\n",
            "MethodSettings of Shop",
        ),
        (
            "HttpApi, Properties: {ApiId: !Ref Shop, Path: /, Method: get}",
            "Shop: {Type: AWS::Serverless::HttpApi}\n",
            "DefaultRouteSettings of Shop",
        ),
        (
            "Api, Properties: {RestApiId: !Ref Shop, Path: /, Method: get}",
            "Shop: {Type: AWS::ApiGateway::RestApi, Properties: {Name: shop}}\n"
            "Dev: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Shop, StageName: dev}}\n"
            "Prod:\n  Type: AWS::ApiGateway::Stage\n  Properties:\n    RestApiId: !Ref Shop\n"
            "    MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 5}]\n",
            "MethodSettings of Dev",
        ),
        (
            "Api, Properties: {RestApiId: !Ref Shop, Path: /, Method: get}",
            "Shop: {Type: AWS::ApiGateway::RestApi, Properties: {Name: shop}}\n"
            "Live:\n  Type: AWS::ApiGateway::Deployment\n"
            "  Properties: {RestApiId: !Ref Shop, StageName: live}\n",
            "StageDescription of Live",
        ),
    ],
)
def test_the_throttle_stands_where_the_template_has_a_place_for_it(
    event: str, resources: str, place: str
) -> None:
    (finding,) = findings(sam(event, resources=resources))
    assert finding.message.endswith(
        f"ThrottlingBurstLimit in {place}, or ReservedConcurrentExecutions from a parameter per stage"
    )


def test_quick_create_has_no_place_for_a_throttle() -> None:
    template = """
        Resources:
          Orders: {Type: AWS::Lambda::Function, Properties: {Role: r}}
          Shop:
            Type: AWS::ApiGatewayV2::Api
            Properties: {Name: shop, ProtocolType: HTTP, Target: !GetAtt Orders.Arn}
        """
    (finding,) = findings(template)
    assert finding.message.endswith("bound; set ReservedConcurrentExecutions from a parameter per stage")


def test_a_source_that_a_condition_chooses_is_named_with_its_guard() -> None:
    queue = "SQS, Properties: {Queue: !If [IsProd, !GetAtt Jobs.Arn, !GetAtt More.Arn]}"
    (finding,) = findings(sam(queue, "", CONDITION, "More: {Type: AWS::SQS::Queue}\n"))
    assert finding.message.startswith("queue Jobs (when IsProd) can drive Orders without bound; ")
    assert finding.guard is None
    (finding,) = findings(sam(queue.replace("!GetAtt More.Arn", "'arn:aws:sqs:x:1:more'"), "", CONDITION))
    assert finding.message.startswith("the queue of event It can drive Orders without bound; ")


def test_functions_of_one_api_have_one_cause() -> None:
    one = sam(API, "CodeUri: a/\n")
    two = "".join(sam("Api, Properties: {Path: /b, Method: get}").partition("  Orders:")[1:])
    first, second = findings(one + two.replace("Orders", "Menu"))
    assert first.cause == second.cause is not None
    alone, other = findings(
        one + two.replace("Orders", "Menu").replace("Type: Api", f"Type: {QUEUE}}}\n        G: {{Type: Api")
    )
    assert alone.cause is not None and other.cause is None


RESERVED = "ReservedConcurrentExecutions: "
CONDITION = "Conditions: {IsProd: !Equals [!Ref AWS::Region, eu-west-1]}\n"


@pytest.mark.parametrize(
    ("reserved", "expected"),
    [
        ("5", []),
        ("0", []),
        ("!Ref Limit", []),
        ("!ImportValue limit", []),
        ("!If [IsProd, 50, 5]", []),
        ("!If [IsProd, 50, !Ref AWS::NoValue]", [("Orders", "low", "not IsProd")]),
        ("!Ref AWS::NoValue", [("Orders", "low", None)]),
    ],
)
def test_reservations(reserved: str, expected: list[tuple[str, str, str | None]]) -> None:
    top = "Parameters: {Limit: {Type: Number}}\n" + CONDITION
    assert said(sam(API, RESERVED + reserved + "\n", top)) == expected


def test_provisioned_concurrency_is_no_bound() -> None:
    more = "ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 5}\nAutoPublishAlias: live\n"
    assert said(sam(API, more)) == [("Orders", "low", None)]


def test_a_reservation_of_globals() -> None:
    top = "Globals: {Function: {ReservedConcurrentExecutions: 5}}\n"
    assert said(sam(API, "", top)) == []


def test_a_trigger_and_a_reservation_that_hold_together() -> None:
    template = """
        Conditions: {IsProd: !Equals [!Ref AWS::Region, eu-west-1]}
        Resources:
          Orders:
            Type: AWS::Lambda::Function
            Properties:
              Role: arn:aws:iam::111122223333:role/orders
              ReservedConcurrentExecutions: !If [IsProd, 5, !Ref AWS::NoValue]
          Subscription:
            Type: AWS::SNS::Subscription
            Condition: IsProd
            Properties: {TopicArn: t, Protocol: lambda, Endpoint: !GetAtt Orders.Arn}
        """
    assert results(template) == []


def test_what_always_holds_is_named_first() -> None:
    template = """
        Conditions: {IsProd: !Equals [!Ref AWS::Region, eu-west-1]}
        Resources:
          Orders: {Type: AWS::Lambda::Function, Properties: {Role: r}}
          News:
            Type: AWS::SNS::Subscription
            Condition: IsProd
            Properties: {TopicArn: news, Protocol: lambda, Endpoint: !GetAtt Orders.Arn}
          Alerts:
            Type: AWS::SNS::Subscription
            Properties: {TopicArn: alerts, Protocol: lambda, Endpoint: !GetAtt Orders.Arn}
        """
    (finding,) = findings(template)
    assert finding.message.startswith("topic alerts and 1 other trigger can drive Orders")
    assert finding.guard is None


@pytest.mark.parametrize(
    "more",
    [
        """
          Release: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Orders}}
          Site:
            Type: AWS::CloudFront::Distribution
            Properties:
              DistributionConfig:
                DefaultCacheBehavior:
                  LambdaFunctionAssociations: [{LambdaFunctionARN: !Ref Release}]
        """,
        "",
    ],
)
def test_functions_that_take_no_reservation(more: str) -> None:
    provider = "" if more else ", CapacityProviderConfig: {LambdaManagedInstancesCapacityProviderConfig: {}}"
    template = f"""
        Resources:
          Orders: {{Type: AWS::Lambda::Function, Properties: {{Role: r{provider}}}}}
          Url: {{Type: AWS::Lambda::Url, Properties: {{TargetFunctionArn: !Ref Orders}}}}
        """
    assert results(textwrap.dedent(template) + textwrap.indent(textwrap.dedent(more), "  ")) == []


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (
            "Api, Properties: {RestApiId: !ImportValue shared, Path: /, Method: get}",
            "the stage of the REST API of event It stands outside the template, and so would its throttle",
        ),
        ("Tomorrow", "what invokes it stands outside the template"),
    ],
)
def test_what_cannot_be_told_is_no_finding(event: str, reason: str) -> None:
    (record,) = results(sam(event))
    assert isinstance(record, Unresolved)
    assert (record.what, record.reason) == ("concurrency of Orders", reason)
    assert (record.resource, record.path) == ("Orders", "Resources.Orders.Properties.Events.It")


def test_a_bound_makes_the_unknown_irrelevant() -> None:
    assert results(sam("Tomorrow", RESERVED + "5\n")) == []


# -- connection-limited backends ---------------------------------------------------------------------

DATABASE = """\
Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: database}}
Database:
  Type: AWS::RDS::DBInstance
  Properties: {Engine: postgres, VPCSecurityGroups: [!GetAtt Group.GroupId]}
Secret: {Type: AWS::SecretsManager::Secret}
Attachment:
  Type: AWS::SecretsManager::SecretTargetAttachment
  Properties: {SecretId: !Ref Secret, TargetId: !Ref Database, TargetType: AWS::RDS::DBInstance}
"""
PROXY = "Proxy: {Type: AWS::RDS::DBProxy, Properties: {EngineFamily: POSTGRESQL}}\n"
VPC = "VpcConfig: {SecurityGroupIds: [%s], SubnetIds: [s]}\n"


def environment(value: str) -> str:
    return f"Environment: {{Variables: {{IT: {value}}}}}\n"


@pytest.mark.parametrize(
    ("more", "resources", "severity"),
    [
        ("", DATABASE, "low"),
        (environment("!GetAtt Database.Endpoint.Address"), DATABASE, "medium"),
        (environment("!Sub 'postgres://${Database.Endpoint.Address}/x'"), DATABASE, "medium"),
        (environment("!GetAtt Database.Endpoint.Address"), DATABASE + PROXY, "medium"),
        (environment("!GetAtt Proxy.Endpoint"), DATABASE + PROXY, "low"),
        (environment("!Ref Database"), DATABASE, "low"),
        (VPC % "!Ref Group", DATABASE, "medium"),
        (VPC % "!GetAtt Group.GroupId", DATABASE, "medium"),
        (VPC % "!Ref Group", DATABASE + PROXY, "low"),
        (VPC % "!ImportValue group", DATABASE, "low"),
        (VPC % "!ImportValue group" + environment("!Ref Secret"), DATABASE, "medium"),
        (environment("!Ref Secret"), DATABASE, "low"),
        (
            VPC % "!Ref Own",
            DATABASE
            + "In:\n  Type: AWS::EC2::SecurityGroupIngress\n"
            + "  Properties: {GroupId: !Ref Group, SourceSecurityGroupId: !Ref Own}\n",
            "medium",
        ),
        (
            environment("!GetAtt Cache.RedisEndpoint.Address"),
            "Cache: {Type: AWS::ElastiCache::CacheCluster, Properties: {Engine: redis}}\n",
            "medium",
        ),
    ],
)
def test_a_backend_that_takes_a_limited_number_of_connections(
    more: str, resources: str, severity: str
) -> None:
    (finding,) = findings(sam(API, more, "", resources))
    assert finding.severity == severity
    assert (", which connects to " in finding.message) is (severity == "medium")


# -- reserved-zero -----------------------------------------------------------------------------------


def zero(reserved: str, parameter: str = "{Type: Number}", top: str = "") -> str:
    return (
        f"Parameters: {{Limit: {parameter}, Stage: {{Type: String, AllowedValues: [dev, prod]}}}}\n"
        "Mappings: {Sizes: {dev: {Orders: 0, Mail: 5}, prod: {Orders: 80, Mail: 30}}}\n"
        "Conditions:\n"
        "  HasLimit: !Not [!Equals [!Ref Limit, 0]]\n"
        "  IsProd: !Equals [!Ref Stage, prod]\n"
        f"{top}Resources:\n  Orders:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        f"      Role: r\n      ReservedConcurrentExecutions: {reserved}\n"
    )


@pytest.mark.parametrize(
    ("reserved", "parameter", "guards"),
    [
        ("0", "{Type: Number}", [None]),
        ("'0'", "{Type: Number}", [None]),
        ("1", "{Type: Number}", []),
        ("10", "{Type: Number}", []),
        ("!Ref Limit", "{Type: Number}", []),
        ("!Ref Limit", "{Type: Number, Default: 0}", [None]),
        ("!Ref Limit", "{Type: Number, Default: 5}", []),
        ("!Ref Limit", "{Type: Number, Default: 5, AllowedValues: [0, 5]}", ["Limit = 0"]),
        ("!If [HasLimit, !Ref Limit, !Ref AWS::NoValue]", "{Type: Number, Default: 0}", []),
        ("!If [IsProd, 20, 0]", "{Type: Number}", ["not IsProd"]),
        ("!If [IsProd, 20, !Ref AWS::NoValue]", "{Type: Number}", []),
        ("!FindInMap [Sizes, !Ref Stage, Orders]", "{Type: Number}", ["Stage = dev"]),
        ("!FindInMap [Sizes, !Ref Stage, Mail]", "{Type: Number}", []),
    ],
)
def test_reserved_zero(reserved: str, parameter: str, guards: list[str | None]) -> None:
    found = findings(zero(reserved, parameter), "zero")
    assert [finding.guard for finding in found] == guards
    for finding in found:
        assert finding.primary.span.line == 11
        assert finding.path == "Resources.Orders.Properties.ReservedConcurrentExecutions"


def test_the_message_says_where_the_zero_comes_from() -> None:
    (finding,) = findings(zero("!Ref Limit", "{Type: Number, Default: 0}"), "zero")
    assert finding.message == (
        "Orders is switched off: its reserved concurrency is 0, the default of parameter Limit"
    )


def test_a_zero_of_globals_is_found_there_for_each_function() -> None:
    template = """\
        Transform: AWS::Serverless-2016-10-31
        Globals:
          Function:
            ReservedConcurrentExecutions: 0
        Resources:
          One: {Type: AWS::Serverless::Function, Properties: {Handler: a}}
          Two: {Type: AWS::Serverless::Function, Properties: {ReservedConcurrentExecutions: 2}}
          Three:
            Type: AWS::Serverless::Function
            IgnoreGlobals: [ReservedConcurrentExecutions]
            Properties: {Handler: c}
        """
    (finding,) = findings(template, "zero")
    assert (finding.resource, finding.primary.span.line) == ("One", 4)
    assert finding.path == "Globals.Function.ReservedConcurrentExecutions"
    assert [label.span.text for label in finding.labels] == ["0", "One"]


# -- services ----------------------------------------------------------------------------------------


def service(*events: str, more: str = "", version: str = "'3'") -> str:
    """A service whose function orders has these events; ``more`` are further sections."""
    listed = "".join(f"      - {event}\n" for event in events)
    return (
        f"service: gym\nframeworkVersion: {version}\nprovider: {{name: aws, runtime: python3.13}}\n"
        f"functions:\n  orders:\n    handler: a.b\n    events:\n{listed}{textwrap.dedent(more)}"
    )


TABLE = "resources: {Resources: {Jobs: {Type: AWS::SQS::Queue}}}\n"
STAGE = "ThrottlingRateLimit and ThrottlingBurstLimit in resources.extensions."


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (
            ["sqs: !GetAtt Jobs.Arn"],
            "queue Jobs can drive orders without bound; set maximumConcurrency (2 to 1000) on the sqs event",
        ),
        (
            ["sqs: !GetAtt Jobs.Arn", "sqs: arn:aws:sqs:x:1:other"],
            "queue Jobs and 1 other trigger can drive orders without bound; "
            "set maximumConcurrency (2 to 1000) on each sqs event",
        ),
        (
            ["sqs: !GetAtt Jobs.Arn", "sns: news"],
            "queue Jobs and 1 other trigger can drive orders without bound; "
            "set reservedConcurrency, and maximumConcurrency on the queue's event",
        ),
        (["sns: news"], "topic news can drive orders without bound; set reservedConcurrency"),
        (["s3: {bucket: photos}"], "bucket photos can drive orders without bound; set reservedConcurrency"),
        (
            ["schedule: rate(1 day)", "eventBridge: {pattern: {source: [gym]}}"],
            "the event rule of events[1] can drive orders without bound; set reservedConcurrency",
        ),
        (
            ["sqs: '${ssm:/jobs}'"],
            "the queue of events[0] can drive orders without bound; "
            "set maximumConcurrency (2 to 1000) on the sqs event",
        ),
        (
            ["http: GET /", "http: POST /"],
            "the REST API (2 routes) can drive orders without bound; "
            "set reservedConcurrency with a value per stage",
        ),
        (
            ["httpApi: GET /"],
            f"the HTTP API can drive orders without bound; set {STAGE}HttpApiStage.Properties."
            "DefaultRouteSettings, or reservedConcurrency with a value per stage",
        ),
        (
            ["websocket: $connect"],
            f"the WebSocket API can drive orders without bound; set {STAGE}WebsocketsDeploymentStage."
            "Properties.DefaultRouteSettings, or reservedConcurrency with a value per stage",
        ),
    ],
)
def test_a_finding_in_a_service_names_its_own_keys(events: list[str], message: str) -> None:
    (finding,) = findings(service(*events, more=TABLE))
    assert finding.message == message
    assert (finding.resource, finding.path, finding.severity) == ("orders", "functions.orders", "low")
    assert finding.primary.span.text == "orders"


def test_an_old_framework_has_no_such_key() -> None:
    (finding,) = findings(service("sqs: !GetAtt Jobs.Arn", more=TABLE, version="'2'"))
    assert finding.message.endswith(
        "set ScalingConfig.MaximumConcurrency (2 to 1000) on the event source in resources.extensions"
    )


def test_a_mapping_in_the_resources_of_a_service() -> None:
    more = """
    resources:
      Resources:
        Jobs: {Type: AWS::SQS::Queue}
        Poll:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref OrdersLambdaFunction}
    """
    (finding,) = findings(service("schedule: rate(1 day)", more=more))
    assert finding.message == (
        "queue Jobs can drive orders without bound; "
        "set ScalingConfig.MaximumConcurrency (2 to 1000) on the event source"
    )


def test_the_queue_of_a_construct() -> None:
    more = """
    plugins: [serverless-lift]
    constructs:
      jobs: {type: queue, worker: {handler: a.b}}
      mails: {type: queue, maxConcurrency: 4, worker: {handler: a.b}}
    """
    (finding,) = findings(service("schedule: rate(1 day)", more=more))
    assert finding.message == (
        "queue jobs can drive jobsWorker without bound; set maxConcurrency (2 to 1000) on the construct"
    )


def test_appsync_drives_a_function_of_a_service() -> None:
    more = "appSync: {dataSources: {d: {type: AWS_LAMBDA, config: {functionName: orders}}}}\n"
    (finding,) = findings(service("schedule: rate(1 day)", more=more))
    assert finding.message == (
        "the AppSync API can drive orders without bound; set reservedConcurrency with a value per stage"
    )


def test_reserved_concurrency_of_a_service_bounds_every_event() -> None:
    top = service("sns: news", "http: GET /").replace(
        "handler: a.b", "handler: a.b\n    reservedConcurrency: 4"
    )
    assert results(top) == []
    # Provisioned concurrency is no bound.
    assert len(findings(top.replace("reserved", "provisioned"))) == 1


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("fax: {number: 5}", "'fax' is no event of the framework"),
        ("${ssm:/events}", "its events are not known here"),
        (
            "sqs: ${file(queue.js)}",
            "whether anything bounds the queue of events[0] is known only at deployment",
        ),
    ],
)
def test_what_cannot_be_told_of_a_service(event: str, reason: str) -> None:
    (record,) = results(service(event))
    assert isinstance(record, Unresolved)
    assert (record.reason, record.resource) == (reason, "orders")


def test_the_stage_of_another_services_api_cannot_be_told() -> None:
    text = service("httpApi: GET /").replace("name: aws", "name: aws, httpApi: {id: abc}")
    (record,) = results(text)
    assert isinstance(record, Unresolved)
    assert record.reason == (
        "the stage of HTTP API abc stands outside the service, and so would its throttle"
    )


ZERO = """service: gym
provider: {name: aws, runtime: python3.13}
custom: {limits: {dev: 0, prod: 9}}
functions:
  one: {handler: a.b, reservedConcurrency: 0}
  two: {handler: a.b, reservedConcurrency: "${self:custom.limits.${opt:stage, 'dev'}}"}
  three: {handler: a.b}
  four: {handler: a.b, reservedConcurrency: 5}
resources:
  extensions:
    ThreeLambdaFunction: {Properties: {ReservedConcurrentExecutions: 0}}
"""


def test_reserved_zero_in_a_service() -> None:
    found = findings(ZERO, "zero")
    assert [(each.resource, each.path, each.primary.span.line) for each in found] == [
        ("one", "functions.one.reservedConcurrency", 5),
        ("two", "functions.two.reservedConcurrency", 3),
        ("three", "Resources.ThreeLambdaFunction.Properties.ReservedConcurrentExecutions", 11),
    ]
    assert [[label.text for label in each.labels[1:]] for each in found] == [[], ["takes it from there"], []]
    assert found[1].labels[1].span.line == 6
