"""Which files are templates, of which dialect, and what is said of the others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scopedown.source.discovery import Discovery, Template, dialect, discover, from_text, parse
from scopedown.source.reader import decode
from scopedown.source.tree import Mapping

from .trees import yaml_tree

CLOUDFORMATION = "Resources:\n  A:\n    Type: AWS::IAM::Role\n"
SAM = "Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    Type: AWS::Serverless::Function\n"
SERVERLESS = "service: x\nprovider:\n  name: aws\n"
BROKEN = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A: [\n"
JINJA = CLOUDFORMATION + "{% if x %}\n  B:\n    Type: AWS::SQS::Queue\n{% endif %}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CLOUDFORMATION, "cloudformation"),
        ("Resources: {A: {Type: 'Custom::X'}}", "cloudformation"),
        ("Resources: {A: {Type: 'Alexa::ASK::Skill'}}", "cloudformation"),
        ("Resources: {A: {Type: 'Initech::Store::Thing'}}", "cloudformation"),
        ("Resources: {M: {Type: My::S3::Bucket::MODULE}}", "cloudformation"),
        ("AWSTemplateFormatVersion: 2010-09-09", "cloudformation"),
        ("AWSTemplateFormatVersion: 2010-09-09\nParameters: {}", "cloudformation"),
        ("Transform: MyMacro\nResources: {}", "cloudformation"),
        ("Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::X: [a, [b], {}]", "cloudformation"),
        (SAM, "sam"),
        ("Transform: [A, AWS::Serverless-2016-10-31]\nResources: {}", "sam"),
        ("Resources: {A: {Type: AWS::Serverless::Api}}", "sam"),
        ("Resources: {B: x, A: {Type: AWS::Serverless::Api}}", "sam"),
        (SERVERLESS, "serverless"),
        ("service: {name: x}\nfunctions: {}", "serverless"),
        ("service: x\nprovider: aws\nresources: {}", "serverless"),
        ("service: x\nprovider: ${file(provider.yml)}", "serverless"),
        ("service: ${file(name.yml)}\nfunctions: [a: {handler: b}, '${file(c.yml)}']", "serverless"),
        ("service: {port: 80, type: NodePort}\nprovider: aws", ""),
        ("service: [a]\nprovider: aws", ""),
        ("provider: {name: aws}\nfunctions: {}", ""),
        ("service: x", ""),
        ("Resources: {}", ""),
        ("Resources: [a]", ""),
        ("Resources: {A: {Type: Deployment}}", ""),
        ("Resources: {A: {Type: [AWS::X::Y]}}", ""),
        ("openapi: 3.0.0", ""),
        ("Transform: AWS::Serverless-2016-10-31", ""),
    ],
)
def test_dialect(text: str, expected: str) -> None:
    assert dialect(yaml_tree(text)) == expected


def _write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)


def _run(
    *paths: Path | str, hook: bool = False, exclude: tuple[str, ...] = ()
) -> tuple[list[Template], Discovery]:
    found = discover([str(path) for path in paths], exclude, hook)
    return list(found.templates()), found


def test_a_named_template(tmp_path: Path) -> None:
    _write(tmp_path, t_yaml=SAM)
    [template], found = _run(tmp_path / "t.yaml")
    assert (template.dialect, template.path) == ("sam", str(tmp_path / "t.yaml"))
    assert template.root.get("Resources") is not None
    assert template.reader is not None
    assert template.reader.root == str(tmp_path)
    assert (found.errors, found.skipped, found.passed_over) == ([], [], 0)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a: 1\n", "not a template"),
        ("", "not a template"),
        ("[]", "not a template"),
        ("just text", "not a template"),
        (SERVERLESS.replace("aws", "google"), "a service of the provider 'google', not of AWS"),
        (SERVERLESS + "x: [\n", "the file ends where a value should stand"),
        (BROKEN, "the file ends where a value should stand"),
        ("a: [\n", "the file ends where a value should stand"),
        (JINJA, "templated with Jinja"),
        ("x: {{ y }}\n", "templated with Jinja"),
        ('{"Resources": ', "the file ends"),
    ],
)
def test_a_named_file_that_cannot_be_analysed_is_an_error(text: str, cause: str, tmp_path: Path) -> None:
    _write(tmp_path, t_yml=text)
    templates, found = _run(tmp_path / "t.yml")
    assert templates == []
    [error] = found.errors
    assert cause in error.cause
    assert error.advice
    assert found.skipped == []


def test_a_named_templated_file_tells_its_line(tmp_path: Path) -> None:
    _write(tmp_path, t_yml=JINJA)
    _, found = _run(tmp_path / "t.yml")
    assert found.errors[0].line == 4


def test_a_walk(tmp_path: Path) -> None:
    _write(
        tmp_path,
        a_yaml=CLOUDFORMATION,
        b_json=json.dumps({"Resources": {"A": {"Type": "AWS::X::Y"}}}),
        c_yml="a: [broken\n",
        d_yaml=BROKEN,
        e_yaml=JINJA,
        f_template=SAM,
        g_json='{"Resources": "of another kind"}',
        h_txt=SAM,
        i_json='{"name": "x"}',
        serverless_yml=SERVERLESS,
        template_txt=SAM,
        j_yaml="a\0b: Resources\n",
    )
    templates, found = _run(tmp_path)
    names = [Path(template.path).name for template in templates]
    assert names == ["a.yaml", "b.json", "f.template", "serverless.yml", "template.txt"]
    assert [Path(error.path).name for error in found.errors] == ["d.yaml", "j.yaml"]
    assert [(Path(path).name, reason) for path, reason in found.skipped] == [
        ("e.yaml", "templated, not analysed (line 4)"),
    ]
    assert found.passed_over == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_in_a_walk(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes(SAM.encode(encoding))
    [template], _ = _run(tmp_path)
    assert template.document.bom


def test_json_is_told_by_its_first_character(tmp_path: Path) -> None:
    _write(tmp_path, t_yaml='{\n\t"Resources": {"A": {"Type": "AWS::X::Y"}}}', u_json=CLOUDFORMATION)
    templates, found = _run(tmp_path)
    assert [template.document.format for template in templates] == ["json", "yaml"]
    assert found.errors == []


def test_flow_yaml_is_read_where_the_name_says_yaml(tmp_path: Path) -> None:
    text = "{Resources: {A: {Type: 'AWS::X::Y'}}} # c\n"
    _write(tmp_path, t_yaml=text, u_json=text)
    [template], found = _run(tmp_path / "t.yaml", tmp_path / "u.json")
    assert template.document.format == "yaml"
    assert "double quotes" in found.errors[0].cause


def test_the_first_document_with_marks_counts(tmp_path: Path) -> None:
    _write(tmp_path, t_yaml="a: 1\n---\n" + SAM + "---\n" + CLOUDFORMATION)
    [template], _ = _run(tmp_path / "t.yaml")
    assert (template.dialect, template.root.span.line) == ("sam", 3)


def test_order_and_repetition(tmp_path: Path) -> None:
    _write(tmp_path, b_yaml=SAM, a_yaml=SAM)
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    templates, _ = _run(tmp_path / "b.yaml", tmp_path, f"{tmp_path}/./b.yaml", tmp_path / "link.yaml")
    assert [Path(template.path).name for template in templates] == ["b.yaml", "a.yaml"]


def test_paths_are_told_as_the_user_would_write_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    _write(tmp_path / "in", t_yaml=SAM)
    monkeypatch.chdir(tmp_path)
    for given in (".", "./", "in", "in/", "./in/t.yaml", "././in"):
        [template], _ = _run(given)
        assert template.path == "in/t.yaml"
    monkeypatch.chdir(tmp_path / "in")
    [template], _ = _run("../in")
    assert template.path == "../in/t.yaml"


@pytest.mark.parametrize("hook", [False, True])
def test_a_missing_path_is_an_error(hook: bool, tmp_path: Path) -> None:
    _, found = _run(tmp_path / "missing.yaml", "", hook=hook)
    assert [error.cause for error in found.errors] == ["no such file or folder"] * 2


def test_under_hook_named_files_are_as_if_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "node_modules").mkdir()
    _write(tmp_path / "node_modules", t_yaml=SAM)
    _write(
        tmp_path,
        a_yaml=SAM,
        b_yaml="a: 1\n",
        c_py=SAM,
        d_yaml=JINJA,
        e_yaml=BROKEN,
        f_yaml=SAM,
        s_yml=SERVERLESS,
    )
    names = ["a.yaml", "b.yaml", "c.py", "d.yaml", "e.yaml", "f.yaml", "s.yml", "node_modules/t.yaml"]
    templates, found = _run(*names, hook=True, exclude=("/f.*",))
    assert [Path(template.path).name for template in templates] == ["a.yaml", "s.yml"]
    assert [Path(error.path).name for error in found.errors] == ["e.yaml"]
    assert [Path(path).name for path, _ in found.skipped] == ["d.yaml"]
    assert found.passed_over == 4


def test_exclude_does_not_apply_to_named_files(tmp_path: Path) -> None:
    _write(tmp_path, a_yaml=SAM)
    templates, _ = _run(tmp_path / "a.yaml", exclude=("*.yaml",))
    assert len(templates) == 1


def test_a_named_link_that_leads_out_of_the_repository_moves_the_root(tmp_path: Path) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    _write(tmp_path / "other", t_yaml=SAM)
    (tmp_path / "repo" / "t.yaml").symlink_to(tmp_path / "other" / "t.yaml")
    (tmp_path / "repo" / "folder").symlink_to(tmp_path / "other")
    [one], _ = _run(tmp_path / "repo" / "t.yaml")
    [two], _ = _run(tmp_path / "repo" / "folder")
    for template in (one, two):
        assert template.reader is not None
        assert template.reader.root == str(tmp_path / "other")


def test_a_root_that_is_given_counts(tmp_path: Path) -> None:
    (tmp_path / "in" / ".git").mkdir(parents=True)
    _write(tmp_path / "in", t_yaml=SAM)
    found = discover([str(tmp_path / "in")], root=str(tmp_path))
    [template] = found.templates()
    assert template.reader is not None
    assert template.reader.root == str(tmp_path)


def test_candidates_can_be_loaded_one_by_one(tmp_path: Path) -> None:
    _write(tmp_path, a_yaml=SAM, b_yaml="a: 1\n")
    found = discover([str(tmp_path)])
    loaded = [found.load(candidate) for candidate in found.candidates()]
    assert [template is not None for template in loaded] == [True, False]
    assert found.passed_over == 1


@pytest.mark.parametrize("text", [SAM, SAM.encode(), "\ufeff" + SAM])
def test_from_text(text: str | bytes) -> None:
    [template] = from_text("stdin.yaml", text).templates()
    assert (template.path, template.dialect, template.reader) == ("stdin.yaml", "sam", None)


@pytest.mark.parametrize("text", ["a: 1", b"\0", "a: \ud800", b"\xff"])
def test_from_text_that_is_no_template(text: str | bytes) -> None:
    found = from_text("-", text)
    assert list(found.templates()) == []
    assert len(found.errors) == 1


def test_parse_sets_the_format() -> None:
    document = decode("t.yml", b"{a: 1}")
    assert isinstance(parse(document), Mapping)
    assert document.format == "yaml"


def test_a_plain_check_of_one_file_imports_little(tmp_path: Path) -> None:
    _write(tmp_path, t_yaml=SAM)
    code = (
        "import sys; from scopedown.source.discovery import discover;"
        f"assert len(list(discover([{str(tmp_path / 't.yaml')!r}]).templates())) == 1;"
        "print(sorted(name for name in sys.modules if name.startswith(('scopedown.', 'pathspec', 'json'))))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    parts = ["", ".discovery", ".reader", ".tree", ".yaml_reader"]
    assert out.strip() == str([f"scopedown.source{part}" for part in parts])
