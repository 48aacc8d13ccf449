"""Facts about AWS, read only: a name comes in (action, pattern, resource type, template, policy), a record
goes out. Every look-up opens only the data files it needs, once; importing this package opens none."""

from __future__ import annotations

import json
import os
import re

from . import store
from .resources import (
    CfnType,
    PolicyTemplate,
    cfn_type,
    managed_policy_names,
    managed_policy_path,
    managed_policy_removed,
    sam_policy_template,
    sam_policy_template_names,
)
from .store import age_days, manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .conditions import action_keys, global_keys, key_type, scoping, supports
    from .managed import ManagedPolicy, managed_policy
    from .principals import is_service_principal, service_account
    from .wiring import Connector, connected, connector, connectors, role_properties
else:

    def __getattr__(name):
        """What few runs need, each from its own module, imported when first asked for."""
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        __import__(f"{__name__}.{_LAZY[name]}")
        return getattr(globals()[_LAZY[name]], name)


__all__ = [
    "LEVELS",
    "Action",
    "CfnType",
    "Connector",
    "ManagedPolicy",
    "PolicyTemplate",
    "Service",
    "action",
    "action_keys",
    "age_days",
    "cfn_type",
    "connected",
    "connector",
    "connectors",
    "count",
    "dependents",
    "expand",
    "global_keys",
    "is_service_principal",
    "key_type",
    "managed_policy",
    "managed_policy_names",
    "managed_policy_path",
    "managed_policy_removed",
    "manifest",
    "retired",
    "role_properties",
    "sam_policy_template",
    "sam_policy_template_names",
    "scoping",
    "service",
    "service_account",
    "services",
    "supports",
]

LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging")

_LETTERS = {level[0]: level for level in LEVELS}
_STARS = {"": "never", "*": "only", "~": "sometimes"}
_services: dict[str, Service | None] = {}
_names: list[str] = []  # [names.txt, the same lower-cased], both with a line feed in front
_retired: dict[str, set[str]] = {}
_dependents: list[str] = []  # [dependents.txt, the same lower-cased], both with a line feed in front
_LAZY = {
    name: module
    for module, names in (
        ("conditions", "action_keys global_keys key_type scoping supports"),
        ("managed", "ManagedPolicy managed_policy"),
        ("principals", "is_service_principal service_account"),
        ("wiring", "Connector connected connector connectors role_properties"),
    )
    for name in names.split()
}
_LONGEST = 128  # a pattern that asks for more characters matches nothing; the longest name has 63
_MOST_EXPANDED = 200  # patterns that a service remembers


class Action:
    """One IAM action.

    `star` says what Resource "*" means for it: "only" (AWS offers no resource-level permission), "never" (it
    can be scoped to `types`) or "sometimes" (it can, but "*" is legitimate). `is_eni` marks the networking
    actions that Lambda itself calls for a function in a VPC. `note` is a remark for the reader, mostly empty.
    """

    __slots__ = ("eni", "level", "name", "note", "service", "star", "types")

    def __init__(self, service: str, name: str, code: str, types: tuple[str, ...], note: str) -> None:
        self.service = service
        self.name = name
        self.level = _LETTERS[code[0]]
        self.types = types
        self.star = _STARS[code[1:].rstrip("e")]
        self.eni = code[-1] == "e"
        self.note = note

    @property
    def full(self) -> str:
        """As a policy writes it: "s3:GetObject"."""
        return f"{self.service}:{self.name}"

    def __repr__(self) -> str:
        return f"Action({self.full!r})"


class Service:
    """One IAM service prefix: `actions` by lower-cased name, `types` by resource type to ARN templates.

    `expanded` remembers what patterns such as "get*" cover: policies repeat a few of them.
    """

    __slots__ = ("actions", "expanded", "prefix", "types")

    def __init__(self, prefix: str, shard: dict[str, Any]) -> None:
        notes: dict[str, str] = shard["notes"]
        self.prefix = prefix
        self.types: dict[str, tuple[str, ...]] = {row[0]: tuple(row[1:]) for row in shard["types"]}
        self.actions: dict[str, Action] = {}
        self.expanded: dict[str, list[Action]] = {}
        for row in shard["actions"]:
            key = row[0].lower()
            self.actions[key] = Action(prefix, row[0], row[1], tuple(row[2:]), notes.get(key, ""))


def service(prefix: str) -> Service | None:
    """The service of an IAM prefix in any case, or None when the data has no such service."""
    key = prefix.lower()
    if key not in _services:
        shard = store.read_shard("actions", key)
        _services[key] = Service(key, shard) if shard else None
    return _services[key]


