"""Condition keys: the rows checked by hand, and the verdicts on which of them narrow a resource."""

from __future__ import annotations

import fnmatch
import json
import time
from pathlib import Path

import pytest

from scopedown import catalog
from scopedown.catalog import conditions
from scopedown.catalog.generate.overlay_files import overlay

DATA = Path(catalog.__file__).parent / "data"

SUPPORTED = [
    ("s3:ListBucket", "s3:prefix"),
    ("s3:GetObject", "s3:ExistingObjectTag/team"),
    ("s3:GetObject", "S3:TLSVERSION"),
    ("kms:Decrypt", "kms:ViaService"),
    ("kms:Decrypt", "kms:EncryptionContext:tenant"),
    ("kms:Decrypt", "kms:ResourceAliases"),  # of the resource type
    ("ec2:StartInstances", "aws:ResourceTag/team"),
    ("ec2:StartInstances", "ec2:ResourceTag/team"),
    ("ec2:CreateTags", "ec2:CreateAction"),
    ("lambda:DeleteEventSourceMapping", "lambda:FunctionArn"),
    ("lambda:CreateFunction", "lambda:VpcIds"),
    ("lambda:CreateFunction", "aws:RequestTag/team"),
    ("dynamodb:GetItem", "dynamodb:LeadingKeys"),
    ("dynamodb:Query", "dynamodb:Attributes"),
    ("cloudwatch:PutMetricData", "cloudwatch:namespace"),
    ("iam:PassRole", "iam:PassedToService"),
    ("iam:CreateServiceLinkedRole", "iam:AWSServiceName"),
    ("events:PutEvents", "events:source"),
    ("events:PutEvents", "events:detail-type"),
    ("ses:SendEmail", "ses:FromAddress"),
    ("sns:Subscribe", "sns:Endpoint"),
    ("secretsmanager:GetSecretValue", "secretsmanager:SecretId"),
    ("secretsmanager:GetSecretValue", "aws:ResourceTag/team"),
    ("ssm:GetParametersByPath", "ssm:Recursive"),
    ("states:InvokeHTTPEndpoint", "states:HTTPEndpoint"),
    ("s3:PutObject", "aws:SecureTransport"),  # global
    ("xray:PutTraceSegments", "aws:ResourceAccount"),
    ("s3:PutObject", "lambda:SourceFunctionArn"),  # a key of Lambda's in every request of a function
]


@pytest.mark.parametrize(("name", "key"), SUPPORTED)
def test_supported(name: str, key: str) -> None:
    assert catalog.supports(name, key) is True
    assert catalog.key_type(key) is not None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("s3:GetObject", "s3:prefix"),
        ("dynamodb:ListTables", "dynamodb:LeadingKeys"),
        ("s3:ListAllMyBuckets", "aws:ResourceTag/team"),
        ("xray:PutTraceSegments", "aws:ResourceTag/team"),
        ("sqs:SendMessage", "aws:RequestTag/team"),
        ("lambda:InvokeFunction", "s3:prefix"),
    ],
)
def test_not_supported(name: str, key: str) -> None:
    assert catalog.supports(name, key) is False


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("s3:NoSuchAction", "s3:prefix"),
        ("s3:GetObject", "s3:NoSuchKey"),
        ("dynamodb:Query", "dynamodb:FirstPartitionKeyValues"),  # AWS's table gives it to no action
        ("s3:GetObject", "x"),
        ("s3:GetObject", ""),
        ("", "s3:prefix"),
    ],
)
def test_nobody_knows(name: str, key: str) -> None:
    assert catalog.supports(name, key) is None


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("s3:prefix", "String"),
        ("S3:Prefix", "String"),
        ("s3:max-keys", "Numeric"),
        ("s3:ExistingObjectTag/team", "String"),
        ("aws:ResourceTag/${TagKey}", "String"),
        ("aws:ResourceTag/team", "String"),
        ("aws:TagKeys", "ArrayOfString"),
        ("aws:SourceArn", "ARN"),
        ("aws:SourceIp", "IPAddress"),
        ("aws:CurrentTime", "Date"),
        ("aws:MultiFactorAuthAge", "Numeric"),
        ("aws:SecureTransport", "Bool"),
        ("lambda:FunctionArn", "ARN"),
        ("dynamodb:LeadingKeys", "ArrayOfString"),
        ("saml:aud", "String"),  # in the table of sts
        ("token.actions.githubusercontent.com:repository", "String"),
        ("token.actions.githubusercontent.com:sub", "String"),
        ("oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud", "String"),
        ("events:Metadata/team/Matcher", "String"),
        ("aws:ResourceTag", None),
        ("aws:ResourceTag/", None),
        ("aws:NoSuchKey", None),
        ("nosuch:key", None),
        ("../actions/s3:key", None),
        ("", None),
    ],
)
def test_key_type(key: str, kind: str | None) -> None:
    assert catalog.key_type(key) == kind


def test_action_keys() -> None:
    keys = catalog.action_keys("s3:listbucket")
    assert {"s3:prefix", "s3:delimiter", "aws:ResourceTag/${TagKey}"} <= set(keys)
    assert list(keys) == sorted(keys, key=str.lower)
    assert catalog.action_keys("s3:NoSuchAction") == ()
    assert catalog.action_keys("sqs:ListQueues") == ()


