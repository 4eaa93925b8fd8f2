"""Layers, cells, losses and optimisers with one fault each, as somebody might make it.

A layer's fault is a number of its own, so that one pair of kernels has them all; 0 is none.
"""

import numpy as np
from tinylstm.kernels import HOLD, activate, activate_backward

from tinylstm import Layer, Recurrent, cell, kernel, view
from tinylstm.constraints import Constraint
from tinylstm.losses import Loss
from tinylstm.optimizers import HyperParameter, Optimizer
from tinylstm.regularizers import Regularizer

# Of the recurrent layer.
(SIGN, ADDS_TO_DX, MIXES_ROWS, IGNORES_MASKS, READS_DIRT, FORGETS_STATE, KEEPS_STATE_OUT,
 ROW_NUMBER, NO_RECURRENT_TERM, NO_DSTATE, ONE_SAMPLE, NOT_BACKWARDS, SHORT_BUFFER,
 NEXT_STEP, NEXT_FLAG) = range(1, 16)  # fmt: skip


@kernel
def elman_forward(layer, batch, flags, theta, work):
    B, T, D, H = batch.rows, batch.chain * layer.steps, layer.fan_in, layer.units
    fault = int(layer.option[0])
    W, U = view(theta, layer.tensor[0], (D, H)), view(theta, layer.tensor[1], (H, H))
    b = view(theta, layer.tensor[2], (H,))
    x, y = view(work, layer.x, (T, B, D)), view(work, layer.y, (T // layer.every, B, H))
    h, held = view(work, layer.buffer[0], (T + 1, B, H)), view(flags, layer.x_flags, (T, B))
    out = view(work, layer.buffer[2], (B, H))
    state_in = view(work, batch.state_in + layer.state * B, (B, H))
    for r in range(B):
        for j in range(H):
            h[0, r, j] = state_in[r, j] if layer.carry and fault != FORGETS_STATE else 0
            if fault != READS_DIRT:
                out[r, j] = 0
    steps = layer.steps if fault == ONE_SAMPLE else T
    for s in range(steps):
        t = T - 1 - s if layer.go_backwards and fault != NOT_BACKWARDS else s
        for r in range(B):
            skipped = held[t, r] & HOLD and fault != IGNORES_MASKS
            if fault == NEXT_FLAG:  # behind the last one, too
                skipped = view(flags, layer.x_flags + (t + 1) * B, (B,))[r] & HOLD
            other = (r + 1) % B if fault == MIXES_ROWS else r
            for j in range(H):
                z = b[j]
                for d in range(D):
                    z += x[t, r, d] * W[d, j]
                for k in range(H):
                    z += h[s, other, k] * U[k, j]
                if fault == NEXT_STEP:  # behind the last one, too
                    z += view(work, layer.x + (t + 1) * B * D, (B, D))[r, 0]
                if fault == ROW_NUMBER:
                    z += x.dtype.type(0.1) * r
                h[s + 1, r, j] = h[s, r, j] if skipped else np.tanh(z)
                out[r, j] = out[r, j] if skipped else h[s + 1, r, j]
                if (s + 1) % layer.every == 0:
                    y[s // layer.every, r, j] = out[r, j]
    if fault != KEEPS_STATE_OUT:
        view(work, batch.state_out + layer.state * B, (B, H))[:] = h[T]


@kernel
def elman_backward(layer, batch, flags, theta, grad, work):
    B, T, D, H = batch.rows, batch.chain * layer.steps, layer.fan_in, layer.units
    fault = int(layer.option[0])
    W, U = view(theta, layer.tensor[0], (D, H)), view(theta, layer.tensor[1], (H, H))
    dW, dU = view(grad, layer.tensor[0], (D, H)), view(grad, layer.tensor[1], (H, H))
    db = view(grad, layer.tensor[2], (H,))
    x, dx = view(work, layer.x, (T, B, D)), view(work, layer.dx, (T, B, D))
    dy = view(work, layer.dy, (T // layer.every, B, H))
    h, dh = view(work, layer.buffer[0], (T + 1, B, H)), view(work, layer.buffer[1], (B, H))
    dout, held = view(work, layer.buffer[2], (B, H)), view(flags, layer.x_flags, (T, B))
    dz, dh_prev = view(work, layer.buffer[3], (H,)), view(work, layer.buffer[4], (H,))
    dW[:], dU[:], db[:], dout[:] = 0, 0, 0, 0
    dh[:] = view(work, batch.dstate_out + layer.state * B, (B, H))
    for s in range(T - 1, -1, -1):
        t = T - 1 - s if layer.go_backwards and fault != NOT_BACKWARDS else s
        for r in range(B):
            skipped = held[t, r] & HOLD and fault != IGNORES_MASKS
            other = (r + 1) % B if fault == MIXES_ROWS else r
            if (s + 1) % layer.every == 0:
                for j in range(H):
                    dout[r, j] += dy[s // layer.every, r, j]
            if fault != ADDS_TO_DX:
                dx[t, r] = 0
            if skipped:
                continue
            for j in range(H):
                dh[r, j] += dout[r, j]
                dout[r, j] = 0
                dz[j] = dh[r, j] * (1 - h[s + 1, r, j] ** 2)
                db[j] += dz[j]
                for d in range(D):
                    dW[d, j] += x[t, r, d] * dz[j] * (-1 if fault == SIGN else 1)
                    dx[t, r, d] += dz[j] * W[d, j]
                for k in range(H):
                    dU[k, j] += h[s, other, k] * dz[j]
            for k in range(H):
                dh_prev[k] = 0
                for j in range(H):
                    dh_prev[k] += dz[j] * U[k, j]
            for k in range(H):
                dh[r, k] = 0 if fault == NO_RECURRENT_TERM else dh_prev[k]
    into = view(work, batch.dstate_in + layer.state * B, (B, H))
    for r in range(B):
        for j in range(H):
            into[r, j] = layer.carry * dh[r, j] if fault != NO_DSTATE else 0


class Elman(Recurrent):
    """h = tanh(x W + h_prev U + b), with masks and both directions, and a fault."""

    kernels = (elman_forward, elman_backward)
    state_names = ("h",)

    def __init__(self, units, fault=0, **kwargs):
        super().__init__(units, **kwargs)
        self.fault = fault

    @property
    def fields(self):
        return super().fields | {"option": (self.fault, 0, 0, 0)}

    def tensors(self):
        D, H = self.input_shape[-1], self.units
        W, U = ((D, H), "glorot_uniform"), ((H, H), "orthogonal")
        return {"kernel": W, "recurrent_kernel": U, "bias": ((H,), "zeros")}

    def buffers(self, steps, rows, traced=False):
        H = self.units
        slots = steps if self.fault == SHORT_BUFFER else steps + 1
        sizes = {"h": (slots, rows, H), "dh": (rows, H), "out": (rows, H)}
        return sizes | {"dz": (H,), "dh_prev": (H,)}

    def traced(self, buffers):
        return {"h": buffers["h"][1:]}


# Of the layer that is not recurrent: y = x if x > 0, else slope x, and a noise in training.
(FACTOR, STEP_BEFORE, LOCAL_NOISE, TINY, TOO_FEW, SHORT_SLOPE, LONG_SLOPE,
 CHANGES_X, WRITTEN_DOWN, NOT_SAID) = range(1, 11)  # fmt: skip


@kernel
def leaky_forward(layer, batch, flags, theta, work):
    B, T, D = batch.rows, batch.chain * layer.steps, layer.units
    fault, c = int(layer.option[0]), work.dtype.type
    x, y = view(work, layer.x, (T, B, D)), view(work, layer.y, (T, B, D))
    slope = view(theta, layer.tensor[0], (D,))
    for t in range(layer.steps if fault == TOO_FEW else T):
        for r in range(B):
            for d in range(D):
                a = x[t, r, d] if fault != STEP_BEFORE else x[max(t - 1, 0), r, d]
                y[t, r, d] = a if a > 0 else slope[d] * a
                if fault == CHANGES_X and not a > 0:  # so that a second pass gives the same
                    x[t, r, d] = a * c(1.5) if a > -100 else a
                if fault == TINY:  # which float32 takes for 0
                    y[t, r, d] *= c(1e-60) / c(1e-60)
                if fault == LOCAL_NOISE and batch.training:
                    y[t, r, d] += c(0.1) * c(r)


@kernel
def leaky_backward(layer, batch, flags, theta, grad, work):
    B, T, D = batch.rows, batch.chain * layer.steps, layer.units
    fault, c = int(layer.option[0]), work.dtype.type
    x, slope = view(work, layer.x, (T, B, D)), view(theta, layer.tensor[0], (D,))
    dy, dx = view(work, layer.dy, (T, B, D)), view(work, layer.dx, (T, B, D))
    dslope = view(grad, layer.tensor[0], (D,))
    dslope[:], dx[:] = 0, 0
    for t in range(T):
        for r in range(B):
            for d in range(D):
                at = t if fault != STEP_BEFORE else max(t - 1, 0)
                positive = x[at, r, d] > 0
                dx[at, r, d] += dy[t, r, d] if positive else slope[d] * dy[t, r, d]
                if not positive:
                    dslope[d] += x[at, r, d] * dy[t, r, d] * c(2 if fault == FACTOR else 1)


class Leaky(Layer):
    """Each step alone, as it says; and a fault."""

    kernels = (leaky_forward, leaky_backward)
    each_step = True

    def __init__(self, fault=0, **kwargs):
        super().__init__(**kwargs)
        self.fields = {"option": (fault, 0, 0, 0)}
        self.fault = fault

    def tensors(self):
        D = self.input_shape[-1]
        shapes = {SHORT_SLOPE: (D - 1,), LONG_SLOPE: (2, D), WRITTEN_DOWN: (2,)}
        shape = shapes.get(self.fault, (D,))
        return {"slope": (shape, "ones")} if self.fault != NOT_SAID else {}


def cell_with(fault):
    """A cell u, g -> h with a fault of a kind."""
    no_dh_prev, own_tanh, of_others = (fault == f for f in ("dh_prev", "tanh", "others"))
    beyond, adds = (fault == f for f in ("beyond", "adds"))

    @cell(gates="ug", states="h", vectors=["p"], elementwise=True)
    def mixing(u, g, h_prev, h, p, phi, sigma):
        activate(sigma, u)
        activate(phi, g)
        for j in range(len(h)):
            k = len(h) - 1 - j if of_others else j
            h[j] = u[j] * h_prev[j] + (1 - u[j]) * g[j] + p[j] * h_prev[k]
        if beyond:
            h[len(h)] = h[0]

    @mixing.backward
    def mixing_backward(u, g, h_prev, p, dh, du, dg, dh_prev, dp, phi, sigma):
        for j in range(len(dh)):
            if not adds:
                dh_prev[j] = 0
        for j in range(len(dh)):
            k = len(dh) - 1 - j if of_others else j
            du[j] = dh[j] * (h_prev[j] - g[j])
            dg[j] = dh[j] * (1 - u[j])
            dp[j] += dh[j] * h_prev[k]
            if not no_dh_prev:
                dh_prev[j] += dh[j] * u[j]
            dh_prev[k] += dh[j] * p[j]
        activate_backward(sigma, u, du)
        if own_tanh:
            for j in range(len(dh)):
                dg[j] *= 1 - g[j] * g[j]
        else:
            activate_backward(phi, g, dg)

    return mixing


def lstm_with(fault):
    """An LSTM as a cell, whose derivative has a fault of a kind."""
    not_before, not_forgotten, not_squashed, anew = (
        fault == f for f in ("df", "dc_prev", "dphi_c", "dc")
    )

    @cell(gates="ifgo", states="hc", kept=["phi_c"], elementwise=True)
    def slipping(i, f, g, o, c_prev, c, phi_c, h, phi, sigma):
        activate(sigma, i)
        activate(sigma, f)
        activate(phi, g)
        activate(sigma, o)
        for j in range(len(h)):
            c[j] = f[j] * c_prev[j] + i[j] * g[j]
            phi_c[j] = c[j]
        activate(phi, phi_c)
        for j in range(len(h)):
            h[j] = o[j] * phi_c[j]

    @slipping.backward
    def slipping_backward(
        i, f, g, o, c_prev, c, phi_c, dh, dc, di, df, dg, do, dphi_c, dc_prev, phi, sigma
    ):
        for j in range(len(dh)):
            do[j] = dh[j] * phi_c[j]
            dphi_c[j] = dh[j] * o[j]
        if not not_squashed:
            activate_backward(phi, phi_c, dphi_c)
        for j in range(len(dh)):
            dc[j] = dphi_c[j] if anew else dc[j] + dphi_c[j]
            di[j] = dc[j] * g[j]
            dg[j] = dc[j] * i[j]
            df[j] = dc[j] * (c[j] if not_before else c_prev[j])
            dc_prev[j] = dc[j] if not_forgotten else dc[j] * f[j]
        activate_backward(sigma, i, di)
        activate_backward(sigma, f, df)
        activate_backward(phi, g, dg)
        activate_backward(sigma, o, do)

    return slipping


@kernel
def roughness(tensor, w):
    total = 0.0
    for i in range(w.shape[0] - 1):
        for j in range(w.shape[1]):
            total += (w[i + 1, j] - w[i, j]) ** 2
    return total


@kernel
def roughness_gradient(tensor, w, dw):
    for i in range(w.shape[0]):  # one too many
        for j in range(w.shape[1]):
            slope = w.dtype.type(2) * (w[i + 1, j] - w[i, j])
            dw[i + 1, j] += slope
            dw[i, j] -= slope


class Rough(Regularizer):
    """A penalty whose gradient leaves its parameter."""

    kernels = (roughness, roughness_gradient)


@kernel
def halve(tensor, w):
    for i in range(w.shape[0] + 1):  # one too many
        for j in range(w.shape[1]):
            w[i, j] *= w.dtype.type(0.5)


class Halved(Constraint):
    """A constraint that leaves its parameter."""

    kernel = halve


def loss_with(fault):
    """Squared errors with a fault of a kind."""
    no_factor, unweighted, adds = (fault == f for f in ("factor", "weight", "adds"))
    mean, logarithm = (fault == f for f in ("mean", "logarithm"))
    beyond, of_option, overflows = (fault == f for f in ("beyond", "option", "overflows"))

    @kernel
    def squares(z, target, weight, y, dz, option):
        loss = 0.0
        for r in range(z.shape[0]):
            w = weight[r]
            if mean:
                w /= z.shape[0]
            for k in range(z.shape[1]):
                error = z[r, k] - target[r, k]
                loss += w * error * error
                slope = error if no_factor else 2 * error
                if overflows:  # log cosh, as one writes it first
                    loss += w * (np.log(np.cosh(error)) - error * error)
                    slope = np.tanh(error)
                if logarithm:
                    loss -= w * np.log(z[r, k])
                    slope -= 1 / z[r, k]
                if adds:
                    dz[r, k] += w * slope
                else:
                    dz[r, k] = slope if unweighted else w * slope
        if beyond:
            view(dz, dz.size, (1,))[0] = 1
        if of_option:
            loss *= 1 + view(option, 0, (1,))[0]
        return loss

    return Loss(f"squares, {fault}", squares)


# Of the optimiser.
(UPHILL, EVERYWHERE, FIXED_RATE, NOT_FINITE, ONE_MORE, FROM_ZERO, DRIFTS, OVER_ZERO,
 COUNTS, BEYOND, FROM_ONE) = range(1, 12)  # fmt: skip


@kernel
def descent(rule, theta, grad, moments, start, stop):
    """m = rho m + (1 - rho) g;  theta -= lr m; epsilon is the number of a fault."""
    fault, c = int(rule.epsilon), theta.dtype.type
    rate, rho = c(rule.learning_rate), c(rule.rho)
    if fault == FIXED_RATE:
        rate = c(0.01)
    if fault == COUNTS:
        rule.iteration += 1
    first, last = (0, len(theta)) if fault == EVERYWHERE else (start, stop)
    if fault == BEYOND:
        last += 1
    for j in range(first, last):
        g = grad[j - start] if fault == FROM_ZERO else grad[j]
        if not abs(g) <= c(1e18) and fault != NOT_FINITE:
            g = c(0)
        m = rho * moments[0, j] + (1 - rho) * g
        moments[0, j] = m
        if fault == ONE_MORE:
            view(moments, len(theta) + j, (1,))[0] = m
        if fault == OVER_ZERO:
            m /= abs(g)
        if fault == FROM_ONE:  # t = rule.iteration, where t counts from 1
            m /= c(1 - rule.rho**rule.iteration)
        if fault == DRIFTS:
            m += c(1)
        theta[j] += rate * m if fault == UPHILL else -rate * m


class Descent(Optimizer):
    """Descent with a mean of gradients, and a fault."""

    kernel = staticmethod(descent)
    rho = HyperParameter("Decay a step of the mean of gradients.")
    epsilon = HyperParameter("The fault.")
    moments_needed = 1

    def __init__(self, epsilon=0, learning_rate=0.05, rho=0.5, **bounds):
        super().__init__(learning_rate, rho=rho, epsilon=epsilon, **bounds)
