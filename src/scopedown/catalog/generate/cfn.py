"""CloudFormation resource types: the CDK's service specification and its complements in, one line a type out.

Each line is `[ref, arn, service, resource type, arn attribute, [attributes]]`: what Ref returns, the ARN's
template, the IAM resource type it belongs to, and the GetAtt names.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .actions import Collected
from .layout import record_lines
from .overlay_files import overlay
from .sources import Sources

ARN_MAP = "cfn_policy_validator/parsers/utils/cfn_to_arn_map.json"
SCHEMAS = "cfnlint/data/schemas"
Index = dict[str, list[tuple[str, str]]]


@dataclass
class Kind:
    """One resource type as it is collected."""

    name: str
    identifier: list[str] = field(default_factory=list)
    properties: frozenset[str] = frozenset()
    attributes: list[str] = field(default_factory=list)
    arn: str | None = None
    ref: str | None = None
    service: str | None = None
    resource_type: str | None = None
    arn_attribute: str | None = None
    is_resource: bool = True  # False: a policy or setting of another resource, whose ARN is no ARN of its own

    @property
    def group(self) -> str:
        """The second part of AWS::X::Y."""
        return self.name.split("::")[1]

    @property
    def last(self) -> str:
        """The last part of AWS::X::Y."""
        return self.name.rsplit("::", 1)[-1]

    def record(self) -> list[Any]:
        """The line in the data file."""
        ref = self.ref or ref_kind(self)
        return [ref, self.arn, self.service, self.resource_type, self.arn_attribute, self.attributes]


def _from_cdk(sources: Sources) -> dict[str, Kind]:
    raw = gzip.decompress(sources["@aws-cdk/aws-service-spec"].read("package/db.json.gz"))
    kinds = {}
    for entity in json.loads(raw)["schema"]["resource"]["entities"]:
        kind = Kind(entity["cloudFormationType"])
        kind.identifier = entity.get("cfnRefIdentifier") or entity.get("primaryIdentifier") or []
        kind.properties = frozenset(entity["properties"])
        kind.attributes = sorted(entity["attributes"])
        kind.arn = _in_partition(entity.get("arnTemplate"))
        kinds[kind.name] = kind
    return kinds


def _in_partition(arn: str | None) -> str | None:
    return arn.replace("arn:aws:", "arn:${Partition}:", 1) if arn else arn


def _add_from_schemas(kinds: dict[str, Kind], sources: Sources) -> None:
    """Types that the CDK's specification lacks, from the registry schemas cfn-lint carries."""
    archive = sources["cfn-lint"]
    digests: dict[str, str] = {}
    for region in archive.names(f"{SCHEMAS}/providers/*.json"):
        digests |= archive.json(region)
    digests |= archive.json(f"{SCHEMAS}/providers/us-east-1.json")
    for name, digest in digests.items():
        if name in kinds or not name.startswith("AWS::"):
            continue
        schema = archive.json(f"{SCHEMAS}/resources/{digest}.json")
        kind = kinds[name] = Kind(name)
        kind.identifier = [_pointer(path) for path in schema.get("primaryIdentifier", ())]
        read_only = {_pointer(path) for path in schema.get("readOnlyProperties", ())}
        kind.attributes = sorted(path for path in read_only if "*" not in path)
        kind.properties = frozenset(schema.get("properties", ())) - read_only


def _pointer(path: str) -> str:
    return path.removeprefix("/properties/").replace("/", ".")


def ref_kind(kind: Kind) -> str:
    """What Ref returns, judged from the identifier: "arn", "url", "name", "id" or "unknown".

    A compound identifier comes out as "a|b" or as its first part, depending on the type: unknown.
    """
    if len(kind.identifier) != 1:
        return "unknown"
    name = kind.identifier[0].replace("/", ".").rsplit(".", 1)[-1]
    if name.lower().endswith("arn"):
        return "arn"
    if name.lower().endswith("url"):
        return "url"
    chosen = kind.identifier[0] in kind.properties and not name.endswith("Id")
    return "name" if name.endswith("Name") or chosen else "id"


def _validator_arns(sources: Sources) -> dict[str, dict[str, dict[str, str] | None]]:
    table = sources["cfn-policy-validator"].json(ARN_MAP)
    return {
        f"AWS::{group}::{name}": values for group, kinds in table.items() for name, values in kinds.items()
    }


def _arn_attribute(kind: Kind, arns: dict[str, dict[str, str] | None]) -> str | None:
    """The GetAtt that returns the resource's own ARN: not a stream's, a bucket's or a secret's."""
    by_name = {name.lower(): name for name in kind.attributes}
    wanted = ["arn", kind.last.lower() + "arn"]
    if len(kind.identifier) == 1 and ref_kind(kind) == "arn":
        wanted.insert(1, kind.identifier[0].lower())
    for name in wanted:
        if name in by_name:
            return by_name[name]
    shape = _shape(kind.arn)
    own = [
        name for name, value in arns.items() if name != "Ref" and value and _shape(value["Value"]) == shape
    ]
    if shape and len(own) == 1 and own[0] in kind.attributes:
        return own[0]
    tails = [name for name in kind.attributes if re.fullmatch(r"[A-Za-z0-9]+A(rn|RN)", name)]
    tails = [name for name in tails if kind.last.lower().endswith(name[:-3].lower())]
    return tails[0] if len(tails) == 1 else None


