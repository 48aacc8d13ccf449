"""Users and groups: a stack comes in, who of them has which policies goes out, read when asked for.

They are told beside the roles; rules judge their policies where these stand.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-user.html
"""

from __future__ import annotations

from ..iam.policy import Carrier, Statement, read_document
from .narrowed import narrowed
from .stack import Role

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..values.guard import Guard
    from ..values.text import Element, Part
    from .stack import Resource
    from .whole import Whole

USER, GROUP = "user", "group"
_TYPES = {"AWS::IAM::User": (USER, "UserName"), "AWS::IAM::Group": (GROUP, "GroupName")}
# Where a policy names whom it is for.
_NAMED = {"Users": USER, "UserName": USER, "Groups": GROUP, "GroupName": GROUP}
_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy")


class Person(Role):
    """A user or a group.

    Args:
        kind: "user" or "group".
        name: its name where the template gives it one.

    ``groups`` holds the groups of a user, ``members`` the users of a group, each with when that is so.
    """

    __slots__ = ("groups", "kind", "members", "name")

    def __init__(self, kind: str, key: str, label: str, resource: Resource | None, guard: Guard) -> None:
        super().__init__(key, label, resource, guard=guard)
        self.kind = kind
        self.name = ""
        self.groups: list[tuple[Person, Guard]] = []
        self.members: list[tuple[Person, Guard]] = []


def kind_of(role: Role) -> str:
    """What a principal is: "role", "user" or "group"."""
    return role.kind if isinstance(role, Person) else "role"


def find(whole: Whole) -> dict[str, Person]:
    """The users and groups of a stack by key, those outside it included that it gives something to."""
    return _People(whole).found


def named(people: dict[str, Person], name: str) -> Person | None:
    """The user whose name is this, by UserName or outside the template."""
    for person in people.values():
        if person.kind == USER and name in (person.name, person.key.removeprefix("user ")):
            return person
    return None


class _People:
    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.stack = whole.stack
        self.resolver = whole.stack.resolver
        self.found: dict[str, Person] = {}
        self._names: dict[tuple[str, tuple[Part, ...]], Person] = {}
        self._documents: dict[int, tuple[Carrier, list[Statement]]] = {}
        mine = self.stack.of_type(*_TYPES)
        for resource in mine:
            self._person(resource)
        self._read_documents()
        for resource in mine:
            self._own(resource)
        for resource in self.stack.of_type(*_POLICIES):
            self._policy(resource)
        self._memberships()
        for person in self.found.values():
            for group, guard in person.groups:
                for carrier in list(group.carriers):
                    own = [one for one in group.statements if one.carrier is carrier]
                    self._give(person, carrier, own, guard)

    def _person(self, resource: Resource) -> None:
        kind, name = _TYPES[resource.type]
        label = resource.construct or resource.id
        person = self._add(Person(kind, resource.id, label, resource, resource.guard))
        node = resource.properties.get(name) if resource.properties is not None else None
        for text, _ in self.resolver.expression(node) if node is not None else ():
            self._names[kind, text.parts] = person
            person.name = text.literal or person.name

    def _add(self, person: Person) -> Person:
        person.stack = self.stack
        return self.found.setdefault(person.key, person)

    def _named(self, kind: str, element: Element) -> Person:
        """The user or group that a name stands for; one outside the template where none matches."""
        for text in (element.origin, element.text):
            hole = text.hole
            own = self.found.get(hole.resource) if hole is not None and hole.kind == "reference" else None
            own = own or self._names.get((kind, text.parts))
            if own is not None and own.kind == kind:
                return own
        label = element.origin.display()
        return self._add(Person(kind, f"{kind} {label}", label, None, element.guard))

    def _read_documents(self) -> None:
        """The documents of the stack by their nodes.

        Those that roles have too are read again: what a Deny of all these roles takes out of a statement is
        no matter to a user.
        """
        statements: dict[int, list[Statement]] = {}
        carriers: dict[int, Carrier] = {}
        for statement in self.stack.statements:
            carriers[id(statement.carrier)] = statement.carrier
            statements.setdefault(id(statement.carrier), []).append(statement)
        for key, carrier in carriers.items():
            listed = statements[key]
            if self.stack.roles_of(carrier):
                nodes = [statement.node for statement in listed]
                listed = [s for s in read_document(carrier.node, self.resolver, carrier) if s.node in nodes]
            self._documents[id(carrier.node)] = (carrier, listed)

    def _own(self, resource: Resource) -> None:
        person = self.found[resource.id]
        for carrier, statements in self._documents.values():
            if carrier.owner == resource.id:
                self._give(person, carrier, statements, carrier.guard)
        if resource.properties is None:
            return
        arns = resource.properties.get("ManagedPolicyArns")
        for number, element in enumerate(self.resolver.elements(arns, resource.guard)):
            own = self.whole.own_policy(element)
            if own is not None:
                carrier, statements = self._documents.get(id(own[0].node), own)
                self._give(person, carrier, statements, element.guard)
                continue
            path = f"Resources.{resource.id}.Properties.ManagedPolicyArns[{number}]"
            hole = element.text.hole
            name = element.text.display().rpartition("/")[2] if hole is None else ""
            carrier = Carrier("managed-arn", resource.id, element.node, path, element.guard, name, element)
            person.carriers.append(carrier)

    def _policy(self, resource: Resource) -> None:
        properties = resource.properties
        document = properties.get("PolicyDocument") if properties is not None else None
        found = self._documents.get(id(document))
        if properties is None or found is None:
            return
        for name, kind in _NAMED.items():
            for element in self.resolver.elements(properties.get(name), resource.guard):
                self._give(self._named(kind, element), *found, element.guard)

    def _give(self, person: Person, carrier: Carrier, statements: list[Statement], guard: Guard) -> None:
        if not carrier.guard.together(guard):
            return
        carrier, statements = narrowed(carrier, statements, guard)
        if carrier not in person.carriers:
            person.carriers.append(carrier)
            person.statements += statements

    def _memberships(self) -> None:
        for resource in self.stack.of_type("AWS::IAM::User"):
            groups = resource.properties.get("Groups") if resource.properties is not None else None
            for element in self.resolver.elements(groups, resource.guard):
                self._join(self.found[resource.id], self._named(GROUP, element), element.guard)
        for resource in self.stack.of_type("AWS::IAM::UserToGroupAddition"):
            properties = resource.properties
            if properties is None:
                continue
            for group in self.resolver.elements(properties.get("GroupName"), resource.guard):
                for user in self.resolver.elements(properties.get("Users"), group.guard):
                    self._join(self._named(USER, user), self._named(GROUP, group), user.guard)

    def _join(self, user: Person, group: Person, guard: Guard) -> None:
        if not any(each is group for each, _ in user.groups):
            user.groups.append((group, guard))
            group.members.append((user, guard))
