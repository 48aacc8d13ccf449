"""Services of the Serverless Framework from the outside: what is read, what is told, how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ..conftest import ROOT, Command, Run

FLORIST = ROOT / "fixtures" / "projects" / "florist"
GRANTS = json.loads((ROOT / "src/scopedown/report/grants_schema.json").read_text("utf-8"))
SCHEMA = json.loads((ROOT / "src/scopedown/report/schema.json").read_text("utf-8"))
SARIF = json.loads((ROOT / "tests/data/sarif-2.1.0-rtm.4.json").read_text("utf-8"))
GYM = """\
service: gym
frameworkVersion: '3'
provider:
  name: aws
  iam:
    role:
      statements:
        - Effect: Allow
          Action: sqs:*
          Resource: arn:aws:sqs:eu-west-1:111122223333:lockers
functions:
  enter:
    handler: gym.enter
"""
STATEMENT = {
    "Effect": "Allow",
    "Action": "sqs:*",
    "Resource": "arn:aws:sqs:eu-west-1:111122223333:lockers",
}
TREE = {
    "service": "gym",
    "frameworkVersion": "3",
    "provider": {"name": "aws", "iam": {"role": {"statements": [STATEMENT]}}},
    "functions": {"enter": {"handler": "gym.enter"}},
}
TOML = """\
service = "gym"
frameworkVersion = "4"

[provider]
name = "aws"

[[provider.iam.role.statements]]
Effect = "Allow"
Action = "sqs:*"
Resource = "arn:aws:sqs:eu-west-1:111122223333:lockers"

