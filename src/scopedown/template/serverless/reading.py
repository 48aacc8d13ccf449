"""From a service to a Stack: package it as the framework would, then read the template with its roles.

The template goes through the CloudFormation reader; this module adds what is the service's own: functions and
their names, and the statements of roles that the framework makes, told apart by who wrote them.
"""

from __future__ import annotations

import os

from ...iam.policy import Carrier, Statement, read_document
from ...source.tree import Mapping, Node
from ..stack import Note
from . import functions, generated_ids, refused
from .framework import detect
from .generated_ids import layer_id
from .packaged import Packaged, Said, Written
from .roles import Roles
from .service import Service
from .statements import custom_resources
from .variables.tree import Given, Variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.reader import Reader
    from ...source.tree import Document
    from ..cloudformation import Principals
    from ..stack import Role, Stack
    from .packaged import MadeRole

# Sections that plugins and version 4 read: only with them, or with plugins, is that part loaded.
_PLUGGED = ("stepFunctions", "appSync", "constructs", "ai", "sandboxes")
_PLUGGED_CUSTOM = ("appSync", "warmup", "apiGatewayServiceProxies")


def package(document: Document, root: Mapping, given: Given | None, reader: Reader | None) -> Packaged:
    """A service as its framework packages it.

    Args:
        document: the configuration file.
        root: its tree, variables unresolved.
        given: stage, parameters and environment from outside.
        reader: opens the files that the service includes; None: none is read.
    """
    folder = os.path.dirname(document.path)
    framework = detect(root, folder, reader)
    variables = Variables(root, framework, given or Given(), reader, folder)
    packaged = Packaged(Service(document, variables, framework))
    plugged = is_plugged(packaged.service)
    if plugged:
        from .plugins import listed as plugins

        plugins.prepare(packaged)
    roles = Roles(packaged)
    roles.make()
    _note_assumption(packaged)
    refused.add(packaged)
    custom_resources.add(packaged)
    functions.add(packaged, roles)
    generated_ids.add(packaged)
    if plugged:
        plugins.add(packaged, roles)
        plugins.finish(packaged)
    else:
        packaged.finish()
    return packaged


def _note_assumption(packaged: Packaged) -> None:
    """Says which version is assumed, where what a role may do depends on it."""
    service = packaged.service
    if not service.framework.is_v4 or service.framework.known:
        return
    for function in service.functions:
        key = function.node.key_node("iamRoleStatements")
        if key is not None:
            reason = (
                "the service does not say; version 4 is assumed, earlier ones read these only with a plugin"
            )
            path = f"{function.path}.iamRoleStatements"
            packaged.note("framework version", reason, key, function.name, path)
            return


def is_plugged(service: Service) -> bool:
    """Whether a service has plugins, or sections that only plugins and version 4 read."""
    return (
        bool(service.plugins)
        or any(service.root.get(name) is not None for name in _PLUGGED)
        or any(service.custom.get(name) is not None for name in _PLUGGED_CUSTOM)
    )


def name_functions(stack: Stack) -> None:
    """Lets findings name a service's functions as the service does."""
    assert stack.packaged is not None
    for declared in stack.packaged.service.functions:
        resource = stack.resources.get(declared.id)
        if resource is not None:
            resource.owner = declared.name
            resource.path = resource.settings = declared.path
    layers = stack.packaged.service.root.get("layers")
    for key, _ in layers.entries if isinstance(layers, Mapping) else ():
        resource = stack.resources.get(layer_id(key.value))
        if resource is not None:
            resource.owner = resource.path = resource.settings = f"layers.{key.value}"


def read(stack: Stack, principals: Principals) -> None:
    """Fills the stack's generated roles, and tells its notes."""
    packaged = stack.packaged
    assert packaged is not None
    done: dict[int, tuple[Carrier, list[Statement]]] = {}
    for made in packaged.roles.values():
        role = stack.roles.get(made.id)
        if role is not None:
            role.label = made.label
            if packaged.overridden(made.id):
                _read_overridden(stack, principals, role, made)
            else:
                _read_made(stack, principals, role, made, done)
    if packaged.service.variables.given.params:
        from .variables import stages

        stages.tick(packaged.service.variables)
    stack.notes += _notes(packaged)


