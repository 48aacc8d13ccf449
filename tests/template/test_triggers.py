"""What invokes a function: every CloudFormation source, and what bounds it."""

from __future__ import annotations

import textwrap

import pytest

from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.template import cloudformation
from scopedown.template.stack import Stack, Trigger


def stack_of(template: str) -> Stack:
    """The stack of some resources; two functions, Orders and Mail (named mail), are there already."""
    text = textwrap.dedent(
        """\
        Resources:
          Orders: {Type: AWS::Lambda::Function, Properties: {Role: 'arn:aws:iam::111122223333:role/orders'}}
          Mail:
            Type: AWS::Lambda::Function
            Properties: {FunctionName: mail, Role: 'arn:aws:iam::111122223333:role/mail'}
        """
    ) + textwrap.indent(textwrap.dedent(template), "  ")
    document = Document("template.yaml", text)
    (root,) = parse_yaml(document)
    assert isinstance(root, Mapping)
    return cloudformation.read(document, root, "cloudformation")


def triggers(stack: Stack, id: str = "Orders") -> list[Trigger]:
    (function,) = [function for function in stack.functions if function.id == id]
    return function.triggers


def kinds(template: str, id: str = "Orders") -> list[tuple[str, str | None, bool | None]]:
    """(kind, logical id of the source, bounded) of every trigger."""
    return [(t.kind, t.source_id, t.bounded) for t in triggers(stack_of(template), id)]


REFERENCES = """\
!GetAtt Orders.Arn
!Ref Orders
!Sub '${Orders.Arn}'
!Sub '${Orders.Arn}:live'
!Ref Live
!Ref Release
!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${Orders}'
!Join [':', [!GetAtt Orders.Arn, live]]
{'Fn::GetAtt': [Orders, Arn]}
""".splitlines()


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_way_to_name_a_function(reference: str) -> None:
    template = f"""
        Live: {{Type: AWS::Lambda::Alias, Properties: {{FunctionName: !Ref Orders, Name: live}}}}
        Release: {{Type: AWS::Lambda::Version, Properties: {{FunctionName: !GetAtt Orders.Arn}}}}
        News: {{Type: AWS::SNS::Topic}}
        Subscription:
          Type: AWS::SNS::Subscription
          Properties: {{TopicArn: !Ref News, Protocol: lambda, Endpoint: {reference}}}
        """
    assert kinds(template) == [("sns", "News", False)]


@pytest.mark.parametrize(
    "name",
    [
        "mail",
        "mail:live",
        "arn:aws:lambda:eu-west-1:111122223333:function:mail",
        "arn:aws:lambda:eu-west-1:111122223333:function:mail:7",
        "!Sub 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:mail'",
    ],
)
def test_a_function_by_its_literal_name(name: str) -> None:
    template = f"""
        Subscription:
          Type: AWS::SNS::Subscription
          Properties: {{TopicArn: 'arn:aws:sns:eu-west-1:1:news', Protocol: lambda, Endpoint: {name}}}
        """
    assert kinds(template, "Mail") == [("sns", None, False)]
    assert kinds(template, "Orders") == []


