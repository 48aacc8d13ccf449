"""Everything a role can do: what SAM adds by itself, AWS managed documents, and policies from either side."""

from __future__ import annotations

import pytest

from .stacks import carriers, inline, sam, short, stack_of

QUEUE = "Q: {Type: AWS::SQS::Queue}\n"


def test_a_function_gets_what_its_settings_need() -> None:
    stack = stack_of(
        """
        Transform: AWS::Serverless-2016-10-31
        Globals: {Function: {Tracing: Active}}
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              VpcConfig: {SubnetIds: [subnet-1]}
              Policies: [AmazonS3ReadOnlyAccess]
        """
    )
    assert carriers(stack, "FRole") == [
        ("managed-arn", "AmazonS3ReadOnlyAccess", "Policies[0]"),
        ("generated", "AWSLambdaBasicExecutionRole", ""),
        ("generated", "AWSXrayWriteOnlyAccess", "Tracing"),
        ("generated", "AWSLambdaVPCAccessExecutionRole", "VpcConfig"),
    ]
    places = {each.carrier.name: each.carrier.node.span.line for each in stack.roles["FRole"].brought}
    assert places["AWSXrayWriteOnlyAccess"] == 3
    assert places["AWSLambdaVPCAccessExecutionRole"] == 8
    assert not stack.statements  # rules judge what was written
    assert [carrier.kind for carrier in stack.roles["FRole"].carriers] == ["managed-arn"]


@pytest.mark.parametrize("tracing", ["Disabled", "!Ref Mode"])
def test_disabled_tracing_adds_nothing(tracing: str) -> None:
    stack = stack_of(
        f"""
        Parameters: {{Mode: {{Type: String, Default: Disabled}}}}
        Resources:
          F: {{Type: AWS::Serverless::Function, Properties: {{Tracing: {tracing}}}}}
        """
    )
    assert [name for _, name, _ in carriers(stack, "FRole")] == ["AWSLambdaBasicExecutionRole"]


def test_a_durable_function_has_another_basic_policy() -> None:
    stack = sam("F: {Type: AWS::Serverless::Function, Properties: {DurableConfig: {ExecutionTimeout: 9}}}")
    assert carriers(stack, "FRole") == [
        ("generated", "AWSLambdaBasicDurableExecutionRolePolicy", "DurableConfig")
    ]


def test_a_policy_that_the_author_attached_is_not_attached_again() -> None:
    stack = sam("F: {Type: AWS::Serverless::Function, Properties: {Policies: AWSLambdaBasicExecutionRole}}")
    assert [kind for kind, _, _ in carriers(stack, "FRole")] == ["managed-arn"]


def test_with_a_role_sam_adds_nothing() -> None:
    stack = sam(
        "F: {Type: AWS::Serverless::Function, Properties: {Role: 'arn:aws:iam::1:role/x', Tracing: Active}}"
    )
    assert list(stack.all_roles) == ["arn:aws:iam::1:role/x"]
    assert not stack.roles["arn:aws:iam::1:role/x"].all_carriers


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("SQS", "Allow sqs:SendMessage on ${Q.Arn}"),
        ("SNS", "Allow sns:Publish on ${Q.Arn}"),
    ],
)
def test_dead_letters(kind: str, expected: str) -> None:
    stack = sam(
        QUEUE + "F: {Type: AWS::Serverless::Function, Properties: "
        "{DeadLetterQueue: {Type: " + kind + ", TargetArn: !GetAtt Q.Arn}}}"
    )
    assert inline(stack, "FRole") == [expected]


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ("{Type: SQS, Destination: !GetAtt Q.Arn}", ["Allow sqs:SendMessage on ${Q.Arn}"]),
        ("{Type: SQS}", ["Allow sqs:SendMessage on ${FEventInvokeConfigOnFailureQueue.Arn}"]),
        ("{Type: SNS}", ["Allow sns:Publish on ${FEventInvokeConfigOnFailureTopic}"]),
        ("{Type: Lambda, Destination: !Ref Arn}", ["Allow lambda:InvokeFunction on ${Arn}"]),
        ("{Type: EventBridge, Destination: !Ref Arn}", ["Allow events:PutEvents on ${Arn}"]),
        (
            "{Type: S3Bucket, Destination: !Ref Arn}",
            ["Allow s3:PutObject on ${Arn}/*", "Allow s3:ListBucket on ${Arn}"],
        ),
        ("{Type: Lambda}", []),
    ],
)
def test_destinations(destination: str, expected: list[str]) -> None:
    stack = stack_of(
        f"""
        Parameters: {{Arn: {{Type: String}}}}
        Resources:
          Q: {{Type: AWS::SQS::Queue}}
          F:
            Type: AWS::Serverless::Function
            Properties:
              EventInvokeConfig: {{DestinationConfig: {{OnFailure: {destination}}}}}
        """
    )
    assert inline(stack, "FRole") == expected


