"""The role of the functions that the framework deploys for itself, by the settings that cause it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from scopedown.template.serverless.packaged import Packaged

from .made import CUSTOM, LOGS, at, lines, osls, service

ACCOUNT = "Ref(AWS::Region):Ref(AWS::AccountId)"
ANY_FUNCTION = f"arn:Ref(AWS::Partition):lambda:{ACCOUNT}:function:*"
PERMISSIONS = "Allow lambda:AddPermission,lambda:RemovePermission on "
ESCALATION = [
    "Allow iam:AttachRolePolicy,iam:CreateRole,iam:ListAttachedRolePolicies,iam:PassRole"
    " on arn:Ref(AWS::Partition):iam::Ref(AWS::AccountId):role/*",
    "Allow apigateway:GET,apigateway:PATCH on arn:Ref(AWS::Partition):apigateway:*::/account",
]
POOLS = "Allow cognito-idp:ListUserPools,cognito-idp:DescribeUserPool,cognito-idp:UpdateUserPool on *"
PASS = "Allow iam:PassRole on arn:${AWS::Partition}:iam::*:role/*"
RULES = (
    "Allow events:PutRule,events:RemoveTargets,events:PutTargets,events:DeleteRule"
    f" on arn:Ref(AWS::Partition):events:{ACCOUNT}:rule/*"
)
BUSES = (
    "Allow events:CreateEventBus,events:DeleteEventBus"
    f" on arn:Ref(AWS::Partition):events:{ACCOUNT}:event-bus/*"
)


def notifications(bucket: str) -> str:
    arn = f"arn:Ref(AWS::Partition):s3:::{bucket}"
    return f"Allow s3:PutBucketNotification,s3:GetBucketNotification on {arn}"


def own(name: str) -> str:
    return f"{PERMISSIONS}arn:${{AWS::Partition}}:lambda:*:*:function:bakery-dev-{name}"


def said(packaged: Packaged) -> list[tuple[str, str]]:
    """(path, text at the cause) of every statement of the role."""
    return [(each.path, at(each.cause)) for each in packaged.roles[CUSTOM].policies]  # type: ignore[union-attr]


REST = "bake: {handler: a.b, events: [{http: GET /}]}"


def test_no_cause_no_role() -> None:
    packaged = service(REST)
    assert CUSTOM not in packaged.roles
    assert packaged.custom_resources == []


@pytest.mark.parametrize("version", ["1", "2", "3", "4"])
@pytest.mark.parametrize("logs", ["true", "{accessLogging: true}", "{role: 'arn:aws:iam::1:role/x'}"])
def test_logs_of_a_rest_api(version: str, logs: str) -> None:
    packaged = service(REST, f"logs: {{restApi: {logs}}}", version=version)
    assert lines(packaged, CUSTOM) == ESCALATION
    assert said(packaged) == [("provider.logs.restApi", "restApi")] * 2
    assert packaged.roles[CUSTOM].label == "the framework's custom resources"


@pytest.mark.parametrize(
    "logs",
    [
        "{restApi: false}",
        "{restApi: {accessLogging: false}}",
        "{restApi: {roleManagedExternally: true}}",
        "{websocket: true}",
        "{httpApi: true}",
    ],
)
def test_logs_that_need_no_role(logs: str) -> None:
    assert CUSTOM not in service(REST, f"logs: {logs}").roles


def test_logs_of_no_api() -> None:
    assert CUSTOM not in service("bake: {handler: a.b}", "logs: {restApi: true, websocket: true}").roles


SOCKET = "bake: {handler: a.b, events: [{websocket: x}]}"


def test_logs_of_a_websocket_api() -> None:
    packaged = service(SOCKET, "logs: {websocket: true}")
    assert lines(packaged, CUSTOM) == ESCALATION
    assert said(packaged)[0] == ("provider.logs.websocket", "websocket")


def test_logs_of_a_websocket_api_elsewhere() -> None:
    provider = "logs: {websocket: true}\napiGateway: {websocketApiId: abc}"
    assert CUSTOM not in service(SOCKET, provider).roles
    managed = "logs: {websocket: true, restApi: {roleManagedExternally: true}}"
    assert CUSTOM not in service(SOCKET, managed).roles


def test_both_logs_count_once() -> None:
    functions = "bake: {handler: a.b, events: [{websocket: x}, {http: GET /}]}"
    packaged = service(functions, "logs: {websocket: true, restApi: true}")
    assert lines(packaged, CUSTOM) == ESCALATION
    assert [each.path for each in packaged.custom_resources] == ["provider.logs.restApi"]


PHOTOS = """\
bake: {handler: a.b, events: [{s3: {bucket: photos, existing: true}}, {s3: {bucket: photos, existing: true}}]}
sell: {handler: a.b, events: [{s3: {bucket: !Ref Films, existing: true}}]}
"""


def test_buckets_that_exist() -> None:
    packaged = service(PHOTOS)
    assert lines(packaged, CUSTOM) == [
        notifications("photos"),
        notifications("Ref(Films)"),
        PERMISSIONS + ANY_FUNCTION,
    ]
    assert said(packaged)[1] == ("functions.sell.events[0].s3", "s3")


def test_buckets_in_version_one() -> None:
    arn = f"arn:Ref(AWS::Partition):lambda:{ACCOUNT}:function:bakery-dev-"
    assert lines(service(PHOTOS, version="1"), CUSTOM) == [
        notifications("photos"),
        f"{PERMISSIONS}{arn}bake",
        notifications("Ref(Films)"),
        f"{PERMISSIONS}{arn}sell",
    ]


def test_buckets_that_the_service_makes() -> None:
    assert CUSTOM not in service("bake: {handler: a.b, events: [{s3: photos}, {s3: {bucket: films}}]}").roles


MEMBERS = """\
bake: {handler: a.b, events: [{cognitoUserPool: {pool: members, trigger: PreSignUp, existing: true}}]}
sell: {handler: a.b, events: [{cognitoUserPool: {pool: members, trigger: PostConfirmation, existing: true}}]}
"""


@pytest.mark.parametrize("version", ["1", "2", "3", "4"])
def test_pools_that_exist(version: str) -> None:
    packaged = service(MEMBERS, version=version)
    assert lines(packaged, CUSTOM) == [POOLS, own("bake"), own("sell"), PASS]
    assert said(packaged)[3] == ("functions.bake.events[0].cognitoUserPool", "cognitoUserPool")


def test_a_pool_that_the_service_makes() -> None:
    functions = "bake: {handler: a.b, events: [{cognitoUserPool: {pool: members, trigger: PreSignUp}}]}"
    assert CUSTOM not in service(functions).roles


def test_a_pool_with_a_sender_of_messages() -> None:
    pool = "{pool: m, trigger: CustomSMSSender, kmsKeyId: 'arn:aws:kms:us-east-1:1:key/1', existing: true}"
    functions = f"bake: {{handler: a.b, events: [{{cognitoUserPool: {pool}}}]}}"
    assert lines(service(functions), CUSTOM)[0] == "Allow kms:CreateGrant on arn:aws:kms:us-east-1:1:key/1"
    assert lines(service(functions, version="2"), CUSTOM)[0] == POOLS


ORDERS = """\
bake: {handler: a.b, events: [{eventBridge: {schedule: rate(1 day)}}]}
sell: {handler: a.b, events: [{eventBridge: {eventBus: orders, pattern: {source: [a]}}}]}
"""
SOLD = "functions.sell.events[0].eventBridge"


@pytest.mark.parametrize(
    ("version", "provider", "made"),
    [
        ("1", "", True),
        ("1", "eventBridge: {useCloudFormation: true}", True),
        ("2", "", True),
        ("2", "eventBridge: {useCloudFormation: true}", False),
        ("3", "", False),
        ("3", "eventBridge: {useCloudFormation: false}", True),
        ("3", "eventBridge: {}", True),
        ("4", "", False),
        ("4", "eventBridge: {useCloudFormation: false}", True),
    ],
)
def test_rules_of_event_buses(version: str, provider: str, made: bool) -> None:
    packaged = service(ORDERS, provider, version=version)
    assert (CUSTOM in packaged.roles) == made
    if made:
        assert lines(packaged, CUSTOM) == [BUSES, RULES, PERMISSIONS + ANY_FUNCTION]
        assert said(packaged)[0] == (SOLD, "eventBridge")


@pytest.mark.parametrize("bus", ["default", "arn:aws:events:us-east-1:1:event-bus/default"])
def test_the_default_bus_is_never_made(bus: str) -> None:
    functions = f"bake: {{handler: a.b, events: [{{eventBridge: {{eventBus: '{bus}'}}}}]}}"
    assert lines(service(functions, version="2"), CUSTOM) == [RULES, PERMISSIONS + ANY_FUNCTION]


def test_one_role_for_all_in_the_framework_s_order() -> None:
    functions = """\
    bake:
      handler: a.b
      events:
        - eventBridge: {schedule: rate(1 day)}
        - cognitoUserPool: {pool: members, trigger: PreSignUp, existing: true}
        - http: GET /
        - s3: {bucket: photos, existing: true}
    """
    packaged = service(functions, "logs: {restApi: true}\neventBridge: {useCloudFormation: false}")
    assert lines(packaged, CUSTOM) == [
        notifications("photos"),
        PERMISSIONS + ANY_FUNCTION,
        *ESCALATION,
        POOLS,
        own("bake"),
        PASS,
        RULES,
        PERMISSIONS + ANY_FUNCTION,
    ]
    kinds = [each.kind for each in packaged.custom_resources]
    assert kinds == ["s3", "apiGatewayCloudWatchRole", "cognitoUserPool", "eventBridge"]


@pytest.mark.parametrize(("version", "more"), [("1", ""), ("2", ""), ("3", ",logs:TagResource")])
def test_its_own_logs(version: str, more: str) -> None:
    packaged = service(REST, "logs: {restApi: true, frameworkLambda: true}", version=version)
    assert lines(packaged, CUSTOM) == [
        f"Allow logs:CreateLogStream,logs:CreateLogGroup{more} on {LOGS}bakery-dev*:*",
        f"Allow logs:PutLogEvents on {LOGS}bakery-dev*:*:*",
        *ESCALATION,
    ]
    assert said(packaged)[0] == ("provider.logs.frameworkLambda", "frameworkLambda")


@pytest.mark.parametrize(
    ("version", "provider", "role"),
    [
        ("3", "cfnRole: 'arn:aws:iam::1:role/old'", "arn:aws:iam::1:role/old"),
        ("3", "cfnRole: old\niam: {deploymentRole: new}", "new"),
        ("1", "cfnRole: old\niam: {deploymentRole: new}", "old"),
        ("1", "iam: {deploymentRole: new}", None),
        ("3", "cfnRole: old\niam: {deploymentRole: null}", None),
    ],
)
def test_with_a_deployment_role_there_is_no_other(version: str, provider: str, role: str | None) -> None:
    packaged = service(REST, "logs: {restApi: true}\n" + provider, version=version)
    assert (CUSTOM in packaged.roles) == (role is None)
    found = packaged.deployment_role
    assert (at(found).strip("'") if found is not None else None) == role
    assert len(packaged.custom_resources) == 1


OSLS = "service: bakery\nprovider: {name: aws, eventBridge: {useCloudFormation: false}}\nfunctions:\n"


@pytest.mark.parametrize("major", [3, 4])
def test_pools_in_osls(major: int, tmp_path: Path) -> None:
    packaged = osls(tmp_path, OSLS + textwrap.indent(MEMBERS, "  "), major)
    any_function = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*"
    remove = f"Allow lambda:RemovePermission on {any_function}"
    condition = "{'StringEquals': {'lambda:Principal': 'cognito-idp.amazonaws.com'}}"
    pools = {
        3: [POOLS, own("bake"), own("sell"), remove, PASS],
        4: [POOLS, f"Allow lambda:AddPermission on {any_function} if {condition}", remove, PASS],
    }
    assert lines(packaged, CUSTOM) == pools[major]


@pytest.mark.parametrize(("major", "made"), [(3, True), (4, False)])
def test_rules_of_event_buses_in_osls(major: int, made: bool, tmp_path: Path) -> None:
    packaged = osls(tmp_path, OSLS + textwrap.indent(ORDERS, "  "), major)
    assert (CUSTOM in packaged.roles) == made
