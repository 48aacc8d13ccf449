"""The catalog's data files: a name below `data/` comes in, its text or JSON goes out."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from typing import Any

FOLDER = os.path.join(os.path.dirname(__file__), "data")

_manifest: dict[str, Any] = {}


def read_text(name: str) -> str:
    """A data file's text."""
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


def read_shard(folder: str, name: str) -> Any:
    """One shard's JSON, or None when there is none.

    The name comes from a user's template, so only what could be a shard's name reaches the file system.
    """
    if len(name) > 60 or not name.isascii() or not name.replace("-", "").isalnum():
        return None
    try:
        return json.loads(read_text(os.path.join(folder, name.lower() + ".json")))
    except FileNotFoundError:
        return None


def manifest() -> dict[str, Any]:
    """What the data was built from: `date`, `counts`, `sources` with versions and hashes, `unreviewed`."""
    if not _manifest:
        _manifest.update(json.loads(read_text("manifest.json")))
    return _manifest


def age_days(today: str | datetime.date) -> int:
    """Days from the data's date to `today` (a date, or its ISO form)."""
    from datetime import date

    built = date.fromisoformat(manifest()["date"])
    return (date.fromisoformat(str(today)[:10]) - built).days
