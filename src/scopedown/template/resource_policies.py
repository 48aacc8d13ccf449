"""Resource policies: what queues, topics, buckets, keys and functions let others do, read when asked for.

Documents in resource properties, permissions in flat form, policies in OpenAPI bodies and what SAM makes of
``Auth.ResourcePolicy``, function URLs and connectors become statements with principals. Policies of other
languages that look alike (IoT, OpenSearch Serverless, Cedar, data protection, lifecycle, filters) are no
concern of IAM and are not read.
"""

from __future__ import annotations

from ..iam.policy import Carrier, read_document, read_statement
from ..source.tree import Mapping, Node, Scalar
from ..values.intrinsics import call, scalar
from .grown import grow
from .triggers.invocation import Finder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..iam.policy import Statement
    from .stack import Resource
    from .whole import Whole


def _table(text: str) -> dict[str, list[tuple[str, ...]]]:
    table: dict[str, list[tuple[str, ...]]] = {}
    for line in text.strip().splitlines():
        type, *paths = line.split()
        table.setdefault(f"AWS::{type}", []).extend(tuple(path.split(".")) for path in paths)
    return table


# Type, and the properties that hold a policy document of IAM:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
RESOURCE = _table("""
AIOps::InvestigationGroup InvestigationGroupPolicy
APS::ResourcePolicy PolicyDocument
ApiGateway::DomainNameV2 Policy
ApiGateway::RestApi Policy
Backup::BackupVault AccessPolicy
Backup::LogicallyAirGappedBackupVault AccessPolicy
Bedrock::KnowledgeBasePolicy PolicyDocument
Bedrock::ResourcePolicy PolicyDocument
BedrockAgentCore::ResourcePolicy Policy
CloudTrail::ResourcePolicy ResourcePolicy
CodeArtifact::Domain PermissionsPolicyDocument
CodeArtifact::Repository PermissionsPolicyDocument
Comprehend::DocumentClassifier ModelPolicy
Comprehend::EntityRecognizer ModelPolicy
DSQL::Cluster PolicyDocument
DynamoDB::GlobalTable Replicas[].ResourcePolicy.PolicyDocument
DynamoDB::GlobalTable Replicas[].ReplicaStreamSpecification.ResourcePolicy.PolicyDocument
DynamoDB::Table ResourcePolicy.PolicyDocument StreamSpecification.ResourcePolicy.PolicyDocument
EC2::VPCEndpoint PolicyDocument
ECR::PublicRepository RepositoryPolicyText
ECR::RegistryPolicy PolicyText
ECR::Repository RepositoryPolicyText
ECR::RepositoryCreationTemplate RepositoryPolicy
EFS::FileSystem FileSystemPolicy
Elasticsearch::Domain AccessPolicies
EventSchemas::RegistryPolicy Policy
Events::EventBus Policy
EventsV2::ResourcePolicy PolicyDocument
FSx::S3AccessPointAttachment S3AccessPoint.Policy
KMS::Key KeyPolicy
KMS::ReplicaKey KeyPolicy
Kinesis::ResourcePolicy ResourcePolicy
Lambda::ResourcePolicy PolicyDocument
Lex::ResourcePolicy Policy
Logs::DeliveryDestination DeliveryDestinationPolicy.DeliveryDestinationPolicy
Logs::Destination DestinationPolicy
Logs::LogGroup ResourcePolicyDocument
Logs::ResourcePolicy PolicyDocument
MSK::ClusterPolicy Policy
MediaPackageV2::ChannelPolicy Policy
MediaPackageV2::OriginEndpointPolicy Policy
MediaStore::Container Policy
MediaTailor::ChannelPolicy Policy
ODB::OdbNetwork S3PolicyDocument StsPolicyDocument KmsPolicyDocument
OSIS::Pipeline ResourcePolicy.Policy
Oam::Sink Policy
Omics::SequenceStore S3AccessPolicy
OpenSearchService::Domain AccessPolicies
Organizations::ResourcePolicy Content
PaymentCryptography::Key Policy
RAM::Permission PolicyTemplate
RUM::AppMonitor ResourcePolicy.PolicyDocument
Redshift::Cluster NamespaceResourcePolicy
RedshiftServerless::Namespace NamespaceResourcePolicy
S3::AccessPoint Policy
S3::BucketPolicy PolicyDocument
S3::MultiRegionAccessPointPolicy Policy
S3Express::AccessPoint Policy
S3Express::BucketPolicy PolicyDocument
S3Files::FileSystemPolicy Policy
S3ObjectLambda::AccessPointPolicy PolicyDocument
S3Outposts::AccessPoint Policy
S3Outposts::BucketPolicy PolicyDocument
S3Tables::TableBucketPolicy ResourcePolicy
S3Tables::TablePolicy ResourcePolicy
S3Vectors::VectorBucketPolicy Policy
SMSVOICE::ResourcePolicy PolicyDocument
SNS::TopicInlinePolicy PolicyDocument
SNS::TopicPolicy PolicyDocument
SQS::QueueInlinePolicy PolicyDocument
SQS::QueuePolicy PolicyDocument
SSM::ResourcePolicy Policy
SageMaker::ModelPackageGroup ModelPackageGroupPolicy
SecretsManager::ResourcePolicy ResourcePolicy
VpcLattice::AuthPolicy Policy
VpcLattice::ResourcePolicy Policy
XRay::ResourcePolicy PolicyDocument
""")
# What only limits the permissions of whoever has it.
LIMITS = _table("""
EKS::PodIdentityAssociation Policy
Organizations::Policy Content
RolesAnywhere::Profile SessionPolicy
Transfer::User Policy
""")
_IAM_POLICIES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
_BODIES = {
    "AWS::ApiGateway::RestApi": "Body",
    "AWS::Serverless::Api": "DefinitionBody",
}
_IN_BODY = "x-amazon-apigateway-policy"


