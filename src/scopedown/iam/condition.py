"""Conditions: does what a statement asks of a call say which resource is meant?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from .. import catalog
from ..values.guard import NEVER
from ..values.text import Hole, Wildcard
from .pattern import either

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..values.guard import Guard
    from ..values.text import Text
    from .policy import Condition

_PLAIN = {
    "bool": ("",),
    "binary": ("equals",),
    "ipaddress": ("",),
    "string": ("equals", "equalsignorecase", "like"),
    "arn": ("equals", "like"),
    "numeric": ("equals", "lessthan", "lessthanequals", "greaterthan", "greaterthanequals"),
    "date": ("equals", "lessthan", "lessthanequals", "greaterthan", "greaterthanequals"),
}
_NEGATED = {
    "notipaddress": "ipaddress",
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}
_NAMES = {"null", *(kind + end for kind, ends in _PLAIN.items() for end in ends)}
_PATTERNED = ("stringlike", "arnlike", "arnequals")
_SETS = ("forallvalues:", "foranyvalue:")

# Keys that stand in every request of the actions that have them, so that ...IfExists and ForAllValues find a
# value: required parameters, and what the service itself knows of the resource.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_ALWAYS_THERE = frozenset(
    (
        "aws:resourceaccount",
        "cloudwatch:namespace",
        "dynamodb:leadingkeys",
        "ecs:cluster",
        "events:detail-type",
        "events:source",
        "iam:awsservicename",
        "iam:passedtoservice",
        "iam:policyarn",
        "kms:calleraccount",
        "lambda:functionarn",
        "s3:resourceaccount",
        "secretsmanager:secretid",
        "ses:fromaddress",
    )
)
# Keys that many requests lack: a resource may have no such tag, a call may come directly and encrypt plainly.
_OFTEN_MISSING = ("tag/", "kms:viaservice", "kms:encryptioncontext", "s3:prefix")


class Operator:
    """A condition operator in its parts.

    Args:
        name: the positive operator in lower case, such as ``stringlike``; ``null``.
        negated: whether the answer is turned round.
        if_exists: whether a missing key passes.
        over: ``forallvalues``, ``foranyvalue`` or "".
    """

    __slots__ = ("if_exists", "name", "negated", "over")

    def __init__(self, name: str, negated: bool, if_exists: bool, over: str) -> None:
        self.name = name
        self.negated = negated
        self.if_exists = if_exists
        self.over = over


def operator_of(text: str) -> Operator | None:
    """The parts of an operator as written, in any case; None where IAM knows none such."""
    word = text.lower()
    over = ""
    if word.startswith(_SETS):
        over, _, word = word.partition(":")
    if_exists = word.endswith("ifexists")
    word = word.removesuffix("ifexists")
    name = _NEGATED.get(word, word)
    if name not in _NAMES or (name == "null" and (if_exists or over)):
        return None
    return Operator(name, word in _NEGATED, if_exists, over)


def narrows(conditions: list[Condition], actions: list[Action], guard: Guard) -> bool | None:
    """Whether a statement's conditions say which resource is meant.

    They do where one of them names, by a key that scopes (``catalog.scoping``), what the resource, its owner
    or the service it is used through must be. How, when, from where and by whom a call is made says nothing
    of the resource.

    Args:
        conditions: all of them must hold.
        actions: the known actions that the statement reaches; none for all or unknown ones.
        guard: that of the statement.

    Returns:
        True, False, or None for cannot tell.
    """
    sure, maybe = NEVER, False
    for condition in conditions:
        answer = _narrows(condition, conditions, actions)
        if answer:
            # Under Fn::If each branch may narrow for itself.
            sure = sure.or_(condition.guard)
        maybe = maybe or answer is not False
    if not sure.is_never and guard.implies(sure):
        return True
    return None if maybe else False


def _narrows(condition: Condition, conditions: list[Condition], actions: list[Action]) -> bool | None:
    operator = operator_of(condition.operator)
    scopes = catalog.scoping(condition.key) if condition.key else None
    if scopes is False:
        return False
    if operator is None:
        return None
    if operator.name == "null":
        # Having the tag at all is a fence, of unknown width; not having it is none.
        return False if _all_literal(condition, "true") else None
    if any(_says_nothing(value.text, operator) for value in condition.values) or not condition.values:
        return False
    passes = _passes_without(operator, condition, conditions, actions)
    if passes:
        return False
    if scopes is None or passes is None or operator.negated:
        return None
    if any(_may_say_nothing(value.text, operator) for value in condition.values):
        return None
    return _supported(actions, condition.key)


def _passes_without(
    operator: Operator, condition: Condition, conditions: list[Condition], actions: list[Action]
) -> bool | None:
    """Whether a request without the key passes, and there may be one."""
    if not operator.if_exists and operator.over != "forallvalues":
        return False
    key = condition.key.lower()
    if any(
        other.key.lower() == key and other.operator.lower() == "null" and _all_literal(other, "false")
        for other in conditions
    ):
        return False
    scopable = [action.full for action in actions if action.star == "never"]
    if any(word in key for word in _OFTEN_MISSING) or False in (catalog.supports(a, key) for a in scopable):
        return True
    return False if key in _ALWAYS_THERE else None


def _all_literal(condition: Condition, word: str) -> bool:
    return bool(condition.values) and all(
        (value.text.literal or "").lower() == word for value in condition.values
    )


def _says_nothing(text: Text, operator: Operator) -> bool:
    """Whether a value is met by any other: stars only, or no text at all."""
    if text.parts == ("",):
        return True
    if operator.name in ("arnlike", "arnequals"):
        return not text.display().strip("*:?arn")
    return all(isinstance(part, Wildcard) for part in text.parts) and "*" in text.display()


def _may_say_nothing(text: Text, operator: Operator) -> bool:
    """Whether a value that only deployment knows could be a star."""
    if operator.name not in _PATTERNED:
        return False
    return all(
        isinstance(part, Wildcard) or (isinstance(part, Hole) and part.kind in ("parameter", "unknown"))
        for part in text.parts
    )


def _supported(actions: list[Action], key: str) -> bool | None:
    """Whether some of the actions have the key; the others are out of reach under it.

    A key that none of them has makes an Allow dead, as far as the data knows; it fences nothing in.
    """
    if not actions:
        return True
    return either(catalog.supports(action.full, key) for action in actions)
