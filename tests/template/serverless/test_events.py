"""Events of services: one trigger for each thing that invokes a function, and what bounds it."""

from __future__ import annotations

import textwrap

import pytest

from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.template import cloudformation
from scopedown.template.stack import Function, Trigger

# Kind, text of the node, path below functions.bake, source, its logical id, whether bounded, and the bound.
Told = tuple[str, str, str, str, str | None, bool | None, str]

TOP = """\
service: bakery
frameworkVersion: '3'
provider:
  name: aws
  runtime: python3.13
"""


def functions(service: str) -> dict[str, Function]:
    """The functions of a service, by name."""
    document = Document("serverless.yml", service)
    (root,) = parse_yaml(document)
    assert isinstance(root, Mapping)
    stack = cloudformation.read(document, root, "serverless")
    return {function.label: function for function in stack.functions}


def told(trigger: Trigger) -> Told:
    source = trigger.source.display() if trigger.source is not None else ""
    path = trigger.path.removeprefix("functions.bake.")
    text = trigger.node.span.text
    return (trigger.kind, text, path, source, trigger.source_id, trigger.bounded, trigger.bound)


def bake(settings: str, more: str = "", top: str = TOP) -> Function:
    """The function bake with these settings; ``more`` are further functions or sections."""
    body = textwrap.indent(textwrap.dedent(settings), "    ")
    return functions(f"{top}functions:\n  bake:\n    handler: oven.bake\n{body}\n{textwrap.dedent(more)}")[
        "bake"
    ]


def event(written: str, more: str = "", top: str = TOP) -> list[Told]:
    """The triggers of the function bake with one event."""
    body = textwrap.indent(textwrap.dedent(written).strip("\n"), "    ").lstrip()
    return [told(trigger) for trigger in bake(f"events:\n  - {body}", more, top).triggers]


RESOURCES = """
resources:
  Resources:
    Orders: {Type: AWS::SQS::Queue}
    News: {Type: AWS::SNS::Topic, Properties: {TopicName: bakery-news}}
    Photos: {Type: AWS::S3::Bucket, Properties: {BucketName: bakery-photos}}
    Sales: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
    Stock: {Type: AWS::DynamoDB::Table}
    Front: {Type: AWS::ElasticLoadBalancingV2::Listener}
"""


def polled(kind: str, name: str, source: str, id: str | None, bounded: bool | None, bound: str = "") -> Told:
    return (kind, name, f"events[0].{name}", source, id, bounded, bound)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("sqs: arn:aws:sqs:eu-west-1:1:orders", ("arn:aws:sqs:eu-west-1:1:orders", None, False, "")),
        ("sqs: !GetAtt Orders.Arn", ("${Orders.Arn}", "Orders", False, "")),
        ("sqs: {arn: {Fn::GetAtt: [Orders, Arn]}, batchSize: 5}", ("${Orders.Arn}", "Orders", False, "")),
        ("sqs: {arn: {Fn::ImportValue: orders}}", ("${Import.orders}", None, False, "")),
        (
            "sqs: {arn: {Fn::Join: [':', [arn:aws:sqs, !Ref AWS::Region, '1', orders]]}}",
            ("arn:aws:sqs:${AWS::Region}:1:orders", None, False, ""),
        ),
        ("sqs: {arn: !GetAtt Orders.Arn, maximumConcurrency: 7}", ("${Orders.Arn}", "Orders", True, "7")),
        (
            "sqs: {arn: !GetAtt Orders.Arn, enabled: false}",
            ("${Orders.Arn}", "Orders", True, "switched off"),
        ),
        (
            "sqs: {arn: !GetAtt Orders.Arn, provisionedPollerConfig: {maximumPollers: 5}}",
            ("${Orders.Arn}", "Orders", True, "provisioned pollers"),
        ),
    ],
)
def test_a_queue(written: str, expected: tuple[str, str | None, bool, str]) -> None:
    (found,) = event(written, RESOURCES)
    if written.count("ImportValue"):
        found = (*found[:3], expected[0], *found[4:])
    assert found == polled("sqs", "sqs", *expected)


def test_what_the_author_lays_over_the_mapping_of_a_queue_bounds_it() -> None:
    extended = """
    resources:
      extensions:
        BakeEventSourceMappingSQSOrders:
          Properties: {ScalingConfig: {MaximumConcurrency: 9}}
      Resources:
        Orders: {Type: AWS::SQS::Queue}
    """
    found = event("sqs: !GetAtt Orders.Arn", extended)
    assert found == [polled("sqs", "sqs", "${Orders.Arn}", "Orders", True, "9")]


