"""Broad managed policies: SAM policy templates where SAM makes the role, explicit statements elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scopedown.suggest.managed import suggest_managed
from scopedown.suggest.suggestion import Suggestion

if TYPE_CHECKING:
    from .conftest import Template

    Read = Callable[[str], Template]

SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Photos:
    Type: AWS::S3::Bucket
  Show:
    Type: AWS::Serverless::Function
    Properties:
      Handler: show.handler
      Environment: {Variables: {BUCKET: %s}}
      Policies: [%s]
"""


def managed(read: Template) -> Suggestion | None:
    for role in read.stack.roles.values():
        for carrier in role.carriers:
            if carrier.kind == "managed-arn":
                return suggest_managed(read.stack, role, carrier)
    return None


def test_sam_policy_template_for_the_linked_bucket(template: Read) -> None:
    found = managed(template(SAM % ("!Ref Photos", "AmazonS3FullAccess")))
    assert found is not None
    assert (found.tier, found.replaces) == ("weak", None)
    assert found.text == "- S3CrudPolicy:\n    BucketName: !Ref Photos"


def test_read_only_stays_read_only(template: Read) -> None:
    found = managed(template(SAM % ("!Ref Photos", "AmazonS3ReadOnlyAccess")))
    assert found is not None
    assert found.text.startswith("- S3ReadPolicy:")


def test_without_a_link_the_name_is_the_readers(template: Read) -> None:
    found = managed(template(SAM % ("photos", "AmazonDynamoDBFullAccess")))
    assert found is not None
    assert (found.tier, found.text) == ("none", "")
    assert found.note == "a narrower policy is DynamoDBCrudPolicy, which takes a TableName"


def test_narrow_managed_policy_needs_no_answer(template: Read) -> None:
    assert managed(template(SAM % ("!Ref Photos", "AWSLambdaBasicExecutionRole"))) is None


ROLE = """
Resources:
  Photos:
    Type: AWS::S3::Bucket
  Jobs:
    Type: AWS::SQS::Queue
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/%s]
  Show:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Environment: {Variables: {BUCKET: !Ref Photos}}
      DeadLetterConfig: {TargetArn: !GetAtt Jobs.Arn}
"""


def test_no_actions_are_made_up_for_a_role(template: Read) -> None:
    found = managed(template(ROLE % "AmazonS3FullAccess"))
    assert found is not None
    assert (found.tier, found.text) == ("none", "")
    assert found.note == "write a statement that names the actions it needs on Photos"
    assert [(need.action, need.resource) for need in found.needs] == [("s3:*", "${Photos}")]


def test_what_the_template_shows_becomes_a_statement(template: Read) -> None:
    found = managed(template(ROLE % "AmazonSQSFullAccess"))
    assert found is not None
    assert found.tier == "weak"
    assert found.text == "\n".join(
        (
            "- PolicyName: sqs",
            "  PolicyDocument:",
            "    Version: '2012-10-17'",
            "    Statement:",
            "      - Effect: Allow",
            "        Action:",
            "          - sqs:SendMessage",
            "        Resource: !GetAtt Jobs.Arn",
        )
    )


def test_publishing_has_no_topic_that_could_be_named(template: Read) -> None:
    assert managed(template(ROLE % "AmazonSNSFullAccess")) is None
