"""What invokes the functions of a stack, and where they send: fills Function.triggers and destinations.

A table says, for each resource type, where it names a function; resources whose trigger depends on more than
one property have a reader of their own. APIs are read by ``apis``, rules by ``events``, SAM events
by ``sam.events``.
"""

from __future__ import annotations

from .invocation import Finder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Node
    from ..stack import Function, Resource, Stack

# Types that make up an API: read together, because stages bound methods.
_API = ("AWS::ApiGateway::", "AWS::ApiGatewayV2::")


def find(stack: Stack) -> None:
    """Fills triggers and destinations of every function from the CloudFormation resources of a stack.

    In a SAM template ``sam.events.find`` comes after it and reads APIs and permissions too, since there they
    are made by SAM resources.
    """
    finder = Finder(stack)
    apis = permitted = False
    for resource in stack.resources.values():
        kind = resource.type
        if resource.properties is None:
            continue
        if kind in _TABLE:
            _read_table(finder, resource)
        elif kind in _READERS:
            _READERS[kind](finder, resource)
        elif kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
            _read_row(finder, resource, ("custom-resource", ("ServiceToken",), None))
        elif kind == "AWS::Lambda::Permission":
            permitted = True
        elif kind.startswith(_API):
            apis = True
    for function in stack.functions:
        _read_function(finder, function)
    if stack.dialect != "sam":
        found = None
        if apis:
            from . import apis as gateway

            found = gateway.Apis(finder)
            found.read()
        if permitted:
            from . import permissions

            permissions.read(finder, found)


def _read_function(finder: Finder, function: Function) -> None:
    properties, path = function.properties, f"Resources.{function.resource.id}.Properties"
    provider = properties.get("CapacityProviderConfig")
    for node, guard in finder.resolver.branches(provider, function.guard):
        place = (node, guard, f"{path}.CapacityProviderConfig")
        finder.add(function, "capacity-provider", place, bounded=None)
    for letter in properties.all("DeadLetterConfig"):
        for place in finder.at(letter, ("TargetArn",), function.guard, f"{path}.DeadLetterConfig"):
            from . import destinations

            destinations.read(finder, [(function, function.guard)], place, "dlq")


# -- the table ---------------------------------------------------------------------------------------

if TYPE_CHECKING:
    # Kind, path to the function, and the property that says what invokes (None: none, "": the resource).
    Row = tuple[str, tuple[str, ...], str | None]


def _rows(text: str) -> dict[str, list[Row]]:
    table: dict[str, list[Row]] = {}
    for line in text.strip().splitlines():
        type, kind, path, source = line.split()
        row = (kind, tuple(path.split(".")), None if source == "-" else "" if source == "self" else source)
        table.setdefault(f"AWS::{type}", []).append(row)
    return table


