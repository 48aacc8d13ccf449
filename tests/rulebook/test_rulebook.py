"""The rule files as a whole: names, codes, the index, and how many of them need no code."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from pathlib import Path

import pytest

from scopedown import checks
from scopedown.rulebook import compile as compiler
from scopedown.rulebook.index import load_index, names
from scopedown.rulebook.loader import RuleFile, load_rules, rules_dir

RULES = load_rules()
# Documentation of who decides about what a rule says: AWS, and the frameworks that write templates.
SOURCES = (
    "https://docs.aws.amazon.com/",
    "https://www.serverless.com/framework/docs/",
    "https://github.com/functionalone/serverless-iam-roles-per-function",
)
EACH = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def test_the_folder_is_found() -> None:
    assert rules_dir().is_dir()
    assert {entry.name for entry in rules_dir().iterdir()} == {f"{rule.id}.yaml" for rule in RULES}


@EACH
def test_words(rule: RuleFile) -> None:
    words = rule.words
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert not rule.id.startswith(("no-match", "disallow-"))
    assert words["title"].startswith("Allows ")
    assert not words["title"].endswith(".")
    assert all(url.startswith(SOURCES) for url in words["references"])
    for part in ("rationale", "limits", "remediation"):
        assert words[part].rstrip().endswith("."), part
        assert all(len(line) <= 120 for line in words[part].splitlines())


@EACH
def test_a_fix_that_is_claimed_is_never_shown_for_never(rule: RuleFile) -> None:
    fixed = any("fixed" in example for example in rule.words["examples"])
    assert not (fixed and rule.words["fix"] == "never")


def test_codes_ids_and_aliases_are_unique() -> None:
    taken = [name for rule in RULES for name in (rule.id, rule.words["code"], *rule.words.get("aliases", []))]
    assert len(taken) == len(set(taken))


def test_at_least_half_of_the_rules_use_match() -> None:
    assert sum("match" in rule.words for rule in RULES) * 2 >= len(RULES)


def test_every_check_has_a_rule_and_every_rule_its_check() -> None:
    modules = {module.name for module in pkgutil.iter_modules(checks.__path__)}
    claimed = {rule.words["check"] for rule in RULES if "check" in rule.words}
    assert modules == claimed
    assert claimed == {rule.id.replace("-", "_") for rule in RULES if "check" in rule.words}
    for name in sorted(modules):
        assert callable(importlib.import_module(f"scopedown.checks.{name}").check)


def test_index_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert compiler.main(["--check"]) == 0, capsys.readouterr().err


def test_index_that_has_drifted_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "index.jsonl"
    stale.write_text("", encoding="utf-8")
    monkeypatch.setattr(compiler, "INDEX", str(stale))
    assert compiler.main(["--check"]) == 1
    assert "scopedown.rulebook.compile" in capsys.readouterr().err
    assert compiler.main([]) == 0
    assert [json.loads(line)["id"] for line in stale.read_text(encoding="utf-8").splitlines()] == sorted(
        rule.id for rule in RULES
    )


def test_index_holds_the_rules_without_their_words() -> None:
    rules = load_index()
    assert [rule.id for rule in rules] == sorted(rule.id for rule in RULES)
    for rule, file in zip(rules, RULES, strict=True):
        assert (rule.severity, rule.match is None) == (file.words["severity"], "match" not in file.words)
        assert (rule.check == "") is ("check" not in file.words)
    assert names(rules)["shared-role"] == "shared-role"
