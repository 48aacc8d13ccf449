"""Roles of single functions in version 4: who gets one, what it says, and what stays in the default role."""

from __future__ import annotations

import pytest

from scopedown.template.serverless.packaged import Packaged

from .made import LOGS, SHARED, added, at, lines, managed, notes, service

OWN = "BakeIamRoleLambdaExecution"
READ = "{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::recipes/*'}"
LIST = "{Effect: Allow, Action: 's3:ListBucket', Resource: 'arn:aws:s3:::recipes'}"
READS = "Allow s3:GetObject on arn:aws:s3:::recipes/*"
LISTS = "Allow s3:ListBucket on arn:aws:s3:::recipes"
PLUGIN = "plugins: [serverless-iam-roles-per-function]"


def logs(name: str) -> str:
    return f"Allow logs:CreateLogStream,logs:CreateLogGroup,logs:PutLogEvents on {LOGS}{name}:*:*"


def four(bake: str, provider: str = "", more: str = "", version: str = "4") -> Packaged:
    """A service with the functions bake (as given) and sell."""
    return service(f"bake: {{handler: a.b, {bake}}}\nsell: {{handler: a.b}}", provider, more, version)


def own(packaged: Packaged) -> list[str]:
    return lines(packaged, OWN)


# -- who gets a role


@pytest.mark.parametrize(
    ("bake", "path"),
    [
        (f"iam: {{role: {{statements: [{READ}]}}}}", "functions.bake.iam.role.statements"),
        ("iam: {role: {statements: []}}", "functions.bake.iam.role.statements"),
        (f"iamRoleStatements: [{READ}]", "functions.bake.iamRoleStatements"),
        ("iamRoleStatements: []", "functions.bake.iamRoleStatements"),
        ("iam: {role: {managedPolicies: [p]}}", "functions.bake.iam.role.managedPolicies"),
    ],
)
def test_who_asks_for_a_role_gets_one(bake: str, path: str) -> None:
    packaged = four(bake)
    role = packaged.roles[OWN]
    assert set(packaged.roles) == {SHARED, OWN}
    assert (role.owner, role.path, at(role.cause)) == ("bake", path, path.rpartition(".")[2])


@pytest.mark.parametrize(
    "bake",
    [
        "iam: {role: {managedPolicies: []}}",
        "iam: {role: {name: baker}}",
        "iam: {inheritStatements: true}",
        "iamRoleStatementsInherit: true",
        "timeout: 3",
    ],
)
def test_other_settings_ask_for_none(bake: str) -> None:
    assert set(four(bake).roles) == {SHARED}


@pytest.mark.parametrize("version", ["3", "4.28"])
def test_older_versions_make_none(version: str) -> None:
    assert set(four(f"iam: {{role: {{statements: [{READ}]}}}}", version=version).roles) == {SHARED}


def test_the_function_runs_with_its_role() -> None:
    packaged = four("iamRoleStatements: []")
    resources = packaged.template.get("Resources")
    from scopedown.template.serverless.service import at as found

    bake = found(resources, "BakeLambdaFunction", "Properties", "Role", "Fn::GetAtt")
    sell = found(resources, "SellLambdaFunction", "Properties", "Role", "Fn::GetAtt")
    assert [[item.value for item in node.items] for node in (bake, sell)] == [  # type: ignore[union-attr]
        [OWN, "Arn"],
        [SHARED, "Arn"],
    ]


def test_the_plugin_goes_before() -> None:
    packaged = four(f"iamRoleStatements: [{READ}], tracing: true", more=PLUGIN)
    assert own(packaged) == [logs("bakery-dev-bake"), READS]
    assert set(four(f"iam: {{role: {{statements: [{READ}]}}}}", more=PLUGIN).roles) == {SHARED}


def test_role_beats_everything() -> None:
    packaged = four("role: MyRole, iamRoleStatements: []")
    assert set(packaged.roles) == {SHARED}
    assert notes(packaged) == [
        ("role", "the framework refuses it beside role", "functions.bake.iamRoleStatements")
    ]


def test_a_role_of_the_provider_makes_settings_of_functions_idle() -> None:
    for provider in ("iam: {role: 'arn:aws:iam::1:role/x'}", "role: 'arn:aws:iam::1:role/x'"):
        packaged = four("iamRoleStatements: []", provider)
        assert packaged.roles == {}
        reason = "the framework ignores it where the provider names a role"
        assert notes(packaged) == [("role", reason, "functions.bake.iamRoleStatements")]


# -- what it says


