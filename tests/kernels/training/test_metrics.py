"""Metrics are their definitions, counted target by target, in whatever pieces the targets come."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from tests.models import few
from tests.tolerances import NAIVE, assert_close
from tinylstm.metrics import (
    AUC,
    METRICS,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)
from tinylstm.metrics.auc import CURVES, SUMMATIONS

pytestmark = [pytest.mark.quick, pytest.mark.uncompiled]
many = settings(few, max_examples=12)
EIGHTHS = np.arange(9) / 8  # few numbers, so that many are equal; no dtype rounds them


class Targets:
    """Outputs y (N, K), targets of one kind, and which of them count, at least one."""

    def __init__(self, shape, seed, dtype):
        rng = np.random.default_rng(seed)
        self.rng, self.dtype, self.shape = rng, dtype, shape
        self.y = rng.choice(EIGHTHS, shape).astype(dtype)
        self.valid = rng.random(shape[0]) < 0.7
        self.valid[rng.integers(shape[0])] = True

    def __repr__(self):
        return f"shape {self.shape}, {self.dtype}"

    def numbers(self):
        return self.rng.choice(EIGHTHS, self.shape)

    def bits(self):
        return self.rng.integers(0, 2, self.shape)

    def classes(self):
        return self.rng.integers(0, self.shape[1], (self.shape[0], 1))

    def value(self, metric, target):
        """What a metric makes of all targets, which come in three pieces."""
        sums, target = np.zeros(metric.columns), target.astype(self.dtype)
        for rows in np.array_split(np.arange(len(self.y)), 3):
            arrays = self.y[rows], target[rows], self.valid[rows].astype(self.dtype)
            if metric.sums:
                metric.kernel(*arrays, metric.option, sums)
            else:
                sums[0] += metric.kernel(*arrays)
        return metric.result(sums[None], np.array([self.valid.sum()]))[0]

    def mean(self, of_row, target):
        """The mean of a function of an output and its target, over those that count."""
        pairs = zip(self.y, target, self.valid, strict=True)
        return np.mean([of_row(y, t) for y, t, valid in pairs if valid])


@st.composite
def targets(draw, K=1):
    shape = draw(st.integers(1, 15)), draw(st.integers(K, K + 4))
    dtype = draw(st.sampled_from(["float64", "float32"]))
    return Targets(shape, draw(st.integers(0, 999)), dtype)


def first_of_the_largest(numbers):
    return [*numbers].index(max(numbers))


MEANS = {  # the kind of targets; of an output and its target, what the metric is the mean of
    "binary_accuracy": (
        "bits",
        lambda y, t: np.mean([(a > 0.5) == b for a, b in zip(y, t, strict=True)]),
    ),
    "categorical_accuracy": (
        "numbers",
        lambda y, t: first_of_the_largest(y) == first_of_the_largest(t),
    ),
    "sparse_categorical_accuracy": ("classes", lambda y, t: first_of_the_largest(y) == t[0]),
    "mse": ("numbers", lambda y, t: sum((a - b) ** 2 for a, b in zip(y, t, strict=True)) / len(y)),
    "mae": ("numbers", lambda y, t: sum(abs(a - b) for a, b in zip(y, t, strict=True)) / len(y)),
}


@pytest.mark.parametrize("name", MEANS)
@given(drawn=targets())
@many
def test_a_mean_is_that_of_the_targets_that_count(name, drawn):
    kind, of_row = MEANS[name]
    target = getattr(drawn, kind)()
    found = drawn.value(METRICS[name], target)
    assert_close(found, drawn.mean(of_row, target), NAIVE[drawn.dtype], name)


@given(drawn=targets(K=2), k=st.integers(1, 7))
@many
def test_a_class_is_among_the_k_best_if_fewer_than_k_outputs_are_larger(drawn, k):
    number, shares = drawn.classes(), drawn.numbers()
    found = drawn.value(SparseTopKCategoricalAccuracy(k), number)
    assert found == drawn.mean(lambda y, t: sum(y > y[t[0]]) < k, number)
    found = drawn.value(TopKCategoricalAccuracy(k), shares)
    assert found == drawn.mean(lambda y, t: sum(y > y[first_of_the_largest(t)]) < k, shares)


def points(drawn, target, thresholds):
    """(true, false positives) above each threshold, the lowest first; all of both kinds."""
    y, target = drawn.y[drawn.valid].ravel(), target[drawn.valid].ravel() != 0
    counts = [(sum(target & (y > t)), sum(~target & (y > t))) for t in thresholds]
    return counts, sum(target), sum(~target)


def share(part, whole):
    return part / whole if whole else 0.0


HEIGHT = {"minoring": min, "majoring": max, "interpolation": lambda both: sum(both) / 2}


def area(counts, positives, negatives, curve, summation):
    """From threshold to threshold: the width, and a height that the summation chooses."""
    total = 0.0
    for (true, false), (true_b, false_b) in pairwise(counts):  # a lower threshold, a higher
        if (curve, summation) == ("PR", "interpolation"):

            def precision(t, true=true, false=false, true_b=true_b, false_b=false_b):
                return t / (t + false_b + (false - false_b) * (t - true_b) / (true - true_b))

            total += share(quad(precision, true_b, true)[0] if true > true_b else 0.0, positives)
            continue
        recall, recall_b = share(true, positives), share(true_b, positives)
        if curve == "ROC":
            width, heights = share(false, negatives) - share(false_b, negatives), (recall, recall_b)
        else:
            width = recall - recall_b
            heights = share(true, true + false), share(true_b, true_b + false_b)
        total += width * HEIGHT[summation](heights)
    return total


@pytest.mark.parametrize("summation", SUMMATIONS)
@pytest.mark.parametrize("curve", CURVES)
@given(drawn=targets(), n=st.sampled_from([2, 3, 5, 9]))
@many
def test_an_area_is_that_under_the_points_of_all_thresholds(curve, summation, drawn, n):
    target, inner = drawn.bits(), np.linspace(0, 1, n)[1:-1]
    uneven = drawn.rng.choice(EIGHTHS, 4)
    for thresholds, chosen in ((inner, {"num_thresholds": n}), (uneven, {"thresholds": uneven})):
        metric = AUC(curve=curve, summation_method=summation, **chosen)
        counts = points(drawn, target, [-1, *sorted(thresholds), 2])
        assert_close(drawn.value(metric, target), area(*counts, curve, summation), 1e-9, "area")


@given(drawn=targets())
@many
def test_an_area_of_many_thresholds_is_the_share_of_pairs_in_the_right_order(drawn):
    """Source: J. A. Hanley and B. J. McNeil, 1982; a pair of equal outputs is half right."""
    target = drawn.bits()
    y, bits = drawn.y[drawn.valid].ravel(), target[drawn.valid].ravel()
    pairs = [(a > b) + (a == b) / 2 for a in y[bits == 1] for b in y[bits == 0]]
    expected = np.mean(pairs) if pairs else 0.0
    assert_close(drawn.value(AUC(), target), expected, NAIVE["float64"], "area")


def test_every_metric_has_its_definition_here():
    of_means = {METRICS[name].kernel for name in MEANS}
    others = AUC, TopKCategoricalAccuracy, SparseTopKCategoricalAccuracy
    lacking = [
        name
        for name, metric in METRICS.items()
        if metric.kernel not in of_means and type(metric) not in others
    ]
    assert lacking == []
