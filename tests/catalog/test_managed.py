"""Managed policy documents, service principals and AWS's own accounts."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from scopedown import catalog
from scopedown.catalog import managed

PRINCIPALS = """
lambda.amazonaws.com apigateway.amazonaws.com events.amazonaws.com s3.amazonaws.com sns.amazonaws.com
sqs.amazonaws.com scheduler.amazonaws.com pipes.amazonaws.com states.amazonaws.com ec2.amazonaws.com
ecs-tasks.amazonaws.com codebuild.amazonaws.com edgelambda.amazonaws.com codepipeline.amazonaws.com
cloudformation.amazonaws.com logs.amazonaws.com iot.amazonaws.com ses.amazonaws.com cognito-idp.amazonaws.com
config.amazonaws.com secretsmanager.amazonaws.com appsync.amazonaws.com firehose.amazonaws.com
glue.amazonaws.com delivery.logs.amazonaws.com vpc-flow-logs.amazonaws.com bedrock.amazonaws.com
logdelivery.elasticloadbalancing.amazonaws.com batchoperations.s3.amazonaws.com cloudfront.amazonaws.com
lambda.alarms.cloudwatch.amazonaws.com cloudtrail.amazonaws.com kafka.amazonaws.com
"""
NAMES = managed.managed_policy_documents()


def elements(document: dict[str, Any], key: str) -> list[str]:
    statements = document["Statement"]
    values = [
        statement.get(key, []) for statement in (statements if isinstance(statements, list) else [statements])
    ]
    return [text for value in values for text in (value if isinstance(value, list) else [value])]


@pytest.mark.parametrize(
    "name",
    [
        "AWSLambdaBasicExecutionRole",
        "service-role/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws-us-gov:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    ],
)
def test_policy(name: str) -> None:
    policy = catalog.managed_policy(name)
    assert policy is not None
    assert policy.name == "AWSLambdaBasicExecutionRole"
    assert policy.path == "/service-role/"
    assert policy.arn == "iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert (policy.version, policy.date) == ("v1", "2015-04-09")
    assert {"aws", "aws-cn", "aws-us-gov"} <= set(policy.partitions)
    assert elements(policy.document, "Action") == [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "NoSuchPolicy",
        "AWSLambdaFullAccess",  # withdrawn
        "awslambdabasicexecutionrole",
        "job-function/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::123456789012:policy/AdministratorAccess",
        "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",  # its path is missing
        "AWSSupportServiceRolePolicy",  # of a service-linked role
        'AdministratorAccess","/',
        "!",
        "zzz",
        "a/",
        "",
    ],
)
def test_unknown_policy(name: str) -> None:
    assert catalog.managed_policy(name) is None


def test_all_documents() -> None:
    assert len(NAMES) == catalog.manifest()["counts"]["managed_policy_documents"] > 1_200
    assert list(NAMES) == sorted(set(NAMES))
    current = set(catalog.managed_policy_names())
    for name in NAMES:
        policy = catalog.managed_policy(name)
        assert policy is not None and policy.name == name
        assert name in current
        assert catalog.managed_policy_path(name) == policy.path.lstrip("/") + name
        assert policy.document["Version"] in ("2012-10-17", "2008-10-17")
        assert set(elements(policy.document, "Effect")) <= {"Allow", "Deny"}
        assert elements(policy.document, "Action") + elements(policy.document, "NotAction")
        assert policy.version.startswith("v") and len(policy.date) == 10
    left = {path for name in current - set(NAMES) if (path := catalog.managed_policy_path(name))}
    assert all(path.startswith("aws-service-role/") for path in left)


def test_literal_actions_of_managed_policies_are_known() -> None:
    named = set()
    for name in NAMES:
        policy = catalog.managed_policy(name)
        assert policy is not None
        actions = elements(policy.document, "Action")
        named |= {action for action in actions if ":" in action and not catalog.has_wildcard(action)}
    assert len(named) > 9_000
    unknown = {name for name in named if catalog.action(name) is None and not catalog.retired(name)}
    assert len(unknown) / len(named) < 0.01, sorted(unknown)


def test_a_policy_is_read_fast() -> None:
    def read() -> float:
        managed._index.clear()
        managed._blocks.clear()
        started = time.process_time()
        assert catalog.managed_policy("AmazonS3FullAccess")
        return time.process_time() - started

    assert min(read() for _ in range(20)) < 0.002  # about 0.6 ms


def test_a_record_is_the_callers_own() -> None:
    first, second = catalog.managed_policy("AmazonS3FullAccess"), catalog.managed_policy("AmazonS3FullAccess")
    assert first is not None and second is not None
    first.document.clear()
    assert json.dumps(second.document).startswith("{")


@pytest.mark.parametrize(
    "name",
    [
        *PRINCIPALS.split(),
        "states.eu-west-1.amazonaws.com",
        "logs.us-gov-west-1.amazonaws.com",
        "ec2.amazonaws.com.cn",
        "logs.cn-north-1.amazonaws.com.cn",
        "Lambda.amazonaws.com",
    ],
)
def test_service_principal(name: str) -> None:
    assert catalog.is_service_principal(name) is True


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("nosuchservice.amazonaws.com", None),
        ("lamda.amazonaws.com", None),
        ("lambda", False),
        ("*", False),
        ("*.amazonaws.com", False),
        ("123456789012", False),
        ("arn:aws:iam::123456789012:root", False),
        ("s3.amazonaws.com.evil.example", False),
        ("evil.example/lambda.amazonaws.com", False),
        ("lambda.amazonaws.com\n", False),
        (".amazonaws.com", False),
        ("", False),
    ],
)
def test_no_service_principal(name: str, verdict: bool | None) -> None:
    assert catalog.is_service_principal(name) is verdict


def test_accounts_of_aws() -> None:
    assert catalog.service_account("127311923021") == "elastic load balancing log delivery"
    assert catalog.service_account("763104351884") == "deep learning container images"
    assert catalog.service_account("123456789012") is None
