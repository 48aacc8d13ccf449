"""Scores scopedown over an evaluation folder; exit 1 where a bar is missed or a template crashes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import corpus, scoring

WHAT = ("all", "labels", "mission", "answers", "corpus", "translated")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    parser.add_argument("what", choices=WHAT, help="which part; all: all but the corpus")
    parser.add_argument("folder", type=Path, help="the evaluation folder")
    parser.add_argument("--misses", action="store_true", help="list every miss and false alarm")
    parser.add_argument(
        "--upto", default="main job", help="labels: the last set of required.json that counts"
    )
    parser.add_argument("--kind", action="append", default=[], help="labels, mission: only this dialect")
    parser.add_argument("--subject", action="append", choices=scoring.SUBJECTS, help="mission: only this one")
    parser.add_argument("--review", type=Path, help="corpus: write a drawn sample here, as Markdown")
    parser.add_argument("--each", type=int, default=20, help="corpus: findings drawn for each rule")
    parser.add_argument("--seed", type=int, default=1, help="corpus: seed of the draw")
    return parser.parse_args()


def _corpus_folder(folder: Path) -> Path:
    return folder / "corpus" if (folder / "corpus").is_dir() else folder


def _corpus(arguments: argparse.Namespace) -> bool:
    folder = _corpus_folder(arguments.folder)
    reading, names = corpus.read(folder)
    print("\n".join(corpus.summary(reading, names, folder)))
    if arguments.review:
        drawn = corpus.draw(reading.findings, arguments.each, arguments.seed)
        arguments.review.write_text(corpus.review(drawn, folder, arguments.seed), encoding="utf-8")
        print(f"{len(drawn)} findings drawn into {arguments.review}")
    return not reading.crashes


def main() -> int:
    """Runs what was asked for; 0 where every bar holds."""
    arguments = _arguments()
    folder, misses = arguments.folder, arguments.misses
    held = True
    if arguments.what in ("all", "labels"):
        held &= scoring.labels(folder, arguments.upto, arguments.kind, misses)
    if arguments.what in ("all", "mission"):
        held &= scoring.mission(folder, arguments.subject or list(scoring.SUBJECTS), arguments.kind, misses)
    if arguments.what in ("all", "answers"):
        held &= scoring.answers(folder, misses)
    if arguments.what == "translated":
        from . import translated

        held &= translated.run(_corpus_folder(folder), misses)
    if arguments.what == "corpus":
        held &= _corpus(arguments)
    print("\nevery bar holds" if held else "\nsome bar is missed")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
