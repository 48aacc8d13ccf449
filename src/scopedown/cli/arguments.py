"""The options of ``check`` as argparse knows them: help, errors, and every line that has more than flags."""

from __future__ import annotations

import argparse
import os
import sys

from ..config import Options
from ..rulebook.finding import SEVERITIES
from . import BAD_INPUT
from .check import FLAGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

FORMATS = ("text", "json", "sarif")
_HELP = {
    "hook": "for pre-commit and other hooks, which pass every changed file: files that are no template are "
    "passed over in silence, and having nothing to check is no error",
    "strict": "fail on unresolved records and skipped templates too",
    "exit_zero": "end with 0 instead of 1",
    "pedantic": "findings of low confidence count too",
    "show_unresolved": "list what could not be decided",
    "all_findings": "sarif: folded and suppressed findings too",
    "quiet": "findings only: no hints, no summary",
    "verbose": "also say what is suppressed, and why",
}


class Parser(argparse.ArgumentParser):
    """A parser that answers bad usage with one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with 2."""
        from ..report.escape import escape

        sys.stderr.write(f"{self.prog}: {escape(message)}; see '{self.prog} --help'\n")
        raise SystemExit(BAD_INPUT)


def parse(argv: Sequence[str]) -> Options:
    """Read a command line of ``check``.

    Raises:
        SystemExit: 0 after help, 2 after bad usage; both are already told.
    """
    parser = build()
    words, after = list(argv), []
    if "--" in words:
        # parse_intermixed_args takes what follows for options again
        at = words.index("--")
        words, after = words[:at], words[at + 1 :]
    found = parser.parse_intermixed_args(words)
    found.paths = [*found.paths, *after]
    options = Options()
    for name in Options.__slots__:
        if getattr(found, name, None) is not None:
            setattr(options, name, getattr(found, name))
    _read_reports(parser, options, found.reports or [])
    options.params = parameters(parser, found.param or [], found.parameter_file or [])
    options.exclude = list(found.exclude or [])
    options.select = _rules(parser, found.select)
    options.ignore = _rules(parser, found.ignore)
    _check_usage(parser, options)
    return options


def build() -> Parser:
    """The parser, with its help."""
    parser = Parser(
        prog="scopedown check",
        description="Check templates and services for over-broad grants, shared roles and missing limits.",
        epilog="exit codes: 0 nothing at or above --fail-on, 1 findings, 2 bad usage or input, 130 stopped",
        allow_abbrev=False,
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="template, service or folder (default: .); - for stdin"
    )
    what = parser.add_argument_group("what is checked")
    _names(what, "--select", "RULE[,RULE]", "only these rules")
    _names(what, "--ignore", "RULE[,RULE]", "not these rules")
    _names(what, "--exclude", "PATTERN", "gitignore pattern of paths to leave out")
    _names(what, "--param", "K=V", "value of a template parameter, or of ${param:K}")
    _names(what, "--parameter-file", "FILE", "values of parameters: JSON or lines of K=V; --param wins")
    services(what)
    what.add_argument(
        "--all-stages",
        action="store_true",
        help="every stage that a service names: each finding says in which it holds, where not in all",
    )
    what.add_argument(
        "--config-env",
        metavar="NAME",
        help="environment whose parameter_overrides count, of a samconfig.toml or .yaml beside a template "
        "(default: default)",
    )
    what.add_argument("--root", metavar="DIR", help="read nothing outside this folder")
    what.add_argument("--stdin-filename", metavar="NAME", help="what to call the text on stdin")
    told = parser.add_argument_group("what is reported")
    told.add_argument(
        "--format",
        dest="reports",
        action=_Report,
        metavar="|".join(FORMATS),
        help="text for people (the default), json with everything, sarif for code scanning; repeatable",
    )
    told.add_argument(
        "--output",
        dest="reports",
        action=_Report,
        metavar="FILE",
        help="write the --format beside it to this file, not to standard output; without one the file's name "
        "decides: .json, .sarif, else text; repeatable",
    )
    told.add_argument(
        "--min-severity",
        choices=SEVERITIES,
        help="leave findings below this severity out of text; they still count for --fail-on (default: info)",
    )
    told.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        help="colours in text; auto: on a terminal, unless NO_COLOR is set (default: auto)",
    )
    ends = parser.add_argument_group("how it ends")
    ends.add_argument(
        "--fail-on", choices=SEVERITIES, help="end with 1 from this severity on (default: medium)"
    )
    _flags(parser)
    return parser


