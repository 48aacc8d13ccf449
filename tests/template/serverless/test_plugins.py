"""Plugins of services: which are read, which are harmless, and what warmers, proxies and agents bring."""

from __future__ import annotations

import pytest

from .plugged import places, says, stack_of, told, trusted, used_by

V4 = "service: gym\nframeworkVersion: '4'\nprovider:\n  name: aws\n"
ARN = "arn:${AWS::Partition}:"
HERE = "${AWS::Region}:${AWS::AccountId}"


def test_tells_once_of_all_plugins_that_are_not_analysed() -> None:
    stack = stack_of("""\
        plugins:
          - serverless-offline
          - serverless-gym-roles
          - ./plugins/turnstile
          - '@gym/serverless-lockers'
          - serverless-webpack
    """)
    reason = (
        "serverless-gym-roles, ./plugins/turnstile, @gym/serverless-lockers may add or change roles and "
        "statements; what they do is not known here"
    )
    assert told(stack) == [("plugins", reason, 7)]


def test_tells_of_plugins_that_are_listed_as_modules() -> None:
    stack = stack_of("plugins:\n  localPath: tools\n  modules: [serverless-gym-roles]\n")
    reason = "serverless-gym-roles may add or change roles and statements; what it does is not known here"
    assert told(stack) == [("plugins", reason, 7)]


@pytest.mark.parametrize(
    "name",
    [
        "serverless-offline",
        "serverless-esbuild",
        "serverless-python-requirements",
        "serverless-prune-plugin",
        "serverless-domain-manager",
        "serverless-dotenv-plugin",
        "serverless-plugin-typescript",
        "@hewmen/serverless-plugin-typescript",
        "serverless-iam-roles-per-function",
    ],
)
def test_says_nothing_of_harmless_plugins(name: str) -> None:
    assert told(stack_of(f"plugins: ['{name}']\n")) == []


def test_tells_that_resources_move_to_nested_stacks() -> None:
    reason = "resources move to nested stacks: names and references differ in what is deployed"
    assert told(stack_of("plugins:\n  - serverless-plugin-split-stacks\n")) == [
        ("plugin serverless-plugin-split-stacks", reason, 6)
    ]


WARMER = """\
    plugins: [serverless-plugin-warmup]
    custom:
      warmup:
        early:
          enabled: {enabled}
    functions:
      check-in: {{handler: index.checkIn}}
      invoice:
        handler: index.invoice
        name: gym-bills
        warmup:
          early: {{enabled: {own}}}
"""


def test_a_warmer_may_invoke_what_it_warms() -> None:
    stack = stack_of(WARMER.format(enabled="true", own="dev"))
    group = f"{ARN}logs:{HERE}:log-group:/aws/lambda/gym-dev-warmup-plugin-early"
    function = f"{ARN}lambda:{HERE}:function:"
    verbs = ("Create", "Describe", "Detach", "Delete")
    network = ",".join(f"ec2:{v}NetworkInterface{'s' * (v == 'Describe')}" for v in verbs)
    assert says(stack, "WarmUpPluginEarlyRole") == [
        f"Allow logs:CreateLogGroup,logs:CreateLogStream on {group}:*",
        f"Allow logs:PutLogEvents on {group}:*:*",
        f"Allow lambda:InvokeFunction on {function}gym-dev-check-in*,{function}gym-bills*",
        f"Allow {network} on *",
    ]
    assert {place[1:] for place in places(stack, "WarmUpPluginEarlyRole")} == {
        ("WarmUpPluginEarlyRole", "custom.warmup.early", 8)
    }
    (function_,) = [each for each in stack.functions if each.label == "warmUpPluginEarly"]
    assert [role.key for role, _, _ in function_.roles] == ["WarmUpPluginEarlyRole"]
    assert function_.resource.path == "custom.warmup.early"


def test_a_warmer_warms_only_where_it_is_enabled() -> None:
    stack = stack_of(WARMER.format(enabled="[live]", own="'dev'"))
    target = f"{ARN}lambda:{HERE}:function:gym-bills*"
    assert says(stack, "WarmUpPluginEarlyRole")[2] == f"Allow lambda:InvokeFunction on {target}"


def test_a_warmer_without_functions_is_not_made() -> None:
    stack = stack_of(WARMER.format(enabled="false", own="false"))
    assert list(stack.roles) == ["IamRoleLambdaExecution"]
    assert [each.label for each in stack.functions] == ["check-in", "invoice"]


def test_a_warmer_with_a_role_makes_none() -> None:
    text = WARMER.format(enabled="true", own="true").replace(
        "enabled: true\n", "enabled: true\n          role: arn:aws:iam::111122223333:role/warm\n", 1
    )
    stack = stack_of(text)
    assert list(stack.roles) == ["IamRoleLambdaExecution", "arn:aws:iam::111122223333:role/warm"]


