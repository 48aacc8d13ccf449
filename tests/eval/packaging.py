"""Runs the real frameworks: a service's folder comes in, what they compile for IAM and concurrency goes out.

Needs Node and the frameworks' packages, each installed in a folder of its own; no network and no account.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

SERVICE_FILES = tuple(f"serverless.{suffix}" for suffix in ("yml", "yaml", "json", "js", "cjs", "ts"))
_BIN = Path("bin", "serverless.js")
_SECONDS = 120
_COMPILED = "cloudformation-template-update-stack.json"
LEFT_OUT = ("case.json", "expected.*.json", "node_modules", ".git", ".serverless")
_BY_PROPERTY = {
    "AWS::Lambda::Function": ("FunctionName", "Role", "ReservedConcurrentExecutions"),
    "AWS::StepFunctions::StateMachine": ("RoleArn", "StateMachineName"),
    "AWS::AppSync::DataSource": ("Name", "ServiceRoleArn", "Type"),
    "AWS::ApiGateway::RestApi": ("Name", "Policy"),
}
_WHOLE = (
    "AWS::IAM::",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Scheduler::Schedule",
)
# Their ids and contents carry hashes of code, and no permission depends on them.
_HASHED = ("AWS::Lambda::Version", "AWS::ApiGateway::Deployment")


class Framework:
    """A framework that is installed.

    Args:
        package: "serverless" or "osls".
        version: its version.
        folder: the folder that its node_modules stand in.
    """

    def __init__(self, package: str, version: str, folder: Path) -> None:
        self.package = package
        self.version = version
        self.folder = folder
        self.name = package + version.partition(".")[0]

    def installs(self, plugins: list[str]) -> bool:
        """Whether all of some plugins are installed beside the framework."""
        return all((self.folder / "node_modules" / plugin).is_dir() for plugin in plugins)


class Refused(Exception):
    """The framework does not package a service; the message is the first line of its reason."""


def installed(folder: Path) -> dict[str, Framework]:
    """The frameworks under a folder, one in each subfolder, by name with the major version."""
    found = {}
    for manifest in sorted(folder.glob("*/node_modules/*/package.json")):
        if manifest.parent.name in ("serverless", "osls"):
            version = json.loads(manifest.read_text(encoding="utf-8"))["version"]
            framework = Framework(manifest.parent.name, version, manifest.parents[2])
            found[framework.name] = framework
    return found


def configuration(folder: Path) -> Path:
    """The configuration of the service in a folder: the file that the frameworks look for first."""
    return next(folder / name for name in SERVICE_FILES if (folder / name).is_file())


def package(
    framework: Framework,
    root: Path,
    config: Path,
    stage: str | None = None,
    params: dict[str, str] | None = None,
) -> tuple[dict[str, Any], list[str]]:
    """The compiled template of a service, with the warnings about its configuration.

    Args:
        framework: what packages it.
        root: the folder of all that the service may read; it is copied and not changed.
        config: the configuration, in that folder.
        stage: what ``--stage`` says.
        params: what ``--param`` says.

    Raises:
        Refused: it does not package.
    """
    # Beside the packages, so that plugins are found without being part of the service.
    beside = framework.folder / "run"
    beside.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=beside) as scratch:
        whole = Path(scratch, "service")
        shutil.copytree(root, whole, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        copy = whole / config.parent.relative_to(root)
        (copy / "src").mkdir(exist_ok=True)
        (copy / "src" / "app.js").touch()
        words = ["package", "--package", ".packaged"]
        words += ["--config", config.name] if config.name not in SERVICE_FILES else []
        words += ["--stage", stage] if stage else []
        words += [f"--param={name}={value}" for name, value in (params or {}).items()]
        output, code = _run(framework, words, copy, Path(scratch, "log"))
        compiled = copy / ".packaged" / _COMPILED
        if code or not compiled.is_file():
            raise Refused(_reason(output, code).replace(str(copy) + os.sep, "").replace(str(whole), ""))
        return json.loads(compiled.read_text(encoding="utf-8")), _warnings(output)


def _run(framework: Framework, words: list[str], cwd: Path, log: Path) -> tuple[str, int]:
    """What a command writes, and its exit code; it sees nothing of this machine's settings."""
    script = framework.folder / "node_modules" / framework.package / _BIN
    # One home for all runs: the frameworks keep their compiled schema there, which takes seconds to make.
    home = framework.folder / "run" / "home"
    home.mkdir(exist_ok=True)
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CI": "1",
        "NODE_NO_WARNINGS": "1",
        "SLS_TELEMETRY_DISABLED": "1",
        "SLS_TRACKING_DISABLED": "1",
        "SLS_NOTIFICATIONS_MODE": "off",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["node", str(script), *words],
            cwd=cwd,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return "Error:\nno end within the time allowed", 1
    return log.read_text(encoding="utf-8", errors="replace"), code


def _reason(output: str, code: int) -> str:
    """The first line of the error in what a framework writes."""
    lines = [line.strip() for line in output.splitlines()]
    for number, line in enumerate(lines):
        if line == "Error:" or re.match(r"[A-Za-z ]*(Error|Exception) -{6,}$", line):
            told = [each for each in lines[number + 1 :] if each] or [f"exit code {code}"]
            return " ".join(told[:2]) if told[0].endswith(":") else told[0]
    told = [line for line in lines if "rror" in line] or [line for line in lines if line]
    return told[0] if told else f"exit code {code}"


def _warnings(output: str) -> list[str]:
    """The places of the configuration that a framework warns about."""
    found = re.findall(r"(?:at|warning at) '([^']+)': (.*)", output)
    told = (f"{place}: {what.strip()}" for place, what in found if place != "provider.runtime")
    return sorted({re.sub(r" \[.*", "", line) for line in told})


def reduced(template: dict[str, Any]) -> dict[str, Any]:
    """What of a compiled template matters for roles and concurrency, in the order of its keys."""
    sections = ("Parameters", "Mappings", "Conditions")
    found: dict[str, Any] = {name: template[name] for name in sections if template.get(name)}
    found["Resources"] = {
        id: _reduced(resource)
        for id, resource in sorted(template.get("Resources", {}).items())
        if isinstance(resource, dict) and resource.get("Type") not in _HASHED
    }
    return found


def _reduced(resource: dict[str, Any]) -> dict[str, Any]:
    kind = str(resource.get("Type"))
    kept: dict[str, Any] = {name: resource[name] for name in ("Type", "Condition") if name in resource}
    properties = resource.get("Properties")
    if not isinstance(properties, dict):
        return kept
    if not kind.startswith(_WHOLE):
        names = _BY_PROPERTY.get(kind, tuple(name for name in properties if name.endswith("Name")))
        properties = {name: properties[name] for name in names if name in properties}
    return kept | ({"Properties": properties} if properties else {})
