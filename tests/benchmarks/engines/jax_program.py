"""The best JAX program: parameters, Adam and any number of epochs inside one compiled call.

``fori_loop`` over epochs, ``scan`` over batches with the LSTM state carried (reset each epoch),
donated buffers, x @ W for all steps at once, the time loop unrolled by 1, 4 or 8.  Variants:

========== ====================================================================================
autodiff   backward pass by JAX
written    backward pass by hand, with one product for dU after the time loop
apart      sigmoid and tanh over their own gates
at once    one tanh over all gates
unroll n   time steps a pass of the compiled time loop; all of them where there are fewer
batches n  batches a pass of the compiled batch loop; slower from five time steps on
========== ====================================================================================

On large models a backward pass by JAX and 8 steps a pass were slower by 1.3 times and more, and are
left out.

Tried and dropped, being slower on every workload, each at its best: one flat parameter vector for
Adam (1.1-4 times: its gradient is put together by padding), [x, h] @ [W; U] in one product (1.0-1.9
times), sums of products in place of small matrix products (1.1-12 times).
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from tests.benchmarks.engines import ADAM
from tests.benchmarks.jax_lstm import autodiff, gates_apart, gates_at_once, one_step, written
from tests.benchmarks.prediction.jax import predict

__all__ = ["VERSION", "predict", "train"]
VERSION = f"JAX {jax.__version__}"
LARGE = 0.05  # GFLOP a step from which on fewer variants compete
LOSSES = {
    "mse": lambda out, y: ((out - y) ** 2).mean(),
    "categorical_crossentropy": lambda out, y: -(jax.nn.log_softmax(out) * y).sum(-1).mean(),
}


def train(workload):
    """Variants of the program for this workload."""
    T, large = workload.X.shape[1], workload.gflop > LARGE
    gates = {"apart": gates_apart, "at once": gates_at_once}
    if T == 1:
        layers = {
            name: partial(one_step, gates_of=gates[name], carried=workload.stateful)
            for name in gates
        }
    else:
        layers = {
            f"{kind.__name__}, {name}, unroll {unroll}": partial(
                kind, gates_of=gates[name], unroll=unroll
            )
            for kind in ((written,) if large else (autodiff, written))
            for name in gates
            for unroll in ({1, 4} if large else sorted({1, min(4, T), min(8, T)}))
        }
    batches = (1, 5) if T <= 3 and workload.count > 1 else (1,)
    return {
        f"{name}, batches {n}": program(workload, layers[name], n)
        for name in layers
        for n in batches
    }


def forward(parameters, states, x, lstm, each_step):
    """Output (B,K), or (T,B,K) at each step, of the model and its new states for x (T,B,D)."""
    *recurrent, (W, b) = parameters
    new = []
    for tensors, (h, c) in zip(recurrent, states, strict=True):
        x, h, c = lstm(x, h, c, *tensors)
        new.append((h, c))
    return (x if each_step else h) @ W + b, new


def adam(p, g, m, v, step_size):
    """New p, m and v; `step_size` holds the bias corrections, as in Keras."""
    m = ADAM["beta_1"] * m + (1 - ADAM["beta_1"]) * g
    v = ADAM["beta_2"] * v + (1 - ADAM["beta_2"]) * g * g
    return p - step_size * m / (jnp.sqrt(v) + ADAM["epsilon"]), m, v


def program(workload, lstm, batches_at_once):
    """``run(epochs)``: one call of the compiled program each."""
    X, Y = (jnp.asarray(data) for data in workload.time_major())
    zeros = [(jnp.zeros((workload.batch, H)),) * 2 for H in workload.units]

    def loss_of(parameters, states, x, y):
        out, states = forward(parameters, states, x, lstm, workload.each_step)
        return LOSSES[workload.loss](out, y), states

    def train_batch(carry, batch):
        p, m, v, (power_1, power_2), states, total = carry
        gradient = jax.value_and_grad(loss_of, has_aux=True)
        (loss, new), g = gradient(p, states if workload.stateful else zeros, *batch)
        powers = power_1 * ADAM["beta_1"], power_2 * ADAM["beta_2"]
        step_size = ADAM["rate"] * jnp.sqrt(1 - powers[1]) / (1 - powers[0])
        updated = jax.tree.map(partial(adam, step_size=step_size), p, g, m, v)
        p, m, v = jax.tree.transpose(jax.tree.structure(p), None, updated)
        return (p, m, v, powers, new if workload.stateful else (), total + loss), None

    def train_epoch(_, carry):
        start = (*carry[:4], zeros if workload.stateful else (), jnp.float32(0))
        return lax.scan(train_batch, start, (X, Y), unroll=batches_at_once)[0]

    @partial(jax.jit, donate_argnums=0)
    def train_epochs(carry, epochs):
        return lax.fori_loop(0, epochs, train_epoch, carry)

    carry = before_training(workload)

    def run(epochs):
        nonlocal carry
        carry = train_epochs(carry, epochs)
        return float(carry[-1]) / workload.count

    return run


def before_training(workload):
    """Parameters, both moments, powers of the betas, states and loss before the first step."""
    weights = workload.weights()
    tensors = [weights[k : k + 3] for k in range(0, 3 * len(workload.units), 3)] + [weights[-2:]]

    def parameters(of):
        return [tuple(of(tensor) for tensor in layer) for layer in tensors]

    states = [[jnp.zeros((workload.batch, H)) for _ in "hc"] for H in workload.units]
    return (
        parameters(jnp.array),
        parameters(jnp.zeros_like),
        parameters(jnp.zeros_like),
        (jnp.float32(1), jnp.float32(1)),
        [tuple(state) for state in states] if workload.stateful else (),
        jnp.float32(0),
    )
