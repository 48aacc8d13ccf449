"""Finds templates: paths of the user go in, parsed templates come out, with what was skipped and why.

A file that the user names must be a template. In a walk of a folder, files without the marks of a template
are passed over; hidden folders are walked too, except those that tools fill (``walk.SKIPPED_FOLDERS``).
"""

from __future__ import annotations

import os

from .reader import Reader, decode, find_root
from .tree import InputError, Mapping, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .services import Fragments
    from .tree import Document, Node

SAM_TRANSFORM = "AWS::Serverless-2016-10-31"
_CODE = (".ts", ".js", ".mjs", ".cjs", ".mts", ".cts")


class Template:
    """A parsed template, with the reader that may open the files it refers to."""

    __slots__ = ("dialect", "document", "path", "reader", "root")

    def __init__(self, document: Document, root: Mapping, dialect: str, reader: Reader | None) -> None:
        self.path = document.path
        self.document = document
        self.root = root
        self.dialect = dialect
        self.reader = reader


class Candidate:
    """A file to look into; ``named`` ones must be templates."""

    __slots__ = ("named", "path", "reader")

    def __init__(self, path: str, named: bool, reader: Reader) -> None:
        self.path = path
        self.named = named
        self.reader = reader


class Discovery:
    """The templates under some paths; the other attributes fill while ``templates`` is consumed.

    ``skipped`` holds (path, reason) of files with the marks of a template that are not analysed,
    ``passed_over`` counts files without them, of which ``passed`` holds those that were looked into, and
    ``errors`` holds what cannot be used.
    """

    __slots__ = ("_candidates", "_fragments", "errors", "passed", "passed_over", "skipped")

    def __init__(self) -> None:
        self.errors: list[InputError] = []
        self.skipped: list[tuple[str, str]] = []
        self.passed: list[str] = []
        self.passed_over = 0
        self._fragments: Fragments | None = None
        self._candidates: Iterable[Candidate | tuple[Document, bool]] = ()

    def candidates(self) -> Iterator[Candidate]:
        """The files to look into, in order; ``load`` turns each into a template."""
        for candidate in self._candidates:
            if isinstance(candidate, Candidate):
                yield candidate

    def templates(self) -> Iterator[Template]:
        """The templates, read and parsed one by one."""
        for candidate in self._candidates:
            if isinstance(candidate, Candidate):
                template = self.load(candidate)
            else:
                template = self._recognise(candidate[0], candidate[1], None)
            if template is not None:
                yield template

    def load(self, candidate: Candidate) -> Template | None:
        """Read one file; None where it is skipped or in error, which is then recorded."""
        try:
            data = candidate.reader.read_bytes(candidate.path, candidate.named)
            if not candidate.named:
                from .refusal import may_be_template

                if not may_be_template(data, candidate.path):
                    self.passed_over += 1
                    self.passed.append(candidate.path)
                    return None
            document = decode(candidate.path, data)
        except InputError as error:
            self.errors.append(error)
            return None
        return self._recognise(document, candidate.named, candidate.reader)

    def _recognise(self, document: Document, named: bool, reader: Reader | None) -> Template | None:
        """The template in a text; what is none is recorded."""
        error = root = None
        try:
            root = parse(document)
        except InputError as raised:
            error = raised
        kind = dialect(root) if isinstance(root, Mapping) else ""
        if not kind or _suspicious(document):
            from .refusal import refuse

            if refuse(self, document, named, kind, error):
                return None
        assert isinstance(root, Mapping)
        if kind == "serverless":
            if provider := foreign(root):
                from .refusal import refuse_provider

                refuse_provider(self, document, named, root, provider)
                return None
        elif reader is not None and not named and self._is_fragment(document, root, kind, reader):
            self.passed_over += 1
            self.passed.append(document.path)
            return None
        return Template(document, root, kind, reader)

    def _is_fragment(self, document: Document, root: Mapping, kind: str, reader: Reader) -> bool:
        """Whether a file that a walk found is a part of a service, with which it is checked."""
        if kind == "sam" or root.get("AWSTemplateFormatVersion") is not None:
            return False
        if self._fragments is None:
            from .services import Fragments

            self._fragments = Fragments()
        return self._fragments.holds(document.path, reader)


def discover(
    paths: Iterable[str], exclude: Iterable[str] = (), hook: bool = False, root: str | None = None
) -> Discovery:
    """The templates that paths stand for.

    Args:
        paths: files and folders as the user gave them, searched in this order; a file counts once.
        exclude: patterns in gitignore syntax, relative to the root, for walks and under ``hook``.
        hook: files that are named are treated as if a walk had found them.
        root: bounds what may be read, instead of what ``find_root`` says.

    Returns:
        A Discovery; nothing is read before its templates are asked for.
    """
    found = Discovery()
    found._candidates = _candidates(found, paths, tuple(exclude), hook, root)
    return found


def from_text(path: str, text: str | bytes) -> Discovery:
    """The template that a text (standard input) is, found like a named file."""
    found = Discovery()
    try:
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        found._candidates = [(decode(path, data), True)]
    except InputError as error:
        found.errors.append(error)
    return found


def _candidates(
    found: Discovery, paths: Iterable[str], exclude: tuple[str, ...], hook: bool, root: str | None
) -> Iterator[Candidate]:
    """Files in the order of the paths, each file once."""
    seen: set[str] = set()
    for given in paths:
        path = _tidy(given)
        reader = _reader(path, root)
        if hook or os.path.isdir(path):
            from .walk import Walk

            files = Walk(path, reader, exclude, root is not None, found).files()
        elif os.path.basename(path).startswith("serverless-compose."):
            files = iter(_composed(found, path, reader))
        else:
            files = iter((Candidate(path, True, reader),))
        for candidate in files:
            for each in _owned(candidate) if hook else (candidate,):
                real = os.path.realpath(each.path)
                if real not in seen:
                    seen.add(real)
                    yield each


