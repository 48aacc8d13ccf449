"""Recognises templates of templates.

A text goes in; the line of its first Jinja, ERB, mustache or Velocity block comes out.
"""

from __future__ import annotations

import re

import yaml

from . import yaml_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tree import Document

# "{%" alone is no proof: a JSONata expression of a state machine is written "{% $x %}".
_STATEMENT = re.compile(
    r"\{%[-+]?\s*(?:if|elif|else|endif|for|endfor|set|endset|block|endblock|macro|endmacro|include|import"
    r"|from|extends|raw|endraw|with|endwith|filter|endfilter|call|endcall|do)\b"
    r"|<%[-=#%]?[ \t\r\n][^%]*%>"
)
# A block where a value, an item or a line begins; "{{resolve:" is a dynamic reference of CloudFormation.
_EXPRESSION = re.compile(r"(?:^[ \t]*|[:,\[-][ \t]+(?:![\w:]+[ \t]+)?)(\{\{(?!resolve:))", re.MULTILINE)
# Directives of Velocity (Maven archetypes) are comments to YAML, so they count only where parsing failed.
_DIRECTIVE = re.compile(r"^[ \t]*#(?:set|if|foreach|macro)[ \t]*\(", re.MULTILINE)


def templated(document: Document, parsed: bool) -> int | None:
    """Whether a text must be rendered by Jinja, ERB, mustache, Velocity or the like before it is a template.

    Args:
        document: the text.
        parsed: it parses as it stands. Then only blocks outside strings count; otherwise blocks where the
            parser may have stumbled over them.

    Returns:
        The line of the first such block, or None.
    """
    text = document.text
    if parsed and document.format == "json":
        return None
    if parsed:
        strings, braces = _outside(text)
        places = [match.start() for match in _STATEMENT.finditer(text)]
        places = [place for place in places if not any(start <= place < end for start, end in strings)]
        places += [brace for brace in braces if not text.startswith("{{resolve:", brace)]
    else:
        places = [match.start() for match in _STATEMENT.finditer(text) if not _quoted(text, match.start())]
        places += [match.start(1) for match in _EXPRESSION.finditer(text)]
        places += [match.start() for match in _DIRECTIVE.finditer(text)]
    return document.position(min(places))[0] if places else None


def _quoted(text: str, place: int) -> bool:
    """Whether a quote is open before a place, judged by its line alone."""
    before = text[text.rfind("\n", 0, place) + 1 : place]
    return before.count('"') % 2 == 1 or before.count("'") % 2 == 1


def _outside(text: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Stretches of quoted and block strings; places of ``{{`` that the parser reads as two mappings."""
    strings: list[tuple[int, int]] = []
    braces: list[int] = []
    last = -2
    for token in yaml.scan(text, Loader=yaml_reader.LOADER):
        start = token.start_mark.index
        if isinstance(token, yaml.ScalarToken) and not token.plain:
            strings.append((start, token.end_mark.index))
        elif isinstance(token, yaml.FlowMappingStartToken):
            if last == start - 1:
                braces.append(last)
            last = start
    return strings, braces
