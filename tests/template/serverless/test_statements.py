"""What the framework adds to the default role: logs, settings, events, and what the plugin's roles get."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from scopedown.source.discovery import parse
from scopedown.source.tree import Document, Mapping
from scopedown.template import cloudformation
from scopedown.template.serverless.packaged import Said

from ..stacks import short
from .made import LOGS, SHARED, added, at, causes, lines, managed, notes, osls, package, say, service

CREATE = "Allow logs:CreateLogStream,logs:CreateLogGroup,logs:TagResource on "
CREATE_OLD = "Allow logs:CreateLogStream,logs:CreateLogGroup on "
PUT = "Allow logs:PutLogEvents on "
ARN = "arn:aws:sns:us-east-1:123456789012:burnt"
NETWORK = (
    "Allow ec2:CreateNetworkInterface,ec2:DescribeNetworkInterfaces,ec2:DescribeVpcs,"
    "ec2:DeleteNetworkInterface,ec2:DescribeSubnets,ec2:DescribeSecurityGroups on *"
)
DYNAMODB = (
    "Allow dynamodb:GetRecords,dynamodb:GetShardIterator,dynamodb:DescribeStream,dynamodb:ListStreams on "
)
KINESIS = "Allow kinesis:GetRecords,kinesis:GetShardIterator,kinesis:DescribeStream,kinesis:ListStreams on "
QUEUE = "Allow sqs:ReceiveMessage,sqs:DeleteMessage,sqs:GetQueueAttributes on "
XRAY = "Allow xray:PutTraceSegments,xray:PutTelemetryRecords on *"


# -- logs


@pytest.mark.parametrize(
    ("version", "create"), [("1", CREATE_OLD), ("2", CREATE_OLD), ("3", CREATE), ("4", CREATE)]
)
def test_logs_begin_with_the_service(version: str, create: str) -> None:
    found = lines(service("bake: {handler: a.b}", version=version))
    assert found == [f"{create}{LOGS}bakery-dev*:*", f"{PUT}{LOGS}bakery-dev*:*:*"]


def test_a_name_of_its_own_comes_first() -> None:
    found = lines(service("bake: {handler: a.b}\nsell: {handler: a.b, name: shop}"))
    assert found == [
        f"{CREATE}{LOGS}shop:*,{LOGS}bakery-dev*:*",
        f"{PUT}{LOGS}shop:*:*,{LOGS}bakery-dev*:*:*",
    ]


def test_a_name_that_begins_like_the_service_is_covered() -> None:
    found = lines(service("sell: {handler: a.b, name: bakery-device}"))
    assert found == [f"{CREATE}{LOGS}bakery-dev*:*", f"{PUT}{LOGS}bakery-dev*:*:*"]


def test_names_of_their_own_need_nothing_else() -> None:
    found = lines(service("sell: {handler: a.b, name: shop}"))
    assert found == [f"{CREATE}{LOGS}shop:*", f"{PUT}{LOGS}shop:*:*"]


def test_a_name_with_a_hole_is_covered_by_its_beginning() -> None:
    functions = """\
    bake: {handler: a.b, name: 'bakery-dev-${env:OVEN}'}
    sell: {handler: a.b, name: 'shop-${env:TOWN}'}
    """
    found = lines(service(functions))
    shop = f"{LOGS}shop-Variable(env:TOWN)"
    assert found == [
        f"{CREATE}{shop}:*,{LOGS}bakery-dev*:*",
        f"{PUT}{shop}:*:*,{LOGS}bakery-dev*:*:*",
    ]


SILENT = """\
bake: {handler: a.b}
rest: {handler: a.b, disableLogs: true}
mute: {handler: a.b, name: mute, disableLogs: true}
"""


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_disabled_logs_are_denied(version: str) -> None:
    packaged = service(SILENT, version=version)
    assert lines(packaged)[1:] == [
        f"{PUT}{LOGS}bakery-dev*:*:*",
        f"Deny logs:PutLogEvents on {LOGS}bakery-dev-rest:*",
    ]
    assert causes(packaged) == [("functions.rest.disableLogs", "disableLogs")]


def test_version_one_does_not_deny() -> None:
    assert lines(service(SILENT, version="1"))[1:] == [f"{PUT}{LOGS}mute:*:*,{LOGS}bakery-dev*:*:*"]


def test_nothing_is_denied_where_nothing_is_allowed() -> None:
    found = lines(service("rest: {handler: a.b, disableLogs: true}"))
    assert found == [CREATE, PUT]


def test_version_four_knows_log_groups() -> None:
    functions = """\
    bake: {handler: a.b, logs: {logGroup: /ovens}}
    roll: {handler: a.b, logs: {logGroup: /ovens}}
    sell: {handler: a.b, name: shop, logs: {logGroupClass: infrequent_access}}
    """
    assert lines(service(functions, version="4"))[1] == PUT + (
        f"{LOGS.replace('/aws/lambda/', '')}/ovens:*:*,{LOGS}shop-ia:*:*"
    )
    assert lines(service(functions))[1] == f"{PUT}{LOGS}shop:*:*,{LOGS}bakery-dev*:*:*"


def test_statements_of_the_author_come_after_logs() -> None:
    statement = "{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::recipes/*'}"
    functions = f"bake: {{handler: a.b, onError: '{ARN}'}}"
    packaged = service(functions, f"iam: {{role: {{statements: [{statement}]}}}}")
    assert lines(packaged)[2:] == [
        "Allow s3:GetObject on arn:aws:s3:::recipes/*",
        f"Allow sns:Publish on {ARN}",
    ]


def test_version_one_knows_no_iam_of_the_provider() -> None:
    provider = """\
    iam:
      role:
        name: ours
        statements: [{Effect: Allow, Action: 's3:PutObject', Resource: '*'}]
        managedPolicies: [wide]
    iamRoleStatements: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]
    """
    packaged = service("bake: {handler: a.b}", provider, version="1")
    assert lines(packaged)[2:] == ["Allow s3:GetObject on *"]
    assert managed(packaged.roles[SHARED]) == []
    assert lines(service("bake: {handler: a.b}", provider))[2:] == ["Allow s3:PutObject on *"]
    assert service("bake: {handler: a.b}", "iam: {role: 'arn:aws:iam::1:role/x'}", version="1").roles
    assert not service("bake: {handler: a.b}", "iam: {role: 'arn:aws:iam::1:role/x'}").roles


def test_a_role_that_only_deployment_knows_is_an_existing_one() -> None:
    assert not service("bake: {handler: a.b}", "iam: {role: '${env:ROLE}'}").roles
    assert service("bake: {handler: a.b}", "iam: {role: '${env:ROLE, null}'}").roles


def test_a_network_points_at_what_asks_for_it() -> None:
    functions = "bake: {handler: a.b}\nsell: {handler: a.b, vpc: null}"
    (own,) = service(functions).roles[SHARED].managed
    (of_all,) = service(functions, "vpc: {subnetIds: [a]}").roles[SHARED].managed
    assert isinstance(own, Said) and isinstance(of_all, Said)
    assert (own.path, at(own.cause)) == ("functions.sell.vpc", "vpc")
    assert (of_all.path, at(of_all.cause)) == ("provider.vpc", "vpc")


# -- settings


def test_on_error_adds_only_for_a_string() -> None:
    functions = f"""\
    bake: {{handler: a.b, onError: '{ARN}'}}
    sell: {{handler: a.b, onError: !Ref Topic}}
    sweep: {{handler: a.b, onError: '${{env:TOPIC}}'}}
    """
    packaged = service(functions)
    assert added(packaged) == [f"Allow sns:Publish on {ARN}", "Allow sns:Publish on Variable(env:TOPIC)"]
    assert causes(packaged)[0] == ("functions.bake.onError", "onError")


def test_on_error_of_a_function_with_a_role_counts_too() -> None:
    functions = f"""\
    bake: {{handler: a.b}}
    sell: {{handler: a.b, role: 'arn:aws:iam::123456789012:role/x', onError: '{ARN}'}}
    """
    assert added(service(functions)) == [f"Allow sns:Publish on {ARN}"]


KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
OTHER = "arn:aws:kms:us-east-1:123456789012:key/2"


def test_a_key_is_said_once() -> None:
    functions = f"""\
    bake: {{handler: a.b}}
    sell: {{handler: a.b}}
    roll: {{handler: a.b, kmsKeyArn: '{OTHER}'}}
    rest: {{handler: a.b, kmsKeyArn: !GetAtt Key.Arn}}
    """
    packaged = service(functions, f"kmsKeyArn: '{KEY}'")
    assert added(packaged) == [f"Allow kms:Decrypt on {KEY}", f"Allow kms:Decrypt on {OTHER}"]
    assert causes(packaged) == [
        ("provider.kmsKeyArn", "kmsKeyArn"),
        ("functions.roll.kmsKeyArn", "kmsKeyArn"),
    ]


@pytest.mark.parametrize(("version", "keys"), [("1", [OTHER]), ("2", [KEY]), ("3", [])])
def test_older_names_of_the_key(version: str, keys: list[str]) -> None:
    text = f"""\
    service: {{name: bakery, awsKmsKeyArn: '{KEY}'}}
    provider: {{name: aws}}
    functions:
      bake: {{handler: a.b, awsKmsKeyArn: '{OTHER}'}}
    """
    text = text if version == "1" else text.replace(f", awsKmsKeyArn: '{OTHER}'", "", 1)
    assert added(package(text, version)) == [f"Allow kms:Decrypt on {key}" for key in keys]


def test_tracing_is_said_once() -> None:
    functions = "bake: {handler: a.b}\nsell: {handler: a.b, tracing: PassThrough}"
    packaged = service(functions, "tracing: {lambda: true}")
    assert added(packaged) == [XRAY]
    assert causes(packaged) == [("provider.tracing.lambda", "lambda")]


def test_tracing_that_the_author_allows_is_not_said_again() -> None:
    statement = """\
    tracing: {lambda: true}
    iamRoleStatements:
      - Effect: Allow
        Action: [xray:PutTraceSegments, xray:PutTelemetryRecords]
        Resource: ['*']
    """
    assert added(service("bake: {handler: a.b}", statement)) == []


def test_a_setting_that_may_be_on_adds_where_it_is_on() -> None:
    functions = """\
    bake: {handler: a.b, onError: '${env:TOPIC, null}'}
    sell: {handler: a.b, tracing: '${env:TRACE, opt:trace, false}'}
    """
    nothing = "Ref(AWS::NoValue)"
    parts = service(functions).roles[SHARED].policies[2:]
    topic, traces = [say(each.value) for each in parts if isinstance(each, Said)]
    assert topic.startswith("If(env:TOPIC is set,") and topic.endswith(f",{nothing})")
    assert traces.startswith("If(env:TRACE is set,") and ",If(opt:trace is given," in traces
    assert traces.endswith(f",{nothing}))")


def test_tracing_can_be_off() -> None:
    assert added(service("bake: {handler: a.b, tracing: false}")) == []


def test_a_file_system() -> None:
    arn = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1"
    packaged = service(f"bake: {{handler: a.b, fileSystemConfig: {{arn: '{arn}', localMountPath: /mnt/x}}}}")
    assert added(packaged) == [f"Allow elasticfilesystem:ClientMount,elasticfilesystem:ClientWrite on {arn}"]
    assert causes(packaged) == [("functions.bake.fileSystemConfig", "fileSystemConfig")]


def test_a_file_system_of_a_bucket_in_version_four() -> None:
    arn = "arn:aws:s3files:us-east-1:123456789012:file-system/fs-1"
    functions = f"bake: {{handler: a.b, fileSystemConfig: {{arn: '{arn}'}}}}"
    assert added(service(functions, version="4")) == [
        f"Allow s3files:ClientMount,s3files:ClientWrite on {arn}"
    ]
    typed = "bake: {handler: a.b, fileSystemConfig: {arn: !GetAtt F.Arn, type: s3files}}"
    assert added(service(typed, version="4")) == [
        "Allow s3files:ClientMount,s3files:ClientWrite on GetAtt(F.Arn)"
    ]


FUNCTION = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"


@pytest.mark.parametrize(
    ("target", "statement"),
    [
        ("sell", f"lambda:InvokeFunction on {FUNCTION}bakery-dev-sell"),
        (
            "arn:aws:lambda:us-east-1:1:function:x",
            "lambda:InvokeFunction on arn:aws:lambda:us-east-1:1:function:x",
        ),
        ("arn:aws:sqs:us-east-1:1:q", "sqs:SendMessage on arn:aws:sqs:us-east-1:1:q"),
        ("arn:aws:sns:us-east-1:1:t", "sns:Publish on arn:aws:sns:us-east-1:1:t"),
        (
            "arn:aws:events:us-east-1:1:event-bus/b",
            "events:PutEvents on arn:aws:events:us-east-1:1:event-bus/b",
        ),
        (
            "arn:aws:sqs:us-east-1:1:${env:QUEUE}",
            "sqs:SendMessage on arn:aws:sqs:us-east-1:1:Variable(env:QUEUE)",
        ),
    ],
)
def test_a_destination_is_a_name_or_an_arn(target: str, statement: str) -> None:
    functions = f"bake: {{handler: a.b, destinations: {{onSuccess: '{target}'}}}}\nsell: {{handler: a.b}}"
    packaged = service(functions)
    assert added(packaged) == [f"Allow {statement}"]
    assert causes(packaged) == [("functions.bake.destinations.onSuccess", "onSuccess")]


@pytest.mark.parametrize(
    ("type", "action"),
    [
        ("function", "lambda:InvokeFunction"),
        ("sqs", "sqs:SendMessage"),
        ("sns", "sns:Publish"),
        ("eventBus", "events:PutEvents"),
    ],
)
def test_a_destination_has_a_type(type: str, action: str) -> None:
    functions = f"bake: {{handler: a.b, destinations: {{onFailure: {{type: {type}, arn: !GetAtt T.Arn}}}}}}"
    assert added(service(functions)) == [f"Allow {action} on GetAtt(T.Arn)"]


def test_destinations_are_said_once_and_only_without_a_custom_role() -> None:
    functions = """\
    bake: {handler: a.b, destinations: {onSuccess: sell, onFailure: sell}}
    roll: {handler: a.b, destinations: {onSuccess: sell}}
    sell: {handler: a.b, role: MyRole, destinations: {onSuccess: bake}}
    """
    assert added(service(functions)) == [f"Allow lambda:InvokeFunction on {FUNCTION}bakery-dev-sell"]


def test_destinations_come_after_settings_of_all_functions_where_they_get_versions() -> None:
    functions = f"""\
    bake: {{handler: a.b, destinations: {{onSuccess: sell}}}}
    sell: {{handler: a.b, onError: '{ARN}'}}
    """
    invoke, publish = (
        f"Allow lambda:InvokeFunction on {FUNCTION}bakery-dev-sell",
        f"Allow sns:Publish on {ARN}",
    )
    assert added(service(functions)) == [publish, invoke]
    assert added(service(functions, "versionFunctions: false")) == [invoke, publish]
    assert added(service(functions, version="2")) == [invoke, publish]


@pytest.mark.parametrize(
    ("target", "version", "reason"),
    [
        (
            "'${env:WHERE}'",
            "3",
            "whether it is an ARN or a function's name is known only when it is deployed",
        ),
        ("'arn:aws:${env:SERVICE}'", "3", "what it is is known only when it is deployed"),
        ("nobody", "3", "the service has no function of that name"),
        ("'arn:aws:s3:::b'", "3", "the framework refuses it"),
        ("{type: s3, arn: 'arn:aws:s3:::b'}", "3", "it says no type and arn that the framework knows"),
        ("{type: sns, arn: !Ref T}", "2", "only version 3 of the framework takes more than a string"),
    ],
)
def test_a_destination_that_cannot_be_told_is_noted(target: str, version: str, reason: str) -> None:
    functions = f"bake: {{handler: a.b, destinations: {{onFailure: {target}}}}}"
    packaged = service(functions, version=version)
    assert added(packaged) == []
    assert notes(packaged) == [("destination", reason, "functions.bake.destinations.onFailure")]


def test_durable_functions_in_version_four() -> None:
    functions = "bake: {handler: a.b, durableConfig: {}}\nsell: {handler: a.b, durableConfig: {}}"
    packaged = service(functions, version="4")
    assert managed(packaged.roles[SHARED]) == ["service-role/AWSLambdaBasicDurableExecutionRolePolicy"]
    assert managed(service(functions).roles[SHARED]) == []


DURABLE = """\
service: bakery
provider: {name: aws}
functions:
  bake: {handler: a.b, durableConfig: {executionTimeout: 60}}
  roll: {handler: a.b, role: MyRole, durableConfig: {executionTimeout: 60}}
  sell: {handler: a.b, destinations: {onSuccess: bake, onFailure: rest}}
  rest: {handler: a.b, snapStart: true, destinations: {onSuccess: wait, onFailure: sell}}
  wait: {handler: a.b, provisionedConcurrency: 1}
