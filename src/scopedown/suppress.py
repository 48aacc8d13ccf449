"""Findings that a comment silences: findings and a template come in, the findings that stay go out.

``# scopedown: ignore[rule-id, …] reason`` works on any line of a finding's span, on the line where its
statement or its function in a service begins, or on the line above these, and
``# scopedown: ignore-file[rule-id, …] reason`` anywhere in the file. In code a comment begins with ``//``.
Where there are no comments, settings do: ``Metadata: {scopedown: {ignore: {rule-id: reason}}}`` of a
template or of one of its resources, ``custom.scopedown.ignore`` of a service. Findings are not yet folded,
so when the one that would be shown is silenced, the next of the same cause is shown. What silences nothing
and ids that no rule has are reported, never passed over.
"""

from __future__ import annotations

import re

from .iam.policy import Statement
from .rulebook.finding import Suppressed
from .source.tree import Mapping, Scalar, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Protocol

    from .rulebook.finding import Finding
    from .source.tree import Document, Node
    from .template.stack import Stack

    class Records(Protocol):
        """The part of a Report that suppression writes to."""

        suppressed: list[Suppressed]
        unused_suppressions: list[tuple[Span, str]]


_MARK = "scopedown:"
_DIRECTIVE = r"(?:#|//|\*)\s*scopedown:\s*(ignore(?:-file)?)\b\s*(?:\[([^\]]*)\])?[\s:]*(.*)"


class Suppression:
    """One comment.

    Args:
        span: the comment.
        rules: canonical ids that it names.
        whole_file: it holds for the whole file.
        below: the line under it; for a comment alone on its line, under all such comments that follow.
        alone: nothing else stands on its line.
        reason: the words after the ids.
    """

    __slots__ = ("alone", "below", "line", "reason", "rules", "span", "used", "whole_file")

    def __init__(
        self, span: Span, rules: list[str], whole_file: bool, below: int, alone: bool, reason: str
    ) -> None:
        self.span = span
        self.rules = rules
        self.whole_file = whole_file
        self.below = below
        self.alone = alone
        self.reason = reason
        self.line = span.line
        self.used: set[str] = set()


def apply(
    findings: list[Finding],
    document: Document,
    report: Records,
    ran: Collection[str] | None = None,
    included: Iterable[Document] = (),
    stack: Stack | None = None,
) -> list[Finding]:
    """Take out what comments silence.

    Args:
        findings: all of one template; some may stand in files that it includes. Each can be silenced in its
            own file only.
        document: the template.
        report: gets the suppressed findings, and the comments that are unused or wrong.
        ran: ids of the rules that ran, so that a comment for another one is not called unused; None: all.
        included: the files that the template includes. A comment in one of them that silences something in
            another template of the run is not unused.
        stack: the template as read: its settings, and the functions of a service.

    Returns:
        The findings that stay, in order.
    """
    documents = {id(each): each for each in (document, *included)}
    for finding in findings:
        documents.setdefault(id(finding.primary.span.document), finding.primary.span.document)
    marked = [one for one in documents.values() if _MARK in one.text and one.format != "json"]
    settings = _settings(stack) if stack is not None else []
    if not marked and not settings:
        return findings
    canonical = _names()
    packaged = stack.packaged if stack is not None else None
    word = "this service" if packaged is not None else "this template"
    findings = _by_settings(findings, settings, canonical, report, ran, word)
    found = {id(one): read(one, canonical, report) for one in marked}
    owners = {each.name: each.key for each in packaged.service.functions} if packaged is not None else {}
    kept = _pass(findings, found, lambda one, at: _covers(one, at, owners), report)
    # A comment behind something on its line speaks for that first, and for the line below only where it
    # has nothing to say about its own.
    done = {id(one): set(one.used) for each in found.values() for one in each if not one.alone}
    kept = _pass(
        kept, found, lambda one, at: at.rule not in done.get(id(one), ()) and _above(one, at, owners), report
    )
    for suppressions in found.values():
        _report_unused(suppressions, report, ran)
    _settle(report)
    return kept


def _settle(report: Records) -> None:
    """Says once what several templates say of a comment in a file that they include (and that may be checked
    by itself too), and nothing of one that silences a finding of any of them."""
    used = {(one.span.path, one.span.start, one.finding.rule) for one in report.suppressed}
    told: set[tuple[str, int, str]] = set()
    kept = []
    for span, message in report.unused_suppressions:
        idle = message.startswith("'") and " finds nothing " in message
        rule = message[1:].partition("'")[0] if idle else ""
        key = (span.path, span.start, message)
        if key not in told and (span.path, span.start, rule) not in used:
            kept.append((span, message))
        told.add(key)
    report.unused_suppressions[:] = kept


def read(document: Document, canonical: dict[str, str], report: Records) -> list[Suppression]:
    """The suppressing comments of a document.

    Args:
        document: the template or a file that it includes.
        canonical: every id and alias of a rule to the id that counts.
        report: gets a word on each comment or id that says nothing.
    """
    from .source.comments import comments

    every = comments(document)
    alone = {line for line, column, _ in every if not document.line(line)[: column - 1].strip()}
    found: list[Suppression] = []
    for line, column, text in every:
        match = re.search(_DIRECTIVE, text)
        if match is None:
            continue
        start = document.starts[line - 1] + column - 1
        span = Span(document, start, start + len(text))
        rules = _rules(match, canonical, span, report)
        below = line + 1
        while line in alone and below in alone:
            below += 1
        whole = match[1] == "ignore-file"
        found.append(
            Suppression(span, rules, whole, below, line in alone, match[3].removesuffix("*/").strip())
        )
    return found


