"""sls-role-reference: a provider role given as ``Ref``, which the framework takes for settings."""

from __future__ import annotations

from ..source.tree import Mapping
from ..template.serverless.service import at
from ..values.intrinsics import scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding


def check(context: Context) -> Iterator[Finding]:
    """One finding where provider.iam.role is a Ref."""
    packaged = context.stack.packaged
    role = at(packaged.service.provider, "iam", "role") if packaged is not None else None
    if isinstance(role, Mapping) and role.get("Ref") is not None:
        name = scalar(role.get("Ref"))
        yield context.finding(
            role,
            f"the framework ignores the reference to {name} and makes its default role instead",
            resource="provider",
            path="provider.iam.role",
            identity=("reference", name),
            note=f"write the name {name}, or Fn::GetAtt: [{name}, Arn]",
        )