def test_a_similar_name_is_another_function() -> None:
    template = """
        Subscription:
          Type: AWS::SNS::Subscription
          Properties: {TopicArn: t, Protocol: lambda, Endpoint: 'arn:aws:lambda:eu-west-1:1:function:mailer'}
        """
    assert kinds(template, "Mail") == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("EventSourceArn: !GetAtt Jobs.Arn", ("sqs", "Jobs", False)),
        ("EventSourceArn: !GetAtt Jobs.Arn, ScalingConfig: {MaximumConcurrency: 5}", ("sqs", "Jobs", True)),
        (
            "EventSourceArn: !GetAtt Jobs.Arn, ProvisionedPollerConfig: {MaximumPollers: 4}",
            ("sqs", "Jobs", True),
        ),
        ("EventSourceArn: !GetAtt Jobs.Arn, Enabled: false", ("sqs", "Jobs", True)),
        ("EventSourceArn: 'arn:aws:sqs:eu-west-1:111122223333:jobs'", ("sqs", None, False)),
        ("EventSourceArn: !Sub 'arn:${AWS::Partition}:sqs:eu-west-1:1:jobs'", ("sqs", None, False)),
        ("EventSourceArn: !ImportValue jobs", ("sqs", None, False)),
        ("EventSourceArn: !ImportValue clicks, StartingPosition: LATEST", ("unresolved", None, True)),
        ("EventSourceArn: !ImportValue c, StartingPosition: LATEST, Topics: [t]", ("msk", None, True)),
        ("EventSourceArn: !ImportValue broker, Queues: [q]", ("mq", None, True)),
        ("EventSourceArn: !GetAtt Table.StreamArn, StartingPosition: LATEST", ("dynamodb", "Table", True)),
        ("EventSourceArn: !GetAtt Clicks.Arn, StartingPosition: LATEST", ("kinesis", "Clicks", True)),
        ("SelfManagedEventSource: {Endpoints: {}}, Topics: [t]", ("kafka", None, True)),
    ],
)
def test_event_source_mappings(settings: str, expected: tuple[str, str | None, bool | None]) -> None:
    template = f"""
        Jobs: {{Type: AWS::SQS::Queue}}
        Table: {{Type: AWS::DynamoDB::Table}}
        Clicks: {{Type: AWS::Kinesis::Stream}}
        Mapping:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {{FunctionName: !Ref Orders, {settings}}}
        """
    assert kinds(template) == [expected]


def test_each_alternative_of_a_queue_bound_is_a_trigger() -> None:
    found = triggers(
        stack_of(
            """
            Jobs: {Type: AWS::SQS::Queue}
            Mapping:
              Type: AWS::Lambda::EventSourceMapping
              Properties:
                FunctionName: !Ref Orders
                EventSourceArn: !GetAtt Jobs.Arn
                ScalingConfig: {MaximumConcurrency: !If [IsProd, 50, !Ref AWS::NoValue]}
            """
        )
    )
    assert [(t.bounded, t.bound, t.guard.display()) for t in found] == [
        (True, "50", "IsProd"),
        (False, "", "not IsProd"),
    ]


SOURCES = [
    (
        "function-url",
        None,
        "Url: {Type: AWS::Lambda::Url, Properties: {AuthType: NONE, TargetFunctionArn: !Ref Orders}}",
    ),
    (
        "sns",
        "News",
        """
        News:
          Type: AWS::SNS::Topic
          Properties: {Subscription: [{Protocol: lambda, Endpoint: !GetAtt Orders.Arn}]}
        """,
    ),
    (
        "s3",
        "Uploads",
        """
        Uploads:
          Type: AWS::S3::Bucket
          Properties:
            NotificationConfiguration:
              LambdaConfigurations: [{Event: 's3:ObjectCreated:*', Function: !GetAtt Orders.Arn}]
        """,
    ),
    (
        "logs",
        "Log",
        """
        Log: {Type: AWS::Logs::LogGroup}
        Filter:
          Type: AWS::Logs::SubscriptionFilter
          Properties: {LogGroupName: !Ref Log, FilterPattern: '', DestinationArn: !GetAtt Orders.Arn}
        """,
    ),
    (
        "iot",
        "Rule",
        """
        Rule:
          Type: AWS::IoT::TopicRule
          Properties:
            TopicRulePayload: {Sql: s, Actions: [{Lambda: {FunctionArn: !GetAtt Orders.Arn}}]}
        """,
    ),
    (
        "event-pattern",
        "Rule",
        """
        Rule:
          Type: AWS::Events::Rule
          Properties: {EventPattern: {source: [shop]}, Targets: [{Id: t, Arn: !GetAtt Orders.Arn}]}
        """,
    ),
    (
        "appsync",
        "Graph",
        """
        Graph: {Type: AWS::AppSync::GraphQLApi, Properties: {Name: g}}
        Source:
          Type: AWS::AppSync::DataSource
          Properties:
            ApiId: !GetAtt Graph.ApiId
            LambdaConfig: {LambdaFunctionArn: !GetAtt Orders.Arn}
        """,
    ),
    (
        "alb",
        "Group",
        """
        Group:
          Type: AWS::ElasticLoadBalancingV2::TargetGroup
          Properties: {TargetType: lambda, Targets: [{Id: !GetAtt Orders.Arn}]}
        """,
    ),
]


