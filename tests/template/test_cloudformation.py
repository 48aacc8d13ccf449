"""The CloudFormation reader: what every carrier brings to a role, and one role for all its spellings."""

from __future__ import annotations

import textwrap

from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.template import cloudformation
from scopedown.template.stack import Stack


def stack_of(template: str, dialect: str = "cloudformation", given: dict[str, str] | None = None) -> Stack:
    """The stack of a template."""
    document = Document("template.yaml", textwrap.dedent(template))
    (root,) = parse_yaml(document)
    assert isinstance(root, Mapping)
    return cloudformation.read(document, root, dialect, given)


def granted(stack: Stack, role: str) -> list[str]:
    """Actions of a role's statements, in order."""
    statements = stack.roles[role].statements
    return [element.text.display() for statement in statements for element in statement.actions]


def wearers(stack: Stack) -> dict[str, list[str]]:
    """Role key to the functions that run under it."""
    return {role.key: [function.id for function, _, _ in role.functions] for role in stack.roles.values()}


ROLE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: orders-role
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
        - !Ref Shared
      Policies:
        - PolicyName: a
          PolicyDocument: {Statement: {Effect: Allow, Action: a:Inline, Resource: '*'}}
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Action: b:FromRoleSide, Resource: '*'}]}
  Attached:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref Role]
      PolicyDocument: {Statement: [{Effect: Allow, Action: c:FromPolicySide, Resource: '*'}]}
  Extra:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: x
      Roles: [orders-role]
      PolicyDocument: {Statement: [{Effect: Allow, Action: d:ByName, Resource: '*'}]}
  More:
    Type: AWS::IAM::RolePolicy
    Properties:
      PolicyName: y
      RoleName: !Ref Role
      PolicyDocument: '{"Statement": [{"Effect": "Allow", "Action": "e:Json", "Resource": "*"}]}'
