"""Outputs of nested stacks: evaluated where they stand, with what the parent hands down, and linked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from scopedown.source.discovery import discover
from scopedown.template import cloudformation
from scopedown.template.outputs import Parent
from scopedown.template.stack import Stack
from scopedown.values.imports import Exports
from scopedown.values.text import Text

from ..conftest import Command
from .stacks import short, stack_of

CHILD = """\
Parameters:
  Prefix: {Type: String, Default: gym}
  Place: {Type: String, Default: '*'}
  Stage: {Type: String, Default: dev}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Members: {Type: AWS::DynamoDB::Table, Properties: {}}
  Desk: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt DeskRole.Arn}}
  DeskRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: {Effect: Allow, Action: 'dynamodb:*', Resource: !GetAtt Members.Arn}
  Reading:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Members.Arn}}
Outputs:
  TableArn: {Value: !GetAtt Members.Arn}
  TableName: {Value: !Ref Members}
  Index: {Value: !Sub '${Members.Arn}/index/*'}
  Named: {Value: !Sub 'arn:${AWS::Partition}:s3:::${Prefix}-cards/*'}
  Placed: {Value: !Sub 'arn:aws:s3:::${Place}/*'}
  Branch: {Value: !If [IsProd, 'arn:aws:s3:::prod-cards', 'arn:aws:s3:::dev-cards']}
  Own: {Value: !Ref AWS::StackName}
  RoleArn: {Value: !GetAtt DeskRole.Arn}
  RoleName: {Value: !Ref DeskRole}
  PolicyArn: {Value: !Ref Reading}
  FunctionArn: {Value: !GetAtt Desk.Arn}
"""
PARENT = """\
Resources:
  Cards: {Type: AWS::S3::Bucket}
  Gym:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: parts/gym.yaml
      Parameters: {Place: !Ref Cards}
"""
ROLE = """\
  Clerk:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [POLICY]
      Policies:
        - PolicyName: p
          PolicyDocument: {Statement: {Effect: Allow, Action: 'dynamodb:Query', Resource: RESOURCE}}
"""


def read(folder: Path, parent: str, child: str = CHILD) -> Stack:
    """The stack of a parent beside its nested template."""
    (folder / "parts").mkdir(exist_ok=True)
    (folder / "parts" / "gym.yaml").write_text(child, "utf-8")
    (folder / "template.yaml").write_text(parent, "utf-8")
    (template,) = discover([str(folder / "template.yaml")], root=str(folder)).templates()
    return cloudformation.read(template.document, template.root, template.dialect, None, template.reader)


def resource(folder: Path, expression: str, parent: str = PARENT) -> Text:
    """What the parent's role may reach."""
    text = parent + ROLE.replace("RESOURCE", expression).replace("      ManagedPolicyArns: [POLICY]\n", "")
    (statement,) = read(folder, text).statements
    return statement.resources[0].text


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("TableArn", "${Gym.Outputs.TableArn}"),
        ("TableName", "${Gym.Outputs.TableName}"),
        ("Index", "${Gym/Members.Arn}/index/*"),
        ("Named", "arn:${AWS::Partition}:s3:::gym-cards/*"),  # nothing is handed down, so the default is it
        ("Placed", "arn:aws:s3:::${Cards}/*"),  # what the parent hands down, as the parent knows it
        ("Branch", "arn:aws:s3:::dev-cards"),
        ("Own", "${Gym.Outputs.Own}"),
        ("Missing", "${Gym.Outputs.Missing}"),
    ],
)
@pytest.mark.parametrize(
    "form", ["!GetAtt Gym.Outputs.{}", "!GetAtt [Gym, Outputs.{}]", "!Sub '${{Gym.Outputs.{}}}'"]
)
def test_an_output_is_what_the_child_says(tmp_path: Path, output: str, shown: str, form: str) -> None:
    assert resource(tmp_path, form.format(output)).display() == shown


