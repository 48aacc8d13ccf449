"""State machines of services: derived roles, the author's statements, and who starts them."""

from __future__ import annotations

import textwrap

import pytest

from .plugged import places, says, stack_of, told, trusted, used_by

ARN = "arn:${AWS::Partition}:"
HERE = "${AWS::Region}:${AWS::AccountId}"
ROLE = "ClubStepFunctionsStateMachineRole"
RULES = "events:PutTargets,events:PutRule,events:DescribeRule"


def machine(settings: str, more: str = "") -> str:
    """A service with the state machine club."""
    head = "plugins: [serverless-step-functions]\nfunctions:\n  check-in: {handler: index.checkIn}\n"
    body = textwrap.indent(textwrap.dedent(settings), "      ")
    return f"{head}{textwrap.dedent(more)}stepFunctions:\n  stateMachines:\n    club:\n{body}"


def task(written: str) -> str:
    """A machine with one task, in flow style."""
    return machine(f"definition: {{StartAt: T, States: {{T: {{Type: Task, {written}, End: true}}}}}}\n")


def states(name: str, parameters: str = "{}") -> str:
    """The Resource and Parameters of a task that calls a service."""
    return f"Resource: 'arn:aws:states:::{name}', Parameters: {parameters}"


def versions(arn: str) -> str:
    """A function's ARN with those of its versions."""
    return f"{arn},{arn}:*"


RULE = f"{ARN}events:{HERE}:rule/StepFunctionsGetEvent"
FUNCTION = f"{ARN}lambda:{HERE}:function:"
TABLE = f"{ARN}dynamodb:{HERE}:table/"
MACHINE = "arn:aws:states:us-east-1:111122223333"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "Resource: {'Fn::GetAtt': [check-in, Arn]}",
            ["lambda:InvokeFunction on " + versions("${CheckDashinLambdaFunction.Arn}")],
        ),
        (
            "Resource: !GetAtt check-in.Arn",
            ["lambda:InvokeFunction on " + versions("${CheckDashinLambdaFunction.Arn}")],
        ),
        (
            "Resource: 'arn:aws:lambda:us-east-1:111122223333:function:bill:live'",
            ["lambda:InvokeFunction on " + versions("arn:aws:lambda:us-east-1:111122223333:function:bill")],
        ),
        (
            states("lambda:invoke", "{FunctionName: bill}"),
            ["lambda:InvokeFunction on " + versions(f"{FUNCTION}bill")],
        ),
        (
            states("lambda:invoke", "{FunctionName: {Ref: check-in}}"),
            ["lambda:InvokeFunction on " + versions(FUNCTION + "${CheckDashinLambdaFunction}")],
        ),
        (states("lambda:invoke", "{FunctionName.$: $.name}"), ["lambda:InvokeFunction on *"]),
        (states("dynamodb:putItem", "{TableName: visits}"), [f"dynamodb:PutItem on {TABLE}visits"]),
        (states("dynamodb:putItem", "{TableName: {Ref: Visits}}"), ["dynamodb:PutItem on ${Visits.Arn}"]),
        (states("dynamodb:getItem", "{TableName.$: $.table}"), ["dynamodb:GetItem on *"]),
        (
            states("aws-sdk:dynamodb:query", "{TableName: visits, IndexName: byDay}"),
            [f"dynamodb:Query on {TABLE}visits/index/byDay"],
        ),
        (
            states("aws-sdk:dynamodb:batchGetItem", "{RequestItems: {visits: {}, bills.$: $.x}}"),
            [f"dynamodb:BatchGetItem on {TABLE}visits,{TABLE}bills"],
        ),
        (
            "QueryLanguage: JSONata, Resource: 'arn:aws:states:::dynamodb:putItem', "
            "Arguments: {TableName: '{% $table %}'}",
            ["dynamodb:PutItem on *"],
        ),
        (states("sqs:sendMessage", "{QueueUrl: {Ref: Visits}}"), ["sqs:SendMessage on ${Visits.Arn}"]),
        (
            states("sqs:sendMessage", "{QueueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/x'}"),
            ["sqs:SendMessage on arn:aws:sqs:us-east-1:111122223333:x"],
        ),
        (states("sns:publish", "{TopicArn: {Ref: News}}"), ["sns:Publish on ${News}"]),
        (states("sns:publish", "{TopicArn.$: $.topic}"), ["sns:Publish on *"]),
        (
            states("ecs:runTask.sync"),
            [
                "ecs:RunTask,ecs:StopTask,ecs:DescribeTasks,ecs:TagResource,iam:PassRole on *",
                f"{RULES} on {RULE}sForECSTaskRule",
            ],
        ),
        (
            states("states:startExecution.sync", f"{{StateMachineArn: '{MACHINE}:stateMachine:x'}}"),
            [
                f"states:StartExecution on {MACHINE}:stateMachine:x",
                f"states:DescribeExecution,states:StopExecution on {MACHINE}:execution:x:*",
                f"{RULES} on {RULE}sForStepFunctionsExecutionRule",
            ],
        ),
        (
            states("events:putEvents", "{Entries: [{Source: gym}, {EventBusName: doors}]}"),
            [f"events:PutEvents on {ARN}events:{HERE}:event-bus/default,{ARN}events:{HERE}:event-bus/doors"],
        ),
        (states("s3:getObject", "{Bucket: plans, Key: a}"), [f"s3:GetObject on {ARN}s3:::plans/a"]),
        (
            states("s3:putObject", "{Bucket: {Ref: Plans}, Prefix: out}"),
            [f"s3:PutObject on {ARN}s3:::${{Plans}}/out/*"],
        ),
        (
            states("codebuild:startBuild", "{ProjectName: site}"),
            [
                "codebuild:StartBuild,codebuild:StopBuild,codebuild:BatchGetBuilds on "
                f"{ARN}codebuild:{HERE}:project/site",
                f"{RULES} on {RULE}ForCodeBuildStartBuildRule",
            ],
        ),
    ],
)
def test_what_a_task_needs(written: str, expected: list[str]) -> None:
    stack = stack_of(task(written))
    assert says(stack, ROLE) == [f"Allow {each}" for each in expected]
    assert told(stack) == []