@pytest.mark.parametrize(
    ("written", "kind", "source", "id"),
    [
        ("stream: arn:aws:kinesis:x:1:stream/sales", "kinesis", "arn:aws:kinesis:x:1:stream/sales", None),
        ("stream: arn:aws:dynamodb:x:1:table/a/stream/b", "dynamodb", None, None),
        ("stream: {type: kinesis, arn: !GetAtt Sales.Arn}", "kinesis", "${Sales.Arn}", "Sales"),
        ("stream: {type: dynamodb, arn: !GetAtt Stock.StreamArn}", "dynamodb", "${Stock.StreamArn}", "Stock"),
        ("stream: {arn: !GetAtt Stock.StreamArn}", "dynamodb", "${Stock.StreamArn}", "Stock"),
        ("msk: {arn: 'arn:aws:kafka:x:1:cluster/a/b', topic: sales}", "msk", None, None),
        ("kafka: {accessConfigurations: {}, topic: sales, bootstrapServers: [a]}", "kafka", "", None),
        ("activemq: {arn: 'arn:aws:mq:x:1:broker:a', queue: sales}", "mq", None, None),
        ("rabbitmq: {arn: 'arn:aws:mq:x:1:broker:a', queue: sales}", "mq", None, None),
    ],
)
def test_streams_and_brokers_bound_themselves(
    written: str, kind: str, source: str | None, id: str | None
) -> None:
    (found,) = event(written, RESOURCES)
    name = written.partition(":")[0]
    assert found == polled(kind, name, found[3] if source is None else source, id, True)


@pytest.mark.parametrize(
    ("written", "kind", "source", "id", "bounded", "bound"),
    [
        ("s3: bakery-photos", "s3", "bakery-photos", "S3BucketBakeryphotos", False, ""),
        ("s3: {bucket: bakery-photos, existing: true}", "s3", "bakery-photos", "Photos", False, ""),
        ("s3: {bucket: !Ref Photos, existing: true}", "s3", "${Photos}", "Photos", False, ""),
        ("existingS3: {bucket: bakery-photos}", "s3", "bakery-photos", "Photos", False, ""),
        ("sns: cakes", "sns", "cakes", "SNSTopicCakes", False, ""),
        ("sns: arn:aws:sns:x:1:cakes", "sns", "arn:aws:sns:x:1:cakes", None, False, ""),
        ("sns: {arn: !Ref News, topicName: bakery-news}", "sns", "${News}", "News", False, ""),
        ("sns: {topicName: cakes, displayName: Cakes}", "sns", "cakes", "SNSTopicCakes", False, ""),
        ("cloudwatchLog: /app/till", "logs", "/app/till", None, False, ""),
        ("cloudwatchLog: {logGroup: /app/till, filter: error}", "logs", "/app/till", None, False, ""),
        ("iot: {sql: 'SELECT * FROM oven'}", "iot", "", None, False, ""),
        ("iot: {sql: 'SELECT * FROM oven', enabled: false}", "iot", "", None, True, "switched off"),
        ("iotFleetProvisioning: {templateBody: {}}", "other", "", None, None, ""),
        ("alb: {listenerArn: !Ref Front, priority: 1}", "alb", "${Front}", "Front", False, ""),
        ("alexaSkill", "other", "", None, None, ""),
        ("alexaSkill: amzn1.ask.skill.x", "other", "", None, None, ""),
        ("alexaSmartHome: {appId: a, enabled: true}", "other", "", None, None, ""),
        (
            "cognitoUserPool: {pool: bakers, trigger: PreSignUp}",
            "cognito",
            "bakers",
            "CognitoUserPoolBakers",
            None,
            "",
        ),
        ("cloudFront: {eventType: viewer-request, origin: https://a.b}", "edge", "", None, None, ""),
        ("schedule: rate(10 minutes)", "schedule", "", None, True, "rate(10 minutes)"),
        ("schedule: {rate: rate(1 day), method: scheduler}", "schedule", "", None, True, "rate(1 day)"),
        ("schedule: {rate: rate(1 day), enabled: false}", "schedule", "", None, True, "switched off"),
        ("eventBridge: {schedule: rate(1 hour)}", "schedule", "", None, True, "rate(1 hour)"),
        ("eventBridge: {pattern: {source: [bakery]}}", "event-pattern", "", None, False, ""),
        (
            "eventBridge: {pattern: {source: [aws.codepipeline]}}",
            "event-pattern",
            "",
            None,
            True,
            "the pace of its source",
        ),
        (
            "eventBridge: {eventBus: till, pattern: {detail-type: ['EC2 x']}}",
            "event-pattern",
            "",
            None,
            False,
            "",
        ),
        ("cloudwatchEvent: {event: {source: [bakery]}}", "event-pattern", "", None, False, ""),
        (
            "cloudwatchEvent: {event: {source: [aws.ec2]}, enabled: false}",
            "event-pattern",
            "",
            None,
            True,
            "switched off",
        ),
    ],
)
def test_what_is_pushed(
    written: str, kind: str, source: str, id: str | None, bounded: bool | None, bound: str
) -> None:
    name = written.partition(":")[0]
    resources = RESOURCES if "photos" in written.lower() or "!Ref" in written else ""
    if written == "s3: bakery-photos":
        resources = ""
    found = event(written, resources)
    assert found == [polled(kind, name, source, id, bounded, bound)]


