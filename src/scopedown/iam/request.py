"""Requests: the condition keys of one request come in; whether conditions hold and what variables are go out.

A condition key has a list of values, [] or no entry where the request lacks it. Only questions about one
request come here; no check needs it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import re

from ..values.text import Hole, Text, Variable, Wildcard
from .condition import operator_of
from .pattern import covers, covers_by_segment, either, negated, segments_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from decimal import Decimal

    from ..values.guard import Guard
    from ..values.text import Part
    from .policy import Condition

    Context = Mapping[str, Sequence[str]]

_DEFAULT = re.compile(r"\s*([^,]*?)\s*,\s*'([^']*)'\s*")
_ORDERS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "equals": lambda given, wanted: given == wanted,
    "lessthan": lambda given, wanted: given < wanted,
    "lessthanequals": lambda given, wanted: given <= wanted,
    "greaterthan": lambda given, wanted: given > wanted,
    "greaterthanequals": lambda given, wanted: given >= wanted,
}


def hold(conditions: Iterable[Condition], context: Context | None, guard: Guard) -> bool | None:
    """Whether a request meets all conditions.

    Args:
        conditions: those of a statement.
        context: the request's keys; None where they are not known.
        guard: that of the statement.

    Returns:
        True, False, or None for cannot tell.
    """
    answer: bool | None = True
    for condition in conditions:
        found = _holds(condition, context, guard) if context is not None else None
        if found is not True and not guard.implies(condition.guard):
            found = None  # it stands in the policy under a condition of the template only
        if found is False:
            return False
        if found is None:
            answer = None
    return answer


def filled(text: Text, context: Context | None) -> Text | None:
    """A pattern with the request's values for its policy variables; None where one has no value.

    A value is literal: a ``*`` in it is no wildcard. Without a context variables stay.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if not any(isinstance(part, Variable) for part in text.parts):
        return text
    pieces: list[Part] = []
    for part in text.parts:
        if isinstance(part, Variable):
            value = _value(part.name, context)
            if value is None and context is not None:
                return None
            pieces.append(part if value is None else value)
        else:
            pieces.append(part)
    return Text.join(pieces)


def _value(name: str, context: Context | None) -> str | None:
    if name in ("*", "?", "$"):
        return name
    if context is None:
        return None
    defaulted = _DEFAULT.fullmatch(name)
    key, default = (defaulted[1], defaulted[2]) if defaulted else (name.strip(), None)
    values = _values(key, context)
    return values[0] if len(values) == 1 and values[0] else default


def _values(key: str, context: Context) -> list[str]:
    lowered = key.lower()
    return [value for name, values in context.items() if name.lower() == lowered for value in values]


def _holds(condition: Condition, context: Context, guard: Guard) -> bool | None:
    operator = operator_of(condition.operator)
    if operator is None:
        return None
    values = _values(condition.key, context)
    if operator.name == "null":
        absent = "false" if any(values) else "true"
        return either(_is(value.text.literal, absent) for value in condition.values)

    def test(given: str) -> bool | None:
        found = either(
            _guarded(_matches(operator.name, value.text, given, context), value.guard, guard)
            for value in condition.values
        )
        return found if found is None or not operator.negated else not found

    if operator.over:
        if not any(values):
            return operator.over == "forallvalues"
        if operator.over == "foranyvalue":
            return either(test(given) for given in values)
        return negated(either(negated(test(given)) for given in values))
    if not values:
        return operator.negated or operator.if_exists
    # Several values without a set operator: one match is a match, and negated none may be.
    answers = map(test, values)
    return negated(either(map(negated, answers))) if operator.negated else either(answers)


def _matches(name: str, wanted: Text, given: str, context: Context) -> bool | None:
    """Whether one value of the request meets one value of the policy, by a positive operator."""
    text = filled(wanted, context)
    if text is None:
        return False
    value = Text((given,))
    if name == "stringlike":
        return covers(text, value)
    if name in ("arnlike", "arnequals"):
        return _arn_matches(text, value)
    plain = Text.join(part.sign if isinstance(part, Wildcard) else part for part in text.parts)
    if name.startswith("string"):
        return covers(plain, value, ignore_case=name == "stringequalsignorecase")
    if any(isinstance(part, Hole) for part in plain.parts):
        return None
    return _typed(name, plain.display(), given)


def _arn_matches(text: Text, value: Text) -> bool | None:
    if segments_of(text) is not None and segments_of(value) is not None:
        return covers_by_segment(text, value)
    if text.display() == "*":
        return True
    return None if text.holes else False


def _typed(name: str, wanted: str, given: str) -> bool:
    if name == "bool":
        return wanted.lower() == given.lower() and given.lower() in ("true", "false")
    if name == "binaryequals":
        one, two = _bytes(wanted), _bytes(given)
        return one is not None and one == two
    if name == "ipaddress":
        return _in_network(wanted, given)
    parse = _number if name.startswith("numeric") else _moment
    order = _ORDERS[name.removeprefix("numeric").removeprefix("date")]
    left, right = parse(given), parse(wanted)
    return left is not None and right is not None and order(left, right)


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def _in_network(wanted: str, given: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _number(text: str) -> Decimal | None:
    from decimal import Decimal, InvalidOperation

    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(text: str) -> Decimal | None:
    """Seconds since the epoch: digits other than a year are that already; a date without a zone is UTC."""
    from datetime import UTC, datetime

    if text.isdecimal() and len(text) != 4:
        return _number(text)
    try:
        when = datetime.fromisoformat(text + "-01-01"[: max(0, 10 - len(text))] if len(text) < 10 else text)
    except ValueError:
        return None
    return _number(str((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()))


def _is(text: str | None, word: str) -> bool | None:
    return None if text is None else text.lower() == word


def _guarded(answer: bool | None, given: Guard, guard: Guard) -> bool | None:
    return answer if answer is False or guard.implies(given) else None
