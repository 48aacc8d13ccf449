"""Dependent actions: what a caller needs besides an action, iam:PassRole for lambda:CreateFunction."""

from __future__ import annotations

from .actions import Collected
from .older import older_actions
from .sources import Sources


def files(sources: Sources, services: dict[str, Collected]) -> dict[str, str]:
    """`dependents.txt`: one `action dependent …` a line, sorted; only actions that exist today."""
    found: dict[str, set[str]] = {}
    for action in older_actions(sources):
        name = _today(f"{action.prefix}:{action.name}", services)
        if name is not None:
            needed = {_today(full, services) for full in action.dependents} - {None, name}
            found.setdefault(name, set()).update(full for full in needed if full)
    lines = [" ".join([name, *sorted(found[name])]) for name in sorted(found) if found[name]]
    return {"dependents.txt": "\n".join(lines) + "\n"}


def _today(full: str, services: dict[str, Collected]) -> str | None:
    """The action's name in AWS's spelling, or None where it is gone or was never one."""
    prefix, _, name = full.strip().lower().partition(":")
    record = services[prefix].actions.get(name) if prefix in services else None
    return f"{prefix}:{record.name}" if record else None
