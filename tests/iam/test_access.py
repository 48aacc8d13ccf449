"""Effective access: what is left after denies and boundary, and who may call what."""

from __future__ import annotations

import pytest

from scopedown.iam import access
from scopedown.iam.access import Grant, effective, may

from .policies import allow, deny, statements

BUCKET = "arn:aws:s3:::reports"
TLS = "Condition: {Bool: {'aws:SecureTransport': 'true'}}"


def told(grant: Grant) -> str:
    """A grant on one line."""
    halves = []
    for listed, left_out in ((grant.actions, grant.not_actions), (grant.resources, grant.not_resources)):
        words = "all" if listed is None else " ".join(each.text.display() for each in listed)
        halves.append(" - ".join([words, *(each.text.display() for each in left_out)]))
    limits = ["?"] * len(grant.denies) + (["within"] if grant.boundary is not None else [])
    limits += [condition.key for condition in grant.conditions]
    return " on ".join(halves) + "".join(f" [{limit}]" for limit in limits)


def role(*texts: str, boundary: tuple[str, ...] | None = None) -> list[Grant]:
    """The grants of a role with these statements."""
    return effective(statements(*texts), None if boundary is None else statements(*boundary))


@pytest.mark.parametrize(
    ("texts", "boundary", "grants"),
    [
        ((allow("s3:Get*"), allow("sqs:*")), None, ["s3:Get* on *", "sqs:* on *"]),
        ((allow("s3:*"), deny("s3:Delete*")), None, ["s3:* - s3:Delete* on *"]),
        (
            (allow("s3:*", f"{BUCKET}/*"), deny("s3:*", f"{BUCKET}/a/*")),
            None,
            [f"s3:* on {BUCKET}/* - {BUCKET}/a/*"],
        ),
        (
            (
                allow("[s3:GetObject, s3:PutObject]", f"[{BUCKET}/a, {BUCKET}/b]"),
                deny("s3:Put*", f"{BUCKET}/a"),
            ),
            None,
            [f"s3:GetObject on {BUCKET}/a {BUCKET}/b", f"s3:PutObject on {BUCKET}/b"],
        ),
        # A part of the actions on a part of the resources is no product of patterns.
        ((allow("s3:*"), deny("s3:Put*", f"{BUCKET}/a")), None, ["s3:* on * [?]"]),
        ((allow("s3:*"), deny("s3:*", more=TLS)), None, ["s3:* on * [?]"]),
        ((allow("s3:*"), deny("sqs:*", more=TLS)), None, ["s3:* on *"]),
        ((allow("iam:*").replace("Act", "NotAct"), deny("s3:*")), None, ["all - iam:* - s3:* on *"]),
        ((allow("iam:*").replace("Act", "NotAct"), deny("'*'")), None, []),
        (
            (allow().replace("'*'", BUCKET).replace("Res", "NotRes"),),
            None,
            [f"s3:GetObject on all - {BUCKET}"],
        ),
        ((allow("'*'"), deny("s3:Get*").replace("Act", "NotAct")), None, ["s3:Get* on *"]),
        ((allow("s3:Get*"), deny("s3:*Object").replace("Act", "NotAct")), None, ["s3:get*object on *"]),
        ((allow().replace("Res", "NotRes"),), None, []),
        # The boundary allows nothing by itself.
        ((allow("s3:*"),), (), []),
        ((allow("s3:*"),), (allow("'*'"),), ["s3:* on *"]),
        ((allow("s3:*"),), (allow("[s3:Get*, sqs:*]"),), ["s3:Get* on *"]),
        (
            (allow("s3:*", f"{BUCKET}/*"),),
            (allow("'*'", f"{BUCKET}/*"), allow("sqs:*")),
            [f"s3:* on {BUCKET}/*"],
        ),
        ((allow("s3:*"),), (allow("iam:*").replace("Act", "NotAct"),), ["s3:* on *"]),
        ((allow("'*'"),), (allow("iam:*").replace("Act", "NotAct"),), ["* - iam:* on *"]),
        ((allow("'*'"),), (allow("'*'"), deny("iam:*")), ["* - iam:* on *"]),
        ((allow("s3:*"),), (allow("s3:*", more=TLS),), ["s3:* on * [aws:SecureTransport]"]),
        ((allow("s3:*", "!Ref Open"),), (allow("s3:*", f"{BUCKET}/*"),), ["s3:* on ${Open} [within]"]),
        ((allow("s3:*"),), (allow("s3:Get*"), allow("s3:Put*")), ["s3:Get* on *", "s3:Put* on *"]),
    ],
)
def test_what_is_effective(
    texts: tuple[str, ...], boundary: tuple[str, ...] | None, grants: list[str]
) -> None:
    assert [told(grant) for grant in role(*texts, boundary=boundary)] == grants


