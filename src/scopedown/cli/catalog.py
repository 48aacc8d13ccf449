"""``scopedown catalog``: date, age, counts and sources of the AWS data that is shipped."""

from __future__ import annotations

from .arguments import Parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rich.console import Console


def run(argv: Sequence[str]) -> int:
    """Show what the AWS data is made of; returns 0."""
    Parser(
        prog="scopedown catalog",
        description="Show date, counts and sources of the AWS data.",
        allow_abbrev=False,
    ).parse_args(list(argv))
    import time

    from ..catalog import age_days, manifest
    from .page import show

    facts, age = manifest(), age_days(time.strftime("%Y-%m-%d"))
    show(lambda console: _draw(console, facts, age))
    return 0


def _draw(console: Console, facts: dict[str, Any], age: int) -> None:
    from rich.table import Table

    console.print(f"AWS data of {facts['date']} ({age} days old)")
    counts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    counts.add_column(justify="right")
    counts.add_column()
    for name, count in facts["counts"].items():
        counts.add_row(f"{count:,}", name.replace("_", " "))
    console.print()
    console.print(counts)
    sources = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "version", "licence", "feeds"):
        sources.add_column(name)
    for source in facts["sources"]:
        sources.add_row(*(source[key] for key in ("name", "version", "licence", "feeds")))
    console.print()
    console.print(sources)
