"""Which parts of a service are read as mappings and lists: a place comes in, yes or no goes out.

A value there that is not known hides more than itself, so it is noted; elsewhere a hole shows itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    # The place of the parent and the key, or the index, below it; None is the whole configuration.
    Place: TypeAlias = "tuple[Place, str] | None"

_TOP = (
    "provider",
    "functions",
    "resources",
    "custom",
    "plugins",
    "params",
    "stages",
    "layers",
    "stepFunctions",
)
_LISTS = (
    "iamRoleStatements",
    "iamManagedPolicies",
    "statements",
    "managedPolicies",
    "events",
    "environment",
    "iam",
    "Resources",
    "extensions",
    "Outputs",
    "Conditions",
    "Properties",
    "Policies",
    "PolicyDocument",
    "AssumeRolePolicyDocument",
    "Statement",
    "ManagedPolicyArns",
)
_MEMBERS = ("iamRoleStatements", "statements", "events", "Resources", "extensions", "Policies", "Statement")


def path(place: Place) -> list[str]:
    """The keys from the root to a place."""
    keys: list[str] = []
    while place is not None:
        place, key = place
        keys.append(key)
    return keys[::-1]


def spelled(keys: list[str]) -> str:
    """A path as findings spell it: ``functions.book.events[0]``."""
    return "".join(f"[{key}]" if key.isdigit() else f".{key}" for key in keys).lstrip(".")


def is_section(keys: list[str]) -> bool:
    """Whether a mapping or a list is read at a path."""
    if not keys or keys[0] not in _TOP:
        return False
    if len(keys) == 1:
        return True
    if keys[0] in ("custom", "params", "plugins", "layers"):
        return False
    if keys[0] == "functions" and (len(keys) == 2 or (len(keys) == 3 and keys[1].isdigit())):
        return True
    if keys[0] == "resources" and len(keys) == 2 and keys[1].isdigit():
        return True
    return keys[-1] in _LISTS or keys[-2] in _MEMBERS
