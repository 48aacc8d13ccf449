"""Every stage of a service: it is judged once per stage, and what holds in several is told once."""

from __future__ import annotations

from .rulebook.context import several

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .rulebook.finding import Finding
    from .template.stack import Stack

    Judged = tuple[Stack, list[Finding]]


def every(first: Judged, judge: Callable[[str], Judged | None]) -> list[Judged]:
    """The findings of all stages that a service names.

    Args:
        first: the service at the stage that a plain run looks at, with its findings.
        judge: the same at another stage; None where it cannot be read there.

    Returns:
        Each stack with the findings that it is the first to have; those that do not hold in every stage say
        in which they do.
    """
    packaged = first[0].packaged
    if packaged is None:
        return [first]
    default = packaged.service.stage
    judged = {default: first}
    for stage in packaged.service.variables.stages():
        if stage not in judged and (found := judge(stage)) is not None:
            judged[stage] = found
    holds: dict[tuple[object, ...], tuple[Finding, list[str]]] = {}
    groups: list[Judged] = []
    for stage, (stack, findings) in judged.items():
        new: list[Finding] = []
        for finding in findings:
            known = holds.setdefault(_key(finding), (finding, []))
            if known[0] is finding:
                new.append(finding)
            if stage not in known[1]:
                known[1].append(stage)
        groups.append((stack, new))
    for finding, stages in holds.values():
        if len(stages) < len(judged):
            where = f"in stage{'s' if len(stages) > 1 else ''} {several(stages, len(stages))}"
            finding.guard = f"{where}, when {finding.guard}" if finding.guard else where
    return groups


def _key(finding: Finding) -> tuple[object, ...]:
    span = finding.primary.span
    place = (span.path, span.start, span.end)
    return (finding.rule, finding.resource, finding.severity, finding.guard, place, finding.identity)