def test_a_guarded_deny_stays_a_limit_and_an_implied_one_does_not() -> None:
    prod = "!If [IsProd, s3:*, !Ref AWS::NoValue]"
    assert [told(grant) for grant in role(allow("s3:GetObject"), deny(prod))] == ["s3:GetObject on * [?]"]
    assert role(allow(prod), deny(prod)) == []


def test_a_grant_knows_its_guard_and_its_place() -> None:
    (grant,) = role(allow("s3:Get*", "!If [IsProd, '*', !Ref AWS::NoValue]"))
    assert grant.resources is not None
    assert grant.resources[0].guard.display() == "IsProd"
    assert grant.carrier.owner == "Role"
    assert grant.statement.node.span.line == 12


def test_many_denies_do_not_multiply() -> None:
    denies = [deny(f"s3:Put{n}*", f"{BUCKET}/{n}*") for n in range(60)]
    actions = ", ".join(f"s3:Put{n}*" for n in range(60))
    assert len(role(allow(f"[{actions}]", f"{BUCKET}/*"), *denies)) < 100


@pytest.mark.parametrize(
    ("texts", "action", "resource", "answer"),
    [
        ((allow("s3:Get*"),), "s3:GetObject", None, True),
        ((allow("s3:Get*"),), "S3:getobject", f"{BUCKET}/a", True),
        ((allow("s3:Get*"),), "s3:PutObject", None, False),
        ((allow("s3:Get*"),), "s3:*", None, True),
        ((allow("s3:Get*"),), "*", "*", True),
        ((allow("s3:*", f"{BUCKET}/*"),), "s3:GetObject", f"{BUCKET}/a", True),
        ((allow("s3:*", f"{BUCKET}/*"),), "s3:GetObject", "arn:aws:s3:::other/a", False),
        ((allow("s3:*", f"{BUCKET}/*"),), "s3:GetObject", "arn:aws:s3:::*", True),
        ((allow("s3:*"), deny("s3:Put*")), "s3:PutObject", None, False),
        ((allow("s3:*"), deny("s3:Put*")), "s3:*", None, True),
        ((allow("s3:*"), deny("s3:Put*", f"{BUCKET}/*")), "s3:PutObject", None, True),
        ((allow("s3:*"), deny("s3:Put*", f"{BUCKET}/*")), "s3:PutObject", f"{BUCKET}/a", False),
        ((allow("s3:*"), deny("s3:Put*", f"{BUCKET}/*")), "s3:PutObject", "arn:aws:s3:::other/a", True),
        ((allow("s3:*"), deny("s3:Put*", f"{BUCKET}/a/*")), "s3:PutObject", f"{BUCKET}/*", None),
        ((allow("s3:*"), deny("s3:Put*", "!Ref Open")), "s3:PutObject", None, None),
        ((allow("s3:*"), deny("s3:Put*", "!GetAtt Table.Arn")), "s3:PutObject", None, True),
        ((allow("s3:*"), deny("!If [IsProd, s3:*, sqs:*]")), "s3:PutObject", None, None),
        ((allow("s3:*", more=TLS),), "s3:PutObject", None, None),
        ((allow("s3:*", "!Ref Open"),), "s3:PutObject", f"{BUCKET}/a", None),
        ((allow("iam:*").replace("Act", "NotAct"),), "s3:PutObject", None, True),
        ((allow("iam:*").replace("Act", "NotAct"),), "iam:PassRole", None, False),
        ((allow("s3:*", BUCKET).replace("Res", "NotRes"),), "s3:ListBucket", BUCKET, False),
        ((allow("s3:*", f"{BUCKET}/${{aws:username}}/*"),), "s3:GetObject", f"{BUCKET}/ann/x", None),
        ((allow("no-service:Run*"),), "no-service:Ru*", None, True),
    ],
)
def test_who_may(texts: tuple[str, ...], action: str, resource: str | None, answer: bool | None) -> None:
    assert may(role(*texts), action, resource) is answer


