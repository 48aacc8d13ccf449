"""CloudFormation types, SAM policy templates and managed policies."""

from __future__ import annotations

import re

import pytest

from scopedown import catalog

REFS = {
    "name": """
        IAM::Role IAM::User IAM::Group IAM::Policy IAM::InstanceProfile Lambda::Function S3::Bucket
        S3::AccessPoint DynamoDB::Table DynamoDB::GlobalTable Kinesis::Stream
        KinesisFirehose::DeliveryStream Logs::LogGroup Events::EventBus Events::Rule
        Events::Connection Events::ApiDestination SSM::Parameter KMS::Alias CodeBuild::Project
        CodePipeline::Pipeline ECS::Cluster ECR::Repository Scheduler::Schedule Pipes::Pipe
        RDS::DBCluster RDS::DBInstance RDS::DBProxy CloudWatch::Alarm IoT::TopicRule IoT::Thing
        Glue::Database Glue::Job Athena::WorkGroup SES::EmailIdentity ApiGateway::Stage
        OpenSearchService::Domain Elasticsearch::Domain Cognito::UserPoolGroup Redshift::Cluster
    """,
    "id": """
        KMS::Key Cognito::UserPool Cognito::IdentityPool Cognito::UserPoolClient ApiGateway::RestApi
        ApiGatewayV2::Api ApiGateway::ApiKey ApiGateway::Resource Lambda::EventSourceMapping
        EC2::VPC EC2::Subnet EC2::SecurityGroup EC2::Instance EFS::FileSystem
        CloudFront::Distribution Route53::HostedZone OpenSearchServerless::Collection Bedrock::Agent
        Bedrock::KnowledgeBase AmazonMQ::Broker DSQL::Cluster SQS::QueuePolicy SNS::TopicPolicy
    """,
    "arn": """
        SNS::Topic SNS::Subscription IAM::ManagedPolicy Lambda::Version Lambda::Alias
        Lambda::LayerVersion StepFunctions::StateMachine StepFunctions::Activity
        SecretsManager::Secret ECS::TaskDefinition ECS::Service MSK::Cluster SageMaker::Endpoint
        CloudFormation::Stack CertificateManager::Certificate AppSync::GraphQLApi
        ElasticLoadBalancingV2::LoadBalancer ElasticLoadBalancingV2::TargetGroup Batch::JobQueue
        SecretsManager::SecretTargetAttachment
    """,
    "url": "SQS::Queue CloudFormation::WaitConditionHandle",
    "unknown": "WAFv2::WebACL Timestream::Table",
}


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for kind, names in REFS.items() for name in names.split()]
)
def test_ref_kind(name: str, kind: str) -> None:
    found = catalog.cfn_type(f"AWS::{name}")
    assert found is not None
    assert found.ref == kind


@pytest.mark.parametrize(
    ("name", "arn", "service", "kind", "attribute"),
    [
        ("AWS::S3::Bucket", "s3:::${BucketName}", "s3", "bucket", "Arn"),
        ("AWS::SQS::Queue", "sqs:${Region}:${Account}:${QueueName}", "sqs", "queue", "Arn"),
        ("AWS::SNS::Topic", "sns:${Region}:${Account}:${TopicName}", "sns", "topic", "TopicArn"),
        (
            "AWS::DynamoDB::Table",
            "dynamodb:${Region}:${Account}:table/${TableName}",
            "dynamodb",
            "table",
            "Arn",
        ),
        (
            "AWS::DynamoDB::GlobalTable",
            "dynamodb:${Region}:${Account}:table/${TableName}",
            "dynamodb",
            "table",
            "Arn",
        ),
        (
            "AWS::Lambda::Function",
            "lambda:${Region}:${Account}:function:${FunctionName}",
            "lambda",
            "function",
            "Arn",
        ),
        (
            "AWS::SecretsManager::Secret",
            "secretsmanager:${Region}:${Account}:secret:${SecretId}",
            None,
            "Secret",
            "Id",
        ),
        ("AWS::Scheduler::Schedule", None, "scheduler", "schedule", "Arn"),
        ("AWS::Lambda::Alias", None, "lambda", "function alias", "AliasArn"),
        ("AWS::Lambda::Version", None, "lambda", "function version", "FunctionArn"),
        ("AWS::ECS::Service", None, "ecs", "service", "ServiceArn"),
        ("AWS::ECS::TaskDefinition", None, "ecs", "task-definition", "TaskDefinitionArn"),
        ("AWS::StepFunctions::StateMachine", None, "states", "statemachine", "Arn"),
        ("AWS::IAM::ManagedPolicy", None, "iam", "policy", "PolicyArn"),
        ("AWS::RDS::DBCluster", None, "rds", "cluster", "DBClusterArn"),
        ("AWS::MSK::Cluster", None, "kafka", "cluster", "Arn"),
        ("AWS::Kinesis::StreamConsumer", None, "kinesis", "consumer", "ConsumerARN"),
        ("AWS::AmazonMQ::Broker", None, "mq", "brokers", "Arn"),
        ("AWS::S3Vectors::Index", None, "s3vectors", "Index", "IndexArn"),
        ("AWS::KMS::Alias", None, "kms", "alias", None),
        ("AWS::ApiGateway::RestApi", None, "apigateway", "RestApi", None),
        (
            "AWS::Serverless::Function",
            "lambda:${Region}:${Account}:function:${FunctionName}",
            None,
            "function",
            "Arn",
        ),
        ("AWS::Serverless::SimpleTable", None, "dynamodb", "table", "Arn"),
        ("AWS::Serverless::StateMachine", None, "states", "statemachine", "Arn"),
        ("AWS::Serverless::HttpApi", None, "apigateway", "Api", None),
        ("AWS::Serverless::LayerVersion", None, "lambda", "layerVersion", "LayerVersionArn"),
        ("AWS::Serverless::Application", None, "cloudformation", "stack", None),
    ],
)
def test_arn(name: str, arn: str | None, service: str | None, kind: str, attribute: str | None) -> None:
    found = catalog.cfn_type(name)
    assert found is not None
    if arn:
        assert found.arn == "arn:${Partition}:" + arn
    if service:
        assert found.service == service
    assert (found.resource_type, found.arn_attribute) == (kind, attribute)


