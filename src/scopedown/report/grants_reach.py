"""The known actions that a grant reaches, fast enough to be asked of every grant of a large template.

A star on named resources is looked up only in the services whose ARNs these can be; expansions are kept.
"""

from __future__ import annotations

from functools import cache

from .. import catalog
from ..iam import access
from ..iam.arn import fields_of
from ..iam.reach import Reach
from ..values.text import Hole, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..iam.access import Grant
    from ..values.text import Element


@cache
def expand(pattern: str) -> tuple[Action, ...]:
    """The actions that an IAM pattern covers."""
    return tuple(catalog.expand(pattern))


def reached(grant: Grant) -> list[Action]:
    """What a grant reaches; an action that is named counts on whatever resource it stands."""
    out = {action.full for element in grant.not_actions for action in _covered(element)}
    named = [catalog.action(element.text.literal or "") for element in grant.actions or ()]
    found = _everything(grant) if access.reaches_everything(grant) else access.reached(grant)
    return [action for action in (*found, *named) if action is not None and action.full not in out]


def _covered(element: Element) -> tuple[Action, ...]:
    literal = element.text.literal
    return expand(literal) if literal is not None else ()


def _everything(grant: Grant) -> list[Action]:
    owners = {_owner(element.text) for element in grant.resources or ()}
    if grant.resources is None or "" in owners:
        meant = list(expand("*"))
    else:
        prefixes = {prefix for owner in owners for prefix in _prefixes().get(owner, ())}
        meant = [action for prefix in sorted(prefixes) for action in expand(f"{prefix}:*")]
    reach = Reach(grant.resources)
    return meant if reach.everything else [action for action in meant if reach.takes_effect(action)]


def _owner(text: Text) -> str:
    """The service that an ARN names in its third field; "" where that is open."""
    first = text.parts[0]
    if isinstance(first, Hole):
        known = catalog.cfn_type(first.type) if first.type else None
        return known.arn.split(":")[2] if known is not None and known.arn and ":" in known.arn else ""
    fields = fields_of(text)
    if fields is None or len(fields[2]) != 1 or not isinstance(fields[2][0], str):
        return ""
    return fields[2][0]


@cache
def _prefixes() -> dict[str, set[str]]:
    """The IAM services that have resources under a service's ARNs: some use those of another one."""
    found: dict[str, set[str]] = {}
    for prefix in catalog.services():
        service = catalog.service(prefix)
        for templates in service.types.values() if service is not None else ():
            for template in templates:
                pieces = template.split(":", 3)
                if len(pieces) == 4:
                    found.setdefault(pieces[2], set()).add(prefix)
    return found
