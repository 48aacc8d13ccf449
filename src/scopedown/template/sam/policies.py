"""Resource policies that SAM writes: of APIs, of function URLs without authorization, and of connectors.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-resourcepolicystatement.html
"""

from __future__ import annotations

from ...source.tree import Mapping, Node, Scalar, Sequence
from ...values.intrinsics import scalar
from ..stack import Properties
from .reading import global_properties

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..stack import Resource
    from ..whole import Whole

    Add = Callable[[Resource, dict[str, Any] | None, Node | None, str], None]

_INVOKE = "execute-api:Invoke"
_VPC = {"Vpc": "aws:SourceVpc", "Vpce": "aws:SourceVpce"}


def read(whole: Whole, resource: Resource, add: Add) -> None:
    """Hands every statement that SAM writes for a resource to ``add``."""
    if resource.type == "AWS::Serverless::Api":
        _api(whole, resource, add)
    elif resource.type == "AWS::Serverless::Function":
        _url(whole, resource, add)
    _connected(whole, resource, add)


def _url(whole: Whole, resource: Resource, add: Add) -> None:
    """A function URL open to everybody has two permissions."""
    extra = global_properties(whole.stack, "Function", resource)
    properties = Properties(resource.properties, extra)
    for config in properties.all("FunctionUrlConfig")[::-1]:
        if isinstance(config, Mapping) and (found := config.get("AuthType")) is not None:
            if scalar(found) == "NONE":
                path = f"Resources.{resource.id}.Properties.FunctionUrlConfig"
                target = {"Ref": resource.id}
                for action, operator, key, value in (
                    ("lambda:InvokeFunctionUrl", "StringEquals", "lambda:FunctionUrlAuthType", "NONE"),
                    ("lambda:InvokeFunction", "Bool", "lambda:InvokedViaFunctionUrl", "true"),
                ):
                    condition = {operator: {key: value}}
                    add(resource, _statement("Allow", action, target, "*", condition), found, path)
            return


def _connected(whole: Whole, resource: Resource, add: Add) -> None:
    """Connectors that become a Lambda permission, a queue policy or a topic policy."""
    from ... import catalog
    from . import connectors

    for connection in connectors.connections(resource):
        ends = connectors.ends(whole, connection)
        known = catalog.connector(ends[0][0], ends[1][0])
        if known is not None and known.mechanism != "AWS_IAM_ROLE_MANAGED_POLICY":
            for statement in connectors.statements(*ends, connection.permissions):
                add(resource, statement, connection.key, connection.path)


def _api(whole: Whole, resource: Resource, add: Add) -> None:
    extra = global_properties(whole.stack, "Api", resource)
    for auth in Properties(resource.properties, extra).all("Auth"):
        policy = auth.get("ResourcePolicy") if isinstance(auth, Mapping) else None
        if isinstance(policy, Mapping):
            path = f"Resources.{resource.id}.Properties.Auth.ResourcePolicy"
            for key, value in policy.entries:
                for statement in _statements(key.value, value):
                    add(resource, statement, key, f"{path}.{key.value}")


def _statements(name: str, value: Node) -> list[Any]:
    """The statements of one property of a SAM resource policy.

    The lists of addresses and networks allow everybody first and then deny the rest.
    """
    if name == "CustomStatements":
        listed = value.items if isinstance(value, Sequence) else [value]
        return [{k.value: v for k, v in each.entries} for each in listed if isinstance(each, Mapping)]
    # Which methods it covers is not read: the whole API.
    resource = "execute-api:/*"
    if name in ("AwsAccountWhitelist", "AwsAccountBlacklist"):
        effect = "Allow" if name.endswith("Whitelist") else "Deny"
        return [_statement(effect, _INVOKE, resource, {"AWS": value}, None)]
    condition = _condition(name, value)
    if condition is None:
        return []
    allow = _statement("Allow", _INVOKE, resource, "*", None)
    return [allow, _statement("Deny", _INVOKE, resource, "*", condition)]


def _condition(name: str, value: Node) -> dict[str, Any] | None:
    allowed = name.endswith("Whitelist")
    subject = name.removesuffix("Whitelist" if allowed else "Blacklist")
    operator = ("IpAddress", "NotIpAddress")[allowed]
    if subject != "IpRange":
        operator = ("StringEquals", "StringNotEquals")[allowed]
    if subject == "IpRange":
        return {operator: {"aws:SourceIp": value}}
    if subject in ("IntrinsicVpc", "IntrinsicVpce"):
        return {operator: {_VPC[subject.removeprefix("Intrinsic")]: value}}
    if subject == "SourceVpc" and isinstance(value, Sequence):
        keys: dict[str, list[Node]] = {}
        for item in value.items:
            kind = "Vpce" if isinstance(item, Scalar) and item.value.startswith("vpce-") else "Vpc"
            keys.setdefault(_VPC[kind], []).append(item)
        return {operator: keys}
    return None


def _statement(effect: str, action: str, resource: Any, principal: Any, condition: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": action, "Resource": resource, "Principal": principal}
    return statement | ({"Condition": condition} if condition else {})
