"""Constructs of serverless-lift: what they give to the shared role, and the roles and policies they make."""

from __future__ import annotations

from .plugged import places, says, stack_of, told, trusted, used_by

SHARED = "IamRoleLambdaExecution"
TOP = "service: bakery\nframeworkVersion: '3'\nprovider:\n  name: aws\n"
CONSTRUCTS = """\
plugins: [serverless-lift]
functions:
  hello: {handler: index.hello}
constructs:
  avatars: {type: storage}
  my-jobs: {type: queue, maxConcurrency: 4, worker: {handler: index.work}}
  hook: {type: webhook, insecure: true, path: /hook}
  shop: {type: database/dynamodb-single-table}
"""
STORAGE = ",".join(
    f"s3:{verb}"
    for verb in (
        "PutObject GetObject DeleteObject ListBucket GetObjectAcl PutObjectAcl GetObjectTagging "
        "PutObjectTagging DeleteObjectTagging GetObjectAttributes AbortMultipartUpload "
        "ListMultipartUploadParts ListBucketMultipartUploads RestoreObject"
    ).split()
)
TABLE = ",".join(
    f"dynamodb:{verb}"
    for verb in (
        "GetItem BatchGetItem Query Scan PutItem DeleteItem BatchWriteItem UpdateItem ConditionCheckItem"
    ).split()
)
GIVEN = [
    f"Allow {STORAGE} on ${{avatarsBucket9C01FB71.Arn}},${{avatarsBucket9C01FB71.Arn}}/*",
    "Allow sqs:SendMessage,sqs:ChangeMessageVisibility on ${myjobsQueueD4765FA1.Arn}",
    f"Allow {TABLE} on ${{shopTable11F5CA91.Arn}},${{shopTable11F5CA91.Arn}}/index/*",
]
POLLED = "Allow sqs:ReceiveMessage,sqs:DeleteMessage,sqs:GetQueueAttributes on ${myjobsQueueD4765FA1.Arn}"


def test_constructs_give_statements_to_every_function_on_the_shared_role() -> None:
    stack = stack_of(CONSTRUCTS, TOP)
    assert sorted(says(stack, SHARED)) == sorted([*GIVEN, POLLED])
    found = [each for each in places(stack, SHARED) if each[2].startswith("constructs.")]
    assert sorted(each[2:] for each in found) == [
        ("constructs.avatars", 9),
        ("constructs.my-jobs", 10),
        ("constructs.my-jobs.worker.events[0].sqs", 10),
        ("constructs.shop", 12),
    ]
    assert [function.label for function, _, _ in stack.roles[SHARED].functions] == ["hello", "my-jobsWorker"]
    # Nobody wrote them: no rule judges them.
    assert stack.statements == []
    assert told(stack) == []


def test_the_worker_of_a_queue_is_triggered_by_it() -> None:
    stack = stack_of(CONSTRUCTS, TOP)
    (worker,) = [each for each in stack.functions if each.label == "my-jobsWorker"]
    assert worker.resource.path == "constructs.my-jobs.worker"
    assert [(each.kind, each.source_id, each.bounded, each.bound) for each in worker.triggers] == [
        ("sqs", "myjobsQueueD4765FA1", True, "4")
    ]


def test_a_worker_may_be_a_function_of_the_service() -> None:
    stack = stack_of(
        "plugins: [serverless-lift]\nfunctions:\n  hello: {handler: index.hello}\n"
        "constructs:\n  jobs: {type: queue, worker: hello}\n",
        TOP,
    )
    (hello,) = stack.functions
    assert [each.kind for each in hello.triggers] == ["sqs"]


def test_a_webhook_has_a_role_that_puts_events() -> None:
    stack = stack_of(CONSTRUCTS, TOP)
    role = "hookApiGatewayRoleD345C827"
    assert says(stack, role) == ["Allow events:PutEvents on ${hookBusA949382F.Arn}"]
    assert trusted(stack, role) == ["apigateway.amazonaws.com"]
    assert used_by(stack, role) == [
        ("AWS::ApiGatewayV2::Integration", "Resources.hookIntegration4C2E5FB3.Properties.CredentialsArn")
    ]


