"""SAM reader: AWS::Serverless functions and state machines, their Policies and the roles SAM generates.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from .. import catalog
from ..iam.policy import Carrier, Statement
from ..source.tree import Mapping, Node, Scalar, Sequence
from ..values.guard import Guard
from ..values.intrinsics import call
from ..values.text import Element, Hole, Text, Wildcard
from .cloudformation import Principals, add_document, add_function, role_unset
from .stack import Function, Note, Properties, Resource, Role, Stack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..values.text import Part


def read(stack: Stack, principals: Principals) -> None:
    """Adds the SAM functions and the roles that SAM generates to the stack."""
    for resource in stack.of_type("AWS::Serverless::Function"):
        properties = Properties(resource.properties, global_properties(stack, "Function", resource))
        function = Function(resource.id, resource, properties, resource.guard)
        add_function(stack, function)
        role = _generated_role(stack, resource, properties)
        if role is not None:
            node = resource.key
            function.roles.append((role, role.guard, node))
            role.functions.append((function, role.guard, node))
            _read_policies(stack, principals, role, resource)
    for resource in stack.of_type("AWS::Serverless::StateMachine"):
        role = _generated_role(stack, resource, Properties(resource.properties))
        if role is not None:
            _read_policies(stack, principals, role, resource)
    principals.attach_managed()


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


def _generated_role(stack: Stack, resource: Resource, properties: Properties) -> Role | None:
    guard = role_unset(stack, properties.get("Role"), resource.guard)
    if guard.is_never:
        return None
    role = Role(f"{resource.id}Role", resource.id, resource, generated=True, guard=guard)
    stack.roles[role.key] = role
    return role


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
    expansion = _Expansion(stack, carrier, policy, given)
    statements = [expansion.statement(body) for body in known.statements]
    stack.statements += statements
    stack.attach(carrier, role, statements)


class _Expansion:
    """One use of a SAM policy template.

    Everything that the template itself says is underlined at its name; what the user gave as a parameter
    is underlined where it was given.
    """

    def __init__(self, stack: Stack, carrier: Carrier, policy: Mapping, given: Node) -> None:
        self.stack = stack
        self.carrier = carrier
        self.policy = policy
        self.given = given if isinstance(given, Mapping) else None

    def statement(self, body: dict[str, Any]) -> Statement:
        """A statement of the template with the parameters filled in."""
        carrier = self.carrier
        statement = Statement(self.policy, carrier.guard, carrier, carrier.path)
        statement.effect = body.get("Effect", "Allow")
        statement.actions = [
            Element(Text.of(action), carrier.guard, carrier.node) for action in _listed(body.get("Action"))
        ]
        for resource in _listed(body.get("Resource")):
            statement.resources += self._elements(resource)
        return statement

    def _elements(self, value: Any) -> list[Element]:
        guard, name = self.carrier.guard, self.carrier.node
        if isinstance(value, str):
            return [Element(Text.of(value), guard, name)]
        sub = value.get("Fn::Sub") if isinstance(value, dict) else None
        if not isinstance(sub, list) or len(sub) != 2:
            if isinstance(sub, str):
                return [Element(self._filled(sub, {}), guard, name)]
            return [Element(Text((Hole(str(value), "unknown"),)), guard, name)]
        found = []
        for bound in self._bindings(sub[1]):
            text = self._filled(sub[0], bound)
            wild = [
                element.node
                for element in bound.values()
                if any(isinstance(part, Wildcard) for part in element.text.parts)
            ]
            found.append(Element(text, guard, wild[0] if wild else name))
        return found

    def _bindings(self, names: dict[str, Any]) -> list[dict[str, Element]]:
        bindings: list[dict[str, Element]] = [{}]
        for name, reference in names.items():
            parameter = reference.get("Ref", name) if isinstance(reference, dict) else name
            node = self.given.get(parameter) if self.given is not None else None
            if node is not None:
                values = self.stack.resolver.texts(node, self.carrier.guard)
                bindings = [{**bound, name: value} for bound in bindings for value in values]
        return bindings

    def _filled(self, template: str, bound: dict[str, Element]) -> Text:
        parts: list[Part] = []
        rest = template
        while "${" in rest:
            before, _, rest = rest.partition("${")
            name, _, rest = rest.partition("}")
            parts += Text.of(before).parts
            if name in bound:
                parts += bound[name].text.parts
            elif name.startswith("AWS::"):
                parts.append(Hole(name, "pseudo", display="${" + name + "}"))
            else:
                parts.append(Hole(f"{self.carrier.name}.{name}", "unknown"))
        parts += Text.of(rest).parts
        return Text.join(parts)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
