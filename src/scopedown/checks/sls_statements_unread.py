"""sls-statements-unread: IAM settings of a service that its framework never reads."""

from __future__ import annotations

from ..source.tree import Mapping
from ..template.serverless.roles import PLUGIN, has_plugin
from ..template.serverless.service import at, is_truthy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding
    from ..source.tree import Node
    from ..template.serverless.packaged import Packaged
    from ..template.serverless.service import Service

    Unread = tuple[Node, str, str, str]

# The older key, and the newer one that wins over it without a word.
# https://www.serverless.com/framework/docs/deprecations#grouping-iam-settings-under-provideriam
_OLDER = {
    "iamRoleStatements": ("iam", "role", "statements"),
    "iamManagedPolicies": ("iam", "role", "managedPolicies"),
}


def check(context: Context) -> Iterator[Finding]:
    """One finding per setting that is not read."""
    packaged = context.stack.packaged
    if packaged is None:
        return
    for node, path, owner, reason in (*_of_provider(packaged), *_of_functions(packaged.service)):
        yield context.finding(
            node,
            f"{path.rpartition('.')[2]} of {owner} is never deployed: {reason}",
            resource=owner,
            path=path,
            identity=("setting", path.rpartition(".")[2]),
        )


def _of_provider(packaged: Packaged) -> Iterator[Unread]:
    service = packaged.service
    provider = service.provider
    for old, new in _OLDER.items():
        key = provider.key_node(old)
        if key is not None and is_truthy(provider.get(old)) and is_truthy(at(provider, *new)):
            yield key, f"provider.{old}", "provider", f"provider.{'.'.join(new)} wins over it"
    if "IamRoleLambdaExecution" in packaged.roles or not service.functions:
        return
    for steps in (("iamRoleStatements",), ("iam", "role", "statements")):
        parent = at(provider, *steps[:-1]) if len(steps) > 1 else provider
        key = parent.key_node(steps[-1]) if isinstance(parent, Mapping) else None
        if key is not None and is_truthy(at(provider, *steps)) and not _per_function(service):
            path = "provider." + ".".join(steps)
            yield key, path, "provider", "the framework makes no role of its own for this service"


def _per_function(service: Service) -> bool:
    """Whether functions copy the provider's statements although there is no role of the provider's."""
    return service.framework.is_v4 and at(service.provider, "iam", "role", "mode") is not None


def _of_functions(service: Service) -> Iterator[Unread]:
    if service.framework.is_v4:
        return
    for function in service.functions:
        key = function.node.key_node("iamRoleStatements")
        if key is not None and not has_plugin(service):
            reason = f"the plugin {PLUGIN} is not listed"
            yield key, f"{function.path}.iamRoleStatements", function.name, reason
        key = function.node.key_node("iam")
        if key is not None and isinstance(function.get("iam"), Mapping):
            reason = f"{service.framework} does not read it, version 4 of the Serverless Framework does"
            yield key, f"{function.path}.iam", function.name, reason
