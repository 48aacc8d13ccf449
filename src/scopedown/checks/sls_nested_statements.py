"""sls-nested-statements: a list inside a list of statements, which the framework passes on as it is."""

from __future__ import annotations

from ..source.tree import Sequence
from ..template.serverless.packaged import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding


def check(context: Context) -> Iterator[Finding]:
    """One finding per list that stands where a statement should."""
    packaged = context.stack.packaged
    made = packaged.roles.values() if packaged is not None else ()
    lists = {id(part): part for role in made for part in role.policies if isinstance(part, Written)}
    for part in lists.values():
        for number, item in enumerate(part.node.items):
            if isinstance(item, Sequence):
                yield context.finding(
                    item.items[0] if item.items else item,
                    f"the statements of {part.owner} hold a list, which IAM refuses",
                    resource=part.owner,
                    path=f"{part.path}[{number}]",
                    identity=("nested", str(number)),
                    related=[(part.node, "the list it is an entry of")],
                )
