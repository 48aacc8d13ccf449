"""The plugin serverless-pseudo-parameters: #{...} becomes Fn::Sub in everything that is packaged."""

from __future__ import annotations

import pytest

from scopedown.template.serverless.plugins import pseudo_parameters

from .plugged import says, stack_of

SHARED = "IamRoleLambdaExecution"
PLUGIN = "plugins: [serverless-pseudo-parameters]\n"
TOP = "service: bakery\nframeworkVersion: '3'\nprovider:\n  name: aws\n  iam:\n    role:\n      statements:\n"
REST = "functions:\n  bake: {handler: index.bake}\n"


def statement(resource: str) -> str:
    """The start of a service whose role has a statement on a resource."""
    return f"{TOP}        - {{Effect: Allow, Action: 's3:GetObject', Resource: {resource}}}\n"


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("'arn:aws:s3:::cakes-#{AWS::AccountId}'", "arn:aws:s3:::cakes-${AWS::AccountId}"),
        ("'arn:aws:s3:::#{Cakes}/#{Cakes.Arn}'", "arn:aws:s3:::${Cakes}/${Cakes.Arn}"),
        ("{'Fn::Sub': 'arn:aws:s3:::#{Cakes}-${AWS::Region}'}", "arn:aws:s3:::${Cakes}-${AWS::Region}"),
        (
            "{'Fn::Join': ['', ['arn:aws:s3:::', '#{AWS::Region}-x']]}",
            "arn:aws:s3:::${AWS::Region}-x",
        ),
        ("'arn:aws:s3:::x-#@{AWS::Region}'", "arn:aws:s3:::x-#{AWS::Region}"),
        ("'arn:aws:s3:::#hash'", "arn:aws:s3:::#hash"),
    ],
)
def test_references_are_substituted(resource: str, expected: str) -> None:
    stack = stack_of(PLUGIN + REST, statement(resource))
    assert says(stack, SHARED) == [f"Allow s3:GetObject on {expected}"]
    (found,) = stack.statements
    assert (found.path, found.node.span.line) == ("provider.iam.role.statements[0]", 8)


def test_only_pseudo_parameters_where_references_are_not_allowed() -> None:
    custom = "custom: {pseudoParameters: {allowReferences: false}}\n"
    stack = stack_of(PLUGIN + custom + REST, statement("'arn:aws:s3:::#{Cakes}-#{AWS::Region}'"))
    assert says(stack, SHARED) == ["Allow s3:GetObject on arn:aws:s3:::#{Cakes}-${AWS::Region}"]


def test_without_the_plugin_it_is_text() -> None:
    stack = stack_of(REST, statement("'arn:aws:s3:::cakes-#{AWS::AccountId}'"))
    assert says(stack, SHARED) == ["Allow s3:GetObject on arn:aws:s3:::cakes-#{AWS::AccountId}"]
    assert stack.packaged is not None
    found = list(pseudo_parameters.literal(stack.packaged.service.provider))
    assert [(each.value, each.span.line) for each in found] == [("arn:aws:s3:::cakes-#{AWS::AccountId}", 8)]


def test_what_the_framework_derives_is_substituted_too() -> None:
    events = "    events:\n      - sqs: arn:aws:sqs:#{AWS::Region}:#{AWS::AccountId}:crumbs\n"
    text = PLUGIN + "functions:\n  bake:\n    handler: index.bake\n" + events
    stack = stack_of(text, "service: bakery\nframeworkVersion: '3'\nprovider:\n  name: aws\n")
    actions = "sqs:ReceiveMessage,sqs:DeleteMessage,sqs:GetQueueAttributes"
    queue = "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:crumbs"
    assert says(stack, SHARED) == [f"Allow {actions} on {queue}"]


def test_resources_of_the_author_are_substituted() -> None:
    resources = """\
resources:
  Resources:
    Cakes:
      Type: AWS::S3::Bucket
      Properties: {BucketName: 'cakes-#{AWS::AccountId}'}
    Oven:
      Type: AWS::IAM::Role
      Properties:
        Policies:
          - PolicyName: bake
            PolicyDocument:
              Statement: {Effect: Allow, Action: 's3:PutObject', Resource: 'arn:aws:s3:::#{Cakes}/*'}
"""
    stack = stack_of(PLUGIN + REST + resources, statement("'*'"))
    assert says(stack, "Oven") == ["Allow s3:PutObject on arn:aws:s3:::${Cakes}/*"]
    properties = stack.resources["Cakes"].properties
    assert properties is not None
    name = properties.get("BucketName")
    assert [each.text.display() for each in stack.resolver.elements(name)] == ["cakes-${AWS::AccountId}"]


def test_a_changed_role_keeps_its_authors_apart() -> None:
    override = """\
resources:
  Resources:
    IamRoleLambdaExecution:
      Properties:
        Policies:
          - PolicyDocument:
              Statement:
                - {Resource: 'arn:aws:s3:::#{AWS::Region}'}
"""
    stack = stack_of(PLUGIN + REST + override, statement("'arn:aws:s3:::cakes-#{AWS::AccountId}'"))
    paths = [(each.path, each.carrier.owner) for each in stack.roles[SHARED].statements]
    assert ("provider.iam.role.statements[0]", "provider") in paths
    assert "Allow s3:GetObject on arn:aws:s3:::cakes-${AWS::AccountId}" in says(stack, SHARED)
