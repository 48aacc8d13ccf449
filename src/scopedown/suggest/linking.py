"""Which ARNs may stand in one statement: a question per action in, expressions out.

They name the resources that the template hands to the statement's holders, spelled so that the old resources
cover them, and never so that the template becomes circular.
"""

from __future__ import annotations

from ..iam.arn import fields_of
from ..iam.pattern import covers, covers_by_segment
from ..values.text import STAR, Text
from . import arns, links
from .arns import Arn
from .graph import graph_of
from .principals import Principals
from .suggestion import Need

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..iam.breadth import Facts
    from ..iam.policy import Statement
    from ..template.stack import Role, Stack
    from ..values.text import Element, Hole, Part
    from .arns import Expression
    from .links import Link

_WIDE = ("star", "type_star")


class Linking:
    """The links of one statement.

    ``wide`` are its resources that name no single one; ``needs`` and ``notes`` grow with every question.
    ``roles`` and ``principals`` are given where only one of the statement's functions is meant.
    """

    def __init__(
        self,
        stack: Stack,
        statement: Statement,
        facts: Facts,
        roles: list[Role] | None = None,
        principals: Principals | None = None,
    ) -> None:
        self.stack = stack
        self.statement = statement
        self.wide = [fact.element for fact in facts.resources if fact.breadth in _WIDE]
        self.roles = stack.roles_of(statement.carrier) if roles is None else roles
        self.principals = principals or Principals(stack, self.roles, statement.carrier.resource)
        self.links: list[Link] = []
        if self.wide and not self.principals.unknown:
            self.links = [*links.links_of(stack, self.roles, statement.guard), *self.principals.links]
        self.needs: list[Need] = []
        self.notes: list[str] = []
        self.authored: dict[str, object] = {}  # of an expression's repr, how a service's author says it
        self._memo: dict[tuple[object, ...], list[tuple[str, str, Expression]]] = {}
        self._found: dict[tuple[object, ...], tuple[list[tuple[Link, str]], list[Expression]]] = {}
        self._others: dict[str, list[Statement]] = {}
        self._differ: bool | None = None

    def linked(self, action: Action, expanded: bool = False, matched: bool = False) -> list[Expression]:
        """The ARNs of all linked resources that an action applies to, within the old resources.

        An action that needs resources of several types at once is narrowed only where all are linked.

        Args:
            action: one IAM action.
            expanded: leave out parts of a resource that are rarely used.
            matched: the action is one of many that a wildcard matches, so that it is no need by itself.
        """
        if action.eni or action.star == "only" or not self.links:
            return []
        if action.service == "logs" and self.principals.machine:
            return []
        spoken = self._spoken(action) if self._telling() else self.links
        key = (action.service, action.types, _alike(action), expanded, *map(id, spoken))
        known = self._found.get(key)
        if known is None:
            known = self._found[key] = self._ask(spoken, action, expanded)
        texts, found = known
        for link, text in texts:
            if not matched or link.actions is not None:
                self.need(action.full, text, link)
        return found

    def all_linked(self, actions: list[Action], expanded: bool) -> dict[str, list[Expression]]:
        """The same for what a wildcard matches, by action; without those that have no linked resource."""
        found: dict[str, list[Expression]] = {}
        groups: dict[tuple[object, ...], list[Expression]] = {}
        telling = self._telling()
        for action in actions:
            key = (action.types, _alike(action), action.eni, action.star)
            known = None if telling else groups.get(key)
            if known is None:
                known = groups[key] = self.linked(action, expanded, True)
            if known:
                found[action.full] = known
        return found

    def _telling(self) -> bool:
        """Whether links differ in the actions they speak for; mostly all speak for all of them."""
        if self._differ is None:
            self._differ = any(
                link.actions is not None or link.granted or self._named_by(link.resource.id)
                for link in self.links
            )
        return self._differ

    def _spoken(self, action: Action) -> list[Link]:
        """The links that say something about an action and explain this statement's grant of it."""
        full = action.full
        spoken = [link for link in self.links if link.actions is None or full in link.actions]
        chosen = [link for link in spoken if not link.granted] or spoken
        return [link for link in chosen if not self._elsewhere(link, full)]

    def _ask(
        self, spoken: list[Link], action: Action, expanded: bool
    ) -> tuple[list[tuple[Link, str]], list[Expression]]:
        """What ``linked`` answers for every action of equal types: the needs and the ARNs."""
        found: dict[str, Expression] = {}
        texts: list[tuple[Link, str]] = []
        types: set[str] = set()
        for link in spoken:
            for name, text, expression in self._made(link, action, expanded):
                types.add(name)
                found[text] = expression
                texts.append((link, text))
        if found and (len(action.types) == 1 or arns.required_types(action) <= types):
            return texts, list(found.values())
        return [], []

    def _made(self, link: Link, action: Action, expanded: bool) -> list[tuple[str, str, Expression]]:
        """The ARNs of one link that may be written, as (resource type, in form of Fn::Sub, expression)."""
        key = (link.resource.id, action.service, action.types, _alike(action), expanded)
        if key not in self._memo:
            self._memo[key] = []
            made = self._arns(key, link, action)
            if made and self.exists(link.resource.id):
                for name, arn in made:
                    expression = self.within(arn, action)
                    if expression is not None:
                        self._memo[key].append((name, arns.shown(expression), expression))
        return self._memo[key]

    def _arns(
        self, key: tuple[str, str, tuple[str, ...], str, bool], link: Link, action: Action
    ) -> list[tuple[str, Arn]]:
        """The ARNs of a resource, which are the same in every statement of the template."""
        known = graph_of(self.stack).arns
        if key not in known:
            known[key] = arns.arns_for(self.stack, link.resource, action, key[-1])
        return known[key]

    def need(self, action: str, resource: str, link: Link) -> None:
        for need in self.needs:
            if need.action == action and need.resource == resource:
                return
        self.needs.append(Need(action, resource, list(link.evidence)))

    def exists(self, id: str) -> bool:
        """Whether a resource is there whenever the statement is; to name one that is not fails to deploy."""
        guard = self.stack.resources[id].guard
        if self.statement.guard.implies(guard):
            return True
        self.note(f"{id} exists only when {guard.display()}")
        return False

    def _elsewhere(self, link: Link, full: str) -> bool:
        """Whether another statement of the same roles grants the action on the linked resource by name.

        This one is then there for something else.
        """
        others = self._named_by(link.resource.id)
        if link.kind == "key" or not others:
            return bool(others)
        wanted = Text.of(full)
        return any(covers(each.text, wanted, True) for other in others for each in other.actions)

    def _named_by(self, id: str) -> list[Statement]:
        """The other statements of the roles that name a resource."""
        others = self._others.get(id)
        if others is None:
            others = self._others[id] = [
                other
                for role in self.roles
                for other in role.statements
                if other is not self.statement and other.effect == "Allow" and _names(other, id)
            ]
        return others

    def within(self, arn: Arn, action: Action) -> Expression | None:
        """The ARN spelled so that the old resources cover it, and without a circular dependency."""
        if arn.id and self.circular(arn.id):
            detour = self._detour(arn, action)
            if detour is None:
                return None
            arn = detour
        for element in self.wide:
            if element.text.parts == (STAR,):
                return self._remembered(arn.expression, arn.said)
        return self._respelled(arn)

    def _remembered(self, expression: Expression, said: list[str] | None) -> Expression:
        """An expression, noted with the words that the author of a service would use for it."""
        if said is not None:
            from . import dialect

            self.authored[repr(expression)] = dialect.expression(":".join(said))
        return expression

    def _respelled(self, arn: Arn) -> Expression | None:
        for element in self.wide:
            outer = fields_of(element.text)
            if outer is None or arn.fields is None:
                continue
            fields, said = list(arn.fields), list(arn.said or arn.fields)
            old = self._fields_written(element)
            for at in (1, 3, 4):
                if fields[at] and outer[at] and outer[at] != [STAR]:
                    fields[at] = _field(outer[at])
                    said[at] = old[at] if old is not None else fields[at]
            # An API's stage, method and path may stand as stars of their own: */*/* rather than /*.
            for deeper in ("", "/*", "/*/*") if fields[2] == "execute-api" else ("",):
                spelling = ":".join(fields) + deeper
                inner = arns.text_of(spelling, self.stack.resolver)
                if covers(element.text, inner) and covers_by_segment(element.text, inner):
                    same = fields == arn.fields and not deeper
                    expression = arn.expression if same else arns.spelled(spelling)
                    changed = [*said[:5], said[5] + deeper] if said != fields else None
                    return self._remembered(expression, changed)
        return None

    def _fields_written(self, element: Element) -> list[str] | None:
        """The fields of an old ARN as the author of a service wrote them, variables and all."""
        if self.stack.packaged is None:
            return None
        from . import dialect
        from .placeholders import split

        text = dialect.written(self.stack, element.node)
        fields = split(text) if text is not None else []
        return fields if len(fields) == 6 and fields[0] == "arn" else None

    def circular(self, id: str) -> bool:
        """Whether a reference to a resource, placed in the statement, would close a circle."""
        graph, owner = graph_of(self.stack), self.statement.carrier.resource
        return id not in graph.direct(owner) and graph.circular(owner, id)

    def _detour(self, arn: Arn, action: Action) -> Arn | None:
        """An ARN that names a resource without referring to it, where a reference would be circular."""
        resource = self.stack.resources[arn.id]
        name = links.fixed_name(self.stack, resource)
        fields = arn.fields
        if name is not None and fields is not None:
            own = _own_name(fields[5], resource.id)
            if own and not any(self.circular(hole.resource) for hole in _references(name)):
                last = fields[5].replace(own, name.display())
                said = links.name_written(self.stack, resource)
                spoken = [*fields[:5], fields[5].replace(own, said)] if said else None
                return Arn([*fields[:5], last], None, "", spoken)
        from .placeholders import type_arn

        anyone = type_arn(action)
        if anyone is not None and anyone[4] and fields is not None:
            self.note(
                f"naming {resource.id} here would make the template circular; this stays within the account"
            )
            return Arn(anyone, None)
        self.note(f"{resource.id} cannot be named here: it depends on {self.statement.carrier.owner}")
        return None

    def note(self, text: str) -> None:
        """Adds a word for the reader, once."""
        if text not in self.notes:
            self.notes.append(text)


def _own_name(text: str, id: str) -> str:
    """The placeholder by which a text names a resource: ${Topic} or ${Topic.TopicName}; "" without one."""
    for start in ("${" + id + "}", "${" + id + "."):
        if start in text:
            at = text.index(start)
            return text[at : text.index("}", at) + 1]
    return ""


def _alike(action: Action) -> str:
    """What tells the ARNs of two actions of equal types apart: for a few services, the action's name."""
    return action.name if action.service in ("logs", "execute-api") or action.name in arns.TAGGING else ""


def _names(statement: Statement, id: str) -> bool:
    return any(hole.resource == id for each in statement.resources for hole in each.origin.holes)


def _field(parts: list[Part]) -> str:
    return Text(tuple(parts)).display()


def _references(text: Text) -> list[Hole]:
    return [hole for hole in text.holes if hole.kind in ("reference", "attribute")]
