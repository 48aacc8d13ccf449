"""Plugins and sections beside functions: what they add to a service, and which plugins are not analysed.

Loaded only for services that list plugins or have such a section.
"""

from __future__ import annotations

from ....source.tree import Mapping, Scalar, Sequence
from ....values.intrinsics import call
from ..service import at, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ....source.tree import Node
    from ..packaged import Packaged
    from ..roles import Roles
    from ..service import Service

_SPLIT = "serverless-plugin-split-stacks"
# Plugins whose roles and statements are read here or in ``roles``.
_READ = frozenset((
    "serverless-iam-roles-per-function",
    "serverless-step-functions",
    "serverless-appsync-plugin",
    "serverless-lift",
    "serverless-plugin-warmup",
    "serverless-apigateway-service-proxy",
    "serverless-pseudo-parameters",
    _SPLIT,
))  # fmt: skip
# Plugins that run locally, build, resolve values, or act at deployment without touching roles, statements or
# resource policies, by their documentation in https://www.serverless.com/plugins
_HARMLESS = frozenset(
    """
serverless-aliyun-function-compute serverless-analyze-bundle-plugin serverless-api-gateway-caching
serverless-api-gateway-throttling serverless-apigw-binary serverless-appsync-offline
serverless-appsync-simulator serverless-associate-waf serverless-aws-documentation
serverless-azure-functions serverless-babel-plugin serverless-better-credentials serverless-bundle
serverless-cloudflare-workers serverless-dependson-plugin serverless-deployment-bucket
serverless-disable-request-validators serverless-domain-manager serverless-dotenv-plugin
serverless-dynamodb serverless-dynamodb-local serverless-dynamodb-seed serverless-esbuild
serverless-export-env serverless-functions-base-path serverless-go-plugin serverless-golang
serverless-google-cloudfunctions serverless-haskell serverless-jest-plugin
serverless-latest-layer-version serverless-localstack serverless-manifest-plugin serverless-mocha-plugin
serverless-offline serverless-offline-aws-eventbridge serverless-offline-kinesis
serverless-offline-python serverless-offline-scheduler serverless-offline-sns serverless-offline-sns-sqs
serverless-offline-sqs serverless-offline-ssm serverless-offline-step-functions
serverless-openapi-documentation serverless-openapi-documenter serverless-openwhisk
serverless-package-location-customizer serverless-package-python-functions serverless-plugin-aws-alerts
serverless-plugin-bind-deployment-id serverless-plugin-chrome serverless-plugin-common-excludes
serverless-plugin-diff serverless-plugin-git-variables serverless-plugin-include-dependencies
serverless-plugin-log-retention serverless-plugin-monorepo serverless-plugin-multiple-responses
serverless-plugin-optimize serverless-plugin-resource-tagging serverless-plugin-scripts
serverless-plugin-simulate serverless-plugin-source-map serverless-plugin-stack-tags
serverless-plugin-typescript serverless-prune-plugin serverless-python-requirements serverless-rack
serverless-reqvalidator-plugin serverless-rspack serverless-ruby-layer serverless-ruby-package
serverless-rust serverless-s3-local serverless-secrets-plugin serverless-sentry-sourcemaps
serverless-stack-output serverless-stack-termination-protection serverless-stage-manager
serverless-step-functions-local serverless-swc serverless-vpc-discovery serverless-webpack
serverless-webpack-prisma serverless-wsgi
""".split()
)


def prepare(packaged: Packaged) -> None:
    """Adds the functions and settings that plugins add before anything is packaged."""
    service = packaged.service
    if _active(service, "serverless-lift", service.root.get("constructs")):
        from . import lift

        lift.prepare(packaged)
    if _active(service, "serverless-plugin-warmup", service.custom.get("warmup")):
        from . import warmup

        warmup.prepare(packaged)
    if _appsync(service):
        from . import appsync

        appsync.prepare(packaged)


