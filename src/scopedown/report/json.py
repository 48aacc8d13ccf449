"""The report for programs: one complete, versioned JSON document (``schema.json`` beside this module).

A Report comes in; a dict or its JSON text goes out. Words are escaped as in every output; file names,
statements and suggested text stay exact, for they are meant to be used.
"""

from __future__ import annotations

import json

from .. import __version__
from ..rulebook.finding import SEVERITIES, fingerprint
from .escape import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..engine import Report
    from ..rulebook.finding import Finding, Label, Suppressed, Unresolved
    from ..source.tree import InputError, Span
    from ..suggest.suggestion import Need, Suggestion
    from ..template.cdk.origin import Origin

# Raised when a field goes or changes its meaning; new fields do not raise it.
VERSION = 1


def render(report: Report) -> str:
    """The document as text: ASCII, two blanks of indentation, a newline at the end."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The document; ``schema.json`` describes it."""
    return {
        "version": VERSION,
        "tool": {"name": "scopedown", "version": __version__},
        "catalogDate": report.catalog_date,
        "findings": [_finding(finding) for finding in report.findings],
        "unresolved": [_unresolved(record) for record in report.unresolved],
        "suppressed": [_suppressed(silenced) for silenced in report.suppressed],
        "unusedSuppressions": [
            {**_start(span), "message": escape(message)} for span, message in report.unused_suppressions
        ],
        "skipped": [{"file": name(path), "reason": escape(reason)} for path, reason in report.skipped],
        "errors": [_error(error) for error in report.errors],
        "internalErrors": [escape(line) for line in report.internal],
        "summary": _summary(report),
    }


def name(path: str) -> str:
    """A file name with forward slashes on every system."""
    import os

    return path.replace(os.sep, "/")


def region(span: Span) -> dict[str, int]:
    """One-based lines and columns; the end column is the one after the last character."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _start(span: Span) -> dict[str, Any]:
    return {"file": name(span.path), "line": span.line, "column": span.column}


def _finding(finding: Finding) -> dict[str, Any]:
    span = finding.primary.span
    host = finding.folded_into
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "message": escape(finding.message),
        **_start(span),
        "span": region(span),
        "resource": _maybe(finding.resource),
        "path": escape(finding.path),
        "guard": _maybe(finding.guard),
        "fingerprint": fingerprint(finding),
        "foldedInto": fingerprint(host) if host is not None else None,
        "labels": [_label(label) for label in finding.labels],
        "madeBy": _origin(finding.origin) if finding.origin is not None else None,
        "suggestion": suggestion(finding.suggestion) if finding.suggestion is not None else None,
    }


def _maybe(text: str | None) -> str | None:
    return None if text is None else escape(text)


def _origin(origin: Origin) -> dict[str, Any]:
    places = [
        {
            "file": name(place.file),
            "line": place.line,
            "column": place.column,
            "function": escape(place.function),
        }
        for place in origin.places
    ]
    return {"construct": escape(origin.construct), "of": _maybe(origin.holder or None), "at": places}


def _label(label: Label) -> dict[str, Any]:
    return {
        "kind": label.kind,
        "file": name(label.span.path),
        "span": region(label.span),
        "text": escape(label.text),
    }


def suggestion(found: Suggestion) -> dict[str, Any]:
    """A suggestion with everything that speaks for it."""
    span = found.replaces
    where = {"file": name(span.path), "startLine": span.line, "endLine": span.end_line} if span else None
    return {
        "tier": found.tier,
        "replaces": where,
        "statements": found.statements,
        "text": found.text,
        "needs": [_need(need) for need in found.needs],
        "removed": found.removed,
        "keptUnproven": found.kept_unproven,
        "note": escape(found.note),
    }


def _need(need: Need) -> dict[str, Any]:
    evidence = [
        {"file": name(span.path), "line": span.line, "text": escape(text)} for span, text in need.evidence
    ]
    return {"action": escape(need.action), "resource": _maybe(need.resource), "evidence": evidence}


def _unresolved(record: Unresolved) -> dict[str, Any]:
    return {
        "what": escape(record.what),
        "reason": escape(record.reason),
        **_start(record.span),
        "span": region(record.span),
        "resource": _maybe(record.resource),
        "path": escape(record.path),
    }


def _suppressed(silenced: Suppressed) -> dict[str, Any]:
    return {
        "finding": _finding(silenced.finding),
        "reason": escape(silenced.reason),
        **_start(silenced.span),
    }


def _error(error: InputError) -> dict[str, Any]:
    return {
        "file": name(error.path),
        "line": error.line,
        "column": error.column,
        "message": escape(error.cause),
        "advice": escape(error.advice),
    }


def _summary(report: Report) -> dict[str, Any]:
    severities = [finding.severity for finding in report.findings]
    return {
        "findings": len(report.findings),
        "folded": sum(finding.folded_into is not None for finding in report.findings),
        "bySeverity": {severity: severities.count(severity) for severity in SEVERITIES},
        "hidden": report.hidden,
        "suppressed": len(report.suppressed),
        "unresolved": len(report.unresolved),
        "errors": len(report.errors) + len(report.internal),
        "templates": report.templates,
        "filesSkipped": report.files_skipped + len(report.skipped),
    }
