"""Reads a whole corpus: its folder comes in, crashes, counts and a drawn sample for a reader go out."""

from __future__ import annotations

import json
import random
import statistics
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from .running import Crash, check

_CHUNK = 50
_AROUND = 6


class Reading:
    """What the tool said about a corpus."""

    def __init__(self) -> None:
        self.findings: list[dict[str, Any]] = []
        self.unresolved = 0
        self.crashes: list[str] = []
        self.errors: list[dict[str, Any]] = []
        self.skipped: list[dict[str, Any]] = []
        self.templates = 0

    def add(self, report: dict[str, Any]) -> None:
        """Takes in the report of one run."""
        self.findings += report["findings"]
        self.unresolved += len(report["unresolved"])
        self.errors += report["errors"]
        self.skipped += report["skipped"]
        self.crashes += report["internalErrors"]
        self.templates += report["summary"]["templates"]


def read(folder: Path) -> tuple[Reading, list[str]]:
    """Checks every template that the corpus's index names; returns what was said, and the names."""
    rows = (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(row) for row in rows if row.strip()]
    names = [f"{entry['repo'].replace('/', '+')}/{entry['path']}" for entry in entries]
    reading = Reading()
    for start in range(0, len(names), _CHUNK):
        _chunk(folder, names[start : start + _CHUNK], reading)
    return reading, names


def _chunk(folder: Path, names: list[str], reading: Reading) -> None:
    try:
        reading.add(check(["--hook", *names], folder))
    except Crash as crash:
        if len(names) == 1:
            reading.crashes.append(f"{names[0]}: {crash}")
            return
        half = len(names) // 2
        _chunk(folder, names[:half], reading)
        _chunk(folder, names[half:], reading)


def summary(reading: Reading, names: list[str], folder: Path) -> list[str]:
    """The lines that describe a reading: counts, findings per rule and per template, wrong lines."""
    shown = [finding for finding in reading.findings if finding["foldedInto"] is None]
    each = Counter(finding["file"] for finding in shown)
    counts = sorted(each.get(name, 0) for name in names)
    high = statistics.quantiles(counts, n=10)[-1] if len(counts) > 1 else 0
    lines = [
        f"{len(names)} files, {reading.templates} templates, {len(reading.crashes)} crashes, "
        f"{len(reading.errors)} not readable, {len(reading.skipped)} skipped",
        f"{len(reading.findings)} findings, {len(shown)} shown, {reading.unresolved} unresolved",
        f"shown for each file: median {statistics.median(counts):g}, 90th percentile {high:g}, "
        f"most {counts[-1]}",
    ]
    rules, files = Counter(f["rule"] for f in reading.findings), defaultdict(set)
    for finding in reading.findings:
        files[finding["rule"]].add(finding["file"])
    visible = Counter(finding["rule"] for finding in shown)
    lines += [
        f"  {rule:26s} {count:6d} findings {visible[rule]:6d} shown {len(files[rule]):5d} files"
        for rule, count in rules.most_common()
    ]
    tiers = Counter((f["suggestion"] or {}).get("tier", "no suggestion") for f in reading.findings)
    lines.append("  suggestions: " + ", ".join(f"{tier} {count}" for tier, count in tiers.most_common()))
    lines += [f"  CRASH {crash}" for crash in reading.crashes]
    lines += [f"  WRONG LINE {finding['file']}:{finding['line']}" for finding in _outside(reading, folder)]
    return lines


def _outside(reading: Reading, folder: Path) -> list[dict[str, Any]]:
    """The findings whose span does not lie in their file."""
    lengths: dict[str, int] = {}
    wrong = []
    for finding in reading.findings:
        name = finding["file"]
        if name not in lengths:
            lengths[name] = len(_lines(folder / name))
        if not 1 <= finding["line"] <= finding["span"]["endLine"] <= lengths[name]:
            wrong.append(finding)
    return wrong


def draw(findings: list[dict[str, Any]], each: int, seed: int) -> list[dict[str, Any]]:
    """Findings for a reader: ``each`` of every rule, at most one from a file, the same for the same seed."""
    by_rule: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for finding in findings:
        by_rule[finding["rule"]][finding["file"]].append(finding)
    drawn = []
    for rule in sorted(by_rule):
        chance = random.Random(f"{seed} {rule}")
        files = sorted(by_rule[rule])
        chosen = chance.sample(files, min(each, len(files)))
        drawn += [chance.choice(by_rule[rule][name]) for name in chosen]
    return drawn


def review(drawn: list[dict[str, Any]], folder: Path, seed: int) -> str:
    """The sample as Markdown: each finding, the text around it, its answer and a place for a verdict."""
    parts = [
        f"# {len(drawn)} findings drawn with seed {seed}\n\n"
        "False: the message does not hold once deployed, or the answer would not be applied.\n"
    ]
    for n, finding in enumerate(drawn, 1):
        place = f"{finding['file']}:{finding['line']}:{finding['column']}"
        guard = f" (when {finding['guard']})" if finding["guard"] else ""
        parts.append(
            f"\n## {n}. {finding['rule']}  [{finding['severity']}]\n\n{place}\n\n"
            f"{finding['message']}{guard}\n"
        )
        parts.append(_context(folder / finding["file"], finding["line"], finding["span"]["endLine"]))
        parts.append(_answer(finding["suggestion"]))
        parts.append("\nverdict: \n")
    return "".join(parts)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig", errors="replace").split("\n")


def _context(path: Path, first: int, last: int) -> str:
    lines = _lines(path)
    shown = range(max(1, first - _AROUND), min(len(lines), last + _AROUND) + 1)
    body = "\n".join(f"{'>' if first <= n <= last else ' '} {n:5d}  {lines[n - 1]}" for n in shown)
    return f"\n```\n{body}\n```\n"


def _answer(suggestion: dict[str, Any] | None) -> str:
    if suggestion is None:
        return "\nno suggestion\n"
    needs = "".join(f"- needs {n['action']} on {n['resource']}\n" for n in suggestion["needs"])
    body = f"\n```\n{suggestion['text']}\n```\n" if suggestion["text"] else ""
    return f"\nsuggestion ({suggestion['tier']}) {suggestion['note']}\n\n{needs}{body}"
