"""Who assumes a role, what its trust policy says, and what bounds it."""

from __future__ import annotations

import pytest

from scopedown.source.tree import Mapping, Scalar

from .stacks import sam, short, stack_of

ROLE = """
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      RoleName: worker
      Path: /team/
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: states.amazonaws.com}}
"""


def services(stack_text: str, role: str) -> list[str]:
    found = []
    for statement in sam(stack_text).all_roles[role].trust:
        assert isinstance(statement.principals, Mapping)
        value = statement.principals.get("Service")
        found.append(value.value if isinstance(value, Scalar) else "")
    return found


def test_the_trust_policy_is_read() -> None:
    (statement,) = stack_of(ROLE).roles["R"].trust
    assert short(statement) == "Allow sts:AssumeRole on "
    assert statement.carrier.kind == "trust"
    assert statement.path == "Resources.R.Properties.AssumeRolePolicyDocument.Statement"


def test_globals_and_function_make_one_trust_policy() -> None:
    stack = stack_of(
        """
        Transform: AWS::Serverless-2016-10-31
        Globals:
          Function:
            AssumeRolePolicyDocument:
              Statement:
                - {Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: lambda.amazonaws.com}}
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              AssumeRolePolicyDocument:
                Statement: [{Effect: Allow, Action: 'sts:AssumeRole', Principal: {AWS: '111122223333'}}]
        """
    )
    assert [statement.node.span.line for statement in stack.roles["FRole"].trust] == [7, 13]


@pytest.mark.parametrize(
    ("resources", "role", "service"),
    [
        ("F: {Type: AWS::Serverless::Function}", "FRole", "lambda"),
        ("M: {Type: AWS::Serverless::StateMachine}", "MRole", "states"),
        (
            "F: {Type: AWS::Serverless::Function, Properties: "
            "{Events: {E: {Type: ScheduleV2, Properties: {}}}}}",
            "FERole",
            "scheduler",
        ),
        (
            "M: {Type: AWS::Serverless::StateMachine, Properties: "
            "{Events: {E: {Type: Api, Properties: {}}}}}",
            "MERole",
            "apigateway",
        ),
        (
            "M: {Type: AWS::Serverless::StateMachine, Properties: {Events: {E: {Type: EventBridgeRule}}}}",
            "MERole",
            "events",
        ),
        ("C: {Type: AWS::Serverless::CapacityProvider}", "COperatorRole", "lambda"),
        ("G: {Type: AWS::Serverless::GraphQLApi, Properties: {}}", "GCloudWatchRole", "appsync"),
        (
            "F: {Type: AWS::Serverless::Function, Properties: {DeploymentPreference: {Type: AllAtOnce}}}",
            "CodeDeployServiceRole",
            "codedeploy",
        ),
    ],
)
def test_roles_that_sam_makes_trust_one_service(resources: str, role: str, service: str) -> None:
    assert services(resources, role) == [f"{service}.amazonaws.com"]


USES = [
    ("AWS::Lambda::Function", "Role: {}", "Role"),
    ("AWS::StepFunctions::StateMachine", "RoleArn: {}", "RoleArn"),
    ("AWS::Scheduler::Schedule", "Target: {{RoleArn: {}}}", "Target.RoleArn"),
    ("AWS::Pipes::Pipe", "RoleArn: {}", "RoleArn"),
    ("AWS::Events::Rule", "Targets: [{{Arn: a, RoleArn: {}}}]", "Targets[0].RoleArn"),
    ("AWS::ECS::TaskDefinition", "TaskRoleArn: {}", "TaskRoleArn"),
    ("AWS::ECS::TaskDefinition", "ExecutionRoleArn: {}", "ExecutionRoleArn"),
    ("AWS::CodeBuild::Project", "ServiceRole: {}", "ServiceRole"),
    ("AWS::AppSync::DataSource", "ServiceRoleArn: {}", "ServiceRoleArn"),
    ("AWS::ApiGateway::Authorizer", "AuthorizerCredentials: {}", "AuthorizerCredentials"),
    ("AWS::ApiGateway::Method", "Integration: {{Credentials: {}}}", "Integration.Credentials"),
    ("AWS::ApiGatewayV2::Api", "CredentialsArn: {}", "CredentialsArn"),
    ("AWS::ApiGatewayV2::Authorizer", "AuthorizerCredentialsArn: {}", "AuthorizerCredentialsArn"),
    ("AWS::ApiGatewayV2::Integration", "CredentialsArn: {}", "CredentialsArn"),
    ("AWS::EC2::FlowLog", "DeliverLogsPermissionArn: {}", "DeliverLogsPermissionArn"),
    (
        "AWS::IoT::TopicRule",
        "TopicRulePayload: {{Actions: [{{Sqs: {{RoleArn: {}}}}}]}}",
        "TopicRulePayload.Actions[0].Sqs.RoleArn",
    ),
    (
        "AWS::Cognito::IdentityPoolRoleAttachment",
        "Roles: {{authenticated: {}}}",
        "Roles.authenticated",
    ),
    (
        "AWS::ApiGateway::RestApi",
        "Body: {{paths: {{/x: {{get: {{x-amazon-apigateway-integration: {{credentials: {}}}}}}}}}}}",
        "Body.paths./x.get.x-amazon-apigateway-integration.credentials",
    ),
    ("AWS::Serverless::StateMachine", "Role: {}", "Role"),
]


