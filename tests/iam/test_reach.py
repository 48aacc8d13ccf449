"""Reach: an action takes effect only where a resource of the statement fits one of its types."""

from __future__ import annotations

import pytest

from scopedown import catalog
from scopedown.iam.reach import Reach
from scopedown.source.tree import Document, Scalar
from scopedown.values.guard import ALWAYS
from scopedown.values.text import Element, Hole, Text

BUCKET = Hole("B.Arn", "attribute", "B", "Arn", type="AWS::S3::Bucket")
STREAM = Hole("F.Arn", "attribute", "F", "Arn", type="AWS::KinesisFirehose::DeliveryStream")
TOPIC = Hole("T", "reference", "T", type="AWS::SNS::Topic")
LOGS = Hole("L.Arn", "attribute", "L", "Arn", type="AWS::Logs::LogGroup")
UNTYPED = Hole("P", "parameter", "P")


def reach(*texts: Text) -> Reach:
    """The reach of some resources."""
    node = Scalar(Document("t", ""), 0, 0, "")
    return Reach([Element(text, ALWAYS, node) for text in texts])


@pytest.mark.parametrize(
    ("resource", "action", "answer"),
    [
        (Text.of("*"), "s3:ListAllMyBuckets", True),
        (Text.of("arn:aws:s3:::reports"), "s3:GetObject", False),
        (Text.of("arn:aws:s3:::reports"), "s3:ListBucket", True),
        (Text.of("arn:aws:s3:::reports/*"), "s3:GetObject", True),
        (Text.of("arn:aws:s3:::reports"), "s3:ListAllMyBuckets", False),
        (Text.of("arn:aws:sqs:*:*:orders"), "sns:Publish", False),
        (Text.of("arn:aws:s*:*:*:*"), "sns:Publish", True),
        (Text((BUCKET,)), "s3:GetObject", False),
        (Text.of("arn:aws:s3:::reports/*"), "s3:ListBucket", False),
        (Text((BUCKET,)), "s3:ListBucket", True),
        (Text.join([BUCKET, *Text.of("/*").parts]), "s3:GetObject", True),
        (Text((STREAM,)), "kinesis:PutRecord", False),
        (Text((STREAM,)), "firehose:PutRecord", True),
        (Text((TOPIC,)), "sns:Publish", True),
        (Text((UNTYPED,)), "s3:GetObject", True),
        # The ARN of a log group ends in ":*": the group and its streams.
        (Text((LOGS,)), "logs:PutLogEvents", True),
        (Text((LOGS,)), "logs:CreateLogStream", True),
        (Text.join([LOGS, *Text.of(":*").parts]), "logs:PutLogEvents", True),
        (Text((LOGS,)), "logs:PutDestination", False),
        (Text.of("arn:aws:logs:*:*:log-group:ovens"), "logs:PutLogEvents", False),
    ],
)
def test_actions_on_resources(resource: Text, action: str, answer: bool) -> None:
    known = catalog.action(action)
    assert known is not None
    assert reach(resource).takes_effect(known) is answer