def _owned(candidate: Candidate) -> list[Candidate]:
    """The templates that deploy a changed file in place of it; the file itself where nothing does."""
    from .owners import owners

    found = owners(candidate.path, candidate.reader)
    return [Candidate(path, False, candidate.reader) for path in found] or [candidate]


def _composed(found: Discovery, path: str, reader: Reader) -> list[Candidate]:
    """The services that a serverless-compose file names."""
    from .services import composed

    try:
        root = parse(reader.read(path, True))
    except InputError as error:
        found.errors.append(error)
        return []
    paths, errors = composed(path, root if isinstance(root, Mapping) else None, reader)
    found.errors += errors
    return [Candidate(each, True, reader) for each in paths]


def _tidy(path: str) -> str:
    """A path without './' before it and '/' after it; '..' stays, since a link may stand before it."""
    while path.startswith("./"):
        path = path[2:].lstrip("/") or "."
    return path.rstrip("/") or path


def _reader(path: str, root: str | None) -> Reader:
    """The reader for a path that was given; a link that leads out of its repository moves the root along."""
    if root is not None:
        return Reader(root)
    reader = Reader(find_root(path))
    return reader if reader.holds(path) else Reader(find_root(os.path.realpath(path)))


def parse(document: Document) -> Node | None:
    """Parse a text in the format it has.

    Args:
        document: the text. Its format becomes "yaml" where a file named ``*.yaml`` or ``*.yml`` begins with
            a bracket but is not JSON, "toml" and "javascript" where the name says so.

    Returns:
        The root of the first YAML document that is marked as a template or service, else of the first one.

    Raises:
        InputError: the text does not parse.
    """
    name = document.path.lower()
    if name.endswith(_CODE):
        from .javascript_reader import parse_javascript

        document.format = "javascript"
        return parse_javascript(document)
    if name.endswith(".toml"):
        from .toml_reader import parse_toml

        document.format = "toml"
        return parse_toml(document)
    if document.format == "json":
        from .json_reader import parse_json

        if not name.endswith((".yaml", ".yml")):
            return parse_json(document)
        try:
            return parse_json(document)
        except InputError:
            document.format = "yaml"
    from .yaml_reader import parse_yaml

    roots = parse_yaml(document)
    for root in roots:
        if isinstance(root, Mapping) and dialect(root):
            return root
    return roots[0] if roots else None


def dialect(root: Mapping) -> str:
    """What a parsed text is.

    Args:
        root: the root mapping of a text.

    Returns:
        "sam" (its transform or a resource type of it), "cloudformation" (resources with types, a format
        version, or a transform beside resources: AWSTemplateFormatVersion is optional), "serverless"
        (a service of the Serverless Framework), "policy" (an IAM policy document), or "" for anything else.
    """
    resources = root.get("Resources")
    transform = root.get("Transform")
    types = _types(resources)
    marked = root.get("AWSTemplateFormatVersion") is not None or any("::" in name for name in types)
    if marked or (isinstance(resources, Mapping) and transform is not None):
        if _has_sam(transform) or any(name.startswith("AWS::Serverless::") for name in types):
            return "sam"
        return "cloudformation"
    if (root.get("provider") or root.get("functions")) and _names_service(root):
        return "serverless"
    statement = root.get("Statement")
    if statement is not None and resources is None and _are_statements(statement):
        return "policy"
    return ""


def _names_service(root: Mapping) -> bool:
    """Whether a root has the name of a service, as ``service: name`` or, in version 1, with a ``name`` in it.

    In code the name may be in a part that is not known. Many other files have a ``service`` with a port.
    """
    service = root.get("service") or root.get("...")
    if isinstance(service, Mapping):
        return service.short or service.get("name") is not None
    return isinstance(service, Scalar)


def foreign(root: Mapping) -> str:
    """The provider of a service that is not deployed to AWS; "" for AWS and where it is not known.

    ``provider`` is a mapping with a ``name``, or the name alone
    (https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml).
    """
    provider = root.get("provider")
    name = provider.get("name") if isinstance(provider, Mapping) else provider
    if not isinstance(name, Scalar) or "${" in name.value or name.value.strip().lower() in ("aws", ""):
        return ""
    return name.value.strip()


def _are_statements(node: Node) -> bool:
    """Whether a node holds nothing but statements of an IAM policy, at least one."""
    listed = node.items if isinstance(node, Sequence) else [node]
    return bool(listed) and all(
        isinstance(item, Mapping)
        and isinstance(item.get("Effect"), Scalar)
        and (item.get("Action") or item.get("NotAction")) is not None
        for item in listed
    )


def _types(resources: Node | None) -> list[str]:
    """The types of all resources."""
    types: list[str] = []
    if isinstance(resources, Mapping):
        for _, resource in resources.entries:
            kind = resource.get("Type") if isinstance(resource, Mapping) else None
            if isinstance(kind, Scalar):
                types.append(kind.value)
    return types


def _has_sam(transform: Node | None) -> bool:
    """Whether the SAM transform stands in a Transform, as a string or in a list."""
    names = transform.items if isinstance(transform, Sequence) else [transform]
    return any(isinstance(name, Scalar) and name.value == SAM_TRANSFORM for name in names)


def _suspicious(document: Document) -> bool:
    """Whether a text that parses may still hold blocks of a template engine."""
    text = document.text
    return document.format == "yaml" and ("{{" in text or "{%" in text or "<%" in text)
