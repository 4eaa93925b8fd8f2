"""`gradcheck` of functions of arrays: what is right passes, what is wrong is named."""

import numpy as np
import pytest

from tests.snapshots import refused
from tinylstm.testing import gradcheck

pytestmark = pytest.mark.uncompiled


def forward(x, W, b):
    z = x @ W + b
    return np.tanh(z), z.sum(axis=0)


def backward(x, W, b, dy, dsum):
    dz = dy * (1 - np.tanh(x @ W + b) ** 2) + dsum
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)


@pytest.fixture
def inputs(rng):
    return [rng.normal(size=size) for size in ((4, 3), (3, 2), (2,))]


@pytest.mark.parametrize("quick", [False, True])
def test_a_right_backward_pass_is_right(inputs, quick):
    report = gradcheck(forward, backward, inputs, quick=quick)
    assert report.ok
    assert [difference.name for difference in report] == ["x", "W", "b"]


@pytest.mark.parametrize("quick", [False, True])
def test_a_wrong_element_is_named(inputs, quick):
    def wrong(*given):
        dx, dW, db = backward(*given)
        dW[2, 1] *= 1.01
        return dx, dW, db

    report = gradcheck(forward, wrong, inputs, quick=quick, raises=False)
    assert [one.name for one in report if one.error > 1e-7] == ["W"]
    assert "in W [2, 1]" in str(report)
    with pytest.raises(AssertionError, match=r"in W \[2, 1\]"):
        gradcheck(forward, wrong, inputs, quick=quick)


@pytest.mark.parametrize(("factor", "said"), [(-1, "its sign is turned"), (3, "it is 3 times")])
def test_how_a_wrong_gradient_comes_from_the_right_one_is_seen(inputs, factor, said):
    def wrong(*given):
        dx, dW, db = backward(*given)
        return dx, factor * dW, db

    (found,) = [
        one for one in gradcheck(forward, wrong, inputs, raises=False) if one.relation != ""
    ]
    assert found.name == "W"
    assert said in found.relation


def test_float32_is_checked_in_float64_and_stays(inputs):
    narrow = [a.astype(np.float32) for a in inputs]
    before = [a.copy() for a in narrow]
    assert gradcheck(forward, backward, narrow).worst_error < 1e-8
    for a, b in zip(narrow, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_one_array_may_come_alone_and_whole_numbers_are_not_checked(rng):
    table, words = rng.normal(size=(5, 2)), np.array([1, 3, 1])

    def look_up_back(table, words, dy):
        found = np.zeros_like(table)
        np.add.at(found, words, dy)
        return found, None

    report = gradcheck(lambda table, words: table[words], look_up_back, [table, words])
    assert [one.name for one in report] == ["table"]
    assert gradcheck(np.tanh, lambda x, dy: dy * (1 - np.tanh(x) ** 2), {"z": np.ones(3)}).ok


def test_gradients_may_come_by_name(inputs):
    def by_name(*given):
        dx, dW, _ = backward(*given)
        return {"W": dW, "x": dx}

    assert [one.name for one in gradcheck(forward, by_name, inputs)] == ["x", "W"]
    with refused(ValueError, "Unknown input, of which backward returns a gradient: 'dW'"):
        gradcheck(forward, lambda *given: {"dW": by_name(*given)["W"]}, inputs)


REFUSED = {
    "another number of gradients": (forward, lambda *given: backward(*given)[:2]),
    "The gradient of x has another shape": (
        forward,
        lambda *given: [a.T for a in backward(*given)],
    ),
    "forward changes its inputs": (lambda x, W, b: np.add(x, 1, out=x), backward),
    "another function in each call": (
        lambda x, W, b: x * np.random.default_rng().random(),
        backward,
    ),
    "no gradient that could be checked": (forward, lambda *given: (None, None, None)),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_functions_that_do_not_fit_are_refused(sentence, inputs):
    with refused(ValueError, sentence):
        gradcheck(*REFUSED[sentence], inputs)


def test_what_is_no_function_is_refused(inputs):
    with refused(TypeError, "gradcheck calls two functions"):
        gradcheck(forward, 3, inputs)
    with refused(ValueError, "no array of real numbers"):
        gradcheck(forward, backward, ["a", "b", "c"])
