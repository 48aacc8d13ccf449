"""Reads YAML: a Document's text goes in, one located tree per YAML document comes out.

The parser's events are folded into compact records in one pass without recursion; nodes are made from
the records when they are first looked at. Every plain scalar keeps its raw text, because the resolved
types of YAML 1.1 (dates, octal numbers, ``yes``) are never what a template means.
"""

from __future__ import annotations

import yaml

from .tree import InputError, Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from .tree import Document

    # (start, end, value, style, tag); a missing tag is None, an anchor without a tag is ""
    _Leaf: TypeAlias = "tuple[int, int, str, str, str | None]"
    _Raw: TypeAlias = "_Leaf | _Collection | _Alias"

# Deeper files are refused: every later stage may walk the tree by recursion.
MAX_DEPTH = 100
# Aliases may stand for at most this many nodes in all; the limit that cfn-lint uses as well.
MAX_EXPANDED = 250_000
# An alias counts as so many levels, since a chain of merge keys is resolved by recursion.
_ALIAS_LEVELS = 4
# libyaml compares every %TAG directive with all others.
_MAX_DIRECTIVES = 100

# libyaml where PyYAML was built with it: the pure parser reads the same but takes ten times as long.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_ALIASES = "write the content out instead of nesting aliases"
_BLANK = " \t\r\n\x85\u2028\u2029"


class _Collection:
    """A sequence or mapping; a mapping's children are keys and values in turn.

    ``size`` counts its nodes and ``height`` its levels, aliases expanded; ``end`` is -1 until it ends.
    """

    __slots__ = ("children", "end", "flow", "height", "mapping", "size", "start", "tag")

    def __init__(self, start: int, tag: str | None, mapping: bool, flow: bool, total: int) -> None:
        self.start = start
        self.end = -1
        self.tag = tag
        self.mapping = mapping
        self.flow = flow
        self.size = total
        self.height = 1
        self.children: list[_Raw] = []

    def close(self, end: int, total: int) -> None:
        """Set what is known at the end; a block ends with its last leaf, since its end mark runs on."""
        self.size = total - self.size + 1
        if self.flow or not self.children:
            self.end = end
        else:
            last = self.children[-1]
            self.end = last[1] if isinstance(last, tuple) else last.end


class _Alias:
    """The use of an anchor: the place of ``*name`` and what it stands for."""

    __slots__ = ("end", "size", "start", "target")

    def __init__(self, start: int, end: int, target: _Raw) -> None:
        self.start = start
        self.end = end
        self.target = target
        self.size = 1


def parse_yaml(document: Document) -> list[Node]:
    """Parse a YAML text.

    Args:
        document: the text; spans of the nodes point into it.

    Returns:
        The root node of every YAML document in the text (none for an empty text).

    Raises:
        InputError: a syntax error, nesting or aliases beyond the limits.
    """
    wrap = _Wrapper(document).wrap
    return [wrap(raw) for raw in _compose(document)]


def _compose(document: Document) -> list[_Raw]:
    """Run the parser and name its errors in plain words."""
    if document.text.count("%TAG") > _MAX_DIRECTIVES:
        cause = f"more than {_MAX_DIRECTIVES} %TAG directives"
        raise InputError(document.path, cause, "use short tags such as !Sub")
    loader = None
    try:
        loader = LOADER(document.text)
        return _Composer(document).run(loader)
    except (yaml.YAMLError, ValueError) as error:
        from .yaml_errors import explain

        raise explain(document, error) from None
    finally:
        if loader is not None:
            loader.dispose()


