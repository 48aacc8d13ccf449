"""shared-role: functions under one role that grants more than logs, traces and network interfaces."""

from __future__ import annotations

from .. import catalog
from ..rulebook.clauses import aws_managed_name
from ..rulebook.context import several
from ..rulebook.verdict import meet
from ..values.guard import ALWAYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..iam.policy import Carrier, Statement
    from ..rulebook.context import Context
    from ..rulebook.finding import Finding, Unresolved
    from ..source.tree import Node
    from ..template.stack import Function, Role
    from ..values.guard import Guard
    from ..values.text import Text

    User = tuple[Function, Guard, Node]

# AWS managed policies that only let a function run: logs, traces, network interfaces, Lambda Insights.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html#permissions-executionrole-features
PLAIN_POLICIES = frozenset(
    (
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
        "AWSLambdaENIManagementAccess",
        "AWSXRayDaemonWriteAccess",
        "AWSXrayWriteOnlyAccess",
        "CloudWatchLambdaInsightsExecutionRolePolicy",
        "CloudWatchLambdaApplicationSignalsExecutionRolePolicy",
    )
)
PLAIN_SERVICES = ("logs", "xray")


def check(context: Context) -> Iterator[Finding | Unresolved]:
    """One finding per (role, function) that meets another function in the role."""
    made = context.stack.packaged.roles if context.stack.packaged is not None else {}
    for role in context.stack.roles.values():
        if role.key in made:
            continue  # the provider's role of a service is another rule's
        for user, others in sharers(role, _grants):
            missing = _missing(context, role, user[2])
            yield (_nowhere(context, user, missing) if missing else _finding(context, role, user, others))


def sharers(
    role: Role, grants: Callable[[Role, Guard], bool] = lambda role, guard: True
) -> Iterator[tuple[User, list[User]]]:
    """Every function that meets others in a role, with those.

    Args:
        grants: whether the role grants something to share under a guard.
    """
    users = [user for user in _users(role) if not _is_hook(user[0])]
    # Mostly all functions always have the role, and nobody is a helper: then one pair speaks for all.
    alike = all(guard is ALWAYS and not _is_helper(function) for function, guard, _ in users)
    if alike and (len(users) < 2 or not grants(role, ALWAYS)):
        return
    for user in users:
        others = [other for other in users if other is not user]
        if not alike:
            others = [other for other in others if _share(role, user, other, grants)]
        if others:
            yield user, others


def _users(role: Role) -> list[User]:
    """The role's functions, each once, under the guard of all the ways in which it has the role."""
    found: dict[str, User] = {}
    for user in role.functions:
        function, guard, _ = user
        before = found.get(function.id)
        found[function.id] = user if before is None else (function, before[1].or_(guard), before[2])
    return list(found.values())


def _share(role: Role, one: User, two: User, grants: Callable[[Role, Guard], bool]) -> bool:
    """Whether two functions can have the role at the same time, and it then grants something to share.

    Helpers that nothing but custom resources invokes may share a role among themselves: they are one tool.
    """
    both = meet(one[1], two[1])
    if both.is_never or (_is_helper(one[0]) and _is_helper(two[0])):
        return False
    return grants(role, both)


def _is_hook(function: Function) -> bool:
    """Whether a function only tests another's deployment before traffic shifts to it.

    It may have that function's role.
    """
    triggers = function.triggers
    return bool(triggers) and all(".DeploymentPreference.Hooks." in trigger.path for trigger in triggers)


def _is_helper(function: Function) -> bool:
    return bool(function.triggers) and all(trigger.kind == "custom-resource" for trigger in function.triggers)


def _grants(role: Role, guard: Guard) -> bool:
    if role.external:
        return True
    if any(attaches(carrier) and carrier.guard.together(guard) for carrier in role.carriers):
        return True
    return any(
        statement.effect != "Deny" and statement.guard.together(guard) and not is_plain(statement)
        for statement in role.statements
    )


def attaches(carrier: Carrier) -> bool:
    """Whether a carrier is a managed policy that does more than let a function run."""
    return carrier.kind == "managed-arn" and aws_managed_name(carrier) not in PLAIN_POLICIES


def is_plain(statement: Statement) -> bool:
    """Whether a statement grants nothing but logs, traces and network interfaces."""
    if statement.not_actions is not None:
        return False
    return all(_is_plain_action(element.text) for element in statement.actions)


def _is_plain_action(text: Text) -> bool:
    first = text.parts[0]
    service = first.partition(":")[0].lower() if isinstance(first, str) and ":" in first else ""
    if service in PLAIN_SERVICES:
        return True
    matched = catalog.expand(text.literal) if service == "ec2" and text.literal is not None else []
    return bool(matched) and all(action.eni for action in matched)


def _only_lists(role: Role) -> bool:
    """Whether all that a role grants beside logs and traces is to list what there is."""
    managed = any(map(attaches, role.carriers))
    return not role.external and not managed and all(map(_lists, role.statements))


def _lists(statement: Statement) -> bool:
    if statement.effect == "Deny":
        return True
    texts = [element.text for element in statement.actions if not _is_plain_action(element.text)]
    matched = [catalog.expand(text.literal) if text.literal is not None else [] for text in texts]
    lists = all(found and all(action.level == "List" for action in found) for found in matched)
    return statement.not_actions is None and lists


def _finding(context: Context, role: Role, user: User, others: list[User]) -> Finding:
    function, guard, node = user
    names = several([other.label for other, _, _ in others])
    home = role.resource
    there = (home.key, "the role") if home is not None else (others[0][2], f"{others[0][0].label} has it too")
    whole = "service" if context.stack.packaged is not None else "template"
    what = f"its contents are not in this {whole}" if role.external else ""
    return context.finding(
        node,
        f"{function.label} runs under {_label(role, node)}, "
        f"as {'does' if len(others) == 1 else 'do'} {names}",
        resource=function.resource.owner,
        path=_setting(context, function),
        guard=guard.display(),
        identity=("role", role.key),
        related=[there],
        note=what,
        severity="medium" if _only_lists(role) else None,
        cause=role,
    )


def _setting(context: Context, function: Function) -> str:
    """The path of a function's role; a service spells it small."""
    return f"{function.resource.settings}.{'Role' if context.stack.packaged is None else 'role'}"


def _nowhere(context: Context, user: User, missing: str) -> Unresolved:
    function, _, node = user
    reason = f"no resource of the template is named {missing}"
    path = _setting(context, function)
    return context.unresolved(f"role {missing}", reason, node, function.resource.owner, path)


def _missing(context: Context, role: Role, node: Node) -> str:
    """The logical id that a role is named by although the template has no such resource; "" else."""
    if not role.external:
        return ""
    for text, _ in context.stack.resolver.expression(node):
        hole = text.hole
        if hole is not None and hole.kind in ("unknown", "attribute") and hole.resource:
            id = hole.resource
            known = context.stack.resolver.resources
            # SAM makes a role FunctionRole for Function.
            if known is None or not (known.get(id) or known.get(id.removesuffix("Role"))):
                return id
    return ""


def _label(role: Role, node: Node) -> str:
    """What a role is called; where only deployment knows, the expression itself."""
    if not role.external or "${" not in role.label:
        return role.label
    written = node.span.text
    return written if len(written) <= 60 and "\n" not in written else "one role"