def test_a_destination_in_one_branch_leaves_the_made_queue_in_the_other() -> None:
    stack = stack_of(
        """
        Parameters: {Own: {Type: String, AllowedValues: ['yes', 'no']}}
        Conditions: {HasOwn: !Equals [!Ref Own, 'yes']}
        Resources:
          Q: {Type: AWS::SQS::Queue}
          F:
            Type: AWS::Serverless::Function
            Properties:
              EventInvokeConfig:
                DestinationConfig:
                  OnSuccess: {Type: SQS, Destination: !If [HasOwn, !GetAtt Q.Arn, !Ref AWS::NoValue]}
        """
    )
    (statement,) = [s for s in stack.roles["FRole"].all_statements if short(s).startswith("Allow sqs")]
    shown = [(element.text.display(), element.guard.display()) for element in statement.resources]
    assert shown == [
        ("${Q.Arn}", "HasOwn"),
        ("${FEventInvokeConfigOnSuccessQueue.Arn}", "not HasOwn"),
    ]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Kinesis", "AWSLambdaKinesisExecutionRole"),
        ("DynamoDB", "AWSLambdaDynamoDBExecutionRole"),
        ("SQS", "AWSLambdaSQSQueueExecutionRole"),
        ("MSK", "AWSLambdaMSKExecutionRole"),
    ],
)
def test_polled_sources_attach_a_managed_policy(kind: str, name: str) -> None:
    stack = sam(
        "F: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: "
        + kind
        + ", Properties: {Stream: !Ref S, Queue: !Ref S}}}}}"
    )
    assert ("generated", name, "Events.E") in carriers(stack, "FRole")
    (brought,) = [each for each in stack.roles["FRole"].brought if each.carrier.name == name]
    assert any("*" in short(statement) for statement in brought.statements)


def test_a_topic_through_a_queue_polls_the_queue() -> None:
    stack = sam(
        "F: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: SNS, "
        "Properties: {Topic: !Ref T, SqsSubscription: true}}}}}"
    )
    assert ("generated", "AWSLambdaSQSQueueExecutionRole", "Events.E") in carriers(stack, "FRole")