def test_every_key_of_an_action_has_a_type() -> None:
    having = 0
    kinds: set[str | None] = set()
    for action in catalog.expand("*"):
        keys = catalog.action_keys(action.full)
        having += bool(keys)
        kinds.update({key: catalog.key_type(key) for key in keys}.values() if action.service == "s3" else ())
    assert having > 12_000
    assert None not in kinds


def test_types_of_all_keys() -> None:
    own = set()
    for shard in sorted(DATA.glob("conditions/*.json")):
        rows = json.loads(shard.read_text(encoding="utf-8"))["keys"]
        for key, kind in rows:
            assert kind.removeprefix("ArrayOf") in (
                "String",
                "ARN",
                "Bool",
                "Numeric",
                "Date",
                "IPAddress",
            ), key
            assert key.count("${") <= 1, f"{key}: conditions._matches knows one variable part"
            assert "<" not in key and not key.endswith("/")
            own |= {key} if not key.startswith("aws:") else set()
    assert len(own) == catalog.manifest()["counts"]["condition_keys"] > 1_550


def test_global_keys() -> None:
    keys = catalog.global_keys()
    assert len(keys) > 55
    assert {"aws:PrincipalOrgID", "aws:ResourceTag/${TagKey}", "aws:SourceVpcArn", "ec2:RoleDelivery"} <= set(
        keys
    )
    assert all(catalog.key_type(key) for key in keys)


NARROWS = """
aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths aws:ResourceTag/team cloudwatch:namespace
dynamodb:LeadingKeys ec2:ResourceTag/team ec2:CreateAction ec2:Vpc ec2:Subnet ec2:ResourceId ecs:cluster
events:source events:detail-type iam:AWSServiceName iam:PassedToService kms:ResourceAliases kms:ViaService
kms:CallerAccount kms:EncryptionContext:tenant kms:EncryptionContextKeys lambda:FunctionArn s3:prefix
S3:PREFIX s3:ExistingObjectTag/team s3:ResourceAccount secretsmanager:SecretId secretsmanager:ResourceTag/team
ses:FromAddress sns:Endpoint ssm:resourceTag ssm:resourceTag/team rds:db-tag/team states:HTTPEndpoint
newservice:ResourceTag/team
"""
OTHER = """
aws:SecureTransport aws:RequestedRegion aws:SourceIp aws:VpcSourceIp aws:SourceVpc aws:SourceVpce
aws:MultiFactorAuthPresent aws:MultiFactorAuthAge aws:CurrentTime aws:EpochTime aws:UserAgent aws:Referer
aws:PrincipalOrgID aws:PrincipalAccount aws:PrincipalArn aws:PrincipalType aws:PrincipalTag/team
aws:ViaAWSService aws:CalledVia aws:TokenIssueTime aws:TagKeys lambda:SourceFunctionArn
s3:x-amz-server-side-encryption s3:authType s3:TlsVersion s3:max-keys sts:ExternalId saml:aud
token.actions.githubusercontent.com:sub lambda:VpcIds
"""
UNDECIDED = "aws:RequestTag/team ec2:InstanceType iam:PermissionsBoundary nosuch:key s3 x:ResourceTag/"


@pytest.mark.parametrize("key", NARROWS.split())
def test_narrows(key: str) -> None:
    assert catalog.scoping(key) is True


@pytest.mark.parametrize("key", OTHER.split())
def test_does_not_narrow(key: str) -> None:
    assert catalog.scoping(key) is False


@pytest.mark.parametrize("key", ["", *UNDECIDED.split()])
def test_no_verdict(key: str) -> None:
    assert catalog.scoping(key) is None


def reviewed_keys(prefix: str) -> list[str]:
    if prefix == "global":
        return list(catalog.global_keys())
    path = DATA / "conditions" / f"{prefix}.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["keys"] if path.exists() else []
    return [key for key, _ in rows if not key.startswith("aws:")]


def test_every_reviewed_key_is_in_the_table() -> None:
    table = json.loads((DATA / "scoping.json").read_text(encoding="utf-8"))
    decided = {key for keys in table.values() for key in keys}
    assert sum(map(len, table.values())) == len(decided), "a key has two verdicts"
    sections = set(overlay("scoping")) - {"extra"}
    assert set(overlay("star")["reviewed"]) <= sections
    for prefix in sections:
        assert {key.lower() for key in reviewed_keys(prefix)} <= decided, prefix


def test_no_row_of_the_table_is_dead() -> None:
    for prefix, section in overlay("scoping").items():
        names = [key.removeprefix(f"{prefix}:").lower() for key in reviewed_keys(prefix)]
        for pattern in (row for rows in section.values() for row in rows) if prefix != "extra" else ():
            assert fnmatch.filter(names, pattern.lower()), f"[{prefix}] {pattern}"


def test_one_shard_of_keys_loads_fast() -> None:
    def load() -> float:
        conditions._shards.clear()
        started = time.process_time()
        assert catalog.supports("s3:ListBucket", "s3:prefix")
        return time.process_time() - started

    assert min(load() for _ in range(20)) < 0.005  # about 0.3 ms
