"""Connectors and role properties, as the pinned packages have them."""

from __future__ import annotations

import pytest

from scopedown import catalog


def test_every_connector_pair_is_there() -> None:
    pairs = catalog.connectors()
    assert len(pairs) == catalog.manifest()["counts"]["connectors"] == 31
    for pair in pairs:
        found = catalog.connector(*pair)
        assert found is not None
        assert set(found.categories) <= {"Read", "Write"}
    assert catalog.connector("AWS::S3::Bucket", "AWS::SNS::Topic") is None


def test_a_connector_says_whose_policy_it_writes() -> None:
    found = catalog.connector("AWS::SQS::Queue", "AWS::Lambda::Function")
    assert found is not None
    assert (found.mechanism, found.on_source) == ("AWS_IAM_ROLE_MANAGED_POLICY", False)
    assert catalog.connected("AWS::Lambda::Function")[0] == "Role"
    assert catalog.connected("AWS::Events::Rule")[0] == "Targets"


@pytest.mark.parametrize(
    ("type", "path"),
    [
        ("AWS::ApiGateway::Method", "Integration.Credentials"),
        ("AWS::ApiGateway::Authorizer", "AuthorizerCredentials"),
        ("AWS::ApiGatewayV2::Api", "CredentialsArn"),
        ("AWS::ApiGatewayV2::Authorizer", "AuthorizerCredentialsArn"),
        ("AWS::ApiGatewayV2::Integration", "CredentialsArn"),
        ("AWS::EC2::FlowLog", "DeliverLogsPermissionArn"),
        ("AWS::CodeBuild::Project", "ServiceRole"),
        ("AWS::ECS::TaskDefinition", "TaskRoleArn"),
        ("AWS::ECS::TaskDefinition", "ExecutionRoleArn"),
        ("AWS::Events::Rule", "Targets[].RoleArn"),
        ("AWS::Glue::Job", "Role"),
        ("AWS::Lambda::Function", "Role"),
        ("AWS::Pipes::Pipe", "RoleArn"),
        ("AWS::Scheduler::Schedule", "Target.RoleArn"),
        ("AWS::StepFunctions::StateMachine", "RoleArn"),
        ("AWS::AppSync::DataSource", "ServiceRoleArn"),
        ("AWS::IoT::TopicRule", "TopicRulePayload.Actions[].Sqs.RoleArn"),
        ("AWS::Cognito::IdentityPoolRoleAttachment", "Roles.*"),
    ],
)
def test_role_properties(type: str, path: str) -> None:
    assert path in catalog.role_properties(type)


def test_what_is_no_role_of_iam_is_left_out() -> None:
    assert not catalog.role_properties("AWS::InspectorV2::Filter")
    assert "LdapServerMetadata.RoleName" not in catalog.role_properties("AWS::AmazonMQ::Broker")
