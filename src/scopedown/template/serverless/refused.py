"""What the framework refuses to package, although it can be read: a packaged service comes in, notes go out.

Such a service is read all the same, as it stands, but what is said of it is not what is deployed. Settings
that break the framework's schema stop osls 4, and others where ``configValidationMode`` is "error"
(https://www.serverless.com/framework/docs/configuration-validation).
"""

from __future__ import annotations

from ...source.tree import Mapping, Scalar, Sequence
from ...values.intrinsics import call
from .naming import ROLE
from .roles import has_plugin, role_settings
from .service import at, is_null, is_truthy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Node
    from .packaged import Packaged
    from .service import Service

# How a role that exists already may be written, by the schema (CloudFormation ARNs and imports).
_ROLES = ("Fn::GetAtt", "Fn::Sub", "Fn::ImportValue")
_EITHER = (("Action", "NotAction"), ("Resource", "NotResource"))


def add(packaged: Packaged) -> None:
    """Notes what the framework refuses in a service."""
    service = packaged.service
    framework = service.framework
    name = service.root.get("service")
    if isinstance(name, Mapping) and call(name) is None and framework.known and framework.semantics == 3:
        _note(packaged, "a service that is no name", service.root.key_node("service"), "service")
    iam = at(service.provider, "iam")
    # It is looked into only where the default role is made; osls takes it for no role at all.
    if framework.name != "osls" and framework.semantics in (2, 3) and ROLE in packaged.roles:
        key = iam.key_node("role") if isinstance(iam, Mapping) else None
        if key is not None and is_null(at(iam, "role")):
            _note(packaged, "provider.iam.role without a value", key, "provider.iam.role")
    if has_plugin(service):
        for function in service.functions:
            if function.has("iamRoleStatements") and is_truthy(function.get("disableLogs")):
                path = f"{function.path}.disableLogs"
                what = "disableLogs beside iamRoleStatements"
                _note(packaged, what, function.place("disableLogs"), path, function.name, "the plugin")
    if framework.is_v4 and service.root.get("stages") is not None:
        _note(packaged, "params beside stages", service.root.key_node("params"), "params")
    if _is_strict(service):
        _schema(packaged)


def _is_strict(service: Service) -> bool:
    """Whether settings that break the schema stop the framework; version 1 has no schema."""
    framework = service.framework
    mode = service.root.get("configValidationMode")
    said = mode.value if isinstance(mode, Scalar) else ""
    if framework.name == "osls" and framework.major >= 4:
        return said not in ("warn", "off")
    return framework.semantics > 1 and said == "error"


def _schema(packaged: Packaged) -> None:
    """Notes what breaks the schema, as far as it is about permissions."""
    service = packaged.service
    provider, framework = service.provider, service.framework
    role = role_settings(service)
    function = call(role) if role is not None else None
    if function is not None and function[0] not in (*_ROLES, "Fn::Variable"):
        _note(packaged, f"a role by {function[0]}", role, "provider.iam.role")
    for path, node in (
        ("provider.iam.role.statements", at(provider, "iam", "role", "statements")),
        ("provider.iamRoleStatements", provider.get("iamRoleStatements")),
    ):
        _statements(packaged, node, path)
    if framework.name == "osls" and framework.major >= 4:
        _note(packaged, "provider.eventBridge", provider.key_node("eventBridge"), "provider.eventBridge")
    if framework.is_v4 or has_plugin(service):
        return
    for each in service.functions:
        if each.has("iamRoleStatements"):
            path = f"{each.path}.iamRoleStatements"
            what = "iamRoleStatements without its plugin"
            _note(packaged, what, each.place("iamRoleStatements"), path, each.name)


def _statements(packaged: Packaged, node: Node | None, path: str) -> None:
    """Notes statements that are none by the schema: not a mapping, or without one of what they need."""
    for number, item in enumerate(node.items if isinstance(node, Sequence) else ()):
        place = f"{path}[{number}]"
        if not isinstance(item, Mapping):
            _note(packaged, "a statement that is no mapping", item, place)
        elif (function := call(item)) is not None:
            if function[0] != "Fn::Variable":
                _note(packaged, f"{function[0]} in place of a statement", item, place)
        elif item.key_node("Effect") is None:
            _note(packaged, "a statement without Effect", item, place)
        else:
            for one, other in _EITHER:
                keys = [key for key in (one, other) if item.key_node(key) is not None]
                if len(keys) != 1:
                    what = f"a statement with {one} and {other}" if keys else f"a statement without {one}"
                    _note(packaged, what, item.key_node(other) or item, place)


def _note(
    packaged: Packaged, what: str, node: Node | None, path: str, owner: str | None = None, who: str = ""
) -> None:
    if node is not None:
        who = who or str(packaged.service.framework)
        packaged.note(what, f"{who} refuses it, so nothing is deployed", node, owner, path)
