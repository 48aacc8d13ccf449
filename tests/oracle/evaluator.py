"""A naive IAM evaluator: concrete policies and one request in, allowed or not out.

It is the oracle scopedown's own reasoning is compared with, so it shares no code with it: every rule of the
IAM User Guide is one small function whose docstring quotes the title of the page it follows, short of its
"IAM JSON policy elements:". Where a page leaves a question open the docstring says "Chosen:", and `generate`
keeps away from that ground. One file, though long, so that it can be read against those pages in one go.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

Policy = Mapping[str, Any]
Policies = Sequence[Policy]
Context = Mapping[str, Sequence[str]]
# A pattern's runs of text: what the policy's author wrote (wildcards count) or what was put in (they do not).
Run = tuple[str, bool]

ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY = "allowed", "explicit deny", "implicit deny"

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_DEFAULTED = re.compile(r"([^,]*),\s*'([^']*)'\s*")
_OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")


@dataclass(frozen=True)
class Request:
    """One request: the action and resource ARN asked for, and the condition keys sent along."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


def allowed(
    request: Request, identity_policies: Policies, boundary: Policy | None = None, *, segments: bool = False
) -> bool:
    """Whether the policies let the request through; see `decision`."""
    return decision(request, identity_policies, boundary, segments=segments) == ALLOWED


def decision(
    request: Request, identity_policies: Policies, boundary: Policy | None = None, *, segments: bool = False
) -> str:
    """The outcome of the request: ALLOWED, EXPLICIT_DENY or IMPLICIT_DENY.

    Page: Policy evaluation logic; Permissions boundaries for IAM entities. An explicit deny in any policy,
    the boundary included, wins; else an identity policy and, where there is one, the boundary must allow.

    Args:
        request: what is asked for.
        identity_policies: policy documents as JSON gives them.
        boundary: the permissions boundary's document.
        segments: match each of an ARN's six fields on its own, instead of letting `*` cross colons.

    Raises:
        ValueError: IAM would not have saved the document.
    """
    effects = [effects_on(request, policy, segments) for policy in identity_policies]
    limit = {"Allow"} if boundary is None else effects_on(request, boundary, segments)
    if "Deny" in limit or any("Deny" in found for found in effects):
        return EXPLICIT_DENY
    return ALLOWED if "Allow" in limit and any("Allow" in found for found in effects) else IMPLICIT_DENY


def effects_on(request: Request, policy: Policy, segments: bool = False) -> set[str]:
    """The effects of the policy's statements that apply to the request.

    Page: Effect ("Allow" and "Deny" are the values, case sensitive).
    """
    found = set()
    for statement in _listed(policy["Statement"]):
        if statement["Effect"] not in ("Allow", "Deny"):
            raise ValueError(f"effect {statement['Effect']!r} is neither Allow nor Deny")
        if statement_applies(statement, request, knows_variables(policy), segments):
            found.add(statement["Effect"])
    return found


def knows_variables(policy: Policy) -> bool:
    """Page: Version. Without `2012-10-17` variables are treated as literal strings."""
    return policy.get("Version") == "2012-10-17"


def statement_applies(statement: Policy, request: Request, variables: bool, segments: bool) -> bool:
    """Action, resource and every condition match. Page: Conditions with multiple context keys or values."""
    tests = [
        (test, key, [_word(value) for value in _listed(values)])
        for test, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    ]
    hit = names_action(statement, request.action) and names_resource(statement, request, variables, segments)
    return hit and all(condition_holds(*test, request.context, variables) for test in tests)


def names_action(statement: Policy, action: str) -> bool:
    """Page: Action; NotAction (everything except those listed)."""
    if ("Action" in statement) == ("NotAction" in statement):
        raise ValueError("a statement has either Action or NotAction")
    listed = _listed(statement.get("Action", statement.get("NotAction")))
    return any(action_matches(pattern, action) for pattern in listed) == ("Action" in statement)


def names_resource(statement: Policy, request: Request, variables: bool, segments: bool) -> bool:
    """Page: Resource; NotResource (every resource except those specified)."""
    if ("Resource" in statement) == ("NotResource" in statement):
        raise ValueError("a statement has either Resource or NotResource")
    arn, context = request.resource, request.context
    listed = _listed(statement.get("Resource", statement.get("NotResource")))
    hit = any(resource_matches(text, arn, context, variables, segments) for text in listed)
    return hit == ("Resource" in statement)


def action_matches(pattern: str, action: str) -> bool:
    """Page: Action. Case is ignored, `*` and `?` are wildcards, variables are not replaced here."""
    return glob([(pattern.lower(), False)], action.lower())


def resource_matches(
    pattern: str, resource: str, context: Context, variables: bool = True, segments: bool = False
) -> bool:
    """Page: Resource; Policy variables with no value ("will not match any resource").

    The page lets a `*` that ends a field run on past colons; `segments=False` is wider than that, and
    `segments=True` narrower. Chosen: a valueless variable in NotResource so exempts nothing.
    """
    runs = replaced(pattern, context, variables)
    if runs is None:
        return False
    return by_segment(runs, resource) if segments else glob(runs, resource)


