"""``grants`` for people: blocks come in, text goes out that fits 80 columns and needs no colour.

A grant is told by what it allows and how grave that is, on what, if what, when, and where it comes from.
"""

from __future__ import annotations

from ..iam.breadth import action_breadth
from ..template.people import Person, kind_of
from . import grants_words as words
from .escape import escape
from .grants import Block, Hidden, Wearing, users
from .grants_asked import NO, Asked
from .grants_entry import Entry
from .grants_overview import SAID, overview

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.policy import Statement
    from ..template.whole import Brought
    from ..values.text import Element
    from .screen import Screen

_FEW = 3  # so many names stand in a grant's first line
_SHOWN = 12
_SHORT = 6
_ASCII = str.maketrans({"⟨": "<", "⟩": ">"})


def render(blocks: list[Block], asked: Asked, screen: Screen, verbose: bool = False) -> str:
    """The whole text.

    Args:
        blocks: what is told, of all templates.
        asked: the question, empty where everything is told.
        screen: where it is shown.
        verbose: AWS managed policies grant by grant, long lists uncut.
    """
    told = [block for block in blocks if not asked or block.answer != NO]
    parts: list[list[str]] = []
    if asked:
        parts.append(overview(told, asked, screen))
    seen: dict[object, str] = {}
    file = ""
    for block in told:
        lines = _block(block, screen, verbose, seen)
        if block.file != file:
            file = block.file
            lines = [screen.paint(escape(file), "faint"), "", *lines]
        parts.append(lines)
    parts.append(_closing(blocks, asked, screen))
    text = "\n\n".join("\n".join(lines) for lines in parts if lines)
    return screen.encode(text + "\n").translate(_ASCII if screen.ascii else {}) if text else ""


def _block(block: Block, screen: Screen, verbose: bool, seen: dict[object, str]) -> list[str]:
    """One function or role: its head, then what each role gives, told once for all that share it."""
    file = place_file(block)
    where = words.place(block.span, block.file)
    head = [screen.paint(escape(block.label), "strong")]
    if block.answer:
        head.append(SAID[block.answer])
    lines = ["  ".join([*head, screen.paint(where, "faint")])]
    if not block.worn:
        lines += screen.hang(
            "  role    ", f"none in the {words.whole(block.stack)}: nothing is known of what it may do"
        )
    for worn in block.worn:
        lines += _role(block, worn, screen)
        key = (block.file, worn.role.key)
        first = seen.setdefault(key, block.label)
        if first != block.label and worn.entries:
            lines.append(f"  grants  as told for {escape(first)}")
        else:
            lines += _entries(worn, file, screen, verbose)
        for number, hidden in enumerate(worn.hidden):
            lines += [*([] if number else [""]), *_hidden(hidden, file, screen)]
    return lines


def place_file(block: Block) -> str:
    """The file whose places are told by their line alone: the template; none for what stands in another."""
    return block.file if block.span.path == block.file else ""


def _role(block: Block, worn: Wearing, screen: Screen) -> list[str]:
    """What role that is, where it comes from, and who else wears it."""
    role, file, whole = worn.role, place_file(block), words.whole(block.stack)
    packaged = block.stack.packaged
    made = packaged.roles.get(role.key) if packaged is not None else None
    told = []
    if isinstance(role, Person):
        told += words.person(role, whole)
    elif worn.loose:
        told.append(f"none: no role of the {whole} has this")
    elif role.generated and role.resource is not None:
        told.append(f"made by SAM for {role.resource.id}")
    elif made is not None:
        told.append(words.made(made, block.function))
    elif role.resource is None:
        told.append(f"{role.label}, outside the {whole}")
    elif block.function is not None:
        told.append(f"{role.label}, {words.place(role.resource.key.span, file)}")
    if worn.span is not None and not role.generated and made is None:
        told.append(f"named in {words.place(worn.span, file)}")
    if worn.shared:
        told.append(f"{'shared with' if block.function else 'worn by'} {', '.join(worn.shared)}")
    if block.function is None and not worn.loose and not isinstance(role, Person):
        told += list(dict.fromkeys(f"used by {use.resource.id} ({use.type})" for use in users(worn)))
    if not worn.guard.is_always and worn.guard.display():
        told.append(f"when {worn.guard.display()}")
    text = escape("; ".join(told) or f"nothing in the {whole} uses it")
    lines = screen.hang(f"  {kind_of(role):<6}  ", breakable(text, screen.width - 10))
    for bound in worn.role.boundary:
        lines += screen.hang("  within  ", breakable(_boundary(bound, worn, file), screen.width - 10))
    return lines


