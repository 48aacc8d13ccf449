"""sam-role-and-policies: what SAM drops without a word when a function names its own Role."""

from __future__ import annotations

from ..rulebook.context import several
from ..template.cloudformation import role_unset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding

# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
DROPPED = ("Policies", "PermissionsBoundary", "AssumeRolePolicyDocument", "RolePath")


def check(context: Context) -> Iterator[Finding]:
    """One finding per function, at the first property that is dropped."""
    stack = context.stack
    for function in stack.functions:
        resource = function.resource
        if resource.type != "AWS::Serverless::Function" or resource.properties is None:
            continue
        guard = role_unset(stack, function.role_node, function.guard).not_()
        guard = guard.and_(function.guard)
        dropped = {
            name: key
            for name in DROPPED
            if (key := resource.properties.key_node(name)) is not None
            and stack.resolver.branches(resource.properties.get(name), guard)
        }
        if guard.is_never or not dropped:
            continue
        certain = function.guard.implies(guard)
        names = list(dropped)
        assert function.role_node is not None
        yield context.finding(
            dropped[names[0]],
            f"SAM ignores {several(names, 4)} of {function.label}, which has a Role of its own",
            resource=function.id,
            path=f"Resources.{function.id}.Properties.{names[0]}",
            guard="" if guard.is_always else guard.display(),
            identity=("property", *names),
            related=[
                (function.role_node, "the Role"),
                *((dropped[name], "ignored too") for name in names[1:]),
            ],
            severity=None if certain else "medium",
        )
