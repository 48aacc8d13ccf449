"""What bounds a principal: a role with its permissions boundary comes in, the cases to tell apart go out.

A boundary may stand under a condition of the template, or outside it, where nobody can read it here.
"""

from __future__ import annotations

from ..iam import access

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.access import Grant
    from ..iam.policy import Statement
    from ..template.stack import Role
    from ..values.guard import Guard


class Bound:
    """One case.

    Args:
        guard: when it is so.
        statements: those of the boundary; None for no boundary, or one that is not known.
        known: whether all of that can be seen; where not, less may be granted than is told.
    """

    __slots__ = ("guard", "known", "statements")

    def __init__(self, guard: Guard, statements: list[Statement] | None = None, known: bool = True) -> None:
        self.guard = guard
        self.statements = statements
        self.known = known


def bounds(role: Role) -> list[Bound]:
    """The cases of a role's boundary, that without one included; one case where there is no condition."""
    found = []
    rest = role.guard
    for each in role.boundary:
        found.append(Bound(each.guard, each.statements if each.visible else None, each.visible))
        rest = rest.and_(each.guard.not_())
    if not rest.is_never:
        found.append(Bound(rest))
    return found


def granted(
    statements: list[Statement], beside: list[Statement], cases: list[Bound]
) -> list[tuple[Grant, Bound]]:
    """What is left of statements in every case, by the order of the statements.

    Args:
        statements: what a boundary bounds.
        beside: what it does not: what resource policies give a user by name. Every Deny of the two counts
            for both.
        cases: of the boundary.
    """
    found: list[tuple[Grant, Bound]] = []
    denies = [[one for one in listed if one.effect == "Deny"] for listed in (beside, statements)]
    for case in cases:
        own = access.effective([*statements, *denies[0]], case.statements, case.guard)
        found += [(grant, case) for grant in own]
        limiting = [one for one in case.statements or () if one.effect == "Deny"]
        if len(denies[0]) < len(beside):
            free = access.effective([*beside, *denies[1], *limiting], None, case.guard)
            found += [(grant, case) for grant in free]
    order = {id(one): number for number, one in enumerate([*statements, *beside])}
    return sorted(found, key=lambda pair: order[id(pair[0].statement)])


def joined(groups: list[list[Grant]]) -> list[list[Grant]]:
    """Groups of grants, those that differ in nothing but the case as one."""
    found: dict[object, list[Grant]] = {}
    for parts in groups:
        key = tuple(_shape(part) for part in parts)
        if key in found:
            for one, two in zip(found[key], parts, strict=True):
                one.guard = one.guard.or_(two.guard)
        else:
            found[key] = parts
    return list(found.values())


def _shape(grant: Grant) -> object:
    """Everything about a grant but when it holds."""
    lists = (grant.actions, grant.not_actions, grant.resources, grant.not_resources)
    texts = tuple(None if one is None else tuple(each.text for each in one) for one in lists)
    limits = tuple(id(one) for one in (*grant.conditions, *grant.denies, *(grant.boundary or ())))
    return id(grant.statement), texts, limits, grant.boundary is None
