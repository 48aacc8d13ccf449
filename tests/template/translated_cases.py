"""SAM templates that use what SAM adds to roles, each in every form that matters."""

from __future__ import annotations

_HEAD = """\
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Handler: app.handler, CodeUri: src/}
"""

CASES = {
    "policies": _HEAD
    + """\
Parameters:
  Table: {Type: String, Default: orders}
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - AmazonSQSReadOnlyAccess
        - !Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonSNSReadOnlyAccess'
        - arn:aws:iam::111122223333:policy/shared
        - DynamoDBCrudPolicy: {TableName: !Ref Table}
        - S3ReadPolicy: {BucketName: !If [IsProd, !Ref Bucket, scratch-*]}
        - VPCAccessPolicy: {}
        - AWSSecretsManagerRotationPolicy: {FunctionName: rotate}
        - Version: 2012-10-17
          Statement:
            - {Effect: Allow, Action: 's3:*', Resource: !Sub '${Bucket.Arn}/*'}
            - !If
              - IsProd
              - {Effect: Deny, Action: 's3:DeleteObject', Resource: '*'}
              - !Ref AWS::NoValue
        - !If [IsProd, AmazonS3ReadOnlyAccess, !Ref AWS::NoValue]
""",
    "roles": _HEAD
    + """\
Parameters: {Own: {Type: String, AllowedValues: ['yes', 'no']}}
Conditions: {HasOwn: !Equals [!Ref Own, 'yes']}
Resources:
  Given: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Dead:
    Type: AWS::Serverless::Function
    Properties: {Role: !GetAtt Given.Arn, Policies: [AmazonS3FullAccess], Tracing: Active}
  Branch:
    Type: AWS::Serverless::Function
    Properties:
      Role: !If [HasOwn, !GetAtt Given.Arn, !Ref AWS::NoValue]
      Policies: [{Statement: {Effect: Allow, Action: 'sqs:*', Resource: '*'}}]
  Sometimes:
    Type: AWS::Serverless::Function
    Condition: HasOwn
    Properties: {VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}}
""",
    "events": _HEAD
    + """\
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      DeploymentPreference: {Type: AllAtOnce}
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Queue.Arn}
      EventInvokeConfig:
        DestinationConfig:
          OnSuccess: {Type: SNS}
          OnFailure: {Type: S3Bucket, Destination: 'arn:aws:s3:::failed'}
      Events:
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}
        Stream:
          Type: Kinesis
          Properties:
            Stream: !GetAtt Stream.Arn
            StartingPosition: LATEST
            DestinationConfig: {OnFailure: {Type: SNS, Destination: !Ref Topic}}
        Broker:
          Type: MQ
          Properties:
            Broker: 'arn:aws:mq:eu-west-1:111122223333:broker:b:1'
            Queues: [q]
            SourceAccessConfigurations:
              - {Type: BASIC_AUTH, URI: 'arn:aws:secretsmanager:eu-west-1:1:secret:s'}
            SecretsManagerKmsKeyId: key
        Kafka:
          Type: SelfManagedKafka
          Properties:
            KafkaBootstrapServers: ['b:9092']
            Topics: [t]
            SourceAccessConfigurations:
              - {Type: SASL_SCRAM_512_AUTH, URI: 'arn:aws:secretsmanager:eu-west-1:1:secret:s'}
              - {Type: VPC_SUBNET, URI: 'subnet:subnet-1'}
              - {Type: VPC_SECURITY_GROUP, URI: 'security_group:sg-1'}
        Documents:
          Type: DocumentDB
          Properties:
            Cluster: 'arn:aws:rds:eu-west-1:111122223333:cluster:c'
            DatabaseName: d
            SourceAccessConfigurations:
              - {Type: BASIC_AUTH, URI: 'arn:aws:secretsmanager:eu-west-1:1:secret:s'}
        Fan: {Type: SNS, Properties: {Topic: !Ref Topic, SqsSubscription: true}}
        Nightly:
          Type: ScheduleV2
          Properties: {ScheduleExpression: rate(1 day), DeadLetterConfig: {Type: SQS}}
""",
    "machines": _HEAD
    + """\
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}
      Tracing: {Enabled: true}
      Policies: [{LambdaInvokePolicy: {FunctionName: work}}]
      Events:
        Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
        Later: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
        Order: {Type: EventBridgeRule, Properties: {Pattern: {source: [orders]}}}
        Call: {Type: Api, Properties: {Path: /run, Method: post}}
""",
    "connectors": _HEAD
    + """\
Resources:
  Table: {Type: AWS::Serverless::SimpleTable}
  Queue: {Type: AWS::SQS::Queue}
  F:
    Type: AWS::Serverless::Function
    Connectors:
      Data: {Properties: {Destination: {Id: Table}, Permissions: [Read, Write]}}
  M:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}}
  FromQueue:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: Queue}, Destination: {Id: F}, Permissions: [Read, Write]}
  FromMachine:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: M}, Destination: [{Id: F}, {Id: Queue}], Permissions: [Write]}
""",
}
