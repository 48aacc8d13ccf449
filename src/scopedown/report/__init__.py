"""One module per output format, and what they share: which findings of a Report are shown."""

from __future__ import annotations

from ..rulebook.finding import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..rulebook.finding import Finding


class Selection:
    """What is shown of a run's findings.

    Args:
        shown: findings that stand on their own, in the report's order.
        folded: by ``id`` of a shown finding, those folded into it.
        unsure: how many are hidden for their low confidence.
        minor: how many are hidden for their severity.
    """

    __slots__ = ("folded", "minor", "shown", "unsure")

    def __init__(self) -> None:
        self.shown: list[Finding] = []
        self.folded: dict[int, list[Finding]] = {}
        self.unsure = 0
        self.minor = 0


def at_least(severity: str, threshold: str) -> bool:
    """Whether a severity is the threshold or above it."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(threshold)


def is_sure(finding: Finding, pedantic: bool) -> bool:
    """Whether a finding counts: those of low confidence do only under ``--pedantic``."""
    return pedantic or finding.confidence != "low"


def select(findings: list[Finding], pedantic: bool, min_severity: str = "info") -> Selection:
    """Decide what is shown.

    A finding is folded only into one that is shown itself, so hiding never takes the folded ones along.
    """
    selection = Selection()

    def visible(finding: Finding) -> bool:
        return is_sure(finding, pedantic) and at_least(finding.severity, min_severity)

    for finding in findings:
        if not is_sure(finding, pedantic):
            selection.unsure += 1
        elif not at_least(finding.severity, min_severity):
            selection.minor += 1
        else:
            host = _host(finding, visible)
            if host is finding:
                selection.shown.append(finding)
            else:
                selection.folded.setdefault(id(host), []).append(finding)
    return selection


def _host(finding: Finding, visible: Callable[[Finding], bool]) -> Finding:
    """The last visible finding on the way that folding leads from this one."""
    host = finding
    step: Finding | None = finding
    for _ in range(20):
        step = step.folded_into if step is not None else None
        if step is None:
            break
        if visible(step):
            host = step
    return host


# Rules that speak of many functions at once: their findings of one cause are one thing to mend.
_TOGETHER = ("shared-role", "sls-provider-role", "sls-inherit-all", "no-concurrency-limit")


def group(findings: list[Finding]) -> list[list[Finding]]:
    """Findings as blocks: functions that share a role, an API without throttle, or a stack of the CDK that
    several stages deploy, stand in one block."""
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        key: object = id(finding)
        # Of a stack that several stages deploy, the same line of the app made the same resource in each.
        places = finding.origin.nearest if finding.origin is not None else []
        made = tuple((place.file, place.line, place.column) for place in places)
        if finding.rule in _TOGETHER and finding.cause is not None:
            key = (finding.rule, finding.severity, made or finding.primary.span.path, finding.cause)
        elif finding.origin is not None:
            where = (finding.path, finding.guard, *finding.identity, finding.ordinal)
            key = (finding.rule, finding.severity, where, made)
        groups.setdefault(key, []).append(finding)
    return list(groups.values())
