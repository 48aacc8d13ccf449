"""What bounds the calls of an API: throttles of stages, routes and usage plans.

An ``Api`` collects its stages and limits; asked about one route, it says when calls get through unbounded.
"""

from __future__ import annotations

from ..source.tree import Mapping
from ..values.guard import NEVER
from ..values.intrinsics import call
from .invocation import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..source.tree import Node
    from ..values.guard import Guard
    from ..values.text import Text
    from .invocation import Finder

ANY = "*"


class Limit:
    """A rate or burst limit.

    Args:
        path: resource path or route key that it applies to, ``*`` for all, None where that is not known.
        method: HTTP method, ``*`` for all, None where that is not known.
        guard: when it holds.
        text: the number as written.
        stage: the stage it belongs to, None for any of the API.
        keyed: it counts only calls that bring an API key (a usage plan's).
    """

    __slots__ = ("guard", "keyed", "method", "path", "stage", "text")

    def __init__(
        self,
        path: str | None,
        method: str | None,
        guard: Guard,
        text: str,
        stage: Text | None = None,
        keyed: bool = False,
    ) -> None:
        self.path = path
        self.method = method
        self.guard = guard
        self.text = text
        self.stage = stage
        self.keyed = keyed

    def covers(self, path: str | None, method: str | None) -> bool | None:
        """Whether it applies to a route; None where that cannot be told."""
        meets = [
            True if own == ANY else None if own is None or other is None else own == other
            for own, other in ((self.path, path), (self.method, method))
        ]
        return False if False in meets else None if None in meets else True


class Stage:
    """A stage: where an API can be called."""

    __slots__ = ("guard", "id", "limits", "name")

    def __init__(self, id: str, guard: Guard, name: Text | None = None) -> None:
        self.id = id
        self.guard = guard
        self.name = name
        self.limits: dict[str | None, list[Limit]] = {}

    def add(self, limits: Iterable[Limit]) -> None:
        """Adds limits that hold in this stage."""
        for limit in limits:
            self.limits.setdefault(limit.path, []).append(limit)

    def for_path(self, path: str | None) -> list[Limit]:
        """The limits that may apply to a path."""
        if path is None:
            return [limit for limits in self.limits.values() for limit in limits]
        return [limit for key in dict.fromkeys((ANY, path, None)) for limit in self.limits.get(key, ())]

    def is_named(self, text: Text | None) -> bool:
        """Whether a text names this stage (any text does where SAM makes the only one)."""
        return text is None or not self.id or key_of(text) == self.id or text == self.name


class Api:
    """An API: its kind, its stages, and the limits that usage plans set."""

    __slots__ = ("id", "kind", "plans", "source", "stages")

    def __init__(self, kind: str, source: Text, id: str | None) -> None:
        self.kind = kind
        self.source = source
        self.id = id
        self.stages: list[Stage] = []
        self.plans: list[Limit] = []

    def outcomes(
        self, path: str | None, method: str | None, keyed: Guard, guard: Guard, extra: Iterable[Limit] = ()
    ) -> list[tuple[bool | None, str, Guard]]:
        """Whether calls of a route are bounded.

        Args:
            path, method: the route; None where not known.
            keyed: when a call needs an API key.
            guard: when the route exists.
            extra: limits of the route itself.

        Returns:
            (bounded, text of the bound, guard): one entry for each of True, False and None that can be.
        """
        if not self.stages:
            return [(None, "", guard)]
        text = ""
        open_, doubtful = NEVER, NEVER
        for stage in self.stages:
            left, doubt = guard.and_(stage.guard), NEVER
            plans = [limit for limit in self.plans if stage.is_named(limit.stage)]
            for limit in (*extra, *stage.for_path(path), *plans):
                when = limit.guard.and_(keyed) if limit.keyed else limit.guard
                covered = limit.covers(path, method)
                if covered:
                    text = text or limit.text
                    left = left.and_(when.not_())
                elif covered is None:
                    doubt = doubt.or_(when)
                if left.is_never:
                    break
            doubtful = doubtful.or_(left.and_(doubt))
            open_ = open_.or_(left if doubt.is_never else left.and_(doubt.not_()))
        bounded = guard.and_(open_.or_(doubtful).not_())
        found = ((False, "", open_), (None, "", doubtful), (True, text, bounded))
        return [entry for entry in found if not entry[2].is_never]


