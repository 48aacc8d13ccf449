"""What bounds a role in ``grants``: under a condition, outside the template, and of users."""

from __future__ import annotations

import pytest

from scopedown.report import grants_json
from scopedown.report.grants import Block
from scopedown.report.grants_asked import Asked

from .test_grants import lines, told

HEAD = """\
Parameters:
  Stage: {Type: String, AllowedValues: [dev, test, prod]}
  Outside: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Equals [!Ref Stage, test]
Resources:
  Edge:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: 's3:Get*', Resource: '*'}}}
  Rim:
    Type: AWS::IAM::ManagedPolicy
    Condition: IsTest
    Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: 's3:Put*', Resource: '*'}}}
  Baker:
    Type: AWS::IAM::Role
    Properties:
      PermissionsBoundary: BOUNDARY
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: 's3:*', Resource: '*'}
              - {Effect: Allow, Action: 's3:GetObject', Resource: '*'}
              - {Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}
"""


def block(boundary: str, action: str = "") -> Block:
    """The role's block."""
    (found,) = (one for one in told(HEAD.replace("BOUNDARY", boundary), action) if one.label == "Baker")
    return found


def grants(found: Block) -> list[tuple[str, str]]:
    """Action patterns with when they hold."""
    return [
        (",".join(one.text.display() for one in entry.actions or ()), entry.guard.display())
        for entry in found.worn[0].entries
    ]


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        ("!Ref Edge", [("s3:Get*", ""), ("s3:GetObject", "")]),
        (
            "!If [IsProd, !Ref Edge, !Ref AWS::NoValue]",
            [
                ("s3:Get*", "IsProd"),
                ("s3:*", "not IsProd"),
                ("s3:GetObject", ""),
                ("sqs:SendMessage", "not IsProd"),
            ],
        ),
        (
            "!If [IsProd, !Ref Edge, !Ref Rim]",
            [("s3:Get*", "IsProd"), ("s3:Put*", "not IsProd"), ("s3:GetObject", "IsProd")],
        ),
        (
            "!If [IsProd, !Ref Edge, !If [IsTest, !Ref Rim, !Ref AWS::NoValue]]",
            [
                ("s3:Get*", "IsProd"),
                ("s3:Put*", "not IsProd and IsTest"),
                ("s3:*", "not IsProd and not (not IsProd and IsTest)"),
                ("s3:GetObject", "IsProd or not IsProd and not (not IsProd and IsTest)"),
                ("sqs:SendMessage", "not IsProd and not (not IsProd and IsTest)"),
            ],
        ),
        # A boundary that nobody can read here takes nothing away for certain.
        ("!Ref Outside", [("s3:*", ""), ("s3:GetObject", ""), ("sqs:SendMessage", "")]),
    ],
)
def test_access_is_what_the_boundary_lets_through_where_it_stands(
    boundary: str, expected: list[tuple[str, str]]
) -> None:
    assert grants(block(boundary)) == expected


@pytest.mark.parametrize(
    ("boundary", "action", "answer"),
    [
        ("!Ref Edge", "s3:PutObject", "no"),
        ("!Ref Edge", "s3:GetObject", "yes"),
        ("!If [IsProd, !Ref Edge, !Ref AWS::NoValue]", "s3:PutObject", "yes"),  # where it is not prod
        ("!If [IsProd, !Ref Edge, !Ref Rim]", "sqs:SendMessage", "no"),
        ("!Ref Outside", "s3:PutObject", "perhaps"),
        ("!Ref Outside", "iam:CreateUser", "no"),
        ("!If [IsProd, !Ref Outside, !Ref Edge]", "s3:PutObject", "perhaps"),
        ("!If [IsProd, !Ref Outside, !Ref Edge]", "s3:GetObject", "yes"),
        ("arn:aws:iam::aws:policy/AmazonSQSFullAccess", "sqs:SendMessage", "yes"),
        ("arn:aws:iam::aws:policy/AmazonSQSFullAccess", "s3:GetObject", "no"),
        ("arn:aws:iam::111122223333:policy/edge", "s3:GetObject", "perhaps"),
    ],
)
def test_answers_within_a_boundary(boundary: str, action: str, answer: str) -> None:
    assert block(boundary, action).answer == answer


def test_the_text_says_when_and_what_is_not_visible() -> None:
    shown = lines(HEAD.replace("BOUNDARY", "!If [IsProd, !Ref Edge, !Ref Outside]"))
    assert "  within  permissions boundary Edge, when IsProd, line 10" in shown
    place = shown.index("  within  permissions boundary ${Outside}, when not IsProd, line 18; not")
    assert shown[place + 1] == "          visible: it may take some of this away"


def test_json_says_what_narrowed_an_action() -> None:
    blocks = told(HEAD.replace("BOUNDARY", "!If [IsProd, !Ref Edge, !Ref AWS::NoValue]"))
    document = grants_json.document(blocks, Asked(), [], [])
    (role,) = (one for one in document["roles"] if one["role"] == "Baker")
    assert [(one["owner"], one["guard"]) for one in role["boundary"]] == [("Edge", "IsProd")]
    (action,) = role["grants"][0]["actions"]
    assert (action["value"], action["via"]) == ("s3:Get*", "what the permissions boundary lets through")
    (action,) = role["grants"][1]["actions"]
    assert (action["value"], action["via"]) == ("s3:*", None)


def test_json_says_what_a_deny_leaves() -> None:
    deny = HEAD.replace("BOUNDARY", "!Ref AWS::NoValue")
    deny += "              - {Effect: Deny, NotAction: 's3:*Object', Resource: '*'}\n"
    (role,) = grants_json.document(told(deny), Asked(), [], [])["roles"][:1]
    (action,) = role["grants"][0]["actions"]
    assert (action["value"], action["via"]) == ("s3:*Object", "what a Deny leaves")


def test_a_resource_policy_that_names_a_user_is_beside_its_boundary() -> None:
    template = (
        HEAD.replace("BOUNDARY", "!Ref Edge")
        + """\
  Ann: {Type: AWS::IAM::User, Properties: {PermissionsBoundary: !Ref Edge}}
  Orders: {Type: AWS::SQS::Queue}
  Gate:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Orders]
      PolicyDocument:
        Statement:
          Effect: Allow
          Principal: {AWS: [!GetAtt Ann.Arn, !GetAtt Baker.Arn]}
          Action: sqs:ReceiveMessage
          Resource: '*'
"""
    )
    answers = {one.label: one.answer for one in told(template, "sqs:ReceiveMessage", "Orders")}
    assert answers["Ann"] == "yes"
    assert answers["Baker"] == "no"  # a role is bounded there too
