"""Every tolerance of the tests, and the one way in which errors are measured.

All errors are normwise, a tensor at a time: max |a - b| / max |b|.
"""

import numpy as np

NAIVE = {"float64": 1e-12, "float32": 1e-5}  # kernels against the naive twin
DIFFERENCES = 1e-7  # backward against central differences, float64
KERAS_OUTPUT = 1e-5  # against live Keras, float32
KERAS_GRADIENT = 1e-4
KERAS_FLOAT64 = 1e-9  # the same in float64, and losses and weights after some updates
KERAS_WEIGHTS = 1e-4  # after 50 Adam steps on the same batches
TORCH_OUTPUT = {"float64": 1e-12, "float32": 1e-6}  # against live PyTorch
MATHEMATICS = {"float64": 1e-9, "float32": 1e-4}  # 50 Adam steps against the equations
UNITS = 5  # in the last place, of exp, tanh and sigmoid in float32: relative to the true value
THREADS = {"float64": 1e-14, "float32": 5e-6}  # several threads against one: gradients, losses
THREADS_TRAINED = 1e-12  # weights after some updates, float64
SIGMAS = 4  # standard deviations that a count of random numbers may lie from its expectation


def error(a, b):
    """Normwise error of a against b; where b is all zeros, the largest element of a.

    NaN where a number of either is not finite: above no limit, and below none. Of several errors
    take `numpy.max` or `numpy.min`, since ``max`` passes a NaN over.
    """
    gap, scale = gaps(a, b).max(initial=0.0), np.abs(b).max(initial=0.0)
    return gap / scale if scale > 0 else gap


def gaps(a, b):
    """abs(a - b), NaN where one of both is not finite."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    assert a.shape == b.shape, f"shapes {a.shape} and {b.shape}"
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(a) & np.isfinite(b), np.abs(a - b), np.nan)


def units(found, truth):
    """The largest error of float32 numbers against float64 ones, in units in the last place."""
    truth = np.asarray(truth, np.float64)
    return np.max(np.abs(found - truth) / np.spacing(np.abs(truth).astype(np.float32)))


def assert_close(a, b, tolerance, what=""):
    """Raise where the normwise error is above the tolerance, naming the tensor and the element."""
    found = error(a, b)
    if not found <= tolerance:
        gap = gaps(a, b)
        at = np.unravel_index(gap.argmax(), gap.shape)  # of a NaN, where there is one
        raise AssertionError(
            f"{what}: normwise error {found:.2e} > {tolerance:.0e}; "
            f"worst at {[int(k) for k in at]}: {np.asarray(a)[at]} against {np.asarray(b)[at]}"
        )


def bits(a):
    """The bytes of an array, to compare: those of two NaN are the same, so there must be none."""
    assert np.isfinite(a).all(), "NaN or infinity"
    return a.tobytes()