@pytest.mark.parametrize(
    "name",
    [
        "AWS::SQS::QueueInlinePolicy",
        "AWS::IAM::Policy",
        "AWS::Lambda::Url",
        "AWS::WAFv2::LoggingConfiguration",
    ],
)
def test_a_setting_is_not_taken_for_the_resource(name: str) -> None:
    found = catalog.cfn_type(name)
    assert found is not None
    assert found.resource_type is None


def test_a_stream_is_not_the_table() -> None:
    found = catalog.cfn_type("AWS::DynamoDB::Table")
    assert found is not None
    assert "StreamArn" in found.attributes
    assert found.arn_attribute == "Arn"


@pytest.mark.parametrize(
    "name", ["Custom::Thing", "AWS::S3", "AWS::NoSuch::Type", "AWS::../../x::Y", "AWS::S3::Nope", ""]
)
def test_unknown_type(name: str) -> None:
    assert catalog.cfn_type(name) is None


def test_resource_types_exist_in_the_catalog() -> None:
    known = joined = 0
    for name in catalog_types():
        found = catalog.cfn_type(name)
        assert found is not None
        assert found.ref in ("name", "id", "arn", "url", "unknown")
        known += 1
        if found.resource_type is not None:
            service = catalog.service(found.service or "")
            assert service is not None
            assert found.resource_type in service.types, name
            assert found.arn is not None
            joined += 1
    assert known > 1_800
    assert joined > 1_200


def catalog_types() -> list[str]:
    import json
    import os

    folder = os.path.join(os.path.dirname(catalog.__file__), "data", "cfn")
    names: list[str] = []
    for shard in sorted(os.listdir(folder)):
        with open(os.path.join(folder, shard), encoding="utf-8") as file:
            names.extend(json.load(file))
    return names


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)] + list(value)
    if isinstance(value, (list, tuple)):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", catalog.sam_policy_template_names())
def test_sam_policy_template(name: str) -> None:
    template = catalog.sam_policy_template(name)
    assert template is not None
    assert template.statements
    texts = strings(template.statements)
    assert all(parameter in texts for parameter in template.parameters), "a parameter is not used"
    for statement in template.statements:
        assert statement["Effect"] == "Allow"
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        unknown = [action for action in actions if not catalog.count(action)]
        assert not set(unknown) - {"sqs:ChangeMessageVisibilityBatch", "sqs:DeleteMessageBatch"}


def test_sam_policy_templates_all_told() -> None:
    assert len(catalog.sam_policy_template_names()) == 81
    poller = catalog.sam_policy_template("SQSPollerPolicy")
    assert poller is not None
    assert poller.parameters == ("QueueName",)
    assert catalog.sam_policy_template("sqspollerpolicy") is None


def test_managed_policies() -> None:
    names = catalog.managed_policy_names()
    assert len(names) > 1_500
    assert (
        catalog.managed_policy_path("AWSLambdaBasicExecutionRole")
        == "service-role/AWSLambdaBasicExecutionRole"
    )
    assert catalog.managed_policy_path("AdministratorAccess") == "AdministratorAccess"
    assert catalog.managed_policy_path("DatabaseAdministrator") == "job-function/DatabaseAdministrator"
    assert catalog.managed_policy_path("NoSuchPolicy") is None
    assert not catalog.managed_policy_removed("AdministratorAccess")
    assert not catalog.managed_policy_removed("NoSuchPolicy")
    assert all(re.fullmatch(r"[\w+=,.@-]+", name) for name in names)


def test_withdrawn_managed_policy() -> None:
    assert catalog.managed_policy_removed("AWSLambdaFullAccess")
    assert catalog.managed_policy_path("AWSLambdaFullAccess") == "AWSLambdaFullAccess"
    assert "AWSLambdaFullAccess" not in catalog.managed_policy_names()