def _names(group: Any, flag: str, metavar: str, help: str) -> None:
    group.add_argument(flag, action="append", metavar=metavar, help=f"{help}; repeatable")


def _flags(parser: Parser) -> None:
    written: dict[str, list[str]] = {}
    for flag, name in FLAGS.items():
        written.setdefault(name, []).append(flag)
    for name, flags in written.items():
        parser.add_argument(*sorted(flags), dest=name, action="store_true", help=_HELP[name])


class _Report(argparse.Action):
    """Keeps ``--format`` and ``--output`` in the order in which they are written."""

    def __call__(self, parser: argparse.ArgumentParser, space: Any, values: Any, flag: Any = None) -> None:
        if flag == "--format" and values not in FORMATS:
            parser.error(f"unknown format '{values}'; there are {', '.join(FORMATS)}")
        setattr(space, self.dest, [*(getattr(space, self.dest) or []), (flag, values)])


def _read_reports(parser: Parser, options: Options, words: list[tuple[str, str]]) -> None:
    """Pair formats with files: a file takes the format beside it, before or after, else what its name says.

    A format without a file, or with the file "-", goes to stdout; there can be one of those.
    """
    formats: list[str] = []
    files: list[str] = []
    for flag, value in words:
        (formats if flag == "--format" else files).append(value)
        if formats and files:
            options.outputs.append((formats.pop(), files.pop()))
    options.outputs += [(_format_of(file), file) for file in files]
    formats += [form for form, file in options.outputs if file == "-"]
    options.outputs = [pair for pair in options.outputs if pair[1] != "-"]
    if len(formats) > 1:
        parser.error(f"two formats for standard output: {' and '.join(formats)}; add --output FILE to one")
    options.format = formats[0] if formats else "" if options.outputs else "text"


def _format_of(file: str) -> str:
    """The format that a file's name asks for."""
    for form in ("sarif", "json"):
        if file.lower().endswith((f".{form}", f".{form}.json")):
            return form
    return "text"


def services(group: argparse._ArgumentGroup) -> None:
    """The options about one stage of services of the Serverless Framework."""
    group.add_argument(
        "--stage",
        metavar="NAME",
        help="stage of a service of the Serverless Framework (default: the one it names)",
    )
    group.add_argument(
        "--env",
        action="store_true",
        help="let ${env:X} of a service read this environment (default: not known)",
    )


def parameters(parser: Parser, words: list[str], files: list[str]) -> dict[str, str]:
    """The values of template parameters: those of files, of which the last wins, under those of ``--param``.

    Raises:
        SystemExit: 2 after a file that cannot be used or a word that is not K=V; it is already told.
    """
    pairs = dict(assignment(parser, word) for word in words)
    if not pairs and not files:
        return pairs
    from ..source.tree import InputError
    from ..values.parameters import COMMAND_LINE, Given

    given = Given()
    for file in files:
        from ..values.parameter_files import read_file
        from .output import tell

        try:
            given.add(read_file(file), file)
        except InputError as error:
            tell(str(error))
            raise SystemExit(BAD_INPUT) from None
    given.add(pairs, COMMAND_LINE)
    return given


def assignment(parser: Parser, text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        parser.error(f"--param '{text}' is not of the form K=V")
    return name, value


def _rules(parser: Parser, lists: list[str] | None) -> list[str]:
    """Canonical ids of the rules named in comma lists."""
    if not lists:
        return []
    from ..rulebook.index import load_index, names
    from ..suppress import nearest

    known = names(load_index())
    asked = [word.strip() for text in lists for word in text.split(",") if word.strip()]
    for word in asked:
        if word not in known:
            parser.error(f"unknown rule '{word}'{nearest(word, known)}")
    if not asked:
        parser.error("a list of rules is empty; 'scopedown rules' lists all")
    return list(dict.fromkeys(known[word] for word in asked))


def _check_usage(parser: Parser, options: Options) -> None:
    if "-" in options.paths and len(options.paths) > 1:
        parser.error("'-' (stdin) cannot stand beside other paths; check them in a run of their own")
    if options.root is not None and not os.path.isdir(options.root):
        parser.error(f"--root '{options.root}' is not a folder")
    if options.stage and options.all_stages:
        parser.error("--stage and --all-stages exclude each other; give one")
    if options.quiet and options.verbose:
        parser.error("--quiet and --verbose exclude each other; give one")