def _rules(match: re.Match[str], canonical: dict[str, str], span: Span, report: Records) -> list[str]:
    """The rules that a comment names; a word to the report on those that do not exist."""
    names = [name.strip() for name in (match[2] or "").split(",") if name.strip()]
    if not names:
        begin = "//" if span.document.format == "javascript" else "#"
        advice = f"names no rule; write '{begin} scopedown: {match[1]}[rule-id] reason'"
        report.unused_suppressions.append((span, advice))
    for name in names:
        if name not in canonical:
            report.unused_suppressions.append((span, f"unknown rule '{name}'{nearest(name, canonical)}"))
    return list(dict.fromkeys(canonical[name] for name in names if name in canonical))


def nearest(name: str, known: Iterable[str]) -> str:
    """The advice that goes with an unknown rule id: the nearest one there is."""
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), 1)
    return f"; did you mean '{close[0]}'?" if close else "; 'scopedown rules' lists all"


def _names() -> dict[str, str]:
    from .rulebook.index import load_index, names

    return names(load_index())


def _pass(
    findings: list[Finding],
    found: dict[int, list[Suppression]],
    reaches: Callable[[Suppression, Finding], bool],
    report: Records,
) -> list[Finding]:
    """One way for comments to reach findings; returns those that none reaches."""
    kept: list[Finding] = []
    for finding in findings:
        hits = [
            one
            for one in found.get(id(finding.primary.span.document), ())
            if finding.rule in one.rules and reaches(one, finding)
        ]
        for one in hits:
            one.used.add(finding.rule)
        if hits:
            report.suppressed.append(Suppressed(finding, hits[0].reason, hits[0].span))
        else:
            kept.append(finding)
    return kept


def _covers(one: Suppression, finding: Finding, owners: dict[str, Scalar]) -> bool:
    """Whether a comment stands on a line of the finding's span, or holds for the whole file."""
    return one.whole_file or any(start <= one.line <= end for start, end in _lines(finding, owners))


def _above(one: Suppression, finding: Finding, owners: dict[str, Scalar]) -> bool:
    """Whether a comment stands on the line above the finding's span, alone also above what holds it."""
    return any(one.below == start for start, _ in _lines(finding, owners, one.alone))


def _lines(finding: Finding, owners: dict[str, Scalar], whole: bool = True) -> list[tuple[int, int]]:
    """First and last line of the places at which the finding can be silenced, in its own file.

    ``whole``: also where its statement, and its function in a service, begins.
    """
    document = finding.primary.span.document
    spans = [label.span for label in finding.labels if label.kind != "related"]
    lines = [(span.line, span.end_line) for span in spans if span.document is document]
    if not whole:
        return lines
    statement = finding.cause.node if isinstance(finding.cause, Statement) else None
    holders = [node for node in (statement, owners.get(finding.resource or "")) if node is not None]
    return lines + [(node.span.line,) * 2 for node in holders if node.document is document]


def _settings(stack: Stack) -> list[tuple[Scalar, str, str]]:
    """(rule, reason, owner) of every setting that silences a rule; the owner is "" for the whole template.

    A setting on a function of SAM holds for the role that SAM makes for it too.
    """
    if stack.packaged is not None:
        return [(key, reason, "") for key, reason in stack.packaged.service.ignored()]
    if stack.document.text.find("scopedown") < 0:
        return []
    found = _ignored(stack.root, "")
    for resource in stack.resources.values():
        found += _ignored(resource.node, resource.id)
    return found


def _ignored(holder: Mapping, owner: str) -> list[tuple[Scalar, str, str]]:
    node: Node | None = holder
    for key in ("Metadata", "scopedown", "ignore"):
        node = node.get(key) if isinstance(node, Mapping) else None
    entries = node.entries if isinstance(node, Mapping) else []
    return [(key, value.value if isinstance(value, Scalar) else "", owner) for key, value in entries]


def _by_settings(
    findings: list[Finding],
    settings: list[tuple[Scalar, str, str]],
    canonical: dict[str, str],
    report: Records,
    ran: Collection[str] | None,
    word: str,
) -> list[Finding]:
    """Takes out what settings ignore: of one resource, or in the whole template or service (``word``)."""
    for key, reason, owner in settings:
        rule = canonical.get(key.value)
        if rule is None:
            what = f"unknown rule '{key.value}'{nearest(key.value, canonical)}"
            report.unused_suppressions.append((key.span, what))
            continue
        hits = [each for each in findings if each.rule == rule and owner in ("", each.resource)]
        report.suppressed += [Suppressed(finding, reason, key.span) for finding in hits]
        findings = [finding for finding in findings if finding not in hits]
        if not hits and (ran is None or rule in ran):
            where = owner or word
            report.unused_suppressions.append((key.span, f"'{rule}' finds nothing in {where}; remove it"))
    return findings


def _report_unused(suppressions: list[Suppression], report: Records, ran: Collection[str] | None) -> None:
    for one in suppressions:
        for rule in one.rules:
            if rule not in one.used and (ran is None or rule in ran):
                where = "in this file" if one.whole_file else "here"
                report.unused_suppressions.append((one.span, f"'{rule}' finds nothing {where}; remove it"))
