"""SAM reader: AWS::Serverless functions and state machines, their Policies and the roles SAM generates.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from ... import catalog
from ...iam.policy import Carrier, Statement, read_statement
from ...source.tree import Mapping, Node, Scalar, Sequence
from ...values.guard import Guard
from ...values.intrinsics import call, has_wildcard
from ..cloudformation import Principals, add_document, add_function, role_unset
from ..stack import Function, Note, Properties, Resource, Role, Stack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def make_roles(stack: Stack) -> None:
    """Adds the roles that SAM generates for functions and state machines, so that others can name them."""
    for resource in stack.of_type("AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
        guard = role_unset(stack, _properties(stack, resource).get("Role"), resource.guard)
        if not guard.is_never:
            role = Role(f"{resource.id}Role", resource.id, resource, generated=True, guard=guard)
            stack.add_role(role)


def read(stack: Stack, principals: Principals) -> None:
    """Adds the SAM functions to the stack, and their policies to the roles that SAM generates."""
    for resource in stack.of_type("AWS::Serverless::Function"):
        function = Function(resource.id, resource, _properties(stack, resource), resource.guard)
        add_function(stack, function)
        role = generated_role(stack, resource)
        if role is not None:
            node = resource.key
            function.roles.append((role, role.guard, node))
            role.functions.append((function, role.guard, node))
            _read_policies(stack, principals, role, resource)
    for resource in stack.of_type("AWS::Serverless::StateMachine"):
        role = generated_role(stack, resource)
        if role is not None:
            _read_policies(stack, principals, role, resource)


def generated_role(stack: Stack, resource: Resource) -> Role | None:
    """The execution role that SAM makes for a resource, None where the author gives one."""
    role = stack.roles.get(f"{resource.id}Role")
    return role if role is not None and role.resource is resource else None


def _properties(stack: Stack, resource: Resource) -> Properties:
    # Globals.StateMachine knows nothing but PropagateTags.
    is_function = resource.type == "AWS::Serverless::Function"
    return Properties(
        resource.properties, global_properties(stack, "Function", resource) if is_function else None
    )


def global_properties(stack: Stack, section: str, resource: Resource | None = None) -> Mapping | None:
    """A section of Globals, unless the resource opts out of it.

    IgnoreGlobals is a list of property names or "*"; a resource that ignores some keeps the others.
    """
    sections = stack.root.get("Globals")
    found = sections.get(section) if isinstance(sections, Mapping) else None
    if not isinstance(found, Mapping):
        return None
    ignored = resource.node.get("IgnoreGlobals") if resource is not None else None
    if isinstance(ignored, Scalar):
        return None if ignored.value == "*" else found
    if isinstance(ignored, Sequence):
        names = {item.value for item in ignored.items if isinstance(item, Scalar)}
        kept = [pair for pair in found.entries if pair[0].value not in names]
        return Mapping(found.document, found.start, found.end, lambda: (kept, []))
    return found


def _read_policies(stack: Stack, principals: Principals, role: Role, resource: Resource) -> None:
    node = resource.properties.get("Policies") if resource.properties is not None else None
    for number, (policy, guard) in enumerate(stack.resolver.members(node, role.guard)):
        path = f"Resources.{resource.id}.Properties.Policies[{number}]"
        if isinstance(policy, Scalar) or call(policy) is not None:
            for element in stack.resolver.texts(policy, guard):
                principals.attach_managed_arn(role, element, resource.id, path)
        elif isinstance(policy, Mapping):
            if policy.get("Statement") is not None:
                add_document(stack, Carrier("sam-inline", resource.id, policy, path, guard), [role])
            else:
                _read_template(stack, role, resource, policy, guard, path)


def _read_template(
    stack: Stack, role: Role, resource: Resource, policy: Mapping, guard: Guard, path: str
) -> None:
    known = catalog.sam_policy_template(policy.entries[0][0].value) if len(policy.entries) == 1 else None
    if known is None:
        names = ", ".join(key.value for key, _ in policy.entries)
        reason = f"no SAM policy template has this form: {names or 'empty'}"
        stack.notes.append(Note("policy", reason, policy.span, resource.id, path))
        return
    key, given = policy.entries[0]
    carrier = Carrier("sam-template", resource.id, key, path, guard, known.name)
    statements = [_statement(stack, carrier, policy, given, body) for body in known.statements]
    stack.statements += statements
    stack.attach(carrier, role, statements)


def _statement(
    stack: Stack, carrier: Carrier, policy: Mapping, given: Node, body: dict[str, Any]
) -> Statement:
    """A statement of a SAM policy template with the parameters filled in.

    Everything that the template itself says is underlined at its name; a wildcard that the user gave in a
    parameter is underlined where it was given.
    """
    from ..grown import grow

    resolver, guard, name = stack.resolver, carrier.guard, carrier.node
    parameters = _parameters(given)
    node = grow(_filled(body, parameters, carrier.name), name)
    assert isinstance(node, Mapping)
    statement = read_statement(node, resolver, carrier, guard, carrier.path)
    statement.node = policy
    wild = [
        element
        for value in parameters.values()
        for element in resolver.texts(value, guard)
        if has_wildcard(element.text)
    ]
    for element in (*statement.actions, *statement.resources):
        shown = element.text.display()
        causes = [
            each for each in wild if each.text.display() in shown and each.guard.together(element.guard)
        ]
        element.node = causes[0].node if causes else name
    return statement


def _parameters(given: Node) -> dict[str, Node]:
    return {key.value: node for key, node in given.entries} if isinstance(given, Mapping) else {}


def _filled(value: Any, parameters: dict[str, Node], template: str) -> Any:
    """What a SAM policy template says, each Ref to a parameter replaced by what the user gave for it."""
    if isinstance(value, list):
        return [_filled(item, parameters, template) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and isinstance(value.get("Ref"), str) and not value["Ref"].startswith("AWS::"):
        return parameters.get(value["Ref"], {"Ref": f"{template}.{value['Ref']}"})
    return {key: _filled(item, parameters, template) for key, item in value.items()}