_NETWORK = (
    "Allow ec2:CreateNetworkInterface,ec2:DescribeNetworkInterfaces,ec2:DeleteNetworkInterface,"
    "ec2:DescribeVpcs,ec2:DescribeSubnets,ec2:DescribeSecurityGroups on *"
)
_KEY = "Allow kms:Decrypt on arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/k"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            "Type: MQ, Properties: {Broker: !GetAtt B.Arn, SecretsManagerKmsKeyId: k, "
            "SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: !Ref S}]}",
            ["Allow secretsmanager:GetSecretValue on ${S}", "Allow mq:DescribeBroker on ${B.Arn}", _KEY],
        ),
        (
            "Type: SelfManagedKafka, Properties: "
            "{SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: !Ref S}, "
            "{Type: VPC_SUBNET, URI: 'subnet:s'}, {Type: VPC_SECURITY_GROUP, URI: 'security_group:g'}]}",
            ["Allow secretsmanager:GetSecretValue on ${S}", _NETWORK],
        ),
        (
            "Type: DocumentDB, Properties: {Cluster: !Ref C, "
            "SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: !Ref S}]}",
            [
                "Allow secretsmanager:GetSecretValue on ${S}",
                "Allow rds:DescribeDBClusterParameters on "
                "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster-pg:*",
                "Allow rds:DescribeDBSubnetGroups on "
                "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:subgrp:*",
                "Allow rds:DescribeDBClusters on ${C}",
                _NETWORK,
            ],
        ),
        (
            "Type: MSK, Properties: {Stream: !Ref C, SchemaRegistryConfig: "
            "{AccessConfigs: [{Type: x, URI: !Ref S}], SchemaRegistryURI: !Sub "
            "'arn:${AWS::Partition}:glue:eu-west-1:${AWS::AccountId}:registry/orders'}}",
            [
                "Allow secretsmanager:GetSecretValue on ${S}",
                "Allow glue:GetRegistry on "
                "arn:${AWS::Partition}:glue:eu-west-1:${AWS::AccountId}:registry/orders",
                "Allow glue:GetSchemaVersion on "
                "arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:schema/orders/*",
            ],
        ),
        (
            "Type: Kinesis, Properties: {Stream: !Ref C, "
            "DestinationConfig: {OnFailure: {Type: SNS, Destination: !Ref S}}}",
            ["Allow sns:Publish on ${S}"],
        ),
        (
            "Type: Kinesis, Properties: {Stream: !Ref C, "
            "DestinationConfig: {OnFailure: {Destination: !Ref S}}}",
            [],
        ),
    ],
)
def test_polled_sources_add_statements(event: str, expected: list[str]) -> None:
    stack = sam("F: {Type: AWS::Serverless::Function, Properties: {Events: {E: {" + event + "}}}}")
    assert inline(stack, "FRole") == expected


def test_roles_that_sam_makes_besides() -> None:
    stack = sam(
        """
        F:
          Type: AWS::Serverless::Function
          Properties:
            AutoPublishAlias: live
            DeploymentPreference: {Type: AllAtOnce}
            Events:
              Nightly:
                Type: ScheduleV2
                Properties: {ScheduleExpression: rate(1 day), DeadLetterConfig: {Type: SQS}}
              Own: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), RoleArn: !Ref R}}
        M:
          Type: AWS::Serverless::StateMachine
          Properties:
            Tracing: {Enabled: true}
            PermissionsBoundary: arn:aws:iam::aws:policy/PowerUserAccess
            Events:
              Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
              Call: {Type: Api, Properties: {Path: /x, Method: get}}
        """
    )
    assert [key for key, role in stack.all_roles.items() if role.generated] == [
        "FRole",
        "MRole",
        "FNightlyRole",
        "CodeDeployServiceRole",
        "MHourlyRole",
        "MCallRole",
    ]
    assert inline(stack, "FNightlyRole") == [
        "Allow lambda:InvokeFunction on ${FAliaslive}",
        "Allow sqs:SendMessage on ${FNightlyQueue.Arn}",
    ]
    assert inline(stack, "MHourlyRole") == ["Allow states:StartExecution on ${M}"]
    assert carriers(stack, "MRole") == [("generated", "AWSXrayWriteOnlyAccess", "Tracing")]
    assert [name for _, name, _ in carriers(stack, "CodeDeployServiceRole")] == ["AWSCodeDeployRoleForLambda"]
    bounded = [key for key, role in stack.all_roles.items() if role.boundary]
    assert bounded == ["MRole", "MHourlyRole", "MCallRole"]
    assert list(stack.roles) == ["FRole", "MRole"]


def test_data_sources_of_a_graph() -> None:
    stack = sam(
        """
        G:
          Type: AWS::Serverless::GraphQLApi
          Properties:
            DataSources:
              DynamoDb: {Orders: {TableName: orders, Permissions: [Read]}}
              Lambda: {Code: {FunctionArn: !Ref F}, Given: {FunctionArn: !Ref F, ServiceRoleArn: !Ref R}}
        """
    )
    table = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders"
    assert [key for key, role in stack.all_roles.items() if role.generated] == [
        "GCloudWatchRole",
        "GOrdersDynamoDBDataSourceRole",
        "GCodeLambdaDataSourceRole",
    ]
    (read,) = inline(stack, "GOrdersDynamoDBDataSourceRole")
    assert read.endswith(f" on {table},{table}/index/*")
    assert "dynamodb:PutItem" not in read
    (invoke,) = inline(stack, "GCodeLambdaDataSourceRole")
    assert invoke.startswith("Allow lambda:InvokeAsync,lambda:InvokeFunction on ${F}")


