"""What is generated is up to date, and what the README names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scopedown import gendocs
from scopedown.rulebook.loader import load_rules

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# Names in the README that stand for files of the reader, or that a run makes.
FOREIGN = {".serverless/", ".venv/bin", "tools/scopedown", "your_rule.py"}


def test_generated_blocks_are_current() -> None:
    stale = gendocs.stale()
    assert not stale, f"{', '.join(stale)}: run python -m scopedown.gendocs"


def test_check_fails_on_a_stale_block(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "README.md").write_text(README.replace("<!-- gen:demo -->\n", "<!-- gen:demo -->\nold\n"))
    assert gendocs.main(["--check"], root=tmp_path) == 1
    assert "README.md" in capsys.readouterr().err
    assert gendocs.main([], root=tmp_path) == 0
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == README


@pytest.mark.parametrize("text", ["<!-- gen:nothing -->\n<!-- /gen:nothing -->\n", "<!-- gen:demo -->\n"])
def test_a_wrong_marker_is_named(text: str) -> None:
    with pytest.raises(gendocs.MarkerError):
        gendocs.filled(text)


def test_paths_in_the_readme_exist() -> None:
    quoted = re.findall(r"`([^`\n]+)`", README) + re.findall(r"\]\(([^)#:]+)\)", README)
    words = {word.rstrip("/.,") for text in quoted for word in text.split() if "/" in word or ".py" in word}
    paths = {word for word in words if re.fullmatch(r"[.\w][\w./-]*", word)}
    missing = {p for p in paths if not (ROOT / p).exists() and not any(f in p for f in FOREIGN)}
    assert "fixtures/projects" in paths
    assert not missing


def test_commands_in_the_readme_name_existing_files() -> None:
    words = re.findall(r"(?<= )(?:fixtures|tests|rules|src)/[\w./-]+", README)
    assert words
    assert not [word for word in words if not (ROOT / word).exists() and "your_rule" not in word]


def test_changelog_names_every_rule() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert not [rule.id for rule in load_rules() if f"`{rule.id}`" not in changelog]
