"""Lambda permissions: who may invoke a function, where nothing else in the template says that it does."""

from __future__ import annotations

from .invocation import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Mapping
    from ...values.guard import Guard
    from ...values.text import Text
    from ..stack import Function, Resource, Trigger
    from .apis import Apis
    from .invocation import Finder, Place

# First label of the service principal to the kind of trigger: those that are not listed are "other".
_KINDS = {
    "apigateway": "api",
    "events": "rule",
    "scheduler": "schedule",
    "sns": "sns",
    "s3": "s3",
    "iot": "iot",
    "logs": "logs",
    "elasticloadbalancing": "alb",
    "cognito-idp": "cognito",
    "cognito-sync": "cognito",
    "edgelambda": "edge",
}
_APIS = {"rest-api", "http-api", "websocket-api", "authorizer"}
_GROUPS = dict.fromkeys(_APIS, "api") | {"event-pattern": "rule", "schedule": "rule"}
_UNBOUNDED = {"sns", "s3", "iot", "logs", "alb", "function-url"}


def read(finder: Finder, apis: Apis | None) -> None:
    """Adds a trigger for each permission whose source is not one of the function's triggers already.

    Args:
        apis: the APIs of the template, where it has any.
    """
    found = [
        _Permission(finder, apis, resource, resource.properties, function, guard)
        for resource in finder.stack.of_type("AWS::Lambda::Permission")
        if resource.properties is not None
        for function, guard in finder.functions(resource.properties.get("FunctionName"), resource.guard)
    ]
    known: dict[str, set[tuple[str, str]]] = {}
    # Those that name a source of the template first: the others may well mean the same one.
    for permission in sorted(found, key=lambda permission: permission.source is None):
        function = permission.function
        if function.id not in known:
            known[function.id] = {pair for trigger in function.triggers for pair in _pairs(trigger)}
        permission.read(known[function.id])


def _pairs(trigger: Trigger) -> list[tuple[str, str]]:
    group = _GROUPS.get(trigger.kind, trigger.kind)
    return [(group, ""), (group, trigger.source_id or key_of(trigger.source))]


class _Permission:
    """One permission for one function."""

    def __init__(
        self,
        finder: Finder,
        apis: Apis | None,
        resource: Resource,
        properties: Mapping,
        function: Function,
        guard: Guard,
    ) -> None:
        self.finder = finder
        self.apis = apis
        self.properties = properties
        self.function = function
        self.place: Place = (resource.key, guard, f"Resources.{resource.id}")
        self.text, _ = finder.source(properties.get("SourceArn"))
        self.source = self._source(self.text)

    def _source(self, text: Text | None) -> str | None:
        return self.finder.resource_of(text) if text is not None else None

    def read(self, known: set[tuple[str, str]]) -> None:
        """Adds its trigger, unless it is known."""
        kind = self._kind()
        group = _GROUPS.get(kind, kind)
        # A source outside the template is taken to be the one that the function's trigger has.
        if (group, self.source or "") in known:
            return
        known |= {(group, ""), (group, self.source or key_of(self.text))}
        if kind == "api":
            self._add_api()
        elif kind == "rule":
            self._add_rule()
        elif kind == "unresolved":
            self._add("unresolved", None)
        else:
            self._add(kind, False if kind in _UNBOUNDED else None)

    def _kind(self) -> str:
        properties = self.properties
        action = (self.finder.word(properties.get("Action")) or "").lower()
        via_url = self.finder.word(properties.get("InvokedViaFunctionUrl"))
        if (
            properties.get("FunctionUrlAuthType") is not None
            or action == "lambda:invokefunctionurl"
            or (via_url or "").lower() == "true"
        ):
            return "function-url"
        principals = self.finder.resolver.elements(properties.get("Principal"))
        if not principals:
            return "other"
        text = principals[0].text
        first = text.parts[0]
        if not isinstance(first, str):
            return "other" if text.literal == "*" else "unresolved"
        if self.text is not None and "/authorizers/" in self.text.display():
            return "authorizer"
        return _KINDS.get(first.partition(".")[0].lower(), "other")

    def _add(self, kind: str, bounded: bool | None, bound: str = "", guard: Guard | None = None) -> None:
        node, when, path = self.place
        place = (node, when if guard is None else guard, path)
        self.finder.add(self.function, kind, place, (self.text, self.source), bounded, bound)

    def _add_api(self) -> None:
        """An API whose definition does not show the call: only what bounds all of its routes counts."""
        apis, source = self.apis, self.source
        if apis is None or source is None:
            self._add("unresolved", None)
            return
        api = apis.by_key.get(source) or apis.api(self.finder.resolver.reference(source))
        where = (self.place[0], self.place[2])
        apis.invoke(api, [(self.function, self.place[1])], where, None, None)

    def _add_rule(self) -> None:
        resource = self.finder.stack.resources.get(self.source or "")
        if resource is None or resource.type != "AWS::Events::Rule":
            self._add("unresolved", None)
            return
        from .events import rule_kinds

        for kind, guard, bound in rule_kinds(self.finder, resource, self.place[1]):
            self._add(kind, kind == "schedule" or bound != "", bound, guard)
