"""The SAM reader: Policies in every form, Globals, and the roles that SAM generates."""

from __future__ import annotations

import textwrap

from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.template import cloudformation
from scopedown.template.stack import Stack


def stack_of(template: str) -> Stack:
    """The stack of a SAM template; the Transform line is added."""
    text = "Transform: AWS::Serverless-2016-10-31\n" + textwrap.dedent(template)
    document = Document("template.yaml", text)
    (root,) = parse_yaml(document)
    assert isinstance(root, Mapping)
    return cloudformation.read(document, root, "sam")


def test_policies_in_every_form() -> None:
    stack = stack_of(
        """
        Resources:
          Table: {Type: AWS::DynamoDB::Table}
          F:
            Type: AWS::Serverless::Function
            Properties:
              Policies:
                - AmazonS3FullAccess
                - !Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonSQSFullAccess'
                - Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}
                - Version: '2012-10-17'
                  Statement: [{Effect: Allow, Action: 'sqs:*', Resource: '*'}]
                - DynamoDBReadPolicy: {TableName: !Ref Table}
        """
    )
    role = stack.roles["FRole"]
    assert [(c.kind, c.name, c.path.rsplit(".", 1)[1]) for c in role.carriers] == [
        ("managed-arn", "AmazonS3FullAccess", "Policies[0]"),
        ("managed-arn", "AmazonSQSFullAccess", "Policies[1]"),
        ("sam-inline", "", "Policies[2]"),
        ("sam-inline", "", "Policies[3]"),
        ("sam-template", "DynamoDBReadPolicy", "Policies[4]"),
    ]
    assert role.generated
    assert [function.id for function, _, _ in role.functions] == ["F"]
    template = role.statements[-1]
    assert "dynamodb:GetItem" in [element.text.display() for element in template.actions]
    assert template.resources[0].text.display().endswith(":table/${Table}")


def test_policies_as_one_document_one_name_and_one_template() -> None:
    stack = stack_of(
        """
        Resources:
          A:
            Type: AWS::Serverless::Function
            Properties:
              Policies: {Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}
          B:
            Type: AWS::Serverless::Function
            Properties: {Policies: AmazonS3FullAccess}
          C:
            Type: AWS::Serverless::Function
            Properties: {Policies: {SQSPollerPolicy: {QueueName: q}}}
        """
    )
    kinds = [role.carriers[0].kind for role in stack.roles.values()]
    assert kinds == ["sam-inline", "managed-arn", "sam-template"]


def test_with_a_role_policies_grant_nothing() -> None:
    stack = stack_of(
        """
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              Role: arn:aws:iam::1:role/x
              Policies: [{Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}]
        """
    )
    assert not stack.statements
    assert list(stack.roles) == ["arn:aws:iam::1:role/x"]


def test_a_role_in_one_branch_leaves_the_generated_role_in_the_other() -> None:
    stack = stack_of(
        """
        Parameters: {Own: {Type: String, AllowedValues: ['yes', 'no']}}
        Conditions: {HasRole: !Equals [!Ref Own, 'yes']}
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              Role: !If [HasRole, arn:aws:iam::1:role/x, !Ref AWS::NoValue]
              Policies: [{Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}]
        """
    )
    (function,) = stack.functions
    assert [(role.key, guard.display()) for role, guard, _ in function.roles] == [
        ("FRole", "not HasRole"),
        ("arn:aws:iam::1:role/x", "HasRole"),
    ]
    assert stack.statements[0].guard.display() == "not HasRole"


def test_a_wildcard_given_to_a_policy_template_is_underlined_where_it_was_given() -> None:
    stack = stack_of(
        """
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              Policies:
                - S3ReadPolicy:
                    BucketName: '*'
        """
    )
    places = {element.node.span.text for statement in stack.statements for element in statement.resources}
    assert places == {"'*'"}


def test_globals_reach_functions_that_do_not_ignore_them() -> None:
    stack = stack_of(
        """
        Globals:
          Function:
            ReservedConcurrentExecutions: 5
            Environment: {Variables: {A: one, B: two}}
        Resources:
          Takes:
            Type: AWS::Serverless::Function
            Properties: {Environment: {Variables: {B: three}}}
          Ignores:
            Type: AWS::Serverless::Function
            IgnoreGlobals: '*'
            Properties: {}
          IgnoresOne:
            Type: AWS::Serverless::Function
            IgnoreGlobals: [Environment]
            Properties: {}
        """
    )
    takes, ignores, one = stack.functions
    assert [element.text.literal for element in takes.reserved] == ["5"]
    assert {name: values[0].text.literal for name, values in takes.environment.items()} == {
        "A": "one",
        "B": "three",
    }
    assert (ignores.reserved, ignores.environment) == ([], {})
    assert [element.text.literal for element in one.reserved] == ["5"]
    assert one.environment == {}


def test_a_policy_template_that_does_not_exist_is_noted() -> None:
    stack = stack_of(
        """
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              Policies:
                - S3ReadPolicy: {BucketName: b}
                  S3WritePolicy: {BucketName: b}
                - NoSuchPolicy: {}
        """
    )
    assert [note.reason for note in stack.notes] == [
        "no SAM policy template has this form: S3ReadPolicy, S3WritePolicy",
        "no SAM policy template has this form: NoSuchPolicy",
    ]


def test_state_machines_have_roles_too() -> None:
    stack = stack_of(
        """
        Resources:
          M:
            Type: AWS::Serverless::StateMachine
            Properties:
              Policies: [{Statement: [{Effect: Allow, Action: 'lambda:*', Resource: '*'}]}]
        """
    )
    assert stack.roles["MRole"].label == "M"
    assert len(stack.statements) == 1