def test_statements_of_the_provider_are_not_inherited() -> None:
    packaged = four(f"iamRoleStatements: [{READ}]", f"iam: {{role: {{statements: [{LIST}]}}}}")
    assert own(packaged) == [logs("bakery-dev-bake"), READS]
    assert LISTS in lines(packaged)


@pytest.mark.parametrize(
    ("bake", "custom", "inherits"),
    [
        ("iam: {inheritStatements: true}", "", True),
        ("iamRoleStatementsInherit: true", "", True),
        ("iam: {inheritStatements: false}, iamRoleStatementsInherit: true", "", False),
        ("timeout: 3", "defaultInherit: true", True),
        ("iam: {inheritStatements: false}", "defaultInherit: true", False),
        ("iamRoleStatementsInherit: false", "defaultInherit: true", False),
        ("iamRoleStatementsInherit: false, iam: {inheritStatements: true}", "", True),
    ],
)
def test_inheriting(bake: str, custom: str, inherits: bool) -> None:
    packaged = four(
        f"{bake}, iamRoleStatements: [{READ}]",
        f"iamRoleStatements: [{LIST}]",
        f"custom: {{serverless-iam-roles-per-function: {{{custom}}}}}",
    )
    assert own(packaged) == [logs("bakery-dev-bake"), *([LISTS] if inherits else []), READS]


def test_inheriting_looks_only_at_the_newer_key_where_there_is_one() -> None:
    provider = f"iamRoleStatements: [{LIST}]\niam: {{role: {{name: null}}}}"
    packaged = four(f"iamRoleStatementsInherit: true, iamRoleStatements: [{READ}]", provider)
    assert own(packaged) == [logs("bakery-dev-bake"), READS]
    assert LISTS in lines(packaged)


def test_the_newer_keys_win() -> None:
    bake = (
        f"iamRoleStatements: [{LIST}], iamRoleStatementsName: old, iamPermissionsBoundary: old,"
        f" iam: {{role: {{statements: [{READ}], name: new, permissionsBoundary: new, path: /ovens/}}}}"
    )
    packaged = four(bake)
    assert own(packaged) == [logs("bakery-dev-bake"), READS]
    properties = packaged.roles[OWN].properties
    assert [properties[key].value for key in ("RoleName", "PermissionsBoundary", "Path")] == [
        "new",
        "new",
        "/ovens/",
    ]


def test_the_older_keys_count_alone() -> None:
    packaged = four(
        f"iamRoleStatements: [{READ}], iamRoleStatementsName: old, iamPermissionsBoundary: old",
        "iam: {role: {path: /all/, permissionsBoundary: wide}}",
    )
    properties = packaged.roles[OWN].properties
    assert [properties[key].value for key in ("RoleName", "PermissionsBoundary", "Path")] == [
        "old",
        "old",
        "/all/",
    ]


def test_a_boundary_for_all_counts_for_the_default_role_too() -> None:
    custom = "custom: {serverless-iam-roles-per-function: {iamGlobalPermissionsBoundary: wide}}"
    packaged = four("iamRoleStatements: []", more=custom)
    for id in (OWN, SHARED):
        assert packaged.roles[id].properties["PermissionsBoundary"].value == "wide"


def test_managed_policies_of_the_provider_are_not_inherited() -> None:
    packaged = four(
        "iam: {role: {managedPolicies: [own]}}, durableConfig: {executionTimeout: 9}, vpc: {subnetIds: [a]}",
        "iam: {role: {managedPolicies: [wide]}}",
    )
    assert managed(packaged.roles[OWN]) == [
        "service-role/AWSLambdaVPCAccessExecutionRole",
        "service-role/AWSLambdaBasicDurableExecutionRolePolicy",
        "own",
    ]
    assert managed(packaged.roles[SHARED]) == [
        "wide",
        "service-role/AWSLambdaVPCAccessExecutionRole",
        "service-role/AWSLambdaBasicDurableExecutionRolePolicy",
    ]


