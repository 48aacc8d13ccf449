"""What the framework lets functions write to their logs: a service goes in, statements of a role come out.

https://www.serverless.com/framework/docs/providers/aws/guide/iam
"""

from __future__ import annotations

from ....source.tree import Mapping
from ..service import at, is_truthy
from ..texts import known, substituted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ....source.tree import Node
    from ..framework import Framework
    from ..packaged import MadeRole
    from ..roles import Roles
    from ..service import Declared, Service

LOG_GROUP = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"


def tags_logs(framework: Framework) -> bool:
    """Whether roles may tag log groups: from version 3 on."""
    return framework.semantics >= 3


def of_default(roles: Roles, role: MadeRole) -> None:
    """Adds the statements on logs with which the default role begins."""
    service = roles.service
    prefix = f"{service.name}-{service.stage}"
    denies = service.framework.semantics >= 2
    groups: list[Node | str] = []
    usual: list[Declared] = []
    skipped = False
    for function in service.functions:
        group = _own_group(service, function, prefix)
        if group is None:
            usual.append(function)
        elif (denies and is_truthy(function.get("disableLogs"))) or known(group) in map(known, groups):
            continue
        elif roles.feeds_shared(function):
            groups.append(group)
        else:
            skipped = True
    silent = [each for each in usual if denies and is_truthy(each.get("disableLogs"))]
    # What nobody needs is there nevertheless where functions with their own roles need the rest.
    whole = len(silent) < len(usual) or (skipped and not groups)
    _say_logs(role, service, groups, f"/aws/lambda/{prefix}*" if whole else None)
    if whole and silent:
        _deny_logs(role, service, silent)


def _own_group(service: Service, function: Declared, prefix: str) -> Node | str | None:
    """A function's log group where the general statement does not cover it."""
    name = service.function_name(function)
    if service.framework.is_v4:
        given = function.get("logs", "logGroup")
        if given is not None and is_truthy(given):
            return given
    if known(name).startswith(prefix):
        return None
    return group_of(service, function)


def group_of(service: Service, function: Declared) -> Node | str:
    """The name of the log group that goes by a function's name."""
    name = service.function_name(function)
    after = ""
    if service.framework.is_v4:
        given = function.get("logs", "logGroupClass") or at(
            service.provider, "logs", "lambda", "logGroupClass"
        )
        after = "-ia" if known(given).upper() == "INFREQUENT_ACCESS" else ""
    if isinstance(name, Mapping):
        from ...grown import grow

        return grow({"Fn::Join": ["", ["/aws/lambda/", name, after]]}, function.place("name"))
    return f"/aws/lambda/{known(name)}{after}"


def _say_logs(role: MadeRole, service: Service, groups: list[Node | str], whole: str | None) -> None:
    named = [*groups, *([whole] if whole is not None else [])]
    create = ["logs:CreateLogStream", "logs:CreateLogGroup"]
    create += ["logs:TagResource"] if tags_logs(service.framework) else []
    for actions, after in ((create, ":*"), (["logs:PutLogEvents"], ":*:*")):
        resources = [substituted(LOG_GROUP, group, after) for group in named]
        statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
        role.say(statement, role.cause, role.path, "logs")


def _deny_logs(role: MadeRole, service: Service, functions: list[Declared]) -> None:
    resources = [
        substituted(f"{LOG_GROUP}/aws/lambda/", service.function_name(each), ":*") for each in functions
    ]
    statement = {"Effect": "Deny", "Action": "logs:PutLogEvents", "Resource": resources}
    first = functions[0]
    role.say(statement, first.place("disableLogs"), f"{first.path}.disableLogs", "disableLogs")


def of_function(role: MadeRole, service: Service, function: Declared, deny: bool = False) -> None:
    """Adds the statement on logs with which a function's own role begins.

    Args:
        role: gets it.
        service: the service.
        function: whose role it is.
        deny: whether ``disableLogs`` is heeded.
    """
    group: Node | str | None = None
    if service.framework.is_v4:
        group = function.get("logs", "logGroup") or at(service.provider, "logs", "lambda", "logGroup")
    if group is None or not (isinstance(group, str) or is_truthy(group)):
        group = group_of(service, function)
    resources = [substituted(LOG_GROUP, group, ":*:*")]
    actions = ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:PutLogEvents"]
    role.say({"Effect": "Allow", "Action": actions, "Resource": resources}, role.cause, role.path, "logs")
    if deny and is_truthy(function.get("disableLogs")):
        statement = {"Effect": "Deny", "Action": ["logs:PutLogEvents"], "Resource": resources}
        role.say(statement, function.place("disableLogs"), f"{function.path}.disableLogs", "disableLogs")
