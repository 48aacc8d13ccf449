"""Reads the hand-written tables in `overlay/`: what no package knows, or knows wrongly."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "overlay"


def overlay(name: str) -> dict[str, Any]:
    """One table by its file stem."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
