"""Which conditions say which resource is meant, and what a request meets."""

from __future__ import annotations

import pytest

from scopedown.iam.breadth import Facts
from scopedown.iam.condition import operator_of
from scopedown.iam.request import hold

from .policies import allow, statements


def narrows(action: str, block: str) -> bool | None:
    """What the facts of a statement with this Condition say."""
    (statement,) = statements(allow(action, "'*'", f"Condition: {block}"))
    return Facts(statement).narrows


@pytest.mark.parametrize(
    ("action", "block", "answer"),
    [
        ("sqs:SendMessage", "{StringEquals: {'aws:ResourceTag/team': orders}}", True),
        ("sqs:SendMessage", "{stringequals: {'AWS:resourcetag/team': orders}}", True),
        ("sqs:SendMessage", "{StringLike: {'aws:ResourceTag/team': 'orders-*'}}", True),
        ("sqs:SendMessage", "{StringLike: {'aws:ResourceTag/team': '*'}}", False),
        ("sqs:SendMessage", "{StringLike: {'aws:ResourceTag/team': '?*'}}", False),
        ("sqs:SendMessage", "{StringLike: {'aws:ResourceTag/team': [orders, '*']}}", False),
        ("sqs:SendMessage", "{StringEquals: {'aws:ResourceTag/team': ''}}", False),
        ("sqs:SendMessage", "{StringEquals: {'aws:ResourceTag/team': []}}", False),
        ("sqs:SendMessage", "{StringEquals: {'aws:ResourceTag/team': '${aws:PrincipalTag/team}'}}", True),
        ("sqs:SendMessage", "{StringEquals: {'aws:ResourceTag/team': !Ref Open}}", True),
        ("sqs:SendMessage", "{StringLike: {'aws:ResourceTag/team': !Ref Open}}", None),
        ("sqs:SendMessage", "{StringLike: {'aws:ResourceTag/team': !Sub 'team-${Open}'}}", True),
        ("sqs:SendMessage", "{StringEqualsIfExists: {'aws:ResourceTag/team': orders}}", False),
        ("sqs:SendMessage", "{StringEqualsIfExists: {'aws:ResourceAccount': '111122223333'}}", True),
        ("sqs:SendMessage", "{StringNotEquals: {'aws:ResourceTag/team': orders}}", None),
        ("sqs:SendMessage", "{'Null': {'aws:ResourceTag/team': 'false'}}", None),
        ("sqs:SendMessage", "{'Null': {'aws:ResourceTag/team': 'true'}}", False),
        ("sqs:SendMessage", "{Bool: {'aws:SecureTransport': 'true'}}", False),
        ("sqs:SendMessage", "{StringEquals: {'aws:RequestedRegion': eu-west-1}}", False),
        ("sqs:SendMessage", "{IpAddress: {'aws:SourceIp': 203.0.113.0/24}}", False),
        ("sqs:SendMessage", "{Bool: {'aws:MultiFactorAuthPresent': 'true'}}", False),
        ("sqs:SendMessage", "{StringEquals: {'sqs:a-new-key': x}}", None),
        ("sqs:SendMessage", "{StringEqual: {'aws:ResourceTag/team': orders}}", None),
        ("sqs:SendMessage", "!Ref Open", None),
        # A key that the action has not fences nothing in.
        ("sqs:SendMessage", "{StringEquals: {'cloudwatch:namespace': Shop}}", False),
        ("cloudwatch:PutMetricData", "{StringEquals: {'cloudwatch:namespace': Shop}}", True),
        ("[sqs:SendMessage, s3:GetObject]", "{StringEquals: {'kms:ViaService': x}}", False),
        ("[kms:Decrypt, sqs:SendMessage]", "{StringEquals: {'kms:ViaService': x}}", True),
        ("'*'", "{StringEquals: {'aws:ResourceAccount': !Ref AWS::AccountId}}", True),
        ("events:PutEvents", "{StringEquals: {'events:source': shop}}", True),
        # Describing takes no resource; whether a network interface always has the key is not known here.
        (
            "[ec2:DescribeNetworkInterfaces, ec2:CreateNetworkInterface]",
            "{ArnLikeIfExists: {'ec2:Vpc': !Ref Open}}",
            None,
        ),
        # Without a value to check, ForAllValues lets a call through.
        ("kms:Decrypt", "{'ForAllValues:StringEquals': {'kms:EncryptionContextKeys': [a]}}", False),
        (
            "kms:Decrypt",
            "{'ForAllValues:StringEquals': {'kms:EncryptionContextKeys': [a]},"
            " 'Null': {'kms:EncryptionContextKeys': 'false'}}",
            True,
        ),
        ("kms:Decrypt", "{'ForAnyValue:StringEquals': {'kms:ResourceAliases': alias/shop}}", True),
        (
            "dynamodb:GetItem",
            "{'ForAllValues:StringEquals': {'dynamodb:LeadingKeys': ['${aws:userid}']}}",
            True,
        ),
        (
            "[dynamodb:GetItem, dynamodb:Scan]",
            "{'ForAllValues:StringEquals': {'dynamodb:LeadingKeys': ['${aws:userid}']}}",
            False,
        ),
        # One that narrows is enough, in whatever branch of the template.
        (
            "sqs:SendMessage",
            "{Bool: {'aws:SecureTransport': 'true'}, StringEquals: {'aws:ResourceTag/team': x}}",
            True,
        ),
        (
            "sqs:SendMessage",
            "!If [IsProd, {StringEquals: {'aws:ResourceTag/team': x}}, !Ref AWS::NoValue]",
            None,
        ),
        (
            "sqs:SendMessage",
            "!If [IsProd, {StringEquals: {'aws:ResourceTag/team': x}},"
            " {StringEquals: {'aws:ResourceTag/stage': dev}}]",
            True,
        ),
    ],
)
def test_narrows(action: str, block: str, answer: bool | None) -> None:
    assert narrows(action, block) is answer


