"""Sections of version 4 with roles: agents, gateways and what belongs to them, and sandboxes.

A role is an ARN, the logical id of one in ``resources``, an expression, or settings of a role to be made.
https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml
"""

from __future__ import annotations

from ....source.tree import Mapping, Node, Scalar, Sequence
from ....values.intrinsics import call
from ..naming import normalized
from ..packaged import MadeRole, Written
from ..service import at, is_null, is_truthy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..packaged import Packaged

# Section: the type of resource it makes, the property that names its role, and what the role is for.
_KINDS = {
    "agents": ("AWS::BedrockAgentCore::Runtime", "RoleArn"),
    "gateways": ("AWS::BedrockAgentCore::Gateway", "RoleArn"),
    "memory": ("AWS::BedrockAgentCore::Memory", "MemoryExecutionRoleArn"),
    "browsers": ("AWS::BedrockAgentCore::BrowserCustom", "ExecutionRoleArn"),
    "codeInterpreters": ("AWS::BedrockAgentCore::CodeInterpreterCustom", "ExecutionRoleArn"),
}
_SANDBOX = ("buildRole", "executionRole")
_SETTINGS = {"name": "RoleName", "path": "Path", "permissionsBoundary": "PermissionsBoundary"}


def add(packaged: Packaged) -> None:
    """Adds the roles that are written, and the resources that use them."""
    root = packaged.service.root
    made: list[MadeRole] = []
    for kind, (type, property) in _KINDS.items():
        section = at(root, "ai", kind)
        for key, node in section.entries if isinstance(section, Mapping) and call(section) is None else ():
            path = f"ai.{kind}.{key.value}"
            id = f"{normalized(key.value)}{kind[:1].upper()}{kind[1:]}"
            arn = _role(packaged, f"{id}Role", at(node, "role"), f"{path}.role", key, made)
            packaged.add(id, type, {property: arn}, key)
    boxes = root.get("sandboxes")
    for key, node in boxes.entries if isinstance(boxes, Mapping) and call(boxes) is None else ():
        for name in _SANDBOX:
            path = f"sandboxes.{key.value}.iam.{name}"
            id = f"{normalized(key.value)}Sandbox{name[:1].upper()}{name[1:]}"
            _role(packaged, id, at(node, "iam", name), path, key, made)
    if made:
        first = made[0]
        reason = "what the framework itself adds to roles of ai and sandboxes is not known here"
        packaged.note("role", reason, first.cause, None, first.path)


def _role(
    packaged: Packaged, id: str, node: Node | None, path: str, key: Scalar, made: list[MadeRole]
) -> Any:
    """A value for the property that names the role; the role is made where none is given."""
    if isinstance(node, Scalar) and not is_null(node):
        return node if node.value.startswith("arn:") else {"Fn::GetAtt": [node.value, "Arn"]}
    if isinstance(node, Mapping) and call(node) is not None:
        return node
    owner = path.removesuffix(".role")
    role = MadeRole(id, owner, key, path, owner)
    role.services = ["bedrock-agentcore.amazonaws.com"]
    if path.startswith("sandboxes."):
        role.services = ["lambda.amazonaws.com"]
    for name, property in _SETTINGS.items():
        value = at(node, name)
        if value is not None and is_truthy(value):
            role.properties[property] = value
    for name in ("statements", "managedPolicies"):
        value = at(node, name)
        if isinstance(value, Sequence):
            part = Written(owner, value, f"{path}.{name}")
            (role.policies if name == "statements" else role.managed).append(part)
        elif value is not None and is_truthy(value):
            reason = "they are no list that is known here"
            packaged.note(name, reason, value, owner, f"{path}.{name}")
    made.append(role)
    return {"Fn::GetAtt": [packaged.add_role(role).id, "Arn"]}