def test_a_schedule_with_several_rates() -> None:
    found = event("schedule:\n    rate: [rate(1 day), cron(0 6 * * ? *)]")
    assert [(each[0], each[2], each[6]) for each in found] == [
        ("schedule", "events[0].schedule", "rate(1 day)"),
        ("schedule", "events[0].schedule", "cron(0 6 * * ? *)"),
    ]


# -- APIs --------------------------------------------------------------------------------------------

REST = ("rest-api", "http", "events[0].http", "${ApiGatewayRestApi}", "ApiGatewayRestApi")
HTTP = ("http-api", "httpApi", "events[0].httpApi", "${HttpApi}", "HttpApi")
SOCKET = ("websocket-api", "websocket", "events[0].websocket", "${WebsocketsApi}", "WebsocketsApi")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("http: GET /cakes", REST),
        ("http: {path: cakes, method: get}", REST),
        ("http: {path: cakes, method: get, private: true, async: true}", REST),
        ("httpApi: GET /cakes", HTTP),
        ("httpApi: '*'", HTTP),
        ("httpApi: {path: '*', method: '*'}", HTTP),
        ("httpApi: {path: /cakes, method: GET}", HTTP),
        ("websocket: $connect", SOCKET),
        ("websocket: {route: order}", SOCKET),
    ],
)
def test_an_api_that_nothing_throttles(written: str, expected: tuple[str, str, str, str, str]) -> None:
    assert event(written) == [(*expected, False, "")]


def test_an_integration_that_answers_without_the_function() -> None:
    assert event("http: {path: cakes, method: get, integration: http-proxy}") == []
    assert event("http: {path: cakes, method: get, integration: MOCK}") == []
    assert len(event("http: {path: cakes, method: get, integration: lambda-proxy}")) == 1


def with_provider(settings: str) -> str:
    return TOP + textwrap.indent(textwrap.dedent(settings), "  ")


PLAN = "apiGateway:\n  usagePlan:\n    throttle: {rateLimit: 20, burstLimit: 40}\n"
PLANS = """\
apiGateway:
  usagePlan:
    - free: {throttle: {rateLimit: 2}}
    - paid: {throttle: {rateLimit: 90}}
"""
OPEN_PLAN = PLANS.replace("throttle: {rateLimit: 90}", "quota: {limit: 9}")


@pytest.mark.parametrize(
    ("provider", "private", "expected"),
    [
        (PLAN, "true", (True, "20")),
        (PLAN, "false", (False, "")),
        (PLANS, "true", (True, "2")),
        (OPEN_PLAN, "true", (False, "")),
        ("usagePlan:\n  throttle: {burstLimit: 5}\n", "true", (True, "5")),
        ("apiGateway:\n  apiKeys: [till]\n", "true", (False, "")),
        (PLAN, "${ssm:/private}", (None, "")),
    ],
)
def test_a_usage_plan_bounds_what_needs_a_key(
    provider: str, private: str, expected: tuple[bool | None, str]
) -> None:
    written = f"http: {{path: cakes, method: get, private: '{private}'}}"
    assert event(written.replace("'true'", "true"), top=with_provider(provider)) == [(*REST, *expected)]


