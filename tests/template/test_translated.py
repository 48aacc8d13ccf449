"""The SAM reader says of a template what is said of the translation by AWS SAM itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from scopedown.source.discovery import from_text

pytest.importorskip("samtranslator")

from ..eval import translated
from .translated_cases import CASES

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = sorted(
    path
    for path in (ROOT / "fixtures").rglob("template.y*ml")
    if "AWS::Serverless-2016-10-31" in path.read_text(encoding="utf-8")
)


def compared(name: str, text: str) -> translated.Comparison:
    comparison = translated.Comparison()
    (template,) = from_text(name, text).templates()
    comparison.template(template)
    return comparison


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", CASES)
def test_a_template_and_its_translation_say_the_same(name: str) -> None:
    comparison = compared(name, CASES[name])
    assert not comparison.refused
    assert not [line for _, _, lines in comparison.differences for line in lines]
    assert not [line for _, _, lines in comparison.role_differences for line in lines]
    assert comparison.roles


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: str(path.relative_to(ROOT)))
def test_fixtures_and_their_translations_say_the_same(path: Path) -> None:
    comparison = compared(path.name, path.read_text(encoding="utf-8"))
    assert not comparison.refused
    assert not comparison.differences
    assert not comparison.role_differences
    assert comparison.functions


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_refusal_says_why() -> None:
    text = (
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  M:\n    Type: AWS::Serverless::StateMachine\n"
    )
    comparison = compared(
        "both.yaml", text + "    Properties: {Role: r, Policies: [p], Definition: {StartAt: A}}\n"
    )
    ((_, reason),) = comparison.refused
    assert "either 'Role' or 'Policies'" in reason