def test_a_machine_that_needs_nothing_is_denied_everything() -> None:
    stack = stack_of(machine("definition: {StartAt: N, States: {N: {Type: Succeed}}}\n"))
    assert says(stack, ROLE) == ["Deny * on *"]


def test_the_authors_statements_come_beside_what_is_derived() -> None:
    stack = stack_of(
        machine("""\
            loggingConfig: {level: ALL}
            tracingConfig: {enabled: true}
            iamRoleStatements:
              - {Effect: Allow, Action: 'ses:SendEmail', Resource: '*'}
            definition:
              StartAt: T
              States:
                T:
                  Type: Task
                  Resource: arn:aws:states:::sns:publish
                  Parameters: {TopicArn.$: $.topic}
                  End: true
        """)
    )
    path = "stepFunctions.stateMachines.club"
    logs = (
        "CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries "
        "PutResourcePolicy DescribeResourcePolicies DescribeLogGroups"
    )
    xray = "PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets"
    derived = [
        "sns:Publish",
        *(f"logs:{verb}" for verb in logs.split()),
        *(f"xray:{verb}" for verb in xray.split()),
    ]
    assert says(stack, ROLE) == ["Allow ses:SendEmail on *", f"Allow {','.join(derived)} on *"]
    assert places(stack, ROLE) == [
        ("inline", path, f"{path}.iamRoleStatements[0]", 14),
        ("generated", ROLE, f"{path}.definition", 20),
    ]
    assert [each.path for each in stack.statements] == [f"{path}.iamRoleStatements[0]"]
    assert stack.roles[ROLE].label == path
    assert trusted(stack, ROLE) == ["states.${AWS::Region}.amazonaws.com"]
    assert used_by(stack, ROLE) == [
        (
            "AWS::StepFunctions::StateMachine",
            "Resources.ClubStepFunctionsStateMachine.Properties.RoleArn",
        )
    ]


def test_tasks_in_maps_and_branches_count() -> None:
    stack = stack_of(
        machine("""\
            name: club-night
            definition:
              StartAt: M
              States:
                M:
                  Type: Map
                  ItemProcessor:
                    ProcessorConfig: {Mode: DISTRIBUTED}
                    StartAt: A
                    States: {A: {Type: Task, Resource: !GetAtt check-in.Arn, End: true}}
                  ItemReader:
                    Resource: arn:aws:states:::s3:getObject
                    Parameters: {Bucket: plans, Key: list.csv}
                  Next: P
                P:
                  Type: Parallel
                  Branches:
                    - StartAt: B
                      States:
                        B:
                          Type: Task
                          Resource: arn:aws:states:::dynamodb:putItem
                          Parameters: {TableName: visits}
                          End: true
                  End: true
        """)
    )
    itself = f"{ARN}states:{HERE}"
    assert says(stack, "ClubDashnightRole") == [
        "Allow lambda:InvokeFunction on " + versions("${CheckDashinLambdaFunction.Arn}"),
        f"Allow states:StartExecution on {itself}:stateMachine:club-night",
        f"Allow states:DescribeExecution,states:StopExecution on {itself}:execution:club-night:*",
        f"Allow {RULES} on {RULE}sForStepFunctionsExecutionRule",
        f"Allow s3:GetObject on {ARN}s3:::plans/list.csv",
        f"Allow dynamodb:PutItem on {TABLE}visits",
    ]


