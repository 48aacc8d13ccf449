"""Behaviours that linters of templates are known to get wrong: each a case of ours, decided the right way."""

from __future__ import annotations

import json

import pytest

from .bench.inputs import long_form
from .conftest import Command, Run

HEAD = """\
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Anything: {Type: String, Default: '*'}
  Unknown: {Type: String}
Mappings:
  Access:
    dev: {Actions: 's3:*'}
    prod: {Actions: 's3:*'}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Files: {Type: AWS::S3::Bucket}
"""
ROLE = """\
  WorkerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}
"""


def role(*statements: str, managed: str = "") -> str:
    """A template of one role: statements in flow style, managed policies as YAML flow items."""
    text = HEAD + ROLE
    if managed:
        text += f"      ManagedPolicyArns: [{managed}]\n"
    if statements:
        text += "      Policies:\n        - PolicyName: worker\n          PolicyDocument:\n"
        text += "            Version: '2012-10-17'\n            Statement:\n"
        text += "".join(f"              - {statement}\n" for statement in statements)
    return text


def allow(action: str, resource: str, more: str = "") -> str:
    return f"{{Effect: Allow, Action: {action}, Resource: {resource}{more}}}"


def essence(run: Run) -> list[tuple[str, str, str]]:
    return sorted((finding["rule"], finding["path"], finding["message"]) for finding in run.findings)


BROAD = [
    ("star on star", "'*'", "'*'", "admin-star"),
    ("star on one bucket", "'*'", "!GetAtt Files.Arn", "action-star"),
    ("service star", "'s3:*'", "!GetAtt Files.Arn", "service-star"),
    ("service star in another case", "'S3:*'", "!GetAtt Files.Arn", "service-star"),
    ("object action on star", "'s3:GetObject'", "'*'", "resource-star"),
    ("every bucket", "'s3:GetObject'", "'arn:aws:s3:::*'", "resource-type-star"),
    (
        "every bucket, partition from AWS",
        "'s3:GetObject'",
        "!Sub 'arn:${AWS::Partition}:s3:::*'",
        "resource-type-star",
    ),
    ("writes behind a glob", "'s3:Put*'", "!GetAtt Files.Arn", "action-glob-write"),
    ("If, one branch broad", "!If [IsProd, 's3:GetObject', 's3:*']", "!GetAtt Files.Arn", "service-star"),
    ("If around a list", "!If [IsProd, ['s3:GetObject'], ['s3:*']]", "!GetAtt Files.Arn", "service-star"),
    ("If around a resource", "'s3:GetObject'", "!If [IsProd, !GetAtt Files.Arn, '*']", "resource-star"),
    ("Join", "!Join [':', [s3, '*']]", "!GetAtt Files.Arn", "service-star"),
    ("Sub", "!Sub 's3:*'", "!GetAtt Files.Arn", "service-star"),
    (
        "Sub with a variable of its own",
        "!Sub ['${Service}:*', {Service: s3}]",
        "!GetAtt Files.Arn",
        "service-star",
    ),
    ("FindInMap", "!FindInMap [Access, !Ref Stage, Actions]", "!GetAtt Files.Arn", "service-star"),
    ("Select", "!Select [0, ['s3:*', 's3:GetObject']]", "!GetAtt Files.Arn", "service-star"),
    ("default of a parameter", "'s3:GetObject'", "!Ref Anything", "resource-star"),
]


@pytest.mark.parametrize(
    ("action", "resource", "rule"), [row[1:] for row in BROAD], ids=[row[0] for row in BROAD]
)
def test_broad_statement_is_found(scopedown: Command, action: str, resource: str, rule: str) -> None:
    run = scopedown.check(role(allow(action, resource)))
    assert rule in run.rules
    assert run.code == 1


@pytest.mark.parametrize(
    ("action", "resource", "rule"), [row[1:] for row in BROAD], ids=[row[0] for row in BROAD]
)
def test_json_says_the_same_as_yaml(scopedown: Command, action: str, resource: str, rule: str) -> None:
    text = role(allow(action, resource))
    as_json = json.dumps(long_form(text), indent=1)
    assert essence(scopedown.check(text)) == essence(scopedown.check(as_json, name="template.json"))


