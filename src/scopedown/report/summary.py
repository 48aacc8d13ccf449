"""The last line of a text report: how many findings of which severity, and everything that was left out."""

from __future__ import annotations

from ..rulebook.finding import SEVERITIES
from . import at_least, is_sure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Options
    from ..engine import Report
    from . import Selection

# Older AWS data is named: actions that AWS has added since would be called unknown.
_STALE_DAYS = 180


def summary(
    report: Report,
    options: Options,
    severities: list[str],
    selection: Selection,
    width: int = 80,
    today: str = "",
) -> list[str]:
    """The counts of a run on one line, or on more where it would be wider than ``width``.

    Args:
        report: what the run found.
        options: what it was told.
        severities: of the findings shown.
        selection: how many were hidden, and why.
        width: columns that there are.
        today: ISO date to tell the age of the AWS data against; "" for the current one.
    """
    unsure = report.hidden + selection.unsure
    parts = [
        _findings(severities),
        _minor(report, options, selection),
        f"{unsure} of low confidence (--pedantic)" if unsure else "",
        _many(len(report.suppressed), "suppressed"),
        _many(len(report.unresolved), "unresolved"),
        _plural(len(report.errors) + len(report.internal), "error"),
        _templates(report),
        stale(report.catalog_date, today),
    ]
    lines: list[str] = []
    for part in parts:
        if part and lines and len(lines[-1]) + 3 + len(part) <= width:
            lines[-1] += f" · {part}"
        elif part:
            lines.append(part)
    return lines


def _findings(severities: list[str]) -> str:
    if not severities:
        return "no findings"
    counts = [(severities.count(name), name) for name in SEVERITIES]
    shares = ", ".join(f"{count} {name}" for count, name in counts if count)
    return f"{_plural(len(severities), 'finding')} ({shares})"


def _minor(report: Report, options: Options, selection: Selection) -> str:
    """How many findings are hidden for their severity, and which of them fail the run all the same."""
    if not selection.minor:
        return ""
    hidden = [
        finding.severity
        for finding in report.findings
        if is_sure(finding, options.pedantic) and not at_least(finding.severity, options.min_severity)
    ]
    failing = [name for name in SEVERITIES if name in hidden and at_least(name, options.fail_on)]
    counts = ", ".join(f"{hidden.count(name)} {name}" for name in failing)
    why = f"; {counts} fail the run (--fail-on {options.fail_on})" if counts and not options.exit_zero else ""
    return f"{selection.minor} below {options.min_severity}{why}"


def _templates(report: Report) -> str:
    counts = (_plural(report.templates - report.services, "template"), _plural(report.services, "service"))
    words = ", ".join(count for count in counts if count) or "no template"
    skipped = report.files_skipped + len(report.skipped)
    return f"{words}, {_plural(skipped, 'file')} skipped" if skipped else words


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count else ""


def _plural(count: int, word: str) -> str:
    if not count:
        return ""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def stale(date: str, today: str = "") -> str:
    """A word on AWS data that is older than half a year; "" where it is not, or has no date."""
    import time

    if not date:
        return ""
    if _day(today or time.strftime("%Y-%m-%d")) - _day(date) <= _STALE_DAYS:
        return ""
    return f"AWS data of {date}: update scopedown"


def _day(date: str) -> int:
    """A running number for an ISO date (the calendar's own, so differences are days)."""
    import time

    year, month, day = (int(part) for part in date[:10].split("-"))
    return round(time.mktime((year, month, day, 12, 0, 0, 0, 0, 0)) / 86400)