def _notes(packaged: Packaged) -> list[Note]:
    """What could not be read; at one place, what a variable is not known by is the cause of the rest."""
    causes = {
        (node.document.path, node.start): (what, reason, node)
        for what, reason, node in reversed(packaged.service.variables.notes)
    }
    notes: list[Note] = []
    told: set[tuple[str, int]] = set()
    for what, reason, node, owner, path in packaged.notes:
        place = (node.document.path, node.start)
        cause = causes.get(place)
        if cause is not None and place in told:
            continue
        told.add(place)
        about, why, where = cause or (what, reason, node)
        notes.append(Note(about, why, where.span, owner, path))
    for what, reason, node in packaged.service.variables.notes:
        place = (node.document.path, node.start)
        if place not in told or causes[place] != (what, reason, node):
            notes.append(Note(what, reason, node.span, None, ""))
    return notes


def _read_made(
    stack: Stack,
    principals: Principals,
    role: Role,
    made: MadeRole,
    done: dict[int, tuple[Carrier, list[Statement]]],
) -> None:
    """What the author wrote for a generated role; what the framework says is read when all is asked for."""
    for part in made.policies:
        if isinstance(part, Written):
            if id(part) not in done:
                done[id(part)] = _read_written(stack, part, made)
            stack.attach(done[id(part)][0], role, done[id(part)][1])
    for part in made.managed:
        if isinstance(part, Written):
            principals.attach_managed_arns(role, part.node, role.guard, part.owner, part.path)


def _read_written(stack: Stack, part: Written, made: MadeRole) -> tuple[Carrier, list[Statement]]:
    carrier = Carrier("inline", part.owner, part.document, part.path)
    carrier.resource = made.id
    statements = read_document(part.document, stack.resolver, carrier)
    for statement in statements:
        statement.path = statement.path.replace(f"{part.path}.Statement", part.path, 1)
    stack.statements += statements
    return carrier, statements


def _read_overridden(stack: Stack, principals: Principals, role: Role, made: MadeRole) -> None:
    """A generated role over which the author laid properties: read as it results, statement by statement.

    What the framework said and nobody changed is left out, as in other roles.
    """
    resource = role.resource
    assert resource is not None
    parts = [part for part in (*made.policies, *made.managed) if isinstance(part, Said)]
    said = {each for part in parts for each in part.ids}
    owners = {
        id(node): part for part in made.policies if isinstance(part, Written) for node in part.node.items
    }
    properties = resource.properties
    for number, (policy, guard) in enumerate(
        stack.resolver.members(properties.get("Policies") if properties else None, role.guard)
    ):
        document = policy.get("PolicyDocument") if isinstance(policy, Mapping) else None
        if document is None:
            continue
        path = f"{resource.settings}.Policies[{number}].PolicyDocument"
        carriers: dict[str, Carrier] = {}
        for statement in _statements(stack, Carrier("inline", made.id, document, path, guard)):
            if id(statement.node) in said:
                continue
            part = owners.get(id(statement.node))
            if part is not None:
                carrier = Carrier("inline", part.owner, part.document, part.path, guard)
                carrier.resource = made.id
                statement.carrier = carriers.setdefault(part.path, carrier)
                statement.path = f"{part.path}[{_index(part, statement.node)}]"
            stack.statements.append(statement)
            stack.attach(statement.carrier, role, [])
            role.statements.append(statement)
    arns = properties.get("ManagedPolicyArns") if properties else None
    for number, (node, guard) in enumerate(stack.resolver.members(arns, role.guard)):
        if id(node) not in said:
            for element in stack.resolver.texts(node, guard):
                place = f"{resource.settings}.ManagedPolicyArns[{number}]"
                principals.attach_managed_arn(role, element, made.owner, place)


def _statements(stack: Stack, carrier: Carrier) -> list[Statement]:
    return read_document(carrier.node, stack.resolver, carrier)


def _index(part: Written, node: Node) -> int:
    return next((number for number, item in enumerate(part.node.items) if item is node), 0)