def test_without_a_condition_nothing_narrows() -> None:
    (statement,) = statements(allow())
    assert Facts(statement).narrows is False


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("StringNotLikeIfExists", ("stringlike", True, True, "")),
        ("ForAllValues:ArnNotEquals", ("arnequals", True, False, "forallvalues")),
        ("numericlessthanequals", ("numericlessthanequals", False, False, "")),
        ("NotIpAddress", ("ipaddress", True, False, "")),
        ("BinaryEquals", ("binaryequals", False, False, "")),
        ("Null", ("null", False, False, "")),
    ],
)
def test_operators(text: str, parts: tuple[str, bool, bool, str]) -> None:
    operator = operator_of(text)
    assert operator is not None
    assert (operator.name, operator.negated, operator.if_exists, operator.over) == parts


@pytest.mark.parametrize(
    "text", ["", "NullIfExists", "ForAnyValue:Null", "StringLikes", "DateLike", "String"]
)
def test_what_is_no_operator(text: str) -> None:
    assert operator_of(text) is None


@pytest.mark.parametrize(
    ("block", "context", "answer"),
    [
        ("{StringEquals: {'aws:UserName': ann}}", {"aws:username": ["ann"]}, True),
        ("{StringEquals: {'aws:username': 'a*'}}", {"aws:username": ["ann"]}, False),
        ("{StringLike: {'aws:username': 'a*'}}", {"aws:username": ["ann"]}, True),
        ("{StringLike: {'aws:username': '${*}'}}", {"aws:username": ["*"]}, True),
        ("{StringLike: {'aws:username': '${*}'}}", {"aws:username": ["ann"]}, False),
        ("{StringLike: {'aws:username': \"${s3:x, 'ann'}\"}}", {"aws:username": ["ann"]}, True),
        ("{StringEquals: {'aws:username': !Ref Open}}", {"aws:username": ["ann"]}, None),
        ("{StringEquals: {'aws:username': [!Ref Open, ann]}}", {"aws:username": ["ann"]}, True),
        ("{StringNotEquals: {'aws:username': [bob, ann]}}", {"aws:username": ["ann"]}, False),
        ("{StringNotEquals: {'aws:username': bob}}", {}, True),
        ("{StringEqualsIgnoreCase: {'aws:username': ANN}}", {"aws:username": ["ann"]}, True),
        ("{ArnLike: {'aws:SourceArn': 'arn:aws:*:*:*:x'}}", {"aws:SourceArn": ["arn:aws:s3:::x"]}, True),
        ("{ArnLike: {'aws:SourceArn': 'arn:aws:*:x'}}", {"aws:SourceArn": ["arn:aws:s3:::x"]}, False),
        ("{BinaryEquals: {'k:v': QmluCg==}}", {"k:v": ["QmluCg=="]}, True),
        ("{NumericLessThan: {'s3:max-keys': 10}}", {"s3:max-keys": ["9.5"]}, True),
        ("{NumericLessThan: {'s3:max-keys': many}}", {"s3:max-keys": ["9"]}, False),
        ("{NumericLessThan: {'s3:max-keys': !Ref Open}}", {"s3:max-keys": ["9"]}, None),
        ("{DateLessThan: {'aws:CurrentTime': 2026}}", {"aws:CurrentTime": ["2025-12-31T23:59:59Z"]}, True),
        (
            "{DateLessThan: {'aws:CurrentTime': 2026-02}}",
            {"aws:CurrentTime": ["2026-02-01T00:00:00Z"]},
            False,
        ),
        (
            "{DateEquals: {'aws:CurrentTime': '1767225600'}}",
            {"aws:CurrentTime": ["2026-01-01T00:00:00Z"]},
            True,
        ),
        ("{IpAddress: {'aws:SourceIp': '2001:db8::/32'}}", {"aws:SourceIp": ["2001:db8::1"]}, True),
        ("{IpAddress: {'aws:SourceIp': here}}", {"aws:SourceIp": ["2001:db8::1"]}, False),
        ("{'ForAllValues:StringEquals': {'aws:TagKeys': [a]}}", {}, True),
        ("{'ForAnyValue:StringEquals': {'aws:TagKeys': [a]}}", {}, False),
        ("{'ForAllValues:StringEquals': {'aws:TagKeys': [a]}}", {"aws:TagKeys": ["a", "b"]}, False),
        ("{'Null': {'aws:TagKeys': true}}", {"aws:TagKeys": [""]}, True),
        ("{NoOperator: {'aws:TagKeys': a}}", {}, None),
        ("!If [IsProd, {StringEquals: {'aws:username': bob}}, !Ref AWS::NoValue]", {}, None),
        ("{StringEquals: {'aws:username': !If [IsProd, ann, bob]}}", {"aws:username": ["ann"]}, None),
    ],
)
def test_what_a_request_meets(block: str, context: dict[str, list[str]], answer: bool | None) -> None:
    (statement,) = statements(allow(more=f"Condition: {block}"))
    assert hold(statement.conditions, context, statement.guard) is answer


def test_without_a_context_a_condition_cannot_be_decided() -> None:
    (statement,) = statements(allow(more="Condition: {Bool: {'aws:SecureTransport': 'true'}}"))
    assert hold(statement.conditions, None, statement.guard) is None
    assert hold([], None, statement.guard) is True
