"""``scopedown grants``: who can do what; templates come in, access by function and role goes out."""

from __future__ import annotations

import os
import sys

from . import BAD_INPUT
from .arguments import Parser, parameters, services

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Sequence

    from ..report.grants import Block, Wanted
    from ..source.discovery import Discovery, Template
    from ..template.stack import Stack
    from ..values.imports import Exports


def run(argv: Sequence[str]) -> int:
    """Show what functions and roles may do.

    Returns:
        0, or 2 where an input, a name or an action cannot be used.
    """
    parser = build()
    options = _parse(parser, argv)
    from ..report.grants import Wanted, blocks
    from ..report.grants_asked import Asked

    asked = Asked(_action(parser, options.action), options.resource or "")
    wanted = Wanted(options.function, options.role, asked)
    found = _found(options)
    stacks = _stacks(found, options)
    if stacks:
        _check_names(parser, stacks, wanted)
    elif not found.errors:
        where = ", ".join(f"'{path}'" for path in options.paths)
        parser.error(f"no template in {where}; name a template or a folder that holds one")
    if stacks:
        from .check import unknown_parameters

        found.errors += unknown_parameters(options.params)
    told = [block for stack in stacks for block in blocks(stack, wanted)]
    written = _deliver(told, wanted, found, options)
    return 0 if written and not found.errors else BAD_INPUT


def build() -> Parser:
    """The parser, with its help."""
    parser = Parser(
        prog="scopedown grants",
        description="Show what each function and role may do, and where that comes from.",
        epilog="exit codes: 0 shown, 2 bad usage or input, 130 stopped",
        allow_abbrev=False,
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="template, service or folder (default: .); - for stdin"
    )
    what = parser.add_argument_group("what is shown")
    what.add_argument("--function", action="append", metavar="NAME", help="only this function; repeatable")
    what.add_argument(
        "--role", action="append", metavar="NAME", help="only this role, user or group; repeatable"
    )
    what.add_argument("--action", metavar="ACTION", help="who may do this: s3:PutObject, s3:Put*")
    what.add_argument(
        "--resource",
        metavar="RESOURCE",
        help="who may reach this: an ARN, a logical id, a resource's own name",
    )
    what.add_argument(
        "--verbose", "-v", action="store_true", help="AWS managed policies grant by grant, nothing cut"
    )
    read = parser.add_argument_group("what is read")
    read.add_argument("--exclude", action="append", metavar="PATTERN", help="gitignore pattern; repeatable")
    read.add_argument(
        "--param",
        action="append",
        metavar="K=V",
        help="value of a template parameter, or of ${param:K}; repeatable",
    )
    read.add_argument(
        "--parameter-file",
        action="append",
        metavar="FILE",
        help="values of parameters: JSON or lines of K=V; --param wins; repeatable",
    )
    read.add_argument(
        "--config-env",
        default="default",
        metavar="NAME",
        help="environment whose parameter_overrides count, of a samconfig.toml or .yaml beside a template "
        "(default: default)",
    )
    services(read)
    read.add_argument("--root", metavar="DIR", help="read nothing outside this folder")
    read.add_argument("--stdin-filename", metavar="NAME", help="what to call the text on stdin")
    told = parser.add_argument_group("how")
    told.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    told.add_argument("--output", metavar="FILE", help="write to a file instead of standard output")
    told.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    return parser


def _parse(parser: Parser, argv: Sequence[str]) -> Namespace:
    words, after = list(argv), []
    if "--" in words:
        at = words.index("--")
        words, after = words[:at], words[at + 1 :]
    options = parser.parse_intermixed_args(words)
    options.paths = [*options.paths, *after] or ["."]
    options.params = parameters(parser, options.param or [], options.parameter_file or [])
    if "-" in options.paths and len(options.paths) > 1:
        parser.error("'-' (stdin) cannot stand beside other paths; show them in a run of their own")
    if options.root is not None and not os.path.isdir(options.root):
        parser.error(f"--root '{options.root}' is not a folder")
    return options


def _action(parser: Parser, word: str | None) -> str:
    """The action that is asked for, once it is known to be one."""
    from .. import catalog

    if word and not catalog.count(word):
        parser.error(_unknown_action(word))
    return word or ""


def _unknown_action(word: str) -> str:
    from .. import catalog

    prefix, colon, name = word.partition(":")
    if not colon:
        return f"--action '{word}' is not of the form SERVICE:ACTION, as in s3:PutObject"
    service = catalog.service(prefix)
    if service is None:
        known = {prefix: prefix for prefix in catalog.services()}
        return f"--action '{word}': unknown service '{prefix}'{_close(prefix.lower(), known)}"
    names = {action.name.lower(): action.full for action in service.actions.values()}
    return f"unknown action '{word}'{_close(name.lower(), names)}"


