"""The head of an answer to "who may do this?": the question, and a table of who answers what, and why."""

from __future__ import annotations

import io

from . import grants_words as words
from .escape import escape
from .grants_asked import ANSWERS, CONDITIONAL, NO, PERHAPS, YES, Asked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .grants import Block
    from .screen import Screen

SAID = {YES: "yes", CONDITIONAL: "yes, if", PERHAPS: "perhaps", NO: "no"}


def overview(told: list[Block], asked: Asked, screen: Screen) -> list[str]:
    """The question, and who answers what, as a table."""
    question = f"who may {asked.action or 'do anything'}"
    if asked.resource:
        question += f" on {asked.resource}"
    lines = [screen.paint(escape(question) + "?", "strong")]
    if len(told) < 2:
        return lines
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    several = len({block.file for block in told}) > 1
    for block in sorted(told, key=lambda one: ANSWERS.index(one.answer)):
        cells = (SAID[block.answer], block.label, _through(block, several))
        table.add_row(*(Text(escape(cell)) for cell in cells))
    buffer = io.StringIO()
    Console(file=buffer, width=screen.width - 2, color_system=None, highlight=False).print(table)
    return [*lines, "", *("  " + line.rstrip() for line in buffer.getvalue().splitlines())]


def _through(block: Block, several: bool) -> str:
    """What the answer of a block rests on, in a few words; with several files, in which of them."""
    for worn in block.worn:
        for entry in worn.entries:
            if entry.answer == block.answer:
                condition = "; ".join(words.condition(one) for one in entry.grant.conditions)
                path = entry.span.path
                file = f" of {path.rpartition('/')[2]}" if several or path != block.file else ""
                through = f"{words.carrier(entry.carrier)}, line {entry.span.line}{file}"
                return f"{condition}; {through}" if condition else through
    for worn in block.worn:
        for hidden in worn.hidden:
            return f"not visible: {hidden.what}"
    return f"no role in the {words.whole(block.stack)}"
