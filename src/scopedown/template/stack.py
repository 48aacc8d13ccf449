"""The Stack: what a template deploys, as far as IAM and concurrency are concerned.

Every dialect reader yields the same types, so that rules never ask which dialect they look at.
"""

from __future__ import annotations

from ..values.guard import ALWAYS, Guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.policy import Carrier, Statement
    from ..source.tree import Document, Mapping, Node, Scalar, Span
    from ..values.intrinsics import Resolver
    from ..values.text import Element, Text


class Resource:
    """One resource of the template; ``properties`` is None where it has none."""

    __slots__ = ("guard", "id", "key", "node", "properties", "type")

    def __init__(
        self, id: str, type: str, key: Scalar, node: Mapping, properties: Mapping | None, guard: Guard
    ) -> None:
        self.id = id
        self.type = type
        self.key = key
        self.node = node
        self.properties = properties
        self.guard = guard


class Trigger:
    """Something that invokes a function.

    Args:
        kind: rest-api, http-api, websocket-api, function-url, alb, appsync, sns, s3, event-pattern, schedule,
            iot, logs, sqs, kinesis, dynamodb, msk, kafka, mq, documentdb, step-functions, authorizer,
            cognito, custom-resource, edge, capacity-provider, other or unresolved.
        node: where the template says so.
        path: the same as keys from the template's root.
        source: ARN or name of what invokes.
        source_id: its logical id where it is a resource of the template.
        bounded: whether the template bounds it (throttle, MaximumConcurrency); None where that cannot be
            resolved.
        bound: the text of the bound (a MaximumConcurrency, a rate), "" without one.
    """

    __slots__ = ("bound", "bounded", "guard", "kind", "node", "path", "source", "source_id")

    def __init__(
        self,
        kind: str,
        node: Node,
        path: str,
        source: Text | None = None,
        source_id: str | None = None,
        bounded: bool | None = False,
        bound: str = "",
        guard: Guard = ALWAYS,
    ) -> None:
        self.kind = kind
        self.node = node
        self.path = path
        self.source = source
        self.source_id = source_id
        self.bounded = bounded
        self.bound = bound
        self.guard = guard


class Destination:
    """Where a function's failed or finished invocations go: the role needs to send there.

    ``kind`` is sqs, sns, lambda, event-bus, s3 or unresolved; ``use`` is dlq, on-failure, on-success or
    esm-on-failure (of an event source mapping).
    """

    __slots__ = ("guard", "kind", "node", "target", "use")

    def __init__(self, kind: str, target: Text, use: str, node: Node, guard: Guard = ALWAYS) -> None:
        self.kind = kind
        self.target = target
        self.use = use
        self.node = node
        self.guard = guard


class Function:
    """A Lambda function and what the template says about its role, triggers and concurrency.

    ``reserved`` holds the alternatives of its reserved concurrency (empty: none set).
    """

    __slots__ = (
        "destinations",
        "environment",
        "guard",
        "id",
        "label",
        "properties",
        "reserved",
        "reserved_node",
        "resource",
        "role_node",
        "roles",
        "triggers",
    )

    def __init__(self, id: str, resource: Resource, properties: Properties, guard: Guard) -> None:
        self.id = id
        self.label = id
        self.resource = resource
        self.properties = properties
        self.guard = guard
        self.roles: list[tuple[Role, Guard, Node]] = []
        self.role_node: Node | None = None
        self.environment: dict[str, list[Element]] = {}
        self.triggers: list[Trigger] = []
        self.destinations: list[Destination] = []
        self.reserved: list[Element] = []
        self.reserved_node: Node | None = None


class Role:
    """An execution role.

    Args:
        key: canonical identity: equal for every spelling that names the same role.
        label: how to speak of it.
        resource: the resource that makes it; None for a role outside the template.
        generated: SAM makes it for a function.
    """

    __slots__ = ("carriers", "functions", "generated", "guard", "key", "label", "resource", "statements")

    def __init__(
        self, key: str, label: str, resource: Resource | None, generated: bool = False, guard: Guard = ALWAYS
    ) -> None:
        self.key = key
        self.label = label
        self.resource = resource
        self.generated = generated
        self.guard = guard
        self.carriers: list[Carrier] = []
        self.statements: list[Statement] = []
        self.functions: list[tuple[Function, Guard, Node]] = []

    @property
    def external(self) -> bool:
        """Whether the role's policies stand outside the template."""
        return self.resource is None


class Properties:
    """A resource's properties, with those that a SAM Globals section adds (the local value wins)."""

    __slots__ = ("extra", "local")

    def __init__(self, local: Mapping | None, extra: Mapping | None = None) -> None:
        self.local = local
        self.extra = extra

    def get(self, name: str) -> Node | None:
        """The property that counts: the local one, else the global one."""
        found = self.local.get(name) if self.local is not None else None
        if found is None and self.extra is not None:
            found = self.extra.get(name)
        return found

    def all(self, name: str) -> list[Node]:
        """Global and local value, in this order: for maps and lists, which SAM merges."""
        sources = (self.extra, self.local)
        return [node for source in sources if source is not None and (node := source.get(name)) is not None]


class Note:
    """Something the reader could not resolve; the engine reports it as unresolved."""

    __slots__ = ("path", "reason", "resource", "span", "what")

    def __init__(self, what: str, reason: str, span: Span, resource: str | None, path: str) -> None:
        self.what = what
        self.reason = reason
        self.span = span
        self.resource = resource
        self.path = path


class Stack:
    """Everything a template deploys that rules ask about."""

    __slots__ = (
        "_attached",
        "dialect",
        "document",
        "functions",
        "notes",
        "resolver",
        "resources",
        "roles",
        "root",
        "statements",
    )

    def __init__(self, document: Document, root: Mapping, dialect: str, resolver: Resolver) -> None:
        self.document = document
        self.root = root
        self.dialect = dialect
        self.resolver = resolver
        self.resources: dict[str, Resource] = {}
        self.functions: list[Function] = []
        self.roles: dict[str, Role] = {}
        self.statements: list[Statement] = []
        self.notes: list[Note] = []
        self._attached: dict[Carrier, list[Role]] = {}

    def attach(self, carrier: Carrier, role: Role, statements: list[Statement]) -> None:
        """Gives a role what a carrier brings."""
        roles = self._attached.setdefault(carrier, [])
        if role not in roles:
            roles.append(role)
            role.carriers.append(carrier)
            role.statements += statements

    def roles_of(self, carrier: Carrier) -> list[Role]:
        """The roles that a carrier is attached to."""
        return self._attached.get(carrier, [])

    def of_type(self, *types: str) -> list[Resource]:
        """The resources of some types, in source order."""
        return [resource for resource in self.resources.values() if resource.type in types]