@pytest.mark.parametrize(("kind", "source", "template"), SOURCES, ids=[kind for kind, _, _ in SOURCES])
def test_sources_without_a_bound(kind: str, source: str | None, template: str) -> None:
    assert kinds(template) == [(kind, source, False)]


QUIET = [
    (
        "schedule",
        True,
        """
        Rule:
          Type: AWS::Events::Rule
          Properties: {ScheduleExpression: rate(1 hour), Targets: [{Id: t, Arn: !GetAtt Orders.Arn}]}
        """,
    ),
    (
        "schedule",
        True,
        """
        Nightly:
          Type: AWS::Scheduler::Schedule
          Properties: {ScheduleExpression: rate(1 day), Target: {Arn: !GetAtt Orders.Arn}}
        """,
    ),
    (
        "cognito",
        None,
        "Pool: {Type: AWS::Cognito::UserPool, Properties: {LambdaConfig: {PreSignUp: !GetAtt Orders.Arn}}}",
    ),
    (
        "cognito",
        None,
        """
        Pool:
          Type: AWS::Cognito::UserPool
          Properties:
            LambdaConfig: {PreTokenGenerationConfig: {LambdaVersion: V2_0, LambdaArn: !GetAtt Orders.Arn}}
        """,
    ),
    ("custom-resource", None, "Seed: {Type: Custom::Seed, Properties: {ServiceToken: !GetAtt Orders.Arn}}"),
    (
        "edge",
        None,
        """
        Release: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Orders}}
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              CacheBehaviors:
                - LambdaFunctionAssociations: [{EventType: viewer-request, LambdaFunctionARN: !Ref Release}]
        """,
    ),
    (
        "other",
        None,
        """
        Check:
          Type: AWS::Config::ConfigRule
          Properties: {Source: {Owner: CUSTOM_LAMBDA, SourceIdentifier: !GetAtt Orders.Arn}}
        """,
    ),
]


@pytest.mark.parametrize(("kind", "bounded", "template"), QUIET)
def test_sources_that_need_no_bound(kind: str, bounded: bool | None, template: str) -> None:
    assert [(k, b) for k, _, b in kinds(template)] == [(kind, bounded)]


def test_a_disabled_rule_lets_nothing_through() -> None:
    template = """
        Rule:
          Type: AWS::Events::Rule
          Properties:
            State: !If [IsProd, ENABLED, DISABLED]
            EventPattern: {source: [shop]}
            Targets: [{Id: t, Arn: !GetAtt Orders.Arn}]
        """
    found = triggers(stack_of(template))
    assert [(t.bounded, t.bound, t.guard.display()) for t in found] == [
        (True, "switched off", "not IsProd"),
        (False, "", "IsProd"),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Source: !GetAtt Jobs.Arn", ("sqs", "Jobs", False)),
        ("Source: !GetAtt Clicks.Arn", ("kinesis", "Clicks", True)),
        (
            "Source: !ImportValue x, SourceParameters: {SqsQueueParameters: {}}",
            ("sqs", None, False),
        ),
        ("Source: !ImportValue x", ("unresolved", None, None)),
    ],
)
def test_pipes_are_driven_by_their_source(source: str, expected: tuple[str, str | None, bool | None]) -> None:
    template = f"""
        Jobs: {{Type: AWS::SQS::Queue}}
        Clicks: {{Type: AWS::Kinesis::Stream}}
        Pipe: {{Type: AWS::Pipes::Pipe, Properties: {{{source}, Target: !GetAtt Orders.Arn}}}}
        """
    assert kinds(template) == [expected]


