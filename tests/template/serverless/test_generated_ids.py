"""Resources that services make of events and settings, under the names that references use."""

from __future__ import annotations

import pytest

from scopedown.source.tree import Mapping

from .plugged import TOP, stack_of

SERVICE = """\
layers:
  dough-mix: {path: mix}
functions:
  bake-off:
    handler: index.bake
    url: true
    provisionedConcurrency: 1
    snapStart: true
    events:
      - sns: new-orders
      - sns: arn:aws:sns:us-east-1:111122223333:elsewhere
      - s3: {bucket: cake-photos, event: 's3:ObjectCreated:*'}
      - s3: {bucket: old-photos, existing: true}
      - http: {path: /cakes, method: get}
      - httpApi: GET /cakes
      - websocket: $connect
      - eventBridge: {eventBus: oven-door, pattern: {source: [oven]}}
      - cognitoUserPool: {pool: head bakers, trigger: PreSignUp}
      - cognitoUserPool: {pool: others, trigger: PreSignUp, existing: true}
      - stream:
          type: kinesis
          arn: arn:aws:kinesis:us-east-1:111122223333:stream/orders-in
          consumer: true
"""


def test_every_resource_has_its_name_and_type() -> None:
    stack = stack_of(SERVICE)
    ordinary = ("AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::IAM::Role")
    found = {id: each.type for id, each in stack.resources.items() if each.type not in ordinary}
    assert found == {
        "ServerlessDeploymentBucket": "AWS::S3::Bucket",
        "DoughDashmixLambdaLayer": "AWS::Lambda::LayerVersion",
        "BakeDashoffLambdaFunctionUrl": "AWS::Lambda::Url",
        "BakeDashoffProvConcLambdaAlias": "AWS::Lambda::Alias",
        "BakeDashoffSnapStartLambdaAlias": "AWS::Lambda::Alias",
        "SNSTopicNeworders": "AWS::SNS::Topic",
        "S3BucketCakephotos": "AWS::S3::Bucket",
        "ApiGatewayRestApi": "AWS::ApiGateway::RestApi",
        "HttpApi": "AWS::ApiGatewayV2::Api",
        "HttpApiStage": "AWS::ApiGatewayV2::Stage",
        "WebsocketsApi": "AWS::ApiGatewayV2::Api",
        "WebsocketsDeploymentStage": "AWS::ApiGatewayV2::Stage",
        "OvenDashdoorEventBridgeEventBus": "AWS::Events::EventBus",
        "CognitoUserPoolHeadbakers": "AWS::Cognito::UserPool",
        "BakeDashoffordersDashinConsumerStreamConsumer": "AWS::Kinesis::StreamConsumer",
    }


@pytest.mark.parametrize(
    ("id", "property", "name"),
    [
        ("SNSTopicNeworders", "TopicName", "new-orders"),
        ("S3BucketCakephotos", "BucketName", "cake-photos"),
        ("OvenDashdoorEventBridgeEventBus", "Name", "oven-door"),
        ("CognitoUserPoolHeadbakers", "UserPoolName", "head bakers"),
        ("DoughDashmixLambdaLayer", "LayerName", "dough-mix"),
        ("BakeDashoffProvConcLambdaAlias", "Name", "provisioned"),
    ],
)
def test_a_resource_has_its_physical_name(id: str, property: str, name: str) -> None:
    properties = stack_of(SERVICE).resources[id].properties
    assert properties is not None
    assert getattr(properties.get(property), "value", None) == name


def test_a_bucket_has_what_the_provider_says_of_it() -> None:
    provider = TOP + "  s3:\n    photos:\n      name: cake-photos\n      accessControl: PublicRead\n"
    text = "functions:\n  bake: {handler: index.bake, events: [{s3: photos}]}\n"
    properties = stack_of(text, provider).resources["S3BucketPhotos"].properties
    assert isinstance(properties, Mapping)
    assert [(key.value, getattr(value, "value", None)) for key, value in properties.entries] == [
        ("BucketName", "cake-photos"),
        ("AccessControl", "PublicRead"),
    ]


@pytest.mark.parametrize(
    ("provider", "absent"),
    [
        ("  apiGateway: {restApiId: abc123}\n", "ApiGatewayRestApi"),
        ("  httpApi: {id: abc123}\n", "HttpApi"),
        ("  apiGateway: {websocketApiId: abc123}\n", "WebsocketsApi"),
        ("  deploymentBucket: bakery-deployments\n", "ServerlessDeploymentBucket"),
        ("  deploymentBucket: {name: bakery-deployments}\n", "ServerlessDeploymentBucket"),
    ],
)
def test_what_the_service_brings_is_not_made(provider: str, absent: str) -> None:
    before, after = stack_of(SERVICE).resources, stack_of(SERVICE, TOP + provider).resources
    assert absent in before
    assert absent not in after


def test_a_reference_leads_to_the_resource() -> None:
    statement = "{Effect: Allow, Action: 'sns:Publish', Resource: !Ref SNSTopicNeworders}"
    stack = stack_of(SERVICE, TOP + f"  iam: {{role: {{statements: [{statement}]}}}}\n")
    (hole,) = [each.text.hole for each in stack.statements[0].resources]
    assert hole is not None
    assert (hole.kind, hole.type) == ("reference", "AWS::SNS::Topic")


def test_a_consumer_is_named_after_the_service_where_that_is_asked_for() -> None:
    provider = TOP + "  kinesis: {consumerNamingMode: serviceSpecific}\n"
    assert "BakeDashofforders" + "DashingymdevConsumerStreamConsumer" in stack_of(SERVICE, provider).resources


def test_a_custom_resource_makes_the_bus_in_its_mode() -> None:
    provider = TOP + "  eventBridge: {useCloudFormation: false}\n"
    assert "OvenDashdoorEventBridgeEventBus" not in stack_of(SERVICE, provider).resources
