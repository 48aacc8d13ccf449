"""Imports are resolved where the exporting template is among the templates of the run."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from scopedown.source import discovery
from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.values.imports import Exports
from scopedown.values.intrinsics import Resolver
from scopedown.values.text import Text

EXPORTER = """
Parameters:
  Env: {Type: String, Default: dev}
  Kind: {Type: String, AllowedValues: [a, b]}
Conditions:
  C: !Equals [!Ref Kind, a]
Resources:
  Role: {Type: 'AWS::IAM::Role'}
  Bucket: {Type: 'AWS::S3::Bucket'}
  Topic: {Type: 'AWS::SNS::Topic'}
Outputs:
  Role: {Value: !GetAtt Role.Arn, Export: {Name: role}}
  Name: {Value: !Ref Bucket, Export: {Name: !Sub '${Env}-bucket'}}
  Topic: {Value: !Ref Topic, Export: {Name: topic}}
  Objects: {Value: !Sub '${Bucket.Arn}/*', Export: {Name: objects}}
  Fixed: {Value: !Sub 'arn:${AWS::Partition}:s3:::fixed/*', Export: {Name: fixed}}
  Own: {Value: x, Export: {Name: !Sub '${AWS::StackName}-x'}}
  Stack: {Value: !Ref 'AWS::StackName', Export: {Name: stack}}
  Either: {Value: !If [C, x, y], Export: {Name: either}}
  Not: {Value: x}
  Kinds: {Value: !GetAtt Bucket.Arn, Export: {Name: !Sub 'kind-${Kind}'}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "network.yaml").write_text(EXPORTER, encoding="utf-8")
    (tmp_path / "plain.yaml").write_text("Resources: {Q: {Type: 'AWS::SQS::Queue'}}\n", encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("Resources: [Export\n", encoding="utf-8")
    return tmp_path


def imported(project: Path, argument: str, head: str = "") -> Text:
    text = f"{textwrap.dedent(head)}\nValue: !ImportValue {argument}\n"
    (root,) = parse_yaml(Document("app.yaml", text))
    assert isinstance(root, Mapping)
    resolver = Resolver(root, None, None, Exports([str(project)]))
    (element,) = resolver.elements(root.get("Value"))
    return element.text


@pytest.mark.parametrize(
    ("name", "attribute", "type"),
    [
        ("role", "Arn", "AWS::IAM::Role"),
        ("dev-bucket", "Ref", "AWS::S3::Bucket"),
        ("topic", "TopicArn", "AWS::SNS::Topic"),
        ("kind-a", "Arn", "AWS::S3::Bucket"),
    ],
)
def test_an_exported_resource_keeps_its_type(project: Path, name: str, attribute: str, type: str) -> None:
    hole = imported(project, name).hole
    assert hole is not None
    assert (hole.kind, hole.attribute, hole.type) == ("attribute", attribute, type)
    assert hole.identity == f"{{Fn::ImportValue:{name}}}"
    # No logical id of the importing template is like this.
    assert hole.resource == f"export {name}"


def test_exported_texts(project: Path) -> None:
    assert imported(project, "fixed").display() == "arn:${AWS::Partition}:s3:::fixed/*"
    objects = imported(project, "objects")
    assert objects.display().endswith("/*")
    assert [hole.type for hole in objects.holes] == ["AWS::S3::Bucket"]
    (hole,) = imported(project, "stack").holes
    assert hole.identity != "AWS::StackName"


def test_the_shape_of_an_imported_arn_is_known(project: Path) -> None:
    text = "Value: !Select [4, !Split [':', !ImportValue role]]\n"
    (root,) = parse_yaml(Document("app.yaml", text))
    assert isinstance(root, Mapping)
    (element,) = Resolver(root, None, None, Exports([str(project)])).elements(root.get("Value"))
    assert element.text.display() == "${AWS::AccountId}"


@pytest.mark.parametrize("name", ["nowhere", "x", "either", "Not"])
def test_what_is_not_exported_once_stays_a_hole(project: Path, name: str) -> None:
    hole = imported(project, name).hole
    assert hole is not None
    assert (hole.kind, hole.type) == ("unknown", "")


def test_names_of_parameters_are_found_by_their_known_values(project: Path) -> None:
    head = "Parameters: {Env: {Type: String, Default: dev}, Bare: {Type: String}}"
    assert imported(project, "{'Fn::Sub': '${Env}-bucket'}", head).holes[0].type == "AWS::S3::Bucket"
    assert imported(project, "{'Fn::Sub': '${Bare}-bucket'}", head).holes[0].type == ""
    kinds = "Parameters: {K: {Type: String, AllowedValues: [a, b]}}"
    assert imported(project, "{'Fn::Sub': 'kind-${K}'}", kinds).holes[0].type == "AWS::S3::Bucket"
    others = "Parameters: {K: {Type: String, AllowedValues: [a, c]}}"
    assert imported(project, "{'Fn::Sub': 'kind-${K}'}", others).holes[0].type == ""


def test_templates_that_disagree_decide_nothing(project: Path) -> None:
    other = EXPORTER.replace("!GetAtt Role.Arn", "!Ref Role")
    (project / "other.yaml").write_text(other, encoding="utf-8")
    assert imported(project, "role").holes[0].kind == "unknown"


def test_nothing_is_read_before_an_import_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise AssertionError("nothing imports")

    monkeypatch.setattr(discovery, "discover", fail)
    (root,) = parse_yaml(Document("app.yaml", "Value: !Ref X\n"))
    assert isinstance(root, Mapping)
    Resolver(root, None, None, Exports(["."])).elements(root.get("Value"))
