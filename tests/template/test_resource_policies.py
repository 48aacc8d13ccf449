"""Resource policies: documents, flat permissions, bodies and what SAM writes; look-alikes are left alone."""

from __future__ import annotations

import pytest

from scopedown.source.tree import Mapping, Node, Scalar
from scopedown.template.resource_policies import LIMITS, RESOURCE

from .stacks import sam, short, stack_of

DOCUMENT = "{Statement: {Effect: Allow, Principal: '*', Action: 'x:Y', Resource: '*'}}"


def _nested(steps: tuple[str, ...], value: str) -> str:
    for step in reversed(steps):
        value = f"{{{step[:-2]}: [{value}]}}" if step.endswith("[]") else f"{{{step}: {value}}}"
    return value


PLACES = [(type, steps) for table in (RESOURCE, LIMITS) for type, paths in table.items() for steps in paths]


@pytest.mark.parametrize(("type", "steps"), PLACES)
def test_every_place_of_a_document(type: str, steps: tuple[str, ...]) -> None:
    properties = _nested(steps, DOCUMENT)
    if type == "AWS::Organizations::Policy":
        properties = properties[:-1] + ", Type: SERVICE_CONTROL_POLICY}"
    stack = stack_of(f"Resources: {{X: {{Type: '{type}', Properties: {properties}}}}}")
    (statement,) = stack.limits if type in LIMITS else stack.resource_policies
    assert short(statement) == "Allow x:Y on *"
    assert statement.principals is not None
    assert not stack.statements


@pytest.mark.parametrize(
    "text",
    [
        """'{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}'""",
        """!Sub '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}}'""",
        "{'Fn::ToJsonString': {Statement: {Effect: Allow, Principal: '*', Action: 'sqs:*', Resource: '*'}}}",
    ],
)
def test_documents_as_text(text: str) -> None:
    stack = stack_of(
        f"Resources: {{P: {{Type: 'AWS::SQS::QueuePolicy', Properties: {{PolicyDocument: {text}}}}}}}"
    )
    assert [short(statement) for statement in stack.resource_policies] == ["Allow sqs:* on *"]


@pytest.mark.parametrize(
    ("type", "path"),
    [
        ("AWS::IoT::Policy", "PolicyDocument"),
        ("AWS::OpenSearchServerless::AccessPolicy", "Policy"),
        ("AWS::EC2::VerifiedAccessGroup", "PolicyDocument"),
        ("AWS::NetworkManager::CoreNetwork", "PolicyDocument"),
        ("AWS::Logs::LogGroup", "DataProtectionPolicy"),
        ("AWS::SNS::Subscription", "FilterPolicy"),
        ("AWS::SQS::Queue", "RedriveAllowPolicy"),
        ("AWS::BedrockAgentCore::Policy", "Definition"),
    ],
)
def test_look_alikes_are_not_read(type: str, path: str) -> None:
    stack = stack_of(f"Resources: {{X: {{Type: '{type}', Properties: {{{path}: {DOCUMENT}}}}}}}")
    assert not stack.resource_policies
    assert not stack.limits
    assert not stack.statements


def test_tag_policies_of_an_organization_are_not_iam() -> None:
    stack = stack_of(
        "Resources: {X: {Type: 'AWS::Organizations::Policy', Properties: "
        "{Type: TAG_POLICY, Content: {Statement: {Effect: Allow, Action: a, Resource: b}}}}}"
    )
    assert not stack.limits


def said(node: Node | None) -> str:
    """A principal in words."""
    if isinstance(node, Mapping):
        return " ".join(f"{key.value} {said(value)}" for key, value in node.entries)
    return node.value if isinstance(node, Scalar) else ""


