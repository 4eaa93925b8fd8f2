"""Each method, interrupted at some of its bytecodes."""

import pytest

from .interrupted_calls import CASES
from .interrupts import Case, attack, ctrl_c


def test_a_call_that_is_interrupted_is_whole_or_has_not_been():
    assert list(attack(tries=120, seed=4)) == []


@pytest.mark.parametrize("name", ["reset_states", "layer.set_weights", "pop", "compile another"])
def test_wherever_a_short_call_is_interrupted_it_is_whole_or_has_not_been(name):
    with ctrl_c():
        case = Case(name)
        step = max(case.total // 30, 1)
        finds = [case.attacked(at) for at in range(1, case.total + 1, step)]
    assert finds == [None] * len(finds)


def test_the_attack_sees_a_change_in_two_steps(monkeypatch):
    def halves(things):
        things["model"].layers[0].set_weights(things["new"][:3])
        things["model"].layers[1].set_weights(things["new"][3:])

    monkeypatch.setitem(CASES, "halves", (CASES["set_weights"][0], halves))
    with ctrl_c():
        case = Case("halves")
        finds = [case.attacked(at) for at in range(1, case.total, case.total // 40)]
    assert any("half changed: weights" in find for find in finds if find)
    assert None in finds
