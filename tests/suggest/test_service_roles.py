"""Roles of services: copies that go, roles of functions' own, and what state machines call."""

from __future__ import annotations

import textwrap

import pytest

from scopedown.config import Options

from .services import BAKERY, SHARED, Read

# -- copies of what the framework grants -------------------------------------------------------------------

CHAT = """
    service: chat
    frameworkVersion: '{version}'
    plugins: [{plugins}]
    provider:
      name: aws
      iam: {{role: {{statements: [{{Effect: Allow, Action: 'sns:Publish', Resource: !Ref Rooms}}]}}}}
    functions:
      send:
        handler: rooms.send
        events:
          - websocket: send
        {key}:
          - Effect: Allow
            Action: [{actions}]
            Resource: '*'
    resources:
      Resources:
        Rooms: {{Type: AWS::SNS::Topic}}
"""


def test_a_copy_of_what_the_framework_grants_goes(service: Read) -> None:
    text = SHARED.format(actions="'execute-api:ManageConnections'", resource="'*'", event="websocket: send")
    (answer,) = service(text).answers()
    assert (answer.tier, answer.statements, answer.text) == ("complete", [], "")
    assert answer.replaces is not None
    assert answer.replaces.text.split() == [
        *("-", "Effect:", "Allow", "Action:", "['execute-api:ManageConnections']", "Resource:", "'*'")
    ]
    (need,) = answer.needs
    assert need.evidence[0][1] == "the framework grants it for functions.send.events[0].websocket"


@pytest.mark.parametrize(
    ("actions", "event"),
    [
        ("'execute-api:ManageConnections'", "httpApi: GET /"),
        ("'execute-api:ManageConnections', 'execute-api:Invoke'", "websocket: send"),
        ("'execute-api:*'", "websocket: send"),
    ],
)
def test_what_the_framework_grants_only_in_part_stays(service: Read, actions: str, event: str) -> None:
    found = service(SHARED.format(actions=actions, resource="'*'", event=event))
    assert all(answer.tier != "complete" for answer in found.answers())


@pytest.mark.parametrize(
    ("version", "plugins", "key", "tier"),
    [
        # The plugin's roles do not get what the framework adds for websocket events.
        ("3", "serverless-iam-roles-per-function", "iamRoleStatements", "none"),
        ("4", "", "iamRoleStatements", "complete"),
    ],
)
def test_a_copy_in_a_role_of_the_functions_own(
    service: Read, version: str, plugins: str, key: str, tier: str
) -> None:
    actions = "'execute-api:ManageConnections'"
    found = service(CHAT.format(version=version, plugins=plugins, key=key, actions=actions))
    assert [answer.tier for answer in found.answers()] == [tier]


# -- roles of functions' own -------------------------------------------------------------------------------

OWN_ORDER = """
      - Effect: Allow
        Action:
          - dynamodb:GetItem
          - dynamodb:PutItem
        Resource: !GetAtt OrdersTable.Arn
      - Effect: Allow
        Action:
          - sqs:SendMessage
        Resource: !GetAtt OvenQueue.Arn
"""
ADDED_ORDER = """
      - Effect: Allow
        Action:
          - execute-api:ManageConnections
        Resource:
          - !Sub 'arn:${AWS::Partition}:execute-api:*:*:*/@connections/*'
"""
TRACING = """
      - Effect: Allow
        Action:
          - xray:PutTraceSegments
          - xray:PutTelemetryRecords
        Resource:
          - '*'
"""
KEPT = """
      - Effect: Allow
        Action:
          - ses:SendEmail
        Resource: '*'
      - Effect: Deny
        Action: s3:DeleteBucket
        Resource: '*'
"""
MENU = """
      - Effect: Allow
        Action: dynamodb:*
        Resource: 'arn:aws:dynamodb:${self:provider.region}:*:table/${self:custom.menu}'
"""
PLUGIN = "plugins:\n  - serverless-iam-roles-per-function\n"