PROXIES = """\
    custom:
      apiGatewayServiceProxies:
        - sqs: {path: /visits, method: post, queueName: !GetAtt Visits.QueueName}
        - sqs: {path: /old, method: post, queueName: old, roleArn: 'arn:aws:iam::111122223333:role/old'}
        - s3: {path: /photos/{id}, method: get, action: GetObject, bucket: !Ref Photos}
        - dynamodb: {path: /members, method: put, action: PutItem, tableName: members}
        - fax: {path: /fax, method: post}
    resources:
      Resources:
        Visits: {Type: AWS::SQS::Queue}
        Photos: {Type: AWS::S3::Bucket}
""".replace("/photos/{id}", "'/photos/{id}'")


@pytest.mark.parametrize(
    ("text", "top"),
    [("    plugins: [serverless-apigateway-service-proxy]\n" + PROXIES, None), (PROXIES, V4)],
    ids=["plugin", "version 4"],
)
def test_service_proxies_have_a_role_for_each_kind(text: str, top: str | None) -> None:
    stack = stack_of(text, top) if top else stack_of(text)
    logs = "Allow logs:CreateLogGroup,logs:CreateLogStream,logs:PutLogEvents on *"
    queues = f"{ARN}sqs:{HERE}:${{Visits.QueueName}},{ARN}sqs:{HERE}:old"
    assert says(stack, "ApigatewayToSqsRole") == [logs, f"Allow sqs:SendMessage on {queues}"]
    assert says(stack, "ApigatewayToS3Role") == [logs, "Allow s3:GetObject* on ${Photos.Arn}/*"]
    table = f"{ARN}dynamodb:{HERE}:table/members"
    assert says(stack, "ApigatewayToDynamodbRole") == [logs, f"Allow dynamodb:PutItem on {table}"]
    assert trusted(stack, "ApigatewayToSqsRole") == ["apigateway.amazonaws.com"]
    path = "Properties.Integration.Credentials"
    assert used_by(stack, "ApigatewayToS3Role") == [
        ("AWS::ApiGateway::Method", f"Resources.ApiGatewayMethodPhotosIdVarGet.{path}")
    ]
    assert used_by(stack, "arn:aws:iam::111122223333:role/old") == [
        ("AWS::ApiGateway::Method", f"Resources.ApiGatewayMethodOldPost.{path}")
    ]
    assert [note[:2] for note in told(stack)] == [("service proxy", "this kind is not known here")]


def test_a_role_for_proxies_is_not_made_where_all_name_theirs() -> None:
    stack = stack_of("""\
        plugins: [serverless-apigateway-service-proxy]
        custom:
          apiGatewayServiceProxies:
            - sns: {path: /a, method: post, topicName: news, roleArn: 'arn:aws:iam::111122223333:role/news'}
    """)
    assert list(stack.roles) == []
    assert list(stack.all_roles) == ["arn:aws:iam::111122223333:role/news"]


def test_version_3_does_not_read_proxies_without_the_plugin() -> None:
    assert list(stack_of(PROXIES).roles) == []


def test_agents_of_version_4_have_roles() -> None:
    stack = stack_of(
        """\
        ai:
          agents:
            coach:
              role:
                name: gym-coach
                statements:
                  - {Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::plans/*'}
                managedPolicies: [arn:aws:iam::aws:policy/AmazonBedrockFullAccess]
            trainer: {role: arn:aws:iam::111122223333:role/trainer}
          memory:
            plans: {role: PlansRole}
        sandboxes:
          trial:
            iam:
              executionRole:
                statements: [{Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}]
        resources:
          Resources:
            PlansRole: {Type: AWS::IAM::Role, Properties: {}}
        """,
        V4,
    )
    coach = stack.roles["CoachAgentsRole"]
    assert [each.path for each in coach.statements] == ["ai.agents.coach.role.statements[0]"]
    assert [(each.owner, each.path, each.name) for each in coach.carriers] == [
        ("ai.agents.coach", "ai.agents.coach.role.statements", ""),
        ("ai.agents.coach", "ai.agents.coach.role.managedPolicies[0]", "AmazonBedrockFullAccess"),
    ]
    assert used_by(stack, "CoachAgentsRole") == [
        ("AWS::BedrockAgentCore::Runtime", "Resources.CoachAgents.Properties.RoleArn")
    ]
    assert used_by(stack, "arn:aws:iam::111122223333:role/trainer") == [
        ("AWS::BedrockAgentCore::Runtime", "Resources.TrainerAgents.Properties.RoleArn")
    ]
    assert used_by(stack, "PlansRole") == [
        ("AWS::BedrockAgentCore::Memory", "Resources.PlansMemory.Properties.MemoryExecutionRoleArn")
    ]
    assert [each.path for each in stack.roles["TrialSandboxExecutionRole"].statements] == [
        "sandboxes.trial.iam.executionRole.statements[0]"
    ]
    reason = "what the framework itself adds to roles of ai and sandboxes is not known here"
    assert told(stack) == [("role", reason, 7)]


def test_version_3_has_no_agents() -> None:
    # Without a version that is written, the section itself would say version 4.
    assert list(stack_of("ai: {agents: {coach: {role: {statements: []}}}}\n").roles) == []
