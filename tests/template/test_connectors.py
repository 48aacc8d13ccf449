"""SAM connectors: whose role gets what, and which become resource policies."""

from __future__ import annotations

import pytest

from scopedown import catalog

from .stacks import inline, sam, short

ENDS = """
F: {Type: AWS::Serverless::Function}
G: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt Own.Arn}}
Own: {Type: AWS::IAM::Role}
T: {Type: AWS::Serverless::SimpleTable}
B: {Type: AWS::S3::Bucket}
Q: {Type: AWS::SQS::Queue}
N: {Type: AWS::SNS::Topic}
M: {Type: AWS::Serverless::StateMachine}
E: {Type: AWS::Events::Rule, Properties: {Targets: [{Arn: !Ref M, RoleArn: !GetAtt Own.Arn}]}}
"""


def connector(source: str, destination: str, permissions: str = "Write") -> str:
    return (
        ENDS + "C: {Type: AWS::Serverless::Connector, Properties: {Source: {" + source + "}, "
        "Destination: {" + destination + "}, Permissions: [" + permissions + "]}}"
    )


@pytest.mark.parametrize(
    ("source", "destination", "role", "resource"),
    [
        ("Id: F", "Id: T", "FRole", "${T.Arn},${T.Arn}/index/*"),
        ("Id: G", "Id: B", "Own", "${B.Arn},${B.Arn}/*"),
        ("Id: Q", "Id: F", "FRole", "${Q.Arn}"),
        ("Id: M", "Id: F", "MRole", "${F.Arn}"),
        ("Id: E", "Id: M", "Own", "${M}"),
        ("Id: F", "Id: N", "FRole", "${N}"),
        ("Type: AWS::Lambda::Function, RoleName: !Ref Own", "Id: Q", "Own", "${Q.Arn}"),
        (
            "Id: F",
            "Type: 'AWS::SQS::Queue', Arn: 'arn:aws:sqs:eu-west-1:1:q'",
            "FRole",
            "arn:aws:sqs:eu-west-1:1:q",
        ),
    ],
)
def test_the_policy_goes_to_the_right_role(source: str, destination: str, role: str, resource: str) -> None:
    stack = sam(connector(source, destination))
    (statement, *_) = inline(stack, role)
    assert statement.endswith(f" on {resource}")
    (carrier,) = [each for each in stack.all_roles[role].all_carriers if each.name == "CPolicy"]
    assert (carrier.kind, carrier.node.span.text) == ("generated", "C")


def test_permissions_are_the_categories() -> None:
    (read,) = inline(sam(connector("Id: F", "Id: T", "Read")), "FRole")
    assert "dynamodb:GetItem" in read
    assert "dynamodb:PutItem" not in read
    assert len(inline(sam(connector("Id: F", "Id: T", "Read, Write")), "FRole")) == 2


def test_a_connector_inside_its_source() -> None:
    stack = sam(
        """
        T: {Type: AWS::DynamoDB::Table}
        Q: {Type: AWS::SQS::Queue}
        F:
          Type: AWS::Serverless::Function
          Connectors:
            Data: {Properties: {Destination: [{Id: T}, {Id: Q}], Permissions: [Write]}}
        """
    )
    assert [line.rpartition(" on ")[2] for line in inline(stack, "FRole")] == [
        "${T.Arn},${T.Arn}/index/*",
        "${Q.Arn}",
    ]


@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        ("Id: N", "Id: Q", "Allow sqs:SendMessage on ${Q.Arn}"),
        ("Id: E", "Id: N", "Allow sns:Publish on ${N}"),
        ("Id: B", "Id: F", "Allow lambda:InvokeFunction on ${F.Arn}"),
    ],
)
def test_some_become_resource_policies(source: str, destination: str, expected: str) -> None:
    stack = sam(connector(source, destination))
    assert [short(statement) for statement in stack.resource_policies] == [expected]
    assert not inline(stack, "FRole")
    (statement,) = stack.resource_policies
    assert statement.principals is not None
    assert statement.conditions


def test_a_pair_that_sam_does_not_know_grants_nothing() -> None:
    stack = sam(connector("Id: B", "Id: N"))
    assert not any(inline(stack, role) for role in stack.all_roles)


@pytest.mark.parametrize("pair", catalog.connectors())
def test_every_pair_is_filled_in(pair: tuple[str, str]) -> None:
    source, destination = (
        f"Type: {type}, Arn: !Ref A, ResourceId: i, Name: n, Qualifier: '*'" for type in pair
    )
    known = catalog.connector(*pair)
    assert known is not None
    text = connector(
        f"{source}, RoleName: !Ref Own", f"{destination}, RoleName: !Ref Own", ", ".join(known.categories)
    )
    stack = sam(text)
    statements = (
        [*stack.all_roles["Own"].all_statements, *stack.resource_policies] if "Own" in stack.all_roles else []
    )
    assert statements
    assert not any("%{" in short(statement) for statement in statements)
