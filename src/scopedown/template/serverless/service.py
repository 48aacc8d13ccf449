"""A service: the configuration with its variables resolved, under the names that the framework reads.

Nothing here decides what is deployed; the modules that package a service ask it what was written.
"""

from __future__ import annotations

from ...source.tree import Mapping, Node, Scalar, Sequence
from ...values.intrinsics import VARIABLE, call, scalar
from .merging import mapping, merged
from .naming import function_id
from .variables.unknowns import fallback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Document
    from .framework import Framework
    from .variables.tree import Variables

_NULLS = ("", "~", "null", "Null", "NULL")
_FALSE = ("false", "False", "FALSE")


def is_null(node: Node | None) -> bool:
    """Whether nothing is written: no value, or an explicit null."""
    return node is None or (isinstance(node, Scalar) and node.style == "" and node.value in _NULLS)


def is_truthy(node: Node | None) -> bool:
    """Whether JavaScript takes a value for true: not null, false, zero or an empty string."""
    if is_null(node):
        return False
    if isinstance(node, Scalar):
        return bool(node.value) if node.style else node.value not in (*_FALSE, "0")
    return True


def is_true(node: Node | None) -> bool:
    """Whether a value is the boolean true."""
    return isinstance(node, Scalar) and node.style == "" and node.value in ("true", "True", "TRUE")


def is_false(node: Node | None) -> bool:
    """Whether a value is the boolean false."""
    return isinstance(node, Scalar) and node.style == "" and node.value in _FALSE


def at(node: Node | None, *steps: str) -> Node | None:
    """What a path of keys leads to; None where it leads nowhere."""
    for step in steps:
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def items(node: Node | None) -> list[Node]:
    """The members of a list; none where the node is no list."""
    return node.items if isinstance(node, Sequence) else []


def is_text(node: Node | None) -> bool:
    """Whether a value is a string, where the framework asks for one; what only deployment knows is none."""
    return isinstance(node, Scalar) and not is_null(node)


def settings_of(node: Node | None) -> Mapping | None:
    """The settings of an event, None where it is written as a string or as an expression."""
    return node if isinstance(node, Mapping) and call(node) is None else None


def may_be_settings(node: Node | None) -> bool:
    """Whether an event is a variable that may stand for a mapping: what a program returns."""
    function = call(node) if node is not None else None
    if function is None or function[0] != VARIABLE:
        return False
    return isinstance(function[1], Scalar) and function[1].value.startswith("file(")


class Event:
    """One entry of a function's ``events``: ``- sqs: arn`` has the kind sqs.

    ``node`` is the setting (a scalar for ``- http: GET /``, None for the bare ``- schedule``), ``key`` where
    the kind is written.
    """

    __slots__ = ("key", "kind", "node", "path")

    def __init__(self, kind: str, key: Scalar, node: Node | None, path: str) -> None:
        self.kind = kind
        self.key = key
        self.node = node
        self.path = path

    def get(self, *steps: str) -> Node | None:
        """A setting of the event."""
        return at(self.node, *steps)


class Declared:
    """A function as the service declares it.

    Args:
        name: its key under ``functions``.
        key: that key as written.
        node: its settings.
    """

    __slots__ = ("events", "id", "key", "name", "node", "path")

    def __init__(self, key: Scalar, node: Mapping) -> None:
        self.name = key.value
        self.key = key
        self.node = node
        self.id = function_id(key.value)
        self.path = f"functions.{key.value}"
        self.events = [
            Event(kind.value, kind, value, f"{self.path}.events[{number}].{kind.value}")
            for number, item in enumerate(items(node.get("events")))
            for kind, value in _kinds(item)
        ]

    def get(self, key: str, *steps: str) -> Node | None:
        """A setting of the function."""
        node = self.node.get(key)
        return at(node, *steps) if steps and node is not None else node

    def has(self, key: str) -> bool:
        """Whether a key is written at all, even with nothing behind it."""
        return self.node.key_node(key) is not None

    def place(self, key: str) -> Node:
        """The key of a setting as written, else the function's own."""
        return self.node.key_node(key) or self.key


def _kinds(item: Node) -> list[tuple[Scalar, Node | None]]:
    if isinstance(item, Mapping):
        return list(item.entries) if call(item) is None else []
    return [(item, None)] if isinstance(item, Scalar) else []


class Service:
    """A service.

    Args:
        document: the configuration file.
        variables: its tree with variables resolved.
        framework: what packages it.

    ``functions`` are the functions in order, ``resources`` the merged CloudFormation fragment.
    """

    __slots__ = (
        "custom",
        "document",
        "framework",
        "functions",
        "name",
        "plugins",
        "provider",
        "resources",
        "root",
        "stage",
        "variables",
    )

    def __init__(self, document: Document, variables: Variables, framework: Framework) -> None:
        root = variables.root
        self.document = document
        self.variables = variables
        self.framework = framework
        self.root = root
        self.stage = variables.stage
        service = root.get("service")
        name = at(service, "name") if isinstance(service, Mapping) and call(service) is None else service
        self.name = scalar(fallback(name) if name is not None else None)
        provider = root.get("provider")
        self.provider = provider if isinstance(provider, Mapping) else mapping(root, ())
        custom = root.get("custom")
        self.custom = custom if isinstance(custom, Mapping) else mapping(root, ())
        self.plugins = _plugins(root.get("plugins"))
        self.resources = merged(root.get("resources"))
        functions = merged(root.get("functions"))
        self.functions = [
            Declared(key, node)
            for key, node in (functions.entries if functions is not None else [])
            if isinstance(node, Mapping) and call(node) is None
        ]

    def function(self, name: str) -> Declared | None:
        """The function of that name."""
        return next((each for each in self.functions if each.name == name), None)

    def ignored(self) -> list[tuple[Scalar, str]]:
        """The rules that ``custom.scopedown.ignore`` names, each with the reason."""
        node = at(self.custom, "scopedown", "ignore")
        entries = node.entries if isinstance(node, Mapping) else []
        return [(key, "" if is_null(value) or is_true(value) else scalar(value)) for key, value in entries]

    def function_name(self, function: Declared) -> Node | str:
        """The physical name: what ``name`` says, else ``<service>-<stage>-<function>``."""
        given = function.get("name")
        if given is not None and is_truthy(given):
            return given
        return f"{self.name}-{self.stage}-{function.name}"


def _plugins(node: Node | None) -> list[str]:
    """The plugins: a list of names, or a mapping with ``modules``."""
    listed = node if isinstance(node, Sequence) else at(node, "modules")
    return [item.value for item in items(listed) if isinstance(item, Scalar)]