[functions.enter]
handler = "gym.enter"
"""
COMPUTED = """\
const base = require('./base');
module.exports = base.build({
  service: 'gym',
  provider: { name: 'aws' },
});
"""
INCLUDING = (
    GYM[: GYM.index("      statements:")]
    + "      statements: ${file(FILE)}\nfunctions: {enter: {handler: gym.enter}}\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of its own, and the current folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places(run: Run) -> list[tuple[str, str, int]]:
    return [(one["rule"], one["file"], one["line"]) for one in run.findings]


def unresolved(run: Run) -> list[tuple[str, str, int]]:
    return [(one["what"], one["reason"], one["line"]) for one in run.report["unresolved"]]


def checked(scopedown: Command, *words: str | Path) -> Run:
    """A check whose JSON fits its schema."""
    run = scopedown("check", "--format", "json", *words)
    Draft202012Validator(SCHEMA).validate(run.report)
    return run


# -- what is read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("serverless.yml", GYM, 9),
        ("serverless.yaml", GYM, 9),
        ("serverless.json", json.dumps(TREE, indent=1), 11),
        ("serverless.toml", TOML, 9),
        ("serverless.ts", f"const service = {json.dumps(TREE, indent=1)};\nexport default service;\n", 11),
        ("serverless.js", f"module.exports = {json.dumps(TREE, indent=1)};\n", 11),
    ],
)
def test_every_format_is_read_when_named_and_in_a_walk(
    scopedown: Command, folder: Path, name: str, text: str, line: int
) -> None:
    (folder / name).write_text(text, "utf-8")
    for path in (name, "."):
        run = checked(scopedown, path)
        assert (run.code, places(run)) == (1, [("service-star", name, line)])
        assert run.findings[0]["resource"] == "provider"
        assert run.findings[0]["path"] == "provider.iam.role.statements[0].Action"


def test_what_the_framework_packaged_is_a_template(scopedown: Command, folder: Path) -> None:
    packaged = folder / ".serverless" / "cloudformation-template-update-stack.json"
    packaged.parent.mkdir()
    policy = {"PolicyName": "gym", "PolicyDocument": {"Statement": [STATEMENT]}}
    role = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"IamRoleLambdaExecution": role}}
    packaged.write_text(json.dumps(template), "utf-8")
    run = checked(scopedown, packaged)
    assert (run.code, run.rules) == (1, {"service-star"})
    (folder / "serverless.yml").write_text(GYM, "utf-8")
    assert places(checked(scopedown, ".")) == [("service-star", "serverless.yml", 9)]


def test_a_configuration_that_is_computed(scopedown: Command, folder: Path) -> None:
    (folder / "serverless.js").write_text(COMPUTED, "utf-8")
    named = scopedown("check", "serverless.js")
    assert named.code == 2
    assert named.out.startswith(
        "serverless.js:2:18  error  no object literal is exported; give the packaged "
    )
    assert ".serverless/cloudformation-template-update-stack.json" in named.out
    (folder / "gym").mkdir()
    (folder / "gym" / "serverless.yml").write_text(GYM, "utf-8")
    walked = scopedown("check", ".")
    assert walked.code == 1
    assert "serverless.js  skipped  its configuration is made by code, which is not run" in walked.out
    assert walked.out.endswith(" · 1 service, 1 file skipped\n")


def test_a_service_of_another_provider(scopedown: Command, folder: Path) -> None:
    (folder / "serverless.yml").write_text(GYM.replace("name: aws", "name: google"), "utf-8")
    named = scopedown("check", "serverless.yml")
    assert named.code == 2
    assert named.out.startswith(
        "serverless.yml:4  error  a service of the provider 'google', not of AWS; name a "
    )
    walked = scopedown("check", ".")
    assert walked.code == 2
    assert walked.out == "serverless.yml  skipped  a service of the provider 'google', not of AWS\n"
    assert "nothing to check" in walked.err
    assert scopedown("check", "--hook", "serverless.yml").code == 0


def test_a_service_on_standard_input(scopedown: Command) -> None:
    run = scopedown("check", "-", "--stdin-filename", "serverless.yml", stdin=GYM)
    assert run.code == 1
    assert run.out.startswith("serverless.yml:9:19  high  service-star")
    assert run.out.endswith("1 finding (1 high) · 1 service\n")


def test_templates_and_services_are_counted_apart(scopedown: Command, folder: Path) -> None:
    (folder / "serverless.yml").write_text(GYM, "utf-8")
    (folder / "base.yml").write_text("Resources: {Lockers: {Type: 'AWS::SQS::Queue'}}\n", "utf-8")
    (folder / "values.yml").write_text("a: 1\n", "utf-8")
    assert scopedown("check", ".").out.endswith(" · 1 template, 1 service, 1 file skipped\n")
    assert checked(scopedown, ".").report["summary"]["templates"] == 2


def test_included_files_are_not_told_as_skipped(scopedown: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FLORIST)
    assert scopedown("check", ".").out.endswith("6 findings (4 high, 2 low) · 1 service\n")
    assert checked(scopedown, ".").report["summary"]["filesSkipped"] == 0


# -- included files ----------------------------------------------------------------------------------------


def test_a_finding_points_into_the_included_file(scopedown: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FLORIST)
    run = checked(scopedown, "serverless.yml")
    assert run.code == 1
    by_rule = {one["rule"]: one for one in run.findings}
    star = by_rule["service-star"]
    assert (star["file"], star["line"], star["column"]) == ("iam/statements.yml", 3, 11)
    assert (star["resource"], star["path"]) == ("provider", "provider.iam.role.statements[0].Action")
    shared = by_rule["sls-provider-role"]
    assert (shared["file"], shared["resource"]) == (
        "functions.yml",
        shared["path"].removeprefix("functions."),
    )
    # A parameter's value is what has to change.
    assert (by_rule["resource-type-star"]["file"], by_rule["resource-type-star"]["line"]) == (
        "serverless.yml",
        12,
    )


def test_sarif_of_included_files(scopedown: Command) -> None:
    run = scopedown("check", "--format", "sarif", FLORIST)
    Draft202012Validator(SARIF).validate(run.report)
    found: dict[str, tuple[str, str, str]] = {}
    for result in run.report["runs"][0]["results"]:
        (location,) = result["locations"]
        (logical,) = location["logicalLocations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        found.setdefault(result["ruleId"], (uri, logical["name"], logical["fullyQualifiedName"]))
    folder = "fixtures/projects/florist"
    assert found == {
        "no-concurrency-limit": (f"{folder}/functions.yml", "listFlowers", "functions.listFlowers"),
        "sls-provider-role": (f"{folder}/functions.yml", "listFlowers", "functions.listFlowers"),
        "service-star": (
            f"{folder}/iam/statements.yml",
            "provider",
            "provider.iam.role.statements[0].Action",
        ),
        "resource-star": (
            f"{folder}/iam/statements.yml",
            "provider",
            "provider.iam.role.statements[1].Resource",
        ),
        "resource-type-star": (
            f"{folder}/serverless.yml",
            "provider",
            "provider.iam.role.statements[2].Resource",
        ),
    }


def test_a_changed_included_file_is_checked_with_its_service(
    scopedown: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FLORIST)
    whole = checked(scopedown, "serverless.yml").findings
    for names in (["iam/statements.yml"], ["resources/storage.yml", "functions.yml", "serverless.yml"]):
        run = checked(scopedown, "--hook", "--root", ".", *names)
        assert (run.code, run.findings) == (1, whole)
        assert run.report["summary"]["templates"] == 1
    assert ("service-star", "iam/statements.yml", 3) in places(run)


@pytest.mark.parametrize(
    ("file", "what", "reason"),
    [
        ("missing.yml", "${file(missing.yml)}", "there is no file 'missing.yml'; the framework stops there"),
        (
            "../../etc/passwd",
            "file(../../etc/passwd)",
            "outside the root '{root}', so it is not read; widen it with --root",
        ),
        ("more.js", "provider.iam.role.statements", "'${file(more.js)}' is not known here"),
        ("broken.yml", "file(broken.yml)", None),
    ],
)
def test_an_included_file_that_is_not_read_is_unresolved(
    scopedown: Command, folder: Path, file: str, what: str, reason: str | None
) -> None:
    (folder / "broken.yml").write_text("- a: [\n", "utf-8")
    (folder / "more.js").write_text("module.exports = () => [];\n", "utf-8")
    (folder / "serverless.yml").write_text(INCLUDING.replace("FILE", file), "utf-8")
    run = checked(scopedown, "serverless.yml")
    assert (run.code, run.findings, run.report["errors"]) == (0, [], [])
    ((told, why, line),) = unresolved(run)
    assert (told, line) == (what, 7)
    assert why == (reason or why).replace("{root}", str(folder))
    assert run.report["unresolved"][0]["path"] == "provider.iam.role.statements"
    assert "root:" not in run.out
    assert scopedown("check", "--strict", "serverless.yml").code == 1
    text = scopedown("check", "--show-unresolved", "serverless.yml").out
    assert f"serverless.yml:7:19  unresolved  {what.split()[0]}" in text
    assert "no findings · 1 unresolved · 1 service\n" in text


def test_a_file_that_a_fallback_follows_is_no_record(scopedown: Command, folder: Path) -> None:
    text = GYM.replace("    handler", "    description: ${file(missing.yml), 'a door'}\n    handler")
    (folder / "serverless.yml").write_text(text, "utf-8")
    assert unresolved(checked(scopedown, ".")) == []


def test_a_key_that_an_included_file_lacks(scopedown: Command, folder: Path) -> None:
    (folder / "more.yml").write_text("other: []\n", "utf-8")
    text = INCLUDING.replace("file(FILE)", "file(more.yml):statements")
    (folder / "serverless.yml").write_text(text, "utf-8")
    assert unresolved(checked(scopedown, ".")) == [
        ("${file(more.yml):statements}", "nothing has this value; the framework stops there", 7)
    ]


def test_plugins_that_are_not_known_are_one_record(scopedown: Command, folder: Path) -> None:
    plugins = "plugins:\n  - serverless-offline\n  - gym-roles\n  - ./lockers\n"
    (folder / "serverless.yml").write_text(plugins + GYM, "utf-8")
    reason = "gym-roles, ./lockers may add or change roles and statements; what they do is not known here"
    assert unresolved(checked(scopedown, ".")) == [("plugins", reason, 3)]


# -- parameters, environment, rules --------------------------------------------------------------------------


def with_resource(resource: str) -> str:
    return GYM.replace("sqs:*", "s3:GetObject").replace(
        "arn:aws:sqs:eu-west-1:111122223333:lockers", resource
    )


def test_parameters(scopedown: Command) -> None:
    text = with_resource("${param:photos}")
    open_ = scopedown.check(text, name="serverless.yml")
    reason = "it is known only at deployment; give it with --param photos=VALUE"
    assert (open_.code, unresolved(open_)) == (0, [("${param:photos}", reason, 10)])
    broad = scopedown.check(text, "--param", "photos=*", name="serverless.yml")
    assert (broad.code, broad.rules, unresolved(broad)) == (1, {"resource-star"}, [])
    narrow = scopedown.check(text, "--param", "photos=arn:aws:s3:::gym/*", name="serverless.yml")
    assert (narrow.code, narrow.findings, unresolved(narrow)) == (0, [], [])


@pytest.mark.parametrize("command", ["check", "grants"])
def test_a_parameter_that_a_service_does_not_have_is_refused(
    scopedown: Command, folder: Path, command: str
) -> None:
    (folder / "serverless.yml").write_text(with_resource("${param:photos}"), "utf-8")
    run = scopedown(command, "--format", "json", "--param", "fotos=*", "serverless.yml")
    assert run.code == 2
    assert run.err == (
        "scopedown: --param: nothing in this run has a parameter 'fotos'; correct the name or leave it out\n"
    )


@pytest.mark.parametrize("name", ["lights", "music", "stored"])
def test_a_parameter_counts_wherever_a_service_has_it(scopedown: Command, name: str) -> None:
    text = GYM + "params: {default: {lights: on}}\npackage: {patterns: ['${param:music, param:stored}']}\n"
    assert scopedown.check(text, "--param", f"{name}=x", name="serverless.yml").code == 1


def test_the_environment_counts_only_where_it_is_to(
    scopedown: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GYM_PHOTOS", "*")
    text = with_resource("${env:GYM_PHOTOS}")
    reason = "it is known only at deployment; --env reads it from this environment"
    assert unresolved(scopedown.check(text, name="serverless.yml")) == [("${env:GYM_PHOTOS}", reason, 10)]
    run = scopedown.check(text, "--env", name="serverless.yml")
    assert (run.rules, unresolved(run)) == ({"resource-star"}, [])


def test_rules_can_be_chosen(scopedown: Command) -> None:
    run = scopedown("check", "--format", "json", "--select", "sls-provider-role", FLORIST)
    assert (run.code, run.rules) == (1, {"sls-provider-role"})
    assert [one["resource"] for one in run.findings] == [
        "listFlowers",
        "placeOrder",
        "wrapBunch",
        "countStems",
        "thankCustomers",
    ]
    ignored = scopedown("check", "--format", "json", "--ignore", "sls-provider-role", FLORIST)
    assert "sls-provider-role" not in ignored.rules


def test_exit_codes(scopedown: Command) -> None:
    only = ("check", "--select", "no-concurrency-limit")
    assert scopedown(*only, FLORIST).code == 0
    assert scopedown(*only, "--fail-on", "low", FLORIST).code == 1
    assert scopedown(*only, "--fail-on", "low", "--exit-zero", FLORIST).code == 0
    assert scopedown(*only, FLORIST / "functions.yml").code == 2


def test_the_page_of_a_rule(scopedown: Command) -> None:
    page = scopedown("explain", "sls-provider-role")
    assert page.code == 0
    assert page.out.startswith(
        "sls-provider-role  E9114\nAllows all functions of a service what any of them needs\n"
    )
    assert "serverless-iam-roles-per-function" in page.out
    assert "  # <- sls-provider-role" in page.out


def test_the_list_of_rules(scopedown: Command) -> None:
    run = scopedown("rules")
    assert run.code == 0
    row = next(line for line in run.out.splitlines() if line.startswith("sls-provider-role "))
    assert row.split()[1:3] == ["high", "sharing"]


# -- grants ------------------------------------------------------------------------------------------------


def granted(scopedown: Command, *words: str | Path) -> dict[str, Any]:
    run = scopedown("grants", "--format", "json", *words)
    assert (run.code, run.err) == (0, "")
    Draft202012Validator(GRANTS).validate(run.report)
    return run.report


def test_grants_of_one_function(scopedown: Command) -> None:
    report = granted(scopedown, FLORIST, "--function", "wrapBunch")
    ((function,), roles) = report["functions"], report["roles"]
    assert (function["function"], function["id"], roles) == ("wrapBunch", "WrapBunchLambdaFunction", [])
    assert Path(function["file"]).name == "functions.yml"
    (role,) = function["roles"]
    assert role["role"] == "the provider's role"
    assert (role["origin"]["kind"], role["origin"]["resource"]) == ("generated", "IamRoleLambdaExecution")
    assert role["sharedWith"] == ["listFlowers", "placeOrder", "countStems", "thankCustomers"]
    written = [one for one in role["grants"] if one["carrier"]["kind"] == "inline"]
    assert [(Path(one["file"]).name, one["line"], one["path"]) for one in written] == [
        ("statements.yml", 2, "provider.iam.role.statements[0]"),
        ("statements.yml", 5, "provider.iam.role.statements[1]"),
        ("statements.yml", 9, "provider.iam.role.statements[2]"),
    ]
    added = [one["carrier"]["cause"] for one in role["grants"] if one["carrier"]["kind"] == "generated"]
    assert added == [
        "added by the framework",
        "added by the framework",
        "added by the framework for functions.countStems.events[0].stream",
        "added by the framework for functions.wrapBunch.events[0].sqs",
    ]


def test_grants_by_role_and_stage(scopedown: Command) -> None:
    for words, bucket in (([], "dev"), (["--stage", "prod"], "prod")):
        (role,) = granted(scopedown, FLORIST, "--role", "TidyRole", *words)["roles"]
        assert role["origin"]["kind"] == "resource"
        (grant,) = [one for one in role["grants"] if one["carrier"]["kind"] == "inline"]
        assert grant["resources"][0]["value"] == f"arn:aws:s3:::florist-photos-{bucket}/*"


def test_who_may_do_this_in_a_service(scopedown: Command) -> None:
    run = scopedown("grants", "--action", "ses:SendEmail", FLORIST)
    lines = run.out.splitlines()
    assert lines[0] == "who may ses:SendEmail?"
    assert [line.split("  ", 3)[2].strip() for line in lines[2:7]] == [
        "listFlowers",
        "placeOrder",
        "wrapBunch",
        "countStems",
        "thankCustomers",
    ]
    assert lines[2].endswith("provider.iam.role.statements, line 9 of statements.yml")
    assert lines[-1] == "no: tidyPhotos"


def test_wording_of_a_service(scopedown: Command, folder: Path) -> None:
    text = GYM.replace(
        "  enter:\n",
        "  leave:\n    handler: gym.leave\n    role: arn:aws:iam::111122223333:role/out\n  enter:\n",
    )
    text += "    events:\n      - s3: {bucket: photos, existing: true}\n"
    (folder / "serverless.yml").write_text(text, "utf-8")
    told = scopedown("grants", "serverless.yml").out
    assert "SAM" not in told
    assert "template" not in told
    assert "  role    arn:aws:iam::111122223333:role/out, outside the service; " in told
    assert "    from    line 8, provider.iam.role.statements\n" in told
    custom = told[told.index("the framework's custom resources  line 18\n") :]
    assert custom.splitlines()[1:3] == [
        "  role    made by the framework for functions of its own, which set up what",
        "          CloudFormation cannot",
    ]
    assert "s3:PutBucketNotification" in custom


def test_places_in_other_files_are_told_with_their_file(
    scopedown: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FLORIST)
    told = scopedown("grants", ".").out
    assert "    from    serverless.yml:22, added by the framework\n" in told
    assert "line 22" not in told
