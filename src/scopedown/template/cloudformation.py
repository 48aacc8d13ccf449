"""CloudFormation reader: a located tree becomes a Stack.

Roles get what every carrier brings them: inline policies, AWS::IAM::Policy, RolePolicy and ManagedPolicy
from either side, and managed policy ARNs. A SAM template goes through the same reader, which hands its
AWS::Serverless resources to ``sam.reading``.
"""

from __future__ import annotations

from ..iam import deny
from ..iam.policy import Carrier, Statement, read_document
from ..source.tree import Document, Mapping, Node, Scalar
from ..values.guard import ALWAYS, NEVER, Guard
from ..values.intrinsics import Resolver, call
from ..values.text import Element, Text
from .stack import Function, Note, Properties, Resource, Role, Stack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..source.reader import Reader
    from ..values.imports import Exports
    from ..values.text import Part
    from .serverless.packaged import Packaged
    from .serverless.variables.tree import Given


def read(
    document: Document,
    root: Mapping,
    dialect: str,
    given: dict[str, str] | None = None,
    reader: Reader | None = None,
    exports: Exports | None = None,
    service: Given | None = None,
) -> Stack:
    """Reads one template.

    Args:
        document: the file.
        root: its tree, a mapping with Resources.
        dialect: "cloudformation", "sam", "serverless", or "policy" for a document that stands alone.
        given: parameter values that override the defaults.
        reader: opens the files that the template includes or nests; None: none is read.
        exports: what the other templates of the run export.
        service: what a service is told: stage, parameters, environment.

    Returns:
        The stack; what could not be resolved stands in its notes.
    """
    packaged = _packaged(document, root, service, reader) if dialect == "serverless" else None
    if packaged is not None:
        root = packaged.template
    if reader is not None and "Outputs." in document.text:
        from . import outputs

        resolver = outputs.parent(root, given, reader, exports)
    else:
        resolver = Resolver(root, given, reader, exports)
    stack = Stack(document, resolver.root, dialect, resolver)
    stack.reader = reader
    stack.packaged = packaged
    if dialect == "policy":
        from . import policy_json

        policy_json.read(stack)
        return stack
    _read_resources(stack)
    if reader is not None and document.path.endswith(".template.json"):
        from .cdk import assembly as cdk

        cdk.surround(stack, reader)
        if stack.assembly is not None and "Outputs." in document.text:
            outputs.with_assets(stack)
    principals = stack.principals = Principals(stack)
    if dialect == "sam":
        from .sam import reading as sam

        sam.make_roles(stack)
    if packaged is not None:
        from .serverless import reading

        reading.name_functions(stack)
    for resource in stack.resources.values():
        read_resource = _READERS.get(resource.type)
        if read_resource is not None and not (packaged is not None and resource.id in packaged.roles):
            read_resource(stack, resource, principals)
    if dialect == "sam":
        sam.read(stack, principals)
    elif packaged is not None:
        reading.read(stack, principals)
    principals.attach_managed()
    for function in stack.functions:
        _link_role(stack, function, principals)
    _apply_denies(stack)
    _find_triggers(stack)
    stack.notes += [Note(what, reason, node.span, None, "") for what, reason, node in resolver.notes]
    return stack


def _packaged(document: Document, root: Mapping, service: Given | None, reader: Reader | None) -> Packaged:
    from .serverless import reading

    return reading.package(document, root, service, reader)


def _apply_denies(stack: Stack) -> None:
    denies = {role.key: deny.certain(role.statements) for role in stack.roles.values()}
    if not any(denies.values()):
        return
    for statement in stack.statements:
        if statement.effect == "Allow":
            deny.silence(statement, [denies[role.key] for role in stack.roles_of(statement.carrier)])


def _find_triggers(stack: Stack) -> None:
    if not stack.functions:
        return
    from .triggers import found as triggers

    triggers.find(stack)
    if stack.dialect == "sam":
        from .sam import events as sam_events

        sam_events.find(stack)
    elif stack.packaged is not None:
        from .serverless.events import reading as events

        events.find(stack)


