"""SARIF: valid against the standard's schema, and shaped as code-scanning services read it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from scopedown.engine import Report
from scopedown.report.sarif import log, markdown, plain, render
from scopedown.rulebook.finding import fingerprint

from . import samples

SCHEMA = Path(__file__).parents[1] / "data" / "sarif-2.1.0-rtm.4.json"


@pytest.fixture(autouse=True)
def _in_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "infra").mkdir()
    monkeypatch.chdir(tmp_path)


def run(report: Report | None = None, **settings: object) -> dict[str, Any]:
    made = json.loads(render(report or samples.report(), samples.options(**settings)))
    Draft4Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(made)
    assert made["version"] == "2.1.0"
    found: dict[str, Any] = made["runs"][0]
    return found


def test_a_result() -> None:
    report = samples.report()
    found = run(report)["results"][0]
    assert found["ruleId"] == "service-star"
    assert found["level"] == "error"
    assert found["message"]["text"] == (
        "OrdersFunction may call every S3 action (when IsProd). "
        "See [resource-star: OrdersFunction may use every bucket](1)"
    )
    assert "```\n- Effect: Allow\n  Action: [s3:GetObject" in found["message"]["markdown"]
    assert found["partialFingerprints"] == {"scopedown/v1": fingerprint(report.findings[0])}
    (location,) = found["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "template.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 9, "startColumn": 23, "endLine": 9, "endColumn": 27},
    }
    assert location["logicalLocations"] == [
        {
            "name": "OrdersFunction",
            "fullyQualifiedName": "Resources.OrdersFunction.Properties.Policies[0].Statement[0].Action",
        }
    ]
    assert found["relatedLocations"][0]["id"] == 1
    assert found["properties"]["suggestion"]["tier"] == "complete"


def test_folded_suppressed_and_unsure_findings_are_no_results() -> None:
    rules = [result["ruleId"] for result in run()["results"]]
    assert rules == ["service-star", "shared-role", "shared-role"]


def test_all_findings_are_results_with_their_suppressions() -> None:
    results = run(all_findings=True)["results"]
    assert [result["ruleId"] for result in results] == [
        "service-star",
        "resource-star",
        "shared-role",
        "shared-role",
        "star-in-name",
    ]
    assert [len(result["suppressions"]) for result in results] == [0, 0, 0, 0, 1]
    assert results[-1]["suppressions"][0]["kind"] == "inSource"
    assert results[-1]["suppressions"][0]["justification"] == "agreed in review"


def test_rules_carry_their_words() -> None:
    found = run()
    rules = found["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["service-star", "shared-role"]
    assert [result["ruleIndex"] for result in found["results"]] == [0, 1, 1]
    star = rules[0]
    assert star["properties"]["tags"][0] == "security"
    assert float(star["properties"]["security-severity"]) >= 7
    assert star["help"]["markdown"].startswith("# ")
    assert star["helpUri"].startswith("https://")


def test_a_rule_without_a_file_still_has_a_descriptor() -> None:
    report = samples.report()
    report.findings[0].rule = "gone-rule"
    assert {"id": "gone-rule"} in run(report)["tool"]["driver"]["rules"]


def test_errors_and_unresolved_records_are_notifications() -> None:
    (invocation,) = run()["invocations"]
    assert invocation["executionSuccessful"] is False
    notes = invocation["toolExecutionNotifications"]
    assert [(note["descriptor"]["id"], note["level"]) for note in notes] == [
        ("input-error", "error"),
        ("internal-error", "error"),
        ("skipped", "warning"),
        ("unused-suppression", "warning"),
        ("unresolved", "note"),
    ]
    assert notes[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3


def test_a_clean_run_is_successful() -> None:
    found = run(Report())
    assert found["invocations"][0]["executionSuccessful"] is True
    assert found["results"] == []


def test_files_are_relative_to_the_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path / "infra")
    report = Report()
    names = (
        "my template#1.yaml",
        "a:b%.yaml",
        "é.yaml",
        os.path.join("..", "up.yaml"),
        "/elsewhere/x y.yaml",
    )
    for name in names:
        template = samples.document(path=name)
        report.findings.append(samples.finding(samples.span(template, "s3:*")))
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"] for one in run(report)["results"]]
    assert [place["uri"] for place in places] == [
        "infra/my%20template%231.yaml",
        "infra/a%3Ab%25.yaml",
        "infra/%C3%A9.yaml",
        "up.yaml",
        "file:///elsewhere/x%20y.yaml",
    ]
    assert [place.get("uriBaseId") for place in places] == ["%SRCROOT%"] * 4 + [None]


def test_nothing_from_a_template_becomes_a_link_or_markup() -> None:
    assert plain("see [here](https://x)\x1b") == "see [here] (https://x)\\x1b"
    assert markdown("<b> [a](b) `x` *") == "\\<b\\> \\[a\\](b) \\`x\\` \\*"


def test_a_fence_in_the_suggestion_does_not_end_its_block() -> None:
    report = samples.report()
    answer = report.findings[0].suggestion
    assert answer is not None
    answer.text = "a: |\n  ```\n  # not a heading\n"
    text = log(report, samples.options())["runs"][0]["results"][0]["message"]["markdown"]
    assert "````\na: |\n  ```\n  # not a heading\n````" in text


def test_columns_count_characters() -> None:
    template = samples.document("説明 \U0001f600: s3:*\n")
    report = Report()
    report.findings.append(samples.finding(samples.span(template, "s3:*")))
    found = run(report)
    assert found["columnKind"] == "unicodeCodePoints"
    assert found["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] == 7
