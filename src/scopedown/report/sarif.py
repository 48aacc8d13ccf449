"""The report as SARIF 2.1.0, in the shape in which code-scanning services read it.

A Report comes in; a dict or its JSON text goes out. What a service places in the source are findings; what
could not be decided or read are notifications of the run.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0; GitHub Docs, "SARIF support
for code scanning".
"""

from __future__ import annotations

import json
import os
import re

from .. import __version__
from ..rulebook.finding import fingerprint
from . import select
from .escape import escape
from .json import region, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..config import Options
    from ..engine import Report
    from ..rulebook.finding import Finding, Suppressed
    from ..source.tree import InputError, Span
    from ..suggest.suggestion import Suggestion

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_BASE = "%SRCROOT%"
_MARKDOWN = re.compile(r"[\\`*_\[\]<>#|~]")


def render(report: Report, options: Options) -> str:
    """The log as text: ASCII, with a newline at the end."""
    return json.dumps(log(report, options), indent=2) + "\n"


def log(report: Report, options: Options) -> dict[str, Any]:
    """The log: one run.

    Folded findings are related locations of the one they are folded into, suppressed ones are left out;
    with ``all_findings`` each is a result of its own.
    """
    from .sarif_rules import descriptors

    writer = _Writer(options.root)
    selection = select(report.findings, options.pedantic)
    if options.all_findings:
        shown = selection.shown + [one for folded in selection.folded.values() for one in folded]
        order = {id(finding): at for at, finding in enumerate(report.findings)}
        shown.sort(key=lambda finding: order[id(finding)])
        results = [{**writer.result(finding, []), "suppressions": []} for finding in shown]
        results += [writer.suppressed(silenced) for silenced in report.suppressed]
    else:
        results = [writer.result(one, selection.folded.get(id(one), [])) for one in selection.shown]
    rules = descriptors(sorted({result["ruleId"] for result in results}))
    index = {rule["id"]: at for at, rule in enumerate(rules)}
    for result in results:
        result["ruleIndex"] = index[result["ruleId"]]
    run = {
        "tool": {"driver": {"name": "scopedown", "semanticVersion": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "The root folder of the sources."}}},
        "invocations": [_invocation(writer, report)],
        "results": results,
        "properties": {"catalogDate": report.catalog_date},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


class _Writer:
    """Writes results whose file names are relative to one root.

    The root is the folder that services take paths to be relative to: the repository's.
    """

    __slots__ = ("root",)

    def __init__(self, root: str | None) -> None:
        from ..source.reader import find_root

        self.root = os.path.abspath(root) if root else find_root(".")

    def artifact(self, path: str) -> dict[str, str]:
        """A file: relative to the root, or as a whole where it lies outside."""
        from urllib.parse import quote

        whole = os.path.abspath(path)
        inside = whole.startswith(self.root.rstrip(os.sep) + os.sep)
        name = (os.path.relpath(whole, self.root) if inside else whole).replace(os.sep, "/")
        uri = quote(name, safe="/", errors="surrogatepass")
        return {"uri": uri, "uriBaseId": _BASE} if inside else {"uri": f"file://{uri}"}

    def physical(self, span: Span) -> dict[str, Any]:
        """A place in a file."""
        return {"artifactLocation": self.artifact(span.path), "region": region(span)}

    def result(self, finding: Finding, folded: list[Finding]) -> dict[str, Any]:
        """One finding, with those folded into it."""
        primary = finding.primary
        location: dict[str, Any] = {"physicalLocation": self.physical(primary.span)}
        if primary.text:
            location["message"] = {"text": plain(primary.text)}
        if finding.resource or finding.path:
            logical = {"name": escape(finding.resource or ""), "fullyQualifiedName": escape(finding.path)}
            location["logicalLocations"] = [{key: text for key, text in logical.items() if text}]
        related = [(label.span, label.text) for label in finding.labels if label.kind == "related"]
        related += [(one.primary.span, f"{one.rule}: {one.message}") for one in folded]
        places = [(self.physical(span), text) for span, text in related]
        if finding.origin is not None and finding.origin.places:
            place = finding.origin.places[0]
            start = {"startLine": place.line, "startColumn": place.column}
            made = {"artifactLocation": self.artifact(place.file), "region": start}
            places.append((made, f"the line that makes {finding.origin.holder or finding.origin.construct}"))
        return {
            "ruleId": finding.rule,
            "level": LEVELS[finding.severity],
            "message": _message(finding, [text for _, text in places]),
            "locations": [location],
            "relatedLocations": [
                {"id": at, "physicalLocation": physical, "message": {"text": plain(text)}}
                for at, (physical, text) in enumerate(places, 1)
            ],
            "partialFingerprints": {"scopedown/v1": fingerprint(finding)},
            "properties": _properties(finding),
        }

    def suppressed(self, silenced: Suppressed) -> dict[str, Any]:
        """One finding that a comment silences."""
        suppression = {
            "kind": "inSource",
            "justification": escape(silenced.reason),
            "location": {"physicalLocation": self.physical(silenced.span)},
        }
        return {**self.result(silenced.finding, []), "suppressions": [suppression]}

    def notification(self, kind: str, level: str, text: str, span: Span | None = None) -> dict[str, Any]:
        """Something to know about the run."""
        found: dict[str, Any] = {"descriptor": {"id": kind}, "level": level, "message": {"text": plain(text)}}
        if span is not None:
            found["locations"] = [{"physicalLocation": self.physical(span)}]
        return found

    def error(self, error: InputError) -> dict[str, Any]:
        """Input that could not be used."""
        place: dict[str, Any] = {"artifactLocation": self.artifact(error.path)}
        if error.line is not None:
            place["region"] = {"startLine": error.line, "startColumn": error.column or 1}
        return {
            **self.notification("input-error", "error", str(error)),
            "locations": [{"physicalLocation": place}],
        }


