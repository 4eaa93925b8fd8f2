"""What a training step of a small model costs at the least: its arithmetic and nothing else.

Counted are the multiply-adds of the matrix products (see ``arithmetic.py``) and Adam's update of
every parameter that gets a gradient, with its square root and its division (by a reciprocal, as
fast as the compiler makes it); on data that stays in the nearest cache.  Not counted: activations,
the loss, reading batches, products with a state that is zero, and the update of U where that state
is all there is.
"""

from time import perf_counter

import numpy as np
from numba import njit

from tests.benchmarks.arithmetic import multiply_adds
from tests.benchmarks.engines import ADAM

BLOCK = 128  # elements a pass
FLAGS = {"reassoc", "contract", "arcp", "nsz"}


@njit(error_model="numpy", fastmath=FLAGS)
def multiply_add(passes, a, w, out):
    """4 * BLOCK multiply-adds a pass: out (BLOCK) += a (4) @ w (4,BLOCK)."""
    for _ in range(passes):
        a0, a1, a2, a3 = a
        for j in range(out.size):
            out[j] += a0 * w[0, j] + a1 * w[1, j] + a2 * w[2, j] + a3 * w[3, j]


@njit(error_model="numpy", fastmath=FLAGS | {"ninf"})
def adam(passes, p, g, m, v, rate, beta_1, beta_2, epsilon):
    """BLOCK updates a pass."""
    one = p.dtype.type(1)
    for _ in range(passes):
        for k in range(p.size):
            m[k] = beta_1 * m[k] + (one - beta_1) * g[k]
            v[k] = beta_2 * v[k] + (one - beta_2) * g[k] * g[k]
            p[k] -= rate * m[k] / (np.sqrt(v[k]) + epsilon)


def updates(workload):
    """Parameters that get a gradient; U (the second tensor) gets none from a zero state."""
    sizes = [tensor.size for tensor in workload.weights()]
    zero_state = workload.X.shape[1] == 1 and not workload.stateful
    return sum(sizes) - (sizes[1] if zero_state else 0)


def microseconds(workload, rounds=9, steps=5000):
    """The floor of a workload: the least of several measurements."""
    rng = np.random.default_rng(3)
    a, w, out = (rng.random(shape, np.float32) for shape in (4, (4, BLOCK), BLOCK))
    p, g, m, v = rng.random((4, BLOCK), np.float32)
    constants = [np.float32(ADAM[name]) for name in ("rate", "beta_1", "beta_2", "epsilon")]
    products = steps * multiply_adds(workload) // (4 * BLOCK)
    update_passes = steps * updates(workload) // BLOCK
    times = []
    for passes in [(1, 1)] + rounds * [(products, update_passes)]:  # the first one compiles
        start = perf_counter()
        multiply_add(passes[0], tuple(1e-6 * a), w, out)
        adam(passes[1], p, g, m, v, *constants)
        times.append((perf_counter() - start) / steps * 1e6)
    return min(times[1:])
