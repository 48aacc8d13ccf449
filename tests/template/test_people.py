"""Users and groups: what each of them has, from either side, by membership and under conditions."""

from __future__ import annotations

import pytest

from scopedown.template.people import Person

from .stacks import short, stack_of

STATEMENT = "{Statement: {Effect: Allow, Action: 's3:%s', Resource: '*'}}"
POLICY = "[{PolicyName: p, PolicyDocument: " + STATEMENT + "}]"
PARAMETERS = """
Parameters: {Stage: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
"""


def people(resources: str) -> dict[str, Person]:
    """The users and groups of a template."""
    return stack_of(PARAMETERS + resources).whole.people


def has(person: Person) -> list[tuple[str, str]]:
    """Actions of a user or group, with when it has them."""
    return [(short(each).split()[1], each.guard.display()) for each in person.all_statements]


GROUP = f"  Staff: {{Type: AWS::IAM::Group, Properties: {{GroupName: staff, Policies: {POLICY % 'Get*'}}}}}\n"


@pytest.mark.parametrize(
    ("type", "name"),
    [
        ("AWS::IAM::Policy", "Users: [!Ref Ann]"),
        ("AWS::IAM::Policy", "Users: [ann]"),
        ("AWS::IAM::ManagedPolicy", "Users: [!Ref Ann]"),
        ("AWS::IAM::UserPolicy", "UserName: !Ref Ann"),
        ("AWS::IAM::Policy", "Groups: [!Ref Bakers]"),
        ("AWS::IAM::ManagedPolicy", "Groups: [bakers]"),
        ("AWS::IAM::GroupPolicy", "GroupName: !Ref Bakers"),
    ],
)
def test_policies_from_their_side(type: str, name: str) -> None:
    found = people(
        f"""
  Bakers: {{Type: AWS::IAM::Group, Properties: {{GroupName: bakers}}}}
  Ann: {{Type: AWS::IAM::User, Properties: {{UserName: ann, Groups: [!Ref Bakers]}}}}
  P: {{Type: '{type}', Properties: {{{name}, PolicyDocument: {STATEMENT % "Put*"}}}}}
"""
    )
    assert list(found) == ["Bakers", "Ann"]
    assert has(found["Ann"]) == [("s3:Put*", "")]
    assert has(found["Bakers"]) == ([("s3:Put*", "")] if "roup" in name else [])


def test_policies_of_their_own() -> None:
    found = people(
        f"""
  Ann:
    Type: AWS::IAM::User
    Properties:
      Policies: {POLICY % "Get*"}
      ManagedPolicyArns: [!Ref Own, 'arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess', !Ref Elsewhere]
  Own: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {STATEMENT % "Put*"}}}}}
"""
    )
    ann = found["Ann"]
    assert [(each.carrier.kind, each.visible) for each in ann.brought] == [
        ("inline", True),
        ("managed-policy", True),
        ("managed-arn", True),
        ("managed-arn", False),
    ]
    assert [action for action, _ in has(ann)][:2] == ["s3:Get*", "s3:Put*"]
    assert "sqs:GetQueueUrl" in has(ann)[2][0]


def test_memberships_from_either_side_and_under_a_condition() -> None:
    found = people(
        GROUP
        + """
  Ann: {Type: AWS::IAM::User, Properties: {Groups: [!If [IsProd, !Ref Staff, !Ref AWS::NoValue]]}}
  Ben: {Type: AWS::IAM::User, Properties: {UserName: ben}}
  Join: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: staff, Users: [ben, !Ref Cy, dot]}}
  Cy: {Type: AWS::IAM::User}
  Add: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: visitors, Users: [!Ref Cy]}}
"""
    )
    assert {key: has(person) for key, person in found.items()} == {
        "Staff": [("s3:Get*", "")],
        "Ann": [("s3:Get*", "IsProd")],
        "Ben": [("s3:Get*", "")],
        "Cy": [("s3:Get*", "")],
        "user dot": [("s3:Get*", "")],
        "group visitors": [],
    }
    assert [one.label for one, _ in found["Staff"].members] == ["Ann", "Ben", "Cy", "dot"]
    assert [one.label for one, _ in found["Cy"].groups] == ["Staff", "visitors"]
    assert found["user dot"].external


def test_what_a_deny_takes_from_roles_alone_stays_with_a_user() -> None:
    stack = stack_of(
        f"""
Resources:
  Ann: {{Type: AWS::IAM::User}}
  R: {{Type: AWS::IAM::Role, Properties: {{Policies: {(POLICY % "Put*").replace("Allow", "Deny")}}}}}
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref R]
      Users: [!Ref Ann]
      PolicyDocument: {STATEMENT % "PutObject"}
"""
    )
    (written,) = [one for one in stack.statements if one.effect == "Allow"]
    assert not written.actions
    assert has(stack.whole.people["Ann"]) == [("s3:PutObject", "")]


def test_a_boundary_bounds_a_user() -> None:
    (bound,) = people(
        "  Ann: {Type: AWS::IAM::User, Properties: {PermissionsBoundary: !Ref Edge}}\n"
        f"  Edge: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {STATEMENT % 'Get*'}}}}}\n"
    )["Ann"].boundary
    assert [short(each) for each in bound.statements] == ["Allow s3:Get* on *"]


def test_rules_judge_their_policies_where_these_stand() -> None:
    stack = stack_of(PARAMETERS + GROUP + "  Ann: {Type: AWS::IAM::User, Properties: {Groups: [staff]}}\n")
    assert [short(each) for each in stack.statements] == ["Allow s3:Get* on *"]
    assert not stack.roles
    assert not stack.all_roles
