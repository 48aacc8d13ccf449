"""Compares our decisions with the oracle's: ``python -m tests.oracle.compare --count 100000 --seed 1``.

Every case is decided four ways, each under both readings of ``*``: its concrete policies with the request's
context; the same as rules see them, after denies have silenced what they can; with holes where the template
has parameters; and without the context. The first two must agree to the letter; the others may say that they
cannot tell, and must agree where they can.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from scopedown.iam.access import effective, may
from scopedown.iam.deny import certain, silence
from scopedown.iam.grant import Grant
from scopedown.iam.policy import Carrier, Statement, read_document
from scopedown.source.json_reader import parse_json
from scopedown.source.tree import Document, Mapping
from scopedown.values.intrinsics import Resolver
from scopedown.values.text import Text

from .evaluator import Policy, Request, allowed
from .generate import HOLES, Case, case


class Disagreement(Exception):
    """Our answer is not the oracle's."""


def compare(given: Case) -> Counter[str]:
    """Decides every request of a case both ways.

    Returns:
        How many answers there were: ``same``, and ``cannot tell`` where holes or context are missing.

    Raises:
        Disagreement: with everything that is needed to repeat it.
    """
    policies, boundary = given.policies, given.boundary
    concrete = grants(policies, boundary)
    silenced = grants(policies, boundary, silent=True)
    symbolic = grants(given.template_policies, given.template_boundary)
    counts: Counter[str] = Counter()
    for request in given.requests:
        for segments in (False, True):
            right = allowed(request, policies, boundary, segments=segments)
            for name, found, context, must in (
                ("concrete", concrete, request.context, True),
                ("silenced", silenced, request.context, True),
                ("with holes", symbolic, request.context, False),
                ("without context", concrete, None, False),
            ):
                resource = Text((request.resource,))
                answer = may(found, request.action, resource, context, segments)
                if answer is not right and (must or answer is not None):
                    raise Disagreement(_told(given, request, segments, name, answer, right))
                counts["cannot tell" if answer is None else "same"] += 1
    return counts


def grants(policies: Sequence[Policy], boundary: Policy | None, silent: bool = False) -> list[Grant]:
    """What our reader and our algebra make of some policies, a role's and its boundary."""
    root = tree(policies, boundary)
    resolver = Resolver(root)
    limits = None if boundary is None else list(_statements(root, resolver, "Boundary"))
    statements = list(_statements(root, resolver, "Policies"))
    for statement in statements if silent else ():
        if statement.effect == "Allow":
            silence(statement, [certain(statements)])
    return effective(statements, limits)


def tree(policies: Sequence[Policy], boundary: Policy | None) -> Mapping:
    """The policies as a located tree, with a parameter for every hole."""
    whole: dict[str, Any] = {
        "Parameters": {name: {"Type": "String"} for name in HOLES},
        "Policies": list(policies),
        "Boundary": [] if boundary is None else [boundary],
    }
    node = parse_json(Document("case.json", json.dumps(whole), "json"))
    assert isinstance(node, Mapping)
    return node


def _statements(root: Mapping, resolver: Resolver, name: str) -> Iterator[Statement]:
    for document, guard in resolver.members(root.get(name)):
        yield from read_document(document, resolver, Carrier("inline", "Role", document, name, guard))


def _told(case: Case, request: Request, segments: bool, name: str, answer: bool | None, right: bool) -> str:
    written = case.template_policies if name == "with holes" else case.policies
    limit = case.template_boundary if name == "with holes" else case.boundary
    shown = {
        "seed": case.seed,
        "number": case.number,
        "reading": "by segments" if segments else "flat",
        "policies": written,
        "boundary": limit,
        "holes": dict(case.holes),
        "request": {"action": request.action, "resource": request.resource, "context": request.context},
    }
    return f"{name}: we say {answer}, the oracle {right}\n{json.dumps(shown, indent=1, default=list)}"


def main(arguments: list[str]) -> int:
    """Runs the comparison; 1 where there is a disagreement."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.compare", description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    given = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    wrong = 0
    for number in range(given.first, given.first + given.count):
        try:
            counts += compare(case(given.seed, number))
        except Disagreement as error:
            wrong += 1
            if wrong <= 5:
                print(error, file=sys.stderr)
    print(f"{given.count} policy sets, seed {given.seed}: {wrong} disagree")
    print(", ".join(f"{number} answers {what}" for what, number in counts.most_common()))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