# Type, kind, path to the function, and the property that says what invokes it: https://docs.aws.amazon.com/
# AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
_TABLE = _rows("""
Lambda::Url function-url TargetFunctionArn -
SNS::Subscription sns Endpoint TopicArn
SNS::Topic sns Subscription[].Endpoint self
S3::Bucket s3 NotificationConfiguration.LambdaConfigurations[].Function self
Logs::SubscriptionFilter logs DestinationArn LogGroupName
IoT::TopicRule iot TopicRulePayload.Actions[].Lambda.FunctionArn self
IoT::TopicRule iot TopicRulePayload.ErrorAction.Lambda.FunctionArn self
AppSync::DataSource appsync LambdaConfig.LambdaFunctionArn ApiId
AppSync::GraphQLApi authorizer LambdaAuthorizerConfig.AuthorizerUri self
AppSync::GraphQLApi authorizer AdditionalAuthenticationProviders[].LambdaAuthorizerConfig.AuthorizerUri self
AppSync::Api authorizer EventConfig.AuthProviders[].LambdaAuthorizerConfig.AuthorizerUri self
ElasticLoadBalancingV2::TargetGroup alb Targets[].Id self
Cognito::UserPool cognito LambdaConfig.* self
Cognito::UserPool cognito LambdaConfig.*.LambdaArn self
CloudFront::Distribution edge DistributionConfig.*.LambdaFunctionAssociations[].LambdaFunctionARN self
Bedrock::Agent other ActionGroups[].ActionGroupExecutor.Lambda self
CloudFormation::LambdaHook other LambdaFunction self
CloudFormation::Macro other FunctionName self
CloudWatch::Alarm other AlarmActions[] self
CodeCommit::Repository other Triggers[].DestinationArn self
CodePipeline::Pipeline other Stages[].Actions[].Configuration.FunctionName self
Config::ConfigRule other Source.SourceIdentifier self
Config::OrganizationConfigRule other OrganizationCustomRuleMetadata.LambdaFunctionArn self
IoT::Authorizer authorizer AuthorizerFunctionArn self
IoT::ProvisioningTemplate other PreProvisioningHook.TargetArn self
KinesisFirehose::DeliveryStream other *.ProcessingConfiguration.Processors[].Parameters[].ParameterValue self
Lex::BotAlias other BotAliasLocaleSettings[].*.CodeHookSpecification.*.LambdaArn self
SecretsManager::RotationSchedule other RotationLambdaARN SecretId
SES::ReceiptRule other Rule.Actions[].LambdaAction.FunctionArn self
SSM::MaintenanceWindowTask other TaskArn self
S3ObjectLambda::AccessPoint other ObjectLambdaConfiguration.*.ContentTransformation.AwsLambda.FunctionArn self
Transfer::Server authorizer IdentityProviderDetails.Function self
Transfer::Workflow other Steps[].CustomStepDetails.Target self
VpcLattice::TargetGroup other Targets[].Id self
Serverless::GraphQLApi appsync DataSources.Lambda.*.FunctionArn self
Serverless::GraphQLApi authorizer Auth.LambdaAuthorizer.AuthorizerUri self
Serverless::GraphQLApi authorizer Auth.Additional[].LambdaAuthorizer.AuthorizerUri self
""")
# How far these are driven is not decided by what the template could bound, or nobody can tell from it.
_QUIET = {"other", "authorizer", "cognito", "edge", "custom-resource", "step-functions", "schedule"}


def _read_table(finder: Finder, resource: Resource) -> None:
    for row in _TABLE[resource.type]:
        _read_row(finder, resource, row)


def _read_row(finder: Finder, resource: Resource, row: Row) -> None:
    kind, steps, from_ = row
    properties = resource.properties
    assert properties is not None
    for node, guard, path in finder.at(
        properties, steps, resource.guard, f"Resources.{resource.id}.Properties"
    ):
        for function, when in finder.functions(node, guard):
            if from_:
                sources = finder.sources(properties.get(from_), when)
            elif from_ is None:
                sources = [((None, None), when)]
            else:
                sources = [((finder.resolver.reference(resource.id), resource.id), when)]
            # A resource that is nothing but the trigger is pointed at as a whole.
            place: Node = resource.key if len(steps) == 1 else node
            bounded = None if kind in _QUIET else False
            for source, both in sources:
                finder.add(function, kind, (place, both, path), source, bounded)


# -- readers -----------------------------------------------------------------------------------------


def _read_rule(finder: Finder, resource: Resource) -> None:
    from . import events

    read = events.read_rule if resource.type == "AWS::Events::Rule" else events.read_schedule
    read(finder, resource)


def _read_invoke_config(finder: Finder, resource: Resource) -> None:
    from . import destinations

    properties = resource.properties
    assert properties is not None
    functions = finder.functions(properties.get("FunctionName"), resource.guard)
    path = f"Resources.{resource.id}.Properties"
    for name, use in (("OnSuccess", "on-success"), ("OnFailure", "on-failure")):
        steps = ("DestinationConfig", name, "Destination")
        for place in finder.at(properties, steps, resource.guard, path):
            destinations.read(finder, functions, place, use)


def _read_pollers(finder: Finder, resource: Resource) -> None:
    from . import pollers

    read = pollers.read_pipe if resource.type == "AWS::Pipes::Pipe" else pollers.read_mapping
    read(finder, resource)


def _read_machine(finder: Finder, resource: Resource) -> None:
    from . import machines

    machines.read(finder, resource)


_READERS = {
    "AWS::Lambda::EventSourceMapping": _read_pollers,
    "AWS::Lambda::EventInvokeConfig": _read_invoke_config,
    "AWS::Pipes::Pipe": _read_pollers,
    "AWS::Events::Rule": _read_rule,
    "AWS::Scheduler::Schedule": _read_rule,
    "AWS::StepFunctions::StateMachine": _read_machine,
    "AWS::Serverless::StateMachine": _read_machine,
}
