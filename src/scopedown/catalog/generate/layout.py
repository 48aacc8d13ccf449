"""How data files are written: small JSON with one record a line, so that a refresh reads well in git."""

from __future__ import annotations

import json
from typing import Any


def compact(value: Any) -> str:
    """One JSON value without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def record_lines(records: dict[str, Any]) -> str:
    """A JSON object with one key a line, sorted."""
    lines = [f"{compact(key)}:{compact(records[key])}" for key in sorted(records)]
    return "{\n" + ",\n".join(lines) + "\n}\n"
