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
    """What a check says of a template; SAM where it has the Transform."""
    document = Document("template.yaml", textwrap.dedent(template))
    (root,) = parse_yaml(document)
    assert isinstance(root, Mapping)
    dialect = "sam" if root.get("Transform") else "cloudformation"
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
        (API, "REST API ServerlessRestApi can drive Orders without bound; set ThrottlingRateLimit"),
        ("HttpApi", "in the stage's DefaultRouteSettings, or ReservedConcurrentExecutions from a parameter"),
        ("S3, Properties: {Bucket: !Ref Jobs}", "bucket Jobs can drive Orders without bound; set Reserved"),
        ("EventBridgeRule, Properties: {Pattern: {}}", "event rule It can drive Orders without bound"),
        ("SNS, Properties: {Topic: !ImportValue news}", "topic It can drive Orders without bound"),
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
        "queue Jobs (and 1 more) can drive Orders without bound; "
        "set ReservedConcurrentExecutions, and MaximumConcurrency on the queue's event source"
    )
    assert [label.span.text for label in finding.labels] == ["Orders", "It", "Get"]


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
    assert finding.message.startswith("topic alerts (and 1 more)")
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
            "the stage of REST API It stands outside the template, and so would its throttle",
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