def test_a_given_role_is_used_and_none_made() -> None:
    stack = stack_of(
        machine(
            "role: arn:aws:iam::111122223333:role/club\n"
            "definition: {StartAt: N, States: {N: {Type: Succeed}}}\n"
        )
    )
    assert ROLE not in stack.roles
    assert used_by(stack, "arn:aws:iam::111122223333:role/club") == [
        (
            "AWS::StepFunctions::StateMachine",
            "Resources.ClubStepFunctionsStateMachine.Properties.RoleArn",
        )
    ]


def test_a_given_role_beside_statements_is_refused() -> None:
    stack = stack_of(
        machine(
            "role: arn:aws:iam::111122223333:role/club\niamRoleStatements: []\n"
            "definition: {StartAt: N, States: {N: {Type: Succeed}}}\n"
        )
    )
    assert [note[:2] for note in told(stack)] == [
        ("role", "the plugin refuses role beside iamRoleStatements")
    ]


def test_what_starts_a_machine_has_a_role() -> None:
    stack = stack_of(
        machine("""\
            events:
              - schedule: rate(1 day)
              - schedule: {method: scheduler, rate: rate(1 day), role: 'arn:aws:iam::111122223333:role/s'}
              - eventBridge: {event: {source: [doors]}}
              - http: {path: start-now, method: POST, action: StartSyncExecution}
            definition: {StartAt: N, States: {N: {Type: Succeed}}}
        """)
    )
    start = "Allow states:StartExecution on ${ClubStepFunctionsStateMachine}"
    assert says(stack, "ClubScheduleToStepFunctionsRole") == [start]
    assert says(stack, "ClubEventToStepFunctionsRole") == [start]
    assert says(stack, "ApigatewayToStepFunctionsRole") == [
        "Allow states:StartExecution,states:StartSyncExecution on *"
    ]
    assert [each[3] for each in places(stack, "ApigatewayToStepFunctionsRole")] == [15]
    rule, schedule = "StepFunctionsEventsRuleSchedule1", "StepFunctionsSchedulerSchedule2"
    assert used_by(stack, "ClubScheduleToStepFunctionsRole") == [
        ("AWS::Events::Rule", f"Resources.Club{rule}.Properties.Targets[0].RoleArn")
    ]
    assert used_by(stack, "arn:aws:iam::111122223333:role/s") == [
        ("AWS::Scheduler::Schedule", f"Resources.Club{schedule}.Properties.Target.RoleArn")
    ]
    assert used_by(stack, "ApigatewayToStepFunctionsRole") == [
        (
            "AWS::ApiGateway::Method",
            "Resources.ApiGatewayMethodStartDashnowPost.Properties.Integration.Credentials",
        )
    ]


def test_a_function_key_that_is_a_resource_stays_the_resource() -> None:
    more = "resources:\n  Resources:\n    check-in: {Type: AWS::StepFunctions::Activity}\n"
    text = machine(
        "definition: {StartAt: T, States: {T: {Type: Task, Resource: {Ref: check-in}, End: true}}}\n", more
    )
    assert says(stack_of(text), ROLE) == ["Allow lambda:InvokeFunction on ${check-in},${check-in}:*"]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (states("dynamodb:putItem"), "a task has no TableName that is read here"),
        (
            "Resource: 'arn:aws:states:::${env:KIND}:putItem'",
            "a variable hides which service its task calls",
        ),
    ],
)
def test_what_cannot_be_read_is_told_and_grants_nothing(written: str, reason: str) -> None:
    stack = stack_of(task(written))
    assert says(stack, ROLE) == []
    assert ("state machine", reason) in [note[:2] for note in told(stack)]


def test_a_function_is_triggered_by_the_machine_once() -> None:
    stack = stack_of(task("Resource: {'Fn::GetAtt': [check-in, Arn]}"))
    (function,) = stack.functions
    assert [(trigger.kind, trigger.node.span.line) for trigger in function.triggers] == [
        ("step-functions", 11)
    ]


def test_without_the_plugin_the_section_is_not_read() -> None:
    text = task(states("sns:publish", "{TopicArn: x}")).replace(
        "serverless-step-functions", "serverless-offline"
    )
    assert ROLE not in stack_of(text).roles


def test_a_local_copy_of_the_plugin_reads_it_too() -> None:
    text = task(states("sns:publish", "{TopicArn: {Ref: News}}")).replace(
        "serverless-step-functions", "../../lib/index.js"
    )
    assert says(stack_of(text), ROLE) == ["Allow sns:Publish on ${News}"]
