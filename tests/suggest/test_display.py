"""Where wiring decides nothing: a statement that answers the finding, one line on what to name, or none."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .test_wiring import role_template

if TYPE_CHECKING:
    from scopedown.suggest.suggestion import Suggestion

    from .conftest import Template

    Read = Callable[[str], Template]


def machine(statement: str, service: str = "states") -> str:
    """A state machine with a log group, under a role of its own."""
    return f"""
    Resources:
      FlowLog:
        Type: AWS::Logs::LogGroup
      FlowRole:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Statement:
              - {{Effect: Allow, Principal: {{Service: {service}.amazonaws.com}}, Action: sts:AssumeRole}}
          Policies:
            - PolicyName: flow
              PolicyDocument:
                Statement:
                  - {statement}
      Flow:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          RoleArn: !GetAtt FlowRole.Arn
          DefinitionUri: flow.asl.json
          LoggingConfiguration:
            Destinations: [{{CloudWatchLogsLogGroup: {{LogGroupArn: !GetAtt FlowLog.Arn}}}}]
    """


def service_role(statement: str, service: str, more: str = "{}") -> str:
    """A role that another AWS service assumes."""
    return f"""
    Resources:
      Topic: {{Type: AWS::SNS::Topic}}
      Files: {{Type: AWS::S3::Bucket}}
      ServiceRole:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Statement:
              - {{Effect: Allow, Principal: {{Service: {service}.amazonaws.com}}, Action: sts:AssumeRole}}
          Policies:
            - PolicyName: work
              PolicyDocument:
                Statement:
                  - {statement}
      User: {more}
    """


def line(found: Suggestion | None) -> str:
    """The note of a suggestion that has no text."""
    assert found is not None
    assert (found.tier, found.text, found.statements, found.replaces) == ("none", "", [], None)
    return found.note


def test_a_state_machines_log_is_delivered_on_a_star(template: Read) -> None:
    found = template(machine("{Effect: Allow, Action: 'logs:*', Resource: '*'}")).must("logs:*")
    assert (found.tier, found.replaces) == ("none", None)
    assert "FlowLog" not in found.text
    assert "Resource: '*'" in found.text
    for name in (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    ):
        assert f"logs:{name}" in found.text
    assert "logs:PutLogEvents" not in found.text


def test_a_statement_that_stays_broad_beside_the_log_is_not_shown(template: Read) -> None:
    text = machine("{Effect: Allow, Action: ['logs:*', 'cloudwatch:*'], Resource: '*'}")
    note = line(template(text).suggest("logs:*"))
    assert "cloudwatch:* matches" in note
    assert "logs:CreateLogDelivery" in note


def test_log_actions_of_a_state_machine_are_left_alone(template: Read) -> None:
    text = machine("{Effect: Allow, Action: ['logs:PutLogEvents', 'logs:CreateLogDelivery'], Resource: '*'}")
    assert template(text).suggest("logs:PutLogEvents") is None


def test_the_role_that_logs_for_api_gateway_is_left_alone(template: Read) -> None:
    account = "{Type: AWS::ApiGateway::Account, Properties: {CloudWatchRoleArn: !GetAtt ServiceRole.Arn}}"
    statement = "{Effect: Allow, Action: ['logs:CreateLogGroup', 'logs:FilterLogEvents'], Resource: '*'}"
    text = service_role(statement, "apigateway", account)
    assert template(text).suggest("logs:FilterLogEvents") is None


def test_creating_the_own_log_group_is_kept(template: Read) -> None:
    actions = "['logs:CreateLogGroup', 'logs:PutLogEvents', 'sqs:SendMessage']"
    statement = f"- {{Effect: Allow, Action: {actions}, Resource: '*'}}"
    found = template(role_template(statement)).must("sqs:SendMessage")
    assert "['logs:CreateLogGroup', 'logs:PutLogEvents'], Resource: '*'" in found.text
    note = line(
        template(role_template("- {Effect: Allow, Action: 'logs:*', Resource: '*'}")).suggest("logs:*")
    )
    assert note.startswith("name the actions it needs; logs:* matches ")


@pytest.mark.parametrize(
    ("action", "type"),
    [
        ("ec2:DeleteSnapshot", "ec2:${AWS::Region}::snapshot/*"),
        ("ec2:AttachNetworkInterface", ""),
        ("transcribe:GetTranscriptionJob", "transcription-job/*"),
        ("codebuild:BatchGetBuilds", ""),
        ("bedrock:CreateModelCustomizationJob", ""),
        ("sagemaker:CreateTrainingJob", "training-job/*"),
    ],
)
def test_ids_that_come_up_at_run_time_are_never_asked_for(action: str, type: str, template: Read) -> None:
    found = template(role_template(f"- {{Effect: Allow, Action: '{action}', Resource: '*'}}")).suggest(action)
    if found is not None:
        assert "_ID" not in found.note + found.text
        assert "_NAME" not in (found.note + found.text).replace("PROJECT_NAME", "")
        assert "RANDOM" not in found.note
        assert type in found.note


def test_what_names_its_type_already_gets_no_type_level_advice(template: Read) -> None:
    arn = "!Sub 'arn:${AWS::Partition}:ec2:${AWS::Region}::snapshot/*'"
    text = role_template(f"- {{Effect: Allow, Action: 'ec2:DeleteSnapshot', Resource: {arn}}}")
    assert template(text).suggest("ec2:DeleteSnapshot") is None


def test_tags_of_a_log_group_stand_under_its_plain_arn(template: Read) -> None:
    more = "Journal:\n  Type: AWS::Logs::LogGroup"
    text = role_template("- {Effect: Allow, Action: 'logs:ListTagsForResource', Resource: '*'}", more=more)
    note = line(template(text).suggest("logs:ListTagsForResource"))
    assert note.endswith(":log-group:LOG_GROUP_NAME")


def test_text_messages_have_no_topic(template: Read) -> None:
    statement = "{Effect: Allow, Action: sns:Publish, Resource: '*'}"
    assert template(service_role(statement, "cognito-idp")).suggest("sns:Publish") is None


@pytest.mark.parametrize("service", ["codebuild", "codedeploy", "sagemaker", "s3files", "lambda"])
@pytest.mark.parametrize("action", ["s3:Get*", "ssm:*", "lambda:*", "kms:*", "secretsmanager:*", "s3:*"])
def test_nobody_guesses_which_actions_are_used(service: str, action: str, template: Read) -> None:
    text = service_role(f"{{Effect: Allow, Action: '{action}', Resource: '*'}}", service)
    found = template(text).suggest(action)
    if found is not None:
        assert found.text == ""
        assert "assumes" not in found.note


@pytest.mark.parametrize("service", ["sagemaker", "codebuild"])
def test_the_only_one_of_its_type_is_for_functions(service: str, template: Read) -> None:
    text = service_role("{Effect: Allow, Action: s3:GetObject, Resource: '*'}", service)
    assert "Files" not in line(template(text).suggest("s3:GetObject"))


def test_a_resource_of_another_function_is_not_the_only_one(template: Read) -> None:
    more = """
    Other:
      Type: AWS::Lambda::Function
      Properties:
        Role: arn:aws:iam::123456789012:role/other
        Code: {ZipFile: x}
        Environment: {Variables: {JOBS: !Ref Jobs}}
    """
    text = role_template("- {Effect: Allow, Action: sqs:SendMessage, Resource: '*'}", more=more)
    assert line(template(text).suggest("sqs:SendMessage")).startswith("name the queue: arn:")


def test_region_and_account_stay_open_where_a_parameter_is_elsewhere(template: Read) -> None:
    text = role_template("- {Effect: Allow, Action: sns:Publish, Resource: 'arn:aws:sns:*'}")
    text = text.replace(
        "Resources:\n",
        "Parameters: {Alarms: {Type: String, Default: 'arn:aws:sns:us-west-2:111122223333:x'}}\nResources:\n",
        1,
    )
    note = line(template(text).suggest("sns:Publish"))
    assert "sns:REGION:ACCOUNT_ID:TOPIC_NAME" in note
    assert "parameter Alarms" in note


def test_an_api_of_the_stack_is_named(template: Read) -> None:
    text = """
    Resources:
      Api: {Type: AWS::ApiGateway::RestApi}
      Guest:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Statement:
              - {Effect: Allow, Principal: {AWS: '123456789012'}, Action: sts:AssumeRole}
          Policies:
            - PolicyName: call
              PolicyDocument:
                Statement:
                  - Effect: Allow
                    Action: execute-api:Invoke
                    Resource: !Sub arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:*/*/*
    """
    found = template(text).must("execute-api:Invoke")
    assert "!Sub 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*'" in found.text


@pytest.mark.parametrize("action", ["config:Put*", "s3:Put*", "cognito-idp:Admin*", "iam:Tag*"])
def test_a_long_glob_is_the_readers_to_replace(action: str, template: Read) -> None:
    text = role_template(f"- {{Effect: Allow, Action: ['{action}', 'sqs:SendMessage'], Resource: '*'}}")
    found = template(text).suggest(action)
    assert found is None or found.text == "" or action not in found.text


def test_a_short_glob_is_named_in_full(template: Read) -> None:
    text = role_template(
        "- {Effect: Allow, Action: ['kinesis:Put*', 'kinesis:List*'], Resource: !GetAtt Clicks.Arn}"
    )
    found = template(text).must("kinesis:Put*")
    assert "kinesis:PutRecord, kinesis:PutRecords" in found.text.replace("'", "")
    assert "kinesis:List*" in found.text
    assert found.note == "names what kinesis:Put* matches"


def test_globs_that_grant_nothing_more_stay(template: Read) -> None:
    text = role_template(
        "- {Effect: Allow, Action: 'kms:ReEncrypt*', Resource: 'arn:aws:kms:eu-west-1:1:key/a'}"
    )
    assert template(text).suggest("kms:ReEncrypt*") is None


def test_part_of_the_open_arns_is_no_answer(template: Read) -> None:
    more = "Crawl:\n  Type: AWS::Glue::Crawler\n  Properties: {Role: x, Targets: {}}"
    arn = "arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}"
    statement = f"""
    - Effect: Allow
      Action: ['glue:StartCrawler', 'glue:GetDatabase']
      Resource: [!Sub '{arn}:database/*', !Sub '{arn}:crawler/*']
    """
    text = role_template(statement, "Environment: {Variables: {CRAWLER: !Ref Crawl}}", more)
    assert "database/*" not in template(text).must("glue:StartCrawler").text


def test_many_types_become_no_statement(template: Read) -> None:
    found = template(role_template("- {Effect: Allow, Action: 'iam:Tag*', Resource: '*'}")).suggest(
        "iam:Tag*"
    )
    assert found is None or found.text == ""


def test_actions_that_the_resource_cannot_take_get_no_answer(template: Read) -> None:
    more = "Hose:\n  Type: AWS::KinesisFirehose::DeliveryStream"
    text = role_template("- {Effect: Allow, Action: 'kinesis:Put*', Resource: !GetAtt Hose.Arn}", more=more)
    assert template(text).suggest("kinesis:Put*") is None


@pytest.mark.parametrize("actions", ["['s3:*', 'sqs:*']", "'s3:*'", "'dynamodb:*'", "'sqs:*'"])
def test_no_action_is_both_removed_and_kept(actions: str, template: Read) -> None:
    more = "Photos:\n  Type: AWS::S3::Bucket\nRows:\n  Type: AWS::DynamoDB::Table"
    properties = "Environment: {Variables: {A: !Ref Photos, B: !Ref Jobs, C: !Ref Rows}}"
    text = role_template(f"- {{Effect: Allow, Action: {actions}, Resource: '*'}}", properties, more)
    read = template(text)
    found = read.must(read.stack.statements[0].actions[0].text.display())
    removed = {full for each in found.removed.values() for full in each}
    assert not removed & set(found.kept_unproven)
    assert found.kept_unproven
    assert len(found.needs) <= 3
    assert all("*" in need.action for need in found.needs)


def test_nothing_linked_says_what_to_name(template: Read) -> None:
    text = role_template("- {Effect: Allow, Action: 'sns:Publish', Resource: '*'}")
    assert line(template(text).suggest("sns:Publish")) == (
        "name the topic: arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:TOPIC_NAME,"
        " unless it sends text messages, which need *"
    )
    text = role_template("- {Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: '*'}")
    assert line(template(text).suggest("secretsmanager:GetSecretValue")).endswith(":SECRET_NAME-??????")


def test_admin_says_what_the_template_hands_over(template: Read) -> None:
    properties = "Environment: {Variables: {QUEUE_URL: !Ref Jobs}}"
    text = role_template("- {Effect: Allow, Action: '*', Resource: '*'}", properties)
    assert line(template(text).suggest("*")) == "name the actions and resources it needs; it is handed Jobs"


def test_a_named_resource_beside_one_to_fill_in_is_a_statement(template: Read) -> None:
    text = role_template("- {Effect: Allow, Action: ['sqs:SendMessage', 'sns:Publish'], Resource: '*'}")
    found = template(text).must("sns:Publish")
    assert "!GetAtt Jobs.Arn" in found.text
    assert "TOPIC_NAME" in found.text
    assert found.note.endswith("fill in TOPIC_NAME")


def test_a_table_needs_its_database_and_the_catalog(template: Read) -> None:
    text = role_template("- {Effect: Allow, Action: 'glue:GetTable', Resource: '*'}")
    note = line(template(text).suggest("glue:GetTable"))
    assert note.startswith("name the database: ")
    assert all(part in note for part in (":catalog", "database/DATABASE_NAME", "table/DATABASE_NAME/*"))


def test_a_machine_names_what_stands_in_its_definition(template: Read) -> None:
    text = textwrap.dedent(machine("{Effect: Allow, Action: 'lambda:InvokeFunction', Resource: '*'}"))
    text += "      DefinitionSubstitutions: {Work: !GetAtt Work.Arn}\n"
    text += "  Work:\n    Type: AWS::Lambda::Function\n    Properties: {Role: x, Code: {ZipFile: x}}\n"
    found = template(text).must("lambda:InvokeFunction")
    assert found.tier == "partial"
    assert [word for need in found.needs for _, word in need.evidence] == ["Flow calls Work"]
