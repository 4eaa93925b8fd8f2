"""Checks of constraints, of activations by what comes in, of normalisation, of zeros at masks."""

from tests import test_constraints as constraints
from tests.kernels.layers import test_elementwise as elementwise
from tests.kernels.layers import test_normalization as normalization
from tests.planted_bugs.checks import mirrors, rng
from tinylstm import LSTM, reference

LAYOUT = (2, 3)  # side by side, and end to end too


@mirrors(
    "test_constraints.py::test_norms_along_every_axis_equal_the_naive_twin",
    "test_constraints.py::test_each_update_ends_with_the_constraint",
)
def twin_constraints():
    for name in constraints.KINDS:
        constraints.test_norms_along_every_axis_equal_the_naive_twin(rng(), (5, 3), name, "float64")
    constraints.test_each_update_ends_with_the_constraint()


@mirrors("kernels/layers/test_elementwise.py::test_each_equals_the_naive_twin")
def twin_elementwise():
    for name in reference.OF_INPUT:
        elementwise.test_each_equals_the_naive_twin(rng(), name, "float64")


@mirrors("kernels/layers/test_normalization.py::test_normalisation_equals_the_naive_twin")
def twin_normalization():
    normalization.test_normalisation_equals_the_naive_twin(rng(), *LAYOUT, True, True, "float64")


@mirrors("kernels/layers/test_normalization.py::test_dropped_features_have_no_gradient")
def twin_features():
    normalization.test_dropped_features_have_no_gradient(rng(), *LAYOUT, "float64")


@mirrors("kernels/layers/test_normalization.py::test_masked_steps_put_out_zeros")
def law_zeros():
    normalization.test_masked_steps_put_out_zeros(rng(), LSTM, True)