def _close(word: str, names: dict[str, str]) -> str:
    from difflib import get_close_matches

    close = [names[key] for key in get_close_matches(word, list(names), 3)]
    return f"; did you mean {' or '.join(repr(one) for one in close)}?" if close else ""


def _found(options: Namespace) -> Discovery:
    from ..source import discovery

    if options.paths != ["-"]:
        return discovery.discover(options.paths, options.exclude or [], False, options.root)
    return discovery.from_text(options.stdin_filename or "<stdin>", sys.stdin.buffer.read())


def _stacks(found: Discovery, options: Namespace) -> list[Stack]:
    """The templates, read, with those that they nest; what cannot be used stands in ``found.errors``."""
    from ..template.nested import children
    from ..values.imports import Exports
    from ..values.parameter_files import beside

    paths, exclude = options.paths, options.exclude or []
    exports = Exports(paths, exclude, False, options.root, options.params) if paths != ["-"] else None
    stacks: list[Stack] = []
    templates = list(found.templates())
    seen = {os.path.realpath(template.path) for template in templates}
    for template in templates:
        given = beside(template, options.params, found.errors, options.config_env)
        stack = _read(found, template, given, exports, options)
        waiting = [stack] if stack is not None else []
        while waiting:
            parent = waiting.pop(0)
            stacks.append(parent)
            for child in children(parent, parent.reader) if parent.reader is not None else ():
                real = os.path.realpath(child.template.path)
                if real not in seen:
                    seen.add(real)
                    below = _read(found, child.template, child.given, exports, options)
                    waiting += [below] if below is not None else []
    return stacks


def _read(
    found: Discovery,
    template: Template,
    given: dict[str, str],
    exports: Exports | None,
    options: Namespace,
) -> Stack | None:
    from ..source.tree import InputError
    from ..template import cloudformation

    service = None
    if template.dialect == "serverless":
        from ..template.serverless.variables.tree import Given

        service = Given(options.stage, given, dict(os.environ) if options.env else None)
    try:
        return cloudformation.read(
            template.document, template.root, template.dialect, given, template.reader, exports, service
        )
    except InputError as error:
        found.errors.append(error)
        return None


def _check_names(parser: Parser, stacks: list[Stack], wanted: Wanted) -> None:
    """Every name that is asked for must be one of the templates."""
    from ..report.grants import all_roles, loose, names_of
    from ..report.grants_spelling import Spelling

    functions = [name for stack in stacks for one in stack.functions for name in (one.label, one.id)]
    roles = [name for stack in stacks for role in all_roles(stack) for name in names_of(role)]
    roles += [owner for stack in stacks for owner in loose(stack)]
    for kind, patterns, names in (("function", wanted.functions, functions), ("role", wanted.roles, roles)):
        for pattern in patterns:
            _require(parser, kind, pattern, names)
    resource = wanted.asked.resource
    if resource and ":" not in resource and "*" not in resource and "${" not in resource:
        known = [name for stack in stacks for name in Spelling(stack).known()]
        _require(parser, "resource", resource, known)


def _require(parser: Parser, kind: str, word: str, names: Iterable[str]) -> None:
    from fnmatch import fnmatchcase

    if any(name == word or fnmatchcase(name, word) for name in names):
        return
    known = {name.lower(): name for name in names}
    close = _close(word.lower(), known)
    some = sorted(set(known.values()))
    listed = f"; there are {', '.join(some[:8])}{', …' if len(some) > 8 else ''}" if some else ""
    parser.error(f"unknown {kind} '{word}'{close or listed}")


def _deliver(told: list[Block], wanted: Wanted, found: Discovery, options: Namespace) -> bool:
    """Write what is told; whether that worked."""
    from . import output

    stream = None if options.output and options.output != "-" else sys.stdout
    if options.format == "json":
        from ..report.grants_json import render as render_json

        text = render_json(told, wanted.asked, found.errors, found.skipped)
    else:
        from ..report.grants_text import render

        text = render(told, wanted.asked, output.screen_for(stream, options.color), options.verbose)
    for path, reason in found.skipped:
        output.tell(f"{path}: skipped: {reason}")
    for error in found.errors:
        output.tell(str(error))
    if not told and options.format == "text" and found.errors:
        return True
    return output.to_file(options.output, text) if stream is None else output.to_stdout(text)
