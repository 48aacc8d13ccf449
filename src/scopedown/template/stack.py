"""The Stack: what a template deploys, as far as IAM and concurrency are concerned.

Every dialect reader yields the same types, so that rules never ask which dialect they look at.
"""

from __future__ import annotations

from ..source.tree import Mapping, Scalar
from ..values.guard import ALWAYS, Guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.policy import Carrier, Statement
    from ..source.reader import Reader
    from ..source.tree import Document, Node, Span
    from ..values.intrinsics import Resolver
    from ..values.text import Element, Text
    from .cdk.assembly import Assembly
    from .cloudformation import Principals
    from .role_users import RoleUse
    from .serverless.packaged import Packaged
    from .whole import Brought, Whole


_SYNTHESISED = ("aws:cdk:path", "AWS::CDK::Metadata", "/cdk-bootstrap/")


class Resource:
    """One resource of the template; ``properties`` is None where it has none.

    ``owner`` is what findings name: the logical id, or the name of a function of a service. ``path`` leads to
    what is written about it, ``settings`` to its properties.
    """

    __slots__ = ("assembly", "guard", "id", "key", "node", "owner", "path", "properties", "settings", "type")

    def __init__(
        self, id: str, type: str, key: Scalar, node: Mapping, properties: Mapping | None, guard: Guard
    ) -> None:
        self.id = self.owner = id
        self.path = f"Resources.{id}"
        self.settings = f"Resources.{id}.Properties"
        self.type = type
        self.key = key
        self.node = node
        self.properties = properties
        self.guard = guard
        self.assembly: Assembly | None = None

    @property
    def construct(self) -> str:
        """The path of the CDK construct that the resource comes from.

        "" where neither the template nor the cloud assembly around it says so; the latter is read at the
        first question. https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html
        """
        metadata = self.node.get("Metadata")
        path = metadata.get("aws:cdk:path") if isinstance(metadata, Mapping) else None
        if not isinstance(path, Scalar):
            return self.assembly.construct(self.id) if self.assembly is not None else ""
        return path.value.removesuffix("/Resource")


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
        "named",
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
        self.named = ""
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

    @property
    def label(self) -> str:
        """How to speak of it: the name it is given, else its CDK construct, else its logical id."""
        return self.named or self.resource.construct or self.id

    @label.setter
    def label(self, name: str) -> None:
        self.named = name


class Role:
    """An execution role.

    Args:
        key: canonical identity: equal for every spelling that names the same role.
        label: how to speak of it; "" for its CDK construct or, without one, its key.
        resource: the resource that makes it; None for a role outside the template.
        generated: SAM makes it for a function.

    ``carriers`` and ``statements`` are what the author wrote. What SAM and AWS write (generated statements,
    documents of AWS managed policies) is read only when one of the ``all_`` properties is asked for.
    """

    __slots__ = (
        "carriers",
        "functions",
        "generated",
        "guard",
        "key",
        "named",
        "resource",
        "stack",
        "statements",
    )

    def __init__(
        self, key: str, label: str, resource: Resource | None, generated: bool = False, guard: Guard = ALWAYS
    ) -> None:
        self.key = key
        self.named = label
        self.resource = resource
        self.generated = generated
        self.guard = guard
        self.carriers: list[Carrier] = []
        self.statements: list[Statement] = []
        self.functions: list[tuple[Function, Guard, Node]] = []
        self.stack: Stack | None = None

    @property
    def label(self) -> str:
        """How to speak of it: the name it is given, else its CDK construct, else its key."""
        return self.named or (self.resource.construct if self.resource is not None else "") or self.key

    @label.setter
    def label(self, name: str) -> None:
        self.named = name

    @property
    def external(self) -> bool:
        """Whether the role's policies stand outside the template."""
        return self.resource is None

    @property
    def brought(self) -> list[Brought]:
        """Every carrier of the role, what SAM and AWS write included, with its statements."""
        return self.stack.whole.brought(self) if self.stack is not None else []

    @property
    def all_carriers(self) -> list[Carrier]:
        """Every carrier, those that SAM adds included."""
        return [each.carrier for each in self.brought]

    @property
    def all_statements(self) -> list[Statement]:
        """Every statement, those of generated and AWS managed policies included."""
        return [statement for each in self.brought for statement in each.statements]

    @property
    def unseen(self) -> list[Carrier]:
        """The carriers whose document is not known here: managed policies outside template and catalog."""
        return [each.carrier for each in self.brought if not each.visible]

    @property
    def boundary(self) -> list[Brought]:
        """The permissions boundary's alternatives; empty where the role has none."""
        return self.stack.whole.boundary(self) if self.stack is not None else []

    @property
    def trust(self) -> list[Statement]:
        """The statements of the trust policy."""
        return self.stack.whole.trust(self) if self.stack is not None else []

    @property
    def assumed_by(self) -> list[RoleUse]:
        """The places of the template that hand the role to something that assumes it."""
        return self.stack.whole.assumed_by(self) if self.stack is not None else []


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
        "_synthesised",
        "_whole",
        "assembly",
        "dialect",
        "document",
        "functions",
        "notes",
        "packaged",
        "principals",
        "reader",
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
        self.principals: Principals | None = None
        self.reader: Reader | None = None
        self.packaged: Packaged | None = None  # where a framework packages the template
        self._attached: dict[Carrier, list[Role]] = {}
        self._whole: Whole | None = None
        self.assembly: Assembly | None = None
        self._synthesised: bool | None = None

    @property
    def synthesised(self) -> bool:
        """Whether the CDK wrote the template: by its own marks, or by the cloud assembly around it.

        https://docs.aws.amazon.com/cdk/v2/guide/configure-synth.html
        """
        if self._synthesised is None:
            marked = any(mark in self.document.text for mark in _SYNTHESISED)
            self._synthesised = marked or (self.assembly is not None and bool(self.assembly.artifacts))
        return self._synthesised

    @property
    def whole(self) -> Whole:
        """What a plain check does not need: what SAM and AWS write, trust, boundaries, resource policies."""
        if self._whole is None:
            from .whole import Whole

            self._whole = Whole(self)
        return self._whole

    @property
    def all_roles(self) -> dict[str, Role]:
        """The roles by key: those that SAM makes besides and those that only other services use included."""
        return self.whole.all_roles

    @property
    def resource_policies(self) -> list[Statement]:
        """The statements of resource policies and of Lambda permissions; their principals are set."""
        return self.whole.resource_policies

    @property
    def limits(self) -> list[Statement]:
        """The statements that only limit: session policies and policies of an organization."""
        return self.whole.limits

    @property
    def documents(self) -> list[Document]:
        """The template's file, and the files that a template or a service includes."""
        included = self.packaged.service.variables.documents if self.packaged is not None else []
        return [self.document, *self.resolver.included, *included]

    def add_role(self, role: Role) -> Role:
        """Registers a role under its key."""
        role.stack = self
        return self.roles.setdefault(role.key, role)

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
