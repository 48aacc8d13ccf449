"""What is added to a function's own role, by the plugin and by version 4 of the Serverless Framework.

https://github.com/functionalone/serverless-iam-roles-per-function and
https://www.serverless.com/framework/docs/providers/aws/guide/iam
"""

from __future__ import annotations

from ..service import is_true, is_truthy
from . import (
    events as event_statements,
)
from . import (
    logs as log_statements,
)
from . import (
    settings as statements,
)
from . import (
    streams as stream_statements,
)
from .events import say_all, trusting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..packaged import MadeRole, Packaged
    from ..service import Declared


def of_plugin(packaged: Packaged, role: MadeRole, function: Declared) -> None:
    """Adds to a function's own role what the plugin adds: logs, streams, queues, the topic of onError.

    https://github.com/functionalone/serverless-iam-roles-per-function
    """
    log_statements.of_function(role, packaged.service, function)
    say_all(role, stream_statements.needs(packaged, function, plugin=True))
    say_all(role, event_statements.queues([function]))
    topic_as_written(role, function)


def topic_as_written(role: MadeRole, function: Declared) -> None:
    """``onError`` in a function's own role: sending there, whatever it is written as."""
    node = function.get("onError")
    if node is not None and is_truthy(node) and not is_true(node):
        statement = {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": node}
        role.say(statement, function.place("onError"), f"{function.path}.onError", "onError")


def of_version_four(packaged: Packaged, role: MadeRole, function: Declared) -> None:
    """Adds to a function's own role what version 4 adds by itself."""
    service = packaged.service
    log_statements.of_function(role, service, function, deny=True)
    statements.durable(role, function)
    say_all(role, stream_statements.needs(packaged, function))
    say_all(role, event_statements.queues([function]))
    topic_as_written(role, function)
    say_all(role, event_statements.connections(function))
    say_all(role, event_statements.brokers(function, "rabbitmq", "activemq"))
    say_all(role, event_statements.kafka(function))
    say_all(role, event_statements.clusters(function))
    trusting(role, event_statements.edge(function, True), "edgelambda.amazonaws.com")
    trusting(role, event_statements.schedules(service, [function], True), "scheduler.amazonaws.com")
    statements.tracing(role, service, function)
    statements.decryption(role, service, function)
    statements.files(role, service.framework, function)
    statements.destinations(packaged, role, function)
