"""The check of a replacement: what it must refuse, what it may accept, and that it never accepts too much."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopedown.iam.policy import Statement
from scopedown.proof import objection, proves
from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.template import cloudformation
from scopedown.template.stack import Stack

TEMPLATE = """
Parameters:
  Prefix: {{Type: String, Default: app}}
Conditions:
  Keep: !Equals [!Ref AWS::Region, eu-west-1]
Resources:
  Photos:
    Type: AWS::S3::Bucket
  Named:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: app-named}}
  Sometimes:
    Type: AWS::S3::Bucket
    Condition: Keep
  Notifying:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        LambdaConfigurations:
          - {{Event: 's3:ObjectCreated:*', Function: !GetAtt Show.Arn}}
  Orders:
    Type: AWS::DynamoDB::Table
  Jobs:
    Type: AWS::SQS::Queue
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: work
          PolicyDocument:
            Statement:
              - Sid: Original
{statement}
              - {{Effect: Allow, Action: 'xray:PutTraceSegments', Resource: '*'}}
  Show:
    Type: AWS::Lambda::Function
    Properties: {{Role: !GetAtt Role.Arn}}
"""


def read(statement: str) -> tuple[Statement, Stack]:
    """The statement that stands in the template."""
    body = textwrap.indent(textwrap.dedent(statement).strip("\n"), " " * 16)
    document = Document("template.yaml", TEMPLATE.format(statement=body))
    root = parse_yaml(document)[0]
    assert isinstance(root, Mapping)
    stack = cloudformation.read(document, root, "cloudformation")
    return stack.statements[0], stack


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


ARN = {"Fn::GetAtt": ["Photos", "Arn"]}
PROVED = [
    ("Action: 's3:*'\nResource: '*'", allow(["s3:GetObject"], {"Fn::Sub": "${Photos.Arn}/*"})),
    ("Action: S3:GET*\nResource: '*'", allow("s3:GetObject", ARN)),
    ("Action: 's3:*'\nResource: !Sub 'arn:${AWS::Partition}:s3:::*'", allow("s3:GetObject", ARN)),
    (
        "Action: 's3:*'\nResource: 'arn:aws:s3:::*'",
        allow("s3:GetObject", {"Fn::Sub": "arn:aws:s3:::${Photos}/*"}),
    ),
    ("Action: 's3:*'\nResource: 'arn:*:s3:::app-*'", allow("s3:*", {"Fn::GetAtt": ["Named", "Arn"]})),
    (
        "Action: 'dynamodb:*'\nResource: !Sub 'arn:${AWS::Partition}:dynamodb:*:${AWS::AccountId}:table/*'",
        allow("dynamodb:GetItem", {"Fn::GetAtt": ["Orders", "Arn"]}),
    ),
    (
        "Action: 'sqs:*'\nResource: !Sub 'arn:${AWS::Partition}:sqs:*:*:${Jobs.QueueName}'",
        allow("sqs:SendMessage", {"Fn::GetAtt": ["Jobs", "Arn"]}),
    ),
    (
        "Action: 's3:*'\nResource: '*'\nCondition: {Bool: {aws:SecureTransport: true}}",
        allow("s3:*", ARN, Condition={"Bool": {"aws:SecureTransport": True}, "StringEquals": {"aws:x": "1"}}),
    ),
    (
        "Action: 's3:*'\nResource: '*'\nCondition: {StringLike: {'s3:prefix': [a, b]}}",
        allow("s3:*", ARN, Condition={"StringLike": {"s3:prefix": "a"}}),
    ),
    (
        "Action: 's3:*'\nResource: !Sub 'arn:aws:s3:::${Prefix}-*'",
        allow("s3:*", {"Fn::Sub": "arn:aws:s3:::${Prefix}-photos"}),
    ),
    ("Action: 's3:*'\nResource: !ImportValue Bucket", allow("s3:*", {"Fn::ImportValue": "Bucket"})),
]


@pytest.mark.parametrize(("original", "suggested"), PROVED)
def test_narrower_is_proved(original: str, suggested: dict[str, Any]) -> None:
    statement, stack = read("Effect: Allow\n" + original)
    assert objection(statement, [suggested], stack) == ""
    assert proves(statement, [suggested], stack)


ALL = "Action: 's3:*'\nResource: '*'"
REFUSED = [
    ("Action: 's3:Get*'\nResource: '*'", allow("s3:PutObject", "*"), "not among the original actions"),
    ("Action: 's3:Get*'\nResource: '*'", allow("s3:*", "*"), "not among the original actions"),
    ("Action: 's3:*'\nResource: 'arn:aws:s3:::*'", allow("s3:GetObject", ARN), "not within"),
    ("Action: 's3:*'\nResource: 'arn:aws:s3:::app-*'", allow("s3:*", ARN), "not within"),
    ("Action: 's3:*'\nResource: !GetAtt Named.Arn", allow("s3:*", ARN), "not within"),
    ("Action: 's3:*'\nResource: !If [Keep, '*', !GetAtt Named.Arn]", allow("s3:*", ARN), "not within"),
    ("Action: 's3:*'\nResource: !Sub 'arn:aws:s3:::${Prefix}-*'", allow("s3:*", "arn:aws:s3:::app-x"), "not"),
    (
        "Action: 's3:*'\nResource: '*'",
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
        "has notaction",
    ),
    (
        "Action: 's3:*'\nResource: '*'",
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
        "does not allow",
    ),
    ("Action: 's3:*'\nResource: '*'", {"Effect": "Allow", "Action": "s3:*"}, "no resource"),
    ("NotAction: 's3:*'\nResource: '*'", allow("sqs:*", "*"), "what it leaves out"),
    ("Action: 's3:*'\nResource: '*'", allow("s3:*", {"Fn::GetAtt": ["Sometimes", "Arn"]}), "only when Keep"),
    ("Action: 's3:*'\nResource: '*'", allow("s3:*", {"Fn::GetAtt": ["Notifying", "Arn"]}), "circular"),
    (
        "Action: 's3:*'\nResource: '*'\nCondition: {Bool: {aws:SecureTransport: true}}",
        allow("s3:*", ARN),
        "the condition is missing",
    ),
    (
        "Action: 's3:*'\nResource: '*'\nCondition: {StringLike: {'s3:prefix': a}}",
        allow("s3:*", ARN, Condition={"StringLike": {"s3:prefix": ["a", "b"]}}),
        "allows other values",
    ),
    (
        "Action: 's3:*'\nResource: '*'\nCondition: {StringLike: {'s3:prefix': a}}",
        allow("s3:*", ARN, Condition={"StringEquals": {"s3:prefix": "a"}}),
        "StringLike is not kept",
    ),
    (
        "Action: 's3:*'\nResource: '*'",
        allow([f"s3:{'x' * 200}{number}" for number in range(60)], "*"),
        "over 10,240 characters",
    ),
]


@pytest.mark.parametrize(("original", "suggested", "reason"), REFUSED)
def test_what_is_not_narrower_is_refused(original: str, suggested: dict[str, Any], reason: str) -> None:
    statement, stack = read("Effect: Allow\n" + original)
    assert reason in objection(statement, [suggested], stack)


def test_what_is_needed_must_stay() -> None:
    statement, stack = read("Effect: Allow\nAction: 's3:*'\nResource: '*'")
    suggested = [allow("s3:GetObject", {"Fn::Sub": "${Photos.Arn}/*"})]
    needs = [("s3:GetObject", "arn:${AWS::Partition}:s3:::${Photos}/*")]
    assert objection(statement, suggested, stack, needs) == ""
    assert objection(statement, suggested, stack, [("s3:PutObject", None)]) == "s3:PutObject would be lost"
    assert objection(statement, suggested, stack, [("sqs:SendMessage", None)]) == ""


HOLES = {"AWS::Partition": "aws", "AWS::AccountId": "12", "AWS::Region": "r", "Prefix": "pp", "Photos": "ph"}
pieces = st.sampled_from(["*", "?", "a", "b", "/", "${Photos}", "${Prefix}", "${AWS::AccountId}"])
names = st.lists(pieces, min_size=1, max_size=4).map("".join)
fields = st.sampled_from(["*", "", "12", "r", "${AWS::AccountId}", "${AWS::Region}"])
partitions = st.sampled_from(["aws", "*", "${AWS::Partition}"])
arns = st.builds("arn:{}:s3:{}:{}:{}".format, partitions, fields, fields, names)
resources = st.one_of(st.just("*"), arns)
actions = st.lists(st.sampled_from(["*", "?", "G", "e"]), min_size=1, max_size=3).map(
    lambda parts: "s3:" + "".join(parts)
)
REQUESTS = [
    f"arn:{partition}:s3:{region}:{account}:{name}"
    for partition in ("aws", "aws-cn", "a:b")
    for region in ("", "r", "x")
    for account in ("", "12", "9")
    for name in ("a", "b", "ab", "ph", "pp", "pa", "ph/a", "a/b", "12", "a:b", "ppb", "abph", "")
]


def matcher(pattern: str, ignore_case: bool = False) -> re.Pattern[str]:
    """IAM's pattern with the holes filled in, as a regular expression."""
    for name, value in HOLES.items():
        pattern = pattern.replace("${" + name + "}", value)
    parts = ["." if sign == "?" else ".*" if sign == "*" else re.escape(sign) for sign in pattern]
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


