"""A suggestion in words: what is needed and why, how sure that is, what to write, what goes, what stays."""

from __future__ import annotations

from .escape import escape, escape_lines
from .screen import Screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..suggest.suggestion import Need, Suggestion

TIERS = {
    "complete": "complete evidence; grants nothing the original did not",
    "partial": "partial evidence: what it does not cover stays; grants nothing the original did not",
    "weak": "weak evidence; check before use",
    "none": "no evidence seen; check before use",
}
_SHOWN = 3
_MAX_NEEDS = 8
_INDENT = " " * 9


def answer(screen: Screen, suggestion: Suggestion, template: str, whole: bool = False) -> list[str]:
    """The lines below a finding that say what should stand there instead.

    Args:
        screen: where they are shown.
        suggestion: the answer.
        template: path of the finding's file; places in it are told by line alone.
        whole: long lists are not cut.
    """
    lines = _needs(screen, suggestion.needs, template, whole)
    text = suggestion.text.strip("\r\n")
    if text or suggestion.tier != "none":
        lines += screen.hang("   suggest ", f"({TIERS[suggestion.tier]})")
    if text:
        lines += [(_INDENT + screen.paint(line, "new")).rstrip() for line in _at_the_edge(text)]
    elif suggestion.tier in ("complete", "partial") and not suggestion.statements:
        lines.append(_INDENT + screen.paint("remove it: nothing of it is needed", "new"))
    for level, actions in suggestion.removed.items():
        lines += screen.hang("   drops   ", f"{escape(level)}: {names(actions, whole)}")
    if suggestion.kept_unproven:
        lines += screen.hang("   keeps   ", f"no use seen: {names(suggestion.kept_unproven, whole)}")
    if suggestion.note:
        lines += screen.hang("   note    ", escape(suggestion.note))
    return lines


def _at_the_edge(text: str) -> list[str]:
    """The lines of a text without the indentation that all of them share."""
    lines = escape_lines(text)
    shared = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return [line[shared:] for line in lines]


def names(actions: list[str], whole: bool = False) -> str:
    """Some actions in words, the rest as a count."""
    listed = [escape(action) for action in actions]
    if len(listed) > _SHOWN + 1 and not whole:
        listed[_SHOWN:] = [f"and {len(listed) - _SHOWN} more (--verbose)"]
    return ", ".join(listed)


def _needs(screen: Screen, needs: list[Need], template: str, whole: bool) -> list[str]:
    """What is needed and the first place that shows it; needs that one place shows stand together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for need in needs:
        place, seen = "", escape(need.resource or "")
        if need.evidence:
            span, text = need.evidence[0]
            place = f"line {span.line}" if span.path == template else f"{escape(span.path)}:{span.line}"
            more = f" (and {len(need.evidence) - 1} more)" if len(need.evidence) > 1 else ""
            seen = escape(text) + more
        groups.setdefault((place, seen), []).append(need.action)
    shown = list(groups.items())[: None if whole else _MAX_NEEDS]
    width = max((len(actions[0]) for _, actions in shown if len(actions) == 1), default=0)
    lines: list[str] = []
    for (place, seen), actions in shown:
        head = f"   {'' if lines else 'needs':<8}"
        words = f"{place}  {seen}" if place and seen else place or seen
        if len(actions) == 1:
            lines += screen.hang(f"{head}{escape(actions[0]):<{width}}   ", words)
        else:
            lines += screen.hang(head, names(actions, whole))
            lines += screen.hang(" " * 13, words)
    if len(groups) > len(shown):
        lines.append(f"           and {len(groups) - len(shown)} more (--verbose)")
    return lines
