"""Services drawn at random as plain data, and writers of that data in every format of a configuration."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import strategies as st

ACTIONS = st.sampled_from(
    ["s3:GetObject", "s3:*", "*", "dynamodb:PutItem", "dynamodb:Get*", "iam:PassRole", "sqs:SendMessage"]
)
RESOURCES = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::loaves",
        "arn:aws:s3:::loaves/*",
        "arn:aws:dynamodb:${AWS::Region}:111122223333:table/${self:custom.names.0}",
        "arn:aws:dynamodb:*:*:table/*",
        "${self:custom.names.1}",
        "${self:custom.all}",
        "arn:aws:sqs:eu-west-1:111122223333:${opt:owner, 'baker'}",
        {"Fn::GetAtt": ["Orders", "Arn"]},
        {"Fn::Sub": "${Orders.Arn}/index/*"},
        {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Shelf"}, "/*"]]},
        {"Ref": "Shelf"},
    ]
)


def _listed(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3)


STATEMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
            "Action": _listed(ACTIONS),
            "Resource": _listed(RESOURCES),
        },
        optional={"Sid": st.sampled_from(["Bake", "Sell"])},
    ),
    max_size=3,
)
EVENTS = st.lists(
    st.sampled_from(
        [
            {"httpApi": "GET /loaves"},
            {"sqs": {"arn": "arn:aws:sqs:eu-west-1:111122223333:orders", "batchSize": 5}},
            {"sqs": {"arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "maximumConcurrency": 4}},
            {"schedule": "rate(1 day)"},
            {"stream": {"type": "dynamodb", "arn": {"Fn::GetAtt": ["Orders", "StreamArn"]}}},
            {"s3": "loaves"},
        ]
    ),
    max_size=2,
)
FUNCTION = st.fixed_dictionaries(
    {"handler": st.just("bake.handler")},
    optional={
        "events": EVENTS,
        "iamRoleStatements": STATEMENTS,
        "iamRoleStatementsInherit": st.booleans(),
        "reservedConcurrency": st.integers(0, 9),
        "role": st.sampled_from(["arn:aws:iam::111122223333:role/baker", "BakerRole"]),
        "vpc": st.just({"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}),
        "onError": st.just("arn:aws:sns:eu-west-1:111122223333:burnt"),
        "tracing": st.just("Active"),
        "disableLogs": st.booleans(),
        "environment": st.just({"TABLE": {"Ref": "Orders"}, "OVENS": 3}),
    },
)
PROVIDER = st.fixed_dictionaries(
    {"name": st.just("aws")},
    optional={
        "stage": st.sampled_from(["dev", "prod"]),
        "iam": st.builds(
            lambda statements, managed: {"role": {"statements": statements, "managedPolicies": managed}},
            STATEMENTS,
            st.sampled_from([["arn:aws:iam::aws:policy/AmazonS3FullAccess"], []]),
        ),
        "iamRoleStatements": STATEMENTS,
        "tracing": st.just({"lambda": True}),
        "logs": st.just({"restApi": True}),
    },
)
MADE = {
    "Orders": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}},
    "Shelf": {"Type": "AWS::S3::Bucket"},
    "Queue": {"Type": "AWS::SQS::Queue"},
}


def _role(statements: Any) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": statements}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "baker", "PolicyDocument": document}],
    }
    return {"Resources": {**MADE, "BakerRole": {"Type": "AWS::IAM::Role", "Properties": properties}}}


SERVICES = st.fixed_dictionaries(
    {
        "service": st.just("bakery"),
        "frameworkVersion": st.sampled_from(["2", "3", "4"]),
        "provider": PROVIDER,
        "custom": st.just({"names": ["orders", "arn:aws:s3:::cakes/*"], "all": "*"}),
        "functions": st.dictionaries(
            st.sampled_from(["bake", "sell", "sweep-floor", "count_till"]), FUNCTION, min_size=1, max_size=4
        ),
        "resources": STATEMENTS.map(_role),
    },
    optional={"plugins": st.just(["serverless-iam-roles-per-function"])},
)


def as_yaml(service: Any) -> str:
    """The service as YAML in blocks."""
    return yaml.dump(service, Dumper=_Plain, sort_keys=False)


class _Plain(yaml.SafeDumper):
    """Writes equal parts out again."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_json(service: Any) -> str:
    """The service as JSON."""
    return json.dumps(service, indent=2)


def as_javascript(service: Any) -> str:
    """The service as what a module exports."""
    return f"// A bakery.\nconst bakery = {json.dumps(service, indent=2)};\n\nmodule.exports = bakery;\n"


def as_toml(service: Any) -> str:
    """The service as TOML: plain values first, then a table for each section."""
    top = [f"{key} = {_inline(value)}\n" for key, value in service.items() if not isinstance(value, dict)]
    sections = [(key, value) for key, value in service.items() if isinstance(value, dict)]
    for key, value in sections:
        top.append(f"\n[{json.dumps(key)}]\n")
        top += [f"{json.dumps(name)} = {_inline(inner)}\n" for name, inner in value.items()]
    return "".join(top)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{json.dumps(key)} = {_inline(inner)}" for key, inner in value.items()) + " }"
        )
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    return json.dumps(value)


WRITERS = {
    "serverless.yml": as_yaml,
    "serverless.json": as_json,
    "serverless.toml": as_toml,
    "serverless.js": as_javascript,
    "serverless.ts": as_javascript,
}
