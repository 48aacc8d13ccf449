"""EventBridge patterns: which of them match only what changes of infrastructure set off."""

from __future__ import annotations

import json

import pytest

from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.template import cloudformation

CALLS = "{detail-type: [AWS API Call via CloudTrail]"


def bounded(pattern: str, more: str = "", sam: bool = False) -> bool | None:
    """Whether the one event rule of a function is bounded; with ``sam`` as an event of the function."""
    if sam:
        text = (
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  Tell:\n"
            "    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n"
            "        It:\n          Type: EventBridgeRule\n"
            f"          Properties: {{{more}Pattern: {pattern}}}\n"
        )
    else:
        text = (
            "Resources:\n  Tell: {Type: AWS::Lambda::Function, Properties: {Role: r}}\n"
            f"  It:\n    Type: AWS::Events::Rule\n    Properties:\n      EventPattern: {pattern}\n"
            f"      Targets: [{{Id: tell, Arn: !GetAtt Tell.Arn}}]\n{more}"
        )
    document = Document("template.yaml", text)
    (root,) = parse_yaml(document)
    assert isinstance(root, Mapping)
    (function,) = cloudformation.read(document, root, "sam" if sam else "cloudformation").functions
    (trigger,) = function.triggers
    assert trigger.kind == "event-pattern"
    return trigger.bounded


@pytest.mark.parametrize("sam", [False, True])
@pytest.mark.parametrize(
    ("pattern", "calm"),
    [
        ("{source: [aws.codepipeline]}", True),
        ("{source: [aws.ec2], detail-type: [EC2 Instance State-change Notification]}", True),
        ("{source: [aws.ec2, aws.guardduty]}", True),
        ("{source: [aws.ec2, shop.orders]}", False),
        ("{source: [ec2]}", False),
        ("{source: [aws.s3], detail-type: [Object Created]}", False),
        ("{source: [aws.states], detail-type: [Step Functions Execution Status Change]}", False),
        ("{source: [{prefix: aws.}]}", False),
        ("{source: [!Ref Source]}", False),
        ("{source: [shop.orders], detail-type: [CodePipeline Pipeline Execution State Change]}", False),
        ("{detail-type: [GuardDuty Finding]}", True),
        ("{detail-type: [AWS Health Event, Order Paid]}", False),
        ("{detail: {state: [terminated]}}", False),
        ("{account: ['111122223333']}", False),
        (CALLS + ", detail: {eventSource: [s3.amazonaws.com], eventName: [CreateBucket]}}", True),
        (
            CALLS + ", detail: {eventSource: [s3.amazonaws.com], eventName: [CreateBucket, PutObject]}}",
            False,
        ),
        (CALLS + ", detail: {eventName: [{prefix: Put}]}}", False),
        (CALLS + ", detail: {eventSource: [iam.amazonaws.com]}}", True),
        (CALLS + ", detail: {eventSource: [dynamodb.amazonaws.com]}}", False),
        (CALLS + ", source: [aws.iam]}", True),
        (CALLS + "}", False),
    ],
)
def test_what_a_pattern_matches(pattern: str, calm: bool, sam: bool) -> None:
    assert bounded(pattern, sam=sam) is calm


def test_on_a_bus_of_ones_own_anybody_puts_events_of_any_type() -> None:
    assert bounded("{detail-type: [GuardDuty Finding]}", "EventBusName: audit, ", sam=True) is False
    assert bounded("{source: [aws.guardduty]}", "EventBusName: audit, ", sam=True) is True


def test_a_pattern_as_text() -> None:
    assert bounded("'" + json.dumps({"source": ["aws.config"]}) + "'") is True
    assert bounded("'" + json.dumps({"source": ["shop"]}) + "'") is False
    assert bounded("'no pattern'") is False


def test_a_permission_of_a_rule() -> None:
    text = """\
Resources:
  Tell: {Type: AWS::Lambda::Function, Properties: {Role: r}}
  It: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [aws.health]}}}
  May:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Tell, Principal: events.amazonaws.com, SourceArn: !GetAtt It.Arn}
"""
    document = Document("template.yaml", text)
    (root,) = parse_yaml(document)
    assert isinstance(root, Mapping)
    (function,) = cloudformation.read(document, root, "cloudformation").functions
    assert [(trigger.kind, trigger.bounded) for trigger in function.triggers] == [("event-pattern", True)]