def test_every_way_in_has_to_be_throttled() -> None:
    events = """
    events:
      - http: {path: cakes, method: get, private: true}
      - http: {path: cakes, method: post}
    """
    assert [trigger.bounded for trigger in bake(events, top=with_provider(PLAN)).triggers] == [True, False]


EXTENDED = """
resources:
  extensions:
    {stage}:
      Properties:
        {settings}
"""


@pytest.mark.parametrize(
    ("written", "stage", "settings", "expected"),
    [
        ("httpApi: GET /a", "HttpApiStage", "DefaultRouteSettings: {ThrottlingRateLimit: 8}", (True, "8")),
        ("httpApi: GET /a", "HttpApiStage", "DefaultRouteSettings: {ThrottlingRateLimit: -1}", (False, "")),
        (
            "httpApi: GET /a",
            "HttpApiStage",
            "RouteSettings: {GET /a: {ThrottlingRateLimit: 8}}",
            (True, "8"),
        ),
        (
            "httpApi: GET /a",
            "HttpApiStage",
            "RouteSettings: {GET /b: {ThrottlingRateLimit: 8}}",
            (False, ""),
        ),
        ("httpApi: '*'", "HttpApiStage", "RouteSettings: {$default: {ThrottlingRateLimit: 8}}", (True, "8")),
        (
            "websocket: $connect",
            "WebsocketsDeploymentStage",
            "DefaultRouteSettings: {ThrottlingBurstLimit: 8}",
            (True, "8"),
        ),
    ],
)
def test_an_extension_of_the_stage(
    written: str, stage: str, settings: str, expected: tuple[bool, str]
) -> None:
    (found,) = event(written, EXTENDED.format(stage=stage, settings=settings))
    assert found[5:] == expected


def test_a_stage_of_the_authors_own_replaces_the_one_of_the_framework() -> None:
    stage = """
    resources:
      Resources:
        Shop:
          Type: AWS::ApiGateway::Stage
          Properties:
            RestApiId: !Ref ApiGatewayRestApi
            StageName: dev
            MethodSettings: [{ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 3}]
    """
    assert event("http: GET /cakes", stage) == [(*REST, True, "3")]
    # Beside the framework's stage it bounds nothing.
    assert event("http: GET /cakes", stage.replace("dev", "shop")) == [(*REST, False, "")]


def test_a_usage_plan_in_resources() -> None:
    plan = """
    resources:
      Resources:
        Plan:
          Type: AWS::ApiGateway::UsagePlan
          Properties:
            ApiStages: [{ApiId: !Ref ApiGatewayRestApi, Stage: dev}]
            Throttle: {RateLimit: 4}
    """
    assert event("http: {path: a, method: get, private: true}", plan) == [(*REST, True, "4")]


@pytest.mark.parametrize(
    ("written", "provider", "kind"),
    [
        ("http: GET /cakes", "apiGateway: {restApiId: abc123}\n", "rest-api"),
        ("httpApi: GET /cakes", "httpApi: {id: abc123}\n", "http-api"),
        ("websocket: $connect", "apiGateway: {websocketApiId: abc123}\n", "websocket-api"),
    ],
)
def test_the_stage_of_an_api_of_another_service_is_not_known(written: str, provider: str, kind: str) -> None:
    (found,) = event(written, top=with_provider(provider))
    assert (found[0], found[3], found[4], found[5]) == (kind, "abc123", None, None)


@pytest.mark.parametrize(
    "top",
    [
        "service: a\nprovider: ${file(provider.js)}\n",
        with_provider("apiGateway: ${file(provider.js)}\n"),
    ],
)
def test_a_provider_that_is_not_known_may_name_the_api_of_another_service(top: str) -> None:
    (found,) = event("http: GET /cakes", top=top)
    assert found == (*REST, None, "")


def test_an_api_of_the_services_own_resources() -> None:
    shop = "resources: {Resources: {Shop: {Type: AWS::ApiGateway::RestApi}}}\n"
    found = event("http: GET /cakes", shop, with_provider("apiGateway: {restApiId: !Ref Shop}\n"))
    assert found == [("rest-api", "http", "events[0].http", "${Shop}", "Shop", False, "")]


def test_a_function_with_a_condition() -> None:
    more = (
        "resources: {Conditions: {IsProd: !Equals [!Ref Stage, prod]}, Parameters: {Stage: {Type: String}}}\n"
    )
    (trigger,) = bake("condition: IsProd\nevents:\n  - sns: cakes", more).triggers
    assert (trigger.kind, trigger.guard.display()) == ("sns", "IsProd")


