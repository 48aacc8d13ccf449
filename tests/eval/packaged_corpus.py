"""Compares our reading of a corpus's services with what the real frameworks compile of them.

Many services of a corpus miss files or need an account: the reasons are counted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from . import packaged, packaging
from .packaging import Framework, Refused

_NAMES = ("serverless3", "osls3", "osls4")


def services(folder: Path) -> list[tuple[Path, Path]]:
    """The (repository's folder, configuration) of the services that a corpus's index names."""
    found = []
    for row in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(row)
        root = folder / entry["repo"].replace("/", "+")
        if entry["kind"] == "serverless" and (root / entry["path"]).is_file():
            found.append((root, root / entry["path"]))
    return found


def run(folder: Path, frameworks: dict[str, Framework], cache: Path | None) -> bool:
    """Packages and compares a whole corpus and prints the counts; True where nothing differs."""
    found = services(folder)
    held = True
    for framework in (frameworks[name] for name in _NAMES if name in frameworks):
        name = framework.name
        with ThreadPoolExecutor(2) as pool:
            made = list(pool.map(partial(_kept, framework=framework, cache=cache), found))
        refused = Counter(_class(each["error"]) for each in made if "error" in each)
        print(f"{name}: {len(found) - refused.total()} of {len(found)} services packaged, refused:")
        print("\n".join(f"  {count:4d} {reason}" for reason, count in refused.most_common()))
        lines = [
            f"{config.relative_to(folder)} {name}: {line}"
            for (root, config), each in zip(found, made, strict=True)
            if "template" in each
            for line in _differences(root, config, framework, each["template"])
        ]
        print("\n".join(lines))
        print(f"{name}: {len({line.partition(': ')[0] for line in lines})} services differ")
        held &= not lines
    return held


def _kept(service: tuple[Path, Path], framework: Framework, cache: Path | None) -> dict[str, Any]:
    """What a framework compiles, packaged once where a cache is given."""
    root, config = service
    key = f"{config} {framework.package} {framework.version}"
    place = cache / f"{hashlib.sha256(key.encode()).hexdigest()}.json" if cache else None
    if place is not None and place.is_file():
        kept: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return kept
    made: dict[str, Any]
    try:
        made = {"template": packaging.reduced(packaging.package(framework, root, config)[0])}
    except Refused as refusal:
        made = {"error": str(refusal)}
    if place is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(made), encoding="utf-8")
    return made


def _differences(root: Path, config: Path, framework: Framework, template: dict[str, Any]) -> list[str]:
    try:
        stack = packaged.ours(root, config, framework.package, framework.version, None, {})
    except packaged.Unread as error:
        return [f"not read: {error}"]
    return packaged.differences(packaged.roles(stack), packaged.roles(packaged.theirs(template)))


def _class(reason: str) -> str:
    """A refusal without the names in it."""
    return re.sub(r"\"[^\"]*\"|'[^']*'|\[[^\]]*\]|`[^`]*`", "…", reason)[:110]
