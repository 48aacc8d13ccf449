"""Suggestions for a role that functions of a service share: what a role of the function's own would hold.

https://www.serverless.com/framework/docs/providers/aws/guide/iam and
https://github.com/functionalone/serverless-iam-roles-per-function
"""

from __future__ import annotations

from ..template.serverless import per_function, roles
from ..template.serverless.naming import ROLE
from ..template.serverless.packaged import MadeRole, Said, Written
from ..template.serverless.statements import own as own_statements
from . import dialect, render
from .original import long_form
from .splitting import Own, Splits
from .suggestion import Suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..template.serverless.service import Declared, Service
    from ..template.stack import Role, Stack

_splits: list[Splits] = []  # of the role asked for last: its functions are asked for one by one


def suggest(stack: Stack, role: Role, owner: str | None) -> Suggestion | None:
    """The role that one of the functions should have of its own.

    Args:
        stack: the template of a service.
        role: the role that the framework makes for several functions.
        owner: the function's name.

    Returns:
        A suggestion of tier weak, or of tier none where the template hands nothing to the function; None for
        a role that the framework does not make.
    """
    packaged = stack.packaged
    made = packaged.roles.get(role.key) if packaged is not None else None
    function = next((user[0] for user in role.functions if user[0].resource.owner == owner), None)
    declared = packaged.service.function(owner) if packaged is not None and owner is not None else None
    if packaged is None or made is None or function is None or declared is None:
        return None
    keys = _keys(packaged.service)
    if not _splits or _splits[0].stack is not stack or _splits[0].role is not role:
        _splits[:] = [Splits(stack, role)]
    if role.statements and not _splits[0].tells:
        place = ".".join(keys)
        note = f"the service does not show who uses what; statements of a function's own go in {place}"
        return Suggestion("none", None, [], "", note=_with_plugin(packaged.service, note))
    own = _splits[0].own(function)
    added = _added(stack, declared, own)
    _keep_others(stack, made, own)
    statements = [*own.sure, *added, *own.kept]
    said = [_authored(own, each) for each in statements]
    text = _text(stack, made, said, [*declared.path.split("."), *keys])
    note = _note(stack, made, declared, own)
    tier = "weak" if own.sure or added else "none"
    unproven = list(dict.fromkeys(own.unproven))
    return Suggestion(tier, None, statements, text, own.needs, own.removed, unproven, note)


def _keys(service: Service) -> list[str]:
    """Under which keys a function's own statements stand."""
    return ["iam", "role", "statements"] if per_function.is_built_in(service) else [_OLD]


_OLD = "iamRoleStatements"


def _needs_plugin(service: Service) -> bool:
    return not roles.has_plugin(service) and not per_function.is_built_in(service)


def _with_plugin(service: Service, note: str) -> str:
    return f"{note} (plugin {roles.PLUGIN})" if _needs_plugin(service) else note


def _added(stack: Stack, declared: Declared, own: Own) -> list[dict[str, Any]]:
    """What the framework adds to the shared role for a function, and the plugin does not to its own."""
    packaged = stack.packaged
    if packaged is None or per_function.is_built_in(packaged.service):
        return []
    here, there = (MadeRole(ROLE, declared.name, declared.key, declared.path) for _ in range(2))
    own_statements.of_version_four(packaged, here, declared)
    own_statements.of_plugin(packaged, there, declared)
    granted = [_names(each) for each in there.policies if isinstance(each, Said)]
    found = []
    for each in here.policies:
        names = _names(each) if isinstance(each, Said) else set()
        if not isinstance(each, Said) or each.name == "logs" or any(map(names.issubset, granted)):
            continue
        statement = long_form(each.node)
        if statement.get("Effect") == "Allow" and statement not in found:
            said = long_form(each.node, packaged.service.variables.written)
            own.said[repr(statement)] = said
            found.append(statement)
    return found


def _keep_others(stack: Stack, made: MadeRole, own: Own) -> None:
    """Keeps what other plugins add to the shared role, for whichever function it may be."""
    packaged = stack.packaged
    if packaged is None:
        return
    known = ("provider", "service", *(f"{each.path}." for each in packaged.service.functions))
    found = []
    for part in made.policies:
        if isinstance(part, Said) and part.name != "logs" and not part.path.startswith(known):
            statement = long_form(part.node)
            if statement.get("Effect") == "Allow":
                found.append(statement)
                own.unproven += sorted(_names(part))
    own.kept[:0] = found


def _names(said: Said) -> set[str]:
    listed = said.value.get("Action", ()) if isinstance(said.value, dict) else ()
    return {listed} if isinstance(listed, str) else {str(name) for name in listed}


def _authored(own: Own, value: Any) -> Any:
    """The same as its author would write it."""
    if repr(value) in own.said:
        return own.said[repr(value)]
    if isinstance(value, dict):
        return {key: _authored(own, each) for key, each in value.items()}
    return [_authored(own, each) for each in value] if isinstance(value, list) else value


def _text(stack: Stack, made: MadeRole, statements: list[dict[str, Any]], keys: list[str]) -> str:
    service = stack.packaged.service if stack.packaged is not None else None
    style = _style(stack, made)
    text = render.below_text(keys, dialect.spoken(stack, statements), style)
    if service is None or not _needs_plugin(service) or style.json:
        return text.replace("\n", stack.document.newline)
    dash = " " * style.hang + "- "
    return f"plugins:\n{dash}{roles.PLUGIN}\n{text}".replace("\n", stack.document.newline)


def _style(stack: Stack, made: MadeRole) -> render.Style:
    """The style of the provider's statements, in the file of the service."""
    from ..source.tree import Mapping

    for part in made.policies:
        first = part.node.items[0] if isinstance(part, Written) and part.node.items else None
        if isinstance(first, Mapping) and first.entries:
            style = dialect.style_of(stack, first)
            break
    else:
        style = render.Style()
    style.format = stack.document.format
    style.json = style.format == "json"
    return style


def _note(stack: Stack, made: MadeRole, declared: Declared, own: Own) -> str:
    service = stack.packaged.service if stack.packaged is not None else None
    assert service is not None
    notes = []
    if own.removed:
        notes.append(f"leaves out what only other functions are handed; add of it what {declared.name} calls")
    if _needs_plugin(service) and (service.plugins or stack.document.format != "yaml"):
        notes.append(f"add {roles.PLUGIN} to plugins")
    if any(isinstance(part, Written) for part in made.managed):
        notes.append("managed policies of the provider do not come along")
    place = next((part.path for part in made.policies if isinstance(part, Written)), "")
    if place:
        notes.append(f"once every function has its own, {place} can go")
    return "; ".join(notes)
