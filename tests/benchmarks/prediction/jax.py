"""JAX: one compiled function, of a step or of everything, with the weights as its constants."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tests.benchmarks.jax_lstm import autodiff, gates_apart, gates_at_once, step_forward
from tests.benchmarks.prediction.tasks import LOOP, SEQUENCE, STREAM

GATES = {"gates apart": gates_apart, "gates at once": gates_at_once}


def predict(task):
    """Variants of the program for this task."""
    if task.way == STREAM:
        return {name: stream(task, gates) for name, gates in GATES.items()}
    make = sequence if task.way == SEQUENCE else closed_loop
    return {
        f"{name}, unroll {unroll}": make(task, gates, unroll)
        for name, gates in GATES.items()
        for unroll in (1, 4, 8)
    }


def model(task, gates_of):
    """``step(state, x)`` for x (1,D): the new state and the output (1,H) or (1,K)."""
    W, U, b, *dense = (jnp.array(tensor) for tensor in task.weights())

    def step(state, x):
        h, c = state
        _, h, c = step_forward(x @ W + h @ U + b, c, gates_of)
        return (h, c), (h @ dense[0] + dense[1] if dense else h)

    return step


def zero_state(task):
    """h and c (B,H)."""
    return tuple(jnp.zeros((task.batch, task.units)) for _ in "hc")


def stream(task, gates_of):
    """One step a call; the buffers of the old state are given away."""
    step = jax.jit(model(task, gates_of), donate_argnums=0)
    rows = [jnp.array(row[None]) for row in task.inputs()]
    state, place = zero_state(task), 0

    def run(times):
        nonlocal state, place
        for _ in range(times):
            state, y = step(state, rows[place])
            y.block_until_ready()
            place = (place + 1) % len(rows)
        return np.asarray(y)[0]

    return run


def sequence(task, gates_of, unroll):
    """All samples in one call, with one product x @ W for all steps."""
    tensors = [jnp.array(tensor) for tensor in task.weights()]
    x = jnp.array(task.inputs().transpose(1, 0, 2))

    @jax.jit
    def whole(x):
        return autodiff(x, *zero_state(task), *tensors, gates_of, unroll)[1]

    def run(times):
        for _ in range(times):
            y = whole(x).block_until_ready()
        return np.asarray(y)

    return run


def closed_loop(task, gates_of, unroll):
    """The whole loop in one call."""
    step = model(task, gates_of)

    def feed(carry, _):
        state, x = carry
        state, y = step(state, x)
        return (state, y), y[0]

    start = jnp.array(task.inputs()[:1])
    loop = jax.jit(lambda x: lax.scan(feed, (zero_state(task), x), None, LOOP, unroll=unroll)[1])

    def run(times):
        for _ in range(times):
            y = loop(start).block_until_ready()
        return np.asarray(y)

    return run
