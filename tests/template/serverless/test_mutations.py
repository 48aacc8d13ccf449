"""No broken service makes a check fail or run long: errors and notes, never a crash."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest

from scopedown import engine
from scopedown.config import Options

from ...eval import packaged, packaging
from .drawn import WRITERS
from .mutations import Mutator

CASES = packaged.cases([packaged.FIXTURES])
VERSIONS = ("", "", "frameworkVersion: '1'\n", "frameworkVersion: '2'\n", "frameworkVersion: '4'\n")
# What a bakery may say, for the formats that the fixtures do not have.
BAKERY = {
    "service": "bakery",
    "provider": {"name": "aws", "iam": {"role": {"statements": [], "managedPolicies": ["${self:custom.a}"]}}},
    "custom": {"a": "arn:aws:iam::aws:policy/AmazonS3FullAccess", "b": [1, {"c": "${opt:owner, 'd'}"}]},
    "plugins": ["serverless-iam-roles-per-function"],
    "functions": {
        "bake": {
            "handler": "bake.handler",
            "events": [{"sqs": {"arn": "arn:aws:sqs:a:b:c"}}, {"httpApi": "GET /"}],
            "iamRoleStatements": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"}],
            "vpc": {"subnetIds": ["subnet-1"], "securityGroupIds": []},
        }
    },
    "resources": {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "extensions": {"T": {"Properties": {}}}},
}


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash is told in the report, as it is to users."""
    monkeypatch.delenv("SCOPEDOWN_DEBUG", raising=False)


def _options(*paths: str) -> Options:
    options = Options(paths)
    options.pedantic = True
    return options


def _checked(name: str, text: str) -> engine.Report:
    begin = time.perf_counter()
    report = engine.check_text(name, text, _options())
    assert report.internal == [], text
    assert time.perf_counter() - begin < 2, text
    return report


def test_broken_fixtures() -> None:
    chance = random.Random(20)
    configs = [packaging.configuration(case.folder) for case in CASES]
    mutators = [(config.name, Mutator(config.name, config.read_text("utf-8"))) for config in configs]
    read = 0
    for _ in range(1200):
        name, mutator = chance.choice(mutators)
        text = mutator.mutated(chance)
        if name.endswith(".yml") and "frameworkVersion" not in text:
            text = chance.choice(VERSIONS) + text
        read += _checked(name, text).errors == []
    assert 600 < read < 1150  # most can still be read, and some cannot


@pytest.mark.parametrize("name", WRITERS)
def test_broken_services_of_every_format(name: str) -> None:
    chance = random.Random(name)
    mutator = Mutator(name, WRITERS[name](BAKERY))
    assert len(mutator.nodes) == 42
    for _ in range(60):
        _checked(name, mutator.mutated(chance))


def test_broken_files_beside_a_service(tmp_path: Path) -> None:
    chance = random.Random(5)
    tried = 0
    for case in CASES:
        config = packaging.configuration(case.folder)
        files = sorted(path for path in case.folder.rglob("*") if path.suffix in (".yml", ".json", ".txt"))
        beside = [
            path for path in files if path != config and not path.name.startswith(("expected.", "case."))
        ]
        if not beside:
            continue
        folder = tmp_path / case.name
        shutil.copytree(case.folder, folder)
        for path in beside:
            mutator = Mutator(path.name, path.read_text("utf-8"))
            for _ in range(10):
                text = mutator.mutated(chance).encode("utf-8", "surrogatepass")
                (folder / path.relative_to(case.folder)).write_bytes(text)
                report = engine.check(_options(str(folder / config.name)))
                assert report.internal == [], text
                tried += 1
            shutil.copy(path, folder / path.relative_to(case.folder))
    assert tried >= 100