class _Composer:
    """Folds parser events into records."""

    __slots__ = ("anchors", "document")

    def __init__(self, document: Document) -> None:
        self.document = document
        self.anchors: dict[str, _Raw] = {}

    def run(self, loader: Any) -> list[_Raw]:
        """One record per YAML document. Scalars are most of the events, so they are handled in place."""
        text = self.document.text
        roots: list[_Raw] = []
        children = roots
        stack: list[_Collection] = []
        next_event = loader.get_event
        scalar, alias = yaml.ScalarEvent, yaml.AliasEvent
        mapping, sequence = yaml.MappingStartEvent, yaml.SequenceStartEvent
        ends = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        total = 0
        while True:
            event = next_event()
            kind = type(event)
            if kind is scalar:
                total += 1
                start, end, style, tag = event.start_mark.index, event.end_mark.index, event.style, event.tag
                if style == "|" or style == ">":
                    end = start + len(text[start:end].rstrip(_BLANK))
                anchor = event.anchor
                if anchor is None:
                    children.append((start, end, event.value, style or "", tag))
                else:
                    leaf: _Leaf = (start, end, event.value, style or "", tag or "")
                    self.anchors[anchor] = leaf
                    children.append(leaf)
            elif kind is mapping or kind is sequence:
                total += 1
                made = self.open(event, kind is mapping, total, len(stack))
                children.append(made)
                stack.append(made)
                children = made.children
            elif kind in ends:
                made = stack.pop()
                made.close(event.end_mark.index, total)
                children = roots
                if stack:
                    children = stack[-1].children
                    stack[-1].height = max(stack[-1].height, made.height + 1)
            elif kind is alias:
                use = self.use(event, stack)
                total += use.size
                if total > MAX_EXPANDED:
                    cause = f"aliases expand this file to more than {MAX_EXPANDED:,} nodes"
                    raise self.error(event, cause, _NO_ALIASES)
                children.append(use)
            elif kind is yaml.DocumentEndEvent:
                self.anchors = {}
            elif kind is yaml.StreamEndEvent:
                return roots

    def open(self, event: Any, mapping: bool, total: int, depth: int) -> _Collection:
        """The record of a collection that begins."""
        if depth >= MAX_DEPTH:
            raise self.error(event, f"more than {MAX_DEPTH} levels are nested", "flatten the file")
        made = _Collection(event.start_mark.index, event.tag, mapping, bool(event.flow_style), total)
        if event.anchor is not None:
            made.tag = event.tag or ""
            self.anchors[event.anchor] = made
        return made

    def use(self, event: Any, stack: list[_Collection]) -> _Alias:
        """The record of an alias."""
        name = event.anchor
        target = self.anchors.get(name)
        if target is None:
            cause = f"the alias '*{name}' has no anchor '&{name}' before it"
            raise self.error(event, cause, f"define the anchor first, or quote '*{name}'")
        made = _Alias(event.start_mark.index, event.end_mark.index, target)
        if isinstance(target, _Collection):
            if target.end < 0:
                raise self.error(event, f"the alias '*{name}' contains itself", "write the content out")
            made.size = target.size
            stack[-1].height = max(stack[-1].height, target.height + _ALIAS_LEVELS + 1)
            if len(stack) + target.height + _ALIAS_LEVELS > MAX_DEPTH:
                raise self.error(event, f"aliases nest more than {MAX_DEPTH} levels", _NO_ALIASES)
        return made

    def error(self, event: Any, cause: str, advice: str) -> InputError:
        """An error at an event's place."""
        line, column = self.document.position(event.start_mark.index)
        return InputError(self.document.path, cause, advice, line, column)