@pytest.mark.parametrize(
    ("properties", "principal", "conditions"),
    [
        ("Principal: s3.amazonaws.com", "Service s3.amazonaws.com", []),
        (
            "Principal: s3.amazonaws.com, SourceArn: !GetAtt B.Arn, SourceAccount: '111122223333'",
            "Service s3.amazonaws.com",
            ["aws:SourceArn", "aws:SourceAccount"],
        ),
        ("Principal: '*', FunctionUrlAuthType: NONE", "*", ["lambda:FunctionUrlAuthType"]),
        ("Principal: '111122223333', PrincipalOrgID: o-1", "AWS 111122223333", ["aws:PrincipalOrgID"]),
        ("Principal: '*', InvokedViaFunctionUrl: true", "*", ["lambda:InvokedViaFunctionUrl"]),
    ],
)
def test_a_lambda_permission_is_a_statement(properties: str, principal: str, conditions: list[str]) -> None:
    stack = stack_of(
        f"""
        Resources:
          F: {{Type: AWS::Lambda::Function, Properties: {{}}}}
          P:
            Type: AWS::Lambda::Permission
            Properties: {{Action: lambda:InvokeFunction, FunctionName: !Ref F, {properties}}}
        """
    )
    (statement,) = stack.resource_policies
    assert short(statement) == "Allow lambda:InvokeFunction on ${F}"
    assert said(statement.principals) == principal
    assert [condition.key for condition in statement.conditions] == conditions
    assert statement.actions[0].node.span.text == "lambda:InvokeFunction"


def test_other_flat_forms() -> None:
    stack = stack_of(
        """
        Resources:
          L:
            Type: AWS::Lambda::LayerVersionPermission
            Properties:
              {Action: lambda:GetLayerVersion, LayerVersionArn: a, Principal: '*', OrganizationId: o-1}
          Bus:
            Type: AWS::Events::EventBusPolicy
            Properties: {Action: events:PutEvents, Principal: '*', StatementId: x}
          Whole:
            Type: AWS::Events::EventBusPolicy
            Properties: {Statement: {Effect: Allow, Action: events:PutRule, Principal: '*', Resource: b}}
        """
    )
    assert [short(statement) for statement in stack.resource_policies] == [
        "Allow lambda:GetLayerVersion on a",
        "Allow events:PutEvents on ",
        "Allow events:PutRule on b",
    ]
    assert stack.resource_policies[0].conditions[0].key == "aws:PrincipalOrgID"


@pytest.mark.parametrize("type", ["AWS::ApiGateway::RestApi Body", "AWS::Serverless::Api DefinitionBody"])
def test_a_policy_in_an_api_body(type: str) -> None:
    name, body = type.split()
    stack = stack_of(
        f"Resources: {{A: {{Type: '{name}', "
        f"Properties: {{{body}: {{x-amazon-apigateway-policy: {DOCUMENT}}}}}}}}}"
    )
    assert [short(statement) for statement in stack.resource_policies] == ["Allow x:Y on *"]


def test_an_open_function_url_has_two_permissions() -> None:
    stack = sam(
        """
        F: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: NONE}}}
        G: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: AWS_IAM}}}
        """
    )
    assert [short(statement) for statement in stack.resource_policies] == [
        "Allow lambda:InvokeFunctionUrl on ${F}",
        "Allow lambda:InvokeFunction on ${F}",
    ]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("AwsAccountWhitelist", "['111122223333']", ["Allow"]),
        ("AwsAccountBlacklist", "['111122223333']", ["Deny"]),
        ("IpRangeWhitelist", "[10.0.0.0/8]", ["Allow", "Deny NotIpAddress aws:SourceIp"]),
        ("IpRangeBlacklist", "[10.0.0.0/8]", ["Allow", "Deny IpAddress aws:SourceIp"]),
        ("SourceVpcWhitelist", "[vpce-1]", ["Allow", "Deny StringNotEquals aws:SourceVpce"]),
        ("IntrinsicVpcBlacklist", "[!Ref V]", ["Allow", "Deny StringEquals aws:SourceVpc"]),
        (
            "CustomStatements",
            "[{Effect: Allow, Action: execute-api:Invoke, Resource: r, Principal: '*'}]",
            ["Allow"],
        ),
    ],
)
def test_resource_policies_of_sam_apis(name: str, value: str, expected: list[str]) -> None:
    stack = sam(
        f"A: {{Type: AWS::Serverless::Api, Properties: {{Auth: {{ResourcePolicy: {{{name}: {value}}}}}}}}}"
    )
    found = [
        " ".join([each.effect, *(f"{c.operator} {c.key}" for c in each.conditions)])
        for each in stack.resource_policies
    ]
    assert found == expected