@pytest.mark.parametrize(("type", "properties", "path"), USES)
def test_who_assumes_a_role(type: str, properties: str, path: str) -> None:
    used = properties.format("!GetAtt R.Arn")
    stack = stack_of(ROLE + f"  X:\n    Type: {type}\n    Properties: {{{used}}}\n")
    assert [(use.resource.id, use.path) for use in stack.all_roles["R"].assumed_by] == [
        ("X", f"Resources.X.Properties.{path}")
    ]


@pytest.mark.parametrize(
    "name",
    [
        "!GetAtt R.Arn",
        "!Sub '${R.Arn}'",
        "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${R}'",
        "!Sub 'arn:aws:iam::${AWS::AccountId}:role/team/worker'",
        "!Join ['/', [!Sub 'arn:aws:iam::${AWS::AccountId}:role', team, worker]]",
        "{'Fn::GetAtt': [R, Arn]}",
        "{'Fn::GetAtt': R.Arn}",
    ],
)
def test_one_role_under_every_name(name: str) -> None:
    stack = stack_of(ROLE + f"  P: {{Type: AWS::Pipes::Pipe, Properties: {{RoleArn: {name}}}}}\n")
    assert [use.resource.id for use in stack.all_roles["R"].assumed_by] == ["P"]
    assert list(stack.all_roles) == ["R"]


def test_roles_outside_the_template_have_one_key_each() -> None:
    stack = stack_of(
        """
        Parameters: {Role: {Type: String}}
        Resources:
          A: {Type: AWS::Lambda::Function, Properties: {Role: !Ref Role}}
          B: {Type: AWS::Pipes::Pipe, Properties: {RoleArn: !Sub '${Role}'}}
          C: {Type: AWS::Pipes::Pipe, Properties: {RoleArn: !ImportValue shared-role}}
          D:
            Type: AWS::Scheduler::Schedule
            Properties: {Target: {RoleArn: {'Fn::ImportValue': shared-role}}}
        """
    )
    uses = {key: [use.resource.id for use in role.assumed_by] for key, role in stack.all_roles.items()}
    assert sorted(map(sorted, uses.values())) == [["A", "B"], ["C", "D"]]
    assert list(stack.roles) == ["parameter Role"]


def test_an_instance_gets_its_role_through_a_profile() -> None:
    stack = stack_of(
        ROLE
        + """
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref R]}}
  I: {Type: AWS::EC2::Instance, Properties: {IamInstanceProfile: !Ref Profile}}
  L:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {IamInstanceProfile: {Arn: !GetAtt Profile.Arn}}}
"""
    )
    assert [use.resource.id for use in stack.all_roles["R"].assumed_by] == ["I", "L"]


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        ("!Ref P", (["Allow s3:* on *"], True)),
        ("arn:aws:iam::aws:policy/AdministratorAccess", (["Allow * on *"], True)),
        ("!Sub 'arn:aws:iam::${AWS::AccountId}:policy/boundary'", ([], False)),
        ("!ImportValue Boundary", ([], False)),
    ],
)
def test_a_boundary_is_a_managed_policy(boundary: str, expected: tuple[list[str], bool]) -> None:
    stack = stack_of(
        f"""
        Resources:
          R: {{Type: AWS::IAM::Role, Properties: {{PermissionsBoundary: {boundary}}}}}
          P:
            Type: AWS::IAM::ManagedPolicy
            Properties: {{PolicyDocument: {{Statement: {{Effect: Allow, Action: 's3:*', Resource: '*'}}}}}}
        """
    )
    (brought,) = stack.roles["R"].boundary
    assert ([short(statement) for statement in brought.statements], brought.visible) == expected
    assert not stack.roles["R"].all_statements


