"""How broad a statement is: every action and resource classified, with what AWS allows to be scoped.

Computed once per statement; rules and suggestions ask the same facts.
"""

from __future__ import annotations

from .. import catalog
from ..values.text import STAR, Element, Hole, Text, Wildcard
from .arn import fields_of, shape_of
from .pattern import certainly_covers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..values.text import Part
    from .policy import Statement
    from .reach import Reach


class ActionFact:
    """One action of a statement, or all that a NotAction does not name.

    ``breadth`` is star (``*``), service_glob (a wildcard in the prefix), service_star (``s3:*`` in any
    spelling), glob, literal, unresolved, or not: everything but ``besides``.
    """

    __slots__ = ("_expands", "_facts", "besides", "breadth", "element", "service")

    def __init__(
        self, element: Element, facts: Facts | None = None, besides: list[Element] | None = None
    ) -> None:
        self.element = element
        self.besides = besides
        self._facts = facts
        self.breadth, self.service = ("not", None) if besides is not None else action_breadth(element.text)
        self._expands: list[Action] | None = None

    @property
    def expands(self) -> list[Action]:
        """Every known action that it matches and that can take effect on the statement's resources.

        What a Deny refuses in every role is left out. Empty where it is unresolved, a bare ``*`` or a
        NotAction. A literal action counts wherever it stands.
        """
        if self._expands is None:
            literal = self.element.text.literal
            if self.breadth in ("star", "unresolved", "not") or literal is None:
                self._expands = []
            elif self.breadth == "literal":
                found = catalog.action(literal)
                self._expands = [found] if found is not None else []
            else:
                self._expands = catalog.expand(literal)
                reach = self._facts.reach if self._facts is not None else None
                if reach is not None and not reach.everything:
                    self._expands = [action for action in self._expands if reach.takes_effect(action)]
                refused = self._facts.statement.refused if self._facts is not None else []
                if refused:
                    self._expands = [each for each in self._expands if not _is_one_of(each, refused)]
        return self._expands

    @property
    def matches_known(self) -> bool:
        """Whether the pattern matches an action that the data knows, on whatever resource."""
        literal = self.element.text.literal
        return bool(self.expands) or (literal is not None and bool(catalog.expand(literal)))


class ResourceFact:
    """One resource of a statement, or all that a NotResource does not name.

    ``breadth`` is star, type_star, prefix, named, unresolved, or not: everything but ``besides``.
    """

    __slots__ = ("besides", "breadth", "element")

    def __init__(
        self, element: Element, actions: list[ActionFact], besides: list[Element] | None = None
    ) -> None:
        self.element = element
        self.besides = besides
        self.breadth = "not" if besides is not None else resource_breadth(element.text, actions)


class Facts:
    """What rules ask about a statement, each answer computed when first asked."""

    __slots__ = ("_narrows", "_reach", "_resources", "_scopable", "actions", "statement")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.actions = [ActionFact(element, self) for element in statement.actions]
        if statement.not_actions is not None:
            self.actions.append(ActionFact(_star(statement, "notaction"), self, statement.not_actions))
        self._reach: Reach | None = None
        self._resources: list[ResourceFact] | None = None
        self._scopable: tuple[list[Action], list[Action], list[str]] | None = None
        self._narrows: tuple[bool | None] | None = None

    @property
    def resources(self) -> list[ResourceFact]:
        """The statement's resources, classified for its actions."""
        if self._resources is None:
            statement = self.statement
            self._resources = [ResourceFact(element, self.actions) for element in statement.resources]
            if statement.not_resources is not None:
                every = _star(statement, "notresource")
                self._resources.append(ResourceFact(every, self.actions, statement.not_resources))
        return self._resources

    @property
    def reach(self) -> Reach:
        """What the statement's resources can be."""
        if self._reach is None:
            from .reach import Reach

            self._reach = Reach(self.statement.resources if self.statement.not_resources is None else None)
        return self._reach

    @property
    def scopable(self) -> tuple[list[Action], list[Action], list[str]]:
        """(actions that can be limited to resources, actions for which ``*`` is in order, unknown names)."""
        if self._scopable is None:
            can: list[Action] = []
            cannot: list[Action] = []
            unknown: list[str] = []
            for fact in self.actions:
                matched = fact.expands
                if not matched and fact.breadth in ("literal", "glob", "service_star"):
                    unknown.append(fact.element.text.display())
                for action in matched:
                    (can if action.star == "never" else cannot).append(action)
            self._scopable = can, cannot, unknown
        return self._scopable

    @property
    def narrows(self) -> bool | None:
        """Whether the Condition says which resource is meant; False where there is none."""
        if not self.statement.conditions:
            return False
        if self._narrows is None:
            from .condition import narrows

            everything = any(fact.breadth in ("star", "not", "unresolved") for fact in self.actions)
            known = [] if everything else [action for fact in self.actions for action in fact.expands]
            self._narrows = (narrows(self.statement.conditions, known, self.statement.guard),)
        return self._narrows[0]