def _read_resources(stack: Stack) -> None:
    resources = stack.root.get("Resources")
    if not isinstance(resources, Mapping):
        return
    resolver = stack.resolver
    for key, node in resources.entries:
        kind = node.get("Type") if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping) or not isinstance(kind, Scalar) or kind.value == _CDK_OWN:
            continue
        condition = node.get("Condition")
        guard = resolver.guard(condition.value) if isinstance(condition, Scalar) else ALWAYS
        properties = node.get("Properties")
        if guard.is_never:
            continue
        stack.resources[key.value] = Resource(
            key.value, kind.value, key, node, properties if isinstance(properties, Mapping) else None, guard
        )


class Principals:
    """The roles of a stack under every name they go by, and the policies waiting to be attached to them."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._names: dict[tuple[Part, ...], str] = {}
        self._outside: dict[tuple[bool, tuple[Part, ...]], Role] = {}
        self._managed: dict[str, tuple[Carrier, list[Statement]]] = {}
        self._waiting: list[tuple[Role, Guard, str]] = []
        self._policies: dict[tuple[Part, ...], str] = {}
        for resource in stack.of_type("AWS::IAM::Role"):
            stack.add_role(Role(resource.id, "", resource, guard=resource.guard))
            name = resource.properties.get("RoleName") if resource.properties else None
            if name is not None:
                for text, _ in stack.resolver.expression(name):
                    self._names[text.parts] = resource.id
        for resource in stack.of_type("AWS::IAM::ManagedPolicy"):
            name = resource.properties.get("ManagedPolicyName") if resource.properties else None
            for text, _ in stack.resolver.expression(name) if name is not None else ():
                self._policies[text.parts] = resource.id

    def role(self, element: Element) -> Role:
        """The role that an ARN or a name stands for; one outside the template where none matches.

        A function's role and the role that a policy names are of the stack's own account, so there an ARN
        and a name that it ends in are one role.
        """
        role = self.find(element, self.stack.roles) or self.nested(element)
        if role is None:
            tail = _tail(element.origin)
            bare = tail is element.origin
            role = self._outside.get((not bare, tail.parts)) or self.stack.add_role(external_role(element))
            self._outside.setdefault((bare, tail.parts), role)
        return role

    def nested(self, element: Element) -> Role | None:
        """The role of a nested stack that puts out its name or ARN."""
        hole = _tail(element.text).hole
        if hole is None or "/" not in hole.resource or hole.kind != "attribute":
            return None
        from .outputs import linked_role

        return linked_role(self.stack, hole)

    def find(self, element: Element, roles: dict[str, Role]) -> Role | None:
        """The one of some roles that an ARN or a name stands for."""
        for text in (element.origin, element.text):
            tail = _tail(text)
            hole = tail.hole
            # A role that SAM makes is no resource of the template: its name reads as an unknown reference.
            if hole is not None and hole.resource in roles and hole.kind != "parameter":
                return roles[hole.resource]
            if tail.parts in self._names:
                return roles[self._names[tail.parts]]
        return None

    def managed(self, id: str) -> tuple[Carrier, list[Statement]] | None:
        """A managed policy of the template with its statements."""
        return self._managed.get(id)

    def offer_managed(self, id: str, carrier: Carrier, statements: list[Statement]) -> None:
        """Registers a managed policy of the template under its logical id."""
        self._managed[id] = (carrier, statements)

    def attach_managed_arns(self, role: Role, node: Node | None, guard: Guard, owner: str, path: str) -> None:
        """Attaches the managed policies that a list of ARNs (or SAM names) says."""
        for number, element in enumerate(self.stack.resolver.elements(node, guard)):
            self.attach_managed_arn(role, element, owner, f"{path}[{number}]")

    def attach_managed_arn(self, role: Role, element: Element, owner: str, path: str) -> None:
        """Attaches one managed policy, of the template or outside it."""
        own = self.own_policy(element.text)
        if own:
            self._waiting.append((role, element.guard, own))
            return
        hole = element.text.hole
        name = (_tail(element.text).literal or "") if hole is None else ""
        carrier = Carrier("managed-arn", owner, element.node, path, element.guard, name, element)
        carrier.resource = role.resource.id if role.resource is not None else owner
        self.stack.attach(carrier, role, [])
        if not name or (":policy/" in element.text.display() and not _is_aws_managed(element.text)):
            home = "service" if self.stack.packaged is not None else "template"
            reason = f"its document stands outside the {home}"
            what = f"managed policy {element.text.display()}"
            self.stack.notes.append(Note(what, reason, element.node.span, owner, path))

    def own_policy(self, text: Text) -> str:
        """The logical id of the template's managed policy that a reference or a name in an ARN stands for."""
        hole = text.hole
        if hole is not None:
            if hole.type == "AWS::IAM::ManagedPolicy" and "/" in hole.resource:
                from .outputs import linked_policy

                linked_policy(self, hole)
            own = hole.resource in self._managed or hole.resource in self.stack.resources
            return hole.resource if own and hole.type == "AWS::IAM::ManagedPolicy" else ""
        tail = _tail(text)
        return self._policies.get(tail.parts, "") if tail is not text and not _is_aws_managed(text) else ""

    def attach_managed(self) -> None:
        """Attaches the template's own managed policies to the roles that name them."""
        for role, guard, id in self._waiting:
            if id in self._managed:
                carrier, statements = self._managed[id]
                if guard.together(carrier.guard):
                    self.stack.attach(carrier, role, statements)
        self._waiting.clear()


