"""How broad actions and resources are, in every spelling."""

from __future__ import annotations

import pytest

from scopedown.iam.breadth import ActionFact, action_breadth, resource_breadth
from scopedown.source.tree import Document, Scalar
from scopedown.values.guard import ALWAYS
from scopedown.values.text import Element, Hole, Text


@pytest.mark.parametrize(
    ("action", "breadth"),
    [
        ("*", "star"),
        ("*:*", "star"),
        ("**", "star"),
        ("s3:*", "service_star"),
        ("S3:*", "service_star"),
        ("s3:**", "service_star"),
        ("s3:?*", "service_star"),
        ("s3:Get*", "glob"),
        ("s3:*Object", "glob"),
        ("s3:GetObjec?", "glob"),
        ("s*:GetObject", "service_glob"),
        ("*:Get*", "service_glob"),
        ("s3:GetObject", "literal"),
        ("GetObject", "unresolved"),
    ],
)
def test_actions(action: str, breadth: str) -> None:
    assert action_breadth(Text.of(action))[0] == breadth


def facts(*actions: str) -> list[ActionFact]:
    """Facts of literal actions."""
    node = Scalar(Document("t", ""), 0, 0, "")
    return [ActionFact(Element(Text.of(action), ALWAYS, node)) for action in actions]


@pytest.mark.parametrize(
    ("resource", "actions", "breadth"),
    [
        ("*", ["s3:GetObject"], "star"),
        ("**", ["s3:GetObject"], "star"),
        ("arn*", ["s3:GetObject"], "star"),
        ("arn:aws:*", ["s3:GetObject"], "star"),
        ("arn:*:*:*:*:*", ["s3:GetObject"], "star"),
        ("arn:aws:s3:::*", ["s3:GetObject"], "type_star"),
        ("arn:aws:s3:::*/*", ["s3:GetObject"], "type_star"),
        ("arn:aws:s3:::acme-*/*", ["s3:GetObject"], "prefix"),
        ("arn:aws:s3:::bucket/*", ["s3:GetObject"], "prefix"),
        ("arn:aws:sns:*", ["sns:Publish"], "type_star"),
        ("arn:aws:sns:*:*:*", ["sns:Publish"], "type_star"),
        ("arn:aws:sqs:eu-west-1:111122223333:*", ["sqs:SendMessage"], "type_star"),
        ("arn:aws:sqs:*:*:orders", ["sqs:SendMessage"], "named"),
        ("arn:aws:dynamodb:*:*:table/*", ["dynamodb:GetItem"], "type_star"),
        ("arn:aws:dynamodb:*:*:table/*/index/*", ["dynamodb:Query"], "type_star"),
        ("arn:aws:dynamodb:*:*:table/orders/index/*", ["dynamodb:Query"], "prefix"),
        ("arn:aws:dynamodb:*:*:table/*", ["dynamodb:CreateTable"], "prefix"),
        ("arn:aws:ec2:*:*:subnet/*", ["ec2:RunInstances", "ec2:CreateNetworkInterface"], "prefix"),
        ("arn:aws:ec2:*:*:security-group-rule/*", ["ec2:ModifySecurityGroupRules"], "prefix"),
        ("arn:aws:ec2:*:*:security-group/*", ["ec2:ModifySecurityGroupRules"], "type_star"),
        ("arn:aws:secretsmanager:*:*:secret:shop-??????", ["secretsmanager:GetSecretValue"], "prefix"),
        ("arn:aws:execute-api:*:*:*", ["execute-api:ManageConnections"], "type_star"),
        ("arn:aws:es:*:*:domain/*", ["es:ESHttp*"], "type_star"),
        ("arn:aws:lambda:*:*:function:one:*", ["lambda:InvokeFunction"], "prefix"),
        ("arn:aws:s3:::bucket", ["s3:GetObject"], "named"),
    ],
)
def test_resources(resource: str, actions: list[str], breadth: str) -> None:
    assert resource_breadth(Text.of(resource), facts(*actions)) == breadth


def test_a_hole_is_neither_a_wildcard_nor_safe() -> None:
    arn = Hole("Table.Arn", "attribute", "Table", "Arn")
    imported = Hole("{Fn::ImportValue:x}", "unknown")
    assert resource_breadth(Text((arn,)), []) == "named"
    assert resource_breadth(Text((imported,)), []) == "unresolved"
    assert resource_breadth(Text.join([arn, *Text.of("/index/*").parts]), facts("dynamodb:Query")) == "prefix"
    assert action_breadth(Text((Hole("Action", "parameter", "Action"),))) == ("unresolved", None)