@pytest.mark.parametrize(
    "definition",
    [
        "DefinitionSubstitutions: {Fn: !GetAtt Orders.Arn}",
        """DefinitionString: !Sub '{"States": {"A": {"Type": "Task", "Resource": "${Orders.Arn}"}}}'""",
        "Definition: {States: {A: {Type: Task, Resource: !GetAtt Orders.Arn}}}",
    ],
)
def test_state_machines(definition: str) -> None:
    template = f"""
        Machine:
          Type: AWS::StepFunctions::StateMachine
          Properties:
            {definition}
        """
    assert kinds(template) == [("step-functions", "Machine", None)]


def test_a_state_machine_that_names_a_function_literally() -> None:
    template = """
        Machine:
          Type: AWS::StepFunctions::StateMachine
          Properties:
            DefinitionString: '{"Resource": "arn:aws:lambda:eu-west-1:111122223333:function:mail"}'
        """
    assert kinds(template, "Mail") == [("step-functions", "Machine", None)]


# -- permissions -------------------------------------------------------------------------------------


def permission(rest: str) -> str:
    return f"""
        Topic: {{Type: AWS::SNS::Topic}}
        Hourly: {{Type: AWS::Events::Rule, Properties: {{ScheduleExpression: rate(1 hour)}}}}
        Shop: {{Type: AWS::Events::Rule, Properties: {{EventPattern: {{source: [shop]}}}}}}
        Permission:
          Type: AWS::Lambda::Permission
          Properties: {{Action: 'lambda:InvokeFunction', FunctionName: !Ref Orders, {rest}}}
        """


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("Principal: sns.amazonaws.com, SourceArn: !Ref Topic", ("sns", "Topic", False)),
        ("Principal: s3.amazonaws.com", ("s3", None, False)),
        ("Principal: !Sub 'logs.${AWS::Region}.amazonaws.com'", ("logs", None, False)),
        ("Principal: elasticloadbalancing.amazonaws.com", ("alb", None, False)),
        ("Principal: events.amazonaws.com, SourceArn: !GetAtt Hourly.Arn", ("schedule", "Hourly", True)),
        ("Principal: events.amazonaws.com, SourceArn: !GetAtt Shop.Arn", ("event-pattern", "Shop", False)),
        ("Principal: events.amazonaws.com", ("unresolved", None, None)),
        ("Principal: apigateway.amazonaws.com", ("unresolved", None, None)),
        ("Principal: cognito-idp.amazonaws.com", ("cognito", None, None)),
        ("Principal: alexa-appkit.amazon.com", ("other", None, None)),
        ("Principal: '111122223333'", ("other", None, None)),
        ("Principal: '*', FunctionUrlAuthType: NONE", ("function-url", None, False)),
        ("Principal: '*'", ("other", None, None)),
        ("Principal: !ImportValue caller", ("unresolved", None, None)),
    ],
)
def test_permissions(rest: str, expected: tuple[str, str | None, bool | None]) -> None:
    assert kinds(permission(rest)) == [expected]


def test_a_permission_for_a_known_trigger_is_not_counted_again() -> None:
    template = """
        News: {Type: AWS::SNS::Topic}
        Subscription:
          Type: AWS::SNS::Subscription
          Properties: {TopicArn: !Ref News, Protocol: lambda, Endpoint: !GetAtt Orders.Arn}
        One:
          Type: AWS::Lambda::Permission
          Properties: {FunctionName: !Ref Orders, Principal: sns.amazonaws.com, SourceArn: !Ref News}
        Two:
          Type: AWS::Lambda::Permission
          Properties: {FunctionName: !Ref Orders, Principal: sns.amazonaws.com}
        """
    assert kinds(template) == [("sns", "News", False)]


def test_a_permission_for_another_source_counts() -> None:
    template = """
        News: {Type: AWS::SNS::Topic}
        Alerts: {Type: AWS::SNS::Topic}
        Subscription:
          Type: AWS::SNS::Subscription
          Properties: {TopicArn: !Ref News, Protocol: lambda, Endpoint: !GetAtt Orders.Arn}
        Permission:
          Type: AWS::Lambda::Permission
          Properties: {FunctionName: !Ref Orders, Principal: sns.amazonaws.com, SourceArn: !Ref Alerts}
        """
    assert kinds(template) == [("sns", "News", False), ("sns", "Alerts", False)]


