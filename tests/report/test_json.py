"""The JSON report: complete, described by its schema, and safe to print."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

from scopedown.report.json import document, render
from scopedown.rulebook.finding import fingerprint

from . import samples


def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((files("scopedown") / "report" / "schema.json").read_text("utf-8"))
    return loaded


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_report_is_what_the_schema_says() -> None:
    Draft202012Validator(schema()).validate(json.loads(render(samples.report())))


def test_the_schema_is_strict() -> None:
    made = document(samples.report())
    made["findings"][0]["surplus"] = 1
    assert not Draft202012Validator(schema()).is_valid(made)


def test_a_finding_in_full() -> None:
    report = samples.report()
    found = document(report)["findings"][0]
    answer = found.pop("suggestion")
    assert found == {
        "rule": "service-star",
        "severity": "high",
        "confidence": "high",
        "message": "OrdersFunction may call every S3 action",
        "file": "template.yaml",
        "line": 9,
        "column": 23,
        "span": {"startLine": 9, "startColumn": 23, "endLine": 9, "endColumn": 27},
        "resource": "OrdersFunction",
        "path": "Resources.OrdersFunction.Properties.Policies[0].Statement[0].Action",
        "guard": "IsProd",
        "fingerprint": fingerprint(report.findings[0]),
        "foldedInto": None,
        "labels": [
            {
                "kind": "primary",
                "file": "template.yaml",
                "span": {"startLine": 9, "startColumn": 23, "endLine": 9, "endColumn": 27},
                "text": "176 actions, 21 of them change permissions",
            }
        ],
        "madeBy": None,
    }
    assert answer["tier"] == "complete"
    assert answer["replaces"] == {"file": "template.yaml", "startLine": 8, "endLine": 10}
    assert answer["needs"][1]["action"] == "s3:PutObject"
    assert answer["needs"][1]["resource"] == "${OrdersBucket.Arn}/*"
    assert answer["needs"][1]["evidence"][0]["line"] == 4
    assert answer["removed"] == {"Permissions management": ["s3:PutBucketPolicy", "s3:PutBucketAcl"]}
    assert answer["keptUnproven"] == []


def test_folded_findings_are_kept_and_say_where_they_went() -> None:
    made = document(samples.report())
    shown, folded = made["findings"][:2]
    assert folded["foldedInto"] == shown["fingerprint"]
    assert made["summary"]["findings"] == 5
    assert made["summary"]["folded"] == 1
    assert made["summary"]["bySeverity"] == {"error": 0, "high": 3, "medium": 1, "low": 1, "info": 0}


def test_the_rest_of_the_run() -> None:
    made = document(samples.report())
    assert made["version"] == 1
    assert made["catalogDate"] == samples.report().catalog_date
    assert made["errors"] == [
        {
            "file": "broken.yaml",
            "line": 3,
            "column": 1,
            "message": "not YAML: a tab",
            "advice": "indent with blanks",
        }
    ]
    assert made["suppressed"][0]["reason"] == "agreed in review"
    assert made["suppressed"][0]["finding"]["rule"] == "star-in-name"
    assert made["skipped"] == [{"file": "infra/app.yaml.j2", "reason": "templated (line 4), not analysed"}]
    assert made["unresolved"][0]["resource"] == "SharedRole"


def test_words_are_escaped_and_the_text_is_ascii() -> None:
    report = samples.report()
    report.findings[0].message = "a\x1b[31m\u202eü"
    assert render(report).isascii()
    assert document(report)["findings"][0]["message"] == "a\\x1b[31m\\u202eü"
