"""Values of parameters from outside the template: every form of file, who wins, and what is refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scopedown.source.reader import Reader, decode
from scopedown.source.tree import InputError
from scopedown.values.parameter_files import beside, read_file, values_in
from scopedown.values.parameters import Given
from tests.conftest import Command

TEMPLATE = """
Parameters:
  Scope: {Type: String}
  Token: {Type: String, NoEcho: true, Default: none}
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: {Effect: Allow, Action: !Ref Scope, Resource: !GetAtt Bucket.Arn}
"""


@pytest.mark.parametrize(
    "text",
    [
        '[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "ParameterValue": "x y"}]',
        '{"A": "1", "B": "x y"}',
        '{"A": 1, "B": "x y"}',
        '{"Parameters": {"A": "1", "B": "x y"}, "Tags": {"T": "v"}, "StackPolicy": {"Statement": []}}',
        '["A=1", "B=x y"]',
        "A=1\nB=x y\n",
        "# values\n\nA=1\r\nB = \n".replace("B = ", "B=x y"),
        "A=1 B='x y'",
        'A="1"\nB="x y"',
        'ParameterKey=A,ParameterValue=1 ParameterKey=B,ParameterValue="x y"',
    ],
)
def test_forms(text: str) -> None:
    assert values_in(decode("values", text.encode())) == {"A": "1", "B": "x y"}


def test_values_that_are_not_plain_strings() -> None:
    text = '{"L": ["a", "b"], "Yes": true, "N": 0}'
    assert values_in(decode("v.json", text.encode())) == {"L": "a,b", "Yes": "true", "N": "0"}
    text = '[{"ParameterKey": "A", "UsePreviousValue": true}, {"ParameterKey": "B", "ParameterValue": "b=c"}]'
    assert values_in(decode("v.json", text.encode())) == {"B": "b=c"}
    assert values_in(decode("v", b"A=x=y\nB=\nC=a,b\n")) == {"A": "x=y", "B": "", "C": "a,b"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"x"', "'\"x\"' is not of the form K=V"),
        ("A: 1\n", "v:1: 'A: 1' is not of the form K=V"),
        ("A=1\n\nwords only\n", "v:3: 'words only' is not of the form K=V"),
        ('[{"Key": "A"}]', "v:1:2: a parameter without ParameterKey"),
        ('[{"ParameterKey": "A"}]', "v:1:2: parameter 'A' has no ParameterValue"),
        ('{"A": {"B": "c"}}', "v:1:7: the value of a parameter is not a string"),
        ('["A"]', "v:1:2: 'A' is not of the form K=V"),
        ('[{"ParameterKey": ', "v:1:"),
    ],
)
def test_odd_files(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        values_in(decode("v", text.encode()))
    assert message in str(caught.value)
    assert "; " in str(caught.value)


def test_a_file_on_disk(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text('{"A": "1"}', encoding="utf-8")
    assert read_file(str(tmp_path / "v.json")) == {"A": "1"}
    with pytest.raises(InputError, match="no such file"):
        read_file(str(tmp_path / "missing.json"))
    with pytest.raises(InputError, match="folder"):
        read_file(str(tmp_path))


# -- the command line ------------------------------------------------------------------------------------


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_a_parameter_file_gives_values(scopedown: Command, tmp_path: Path) -> None:
    file = written(tmp_path, "values.txt", "Scope=s3:*\n")
    run = scopedown.check(TEMPLATE, "--parameter-file", file)
    assert "service-star" in run.rules
    (finding,) = (each for each in run.findings if each["rule"] == "service-star")
    assert f"the value of parameter Scope in {file}" in finding["message"]


def test_who_wins(scopedown: Command, tmp_path: Path) -> None:
    wide = written(tmp_path, "wide.txt", "Scope=s3:*\n")
    narrow = written(tmp_path, "narrow.txt", "Scope=s3:GetObject\n")
    assert (
        "service-star"
        not in scopedown.check(TEMPLATE, "--parameter-file", wide, "--parameter-file", narrow).rules
    )
    assert (
        "service-star"
        in scopedown.check(TEMPLATE, "--parameter-file", narrow, "--parameter-file", wide).rules
    )
    run = scopedown.check(TEMPLATE, "--param", "Scope=s3:*", "--parameter-file", narrow)
    assert "service-star" in run.rules
    assert "by --param Scope" in run.findings[0]["message"]


def test_a_file_that_cannot_be_used_ends_with_2(scopedown: Command, tmp_path: Path) -> None:
    run = scopedown.check(TEMPLATE, "--parameter-file", str(tmp_path / "none.json"))
    assert (run.code, run.out) == (2, "")
    assert "no such file or folder" in run.err
    run = scopedown.check(TEMPLATE, "--parameter-file", written(tmp_path, "odd.yaml", "Scope: x\n"))
    assert run.code == 2
    assert "odd.yaml:1: 'Scope: x' is not of the form K=V" in run.err


def test_a_name_that_no_template_has_ends_with_2(scopedown: Command, tmp_path: Path) -> None:
    run = scopedown.check(TEMPLATE, "--param", "Scop=s3:*", "--param", "Scope=x")
    assert run.code == 2
    assert "--param: nothing in this run has a parameter 'Scop'" in run.err
    file = written(tmp_path, "values.txt", "Scope=x\nTokne=y\n")
    run = scopedown.check(TEMPLATE, "--parameter-file", file)
    assert run.code == 2
    assert f"{file}: nothing in this run has a parameter 'Tokne'" in run.err


def test_a_name_that_one_template_of_the_run_has(scopedown: Command, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("Resources: {Q: {Type: 'AWS::SQS::Queue'}}\n", encoding="utf-8")
    run = scopedown.check(TEMPLATE, "--param", "Scope=s3:GetObject", str(other))
    assert run.code == 0


def test_the_value_of_a_noecho_parameter_is_never_printed(scopedown: Command, tmp_path: Path) -> None:
    template = TEMPLATE.replace("!Ref Scope", "!Ref Token")
    for form in ("text", "json", "sarif"):
        run = scopedown(
            "check", "--format", form, written(tmp_path, "t.yaml", template), "--param", "Token=s3:Delete*"
        )
        assert run.code in (0, 1)
        assert "s3:Delete*" not in run.out + run.err


# -- samconfig.toml --------------------------------------------------------------------------------------


def sam(folder: Path, toml: str, given: Given | None = None) -> tuple[dict[str, str], list[InputError]]:
    (folder / "samconfig.toml").write_text(toml, encoding="utf-8")
    errors: list[InputError] = []
    template: Any = SimpleNamespace(path=str(folder / "template.yaml"), reader=Reader(str(folder)))
    return beside(template, given or Given(), errors), errors


@pytest.mark.parametrize(
    "overrides",
    [
        '"A=1 B=\\"x y\\""',
        '\'A="1" B="x y"\'',
        '["A=1", "B=\'x y\'"]',
        "'ParameterKey=A,ParameterValue=1 ParameterKey=B,ParameterValue=\"x y\"'",
        '{A = 1, B = "x y"}',
    ],
)
def test_sam_overrides(tmp_path: Path, overrides: str) -> None:
    toml = f"version = 0.1\n[default.deploy.parameters]\nparameter_overrides = {overrides}\n"
    given, errors = sam(tmp_path, toml)
    assert given == {"A": "1", "B": "x y"}
    assert isinstance(given, Given)
    assert given.sources == dict.fromkeys("AB", "samconfig.toml")
    assert not given.unknown  # it is no slip of the user's where a template has no such parameter
    assert not errors


def test_sam_overrides_lose_to_what_is_given(tmp_path: Path) -> None:
    given = Given()
    given.add({"A": "file"}, "values.json")
    toml = "[default.global.parameters]\nparameter_overrides = 'C=3'\n[default.deploy.parameters]\n"
    found, _ = sam(tmp_path, toml + "parameter_overrides = 'A=1 B=2'\n", given)
    assert found == {"A": "file", "B": "2"}
    assert isinstance(found, Given)
    assert found.sources == {"A": "values.json", "B": "samconfig.toml"}
    assert found.unknown == {"A"}


def test_sam_overrides_of_another_template(tmp_path: Path) -> None:
    toml = "[default.deploy.parameters]\ntemplate_file = '{}'\nparameter_overrides = 'A=1'\n"
    assert sam(tmp_path, toml.format("other.yaml"))[0] == {}
    assert sam(tmp_path, toml.format(".aws-sam/build/template.yaml"))[0] == {"A": "1"}


def test_sam_configuration_without_overrides(tmp_path: Path) -> None:
    assert sam(tmp_path, "version = 0.1\n[prod.deploy.parameters]\nparameter_overrides = 'A=1'\n") == ({}, [])


def test_a_broken_sam_configuration_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text("x = \n", encoding="utf-8")
    errors: list[InputError] = []
    template: Any = SimpleNamespace(path=str(tmp_path / "template.yaml"), reader=Reader(str(tmp_path)))
    for _ in range(2):
        assert beside(template, {}, errors) == {}
    (error,) = errors
    assert "not TOML" in str(error)


def test_standard_input_has_no_configuration_beside_it() -> None:
    template: Any = SimpleNamespace(path="<stdin>", reader=None)
    assert beside(template, {}, []) == {}


# -- samconfig.yaml, environments ------------------------------------------------------------------------

YAML = """\
version: 0.1
default:
  global: {parameters: {stack_name: gym}}
  deploy:
    parameters:
      parameter_overrides:
        - A=1
        - B='x y'
