"""Who can do what: a Stack and a question come in; a block for each function, and for each role that no
function wears, for each user and group goes out, with every grant and everything that is not visible.
``grants_text`` and ``grants_json`` print them."""

from __future__ import annotations

from .. import catalog
from ..template.people import USER, Person, kind_of
from ..template.stack import Role
from ..values.guard import ALWAYS, Guard
from .grants_asked import NO, PERHAPS, Asked, surest
from .grants_entry import Entry, goes_with
from .grants_limits import Bound, bounds, granted, joined
from .grants_words import full_name, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.access import Grant
    from ..iam.policy import Statement
    from ..source.tree import Span
    from ..template.role_users import RoleUse
    from ..template.stack import Function, Stack


class Hidden:
    """Something that may grant more and is not visible here, or cannot be read."""

    __slots__ = ("path", "reason", "span", "what")

    def __init__(self, what: str, reason: str, span: Span | None, path: str) -> None:
        self.what = what
        self.reason = reason
        self.span = span
        self.path = path


class Wearing:
    """A role as a function wears it, or as it stands by itself.

    Args:
        role: the role.
        guard: when the function wears it.
        span: where the template says so; None for a role by itself.
        shared: the other functions that wear it.
        entries: its grants, those that answer the question.
        hidden: what is not visible of it.
        answer: what it answers where an action or a resource is asked for, else "".
        loose: it stands for policies that no role of the template has; ``role`` is then made up.
    """

    __slots__ = ("answer", "entries", "guard", "hidden", "loose", "role", "shared", "span")

    def __init__(self, role: Role, guard: Guard, span: Span | None, shared: list[str]) -> None:
        self.role = role
        self.guard = guard
        self.span = span
        self.shared = shared
        self.entries: list[Entry] = []
        self.hidden: list[Hidden] = []
        self.answer = ""
        self.loose = False


class Block:
    """One function with its roles, or one role by itself (``function`` is None)."""

    __slots__ = ("answer", "function", "label", "span", "stack", "worn")

    def __init__(
        self, stack: Stack, label: str, function: Function | None, span: Span, worn: list[Wearing]
    ) -> None:
        self.stack = stack
        self.label = label
        self.function = function
        self.span = span
        self.worn = worn
        self.answer = ""

    @property
    def file(self) -> str:
        """The template; the function itself may stand in a file that the template includes."""
        return self.stack.document.path


class Wanted:
    """Which blocks are asked for: names of functions and roles (shell patterns), an action, a resource."""

    __slots__ = ("asked", "functions", "roles")

    def __init__(
        self, functions: list[str] | None = None, roles: list[str] | None = None, asked: Asked | None = None
    ) -> None:
        self.functions = functions or []
        self.roles = roles or []
        self.asked = asked or Asked()

    def function(self, function: Function) -> bool:
        """Whether a function is to be told: named by label or logical id, or no names are given at all."""
        if self.functions or self.roles:
            return _named(function.label, self.functions) or _named(function.id, self.functions)
        return True

    def role(self, role: Role) -> bool:
        """Whether a role is to be told by itself: named, or worn by no function and no names are given."""
        if self.functions or self.roles:
            return any(_named(name, self.roles) for name in names_of(role))
        # A role outside the template matters where the template gives it something or hands it on.
        if kind_of(role) != "role":
            return not role.external or bool(role.carriers)
        return not role.functions and (not role.external or bool(role.carriers or role.assumed_by))

    def policy(self, owner: str) -> bool:
        """Whether a policy that no role has is to be told: named like a role, or no names are given."""
        return _named(owner, self.roles) if self.functions or self.roles else True


def names_of(role: Role) -> list[str]:
    """The names that a role goes by: as it is spoken of, and its key."""
    names = [role.label, role.key]
    if isinstance(role, Person) and role.name:
        names.append(role.name)
    if role.resource is not None and role.generated:
        names.append(role.resource.id)
    return list(dict.fromkeys(names))


def all_roles(stack: Stack) -> list[Role]:
    """Every role, user and group of a template; also those outside it that it hands to something or gives
    something to."""
    # Asking for uses is what finds roles outside it.
    stack.whole.assumed_by(Role("", "", None))
    return [*stack.all_roles.values(), *stack.whole.people.values()]


def blocks(stack: Stack, wanted: Wanted) -> list[Block]:
    """What is told of one template: its functions in source order, then its roles."""
    found: list[Block] = []
    for function in sorted(stack.functions, key=lambda one: _order(stack, one.resource.key.span)):
        if wanted.function(function):
            worn = [
                _worn(stack, role, guard, node.span, function, wanted.asked)
                for role, guard, node in function.roles
            ]
            found.append(Block(stack, function.label, function, function.resource.key.span, worn))
    roles = [(_mention(role), role) for role in all_roles(stack) if wanted.role(role)]
    for span, role in sorted(roles, key=lambda pair: _order(stack, pair[0])):
        found.append(
            Block(stack, role.label, None, span, [_worn(stack, role, role.guard, None, None, wanted.asked)])
        )
    found += [
        _loose_block(stack, *pair, wanted.asked) for pair in loose(stack).items() if wanted.policy(pair[0])
    ]
    if wanted.asked:
        for block in found:
            block.answer = surest([wearing.answer for wearing in block.worn]) if block.worn else PERHAPS
    return found