"""


@pytest.mark.parametrize("major", [3, 4])
def test_durable_functions_and_aliases_in_osls(major: int, tmp_path: Path) -> None:
    packaged = osls(tmp_path, DURABLE, major)
    durable = (
        "Allow lambda:CheckpointDurableExecution,lambda:GetDurableExecutionState"
        f" on {FUNCTION}bakery-dev-bake:*/durable-execution/*/*"
    )
    names = ["bake:durable" if major == 4 else "bake", "rest:snapstart", "wait:provisioned", "sell"]
    invoke = [f"Allow lambda:InvokeFunction on {FUNCTION}bakery-dev-{name}" for name in names]
    assert added(packaged) == ([durable] if major == 4 else []) + invoke
    assert managed(packaged.roles[SHARED]) == []


# -- events


def event(text: str, version: str = "3") -> list[str]:
    return added(service(f"bake: {{handler: a.b, events: [{{{text}}}]}}", version=version))


def test_a_stream_of_a_table() -> None:
    arn = "arn:aws:dynamodb:us-east-1:1:table/t/stream/1"
    assert event(f"stream: '{arn}'") == [DYNAMODB + arn]
    assert event("stream: {type: dynamodb, arn: !GetAtt T.StreamArn}") == [DYNAMODB + "GetAtt(T.StreamArn)"]


def test_a_kinesis_stream() -> None:
    assert event("stream: {arn: 'arn:aws:kinesis:us-east-1:1:stream/s'}") == [
        KINESIS + "arn:aws:kinesis:us-east-1:1:stream/s"
    ]


CONSUMED = (
    "Allow kinesis:GetRecords,kinesis:GetShardIterator,kinesis:DescribeStreamSummary,kinesis:ListShards on "
)


def test_a_kinesis_stream_with_a_consumer() -> None:
    arn = "arn:aws:kinesis:us-east-1:1:stream/s"
    assert event(f"stream: {{arn: '{arn}', consumer: true}}") == [
        CONSUMED + arn,
        "Allow kinesis:SubscribeToShard on Ref(BakesConsumerStreamConsumer)",
    ]
    assert event(f"stream: {{arn: '{arn}', consumer: '{arn}/consumer/c:1'}}") == [
        CONSUMED + arn,
        f"Allow kinesis:SubscribeToShard on {arn}/consumer/c:1",
    ]


def test_the_name_of_a_consumer_can_hold_the_service() -> None:
    functions = (
        "bake: {handler: a.b, events: [{stream: {type: kinesis, arn: !GetAtt S.Arn, consumer: true}}]}"
    )
    packaged = service(functions, "kinesis: {consumerNamingMode: serviceSpecific}")
    assert added(packaged)[1] == "Allow kinesis:SubscribeToShard on Ref(BakeSbakerydevConsumerStreamConsumer)"


def test_records_that_fail_go_to_a_topic_or_a_queue() -> None:
    arn = "arn:aws:dynamodb:us-east-1:1:table/t/stream/1"
    topic = "arn:aws:sns:us-east-1:1:t"
    assert event(f"stream: {{arn: '{arn}', destinations: {{onFailure: '{topic}'}}}}")[1:] == [
        f"Allow sns:Publish on {topic}"
    ]
    queue = "{type: sqs, arn: !GetAtt Q.Arn}"
    assert event(f"stream: {{arn: '{arn}', destinations: {{onFailure: {queue}}}}}")[1:] == [
        "Allow sqs:ListQueues,sqs:SendMessage on GetAtt(Q.Arn)"
    ]


def test_a_stream_that_cannot_be_told_is_noted() -> None:
    packaged = service("bake: {handler: a.b, events: [{stream: '${ssm:/stream}'}]}")
    assert added(packaged) == []
    reason = "whether it is a DynamoDB or a Kinesis stream is known only when it is deployed"
    assert notes(packaged) == [("stream", reason, "functions.bake.events[0].stream")]


def test_where_failing_records_go_that_cannot_be_told_is_noted() -> None:
    arn = "arn:aws:dynamodb:us-east-1:1:table/t/stream/1"
    stream = f"{{arn: '{arn}', destinations: {{onFailure: '${{ssm:/where}}'}}}}"
    packaged = service(f"bake: {{handler: a.b, events: [{{stream: {stream}}}]}}")
    assert added(packaged) == [DYNAMODB + arn]
    reason = "whether it is a topic or a queue is known only when it is deployed"
    assert notes(packaged) == [
        ("destination", reason, "functions.bake.events[0].stream.destinations.onFailure")
    ]


QUEUES = """\
bake:
  handler: a.b
  events:
    - sqs: arn:aws:sqs:us-east-1:1:one
    - sqs: {arn: !GetAtt Two.Arn}
