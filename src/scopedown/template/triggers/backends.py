"""Databases and caches of a stack that take a limited number of connections, and which functions connect.

A function connects where its environment holds an endpoint, or where it runs in a VPC and its security
group or a secret leads to the backend. What goes through an RDS Proxy or the Data API holds no connection of
its own.
"""

from __future__ import annotations

from ...source.tree import Mapping
from ...values.guard import ALWAYS
from ...values.text import Hole
from .invocation import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...source.tree import Node
    from ...values.text import Text
    from ..stack import Function, Resource, Stack

# Each with the property that lists its security groups.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
_TYPES = {
    "AWS::RDS::DBInstance": "VPCSecurityGroups",
    "AWS::RDS::DBCluster": "VpcSecurityGroupIds",
    "AWS::DocDB::DBCluster": "VpcSecurityGroupIds",
    "AWS::Neptune::DBCluster": "VpcSecurityGroupIds",
    "AWS::Redshift::Cluster": "VpcSecurityGroupIds",
    "AWS::ElastiCache::CacheCluster": "VpcSecurityGroupIds",
    "AWS::ElastiCache::ReplicationGroup": "SecurityGroupIds",
    "AWS::MemoryDB::Cluster": "SecurityGroupIds",
}
_MEMBERS = ("AWS::DocDB::DBInstance", "AWS::Neptune::DBInstance")


class Backends:
    """The connection-limited backends of one stack."""

    __slots__ = ("_by_group", "_by_secret", "_stack", "ids")

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.ids = {
            id
            for id, resource in stack.resources.items()
            if resource.type in _TYPES or resource.type in _MEMBERS
        }
        self._by_group: dict[str, str] = {}
        self._by_secret: dict[str, str] = {}
        # Behind a proxy only an endpoint of the database itself is a connection of its own.
        if self.ids and not stack.of_type("AWS::RDS::DBProxy"):
            self._read_groups()
            self._read_secrets()

    def reached_by(self, function: Function) -> str | None:
        """The backend that a function connects to, None where nothing shows one."""
        if not self.ids:
            return None
        holes = [
            part
            for elements in function.environment.values()
            for element in elements
            for part in element.origin.parts
            if isinstance(part, Hole)
        ]
        for hole in holes:
            # Ref of a database is its name, as the RDS API wants it; only an endpoint is for connecting.
            if hole.resource in self.ids and "endpoint" in hole.attribute.lower():
                return hole.resource
        groups = list(self._groups_of(function))
        for group in groups:
            if group in self._by_group:
                return self._by_group[group]
        for hole in holes if groups else ():
            secret = hole.identity if "MasterUserSecret" in hole.attribute else hole.resource
            if secret in self._by_secret:
                return self._by_secret[secret]
        return None

    def _groups_of(self, function: Function) -> Iterator[str]:
        for config in function.properties.all("VpcConfig"):
            for block, guard in self._stack.resolver.branches(config, function.guard):
                if isinstance(block, Mapping):
                    for element in self._stack.resolver.elements(block.get("SecurityGroupIds"), guard):
                        yield _group(element.origin)

    def _keys(self, node: Node | None) -> list[str]:
        return [_group(element.origin) for element in self._stack.resolver.elements(node)]

    def _read_groups(self) -> None:
        """A backend's own groups, and those that its groups let in."""
        for resource in self._stack.of_type(*_TYPES):
            if resource.properties is not None:
                for key in self._keys(resource.properties.get(_TYPES[resource.type])):
                    self._by_group.setdefault(key, resource.id)
        own = dict(self._by_group)
        for resource in self._stack.of_type("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"):
            for target, source in self._ingress(resource):
                if target in own:
                    self._by_group.setdefault(source, own[target])

    def _ingress(self, resource: Resource) -> Iterator[tuple[str, str]]:
        properties = resource.properties
        if properties is None:
            return
        if resource.type == "AWS::EC2::SecurityGroupIngress":
            for target in self._keys(properties.get("GroupId")):
                for source in self._keys(properties.get("SourceSecurityGroupId")):
                    yield target, source
            return
        members = self._stack.resolver.members(properties.get("SecurityGroupIngress"), ALWAYS)
        for member, _ in members:
            if isinstance(member, Mapping):
                for source in self._keys(member.get("SourceSecurityGroupId")):
                    yield resource.id, source

    def _read_secrets(self) -> None:
        for resource in self._stack.of_type("AWS::SecretsManager::SecretTargetAttachment"):
            if resource.properties is not None:
                for target in self._keys(resource.properties.get("TargetId")):
                    if target in self.ids:
                        for secret in self._keys(resource.properties.get("SecretId")):
                            self._by_secret[secret] = target
        for id in self.ids:
            self._by_secret[f"{id}.MasterUserSecret.SecretArn"] = id


def _group(text: Text) -> str:
    """One key for Ref and GetAtt GroupId of the same security group."""
    return key_of(text)
