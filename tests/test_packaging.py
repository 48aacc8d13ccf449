"""What is shipped: the wheel holds rules, data, types and licence, and runs from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "fixtures" / "projects" / "orders" / "template.yaml"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the wheel's content and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from scopedown.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_wheel_holds_what_a_run_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    rules = {f"scopedown/_rules/{path.name}" for path in (ROOT / "rules").glob("*.yaml")}
    data = ROOT / "src" / "scopedown" / "catalog" / "data"
    facts = {f"scopedown/catalog/data/{p.relative_to(data)}" for p in data.rglob("*") if p.is_file()}
    assert rules and facts
    assert rules | facts | {"scopedown/py.typed", "scopedown/rulebook/index.jsonl"} <= names
    licences = {name.rsplit("/", 1)[-1] for name in names if ".dist-info/licenses/" in name}
    assert licences >= {"LICENSE", "THIRD_PARTY_NOTICES"}


def test_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"scopedown"}
    assert not [name for name in names if "__pycache__" in name]


def test_installed_wheel_checks_a_template(installed: Path) -> None:
    done = run(installed, "check", str(DEMO))
    assert done.returncode == 1, done.stderr
    assert "service-star" in done.stdout


def test_installed_wheel_lists_the_rules_of_the_checkout(installed: Path) -> None:
    done = run(installed, "rules")
    assert done.returncode == 0, done.stderr
    for path in (ROOT / "rules").glob("*.yaml"):
        assert path.stem in done.stdout
