"""AppSync APIs of services: the roles of their data sources."""

from __future__ import annotations

import pytest

from .plugged import places, says, stack_of, told, trusted, used_by

V4 = "service: gym\nframeworkVersion: '4'\nprovider:\n  name: aws\n"
PLUGIN = "plugins: [serverless-appsync-plugin]\n"
ARN = "arn:${AWS::Partition}:"
HERE = "${AWS::Region}:${AWS::AccountId}"
ITEMS = ",".join(
    f"dynamodb:{verb}"
    for verb in (
        "DeleteItem GetItem PutItem Query Scan UpdateItem BatchGetItem BatchWriteItem ConditionCheckItem"
    ).split()
)


def source(written: str) -> str:
    """A service whose API has the data source members, in flow style."""
    functions = "functions:\n  check-in: {handler: index.checkIn}\n"
    return f"{PLUGIN}{functions}appSync:\n  name: gym\n  dataSources:\n    members: {{{written}}}\n"


TABLE = f"{ARN}dynamodb:{HERE}:table/"
CLUSTER = f"{ARN}rds:{HERE}:cluster:club"
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:club"
SQL = ",".join(
    f"rds-data:{verb}"
    for verb in "DeleteItems ExecuteSql ExecuteStatement GetItems InsertItems UpdateItems".split()
)
SEARCH = ",".join(f"es:ESHttp{verb}" for verb in "Delete Get Head Post Put Patch".split())
MODEL = "anthropic.claude-v2"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "type: AMAZON_DYNAMODB, config: {tableName: members}",
            [f"{ITEMS} on {TABLE}members,{TABLE}members/*"],
        ),
        (
            "type: AMAZON_DYNAMODB, config: {tableName: !Ref Members, region: eu-west-1}",
            [
                f"{ITEMS} on {ARN}dynamodb:eu-west-1:${{AWS::AccountId}}:table/${{Members}},"
                f"{ARN}dynamodb:eu-west-1:${{AWS::AccountId}}:table/${{Members}}/*"
            ],
        ),
        (
            "type: AWS_LAMBDA, config: {functionName: check-in}",
            ["lambda:invokeFunction on ${CheckDashinLambdaFunction.Arn},${CheckDashinLambdaFunction.Arn}:*"],
        ),
        (
            "type: AWS_LAMBDA, config: {function: {handler: index.members}}",
            ["lambda:invokeFunction on ${MembersLambdaFunction.Arn},${MembersLambdaFunction.Arn}:*"],
        ),
        (
            "type: RELATIONAL_DATABASE, "
            f"config: {{dbClusterIdentifier: club, awsSecretStoreArn: '{SECRET}'}}",
            [
                f"{SQL} on {CLUSTER},{CLUSTER}:*",
                f"secretsmanager:GetSecretValue on {SECRET},{SECRET}:*",
            ],
        ),
        (
            "type: AMAZON_OPENSEARCH_SERVICE, config: {domain: Logs}",
            [f"{SEARCH} on ${{Logs.Arn}}/*"],
        ),
        (
            "type: AMAZON_EVENTBRIDGE, config: {eventBusArn: !GetAtt Doors.Arn}",
            ["events:PutEvents on ${Doors.Arn}"],
        ),
        (
            f"type: AMAZON_BEDROCK_RUNTIME, config: {{models: [{MODEL}, us.{MODEL}]}}",
            [
                f"bedrock:InvokeModel,bedrock:Converse on "
                f"{ARN}bedrock:${{AWS::Region}}::foundation-model/{MODEL},"
                f"{ARN}bedrock:{HERE}:inference-profile/us.{MODEL},"
                f"{ARN}bedrock:*::foundation-model/{MODEL}"
            ],
        ),
        ("type: AMAZON_BEDROCK_RUNTIME", ["bedrock:InvokeModel,bedrock:Converse on *"]),
    ],
)
def test_a_data_source_has_the_role_of_its_type(written: str, expected: list[str]) -> None:
    stack = stack_of(source(written))
    assert says(stack, "GraphQlDsmembersRole") == [f"Allow {each}" for each in expected]
    assert {each[:2] for each in places(stack, "GraphQlDsmembersRole")} == {
        ("generated", "GraphQlDsmembersRole")
    }
    assert trusted(stack, "GraphQlDsmembersRole") == ["appsync.amazonaws.com"]
    assert used_by(stack, "GraphQlDsmembersRole") == [
        ("AWS::AppSync::DataSource", "Resources.GraphQlDsmembers.Properties.ServiceRoleArn")
    ]
    assert told(stack) == []


