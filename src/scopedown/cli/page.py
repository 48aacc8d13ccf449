"""Pages made with rich: what is drawn on a console comes out on stdout, without blanks at line ends."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from rich.console import Console

# A line is padded to the width of its box; colours may be switched off behind the blanks.
_PADDING = re.compile(r" +((?:\x1b\[[\d;]*m)*)$", re.MULTILINE)


def show(draw: Callable[[Console], None]) -> None:
    """Draw a page and write it."""
    console = Console(highlight=False, emoji=False)
    with console.capture() as drawn:
        draw(console)
    sys.stdout.write(_PADDING.sub(r"\1", drawn.get()))
    sys.stdout.flush()
