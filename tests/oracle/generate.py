"""Random policy sets for the comparison: a seed and a number in, policies, a boundary and requests out.

The vocabulary is small, so that patterns meet, and requests are derived from the patterns, so that they hit.
Texts may hold holes, written `<Bucket>`: the same case is given filled, for the oracle, and as CloudFormation
with `Fn::Sub`, for scopedown. What AWS's documentation leaves open (see `evaluator`) is not generated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from .evaluator import Policy, Request

# What may stand in each hole; the names are those of template parameters.
HOLES = {"Bucket": ("app-data", "orders"), "Table": ("orders-a", "app-users")}

ACTIONS = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:ListBucket",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:DeleteTable",
)
ACTION_PATTERNS = (
    *ACTIONS,
    "s3:*",
    "s3:Get*",
    "s3:*Object",
    "S3:?etobject",
    "dynamodb:*Item",
    "dynamodb:*",
    "*",
)

_TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table"
RESOURCES = (
    "*",
    "arn:aws:s3:::<Bucket>",
    "arn:aws:s3:::<Bucket>/*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::app-*/logs/*",
    "arn:aws:s3:::<Bucket>/logs/?.txt",
    f"{_TABLE}/<Table>",
    f"{_TABLE}/<Table>/index/*",
    "arn:aws:dynamodb:*:111122223333:table/orders-?",
    "arn:aws:dynamodb:*:*:table/app-*",
)
# Only under Resource: what a variable without a value means under NotResource is an open question.
VARIABLE_RESOURCES = (
    "arn:aws:s3:::<Bucket>/${aws:username}/*",
    "arn:aws:s3:::${aws:PrincipalTag/team}-*",
    "arn:aws:s3:::<Bucket>/${*}",
)

# Each condition key, the values a request may send, the operators that fit and the values a policy may write.
_Values = tuple[tuple[str, ...], ...]
KEYS: dict[str, tuple[_Values, tuple[str, ...], tuple[str, ...]]] = {
    "aws:username": (
        (("ann",), ("Bob",)),
        ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike"),
        ("ann", "bob", "a*", "*"),
    ),
    "aws:PrincipalTag/team": (
        (("app",), ("orders",)),
        ("StringEquals", "StringLike", "StringNotEqualsIgnoreCase", "StringNotLike"),
        ("app", "Orders", "?pp", "${aws:username}"),
    ),
    "aws:SourceArn": (
        (("arn:aws:s3:::app-data",), ("arn:aws:sns:eu-west-1:111122223333:orders",)),
        ("ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals", "StringLike"),
        ("arn:aws:s3:::<Bucket>", "arn:aws:sns:*:*:*", "arn:aws:*:*:*:orders"),
    ),
    "aws:SecureTransport": ((("true",), ("false",)), ("Bool",), ("true", "false")),
    "aws:SourceIp": (
        (("203.0.113.9",), ("198.51.100.7",)),
        ("IpAddress", "NotIpAddress"),
        ("203.0.113.0/24", "198.51.100.7", "0.0.0.0/0"),
    ),
    "s3:max-keys": (
        (("10",), ("1000",)),
        ("NumericLessThanEquals", "NumericGreaterThan", "NumericEquals", "NumericNotEquals"),
        ("10", "100"),
    ),
    "aws:CurrentTime": (
        (("2026-01-01T00:00:00Z",), ("2027-06-01T12:00:00Z",)),
        ("DateLessThan", "DateGreaterThanEquals", "DateEquals", "DateNotEquals"),
        ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    ),
    "aws:TagKeys": (
        (("stage",), ("stage", "team"), ("owner",)),
        ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike"),
        ("stage", "team", "?tage", "*"),
    ),
}
MANY_VALUED = frozenset({"aws:TagKeys"})

# What a request puts where a pattern has a `*`; the one with a colon tells the two readings of ARNs apart.
_FILLERS = ("", "x", "logs/a.txt", "data", "a:b:table/app-1")


@dataclass(frozen=True)
class Case:
    """One random policy set. `written` and `written_boundary` still have their holes."""

    seed: int
    number: int
    holes: Mapping[str, str]
    written: tuple[Policy, ...]
    written_boundary: Policy | None
    requests: tuple[Request, ...]

    @property
    def policies(self) -> list[Policy]:
        """The identity policies, concrete."""
        return [filled(policy, self.holes) for policy in self.written]

    @property
    def boundary(self) -> Policy | None:
        """The boundary, concrete, if there is one."""
        return None if self.written_boundary is None else filled(self.written_boundary, self.holes)

    @property
    def template_policies(self) -> list[Policy]:
        """The identity policies as CloudFormation writes them, each hole a parameter in `Fn::Sub`."""
        return [substituted(policy) for policy in self.written]

    @property
    def template_boundary(self) -> Policy | None:
        """The boundary as CloudFormation writes it, if there is one."""
        return None if self.written_boundary is None else substituted(self.written_boundary)


def cases(seed: int, count: int, *, holes: bool = True, conditions: bool = True) -> Iterator[Case]:
    """The first `count` cases of the seed."""
    return (case(seed, number, holes=holes, conditions=conditions) for number in range(count))


def case(seed: int, number: int, *, holes: bool = True, conditions: bool = True) -> Case:
    """One case, by itself, so that a failure is repeated from its seed and number.

    Args:
        seed: the run's.
        number: the case's in that run.
        holes: leave holes in `written`; without them `written` is `policies`.
        conditions: give statements conditions.
    """
    random = Random(f"{seed}/{number}")
    values = {name: random.choice(fitting) for name, fitting in HOLES.items()}
    written = [_policy(random, conditions, deny=0.2) for _ in range(random.choice((1, 1, 2, 3)))]
    limit = _policy(random, conditions, deny=0.1, wide=0.5) if random.random() < 0.3 else None
    if not holes:
        written = [filled(policy, values) for policy in written]
        limit = None if limit is None else filled(limit, values)
    requests = tuple(_request(random, written, values) for _ in range(4))
    return Case(seed, number, values, tuple(written), limit, requests)


def filled(policy: Policy, holes: Mapping[str, str]) -> Policy:
    """The policy with a value in each hole."""
    return {key: _mapped(value, lambda text: filled_text(text, holes)) for key, value in policy.items()}


def filled_text(text: str, holes: Mapping[str, str]) -> str:
    """One text with a value in each hole."""
    return re.sub(r"<(\w+)>", lambda match: holes[match[1]], text)


def substituted(policy: Policy) -> Policy:
    """The policy with `Fn::Sub` where there are holes, IAM's own variables escaped as it asks."""

    def change(text: str) -> Any:
        if "<" not in text:
            return text
        return {"Fn::Sub": re.sub(r"<(\w+)>", r"${\1}", text.replace("${", "${!"))}

    return {key: _mapped(value, change) for key, value in policy.items()}