def test_automatic_permissions_can_be_off() -> None:
    stack = stack_of(CONSTRUCTS + "lift: {automaticPermissions: false}\n", TOP)
    assert says(stack, SHARED) == [POLLED]


PER_FUNCTION = """\
plugins: [serverless-lift, serverless-iam-roles-per-function]
functions:
  hello:
    handler: index.hello
    iamRoleStatementsInherit: true
    iamRoleStatements: []
constructs:
  jobs: {type: queue, worker: {handler: index.work}}
"""
SEND = "Allow sqs:SendMessage,sqs:ChangeMessageVisibility on ${jobsQueue"


def test_a_function_that_inherits_gets_them_too() -> None:
    inherited = "  iamRoleStatements:\n    - {Effect: Allow, Action: 's3:ListAllMyBuckets', Resource: '*'}\n"
    stack = stack_of(PER_FUNCTION, TOP + inherited)
    assert [line for line in says(stack, "HelloIamRoleLambdaExecution") if line.startswith(SEND)] != []


def test_they_do_not_reach_an_own_role_past_the_newer_key() -> None:
    # They land in provider.iamRoleStatements, and the plugin for roles looks at provider.iam only.
    stack = stack_of(PER_FUNCTION, TOP + "  iam: {deploymentRole: 'arn:aws:iam::111122223333:role/d'}\n")
    assert [line for line in says(stack, "HelloIamRoleLambdaExecution") if line.startswith(SEND)] == []
    assert [line for line in says(stack, SHARED) if line.startswith(SEND)] != []


def test_a_public_path_opens_a_bucket() -> None:
    stack = stack_of(
        "plugins: [serverless-lift]\nconstructs:\n"
        "  photos: {type: storage, publicPath: /menu/}\n  site: {type: static-website, path: public}\n",
        TOP,
    )
    found = [
        (
            each.carrier.owner,
            [a.text.display() for a in each.actions],
            [r.text.display() for r in each.resources],
        )
        for each in stack.resource_policies
    ]
    buckets = [id for id, each in stack.resources.items() if each.type == "AWS::S3::Bucket"]
    photos, site = [id for id in buckets if id != "ServerlessDeploymentBucket"]
    policies = [id for id, each in stack.resources.items() if each.type == "AWS::S3::BucketPolicy"]
    assert found == [
        (policies[0], ["s3:GetObject"], [f"${{{photos}.Arn}}/menu/*"]),
        (policies[1], ["s3:GetObject"], [f"${{{site}.Arn}}/*"]),
    ]


def test_a_vpc_gives_the_shared_role_its_policy() -> None:
    text = "plugins: [serverless-lift]\nfunctions: {hello: {handler: a.b}}\nconstructs: {net: {type: vpc}}\n"
    names = [each.name for each in stack_of(text, TOP).roles[SHARED].all_carriers]
    assert names[-1] == "AWSLambdaVPCAccessExecutionRole"


def test_a_construct_that_is_not_known_is_told() -> None:
    stack = stack_of("plugins: [serverless-lift]\nconstructs:\n  oven: {type: furnace}\n", TOP)
    assert told(stack) == [("construct", "constructs of the type 'furnace' are not analysed", 7)]


def test_a_part_that_the_name_ends_with_already_is_not_said_again() -> None:
    constructs = "plugins: [serverless-lift]\nfunctions: {sell: {handler: a.b}}\nconstructs:\n"
    stack = stack_of(constructs + "  lotteryQueue: {type: queue, worker: {handler: draw.main}}\n")
    queues = [resource.id for resource in stack.of_type("AWS::SQS::Queue")]
    assert "lotteryQueue2F1E8913" in queues
    assert not [id for id in queues if "QueueQueue" in id]
