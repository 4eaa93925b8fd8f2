"""The LSTM: forward equations and, right under them, the backward ones.

One step, for one row (sample) of the batch; z, i, f, g, o, c, h as in ``docs/notation.md``:

    z = b + x W + h_prev U                  pre-activations of the four gates, blocks i | f | g | o
    i = sigma(z_i)   f = sigma(z_f)         sigma: the recurrent activation
    g = phi(z_g)     o = sigma(z_o)         phi: the activation
    c = f * c_prev + i * g                  cell state
    h = o * phi(c)                          hidden state, and the output

Sources: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000 (the forget gate).
"""

from .activations import activate, activate_backward
from .compiler import inner, kernel, view
from .products import (
    add,
    add_product,
    add_product_nt,
    add_rows,
    copy,
    copy_rows,
    fill,
    fill_rows,
    multiply,
    set_product_tn,
    sum_rows,
    zero_rows,
)
from .tables import HOLD, RESTART

# The one place that fixes the orders: gates as Keras' blocks i, f, c, o (Keras' c is our g), ...
I, F, G, O = range(4)
# ... the layer's tensors, and the arrays of its workspace with their shapes.
KERNEL, RECURRENT, BIAS = range(3)  # W (D, 4H), U (H, 4H), b (4H)
(
    H_PREV,  # (T+1, B, H): what the step at time t starts from; slot T: the state in the end
    C_PREV,  # (T+1, B, H)
    Z,  # (T, B, 4H)
    GATES,  # (T, B, 4H)
    PHI_C,  # (T, B, H): phi(c)
    OUT,  # (B, H): the last output of each row, which a held step repeats
    DZ,  # (T, B, 4H); the same place as Z, unless traced
    DH,  # (B, H): gradients on their way back through time
    DC,  # (B, H)
    DC_PREV,  # (B, H)
    DOUT,  # (B, H)
    DH_STEP,  # (B, H)
    H_STEPS,  # (T, B, H): the state after each step, and the gradients that reach it; if traced
    C_STEPS,  # (T, B, H)
    DH_STEPS,  # (T, B, H)
    DC_STEPS,  # (T, B, H)
) = range(16)


@inner
def lstm_step_forward(z, c_prev, gates, c, phi_c, h, activation, recurrent_activation):
    """Gate math of one step, all rows.

    z (B, 4H), c_prev (B, H) in;  gates (B, 4H), c, phi_c = phi(c), h (B, H) out.
    """
    B, H = c.shape
    activate(recurrent_activation, z, gates, I * H, G * H)  # i = sigma(z_i), f = sigma(z_f)
    activate(activation, z, gates, G * H, O * H)  # g = phi(z_g)
    activate(recurrent_activation, z, gates, O * H, 4 * H)  # o = sigma(z_o)
    for r in range(B):
        i, f, g = gate(gates[r], I), gate(gates[r], F), gate(gates[r], G)
        c_r, c_prev_r = c[r], c_prev[r]
        for j in range(H):
            c_r[j] = f[j] * c_prev_r[j] + i[j] * g[j]
    activate(activation, c, phi_c, 0, H)
    for r in range(B):
        o, h_r, phi_c_r = gate(gates[r], O), h[r], phi_c[r]
        for j in range(H):
            h_r[j] = o[j] * phi_c_r[j]


@inner
def lstm_step_backward(gates, c_prev, phi_c, dh, dc, dz, dc_prev, activation, recurrent_activation):
    """Gradients of one step, all rows, from the gradients dh and dc that reach its h and c.

    gates (B, 4H), c_prev, phi_c, dh (B, H) in;  dc (B, H): in, what reaches c from later steps,
    out, all of it;  dz (B, 4H), dc_prev (B, H) out.
    """
    B, H = dc.shape
    through_h = dc_prev  # borrowed until dc_prev is known
    for r in range(B):
        o, dh_r, through_r = gate(gates[r], O), dh[r], through_h[r]
        for j in range(H):
            through_r[j] = dh_r[j] * o[j]  # h = o * phi(c)
    activate_backward(activation, phi_c, through_h, through_h, 0, H)
    for r in range(B):
        add(through_h[r], dc[r])
        multiply(dh[r], phi_c[r], gate(dz[r], O))  # do, from h = o * phi(c)
        multiply(dc[r], gate(gates[r], G), gate(dz[r], I))  # di, from c = f * c_prev + i * g
        multiply(dc[r], gate(gates[r], I), gate(dz[r], G))  # dg
        multiply(dc[r], c_prev[r], gate(dz[r], F))  # df
        multiply(dc[r], gate(gates[r], F), dc_prev[r])  # dc_prev
    activate_backward(recurrent_activation, gates, dz, dz, I * H, G * H)  # dz_i, dz_f
    activate_backward(activation, gates, dz, dz, G * H, O * H)  # dz_g
    activate_backward(recurrent_activation, gates, dz, dz, O * H, 4 * H)  # dz_o


