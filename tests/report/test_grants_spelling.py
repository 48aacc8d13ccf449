"""Who may reach a resource, however it is spelled: by logical id, by ARN, by the name that it is given."""

from __future__ import annotations

import pytest

from .test_grants import told

HEAD = """\
Parameters:
  Shop: {Type: String, Default: corner}
  Open: {Type: String}
Conditions: {IsOpen: !Equals [!Ref Open, 'yes']}
Resources:
  Loaves: {Type: AWS::S3::Bucket, Properties: {BucketName: bakery-loaves}}
  Cakes: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${Shop}-cakes'}}
  Pies: {Type: AWS::S3::Bucket, Properties: {BucketName: !If [IsOpen, day-pies, night-pies]}}
  Rolls: {Type: AWS::S3::Bucket}
  Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: bakery-orders}}
  Sales: {Type: AWS::DynamoDB::Table, Properties: {TableName: bakery-sales}}
  Clicks: {Type: AWS::Kinesis::Stream, Properties: {Name: bakery-clicks}}
  News: {Type: AWS::SNS::Topic, Properties: {TopicName: bakery-news}}
  Oven: {Type: AWS::Lambda::Function, Properties: {FunctionName: bakery-oven}}
  Key: {Type: AWS::SecretsManager::Secret, Properties: {Name: bakery/key}}
  Price: {Type: AWS::SSM::Parameter, Properties: {Name: /bakery/price}}
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: bakery-api}}
  Log: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /bakery/oven}}
  Plain: {Type: AWS::Logs::LogGroup}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument: {Statement: {Effect: Allow, Action: '*', Resource: RESOURCE}}
"""
ACCOUNT = "eu-west-1:111122223333"


def answer(granted: str, asked: str, action: str = "") -> str:
    """What the role answers that has one grant."""
    blocks = told(HEAD.replace("RESOURCE", granted), action, asked)
    return {block.label: block.answer for block in blocks}["Role"]


@pytest.mark.parametrize(
    ("granted", "asked", "said"),
    [
        ("!Sub '${Loaves.Arn}/*'", "arn:aws:s3:::bakery-loaves/rye", "yes"),
        ("!Sub '${Loaves.Arn}/*'", "arn:aws-cn:s3:::bakery-loaves/rye", "yes"),
        ("!Sub '${Loaves.Arn}/*'", "bakery-loaves", "yes"),
        ("!Sub 'arn:aws:s3:::${Loaves}/*'", "bakery-loaves", "yes"),
        ("'arn:aws:s3:::bakery-loaves/*'", "Loaves", "yes"),
        ("'arn:aws:s3:::bakery-loaves/*'", "bakery-loaves", "yes"),
        ("'arn:aws:s3:::other/*'", "Loaves", "no"),
        ("'arn:aws:s3:::other/*'", "Rolls", "perhaps"),  # nobody knows what AWS calls it
        ("!Sub '${Loaves.Arn}/*'", "arn:aws:s3:::bakery-cakes/rye", "no"),
        ("!Sub '${Cakes.Arn}/*'", "arn:aws:s3:::corner-cakes/rye", "yes"),  # by the parameter's default
        ("!Sub 'arn:aws:s3:::${Shop}-cakes/*'", "Cakes", "yes"),
        ("'arn:aws:s3:::night-pies/*'", "Pies", "yes"),
        ("'arn:aws:s3:::night-pies/*'", "night-pies", "yes"),
        ("!Sub '${Pies.Arn}/*'", "Pies", "yes"),
        ("!GetAtt Orders.Arn", f"arn:aws:sqs:{ACCOUNT}:bakery-orders", "perhaps"),  # of this account?
        ("!GetAtt Orders.Arn", "arn:aws:sqs:*:*:bakery-orders", "yes"),
        ("!GetAtt Orders.Arn", "bakery-orders", "yes"),
        ("'arn:aws:sqs:*:*:bakery-orders'", "Orders", "yes"),
        ("'arn:aws:sqs:*:*:bakery-*'", "Orders", "yes"),
        ("'arn:aws:dynamodb:*:*:table/bakery-sales'", "Sales", "yes"),
        ("'arn:aws:dynamodb:*:*:table/bakery-sales/index/*'", "Sales", "yes"),
        ("'arn:aws:kinesis:*:*:stream/bakery-clicks'", "Clicks", "yes"),
        ("'arn:aws:sns:*:*:bakery-news'", "bakery-news", "yes"),
        ("!Ref News", "arn:aws:sns:*:*:bakery-news", "yes"),
        ("'arn:aws:lambda:*:*:function:bakery-oven'", "Oven", "yes"),
        ("'arn:aws:secretsmanager:*:*:secret:bakery/key-??????'", "Key", "perhaps"),
        ("'arn:aws:secretsmanager:*:*:secret:bakery/key*'", "bakery/key", "yes"),
        ("'arn:aws:ssm:*:*:parameter/bakery/price'", "Price", "yes"),
        ("'arn:aws:ssm:*:*:parameter/bakery/price'", "/bakery/price", "yes"),
    ],
)
def test_a_name_that_is_given_is_known(granted: str, asked: str, said: str) -> None:
    assert answer(granted, asked) == said


def test_a_label_is_no_name() -> None:
    assert answer("'arn:aws:apigateway:*::/restapis/bakery-api'", "Api") == "perhaps"


@pytest.mark.parametrize(
    ("granted", "asked", "said"),
    [
        ("!GetAtt Log.Arn", "Log", "yes"),
        ("!GetAtt Log.Arn", "arn:aws:logs:*:*:log-group:/bakery/oven:log-stream:a", "yes"),
        ("!GetAtt Plain.Arn", "Plain", "yes"),
        ("!Sub 'arn:aws:logs:*:*:log-group:${Log}:*'", "/bakery/oven", "yes"),
        ("!GetAtt Log.Arn", "Plain", "perhaps"),  # nobody knows what AWS calls it
    ],
)
def test_the_arn_of_a_log_group_reaches_its_streams(granted: str, asked: str, said: str) -> None:
    answers = {answer(granted, asked, action) for action in ("logs:PutLogEvents", "logs:CreateLogStream")}
    assert answers == {said}


def test_a_name_made_of_itself_is_none() -> None:
    template = HEAD.replace("bakery-loaves", "!Sub '${Cakes}'").replace("'${Shop}-cakes'", "'${Loaves}'")
    blocks = told(template.replace("RESOURCE", "!GetAtt Loaves.Arn"), "", "Loaves")
    assert {block.label: block.answer for block in blocks}["Role"] == "yes"
