"""The committed data as a whole: manifest, hashes, notices, and what importing the catalog costs."""

from __future__ import annotations

import datetime
import hashlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scopedown import catalog
from scopedown.catalog.generate.sources import PACKAGES

DATA = Path(catalog.__file__).parent / "data"
ROOT = Path(__file__).parents[2]


def test_manifest() -> None:
    manifest = catalog.manifest()
    assert datetime.date.fromisoformat(manifest["date"]) >= datetime.date(2026, 10, 27)
    assert manifest["counts"]["actions"] > 22_000
    assert manifest["counts"]["retired_actions"] > 400
    assert manifest["unreviewed"] == [], "rows are missing in generate/overlay/star.toml"
    assert [source["name"] for source in manifest["sources"]] == [package.name for package in PACKAGES]
    for source in manifest["sources"]:
        assert set(source) == {"name", "version", "registry", "licence", "feeds", "archive", "sha256"}
        assert len(source["sha256"]) == 64
        assert "GPL" not in source["licence"]


def test_age() -> None:
    built = datetime.date.fromisoformat(catalog.manifest()["date"])
    assert catalog.age_days(built) == 0
    assert catalog.age_days(str(built + datetime.timedelta(days=181))) == 181


def test_every_data_file_is_as_it_was_built() -> None:
    lines = (DATA / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    present = {path.relative_to(DATA).as_posix(): path for path in DATA.rglob("*") if path.is_file()}
    assert set(present) - {"SHA256SUMS"} == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256(present[name].read_bytes()).hexdigest() == digest, f"{name} was edited by hand"


def test_counts_are_those_of_the_data() -> None:
    counts = catalog.manifest()["counts"]
    assert counts["services"] == len(catalog.services())
    assert counts["actions"] == catalog.count("*")
    assert counts["managed_policies"] == len(catalog.managed_policy_names())
    assert counts["sam_policy_templates"] == len(catalog.sam_policy_template_names())


def test_size_budgets() -> None:
    def kilobytes(pattern: str) -> float:
        return sum(path.stat().st_size for path in DATA.glob(pattern)) / 1000

    assert kilobytes("actions/*") < 1_900
    assert kilobytes("conditions/*") < 420
    assert kilobytes("managed_policies.bin") < 380
    assert kilobytes("dependents.txt") < 200
    assert kilobytes("scoping.json") + kilobytes("principals.json") + kilobytes("condition_keys.json") < 60
    assert kilobytes("**/*") < 4_600


def test_every_public_name_is_there() -> None:
    for name in catalog.__all__:
        assert getattr(catalog, name) is not None
    with pytest.raises(AttributeError, match="nosuch"):
        getattr(catalog, "nosuch" + "")


def test_names_are_sorted_and_unique() -> None:
    names = (DATA / "names.txt").read_text(encoding="utf-8").splitlines()
    assert len(set(names)) == len(names)
    assert names == sorted(names, key=lambda name: name.lower().split(":"))


def test_notices_name_every_source() -> None:
    notices = (ROOT / "THIRD_PARTY_NOTICES").read_text(encoding="utf-8")
    for package in PACKAGES:
        assert f"{package.name} {package.version}" in notices


def test_importing_the_catalog_is_cheap() -> None:
    program = (
        "import sys; import scopedown.catalog as c; from scopedown.catalog import resources, store;"
        "heavy = {'pathlib', 'typing', 'dataclasses', 'importlib.resources', 'logging', 'hashlib'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules);"
        "assert not (c._services or c._names or c._retired or store._manifest);"
        "assert not (resources._cfn or resources._sam or resources._managed or c._dependents);"
        "lazy = {'conditions', 'managed', 'principals', 'wiring'};"
        "assert not {f'scopedown.catalog.{name}' for name in lazy} & set(sys.modules);"
        "assert 'zlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-S", "-c", program], check=True, env={"PYTHONPATH": str(ROOT / "src")})


def test_one_shard_loads_fast() -> None:
    def load() -> float:
        catalog._services.pop("s3", None)
        started = time.process_time()
        assert catalog.service("s3")
        return time.process_time() - started

    assert min(load() for _ in range(20)) < 0.005  # about 0.4 ms; the slack is for busy machines
