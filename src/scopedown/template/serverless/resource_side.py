"""Resource policies that a service's own keys make: public URLs, shared layers, the policy of a REST API.

https://www.serverless.com/framework/docs/providers/aws/guide/functions#lambda-function-urls
https://www.serverless.com/framework/docs/providers/aws/guide/layers
https://www.serverless.com/framework/docs/providers/aws/events/apigateway#resource-policy
"""

from __future__ import annotations

from ...iam.policy import Carrier, read_document
from ...source.tree import Mapping, Scalar, Sequence
from ...values.guard import ALWAYS
from .generated_ids import auth_type, layer_id
from .packaged import Written
from .service import at, is_truthy, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...iam.policy import Statement
    from ...source.tree import Node
    from ..stack import Resource
    from ..whole import Whole
    from .packaged import Packaged

    Add = Callable[[Resource, dict[str, Any] | None, Node | None, str], None]


def read(whole: Whole, add: Add) -> list[Statement]:
    """Hands the statements of URLs and layers to ``add``.

    Args:
        whole: of a service.
        add: takes a resource, a statement, where its cause is written, and the path of that.

    Returns:
        The statements that the author wrote for the REST API.
    """
    packaged = whole.stack.packaged
    assert packaged is not None
    _urls(whole, packaged, add)
    _layers(whole, packaged, add)
    return _api(whole, packaged)


def _urls(whole: Whole, packaged: Packaged, add: Add) -> None:
    """A URL open to everybody has a permission, in osls a second one; before version 3 there are none."""
    framework = packaged.service.framework
    if framework.semantics < 3:
        return
    for function in packaged.service.functions:
        resource = whole.stack.resources.get(function.id)
        if resource is None or not is_truthy(function.get("url")) or auth_type(function) != "NONE":
            continue
        target = {"Ref": function.id}
        permissions = [("lambda:InvokeFunctionUrl", "StringEquals", "lambda:FunctionUrlAuthType", "NONE")]
        if framework.name == "osls":
            permissions.append(("lambda:InvokeFunction", "Bool", "lambda:InvokedViaFunctionUrl", "true"))
        for action, operator, key, value in permissions:
            statement = _allow(action, target, "*") | {"Condition": {operator: {key: value}}}
            add(resource, statement, function.place("url"), f"{function.path}.url")


def _layers(whole: Whole, packaged: Packaged, add: Add) -> None:
    """The accounts that may use a layer."""
    layers = packaged.service.root.get("layers")
    for key, layer in layers.entries if isinstance(layers, Mapping) else ():
        id = layer_id(key.value)
        resource = whole.stack.resources.get(id)
        for number, account in enumerate(items(at(layer, "allowedAccounts"))):
            if resource is not None:
                everybody = isinstance(account, Scalar) and account.value == "*"
                principal: Any = "*" if everybody else {"AWS": account}
                statement = _allow("lambda:GetLayerVersion", {"Ref": id}, principal)
                add(resource, statement, account, f"layers.{key.value}.allowedAccounts[{number}]")


def _api(whole: Whole, packaged: Packaged) -> list[Statement]:
    """The policy of the REST API: the newer key wins over the older one."""
    if whole.stack.resources.get("ApiGatewayRestApi") is None:
        return []
    for steps in (("apiGateway", "resourcePolicy"), ("resourcePolicy",)):
        node = at(packaged.service.provider, *steps)
        path = "provider." + ".".join(steps)
        if isinstance(node, Sequence):
            part = Written("provider", node, path)
            carrier = Carrier("resource-policy", "provider", part.document, path, ALWAYS)
            statements = read_document(part.document, whole.stack.resolver, carrier)
            for number, statement in enumerate(statements):
                statement.path = f"{path}[{number}]"
            return statements
        if node is not None and is_truthy(node):
            whole.note("resource policy", "it is no list that is known here", node, "provider", path)
            return []
    return []


def _allow(action: str, resource: Any, principal: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Principal": principal}
