"""Intrinsic functions: template nodes become Text, conditions become guards.

Ref, GetAtt, Sub, Join, FindInMap, If, Select, Length and resource conditions are evaluated; every other
function is a hole with its identity. Semantics follow the intrinsic function reference of CloudFormation:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import re

from ..source.tree import Mapping, Node, Scalar, Sequence
from .guard import ALWAYS, Guard, equals, named
from .text import Element, Hole, Text, Wildcard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .text import Part

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
# More alternatives than this (a Join over many If's) are one hole: nobody can read them any more.
ALTERNATIVES = 64


class Parameter:
    """A template parameter: the values it can be known to have."""

    __slots__ = ("given", "is_list", "name", "values")

    def __init__(self, name: str, values: tuple[str, ...], given: str, is_list: bool) -> None:
        self.name = name
        self.values = values
        self.given = given  # "allowed", "default", "--param" or ""
        self.is_list = is_list


def call(node: Node) -> tuple[str, Node] | None:
    """The (function name, argument) of an intrinsic: a mapping with the function as its only key."""
    if isinstance(node, Mapping) and len(node.entries) == 1:
        key, argument = node.entries[0]
        name = key.value
        if name.startswith("Fn::") or name == "Ref" or (name == "Condition" and isinstance(argument, Scalar)):
            return name, argument
    return None


def canonical(node: Node) -> str:
    """One text for equal expressions, whatever their spelling: compact, long form."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return "[" + ",".join(canonical(item) for item in node.items) + "]"
    if isinstance(node, Mapping):
        return "{" + ",".join(f"{key.value}:{canonical(value)}" for key, value in node.entries) + "}"
    return ""


