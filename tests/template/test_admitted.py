"""Whom resource policies concern: roles and users by name, everybody, accounts, and everyone but some."""

from __future__ import annotations

import pytest

from .stacks import short, stack_of

TEMPLATE = """
Parameters: {Trusted: {Type: String}}
Resources:
  Orders: {Type: AWS::SQS::Queue}
  Baker: {Type: AWS::IAM::Role, Properties: {RoleName: baker}}
  Clerk: {Type: AWS::IAM::Role}
  Ann: {Type: AWS::IAM::User, Properties: {UserName: ann}}
  Gate:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Orders]
      PolicyDocument: {Statement: {Effect: EFFECT, WHO, Action: sqs:SendMessage, Resource: '*'}}
"""


def concerned(who: str, effect: str = "Allow", asked: bool = False) -> dict[str, list[str]]:
    """The conditions under which a statement concerns each of them; those that it does not are left out."""
    stack = stack_of(TEMPLATE.replace("WHO", who).replace("EFFECT", effect))
    roles = {**stack.all_roles, **stack.whole.people}
    found = {}
    for key in ("Baker", "Clerk", "Ann"):
        statements = stack.whole.admitted.of(roles[key], asked)
        for statement in statements:
            assert short(statement) == f"{effect} sqs:SendMessage on ${{Orders.Arn}}"
            found[key] = [f"{each.operator} {each.key}" for each in statement.conditions]
    return found


ALL: dict[str, list[str]] = {"Baker": [], "Clerk": [], "Ann": []}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("Principal: {AWS: !GetAtt Baker.Arn}", {"Baker": []}),
        ("Principal: {AWS: [!GetAtt Baker.Arn, !GetAtt Ann.Arn]}", {"Baker": [], "Ann": []}),
        ("Principal: {AWS: 'arn:aws:iam::111122223333:role/baker'}", {"Baker": []}),
        ("Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/baker'}", {"Baker": []}),
        ("Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:role/${Clerk}'}", {"Clerk": []}),
        ("Principal: {AWS: 'arn:aws:sts::111122223333:assumed-role/baker/night'}", {"Baker": []}),
        ("Principal: {AWS: 'arn:aws:iam::111122223333:user/ann'}", {"Ann": []}),
        ("Principal: {AWS: 'arn:aws:iam::111122223333:role/other'}", {}),
        ("Principal: {Service: sns.amazonaws.com}", {}),
        ("Principal: {Service: '*'}", {}),
        # An account lets its identity policies decide; that is no grant.
        ("Principal: {AWS: '111122223333'}", {}),
        ("Principal: {AWS: !Ref AWS::AccountId}", {}),
        ("Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}", {}),
        ("Principal: '*'", {}),
        ("Principal: {AWS: !Ref Trusted}", {}),
    ],
)
def test_an_allow_that_names_them(who: str, expected: dict[str, list[str]]) -> None:
    assert concerned(who) == expected


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("Principal: '*'", ALL),
        ("Principal: {AWS: '*'}", ALL),
        ("Principal: {AWS: !GetAtt Baker.Arn}", {"Baker": []}),
        ("Principal: {AWS: !Ref AWS::AccountId}", {}),
        ("Principal: {Service: '*'}", {}),
        ("Principal: {AWS: !Ref Trusted}", {key: ["ArnEquals aws:PrincipalArn"] for key in ALL}),
    ],
)
def test_an_allow_for_everybody_counts_where_it_is_asked_who_may(
    who: str, expected: dict[str, list[str]]
) -> None:
    assert concerned(who, asked=True) == expected


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("Principal: '*'", ALL),
        ("Principal: {AWS: !GetAtt Baker.Arn}", {"Baker": []}),
        ("Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}", ALL),
        ("Principal: {Service: sns.amazonaws.com}", {}),
        ("NotPrincipal: {AWS: !GetAtt Baker.Arn}", {"Clerk": [], "Ann": []}),
        ("NotPrincipal: {AWS: [!GetAtt Baker.Arn, !Ref AWS::AccountId]}", {"Clerk": [], "Ann": []}),
        ("NotPrincipal: {AWS: !Ref AWS::AccountId}", ALL),
        ("NotPrincipal: {Service: sns.amazonaws.com}", ALL),
        ("NotPrincipal: {AWS: !Ref Trusted}", {key: ["ArnNotEquals aws:PrincipalArn"] for key in ALL}),
        ("notprincipal: {AWS: [!GetAtt Clerk.Arn, !GetAtt Ann.Arn]}", {"Baker": []}),
    ],
)
def test_a_deny(who: str, expected: dict[str, list[str]]) -> None:
    assert concerned(who, "Deny") == expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (
            "{Type: AWS::KMS::Key, Properties: {KeyPolicy: DOCUMENT}}",
            "${X.Arn}",
        ),
        (
            "{Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Store, PolicyDocument: DOCUMENT}}",
            "${Store.Arn},${Store.Arn}/*",
        ),
        (
            "{Type: AWS::S3::BucketPolicy, Properties: {Bucket: cakes, PolicyDocument: DOCUMENT}}",
            "arn:${AWS::Partition}:s3:::cakes,arn:${AWS::Partition}:s3:::cakes/*",
        ),
        (
            "{Type: AWS::SNS::TopicPolicy, "
            "Properties: {Topics: [!Ref News, !Ref More], PolicyDocument: DOCUMENT}}",
            "${News},${More}",
        ),
        (
            "{Type: AWS::Lambda::Permission, Properties: "
            "{FunctionName: !Ref F, Action: 'lambda:InvokeFunction', Principal: !GetAtt R.Arn}}",
            "${F.Arn}",
        ),
        (
            "{Type: AWS::Lambda::Permission, Properties: "
            "{FunctionName: oven, Action: 'lambda:InvokeFunction', Principal: !GetAtt R.Arn}}",
            "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:oven",
        ),
        (
            "{Type: AWS::Logs::ResourcePolicy, Properties: {PolicyDocument: DOCUMENT}}",
            "${what X is attached to}",
        ),
    ],
)
def test_a_star_is_the_resource_that_has_the_policy(resource: str, expected: str) -> None:
    document = "{Statement: {Effect: Allow, Principal: {AWS: !GetAtt R.Arn}, Action: 'a:b', Resource: '*'}}"
    stack = stack_of(
        f"""
        Resources:
          R: {{Type: AWS::IAM::Role}}
          F: {{Type: AWS::Lambda::Function, Properties: {{}}}}
          Store: {{Type: AWS::S3::Bucket}}
          News: {{Type: AWS::SNS::Topic}}
          More: {{Type: AWS::SNS::Topic}}
          X: {resource.replace("DOCUMENT", document)}
        """
    )
    (statement,) = stack.whole.admitted.of(stack.roles["R"])
    assert short(statement).partition(" on ")[2] == expected


def test_a_principal_under_a_condition_counts_there() -> None:
    stack = stack_of(
        TEMPLATE.replace("WHO", "Principal: {AWS: !If [IsOpen, !GetAtt Baker.Arn, !GetAtt Clerk.Arn]}")
        .replace("EFFECT", "Allow")
        .replace("Resources:", "Conditions: {IsOpen: !Equals [!Ref Trusted, 'yes']}\nResources:")
    )
    guards = {
        key: [one.guard.display() for one in stack.whole.admitted.of(stack.roles[key])]
        for key in ("Baker", "Clerk")
    }
    assert guards == {"Baker": ["IsOpen"], "Clerk": ["not IsOpen"]}