# -- reading -----------------------------------------------------------------------------------------


def rates(
    finder: Finder, settings: Node | None, guard: Guard, names: tuple[str, str]
) -> list[tuple[Guard, str]]:
    """When a setting limits the rate or the burst, and to what; -1 stands for no limit."""
    found = []
    for block, when in finder.resolver.branches(settings, guard):
        if not isinstance(block, Mapping):
            continue
        for name in names:
            elements = finder.resolver.elements(block.get(name), when)
            found += [
                (element.guard, element.origin.display())
                for element in elements
                if not (element.text.literal or "").startswith("-")
            ]
    return found


THROTTLING = ("ThrottlingRateLimit", "ThrottlingBurstLimit")
_PLAN = ("RateLimit", "BurstLimit")


def method_settings(finder: Finder, node: Node | None, guard: Guard) -> list[Limit]:
    """The limits in the MethodSettings of a REST API's stage.

    A path is written with ``~1`` for its inner slashes and ``/*`` for all paths; ``*`` is every method.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html
    """
    limits = []
    for member, when in finder.resolver.members(node, guard):
        if not isinstance(member, Mapping) or call(member) is not None:
            limits.append(Limit(None, None, when, ""))
            continue
        method = finder.word(member.get("HttpMethod"))
        path = _decoded(finder.word(member.get("ResourcePath")))
        for holds, text in rates(finder, member, when, THROTTLING):
            limits.append(Limit(path, method.upper() if method else None, holds, text))
    return limits


def _decoded(path: str | None) -> str | None:
    if path is None or path in ("/*", "*"):
        return None if path is None else ANY
    path = path.replace("~1", "/")
    return "/" + path.lstrip("/")


def route_settings(
    finder: Finder, properties: list[tuple[Node | None, Node | None]], guard: Guard
) -> list[Limit]:
    """The limits of an HTTP or WebSocket API's stage.

    Args:
        properties: pairs of (DefaultRouteSettings, RouteSettings), as several places may set them.
    """
    limits = []
    for default, routes in properties:
        limits += [Limit(ANY, ANY, when, text) for when, text in rates(finder, default, guard, THROTTLING)]
        for block, when in finder.resolver.branches(routes, guard):
            if isinstance(block, Mapping) and call(block) is None:
                for key, settings in block.entries:
                    for holds, text in rates(finder, settings, when, THROTTLING):
                        limits.append(Limit(route_key(key.value), ANY, holds, text))
            else:
                limits.append(Limit(None, ANY, when, ""))
    return limits


def route_key(key: str) -> str:
    """A route key in one spelling: the method in upper case, "ANY" left out."""
    method, _, path = key.partition(" ")
    if not path:
        return key
    return path if method.upper() == "ANY" else f"{method.upper()} {path}"


def plan_limits(
    finder: Finder, throttle: Node | None, guard: Guard, stage: Text | None = None
) -> list[Limit]:
    """The limits of a usage plan for all methods; they count where a method requires an API key."""
    found = rates(finder, throttle, guard, _PLAN)
    return [Limit(ANY, ANY, when, text, stage, True) for when, text in found]


def plan_method_limits(
    finder: Finder, throttle: Node | None, guard: Guard, stage: Text | None
) -> list[Limit]:
    """The limits that a usage plan sets method by method ("/pets/GET")."""
    limits = []
    for block, when in finder.resolver.branches(throttle, guard):
        if isinstance(block, Mapping):
            for key, settings in block.entries:
                path, _, method = key.value.rpartition("/")
                for holds, text in rates(finder, settings, when, _PLAN):
                    limits.append(Limit(path or "/", method.upper(), holds, text, stage, True))
    return limits