FUNCTION = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
NETWORK = (
    "Allow ec2:CreateNetworkInterface,ec2:DescribeNetworkInterfaces,ec2:DescribeVpcs,"
    "ec2:DeleteNetworkInterface,ec2:DescribeSubnets,ec2:DescribeSecurityGroups on *"
)
EVERYTHING = """\
bake:
  handler: a.b
  iamRoleStatements: []
  disableLogs: true
  onError: !Ref Topic
  tracing: true
  kmsKeyArn: key
  fileSystemConfig: {arn: files}
  destinations: {onSuccess: sell, onFailure: 'arn:aws:sqs:us-east-1:1:q'}
  events:
    - stream:
        type: kinesis
        arn: stream
        consumer: consumer
        destinations: {onFailure: {type: sns, arn: topic}}
    - sqs: queue
    - websocket: $connect
    - activemq: {arn: active, basicAuthArn: secret-a, queue: q}
    - rabbitmq: {arn: rabbit, basicAuthArn: secret-r, queue: q}
    - kafka: {topic: t, accessConfigurations: {saslPlainAuth: secret-k, vpcSubnet: s, vpcSecurityGroup: g}}
    - msk: {arn: cluster, topic: t}
    - cloudFront: {eventType: origin-request, origin: 's3://b'}
    - schedule: {rate: ['rate(1 day)'], method: scheduler}
sell: {handler: a.b}
"""
XRAY = "Allow xray:PutTraceSegments,xray:PutTelemetryRecords on *"
CONNECTIONS = "Allow execute-api:ManageConnections on arn:${AWS::Partition}:execute-api:*:*:*/@connections/*"
EDGE = (
    "Allow logs:CreateLogGroup,logs:CreateLogStream,logs:PutLogEvents,logs:TagResource"
    " on arn:${AWS::Partition}:logs:*:*:*"
)
SCHEDULER = f"Allow lambda:InvokeFunction on {FUNCTION}bakery-dev-bake,{FUNCTION}bakery-dev-bake:*"


def test_what_the_framework_adds_to_it() -> None:
    packaged = service(EVERYTHING, version="4")
    assert own(packaged) == [
        logs("bakery-dev-bake"),
        f"Deny logs:PutLogEvents on {LOGS}bakery-dev-bake:*:*",
        "Allow kinesis:GetRecords,kinesis:GetShardIterator,kinesis:DescribeStreamSummary,kinesis:ListShards"
        " on stream",
        "Allow kinesis:SubscribeToShard on consumer",
        "Allow sns:Publish on topic",
        "Allow sqs:ReceiveMessage,sqs:DeleteMessage,sqs:GetQueueAttributes on queue",
        "Allow sns:Publish on Ref(Topic)",
        CONNECTIONS,
        "Allow secretsmanager:GetSecretValue on secret-a,secret-r",
        "Allow mq:DescribeBroker on active,rabbit",
        NETWORK,
        "Allow secretsmanager:GetSecretValue on secret-k",
        NETWORK,
        "Allow kafka:DescribeCluster,kafka:GetBootstrapBrokers on cluster",
        NETWORK,
        EDGE,
        SCHEDULER,
        XRAY,
        "Allow kms:Decrypt on key",
        "Allow elasticfilesystem:ClientMount,elasticfilesystem:ClientWrite on files",
        f"Allow lambda:InvokeFunction on {FUNCTION}bakery-dev-sell",
        "Allow sqs:SendMessage on arn:aws:sqs:us-east-1:1:q",
    ]
    services = packaged.roles[OWN].services
    assert services == ["lambda.amazonaws.com", "edgelambda.amazonaws.com", "scheduler.amazonaws.com"]


def test_what_is_left_in_the_default_role() -> None:
    packaged = service(EVERYTHING, version="4")
    # Traces, connections and the edge do not ask whether a function has a role of its own.
    assert added(packaged) == [
        f"Deny logs:PutLogEvents on {LOGS}bakery-dev-bake:*",
        XRAY,
        CONNECTIONS,
        EDGE,
    ]
    assert packaged.roles[SHARED].services == ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]


def test_before_4_40_everything_is_in_the_default_role_too() -> None:
    packaged = service(EVERYTHING, version="~4.39")
    assert SCHEDULER in added(packaged)
    assert "Allow sqs:ReceiveMessage,sqs:DeleteMessage,sqs:GetQueueAttributes on queue" in added(packaged)
    # Without the topic, which is no string; each kind of broker has three statements of its own.
    assert len(added(packaged)) == 23
    assert len(own(packaged)) == 22


def test_logs_of_names_of_their_own() -> None:
    statement = f"{{handler: a.b, name: shop, iamRoleStatements: [{READ}]}}"
    packaged = service(f"bake: {statement}\nsell: {{handler: a.b}}", version="4")
    assert own(packaged)[0] == logs("shop")
    assert lines(packaged)[1] == f"Allow logs:PutLogEvents on {LOGS}bakery-dev*:*:*"
    alone = service(f"bake: {statement}", version="4")
    assert lines(alone)[1] == f"Allow logs:PutLogEvents on {LOGS}bakery-dev*:*:*"
    before = service(f"bake: {statement}\nsell: {{handler: a.b}}", version="~4.39")
    assert lines(before)[1] == f"Allow logs:PutLogEvents on {LOGS}shop:*:*,{LOGS}bakery-dev*:*:*"


