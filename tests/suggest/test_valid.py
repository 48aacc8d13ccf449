"""Templates with suggestions applied are as valid as before, in cfn-lint's eyes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .test_render import JSON, LONG
from .test_wiring import CASES, SAM, role_template, with_statement

if TYPE_CHECKING:
    from .conftest import Template

    Read = Callable[[str], Template]

PROGRAM = "import sys; from cfnlint.runner import main; sys.exit(main())"
LONG_STATEMENT = """
              - Effect: Allow
                Action: s3:GetObject
                Resource: '*'
"""


def errors(folder: Path) -> dict[str, list[str]]:
    """File name to the ids of its errors; one process for all, cfn-lint is slow to start."""
    files = sorted(str(path) for path in folder.iterdir())
    command = [sys.executable, "-c", PROGRAM, "--format", "json", "--regions", "eu-west-1", "--", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, list[str]] = {Path(name).name: [] for name in files}
    for match in json.loads(done.stdout or "[]"):
        if match["Rule"]["Id"].startswith("E"):
            found[Path(match["Filename"]).name].append(match["Rule"]["Id"])
    return found


def test_applied_suggestions_add_no_error(tmp_path: Path, template: Read) -> None:
    texts = [with_statement(SAM, before) for before, _ in CASES.values()]
    texts += [
        role_template(
            "- {Effect: Allow, Action: 'sqs:*', Resource: '*'}",
            "Environment: {Variables: {QUEUE_URL: !Ref Jobs}}",
        ),
        LONG % LONG_STATEMENT.strip("\n"),
        JSON,
    ]
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    for number, text in enumerate(texts):
        read = template(text)
        name = f"{number:02}.{read.document.format}"
        action = read.stack.statements[0].actions[0].text.display()
        (before / name).write_text(read.text, encoding="utf-8")
        (after / name).write_text(read.applied(action).text, encoding="utf-8")
    was = errors(before)
    for name, ids in errors(after).items():
        assert ids == was[name], name