@inner
def gate(blocks, k):
    """Block k of the four in a row.  blocks (4H) -> (H)."""
    H = len(blocks) // 4
    return blocks[k * H : (k + 1) * H]


@inner
def step_order(s, T, go_backwards):
    """Time of the s-th step, and the time whose step starts from its state (T: none, the end)."""
    if go_backwards:
        t = T - 1 - s
        return t, (t - 1 if t > 0 else T)
    return s, s + 1


@inner
def flag_of(flags, t, r, s, layer, B):
    """Flag of the step at time t, the s-th, of row r; the first restarts where none is carried."""
    return flags[t * B + r] | RESTART if s == 0 and layer.carry == 0 else flags[t * B + r]


@inner
def restart(flags, t, s, layer, h, c):
    """Zero h and c (B, H) of the rows that restart at a step.  Returns how many rows do not."""
    B = len(h)
    carried = 0
    for r in range(B):
        if flag_of(flags, t, r, s, layer, B) & RESTART:
            fill(h[r], h.dtype.type(0))
            fill(c[r], c.dtype.type(0))
        else:
            carried += 1
    return carried


@kernel
def lstm_forward(layer, batch, flags, theta, work):
    """y of every step (or of each sample's last) from x and the state that came in.

    x (T*B, D), row t * B + r, in;  y (T / every, B, H) out, in the order of processing.
    A held row keeps h and c and repeats its last output (zeros before the first).
    """
    B, T, D, H = batch.rows, batch.chain * layer.steps, layer.fan_in, layer.units
    W = view(theta, layer.tensor[KERNEL], (D, 4 * H))
    U = view(theta, layer.tensor[RECURRENT], (H, 4 * H))
    x = view(work, layer.x, (T * B, D))
    y = view(work, layer.y, (T // layer.every, B, H))
    h_prev = view(work, layer.buffer[H_PREV], (T + 1, B, H))
    c_prev = view(work, layer.buffer[C_PREV], (T + 1, B, H))
    z = view(work, layer.buffer[Z], (T, B, 4 * H))
    z_all = view(work, layer.buffer[Z], (T * B, 4 * H))
    gates = view(work, layer.buffer[GATES], (T, B, 4 * H))
    phi_c = view(work, layer.buffer[PHI_C], (T, B, H))
    out = view(work, layer.buffer[OUT], (B, H))

    if layer.use_bias:
        fill_rows(view(theta, layer.tensor[BIAS], (4 * H,)), z_all)  # z = b
    else:
        zero_rows(z_all)
    add_product(x, W, z_all)  # z += x W, all steps at once
    zero_rows(out)
    t, _ = step_order(0, T, layer.go_backwards)
    copy_rows(view(work, state_h(batch.state_in, layer, B), (B, H)), h_prev[t])
    copy_rows(view(work, state_c(batch.state_in, layer, B), (B, H)), c_prev[t])
    for s in range(T):
        t, t_next = step_order(s, T, layer.go_backwards)
        if restart(flags, t, s, layer, h_prev[t], c_prev[t]) > 0:
            add_product(h_prev[t], U, z[t])  # z += h_prev U
        lstm_step_forward(
            *(z[t], c_prev[t], gates[t], c_prev[t_next], phi_c[t], h_prev[t_next]),
            *(layer.activation, layer.recurrent_activation),
        )
        for r in range(B):
            if flags[t * B + r] & HOLD:
                copy(h_prev[t, r], h_prev[t_next, r])
                copy(c_prev[t, r], c_prev[t_next, r])
            else:
                copy(h_prev[t_next, r], out[r])
        if layer.keep:
            copy_rows(h_prev[t_next], view(work, layer.buffer[H_STEPS] + t * B * H, (B, H)))
            copy_rows(c_prev[t_next], view(work, layer.buffer[C_STEPS] + t * B * H, (B, H)))
        if (s + 1) % layer.every == 0:
            copy_rows(out, y[s // layer.every])
    _, t_end = step_order(T - 1, T, layer.go_backwards)
    copy_rows(h_prev[t_end], view(work, state_h(batch.state_out, layer, B), (B, H)))
    copy_rows(c_prev[t_end], view(work, state_c(batch.state_out, layer, B), (B, H)))


@kernel
def lstm_backward(layer, batch, flags, theta, grad, work):
    """Gradients of W, U, b, x and of the state that came in: back-propagation through time.

    dy (T / every, B, H) and the gradient of the state that went out, in;
    dx (T*B, D), dW, dU, db and the gradient of the state that came in, out, all overwritten
    (of that state only where layer.need_dstate: in training it is a constant).
    """
    B, T, H = batch.rows, batch.chain * layer.steps, layer.units
    U = view(theta, layer.tensor[RECURRENT], (H, 4 * H))
    dy = view(work, layer.dy, (T // layer.every, B, H))
    c_prev = view(work, layer.buffer[C_PREV], (T + 1, B, H))
    gates = view(work, layer.buffer[GATES], (T, B, 4 * H))
    phi_c = view(work, layer.buffer[PHI_C], (T, B, H))
    dz = view(work, layer.buffer[DZ], (T, B, 4 * H))
    dh = view(work, layer.buffer[DH], (B, H))
    dc = view(work, layer.buffer[DC], (B, H))
    dc_prev = view(work, layer.buffer[DC_PREV], (B, H))
    dout = view(work, layer.buffer[DOUT], (B, H))
    dh_step = view(work, layer.buffer[DH_STEP], (B, H))

    zero_rows(dout)
    copy_rows(view(work, state_h(batch.dstate_out, layer, B), (B, H)), dh)
    copy_rows(view(work, state_c(batch.dstate_out, layer, B), (B, H)), dc)
    for s in range(T - 1, -1, -1):
        t, _ = step_order(s, T, layer.go_backwards)
        if (s + 1) % layer.every == 0:
            add_rows(dy[s // layer.every], dout)
        for r in range(B):
            if flags[t * B + r] & HOLD:  # dh, dc and dout pass through
                fill(dh_step[r], dz.dtype.type(0))
            else:
                copy(dh[r], dh_step[r])
                add(dout[r], dh_step[r])  # h is the step's output too
                fill(dh[r], dz.dtype.type(0))
                fill(dout[r], dz.dtype.type(0))
        lstm_step_backward(
            *(gates[t], c_prev[t], phi_c[t], dh_step, dc, dz[t], dc_prev),
            *(layer.activation, layer.recurrent_activation),
        )
        if layer.keep:
            copy_rows(dc, view(work, layer.buffer[DC_STEPS] + t * B * H, (B, H)))
            add_rows(dh, dh_step)  # all that reaches h, through held rows too
            copy_rows(dh_step, view(work, layer.buffer[DH_STEPS] + t * B * H, (B, H)))
        for r in range(B):
            if flags[t * B + r] & HOLD:
                fill(dz[t, r], dz.dtype.type(0))
            else:
                copy(dc_prev[r], dc[r])
        if s > 0 or layer.need_dstate:
            add_product_nt(dz[t], U, dh)  # dh_prev = dz U'
        restart(flags, t, s, layer, dh, dc)  # the gradient stops where a row started from zeros
    copy_rows(dh, view(work, state_h(batch.dstate_in, layer, B), (B, H)))
    copy_rows(dc, view(work, state_c(batch.dstate_in, layer, B), (B, H)))
    lstm_weight_gradients(layer, batch, theta, grad, work)


@inner
def lstm_weight_gradients(layer, batch, theta, grad, work):
    """dW = sum x' dz, dU = sum h_prev' dz, db = sum dz over all steps and rows, and dx = dz W'."""
    B, T, D, H = batch.rows, batch.chain * layer.steps, layer.fan_in, layer.units
    dz = view(work, layer.buffer[DZ], (T * B, 4 * H))
    x = view(work, layer.x, (T * B, D))
    set_product_tn(x, dz, view(grad, layer.tensor[KERNEL], (D, 4 * H)))
    # Without a carried state the first step processed started from zeros and adds nothing to dU.
    zero_steps = 0 if layer.carry else 1
    rows = (T - zero_steps) * B
    skip = 0 if layer.go_backwards else zero_steps * B
    h_prev = view(work, layer.buffer[H_PREV] + skip * H, (rows, H))
    dz_carried = view(work, layer.buffer[DZ] + skip * 4 * H, (rows, 4 * H))
    set_product_tn(h_prev, dz_carried, view(grad, layer.tensor[RECURRENT], (H, 4 * H)))
    if layer.use_bias:
        sum_rows(dz, view(grad, layer.tensor[BIAS], (4 * H,)))
    if layer.need_dx:
        dx = view(work, layer.dx, (T * B, D))
        zero_rows(dx)
        add_product_nt(dz, view(theta, layer.tensor[KERNEL], (D, 4 * H)), dx)


@inner
def state_h(offset, layer, B):
    """Where the layer's h (B, H) lies in the state vector at that offset."""
    return offset + layer.state * B


@inner
def state_c(offset, layer, B):
    """Where the layer's c (B, H) lies in the state vector at that offset: after h."""
    return offset + (layer.state + layer.units) * B