def test_logs_go_where_they_are_sent() -> None:
    packaged = four("iamRoleStatements: []", "logs: {lambda: {logGroup: /ovens}}")
    assert own(packaged)[0].endswith("log-group:/ovens:*:*")
    both = four("iamRoleStatements: [], logs: {logGroup: /hot}", "logs: {lambda: {logGroup: /ovens}}")
    assert own(both)[0].endswith("log-group:/hot:*:*")


# -- a role for every function

EACH = "iam: {role: {mode: perFunction}}"


def test_every_function_gets_a_role() -> None:
    packaged = four("timeout: 3", EACH)
    assert set(packaged.roles) == {OWN, "SellIamRoleLambdaExecution"}
    role = packaged.roles[OWN]
    assert (role.path, at(role.cause)) == ("functions.bake", "bake")
    assert own(packaged) == [logs("bakery-dev-bake")]


def test_a_role_for_every_function_inherits() -> None:
    provider = f"""\
    iam:
      role:
        mode: perFunction
        statements: [{LIST}]
        managedPolicies: [wide]
        permissionsBoundary: bound
        path: /all/
    """
    packaged = four(f"iam: {{role: {{statements: [{READ}], managedPolicies: [own]}}}}", provider)
    assert own(packaged) == [logs("bakery-dev-bake"), LISTS, READS]
    assert managed(packaged.roles[OWN]) == ["wide", "own"]
    sell = packaged.roles["SellIamRoleLambdaExecution"]
    assert managed(sell) == ["wide"]
    assert (sell.properties["Path"].value, sell.properties["PermissionsBoundary"].value) == ("/all/", "bound")
    # Both have the very same list: it is read once.
    assert packaged.roles[OWN].policies[1] is sell.policies[1]


@pytest.mark.parametrize(
    ("bake", "custom"),
    [("iam: {inheritStatements: false}", ""), ("timeout: 3", "defaultInherit: false")],
)
def test_a_role_for_every_function_need_not_inherit(bake: str, custom: str) -> None:
    packaged = four(
        bake,
        f"iam: {{role: {{mode: perFunction, statements: [{LIST}]}}}}",
        f"custom: {{serverless-iam-roles-per-function: {{{custom}}}}}",
    )
    assert own(packaged) == [logs("bakery-dev-bake")]


def test_a_role_for_every_function_but_for_those_that_name_one() -> None:
    packaged = four("role: MyRole", EACH)
    assert set(packaged.roles) == {"SellIamRoleLambdaExecution"}
    assert notes(packaged) == []


def test_a_role_for_every_function_beside_one_for_all_is_refused() -> None:
    packaged = four("timeout: 3", EACH + "\nrole: 'arn:aws:iam::1:role/x'")
    assert notes(packaged) == [
        ("role", "the framework refuses it beside a role per function", "provider.role")
    ]


def test_the_mode_is_nothing_to_other_versions() -> None:
    assert set(four("timeout: 3", EACH, version="3").roles) == {SHARED}


def test_a_role_for_every_function_is_idle_beside_an_existing_one() -> None:
    packaged = four("timeout: 3", "iam: {role: {'Fn::GetAtt': [BakerRole, Arn], mode: perFunction}}")
    assert (packaged.roles, notes(packaged)) == ({}, [])


def test_a_role_of_a_function_refuses_statements_in_every_mode() -> None:
    packaged = four("role: MyRole, iam: {role: {statements: []}}", EACH)
    assert set(packaged.roles) == {"SellIamRoleLambdaExecution"}
    assert notes(packaged) == [
        ("role", "the framework refuses it beside role", "functions.bake.iam.role.statements")
    ]


def test_one_role_for_all_is_what_there_is_otherwise() -> None:
    assert set(four("timeout: 3", "iam: {role: {mode: shared}}").roles) == {SHARED}
    assert set(four("iamRoleStatements: []", "iam: {role: {mode: shared}}").roles) == {SHARED, OWN}


def test_tags_say_nothing_of_permissions() -> None:
    assert set(four("iam: {role: {tags: {oven: hot}}}").roles) == {SHARED}
    packaged = four("iam: {role: {tags: {oven: hot}, statements: []}}", "iam: {role: {tags: {all: x}}}")
    assert own(packaged) == [logs("bakery-dev-bake")]
    assert notes(packaged) == []