def read(whole: Whole) -> tuple[list[Statement], list[Statement]]:
    """The statements of a stack's resource policies, and those that only limit (session, organization)."""
    reader = _Reader(whole)
    for resource in whole.stack.resources.values():
        reader.resource(resource)
    if whole.stack.packaged is not None:
        from .serverless import resource_side

        reader.granting += resource_side.read(whole, reader.flat)
    return reader.granting, reader.limiting


class _Reader:
    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.finder = Finder(whole.stack)
        self.granting: list[Statement] = []
        self.limiting: list[Statement] = []

    def resource(self, resource: Resource) -> None:
        """Reads whatever policy a resource holds."""
        start, kind = resource.properties, resource.type
        if start is None:
            return
        for steps in RESOURCE.get(kind, ()):
            self._documents(resource, steps, "resource-policy", self.granting)
        for steps in LIMITS.get(kind, ()):
            if kind != "AWS::Organizations::Policy" or scalar(start.get("Type")) in _IAM_POLICIES:
                self._documents(resource, steps, "limit", self.limiting)
        if kind in _FLAT:
            self.flat(resource, _FLAT[kind](start))
        elif kind == "AWS::Events::EventBusPolicy":
            self._bus(resource, start)
        body = _BODIES.get(kind)
        if body is not None:
            self._documents(resource, (body, _IN_BODY), "resource-policy", self.granting)
        if kind.startswith("AWS::Serverless::") or resource.node.get("Connectors") is not None:
            from .sam import policies as sam_policies

            sam_policies.read(self.whole, resource, self.flat)

    def _documents(
        self, resource: Resource, steps: tuple[str, ...], kind: str, found: list[Statement]
    ) -> None:
        path = f"Resources.{resource.id}.Properties"
        for node, guard, here in self.finder.at(resource.properties, steps, resource.guard, path):
            carrier = Carrier(kind, resource.id, node, here, guard)
            statements = read_document(_unwrapped(node), self.whole.stack.resolver, carrier)
            if not statements and not isinstance(node, Mapping):
                self.whole.note("resource policy", "its text is not evaluated here", node, resource.id, here)
            found += statements

    def flat(
        self, resource: Resource, statement: dict[str, Any] | None, cause: Node | None = None, path: str = ""
    ) -> None:
        """Adds a statement that is written in another form; its parts are nodes of the template."""
        if statement is None:
            return
        cause = cause or resource.key
        path = path or f"Resources.{resource.id}.Properties"
        carrier = Carrier("resource-policy", resource.owner, cause, path, resource.guard)
        node = grow(statement, cause)
        assert isinstance(node, Mapping)
        resolver = self.whole.stack.resolver
        self.granting.append(read_statement(node, resolver, carrier, resource.guard, path))

    def _bus(self, resource: Resource, properties: Mapping) -> None:
        """An event bus policy: one statement, or the same in parts."""
        statement = properties.get("Statement")
        path = f"Resources.{resource.id}.Properties.Statement"
        resolver = self.whole.stack.resolver
        if statement is None:
            self.flat(resource, _bus_parts(properties))
        for node, guard in resolver.members(statement, resource.guard):
            if isinstance(node, Mapping) and call(node) is None:
                carrier = Carrier("resource-policy", resource.id, node, path, guard)
                self.granting.append(read_statement(node, resolver, carrier, guard, path))


