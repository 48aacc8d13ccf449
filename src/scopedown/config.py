"""What a run is told: the options of ``check``, each with its default."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .template.serverless.variables.tree import Given


class Options:
    """The settings of one run.

    Args:
        paths: files and folders; empty: the current folder; "-": stdin.
        stdin_filename: what to call stdin's text.
        select, ignore: canonical rule ids; an empty ``select`` selects every rule that is on by default.
        exclude: gitignore patterns of paths that a walk leaves out.
        hook: file names come from a tool that runs hooks: treated as if a walk had found them.
        root: nothing outside it is read; None: found from each path.
        strict: unresolved records and skipped templates fail the run too.
        fail_on: findings of this severity and above fail the run.
        min_severity: findings below are left out of text.
        exit_zero: findings do not fail the run.
        pedantic: findings of low confidence count too.
        show_unresolved: text lists unresolved records.
        all_findings: SARIF holds folded and suppressed findings too.
        config_env: the environment whose settings count of a samconfig file beside a template.
        params: values of template parameters, and of ``${param:…}`` in services.
        stage: the stage of a service; None: the one that it names as its default.
        all_stages: every stage that a service names.
        env: services may read this process's environment.
        format: format of standard output, "" where all reports go to files.
        outputs: (format, file) pairs.
        color: auto, always or never.
        quiet: findings only, without hints and summary.
        verbose: also says what was skipped and suppressed, and why.
    """

    __slots__ = (
        "all_findings",
        "all_stages",
        "color",
        "config_env",
        "env",
        "exclude",
        "exit_zero",
        "fail_on",
        "format",
        "hook",
        "ignore",
        "min_severity",
        "outputs",
        "params",
        "paths",
        "pedantic",
        "quiet",
        "root",
        "select",
        "show_unresolved",
        "stage",
        "stdin_filename",
        "strict",
        "verbose",
    )

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self.paths = list(paths)
        self.stdin_filename: str | None = None
        self.select: list[str] = []
        self.ignore: list[str] = []
        self.exclude: list[str] = []
        self.hook = False
        self.root: str | None = None
        self.strict = False
        self.fail_on = "medium"
        self.min_severity = "info"
        self.exit_zero = False
        self.pedantic = False
        self.show_unresolved = False
        self.all_findings = False
        self.config_env = "default"
        self.params: dict[str, str] = {}
        self.stage: str | None = None
        self.all_stages = False
        self.env = False
        self.format = "text"
        self.outputs: list[tuple[str, str]] = []
        self.color = "auto"
        self.quiet = False
        self.verbose = False

    def service(self, params: dict[str, str], stage: str | None = None) -> Given:
        """What a service is told from outside; ``stage`` in place of the one of the run."""
        import os

        from .template.serverless.variables.tree import Given

        return Given(stage or self.stage, params, dict(os.environ) if self.env else None)