NARROW = [
    ("list of all buckets", allow("'s3:ListAllMyBuckets'", "'*'")),
    ("X-Ray", allow("['xray:PutTraceSegments', 'xray:PutTelemetryRecords']", "'*'")),
    ("metrics", allow("'cloudwatch:PutMetricData'", "'*'")),
    (
        "metrics of one namespace",
        allow(
            "'cloudwatch:PutMetricData'",
            "'*'",
            ", Condition: {StringEquals: {'cloudwatch:namespace': Orders}}",
        ),
    ),
    ("registry token", allow("'ecr:GetAuthorizationToken'", "'*'")),
    ("own identity", allow("'sts:GetCallerIdentity'", "'*'")),
    (
        "network interfaces of Lambda in a VPC",
        allow(
            "['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface']",
            "'*'",
        ),
    ),
    ("objects of one bucket", allow("'s3:GetObject'", "!Sub '${Files.Arn}/*'")),
    ("objects under a prefix", allow("'s3:GetObject'", "'arn:aws:s3:::acme-orders/incoming/*'")),
    ("Deny of everything", "{Effect: Deny, Action: '*', Resource: '*'}"),
    (
        "Deny outside a region",
        "{Effect: Deny, Action: '*', Resource: '*', "
        "Condition: {StringNotEquals: {'aws:RequestedRegion': eu-west-1}}}",
    ),
]


@pytest.mark.parametrize("statement", [row[1] for row in NARROW], ids=[row[0] for row in NARROW])
def test_what_cannot_be_narrower_is_silent(scopedown: Command, statement: str) -> None:
    run = scopedown.check(role(statement))
    assert run.findings == []
    assert run.code == 0


def test_what_a_deny_takes_away_is_silent(scopedown: Command) -> None:
    denied = "{Effect: Deny, Action: 's3:*', Resource: '*'}"
    assert scopedown.check(role(allow("'s3:PutObject'", "'*'"), denied)).findings == []


def test_an_intrinsic_silences_nothing_else_in_the_role(scopedown: Command) -> None:
    plain = allow("'sqs:*'", "'*'")
    for odd in (
        f"!If [IsProd, {allow('s3:GetObject', '!GetAtt Files.Arn')}, !Ref 'AWS::NoValue']",
        allow("!Ref Unknown", "!GetAtt Files.Arn"),
        allow("'s3:GetObject'", "!ImportValue shared-bucket-arn"),
        allow("'s3:GetObject'", "!FindInMap [Nowhere, !Ref Stage, Arn]"),
        allow("!Split [',', !Ref Unknown]", "!GetAtt Files.Arn"),
    ):
        assert "service-star" in scopedown.check(role(odd, plain)).rules, odd
        assert "service-star" in scopedown.check(role(plain, odd)).rules, odd


def test_an_unknown_value_is_said_out_loud(scopedown: Command) -> None:
    run = scopedown.check(role(allow("!Ref Unknown", "!GetAtt Files.Arn")))
    assert run.findings == []
    assert [record["resource"] for record in run.report["unresolved"]] == ["WorkerRole"]
    assert run.code == 0
    assert scopedown.check(role(allow("!Ref Unknown", "!GetAtt Files.Arn")), "--strict").code == 1


def test_a_parameter_can_be_given(scopedown: Command) -> None:
    text = role(allow("!Ref Unknown", "!GetAtt Files.Arn"))
    assert scopedown.check(text, "--param", "Unknown=s3:*").rules == {"service-star"}
    assert scopedown.check(text, "--param", "Unknown=s3:GetBucketLocation").rules == set()


def test_every_statement_counts_not_only_the_first(scopedown: Command) -> None:
    fine, broad = allow("'s3:GetObject'", "!Sub '${Files.Arn}/*'"), allow("'sqs:*'", "'*'")
    paths = set()
    for order in ((broad, fine, fine), (fine, broad, fine), (fine, fine, broad)):
        (found,) = [f for f in scopedown.check(role(*order)).findings if f["rule"] == "service-star"]
        paths.add(found["path"])
    assert len(paths) == 3


def test_the_line_is_the_line_of_the_action(scopedown: Command) -> None:
    text = role(allow("'s3:GetObject'", "!Sub '${Files.Arn}/*'"), allow("'sqs:*'", "!GetAtt Files.Arn"))
    (found,) = scopedown.check(text).findings
    line = text.splitlines()[found["line"] - 1]
    assert line[found["column"] - 1 :].lstrip("'").startswith("sqs:*")


FULL = [
    "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess",
    "!Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonDynamoDBFullAccess'",
    "!Join ['', ['arn:', !Ref 'AWS::Partition', ':iam::aws:policy/AmazonDynamoDBFullAccess']]",
    "!Join ['/', [!Sub 'arn:${AWS::Partition}:iam::aws:policy', AmazonDynamoDBFullAccess]]",
    "!If [IsProd, !Ref 'AWS::NoValue', 'arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess']",
    "arn:aws-cn:iam::aws:policy/AmazonDynamoDBFullAccess",
]


