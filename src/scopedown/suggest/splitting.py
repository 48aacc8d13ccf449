"""A role of one function's own: the role that functions of a service share comes in, what it needs goes out.

No source is read. What the template hands to a function comes first, then what it hands to nobody and so may
be anybody's; what it hands only to other functions is left out and told, for the reader to decide.
https://www.serverless.com/framework/docs/providers/aws/guide/iam
"""

from __future__ import annotations

from ..source.tree import Sequence
from . import links
from .linking import Linking
from .original import embedded, long_form
from .placeholders import split
from .principals import Principals
from .suggestion import Need
from .wiring import Wiring, collapsed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..iam.breadth import ActionFact, Facts
    from ..iam.policy import Statement
    from ..source.tree import Node, Span
    from ..template.stack import Function, Role, Stack
    from ..values.text import Element

# A name shorter than this may stand in an ARN by chance.
_NAME = 4


class Own:
    """What one function's role would hold.

    Args:
        sure: statements on what the template hands to the function, in long form.
        kept: statements that the template hands to nobody, and every Deny.
        unproven: the actions of ``kept``.
        removed: access level to the actions that only other functions are handed something for.
        needs: what speaks for ``sure``.
        said: how the author would write expressions, by their repr.
    """

    __slots__ = ("kept", "needs", "removed", "said", "sure", "unproven")

    def __init__(self) -> None:
        self.sure: list[dict[str, Any]] = []
        self.kept: list[dict[str, Any]] = []
        self.unproven: list[str] = []
        self.removed: dict[str, list[str]] = {}
        self.needs: list[Need] = []
        self.said: dict[str, object] = {}


class Splits:
    """A shared role, statement by statement, with what each function is handed."""

    def __init__(self, stack: Stack, role: Role) -> None:
        self.stack = stack
        self.role = role
        self.functions = list({user[0].id: user[0] for user in role.functions}.values())
        self._alone = {function.id: _alone(role, function) for function in self.functions}
        self._links = {id: links.links_of(stack, [alone]) for id, alone in self._alone.items()}
        self._words = {function.id: _words(function) for function in self.functions}
        self._shares = [_Share(self, statement) for statement in role.statements]

    @property
    def tells(self) -> bool:
        """Whether the template hands anything of the role to some functions and not to all."""
        return any(share.tells for share in self._shares)

    def own(self, function: Function) -> Own:
        """What one function's role would hold."""
        own = Own()
        for share in self._shares:
            share.give(own, function)
        own.kept += [
            long_form(statement.node) for statement in self.role.statements if statement.effect == "Deny"
        ]
        held = {name.lower() for each in (*own.sure, *own.kept) for name in _listed(each.get("Action"))}
        own.removed = {
            level: left
            for level, names in own.removed.items()
            if (left := [name for name in dict.fromkeys(names) if name.lower() not in held])
        }
        return own

    def linking(self, statement: Statement, facts: Facts, principals: Principals, who: str) -> Linking:
        """The links of a statement for one function alone."""
        return Linking(self.stack, statement, facts, [self._alone[who]], principals)

    def handed(self, who: str, element: Element, fact: ActionFact) -> list[tuple[Span, str]]:
        """The places that hand a named resource to a function for some action."""
        ids = links.named(self.stack, element.origin)
        found = [link for link in self._links[who] if link.resource.id in ids]
        seen = [
            place
            for link in found
            if any(link.speaks_for(each.full) for each in fact.expands)
            for place in link.evidence
        ]
        if seen or ids:
            return seen
        words = self._words[who]
        return [words[piece] for piece in _pieces(element) if piece in words]