def add(packaged: Packaged, roles: Roles) -> None:
    """Adds roles, statements and resources of plugins and of version 4's sections, and tells of others."""
    service = packaged.service
    if _active(service, "serverless-step-functions", service.root.get("stepFunctions")):
        from . import step_functions

        step_functions.add(packaged)
    if _appsync(service):
        from . import appsync

        appsync.add(packaged)
    if _active(service, "serverless-lift", service.root.get("constructs")):
        from . import lift

        lift.add(packaged, roles)
    if _active(service, "serverless-plugin-warmup", service.custom.get("warmup")):
        from . import warmup

        warmup.add(packaged)
    proxies = service.custom.get("apiGatewayServiceProxies")
    if _built_in(service, "serverless-apigateway-service-proxy", proxies):
        from . import service_proxies

        service_proxies.add(packaged)
    if service.framework.is_v4 and any(service.root.get(name) is not None for name in ("ai", "sandboxes")):
        from . import ai

        ai.add(packaged)
    _tell(packaged)


def finish(packaged: Packaged) -> None:
    """Puts the template together; the plugin for pseudo parameters works on the result."""
    from . import pseudo_parameters

    replaces = lists(packaged.service, pseudo_parameters.PLUGIN) and pseudo_parameters.occur(packaged.service)
    if replaces:
        pseudo_parameters.replace_in_roles(packaged)
    packaged.finish()
    if replaces:
        pseudo_parameters.replace_in_template(packaged)


def lists(service: Service, plugin: str) -> bool:
    """Whether a service lists a plugin, under its own name or a fork's scope."""
    return any(name.rpartition("/")[2] == plugin for name in service.plugins if not _is_local(name))


def _active(service: Service, plugin: str, section: Node | None) -> bool:
    """Whether a plugin reads its section.

    It is listed, a local plugin may be a copy of it, or the list is not known: somebody reads the section.
    """
    if section is None:
        return False
    return lists(service, plugin) or any(map(_is_local, service.plugins)) or _is_hidden(service)


def _is_hidden(service: Service) -> bool:
    """Whether plugins are listed in a way that is not known here."""
    written = service.root.get("plugins")
    if isinstance(written, Mapping) and call(written) is None:
        written = written.get("modules")
    return any(isinstance(node, Mapping) and call(node) is not None for node in (written, *items(written)))


def _built_in(service: Service, plugin: str, section: Node | None) -> bool:
    """As ``_active``, for what version 4 does without the plugin."""
    return section is not None and (service.framework.is_v4 or _active(service, plugin, section))


def _appsync(service: Service) -> bool:
    section = service.root.get("appSync") or service.custom.get("appSync")
    return _built_in(service, "serverless-appsync-plugin", section)


def _is_local(name: str) -> bool:
    """Whether a plugin is a file of the project."""
    return name.startswith((".", "/")) or name.endswith((".js", ".cjs", ".mjs", ".ts"))


def _tell(packaged: Packaged) -> None:
    """Notes, once for the service, the plugins that may change roles in a way that is not read here."""
    written = packaged.service.root.get("plugins")
    listed = items(written if isinstance(written, Sequence) else at(written, "modules"))
    unknown: list[Scalar] = []
    for item in listed:
        if isinstance(item, Scalar):
            name = item.value.rpartition("/")[2] if not _is_local(item.value) else item.value
            if name not in _READ and name not in _HARMLESS:
                unknown.append(item)
            elif name == _SPLIT:
                reason = "resources move to nested stacks: names and references differ in what is deployed"
                packaged.note(f"plugin {name}", reason, item, None, "plugins")
    if unknown:
        names = ", ".join(item.value for item in unknown)
        does = "what it does" if len(unknown) == 1 else "what they do"
        reason = f"{names} may add or change roles and statements; {does} is not known here"
        packaged.note("plugins", reason, unknown[0], None, "plugins")