def external_role(element: Element) -> Role:
    """A role outside the template, by the ARN or name that stands for it."""
    origin = element.origin
    whole = origin.hole
    if whole is not None and whole.kind == "parameter":
        key = label = f"parameter {whole.resource}"
    else:
        label = origin.display()
        key = label.replace("arn:${AWS::Partition}:", "arn:aws:", 1)
    return Role(key, label, None)


def _is_aws_managed(text: Text) -> bool:
    return ":iam::aws:policy/" in text.display()


def _tail(text: Text) -> Text:
    """What follows the last slash of an ARN: the name; the text itself where it holds no slash."""
    tail: list[Part] = []
    for part in reversed(text.parts):
        if isinstance(part, str) and "/" in part:
            after = part.rsplit("/", 1)[1]
            return Text.join([after, *tail] if after else tail)
        tail.insert(0, part)
    return text


def _properties(resource: Resource) -> Properties:
    return Properties(resource.properties)


def _read_role(stack: Stack, resource: Resource, principals: Principals) -> None:
    _read_inline(stack, resource, stack.roles[resource.id])
    if resource.properties is not None:
        path = f"Resources.{resource.id}.Properties.ManagedPolicyArns"
        arns = resource.properties.get("ManagedPolicyArns")
        principals.attach_managed_arns(stack.roles[resource.id], arns, resource.guard, resource.id, path)


def _read_person(stack: Stack, resource: Resource, principals: Principals) -> None:
    _read_inline(stack, resource, None)


def _read_permission_set(stack: Stack, resource: Resource, principals: Principals) -> None:
    """A permission set becomes a role in every account it is assigned to."""
    if resource.properties is None:
        return
    role = stack.add_role(Role(resource.id, resource.id, resource, guard=resource.guard))
    path = f"Resources.{resource.id}.Properties"
    document = resource.properties.get("InlinePolicy")
    if document is not None:
        add_document(
            stack, Carrier("inline", resource.id, document, f"{path}.InlinePolicy", resource.guard), [role]
        )
    arns = resource.properties.get("ManagedPolicies")
    principals.attach_managed_arns(role, arns, resource.guard, resource.id, f"{path}.ManagedPolicies")


def _read_inline(stack: Stack, resource: Resource, role: Role | None) -> None:
    if resource.properties is None:
        return
    policies = stack.resolver.members(resource.properties.get("Policies"), resource.guard)
    for number, (policy, guard) in enumerate(policies):
        path = f"Resources.{resource.id}.Properties.Policies[{number}]"
        if isinstance(policy, Mapping) and call(policy) is None:
            document = policy.get("PolicyDocument")
            if document is not None:
                carrier = Carrier("inline", resource.id, document, f"{path}.PolicyDocument", guard)
                add_document(stack, carrier, [role] if role else [])
        else:
            stack.notes.append(_unreadable("policy", policy, resource.id, path))