def test_a_resource_of_the_child_keeps_its_type_and_an_identity_of_its_own(tmp_path: Path) -> None:
    (arn,) = resource(tmp_path, "!GetAtt Gym.Outputs.TableArn").holes
    assert (arn.identity, arn.type, arn.attribute) == ("Gym/Members.Arn", "AWS::DynamoDB::Table", "Arn")
    (index,) = resource(tmp_path, "!GetAtt Gym.Outputs.Index").holes
    assert index == arn
    (own,) = resource(tmp_path, "!GetAtt Gym.Outputs.Own").holes
    assert (own.identity, own.kind) == ("Gym/AWS::StackName", "unknown")


def test_a_value_that_is_handed_down_decides_a_condition_of_the_child(tmp_path: Path) -> None:
    prod = PARENT.replace("Place: !Ref Cards", "Stage: prod")
    assert resource(tmp_path, "!GetAtt Gym.Outputs.Branch", prod).display() == "arn:aws:s3:::prod-cards"
    open_ = PARENT.replace("Place: !Ref Cards", "Stage: !Ref Stage")
    open_ = "Parameters: {Stage: {Type: String}}\n" + open_
    assert resource(tmp_path, "!GetAtt Gym.Outputs.Branch", open_).display() == "${Gym.Outputs.Branch}"


@pytest.mark.parametrize(
    "place",
    ["https://bucket.s3.amazonaws.com/gym.yaml", "parts/missing.yaml", "../outside.yaml", "template.yaml"],
)
def test_what_is_not_read_stays_a_hole(tmp_path: Path, place: str) -> None:
    parent = PARENT.replace("parts/gym.yaml", place)
    root = tmp_path / "app"
    root.mkdir()
    (tmp_path / "outside.yaml").write_text(CHILD, "utf-8")
    (hole,) = resource(root, "!GetAtt Gym.Outputs.TableArn", parent).holes
    assert (hole.identity, hole.type) == ("Gym.Outputs.TableArn", "AWS::CloudFormation::Stack")


def test_without_a_reader_it_is_a_hole() -> None:
    stack = stack_of(PARENT + ROLE.replace("RESOURCE", "!GetAtt Gym.Outputs.TableArn").replace("POLICY", ""))
    (statement,) = stack.statements
    assert statement.resources[0].text.holes[0].identity == "Gym.Outputs.TableArn"


def test_a_child_of_a_child(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "inner.yaml").write_text(CHILD, "utf-8")
    middle = """\
Resources:
  Inner: {Type: AWS::Serverless::Application, Properties: {Location: inner.yaml}}
Outputs:
  TableArn: {Value: !GetAtt Inner.Outputs.TableArn}
  RoleArn: {Value: !GetAtt Inner.Outputs.RoleArn}
"""
    function = "  F: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Gym.Outputs.RoleArn}}\n"
    parent = (
        PARENT + ROLE.replace("RESOURCE", "!GetAtt Gym.Outputs.TableArn").replace("POLICY", "") + function
    )
    stack = read(tmp_path, parent, middle)
    assert stack.statements[0].resources[0].text.holes[0].identity == "Gym/Inner/Members.Arn"
    assert list(stack.roles) == ["Clerk", "Gym/Inner/DeskRole"]
    assert [short(one) for one in stack.functions[0].roles[0][0].statements] == [
        "Allow dynamodb:* on ${Members.Arn}"
    ]


def test_children_that_need_each_other_are_holes(tmp_path: Path) -> None:
    parent = PARENT.replace("Place: !Ref Cards", "Place: !GetAtt Gym.Outputs.Placed")
    assert resource(tmp_path, "!GetAtt Gym.Outputs.Placed", parent).display() == (
        "arn:aws:s3:::${Gym.Outputs.Placed}/*"
    )


