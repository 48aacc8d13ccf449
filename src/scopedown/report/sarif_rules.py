"""Rules as SARIF describes them: ids come in, descriptors with the words of the rule files go out."""

from __future__ import annotations

from .sarif import LEVELS, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# GitHub Docs, "SARIF support for code scanning": above 9.0 critical, 7.0-8.9 high, 4.0-6.9 medium, below low.
_SCORES = {"error": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "1.0"}
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}


def descriptors(ids: list[str]) -> list[dict[str, Any]]:
    """A descriptor for each rule, in the order given; a bare one where its file is not there."""
    return [_descriptor(id, _words(id)) for id in ids]


def _words(id: str) -> dict[str, Any]:
    """The words of a rule file; {} where it cannot be read (then the findings still count)."""
    from ..rulebook.loader import load_rule, rules_dir
    from ..source.tree import InputError

    try:
        entry = rules_dir() / f"{id}.yaml"
        return load_rule(entry.read_text(encoding="utf-8"), str(entry)).words
    except (OSError, InputError):
        return {}


def _descriptor(id: str, words: dict[str, Any]) -> dict[str, Any]:
    if not words:
        return {"id": id}
    level = LEVELS[words["severity"]]
    found = {
        "id": id,
        "shortDescription": {"text": plain(words["title"])},
        "fullDescription": {"text": plain(" ".join(words["rationale"].split()))},
        "help": {"text": _text(words), "markdown": _markdown(words)},
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": ["security", words["group"]],
            "precision": words["confidence"],
            "problem.severity": _PROBLEM[level],
            "security-severity": _SCORES[words["severity"]],
        },
    }
    if words["references"]:
        found["helpUri"] = words["references"][0]
    return found


def _sections(words: dict[str, Any]) -> list[tuple[str, str]]:
    titles = (("rationale", "Why"), ("remediation", "What to do"), ("limits", "Limits"))
    return [(title, words[key].strip()) for key, title in titles if words[key].strip()]


def _text(words: dict[str, Any]) -> str:
    """The rule page as plain text."""
    parts = [f"{title}: {text}" for title, text in _sections(words)]
    return "\n\n".join([words["title"], *parts, *words["references"]])


def _markdown(words: dict[str, Any]) -> str:
    """The rule page as Markdown; rule files are written in it."""
    parts = [f"## {title}\n\n{text}" for title, text in _sections(words)]
    if words["references"]:
        parts.append("## References\n\n" + "\n".join(f"- <{link}>" for link in words["references"]))
    return "\n\n".join([f"# {words['title']}", *parts])