class Resolver:
    """Evaluates expressions of one template.

    Args:
        root: the template.
        given: parameter values from the command line.
    """

    def __init__(self, root: Mapping, given: dict[str, str] | None = None) -> None:
        self.root = root
        self.given = given or {}
        self._parameters: dict[str, Parameter] = {}
        self._guards: dict[str, Guard] = {}
        resources = root.get("Resources")
        self.resources = resources if isinstance(resources, Mapping) else None

    # -- what names stand for ------------------------------------------------------------------------

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name, or None where the template has none."""
        if name not in self._parameters:
            declared = self.root.get("Parameters")
            node = declared.get(name) if isinstance(declared, Mapping) else None
            if not isinstance(node, Mapping):
                return None
            self._parameters[name] = self._read_parameter(name, node)
        return self._parameters[name]

    def _read_parameter(self, name: str, node: Mapping) -> Parameter:
        kind = scalar(node.get("Type"))
        is_list = kind.startswith("List<") or kind == "CommaDelimitedList" or "<List<" in kind
        if name in self.given:
            return Parameter(name, (self.given[name],), "--param", is_list)
        # The Default of an SSM-typed parameter is the name of the stored value, not the value.
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
        if kind.startswith("AWS::SSM::"):
            return Parameter(name, (), "", is_list)
        allowed = node.get("AllowedValues")
        if isinstance(allowed, Sequence) and allowed.items and not is_list:
            values = tuple(item.value for item in allowed.items if isinstance(item, Scalar))
            return Parameter(name, values, "allowed", False)
        default = node.get("Default")
        if isinstance(default, Scalar):
            return Parameter(name, (default.value,), "default", is_list)
        return Parameter(name, (), "", is_list)

    def reference(self, name: str) -> Text:
        """What ``Ref`` of a name is."""
        if name.startswith("AWS::"):
            return Text((Hole(name, "pseudo", display="${" + name + "}"),))
        if self.resources is not None and self.resources.get(name) is not None:
            return Text((Hole(name, "reference", name, display="${" + name + "}", type=self._type(name)),))
        parameter = self.parameter(name)
        if parameter is None:
            return Text((Hole(name, "unknown", name, display="${" + name + "}"),))
        if parameter.given == "--param" and not parameter.is_list:
            return Text.of(parameter.values[0])
        exhaustive = parameter.given == "allowed"
        values = () if parameter.is_list else parameter.values
        return Text((Hole(name, "parameter", name, "", values, exhaustive, "${" + name + "}"),))

    def attribute(self, name: str) -> Text:
        """What ``GetAtt`` of ``LogicalId.Attribute`` is (split at the first dot)."""
        resource, _, attribute = name.partition(".")
        kind = self._type(resource)
        return Text((Hole(name, "attribute", resource, attribute, display="${" + name + "}", type=kind),))

    def _type(self, id: str) -> str:
        resource = self.resources.get(id) if self.resources is not None else None
        return scalar(resource.get("Type")) if isinstance(resource, Mapping) else ""

    # -- conditions ----------------------------------------------------------------------------------

    def guard(self, name: str) -> Guard:
        """The guard of a named condition; one that the template does not define is an atom of its own."""
        if name not in self._guards:
            # An atom of its own for a condition that is not defined, and for one that refers to itself.
            guard = self._guards[name] = equals(f"condition {name}", "true", ("true", "false"))
            declared = self.root.get("Conditions")
            node = declared.get(name) if isinstance(declared, Mapping) else None
            if node is not None:
                from .conditions import evaluate

                guard = evaluate(node, self)
            self._guards[name] = named(guard, name)
        return self._guards[name]

    # -- structure -----------------------------------------------------------------------------------

    def branches(self, node: Node | None, guard: Guard = ALWAYS) -> list[tuple[Node, Guard]]:
        """The values a node can be, each with its guard: Fn::If is followed, AWS::NoValue left out.

        Branches that cannot hold under ``guard`` are left out too.
        """
        if node is None:
            return []
        function = call(node)
        if function is None:
            return [(node, guard)]
        name, argument = function
        if name == "Ref" and isinstance(argument, Scalar) and argument.value == "AWS::NoValue":
            return []
        if name == "Fn::If" and isinstance(argument, Sequence) and len(argument.items) == 3:
            condition, then, otherwise = argument.items
            holds = self.guard(scalar(condition))
            found = []
            for branch, when in ((then, holds), (otherwise, holds.not_())):
                both = guard.and_(when)
                if not both.is_never:
                    found += self.branches(branch, both)
            return found
        if name == "Fn::FindInMap":
            rows = self._rows(argument)
            if rows and not all(isinstance(row, Scalar) for row, _ in rows):
                return [(row, guard.and_(when)) for row, when in rows if guard.together(when)]
        return [(node, guard)]

    def members(self, node: Node | None, guard: Guard = ALWAYS) -> list[tuple[Node, Guard]]:
        """The members of a "value or list of values", flattened through Fn::If and nested lists."""
        if isinstance(node, Scalar):
            return [(node, guard)]
        found: list[tuple[Node, Guard]] = []
        for branch, when in self.branches(node, guard):
            if isinstance(branch, Sequence):
                for item in branch.items:
                    found += self.members(item, when)
            else:
                found.append((branch, when))
        return found

    def elements(self, node: Node | None, guard: Guard = ALWAYS, filled: bool = False) -> list[Element]:
        """Every string of a "string or list of strings", in all its alternatives; see ``texts``."""
        found: list[Element] = []
        for member, when in self.members(node, guard):
            found += self.texts(member, when, filled)
        return found

    # -- strings -------------------------------------------------------------------------------------

    def texts(self, node: Node, guard: Guard = ALWAYS, filled: bool = False) -> list[Element]:
        """The strings an expression can be.

        A parameter with known values is replaced by them where it is the whole string or brings a wildcard;
        with ``filled`` everywhere, which is what actions need: ``${Verb}Object`` says nothing by itself.
        """
        if isinstance(node, Scalar):
            return [Element(Text.of(node.value), guard, node)]
        found = []
        for branch, when in self.branches(node, guard):
            if isinstance(branch, Scalar):
                found.append(Element(Text.of(branch.value), when, branch))
                continue
            for text, also in self.expression(branch, when):
                found += self._judged(text, also, branch, filled)
        return found

    def _judged(self, text: Text, guard: Guard, node: Node, filled: bool) -> list[Element]:
        whole = text.hole
        if whole is not None and whole.kind == "parameter":
            parameter = self.parameter(whole.resource)
            if parameter is not None and parameter.is_list and parameter.values:
                values = [value.strip() for value in parameter.values[0].split(",")]
                via = _via(parameter)
                return [Element(Text.of(value), guard, node, via, text) for value in values if value]
        found = [Element(text, guard, node)]
        for hole in text.holes:
            wild = any("*" in value or "?" in value for value in hole.values)
            if hole.values and (filled or wild or hole is whole) and len(found) <= ALTERNATIVES:
                found = [more for element in found for more in self._replaced(element, hole, text)]
        return found

    def _replaced(self, element: Element, hole: Hole, origin: Text) -> list[Element]:
        parameter = self.parameter(hole.resource)
        via = _via(parameter) if parameter else ""
        found = []
        for value in hole.values:
            when = element.guard
            if hole.exhaustive:
                when = when.and_(equals(hole.identity, value, hole.values))
            if not when.is_never:
                parts: list[Part] = []
                for part in element.text.parts:
                    parts += Text.of(value).parts if part == hole else (part,)
                found.append(Element(Text.join(parts), when, element.node, via, origin))
        return found

    def expression(self, node: Node, guard: Guard = ALWAYS) -> list[tuple[Text, Guard]]:
        """The strings an expression can be, parameters left as holes."""
        if isinstance(node, Scalar):
            return [(Text.of(node.value), guard)]
        function = call(node)
        if function is None:
            return [(unknown(node), guard)]
        name, argument = function
        if name == "Ref" and isinstance(argument, Scalar):
            return [(self.reference(argument.value), guard)]
        if name == "Fn::GetAtt":
            return [(self._get_att(argument, node), guard)]
        if name == "Fn::Sub":
            return self._sub(argument, node, guard)
        if name == "Fn::Join":
            return self._join(argument, node, guard)
        if name == "Fn::If":
            found = []
            for branch, when in self.branches(node, guard):
                found += self.expression(branch, when) if branch is not node else [(unknown(node), when)]
            return found
        if name == "Fn::FindInMap":
            rows = [(row, when) for row, when in self._rows(argument) if isinstance(row, Scalar)]
            if rows:
                pairs = [(Text.of(scalar(row)), guard.and_(when)) for row, when in rows]
                return [(text, when) for text, when in pairs if not when.is_never]
        if name in ("Fn::Select", "Fn::Length"):
            from . import lists

            found = lists.evaluate(name, argument, self, guard)
            if found:
                return found
        return [(unknown(node), guard)]

    def _get_att(self, argument: Node, node: Node) -> Text:
        if isinstance(argument, Scalar):
            return self.attribute(argument.value)
        if isinstance(argument, Sequence) and all(isinstance(item, Scalar) for item in argument.items):
            return self.attribute(".".join(scalar(item) for item in argument.items))
        return unknown(node)

    def _sub(self, argument: Node, node: Node, guard: Guard) -> list[tuple[Text, Guard]]:
        local: Mapping | None = None
        if isinstance(argument, Sequence) and argument.items:
            if len(argument.items) > 1 and isinstance(argument.items[1], Mapping):
                local = argument.items[1]
            argument = argument.items[0]
        if not isinstance(argument, Scalar):
            return [(unknown(node), guard)]
        pieces: list[list[tuple[Text, Guard]]] = []
        at = 0
        template = argument.value
        for found in _PLACEHOLDER.finditer(template):
            pieces.append([(Text.of(template[at : found.start()]), ALWAYS)])
            at = found.end()
            pieces.append(self._placeholder(found.group(1).strip(), local))
        pieces.append([(Text.of(template[at:]), ALWAYS)])
        return _product(pieces, guard, node)

    def _placeholder(self, name: str, local: Mapping | None) -> list[tuple[Text, Guard]]:
        if name.startswith("!"):
            return [(Text.of("${" + name[1:] + "}"), ALWAYS)]
        given = local.get(name) if local is not None else None
        if given is not None:
            return self.expression(given)
        if "." in name:
            return [(self.attribute(name), ALWAYS)]
        return [(self.reference(name), ALWAYS)]

    def _join(self, argument: Node, node: Node, guard: Guard) -> list[tuple[Text, Guard]]:
        if not isinstance(argument, Sequence) or len(argument.items) != 2:
            return [(unknown(node), guard)]
        delimiter, values = argument.items
        if not isinstance(delimiter, Scalar) or not isinstance(values, Sequence):
            return [(unknown(node), guard)]
        pieces: list[list[tuple[Text, Guard]]] = []
        for item in values.items:
            if not self.branches(item):
                continue
            if pieces:
                pieces.append([(Text((delimiter.value,)), ALWAYS)])
            pieces.append(self.expression(item))
        return _product(pieces, guard, node)

    def _rows(self, argument: Node) -> list[tuple[Node, Guard]]:
        """The values FindInMap can find; a key that is not known stands for every row it could be."""
        if not isinstance(argument, Sequence) or len(argument.items) < 3:
            return []
        mappings = self.root.get("Mappings")
        name = scalar(argument.items[0])
        level: list[tuple[Node, Guard]] = []
        if isinstance(mappings, Mapping) and (first := mappings.get(name)) is not None:
            level = [(first, ALWAYS)]
        for key in argument.items[1:3]:
            level = [pair for node, guard in level for pair in self._row(node, key, guard)]
        return level

    def _row(self, node: Node, key: Node, guard: Guard) -> list[tuple[Node, Guard]]:
        if not isinstance(node, Mapping):
            return []
        found = []
        for text, when in self.expression(key, guard):
            if text.literal is not None:
                value = node.get(text.literal)
                if value is not None:
                    found.append((value, when))
                continue
            hole = text.hole
            for name, value in node.entries:
                if hole is None:
                    found.append((value, when))
                elif not hole.exhaustive or name.value in hole.values:
                    values = hole.values if hole.exhaustive else ()
                    found.append((value, when.and_(equals(hole.identity, name.value, values))))
        return found


def _product(pieces: list[list[tuple[Text, Guard]]], guard: Guard, node: Node) -> list[tuple[Text, Guard]]:
    combined: list[tuple[list[Part], Guard]] = [([], guard)]
    for piece in pieces:
        grown = []
        for parts, when in combined:
            for text, also in piece:
                both = when if also is ALWAYS else when.and_(also)
                if not both.is_never:
                    grown.append(([*parts, *text.parts], both))
        if len(grown) > ALTERNATIVES:
            return [(unknown(node), guard)]
        combined = grown
    return [(_rejoined(parts), when) for parts, when in combined]


def _rejoined(parts: list[Part]) -> Text:
    text = Text.join(parts)
    # A wildcard or a policy variable may only come together once its pieces are joined.
    if any(isinstance(part, str) and ("${" in part or "{{" in part) for part in text.parts):
        again: list[Part] = []
        for part in text.parts:
            again += Text.of(part).parts if isinstance(part, str) else (part,)
        return Text.join(again)
    return text


def unknown(node: Node) -> Text:
    """A hole for an expression that is not evaluated here, known by its canonical form."""
    return Text((Hole(canonical(node), "unknown"),))


def scalar(node: Node | None) -> str:
    """The value of a scalar, "" for anything else."""
    return node.value if isinstance(node, Scalar) else ""


def _via(parameter: Parameter) -> str:
    return {
        "allowed": f"an allowed value of parameter {parameter.name}",
        "default": f"the default of parameter {parameter.name}",
        "--param": f"--param {parameter.name}",
    }.get(parameter.given, "")


def has_wildcard(text: Text) -> bool:
    """Whether a literal ``*`` or ``?`` stands in the text."""
    return any(isinstance(part, Wildcard) for part in text.parts)
