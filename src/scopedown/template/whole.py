"""Everything about a stack that a plain check does not need, read when it is first asked for.

What SAM adds to a template, the documents of AWS managed policies, trust policies, boundaries, who assumes
which role, and resource policies. Nothing here is in ``stack.statements``: rules judge what was written.
"""

from __future__ import annotations

from .. import catalog
from ..iam.policy import Carrier, Statement, read_document
from ..source.tree import Mapping
from ..values.guard import ALWAYS, Guard
from .grown import grow
from .narrowed import attachments, narrowed
from .stack import Note, Role

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..source.tree import Node
    from ..values.text import Element
    from .admitted import Admitted
    from .people import Person
    from .role_users import RoleUse
    from .stack import Resource, Stack


class Brought:
    """A carrier with what it brings.

    ``visible`` is False where its document is not known here. ``guard`` says when it counts: that of the
    carrier, except for a permissions boundary, whose statements are read as if it always stood.
    """

    __slots__ = ("carrier", "guard", "statements", "visible")

    def __init__(
        self,
        carrier: Carrier,
        statements: list[Statement],
        visible: bool = True,
        guard: Guard | None = None,
    ) -> None:
        self.carrier = carrier
        self.statements = statements
        self.visible = visible
        self.guard = carrier.guard if guard is None else guard


