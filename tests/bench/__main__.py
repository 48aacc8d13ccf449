"""Measures an installed scopedown and prints a table; see ``--help``."""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from .install import install
from .parts import PARTS, Bench


def _peer(text: str) -> tuple[str, list[str]]:
    name, equals, command = text.partition("=")
    if not equals or "{file}" not in command:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=COMMAND with {{file}} in it")
    return name, shlex.split(command)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"any of: {', '.join(PARTS)} (default: all)")
    parser.add_argument(
        "--rounds", type=int, default=21, help="interleaved runs of each command (default 21)"
    )
    parser.add_argument("--jobs", type=int, default=0, help="--jobs of the run over many templates")
    parser.add_argument("--venv", type=Path, help="keep the virtual environment here and use it again")
    parser.add_argument("--light", action="store_true", help="install PyYAML and pathspec only")
    parser.add_argument(
        "--peer", type=_peer, action="append", default=[], help="another tool: NAME='command {file}'"
    )
    arguments = parser.parse_args()
    unknown = [part for part in arguments.parts if part not in PARTS]
    if unknown:
        parser.error(f"no part '{unknown[0]}'; there are {', '.join(PARTS)}")
    return arguments


def main() -> None:
    """Installs, measures, prints."""
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="scopedown-bench-"))
    try:
        binaries = install((arguments.venv or folder / "venv").resolve(), not arguments.light)
        machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        print(f"{platform.python_implementation()} {platform.python_version()}, {machine}")
        print(f"{arguments.rounds} rounds; ratios are medians of per-round ratios to the floor\n")
        bench = Bench(binaries, folder / "inputs", arguments.rounds, arguments.jobs, arguments.peer)
        bench.folder.mkdir()
        for part in arguments.parts or PARTS:
            print(f"{part}: {(PARTS[part].__doc__ or '').splitlines()[0]}")
            for row in PARTS[part](bench):
                verdict = "" if row.held is None else "holds" if row.held else "MISSES"
                print(f"  {row.what:30s} {row.numbers}  {row.bar} {verdict}".rstrip())
            sys.stdout.flush()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