def _order(stack: Stack, span: Span) -> tuple[str, int]:
    """Where something stands: in the template, then in the files that it includes."""
    return "" if span.path == stack.document.path else span.path, span.start


def _named(name: str, patterns: list[str]) -> bool:
    from fnmatch import fnmatchcase

    return any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)


def _mention(role: Role) -> Span:
    """Where a role stands, or where the template first names it."""
    if role.functions and role.external:
        return role.functions[0][2].span
    if role.resource is not None and role.key != f"{role.resource.id}Role" and role.generated:
        # One that SAM makes for an event stands at the event.
        return next((each.node.span for each in role.all_carriers), role.resource.key.span)
    if role.resource is not None:
        return role.resource.key.span
    nodes = [carrier.node for carrier in role.carriers] + [use.node for use in role.assumed_by]
    if isinstance(role, Person):
        nodes += [one.resource.key for one, _ in (*role.groups, *role.members) if one.resource is not None]
    assert nodes, "a role outside the template is told where it is mentioned"
    return nodes[0].span


def _worn(
    stack: Stack, role: Role, guard: Guard, span: Span | None, function: Function | None, asked: Asked
) -> Wearing:
    others = dict.fromkeys(one.label for one, _, _ in role.functions if one is not function)
    worn = Wearing(role, guard, span, list(others))
    worn.hidden = _hidden(stack, role)
    said = stack.whole.admitted.of(role, bool(asked))
    if kind_of(role) == USER:
        # What a resource policy gives a user by name, a boundary does not take away.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
        _fill(worn, role.all_statements, said, stack, asked)
    else:
        _fill(worn, [*role.all_statements, *said], [], stack, asked)
    return worn


def _fill(
    worn: Wearing, statements: list[Statement], beside: list[Statement], stack: Stack, asked: Asked
) -> None:
    """Gives a wearing the grants that answer the question; what is ``beside`` no boundary bounds."""
    cases = [Bound(worn.role.guard)] if worn.loose else bounds(worn.role)
    answers = asked.answers(statements, beside, cases, stack) if asked else {}
    kept: list[list[Grant]] = []
    last: Bound | None = None
    for grant, case in granted(statements, beside, cases):
        if asked and id(grant.statement) not in answers:
            continue
        if kept and case is last and goes_with(kept[-1], grant):
            kept[-1].append(grant)
        else:
            kept.append([grant])
        last = case
    role = worn.role.guard
    worn.entries = [Entry(parts, role, answers.get(id(parts[0].statement), "")) for parts in joined(kept)]
    if asked:
        worn.answer = surest([*answers.values(), PERHAPS if worn.hidden else NO])


def loose(stack: Stack) -> dict[str, list[Statement]]:
    """The statements that no role, user or group of the template has, by their owner: of policies that are
    attached elsewhere; those of boundaries give nothing and are left out."""
    limits = {each.carrier.owner for role in all_roles(stack) for each in role.boundary}
    people = stack.whole.people.values()
    personal = {id(carrier.node) for person in people for carrier in person.carriers}
    found: dict[str, list[Statement]] = {}
    for statement in stack.statements:
        owner = statement.carrier.owner
        if id(statement.carrier.node) in personal or owner in limits:
            continue
        if not stack.roles_of(statement.carrier):
            found.setdefault(owner, []).append(statement)
    return found


def _loose_block(stack: Stack, owner: str, statements: list[Statement], asked: Asked) -> Block:
    resource = stack.resources.get(owner)
    stand_in = Role(f"policy {owner}", owner, resource, guard=resource.guard if resource else ALWAYS)
    worn = Wearing(stand_in, stand_in.guard, None, [])
    worn.loose = True
    _fill(worn, statements, [], stack, asked)
    span = resource.key.span if resource is not None else statements[0].node.span
    return Block(stack, owner, None, span, [worn])


def users(worn: Wearing) -> list[RoleUse]:
    """What a role is handed to, beside the functions that wear it and what SAM makes it for."""
    own = {function.id for function, _, _ in worn.role.functions}
    return [
        use
        for use in worn.role.assumed_by
        if not (use.resource.id in own and use.path.endswith(".Role"))
        and use.resource is not worn.role.resource
    ]


def _hidden(stack: Stack, role: Role) -> list[Hidden]:
    """What may grant more than is told."""
    found: dict[object, Hidden] = {}
    home = whole(stack)
    if role.external:
        reason = f"the {kind_of(role)} stands outside the {home}"
        return [Hidden(f"policies of {role.label}", reason, _mention(role), "")]
    for carrier in role.unseen:
        what = f"managed policy {full_name(carrier)}"
        known = catalog.managed_policy_removed(carrier.name)
        reason = "withdrawn by AWS" if known else f"its document stands outside the {home}"
        found[carrier.node.start] = Hidden(what, reason, carrier.node.span, carrier.path)
    for group, _ in role.groups if isinstance(role, Person) else ():
        if group.external:
            what = f"policies of group {group.label}"
            found[group.key] = Hidden(what, f"the group stands outside the {home}", _mention(role), "")
    owners = {carrier.owner for carrier in role.all_carriers}
    if role.resource is not None:
        owners.add(role.resource.id)
    for note in stack.notes:
        if note.resource in owners and "olic" in note.path.rpartition("Properties")[2]:
            found.setdefault(note.span.start, Hidden(note.what, note.reason, note.span, note.path))
    return list(found.values())