class Whole:
    """The rest of a stack.

    ``roles`` holds the stack's roles and those that SAM makes besides: for schedules, events of state
    machines, deployments and data sources.
    """

    __slots__ = (
        "_added",
        "_admitted",
        "_attached",
        "_brought",
        "_people",
        "_resource_policies",
        "_uses",
        "always",
        "notes",
        "partition",
        "roles",
        "stack",
    )

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.always = ALWAYS
        self.notes: list[Note] = []
        self.partition = _partition(stack.resolver.given)
        self.roles: dict[str, Role] = dict(stack.roles)
        self._added: dict[str, list[Brought]] = {}
        self._attached: dict[tuple[str, int], Guard] | None = None
        self._brought: dict[str, list[Brought]] = {}
        self._admitted: Admitted | None = None
        self._people: dict[str, Person] | None = None
        self._uses: dict[str, list[RoleUse]] | None = None
        self._resource_policies: tuple[list[Statement], list[Statement]] | None = None
        if stack.dialect == "sam":
            from .sam import generated as sam_generated

            sam_generated.add(self)
        elif stack.packaged is not None:
            from .serverless import generated

            generated.add(self)

    # -- identity policies -----------------------------------------------------------------------------

    def brought(self, role: Role) -> list[Brought]:
        """Every carrier of a role with its statements, the author's first."""
        if role.key not in self._brought:
            own: dict[int, list[Statement]] = {}
            for statement in role.statements:
                own.setdefault(id(statement.carrier), []).append(statement)
            found = []
            if self._attached is None:
                self._attached = attachments(self.stack)
            for carrier in role.carriers:
                if carrier.kind == "managed-arn":
                    found.append(self.document(carrier))
                else:
                    guard = self._attached.get((role.key, id(carrier.node)), ALWAYS)
                    if role.guard.implies(guard):
                        guard = ALWAYS  # whenever there is the role, it has the policy
                    found.append(Brought(*narrowed(carrier, own.get(id(carrier), []), guard)))
            found += self._elsewhere(role)
            self._brought[role.key] = found + self._added.get(role.key, [])
        return self._brought[role.key]

    def _elsewhere(self, role: Role) -> list[Brought]:
        """The policies of a permission set that stand in the accounts it is assigned to, by their names."""
        resource, name = role.resource, "CustomerManagedPolicyReferences"
        if resource is None or resource.type != "AWS::SSO::PermissionSet" or resource.properties is None:
            return []
        found = []
        members = self.stack.resolver.members(resource.properties.get(name), role.guard)
        for number, (node, guard) in enumerate(members):
            said = node.get("Name") if isinstance(node, Mapping) else None
            for element in self.stack.resolver.elements(said, guard):
                path = f"Resources.{resource.id}.Properties.{name}[{number}].Name"
                shown = element.text.display()
                carrier = Carrier("managed-arn", resource.id, element.node, path, guard, shown, element)
                found.append(Brought(carrier, [], visible=False))
        return found

    def document(self, carrier: Carrier) -> Brought:
        """What a managed policy that is attached by name or ARN brings, by the catalog's document.

        The ARNs that are written out in the document are those of the aws partition.
        """
        policy = catalog.managed_policy(_managed_name(carrier))
        if policy is None:
            return Brought(carrier, [], visible=False)
        return Brought(carrier, self.read(policy.document, carrier))

    def own_policy(self, element: Element) -> tuple[Carrier, list[Statement]] | None:
        """The template's own managed policy that an ARN or a reference stands for."""
        principals = self.stack.principals
        return principals.managed(principals.own_policy(element.text)) if principals is not None else None

    def read(self, document: Any, carrier: Carrier) -> list[Statement]:
        """The statements of a document that nobody wrote in the template; its elements point at the cause."""
        statements = read_document(grow(document, carrier.node), self.stack.resolver, carrier)
        for statement in statements:
            statement.path = carrier.path
            for element in _elements(statement):
                element.node = carrier.node
        return statements

    def give(self, role: Role, cause: Node, path: str, name: str, statements: Any, guard: Guard) -> None:
        """Gives a role an inline policy that SAM writes; one that it has already is not repeated."""
        owner = role.resource.id if role.resource is not None else role.label
        carrier = Carrier("generated", owner, cause, path, guard, name)
        self._added.setdefault(role.key, []).append(
            Brought(carrier, self.read({"Statement": statements}, carrier))
        )

    def give_managed(self, role: Role, cause: Node, path: str, name: str, guard: Guard) -> None:
        """Attaches an AWS managed policy that SAM attaches by itself, unless the role has it anyway."""
        short = name.rpartition("/")[2]
        has = [each.carrier for each in self._added.get(role.key, [])] + role.carriers
        if any(carrier.name == short and guard.implies(carrier.guard) for carrier in has):
            return
        owner = role.resource.id if role.resource is not None else role.label
        carrier = Carrier("generated", owner, cause, path, guard, short)
        self._added.setdefault(role.key, []).append(self.document(carrier))

    def make_role(self, key: str, resource: Resource, cause: Node, guard: Guard) -> Role:
        """A role that SAM makes besides the execution roles."""
        role = self.roles.get(key)
        if role is None:
            role = Role(key, key, resource, generated=True, guard=guard)
            role.stack = self.stack
            self.roles[key] = role
        return role

    def role(self, element: Element) -> Role:
        """The role that an ARN or a name stands for, those that SAM makes besides included."""
        principals = self.stack.principals
        found = principals.find(element, self.roles) if principals is not None else None
        if found is None and principals is not None:
            found = principals.nested(element)
        if found is None:
            from .cloudformation import external_role

            made = external_role(element)
            made.stack = self.stack
            found = self.roles.setdefault(made.key, made)
        return found

    def note(self, what: str, reason: str, node: Node, owner: str, path: str) -> None:
        """Records something that could not be read."""
        self.notes.append(Note(what, reason, node.span, owner, path))

    # -- what stands beside ----------------------------------------------------------------------------

    def boundary(self, role: Role) -> list[Brought]:
        """The permissions boundary of a role, one for each of its alternatives."""
        from . import trust

        return trust.boundary(self, role)

    def trust(self, role: Role) -> list[Statement]:
        """The statements of a role's trust policy."""
        from . import trust

        return trust.statements(self, role)

    def assumed_by(self, role: Role) -> list[RoleUse]:
        """The places that hand a role to something."""
        return self._all_uses().get(role.key, [])

    @property
    def people(self) -> dict[str, Person]:
        """The users and groups by key, those outside the template included that it gives something to."""
        if self._people is None:
            from . import people

            self._people = people.find(self)
        return self._people

    def user_named(self, name: str) -> Person | None:
        """The user of a name, outside the template only where it gives the user something."""
        from . import people

        return people.named(self.people, name)

    @property
    def admitted(self) -> Admitted:
        """What resource policies say of roles and users."""
        if self._admitted is None:
            from .admitted import Admitted

            self._admitted = Admitted(self)
        return self._admitted

    @property
    def all_roles(self) -> dict[str, Role]:
        """Every role, also those outside the template that something other than a function uses."""
        self._all_uses()
        return self.roles

    def _all_uses(self) -> dict[str, list[RoleUse]]:
        if self._uses is None:
            from . import role_users

            self._uses = role_users.find(self)
        return self._uses

    @property
    def resource_policies(self) -> list[Statement]:
        """The statements of resource policies."""
        return self._read_resource_policies()[0]

    @property
    def limits(self) -> list[Statement]:
        """The statements of session policies and organization policies."""
        return self._read_resource_policies()[1]

    def _read_resource_policies(self) -> tuple[list[Statement], list[Statement]]:
        if self._resource_policies is None:
            if self.stack.dialect == "policy":
                from . import policy_json

                self._resource_policies = policy_json.beside(self.stack), []
                return self._resource_policies
            from . import resource_policies

            self._resource_policies = resource_policies.read(self)
        return self._resource_policies


def is_given(node: Node | None) -> bool:
    """Whether SAM takes a property for set: present and, where it is a mapping, not empty."""
    return node is not None and not (isinstance(node, Mapping) and not node.entries)


def _elements(statement: Statement) -> list[Element]:
    return [
        *statement.actions,
        *(statement.not_actions or ()),
        *statement.resources,
        *(statement.not_resources or ()),
        *(value for condition in statement.conditions for value in condition.values),
    ]


def _managed_name(carrier: Carrier) -> str:
    """The name or ARN by which the catalog knows a managed policy; "" where a hole hides it."""
    if carrier.arn is None or not carrier.name:
        return carrier.name
    shown = carrier.arn.display()
    if ":policy/" in shown:
        _, aws, path = shown.partition(":iam::aws:policy/")
        return path if aws else ""
    return shown


def _partition(given: dict[str, str]) -> str:
    """The partition, by the parameters given for the pseudo parameters; aws unless they say otherwise."""
    region = given.get("AWS::Region", "")
    told = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    other = next((name for start, name in told.items() if region.startswith(start)), "aws")
    return given.get("AWS::Partition", other)