def test_a_capacity_provider_and_a_web_function_have_roles() -> None:
    stack = sam("C: {Type: AWS::Serverless::CapacityProvider}\nW: {Type: AWS::Serverless::WebFunction}")
    assert carriers(stack, "COperatorRole") == [("generated", "AWSLambdaManagedEC2ResourceOperator", "")]
    assert carriers(stack, "WRole") == [("generated", "AWSLambdaBasicExecutionRole", "")]


def test_policies_attach_to_a_role_that_sam_makes() -> None:
    stack = sam(
        """
        F: {Type: AWS::Serverless::Function}
        P:
          Type: AWS::IAM::Policy
          Properties:
            Roles: [!Ref FRole]
            PolicyDocument: {Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}}
        """
    )
    assert list(stack.roles) == ["FRole"]
    assert [carrier.kind for carrier in stack.roles["FRole"].carriers] == ["policy"]


ROLE = """
Resources:
  R:
    Type: AWS::IAM::Role
    Properties: {ManagedPolicyArns: [%s]}
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: orders
      PolicyDocument: {Statement: {Effect: Allow, Action: 's3:GetObject', Resource: '*'}}
"""


@pytest.mark.parametrize(
    "arn",
    [
        "!Ref P",
        "!GetAtt P.PolicyArn",
        "!Sub 'arn:aws:iam::${AWS::AccountId}:policy/orders'",
        "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/team/orders'",
    ],
)
def test_the_templates_own_managed_policy_under_every_name(arn: str) -> None:
    stack = stack_of(ROLE % arn)
    role = stack.roles["R"]
    assert [carrier.kind for carrier in role.carriers] == ["managed-policy"]
    assert [short(statement) for statement in role.all_statements] == ["Allow s3:GetObject on *"]
    assert not stack.notes


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess",
        "!Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonSQSReadOnlyAccess'",
        "!Join ['', ['arn:', !Ref AWS::Partition, ':iam::aws:policy/AmazonSQSReadOnlyAccess']]",
    ],
)
def test_documents_of_aws_managed_policies(arn: str) -> None:
    stack = stack_of(ROLE % arn)
    role = stack.roles["R"]
    (statement,) = role.all_statements
    assert "sqs:ReceiveMessage" not in short(statement)
    assert "sqs:GetQueueUrl" in short(statement)
    assert statement.carrier is role.carriers[0]
    assert {element.node for element in statement.actions} == {role.carriers[0].node}
    assert not role.statements


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111122223333:policy/shared",
        "!ImportValue SharedPolicy",
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "!Sub 'arn:aws:iam::aws:policy/${Name}'",
    ],
)
def test_what_cannot_be_seen_is_named(arn: str) -> None:
    stack = stack_of(ROLE % arn)
    role = stack.roles["R"]
    assert role.unseen == role.carriers
    assert not role.all_statements


def test_a_permission_set_has_policies() -> None:
    stack = stack_of(
        """
        Resources:
          Admins:
            Type: AWS::SSO::PermissionSet
            Properties:
              InlinePolicy: '{"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}'
              ManagedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess']
        """
    )
    assert [short(statement) for statement in stack.statements] == ["Allow iam:* on *"]
    assert len(stack.roles["Admins"].all_statements) == 2