"""


def test_a_role_has_what_every_carrier_brings() -> None:
    stack = stack_of(ROLE)
    assert sorted(granted(stack, "Role")) == [
        "a:Inline",
        "b:FromRoleSide",
        "c:FromPolicySide",
        "d:ByName",
        "e:Json",
    ]
    names = [carrier.name for carrier in stack.roles["Role"].carriers if carrier.kind == "managed-arn"]
    assert names == ["AWSLambdaBasicExecutionRole"]


def test_every_spelling_of_a_role_is_one_role() -> None:
    spellings = [
        "!GetAtt Role.Arn",
        "{'Fn::GetAtt': [Role, Arn]}",
        "!Sub '${Role.Arn}'",
        "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Role}'",
        "!Sub 'arn:aws:iam::${AWS::AccountId}:role/orders-role'",
        "!Join ['', ['arn:aws:iam::', !Ref AWS::AccountId, ':role/orders-role']]",
    ]
    functions = "".join(
        f"  F{n}:\n    Type: AWS::Lambda::Function\n    Properties:\n      Role: {spelling}\n"
        for n, spelling in enumerate(spellings)
    )
    stack = stack_of(ROLE + functions)
    assert wearers(stack) == {"Role": [f"F{n}" for n in range(len(spellings))]}


def test_roles_outside_the_template_are_told_apart_by_what_names_them() -> None:
    stack = stack_of(
        """
        Parameters: {RoleArn: {Type: String}}
        Resources:
          A: {Type: AWS::Lambda::Function, Properties: {Role: !Ref RoleArn}}
          B: {Type: AWS::Lambda::Function, Properties: {Role: !Sub '${RoleArn}'}}
          C: {Type: AWS::Lambda::Function, Properties: {Role: !ImportValue shared-role}}
          D: {Type: AWS::Lambda::Function, Properties: {Role: !Sub 'arn:${AWS::Partition}:iam::1:role/x'}}
          E: {Type: AWS::Lambda::Function, Properties: {Role: 'arn:aws:iam::1:role/x'}}
        """
    )
    assert list(wearers(stack).values()) == [["A", "B"], ["C"], ["D", "E"]]
    assert all(role.external for role in stack.roles.values())


def test_conditions_guard_roles_policies_and_functions() -> None:
    stack = stack_of(
        """
        Parameters: {Stage: {Type: String, AllowedValues: [dev, prod]}}
        Conditions: {IsProd: !Equals [!Ref Stage, prod]}
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              Policies:
                - !If
                  - IsProd
                  - PolicyName: p
                    PolicyDocument: {Statement: [{Effect: Allow, Action: a:X, Resource: '*'}]}
                  - !Ref AWS::NoValue
          F:
            Type: AWS::Lambda::Function
            Condition: IsProd
            Properties: {Role: !GetAtt Role.Arn}
        """
    )
    (statement,) = stack.statements
    assert statement.guard.display() == "IsProd"
    assert statement.path == "Resources.Role.Properties.Policies[0].PolicyDocument.Statement[0]"
    assert stack.functions[0].guard.display() == "IsProd"


def test_a_resource_whose_condition_can_never_hold_is_not_there() -> None:
    stack = stack_of(
        """
        Conditions: {Never: !Equals [a, b]}
        Resources:
          F: {Type: AWS::Lambda::Function, Condition: Never, Properties: {Role: x}}
        """
    )
    assert not stack.functions


def test_an_unconditional_deny_takes_away_what_it_covers() -> None:
    template = """
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              Policies:
                - PolicyName: p
                  PolicyDocument:
                    Statement:
                      - {Effect: Allow, Action: ['s3:*', 'sqs:*'], Resource: '*'}
                      - {Effect: Deny, Action: 's3:*', Resource: '*'%s}
        """
    assert granted(stack_of(template % ""), "Role") == ["sqs:*", "s3:*"]
    (allow, _) = stack_of(template % "").statements
    assert [element.text.display() for element in allow.denied] == ["s3:*"]
    conditional = ", Condition: {Bool: {'aws:SecureTransport': 'false'}}"
    assert granted(stack_of(template % conditional), "Role") == ["s3:*", "sqs:*", "s3:*"]


def test_a_document_in_sub_keeps_positions_and_placeholders() -> None:
    stack = stack_of(
        """
        Resources:
          Bucket: {Type: AWS::S3::Bucket}
          Role: {Type: AWS::IAM::Role}
          P:
            Type: AWS::IAM::Policy
            Properties:
              Roles: [!Ref Role]
              PolicyDocument: !Sub |
                {"Statement": [{"Effect": "Allow",
                  "Action": "s3:*",
                  "Resource": "${Bucket.Arn}/*"}]}
        """
    )
    (statement,) = stack.roles["Role"].statements
    assert statement.actions[0].node.span.line == 11
    assert statement.actions[0].node.span.text == '"s3:*"'
    assert statement.resources[0].text.display() == "${Bucket.Arn}/*"
    assert statement.resources[0].text.holes[0].kind == "attribute"


def test_what_cannot_be_read_is_noted() -> None:
    stack = stack_of(
        """
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              ManagedPolicyArns: [!ImportValue shared, 'arn:aws:iam::111122223333:policy/own']
              Policies:
                - PolicyName: p
                  PolicyDocument: !ImportValue document
        """
    )
    assert sorted(note.what for note in stack.notes) == [
        "managed policy ${{Fn::ImportValue:shared}}",
        "managed policy arn:aws:iam::111122223333:policy/own",
        "policy document",
    ]


def test_a_statement_that_iam_refuses_grants_nothing() -> None:
    stack = stack_of(
        """
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              Policies:
                - PolicyName: p
                  PolicyDocument:
                    Statement:
                      - {Effect: Allow, Action: 's3:*', NotAction: 's3:Get*', Resource: '*'}
                      - {Effect: Allow, Action: 'sqs:*', Resource: '*', NotResource: 'arn:aws:sqs:*:*:a'}
                      - {Effect: Allow, NotAction: 'iam:*', Resource: '*'}
        """
    )
    assert len(stack.statements) == 1
    assert [note.what for note in stack.notes] == ["statement", "statement"]


def test_statements_in_lists_branches_and_text() -> None:
    stack = stack_of(
        """
        Parameters: {Shop: {Type: String}}
        Conditions: {IsOpen: !Equals [!Ref Shop, 'yes']}
        Resources:
          R:
            Type: AWS::IAM::Role
            Properties:
              Policies:
                - PolicyName: lists
                  PolicyDocument:
                    Statement:
                      - [{Effect: Allow, Action: 's3:ListBucket', Resource: '*'}]
                      - Fn::If:
                          - IsOpen
                          - [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]
                          - !Ref AWS::NoValue
                      - {Condition: IsOpen}
                      - {Effect: Allow, Action: !Ref AWS::NoValue, Resource: '*'}
                - PolicyName: text
                  PolicyDocument: !Sub |
                    {"Statement": {"Effect": "Allow", "Action": "s3:PutObject",
                      "Resource": "arn:aws:s3:::${Shop}/*"}}
        """
    )
    found = [
        (
            ",".join(each.text.display() for each in statement.actions),
            ",".join(each.text.display() for each in statement.resources),
            statement.guard.display(),
        )
        for statement in stack.statements
    ]
    assert found == [
        ("s3:ListBucket", "*", ""),
        ("s3:GetObject", "*", "IsOpen"),
        ("", "*", ""),
        ("s3:PutObject", "arn:aws:s3:::${Shop}/*", ""),
    ]