prod:
  deploy: {parameters: {parameter_overrides: "A=9 B=live"}}
"""
TOML = """\
[default.deploy.parameters]
parameter_overrides = "A=1"
[prod.deploy.parameters]
parameter_overrides = "A=9"
"""


def beside_files(
    folder: Path, environment: str = "default", **files: str
) -> tuple[dict[str, str], list[InputError]]:
    """What the samconfig files in a folder give, by their endings."""
    for ending, text in files.items():
        (folder / f"samconfig.{ending}").write_text(text, encoding="utf-8")
    errors: list[InputError] = []
    template: Any = SimpleNamespace(path=str(folder / "template.yaml"), reader=Reader(str(folder)))
    return beside(template, Given(), errors, environment), errors


@pytest.mark.parametrize("ending", ["yaml", "yml"])
def test_sam_configuration_in_yaml(tmp_path: Path, ending: str) -> None:
    given, errors = beside_files(tmp_path, **{ending: YAML})
    assert (given, errors) == ({"A": "1", "B": "x y"}, [])
    assert isinstance(given, Given)
    assert set(given.sources.values()) == {f"samconfig.{ending}"}


@pytest.mark.parametrize(
    "overrides", ["A=1 B='x y'", "{A: 1, B: x y}", "[A=1, \"B='x y'\"]", "{A: '1', B: x y}"]
)
def test_forms_of_overrides_in_yaml(tmp_path: Path, overrides: str) -> None:
    text = f"default: {{deploy: {{parameters: {{parameter_overrides: {overrides}}}}}}}\n"
    assert beside_files(tmp_path, yaml=text)[0] == {"A": "1", "B": "x y"}


def test_toml_comes_first_as_in_sam(tmp_path: Path) -> None:
    assert beside_files(tmp_path, yaml=YAML, toml=TOML)[0] == {"A": "1"}


@pytest.mark.parametrize(("ending", "text"), [("toml", TOML), ("yaml", YAML)])
def test_the_environment_that_counts(tmp_path: Path, ending: str, text: str) -> None:
    assert beside_files(tmp_path, "prod", **{ending: text})[0]["A"] == "9"
    given, (error,) = beside_files(tmp_path, "prd", **{ending: text})
    assert given == {}
    assert str(error).endswith(
        f"samconfig.{ending}: it has no environment 'prd'; there are: default, prod; "
        "choose one with --config-env"
    )


@pytest.mark.parametrize(
    ("ending", "text", "message"),
    [
        ("toml", "version = 0.1\nx = \n", "samconfig.toml:2:5: not TOML: invalid value; correct it there"),
        ("toml", "[default.deploy.parameters]\nx = '", "samconfig.toml:2: not TOML: "),
        ("toml", TOML.replace("A=1", "A: 1"), "samconfig.toml:2: parameter_overrides holds 'A: 1'"),
        ("yaml", "version: 0.1\ndefault: [\n", "samconfig.yaml:3:"),
        ("yaml", YAML.replace("A=1", "A"), "samconfig.yaml:7: parameter_overrides holds 'A'"),
    ],
)
def test_errors_of_a_sam_configuration_have_a_line(
    tmp_path: Path, ending: str, text: str, message: str
) -> None:
    _, (error,) = beside_files(tmp_path, **{ending: text})
    assert message in str(error)


def test_a_sam_configuration_as_a_parameter_file(tmp_path: Path) -> None:
    for ending, text in (("toml", TOML), ("yaml", YAML)):
        path = tmp_path / f"samconfig.{ending}"
        path.write_text(text, encoding="utf-8")
        assert read_file(str(path))["A"] == "1"
        assert read_file(str(path), "prod")["A"] == "9"


def test_grants_reads_the_environment_that_is_named(scopedown: Command, tmp_path: Path) -> None:
    written(tmp_path, "template.yaml", TEMPLATE)
    written(
        tmp_path, "samconfig.yaml", YAML.replace("A=1", "Scope=s3:GetObject").replace("A=9", "Scope=s3:Put*")
    )
    shown = scopedown("grants", tmp_path)
    assert "s3:GetObject" in shown.out
    assert "s3:Put* " in scopedown("grants", "--config-env", "prod", tmp_path).out
    assert "--config-env NAME" in scopedown("grants", "--help").out
    run = scopedown("grants", "--config-env", "nowhere", tmp_path)
    assert run.code == 2
    assert "it has no environment 'nowhere'" in run.err
