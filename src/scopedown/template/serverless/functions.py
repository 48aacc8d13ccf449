"""Functions of a service as resources of its template: what rules and suggestions ask a function for."""

from __future__ import annotations

from ...source.tree import Mapping, Node, Scalar
from ...values.intrinsics import call
from .merging import mapping
from .service import at, is_null, is_true, is_truthy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .packaged import Packaged
    from .roles import Roles
    from .service import Declared, Service

# Settings that become a property as they are: the function's own, else the provider's.
_SETTINGS = {
    "runtime": "Runtime",
    "timeout": "Timeout",
    "memorySize": "MemorySize",
    "architecture": "Architectures",
    "kmsKeyArn": "KmsKeyArn",
}


def add(packaged: Packaged, roles: Roles) -> None:
    """Adds every function, its log group and its URL to the template."""
    from .naming import log_group_id

    for function in packaged.service.functions:
        condition = function.get("condition")
        packaged.add(
            function.id,
            "AWS::Lambda::Function",
            _properties(packaged.service, roles, function),
            function.key,
            condition,
        )
        if not is_truthy(function.get("disableLogs")):
            name = packaged.service.function_name(function)
            group = {"LogGroupName": {"Fn::Join": ["", ["/aws/lambda/", name]]}}
            packaged.add(log_group_id(function.name), "AWS::Logs::LogGroup", group, function.key)


def _properties(service: Service, roles: Roles, function: Declared) -> dict[str, Any]:
    value, node, _ = roles.value(function)
    found: dict[str, Any] = {
        "Role": _standing(value, node),
        "FunctionName": service.function_name(function),
    }
    for name, property in _SETTINGS.items():
        given = function.get(name) or service.provider.get(name)
        if given is not None and is_truthy(given):
            found[property] = given
    handler = function.get("handler")
    if handler is not None:
        found["Handler"] = handler
    reserved = function.get("reservedConcurrency")
    if reserved is not None and not is_null(reserved):
        found["ReservedConcurrentExecutions"] = reserved
    target = function.get("onError")
    if target is not None and is_truthy(target):
        found["DeadLetterConfig"] = {"TargetArn": target}
    found |= _environment(service, function) | _network(service, function) | _tracing(service, function)
    return found


def _standing(value: Any, node: Node) -> Any:
    """A value that the framework writes, standing where its cause is written."""
    from ..grown import grow

    return value if isinstance(value, Node) else grow(value, node)


def _environment(service: Service, function: Declared) -> dict[str, Any]:
    """The provider's variables with the function's over them; a block that is not known stays whole."""
    blocks = [service.provider.get("environment"), function.get("environment")]
    given = [block for block in blocks if block is not None and not is_null(block)]
    if not given:
        return {}
    variables: dict[str, tuple[Scalar, Node]] = {}
    for block in given:
        if isinstance(block, Mapping) and call(block) is None:
            variables |= {key.value: (key, value) for key, value in block.entries}
    return {"Environment": {"Variables": mapping(given[-1], variables.values())}}


def _network(service: Service, function: Declared) -> dict[str, Any]:
    own = function.get("vpc")
    if function.has("vpc") and not is_truthy(own):
        return {}
    found = {}
    for name, property in (("securityGroupIds", "SecurityGroupIds"), ("subnetIds", "SubnetIds")):
        node = at(own, name) or at(service.provider, "vpc", name)
        if node is not None:
            found[property] = node
    return {"VpcConfig": found} if len(found) == 2 else {}


def _tracing(service: Service, function: Declared) -> dict[str, Any]:
    mode = function.get("tracing")
    if not is_truthy(mode):
        mode = at(service.provider, "tracing", "lambda")
    if mode is None or not is_truthy(mode):
        return {}
    return {"TracingConfig": {"Mode": "Active" if is_true(mode) else mode}}
