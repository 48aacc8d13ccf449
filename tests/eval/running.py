"""Runs the tool and a folder's own scorer: paths come in, parsed reports and score tables go out."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONCEPT_MAP = Path(__file__).parent / "concept_map.json"
_PROGRAM = "import sys; from scopedown.cli import main; sys.exit(main(sys.argv[1:]))"


_LISTS = ("findings", "unresolved", "errors", "skipped", "internalErrors")


class Crash(Exception):
    """A run that ended in another way than the exit codes allow, or reported an internal error."""


def check(arguments: list[str], cwd: Path) -> dict[str, Any]:
    """The JSON report of ``scopedown check ARGUMENTS``, run in ``cwd``.

    Raises:
        Crash: no report, an exit code other than 0, 1 or 2, or a traceback.
    """
    command = [sys.executable, "-c", _PROGRAM, "check", "--format", "json", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 2) or "Traceback" in done.stderr:
        raise Crash(f"exit {done.returncode}\n{done.stderr[-2000:]}")
    if done.returncode == 0 and not done.stdout and "--hook" in arguments:
        return {"summary": {"templates": 0}} | {name: [] for name in _LISTS}
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise Crash(f"exit {done.returncode}, no JSON: {done.stderr[-2000:]}") from error
    return report


def score(scorer: Path, cases: list[dict[str, Any]], report: dict[str, Any], *more: str) -> str:
    """What a folder's ``score.py`` prints for these cases and this report."""
    with tempfile.TemporaryDirectory() as folder:
        case_file, findings = Path(folder, "cases.jsonl"), Path(folder, "findings.json")
        case_file.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
        findings.write_text(json.dumps(report), encoding="utf-8")
        command = [sys.executable, scorer, "--cases", case_file, "--findings", findings]
        words = [str(word) for word in (*command, "--map", CONCEPT_MAP, *more)]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def read_cases(*paths: Path) -> list[dict[str, Any]]:
    """The cases of some files, one JSON object a line."""
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line) for line in lines if line.strip()]
