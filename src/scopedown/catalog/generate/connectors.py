"""SAM connectors: the translator's profiles in, one line for each pair of resource types out.

A pair's line is `[mechanism, on source, {category: content}]`: what SAM makes of the connector, whether the
policy goes to the source's role, and for each permission category the statements (or, for a Lambda
permission, its properties). Names in `%{}` are filled in with what the source and destination are.
"""

from __future__ import annotations

from typing import Any

from .layout import record_lines
from .sources import Sources

PROFILES = "samtranslator/model/connector_profiles/profiles.json"
RESOURCES = "resources"


def files(sources: Sources) -> dict[str, str]:
    """`connectors.json`: "source destination" to its line; "resources" to the names' meaning by type."""
    profiles = sources["aws-sam-translator"].json(PROFILES)
    records: dict[str, Any] = {
        f"{source} {destination}": _line(profile)
        for source, destinations in profiles["Permissions"].items()
        for destination, profile in destinations.items()
    }
    records[RESOURCES] = {
        type: [_role(row.get("Inputs", {}).get("Role", "")), row["Outputs"]]
        for type, row in sorted(profiles["CfnResourceProperties"].items())
    }
    return {"connectors.json": record_lines(records)}


def _line(profile: dict[str, Any]) -> list[Any]:
    properties = profile["Properties"]
    categories = {
        name: content.get("Statement", content) for name, content in properties["AccessCategories"].items()
    }
    return [profile["Type"], properties["SourcePolicy"], categories]


def _role(value: Any) -> str:
    """The property with the role; a rule has one for each of its targets."""
    return value if isinstance(value, str) else "Targets"
