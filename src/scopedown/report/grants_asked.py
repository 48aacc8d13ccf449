"""What ``grants`` is asked for: an action, a resource, or both; a role's grants come in, an answer goes out.

Resources are compared in one spelling: the ARN of a resource of the template is written out, whether the
author says ``${Table.Arn}`` or ``arn:aws:dynamodb:…:table/${Table}``, and all partitions count as one.
"""

from __future__ import annotations

from .. import catalog
from ..iam import access
from ..iam.arn import fields_of, shape_of
from ..iam.policy import Statement
from ..iam.reach import Reach
from ..values.guard import ALWAYS
from ..values.text import STAR, Element, Hole, Text
from .grants_reach import reached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.access import Grant
    from ..template.stack import Stack
    from ..values.text import Part

# What a role answers, the surest first.
YES, CONDITIONAL, PERHAPS, NO = ANSWERS = ("yes", "conditional", "perhaps", "no")
_APIS = (
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
)
_PSEUDO = {"Region": "AWS::Region", "Account": "AWS::AccountId"}


class Asked:
    """The question.

    Args:
        action: an action or a pattern of actions, "" for any.
        resource: an ARN (wildcards allowed) or a logical id, "" for any.
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
        self, statements: list[Statement], boundary: list[Statement] | None, stack: Stack
    ) -> dict[int, str]:
        """What each statement answers, under its ``id``; those that do not reach what is asked are left out.

        Args:
            statements: everything that a role's policies say.
            boundary: its permissions boundary; None where it has none.
            stack: the template.
        """
        copies = [_spelled_statement(one) for one in statements]
        originals = {id(copy): one for copy, one in zip(copies, statements, strict=True)}
        limits = [_spelled_statement(one) for one in boundary] if boundary is not None else None
        found: dict[int, str] = {}
        for grant in access.effective(copies, limits):
            answer = self._answer(grant, self._aims(stack))
            key = id(originals[id(grant.statement)])
            if answer != NO:
                found[key] = surest([answer, found.get(key, NO)])
        return found

    def _answer(self, grant: Grant, targets: list[Text]) -> str:
        if targets and not self._concerns(grant, targets):
            return NO
        answer = self._allows(grant, targets)
        if answer is None and grant.conditions and self._allows(_unconditional(grant), targets):
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

    def _aims(self, stack: Stack) -> list[Text]:
        """The ARN that is asked for, and for a resource of the template everything below it."""
        if not self.resource:
            return []
        targets = self._targets.get(id(stack))
        if targets is None:
            resource = stack.resources.get(self.resource)
            if resource is None:
                targets = [_spelled(_substituted(self.resource, stack))]
            else:
                arn = _own_arn(resource.id, resource.type)
                targets = [Text.join([*arn.parts, *below]) for below in ((), ("/", STAR), (":", STAR))]
                if resource.type in _APIS:
                    targets.append(_call_arn(resource.id))
            self._targets[id(stack)] = targets
        return targets


def surest(answers: list[str]) -> str:
    """The surest of some answers; "no" where there is none."""
    return min(answers, key=ANSWERS.index, default=NO)


def _unconditional(grant: Grant) -> Grant:
    """The grant as it is for a call that meets its conditions."""
    copy = grant.part()
    copy.conditions = []
    return copy


def _substituted(text: str, stack: Stack) -> Text:
    """What the user asks for, with ``${Name}`` read as in Fn::Sub."""
    parts: list[Part] = []
    rest = text
    while "${" in rest and "}" in rest:
        before, _, rest = rest.partition("${")
        name, _, rest = rest.partition("}")
        resolver = stack.resolver
        inner = resolver.attribute(name) if "." in name else resolver.reference(name)
        parts += [*Text.of(before).parts, *inner.parts]
    return Text.join([*parts, *Text.of(rest).parts])


def _spelled_statement(statement: Statement) -> Statement:
    """A copy whose resources are spelled out."""
    copy = Statement(statement.node, statement.guard, statement.carrier, statement.path)
    for name in Statement.__slots__:
        setattr(copy, name, getattr(statement, name))
    copy.resources = [_spelled_element(element) for element in statement.resources]
    if statement.not_resources is not None:
        copy.not_resources = [_spelled_element(element) for element in statement.not_resources]
    return copy


def _spelled_element(element: Element) -> Element:
    return Element(_spelled(element.text), element.guard, element.node, element.via, element.origin)


def _spelled(text: Text) -> Text:
    """A text with the ARNs of resources written out and every partition taken for the same."""
    parts: list[Part] = []
    for part in text.parts:
        if not isinstance(part, Hole) or part.kind not in ("reference", "attribute", "pseudo"):
            parts.append(part)
        elif part.identity == "AWS::Partition":
            parts.append("aws")
        elif part.kind != "pseudo" and _is_arn(part):
            parts += _own_arn(part.resource, part.type).parts
        elif part.kind == "reference" or part.attribute.endswith(("Name", "Id")):
            parts.append(_name_of(part.resource))
        else:
            parts.append(part)
    spelled = Text.join(parts)
    fields = fields_of(spelled)
    if fields is None or fields[1] == ["aws"]:
        return spelled
    rest = [part for field in fields[2:] for part in (":", *field)]
    return Text.join(["arn:aws", *rest])


def _is_arn(hole: Hole) -> bool:
    known = catalog.cfn_type(hole.type)
    if hole.kind == "reference":
        return known is not None and known.ref == "arn"
    return hole.attribute == "Arn" or (known is not None and hole.attribute == known.arn_attribute)


def _own_arn(id: str, type: str) -> Text:
    """The ARN of a resource of the template, one hole for its name."""
    known = catalog.cfn_type(type)
    if known is None or known.arn is None or known.arn.count(":") < 5:
        return Text((Hole(f"ARN of {id}", "unknown"),))
    named = False
    parts: list[Part] = []
    for part in shape_of(known.arn).parts:
        placeholder = part.identity.removeprefix("type ") if isinstance(part, Hole) else ""
        if not placeholder:
            parts.append(part)
        elif placeholder == "Partition":
            parts.append("aws")
        elif placeholder in _PSEUDO:
            name = _PSEUDO[placeholder]
            parts.append(Hole(name, "pseudo", display="${" + name + "}"))
        else:
            parts.append(Hole(f"{placeholder} of {id}", "unknown") if named else _name_of(id))
            named = True
    return Text.join(parts)


def _call_arn(id: str) -> Text:
    """What callers of an API are granted, beside the API's own ARN.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigateway.html
    """
    pseudo = [Hole(name, "pseudo", display="${" + name + "}") for name in ("AWS::Region", "AWS::AccountId")]
    return Text.join(["arn:aws:execute-api:", pseudo[0], ":", pseudo[1], ":", _name_of(id), "/", STAR])


def _name_of(id: str) -> Hole:
    return Hole(f"name of {id}", "unknown", id)