def replaced(text: str, context: Context, variables: bool = True) -> list[Run] | None:
    """The text with its variables replaced, or None where one has no value.

    Page: Variables and tags. Chosen: a wildcard inside a value is that very character, and a variable is
    replaced before the fifth colon too, although the page forbids writing it there.
    """
    if not variables:
        return [(text, False)]
    runs, end = [], 0
    for match in _VARIABLE.finditer(text):
        value = variable_value(match[1], context)
        if value is None:
            return None
        runs += [(text[end : match.start()], False), (value, True)]
        end = match.end()
    return [*runs, (text[end:], False)]


def variable_value(name: str, context: Context) -> str | None:
    """What stands for `${name}`: a special character, the key's only value, else the default after the comma.

    Page: Variables and tags (special characters, default values, variables with no value). Chosen: an empty
    string is no value; a key of several values, which may not be a variable, has none either.
    """
    if name in ("*", "?", "$"):
        return name
    defaulted = _DEFAULTED.fullmatch(name)
    key, default = (defaulted[1], defaulted[2]) if defaulted else (name, None)
    values = values_of(key.strip(), context)
    return values[0] if len(values) == 1 and values[0] else default


def values_of(key: str, context: Context) -> list[str]:
    """The request's values of the key, none where it is missing. Page: Condition (key case is ignored)."""
    return [value for name, values in context.items() if name.lower() == key.lower() for value in values]


def glob(runs: Iterable[Run], value: str) -> bool:
    """`*` is any run of characters, also an empty one; `?` is exactly one. Page: Resource."""
    return _expression(tuple(runs)).fullmatch(value) is not None


@lru_cache(maxsize=4096)
def _expression(runs: tuple[Run, ...]) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    parts = [re.escape(c) if literal else wild.get(c, re.escape(c)) for text, literal in runs for c in text]
    return re.compile("".join(parts), re.DOTALL)


def by_segment(runs: Sequence[Run], value: str) -> bool:
    """Each of the six colon-delimited fields matched separately, a lone `*` matching all.

    Page: Condition operators (ARN). Chosen: the sixth field keeps its own colons; text of fewer than six
    fields matches nothing.
    """
    if list(runs) == [("*", False)]:
        return True
    patterns, fields = fields_of(runs), value.split(":", 5)
    return len(patterns) == len(fields) == 6 and all(map(glob, patterns, fields))


def fields_of(runs: Sequence[Run]) -> list[list[Run]]:
    """The pattern cut at its first five colons; a colon that came with a variable's value does not cut."""
    fields: list[list[Run]] = [[]]
    for text, literal in runs:
        first, *rest = [text] if literal else text.split(":", 6 - len(fields))
        fields[-1].append((first, literal))
        fields += [[(piece, literal)] for piece in rest]
    return fields


def condition_holds(
    test: str, key: str, policy_values: Sequence[str], context: Context, variables: bool = True
) -> bool:
    """Whether one operator's test of one key holds.

    Page: Conditions with multiple context keys or values (OR over the policy's values, NOR if negated);
    Condition operators (a missing key fails, passes a negated operator and ...IfExists). Chosen: without a
    set operator several request values match when any does, NOR if negated.
    """
    quantifier, name, if_exists = operator_parts(test)
    values = values_of(key, context)
    if name == "Null":
        return any(is_null(values) == (wanted.lower() == "true") for wanted in policy_values)
    compare, negated = OPERATORS[name]

    def matches(value: str) -> bool:
        return any(compare(text, value, context, variables) for text in policy_values)

    if quantifier == "ForAllValues":
        return for_all_values(values, lambda value: matches(value) != negated)
    if quantifier == "ForAnyValue":
        return for_any_value(values, lambda value: matches(value) != negated)
    if not values:
        return negated or if_exists
    return any(matches(value) for value in values) != negated


def operator_parts(test: str) -> tuple[str | None, str, bool]:
    """Set operator, plain operator, whether ...IfExists ends it (not Null). Page: Condition operators."""
    match = _OPERATOR.fullmatch(test)
    if not match or match[2] not in {*OPERATORS, "Null"} or (match[2] == "Null" and test != "Null"):
        raise ValueError(f"condition operator {test!r} is not known")
    return match[1], match[2], bool(match[3])


def is_null(values: Sequence[str]) -> bool:
    """Page: Condition operators (Null: the key does not exist, or its value is null).

    Chosen: only empty strings count as null, as the multivalued examples advise `Null` against empty values.
    """
    return not any(values)


def for_all_values(values: Sequence[str], test: Callable[[str], bool]) -> bool:
    """Every request value passes; true also when there are none, or only empty ones, negated or not.

    Page: Set operators for multivalued context keys.
    """
    return is_null(values) or all(test(value) for value in values)


def for_any_value(values: Sequence[str], test: Callable[[str], bool]) -> bool:
    """At least one request value passes; false when there are none, or only empty ones, even when negated.

    Page: Set operators for multivalued context keys. Chosen: ...IfExists does not change that.
    """
    return not is_null(values) and any(test(value) for value in values)