# -- destinations and guards -------------------------------------------------------------------------


def test_destinations() -> None:
    stack = stack_of(
        """
        Lost: {Type: AWS::SQS::Queue}
        Jobs: {Type: AWS::SQS::Queue}
        Notify:
          Type: AWS::Lambda::Function
          Properties:
            Role: arn:aws:iam::111122223333:role/notify
            DeadLetterConfig: {TargetArn: !GetAtt Lost.Arn}
        Async:
          Type: AWS::Lambda::EventInvokeConfig
          Properties:
            FunctionName: !Ref Notify
            Qualifier: $LATEST
            DestinationConfig:
              OnSuccess: {Destination: !GetAtt Orders.Arn}
              OnFailure: {Destination: 'arn:aws:sns:eu-west-1:111122223333:lost'}
        Mapping:
          Type: AWS::Lambda::EventSourceMapping
          Properties:
            FunctionName: !Ref Notify
            EventSourceArn: !GetAtt Jobs.Arn
            DestinationConfig: {OnFailure: {Destination: !ImportValue failed}}
        """
    )
    (notify,) = [function for function in stack.functions if function.id == "Notify"]
    assert sorted((d.use, d.kind, d.target.display()) for d in notify.destinations) == [
        ("dlq", "sqs", "${Lost.Arn}"),
        ("esm-on-failure", "unresolved", "${{Fn::ImportValue:failed}}"),
        ("on-failure", "sns", "arn:aws:sns:eu-west-1:111122223333:lost"),
        ("on-success", "lambda", "${Orders.Arn}"),
    ]
    assert [t.kind for t in triggers(stack)] == ["other"]


def test_a_capacity_provider_is_a_trigger_of_its_own_kind() -> None:
    stack = stack_of(
        """
        Managed:
          Type: AWS::Lambda::Function
          Properties:
            Role: arn:aws:iam::111122223333:role/managed
            CapacityProviderConfig: {LambdaManagedInstancesCapacityProviderConfig: {CapacityProviderArn: a}}
        """
    )
    assert [t.kind for t in triggers(stack, "Managed")] == ["capacity-provider"]


def test_a_trigger_exists_where_its_resource_does() -> None:
    stack = stack_of(
        """
        Subscription:
          Type: AWS::SNS::Subscription
          Condition: IsProd
          Properties: {TopicArn: t, Protocol: lambda, Endpoint: !GetAtt Orders.Arn}
        """
    )
    assert [t.guard.display() for t in triggers(stack)] == ["IsProd"]


def test_a_trigger_says_where_it_stands() -> None:
    stack = stack_of(
        """
        Uploads:
          Type: AWS::S3::Bucket
          Properties:
            NotificationConfiguration:
              LambdaConfigurations: [{Event: e, Function: !GetAtt Orders.Arn}]
        """
    )
    (trigger,) = triggers(stack)
    assert trigger.node.span.text == "!GetAtt Orders.Arn"
    expected = "Resources.Uploads.Properties.NotificationConfiguration.LambdaConfigurations[0].Function"
    assert trigger.path == expected


def test_a_permission_from_elsewhere_is_taken_for_the_known_one_in_any_order() -> None:
    known = """
        A%d:
          Type: AWS::Lambda::Permission
          Properties: {FunctionName: !Ref Orders, Principal: sns.amazonaws.com, SourceArn: !Ref News}
        """
    other = """
        B:
          Type: AWS::Lambda::Permission
          Properties: {FunctionName: !Ref Orders, Principal: sns.amazonaws.com, SourceArn: 'arn:aws:sns:x:1'}
        """
    topic = "News: {Type: AWS::SNS::Topic}\n"
    for template in (known % 1 + other, other + known % 1):
        assert kinds(topic + textwrap.dedent(template)) == [("sns", "News", False)]