def _mapped(value: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    return change(value)


def _policy(random: Random, conditions: bool, deny: float, wide: float = 0.1) -> Policy:
    statements = [_statement(random, conditions, deny, wide) for _ in range(random.choice((1, 2, 2, 3)))]
    version = {} if random.random() < 0.1 else {"Version": "2012-10-17"}
    # One statement may stand without its list.
    return version | {"Statement": statements[0] if len(statements) == 1 else statements}


def _statement(random: Random, conditions: bool, deny: float, wide: float) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Deny" if random.random() < deny else "Allow"}
    if random.random() < wide:
        statement |= {"Action": "*"} if random.random() < 0.5 else {"Action": ["s3:*", "dynamodb:*"]}
    else:
        statement["NotAction" if random.random() < 0.15 else "Action"] = _some(random, ACTION_PATTERNS)
    if random.random() < wide:
        statement["Resource"] = "*"
    elif random.random() < 0.15:
        statement["NotResource"] = _some(random, RESOURCES)
    else:
        statement["Resource"] = _some(random, (*RESOURCES, *VARIABLE_RESOURCES))
    if conditions and random.random() < 0.3:
        statement["Condition"] = _condition(random)
    return statement


def _condition(random: Random) -> dict[str, dict[str, Any]]:
    block: dict[str, dict[str, Any]] = {}
    for key in random.sample(list(KEYS), random.choice((1, 1, 2))):
        _, operators, values = KEYS[key]
        operator = random.choice(operators)
        listed: Any = _some(random, values)
        if random.random() < 0.1:
            operator, listed = "Null", random.choice(("true", "false"))
        elif key in MANY_VALUED:
            operator = random.choice(("ForAllValues:", "ForAnyValue:")) + operator
        elif random.random() < 0.2:
            operator += "IfExists"
        block.setdefault(operator, {})[key if random.random() < 0.8 else key.upper()] = listed
    return block


def _some(random: Random, items: Sequence[str]) -> str | list[str]:
    chosen = random.sample(items, random.choice((1, 1, 2, 3)) if len(items) > 2 else 1)
    return chosen if len(chosen) > 1 or random.random() < 0.5 else chosen[0]


def _request(random: Random, written: Sequence[Policy], holes: Mapping[str, str]) -> Request:
    """A request that some statement of the policies probably names, sometimes off by a little."""
    context = {key: list(random.choice(sent)) for key, (sent, *_) in KEYS.items() if random.random() < 0.75}
    listed = [statement for policy in written for statement in _listed(policy["Statement"])]
    statement = random.choice([one for one in listed if one["Effect"] == "Allow"] or listed)
    action = _action(random, random.choice(_listed(statement.get("Action", list(ACTIONS)))))
    pattern = random.choice(_listed(statement.get("Resource", list(RESOURCES))))
    if pattern == "*":
        pattern = random.choice(
            [text for text in RESOURCES[1:] if action.lower()[:2] == text.split(":")[2][:2]]
        )
    resource = _hit(random, filled_text(pattern, holes), context)
    if random.random() < 0.15:
        resource = random.choice(
            (resource.upper(), resource + "x", resource[:-1], resource.replace("eu", "us"))
        )
    if random.random() < 0.1:
        action = random.choice(ACTIONS)
    return Request(action.swapcase() if random.random() < 0.2 else action, resource, context)


def _action(random: Random, pattern: str) -> str:
    """An action of the vocabulary with the pattern's service and, if there are any, its start."""
    start = re.split(r"[*?]", pattern.lower())[0]
    return random.choice([action for action in ACTIONS if action.lower().startswith(start)] or list(ACTIONS))


def _hit(random: Random, pattern: str, context: Mapping[str, Sequence[str]]) -> str:
    """A concrete ARN the pattern matches, where its variables have values."""

    def put(match: re.Match[str]) -> str:
        if match[0] == "?":
            return "a"
        if match[0] == "*":
            return random.choice(_FILLERS)
        name = match[0][2:-1]
        return name if name == "*" else next(iter(context.get(name, ("nobody",))))

    return re.sub(r"\$\{[^}]*\}|[*?]", put, pattern)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
