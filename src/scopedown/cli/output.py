"""Where the reports of a check go: stdout, stderr and files, none of which can end in a traceback."""

from __future__ import annotations

import os
import sys

from ..report.screen import Screen
from . import silence_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from ..config import Options
    from ..engine import Report


def deliver(report: Report, options: Options) -> bool:
    """Write every report that was asked for.

    Returns:
        Whether all of them could be written; what could not is told on stderr.
    """
    written = [to_file(file, _text(report, options, form, None)) for form, file in options.outputs]
    if options.format:
        written.append(to_stdout(_text(report, options, options.format, sys.stdout)))
    if options.format != "text":
        _tell_errors(report, options)
    if not (report.templates or report.errors or report.internal or options.hook):
        where = ", ".join(f"'{path}'" for path in options.paths or ["."])
        passed = report.files_skipped + len(report.skipped)
        seen = f" ({passed} file{'s' if passed > 1 else ''} skipped)" if passed else ""
        tell(f"nothing to check: no template in {where}{seen}; name a template or a folder that holds one")
    return all(written)


def screen_for(stream: TextIO | None, color: str) -> Screen:
    """What a stream can show; None stands for a file."""
    colored = color == "always"
    width = 80
    if stream is not None and stream.isatty():
        # https://no-color.org: any value but the empty one
        if color == "auto":
            colored = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        width = _columns(stream)
    return Screen(width, colored, stream is not None and _is_ascii(stream))


def _columns(stream: TextIO) -> int:
    """The columns of a terminal; 80 where it does not say."""
    try:
        return min(os.get_terminal_size(stream.fileno()).columns, 120) or 80
    except (OSError, ValueError):
        return 80


def _is_ascii(stream: TextIO) -> bool:
    try:
        "│…→·".encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def _text(report: Report, options: Options, form: str, stream: TextIO | None) -> str:
    """The report in one format."""
    if form == "json":
        from ..report.json import render as render_json

        return render_json(report)
    if form == "sarif":
        from ..report.sarif import render as render_sarif

        return render_sarif(report, options)
    from ..report.text import render

    return render(report, options, screen_for(stream, options.color))


def to_stdout(text: str) -> bool:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
    except OSError as error:
        silence_stdout()
        tell(f"cannot write to standard output: {(error.strerror or str(error)).lower()}; try --output FILE")
        return False
    return True


def to_file(path: str, text: str) -> bool:
    """Write a file as a whole or not at all; a pipe or device is written to directly."""
    data = text.encode("utf-8", "backslashreplace")
    target = os.path.realpath(path)
    spare = f"{target}.{os.getpid()}.tmp"
    try:
        if os.path.exists(target) and not os.path.isfile(target):
            with open(target, "wb") as file:
                file.write(data)
            return True
        try:
            with open(spare, "xb") as file:
                file.write(data)
            if os.path.exists(target):
                os.chmod(spare, os.stat(target).st_mode & 0o7777)
            os.replace(spare, target)
        finally:
            if os.path.exists(spare):
                os.unlink(spare)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        tell(f"cannot write '{path}': {reason}; choose another --output")
        return False
    return True


def _tell_errors(report: Report, options: Options) -> None:
    """Errors, and the summary where no report is on stdout, for the person beside the machine."""
    for error in report.errors:
        tell(str(error))
    for line in report.internal:
        from ..report.text import internal_error

        tell(internal_error(line))
    if not options.format and not options.quiet and report.templates:
        from ..report.text import closing

        tell(closing(report, options))


def tell(line: str) -> None:
    from ..report.escape import escape

    sys.stderr.write(f"scopedown: {escape(line)}\n")
