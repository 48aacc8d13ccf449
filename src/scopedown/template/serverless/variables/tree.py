"""The variables of a service: its tree as written comes in, the tree with variables resolved goes out.

Everything is resolved when it is first looked at. A variable that is a whole value becomes its target, which
keeps its place; text with variables in it stays where it is written. What only deployment knows is a hole
(see ``unknowns``), what the framework would refuse is a hole with a note.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

from ....source.tree import Mapping, Node, Scalar, Sequence
from ..strict_yaml import account_ids
from .evaluation import Evaluator, Use, shown
from .files import Files
from .sections import is_section, path, spelled
from .sources import Fatal
from .substitutions import substituted
from .unknowns import Unknown, again, as_text, fallback, is_null

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ....source.reader import Reader
    from ....source.tree import Document
    from ..framework import Framework
    from .evaluation import Chain
    from .legacy import Syntax
    from .placeholders import Placeholder
    from .sections import Place

# Levels of the tree below which no variable brings further ones: later stages walk it by recursion.
MAX_LEVELS = 60


class Given:
    """What the user says about variables.

    Args:
        stage: the stage to analyse; None: the one that the service names.
        params: values of ``${param:...}``.
        env: the environment, where it is to count; None: nothing is known of it.
    """

    __slots__ = ("env", "params", "stage")

    def __init__(
        self,
        stage: str | None = None,
        params: dict[str, str] | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        self.stage = stage
        self.params = params or {}
        self.env = env


class Variables:
    """A service with its variables resolved.

    Args:
        root: the tree as written.
        framework: who packages it; the grammar of variables depends on it.
        given: what the user says about variables.
        reader: opens files that the service includes; None: none is read.
        folder: the folder of the service.

    ``root`` is the resolved tree and ``source`` the one as written; ``documents`` are the included files that
    were read; ``notes`` holds (what, reason, node) of sections that are not known and of what the framework
    would refuse. Both grow while the tree is read.
    """

    def __init__(
        self, root: Mapping, framework: Framework, given: Given, reader: Reader | None, folder: str
    ) -> None:
        self.source = root
        self.framework = framework
        self.given = given
        self.files = Files(folder, reader, self._look)
        self.documents: list[Document] = self.files.documents
        self.notes: list[tuple[str, str, Node]] = []
        self._seen: set[tuple[str, int, int]] = set()
        self.legacy = framework.semantics < 2 or (framework.semantics == 2 and framework.minor < 30)
        self._evaluator = Evaluator(self, self._syntax())
        self._opener = self._evaluator.opener
        self._authors: dict[int, tuple[Node, Node]] = {}
        self._plain: dict[int, tuple[Document, bool]] = {}
        self._stage: str | None = given.stage
        self._region: tuple[Node | None] | None = None
        self._look(root.document, root)
        made = self._node(root, None, None)
        self.root: Mapping = made if isinstance(made, Mapping) else root

    def _syntax(self) -> Syntax | None:
        """The signs of the old grammar; None where the new one holds."""
        provider = self.source.get("provider")
        expression = provider.get("variableSyntax") if isinstance(provider, Mapping) else None
        if not isinstance(expression, Scalar) and not self.legacy:
            return None
        from .legacy import Syntax, syntax

        self.legacy = True
        if not isinstance(expression, Scalar):
            return Syntax()
        found = syntax(expression.value)
        if found is None:
            self.note("provider.variableSyntax", "this expression is not understood", expression)
        return found or Syntax()

    # -- what others ask -----------------------------------------------------------------------------

    @property
    def stage(self) -> str:
        """The stage that is analysed: the given one, else that of the provider, else "dev"."""
        if self._stage is None:
            self._stage = "dev"  # while the provider's is resolved, which may lead here again
            node = self._of_provider("stage")
            if isinstance(node, Scalar):
                self._stage = as_text(node) or "dev"
            elif node is not None:
                self.note("provider.stage", "it is not known here; 'dev' is analysed", node)
        return self._stage

    @property
    def region(self) -> Node | None:
        """The provider's region: a scalar, a hole, or None where the service names none."""
        if self._region is None:
            self._region = (None,)
            self._region = (self._of_provider("region"),)
        node = self._region[0]
        return again(node) if node is not None else None

    def stages(self) -> list[str]:
        """Every stage that the service names, the analysed one first."""
        from .stages import named

        return named(self)

    def declared_stage(self) -> str:
        """The provider's stage where it is known, whatever stage is analysed."""
        node = self._of_provider("stage")
        return as_text(node) if isinstance(node, Scalar) else ""

    def written(self, node: Node) -> Node:
        """A node as its author wrote it: the scalar with the variable that it came from, else the node."""
        found = self._authors.get(id(node))
        return found[1] if found else node

    def author(self, made: Node, node: Node) -> None:
        """Remembers the node that a value was made of."""
        self._authors[id(made)] = (made, node)

    def note(self, what: str, reason: str, node: Node) -> None:
        """Notes, once, what is not known."""
        key = (what, id(node.document), node.start)
        if key not in self._seen:
            self._seen.add(key)
            self.notes.append((what, reason, node))

    def _look(self, document: Document, root: Node | None) -> None:
        """Notes what the framework's parser changes in a file; raises an InputError for what it refuses."""
        for node in account_ids(document, root, self.framework):
            reason = f"the framework reads {node.value} as the number {int(node.value)}; put it in quotes"
            self.note("account id", reason, node)

    def _of_provider(self, key: str) -> Node | None:
        provider = self.source.get("provider")
        if provider is None:
            return None
        if isinstance(provider, Scalar):
            provider = self.target(provider, Use(provider))
        provider = fallback(provider)
        node = provider.get(key) if isinstance(provider, Mapping) else None
        if isinstance(node, Scalar):
            node = fallback(self._node(node, None, None))
        return None if is_null(node) else node

    # -- the tree ------------------------------------------------------------------------------------

    def node(self, node: Node, use: Use) -> Node:
        """The resolved form of a node that a variable leads to; a raw collection where that is wanted."""
        if use.raw:
            return self.target(node, use) if isinstance(node, Scalar) else node
        origin = use.chain[0] if use.chain is not None else use.node
        trail = (origin, use.trail)
        if isinstance(node, Scalar):
            if self._opener not in node.value:
                return node
            return self._evaluator.known(node, Use(node, use.place, use.chain, trail))
        if len(path(use.place)) > MAX_LEVELS:
            raise Fatal(f"variables bring more than {MAX_LEVELS} levels of mappings and lists")
        return self._node(node, use.place, trail)

    def target(self, node: Scalar, use: Use) -> Node:
        """What a scalar stands for on the way to something in it: a collection as it was written."""
        return self._evaluator.target(node, use)

    def placeholder(self, placeholder: Placeholder, use: Use) -> Node:
        """What a placeholder within another one is."""
        return self._evaluator.placeholder(placeholder, use.within(use.node))

    def _node(self, node: Node, place: Place, trail: Chain) -> Node:
        if isinstance(node, Scalar):
            return self._scalar(node, place, trail) if self._opener in node.value else node
        if not self._touched(node):
            return node
        document, start, end = node.document, node.start, node.end
        if isinstance(node, Mapping):
            mapping = node
            return Mapping(
                document, start, end, lambda: self._entries(mapping, place, trail), node.flow, node.short
            )
        if isinstance(node, Sequence):
            listed = node
            return Sequence(document, start, end, lambda: self._items(listed, place, trail), node.flow)
        return node

    def _items(self, listed: Sequence, place: Place, trail: Chain) -> list[Node]:
        return [self._node(item, (place, str(number)), trail) for number, item in enumerate(listed.items)]

    def _touched(self, node: Node) -> bool:
        """Whether a collection may hold variables; aliases and escapes hide them from a look at the text."""
        document = node.document
        known = self._plain.get(id(document))
        if known is None:
            source = document.text
            hidden = ("*" in source and "&" in source) or "\\u00" in source or "\\x" in source
            self._plain[id(document)] = known = (document, not hidden)
        return not known[1] or document.text.find(self._opener, node.start, node.end) >= 0

    def _entries(
        self, mapping: Mapping, place: Place, trail: Chain
    ) -> tuple[list[tuple[Scalar, Node]], list[Scalar]]:
        made = [(key, self._node(value, (place, key.value), trail)) for key, value in mapping.entries]
        if len(made) == 1 and made[0][0].value == "Fn::Sub":
            key, resolved = made[0]
            argument = substituted(resolved)
            if argument is not resolved:
                self.author(argument, mapping.entries[0][1])
            made = [(key, argument)]
        return made, mapping.duplicates

    def _scalar(self, node: Scalar, place: Place, trail: Chain) -> Node:
        """What a scalar with variables in it is, at the place where it is read."""
        made = self._evaluator.known(node, Use(node, place, trail=trail))
        return self._section(made, place, node) if isinstance(made, Unknown) else made

    def _section(self, made: Unknown, place: Place, node: Scalar) -> Node:
        """A value where a section is read: its fallback counts, and what is not known is noted."""
        keys = path(place)
        if not is_section(keys):
            return made
        left = fallback(made)
        what = spelled(keys)
        if isinstance(left, Unknown):
            # Where the variable itself is noted, with the cause, that says it all.
            if left.kind == "variable" and all(noted is not node for _, _, noted in self.notes):
                self.note(what, f"'{shown(node.value)}' is not known here", node)
        else:
            self.note(what, f"'{shown(node.value)}' may be something else; its fallback is read", node)
            if isinstance(left, Scalar):
                self.author(left, node)
        return left


def resolve(
    root: Mapping, framework: Framework, reader: Reader | None, folder: str, given: Given | None = None
) -> Variables:
    """The variables of a service; arguments as for ``Variables``."""
    return Variables(root, framework, given or Given(), reader, folder)
