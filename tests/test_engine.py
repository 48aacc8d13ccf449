"""A rule that crashes is told, and hides no finding of another rule."""

from __future__ import annotations

from typing import Any

import pytest

from scopedown import engine
from scopedown.checks import shared_role
from scopedown.config import Options
from scopedown.rulebook import matcher

TEMPLATE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}
"""


def run() -> engine.Report:
    """The report of a template with one statement that two rules speak of."""
    return engine.check_text("t.yaml", TEMPLATE, Options())


def fail(*given: object, **more: object) -> Any:
    raise RuntimeError("broken")


def test_a_check_that_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [finding.rule for finding in run().findings]
    monkeypatch.setattr(shared_role, "check", fail)
    report = run()
    assert report.internal == ["t.yaml: internal error in shared-role: RuntimeError: broken"]
    assert [finding.rule for finding in report.findings] == before
    assert "service-star" in before


def test_a_match_that_crashes_is_named_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = matcher.Matcher.run

    def one_breaks(self: matcher.Matcher, stack: Any) -> Any:
        findings, unresolved = whole(self, stack)
        if any(finding.rule == "service-star" for finding in findings):
            raise RuntimeError("broken")
        return findings, unresolved

    others = [finding.rule for finding in run().findings if finding.rule != "service-star"]
    monkeypatch.setattr(matcher.Matcher, "run", one_breaks)
    report = run()
    assert report.internal == ["t.yaml: internal error in service-star: RuntimeError: broken"]
    assert [finding.rule for finding in report.findings] == others
    assert others


def test_a_crash_that_no_single_rule_repeats_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = matcher.Matcher.run
    calls: list[None] = []

    def first_breaks(self: matcher.Matcher, stack: Any) -> Any:
        calls.append(None)
        return fail() if len(calls) == 1 else whole(self, stack)

    before = [finding.rule for finding in run().findings]
    monkeypatch.setattr(matcher.Matcher, "run", first_breaks)
    report = run()
    assert report.internal == ["t.yaml: internal error in match: RuntimeError: broken"]
    assert sorted(finding.rule for finding in report.findings) == sorted(before)
