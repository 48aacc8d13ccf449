"""Parameters of a template: what its declaration and the values from outside say about each."""

from __future__ import annotations

from ..source.tree import Mapping, Scalar, Sequence
from .guard import equals, named
from .intrinsics import plain, scalar
from .text import Element, Masked, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .text import Hole

COMMAND_LINE = "--param"


class Given(dict[str, str]):
    """Values of parameters from outside the template, by name.

    ``sources`` says for each where it comes from ("--param", else the name of a file); ``unknown`` holds the
    names that no template read so far has.
    """

    __slots__ = ("sources", "unknown")

    def __init__(self) -> None:
        super().__init__()
        self.sources: dict[str, str] = {}
        self.unknown: set[str] = set()

    def add(self, values: dict[str, str], source: str) -> None:
        """Takes the values of one source; they win over those of the sources before."""
        self.update(values)
        self.sources.update(dict.fromkeys(values, source))
        self.unknown.update(values)

    def over(self, values: dict[str, str], source: str) -> Given:
        """These values over those of another source, which one template has beside it."""
        both = Given()
        both.add(values, source)
        both.update(self)
        both.sources.update(self.sources)
        both.unknown = self.unknown  # what this template has is known to all
        return both


def tick(given: dict[str, str], root: Mapping) -> None:
    """Takes the parameters that a template has from the names that none has."""
    declared = root.get("Parameters")
    if isinstance(given, Given) and given.unknown and isinstance(declared, Mapping):
        given.unknown.difference_update(key.value for key, _ in declared.entries)


class Parameter:
    """A template parameter: the values it can be known to have.

    ``given`` is "allowed", "default", "" for none, or the source outside the template. The values of a list
    parameter are its possible members where they are "allowed", else one text with commas. ``secret`` is
    NoEcho.
    """

    __slots__ = ("given", "is_list", "name", "secret", "values")

    def __init__(
        self, name: str, values: tuple[str, ...], given: str, is_list: bool, secret: bool = False
    ) -> None:
        self.name = name
        self.values = values
        self.given = given
        self.is_list = is_list
        self.secret = secret

    @property
    def outside(self) -> bool:
        """Whether the value was given from outside the template."""
        return self.given not in ("", "allowed", "default")

    @property
    def exhaustive(self) -> bool:
        """Whether ``values`` are all there can be."""
        return bool(self.values) and not self.is_list and self.given != "default"

    @property
    def via(self) -> str:
        """How a person would say where the values come from."""
        if not self.outside:
            words = {"allowed": "an allowed value of parameter ", "default": "the default of parameter "}
            return words[self.given] + self.name if self.given else ""
        if self.given == COMMAND_LINE:
            return f"{COMMAND_LINE} {self.name}"
        return f"the value of parameter {self.name} in {self.given}"

    def text(self, value: str) -> Text:
        """The text that one of the values is."""
        text = Text.of(value)
        return Masked(text.parts, "${" + self.name + "}") if self.secret else text


def declaration(name: str, node: Mapping, given: dict[str, str]) -> Parameter:
    """The parameter that a declaration makes, with the value from outside where there is one."""
    kind = scalar(node.get("Type"))
    is_list = kind.startswith("List<") or kind == "CommaDelimitedList" or "<List<" in kind
    # Of a parameter with this type, default and given value are the name of the stored value.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
    if kind.startswith("AWS::SSM::Parameter::Value"):
        return Parameter(name, (), "", is_list)
    secret = scalar(node.get("NoEcho")).lower() == "true"
    allowed, default = node.get("AllowedValues"), node.get("Default")
    if name in given:
        source = given.sources.get(name) if isinstance(given, Given) else None
        return Parameter(name, (given[name],), source or COMMAND_LINE, is_list, secret)
    if isinstance(allowed, Sequence) and allowed.items and not (is_list and isinstance(default, Scalar)):
        values = dict.fromkeys(plain(item) for item in allowed.items if isinstance(item, Scalar))
        return Parameter(name, tuple(values), "allowed", is_list, secret)
    if isinstance(default, Scalar):
        return Parameter(name, (plain(default),), "default", is_list, secret)
    return Parameter(name, (), "", is_list, secret)


def replaced(element: Element, hole: Hole, parameter: Parameter | None) -> list[Element]:
    """An element with each value that a hole can have, under the guard that it has it."""
    secret = parameter is not None and parameter.secret
    via = parameter.via if parameter is not None else ""
    found = []
    for value in hole.values:
        when = element.guard
        if hole.exhaustive:
            holds = equals(hole.identity, value, hole.values)
            when = when.and_(named(holds, f"{hole.resource} has one of its values") if secret else holds)
        if not when.is_never:
            text = element.text.filled(hole, value)
            if secret or isinstance(element.text, Masked):
                text = Masked(text.parts, element.origin.display())
            found.append(Element(text, when, element.node, via, element.origin))
    return found
