"""Runs commands and measures them: argument lists come in, wall time, process time and peak memory go out."""

from __future__ import annotations

import os
import pty
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# The peak that the system reports of a process is at least its parent's size, so a small parent asks.
_PEAK = """\
import os, sys
void = [(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_RDWR, 0) for n in (1, 2)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=void)
print(os.wait4(pid, 0)[2].ru_maxrss)
"""


class Sample:
    """One run: wall seconds, process seconds (user and system, children too), exit code."""

    def __init__(self, wall: float, cpu: float, code: int) -> None:
        self.wall = wall
        self.cpu = cpu
        self.code = code


def environment() -> dict[str, str]:
    """What the measured commands see: no Python settings of the caller (PYTHONDONTWRITEBYTECODE would make
    every run compile), no colours forced."""
    dropped = ("PYTHON", "SCOPEDOWN_", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CI", "GITHUB_")
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)}


def once(command: Sequence[str | Path], cwd: Path, terminal: bool = False) -> Sample:
    """Runs a command to its end.

    Args:
        terminal: give it a terminal to write to, as hooks often do, instead of nothing.
    """
    arguments = [str(word) for word in command]
    leader = follower = None
    drain = None
    if terminal:
        leader, follower = pty.openpty()
        drain = threading.Thread(target=_drain, args=(leader,), daemon=True)
        drain.start()
    out = subprocess.DEVNULL if follower is None else follower
    start = time.perf_counter()
    process = subprocess.Popen(
        arguments, cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=out
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if leader is not None and follower is not None and drain is not None:
        os.close(follower)
        drain.join(timeout=5)
        os.close(leader)
    return Sample(wall, usage.ru_utime + usage.ru_stime, process.returncode)


def peak(command: Sequence[str | Path], cwd: Path) -> float:
    """The most memory that a command holds, in megabytes; processes that it starts count one by one."""
    words = [sys.executable, "-S", "-E", "-c", _PEAK, *map(str, command)]
    done = subprocess.run(words, cwd=cwd, env=environment(), capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 65536):
            pass
    except OSError:
        return


class Series:
    """The runs of one command, beside the runs of the floor in the same rounds."""

    def __init__(self, samples: list[Sample], floor: list[Sample]) -> None:
        self.samples = samples
        self.floor = floor

    @property
    def code(self) -> int:
        """The exit code of the last run."""
        return self.samples[-1].code

    @property
    def wall(self) -> float:
        """Median wall seconds."""
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> float:
        """Median process seconds."""
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def wall_ratio(self) -> float:
        """Median over the rounds of this command's wall time by the floor's of the same round."""
        return self._ratio(lambda sample: sample.wall)

    @property
    def cpu_ratio(self) -> float:
        """The same for process time."""
        return self._ratio(lambda sample: sample.cpu)

    def _ratio(self, value: Callable[[Sample], float]) -> float:
        pairs = zip(self.samples, self.floor, strict=True)
        return statistics.median(value(sample) / max(value(floor), 1e-9) for sample, floor in pairs)


class Contender:
    """A command to measure: its name, its arguments, and whether it writes to a terminal."""

    def __init__(self, name: str, command: Sequence[str | Path], terminal: bool = False) -> None:
        self.name = name
        self.command = command
        self.terminal = terminal


def interleaved(contenders: Sequence[Contender], rounds: int, cwd: Path) -> list[Series]:
    """Measures commands in turns, so that what else the machine does meets all of them alike.

    Args:
        contenders: the first is the floor of the others.
        rounds: runs of each, after one that is not counted.
    """
    samples: list[list[Sample]] = [[] for _ in contenders]
    for turn in range(rounds + 1):
        for n, contender in enumerate(contenders):
            sample = once(contender.command, cwd, contender.terminal)
            if turn:
                samples[n].append(sample)
    return [Series(each, samples[0]) for each in samples]