@settings(max_examples=300, deadline=None)
@given(
    originals=st.lists(resources, min_size=1, max_size=2),
    original_actions=st.lists(actions, min_size=1, max_size=2),
    suggested=resources,
    suggested_action=actions,
)
def test_proof_is_sound(
    originals: list[str], original_actions: list[str], suggested: str, suggested_action: str
) -> None:
    def written(values: list[str]) -> str:
        return "[" + ", ".join(f"!Sub '{value}'" for value in values) + "]"

    actions_text = "[" + ", ".join(f"'{value}'" for value in original_actions) + "]"
    statement, stack = read(f"Effect: Allow\nAction: {actions_text}\nResource: {written(originals)}")
    if not proves(statement, [allow(suggested_action, {"Fn::Sub": suggested})], stack):
        return
    wide = [matcher(value) for value in originals]
    narrow = matcher(suggested)
    for request in REQUESTS:
        if narrow.fullmatch(request):
            assert any(each.fullmatch(request) for each in wide), request
    allowed = [matcher(value, True) for value in original_actions]
    for action in ("s3:G", "s3:e", "s3:Ge", "s3:GeG", "s3:eee", "s3:GG", "s3:x"):
        if matcher(suggested_action, True).fullmatch(action):
            assert any(each.fullmatch(action) for each in allowed), action
