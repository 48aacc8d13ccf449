"""What the framework deploys for a service: resources that it generates, laid under those of the author.

The result is a located CloudFormation template: whatever the author wrote in it is the author's own node,
what the framework adds stands where its cause stands.
"""

from __future__ import annotations

from ...source.tree import Mapping, Node, Scalar, Sequence
from ..grown import grow
from .merging import mapping, merge, sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .service import Service
    from .statements.custom_resources import CustomResource

_SECTIONS = ("Parameters", "Mappings", "Conditions", "Transform", "Outputs", "Rules", "Metadata")
_EXTENDED = ("Condition", "CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")


class Written:
    """Statements that the author wrote for one or several roles.

    Args:
        owner: "provider" or the name of the function.
        node: the list of statements.
        path: where it stands.
    """

    __slots__ = ("document", "node", "owner", "path")

    def __init__(self, owner: str, node: Sequence, path: str) -> None:
        self.owner = owner
        self.node = node
        self.path = path
        # What a policy document would be around it, for those who ask a carrier for its document.
        key = Scalar(node.document, node.start, node.start, "Statement")
        self.document = mapping(node, [(key, node)])


class Said:
    """A statement or a managed policy that the framework adds, with the setting that causes it."""

    __slots__ = ("cause", "name", "node", "path", "value")

    def __init__(self, value: Any, cause: Node, path: str, name: str) -> None:
        self.value = value
        self.cause = cause
        self.path = path
        self.name = name
        self.node = grow(value, cause)

    @property
    def ids(self) -> set[int]:
        """The identities of its node, and of what it is under conditions."""
        found: set[int] = set()
        waiting = [self.node]
        while waiting:
            node = waiting.pop()
            found.add(id(node))
            either = node.get("Fn::If") if isinstance(node, Mapping) else None
            waiting += either.items[1:] if isinstance(either, Sequence) else []
        return found


class MadeRole:
    """A role that the framework makes.

    Args:
        id: its logical id.
        owner: "provider", the name of a function, or the setting that makes the framework create it.
        cause: where that is written.
        path: the same as keys.
        label: how to speak of it.
        written_by_author: whether the author writes statements of it at all (not for the framework's own).

    ``policies`` holds what its one policy says, in the framework's order; ``managed`` the attached policies:
    lists of the author and policies that the framework adds. ``properties`` are further ones of the resource.
    """

    __slots__ = (
        "cause",
        "condition",
        "id",
        "label",
        "managed",
        "owner",
        "path",
        "policies",
        "policy_name",
        "properties",
        "services",
    )

    def __init__(self, id: str, owner: str, cause: Node, path: str, label: str = "") -> None:
        self.id = id
        self.owner = owner
        self.cause = cause
        self.path = path
        self.label = label or id
        self.policies: list[Written | Said] = []
        self.managed: list[Written | Said] = []
        self.properties: dict[str, Any] = {}
        self.services: list[Any] = ["lambda.amazonaws.com"]
        self.policy_name: Any = "policy"
        self.condition: Node | None = None

    def say(self, statement: dict[str, Any], cause: Node, path: str, name: str = "") -> None:
        """Adds a statement of the framework's; one that it has said already for the same cause too."""
        self.policies.append(Said(statement, cause, path, name))

    def say_once(self, statement: dict[str, Any], cause: Node, path: str, name: str = "") -> None:
        """As ``say``, unless an equal statement is there."""
        said = [each.value for each in self.policies if isinstance(each, Said)]
        written = [node for each in self.policies if isinstance(each, Written) for node in each.node.items]
        if not any(_same(value, statement) for value in (*said, *written)):
            self.say(statement, cause, path, name)

    def attach(self, name: str, cause: Node, path: str) -> None:
        """Attaches an AWS managed policy that the framework attaches, by its path and name."""
        arn = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::aws:policy/{name}"]]}
        self.managed.append(Said(arn, cause, path, name))

    def resource(self) -> Mapping:
        """The role as a resource of the template."""
        statements: list[Any] = []
        for each in self.policies:
            statements += each.node.items if isinstance(each, Written) else [each.node]
        arns: list[Any] = []
        for each in self.managed:
            arns += each.node.items if isinstance(each, Written) else [each.node]
        principal = {"Service": self.services}
        properties: dict[str, Any] = {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole"]}],
            },
        }
        if statements or self.policies:
            document = {"Version": "2012-10-17", "Statement": sequence(self.cause, statements)}
            properties["Policies"] = [{"PolicyName": self.policy_name, "PolicyDocument": document}]
        if arns:
            properties["ManagedPolicyArns"] = sequence(self.cause, arns)
        properties |= self.properties
        resource: dict[str, Any] = {"Type": "AWS::IAM::Role", "Properties": properties}
        if self.condition is not None:
            resource["Condition"] = self.condition
        node = grow(resource, self.cause)
        assert isinstance(node, Mapping)
        return node