sell:
  handler: a.b
  events:
    - sqs: {arn: 'arn:aws:sqs:us-east-1:1:${env:THREE}'}
"""


def test_queues_share_a_statement() -> None:
    packaged = service(QUEUES)
    one, three = "arn:aws:sqs:us-east-1:1:one", "arn:aws:sqs:us-east-1:1:Variable(env:THREE)"
    assert added(packaged) == [f"{QUEUE}{one},GetAtt(Two.Arn),{three}"]
    assert causes(packaged) == [("functions.bake.events[0].sqs", "sqs")]
    for version in ("1", "2"):
        assert added(service(QUEUES, version=version)) == [
            f"{QUEUE}{one},GetAtt(Two.Arn)",
            f"{QUEUE}{three}",
        ]


def test_a_cluster_of_msk() -> None:
    arn = "arn:aws:kafka:us-east-1:1:cluster/c/1"
    found = ["Allow kafka:DescribeCluster,kafka:GetBootstrapBrokers on " + arn, NETWORK]
    assert event(f"msk: {{arn: '{arn}', topic: t}}") == found
    assert event(f"msk: {{arn: '{arn}', topic: t}}", "1") == []


def test_a_kafka_cluster() -> None:
    access = "{vpcSubnet: subnet-1, vpcSecurityGroup: [sg-1], saslPlainAuth: [secret-1, secret-2]}"
    assert event(f"kafka: {{topic: t, accessConfigurations: {access}}}") == [
        "Allow secretsmanager:GetSecretValue on secret-1,secret-2",
        NETWORK,
    ]
    access = "{serverRootCaCertificate: secret-1}"
    assert event(f"kafka: {{topic: t, accessConfigurations: {access}}}") == [
        "Allow secretsmanager:GetSecretValue on secret-1"
    ]


@pytest.mark.parametrize("kind", ["activemq", "rabbitmq"])
def test_a_broker(kind: str) -> None:
    assert event(f"{kind}: {{arn: broker-1, basicAuthArn: secret-1, queue: q}}") == [
        "Allow secretsmanager:GetSecretValue on secret-1",
        "Allow mq:DescribeBroker on broker-1",
        NETWORK,
    ]


CONNECTIONS = "Allow execute-api:ManageConnections on arn:${AWS::Partition}:execute-api:*:*:*/@connections/*"


def test_websockets() -> None:
    functions = """\
    bake: {handler: a.b, events: [{websocket: $connect}, {websocket: {route: x}}]}
    sell: {handler: a.b, events: [{websocket: $default}]}
    """
    packaged = service(functions)
    assert added(packaged) == [CONNECTIONS]
    assert causes(packaged) == [("functions.bake.events[0].websocket", "websocket")]
    assert added(service(functions, "apiGateway: {websocketApiId: abc}")) == []


EDGE = (
    "Allow logs:CreateLogGroup,logs:CreateLogStream,logs:PutLogEvents{} on arn:${{AWS::Partition}}:logs:*:*:*"
)


@pytest.mark.parametrize(("version", "more"), [("1", ""), ("2", ""), ("3", ",logs:TagResource")])
def test_functions_at_the_edge(version: str, more: str) -> None:
    functions = "bake: {handler: a.b, events: [{cloudFront: {eventType: origin-request, origin: 's3://b'}}]}"
    packaged = service(functions, version=version)
    assert added(packaged) == [EDGE.format(more)]
    assert packaged.roles[SHARED].services == ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]


SCHEDULED = """\
bake:
  handler: a.b
  events:
    - schedule: {rate: ['rate(1 day)'], method: scheduler}
    - schedule: {rate: ['rate(2 days)'], method: scheduler, roleArn: 'arn:aws:iam::1:role/s'}
    - schedule: rate(1 hour)
