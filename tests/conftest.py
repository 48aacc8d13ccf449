"""What all tests share: a clean environment, the command line, ``--accept`` for expected output."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
_SCRUBBED = ("AWS_", "GITHUB_", "SCOPEDOWN_", "SAM_", "PRE_COMMIT")
_TERMINAL = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "COLUMNS", "TERM", "PAGER")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite expected output with what was printed")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether expected output is to be rewritten."""
    return bool(request.config.getoption("--accept"))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(_SCRUBBED) or name in _TERMINAL:
            monkeypatch.delenv(name)


class Run:
    """What one command did: exit code, standard output, standard error."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def report(self) -> dict[str, Any]:
        """The JSON that was printed."""
        loaded: dict[str, Any] = json.loads(self.out)
        return loaded

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings of the JSON that was printed."""
        found: list[dict[str, Any]] = self.report["findings"]
        return found

    @property
    def rules(self) -> set[str]:
        """The ids of the rules that reported something."""
        return {finding["rule"] for finding in self.findings}


class Command:
    """The command line, in process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch, folder: Path) -> None:
        self._capsys = capsys
        self._patch = patch
        self._folder = folder

    def __call__(self, *arguments: str | Path, stdin: str | None = None) -> Run:
        """Runs ``scopedown ARGUMENTS``.

        Args:
            stdin: what standard input holds; it is empty otherwise.
        """
        from scopedown.cli import main

        text = io.TextIOWrapper(io.BytesIO((stdin or "").encode("utf-8")), encoding="utf-8")
        self._patch.setattr(sys, "stdin", text)
        self._capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 2
        captured = self._capsys.readouterr()
        return Run(code, captured.out, captured.err)

    def check(self, template: str, *arguments: str, name: str = "template.yaml") -> Run:
        """``scopedown check --format json`` on a template of this text."""
        path = self._folder / name
        path.write_text(template, encoding="utf-8")
        return self("check", "--format", "json", *arguments, path)


@pytest.fixture
def scopedown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """The command line, in process; templates given as text are written to a folder of their own."""
    return Command(capsys, monkeypatch, tmp_path)
