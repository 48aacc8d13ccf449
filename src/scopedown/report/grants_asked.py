"""What ``grants`` is asked for: an action, a resource, or both; a role's grants come in, an answer goes out.

Resources are compared in one spelling, see ``grants_spelling``.
"""

from __future__ import annotations

from .. import catalog
from ..iam import access
from ..iam.reach import Reach
from ..values.guard import ALWAYS
from ..values.text import Element
from .grants_limits import Bound, granted
from .grants_reach import reached
from .grants_spelling import Spelling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.access import Grant
    from ..iam.policy import Statement
    from ..template.stack import Stack
    from ..values.text import Text

# What a role answers, the surest first.
YES, CONDITIONAL, PERHAPS, NO = ANSWERS = ("yes", "conditional", "perhaps", "no")


class Asked:
    """The question.

    Args:
        action: an action or a pattern of actions, "" for any.
        resource: an ARN (wildcards allowed), a logical id or a resource's own name, "" for any.
    """

    __slots__ = ("_meant", "_targets", "action", "resource")

    def __init__(self, action: str = "", resource: str = "") -> None:
        self.action = action
        self.resource = resource
        self._meant = {found.full for found in catalog.expand(action)} if action else None
        self._targets: dict[int, list[Text]] = {}

    def __bool__(self) -> bool:
        return bool(self.action or self.resource)

    def answers(
        self, statements: list[Statement], beside: list[Statement], cases: list[Bound], stack: Stack
    ) -> dict[int, str]:
        """What each statement answers, under its ``id``; those that do not reach what is asked are left out.

        Args:
            statements: everything that a role's policies say.
            beside: what no boundary bounds.
            cases: of its permissions boundary.
            stack: the template.
        """
        spelling = Spelling(stack)
        copies = [[spelling.statement(one) for one in listed] for listed in (statements, beside)]
        pairs = zip([*copies[0], *copies[1]], [*statements, *beside], strict=True)
        originals = {id(copy): one for copy, one in pairs}
        limits = [_spelled_case(case, spelling) for case in cases]
        found: dict[int, str] = {}
        for grant, case in granted(copies[0], copies[1], limits):
            answer = self._answer(grant, self._aims(stack, spelling))
            if not case.known and answer != NO:
                answer = PERHAPS
            key = id(originals[id(grant.statement)])
            if answer != NO:
                found[key] = surest([answer, found.get(key, NO)])
        return found

    def _answer(self, grant: Grant, targets: list[Text]) -> str:
        if targets and not self._concerns(grant, targets):
            return NO
        answer = self._allows(grant, targets)
        if answer is None and self._allows(_unconditional(grant), targets):
            return CONDITIONAL
        return YES if answer else NO if answer is False else PERHAPS

    def _allows(self, grant: Grant, targets: list[Text]) -> bool | None:
        aims: list[Text | None] = [*targets] or [None]
        answers = {access.allows(grant, self.action or "*", aim, segments=True) for aim in aims}
        return True if True in answers else None if None in answers else False

    def _concerns(self, grant: Grant, targets: list[Text]) -> bool:
        """Whether some action of a grant applies to what the targets are, or may do so."""
        if any(one.text.holes for one in grant.actions or ()):
            return True
        reach = Reach([Element(target, ALWAYS, grant.statement.node) for target in targets])
        return any(
            reach.takes_effect(action)
            for action in reached(grant)
            if self._meant is None or action.full in self._meant
        )

    def _aims(self, stack: Stack, spelling: Spelling) -> list[Text]:
        """The ARN that is asked for, and for a resource of the template everything below it."""
        if not self.resource:
            return []
        targets = self._targets.get(id(stack))
        if targets is None:
            targets = spelling.targets(self.resource)
            self._targets[id(stack)] = targets
        return targets


def surest(answers: list[str]) -> str:
    """The surest of some answers; "no" where there is none."""
    return min(answers, key=ANSWERS.index, default=NO)


def _unconditional(grant: Grant) -> Grant:
    """The grant as it is for a call that meets its conditions, and those of no Deny."""
    copy = grant.part()
    copy.conditions = []
    copy.denies = [deny for deny in grant.denies if not deny.conditions]
    return copy


def _spelled_case(case: Bound, spelling: Spelling) -> Bound:
    if case.statements is None:
        return case
    return Bound(case.guard, [spelling.statement(one) for one in case.statements], case.known)