def _read_policy(stack: Stack, resource: Resource, principals: Principals) -> None:
    if resource.properties is None:
        return
    document = resource.properties.get("PolicyDocument")
    if document is None:
        return
    kind = _CARRIERS[resource.type]
    path = f"Resources.{resource.id}.Properties.PolicyDocument"
    carrier = Carrier(kind, resource.id, document, path, resource.guard)
    roles = [
        principals.role(element)
        for name in ("Roles", "RoleName")
        for element in stack.resolver.elements(resource.properties.get(name), resource.guard)
    ]
    statements = add_document(stack, carrier, roles)
    if kind == "managed-policy":
        principals.offer_managed(resource.id, carrier, statements)


def add_document(stack: Stack, carrier: Carrier, roles: list[Role]) -> list[Statement]:
    """Reads a policy document, once, and gives its statements to the roles that have it."""
    statements = read_document(carrier.node, stack.resolver, carrier)
    if not statements and (not isinstance(carrier.node, Mapping) or call(carrier.node) is not None):
        stack.notes.append(_unreadable("policy document", carrier.node, carrier.owner, carrier.path))
    refused = [statement for statement in statements if _contradicts_itself(statement)]
    for statement in refused:
        reason = (
            "IAM refuses it, so it grants nothing: an element beside its Not form, or a mapping as a value"
        )
        stack.notes.append(Note("statement", reason, statement.node.span, carrier.owner, statement.path))
    statements = [statement for statement in statements if statement not in refused]
    stack.statements += statements
    for role in roles:
        stack.attach(carrier, role, statements)
    return statements


def _contradicts_itself(statement: Statement) -> bool:
    """Whether a statement has an element and its Not form, or a mapping where a string must stand.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    both = (bool(statement.actions) and statement.not_actions is not None) or (
        bool(statement.resources) and statement.not_resources is not None
    )
    elements = (*statement.actions, *statement.resources)
    return both or any(isinstance(each.node, Mapping) and call(each.node) is None for each in elements)


def _unreadable(what: str, node: Node, owner: str, path: str) -> Note:
    function = call(node)
    reason = f"{function[0]} is not evaluated here" if function else "it is not a mapping"
    return Note(what, reason, node.span, owner, path)


def _read_function(stack: Stack, resource: Resource, principals: Principals) -> None:
    function = Function(resource.id, resource, _properties(resource), resource.guard)
    if resource.owner != resource.id:
        function.label = resource.owner
    add_function(stack, function)


def add_function(stack: Stack, function: Function) -> None:
    """Reads what both dialects write alike: role, environment and reserved concurrency."""
    properties, resolver = function.properties, stack.resolver
    function.role_node = properties.get("Role")
    function.reserved_node = properties.get("ReservedConcurrentExecutions")
    function.reserved = resolver.elements(function.reserved_node, function.guard)
    for environment in properties.all("Environment"):
        for branch, guard in resolver.branches(environment, function.guard):
            variables = branch.get("Variables") if isinstance(branch, Mapping) else None
            for block, when in resolver.branches(variables, guard):
                if isinstance(block, Mapping):
                    for key, value in block.entries:
                        function.environment[key.value] = resolver.elements(value, when)
    stack.functions.append(function)


def _link_role(stack: Stack, function: Function, principals: Principals) -> None:
    if function.role_node is None:
        return
    for element in stack.resolver.texts(function.role_node, function.guard):
        role = principals.role(element)
        function.roles.append((role, element.guard, element.node))
        role.functions.append((function, element.guard, element.node))


def role_unset(stack: Stack, node: Node | None, guard: Guard) -> Guard:
    """The guard under which a Role property is absent: not written, or AWS::NoValue in a branch."""
    if node is None:
        return guard
    unset = guard
    for _, when in stack.resolver.branches(node, guard):
        unset = unset.and_(when.not_()) if not when.is_always else NEVER
    return unset


_CDK_OWN = "AWS::CDK::Metadata"
_CARRIERS = {
    "AWS::IAM::Policy": "policy",
    "AWS::IAM::RolePolicy": "role-policy",
    "AWS::IAM::UserPolicy": "policy",
    "AWS::IAM::GroupPolicy": "policy",
    "AWS::IAM::ManagedPolicy": "managed-policy",
}
_READERS = {
    "AWS::IAM::Role": _read_role,
    "AWS::IAM::User": _read_person,
    "AWS::IAM::Group": _read_person,
    "AWS::SSO::PermissionSet": _read_permission_set,
    "AWS::Lambda::Function": _read_function,
    **dict.fromkeys(_CARRIERS, _read_policy),
}
