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


SERVICE = "service: bakery\nprovider: {name: aws}\n"


@pytest.mark.parametrize(
    ("reference", "changed"),
    [
        ("functions: ${file(functions.yml)}", "functions.yml"),
        ("resources: ['${file(./resources/table.yml)}']", "resources/table.yml"),
        ("statements: ${file(iam/${opt:stage, self:provider.stage}.json):Statement}", "iam/dev.json"),
        ("custom: ${file(config.${sls:stage}.yml)}", "config.prod.yml"),
        ("custom: ${file(${opt:stage}.yml)}", "dev.yml"),
        ("custom: ${opt:x, file(../shared/base.yml):a}", "../shared/base.yml"),
        ("functions: ${file(one.yml)}", "two.yml"),
    ],
)
@pytest.mark.parametrize("name", ["serverless.yml", "service.yml"])
def test_a_part_stands_for_the_service_that_includes_it(
    tmp_path: Path, reference: str, changed: str, name: str
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / name).write_text(SERVICE + reference + "\n")
    (tmp_path / "shop" / "one.yml").write_text("a: ${file(two.yml)}\nb: ${file(one.yml)}\n")
    (tmp_path / "shop" / changed).parent.mkdir(exist_ok=True)
    (tmp_path / "shop" / changed).write_text("a: 1\n")
    expected = [] if changed.startswith("..") else [f"shop/{name}"]  # only the folders above are searched
    assert hooked(tmp_path, f"shop/{changed}") == expected


def test_another_part_stands_for_nothing(tmp_path: Path) -> None:
    service = SERVICE + "custom: ${file(config/${opt:stage}.yml)}\nresources: ${file(${opt:stage}.yml)}\n"
    tree(tmp_path, serverless_yml=service, config__deep__dev_yml="a: 1\n", other_json="{}", own_yml=CHILD)
    assert hooked(tmp_path, "config/deep/dev.yml") == []
    assert hooked(tmp_path, "other.json") == []
    assert hooked(tmp_path, "own.yml") == ["own.yml"]


def test_a_part_of_a_service_in_code_or_toml(tmp_path: Path) -> None:
    code = "export default {\n  service: 'x',\n  provider: 'aws',\n  functions: '${file(f.yml)}',\n}\n"
    toml = "service = 'x'\nfunctions = '${file(f.yml)}'\n[provider]\nname = 'aws'\n"
    tree(tmp_path, a__serverless_ts=code, a__f_yml="a: 1\n", b__serverless_toml=toml, b__f_yml="a: 1\n")
    assert hooked(tmp_path, "a/f.yml") == ["a/serverless.ts"]
    assert hooked(tmp_path, "b/f.yml") == ["b/serverless.toml"]
    tree(tmp_path, b__serverless_ts=code)
    assert hooked(tmp_path, "b/f.yml") == ["b/serverless.toml"]


def test_a_fragment_of_cloudformation_stands_for_its_service(tmp_path: Path) -> None:
    tree(
        tmp_path,
        serverless_yml=SERVICE + "resources: ${file(resources/roles.yml)}\n",
        resources__roles_yml=CHILD,
    )
    assert hooked(tmp_path, "resources/roles.yml") == ["serverless.yml"]
