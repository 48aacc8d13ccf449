"""The check of one removal: a statement comes in, what its roles would lose goes out.

Only statements that the framework or SAM adds count: of two copies that the author wrote each would be
redundant because of the other.
"""

from __future__ import annotations

from .. import catalog
from ..iam.pattern import covers
from ..iam.pattern import proves as pattern_proves
from ..values.text import STAR, Text
from .expand import expanded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..iam.policy import Statement
    from ..template.stack import Stack
    from ..values.text import Part


def loss(original: Statement, stack: Stack) -> str:
    """Why a statement cannot be taken away, in words; "" where nothing is lost.

    Args:
        original: the statement that would go.
        stack: the template.
    """
    if original.effect != "Allow" or original.not_actions is not None or original.not_resources is not None:
        return "it is not plainly a grant"
    roles = stack.roles_of(original.carrier)
    if not roles or not original.actions or not original.resources:
        return "it cannot be followed"
    for role in roles:
        others = [other for other in role.all_statements if _counts(original, other)]
        for element in original.actions:
            actions = catalog.expand(element.text.literal) if element.text.literal is not None else []
            if not actions:
                return f"{element.text.display()} is not known"
            for action in actions:
                for resource in original.resources:
                    for text in _reached(action, expanded(resource.origin, stack), stack):
                        if not any(_grants(other, action, text, stack) for other in others):
                            return f"{action.full} on {text.display()} would be lost"
    return ""


def _counts(original: Statement, other: Statement) -> bool:
    """Whether another statement holds wherever the original does, without conditions of its own."""
    return (
        other.carrier.kind == "generated"
        and other.effect == "Allow"
        and other.not_actions is None
        and other.not_resources is None
        and not other.conditions
        and original.guard.implies(other.guard)
    )


def _grants(other: Statement, action: Action, resource: Text, stack: Stack) -> bool:
    name = Text.of(action.full)
    guard = other.guard
    return any(
        guard.implies(each.guard) and covers(each.origin, name, True) is True for each in other.actions
    ) and any(
        guard.implies(each.guard) and pattern_proves(expanded(each.origin, stack), resource)
        for each in other.resources
    )


def _reached(action: Action, resource: Text, stack: Stack) -> list[Text]:
    """What an action can reach within a resource: of ``*`` the ARNs of the types that it applies to.

    A call to a connection has an ARN of its own form:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
    """
    if resource.parts != (STAR,) or action.star != "never" or not action.types:
        return [resource]
    service = catalog.service(action.service)
    templates = [one for name in action.types for one in (service.types.get(name, ()) if service else ())]
    if not templates:
        return [resource]
    if action.full == "execute-api:ManageConnections":
        tail = "${Id}/${Stage}/${Method}/@connections/${Id}"
        templates = ["arn:${Partition}:execute-api:${Region}:${Account}:" + tail]
    return [_anything(template, stack) for template in templates]


def _anything(template: str, stack: Stack) -> Text:
    """Every ARN of a type, in the partition of the stack: no role reaches into another one."""
    parts: list[Part] = []
    for number, piece in enumerate(template.split("${")):
        name, brace, rest = piece.partition("}") if number else ("", "", piece)
        if brace:
            parts += stack.resolver.reference("AWS::Partition").parts if name == "Partition" else (STAR,)
        parts += Text.of(rest).parts if rest else ()
    return Text.join(parts)