def _invocation(writer: _Writer, report: Report) -> dict[str, Any]:
    """How the run went: everything that is not a finding."""
    notes = [writer.error(error) for error in report.errors]
    notes += [writer.notification("internal-error", "error", line) for line in report.internal]
    notes += [writer.notification("skipped", "warning", f"{path}: {why}") for path, why in report.skipped]
    notes += [
        writer.notification("unused-suppression", "warning", message, span)
        for span, message in report.unused_suppressions
    ]
    notes += [
        writer.notification("unresolved", "note", f"{record.what}: {record.reason}", record.span)
        for record in report.unresolved
    ]
    return {
        "executionSuccessful": not (report.errors or report.internal),
        "toolExecutionNotifications": notes,
    }


def plain(text: str) -> str:
    """Text for a SARIF message: escaped, and nothing in it reads as a link (2.1.0, 3.11.6)."""
    return escape(text).replace("](", "] (")


def markdown(text: str) -> str:
    """Text for Markdown: escaped, and nothing in it reads as markup."""
    return _MARKDOWN.sub(r"\\\g<0>", escape(text))


def _message(finding: Finding, related: list[str]) -> dict[str, str]:
    """The message; services show a related location only where the text links to it."""
    guard = f" (when {finding.guard})" if finding.guard else ""
    text = plain(finding.message + guard)
    if related:
        words = (re.sub(r"[\[\]]", r"\\\g<0>", escape(text or "here")) for text in related)
        text += ". See " + ", ".join(f"[{word}]({at})" for at, word in enumerate(words, 1))
    found = {"text": text}
    if finding.suggestion is not None and finding.suggestion.text.strip():
        found["markdown"] = markdown(finding.message + guard) + _proposal(finding.suggestion)
    return found


def _proposal(found: Suggestion) -> str:
    """The suggested text as a Markdown block; its fence is longer than any in the text."""
    from .answer import TIERS
    from .escape import escape_lines

    longest = max((len(run) for run in re.findall("`+", found.text)), default=0)
    fence = "`" * max(3, longest + 1)
    body = "\n".join(escape_lines(found.text.strip("\r\n")))
    note = f"\n\n{markdown(found.note)}" if found.note else ""
    return f"\n\nSuggested ({TIERS[found.tier]}):\n\n{fence}\n{body}\n{fence}{note}"


def _properties(finding: Finding) -> dict[str, Any]:
    found: dict[str, Any] = {"severity": finding.severity, "confidence": finding.confidence}
    if finding.guard:
        found["guard"] = escape(finding.guard)
    if finding.suggestion is not None:
        found["suggestion"] = suggestion(finding.suggestion)
    return found
