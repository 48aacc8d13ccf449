"""Scores labelled cases: an evaluation folder comes in, tables per concept and dialect go to the screen."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .running import check, read_cases, score

SUBJECTS = ("wildcards", "shared", "concurrency")
_HEAD = f"{'':34s} {'recall':>13s} {'precision':>15s}"


def labels(folder: Path, upto: str, kinds: list[str], misses: bool) -> bool:
    """Scores the cases of other projects' tests; returns whether the required concepts hold their bars.

    Args:
        folder: the evaluation folder.
        upto: the last set of required.json that counts; sets add up.
        kinds: the dialects that count; none: all.
        misses: list every miss and false alarm.
    """
    home = folder / "labels"
    required = _required(json.loads((home / "required.json").read_text(encoding="utf-8")), upto)
    report = check(["files_dev", "files_dev_wrapped"], home)
    cases = read_cases(home / "cases_dev.jsonl", home / "cases_dev_wrapped.jsonl")
    cases = _of(kinds, [case for case in cases if case["concept"] in required])
    print(f"labelled cases, {len(required)} required concepts")
    held = True
    for kind in (None, *sorted({case["kind"] for case in cases})):
        chosen = [case for case in cases if kind in (None, case["kind"])]
        rows, total = _table(home / "score.py", chosen, report, kind or "all dialects")
        if kind is None:
            held = total["recall"] >= 0.97 and total["precision"] >= 0.99
            held &= all(
                row["recall"] is None or row["recall"] >= 0.9 or row["fn"] <= 1 for row in rows.values()
            )
    if misses:
        _misses(home / "score.py", cases, report)
    return held


def mission(folder: Path, subjects: list[str], kinds: list[str], misses: bool) -> bool:
    """Scores the cases of what the tool is for; returns whether every subject and dialect holds its bar."""
    home = folder / "mission"
    scorer = folder / "labels" / "score.py"
    held = True
    for subject in subjects:
        report = check(["."], home / subject)
        cases = _of(kinds, read_cases(home / subject / "cases_dev.jsonl"))
        for kind in sorted({case["kind"] for case in cases}):
            chosen = [case for case in cases if case["kind"] == kind]
            _, total = _table(scorer, chosen, report, f"{subject}, {kind}")
            good = (total["recall"] or 0) >= 0.97 and (total["precision"] or 0) >= 0.97
            held &= good or (total["fn"] <= 1 and total["fp"] <= 1)
        if misses:
            _misses(scorer, cases, report)
    return held


def answers(folder: Path, misses: bool) -> bool:
    """Scores the suggestions; returns whether the scorer is content with those that wiring decides."""
    home = folder / "mission"
    report = check(["answers"], home)
    held = True
    with tempfile.TemporaryDirectory() as scratch:
        findings = Path(scratch, "findings.json")
        findings.write_text(json.dumps(report), encoding="utf-8")
        for needs in ("wiring", "code"):
            command = [sys.executable, home / "score_answers.py", "--findings", findings, "--needs", needs]
            command += [
                "--expected",
                home / "answers" / "expected_dev.jsonl",
                *(["--misses"] if misses else []),
            ]
            print(f"answers that need {needs}")
            sys.stdout.flush()
            code = subprocess.run([str(word) for word in command], check=False).returncode
            held &= code == 0 or needs == "code"
    return held


def _of(kinds: list[str], cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [case for case in cases if not kinds or case["kind"] in kinds]


def _required(sets: dict[str, Any], upto: str) -> set[str]:
    names = [name for name in sets if name != "_"]
    if upto not in names:
        raise SystemExit(f"no set {upto!r} in required.json; there are {', '.join(names)}")
    return {concept for name in names[: names.index(upto) + 1] for concept in sets[name]}


def _table(
    scorer: Path, cases: list[dict[str, Any]], report: dict[str, Any], title: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    result = json.loads(score(scorer, cases, report, "--json"))
    labelled = {name: row for name, row in result["rows"].items() if row["positives"] + row["negatives"]}
    print(f"\n{title:34s} {'recall':>14s} {'precision':>17s}")
    for name, row in (*labelled.items(), ("micro", result["total"])):
        found, wanted, wrong = row["tp"], row["positives"], row["fp"]
        print(
            f"  {name:32s} {_share(row['recall'])} {found:4d}/{wanted:<4d}"
            f" {_share(row['precision'])} {found:4d}/{found + wrong:<4d}"
        )
    return labelled, result["total"]


def _share(value: float | None) -> str:
    return "   -  " if value is None else f"{value:6.3f}"


def _misses(scorer: Path, cases: list[dict[str, Any]], report: dict[str, Any]) -> None:
    why = {case["id"]: case.get("why") or case.get("text") or "" for case in cases}
    for line in score(scorer, cases, report, "--misses").splitlines():
        if line.startswith(("MISSED", "FALSE+")):
            known = next((why[word] for word in line.split("  ") if word in why), "")
            print(f"{line}\n        {known}" if known else line)
