"""The work grows with the number of statements and not faster; counted, not timed."""

from __future__ import annotations

from typing import Any

import pytest

from scopedown.iam import algebra
from scopedown.iam.access import effective
from scopedown.iam.deny import certain, silence
from scopedown.source.discovery import from_text
from scopedown.template import cloudformation

from .policies import allow, deny, statements

ROLE = """\
  Role{n}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: 'sts:AssumeRole'}}
      Policies:
        - PolicyName: all
          PolicyDocument:
            Statement:
"""
GRANT = "              - {{Effect: {effect}, Action: 's3:{verb}*', Resource: 'arn:aws:s3:::b{n}/*'}}\n"


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """[how often two patterns were compared]."""
    counted = [0]
    compare = algebra.overlaps

    def counting(*given: Any) -> bool | None:
        counted[0] += 1
        return compare(*given)

    monkeypatch.setattr("scopedown.iam.slots.overlaps", counting)
    return counted


def read(roles: int) -> Any:
    """A template of so many roles with ten statements each."""
    text = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n"
    for n in range(roles):
        text += ROLE.format(n=n)
        for statement in range(10):
            effect = "Deny" if statement == 9 else "Allow"
            text += GRANT.format(effect=effect, verb="GPDLACRTSX"[statement], n=n)
    (template,) = from_text("template.yaml", text).templates()
    return cloudformation.read(template.document, template.root, "cloudformation", {})


def test_roles_cost_the_same_each(comparisons: list[int]) -> None:
    costs = []
    for roles in (10, 100):
        comparisons[0] = 0
        stack = read(roles)
        for role in stack.roles.values():
            assert len(effective(role.statements)) == 9
        costs.append(comparisons[0])
    assert 0 < costs[1] <= costs[0] * 10


def test_statements_are_compared_with_denies_only(comparisons: list[int]) -> None:
    costs = []
    for size in (20, 200):
        comparisons[0] = 0
        effective(statements(*(allow(f"s3:Get{n}*") for n in range(size)), deny("sqs:*")))
        costs.append(comparisons[0])
    assert 0 < costs[1] <= costs[0] * 10


def test_sixty_four_conditions_do_not_explode(comparisons: list[int]) -> None:
    head = "Parameters:\n" + "".join(f"  P{n}: {{Type: String}}\n" for n in range(64))
    head += "Conditions:\n" + "".join(f"  C{n}: !Equals [!Ref P{n}, x]\n" for n in range(64))
    body = "".join(
        f"              - !If [C{n}, {{Effect: {effect}, Action: 's3:Get{n}*', Resource: '*'}},"
        " !Ref AWS::NoValue]\n"
        for n in range(64)
        for effect in ("Allow", "Deny")
    )
    text = head + "Resources:\n" + ROLE.format(n=0) + body
    (template,) = from_text("template.yaml", text).templates()
    stack = cloudformation.read(template.document, template.root, "cloudformation", {})
    (role,) = stack.roles.values()
    assert effective(role.statements) == []
    assert comparisons[0] < 200 * 200


def test_one_action_under_every_condition() -> None:
    """Each alternative of an action meets a Deny with all of them."""
    policy = statements(
        allow("[" + ", ".join(["!If [IsProd, s3:GetObject, s3:PutObject]"] * 40) + "]"),
        deny("[" + ", ".join(["!If [IsProd, s3:PutObject, s3:GetObject]"] * 40) + "]"),
    )
    silence(policy[0], [certain(policy)])
    assert len(policy[0].actions) == 80