def test_names_that_a_variable_chooses_from_are_one_source_without_a_name() -> None:
    assert event("s3: \"${env:BUCKET, 'cakes'}\"") == [polled("s3", "s3", "", None, False)]
    settings = "{pattern: {source: [bakery]}}"
    chosen = event("eventBridge: ${file(a.js), self:custom.rule}", f"custom: {{rule: {settings}}}\n")
    assert [(each[0], each[5]) for each in chosen] == [("unresolved", None), ("event-pattern", False)]


def test_a_switch_whose_value_depends_on_the_environment() -> None:
    function = bake("events:\n  - sns: cakes\n  - iot: {sql: a, enabled: \"${env:ON, 'false'}\"}")
    assert [(each.kind, each.bounded, each.guard.display()) for each in function.triggers] == [
        ("sns", False, ""),
        ("iot", True, "not env:ON is set"),
        ("iot", False, "env:ON is set"),
    ]


def test_the_throttling_plugin() -> None:
    plugin = """
    plugins: [serverless-api-gateway-throttling]
    custom: {apiGatewayThrottling: {maxRequestsPerSecond: 50}}
    """
    assert event("http: GET /cakes", plugin) == [(*REST, True, "50")]
    assert event("httpApi: GET /cakes", plugin) == [(*HTTP, True, "50")]
    own = "http: {path: a, method: get, throttling: {maxConcurrentRequests: 6}}"
    assert event(own, plugin) == [(*REST, True, "6")]
    off = "http: {path: a, method: get, throttling: {disabled: true}}"
    assert event(off, plugin) == [(*REST, False, "")]
    assert event(own, plugin.replace("serverless-api", "./api")) == [(*REST, False, "")]


# -- authorizers -------------------------------------------------------------------------------------

GUARD = "functions.bake.events[0].{}.authorizer"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("http: {path: a, method: get, authorizer: guard}", "http"),
        ("http: {path: a, method: get, authorizer: {name: guard, type: request}}", "http"),
        ("http: {path: a, method: get, authorizer: !GetAtt GuardLambdaFunction.Arn}", "http"),
        ("http: {path: a, method: get, authorizer: {arn: !GetAtt GuardLambdaFunction.Arn}}", "http"),
        ("http: {path: a, method: get, authorizer: 'arn:aws:lambda:x:1:function:bakery-dev-guard'}", "http"),
        ("websocket: {route: $connect, authorizer: guard}", "websocket"),
        ("websocket: {route: $connect, authorizer: {name: guard}}", "websocket"),
    ],
)
def test_a_function_that_authorizes(written: str, kind: str) -> None:
    service = f"{TOP}functions:\n  bake:\n    handler: a.b\n    events:\n      - {written}\n"
    guard = functions(service + "  guard: {handler: a.c}\n")["guard"]
    assert [(each.kind, each.path, each.bounded) for each in guard.triggers] == [
        ("authorizer", GUARD.format(kind), None)
    ]


def test_authorizers_of_the_http_api_stand_with_the_provider() -> None:
    top = with_provider("httpApi:\n  authorizers:\n    door: {type: request, functionName: guard}\n")
    service = f"{top}functions:\n  bake:\n    events: [{{httpApi: GET /}}]\n  guard: {{handler: a.b}}\n"
    (trigger,) = functions(service)["guard"].triggers
    assert (trigger.kind, trigger.path) == (
        "authorizer",
        "provider.httpApi.authorizers.door.functionName",
    )
    assert trigger.node.span.text == "guard"


@pytest.mark.parametrize("authorizer", ["aws_iam", "{type: COGNITO_USER_POOLS, authorizerId: a}"])
def test_other_authorizers_invoke_nothing(authorizer: str) -> None:
    found = event(f"http: {{path: a, method: get, authorizer: {authorizer}}}")
    assert found == [(*REST, False, "")]


# -- settings and destinations -----------------------------------------------------------------------


@pytest.mark.parametrize("url", ["true", "{}", "{authorizer: aws_iam}"])
def test_a_function_url(url: str) -> None:
    assert [told(each) for each in bake(f"url: {url}").triggers] == [
        ("function-url", "url", "url", "", None, False, "")
    ]


def test_no_url() -> None:
    assert bake("url: false").triggers == []


