"""Developer command: fills the ``<!-- gen:name -->`` blocks of the README from rules, the command line and
a real run, so that none of them can drift.

``python -m scopedown.gendocs`` rewrites, ``--check`` only says (exit 1) what is out of date.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from .cli import COMMANDS
from .cli import main as command
from .cli.arguments import build
from .rulebook.loader import load_rules

ROOT = Path(__file__).resolve().parents[2]
FILES = ("README.md",)
DEMO = "fixtures/projects/orders/template.yaml"
STAGES = ("check", "fixtures/projects/florist", "--all-stages", "--select", "resource-type-star", "--quiet")
_BLOCK = re.compile(r"<!-- gen:([\w-]+) -->\n(.*?)<!-- /gen:\1 -->\n", re.DOTALL)
_MARKER = re.compile(r"<!-- /?gen:")


class MarkerError(Exception):
    """A block that nothing fills, or a marker without its partner."""


def demo() -> str:
    """What the audit of the first example prints."""
    return f"```console\n$ scopedown check {DEMO}\n{_printed('check', DEMO)}```\n"


def stages() -> str:
    """What a check of all stages of a service prints."""
    return f"```console\n$ scopedown {' '.join(STAGES)}\n{_printed(*STAGES)}```\n"


def rules() -> str:
    """The table of the rules."""
    rows = [
        f"| [{rule.id}](rules/{rule.id}.yaml) | {rule.words['severity']} | {rule.words['title']} |"
        for rule in load_rules()
    ]
    return "\n".join(["| rule | severity | what it reports |", "|---|---|---|", *rows, ""])


def commands() -> str:
    """The table of the commands."""
    rows = [f"| `scopedown {name}` | {words} |" for name, words in COMMANDS.items()]
    return "\n".join(["| command | does |", "|---|---|", *rows, ""])


def options() -> str:
    """The options of check, read off its parser: how argparse itself lays out help differs by version."""
    rows = []
    for action in build()._actions:
        value = action.metavar or "|".join(action.choices or [])
        if not action.option_strings:
            rows.append(f"| `{value}` | {action.help} |")
            continue
        flags = ", ".join(f"`{flag}`" for flag in action.option_strings)
        shown = f" `{value}`".replace("|", "\\|") if value else ""
        rows.append(f"| {flags}{shown} | {action.help or ''} |")
    return "\n".join(["| option | meaning |", "|---|---|", *rows, ""])


BLOCKS: dict[str, Callable[[], str]] = {
    "demo": demo,
    "stages": stages,
    "rules": rules,
    "commands": commands,
    "check": options,
}


def filled(text: str) -> str:
    """A text with every block filled.

    Raises:
        MarkerError: a block is not known, or not closed.
    """

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in BLOCKS:
            raise MarkerError(f"no block {name!r}; there are {', '.join(BLOCKS)}")
        return f"<!-- gen:{name} -->\n{BLOCKS[name]()}<!-- /gen:{name} -->\n"

    result, blocks = _BLOCK.subn(fill, text)
    if len(_MARKER.findall(text)) != 2 * blocks:
        raise MarkerError("a gen marker has no partner")
    return result


def stale(root: Path = ROOT) -> list[str]:
    """The files whose blocks are out of date."""
    return [name for name in FILES if (text := _read(root / name)) != filled(text)]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Runs the command; 1 where ``--check`` finds something out of date."""
    parser = argparse.ArgumentParser(prog="python -m scopedown.gendocs", description="fill generated blocks")
    parser.add_argument(
        "--check", action="store_true", help="change nothing, exit 1 if something would change"
    )
    check = parser.parse_args(arguments).check
    outdated = stale(root)
    for name in outdated:
        if check:
            print(
                f"{name}: generated blocks are out of date; run python -m scopedown.gendocs", file=sys.stderr
            )
        else:
            (root / name).write_text(filled(_read(root / name)), encoding="utf-8", newline="\n")
            print(f"{name}: written")
    return 1 if check and outdated else 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _printed(*arguments: str) -> str:
    """What a command prints when its output is no terminal, run at the root of the checkout."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    with _at_the_root(), contextlib.redirect_stdout(out):
        command(list(arguments))
    out.seek(0)
    return out.read()


@contextlib.contextmanager
def _at_the_root() -> Iterator[None]:
    before, environment = os.getcwd(), dict(os.environ)
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS", "CI"):
        os.environ.pop(name, None)
    os.chdir(ROOT)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(environment)


if __name__ == "__main__":
    sys.exit(main())
