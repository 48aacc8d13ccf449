"""What the sources of variables give: a source with its address known comes in, its value goes out.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

from ....source.tree import InputError, Mapping, Node, Scalar, Sequence
from .files import NotRead
from .unknowns import Unknown, as_text, condition, conditions, fallback, hole, is_null, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .evaluation import Use
    from .placeholders import Part, Source
    from .tree import Variables

    # The value, None where there is none; and the sources that may have a value before it.
    Found: TypeAlias = "tuple[Node | None, list[tuple[str, Node]]]"

MISSING: Found = (None, [])
# Sources of the framework itself, and of its dashboard.
_PROVIDED = ("cf", "s3", "ssm", "sls", "output", "state")
_TRUE, _FALSE = ("true", "1"), ("false", "0")


class Fatal(Exception):
    """The framework refuses to go on; the message says why."""


class Sources:
    """Evaluates sources for one service."""

    __slots__ = ("_env", "absent", "variables")

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self.absent = ""  # the file of the last source, where there is no such file
        self._env: dict[str, str | None] | None = None

    def value(self, source: Source, use: Use, last: bool) -> Found:
        """What a source gives.

        Args:
            source: the source, not a literal.
            use: where it is used.
            last: nothing follows it in its placeholder.

        Raises:
            Fatal, SyntaxProblem: the framework would stop.
        """
        address, more = self._text(source.address, use)
        param, also = self._text(source.params[0] if source.params else None, use)
        before: list[tuple[str, Node]] = [(name, hole(source.text, use.node)) for name in (*also, *more)]
        if address is None or param is None:
            return None, before or self._unknown(source.text, use)
        value, unknown = self._dispatch(source, param, address, use, last)
        return value, before + unknown

    def _text(self, parts: list[Part] | None, use: Use) -> tuple[str | None, list[str]]:
        """The text of an address, None where it is not known, and the conditions on which it is another."""
        if not parts:
            return "", []
        pieces: list[str] = []
        names: list[str] = []
        for part in parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            node = self.variables.placeholder(part, use)
            names += conditions(node)
            node = fallback(node)
            if not isinstance(node, Scalar):
                return None, names
            pieces.append(as_text(node))
        return "".join(pieces), names

    def _dispatch(self, source: Source, param: str, address: str, use: Use, last: bool) -> Found:
        kind = source.type
        self.absent = ""
        if kind == "self":
            return self._self(address, use, last)
        if kind == "file":
            return self._file(param, address, source, use)
        if kind == "opt":
            return self._opt(address, use, last)
        if kind == "sls" and address == "stage" and not self.variables.legacy:
            return text(self.variables.stage, use.node), []
        if kind == "param" and not self.variables.legacy:
            return self._param(address, use)
        if kind == "env":
            return self._of_env(address, use)
        if kind == "strToBool":
            return self._bool(param, use)
        if kind == "aws" and not self.variables.legacy:
            return self._aws(address, use)
        if kind == "nested":
            return text(address, use.node), []
        self._doubt(kind, use)
        written = kind + (f"({param})" if param else "") + f":{address}"
        plain = len(source.params or ()) < 2 and address  # more than one parameter: as it was written
        return None, self._unknown(written if plain else source.text, use)

    def _doubt(self, kind: str, use: Use) -> None:
        """Notes a source that nobody provides: only a plugin could."""
        variables = self.variables
        if kind in _PROVIDED or variables.legacy or variables.framework.semantics not in (2, 3):
            return
        if variables.source.get("plugins") is None:
            reason = "no plugin is listed that could provide this source; the framework stops there"
            variables.note(f"{kind}:", reason, use.node)

    def _unknown(self, written: str, use: Use) -> list[tuple[str, Node]]:
        return [(condition(written), hole(written, use.node))]

    # -- the configuration ---------------------------------------------------------------------------

    def _self(self, address: str, use: Use, last: bool) -> Found:
        variables = self.variables
        keys = address.split(".") if address else []
        found = self.walk(variables.source, self._specials(keys), f"self:{address}", use)
        older = variables.legacy or variables.framework.semantics < 3
        return found if found[0] is not None or found[1] or not (last or older) else self._implied(keys, use)

    def _implied(self, keys: list[str], use: Use) -> Found:
        """What versions 1 and 2 fill in where the configuration is silent.

        Later ones refuse it where nothing follows; but which version it is, is often only assumed.
        """
        variables = self.variables
        if keys == ["provider", "stage"]:
            return text(variables.stage, use.node), []
        if keys == ["provider", "region"]:
            return text("us-east-1", use.node), []
        service = variables.source.get("service")
        if keys == ["service", "name"] and isinstance(service, Scalar):
            return variables.node(service, use), []
        return MISSING

    def _specials(self, keys: list[str]) -> list[str]:
        variables = self.variables
        if variables.legacy:
            keys = [key for key in keys if key]
            if keys == ["provider"]:
                keys = ["provider", "name"]
            elif keys == ["service", "name"] and isinstance(variables.source.get("service"), Scalar):
                keys = ["service"]
        return keys

    def walk(self, node: Node | None, keys: list[str], written: str, use: Use) -> Found:
        """What keys lead to in a tree as it was written; variables on the way are resolved."""
        variables = self.variables
        before: list[tuple[str, Node]] = []
        if variables.framework.is_v4 and not variables.legacy:
            keys = [part for key in keys for part in key.replace("]", "").split("[") if part]
        for key in keys:
            if isinstance(node, Scalar):
                node = variables.target(node, use)
            if isinstance(node, Unknown):
                before += [(name, hole(written, use.node)) for name in conditions(node)]
                node = fallback(node)
                if isinstance(node, Unknown):
                    return None, before or self._unknown(written, use)
            node = _child(node, key)
        if is_null(node) or node is None:
            return None, before
        node = variables.node(node, use)
        if variables.legacy:
            if isinstance(node, Unknown) and node.kind == "variable":
                return None, [*before, *self._unknown(written, use)]
            if isinstance(node, Mapping) and not node.entries:
                return None, before
        return None if is_null(node) else node, before

    def _opt(self, name: str, use: Use, last: bool) -> Found:
        variables = self.variables
        if name == "stage":
            if variables.given.stage is None and not last:
                return MISSING
            return text(variables.stage, use.node), []
        if name == "region":
            region = variables.region if last else None
            if region is None:
                return None, self._unknown("opt:region", use) if last else []
            return region, []
        return None, self._unknown(f"opt:{name}", use)

    def _param(self, name: str, use: Use) -> Found:
        variables = self.variables
        given = variables.given.params
        if name in given:
            from ....values.parameters import Given as Outside

            if isinstance(given, Outside):
                given.unknown.discard(name)
            return text(given[name], use.node), []
        places = []
        for stage in (variables.stage, "default"):
            if variables.framework.is_v4:
                places.append(["stages", stage, "params", name])
            places.append(["params", stage, name])
        before: list[tuple[str, Node]] = []
        for keys in places:
            value, unknown = self.walk(variables.source, keys, f"param:{name}", use)
            before += unknown
            if value is not None:
                return value, before
        return None, [*before, *self._unknown(f"param:{name}", use)]

    def _aws(self, address: str, use: Use) -> Found:
        if address == "accountId":
            return Unknown("ref", ["AWS::AccountId"], use.node), []
        if address != "region":
            raise Fatal(f"'aws:{address}' is no variable")
        region = self.variables.region
        if isinstance(region, Scalar):
            return region, []
        if region is None and self.variables.source.get("provider") is not None:
            return text("us-east-1", use.node), []
        return Unknown("ref", ["AWS::Region"], use.node), []

    def _bool(self, param: str, use: Use) -> Found:
        word = param.strip().lower()
        if word not in _TRUE and word not in _FALSE:
            raise Fatal(f"'{param}' is neither true nor false")
        node = use.node
        return Scalar(node.document, node.start, node.end, "true" if word in _TRUE else "false"), []

    # -- outside -------------------------------------------------------------------------------------

    def _file(self, where: str, address: str, source: Source, use: Use) -> Found:
        variables = self.variables
        written = f"file({where})" + (f":{address}" if address else "")
        if not where:
            raise Fatal("'file' has no path")
        try:
            if variables.legacy and where.startswith("~"):
                raise NotRead("the home folder is not read")
            content = variables.files.content(where)
        except NotRead as reason:
            if not reason.program:
                variables.note(written, str(reason), use.node)
            return None, self._unknown(written, use)
        found = self.walk(content, address.split(".") if address else [], written, use)
        self.absent = where if content is None and variables.files.lacks(where) else ""
        return found

    def _of_env(self, name: str, use: Use) -> Found:
        given = self.variables.given.env
        if given is not None and name in given:
            return text(given[name], use.node), []
        if self._env is None:
            self._env = {}  # set first: what says whether to read .env files may itself use them
            self._env = self._dotenv(use)
        value = self._env.get(name)
        if value is not None:
            return text(value, use.node), []
        if given is not None and name not in self._env:
            return MISSING
        return None, self._unknown(f"env:{name}", use)

    def _dotenv(self, use: Use) -> dict[str, str | None]:
        """The variables of the service's ``.env`` files."""
        from .dotenv import parse

        variables = self.variables
        if variables.framework.semantics < 2:
            return {}
        found: dict[str, str | None] = {}
        for name in self._dotenv_files(use):
            try:
                content = variables.files.text(name)
            except InputError as error:
                variables.note(name, error.cause, use.node)
                continue
            if content is not None:
                for key, value in parse(content).items():
                    found.setdefault(key, value)
                if not variables.framework.is_v4:
                    break
        return found

    def _dotenv_files(self, use: Use) -> list[str]:
        """Their names, what counts first; version 4 loads all, the others the first that exists."""
        variables = self.variables
        wanted = variables.source.get("useDotenv")
        wanted = fallback(variables.node(wanted, use)) if wanted is not None else None
        names = [f".env.{variables.stage}", ".env"]
        off = wanted is None or (isinstance(wanted, Scalar) and as_text(wanted) in ("false", "", "null", "0"))
        if not variables.framework.is_v4:
            return [] if off else names
        if wanted is None:
            return names
        if off:
            return []
        listed = wanted.items if isinstance(wanted, Sequence) else [wanted]
        paths = [as_text(each) for each in listed if isinstance(each, Scalar)]
        return [*names, *(path for path in paths if path != "true")]


def _child(node: Node | None, key: str) -> Node | None:
    if isinstance(node, Mapping):
        return node.get(key)
    if isinstance(node, Sequence) and key.isascii() and key.isdigit() and len(key) < 7:
        return node.items[int(key)] if int(key) < len(node.items) else None
    return None
