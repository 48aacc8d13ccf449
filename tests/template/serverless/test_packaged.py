"""The reader says of a service what is said of the template that the real framework compiles of it.

What the frameworks compile is kept beside the fixtures (``python -m tests.eval.packaged --generate``).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ...eval import packaged, packaging

CASES = packaged.cases([packaged.FIXTURES])
PAIRS = [(case, framework) for case in CASES for framework in case.frameworks]


@pytest.mark.parametrize(("case", "framework"), PAIRS, ids=lambda part: getattr(part, "name", part))
def test_a_service_says_what_its_framework_compiles(case: packaged.Case, framework: str) -> None:
    assert packaged.compare(case, framework) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_begins_with_what_it_shows(case: packaged.Case) -> None:
    config = packaging.configuration(case.folder)
    text = config.read_text(encoding="utf-8")
    assert config.suffix == ".json" or text.startswith(f"# {case.shows}\n")
    kept = {path.name for path in case.folder.glob("expected.*.json")}
    assert kept == {f"expected.{framework}.json" for framework in case.frameworks}


def test_the_frameworks_refuse_some_services() -> None:
    refused = [
        case.name
        for case, framework in PAIRS
        if "error" in json.loads(case.expected(framework).read_text(encoding="utf-8"))
    ]
    assert {"duplicate-keys", "extension-of-nothing", "own-role-and-role"} <= set(refused)


def test_a_difference_is_told(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "new-statements-win")
    changed = tmp_path / "changed"
    shutil.copytree(case.folder, changed)
    config = changed / "serverless.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("dynamodb:PutItem", "dynamodb:GetItem"), encoding="utf-8")
    told = "\n".join(packaged.compare(packaged.Case(changed), "serverless3"))
    assert "only read: (may, Allow, (dynamodb:getitem," in told
    assert "only compiled: (may, Allow, (dynamodb:putitem," in told