def joined(head: str, *parts: str) -> str:
    return head + "".join(part.strip("\n") + "\n" for part in parts).rstrip("\n")


def test_a_role_per_function_by_the_plugin(service: Read) -> None:
    found = service(BAKERY.format(version="3", plugins=""))
    order, menu, bake = found.answers("sls-provider-role")
    head = PLUGIN + "functions:\n  {}:\n    iamRoleStatements:\n"
    assert order.text == joined(head.format("order"), OWN_ORDER, ADDED_ORDER, TRACING, KEPT)
    assert menu.text == joined(head.format("menu"), MENU, TRACING, KEPT)
    assert bake.text == joined(head.format("bake"), TRACING, KEPT)
    # The queue's messages reach the baker through what the framework and the plugin grant by themselves.
    assert [answer.tier for answer in (order, menu, bake)] == ["weak"] * 3
    assert order.removed == {"Permissions management": ["dynamodb:*"]}
    assert menu.removed == {"Read": ["dynamodb:GetItem"], "Write": ["dynamodb:PutItem", "sqs:SendMessage"]}
    assert [answer.kept_unproven for answer in (order, menu, bake)] == [["ses:SendEmail"]] * 3
    assert [(need.action, need.evidence[0][1]) for need in menu.needs] == [
        ("dynamodb:*", "menu: environment variable MENU is bakery-dev-menu")
    ]
    assert order.note == (
        "leaves out what only other functions are handed; add of it what order calls; "
        "once every function has its own, provider.iam.role.statements can go"
    )
    assert all(answer.replaces is None for answer in (order, menu, bake))


def test_a_plugin_that_is_listed_is_not_told_again(service: Read) -> None:
    plugins = "plugins: [serverless-iam-roles-per-function]"
    found = service(BAKERY.format(version="osls", plugins=plugins).replace("'osls'", "'3'"))
    order = found.answers("sls-provider-role")[0]
    assert order.text.startswith("functions:\n  order:\n    iamRoleStatements:\n      - Effect: Allow\n")


def test_a_role_per_function_in_version_four(service: Read) -> None:
    found = service(BAKERY.format(version="4", plugins=""))
    order = found.answers("sls-provider-role")[0]
    own = textwrap.indent(joined("", OWN_ORDER, KEPT), "    ")
    assert order.text == "functions:\n  order:\n    iam:\n      role:\n        statements:\n" + own


def test_what_a_construct_grants_stays_with_every_function(service: Read) -> None:
    worker, show = service("""
        service: bakery
        frameworkVersion: '3'
        plugins: [serverless-lift, serverless-iam-roles-per-function]
        provider:
          name: aws
          iamRoleStatements:
            - {Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Orders.Arn}
        constructs:
          dough:
            type: queue
            worker: {handler: oven.bake, environment: {ORDERS: !Ref Orders}}
        functions:
          show: {handler: orders.show}
        resources: {Resources: {Orders: {Type: AWS::DynamoDB::Table}}}
    """).answers("sls-provider-role")
    assert worker.text.startswith("constructs:\n  dough:\n    worker:\n      iamRoleStatements:\n")
    granted = [statement["Action"] for statement in worker.statements]
    assert granted == ["dynamodb:GetItem", ["sqs:SendMessage", "sqs:ChangeMessageVisibility"]]
    assert [statement["Action"] for statement in show.statements] == granted[1:]
    assert show.removed == {"Read": ["dynamodb:GetItem"]}


def test_what_tells_functions_not_apart_is_left_to_the_reader(service: Read) -> None:
    found = service("""
        service: bakery
        frameworkVersion: '3'
        provider:
          name: aws
          environment: {ORDERS: !Ref OrdersTable}
          iamRoleStatements:
            - {Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt OrdersTable.Arn}
        functions:
          show: {handler: orders.show}
          drop: {handler: orders.drop}
        resources: {Resources: {OrdersTable: {Type: AWS::DynamoDB::Table}}}
    """)
    assert {(answer.tier, answer.text, answer.note) for answer in found.answers("sls-provider-role")} == {
        (
            "none",
            "",
            "the service does not show who uses what; statements of a function's own go in iamRoleStatements "
            "(plugin serverless-iam-roles-per-function)",
        )
    }


