"""Each package imports only from those before it, and a plain check imports only what it needs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "scopedown"
EXPECTED = Path(__file__).parent / "expected_imports.txt"

# Straight line: a package may import from those on the lines above; those on one line not from one another.
ORDER: list[tuple[str, ...]] = [
    ("source",),
    ("catalog",),
    ("values",),
    ("iam",),
    ("template",),
    ("evidence",),
    ("proof",),
    ("suggest",),
    ("rulebook",),
    ("checks",),
    ("suppress", "baseline", "config", "stages"),
    ("engine",),
    ("fix",),
    ("access",),
    ("report",),
    ("cli",),
    ("__main__", "gendocs", "cfnlint"),
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
# Kept apart on purpose: what proposes and what proves share nothing but types.
APART = {("suggest", "proof")}

# Comfortable, and dear at start-up: together they would double the time of a check in a hook.
FORBIDDEN = """typing dataclasses pathlib tomllib importlib.resources importlib.metadata logging copy hashlib
    inspect asyncio subprocess tempfile shutil concurrent multiprocessing socket ssl urllib http email
    rich policyuniverse cfnlint samtranslator pathspec jsonschema tree_sitter boto3 botocore""".split()

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Files: {Type: AWS::S3::Bucket}
  Copy:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: copy.handler
      CodeUri: s3://packages/copy.zip
      Policies:
        - Statement:
            - {Effect: Allow, Action: 's3:*', Resource: '*'}
"""
PROGRAM = """\
import sys, json, argparse, yaml
before = set(sys.modules)
from scopedown.cli import main
try:
    main(["check", sys.argv[1]])
except SystemExit:
    pass
print("\\n".join(["imported:", *sorted(set(sys.modules) - before)]))
"""


def modules() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if "__pycache__" not in path.parts)


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of every import of our own in a file, those for type checkers included."""
    package = ["scopedown", *path.relative_to(SOURCE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            dotted = [*base, *([node.module] if node.module else [])]
            for alias in node.names:
                yield node.lineno, ".".join([*dotted, alias.name])


def layer(dotted: str) -> str | None:
    """The package of ours that a dotted name lies in; None for others and for the version."""
    parts = dotted.split(".")
    if parts[0] != "scopedown" or len(parts) < 2 or parts[1].startswith("__version"):
        return None
    return parts[1]


def test_every_package_has_a_place_in_the_order() -> None:
    found = {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in modules()} - {"__init__"}
    assert found <= set(RANK), f"add to ORDER: {sorted(found - set(RANK))}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_backwards(path: Path) -> None:
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if own == "__init__":
        assert not [name for _, name in imported(path) if layer(name)]
        return
    wrong = []
    for line, name in imported(path):
        other = layer(name)
        if other is None or other == own:
            continue
        if RANK.get(other, len(ORDER)) >= RANK[own] or (own, other) in APART or (other, own) in APART:
            wrong.append(f"{path.relative_to(ROOT)}:{line}: {own} imports {name}")
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The modules that a plain check of one template imports, beyond those of yaml, json and argparse."""
    template = tmp_path_factory.mktemp("plain") / "template.yaml"
    template.write_text(TEMPLATE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(template)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    text, _, names = done.stdout.rpartition("imported:\n")
    assert "service-star" in text, done.stdout + done.stderr
    return names.split()


def test_a_plain_check_imports_the_listed_modules(loaded: list[str], accept: bool) -> None:
    """More modules cost every run: when this fails, import later, or say so with ``--accept``."""
    own = [name for name in loaded if name.split(".")[0] == "scopedown"]
    text = "".join(f"{name}\n" for name in own)
    if accept:
        EXPECTED.write_text(text, encoding="utf-8")
    assert own == EXPECTED.read_text(encoding="utf-8").split()


def test_a_plain_check_imports_nothing_dear(loaded: list[str]) -> None:
    dear = [name for name in loaded if any(name == f or name.startswith(f + ".") for f in FORBIDDEN)]
    assert not dear


def test_a_plain_check_needs_one_dependency(loaded: list[str]) -> None:
    top = {name.split(".")[0] for name in loaded}
    assert top - set(sys.stdlib_module_names) - {"scopedown", "yaml", "_yaml"} == set()
