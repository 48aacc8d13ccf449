"""What is measured: each part generates its inputs, runs its commands and returns the rows of the table."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from . import inputs
from .measure import Contender, Sample, environment, interleaved, once, peak

YAML_FLOOR = "import sys,yaml; [yaml.compose(open(f), Loader=yaml.CSafeLoader) for f in sys.argv[1:]]"
JSON_FLOOR = "import sys,json; json.load(open(sys.argv[1]))"
GROWING = (250, 500, 1000)
LINEAR = (10, 50, 100, 500, 1000, 5000)


class Bench:
    """What every part is given.

    Args:
        binaries: the bin folder of the virtual environment that holds the wheel.
        folder: where inputs are written; commands run there.
        rounds: how often each command runs.
        jobs: how many processes the run over many templates may use, 0 for the default.
        peers: (name, command) of other tools to run beside; "{file}" stands for the template.
    """

    def __init__(
        self, binaries: Path, folder: Path, rounds: int, jobs: int, peers: list[tuple[str, list[str]]]
    ) -> None:
        self.binaries = binaries
        self.folder = folder
        self.rounds = rounds
        self.jobs = jobs
        self.peers = peers

    @property
    def python(self) -> Path:
        """The interpreter that runs both the floor and the tool."""
        return self.binaries / "python"

    def check(self, *arguments: str | Path) -> list[str | Path]:
        """The command line of a check."""
        return [self.binaries / "scopedown", "check", *arguments]

    def floor(self, *paths: Path) -> Contender:
        """The least that reading these files costs in Python, with the same interpreter."""
        return Contender("floor", [self.python, "-c", YAML_FLOOR, *paths])

    def against(self, path: Path) -> list[Contender]:
        """The other tools on this file."""
        return [
            Contender(name, [w.replace("{file}", str(path)) for w in words]) for name, words in self.peers
        ]


class Row:
    """One line of the table: what, the numbers, the bar to hold."""

    def __init__(self, what: str, numbers: str, bar: str = "", held: bool | None = None) -> None:
        self.what = what
        self.numbers = numbers
        self.bar = bar
        self.held = held


def _compare(
    bench: Bench,
    path: Path,
    runs: list[Contender],
    bar: str,
    limit: float,
    included: list[Path] | None = None,
) -> list[Row]:
    """The rows of the floor, of our runs and of the peers; the floor reads what the file includes too."""
    contenders = [bench.floor(path, *(included or ())), *runs, *bench.against(path)]
    rows = []
    for n, series in enumerate(interleaved(contenders, bench.rounds, bench.folder)):
        memory = peak(contenders[n].command, bench.folder)
        numbers = f"{series.wall * 1000:7.1f} ms wall {series.cpu * 1000:7.1f} ms cpu {memory:6.1f} MB"
        if n:
            numbers += f"  {series.wall_ratio:5.2f} x wall {series.cpu_ratio:5.2f} x cpu  exit {series.code}"
        ours = 0 < n <= len(runs)
        rows.append(
            Row(
                contenders[n].name,
                numbers,
                bar if ours else "",
                series.code < 2 and series.wall_ratio <= limit if ours else None,
            )
        )
    return rows


def cold(bench: Bench) -> list[Row]:
    """A cold check of a five-function SAM template, one wildcard in it."""
    path = inputs.sam_project(bench.folder / "small", broad=1)
    return _compare(bench, path, [Contender("cold check", bench.check(path))], "<= 1.6 x", 1.6)


def terminal(bench: Bench) -> list[Row]:
    """The same with five wildcards and their suggestions, on a terminal."""
    path = inputs.sam_project(bench.folder / "broad", broad=5)
    run = Contender("five wildcards on a terminal", bench.check(path), terminal=True)
    return _compare(bench, path, [run], "<= 1.8 x", 1.8)


def external(bench: Bench) -> list[Row]:
    """A resource policy that admits principals of other accounts under conditions."""
    path = inputs.external_principals(bench.folder)
    return _compare(bench, path, [Contender("external principals", bench.check(path))], "<= 5 x", 5)


def service(bench: Bench) -> list[Row]:
    """A service of the Serverless Framework: 40 functions, three included files."""
    path, *included = inputs.service(bench.folder / "service", 40)
    run = Contender("service of 40 functions", bench.check(path))
    return _compare(bench, path, [run], "<= 1.6 x", 1.6, included)


def source(bench: Bench) -> list[Row]:
    """What reading the source of five functions adds."""
    path = inputs.sam_project(bench.folder / "source", broad=5)
    without = Contender("without source", bench.check("--no-source", path))
    if once(without.command, bench.folder).code == 2:
        return [Row("source analysis", "not part of this version")]
    runs = [without, Contender("with source", bench.check(path))]
    plain, full = interleaved(runs, bench.rounds, bench.folder)
    each = sorted(b.wall - a.wall for a, b in zip(plain.samples, full.samples, strict=True))
    mean = 1000 * sum(each) / len(each) / 5
    return [Row("source, for each function", f"{mean:7.1f} ms wall, mean", "<= 10 ms", mean <= 10)]


def large(bench: Bench) -> list[Row]:
    """One megabyte of CloudFormation, as YAML and as JSON."""
    as_yaml, as_json = inputs.megabyte(bench.folder)
    rows = []
    for path in (as_yaml, as_json):
        run = Contender(f"1 MB {path.suffix[1:]}", bench.check(path))
        rows += _compare(bench, path, [run], "<= 1.25 x", 1.25)
    parse = Contender("json.load, the floor", [bench.python, "-c", JSON_FLOOR, as_json])
    tool = Contender("1 MB json", bench.check(as_json))
    floor, ours = interleaved([parse, tool], bench.rounds, bench.folder)
    rows.append(
        Row("json.load of it", f"{floor.wall * 1000:7.1f} ms wall; check {ours.wall_ratio:5.2f} x wall")
    )
    return rows


def many(bench: Bench) -> list[Row]:
    """A thousand templates in one run."""
    folder = inputs.many(bench.folder / "many", 1000)
    jobs = ["--jobs", str(bench.jobs)] if bench.jobs else []
    command = bench.check(*jobs, folder)
    samples = sorted(_repeat(bench, command), key=lambda sample: sample.wall)
    middle = samples[len(samples) // 2]
    rate = 1000 / middle.wall
    cost = f"{middle.wall:6.2f} s wall {middle.cpu:6.2f} s cpu {peak(command, bench.folder):6.1f} MB"
    numbers = f"{rate:7.0f} templates/s  {cost}"
    return [
        Row("1,000 templates", f"{numbers}  exit {middle.code}", ">= 150/s", rate >= 150 and middle.code < 2)
    ]


def linear(bench: Bench) -> list[Row]:
    """Cost of a resource from the smallest to the largest stack."""
    paths = {count: inputs.resources(bench.folder, count) for count in LINEAR}
    cost = {count: min(s.cpu for s in _repeat(bench, bench.check(path))) for count, path in paths.items()}
    smallest = LINEAR[0]
    rows = [Row(f"{smallest} resources", f"{cost[smallest] * 1000:7.1f} ms cpu")]
    for count in LINEAR[1:]:
        each = (cost[count] - cost[smallest]) / (count - smallest) * 1e6
        rows.append(Row(f"{count} resources", f"{cost[count] * 1000:7.1f} ms cpu  {each:7.0f} us a resource"))
    return rows


def roles(bench: Bench) -> list[Row]:
    """Roles with ten statements each: what a role costs, in time and memory, from 250 to 1,000."""
    return _growth(bench, inputs.roles, "roles")


def conditions(bench: Bench) -> list[Row]:
    """Roles under 64 conditions, which statements, resources and boundaries depend on."""
    return _growth(bench, inputs.conditions, "conditional roles")


def _growth(bench: Bench, write: Callable[[Path, int], Path], what: str) -> list[Row]:
    """Time and memory of both commands at growing sizes; growth that is not linear costs more for each."""
    paths = {count: write(bench.folder, count) for count in GROWING}
    rows = []
    for command in (["check"], ["grants", "--format", "json"]):
        before: tuple[int, float, float] | None = None
        for count, path in paths.items():
            words: list[str | Path] = [bench.binaries / "scopedown", *command, path]
            cost = min(sample.cpu for sample in _repeat(bench, words))
            memory = peak(words, bench.folder)
            numbers = f"{cost * 1000:8.1f} ms cpu {memory:7.1f} MB"
            held = None
            if before is not None:
                more = count - before[0]
                each = (
                    f"{(cost - before[1]) / more * 1e6:7.0f} us {(memory - before[2]) / more * 1024:6.1f} KB"
                )
                numbers += f"  {each} each  {cost / before[1]:4.2f} x"
                # Twice as many may cost a little more than twice as much: the garbage collector's walks.
                held = cost <= 2.3 * before[1]
            before = (count, cost, memory)
            rows.append(
                Row(f"{command[0]}, {count:,} {what}", numbers, "" if held is None else "<= 2.3 x", held)
            )
    return rows


def _repeat(bench: Bench, command: list[str | Path]) -> list[Sample]:
    return [once(command, bench.folder) for _ in range(max(3, min(5, bench.rounds // 4)))]


def modules(bench: Bench) -> list[Row]:
    """What a plain check imports, and the dearest of it."""
    path = inputs.sam_project(bench.folder / "imports", broad=1)
    program = "import sys; from scopedown.cli import main; main(sys.argv[1:])"
    command = [bench.python, "-X", "importtime", "-c", program, "check", path]
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=environment())
    found = re.findall(r"^import time:\s+(\d+) \|\s+(\d+) \|\s*(\S+)$", done.stderr, re.MULTILINE)
    own = [(int(cost), name) for cost, _, name in found if name.split(".")[0] == "scopedown"]
    rows = [
        Row(
            "modules imported",
            f"{len(found)} in all, {len(own)} of ours, {sum(c for c, _ in own)} us for ours",
        )
    ]
    for cost, name in sorted(((int(cost), name) for cost, _, name in found), reverse=True)[:20]:
        rows.append(Row(f"  {name}", f"{cost:7d} us itself"))
    return rows


PARTS: dict[str, Callable[[Bench], list[Row]]] = {
    "cold": cold,
    "terminal": terminal,
    "external": external,
    "service": service,
    "source": source,
    "large": large,
    "many": many,
    "linear": linear,
    "roles": roles,
    "conditions": conditions,
    "modules": modules,
}
