"""``--all-stages``: a service is judged at every stage that it names; what holds in several is told once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import Command, Run

SERVICE = """\
service: gym
frameworkVersion: '3'
provider:
  name: aws
  stage: dev
  iam:
    role:
      statements:
        - Effect: Allow
          Action: sqs:*
          Resource: arn:aws:sqs:eu-west-1:111122223333:lockers-${sls:stage}
        - Effect: Allow
          Action: s3:GetObject
          Resource: ${param:photos}
        - Effect: Allow
          Action: dynamodb:GetItem
          Resource: ${self:custom.table.${sls:stage}}
        - Effect: Allow
          Action: sns:Publish
          Resource: ${env:TOPIC}
params:
  default: {photos: 'arn:aws:s3:::*'}
  prod: {photos: 'arn:aws:s3:::gym-photos/*'}
  test: {}
custom:
  table:
    dev: arn:aws:dynamodb:eu-west-1:111122223333:table/members
functions:
  enter: {handler: gym.enter}
"""
# The same value in every stage, but spelt with the stage's name.
SPELT = """\
service: gym
frameworkVersion: '3'
params: {dev: {}, prod: {}}
provider: {name: aws}
functions:
  enter: {handler: gym.enter, role: 'arn:aws:iam::111122223333:role/gym-${sls:stage}'}
  leave: {handler: gym.leave, role: 'arn:aws:iam::111122223333:role/gym-${sls:stage}'}
"""


@pytest.fixture
def service(tmp_path: Path) -> Path:
    path = tmp_path / "serverless.yml"
    path.write_text(SERVICE, "utf-8")
    return path


def told(run: Run) -> list[tuple[str, int, str | None]]:
    return [(one["rule"], one["line"], one["guard"]) for one in run.findings]


def unresolved(run: Run) -> list[tuple[str, str, int]]:
    return [(one["what"], one["reason"], one["line"]) for one in run.report["unresolved"]]


def prints(run: Run) -> dict[str, str]:
    return {one["rule"]: one["fingerprint"] for one in run.findings}


def test_what_holds_in_every_stage_is_told_once_and_the_rest_says_where(
    scopedown: Command, service: Path
) -> None:
    run = scopedown("check", "--all-stages", "--format", "json", service)
    assert (run.code, run.err) == (1, "")
    assert told(run) == [
        ("service-star", 10, None),
        ("resource-type-star", 22, "the stage is dev or test"),
    ]
    assert run.report["summary"]["templates"] == 1


@pytest.mark.parametrize(
    ("words", "rules"),
    [
        ([], {"service-star", "resource-type-star"}),
        (["--stage", "test"], {"service-star", "resource-type-star"}),
        (["--stage", "prod"], {"service-star"}),
    ],
)
def test_one_stage(scopedown: Command, service: Path, words: list[str], rules: set[str]) -> None:
    run = scopedown("check", *words, "--format", "json", service)
    assert run.rules == rules
    assert {one["guard"] for one in run.findings} == {None}


def test_a_fingerprint_has_no_stage(scopedown: Command, service: Path) -> None:
    alone = prints(scopedown("check", "--format", "json", service))
    assert prints(scopedown("check", "--all-stages", "--format", "json", service)) == alone
    other = prints(scopedown("check", "--stage", "test", "--format", "json", service))
    assert other == alone


def test_what_is_not_known_is_told_once(scopedown: Command, service: Path) -> None:
    run = scopedown("check", "--all-stages", "--format", "json", service)
    nothing = "nothing has this value; the framework stops there (where the stage is prod or test)"
    outside = "it is known only at deployment; --env reads it from this environment"
    assert unresolved(run) == [
        ("${env:TOPIC}", outside, 20),
        ("${self:custom.table.${sls:stage}}", nothing, 17),
    ]
    assert [what for what, _, _ in unresolved(scopedown("check", "--format", "json", service))] == [
        "${env:TOPIC}"
    ]


def test_a_value_that_holds_the_name_of_the_stage_is_no_other_finding(scopedown: Command) -> None:
    run = scopedown.check(SPELT, "--all-stages", name="serverless.yml")
    assert [(one["rule"], one["resource"], one["guard"]) for one in run.findings] == [
        ("shared-role", "enter", None),
        ("shared-role", "leave", None),
    ]
    assert "role/gym-dev" in run.findings[0]["message"]
    assert run.findings[0]["labels"][0]["text"] == "its contents are not in this service"
    assert run.findings[0]["path"] == "functions.enter.role"


def test_a_condition_stands_beside_the_stage(scopedown: Command) -> None:
    text = SERVICE.replace(
        "Resource: ${param:photos}", "Resource: !If [IsBig, '${param:photos}', 'arn:aws:s3:::a/*']"
    )
    text += "resources:\n  Conditions: {IsBig: !Equals [!Ref 'AWS::AccountId', '111122223333']}\n"
    run = scopedown.check(text, "--all-stages", name="serverless.yml")
    guards = {one["rule"]: one["guard"] for one in run.findings}
    assert guards == {"service-star": None, "resource-type-star": "the stage is dev or test, and IsBig"}


def test_the_text_says_in_which_stage(
    scopedown: Command, service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(service.parent)
    run = scopedown("check", "--all-stages", "serverless.yml")
    assert "   when    the stage is dev or test\n" in run.out
    assert run.out.count("service-star  ") + run.out.count("resource-type-star\n") == 2
    assert run.out.endswith("2 findings (2 high) · 2 unresolved · 1 service\n")


def test_a_suppression_holds_in_every_stage(scopedown: Command) -> None:
    text = SERVICE.replace("sqs:*", "sqs:*  # scopedown: ignore[service-star] moved in May")
    run = scopedown.check(text, "--all-stages", name="serverless.yml")
    assert run.rules == {"resource-type-star"}
    assert len(run.report["suppressed"]) == 1
    assert run.report["unusedSuppressions"] == []


def test_a_crash_of_a_rule_is_told_once(scopedown: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from scopedown.checks import no_concurrency_limit

    def fail(*_: Any) -> None:
        raise KeyError("x")

    monkeypatch.setattr(no_concurrency_limit, "check", fail)
    run = scopedown.check(SERVICE, "--all-stages", name="serverless.yml")
    assert run.code == 2
    assert len(run.report["internalErrors"]) == 1


def test_templates_have_no_stages(scopedown: Command) -> None:
    text = "Resources: {Lockers: {Type: 'AWS::SQS::Queue'}}\n"
    assert scopedown.check(text, "--all-stages").report["findings"] == []


def test_one_stage_or_all(scopedown: Command, service: Path) -> None:
    run = scopedown("check", "--stage", "dev", "--all-stages", service)
    assert (run.code, run.out) == (2, "")
    assert "--stage and --all-stages exclude each other" in run.err