def test_a_capacity_provider() -> None:
    found = [told(each) for each in bake("capacityProvider: ovens").triggers]
    assert found == [("capacity-provider", "capacityProvider", "capacityProvider", "", None, None, "")]


def sent(function: Function) -> list[tuple[str, str, str]]:
    return [(each.kind, each.use, each.target.display()) for each in function.destinations]


def test_destinations() -> None:
    function = bake(
        """
        onError: arn:aws:sns:x:1:broken
        destinations:
          onSuccess: {type: eventBus, arn: 'arn:aws:events:x:1:event-bus/till'}
          onFailure: arn:aws:sqs:x:1:burnt
        events:
          - stream:
              arn: arn:aws:kinesis:x:1:stream/a
              destinations: {onFailure: {type: sns, arn: !Ref News}}
          - stream:
              arn: arn:aws:kinesis:x:1:stream/b
              destinations: {onFailure: 'arn:aws:sqs:x:1:lost'}
        """,
        RESOURCES,
    )
    assert sent(function) == [
        ("sns", "dlq", "arn:aws:sns:x:1:broken"),
        ("event-bus", "on-success", "arn:aws:events:x:1:event-bus/till"),
        ("sqs", "on-failure", "arn:aws:sqs:x:1:burnt"),
        ("sns", "esm-on-failure", "${News}"),
        ("sqs", "esm-on-failure", "arn:aws:sqs:x:1:lost"),
    ]


@pytest.mark.parametrize("target", ["sweep", "{type: function, arn: !GetAtt SweepLambdaFunction.Arn}"])
def test_a_function_that_is_sent_to(target: str) -> None:
    found = functions(
        f"{TOP}functions:\n  bake:\n    destinations: {{onSuccess: {target}}}\n  sweep: {{handler: a.b}}\n"
    )
    assert sent(found["bake"]) == [("lambda", "on-success", "${SweepLambdaFunction.Arn}")]
    (trigger,) = found["sweep"].triggers
    assert (trigger.kind, trigger.bounded) == ("other", None)
    assert trigger.path.startswith("functions.bake.destinations.onSuccess")


# -- what stands beside the functions ----------------------------------------------------------------


def test_resources_count_once() -> None:
    resources = """
    resources:
      Resources:
        Orders: {Type: AWS::SQS::Queue}
        Photos: {Type: AWS::S3::Bucket, Properties: {BucketName: bakery-photos}}
        Mapping:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref BakeLambdaFunction, EventSourceArn: !GetAtt Orders.Arn}
        Permission:
          Type: AWS::Lambda::Permission
          Properties:
            FunctionName: !Ref BakeLambdaFunction
            Action: lambda:InvokeFunction
            Principal: s3.amazonaws.com
            SourceArn: !GetAtt Photos.Arn
        News:
          Type: AWS::Lambda::Permission
          Properties:
            FunctionName: !Ref BakeLambdaFunction
            Action: lambda:InvokeFunction
            Principal: sns.amazonaws.com
    """
    found = event("s3: {bucket: bakery-photos, existing: true}", resources)
    assert [(each[0], each[2], each[4], each[5]) for each in found] == [
        ("sqs", "Resources.Mapping", "Orders", False),
        ("s3", "events[0].s3", "Photos", False),
        ("sns", "Resources.News", None, False),
    ]


def test_a_method_of_the_authors_own_on_the_api_of_the_framework() -> None:
    method = """
      clean: {handler: a.b}
    resources:
      Resources:
        Method:
          Type: AWS::ApiGateway::Method
          Properties:
            RestApiId: !Ref ApiGatewayRestApi
            ResourceId: !GetAtt ApiGatewayRestApi.RootResourceId
            HttpMethod: POST
            Integration:
              Uri: !Sub arn:aws:apigateway:x:lambda:path/x/functions/${CleanLambdaFunction.Arn}/invocations
    """
    text = f"{TOP}functions:\n  bake:\n    events: [{{http: GET /}}]\n{textwrap.dedent(method)}"
    (trigger,) = functions(text)["clean"].triggers
    assert (trigger.kind, trigger.source_id, trigger.bounded) == ("rest-api", "ApiGatewayRestApi", False)


