"""Our decisions are the oracle's, on 2,000 seeded policy sets; and a wrong one would be noticed."""

from __future__ import annotations

import pytest

from scopedown.iam import access

from . import compare
from .generate import case, cases


@pytest.mark.parametrize("start", range(0, 2000, 500))
def test_two_thousand_policy_sets(start: int) -> None:
    for number in range(start, start + 500):
        compare.compare(case(1, number))


@pytest.mark.parametrize("name", ["less_all", "bounded", "hold", "filled"])
def test_a_fault_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = {
        "less_all": lambda grant, denies: [grant],
        "bounded": lambda grant, limits: [grant],
        "hold": lambda conditions, context, guard: True,
        "filled": lambda text, context: text,
    }
    monkeypatch.setattr(access, name, faults[name])
    with pytest.raises(compare.Disagreement):
        for each in cases(1, 200):
            compare.compare(each)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main(["--count", "20", "--seed", "5"]) == 0
    assert "20 policy sets, seed 5: 0 disagree" in capsys.readouterr().out
