"""The mini-projects: what a check of each prints, compared with the expected text beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT, Command

PROJECTS = ROOT / "fixtures" / "projects"
SUFFIXES = (".yaml", ".yml", ".json", ".template")


def projects() -> list[Path]:
    return sorted(path for path in PROJECTS.iterdir() if path.is_dir())


@pytest.mark.parametrize("project", projects(), ids=lambda path: path.name)
def test_check_prints_what_is_expected(
    project: Path, scopedown: Command, monkeypatch: pytest.MonkeyPatch, accept: bool
) -> None:
    monkeypatch.chdir(ROOT)
    run = scopedown("check", "--show-unresolved", str(project.relative_to(ROOT)))
    assert run.err == ""
    text = run.out.replace(str(project.relative_to(ROOT)), "@INPUT@") + f"exit {run.code}\n"
    expected = project / "expected.txt"
    if accept:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


def test_a_well_scoped_project_is_silent(scopedown: Command) -> None:
    run = scopedown("check", "--format", "json", PROJECTS / "bookings")
    assert run.code == 0
    assert run.report["findings"] == []
    assert run.report["unresolved"] == []
    assert run.report["summary"]["templates"] == 1


def test_json_and_yaml_of_a_template_give_the_same_findings(scopedown: Command) -> None:
    told = []
    for name in ("invoices/template.yaml", "invoices-json/template.json"):
        report = scopedown("check", "--format", "json", PROJECTS / name).report
        told.append((essence(report["findings"]), essence(report["unresolved"])))
    assert told[0] == told[1]
    assert told[0][0]


def essence(records: list[dict[str, Any]]) -> list[str]:
    """What of findings or unresolved records does not depend on where the text stands."""
    kept = (
        "rule",
        "severity",
        "confidence",
        "message",
        "resource",
        "path",
        "guard",
        "fingerprint",
        "what",
        "reason",
    )
    chosen = [{key: record[key] for key in kept if key in record} for record in records]
    for record, essential in zip(records, chosen, strict=True):
        if record.get("suggestion"):
            essential["statements"] = record["suggestion"]["statements"]
            essential["tier"] = record["suggestion"]["tier"]
    return sorted(json.dumps(record, sort_keys=True) for record in chosen)


def test_the_json_project_is_the_yaml_project(scopedown: Command) -> None:
    from .bench.inputs import long_form

    text = (PROJECTS / "invoices" / "template.yaml").read_text(encoding="utf-8")
    assert long_form(text) == json.loads(
        (PROJECTS / "invoices-json" / "template.json").read_text(encoding="utf-8")
    )