def _boundary(bound: Brought, worn: Wearing, file: str) -> str:
    carrier = bound.carrier
    told = f"permissions boundary {words.named(carrier)}"
    if not worn.role.guard.implies(bound.guard):
        told += f", when {escape(bound.guard.display())}"
    seen = "" if bound.visible else "; not visible: it may take some of this away"
    return f"{told}, {words.place(carrier.node.span, file)}{seen}"


def _entries(worn: Wearing, file: str, screen: Screen, verbose: bool) -> list[str]:
    """The grants; those of an AWS managed policy on one line unless all is asked for."""
    lines: list[str] = []
    folded: dict[int, list[Entry]] = {}
    for entry in worn.entries:
        if words.managed(entry.carrier) and not verbose:
            folded.setdefault(id(entry.carrier), []).append(entry)
        else:
            lines += ["", *_entry(entry, worn, file, screen, verbose)]
    for number, entries in enumerate(folded.values()):
        lines += [*([] if number else [""]), *_folded(entries, file, screen)]
    if not worn.entries and not worn.hidden:
        lines += ["", "  no grants"]
    return lines


def _folded(entries: list[Entry], file: str, screen: Screen) -> list[str]:
    carrier = entries[0].carrier
    name = words.managed(carrier)
    added = f", {words.cause(carrier)}" if carrier.kind == "generated" else ""
    reached = {action.full: action for entry in entries for action in entry.reached}
    text = words.services([reached[full] for full in sorted(reached)])
    guard = entries[0].guard
    when = f" (when {guard.display()})" if not guard.is_always else ""
    where = words.place(carrier.node.span, file)
    return _outdent(screen.hang("    ", escape(f"{name}: {text}{when} ({where}{added})")))


def _outdent(lines: list[str]) -> list[str]:
    """The first line two columns further left than those that go on."""
    return [lines[0][2:], *lines[1:]]


def _entry(entry: Entry, worn: Wearing, file: str, screen: Screen, verbose: bool) -> list[str]:
    """One grant: its first line says what and how grave, the rows below all else."""
    grant = entry.grant
    shown = [words.pattern(*pair) for pair in zip(entry.actions or (), entry.matched, strict=True)]
    shown = list(dict.fromkeys(shown))
    head, rows = _head(entry, shown, verbose)
    lines = _outdent(screen.hang("    ", head, "strong"))
    if entry.actions is None:
        rows.append(("may", ["every action"]))
    if entry.not_actions:
        rows.append(("but not", [_names(entry.not_actions)]))
    on = [words.resource(one, entry.statement.guard) for one in grant.resources or ()]
    rows.append(("on", list(dict.fromkeys(on)) if grant.resources is not None else ["every resource"]))
    if grant.not_resources:
        rows.append(("except", [words.resource(one, entry.statement.guard) for one in grant.not_resources]))
    rows.append(("if", [words.condition(one) for one in grant.conditions]))
    if not entry.guard.is_always:
        rows.append(("when", [escape(entry.guard.display())]))
    rows.append(("less", [limit(one, file) for one in grant.denies]))
    rows.append(("within", [limit(one, file) for one in grant.boundary or ()]))
    rows.append(("from", [f"{words.place(entry.span, file)}, {words.carrier(entry.carrier, _home(worn))}"]))
    for label, texts in rows:
        for number, text in enumerate(texts):
            again = "and" if label == "if" else ""
            head = f"    {again if number else label:<7} "
            if label in ("on", "except"):
                wrapped = screen.hang(" " * 14, breakable(text, screen.width - 14))
                lines += [head + wrapped[0].strip(), *wrapped[1:]]
            else:
                lines += screen.hang(head, breakable(text, screen.width - 12))
    return lines


