"""``scopedown check``: paths and options come in; reports and an exit code go out."""

from __future__ import annotations

import sys

from ..config import Options
from ..report import at_least, is_sure
from . import BAD_INPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine import Report
    from ..source.tree import InputError

# Options that take no value: how they are written, and the setting that each turns on.
FLAGS = {
    "--hook": "hook",
    "--strict": "strict",
    "--exit-zero": "exit_zero",
    "--pedantic": "pedantic",
    "--show-unresolved": "show_unresolved",
    "--all-findings": "all_findings",
    "--quiet": "quiet",
    "-q": "quiet",
    "--verbose": "verbose",
    "-v": "verbose",
}


def run(argv: Sequence[str]) -> int:
    """Check what the arguments name.

    Returns:
        0: nothing at or above ``--fail-on``; 1: findings at or above it; 2: input or output that cannot be
        used, nothing to check, an internal error.
    """
    options = plain(argv)
    if options is None:
        from .arguments import parse

        options = parse(argv)
    report = _checked(options)
    if options.params and report.templates and not options.hook:
        report.errors += unknown_parameters(options.params)
    code = exit_code(report, options)
    if options.hook and not report.templates and not code and not options.outputs:
        return code
    from .output import deliver

    return code if deliver(report, options) else BAD_INPUT


def plain(argv: Sequence[str]) -> Options | None:
    """The options of a command line of paths and flags only; None for any other.

    Setting up argparse costs a quarter of the time that a hook has; ``arguments`` reads the same lines to
    the same options (a test compares them).
    """
    options = Options()
    for word in argv:
        if not word.startswith("-"):
            options.paths.append(word)
        elif word in FLAGS:
            setattr(options, FLAGS[word], True)
        else:
            return None
    return None if options.quiet and options.verbose else options


def exit_code(report: Report, options: Options) -> int:
    """What the run ends with: 2 beats 1, and ``exit_zero`` turns only 1 into 0."""
    if report.errors or report.internal:
        return BAD_INPUT
    if not report.templates and not options.hook:
        return BAD_INPUT
    failing = any(
        at_least(finding.severity, options.fail_on) and is_sure(finding, options.pedantic)
        for finding in report.findings
    )
    if options.strict and (report.unresolved or report.skipped):
        failing = True
    return 1 if failing and not options.exit_zero else 0


def unknown_parameters(given: dict[str, str]) -> list[InputError]:
    """Values for parameters that nothing in the run has are errors: most likely a name is misspelt."""
    from ..source.tree import InputError
    from ..values.parameters import Given

    if not isinstance(given, Given):
        return []
    advice = "correct the name or leave it out"
    return [
        InputError(given.sources[name], f"nothing in this run has a parameter '{name}'", advice)
        for name in sorted(given.unknown)
    ]


def _checked(options: Options) -> Report:
    """The report on the paths, or on stdin."""
    from .. import engine

    if options.paths != ["-"]:
        return engine.check(options)
    from ..source.reader import decode
    from ..source.tree import InputError

    path = options.stdin_filename or "<stdin>"
    try:
        document = decode(path, sys.stdin.buffer.read())
    except InputError as error:
        report = engine.Report()
        report.errors.append(error)
        return report
    return engine.check_text(path, document.text, options)
