"""What templates take from outside themselves: files beside them, and other templates of the run."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Command

HEAD = """
Parameters: {Scope: {Type: String, Default: 's3:GetObject'}}
Resources:
"""
ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: {Effect: Allow, Action: ACTION, Resource: RESOURCE}
"""


def role(action: str, resource: str = "'*'") -> str:
    return HEAD + ROLE.replace("ACTION", action).replace("RESOURCE", resource)


def test_samconfig_beside_the_template(scopedown: Command, tmp_path: Path) -> None:
    template = role("!Ref Scope", "'arn:aws:s3:::x/*'")
    assert "service-star" not in scopedown.check(template).rules
    toml = "[default.deploy.parameters]\nparameter_overrides = 'Scope=s3:* Other=1'\n"
    (tmp_path / "samconfig.toml").write_text(toml, encoding="utf-8")
    run = scopedown.check(template)
    assert run.code == 1
    (finding,) = (each for each in run.findings if each["rule"] == "service-star")
    assert "the value of parameter Scope in samconfig.toml" in finding["message"]
    assert "service-star" not in scopedown.check(template, "--param", "Scope=s3:GetObject").rules


def test_a_broken_samconfig_is_an_error_and_hides_nothing(scopedown: Command, tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text("x = \n", encoding="utf-8")
    run = scopedown.check(role("s3:*"))
    assert run.code == 2
    assert "not TOML" in run.err
    assert "service-star" in run.rules


def test_roles_made_by_a_loop(scopedown: Command) -> None:
    loop = "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Roles:\n    - Name\n    - [A, B]\n"
    body = "    - '${Name}Role':\n" + "".join(f"    {line}\n" for line in ROLE.splitlines()[2:])
    run = scopedown.check(loop + body.replace("ACTION", "'s3:*'").replace("RESOURCE", "'*'"))
    found = [each for each in run.findings if each["rule"] == "service-star"]
    assert {each["resource"] for each in found} == {"ARole", "BRole"}
    assert len({each["line"] for each in found}) == 1


def test_a_loop_over_what_is_not_known_is_unresolved(scopedown: Command) -> None:
    loop = "Parameters: {L: {Type: CommaDelimitedList}}\nResources:\n"
    loop += "  Fn::ForEach::R: [N, !Ref L, {'${N}R': {Type: 'A::B::C'}}]\n"
    run = scopedown.check(loop + "  Q: {Type: 'AWS::SQS::Queue'}\n")
    (record,) = run.report["unresolved"]
    assert record["what"] == "Fn::ForEach::R"
    assert record["line"] == 3


def test_statements_in_an_included_file(scopedown: Command, tmp_path: Path) -> None:
    text = "Statement:\n  Effect: Allow\n  Action: 's3:*'\n  Resource: '*'\n"
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    template = role("x").split("            Statement")[0]
    template += "            Fn::Transform: {Name: AWS::Include, Parameters: {Location: policy.yaml}}\n"
    run = scopedown.check(template)
    (finding,) = (each for each in run.findings if each["rule"] == "service-star")
    assert finding["file"].endswith("policy.yaml")
    assert finding["line"] == 3


def test_imports_from_templates_of_the_run(scopedown: Command, tmp_path: Path) -> None:
    shared = HEAD + "  Bucket: {Type: 'AWS::S3::Bucket'}\nOutputs:\n"
    shared += "  Wide: {Value: '*', Export: {Name: wide}}\n"
    (tmp_path / "a.yaml").write_text(shared, encoding="utf-8")
    app = role("'s3:GetObject'", "!ImportValue wide")
    alone = scopedown.check(app, name="b.yaml")
    assert alone.findings == []
    both = scopedown("check", "--format", "json", tmp_path)
    assert "resource-star" in both.rules


def test_samconfig_in_yaml_and_its_environments(scopedown: Command, tmp_path: Path) -> None:
    template = role("!Ref Scope", "'arn:aws:s3:::x/*'")
    config = "default: {deploy: {parameters: {parameter_overrides: 'Scope=s3:GetObject'}}}\n"
    config += "prod: {deploy: {parameters: {parameter_overrides: 'Scope=s3:*'}}}\n"
    (tmp_path / "samconfig.yaml").write_text(config, encoding="utf-8")
    assert "service-star" not in scopedown.check(template).rules
    run = scopedown.check(template, "--config-env", "prod")
    (finding,) = (each for each in run.findings if each["rule"] == "service-star")
    assert "the value of parameter Scope in samconfig.yaml" in finding["message"]
    assert "--config-env NAME" in scopedown("check", "--help").out
    run = scopedown.check(template, "--config-env", "test")
    assert run.code == 2
    assert "samconfig.yaml: it has no environment 'test'; there are: default, prod" in run.err