def test_state_machines() -> None:
    machines = """
    stepFunctions:
      stateMachines:
        day:
          definition:
            StartAt: Mix
            States:
              Mix: {Type: Task, Resource: !GetAtt bake.Arn, Next: Bake}
              Bake: {Type: Task, Resource: !GetAtt BakeLambdaFunction.Arn, End: true}
        night:
          definition:
            StartAt: Mix
            States:
              Mix: {Type: Task, Resource: 'arn:aws:lambda:x:1:function:bakery-dev-bake', End: true}
    """
    found = [told(each) for each in bake("memorySize: 128", machines).triggers]
    assert [(each[0], each[2], each[3], each[5]) for each in found] == [
        ("step-functions", "stepFunctions.stateMachines.day.definition.States.Mix.Resource", "day", None),
        ("step-functions", "stepFunctions.stateMachines.night.definition.States.Mix.Resource", "night", None),
    ]


@pytest.mark.parametrize(
    ("section", "path"),
    [
        (
            "appSync: {name: shop, dataSources: {oven: {type: AWS_LAMBDA, config: {functionName: bake}}}}",
            "appSync.dataSources.oven.config.functionName",
        ),
        (
            "custom: {appSync: [{name: shop, dataSources: [{type: AWS_LAMBDA, name: oven, config: "
            "{lambdaFunctionArn: !GetAtt BakeLambdaFunction.Arn}}]}]}",
            "custom.appSync[0].dataSources[0].config.lambdaFunctionArn",
        ),
        (
            "appSync: {name: shop, resolvers: {Query.a: {dataSource: {type: AWS_LAMBDA, "
            "config: {functionName: bake}}}}}",
            "appSync.resolvers.Query.a.dataSource.config.functionName",
        ),
    ],
)
def test_appsync(section: str, path: str) -> None:
    found = [told(each) for each in bake("memorySize: 128", section).triggers]
    assert [(each[0], each[2], each[3], each[5]) for each in found] == [("appsync", path, "shop", False)]


def test_an_authorizer_of_appsync() -> None:
    section = "appSync: {name: shop, authentication: {type: AWS_LAMBDA, config: {functionName: bake}}}"
    (trigger,) = bake("memorySize: 128", section).triggers
    assert (trigger.kind, trigger.path) == ("authorizer", "appSync.authentication.config.functionName")


@pytest.mark.parametrize(
    ("own", "custom", "paths"),
    [
        ("warmup: true", "{}", ["warmup"]),
        ("memorySize: 128", "{warmup: {hot: {enabled: true}}}", ["custom.warmup"]),
        ("warmup: {hot: {enabled: false}}", "{warmup: {hot: {enabled: true}}}", []),
        ("memorySize: 128", "{warmup: {hot: {enabled: false}}}", []),
    ],
)
def test_warmers(own: str, custom: str, paths: list[str]) -> None:
    function = bake(own, f"plugins: [serverless-plugin-warmup]\ncustom: {custom}\n")
    assert [(each.kind, told(each)[2], each.bounded) for each in function.triggers] == [
        ("schedule", path, True) for path in paths
    ]


# -- what is not known -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("fax: {number: 5}", ("unresolved", "fax", "events[0].fax")),
        ("${ssm:/events}", ("unresolved", "${ssm:/events}", "events[0]")),
        ("eventBridge: ${file(rules.js)}", ("unresolved", "eventBridge", "events[0].eventBridge")),
        (
            "eventBridge: {pattern: '${file(p.js)}'}",
            ("event-pattern", "eventBridge", "events[0].eventBridge"),
        ),
        ("sqs: ${file(queue.js)}", ("sqs", "sqs", "events[0].sqs")),
        ("sns: ${file(topic.js)}", ("sns", "sns", "events[0].sns")),
    ],
)
def test_what_is_not_known_is_neither_open_nor_bounded(written: str, expected: tuple[str, str, str]) -> None:
    (found,) = event(written)
    assert (found[:3], found[5]) == (expected, None)


def test_a_stream_whose_kind_is_not_known_is_bounded_all_the_same() -> None:
    (found,) = event("stream: {arn: '${cf:till.StreamArn}'}")
    assert (found[0], found[5], found[6]) == ("unresolved", True, "its shards")


def test_events_that_are_not_known_as_a_whole() -> None:
    (trigger,) = bake("events: ${ssm:/events}").triggers
    assert (trigger.kind, trigger.path, trigger.bounded) == ("unresolved", "functions.bake.events", None)


def test_other_providers_have_events_of_their_own() -> None:
    found = functions(
        "service: a\nprovider: {name: azure}\nfunctions:\n  bake:\n    events: [{http: true}, {queue: a}]\n"
    )
    assert [function.triggers for function in found.values()] == [[]]