def test_the_text_report_shows_one_role_of_many(service: Read) -> None:
    from scopedown.report.screen import Screen
    from scopedown.report.text import render as report_text

    functions = "".join(
        f"  shop{n}:\n    handler: shops.main\n    environment: {{TILL: !Ref Till{n}}}\n" for n in range(40)
    )
    tables = "".join(f"    Till{n}: {{Type: AWS::DynamoDB::Table}}\n" for n in range(40))
    text = (
        "service: chain\nframeworkVersion: '3'\nprovider:\n  name: aws\n  iamRoleStatements:\n"
        "    - Effect: Allow\n      Action: dynamodb:GetItem\n      Resource: '*'\n"
        f"functions:\n{functions}resources:\n  Resources:\n{tables}"
    )
    found = service(text)
    assert len(found.answers("sls-provider-role")) == 40
    options = Options()
    options.select = ["sls-provider-role"]
    found.report.findings = [each for each in found.report.findings if each.rule == "sls-provider-role"]
    lines = report_text(found.report, options, Screen(), "2026-01-01").splitlines()
    assert sum("iamRoleStatements:" in line for line in lines) == 1
    assert "   likewise for shop1, shop2, shop3 and 36 more; --format json has each" in lines
    assert len(lines) < 45


# -- state machines ----------------------------------------------------------------------------------------

CLAIMS = """
    service: claims
    frameworkVersion: '3'
    provider: {{name: aws}}
    resources:
      Resources:
        Bus: {{Type: AWS::Events::EventBus, Properties: {{Name: claims}}}}
        Mails: {{Type: AWS::SQS::Queue}}
        Flow:
          Type: AWS::StepFunctions::StateMachine
          Properties:
            RoleArn: !GetAtt FlowRole.Arn
            Definition:
              StartAt: Tell
              States:
                Tell:
                  Type: Parallel
                  Branches:
                    - StartAt: Mail
                      States:
                        Mail:
                          Type: Task
                          Resource: arn:aws:states:::sqs:sendMessage
                          Parameters: {{QueueUrl: !Ref Mails, MessageBody.$: $}}
                          End: true
                  Next: Announce
                Announce:
                  Type: Task
                  Resource: arn:aws:states:::{task}
                  Parameters:
                    Entries: [{{Source: claims, EventBusName: {bus}}}]
                  End: true
        FlowRole:
          Type: AWS::IAM::Role
          Properties:
            AssumeRolePolicyDocument:
              Statement:
                - {{Effect: Allow, Principal: {{Service: states.amazonaws.com}}, Action: 'sts:AssumeRole'}}
            Policies:
              - PolicyName: flow
                PolicyDocument:
                  Statement:
                    - Effect: Allow
                      Action: events:*
                      Resource: '*'
"""


def test_a_definition_says_all_that_its_role_needs(service: Read) -> None:
    (answer,) = service(CLAIMS.format(task="events:putEvents", bus="!Ref Bus")).answers()
    assert answer.tier == "partial"
    assert answer.statements == [
        {"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Fn::GetAtt": ["Bus", "Arn"]}}
    ]
    assert "events:PutRule" in answer.removed["Write"]
    assert [need.evidence[0][1] for need in answer.needs] == ["Flow calls Bus"]


@pytest.mark.parametrize(
    ("task", "bus"),
    [
        ("aws-sdk:eventbridge:putRule", "!Ref Bus"),
        ("events:putEvents", "default"),
        ("events:putEvents", "!Sub '${Bus}${Mails}'"),
    ],
)
def test_a_definition_that_is_not_all_understood_takes_nothing_away(
    service: Read, task: str, bus: str
) -> None:
    for answer in service(CLAIMS.format(task=task, bus=bus)).answers():
        assert answer.tier in ("weak", "none")
