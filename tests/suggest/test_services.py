"""Services: every answer stands in the words of the service's version, plugins and file, ready to paste."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from .services import Read, Service, shown

STUDIO = """
    service: studio
    frameworkVersion: '{version}'
    {plugins}
    provider:
      name: aws
      iamRoleStatements:
        - Effect: Allow
          Action:
            - s3:GetObject
          Resource: '*'
        - Effect: Allow
          Action: ses:SendEmail
          Resource: '*'
    functions:
      show:
        handler: photos.show
        environment:
          PHOTOS:
            {photos}
          SENDER:
            {sender}
    resources:
      Resources:
        Photos:
          Type: AWS::S3::Bucket
        Sender:
          Type: AWS::SES::EmailIdentity
"""


def studio(version: str, plugins: str = "", short: bool = True, syntax: str = "") -> str:
    ref = "!Ref " if short else "Ref: "
    text = STUDIO.format(version=version, plugins=plugins, photos=f"{ref}Photos", sender=f"{ref}Sender")
    return text.replace("name: aws\n", f"name: aws\n      variableSyntax: '{syntax}'\n") if syntax else text


SENDER = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${Sender}"
WORDS = {
    "from 2.30 on Fn::Sub": (
        studio("3"),
        "Resource: !Sub '${Photos.Arn}/*'",
        f"Resource: !Sub '{SENDER}'",
    ),
    "in the long form": (
        studio("2.72.0", short=False),
        "Resource:\n    Fn::Sub: '${Photos.Arn}/*'",
        f"Resource:\n    Fn::Sub: '{SENDER}'",
    ),
    "before that Fn::Join": (
        studio("1.83.0"),
        "Resource: !Join ['', [!GetAtt Photos.Arn, /*]]",
        "Resource: !Join ['', ['arn:', !Ref AWS::Partition, ':ses:', !Ref AWS::Region, ':', "
        "!Ref AWS::AccountId, ':identity/', !Ref Sender]]",
    ),
    "the same in the long form": (
        studio("2.29.0", short=False),
        "Resource:\n    Fn::Join:\n      - ''\n      - [{Fn::GetAtt: [Photos, Arn]}, /*]",
        "Resource:\n    Fn::Join:\n      - ''\n      - ['arn:', {Ref: AWS::Partition}, ':ses:', "
        "{Ref: AWS::Region}, ':', {Ref: AWS::AccountId}, ':identity/', {Ref: Sender}]",
    ),
    "the plugin for pseudo parameters": (
        studio("1.83.0", "plugins: [serverless-pseudo-parameters]"),
        "Resource: '#{Photos.Arn}/*'",
        f"Resource: '{SENDER.replace('$', '#')}'",
    ),
    "other signs for variables": (
        studio("2.10.0", syntax=r"\${{([ ~:a-zA-Z0-9._@,\-\/\(\)]+?)}}"),
        "Resource: !Sub '${Photos.Arn}/*'",
        f"Resource: !Sub '{SENDER}'",
    ),
}


@pytest.mark.parametrize(("text", "photos", "sender"), WORDS.values(), ids=WORDS)
def test_words_that_the_version_understands(service: Read, text: str, photos: str, sender: str) -> None:
    first, second = service(text).texts()
    assert first == f"- Effect: Allow\n  Action:\n    - s3:GetObject\n  {photos}"
    assert second == f"- Effect: Allow\n  Action: ses:SendEmail\n  {sender}"


def test_a_note_has_no_placeholder_that_the_version_would_resolve(service: Read) -> None:
    old = studio("1.83.0").replace("SENDER", "FROM").replace("!Ref Sender", "studio@example.com")
    assert [answer.note for answer in service(old).answers()] == [
        "",
        "assumes that Sender is meant, the only one of its type in the template",
    ]
    plain = old.replace("AWS::SES::EmailIdentity", "AWS::SQS::Queue")
    assert (
        service(plain).answers()[1].note
        == "name the identity: arn:aws:ses:REGION:ACCOUNT_ID:identity/IDENTITY_NAME"
    )


GARDEN = """
    service: garden
    frameworkVersion: '3'
    provider:
      name: aws
      region: eu-west-1
      iam:
        role:
          statements:
            - Effect: Allow
              Action: s3:GetObject
              Resource: '*'
            - Effect: Allow
              Action:
                - dynamodb:GetItem
              Resource: !Sub arn:aws:dynamodb:${self:provider.region}:${AWS::AccountId}:table/*
              Condition:
                StringEquals:
                  aws:PrincipalTag/stage: ${sls:stage}
            - Effect: Allow
              Action: sns:Publish
              Resource: arn:aws:sns:${self:provider.region}:*:*
    functions:
      water:
        handler: beds.water
        environment:
          PHOTOS: ${self:custom.photos}
          BEDS: !Ref BedsTable
          RAIN: !Ref SNSTopicRain
        events:
          - s3: ${self:custom.photos}
          - sns: rain
    custom:
      photos: ${self:service}-${sls:stage}-photos
    resources:
      Resources:
        BedsTable:
          Type: AWS::DynamoDB::Table
          Properties:
            TableName: ${self:service}-${sls:stage}-beds
"""


def test_variables_stay_as_their_author_wrote_them(service: Read) -> None:
    assert service(GARDEN).texts() == [
        # The bucket and the topic wait for the function, so that their names stand here and not their ids.
        shown("""
            - Effect: Allow
              Action: s3:GetObject
              Resource: !Sub 'arn:${AWS::Partition}:s3:::${self:custom.photos}/*'
        """),
        shown("""
            - Effect: Allow
              Action:
                - dynamodb:GetItem
              Resource: !Sub 'arn:aws:dynamodb:${self:provider.region}:${AWS::AccountId}:table/${BedsTable}'
              Condition:
                StringEquals:
                  aws:PrincipalTag/stage: '${sls:stage}'
        """),
        shown("""
            - Effect: Allow
              Action: sns:Publish
              Resource: !Sub 'arn:aws:sns:${self:provider.region}:${AWS::AccountId}:rain'
        """),
    ]


def test_what_the_framework_makes_is_named_by_its_id(service: Read) -> None:
    found = service("""
        service: garden
        frameworkVersion: '3'
        provider:
          name: aws
          iam:
            role:
              statements:
                - Effect: Allow
                  Action: s3:PutObject
                  Resource: '*'
        functions:
          plant:
            handler: beds.plant
            environment:
              SEEDS: !Ref ServerlessDeploymentBucket
    """)
    assert found.texts() == [
        shown("""
            - Effect: Allow
              Action: s3:PutObject
              Resource: !Sub '${ServerlessDeploymentBucket.Arn}/*'
        """)
    ]


def test_a_pattern_that_only_reads_stays_one(service: Read) -> None:
    (answer,) = service("""
        service: garden
        frameworkVersion: '3'
        provider:
          name: aws
          iamRoleStatements:
            - Effect: Allow
              Action: dynamodb:Get*
              Resource: arn:aws:dynamodb:*:*:table/*
        functions: {plant: {handler: beds.plant}}
        resources: {Resources: {Beds: {Type: AWS::DynamoDB::Table}}}
    """).answers()
    table = "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Beds}"
    head = "- Effect: Allow\n  Action: dynamodb:Get*\n  Resource:\n"
    assert textwrap.dedent(answer.text) == f"{head}    - !Sub '{table}'\n    - !Sub '{table}/stream/*'"


def test_a_json_service(tmp_path: Path) -> None:
    text = """{
  "service": "garden",
  "frameworkVersion": "3",
  "provider": {
    "name": "aws",
    "iam": {"role": {"statements": [
      {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": "*"
      }
    ]}}
  },
  "functions": {"plant": {"handler": "beds.plant", "environment": {"JOBS": {"Ref": "Jobs"}}}},
  "resources": {"Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}}}
}
"""
    (answer,) = Service(tmp_path, {"serverless.json": text}).answers()
    assert json.loads(answer.text) == {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": ["Jobs", "Arn"]},
    }
    assert answer.replaces is not None
    assert (answer.replaces.line, answer.replaces.end_line) == (7, 11)


# -- files that are included -------------------------------------------------------------------------------

INCLUDING = """
    service: {name}
    frameworkVersion: '3'
    provider:
      name: aws
      iam:
        role:
          statements: ${{file({file}):statements}}
    functions:
      sell:
        handler: till.sell
        environment:
          STOCK:
            Fn::GetAtt: [{table}, Arn]
    resources:
      Resources:
        {table}:
          Type: AWS::DynamoDB::Table
"""
STATEMENTS = """
    # what the till does
    statements:
      - Effect: Allow
        Action: [dynamodb:GetItem]
        Resource: '*'
"""


def test_a_statement_in_an_included_file(service: Read) -> None:
    found = service(INCLUDING.format(name="shop", file="iam.yml", table="Stock"), iam_yml=STATEMENTS)
    (answer,) = found.answers()
    assert answer.tier == "partial"
    assert answer.replaces is not None
    assert Path(answer.replaces.path).name == "iam.yml"
    assert (answer.replaces.line, answer.replaces.end_line) == (3, 5)
    # The file says nothing of functions: it follows the one that includes it.
    assert answer.text == (
        "  - Effect: Allow\n    Action: ['dynamodb:GetItem']\n    Resource:\n      Fn::GetAtt: [Stock, Arn]"
    ).replace("['dynamodb:GetItem']", "[dynamodb:GetItem]")


def test_a_file_that_two_services_include_is_only_shown(tmp_path: Path) -> None:
    found = Service(
        tmp_path,
        {
            "shop/serverless.yml": INCLUDING.format(name="shop", file="../iam.yml", table="Stock"),
            "kiosk/serverless.yml": INCLUDING.format(name="kiosk", file="../iam.yml", table="Shelf"),
            "iam.yml": STATEMENTS,
        },
    )
    answers = found.answers()
    assert [(answer.tier, answer.replaces, answer.statements) for answer in answers] == [
        ("none", None, [])
    ] * 2
    assert sorted(text.rsplit("\n", 1)[1].strip() for text in found.texts()) == [
        "Fn::GetAtt: [Shelf, Arn]",
        "Fn::GetAtt: [Stock, Arn]",
    ]
    path = tmp_path / "iam.yml"
    assert {answer.note for answer in answers} == {
        f"another service includes {path}: the change must fit all of them"
    }


def test_a_file_that_two_functions_include_is_only_shown(service: Read) -> None:
    found = service(
        """
        service: shop
        frameworkVersion: '3'
        plugins: [serverless-iam-roles-per-function]
        provider: {name: aws}
        functions:
          sell:
            handler: till.sell
            iamRoleStatements: ${file(iam.yml):statements}
            environment: {STOCK: !Ref Stock}
          count:
            handler: till.count
            iamRoleStatements: ${file(iam.yml):statements}
            environment: {STOCK: !Ref Shelf}
        resources:
          Resources:
            Stock: {Type: AWS::DynamoDB::Table}
            Shelf: {Type: AWS::DynamoDB::Table}
        """,
        iam_yml=STATEMENTS,
    )
    assert [(answer.tier, answer.replaces, answer.note) for answer in found.answers()] == [
        ("none", None, "the same lines are statements of count too"),
        ("none", None, "the same lines are statements of sell too"),
    ]


# -- keys, limits ------------------------------------------------------------------------------------------


def test_who_only_reads_a_secret_decrypts_with_its_key(service: Read) -> None:
    text = """
        service: crm
        frameworkVersion: '4'
        provider: {{name: aws}}
        functions:
          pull:
            handler: crm.pull
            environment: {{SECRET: !Ref Secret}}
            iamRoleStatements:
              - {{Effect: Allow, Action: 'secretsmanager:{verb}', Resource: !Ref Secret}}
              - Effect: Allow
                Action: kms:*
                Resource: '*'
        resources:
          Resources:
            Key: {{Type: AWS::KMS::Key}}
            Secret: {{Type: AWS::SecretsManager::Secret, Properties: {{KmsKeyId: !Ref Key}}}}
    """
    (reads,) = service(text.format(verb="GetSecretValue")).answers()
    assert (reads.tier, reads.statements) == (
        "weak",
        [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["Key", "Arn"]}}],
    )
    (writes,) = service(text.format(verb="PutSecretValue")).answers()
    assert "kms:GenerateDataKey" in writes.text


@pytest.mark.parametrize("event", ["sns: news", "s3: papers", "sqs: arn:aws:sqs:eu-west-1:111122223333:post"])
def test_limits_go_by_the_keys_of_the_framework(service: Read, event: str) -> None:
    found = service(f"""
        service: paper
        frameworkVersion: '3'
        provider: {{name: aws}}
        functions:
          print:
            handler: press.main
            events:
              - {event}
    """)
    messages = [each.message for each in found.report.findings if each.rule == "no-concurrency-limit"]
    assert len(messages) == 1
    assert "Concurrent" not in messages[0]
    assert "MaximumConcurrency" not in messages[0]
    assert "reservedConcurrency" in messages[0] or "maximumConcurrency" in messages[0]
