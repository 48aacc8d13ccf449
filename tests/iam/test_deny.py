"""What a Deny leaves of the statements beside it, and what rules then see of them."""

from __future__ import annotations

import pytest

from scopedown.iam.breadth import Facts
from scopedown.iam.deny import certain, silence
from scopedown.iam.policy import Statement

from .policies import allow, deny, statements

BUCKET = "arn:aws:s3:::reports"


def left(*texts: str) -> Statement:
    """The first statement after the others, all of one role, had their effect on it."""
    first, *others = statements(*texts)
    silence(first, [certain([first, *others])])
    return first


def shown(elements: list[object]) -> list[str]:
    """Elements as text."""
    return [element.text.display() for element in elements]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("texts", "actions", "resources"),
    [
        ((allow("s3:GetObject"), deny("s3:*")), [], []),
        ((allow("[s3:GetObject, sqs:SendMessage]"), deny("s3:*")), ["sqs:SendMessage"], ["*"]),
        ((allow("s3:*"), deny("s3:Delete*")), ["s3:*"], ["*"]),
        ((allow("s3:GetObject"), deny("S3:GETOBJECT")), [], []),
        (
            (allow("s3:GetObject", f"[{BUCKET}/a, {BUCKET}/b]"), deny("s3:*", f"{BUCKET}/a*")),
            ["s3:GetObject"],
            [f"{BUCKET}/b"],
        ),
        (
            (
                allow("[s3:GetObject, s3:PutObject]", f"[{BUCKET}/a, {BUCKET}/b]"),
                deny("s3:Put*", f"{BUCKET}/a"),
            ),
            ["s3:GetObject", "s3:PutObject"],
            [f"{BUCKET}/a", f"{BUCKET}/b"],
        ),
        ((allow("s3:*", f"{BUCKET}/*"), deny("s3:*", f"{BUCKET}/a/*")), ["s3:*"], [f"{BUCKET}/*"]),
        # Deny everything except: what lies outside the exception is gone.
        ((allow("[s3:GetObject, sqs:*]"), deny().replace("Action", "NotAction")), ["s3:GetObject"], ["*"]),
        ((allow("'*'"), deny("[s3:*, sqs:*]").replace("Action", "NotAction")), ["s3:*", "sqs:*"], ["*"]),
        (
            (allow("s3:*"), deny("s3:*", f"{BUCKET}/*").replace("Resource", "NotResource")),
            ["s3:*"],
            [f"{BUCKET}/*"],
        ),
        (
            (
                allow("s3:*", f"[{BUCKET}/*, 'arn:aws:s3:::other/*']"),
                deny("'*'", f"{BUCKET}/*").replace("Res", "NotRes"),
            ),
            ["s3:*"],
            [f"{BUCKET}/*"],
        ),
        ((allow("s3:*"), deny("s3:*", f"{BUCKET}").replace("Act", "NotAct")), ["s3:*"], ["*"]),
        # A condition, a hole or a guard that is not implied: it may not apply.
        (
            (allow(), deny(more="Condition: {Bool: {'aws:SecureTransport': 'false'}}")),
            ["s3:GetObject"],
            ["*"],
        ),
        ((allow("s3:GetObject", "!Ref Open"), deny("s3:*", "!Ref Open")), ["s3:GetObject"], ["${Open}"]),
        ((allow(), deny("s3:*", "!Ref Open").replace("Res", "NotRes")), ["s3:GetObject"], ["*"]),
        ((allow(), deny("s3:*", "!If [IsProd, '*', arn:aws:s3:::a]")), ["s3:GetObject"], ["*"]),
        (
            (allow("!If [IsProd, s3:GetObject, s3:PutObject]"), deny("!If [IsProd, s3:*, sqs:*]")),
            ["s3:PutObject"],
            ["*"],
        ),
        # Neither reading of a star may leave a gap.
        (
            (allow("sns:Publish", "arn:aws:sns:eu-west-1:1:t:x"), deny("sns:*", "arn:aws:*:1:t:x")),
            ["sns:Publish"],
            ["arn:aws:sns:eu-west-1:1:t:x"],
        ),
    ],
)
def test_what_is_left(texts: tuple[str, ...], actions: list[str], resources: list[str]) -> None:
    statement = left(*texts)
    assert shown([*statement.actions]) == actions
    assert not actions or shown([*statement.resources]) == resources


def test_what_is_gone_is_remembered() -> None:
    statement = left(allow("[s3:GetObject, sqs:SendMessage]"), deny("s3:*"))
    assert shown([*statement.denied]) == ["s3:GetObject"]


def test_refused_actions_are_not_counted() -> None:
    whole, less = left(allow("sqs:*")), left(allow("sqs:*"), deny("sqs:Delete*"))
    assert shown([*less.refused]) == ["sqs:Delete*"]
    names = {action.full for action in Facts(less).actions[0].expands}
    assert {action.full for action in Facts(whole).actions[0].expands} - names == {
        "sqs:DeleteMessage",
        "sqs:DeleteQueue",
    }


def test_every_role_must_lose_it() -> None:
    first, second = statements(allow("[s3:GetObject, s3:PutObject]"), deny("s3:*"))
    silence(first, [[second], []])
    assert len(first.actions) == 2
    (other,) = statements(deny("s3:Put*"))
    silence(first, [[second], [other]])
    assert shown([*first.actions]) == ["s3:GetObject"]


@pytest.mark.parametrize(
    "text", [allow("iam:*").replace("Act", "NotAct"), allow(resource=BUCKET).replace("Res", "NotRes")]
)
def test_a_not_element_falls_as_a_whole(text: str) -> None:
    kept = Facts(left(text, deny("s3:Delete*")))
    assert "not" in [fact.breadth for fact in kept.actions] + [fact.breadth for fact in kept.resources]
    gone = Facts(left(text, deny("'*'")))
    assert not gone.actions
    assert not gone.resources or gone.statement.not_resources is None


def test_what_a_deny_of_everything_else_leaves_of_a_not_element() -> None:
    statement = left(
        allow("s3:Delete*", BUCKET).replace("Action", "NotAction").replace("Resource", "NotResource"),
        deny("s3:*").replace("Action", "NotAction"),
        deny("'*'", "arn:aws:s3:::*/logs/*").replace("Resource", "NotResource"),
    )
    assert statement.not_actions is None
    assert shown([*statement.actions]) == ["s3:*"]
    assert shown([*statement.refused]) == ["s3:Delete*"]
    assert statement.not_resources is None
    assert shown([*statement.resources]) == ["arn:aws:s3:::*/logs/*"]
    assert statement.actions[0].via == "what a Deny leaves"


def test_an_exception_of_its_own_is_not_lost() -> None:
    other = "arn:aws:s3:::*/logs/*"
    statement = left(
        allow(resource=f"{BUCKET}/*").replace("Resource", "NotResource"),
        deny("'*'", other).replace("Resource", "NotResource"),
    )
    assert statement.not_resources is not None