def _same(one: Any, two: Any) -> bool:
    """Whether two values say the same; nodes only where they are one node."""
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(_same(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(_same, one, two))
    if isinstance(one, Mapping) and isinstance(two, dict):
        return _same({key.value: value for key, value in one.entries}, two)
    if isinstance(one, Sequence) and isinstance(two, list):
        return _same(one.items, two)
    if isinstance(one, Scalar):
        return one.value == (two.value if isinstance(two, Scalar) else two)
    return one is two or (not isinstance(one, Node) and bool(one == two))


class Packaged:
    """A service as the framework packages it, while it is being put together.

    ``roles`` are the roles that the framework makes, by logical id. ``notes`` holds (what, reason, node,
    owner, path) of what could not be read. ``custom_resources`` are the settings that make the framework
    deploy functions of its own; they run with ``deployment_role`` where the service names one.
    """

    __slots__ = (
        "_resources",
        "custom_resources",
        "deployment_role",
        "notes",
        "roles",
        "service",
        "template",
    )

    def __init__(self, service: Service) -> None:
        self.service = service
        self.roles: dict[str, MadeRole] = {}
        self.notes: list[tuple[str, str, Node, str | None, str]] = []
        self._resources: dict[str, tuple[Scalar, Node]] = {}
        self.custom_resources: list[CustomResource] = []
        self.deployment_role: Node | None = None
        self.template: Mapping = mapping(service.root, ())

    def add(
        self,
        id: str,
        type: str,
        properties: Any,
        cause: Node,
        condition: Node | None = None,
        waits: list[str] | None = None,
    ) -> None:
        """Adds a resource that the framework generates; values in ``properties`` may be nodes.

        ``waits`` are the resources that must be there first.
        """
        resource: dict[str, Any] = {"Type": type}
        if properties:
            resource["Properties"] = properties
        if condition is not None:
            resource["Condition"] = condition
        if waits is not None:
            resource["DependsOn"] = waits
        self._resources[id] = (_key(id, cause), grow(resource, cause))

    def add_role(self, role: MadeRole) -> MadeRole:
        """Adds a role; it becomes a resource when the template is put together."""
        return self.roles.setdefault(role.id, role)

    def note(self, what: str, reason: str, node: Node, owner: str | None, path: str) -> None:
        """Records something that could not be read."""
        self.notes.append((what, reason, node, owner, path))

    def overridden(self, id: str) -> bool:
        """Whether the author's resources or extensions change a generated resource."""
        fragment = self.service.resources
        return any(_has(fragment, section, id) for section in ("Resources", "extensions"))

    def finish(self) -> Mapping:
        """The whole template: what is generated, the author's resources over it, then the extensions."""
        for role in self.roles.values():
            self._resources[role.id] = (_key(role.id, role.cause), role.resource())
        fragment, root = self.service.resources, self.service.root
        generated = mapping(root, self._resources.values())
        own = fragment.get("Resources") if fragment is not None else None
        resources = merge(generated, own) if isinstance(own, Mapping) else generated
        assert isinstance(resources, Mapping)
        extensions = fragment.get("extensions") if fragment is not None else None
        if isinstance(extensions, Mapping):
            resources = self._extended(resources, extensions)
        entries: list[tuple[Scalar, Node]] = [(_key("Resources", root), resources)]
        for section in _SECTIONS:
            key = fragment.key_node(section) if fragment is not None else None
            if fragment is not None and key is not None and (node := fragment.get(section)) is not None:
                entries.append((key, node))
        self.template = mapping(root, entries)
        return self.template

    def _extended(self, resources: Mapping, extensions: Mapping) -> Mapping:
        """The resources with the extensions: properties are replaced one by one, not merged."""
        found = {key.value: (key, node) for key, node in resources.entries}
        # Version 1 makes an empty resource of it.
        refused = "; the framework stops there" if self.service.framework.semantics > 1 else ""
        for key, extension in extensions.entries:
            before = found.get(key.value)
            if before is None or not isinstance(before[1], Mapping):
                reason = f"it extends '{key.value}', which the service does not generate{refused}"
                self.note("extension", reason, key, None, f"resources.extensions.{key.value}")
            elif isinstance(extension, Mapping):
                found[key.value] = (before[0], _extend(before[1], extension))
        return mapping(resources, found.values())


def _extend(resource: Mapping, extension: Mapping) -> Mapping:
    parts = {key.value: (key, node) for key, node in resource.entries}
    for key, value in extension.entries:
        if key.value in _EXTENDED:
            parts[key.value] = (key, value)
        elif key.value in ("Properties", "Metadata") and isinstance(value, Mapping):
            before = resource.get(key.value)
            kept = {k.value: (k, v) for k, v in before.entries} if isinstance(before, Mapping) else {}
            kept |= {k.value: (k, v) for k, v in value.entries}
            parts[key.value] = (key, mapping(before or value, kept.values()))
    return mapping(resource, parts.values())


def _has(fragment: Mapping | None, section: str, id: str) -> bool:
    found = fragment.get(section) if fragment is not None else None
    return isinstance(found, Mapping) and found.get(id) is not None


def _key(id: str, cause: Node) -> Scalar:
    return Scalar(cause.document, cause.start, cause.end, id)
