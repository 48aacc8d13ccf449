"""Under a hook a nested template or an included file stands for the template that owns it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scopedown.source.discovery import discover
from scopedown.source.owners import owners
from scopedown.source.reader import Reader

CHILD = "Resources:\n  A:\n    Type: AWS::IAM::Role\n"
PARENT = "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: %s}\n"
INCLUDE = (
    "Resources:\n  R: {Type: AWS::IAM::Role}\n"
    "  S:\n    Fn::Transform: {Name: AWS::Include, Parameters: {Location: %s}}\n"
)


def tree(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def hooked(root: Path, name: str) -> list[str]:
    found = discover([str(root / name)], hook=True, root=str(root))
    return [str(Path(template.path).relative_to(root)) for template in found.templates()]


@pytest.mark.parametrize("place", ["parts/child.yaml", "./parts/child.yaml", "'parts/child.yaml'"])
def test_a_nested_template_stands_for_its_parent(tmp_path: Path, place: str) -> None:
    tree(tmp_path, template_yaml=PARENT % place, parts__child_yaml=CHILD, parts__other_yaml=CHILD)
    assert hooked(tmp_path, "parts/child.yaml") == ["template.yaml"]
    assert hooked(tmp_path, "parts/other.yaml") == ["parts/other.yaml"]
    assert hooked(tmp_path, "template.yaml") == ["template.yaml"]


def test_an_included_file_stands_for_its_template(tmp_path: Path) -> None:
    fragment = "Statement: 1\n"
    tree(tmp_path, main_yaml=INCLUDE % "policies/read.yaml", policies__read_yaml=fragment)
    assert hooked(tmp_path, "policies/read.yaml") == ["main.yaml"]


def test_another_file_of_the_same_name_is_not_meant(tmp_path: Path) -> None:
    tree(tmp_path, main_yaml=PARENT % "https://bucket/child.yaml", child_yaml=CHILD, a__child_yaml=CHILD)
    assert hooked(tmp_path, "a/child.yaml") == ["a/child.yaml"]
    tree(tmp_path, main_yaml=PARENT % "old-child.yaml")
    assert hooked(tmp_path, "child.yaml") == ["child.yaml"]


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    tree(tmp_path, main_yaml=PARENT % "app/child.yaml", app__child_yaml=CHILD)
    assert owners(str(tmp_path / "app" / "child.yaml"), Reader(str(tmp_path / "app"))) == []