@pytest.mark.parametrize("spelling", FULL)
def test_full_access_is_found_in_every_spelling(scopedown: Command, spelling: str) -> None:
    assert "managed-fullaccess" in scopedown.check(role(managed=spelling)).rules


def test_administrator_access_is_found(scopedown: Command) -> None:
    assert (
        "managed-admin" in scopedown.check(role(managed="arn:aws:iam::aws:policy/AdministratorAccess")).rules
    )


def test_the_basic_execution_role_is_fine(scopedown: Command) -> None:
    arn = "!Sub 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'"
    assert scopedown.check(role(managed=arn)).findings == []


SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Files: {Type: AWS::S3::Bucket}
  Copy:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: copy.handler
      CodeUri: src/
"""


def sam(policies: str) -> str:
    return SAM + f"      Policies: {policies}\n"


@pytest.mark.parametrize(
    ("policies", "rule"),
    [
        ("AmazonS3FullAccess", "managed-fullaccess"),
        ("[AWSLambdaBasicExecutionRole, AmazonS3FullAccess]", "managed-fullaccess"),
        ("arn:aws:iam::aws:policy/AmazonS3FullAccess", "managed-fullaccess"),
        ("[!Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonS3FullAccess']", "managed-fullaccess"),
        ("AdministratorAccess", "managed-admin"),
        (
            "[{Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}]",
            "service-star",
        ),
        ("{Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}}", "service-star"),
        ("[{S3ReadPolicy: {BucketName: '*'}}]", "resource-type-star"),
    ],
)
def test_sam_policies_are_read(scopedown: Command, policies: str, rule: str) -> None:
    assert rule in scopedown.check(sam(policies)).rules


@pytest.mark.parametrize(
    "policies", ["[{S3ReadPolicy: {BucketName: !Ref Files}}]", "[AWSXRayDaemonWriteAccess]", "[]"]
)
def test_narrow_sam_policies_are_silent(scopedown: Command, policies: str) -> None:
    assert scopedown.check(sam(policies)).findings == []


FUNCTION = """\
  {name}:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code: {{S3Bucket: packages, S3Key: {name}.zip}}
      Role: {role}
"""


def shared(*references: str) -> str:
    functions = [FUNCTION.format(name=f"Work{n}", role=text) for n, text in enumerate(references)]
    return role(allow("'s3:GetObject'", "!Sub '${Files.Arn}/*'")) + "".join(functions)


def test_a_shared_role_is_found_at_each_function(scopedown: Command) -> None:
    run = scopedown.check(shared("!GetAtt WorkerRole.Arn", "!GetAtt WorkerRole.Arn"))
    found = sorted(f["resource"] for f in run.findings if f["rule"] == "shared-role")
    assert found == ["Work0", "Work1"]


def test_a_shared_role_is_found_through_other_spellings(scopedown: Command) -> None:
    run = scopedown.check(
        shared("!GetAtt WorkerRole.Arn", "!Sub '${WorkerRole.Arn}'", "!GetAtt [WorkerRole, Arn]")
    )
    assert len([f for f in run.findings if f["rule"] == "shared-role"]) == 3


def test_a_role_of_one_function_is_not_shared(scopedown: Command) -> None:
    assert "shared-role" not in scopedown.check(shared("!GetAtt WorkerRole.Arn")).rules


@pytest.mark.parametrize(
    "text",
    [
        "Resources:\n  A: {Type: AWS::S3::Bucket\n",
        "Resources:\n  A:\n\tType: AWS::S3::Bucket\n",
        "Resources: {A: [}\n",
    ],
)
def test_malformed_yaml_fails(scopedown: Command, text: str) -> None:
    run = scopedown.check(text)
    assert run.code == 2
    assert run.report["errors"][0]["line"]


def test_malformed_json_fails(scopedown: Command) -> None:
    run = scopedown.check('{"Resources": {"A": {"Type": "AWS::S3::Bucket",}}', name="template.json")
    assert run.code == 2


def test_a_malformed_file_hides_no_other(scopedown: Command, tmp_path: object) -> None:
    scopedown.check("Resources:\n  A: {Type: AWS::S3::Bucket\n", name="bad.yaml")
    run = scopedown.check(role(allow("'sqs:*'", "'*'")))
    both = scopedown("check", "--format", "json", f"{tmp_path}")
    assert both.code == 2
    assert essence(both) == essence(run)


@pytest.mark.parametrize("count", [255, 256, 257, 512])
def test_many_findings_never_wrap_the_exit_code(scopedown: Command, count: int) -> None:
    statements = [allow("'sqs:*'", f"'arn:aws:sqs:eu-west-1:111122223333:queue{n}'") for n in range(count)]
    run = scopedown.check(role(*statements))
    assert len(run.findings) == count
    assert run.code == 1
