"""AWS managed policies: their names and paths, and names that AWS has withdrawn."""

from __future__ import annotations

import ast
import json
from typing import Any

from .overlay_files import overlay
from .sources import Sources

REMOVED = "# removed by AWS: attaching one fails at deployment"
ARN_MAP = "samtranslator/internal/data/aws_managed_policies.json"


def documents(sources: Sources) -> dict[str, dict[str, Any]]:
    """Moto's table: policy name to Path, Document, DefaultVersionId. The module is parsed, not imported."""
    tree = ast.parse(sources["moto"].read("moto/iam/aws_managed_policies.py"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            table: dict[str, dict[str, Any]] = json.loads(str(node.value.value))
            return table
    raise ValueError("no string constant in moto/iam/aws_managed_policies.py; has its layout changed?")


def files(sources: Sources) -> dict[str, str]:
    """`managed_policies.txt`: one `path/Name` a line, the withdrawn ones after a marker line.

    Withdrawn: in the aws partition's name map of AWS SAM but no longer in moto's fresh table, and the
    hand-written list.
    """
    current = {name: (policy["Path"] + name).lstrip("/") for name, policy in documents(sources).items()}
    removed = {path.rsplit("/", 1)[-1]: path for path in overlay("managed")["removed"]}
    for name, arn in sources["aws-sam-translator"].json(ARN_MAP)["aws"].items():
        removed.setdefault(name, arn.split(":policy/", 1)[1])
    gone = [removed[name] for name in sorted(removed) if name not in current]
    lines = [*(current[name] for name in sorted(current)), REMOVED, *gone]
    return {"managed_policies.txt": "\n".join(lines) + "\n"}
