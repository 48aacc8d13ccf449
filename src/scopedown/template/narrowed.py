"""Carriers under a guard: what brings a policy only under a condition, as a carrier of its own.

A policy that stands for itself may be attached to a role in one branch of an Fn::If only, from either side.
"""

from __future__ import annotations

from ..iam.policy import Carrier, Statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..source.tree import Node
    from ..values.guard import Guard
    from .stack import Role, Stack


def narrowed(carrier: Carrier, statements: list[Statement], guard: Guard) -> tuple[Carrier, list[Statement]]:
    """A carrier and its statements where a guard holds too; the same ones where theirs says so already."""
    if carrier.guard.implies(guard):
        return carrier, statements
    both = carrier.guard.and_(guard)
    copy = Carrier(
        carrier.kind, carrier.owner, carrier.node, carrier.path, both, carrier.name, carrier.element
    )
    return copy, [copied(statement, copy, guard) for statement in statements]


def attachments(stack: Stack) -> dict[tuple[str, int], Guard]:
    """When roles have the policies of the template, by the role's key and the id of the document's node.

    Only what is attached under a condition is worth a word; SAM functions attach in a way of their own.
    """
    principals, resolver = stack.principals, stack.resolver
    found: dict[tuple[str, int], Guard] = {}
    if principals is None:
        return found

    def add(role: Role | None, node: Node | None, guard: Guard) -> None:
        if role is not None and (role.resource is None or role.resource.type == "AWS::IAM::Role"):
            key = role.key, id(node)
            found[key] = found[key].or_(guard) if key in found else guard

    for resource in stack.of_type("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"):
        get = resource.properties.get if resource.properties is not None else lambda name: None
        for name in ("Roles", "RoleName"):
            for element in resolver.elements(get(name), resource.guard):
                add(principals.find(element, stack.roles), get("PolicyDocument"), element.guard)
    for resource in stack.of_type("AWS::IAM::Role"):
        arns = resource.properties.get("ManagedPolicyArns") if resource.properties is not None else None
        for element in resolver.elements(arns, resource.guard):
            own = principals.managed(principals.own_policy(element.text))
            if own is not None:
                add(stack.roles.get(resource.id), own[0].node, element.guard)
    return found


def copied(statement: Statement, carrier: Carrier, guard: Guard) -> Statement:
    """A statement as another carrier brings it, where a guard holds too."""
    found = Statement(statement.node, statement.guard, carrier, statement.path)
    for name in Statement.__slots__:
        setattr(found, name, getattr(statement, name))
    found.carrier = carrier
    found.guard = statement.guard.and_(guard)
    return found
