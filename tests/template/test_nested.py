"""Nested local stacks: found, read within the root only, and judged with what their parent hands down."""

from __future__ import annotations

from pathlib import Path

from scopedown.source.discovery import discover
from scopedown.template import cloudformation
from scopedown.template.nested import Nested, children

from ..conftest import Command

CHILD = """\
Parameters:
  Bucket: {Type: String, Default: '*'}
  Action: {Type: String, Default: 's3:GetObject'}
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: {Effect: Allow, Action: !Ref Action, Resource: !Sub 'arn:aws:s3:::${Bucket}/*'}
"""
PARENT = """\
Parameters: {Verb: {Type: String, Default: 's3:*'}}
Resources:
  Store: {Type: AWS::S3::Bucket}
  Child:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: parts/child.yaml.txt
      Parameters: {Bucket: !Ref Store, Action: !Ref Verb}
  Elsewhere: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://bucket.s3.amazonaws.com/x.yaml'}}
  Application: {Type: AWS::Serverless::Application, Properties: {Location: ./parts/child.yaml.txt}}
  Missing: {Type: AWS::Serverless::Application, Properties: {Location: ./parts/missing.yaml}}
  Outside: {Type: AWS::Serverless::Application, Properties: {Location: ../outside.yaml}}
"""


def written(folder: Path) -> Path:
    root = folder / "app"
    (root / "parts").mkdir(parents=True)
    (root / "template.yaml").write_text(PARENT)
    (root / "parts" / "child.yaml.txt").write_text(CHILD)
    (folder / "outside.yaml").write_text(CHILD)
    return root


def nested(root: Path) -> list[Nested]:
    (template,) = discover([str(root / "template.yaml")], root=str(root)).templates()
    stack = cloudformation.read(template.document, template.root, template.dialect)
    assert template.reader is not None
    return children(stack, template.reader)


def test_local_templates_within_the_root_are_found(tmp_path: Path) -> None:
    found = nested(written(tmp_path))
    assert [(each.resource.id, Path(each.template.path).name) for each in found] == [
        ("Child", "child.yaml.txt"),
        ("Application", "child.yaml.txt"),
    ]


def test_what_is_handed_down_counts_and_a_default_does_not(tmp_path: Path) -> None:
    child, application = nested(written(tmp_path))
    assert child.given == {"Action": "s3:*"}
    stack = cloudformation.read(child.template.document, child.template.root, "cloudformation", child.given)
    (statement,) = stack.statements
    assert [element.text.display() for element in statement.actions] == ["s3:*"]
    assert [element.text.display() for element in statement.resources] == ["arn:aws:s3:::${Bucket}/*"]
    alone = cloudformation.read(application.template.document, application.template.root, "cloudformation")
    assert [element.text.display() for element in alone.statements[0].resources] == ["arn:aws:s3:::*/*"]


def test_a_template_that_is_only_nested_is_checked(scopedown: Command, tmp_path: Path) -> None:
    root = written(tmp_path)
    (root / "template.yaml").write_text(PARENT.partition("  Elsewhere")[0])
    run = scopedown("check", "--format", "json", "--root", root, root / "template.yaml")
    places = {(Path(finding["file"]).name, finding["rule"]) for finding in run.findings}
    assert ("child.yaml.txt", "service-star") in places


def test_one_that_is_named_too_is_checked_once(scopedown: Command, tmp_path: Path) -> None:
    root = written(tmp_path)
    (root / "template.yaml").write_text(PARENT.partition("  Elsewhere")[0])
    both = [root / "template.yaml", root / "parts" / "child.yaml.txt"]
    run = scopedown("check", "--format", "json", "--root", root, *both)
    assert run.report["summary"]["templates"] == 2
