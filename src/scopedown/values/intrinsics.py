"""Intrinsic functions: template nodes become Text, conditions become guards.

Ref, GetAtt, Sub, Join and If are evaluated here; FindInMap, lists, imports, conditions, loops and includes
in modules that are loaded where a template uses them; every other function is a hole with its identity.
Semantics follow the intrinsic function reference of CloudFormation:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import re

from ..source.tree import Mapping, Node, Scalar, Sequence
from .guard import ALWAYS, Guard, equals, named
from .text import Element, Hole, Text, Wildcard, rejoined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..source.reader import Reader
    from ..source.tree import Document
    from .imports import Exports
    from .parameters import Parameter
    from .text import Part

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
# More alternatives than this (a Join over many If's) are one hole: nobody can read them any more.
ALTERNATIVES = 64
# What stands for a variable of the Serverless Framework that only deployment knows; nobody writes it.
VARIABLE = "Fn::Variable"
# Functions over lists, see ``lists``.
_LISTS = ("Fn::Select", "Fn::Length")


def call(node: Node) -> tuple[str, Node] | None:
    """The (function name, argument) of an intrinsic: a mapping with the function as its only key."""
    if not isinstance(node, Mapping):
        return None
    entries = node.entries
    if len(entries) == 1:
        key, argument = entries[0]
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
        given: parameter values from outside the template.
        reader: opens the files that the template includes; None: none is read.
        exports: what the other templates of the run export; None: nothing is known of them.

    ``root`` is the template with its loops and includes written out. ``notes`` holds (what, reason, node) of
    what could not be evaluated and is not seen elsewhere; it grows while the template is read.
    """

    def __init__(
        self,
        root: Mapping,
        given: dict[str, str] | None = None,
        reader: Reader | None = None,
        exports: Exports | None = None,
    ) -> None:
        self.given = given or {}
        self.reader = reader
        self.exports = exports
        self.notes: list[tuple[str, str, Node]] = []
        self.included: list[Document] = []  # by AWS::Include, as far as the template has been read
        self._parameters: dict[str, Parameter] = {}
        self._guards: dict[str, Guard] = {}
        self.depth = 0  # conditions that are being evaluated
        self.outside = ""  # via of the last value from outside that an expression took in
        self.root = self._expanded(root)
        resources = self.root.get("Resources")
        self.resources = resources if isinstance(resources, Mapping) else None
        if given:
            from .parameters import tick

            tick(given, root)

    def _expanded(self, root: Mapping) -> Mapping:
        text = root.document.text
        if "Fn::ForEach::" not in text and "AWS::Include" not in text:
            return root
        from .expansion import expanded

        return expanded(root, self)

    def note(self, what: str, reason: str, node: Node) -> None:
        """Notes, once, what could not be evaluated."""
        if not any(each[0] == what and each[2].start == node.start for each in self.notes):
            self.notes.append((what, reason, node))

    # -- what names stand for ------------------------------------------------------------------------

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name, or None where the template has none."""
        if name not in self._parameters:
            declared = self.root.get("Parameters")
            node = declared.get(name) if isinstance(declared, Mapping) else None
            if not isinstance(node, Mapping):
                return None
            from .parameters import declaration

            self._parameters[name] = declaration(name, node, self.given)
        return self._parameters[name]

    def reference(self, name: str) -> Text:
        """What ``Ref`` of a name is."""
        if name.startswith("AWS::"):
            return Text((Hole(name, "pseudo", display="${" + name + "}"),))
        if self.resources is not None and self.resources.get(name) is not None:
            return Text((Hole(name, "reference", name, display="${" + name + "}", type=self._type(name)),))
        parameter = self.parameter(name)
        if parameter is None:
            return Text((Hole(name, "unknown", name, display="${" + name + "}"),))
        if parameter.outside and not parameter.is_list and not parameter.secret:
            self.outside = parameter.via
            return Text.of(parameter.values[0])
        values = () if parameter.is_list else parameter.values
        exhaustive = parameter.exhaustive
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
                from .conditions import condition

                guard = condition(name, node, self, guard)
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
            from .mappings import rows

            found = rows(argument, self)
            if found and not all(isinstance(row, Scalar) for row, _ in found):
                pairs = [(row, both) for row, when in found if not (both := guard.and_(when)).is_never]
                return [pair for row, both in pairs for pair in self.branches(row, both)]
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
            elif isinstance(branch, Mapping) and len(branch.entries) == 1 and branch.get("Fn::Split"):
                from .lists import members

                found += members(branch, self, when)
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
            self.outside = ""
            for text, also in self.expression(branch, when):
                found += self._judged(text, also, branch, filled)
        return found

    def _judged(self, text: Text, guard: Guard, node: Node, filled: bool) -> list[Element]:
        whole = text.hole
        if whole is not None and whole.kind == "parameter":
            parameter = self.parameter(whole.resource)
            if parameter is not None and parameter.is_list and parameter.values:
                from .lists import listed

                return listed(parameter, guard, node, text)
        found = [Element(text, guard, node, self.outside)]
        for hole in text.holes:
            wild = any("*" in value or "?" in value for value in hole.values)
            if hole.values and (filled or wild or hole is whole) and len(found) <= ALTERNATIVES:
                from .parameters import replaced

                parameter = self.parameter(hole.resource)
                found = [more for element in found for more in replaced(element, hole, parameter)]
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
        if name == VARIABLE:
            inside = canonical(argument)
            return [(Text((Hole(inside, "variable", display="${" + inside + "}"),)), guard)]
        if name == "Fn::If":
            found = []
            for branch, when in self.branches(node, guard):
                found += self.expression(branch, when) if branch is not node else [(unknown(node), when)]
            return found
        if name == "Fn::FindInMap":
            from .mappings import rows

            pairs = [
                (row, both) for row, when in rows(argument, self) if not (both := guard.and_(when)).is_never
            ]
            if pairs:
                return [found for row, when in pairs for found in self.expression(row, when)]
        found = self._by_module(name, argument, node, guard)
        return found or [(unknown(node), guard)]

    def _by_module(self, name: str, argument: Node, node: Node, guard: Guard) -> list[tuple[Text, Guard]]:
        if name in _LISTS:
            from . import lists

            return lists.evaluate(name, argument, self, guard)
        if name == "Fn::ImportValue":
            from .imports import imported

            return imported(argument, self, guard)
        return []

    def _get_att(self, argument: Node, node: Node) -> Text:
        if isinstance(argument, Scalar):
            return self.attribute(argument.value)
        if isinstance(argument, Sequence):
            if all(isinstance(item, Scalar) for item in argument.items):
                return self.attribute(".".join(scalar(item) for item in argument.items))
            from .lists import attribute

            return attribute(argument, self) or unknown(node)
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
        if not isinstance(delimiter, Scalar):
            return [(unknown(node), guard)]
        if not isinstance(values, Sequence):
            from .lists import join

            return join(delimiter.value, values, node, self, guard) or [(unknown(node), guard)]
        return _product([self._item(item) for item in values.items], guard, node, delimiter.value)

    def _item(self, item: Node) -> list[tuple[Text | None, Guard]]:
        """The strings that a member of a Join can be; None stands for its absence."""
        if isinstance(item, Scalar):
            return [(Text.of(item.value), ALWAYS)]
        function = call(item)
        if function is None or (function[0] != "Fn::If" and scalar(function[1]) != "AWS::NoValue"):
            return [*self.expression(item)]
        absent = ALWAYS
        found: list[tuple[Text | None, Guard]] = []
        for branch, when in self.branches(item):
            absent = absent.and_(when.not_())
            found += self.expression(branch, when)
        return found if absent.is_never else [*found, (None, absent)]


def _product(
    pieces: Iterable[Iterable[tuple[Text | None, Guard]]], guard: Guard, node: Node, delimiter: str = ""
) -> list[tuple[Text, Guard]]:
    """Every way to put pieces together, with a delimiter between those that are there."""
    combined: list[tuple[list[Part], Guard, str]] = [([], guard, "")]
    for piece in pieces:
        grown = []
        for parts, when, before in combined:
            for text, also in piece:
                both = when if also is ALWAYS else when.and_(also)
                if both.is_never:
                    continue
                if text is None:
                    grown.append((parts, both, before))
                else:
                    grown.append(([*parts, before, *text.parts], both, delimiter))
        if len(grown) > ALTERNATIVES:
            return [(unknown(node), guard)]
        combined = grown
    return [(rejoined(parts), when) for parts, when, _ in combined]


def unknown(node: Node) -> Text:
    """A hole for an expression that is not evaluated here, known by its canonical form."""
    return Text((Hole(canonical(node), "unknown"),))


def scalar(node: Node | None) -> str:
    """The value of a scalar, "" for anything else."""
    return node.value if isinstance(node, Scalar) else ""


def plain(node: Scalar) -> str:
    """The string that a scalar is as the value of a parameter: ``True`` is "true"."""
    lower = node.value.lower()
    return lower if not node.style and lower in ("true", "false") else node.value


def has_wildcard(text: Text) -> bool:
    """Whether a literal ``*`` or ``?`` stands in the text."""
    return any(isinstance(part, Wildcard) for part in text.parts)
