"""``scopedown grants`` from the outside: what it prints and what it refuses; a check does without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ..conftest import ROOT, Command

PROJECTS = ROOT / "fixtures" / "projects"
SCHEMA = json.loads((ROOT / "src/scopedown/report/grants_schema.json").read_text("utf-8"))
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Outside: {Type: String}
  Bucket: {Type: String, Default: uploads}
Resources:
  Reports: {Type: AWS::S3::Bucket}
  SaveFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: save.handler
      CodeUri: s3://packages/save.zip
      Policies:
        - !Ref Outside
        - S3ReadPolicy: {BucketName: !Ref Reports}
        - Statement:
            - Effect: Allow
              Action: [s3:PutObject, s3:DeleteObject]
              Resource: !Sub 'arn:aws:s3:::${Bucket}/*'
              Condition: {StringLike: {'s3:prefix': 'a/*'}}
            - Effect: Deny
              Action: s3:DeleteObject
              Resource: '*'
              Condition: {Bool: {'aws:SecureTransport': 'false'}}
  LoadFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: load.handler
      CodeUri: s3://packages/load.zip
      Role: !GetAtt LoadRole.Arn
  MoreFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: more.handler
      CodeUri: s3://packages/more.zip
      Role: !GetAtt LoadRole.Arn
  LoadRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: load
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: 's3:*', Resource: '*'}
  RuleRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: start
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: sqs:SendMessage, Resource: '*'}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Targets: [{Id: q, Arn: 'arn:aws:sqs:eu-west-1:111122223333:q', RoleArn: !GetAtt RuleRole.Arn}]
"""


def told(scopedown: Command, *words: str, template: str = TEMPLATE) -> dict[str, Any]:
    """What ``--format json`` says of a template on stdin, checked against the schema."""
    run = scopedown("grants", "--format", "json", *words, "-", stdin=template)
    assert (run.code, run.err) == (0, "")
    assert run.out.isascii()
    Draft202012Validator(SCHEMA).validate(run.report)
    return run.report