def test_a_boundary_keeps_the_condition_that_it_stands_under() -> None:
    stack = stack_of(
        """
        Parameters: {Stage: {Type: String, AllowedValues: [dev, test, prod]}}
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
          IsTest: !Equals [!Ref Stage, test]
        Resources:
          R:
            Type: AWS::IAM::Role
            Properties:
              PermissionsBoundary:
                Fn::If:
                  - IsProd
                  - !Ref P
                  - !If [IsTest, 'arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess', !Ref AWS::NoValue]
          P:
            Type: AWS::IAM::ManagedPolicy
            Condition: IsProd
            Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}}}
        """
    )
    boundary = stack.roles["R"].boundary
    assert [each.guard.display() for each in boundary] == ["IsProd", "not IsProd and IsTest"]
    # What they say is read as if it always stood there: when that is so, the guard tells.
    assert all(one.guard.is_always for each in boundary for one in each.statements)
    assert [len(each.statements) for each in boundary] == [1, 1]


def test_a_boundary_by_the_name_of_the_templates_own_policy() -> None:
    stack = stack_of(
        """
        Resources:
          R:
            Type: AWS::IAM::Role
            Properties: {PermissionsBoundary: !Sub 'arn:aws:iam::${AWS::AccountId}:policy/edge'}
          P:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              ManagedPolicyName: edge
              PolicyDocument: {Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}}
        """
    )
    (brought,) = stack.roles["R"].boundary
    assert ([short(each) for each in brought.statements], brought.visible) == (["Allow s3:* on *"], True)


def test_a_boundary_of_globals_counts_for_every_function() -> None:
    stack = stack_of(
        """
        Globals: {Function: {PermissionsBoundary: arn:aws:iam::aws:policy/PowerUserAccess}}
        Resources:
          F: {Type: AWS::Serverless::Function}
          G: {Type: AWS::Serverless::Function, IgnoreGlobals: '*'}
        """
    )
    assert [len(stack.roles[key].boundary) for key in ("FRole", "GRole")] == [1, 0]


def test_cdk_resources_go_by_their_construct() -> None:
    stack = stack_of(
        """
        Resources:
          Fn9270CBC0:
            Type: AWS::Lambda::Function
            Metadata: {'aws:cdk:path': Shop/Fn/Resource}
            Properties: {Role: !GetAtt FnServiceRoleB9001A96.Arn}
          FnServiceRoleB9001A96:
            Type: AWS::IAM::Role
            Metadata: {'aws:cdk:path': Shop/Fn/ServiceRole/Resource}
            Properties: {}
          FnServiceRoleOverflowPolicy1:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              Roles: [!Ref FnServiceRoleB9001A96]
              PolicyDocument: {Statement: {Effect: Allow, Action: 's3:GetObject*', Resource: '*'}}
          CDKMetadata: {Type: AWS::CDK::Metadata, Properties: {Analytics: v2}}
        """
    )
    assert stack.functions[0].label == "Shop/Fn"
    assert stack.functions[0].id == "Fn9270CBC0"
    role = stack.roles["FnServiceRoleB9001A96"]
    assert role.label == "Shop/Fn/ServiceRole"
    assert [carrier.kind for carrier in role.carriers] == ["managed-policy"]
    assert "CDKMetadata" not in stack.resources


def test_a_role_that_reads_the_outputs_of_other_stacks_is_used() -> None:
    stack = stack_of(
        """
        Resources:
          F:
            Type: AWS::Lambda::Function
            Properties:
              Environment:
                Variables:
                  TABLE: {'Fn::GetStackOutput': {StackName: s, OutputName: o, RoleArn: !GetAtt R.Arn}}
          R: {Type: AWS::IAM::Role}
        """
    )
    (use,) = stack.all_roles["R"].assumed_by
    assert use.resource.id == "F"
    assert use.path == "Resources.F.Properties.Environment.Variables.TABLE.RoleArn"
    (element,) = stack.functions[0].environment["TABLE"]
    assert element.text.holes[0].kind == "unknown"