def test_the_authors_statements_replace_the_default() -> None:
    statement = "{Effect: Allow, Action: 'dynamodb:GetItem', Resource: '*'}"
    stack = stack_of(
        source(f"type: AMAZON_DYNAMODB, config: {{tableName: members, iamRoleStatements: [{statement}]}}")
    )
    path = "appSync.dataSources.members"
    assert says(stack, "GraphQlDsmembersRole") == ["Allow dynamodb:GetItem on *"]
    assert places(stack, "GraphQlDsmembersRole") == [
        ("inline", path, f"{path}.config.iamRoleStatements[0]", 11)
    ]
    assert stack.roles["GraphQlDsmembersRole"].label == path


def test_a_given_role_is_used_and_none_made() -> None:
    role = "arn:aws:iam::111122223333:role/members"
    stack = stack_of(
        source(f"type: AMAZON_DYNAMODB, config: {{tableName: members, serviceRoleArn: '{role}'}}")
    )
    assert list(stack.all_roles) == ["IamRoleLambdaExecution", role]
    assert used_by(stack, role) == [
        ("AWS::AppSync::DataSource", "Resources.GraphQlDsmembers.Properties.ServiceRoleArn")
    ]


@pytest.mark.parametrize("written", ["type: NONE", "type: HTTP, config: {endpoint: 'https://example.com'}"])
def test_some_types_have_no_role(written: str) -> None:
    assert list(stack_of(source(written)).all_roles) == ["IamRoleLambdaExecution"]


def test_a_source_without_a_table_is_told() -> None:
    stack = stack_of(source("type: AMAZON_DYNAMODB, config: {}"))
    reason = "its configuration does not say what the role of a data source AMAZON_DYNAMODB is for"
    assert told(stack) == [("data source", reason, 11)]
    assert list(stack.roles) == ["IamRoleLambdaExecution"]


def test_logging_has_a_role() -> None:
    stack = stack_of(PLUGIN + "appSync:\n  name: gym\n  logging: {level: ALL}\n  dataSources: {}\n")
    actions = "logs:CreateLogGroup,logs:CreateLogStream,logs:PutLogEvents"
    assert says(stack, "GraphQlApiLogGroupRole") == [f"Allow {actions} on ${{GraphQlApiLogGroup.Arn}}"]
    assert [each[2:] for each in places(stack, "GraphQlApiLogGroupRole")] == [("appSync.logging", 8)]


def test_the_first_version_reads_several_apis_in_custom() -> None:
    stack = stack_of(
        PLUGIN
        + """\
custom:
  appSync:
    - name: club
      dataSources:
        - {type: AMAZON_DYNAMODB, name: members, config: {tableName: members}}
    - name: bar
      dataSources:
        - drinks: {type: AMAZON_DYNAMODB, config: {tableName: drinks}}
"""
    )
    assert {id: each.label for id, each in stack.roles.items()} == {
        "ClubGraphQlDsmembersRole": "custom.appSync[0].dataSources.members",
        "BarGraphQlDsdrinksRole": "custom.appSync[1].dataSources.drinks",
    }


def test_version_4_reads_it_without_the_plugin() -> None:
    text = source("type: AMAZON_DYNAMODB, config: {tableName: members}").removeprefix(PLUGIN)
    assert "GraphQlDsmembersRole" in stack_of(text, V4).roles
    assert list(stack_of(text).roles) == ["IamRoleLambdaExecution"]


def test_a_function_in_a_data_source_stands_there() -> None:
    stack = stack_of(source("type: AWS_LAMBDA, config: {function: {handler: index.members}}"))
    (function,) = [each for each in stack.functions if each.label == "members"]
    assert function.resource.path == "appSync.dataSources.members.config.function"
    assert [role.key for role, _, _ in function.roles] == ["IamRoleLambdaExecution"]