def _star(statement: Statement, name: str) -> Element:
    """Everything, at the place of a NotAction or NotResource."""
    keys = [key for key, _ in statement.node.entries if key.value.lower() == name]
    return Element(Text((STAR,)), statement.guard, keys[0] if keys else statement.node)


def _is_one_of(action: Action, patterns: list[Element]) -> bool:
    name = Text((action.full,))
    return any(certainly_covers(pattern.text, name, ignore_case=True) for pattern in patterns)


def action_breadth(text: Text) -> tuple[str, str | None]:
    """(breadth, service prefix or None) of an action pattern."""
    if len(text.parts) == 1 and isinstance(text.parts[0], str):
        service, colon, _ = text.parts[0].partition(":")
        return ("literal", service.lower()) if colon else ("unresolved", None)
    literal = text.literal
    if literal is None:
        return _partial_action(text)
    service, colon, name = literal.partition(":")
    if not service.strip("*") and (not colon or not name.strip("*")):
        return "star", None
    if not colon:
        return "unresolved", None
    if "*" in service or "?" in service:
        return "service_glob", None
    if "*" in name and not name.strip("*?") and name.count("?") <= 1:
        return "service_star", service.lower()
    return "glob", service.lower()


def _partial_action(text: Text) -> tuple[str, str | None]:
    """An action with a hole: its service may still be known."""
    first = text.parts[0]
    if isinstance(first, str) and ":" in first:
        return "unresolved", first.partition(":")[0].lower()
    return "unresolved", None


def resource_breadth(text: Text, actions: list[ActionFact]) -> str:
    """How broad a resource is for the actions it stands with.

    A type star is an ARN that leaves the name of every resource type open that the actions know and that
    the ARN fits; wildcards below a name (object keys, indexes, qualifiers, log streams) do not count.
    """
    parts = text.parts
    if len(parts) == 1:
        only = parts[0]
        if isinstance(only, str):
            return "named"
        if isinstance(only, Hole):
            return "named" if only.kind in ("attribute", "reference") else "unresolved"
    if all(isinstance(part, Wildcard) for part in parts):
        return "star" if any(part.sign == "*" for part in parts if isinstance(part, Wildcard)) else "prefix"
    if not any(isinstance(part, Wildcard) for part in parts):
        return "named"
    # "arn*", "arn:aws:*" and "arn:*:*:*:*:*" leave nothing out: a star by another name.
    first = parts[0]
    if (not isinstance(first, str) or "arn:aws:::::".startswith(first)) and any(
        certainly_covers(text, arn) for arn in _ANY_ARNS
    ):
        return "star"
    return _arn_breadth(text, actions)


def _any_arn(partition: Part) -> Text:
    fields = [part for number in range(4) for part in (":", Hole(f"field {number}", "unknown"))]
    return Text.join(["arn:", partition, *fields])


_ANY_ARNS = tuple(_any_arn(partition) for partition in ("aws", Hole("AWS::Partition", "pseudo")))


def _arn_breadth(text: Text, actions: list[ActionFact]) -> str:
    fields = fields_of(text)
    if fields is None:
        return "type_star" if _short_star(text) else "prefix"
    if not any(isinstance(part, Wildcard) for part in fields[5]):
        return "named"  # only the partition, region or account is open
    service = fields[2][0] if len(fields[2]) == 1 else ""
    if not isinstance(service, str):
        return "type_star" if fields[5] == [STAR] else "prefix"
    expanded = [action for fact in actions for action in fact.expands if action.service == service]
    if expanded and all(action.name.startswith(_MAKING) for action in expanded):
        return "prefix"  # what is made has no name to give yet
    resource = Text(tuple(fields[5]))
    any_type = any(fact.breadth in ("star", "service_glob") for fact in actions)
    shapes = _shapes(service, None if any_type else {name for action in expanded for name in action.types})
    if not shapes:
        return "type_star" if all(isinstance(part, Wildcard) for part in fields[5]) else "prefix"
    return "type_star" if any(certainly_covers(resource, shape) for shape in shapes) else "prefix"


# Actions whose resources do not exist before the call, and resource types whose ids AWS makes up at run time:
# a template can name neither.
_MAKING = ("Create", "Run")
_NUMBERED = frozenset(
    (
        ("batch", "job"),
        ("ec2", "network-interface"),
        ("ec2", "security-group-rule"),
        ("ec2", "snapshot"),
    )
)


_of_service: dict[str, list[tuple[str, Text]]] = {}  # resource type and resource field, made once


def _shapes(service: str, types: set[str] | None) -> list[Text]:
    """The resource fields of a service's resource types, placeholders as holes; None: of all its types."""
    if service not in _of_service:
        known = catalog.service(service)
        if known is None:
            return []
        rows = [(name, each.split(":", 5)) for name, templates in known.types.items() for each in templates]
        _of_service[service] = [
            (name, shape_of(pieces[5]))
            for name, pieces in rows
            if len(pieces) == 6 and (service, name) not in _NUMBERED
        ]
    return [shape for name, shape in _of_service[service] if types is None or name in types]


def _short_star(text: Text) -> bool:
    shown = text.display()
    return shown.startswith("arn:") and shown.endswith("*") and shown.count(":") < 5 and "${" not in shown