def replaced_string(text: str, context: Context, variables: bool) -> str | None:
    """The text with its variables replaced, for operators without wildcards. Page: Variables and tags."""
    runs = replaced(text, context, variables)
    return None if runs is None else "".join(piece for piece, _ in runs)


def string_equals(text: str, value: str, context: Context, variables: bool) -> bool:
    """StringEquals: exact, case sensitive, no wildcards. Page: Condition operators."""
    return replaced_string(text, context, variables) == value


def string_equals_ignore_case(text: str, value: str, context: Context, variables: bool) -> bool:
    """StringEqualsIgnoreCase: as StringEquals without case. Page: Condition operators."""
    wanted = replaced_string(text, context, variables)
    return wanted is not None and wanted.lower() == value.lower()


def string_like(text: str, value: str, context: Context, variables: bool) -> bool:
    """StringLike: case sensitive, `*` and `?` anywhere, variables replaced. Page: Condition operators."""
    runs = replaced(text, context, variables)
    return runs is not None and glob(runs, value)


def arn_like(text: str, value: str, context: Context, variables: bool) -> bool:
    """ArnEquals, ArnLike: field by field. Page: Condition operators. Chosen: a lone `*` matches any value."""
    runs = replaced(text, context, variables)
    return runs is not None and by_segment(runs, value)


def boolean(text: str, value: str, context: Context, variables: bool) -> bool:
    """Bool: true or false. Page: Condition operators.

    Chosen: case is ignored; variables are replaced (by the operators page, against the variables page).
    """
    wanted = replaced_string(text, context, variables)
    return wanted is not None and wanted.lower() == value.lower() and value.lower() in ("true", "false")


def binary_equals(text: str, value: str, _context: Context, _variables: bool) -> bool:
    """BinaryEquals: byte for byte. Page: Condition operators. Chosen: the request's is base64 too."""
    try:
        return base64.b64decode(text, validate=True) == base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False


def ip_address(text: str, value: str, _context: Context, _variables: bool) -> bool:
    """IpAddress: inside the CIDR range; no prefix means that one address. Page: Condition operators."""
    try:
        network, address = ipaddress.ip_network(text, strict=False), ipaddress.ip_address(value)
    except ValueError:
        return False
    return address in network


def number(text: str) -> Decimal | None:
    """An integer or decimal value. Page: Condition operators (numeric)."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def moment(text: str) -> Decimal | None:
    """Seconds since the epoch of an ISO 8601 date or an epoch time. Page: Condition operators (date).

    Chosen: four digits are a year, other digits an epoch time, and a date without a zone is UTC.
    """
    if re.fullmatch(r"\d+", text) and len(text) != 4:
        return Decimal(text)
    filled = re.sub(r"^(\d{4})$", r"\1-01", text)
    filled = re.sub(r"^(\d{4}-\d\d)$", r"\1-01", filled)
    try:
        when = datetime.fromisoformat(filled)
    except ValueError:
        return None
    return Decimal(str((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()))


Compare = Callable[[str, str, Context, bool], bool]


def ordered(parse: Callable[[str], Decimal | None], holds: Callable[[Decimal, Decimal], bool]) -> Compare:
    """A numeric or date comparison; what cannot be read never matches. Page: Condition operators."""

    def compare(text: str, value: str, _context: Context, _variables: bool) -> bool:
        wanted, given = parse(text), parse(value)
        return wanted is not None and given is not None and holds(given, wanted)

    return compare


# Page: Condition operators. Each operator's comparison, and whether its answer is turned round.
OPERATORS: dict[str, tuple[Compare, bool]] = {
    "Bool": (boolean, False),
    "BinaryEquals": (binary_equals, False),
    "IpAddress": (ip_address, False),
    "NotIpAddress": (ip_address, True),
}
for _kind, _suffix, _compare in (
    ("String", "Equals", string_equals),
    ("String", "EqualsIgnoreCase", string_equals_ignore_case),
    ("String", "Like", string_like),
    ("Arn", "Equals", arn_like),
    ("Arn", "Like", arn_like),
    ("Numeric", "Equals", ordered(number, operator.eq)),
    ("Date", "Equals", ordered(moment, operator.eq)),
):
    OPERATORS[f"{_kind}{_suffix}"] = (_compare, False)
    OPERATORS[f"{_kind}Not{_suffix}"] = (_compare, True)
for _kind, _parse in (("Numeric", number), ("Date", moment)):
    for _order, _holds in (("LessThan", operator.lt), ("GreaterThan", operator.gt)):
        OPERATORS[f"{_kind}{_order}"] = (ordered(_parse, _holds), False)
    for _order, _holds in (("LessThanEquals", operator.le), ("GreaterThanEquals", operator.ge)):
        OPERATORS[f"{_kind}{_order}"] = (ordered(_parse, _holds), False)


def _listed(value: Any) -> list[Any]:
    """Page: Grammar of the IAM JSON policy language: one item may stand without its list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _word(value: Any) -> str:
    """A condition value as a string; the grammar lets numbers and booleans stand without quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)