def services() -> tuple[str, ...]:
    """Every service prefix, sorted."""
    return tuple(sorted(name[:-5] for name in os.listdir(os.path.join(store.FOLDER, "actions"))))


def action(full: str) -> Action | None:
    """The action of a name such as "s3:getobject", in any case, or None when it is not known."""
    prefix, colon, name = full.partition(":")
    found = service(prefix) if colon else None
    return found.actions.get(name.lower()) if found else None


def has_wildcard(text: str) -> bool:
    """Whether a pattern holds IAM's `*` or `?`."""
    return "*" in text or "?" in text


def expand(pattern: str) -> list[Action]:
    """The actions that an IAM pattern covers, by service and name.

    `*` and `?` stand anywhere, case does not count, and a lone `*` is everything. Where the service is
    written out only its shard is read.
    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    prefix, colon, name = pattern.partition(":")
    if not colon or has_wildcard(prefix):
        found = (action(full) for full in _listed(pattern))
        return [each for each in found if each is not None]
    known = service(prefix)
    if known is None:
        return []
    if not has_wildcard(name):
        one = known.actions.get(name.lower())
        return [one] if one else []
    if _asks_too_much(name):
        return []
    name = name.lower()
    if name not in known.expanded:
        if len(known.expanded) >= _MOST_EXPANDED:
            known.expanded.clear()
        matches = re.compile(_regex(name)).fullmatch
        known.expanded[name] = [each for key, each in known.actions.items() if matches(key)]
    return list(known.expanded[name])


def count(pattern: str) -> int:
    """How many actions an IAM pattern covers; over several services it reads the names, no shard."""
    prefix, colon, _ = pattern.partition(":")
    return len(expand(pattern) if colon and not has_wildcard(prefix) else _listed(pattern))


def retired(full: str) -> bool:
    """Whether an action or pattern names only what AWS has withdrawn: known to older data, not to today's."""
    if not _retired:
        table = json.loads(store.read_text("retired.json"))
        _retired.update({prefix: {name.lower() for name in names} for prefix, names in table.items()})
    prefix, _, name = full.lower().partition(":")
    gone = _retired.get(prefix, set())
    if not has_wildcard(name):
        return name in gone
    if _asks_too_much(name):
        return False
    matches = re.compile(_regex(name)).fullmatch
    return any(matches(each) for each in gone) and not expand(full)


def dependents(full: str) -> tuple[str, ...]:
    """The actions that a caller of an action may need besides it, "iam:PassRole" for "lambda:CreateFunction".

    Empty where there are none, and for unknown names. Which of them a call needs depends on its parameters.
    See https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    text, lowered = _load(_dependents, "dependents.txt")
    start = lowered.find(f"\n{full.lower()} ") if "\n" not in full and " " not in full else -1
    return tuple(text[start + 1 : text.index("\n", start + 1)].split(" ")[1:]) if start >= 0 else ()


def _regex(pattern: str, one: str = "[^\n]") -> str:
    """An IAM pattern as a regular expression; `one` is what `?` covers.

    Stars in a row are one. Each but the last takes the shortest text before the next literal, gives nothing
    back (an atomic group): the greedy wildcard algorithm, which takes the time of name times pattern.
    """
    first, *rest = (re.escape(part).replace(r"\?", one) for part in re.split(r"\*+", pattern))
    if not rest:
        return first
    middle = "".join(f"(?>{one}*?{part})" for part in rest[:-1])
    return f"{first}{middle}{one}*{rest[-1]}"


def _asks_too_much(pattern: str) -> bool:
    """Whether a pattern asks for more characters than any action's name has."""
    return len(pattern) > _LONGEST and len(pattern.replace("*", "")) > _LONGEST


def _load(lines: list[str], name: str) -> list[str]:
    """A file of lines, as it is and lower-cased; read once."""
    if not lines:
        text = "\n" + store.read_text(name)
        lines.extend((text, text.lower()))
    return lines


def _listed(pattern: str) -> list[str]:
    """The names that a pattern with a wildcard service covers."""
    if pattern and not pattern.strip("*"):
        return _load(_names, "names.txt")[0].split()
    prefix, colon, name = pattern.lower().partition(":")
    if not colon or _asks_too_much(prefix) or _asks_too_much(name):
        return []
    service_half = _regex(prefix, "[^:\n]")
    return re.findall(f"^{service_half}:{_regex(name)}$", _load(_names, "names.txt")[1], re.MULTILINE)