@pytest.mark.parametrize("output", ["RoleArn", "RoleName"])
def test_a_role_of_the_child_is_one_role_under_every_name(tmp_path: Path, output: str) -> None:
    functions = f"""\
  Door: {{Type: AWS::Lambda::Function, Properties: {{Role: !GetAtt Gym.Outputs.RoleArn}}}}
  Bell:
    Type: AWS::Lambda::Function
    Properties: {{Role: !Sub 'arn:aws:iam::1:role/${{Gym.Outputs.RoleName}}'}}
  Extra:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!GetAtt Gym.Outputs.{output}]
      PolicyDocument: {{Statement: {{Effect: Allow, Action: 's3:GetObject', Resource: '*'}}}}
"""
    stack = read(tmp_path, PARENT + functions)
    (key,) = stack.roles
    role = stack.roles[key]
    assert key == "Gym/DeskRole"
    assert [function.id for function, _, _ in role.functions] == ["Desk", "Door", "Bell"]
    assert [short(one) for one in role.all_statements] == [
        "Allow dynamodb:* on ${Members.Arn}",
        "Allow s3:GetObject on *",
    ]
    assert [short(one) for one in stack.statements] == ["Allow s3:GetObject on *"]  # the child's are its own
    assert role.statements[0].node.document.path.endswith("gym.yaml")


def test_a_managed_policy_of_the_child_is_attached(tmp_path: Path) -> None:
    text = PARENT + ROLE.replace("RESOURCE", "'*'").replace("POLICY", "!GetAtt Gym.Outputs.PolicyArn")
    stack = read(tmp_path, text)
    role = stack.roles["Clerk"]
    assert [carrier.kind for carrier in role.carriers] == ["inline", "managed-policy"]
    assert [short(one) for one in role.statements] == [
        "Allow dynamodb:Query on *",
        "Allow dynamodb:GetItem on ${Members.Arn}",
    ]
    assert not stack.notes


def test_an_imported_managed_policy_is_not_lost(tmp_path: Path) -> None:
    shared = CHILD.replace(
        "PolicyArn: {Value: !Ref Reading}", "P: {Value: !Ref Reading, Export: {Name: reading}}"
    )
    (tmp_path / "shared.yaml").write_text(shared, "utf-8")
    text = "Resources:\n" + ROLE.replace("RESOURCE", "'*'").replace("POLICY", "!ImportValue reading")
    (tmp_path / "app.yaml").write_text(text, "utf-8")
    (template,) = discover([str(tmp_path / "app.yaml")]).templates()
    exports = Exports([str(tmp_path)])
    stack = cloudformation.read(
        template.document, template.root, "cloudformation", None, template.reader, exports
    )
    assert [carrier.kind for carrier in stack.roles["Clerk"].unseen] == ["managed-arn"]


def test_sharing_across_the_border_is_told(scopedown: Command, tmp_path: Path) -> None:
    functions = "".join(
        f"  {name}: {{Type: AWS::Lambda::Function, Properties: {{Role: !GetAtt Gym.Outputs.RoleArn}}}}\n"
        for name in ("Door", "Bell")
    )
    read(tmp_path, PARENT + functions)
    run = scopedown("check", "--format", "json", tmp_path / "template.yaml")
    found = [each for each in run.findings if each["rule"] == "shared-role"]
    places = {each["resource"]: Path(each["file"]).name for each in found}
    assert places == {"Door": "template.yaml", "Bell": "template.yaml", "Desk": "gym.yaml"}


def test_grants_cross_the_border(scopedown: Command, tmp_path: Path) -> None:
    functions = "  Door: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Gym.Outputs.RoleArn}}\n"
    read(tmp_path, PARENT + functions)
    run = scopedown("grants", "--format", "json", "--action", "dynamodb:PutItem", tmp_path / "template.yaml")
    assert {one["function"]: one["answer"] for one in run.report["functions"]} == {
        "Door": "yes",
        "Desk": "yes",
    }
    (role,) = run.report["functions"][0]["roles"]
    assert role["sharedWith"] == ["Desk"]
    assert role["grants"][0]["file"].endswith("gym.yaml")


def test_a_plain_check_reads_no_nested_template_for_a_value_that_says_nothing(tmp_path: Path) -> None:
    stack = read(tmp_path, PARENT + "Outputs: {T: {Value: !GetAtt Gym.Outputs.TableArn}}\n")
    assert isinstance(stack.resolver, Parent)
    assert stack.resolver.opened == []
    stack.resolver.attribute("Gym.Outputs.TableArn")
    assert stack.resolver.opened == ["Gym"]
