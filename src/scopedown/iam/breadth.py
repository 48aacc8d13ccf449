"""How broad a statement is: every action and resource classified, with what AWS allows to be scoped.

Computed once per statement; rules and suggestions ask the same facts.
"""

from __future__ import annotations

from .. import catalog
from ..values.text import STAR, Hole, Text, Wildcard
from .arn import fields_of, shape_of
from .pattern import certainly_covers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..values.text import Element, Part
    from .policy import Condition, Statement
    from .reach import Reach

# Condition keys that say which resource is meant, so that `*` under them is scoped: identity and tags of the
# resource, its account, the one service that may use it. Service authorization reference, condition keys.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
SCOPING_KEYS = frozenset(
    (
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "cloudwatch:namespace",
        "dynamodb:leadingkeys",
        "ec2:vpc",
        "ec2:subnet",
        "ec2:resourceid",
        "ecs:cluster",
        "events:source",
        "events:detail-type",
        "iam:awsservicename",
        "iam:passedtoservice",
        "kms:resourcealiases",
        "kms:viaservice",
        "kms:calleraccount",
        "kms:encryptioncontextkeys",
        "lambda:functionarn",
        "s3:prefix",
        "secretsmanager:secretid",
        "ses:fromaddress",
        "sns:endpoint",
        "ssm:resourcetag",
    )
)
SCOPING_PREFIXES = ("aws:resourcetag/", "kms:encryptioncontext:", "secretsmanager:resourcetag/")
# Keys that say how, when or by whom a call is made: every resource stays within reach.
OTHER_KEYS = frozenset(
    (
        "aws:securetransport",
        "aws:requestedregion",
        "aws:sourceip",
        "aws:vpcsourceip",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:currenttime",
        "aws:epochtime",
        "aws:useragent",
        "aws:referer",
        "aws:principalorgid",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principaltype",
        "aws:viaawsservice",
        "aws:calledvia",
        "aws:tokenissuetime",
        "s3:x-amz-server-side-encryption",
        "s3:authtype",
        "s3:tlsversion",
    )
)
_NEGATED = ("not", "null")


class ActionFact:
    """One action of a statement.

    ``breadth`` is star (``*``), service_glob (a wildcard in the prefix), service_star (``s3:*`` in any
    spelling), glob, literal or unresolved.
    """

    __slots__ = ("_expands", "_facts", "breadth", "element", "service")

    def __init__(self, element: Element, facts: Facts | None = None) -> None:
        self.element = element
        self._facts = facts
        self.breadth, self.service = action_breadth(element.text)
        self._expands: list[Action] | None = None

    @property
    def expands(self) -> list[Action]:
        """Every known action that it matches and that can take effect on the statement's resources.

        Empty where it is unresolved or a bare ``*``. A literal action counts wherever it stands.
        """
        if self._expands is None:
            literal = self.element.text.literal
            if self.breadth in ("star", "unresolved") or literal is None:
                self._expands = []
            elif self.breadth == "literal":
                found = catalog.action(literal)
                self._expands = [found] if found is not None else []
            else:
                self._expands = catalog.expand(literal)
                reach = self._facts.reach if self._facts is not None else None
                if reach is not None and not reach.everything:
                    self._expands = [action for action in self._expands if reach.takes_effect(action)]
        return self._expands

    @property
    def matches_known(self) -> bool:
        """Whether the pattern matches an action that the data knows, on whatever resource."""
        literal = self.element.text.literal
        return bool(self.expands) or (literal is not None and bool(catalog.expand(literal)))


class ResourceFact:
    """One resource of a statement; ``breadth`` is star, type_star, prefix, named or unresolved."""

    __slots__ = ("breadth", "element")

    def __init__(self, element: Element, actions: list[ActionFact]) -> None:
        self.element = element
        self.breadth = resource_breadth(element.text, actions)


class Facts:
    """What rules ask about a statement, each answer computed when first asked."""

    __slots__ = ("_conditions", "_reach", "_resources", "_scopable", "actions", "statement")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.actions = [ActionFact(element, self) for element in statement.actions]
        self._reach: Reach | None = None
        self._resources: list[ResourceFact] | None = None
        self._scopable: tuple[list[Action], list[Action], list[str]] | None = None
        self._conditions: str | None = None

    @property
    def resources(self) -> list[ResourceFact]:
        """The statement's resources, classified for its actions."""
        if self._resources is None:
            self._resources = [ResourceFact(element, self.actions) for element in self.statement.resources]
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
    def conditions(self) -> str:
        """Whether the Condition says which resource: "none", "narrows", "not" or "other" (cannot tell)."""
        if self._conditions is None:
            self._conditions = _conditions(self.statement.conditions)
        return self._conditions


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
    if expanded and all(action.name.startswith("Create") for action in expanded):
        return "prefix"  # what is created has no name to give yet
    resource = Text(tuple(fields[5]))
    any_type = any(fact.breadth in ("star", "service_glob") for fact in actions)
    shapes = _shapes(service, None if any_type else {name for action in expanded for name in action.types})
    if not shapes:
        return "type_star" if all(isinstance(part, Wildcard) for part in fields[5]) else "prefix"
    return "type_star" if any(certainly_covers(resource, shape) for shape in shapes) else "prefix"


def _shapes(service: str, types: set[str] | None) -> list[Text]:
    """The resource fields of a service's resource types, placeholders as holes; None: of all its types."""
    known = catalog.service(service)
    if known is None:
        return []
    found = []
    for name, templates in known.types.items():
        if types is None or name in types:
            for template in templates:
                pieces = template.split(":", 5)
                if len(pieces) == 6:
                    found.append(shape_of(pieces[5]))
    return found


def _short_star(text: Text) -> bool:
    shown = text.display()
    return shown.startswith("arn:") and shown.endswith("*") and shown.count(":") < 5 and "${" not in shown


def _conditions(conditions: list[Condition]) -> str:
    if not conditions:
        return "none"
    answers = {_condition(condition) for condition in conditions}
    for answer in ("narrows", "other"):
        if answer in answers:
            return answer
    return "not"


def _condition(condition: Condition) -> str:
    operator, key = condition.operator.lower(), condition.key.lower()
    if any(value.text.parts == (STAR,) for value in condition.values):
        return "not"
    scoping = key in SCOPING_KEYS or key.startswith(SCOPING_PREFIXES) or ":resourcetag/" in key
    if scoping:
        loose = operator.endswith("ifexists") or any(word in operator for word in _NEGATED)
        return "other" if loose else "narrows"
    return "not" if key in OTHER_KEYS else "other"
