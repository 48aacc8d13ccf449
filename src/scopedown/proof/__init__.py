"""Proof: does a replacement grant nothing that the original did not, and keep what was seen?"""

from __future__ import annotations

from .replacement import objection, proves

__all__ = ["objection", "proves"]