class _Share:
    """One statement, and what of it each function is handed."""

    def __init__(self, splits: Splits, statement: Statement) -> None:
        from ..iam.breadth import Facts

        self.splits = splits
        self.statement = statement
        self.facts = Facts(statement)
        self.whole = _is_whole(statement)
        self._given: dict[str, dict[tuple[int, int], list[Any]]] = {}
        self._wiring: dict[str, Wiring] = {}
        if statement.effect != "Allow" or self.whole:
            return
        principals = Principals(splits.stack, [splits.role], statement.carrier.resource)
        for function in splits.functions:
            linking = splits.linking(statement, self.facts, principals, function.id)
            self._wiring[function.id] = Wiring(splits.stack, statement, self.facts, linking)
            self._given[function.id] = self._of(function.id)

    @property
    def tells(self) -> bool:
        given = list(self._given.values())
        return any(each != given[0] for each in given)

    def _of(self, who: str) -> dict[tuple[int, int], list[Any]]:
        """(number of the action, of the resource or -1 for those that are left open) to expressions."""
        given: dict[tuple[int, int], list[Any]] = {}
        wiring = self._wiring[who]
        wide = wiring.linking.wide
        for number, fact in enumerate(self.facts.actions):
            if wide and (found := _linked(wiring, fact)):
                given[number, -1] = found
            for place, element in enumerate(self.statement.resources):
                if element in wide:
                    continue
                seen = self.splits.handed(who, element, fact)
                if seen:
                    given[number, place] = [wiring.kept(element.node)]
                    action = fact.element.text.display()
                    wiring.linking.needs.append(Need(action, element.text.display(), seen))
        return given

    def give(self, own: Own, function: Function) -> None:
        """Adds to a function's own what of the statement is its, and what may be."""
        if self.statement.effect != "Allow":
            return
        if self.whole:
            if self.statement.guard.is_always:
                own.kept.append(long_form(self.statement.node))
                own.unproven += [each.text.display() for each in self.statement.actions]
            return
        wiring, given = self._wiring[function.id], self._given[function.id]
        sure = _Portions()
        kept = _Portions()
        wide = [element for element in self.statement.resources if element in wiring.linking.wide]
        for number, fact in enumerate(self.facts.actions):
            written = fact.element.text.display()
            places = [(-1, wide)] if wide else []
            places += [(at, [one]) for at, one in enumerate(self.statement.resources) if one not in wide]
            for place, elements in places:
                if (number, place) in given:
                    sure.add(written, given[number, place])
                elif any((number, place) in each for each in self._given.values()):
                    own.removed.setdefault(_level(fact), []).append(written)
                else:
                    kept.add(written, [wiring.kept(element.node) for element in elements])
        own.needs += [need for need in wiring.linking.needs if need not in own.needs]
        own.said |= wiring.linking.authored
        own.sure += sure.statements(self.statement, wiring)
        own.kept += kept.statements(self.statement, wiring)
        own.unproven += kept.actions


class _Portions:
    """Actions by the resources that they stand on."""

    def __init__(self) -> None:
        self._resources: dict[str, list[Any]] = {}

    @property
    def actions(self) -> list[str]:
        return list(self._resources)

    def add(self, action: str, resources: list[Any]) -> None:
        known = self._resources.setdefault(action, [])
        known += [each for each in resources if each not in known]

    def statements(self, statement: Statement, wiring: Wiring) -> list[dict[str, Any]]:
        """One statement for each list of resources, in the old statement's order of keys, without its Sid."""
        groups: list[tuple[list[Any], list[str]]] = []
        for action, resources in self._resources.items():
            group = next((each for each in groups if each[0] == resources), None)
            if group is None:
                groups.append((resources, [action]))
            else:
                group[1].append(action)
        found = []
        for resources, actions in groups:
            built: dict[str, Any] = {}
            for key, value in statement.node.entries:
                name = key.value.lower()
                if name == "action":
                    built["Action"] = _like(value, actions)
                elif name == "resource":
                    built["Resource"] = _like(value, resources)
                elif name != "sid":
                    built[key.value] = wiring.kept(value)
            found.append(built)
        return found


def _like(node: Node, values: list[Any]) -> Any:
    """Values as a list, unless there is one and the author wrote one."""
    return values if len(values) > 1 or isinstance(node, Sequence) else values[0]


def _alone(role: Role, function: Function) -> Role:
    """The role as if one function alone had it."""
    from ..template.stack import Role

    alone = Role(role.key, role.label, role.resource, role.generated, role.guard)
    alone.functions = [user for user in role.functions if user[0] is function]
    alone.statements = role.statements
    alone.carriers = role.carriers
    alone.stack = role.stack
    return alone


def _is_whole(statement: Statement) -> bool:
    """Whether a statement can only be taken as it is."""
    if statement.not_actions is not None or statement.not_resources is not None or embedded(statement):
        return True
    if not statement.guard.is_always or not statement.actions or not statement.resources:
        return True
    elements = (*statement.actions, *statement.resources)
    return any(not element.guard.is_always or element.via for element in elements)


def _linked(wiring: Wiring, fact: ActionFact) -> list[Any]:
    """The resources that the template hands to the function for an action, within those left open."""
    if fact.breadth == "literal":
        return next((found for action in fact.expands if (found := wiring.linking.linked(action))), [])
    if fact.service is None or not wiring.linking.links:
        return []
    covered = wiring.linking.all_linked(fact.expands, True)
    return list(collapsed(covered)) if covered else []


_LEVELS = ("Permissions management", "Write", "Tagging", "Read", "List")


def _level(fact: ActionFact) -> str:
    """The access level of an action, of a pattern the one that matters most."""
    levels = {action.level for action in fact.expands}
    return next((level for level in _LEVELS if level in levels), "Unknown")


def _words(function: Function) -> dict[str, tuple[Span, str]]:
    """The names that stand in a function's environment, with the place that shows each."""
    found: dict[str, tuple[Span, str]] = {}
    for name, elements in function.environment.items():
        for element in elements:
            literal = element.text.literal
            if literal is not None and len(literal) >= _NAME:
                seen = (element.node.span, f"{function.label}: environment variable {name} is {literal}")
                found.setdefault(literal, seen)
    return found


def _pieces(element: Element) -> list[str]:
    """An ARN and the names in its last field."""
    text = element.text.display()
    last = split(text)[-1]
    return list(dict.fromkeys((text, last, *last.replace(":", "/").split("/"))))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