def names(report: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The functions and roles that are told."""
    return [one["function"] for one in report["functions"]], [one["role"] for one in report["roles"]]


@pytest.mark.parametrize("project", sorted(PROJECTS.iterdir()), ids=lambda path: path.name)
def test_grants_of_the_projects(
    project: Path, scopedown: Command, monkeypatch: pytest.MonkeyPatch, accept: bool
) -> None:
    monkeypatch.chdir(ROOT)
    run = scopedown("grants", project.relative_to(ROOT))
    assert (run.code, run.err) == (0, "")
    assert max(len(line) for line in run.out.splitlines() if " " in line) <= 80  # not names of files
    expected = project / "grants.txt"
    if accept:
        expected.write_text(run.out, encoding="utf-8")
    assert run.out == expected.read_text(encoding="utf-8")


def test_the_readme_shows_what_is_printed(scopedown: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = ["grants", "fixtures/projects/bookings", "--function", "BookRoomFunction"]
    text = (ROOT / "README.md").read_text("utf-8")
    assert f"$ scopedown {' '.join(words)}\n{scopedown(*words).out}```\n" in text


def test_the_schema_is_one_and_strict(scopedown: Command) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    report = told(scopedown)
    report["functions"][0]["roles"][0]["grants"][0]["surplus"] = 1
    assert not Draft202012Validator(SCHEMA).is_valid(report)


def test_functions_come_first_then_roles_that_no_function_wears(scopedown: Command) -> None:
    report = told(scopedown)
    assert names(report) == (["SaveFunction", "LoadFunction", "MoreFunction"], ["RuleRole"])
    (rule,) = report["roles"]
    assert rule["usedBy"][0]["resource"] == "Rule"
    assert rule["origin"]["kind"] == "resource"
    load = report["functions"][1]["roles"][0]
    assert (load["role"], load["sharedWith"]) == ("LoadRole", ["MoreFunction"])
    assert report["functions"][0]["roles"][0]["origin"]["kind"] == "generated"


def test_a_grant_in_full(scopedown: Command) -> None:
    save = told(scopedown, "--param", "Bucket=live")["functions"][0]["roles"][0]
    grants = [one for one in save["grants"] if one["carrier"]["kind"] == "sam-inline"]
    deleting = next(one for one in grants if one["limits"])
    assert deleting["conditions"] == [{"operator": "StringLike", "key": "s3:prefix", "values": ["a/*"]}]
    assert (deleting["file"], deleting["line"]) == ("<stdin>", 17)
    assert deleting["path"] == "Resources.SaveFunction.Properties.Policies[2].Statement[0]"
    assert deleting["levels"]["Write"] == ["s3:DeleteObject", "s3:PutObject"]
    assert deleting["limits"][0]["kind"] == "deny"
    assert deleting["limits"][0]["line"] == 21
    assert deleting["carrier"]["owner"] == "SaveFunction"
    (resource,) = deleting["resources"]
    assert resource == {
        "text": "arn:aws:s3:::live/*",
        "value": "arn:aws:s3:::live/*",
        "via": "--param Bucket",
        "guard": None,
    }
    assert save["unresolved"][0]["what"] == "managed policy ${Outside}"
    by_template = next(one for one in save["grants"] if one["carrier"]["kind"] == "sam-template")
    assert by_template["carrier"]["name"] == "S3ReadPolicy"
    added = next(one for one in save["grants"] if one["carrier"]["kind"] == "generated")
    assert added["carrier"]["name"] == "AWSLambdaBasicExecutionRole"
    assert added["carrier"]["cause"] == "added by SAM"


def test_a_grant_of_everything_gives_numbers_alone(scopedown: Command) -> None:
    report = told(scopedown, "--role", "LoadRole", template=TEMPLATE.replace("'s3:*'", "'*'"))
    (grant,) = report["roles"][0]["grants"]
    assert grant["levels"] is None
    assert grant["levelCounts"]["Write"] > 1000


def test_filters_combine(scopedown: Command) -> None:
    assert names(told(scopedown, "--function", "LoadFunction")) == (["LoadFunction"], [])
    assert names(told(scopedown, "--role", "LoadRole")) == ([], ["LoadRole"])
    assert names(told(scopedown, "--role", "L*Role", "--role", "RuleRole", "--function", "Save*")) == (
        ["SaveFunction"],
        ["LoadRole", "RuleRole"],
    )
    report = told(scopedown, "--role", "LoadRole", "--action", "s3:PutObject", "--resource", "Reports")
    assert report["asked"] == {"action": "s3:PutObject", "resource": "Reports"}
    assert report["roles"][0]["answer"] == "yes"


def test_who_may_do_this(scopedown: Command) -> None:
    run = scopedown("grants", "--action", "s3:PutObject", "-", stdin=TEMPLATE)
    assert run.code == 0
    lines = run.out.splitlines()
    assert lines[0] == "who may s3:PutObject?"
    assert lines[2:4] == [
        "  yes      LoadFunction  inline policy of LoadRole, line 46",
        "  yes      MoreFunction  inline policy of LoadRole, line 46",
    ]
    assert lines[4].startswith("  yes, if  SaveFunction  s3:prefix is a/*; inline policy of")
    assert lines[-1] == "no: RuleRole"
    assert "S3ReadPolicy" not in run.out
    answers = {
        one["function"]: one["answer"] for one in told(scopedown, "--action", "s3:PutObject")["functions"]
    }
    assert answers == {"SaveFunction": "conditional", "LoadFunction": "yes", "MoreFunction": "yes"}


def test_a_shared_role_is_told_once(scopedown: Command) -> None:
    run = scopedown("grants", "-", stdin=TEMPLATE)
    assert run.out.count("s3:* (") == 1
    assert "  grants  as told for LoadFunction" in run.out
    assert "shared with MoreFunction" in run.out
    alone = scopedown("grants", "--function", "MoreFunction", "-", stdin=TEMPLATE)
    assert "s3:* (" in alone.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--function", "SafeFunction"], "unknown function 'SafeFunction'; did you mean 'SaveFunction'"),
        (["--function", "zzz"], "there are LoadFunction, MoreFunction, SaveFunction"),
        (["--role", "LoadRule"], "unknown role 'LoadRule'; did you mean 'LoadRole'"),
        (["--resource", "Report"], "unknown resource 'Report'; did you mean 'Reports'"),
        (["--action", "s3:PutObjekt"], "unknown action 's3:PutObjekt'; did you mean 's3:PutObject'"),
        (["--action", "s3x:PutObject"], "unknown service 's3x'; did you mean 's3'"),
        (["--action", "PutObject"], "is not of the form SERVICE:ACTION"),
        (["--format", "sarif"], "invalid choice"),
        (["--param", "x"], "is not of the form K=V"),
        (["other.yaml"], "cannot stand beside other paths"),
        (["--root", "no-such-folder"], "is not a folder"),
    ],
)
def test_bad_usage_is_two_and_one_line(scopedown: Command, words: list[str], message: str) -> None:
    run = scopedown("grants", *words, "-", stdin=TEMPLATE)
    assert (run.code, run.out) == (2, "")
    assert message in run.err
    assert run.err.count("\n") == 1


def test_input_that_cannot_be_used_is_two_and_hides_nothing_else(scopedown: Command, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(TEMPLATE, "utf-8")
    (tmp_path / "bad.yaml").write_text("Resources:\n  A:\n    Type: AWS::S3::Bucket\n   B: [", "utf-8")
    run = scopedown("grants", tmp_path)
    assert run.code == 2
    assert "SaveFunction" in run.out
    assert "bad.yaml:4" in run.err
    report = scopedown("grants", "--format", "json", tmp_path).report
    assert [Path(error["file"]).name for error in report["errors"]] == ["bad.yaml"]
    only = scopedown("grants", tmp_path, "--exclude", "bad.yaml")
    assert (only.code, only.err) == (0, "")


def test_nothing_to_show_is_two(scopedown: Command, tmp_path: Path) -> None:
    run = scopedown("grants", tmp_path)
    assert run.code == 2
    assert "no template in" in run.err


def test_parameters_and_output(scopedown: Command, tmp_path: Path) -> None:
    (tmp_path / "values.json").write_text('[{"ParameterKey": "Bucket", "ParameterValue": "live"}]', "utf-8")
    target = tmp_path / "out.json"
    for words in (["--param", "Bucket=live"], ["--parameter-file", str(tmp_path / "values.json")]):
        run = scopedown("grants", *words, "--format", "json", "--output", target, "-", stdin=TEMPLATE)
        assert (run.code, run.out, run.err) == (0, "", "")
        assert "arn:aws:s3:::live/*" in target.read_text("utf-8")


def test_several_templates_stand_under_their_names(scopedown: Command, tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(TEMPLATE, "utf-8")
    run = scopedown("grants", tmp_path)
    heads = [Path(line).name for line in run.out.splitlines() if line.endswith(".yaml")]
    assert heads == ["a.yaml", "b.yaml"]
    assert run.out.count("as told for LoadFunction") == 2
    assert run.out.splitlines()[-1] == "6 functions, 6 roles · 2 not visible"


def test_a_role_that_the_template_only_names_is_told(scopedown: Command) -> None:
    template = TEMPLATE.replace("!GetAtt RuleRole.Arn", "!Ref Outside")
    roles = {role["role"]: role for role in told(scopedown, template=template)["roles"]}
    outside = roles["parameter Outside"]
    assert outside["origin"]["kind"] == "external"
    assert outside["unresolved"][0]["reason"] == "the role stands outside the template"


def test_colour_only_where_it_is_wanted(scopedown: Command) -> None:
    assert "\x1b[" not in scopedown("grants", "-", stdin=TEMPLATE).out
    assert "\x1b[1mSaveFunction\x1b[0m" in scopedown("grants", "--color", "always", "-", stdin=TEMPLATE).out


def test_a_plain_check_imports_none_of_it() -> None:
    program = (
        "import sys; from scopedown.cli import main; main(['check', sys.argv[1]])\n"
        "print([name for name in sys.modules if 'grants' in name or name.endswith('iam.access')])"
    )
    command = [sys.executable, "-c", program, str(PROJECTS / "orders" / "template.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