def test_with_a_context_conditions_and_variables_are_decided() -> None:
    grants = role(allow("s3:*", f"{BUCKET}/${{aws:username}}/*", TLS))
    context = {"aws:username": ["ann"], "aws:SecureTransport": ["true"]}
    assert may(grants, "s3:GetObject", f"{BUCKET}/ann/x", context) is True
    assert may(grants, "s3:GetObject", f"{BUCKET}/bob/x", context) is False
    assert may(grants, "s3:GetObject", f"{BUCKET}/ann/x", {"aws:username": ["ann"]}) is False
    assert may(grants, "s3:GetObject", f"{BUCKET}/ann/x", {"aws:securetransport": ["true"]}) is False


def test_old_policies_have_no_variables() -> None:
    policy = statements(allow("s3:*", f"{BUCKET}/${{aws:username}}/*"), version="2008-10-17")
    context = {"aws:username": ["ann"]}
    assert may(effective(policy), "s3:GetObject", f"{BUCKET}/ann/x", context) is False


def test_what_a_grant_reaches() -> None:
    (grant,) = role(allow("[sqs:SendMessage*, sqs:Receive*]", "'*'"), deny("sqs:Rec*"))
    assert [action.full for action in access.reached(grant)] == ["sqs:SendMessage"]
    assert access.levels(grant) == ["Write"]
    (other,) = role(allow("[dynamodb:GetItem, dynamodb:ListTables, s3:GetObject]", "!GetAtt Table.Arn"))
    assert [action.full for action in access.reached(other)] == ["dynamodb:GetItem"]


def test_levels_of_everything_need_no_catalog() -> None:
    (grant,) = role(allow("iam:*").replace("Act", "NotAct"))
    assert access.reaches_everything(grant)
    assert "Permissions management" in access.levels(grant)


@pytest.mark.parametrize("action", ["logs:PutLogEvents", "'logs:Put*'", "'logs:*'"])
def test_the_arn_of_a_log_group_reaches_its_streams(action: str) -> None:
    (grant,) = role(allow(action, "!GetAtt Log.Arn"))
    assert "logs:PutLogEvents" in {each.full for each in access.reached(grant)}


def test_a_case_of_its_own_counts_where_it_holds() -> None:
    (prod, _) = (each.guard for each in statements(allow("!If [IsProd, a:b, c:d]"))[0].actions)
    listed = statements(allow("s3:*"), deny("s3:PutObject"))
    (within,) = effective(listed, statements(allow("s3:Get*")), prod)
    assert (told(within), within.guard.display()) == ("s3:Get* - s3:PutObject on *", "IsProd")
    (beside,) = effective(listed, None, prod.not_())
    assert (told(beside), beside.guard.display()) == ("s3:* - s3:PutObject on *", "not IsProd")
    assert within.actions is not None
    assert within.actions[0].via == "what the permissions boundary lets through"