sell:
  handler: a.b
  events:
    - schedule: {rate: ['rate(1 day)'], method: eventBus}
"""


def test_schedules_of_the_scheduler() -> None:
    packaged = service(SCHEDULED)
    name = f"{FUNCTION}bakery-dev-bake"
    assert added(packaged) == [f"Allow lambda:InvokeFunction on {name},{name}:*"]
    assert causes(packaged) == [("functions.bake.events[0].schedule", "schedule")]
    assert packaged.roles[SHARED].services == ["lambda.amazonaws.com", "scheduler.amazonaws.com"]


def test_version_two_has_no_scheduler() -> None:
    packaged = service(SCHEDULED, version="2")
    assert added(packaged) == []
    assert packaged.roles[SHARED].services == ["lambda.amazonaws.com"]


def test_other_events_add_nothing() -> None:
    for text in ("http: GET /", "httpApi: GET /", "sns: t", "s3: b", "alexaSkill: x", "iot: {sql: x}"):
        assert event(text) == []


def test_kinds_of_events_come_in_the_framework_s_order() -> None:
    functions = """\
    bake:
      handler: a.b
      events:
        - cloudFront: {eventType: origin-request, origin: 's3://b'}
        - sqs: arn:aws:sqs:us-east-1:1:one
        - msk: {arn: m, topic: t}
        - rabbitmq: {arn: r, basicAuthArn: s, queue: q}
        - activemq: {arn: a, basicAuthArn: s, queue: q}
        - kafka: {topic: t, accessConfigurations: {saslPlainAuth: k}}
        - stream: arn:aws:dynamodb:us-east-1:1:table/t/stream/1
        - websocket: x
        - schedule: {rate: ['rate(1 day)'], method: scheduler}
    """
    kinds = [path.rpartition(".")[2] for path, _ in causes(service(functions))]
    assert list(dict.fromkeys(kinds)) == [
        "schedule",
        "websocket",
        "stream",
        "kafka",
        "activemq",
        "rabbitmq",
        "msk",
        "sqs",
        "cloudFront",
    ]


# -- the plugin

PLUGIN = "plugins: [serverless-iam-roles-per-function]"
OWN = "BakeIamRoleLambdaExecution"
OWN_LOGS = f"Allow logs:CreateLogStream,logs:CreateLogGroup,logs:PutLogEvents on {LOGS}bakery-dev-bake:*:*"


def test_the_plugin_adds_logs_streams_queues_and_the_topic() -> None:
    functions = f"""\
    bake:
      handler: a.b
      onError: !Ref Topic
      tracing: true
      kmsKeyArn: '{KEY}'
      destinations: {{onSuccess: sell}}
      iamRoleStatements: []
      events:
        - sqs: arn:aws:sqs:us-east-1:1:one
        - stream: {{type: kinesis, arn: !GetAtt S.Arn, consumer: true, destinations: {{onFailure: '{ARN}'}}}}
        - stream: arn:aws:dynamodb:us-east-1:1:table/t/stream/1
        - websocket: x
    sell: {{handler: a.b}}
    """
    packaged = service(functions, more=PLUGIN)
    assert lines(packaged, OWN) == [
        OWN_LOGS,
        DYNAMODB + "arn:aws:dynamodb:us-east-1:1:table/t/stream/1",
        KINESIS + "GetAtt(S.Arn)",
        QUEUE + "arn:aws:sqs:us-east-1:1:one",
        "Allow sns:Publish on Ref(Topic)",
    ]
    assert [path.rpartition(".")[2] for path, _ in causes(packaged)] == [
        "kmsKeyArn",
        "tracing",
        "onSuccess",
        "websocket",
        "stream",
        "stream",
        "stream",
        "stream",
        "sqs",
    ]


def test_the_plugin_copies_who_may_assume_the_default_role() -> None:
    functions = """\
    bake: {handler: a.b, condition: Never, iamRoleStatements: []}
    sell: {handler: a.b, events: [{schedule: {rate: ['rate(1 day)'], method: scheduler}}]}
    """
    packaged = service(functions, more=PLUGIN)
    assert packaged.roles[OWN].services == ["lambda.amazonaws.com", "scheduler.amazonaws.com"]
    assert packaged.roles[OWN].condition is None


def test_the_plugin_refuses_a_role_name_of_the_provider() -> None:
    functions = """\
    bake: {handler: a.b, iamRoleStatements: []}
    sell: {handler: a.b, iamRoleStatements: [], iamRoleStatementsName: seller}
    """
    packaged = service(functions, "iam: {role: {name: ours}}", PLUGIN)
    reason = "the framework refuses it where the provider names its role and the function does not"
    assert notes(packaged) == [("role name", reason, "functions.bake.iamRoleStatements")]


def test_logs_of_an_own_role_point_at_what_asks_for_it() -> None:
    packaged = service("bake: {handler: a.b, iamRoleStatements: []}", more=PLUGIN)
    logs = packaged.roles[OWN].policies[0]
    assert isinstance(logs, Said)
    assert (logs.path, at(logs.cause)) == ("functions.bake.iamRoleStatements", "iamRoleStatements")


def test_what_is_said_under_a_condition_stays_the_framework_s_in_a_changed_role() -> None:
    text = """\
    service: bakery
    provider: {name: aws, tracing: {lambda: '${env:TRACE, false}'}}
    functions: {bake: {handler: a.b}}
    resources:
      Resources:
        IamRoleLambdaExecution:
          Properties: {Policies: [{PolicyDocument: {Statement: [{Action: ['s3:GetObject']}]}}]}
    """
    document = Document("serverless.yml", textwrap.dedent(text))
    root = parse(document)
    assert isinstance(root, Mapping)
    stack = cloudformation.read(document, root, "serverless", {})
    assert [short(each) for each in stack.statements] == [
        f"Allow s3:GetObject,logs:CreateLogGroup,logs:TagResource on {LOGS}bakery-dev*:*"
    ]
    (role,) = stack.all_roles.values()
    found = [(each.carrier.path, short(each.statements[0])) for each in role.brought[1:]]
    assert found == [
        ("provider", f"{PUT}{LOGS}bakery-dev*:*:*"),
        ("provider.tracing.lambda", XRAY),
    ]
    assert [str(each.statements[0].guard) for each in role.brought[1:]] == [
        "Guard('')",
        "Guard('env:TRACE is set')",
    ]


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("baker", True),
        ("!Sub 'baker-${AWS::Region}'", True),
        ("{Fn::Join: ['-', [baker]]}", True),
        ("{Fn::Join: ['-', [baker, !Ref 'AWS::Region']]}", False),
    ],
)
def test_the_plugin_puts_a_function_s_name_into_a_joined_one(name: str, refused: bool) -> None:
    packaged = service(
        "bake: {handler: a.b, iamRoleStatements: []}",
        f"iam: {{role: {{name: {name}}}}}",
        "plugins: [serverless-iam-roles-per-function]",
    )
    assert [what for what, _, _ in notes(packaged)] == ["role name"] * refused
