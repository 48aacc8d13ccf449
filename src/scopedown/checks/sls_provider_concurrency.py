"""sls-provider-concurrency: a limit at the provider, which the framework reads only at functions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding

_KEYS = ("reservedConcurrency", "provisionedConcurrency")


def check(context: Context) -> Iterator[Finding]:
    """One finding per key that limits nothing."""
    packaged = context.stack.packaged
    if packaged is None:
        return
    for name in _KEYS:
        key = packaged.service.provider.key_node(name)
        if key is not None:
            yield context.finding(
                key,
                f"{name} of the provider limits nothing: the framework reads it at functions only",
                resource="provider",
                path=f"provider.{name}",
                identity=("setting", name),
            )