def _unwrapped(node: Node) -> Node:
    """The object inside Fn::ToJsonString."""
    function = call(node)
    return function[1] if function is not None and function[0] == "Fn::ToJsonString" else node


def _made(
    actions: Any, resource: Any, principal: Any, conditions: list[tuple[str, str, Any]]
) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": actions}
    if resource is not None:
        statement["Resource"] = resource
    block: dict[str, dict[str, Any]] = {}
    for operator, key, value in conditions:
        if value is not None:
            block.setdefault(operator, {})[key] = value
    return statement | ({"Condition": block} if block else {})


def _principal(node: Node | None) -> Any:
    """The principal of a permission: a service, an account or role, or everybody."""
    if isinstance(node, Scalar):
        if node.value == "*":
            return node
        return {"Service" if node.value.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS": node}
    return {"AWS": node}


def _permission(properties: Mapping) -> dict[str, Any] | None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html."""
    get = properties.get
    if get("Principal") is None:
        return None
    conditions = [
        ("ArnLike", "aws:SourceArn", get("SourceArn")),
        ("StringEquals", "aws:SourceAccount", get("SourceAccount")),
        ("StringEquals", "aws:PrincipalOrgID", get("PrincipalOrgID")),
        ("StringEquals", "lambda:EventSourceToken", get("EventSourceToken")),
        ("StringEquals", "lambda:FunctionUrlAuthType", get("FunctionUrlAuthType")),
        ("Bool", "lambda:InvokedViaFunctionUrl", get("InvokedViaFunctionUrl")),
    ]
    return _made(get("Action"), get("FunctionName"), _principal(get("Principal")), conditions)


def _layer(properties: Mapping) -> dict[str, Any] | None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html."""
    get = properties.get
    if get("Principal") is None:
        return None
    conditions = [("StringEquals", "aws:PrincipalOrgID", get("OrganizationId"))]
    return _made(get("Action"), get("LayerVersionArn"), _principal(get("Principal")), conditions)


def _bus_parts(properties: Mapping) -> dict[str, Any] | None:
    get, condition = properties.get, properties.get("Condition")
    if get("Principal") is None:
        return None
    conditions: list[tuple[str, str, Any]] = []
    if isinstance(condition, Mapping):
        key = scalar(condition.get("Key")) or "aws:PrincipalOrgID"
        conditions = [(scalar(condition.get("Type")) or "StringEquals", key, condition.get("Value"))]
    return _made(get("Action") or "events:PutEvents", None, _principal(get("Principal")), conditions)


def _generic(actions: str, resource: str, principal: str = "Principal") -> Any:
    return lambda properties: _made(
        properties.get(actions), properties.get(resource), _principal(properties.get(principal)), []
    )


_FLAT: dict[str, Any] = {
    "AWS::Lambda::Permission": _permission,
    "AWS::Lambda::LayerVersionPermission": _layer,
    "AWS::ACMPCA::Permission": _generic("Actions", "CertificateAuthorityArn"),
    "AWS::EntityResolution::PolicyStatement": _generic("Action", "Arn"),
    "AWS::QBusiness::Permission": _generic("Actions", "ApplicationId"),
    "AWS::Signer::ProfilePermission": _generic("Action", "ProfileName"),
}