def test_a_policy_that_is_attached_in_one_branch_counts_there() -> None:
    document = "{Statement: {Effect: Allow, Action: 's3:%s', Resource: '*'}}"
    stack = stack_of(
        f"""
        Parameters: {{Stage: {{Type: String, AllowedValues: [dev, prod]}}}}
        Conditions: {{IsProd: !Equals [!Ref Stage, prod]}}
        Resources:
          R:
            Type: AWS::IAM::Role
            Properties: {{ManagedPolicyArns: [!If [IsProd, !Ref Own, !Ref AWS::NoValue]]}}
          S: {{Type: AWS::IAM::Role}}
          Own: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {document % "Get*"}}}}}
          Put:
            Type: AWS::IAM::Policy
            Properties:
              Roles: [!If [IsProd, !Ref R, !Ref S], !Ref S]
              PolicyDocument: {document % "Put*"}
          Tag:
            Type: AWS::IAM::RolePolicy
            Condition: IsProd
            Properties: {{RoleName: !Ref S, PolicyDocument: {document % "Tag*"}}}
        """
    )
    told = {
        key: [(short(one).split()[1], one.guard.display()) for one in role.all_statements]
        for key, role in stack.roles.items()
    }
    assert told == {
        "R": [("s3:Put*", "IsProd"), ("s3:Get*", "IsProd")],
        "S": [("s3:Put*", ""), ("s3:Tag*", "IsProd")],
    }


@pytest.mark.parametrize(
    ("boundary", "visible"),
    [
        ("{ManagedPolicyArn: 'arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess'}", True),
        ("{CustomerManagedPolicyReference: {Name: edge}}", False),
    ],
)
def test_policies_of_a_permission_set_in_other_accounts_are_not_visible(boundary: str, visible: bool) -> None:
    stack = stack_of(
        f"""
        Resources:
          Admins:
            Type: AWS::SSO::PermissionSet
            Properties:
              CustomerManagedPolicyReferences: [{{Name: ours, Path: /team/}}]
              PermissionsBoundary: {boundary}
        """
    )
    role = stack.roles["Admins"]
    assert [carrier.name for carrier in role.unseen] == ["ours"]
    assert [each.visible for each in role.boundary] == [visible]


@pytest.mark.parametrize(
    "type", ["EKS::PodIdentityAssociation Policy", "RolesAnywhere::Profile SessionPolicy"]
)
def test_session_policies_as_text_only_limit(type: str) -> None:
    name, path = type.split()
    text = '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
    stack = stack_of(f"Resources: {{X: {{Type: 'AWS::{name}', Properties: {{{path}: '{text}'}}}}}}")
    assert [short(each) for each in stack.limits] == ["Allow s3:* on *"]
    assert not stack.statements
    assert not stack.resource_policies


def test_names_of_policies_that_sam_does_not_know_are_not_visible() -> None:
    stack = stack_of(
        """
        Transform: AWS::Serverless-2016-10-31
        Parameters: {S: {Type: String}}
        Conditions: {C: !Equals [!Ref S, a]}
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              Policies: [NotAKnownName, !If [C, AmazonS3ReadOnlyAccess, AmazonSQSReadOnlyAccess]]
        """
    )
    role = stack.roles["FRole"]
    assert [carrier.name for carrier in role.unseen] == ["NotAKnownName"]
    assert [(each.name, each.guard.display()) for each in role.carriers][1:] == [
        ("AmazonS3ReadOnlyAccess", "C"),
        ("AmazonSQSReadOnlyAccess", "not C"),
    ]


def test_globals_can_be_switched_off_one_by_one() -> None:
    stack = stack_of(
        """
        Globals: {Function: {Tracing: Active, PermissionsBoundary: arn:aws:iam::aws:policy/PowerUserAccess}}
        Resources:
          F: {Type: AWS::Serverless::Function, IgnoreGlobals: [Tracing]}
        """
    )
    assert [name for _, name, _ in carriers(stack, "FRole")] == ["AWSLambdaBasicExecutionRole"]
    assert [each.carrier.name for each in stack.roles["FRole"].boundary] == ["PowerUserAccess"]


def test_logging_of_a_state_machine_adds_nothing() -> None:
    stack = sam("M: {Type: AWS::Serverless::StateMachine, Properties: {Logging: {Level: ALL}}}")
    assert carriers(stack, "MRole") == []


def test_a_mapping_of_two_policy_templates_grants_nothing() -> None:
    stack = sam(
        "F: {Type: AWS::Serverless::Function, Properties: "
        "{Policies: [{S3ReadPolicy: {BucketName: a}, SQSPollerPolicy: {QueueName: b}}]}}"
    )
    assert not stack.statements
    (note,) = stack.notes
    assert "S3ReadPolicy, SQSPollerPolicy" in note.reason
