"""From the template alone: what is handed to a function decides which ARNs stand in its statement."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from scopedown.proof import objection

if TYPE_CHECKING:
    from .conftest import Template

    Read = Callable[[str], Template]


def shown(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersTable:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions:
        - {AttributeName: id, AttributeType: S}
        - {AttributeName: customer, AttributeType: S}
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      GlobalSecondaryIndexes:
        - IndexName: byCustomer
          KeySchema: [{AttributeName: customer, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
  ReceiptsBucket:
    Type: AWS::S3::Bucket
  AuditBucket:
    Type: AWS::S3::Bucket
  OrdersFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: orders.handler
      CodeUri: ./src
      Environment:
        Variables:
          TABLE: !Ref OrdersTable
          RECEIPTS: !Ref ReceiptsBucket
      Policies:
        - Version: '2012-10-17'
          Statement:
"""


def with_statement(base: str, statement: str) -> str:
    return base.lstrip("\n") + textwrap.indent(shown(statement), " " * 12) + "\n"


CASES: dict[str, tuple[str, str]] = {
    "objects and bucket take different ARNs": (
        """
        - Effect: Allow
          Action:
            - s3:GetObject
            - s3:ListBucket
          Resource: '*'
        """,
        """
        - Effect: Allow
          Action:
            - s3:GetObject
          Resource: !Sub '${ReceiptsBucket.Arn}/*'
        - Effect: Allow
          Action:
            - s3:ListBucket
          Resource: !GetAtt ReceiptsBucket.Arn
        """,
    ),
    "indexes only for what reads them": (
        """
        - Effect: Allow
          Action: [dynamodb:GetItem, dynamodb:Query]
          Resource: "*"
        """,
        """
        - Effect: Allow
          Action: [dynamodb:GetItem]
          Resource: !GetAtt OrdersTable.Arn
        - Effect: Allow
          Action: [dynamodb:Query]
          Resource: [!GetAtt OrdersTable.Arn, !Sub "${OrdersTable.Arn}/index/*"]
        """,
    ),
    "what takes no resource keeps the star in a statement of its own": (
        """
        - Sid: Receipts
          Effect: Allow
          Action:
          - s3:PutObject
          - s3:ListAllMyBuckets
          Resource: '*'
        """,
        """
        - Sid: Receipts
          Effect: Allow
          Action:
          - s3:PutObject
          Resource: !Sub '${ReceiptsBucket.Arn}/*'
        - Sid: Receipts2
          Effect: Allow
          Action:
          - s3:ListAllMyBuckets
          Resource: '*'
        """,
    ),
    "what has no linked resource keeps its own": (
        """
        - Effect: Allow
          Action: ['s3:PutObject', 'sqs:SendMessage']
          Resource: '*'
        """,
        """
        - Effect: Allow
          Action: ['s3:PutObject']
          Resource: !Sub '${ReceiptsBucket.Arn}/*'
        - Effect: Allow
          Action: ['sqs:SendMessage']
          Resource: '*'
        """,
    ),
    "an ARN keeps the partition, region and account it has": (
        """
        - Effect: Allow
          Action: dynamodb:PutItem
          Resource: arn:aws:dynamodb:eu-west-1:*:table/*
        """,
        """
        - Effect: Allow
          Action: dynamodb:PutItem
          Resource: !Sub 'arn:aws:dynamodb:eu-west-1:${AWS::AccountId}:table/${OrdersTable}'
        """,
    ),
    "conditions stay": (
        """
        - Effect: Allow
          Action: s3:PutObject
          Resource: '*'
          Condition:
            Bool:
              aws:SecureTransport: true
        """,
        """
        - Effect: Allow
          Action: s3:PutObject
          Resource: !Sub '${ReceiptsBucket.Arn}/*'
          Condition:
            Bool:
              aws:SecureTransport: true
        """,
    ),
    "other resources of the statement stay": (
        """
        - Effect: Allow
          Action: s3:GetObject
          Resource:
            - arn:aws:s3:::shared-assets/*
            - arn:aws:s3:::*
        """,
        """
        - Effect: Allow
          Action: s3:GetObject
          Resource:
            - arn:aws:s3:::shared-assets/*
            - !Sub 'arn:aws:s3:::${ReceiptsBucket}/*'
        """,
    ),
    "a statement in braces stays in braces": (
        "- {Effect: Allow, Action: 's3:PutObject', Resource: '*'}",
        "- {Effect: Allow, Action: 's3:PutObject', Resource: !Sub '${ReceiptsBucket.Arn}/*'}",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_statement_is_written_as_it_stood(case: str, template: Read) -> None:
    before, after = CASES[case]
    read = template(with_statement(SAM, before))
    action = read.stack.statements[0].actions[0].text.display()
    found = read.must(action)
    assert found.tier == "partial"
    assert textwrap.dedent(found.text) == shown(after)
    statement = read.statement(action)
    pairs = [(need.action, need.resource) for need in found.needs]
    assert objection(statement, found.statements, read.stack, pairs) == ""


@pytest.mark.parametrize("case", CASES)
def test_replacement_reads_as_suggested(case: str, template: Read) -> None:
    from scopedown.suggest.original import long_form

    read = template(with_statement(SAM, CASES[case][0]))
    action = read.stack.statements[0].actions[0].text.display()
    again = read.applied(action)
    assert [long_form(each.node) for each in again.stack.statements] == read.must(action).statements
    wide = [fact for fact in _wide(again) if fact not in ("s3:ListAllMyBuckets", "sqs:SendMessage")]
    assert wide == []


def _wide(read: Template) -> list[str]:
    """The actions that still stand on a whole type."""
    from scopedown.iam.breadth import Facts

    found = []
    for statement in read.stack.statements:
        if any(fact.breadth in ("star", "type_star") for fact in Facts(statement).resources):
            found += [element.text.display() for element in statement.actions]
    return found


def role_template(statement: str, properties: str = "", more: str = "") -> str:
    """A function under a role of its own with one policy."""
    return f"""
Resources:
  Jobs:
    Type: AWS::SQS::Queue
  Clicks:
    Type: AWS::Kinesis::Stream
    Properties: {{ShardCount: 1}}
{textwrap.indent(shown(more), "  ")}
  WorkerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {{Service: lambda.amazonaws.com}}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: work
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
{textwrap.indent(shown(statement), " " * 14)}
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: worker.handler
      Role: !GetAtt WorkerRole.Arn
      Code: {{ZipFile: "def handler(event, context): pass"}}
{textwrap.indent(shown(properties), " " * 6)}
"""


def test_event_source_speaks_for_reading_only(template: Read) -> None:
    mapping = """
    Mapping:
      Type: AWS::Lambda::EventSourceMapping
      Properties:
        EventSourceArn: !GetAtt Jobs.Arn
        FunctionName: !Ref Worker
    """
    text = role_template(
        "- {Effect: Allow, Action: ['sqs:ReceiveMessage', 'sqs:SendMessage'], Resource: '*'}", more=mapping
    )
    found = template(text).must("sqs:ReceiveMessage")
    assert found.statements == [
        {"Effect": "Allow", "Action": ["sqs:ReceiveMessage"], "Resource": {"Fn::GetAtt": ["Jobs", "Arn"]}},
        {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": "*"},
    ]


def test_wildcard_drops_nothing(template: Read) -> None:
    properties = "Environment: {Variables: {QUEUE_URL: !Ref Jobs}}"
    found = template(role_template("- {Effect: Allow, Action: 'sqs:*', Resource: '*'}", properties)).must(
        "sqs:*"
    )
    assert found.tier == "partial"
    first, second = found.statements
    assert first["Resource"] == {"Fn::GetAtt": ["Jobs", "Arn"]}
    assert "sqs:PurgeQueue" in first["Action"]
    assert second == {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}
    assert set(found.kept_unproven) == {*first["Action"], "sqs:ListQueues"}
    assert found.removed == {}


def test_long_remainder_is_shown_and_not_written(template: Read) -> None:
    bucket = "Photos:\n  Type: AWS::S3::Bucket"
    properties = "Environment: {Variables: {BUCKET: !Ref Photos}}"
    text = role_template("- {Effect: Allow, Action: 's3:*', Resource: '*'}", properties, bucket)
    found = template(text).must("s3:*")
    assert (found.tier, found.replaces) == ("weak", None)
    assert found.statements == [
        {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": [{"Fn::GetAtt": ["Photos", "Arn"]}, {"Fn::Sub": "${Photos.Arn}/*"}],
        }
    ]
    assert "s3:ListAllMyBuckets" in found.removed["List"]


def test_schedule_decides_its_one_call(template: Read) -> None:
    text = """
    Resources:
      Report:
        Type: AWS::Lambda::Function
        Properties:
          Role: arn:aws:iam::123456789012:role/report
          Code: {ZipFile: x}
      InvokeRole:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument: {}
          Policies:
            - PolicyName: invoke
              PolicyDocument:
                Statement:
                  - Effect: Allow
                    Action: lambda:*
                    Resource: '*'
      Nightly:
        Type: AWS::Scheduler::Schedule
        Properties:
          ScheduleExpression: rate(1 day)
          FlexibleTimeWindow: {Mode: 'OFF'}
          Target: {Arn: !GetAtt Report.Arn, RoleArn: !GetAtt InvokeRole.Arn}
    """
    found = template(text).must("lambda:*")
    assert found.statements == [
        {
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": {"Fn::GetAtt": ["Report", "Arn"]},
        }
    ]
    assert "lambda:UpdateFunctionCode" in found.removed["Write"]


def test_key_of_a_linked_secret(template: Read) -> None:
    more = """
    Key:
      Type: AWS::KMS::Key
      Properties: {KeyPolicy: {}}
    Password:
      Type: AWS::SecretsManager::Secret
      Properties: {KmsKeyId: !Ref Key}
    """
    properties = "Environment: {Variables: {SECRET: !Ref Password}}"
    statement = "- {Effect: Allow, Action: ['secretsmanager:GetSecretValue', 'kms:Decrypt'], Resource: '*'}"
    found = template(role_template(statement, properties, more)).must("kms:Decrypt")
    assert [each["Resource"] for each in found.statements] == [
        {"Ref": "Password"},
        {"Fn::GetAtt": ["Key", "Arn"]},
    ]


def test_resource_granted_by_name_elsewhere_explains_nothing(template: Read) -> None:
    statement = """
    - {Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Jobs.Arn}
    - {Effect: Allow, Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'], Resource: '*'}
    """
    properties = "Environment: {Variables: {QUEUE_URL: !Ref Jobs}}"
    found = template(role_template(statement, properties)).must("sqs:GetQueueUrl")
    assert found.statements[1] == {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": "*"}


def test_every_type_of_an_action_must_be_linked(template: Read) -> None:
    more = "Jobs2:\n  Type: AWS::Batch::JobQueue\n  Properties: {Priority: 1}"
    properties = "Environment: {Variables: {QUEUE: !Ref Jobs2}}"
    text = role_template("- {Effect: Allow, Action: 'batch:SubmitJob', Resource: '*'}", properties, more)
    found = template(text).suggest("batch:SubmitJob")
    assert found is None or found.replaces is None


CIRCLE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String}
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties: %s
  Resize:
    Type: AWS::Serverless::Function
    Properties:
      Handler: resize.handler
      Events:
        Upload:
          Type: S3
          Properties: {Bucket: !Ref Uploads, Events: 's3:ObjectCreated:*'}
      Policies:
        - Statement:
            - Effect: Allow
              Action: s3:GetObject
              Resource: '*'
"""


def test_circle_is_avoided_by_name(template: Read) -> None:
    found = template(CIRCLE % "{BucketName: !Sub 'uploads-${Stage}'}").must("s3:GetObject")
    assert found.statements[0]["Resource"] == {"Fn::Sub": "arn:${AWS::Partition}:s3:::uploads-${Stage}/*"}


def test_circle_without_a_name_is_left_with_a_note(template: Read) -> None:
    found = template(CIRCLE % "{}").must("s3:GetObject")
    assert (found.tier, found.replaces, found.statements) == ("none", None, [])
    assert "Uploads cannot be named here" in found.note


def test_conditional_resource_is_not_named_unconditionally(template: Read) -> None:
    text = with_statement(SAM, "- {Effect: Allow, Action: 's3:PutObject', Resource: '*'}")
    text = text.replace("  ReceiptsBucket:\n", "  ReceiptsBucket:\n    Condition: Keep\n")
    text += "Conditions:\n  Keep: !Equals [!Ref AWS::Region, eu-west-1]\n"
    found = template(text).must("s3:PutObject")
    assert found.tier == "none"
    assert "ReceiptsBucket exists only when Keep" in found.note


@pytest.mark.parametrize(
    "resource",
    ["!If [Wide, '*', !Ref AWS::NoValue]", "!Ref Everything"],
)
def test_what_is_written_elsewhere_is_only_shown(resource: str, template: Read) -> None:
    text = with_statement(SAM, f"- {{Effect: Allow, Action: 's3:PutObject', Resource: {resource}}}")
    text += "Conditions:\n  Wide: !Equals [!Ref AWS::Region, eu-west-1]\n"
    text += "Parameters:\n  Everything: {Type: String, Default: '*'}\n"
    found = template(text).must("s3:PutObject")
    assert (found.tier, found.replaces) == ("none", None)


def test_role_that_others_use_is_left_alone(template: Read) -> None:
    more = """
    Build:
      Type: AWS::CodeBuild::Project
      Properties: {ServiceRole: !GetAtt WorkerRole.Arn}
    """
    properties = "Environment: {Variables: {QUEUE_URL: !Ref Jobs}}"
    text = role_template("- {Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}", properties, more)
    assert template(text).must("sqs:SendMessage").tier == "none"


def test_the_only_one_of_its_type_is_an_assumption(template: Read) -> None:
    found = template(role_template("- {Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}")).must(
        "sqs:SendMessage"
    )
    assert (found.tier, found.replaces) == ("none", None)
    assert found.note == "assumes that Jobs is meant, the only one of its type in the template"
    assert "!GetAtt Jobs.Arn" in found.text


def test_deny_and_network_interfaces_are_left_alone(template: Read) -> None:
    statement = """
    - {Effect: Deny, Action: 's3:*', Resource: '*'}
    - {Effect: Allow, Action: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces'], Resource: '*'}
    """
    read = template(role_template(statement))
    assert read.suggest("s3:*") is None
    assert read.suggest("ec2:CreateNetworkInterface") is None


def test_every_access_suggestion_gives_is_within_the_original(template: Read) -> None:
    for action in ("s3:*", "dynamodb:*", "sqs:*", "s3:Get*", "dynamodb:*Item"):
        read = template(with_statement(SAM, f"- {{Effect: Allow, Action: '{action}', Resource: '*'}}"))
        found = read.must(action)
        assert objection(read.statement(action), found.statements, read.stack) == "", action


def test_statement_that_two_policies_share_is_only_shown(template: Read) -> None:
    text = with_statement(SAM, "- &shared {Effect: Allow, Action: 's3:PutObject', Resource: '*'}\n- *shared")
    found = template(text).must("s3:PutObject")
    assert (found.tier, found.replaces) == ("none", None)
    assert "anchor" in found.note
