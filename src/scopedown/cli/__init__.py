"""The command line: arguments come in, an exit code goes out. Each command is a module, imported when named.

Whatever happens below ends here in one line on stderr and an exit code; a traceback is shown only where
SCOPEDOWN_DEBUG is set.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

COMMANDS = {
    "check": "find over-broad grants, shared roles and missing limits in templates and services",
    "grants": "show what each function and role may do, and where that comes from",
    "explain": "show the page of a rule",
    "rules": "list the rules",
    "catalog": "show date, counts and sources of the AWS data",
}
BAD_INPUT = 2
INTERRUPTED = 130
_REPORT = "please report it, with the template if you may share it"


def program() -> NoReturn:
    """The console command: runs ``main`` in a process of its own, then ends that at once.

    An interpreter that ends by itself first frees every object, one by one: a tenth of the time of a check.
    The system takes the memory back as a whole. By now every file is closed and nobody waits for a last word
    (no threads, no exit handlers), so only what is buffered must be written. ``python -m scopedown`` ends in
    the ordinary way, for profilers and whatever else looks at the end.
    """
    if sys.argv[1:2] in (["check"], ["grants"]):
        _import_parsers()
    code = main()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        sys.exit(code)  # it tries once more, and says what is wrong
    os._exit(code)


def _import_parsers() -> None:
    """Imports what parses YAML and JSON, without compiling the regular expressions that come with it.

    PyYAML and json compile twenty of them while they are imported, a sixth of the time of a check. They are
    for parsers written in Python, and for values that nobody builds here; libyaml needs none of them. So
    ``re.compile`` hands out expressions that wait for their first use, for the time of these two imports:
    nothing else runs yet. Where libyaml is missing they are compiled when they are needed.
    """
    import re

    compile_now = re.compile

    class Later:
        """A regular expression that is compiled when it is first asked for something."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            self.arguments = arguments
            self.named = named

        def __getattr__(self, name: str) -> Any:
            found = getattr(compile_now(*self.arguments, **self.named), name)
            setattr(self, name, found)
            return found

    re.compile = Later  # type: ignore[assignment]
    try:
        __import__("json")
        __import__("yaml")
    finally:
        re.compile = compile_now


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments after the program's name; None: those of the process.

    Returns:
        The exit code: 0, 1, 2 or 130.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    _prepare()
    command = arguments[0] if arguments else ""
    try:
        return _run(command, arguments[1:])
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        silence_stdout()
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else BAD_INPUT
    except Exception as error:
        return _internal_error(command, error)


def _prepare() -> None:
    """Pause what costs time in a short run, and let no character stop the output."""
    import gc

    gc.set_threshold(200_000, 50, 100)
    stdout = sys.stdout
    if getattr(stdout, "errors", "") == "strict":
        stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _run(command: str, arguments: list[str]) -> int:
    if command == "check":
        from .check import run
    elif command == "grants":
        from .grants import run
    elif command == "explain":
        from .explain import run
    elif command == "rules":
        from .rules import run
    elif command == "catalog":
        from .catalog import run
    else:
        return _no_command(command)
    return run(arguments)


def _no_command(word: str) -> int:
    """Help, version, or the nearest command to what was written."""
    if word in ("-h", "--help"):
        sys.stdout.write(usage())
        return 0
    if word in ("-V", "--version"):
        from .. import __version__

        sys.stdout.write(f"scopedown {__version__}\n")
        return 0
    if not word:
        sys.stderr.write(usage())
    else:
        sys.stderr.write(f"scopedown: {_advice(word)}\n")
    return BAD_INPUT


def _advice(word: str) -> str:
    from difflib import get_close_matches

    from ..report.escape import escape

    shown = escape(word)
    if os.path.exists(word) or "/" in word or word.endswith((".yaml", ".yml", ".json", ".template")):
        return f"'{shown}' is not a command; to check it run: scopedown check {shown}"
    if word.startswith("-"):
        return f"options follow a command: scopedown check {shown}; see 'scopedown --help'"
    close = get_close_matches(word, list(COMMANDS), 1)
    if close:
        return f"'{shown}' is not a command; did you mean '{close[0]}'?"
    return f"'{shown}' is not a command; there are {', '.join(COMMANDS)}"


def usage() -> str:
    """The text of ``scopedown --help``."""
    lines = [f"  {name:<9}{words}" for name, words in COMMANDS.items()]
    head = "usage: scopedown COMMAND …\n\nIAM least-privilege linter for serverless templates.\n"
    return "\n".join([head, *lines, "", "'scopedown COMMAND --help' shows a command's options", ""])


def silence_stdout() -> None:
    """After a broken pipe: nothing more is written, at the interpreter's end neither."""
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    void = os.open(os.devnull, os.O_WRONLY)
    os.dup2(void, number)
    os.close(void)


def _internal_error(command: str, error: Exception) -> int:
    from ..report.escape import escape

    if os.environ.get("SCOPEDOWN_DEBUG"):
        import traceback

        traceback.print_exception(error)
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    sys.stderr.write(f"scopedown: internal error in {command}: {escape(words)}; {_REPORT}\n")
    return BAD_INPUT