def _shape(arn: str | None) -> str:
    """An ARN template with its placeholders made equal."""
    return re.sub(r"\$\{[^}]*\}", "${}", arn or "")


def _index(services: dict[str, Collected]) -> tuple[Index, Index]:
    """IAM resource types by exact ARN template and by its shape."""
    exact: Index = {}
    shapes: Index = {}
    for prefix in sorted(services):
        for _, (name, arns) in sorted(services[prefix].types.items()):
            for arn in arns:
                exact.setdefault(arn, []).append((prefix, name))
                shapes.setdefault(_shape(arn), []).append((prefix, name))
    return exact, shapes


def _join(kind: Kind, exact: Index, shapes: Index, services: dict[str, Collected]) -> None:
    """Find the IAM resource type of a resource type by its ARN template."""
    prefix = kind.arn.split(":")[2] if kind.arn else None
    same = exact.get(kind.arn or "", [])
    found = sorted({*same, *shapes.get(_shape(kind.arn), [])})
    ranked = sorted(
        found, key=lambda pair: (pair[0] != prefix, not _alike(pair[1], kind.last), pair not in same)
    )
    if ranked and (len(ranked) == 1 or ranked[0][0] == prefix):
        kind.service, kind.resource_type = ranked[0]
    elif prefix in services:
        kind.service = prefix


def _join_by_name(kinds: dict[str, Kind], services: dict[str, Collected]) -> None:
    """Where no package has an ARN: the one IAM resource type of the same name in the group's service."""
    groups: dict[str, Counter[str]] = {}
    for kind in kinds.values():
        if kind.resource_type and kind.service:
            groups.setdefault(kind.group, Counter())[kind.service] += 1
    for kind in kinds.values():
        if kind.arn is None and kind.is_resource and kind.group in groups:
            prefix = min(groups[kind.group].items(), key=lambda item: (-item[1], item[0]))[0]
            named = [row for row in services[prefix].types.values() if _alike(row[0], kind.last)]
            if len(named) == 1 and len(named[0][1]) == 1:
                kind.service, kind.resource_type, kind.arn = prefix, named[0][0], named[0][1][0]


def _alike(resource_type: str, name: str) -> bool:
    return re.sub(r"[^a-z0-9]", "", resource_type.lower()) == name.lower()


def collect(sources: Sources, services: dict[str, Collected]) -> dict[str, Kind]:
    """Every resource type by name, with Ref kind, ARN and IAM resource type settled."""
    kinds = _from_cdk(sources)
    _add_from_schemas(kinds, sources)
    corrections = overlay("cfn")["types"]
    arns = _validator_arns(sources)
    exact, shapes = _index(services)
    for name, kind in kinds.items():
        values = arns.get(name, {})
        _fill_arn(kind, values)
        kind.arn_attribute = _arn_attribute(kind, values)
        _correct(kind, corrections.get(name, {}))
        if kind.resource_type is None and kind.is_resource:
            _join(kind, exact, shapes, services)
    _join_by_name(kinds, services)
    for name, row in corrections.items():
        if row.get("like") in kinds:
            kinds[name] = _copy(name, kinds[row["like"]])
        elif name not in kinds:
            kinds[name] = Kind(name, ref=row.get("ref"))
    return kinds


def _fill_arn(kind: Kind, values: dict[str, dict[str, str] | None]) -> None:
    if kind.arn is not None:
        return
    for name in ("Arn", f"{kind.last}Arn", "Ref"):
        value = values.get(name)
        if value and value["Value"].startswith("arn:"):
            kind.arn = _in_partition(value["Value"])
            return


def _correct(kind: Kind, row: dict[str, Any]) -> None:
    if row.get("of_another"):
        kind.is_resource, kind.arn, kind.arn_attribute = False, None, None
    kind.ref = row.get("ref")
    kind.arn = row.get("arn", kind.arn)
    kind.service = row.get("service")
    kind.resource_type = row.get("type")
    kind.arn_attribute = row.get("arn_attribute", kind.arn_attribute)


def _copy(name: str, other: Kind) -> Kind:
    ref = other.ref or ref_kind(other)
    return Kind(
        name,
        attributes=other.attributes,
        arn=other.arn,
        ref=ref,
        service=other.service,
        resource_type=other.resource_type,
        arn_attribute=other.arn_attribute,
    )


def files(sources: Sources, services: dict[str, Collected]) -> dict[str, str]:
    """`cfn/<x>.json` for every AWS::X::Y."""
    shards: dict[str, dict[str, list[Any]]] = {}
    for name, kind in collect(sources, services).items():
        shards.setdefault(name.split("::")[1].lower(), {})[name] = kind.record()
    return {f"cfn/{shard}.json": record_lines(records) for shard, records in shards.items()}