class _Wrapper:
    """Makes nodes of records, one level at a time."""

    __slots__ = ("document", "text")

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text

    def wrap(self, raw: _Raw) -> Node:
        """The node of a record; a short tag becomes a mapping of one entry."""
        if isinstance(raw, tuple):
            start, end, value, style, tag = raw
            if tag is None:
                return Scalar(self.document, start, end, value, style)
            return self._tagged(raw, start, end, tag)
        if isinstance(raw, _Collection):
            if raw.tag is None:
                return self._collection(raw, raw.start)
            return self._tagged(raw, raw.start, raw.end, raw.tag)
        node = self.wrap(raw.target)
        node.start = raw.start
        node.end = raw.end
        return node

    def _collection(self, raw: _Collection, start: int) -> Node:
        if raw.mapping:
            return Mapping(self.document, start, raw.end, lambda: self._entries(raw), raw.flow)
        return Sequence(
            self.document, start, raw.end, lambda: [self.wrap(child) for child in raw.children], raw.flow
        )

    def _tagged(self, raw: _Leaf | _Collection, start: int, end: int, tag: str) -> Node:
        """A node that has a tag or an anchor before its content."""
        tag_start, tag_end, content = self._properties(start, end, tag)
        if isinstance(raw, tuple):
            inner: Node = Scalar(self.document, content, end, raw[2], raw[3])
        else:
            inner = self._collection(raw, content)
        if not tag.startswith("!") or tag == "!":
            return inner
        name = tag[1:]
        key = Scalar(
            self.document, tag_start, tag_end, name if name in ("Ref", "Condition") else "Fn::" + name
        )
        return Mapping(self.document, tag_start, end, lambda: ([(key, inner)], []), short=True)

    def _properties(self, start: int, end: int, tag: str) -> tuple[int, int, int]:
        """Where the tag begins and ends and where the content after tag and anchor begins."""
        text = self.text
        tag_start = tag_end = at = start
        while at < end and text[at] in "&!":
            stop = at + len(tag) if tag and text.startswith(tag, at) else self._property_end(at, end)
            if text[at] == "!":
                tag_start, tag_end = at, stop
            at = stop
            while at < end and text[at] in _BLANK + "#":
                if text[at] == "#":
                    while at < end and text[at] not in "\r\n":
                        at += 1
                else:
                    at += 1
        return tag_start, tag_end, at

    def _property_end(self, at: int, end: int) -> int:
        """Where an anchor, or a tag that is written in another way than it reads, ends."""
        verbatim = self.text.startswith("!<", at)
        while at < end and self.text[at] not in (">" if verbatim else _BLANK + "[]{},"):
            at += 1
        return at + 1 if verbatim else at

    def _entries(self, raw: _Collection) -> tuple[list[tuple[Scalar, Node]], list[Scalar]]:
        """All pairs of a mapping as they count, and the keys that do not count."""
        pairs: dict[str, tuple[Scalar, Node]] = {}
        duplicates: list[Scalar] = []
        merged = False
        document, children = self.document, raw.children
        for index in range(0, len(children), 2):
            raw_key, raw_value = children[index], children[index + 1]
            # The usual forms in place, as in ``wrap``: most of a large template is plain keys and scalars.
            if type(raw_key) is tuple and raw_key[4] is None:
                key = Scalar(document, raw_key[0], raw_key[1], raw_key[2], raw_key[3])
            else:
                key = self._key(raw_key)
            value = key.value
            if value == "<<" and not key.style:
                merged = True
                continue
            if value in pairs:
                duplicates.append(pairs.pop(value)[0])
            if type(raw_value) is tuple and raw_value[4] is None:
                pairs[value] = (key, Scalar(document, raw_value[0], raw_value[1], raw_value[2], raw_value[3]))
            else:
                pairs[value] = (key, self.wrap(raw_value))
        if merged:
            return self._merged(raw, pairs), duplicates
        return list(pairs.values()), duplicates

    def _key(self, raw: _Raw) -> Scalar:
        """A key; one that is not a scalar counts by its source text."""
        if isinstance(raw, tuple) and raw[4] is None:
            return Scalar(self.document, raw[0], raw[1], raw[2], raw[3])
        node = self.wrap(raw)
        if isinstance(node, Scalar):
            return node
        return Scalar(self.document, node.start, node.end, self.text[node.start : node.end])

    def _merged(
        self, raw: _Collection, explicit: dict[str, tuple[Scalar, Node]]
    ) -> list[tuple[Scalar, Node]]:
        """Pairs with ``<<`` applied: what is written out wins, then the earlier source."""
        pairs: dict[str, tuple[Scalar, Node]] = {}
        children = raw.children
        for index in range(0, len(children), 2):
            key = self._key(children[index])
            if key.value != "<<" or key.style:
                pair = explicit[key.value]
                if pair[0].start == key.start:
                    pairs[key.value] = pair
                continue
            node = self.wrap(children[index + 1])
            sources = node.items if isinstance(node, Sequence) else [node]
            for source in sources:
                if isinstance(source, Mapping):
                    for pair in source.entries:
                        if pair[0].value not in explicit:
                            pairs.setdefault(pair[0].value, pair)
        return list(pairs.values())
