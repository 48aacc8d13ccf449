"""Compares what scopedown reads of a service with what the real framework compiles of it.

Fixtures hold the compiled template, so that comparing them needs no Node: ``case.json`` says with which
frameworks a service is packaged, ``expected.<framework>.json`` what came out. Both sides go through the same
reader, and the effective statements, the trust and the boundary of every role must be the same, and so must
the role and the reserved concurrency of every function.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from scopedown import catalog
from scopedown.iam.policy import Carrier, Statement
from scopedown.source.discovery import discover, from_text
from scopedown.source.tree import InputError, Mapping, Node
from scopedown.template import cloudformation
from scopedown.template.serverless.variables.tree import Given
from scopedown.template.stack import Role, Stack
from scopedown.values.guard import Guard

from . import packaging
from .packaging import Framework, Refused
from .translated import _shown

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "serverless"

# Guards of a service that say whether something from outside is given.
_OUTSIDE = re.compile(r"condition (opt|param|env):\S+ is (given|set)$")

Signature = tuple[Any, ...]


class Unread(Exception):
    """Our reader does not read a service; the message says why."""


class Case:
    """A service of the fixtures with what it is packaged with."""

    def __init__(self, folder: Path) -> None:
        said = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        self.folder = folder
        self.name = folder.name
        self.shows: str = said["shows"]
        self.frameworks: list[str] = said["frameworks"]
        self.stage: str | None = said["stage"]
        self.params: dict[str, str] = said["params"]

    def expected(self, framework: str) -> Path:
        """The file with what a framework compiles."""
        return self.folder / f"expected.{framework}.json"


def cases(folders: list[Path]) -> list[Case]:
    """The cases in some folders, each a case itself or a folder of cases."""
    found = [path for folder in folders for path in (folder / "case.json", *folder.glob("*/case.json"))]
    return [Case(path.parent) for path in sorted(set(found)) if path.is_file()]


# -- reading both sides ----------------------------------------------------------------------------------


def ours(
    root: Path, config: Path, package: str, version: str, stage: str | None, params: dict[str, str]
) -> Stack:
    """Our reading of a service, as if its package.json named a framework in one version.

    Raises:
        Unread: it is not read.
    """
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch, "service")
        shutil.copytree(root, whole, ignore=shutil.ignore_patterns(*packaging.LEFT_OUT), symlinks=True)
        copy = whole / config.relative_to(root)
        manifest = {"devDependencies": {package: version}}
        (copy.parent / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
        found = discover([str(copy)], root=str(whole))
        templates = list(found.templates())
        if len(templates) != 1 or templates[0].dialect != "serverless":
            raise Unread(str(found.errors[0]) if found.errors else "no service")
        (template,) = templates
        try:
            stack = cloudformation.read(
                template.document,
                template.root,
                template.dialect,
                {},
                template.reader,
                None,
                Given(stage, params),
            )
            _ = roles(stack)
        except InputError as error:
            raise Unread(str(error)) from error
        return stack


def theirs(template: dict[str, Any]) -> Stack:
    """Our reading of a compiled template."""
    (found,) = from_text("compiled.json", json.dumps(_pages(template), indent=1)).templates()
    return cloudformation.read(found.document, found.root, "cloudformation")


def _pages(template: dict[str, Any]) -> dict[str, Any]:
    return {"AWSTemplateFormatVersion": "2010-09-09", **template}


# -- what is compared ------------------------------------------------------------------------------------


def when(guard: Guard) -> Any:
    """A guard as a comparable value; None where it only holds for what the frameworks were not told.

    They ran without the options, parameters and environment that a service asks for, but for those of the
    case, which our reading was told too.
    """
    if guard.overflow:
        return "overflow"
    left = [
        frozenset(literal for literal in term if not _is_outside(literal[0][0]))
        for term in guard.terms
        if not any(positive and _is_outside(atom[0]) for atom, positive in term)
    ]
    return (frozenset() if frozenset() in left else frozenset(left)) if left else None


def _is_outside(subject: str) -> bool:
    return _OUTSIDE.match(subject) is not None


def _texts(elements: list[Any], fold: bool = False) -> frozenset[Signature]:
    shown = [(element.text.display(), when(element.guard)) for element in elements]
    return frozenset((text.lower() if fold else text, guard) for text, guard in shown if guard is not None)


def statements(listed: list[Statement]) -> set[Signature]:
    """Statements as what they allow or deny, pair by pair, whichever way they are joined together."""
    found: set[Signature] = set()
    for statement in listed:
        conditions = frozenset((c.operator, c.key, _texts(c.values)) for c in statement.conditions)
        actions = _each([*statement.actions, *statement.denied], statement.not_actions, True)
        resources = _each(statement.resources, statement.not_resources, False)
        rest = (conditions, when(statement.guard))
        found |= {(statement.effect, action, resource, *rest) for action in actions for resource in resources}
    return {each for each in found if each[-1] is not None}


def _each(elements: list[Any], excluded: list[Any] | None, fold: bool) -> list[Any]:
    if excluded is not None:
        return [("not", _texts(excluded, fold))]
    return list(_texts(elements, fold)) or [()]


def of_role(stack: Stack, role: Role) -> set[Signature]:
    """Everything about a role: statements, managed policies by name, trust, boundary."""
    found: set[Signature] = {("may", *each) for each in statements(role.all_statements)}
    for each in role.brought:
        carrier = each.carrier
        managed = carrier.kind == "managed-arn" or catalog.managed_policy(carrier.name) is not None
        if not each.visible or managed:
            found.add(("managed policy", _arn(carrier).rpartition("/")[2], when(carrier.guard)))
    for brought in role.boundary:
        found.add(("boundary", _arn(brought.carrier), when(brought.carrier.guard)))
    for trust in role.trust:
        who = _principals(stack, trust.principals)
        found |= {("trusts", trust.effect, principal, when(trust.guard)) for principal in who}
    return {each for each in found if each[-1] is not None}


def _arn(carrier: Carrier) -> str:
    return carrier.arn.display() if carrier.arn is not None else carrier.name


def _principals(stack: Stack, node: Node | None) -> set[Signature]:
    found: set[Signature] = set()
    for branch, guard in stack.resolver.branches(node) if node is not None else ():
        entries = branch.entries if isinstance(branch, Mapping) else []
        for key, value in entries:
            listed = stack.resolver.elements(value, guard)
            found |= {(key.value, *each) for each in _texts(listed)}
    return found


# Functions with which the framework runs its own custom resources: nobody writes them, so they are no
# functions of the service. Their role is compared like any other.
OWN = "CustomDashresource"


def roles(stack: Stack) -> dict[str, set[Signature]]:
    """What there is to compare of a stack, by what it is about."""
    found = {
        f"role {key}": of_role(stack, role) for key, role in stack.all_roles.items() if not role.external
    }
    for function in stack.functions:
        if function.id.startswith(OWN):
            continue
        about = found.setdefault(f"function {function.id}", set())
        about |= {("has role", role.key, when(guard)) for role, guard, _ in function.roles}
        about |= {("reserves", *each) for each in _texts(function.reserved)}
    return {about: {each for each in said if each[-1] is not None} for about, said in found.items()}


def differences(one: dict[str, set[Signature]], other: dict[str, set[Signature]]) -> list[str]:
    """One line for everything that only one side says."""
    lines = []
    for about in sorted(one.keys() | other.keys()):
        if about not in one or about not in other:
            lines.append(f"{about}: only {'read' if about in one else 'compiled'}")
            continue
        lines += [f"{about}: only read: {_shown(each)}" for each in one[about] - other[about]]
        lines += [f"{about}: only compiled: {_shown(each)}" for each in other[about] - one[about]]
    return sorted(lines)


def compare(case: Case, framework: str) -> list[str]:
    """What our reading of a fixture says otherwise than its framework; refusals have nothing to compare."""
    expected = json.loads(case.expected(framework).read_text(encoding="utf-8"))
    package, _, version = expected["framework"].partition(" ")
    try:
        stack = ours(
            case.folder, packaging.configuration(case.folder), package, version, case.stage, case.params
        )
    except Unread as error:
        return [] if "error" in expected else [f"not read: {error}"]
    if "error" in expected:
        return []
    return differences(roles(stack), roles(theirs(expected["template"])))


# -- commands --------------------------------------------------------------------------------------------


def generate(found: list[Case], frameworks: dict[str, Framework], only: list[str]) -> bool:
    """Packages fixtures and writes what comes out beside them; False where a framework is not installed."""
    jobs = [(case, name) for case in found for name in case.frameworks if not only or name in only]
    missing = sorted({name for _, name in jobs} - frameworks.keys())
    if missing:
        print(f"not installed: {', '.join(missing)}")
    jobs = [(case, name) for case, name in jobs if name in frameworks]
    with ThreadPoolExecutor(2) as pool:
        for (case, name), made in zip(jobs, pool.map(lambda job: _made(job, frameworks), jobs), strict=True):
            text = json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            case.expected(name).write_text(text, encoding="utf-8")
            print(f"{case.folder.name} {name}: {made.get('error', 'packaged')}", flush=True)
    return not missing


def _made(job: tuple[Case, str], frameworks: dict[str, Framework]) -> dict[str, Any]:
    case, name = job
    framework = frameworks[name]
    made: dict[str, Any] = {"framework": f"{framework.package} {framework.version}"}
    config = packaging.configuration(case.folder)
    try:
        template, warnings = packaging.package(framework, case.folder, config, case.stage, case.params)
    except Refused as refusal:
        return made | {"error": str(refusal)}
    made["template"] = packaging.reduced(template)
    return made | ({"warnings": warnings} if warnings else {})


def fixtures(found: list[Case]) -> bool:
    """Compares fixtures and prints every difference; True where there is none."""
    compared = refused = differing = 0
    for case in found:
        for name in case.frameworks:
            compared += 1
            refused += '"error":' in case.expected(name).read_text(encoding="utf-8")
            lines = compare(case, name)
            differing += bool(lines)
            for line in lines:
                print(f"{case.folder.name} {name}: {line}")
    print(f"{compared} comparisons, {refused} refused by the framework, {differing} differ")
    return not differing


def main() -> int:
    """Compares, or generates what is compared with; 0 where nothing differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.packaged", description=__doc__)
    parser.add_argument("paths", type=Path, nargs="*", default=[FIXTURES], help="cases, or folders of cases")
    parser.add_argument("--generate", action="store_true", help="package the fixtures anew")
    parser.add_argument("--only", action="append", default=[], help="generate: only with this framework")
    parser.add_argument("--corpus", type=Path, help="compare the services of an evaluation folder")
    parser.add_argument("--frameworks", type=Path, help="a folder with the frameworks' installations")
    parser.add_argument("--cache", type=Path, help="corpus: keep here what the frameworks compile")
    arguments = parser.parse_args()
    installed = packaging.installed(arguments.frameworks) if arguments.frameworks else {}
    if arguments.generate:
        return 0 if generate(cases(arguments.paths), installed, arguments.only) else 1
    if arguments.corpus:
        from . import packaged_corpus

        return 0 if packaged_corpus.run(arguments.corpus, installed, arguments.cache) else 1
    return 0 if fixtures(cases(arguments.paths)) else 1


if __name__ == "__main__":
    sys.exit(main())