def breakable(text: str, room: int) -> str:
    """A text in which words longer than the line have blanks where they may be broken: behind : and /."""
    pieces = []
    for word in text.split(" "):
        rest = word
        # No piece is so short that it is overlooked.
        while len(rest) > room:
            head = rest[: min(room, len(rest) - _SHORT)]
            at = _behind(head) or _behind(head, inside=True)
            if not at:
                break
            pieces.append(rest[:at])
            rest = rest[at:]
        pieces.append(rest)
    return " ".join(pieces)


def _behind(text: str, inside: bool = False) -> int:
    """The place behind the last : or / that stands outside ${}, or anywhere; 0 where there is none."""
    depth = at = 0
    for number, character in enumerate(text):
        if character in "{}":
            depth += 1 if character == "{" else -1
        elif character in ":/" and (inside or not depth):
            at = number + 1
    return at


def _names(elements: list[Element]) -> str:
    return ", ".join(dict.fromkeys(words.text(one.text) for one in elements))


def _home(worn: Wearing) -> str:
    return worn.role.resource.id if worn.role.resource is not None else ""


def _head(entry: Entry, shown: list[str], verbose: bool) -> tuple[str, list[tuple[str, list[str]]]]:
    """The first line of a grant, and the row of its actions where they do not stand in it."""
    levels = list(words.by_level(entry.reached))
    services = {action.service for action in entry.reached}
    named = all(action_breadth(one.text)[0] == "literal" for one in entry.actions or ())
    if named and shown and len(shown) <= _FEW and len(levels) == 1 and len(services) == 1:
        return f"{', '.join(shown)} ({levels[0].lower()})", []
    if not entry.reached:
        return ", ".join(shown[:_FEW]) or "nothing that is known", []
    if len(shown) > _SHOWN and not verbose:
        shown[_SHOWN:] = [f"and {len(shown) - _SHOWN} more (--verbose)"]
    return words.services(entry.reached), [("may", [", ".join(shown)])] if shown else []


def limit(statement: Statement, file: str) -> str:
    """A statement that still limits a grant: what it is about, and where it stands."""
    about = [", ".join(words.text(one.text) for one in statement.actions)]
    if statement.not_actions is not None:
        about = ["all but " + ", ".join(words.text(one.text) for one in statement.not_actions)]
    if statement.not_resources is not None:
        about.append("on all but " + ", ".join(words.text(one.text) for one in statement.not_resources))
    elif any(one.text.literal != "*" for one in statement.resources):
        about.append("on " + ", ".join(words.text(one.origin) for one in statement.resources))
    told = " ".join(about)
    if statement.conditions:
        told += " if " + " and ".join(words.condition(one) for one in statement.conditions)
    return f"{told} ({words.place(statement.node.span, file)})"


def _hidden(hidden: Hidden, file: str, screen: Screen) -> list[str]:
    where = f", {words.place(hidden.span, file)}" if hidden.span is not None else ""
    text = escape(f"not visible: {hidden.what}: {hidden.reason}{where}")
    return _outdent(screen.hang("    ", breakable(text, screen.width - 4)))


def _closing(blocks: list[Block], asked: Asked, screen: Screen) -> list[str]:
    if asked:
        silent = [block.label for block in blocks if block.answer == NO]
        return screen.hang("no: ", escape(", ".join(silent))) if silent else []
    functions = sum(block.function is not None for block in blocks)
    worn = [(block.file, one.role) for block in blocks for one in block.worn if not one.loose]
    kinds = {(path, role.key): kind_of(role) for path, role in worn}
    policies = sum(one.loose for block in blocks for one in block.worn)
    unseen = {(block.file, hidden.what) for block in blocks for one in block.worn for hidden in one.hidden}
    several = [_many(list(kinds.values()).count(kind), kind) for kind in ("role", "user", "group")]
    counts = [", ".join(one for one in (_many(functions, "function"), *several) if one)]
    if policies:
        counts.append("1 policy without a role" if policies == 1 else f"{policies} policies without a role")
    if unseen:
        counts.append(f"{len(unseen)} not visible")
    return [" · ".join(count for count in counts if count) or "no functions, no roles"]


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}" if count else ""
