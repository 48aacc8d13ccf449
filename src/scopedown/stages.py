"""Every stage of a service: it is judged once per stage, and what holds in several is told once."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .rulebook.finding import Finding, Unresolved
    from .source.tree import InputError
    from .template.stack import Stack

    Judged = tuple[Stack, list[Finding]]
    Told = tuple[list[Unresolved], list[InputError], list[str]]


def every(
    first: Judged, judge: Callable[[str], Judged | None], told: Told, before: tuple[int, int, int]
) -> list[Judged]:
    """The findings of all stages that a service names.

    Args:
        first: the service at the stage that a plain run looks at, with its findings.
        judge: the same at another stage; None where it cannot be read there.
        told: unresolved records, errors and internal errors, where judging adds its own; each is left once.
        before: how many of them there were before the first stage.

    Returns:
        Each stack with the findings that it is the first to have; those that do not hold in every stage say
        in which they do.
    """
    packaged = first[0].packaged
    if packaged is None:
        return [first]
    default = packaged.service.stage
    judged = {default: first}
    unresolved = told[0]
    records = {default: unresolved[before[0] :]}
    for stage in packaged.service.variables.stages():
        if stage not in judged:
            known = len(unresolved)
            found = judge(stage)
            records[stage] = unresolved[known:]
            if found is not None:
                judged[stage] = found
    _tell_once(told, before, records)
    holds: dict[tuple[object, ...], tuple[Finding, list[str]]] = {}
    groups: list[Judged] = []
    for stage, (stack, findings) in judged.items():
        new: list[Finding] = []
        times: dict[tuple[object, ...], int] = {}
        for finding in findings:
            # What it says may hold the stage's name: the place tells that it is the same, and of several
            # findings of a rule at one place, which of them it is.
            place = _place(finding)
            times[place] = times.get(place, 0) + 1
            first_one, stages = holds.setdefault((*place, times[place]), (finding, []))
            if first_one is finding:
                new.append(finding)
            stages.append(stage)
        groups.append((stack, new))
    for finding, stages in holds.values():
        if len(stages) < len(judged):
            where = f"the stage is {_either(stages)}"
            finding.guard = f"{where}, and {finding.guard}" if finding.guard else where
    return groups


def _tell_once(told: Told, before: tuple[int, int, int], records: dict[str, list[Unresolved]]) -> None:
    """Leaves one of the records and errors that every stage has told anew."""
    holds: dict[tuple[object, ...], tuple[Unresolved, list[str]]] = {}
    for stage, recorded in records.items():
        for record in recorded:
            span = record.span
            key = (record.what, record.reason, record.path, span.path, span.start, span.end)
            holds.setdefault(key, (record, []))[1].append(stage)
    for record, stages in holds.values():
        names = list(dict.fromkeys(stages))
        if len(names) < len(records):
            record.reason += f" (where the stage is {_either(names)})"
    unresolved, errors, internal = told
    unresolved[before[0] :] = [record for record, _ in holds.values()]
    errors[before[1] :] = {str(error): error for error in errors[before[1] :]}.values()
    internal[before[2] :] = dict.fromkeys(internal[before[2] :])


def _either(names: list[str]) -> str:
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _place(finding: Finding) -> tuple[object, ...]:
    span = finding.primary.span
    return (finding.rule, finding.resource, finding.severity, finding.guard, span.path, span.start, span.end)
