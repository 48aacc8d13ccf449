"""The report for people: each finding with its source line, what speaks for it and what to write instead.

A Report comes in; lines of text go out.
"""

from __future__ import annotations

from . import Selection, group, select
from .escape import escape
from .screen import Screen, excerpt
from .summary import summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Options
    from ..engine import Report
    from ..rulebook.finding import Finding
    from ..source.tree import Span
    from ..template.cdk.origin import Origin


def render(report: Report, options: Options, screen: Screen, today: str = "") -> str:
    """The whole text; "" where there is nothing to say.

    Args:
        report: what the run found.
        options: what to show of it.
        screen: where it is shown.
        today: ISO date that the age of the AWS data is told against; "" for the current one.
    """
    selection = select(report.findings, options.pedantic, options.min_severity)
    groups = group(selection.shown)
    parts: list[list[str]] = []
    explained: set[str] = set()
    for finding, *others in groups:
        lines = block(screen, finding, others, selection, options.verbose)
        if not options.quiet and finding.rule not in explained:
            explained.add(finding.rule)
            lines.append(screen.paint(f"   scopedown explain {finding.rule}", "faint"))
        parts.append(lines)
    parts += [lines for lines in (_notes(report, options, screen), _problems(report, screen)) if lines]
    # Where nothing was checked, the command says so, and why.
    if not options.quiet and (report.templates or report.errors or report.internal):
        shown = [members[0].severity for members in groups]
        parts.append(summary(report, options, shown, selection, screen.width, today))
    text = "\n\n".join("\n".join(lines) for lines in parts)
    return screen.encode(text + "\n") if text else ""


def closing(report: Report, options: Options) -> str:
    """The summary alone, for runs whose reports go to files."""
    selection = select(report.findings, options.pedantic)
    shown = [members[0].severity for members in group(selection.shown)]
    return " · ".join(summary(report, options, shown, selection))


def place(span: Span) -> str:
    """A span's file, line and column, as terminals and editors link them."""
    return f"{escape(span.path)}:{span.line}:{span.column}"


def near(span: Span, file: str) -> str:
    """A span's place as told below a finding: by its line alone where it is in the same file."""
    return f"line {span.line}" if span.path == file else place(span)


def block(
    screen: Screen, finding: Finding, others: list[Finding], selection: Selection, whole: bool = False
) -> list[str]:
    """One finding, with those told together with it (``others``) and those folded into it."""
    label = finding.primary
    file = label.span.path
    lines = _head(screen, finding)
    lines += excerpt(screen, label.span, escape(label.text), finding.severity)
    told = [other.primary.span.start for other in others]
    for related in finding.labels:
        if related.kind == "related" and related.span.start not in told:
            lines += screen.hang(f"   see     {near(related.span, file)}  ", escape(related.text))
    if finding.origin is not None:
        lines += _made(screen, finding.origin)
    if others:
        lines += screen.hang("   also    ", ", ".join(_also(other, finding) for other in others))
    if finding.guard:
        lines += screen.hang("   when    ", escape(finding.guard))
    if finding.confidence == "low":
        lines += screen.hang("   note    ", "low confidence: shown because of --pedantic")
    folded = [found for one in (finding, *others) for found in selection.folded.get(id(one), ())]
    if folded:
        names = dict.fromkeys(f"{one.rule} (line {one.primary.span.line})" for one in folded)
        lines += screen.hang("   covers  ", ", ".join(names))
    if finding.suggestion is not None:
        from .answer import answer

        lines += answer(screen, finding.suggestion, file, whole)
        # Roles of functions' own are told for the first one: forty of them would bury everything else.
        alike = [escape(one.resource or "") for one in others if one.suggestion is not finding.suggestion]
        if alike and finding.suggestion.text:
            from ..rulebook.context import several

            lines += screen.hang("   likewise", f" for {several(alike)}; --format json has each")
    return lines


def _made(screen: Screen, origin: Origin) -> list[str]:
    """What of the app made the resource: its line, or the construct where no line is known."""
    if not origin.places:
        return screen.hang("   made by ", f"{escape(origin.construct)}; change it in the CDK app")
    places = [f"{escape(place.file)}:{place.line}:{place.column}" for place in origin.nearest[:2]]
    where = ", called from ".join(places)
    return screen.hang("   made at ", f"{where} ({escape(origin.holder or origin.construct)})")


def _also(finding: Finding, first: Finding) -> str:
    """One of those told together with the first, in a few words."""
    when = f", when {escape(finding.guard)}" if finding.guard and finding.guard != first.guard else ""
    where = near(finding.primary.span, first.primary.span.path)
    name = finding.origin.construct if finding.origin is not None else finding.resource
    return f"{escape(name or finding.message)} ({where}{when})"


def _head(screen: Screen, finding: Finding) -> list[str]:
    """The line that says what, where and how bad; the message gets a line of its own where it is long."""
    where, message = place(finding.primary.span), escape(finding.message)
    head = "  ".join(
        (screen.paint(where, "strong"), screen.paint(finding.severity, finding.severity), finding.rule)
    )
    plain = len(where) + len(finding.severity) + len(finding.rule) + 6
    if plain + len(message) <= screen.width:
        return [f"{head}  {message}"]
    return [head, *screen.hang("   ", message)]


def _notes(report: Report, options: Options, screen: Screen) -> list[str]:
    """What was not decided, silenced or read, one line each."""
    lines: list[str] = []
    if options.show_unresolved:
        for record in report.unresolved:
            words = f"{escape(record.what)}: {escape(record.reason)}"
            lines += screen.hang(f"{place(record.span)}  unresolved  ", words)
    if options.verbose:
        for silenced in report.suppressed:
            words = f"{silenced.finding.rule}: {escape(silenced.reason or 'no reason given')}"
            lines += screen.hang(f"{place(silenced.span)}  suppressed  ", words)
    if not options.quiet:
        for span, message in report.unused_suppressions:
            lines += screen.hang(f"{place(span)}  suppression  ", escape(message))
        for path, reason in report.skipped:
            lines += screen.hang(f"{escape(path)}  skipped  ", escape(reason))
    return lines


def _problems(report: Report, screen: Screen) -> list[str]:
    """What went wrong, one line each."""
    lines: list[str] = []
    for error in report.errors:
        where = ":".join(str(part) for part in (escape(error.path), error.line, error.column) if part)
        words = f"{error.cause}; {error.advice}" if error.advice else error.cause
        lines.append(f"{screen.paint(where, 'strong')}  {screen.paint('error', 'error')}  {escape(words)}")
    return lines + [screen.paint(internal_error(line), "error") for line in report.internal]


def internal_error(line: str) -> str:
    """An internal error in words for the user."""
    return f"{escape(line)}; please report it, with the template if you may share it"
