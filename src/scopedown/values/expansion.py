"""Loops and includes: a template becomes the template that they stand for, located as it is written.

Fn::ForEach (language extensions) is written out in Resources, Conditions, Outputs and inside properties;
the AWS::Include transform is replaced by the local file it names. Nodes keep the places of their source, in
the included file where they come from one. Everything is made when it is first looked at; what cannot be
written out is noted and left as it is.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/create-reusable-transform-function-snippets-and-add-to-your-template-with-aws-include-transform.html
"""

from __future__ import annotations

import os
import re

from ..source.tree import InputError, Mapping, Node, Scalar, Sequence
from .intrinsics import Resolver, call, scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..source.tree import Document

    Entries = list[tuple[Scalar, Node]]

_LOOP = "Fn::ForEach::"
# CloudFormation takes 500 resources; the margin is for entries inside properties.
MAX_MADE = 20_000
MAX_LEVELS = 8


class _Plain(Resolver):
    """Evaluates what says how to write a template out: parameters and mappings only, nothing written out."""

    def _expanded(self, root: Mapping) -> Mapping:
        return root

    def __init__(self, root: Mapping, given: dict[str, str]) -> None:
        super().__init__(root, given)
        self.resources = None


def expanded(root: Mapping, resolver: Resolver) -> Mapping:
    """The template with loops and includes written out.

    Args:
        root: the template.
        resolver: its resolver; it has the reader for included files and collects the notes.
    """
    return _Expander(root, resolver).root(root)


class _Expander:
    def __init__(self, root: Mapping, resolver: Resolver) -> None:
        self._resolver = resolver
        self._plain = _Plain(root, resolver.given)
        self._made = 0
        self._files: dict[str, Node] = {}
        self._levels: dict[int, int] = {}

    def root(self, root: Mapping) -> Mapping:
        """The whole template; an include may stand in its Transform too, and then adds sections."""

        def load() -> tuple[Entries, list[Scalar]]:
            entries, duplicates = self._entries(root, {})
            transform = root.get("Transform")
            listed = transform.items if isinstance(transform, Sequence) else [transform]
            have = {key.value for key, _ in entries}
            for item in listed:
                content = self._content(item, {}) if item is not None else None
                if isinstance(content, Mapping):
                    entries += [pair for pair in content.entries if pair[0].value not in have]
            return entries, duplicates

        return Mapping(root.document, root.start, root.end, load, root.flow)

    def _node(self, node: Node, bound: dict[str, str]) -> Node:
        """A node under the loop variables that are bound."""
        document, start, end = node.document, node.start, node.end
        if isinstance(node, Scalar):
            value = _filled(node.value, bound)
            return node if value == node.value else Scalar(document, start, end, value, node.style or '"')
        if isinstance(node, Sequence):
            listed = node
            return Sequence(
                document, start, end, lambda: [self._node(each, bound) for each in listed.items], node.flow
            )
        if not isinstance(node, Mapping):
            return node
        function = call(node)
        if function is not None and bound and function[0] == "Ref" and scalar(function[1]) in bound:
            return Scalar(document, start, end, bound[scalar(function[1])], '"')
        if function is not None and function[0] == "Fn::Transform":
            content = self._content(function[1], bound)
            if content is not None:
                return content
        mapping = node
        return Mapping(
            document, start, end, lambda: self._entries(mapping, bound), mapping.flow, mapping.short
        )

    def _entries(self, mapping: Mapping, bound: dict[str, str]) -> tuple[Entries, list[Scalar]]:
        pairs: dict[str, tuple[Scalar, Node]] = {}
        for key, value in mapping.entries:
            made: Entries | None = None
            if key.value.startswith(_LOOP):
                made = self._loop(key, value, bound)
            elif key.value == "Fn::Transform" and len(mapping.entries) > 1:
                content = self._content(value, bound)
                made = content.entries if isinstance(content, Mapping) else None
            if made is None:
                made = [(self._key(key, bound), self._node(value, bound))]
            for pair in made:
                pairs[pair[0].value] = pair
        return list(pairs.values()), mapping.duplicates

    def _key(self, key: Scalar, bound: dict[str, str]) -> Scalar:
        made = self._node(key, bound)
        return made if isinstance(made, Scalar) else key

    # -- loops ---------------------------------------------------------------------------------------

    def _loop(self, key: Scalar, value: Node, bound: dict[str, str]) -> Entries:
        """What a loop stands for; nothing where that cannot be known."""
        items = value.items if isinstance(value, Sequence) else []
        if len(items) != 3 or not isinstance(items[0], Scalar) or not isinstance(items[2], Mapping):
            self._resolver.note(key.value, "it is not a list of a name, a collection and a mapping", key)
            return []
        name, collection, body = items[0].value, items[1], items[2]
        values = self._collection(self._node(collection, bound))
        if values is None:
            self._resolver.note(key.value, "what it loops over is not known here", key)
            return []
        found: Entries = []
        for each in values:
            entries, _ = self._entries(body, {**bound, name: each})
            self._made += len(entries)
            if self._made > MAX_MADE:
                self._resolver.note(key.value, f"the loops make more than {MAX_MADE:,} entries", key)
                break
            found += entries
        return found

    def _collection(self, node: Node) -> list[str] | None:
        """The strings of a collection; None where they depend on what is not known."""
        values = []
        for element in self._plain.elements(node, filled=True):
            if element.text.literal is None or not element.guard.is_always:
                return None
            values.append(element.text.literal)
        return values

    # -- includes ------------------------------------------------------------------------------------

    def _content(self, node: Node, bound: dict[str, str]) -> Node | None:
        """The content that an AWS::Include stands for; None for other macros and what is not visible."""
        if not isinstance(node, Mapping) or scalar(node.get("Name")) != "AWS::Include":
            return None
        parameters = node.get("Parameters")
        location = parameters.get("Location") if isinstance(parameters, Mapping) else None
        texts = self._plain.texts(self._node(location, bound), filled=True) if location is not None else []
        where = texts[0].text.literal if len(texts) == 1 else None
        reason = ""
        if where is None:
            reason = "where it lies is not known here"
        elif "://" in where:
            reason = "it lies outside the project; only local files are read"
        elif self._resolver.reader is None:
            reason = "files beside this template are not read"
        elif self._levels.get(id(node.document), 0) >= MAX_LEVELS:
            reason = "includes are nested too deeply"
        else:
            try:
                return self._file(node.document, where)
            except InputError as error:
                reason = error.cause
        self._resolver.note(f"include {where or 'of a file'}", reason, location or node)
        return None

    def _file(self, document: Document, where: str) -> Node | None:
        """The tree of an included file; its path is relative to the file that includes it."""
        from ..source.discovery import parse

        path = os.path.normpath(os.path.join(os.path.dirname(document.path), where))
        level = self._levels.get(id(document), 0) + 1
        if path not in self._files or level > self._levels[id(self._files[path].document)]:
            assert self._resolver.reader is not None
            included = self._resolver.reader.read(path)
            content = parse(included)
            if content is None:
                raise InputError(path, "it is empty")
            self._resolver.included.append(included)  # ids of documents that live stay theirs
            self._levels[id(included)] = level
            self._files[path] = content
        return self._node(self._files[path], {})


_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")


def _filled(value: str, bound: dict[str, str]) -> str:
    """A string with the loop variables in it replaced: ``${id}``, and ``&{id}`` without punctuation."""
    if "{" in value:
        for name, each in bound.items():
            value = value.replace("${" + name + "}", each)
            value = value.replace("&{" + name + "}", _NOT_ALPHANUMERIC.sub("", each))
    return value
