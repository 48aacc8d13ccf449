"""Installs what is measured: the checkout comes in, a virtual environment with the wheel goes out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .measure import environment

ROOT = Path(__file__).resolve().parents[2]


def install(folder: Path, dependencies: bool) -> Path:
    """Builds the wheel and installs it into a virtual environment in ``folder``; returns its bin folder.

    An environment that stands there already is kept and gets the new wheel only. An editable install would
    be slower to import, and code without compiled bytecode several times as slow.

    Args:
        dependencies: install every dependency, as users do; else only what a check imports.
    """
    binaries = folder / "bin"
    python = binaries / "python"
    dist = folder / "dist"
    for old in dist.glob("*.whl"):
        old.unlink()
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", dist, ROOT)
    (wheel,) = dist.glob("*.whl")
    pip = (python, "-m", "pip", "install", "--quiet")
    if not python.exists():
        _run(sys.executable, "-m", "venv", folder)
        _run(*pip, *([wheel] if dependencies else ["PyYAML", "pathspec"]))
    _run(*pip, "--no-deps", "--force-reinstall", "--compile", wheel)
    _run(python, "-m", "compileall", "-q", folder / "lib")
    return binaries


def _run(*command: str | Path) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=environment())
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
