"""Condition keys: an action or key comes in; its keys, their types and whether they narrow go out.

Only runs that meet a Condition import this module; each look-up reads the shards of the services it names.
"""

from __future__ import annotations

import json

from . import action, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from . import Action

_shards: dict[str, ConditionKeys | None] = {}
_index: dict[
    str, dict[str, str]
] = {}  # "globals": key to type; "foreign": key prefix to services, blank between
_verdicts: dict[str, bool | None] = {}  # lower-cased key to verdict; templates have "${"
# Claims of every OpenID Connect provider, as keys such as "oidc.example.com/id:sub".
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
_CLAIMS = {"amr": "ArrayOfString", "aud": "String", "email": "String", "oaud": "String", "sub": "String"}
# Global keys that only some actions have: their tables say which.
_PER_ACTION = ("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys")


class ConditionKeys:
    """One service's keys: `types` by key; `of_action` and `of_type` from lower-cased names to keys.

    `used` are the keys that some action or resource type has; a few are defined and stand nowhere.
    """

    __slots__ = ("of_action", "of_type", "types", "used")

    def __init__(self, shard: dict[str, list[list[object]]]) -> None:
        names = [str(row[0]) for row in shard["keys"]]
        self.types = {str(name): str(kind) for name, kind in shard["keys"]}
        self.of_action: dict[str, list[str]] = {}
        self.of_type: dict[str, list[str]] = {}
        self.used: set[str] = set()
        for numbers, types, actions in shard["rows"]:
            keys = [names[number] for number in numbers]  # type: ignore[attr-defined]
            self.used.update(keys)
            self.of_type.update(dict.fromkeys(types, keys))  # type: ignore[call-overload]
            self.of_action.update(dict.fromkeys(str(actions).split(), keys))


def action_keys(full: str) -> tuple[str, ...]:
    """The condition keys of an action and of its resource types, sorted; empty for an unknown action.

    Keys with a part of the user's own are templates, "aws:ResourceTag/${TagKey}". Global keys that stand in
    every request are not among them (see `global_keys`).
    Source: the service authorization reference,
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    found = action(full)
    return tuple(sorted(_keys(found), key=str.lower)) if found is not None else ()


def key_type(key: str) -> str | None:
    """A key's type, such as "String", "ARN" or "ArrayOfString"; None when no table has the key.

    Case does not count, and a template matches: "s3:ExistingObjectTag/team" is a String.
    """
    table = _globals()["globals"]
    name = _find(table, key)
    if name is not None:
        return table[name]
    for shard, name in _defined(key):
        return shard.types[name]
    host, _, claim = key.lower().rpartition(":")
    return _CLAIMS.get(claim) if "." in host else None


def supports(full: str, key: str) -> bool | None:
    """Whether a request for an action may have a condition key in its context.

    Global keys stand in requests for every action, but for tag keys, which only some actions have. None when
    the action or the key is not known, and for keys that AWS's tables define and give to no action. True does
    not mean that the key is always there.
    """
    found = action(full)
    if found is None:
        return None
    lowered = key.lower()
    is_global = _find(_globals()["globals"], key) is not None
    if (is_global and not lowered.startswith(_PER_ACTION)) or _find(_keys(found), key) is not None:
        return True
    used = [name in shard.used for shard, name in _defined(key)]
    return False if is_global or any(used) else None


def global_keys() -> tuple[str, ...]:
    """The condition keys of every service's requests, sorted, templates for those with a tag key.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    return tuple(sorted(_globals()["globals"], key=str.lower))


def scoping(key: str) -> bool | None:
    """Whether a condition on a key narrows which resources Resource "*" reaches.

    True for keys that name, tag or locate the resource, its owner or the one service that may use it; False
    for keys that say how, when, from where or by whom; None where nothing is known or it depends. The
    operator and the values are not looked at. The verdicts are the project's own, reviewed by hand.
    """
    if not _verdicts:
        table = json.loads(store.read_text("scoping.json"))
        for verdict, value in (("undecided", None), ("other", False), ("narrows", True)):
            _verdicts.update(dict.fromkeys(table[verdict], value))
    name = _find(_verdicts, key)
    if name is not None:
        return _verdicts[name]
    host, _, rest = key.lower().rpartition(":")
    if "." in host and rest in _CLAIMS:
        return False
    return True if rest.startswith("resourcetag/") and rest != "resourcetag/" else None


def _keys(found: Action) -> set[str]:
    shard = _shard(found.service)
    if shard is None:
        return set()
    keys = set(shard.of_action.get(found.name.lower(), ()))
    for kind in found.types:
        keys.update(shard.of_type.get(kind.lower(), ()))
    return keys


def _shard(prefix: str) -> ConditionKeys | None:
    if prefix not in _shards:
        shard = store.read_shard("conditions", prefix)
        _shards[prefix] = ConditionKeys(shard) if shard else None
    return _shards[prefix]


def _globals() -> dict[str, dict[str, str]]:
    if not _index:
        _index.update(json.loads(store.read_text("condition_keys.json")))
    return _index


def _defined(key: str) -> Iterator[tuple[ConditionKeys, str]]:
    """The services that define a key, with its name there."""
    for prefix in _services(key):
        shard = _shard(prefix)
        name = _find(shard.types, key) if shard is not None else None
        if shard is not None and name is not None:
            yield shard, name


def _services(key: str) -> list[str]:
    """The services whose table may have a key: that of its prefix, and those that use another's keys."""
    prefix = key.partition(":")[0].lower()
    foreign = _globals()["foreign"]
    owner = _find(foreign, prefix)
    return [prefix, *(foreign[owner].split() if owner is not None else ())]


def _find(names: Collection[str], key: str) -> str | None:
    """The name or template that a key is, in any case; of templates the longest one."""
    lowered = key.lower()
    if lowered in names:
        return lowered
    best = None
    for name in names:
        if name.lower() == lowered:
            return name
        if "${" in name and _matches(name.lower(), lowered) and (best is None or len(name) > len(best)):
            best = name
    return best


def _matches(template: str, key: str) -> bool:
    """Whether a key is an instance of a template with one variable part."""
    before, _, rest = template.partition("${")
    after = rest.partition("}")[2]
    return len(key) > len(before) + len(after) and key.startswith(before) and key.endswith(after)
