"""LSTM layers in JAX, in the forms that compete for the fastest program.

Time-major: a layer takes x (T,B,D) and gives h of every step (T,B,H), with its final h and c.
Gate blocks are i|f|g|o, as in Keras.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax


def gates_apart(z):
    """Gates (B,4H): a sigmoid for i, f and o and a tanh for g, each over its own columns."""
    H = z.shape[1] // 4
    i_f, g, o = jnp.split(z, [2 * H, 3 * H], axis=1)
    return jnp.concatenate([jax.nn.sigmoid(i_f), jnp.tanh(g), jax.nn.sigmoid(o)], axis=1)


def gates_at_once(z):
    """Gates (B,4H) with one tanh over all columns: sigmoid(x) = tanh(x/2)/2 + 1/2."""
    H = z.shape[1] // 4
    k = jnp.repeat(jnp.array([0.5, 0.5, 1.0, 0.5]), H, total_repeat_length=4 * H)
    return jnp.tanh(z * k) * k + (1 - k)


def step_forward(z, c_prev, gates_of):
    """Gates, h and c (B,H) of one step from z (B,4H)."""
    gates = gates_of(z)
    i, f, g, o = jnp.split(gates, 4, axis=1)
    c = f * c_prev + i * g
    return gates, o * jnp.tanh(c), c


def step_backward(dh, dc, gates, c_prev, c):
    """dz (B,4H) and the dc handed to the step before."""
    i, f, g, o = jnp.split(gates, 4, axis=1)
    tanh_c = jnp.tanh(c)
    dc = dc + dh * o * (1 - tanh_c**2)
    di, df, dg, do = dc * g, dc * c_prev, dc * i, dh * tanh_c
    blocks = [di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)]
    return jnp.concatenate(blocks, axis=1), dc * f


def one_step(x, h0, c0, W, U, b, gates_of, carried):
    """A layer of a single time step; the product with a zero state is left out."""
    z = x[0] @ W + b
    _, h, c = step_forward(z + h0 @ U if carried else z, c0, gates_of)
    return h[None], h, c


def run_forward(x, h0, c0, W, U, b, gates_of, unroll):
    """Gates, h and c of all steps: one product x @ W for all, h @ U inside the time loop."""
    T, B, D = x.shape
    xz = (x.reshape(T * B, D) @ W + b).reshape(T, B, -1)

    def step(carry, xz):
        h, c = carry
        gates, h, c = step_forward(xz + h @ U, c, gates_of)
        return (h, c), (gates, h, c)

    return lax.scan(step, (h0, c0), xz, unroll=min(unroll, T))[1]


def autodiff(x, h0, c0, W, U, b, gates_of, unroll):
    """A layer whose backward pass is left to JAX."""
    _, h, c = run_forward(x, h0, c0, W, U, b, gates_of, unroll)
    return h, h[-1], c[-1]


@partial(jax.custom_vjp, nondiff_argnums=(6, 7))
def written(x, h0, c0, W, U, b, gates_of, unroll):
    """A layer with a written backward pass: dW and dU are one product each, after the loop.

    JAX's own adds an outer product to dU at every step.
    """
    return autodiff(x, h0, c0, W, U, b, gates_of, unroll)


def written_forward(x, h0, c0, W, U, b, gates_of, unroll):
    """Outputs, and what the backward pass reads."""
    gates, h, c = run_forward(x, h0, c0, W, U, b, gates_of, unroll)
    h_prev = jnp.concatenate([h0[None], h[:-1]])
    c_prev = jnp.concatenate([c0[None], c[:-1]])
    return (h, h[-1], c[-1]), (x, W, U, gates, h_prev, c_prev, c)


def written_backward(gates_of, unroll, kept, gradients):
    """Gradients of x, h0, c0, W, U, b."""
    x, W, U, gates, h_prev, c_prev, c = kept
    dh_all, dh, dc = gradients
    T, B, D = x.shape

    def step(carry, kept):
        dh, dc = carry
        dh_t, gates, c_prev, c = kept
        dz, dc = step_backward(dh + dh_t, dc, gates, c_prev, c)
        return (dz @ U.T, dc), dz

    steps = (dh_all, gates, c_prev, c)
    (dh0, dc0), dz = lax.scan(step, (dh, dc), steps, unroll=min(unroll, T), reverse=True)
    dz = dz.reshape(T * B, -1)
    dW, dU = x.reshape(T * B, D).T @ dz, h_prev.reshape(T * B, -1).T @ dz
    return (dz @ W.T).reshape(x.shape), dh0, dc0, dW, dU, dz.sum(0)


written.defvjp(written_forward, written_backward)
