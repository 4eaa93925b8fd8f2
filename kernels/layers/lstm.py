"""The LSTM: forward equations and, right under them, the backward ones.

One step, for one row (sample) of the batch; z, i, f, g, o, c, h as in ``docs/notation.md``:

    z = b + x W + h_prev U                  pre-activations of the four gates, blocks i | f | g | o
    i = sigma(z_i)   f = sigma(z_f)         sigma: the recurrent activation
    g = phi(z_g)     o = sigma(z_o)         phi: the activation
    c = f * c_prev + i * g                  cell state
    h = o * phi(c)                          hidden state, and the output

Sources: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000 (the forget gate).
"""

from ..activations import activate, activate_backward
from ..compiling import body, call_value, inner, kernel, view
from ..products import (
    add_product_nt_again,
    nothing,
    product_again,
    set_product_nt,
    set_products_tn,
    sum_rows,
)
from ..tables import HOLD, RESTART
from ..threads import are_together, own_part, own_rows, shares_units
from ..vectors import add, copy, fill, multiply

# The one place that fixes the orders: gates as Keras' blocks i, f, c, o (Keras' c is our g), ...
I, F, G, O = range(4)
# ... the layer's tensors, and the arrays of its workspace with their shapes.
KERNEL, RECURRENT, BIAS = range(3)  # W (D, 4H), U (H, 4H), b (4H)
(
    H_PREV,  # (T+1, B, H): what the step at time t starts from; slot T: the state in the end
    C_PREV,  # (T+1, B, H)
    Z,  # (group, B, 4H): of so many steps; of all, if traced
    GATES,  # (T, 4, B, H): the planes i, f, g, o of each step; or (T, B, 4H), in the place of z
    PHI_C,  # (T, B, H): phi(c), likewise
    DZ,  # (T, B, 4H)
    DH,  # (B, H): gradients on their way back through time
    DC,  # (B, H)
    DC_PREV,  # (B, H)
    DOUT,  # (B, H)
    DGATES,  # (4, B, H)
    H_STEPS,  # (T, B, H): the state after each step, and the gradients that reach it; if traced
    C_STEPS,  # (T, B, H)
    DH_STEPS,  # (T, B, H)
    DC_STEPS,  # (T, B, H)
    PACKED_W,  # W, as large products read it: see `blocked.py`
    PACKED_U,  # U, and on the way back U'
) = range(BUFFERS := 17)
Z_SIZE = 2**18  # numbers: 1 MB of float32
PLANE = 2**10  # numbers of a plane at a time, so that all planes stay next to the core
ALONE = 64  # units of a row from which on it is worth a pass of its own, in the place of its z


@body
def lstm_step_forward(i, f, g, o, c_prev, c, phi_c, h, activation, recurrent_activation):
    """Gate math of one step, some rows, n = rows * H.

    i, f, g, o (n): the z of each gate in, the gate out;  c_prev (n) in;
    c, phi_c = phi(c), h (n) out.
    """
    activate(recurrent_activation, i)  # i = sigma(z_i)
    activate(recurrent_activation, f)  # f = sigma(z_f)
    activate(activation, g)  # g = phi(z_g)
    activate(recurrent_activation, o)  # o = sigma(z_o)
    for j in range(len(c)):
        c[j] = f[j] * c_prev[j] + i[j] * g[j]
    copy(c, phi_c)
    activate(activation, phi_c)
    multiply(o, phi_c, h)  # h = o * phi(c)


@body
def lstm_step_backward(
    i, f, g, o, c_prev, phi_c, dh, dc, di, df, dg, do, dc_prev, activation, recurrent_activation
):
    """Gradients of one step, some rows, from those that reach its h and c; n = rows * H.

    i, f, g, o, c_prev, phi_c, dh (n) in;  dc (n): in, what reaches c from later steps, out, all of
    it;  di, df, dg, do (n): the gradient of each gate's z, and dc_prev (n) out.
    """
    through_h = dc_prev  # borrowed until dc_prev is known
    multiply(dh, o, through_h)  # h = o * phi(c)
    activate_backward(activation, phi_c, through_h)
    add(through_h, dc)
    multiply(dh, phi_c, do)  # h = o * phi(c)
    multiply(dc, g, di)  # c = f * c_prev + i * g
    multiply(dc, i, dg)
    multiply(dc, c_prev, df)
    multiply(dc, f, dc_prev)
    activate_backward(recurrent_activation, i, di)  # dz_i
    activate_backward(recurrent_activation, f, df)  # dz_f
    activate_backward(activation, g, dg)  # dz_g
    activate_backward(recurrent_activation, o, do)  # dz_o


@inner
def take_block(z, k, plane):
    """plane = the k-th block of columns of z.  z (B, 4H);  plane (B * H) out."""
    H = len(plane) // len(z)
    for r in range(len(z)):
        copy(z[r, k * H : (k + 1) * H], plane[r * H : (r + 1) * H])


@inner
def put_block(plane, k, z):
    """The k-th block of columns of z = plane.  plane (B * H);  z (B, 4H) out."""
    H = len(plane) // len(z)
    for r in range(len(z)):
        copy(plane[r * H : (r + 1) * H], z[r, k * H : (k + 1) * H])


@inner
def step_order(s, T, go_backwards):
    """Time of the s-th step, and the time whose step starts from its state (T: none, the end)."""
    if go_backwards:
        t = T - 1 - s
        return t, (t - 1 if t > 0 else T)
    return s, s + 1


@inner
def restart(flags, t, s, B, first, last, carry, h, c):
    """Zero h and c, or dh and dc, of the rows that restart at time t, the s-th step.

    h, c ((last - first) * H), of rows first ... last - 1, in and out: forward what the step starts
    from, backward the gradients that reach it.  Where no state came in, the first step restarts
    every row.  Returns how many of all B rows carry on.
    """
    H, zero = len(h) // max(1, last - first), h.dtype.type(0)
    carried = 0
    for r in range(B):
        if flags[t * B + r] & RESTART or (s == 0 and carry == 0):
            if first <= r < last:
                fill(h[(r - first) * H : (r - first + 1) * H], zero)
                fill(c[(r - first) * H : (r - first + 1) * H], zero)
        else:
            carried += 1
    return carried


@inner
def rows_at_once(layer, batch, flags, t, width):
    """Rows of a step whose gate math is done at a time, or one: where one is held, or is wide."""
    if gates_are_z(layer, batch):
        return 1
    for r in range(batch.rows):
        if flags[t * batch.rows + r] & HOLD:
            return 1
    return max(1, PLANE // max(1, width))  # width = 0: a thread without units


@body
def set_input(layer, batch, theta, work, first, z, times, ready):
    """z = b + x W, of some steps, one of so many times.  z (n, 4H), x from row `first` on."""
    D = layer.fan_in
    b = own_bias(layer, batch, theta, work)
    W = own_tensor(layer, batch, theta, work, KERNEL, D)
    x = view(work, layer.x + first * D, (len(z), D))
    return product_again(1, b, x, W, z, batch, work, times, layer.buffer[PACKED_W], ready)


@body
def add_recurrent(layer, batch, theta, work, h_prev, z, times, ready):
    """z += h_prev U, of one of so many steps.  h_prev (B, H), z (B, 4H)."""
    U = own_tensor(layer, batch, theta, work, RECURRENT, layer.units)
    place = layer.buffer[PACKED_U]
    return product_again(0, nothing(work), h_prev, U, z, batch, work, times, place, ready)


@kernel
def lstm_forward(layer, batch, flags, theta, work):
    """y of every step (or of each sample's last) from x and the state that came in.

    x (T*B, D), row t * B + r, in;  y (T / every, B, H) out, in the order of processing.
    A held row keeps h and c and repeats its last output: before the first, h where its sequence
    goes on, else zeros. Threads that share a row each have some of the units, from the whole of
    h_prev: see `helping.py`. Threads that are together each have some columns of the products and
    some rows of the rest.
    """
    forward_through_time(layer, batch, flags, theta, work, set_input, add_recurrent)


@body
def forward_through_time(layer, batch, flags, theta, work, set_input, add_recurrent):
    """`lstm_forward`, with these two products."""
    B, T, H = batch.rows, batch.chain * layer.steps, layer.units
    n = B * H
    begin, end = own_part(batch, H)
    first, last = own_rows(batch)
    width, together = end - begin, are_together(batch)
    own, size = first * H + begin, (last - first) * width  # this thread's part of each step
    group = T if layer.keep else steps_at_once(T, B, H)
    flags = view(flags, layer.x_flags, (T * B,))

    if shares_units(batch) and batch.renew:
        copy_own_tensors(layer, batch, theta, work)
    if batch.keep:
        h_prev, c_prev, h, c = places(layer, batch, 0, T)
        move(work, state_h(batch.state_in, layer, B) + own, h_prev + own, size)
        move(work, state_c(batch.state_in, layer, B) + own, c_prev + own, size)
    times, W_ready, U_ready = (T + group - 1) // group, 0, 0
    for s in range(T):
        t, _ = step_order(s, T, layer.go_backwards)
        h_prev, c_prev, h, c = places(layer, batch, s, T)
        if s == 0 or t % group == (group - 1 if layer.go_backwards else 0):
            start = t - t % group
            z_start = place_of_z(layer, batch, start, group)
            z_rows = view(work, z_start, (min(group, T - start) * B, 4 * width))
            if together and not all_there(batch):  # nobody reads the z of earlier steps now
                return
            W_ready = set_input(
                layer, batch, theta, work, start * B, z_rows, times, W_ready
            )  # z = b + x W
        h_own, c_own = view(work, h_prev + own, (size,)), view(work, c_prev + own, (size,))
        carried = restart(flags, t, s, B, first, last, layer.carry, h_own, c_own)
        if batch.parts > 1 and not all_there(batch):  # the other units, or rows, of h_prev
            return
        z = z_start + 4 * (t - start) * B * width
        if carried > 0:
            h_t, z_t = view(work, h_prev, (B, H)), view(work, z, (B, 4 * width))
            U_ready = add_recurrent(
                layer, batch, theta, work, h_t, z_t, T, U_ready
            )  # z += h_prev U
        if together and not all_there(batch):  # the other columns of z
            return
        some = rows_at_once(layer, batch, flags, t, width)
        for r in range(first, last, some):
            rows, place = min(some, last - r), begin + r * width
            z_rows = z + r * 4 * width
            rows_forward(layer, batch, work, z_rows, c_prev, c, h, t, place, rows, width)
            if flags[t * B + r] & HOLD:
                move(work, h_prev + place, h + place, width)
                move(work, c_prev + place, c + place, width)
                repeat_output(layer, batch, work, s, n, place, width, h_prev)
            else:
                move(work, h + place, layer.y + s // layer.every * n + place, rows * width)
        if layer.keep:
            move(work, h + own, layer.buffer[H_STEPS] + t * n + own, size)
            move(work, c + own, layer.buffer[C_STEPS] + t * n + own, size)
    if batch.keep:
        move(work, h + own, state_h(batch.state_out, layer, B) + own, size)
        move(work, c + own, state_c(batch.state_out, layer, B) + own, size)


@inner
def places(layer, batch, s, T):
    """Where the s-th step finds h and c of the step before, and where it leaves its own.

    Where all are kept for the way back, each step has a place. If not, the first step reads the
    state where it came in, the last one leaves it where it goes out, and two places in turn do for
    the steps between.
    """
    B, n = batch.rows, batch.rows * layer.units
    h, c = layer.buffer[H_PREV], layer.buffer[C_PREV]
    here, there = s % 2, (s + 1) % 2
    if batch.keep:
        here, there = step_order(s, T, layer.go_backwards)
    h_prev, c_prev, h, c = h + here * n, c + here * n, h + there * n, c + there * n
    if s == 0 and not batch.keep:
        h_prev, c_prev = state_h(batch.state_in, layer, B), state_c(batch.state_in, layer, B)
    if s == T - 1 and not batch.keep:
        h, c = state_h(batch.state_out, layer, B), state_c(batch.state_out, layer, B)
    return h_prev, c_prev, h, c


@inner
def move(work, source, goal, size):
    """Copy so many numbers from one place of the workspace to another."""
    copy(view(work, source, (size,)), view(work, goal, (size,)))


@inner
def repeat_output(layer, batch, work, s, n, own, width, h_prev):
    """The output of a held row: its last one, or zeros where there was none."""
    y = layer.y + s // layer.every * n + own
    if s == 0 and batch.goes_on:
        move(work, h_prev + own, y, width)
    elif s == 0:
        zeros = view(work, y, (width,))
        fill(zeros, zeros.dtype.type(0))
    elif s % layer.every == 0:
        move(work, y - n, y, width)


@body
def rows_forward(layer, batch, work, z, c_prev, c, h, t, own, rows, width):
    """`lstm_step_forward` of some rows, or of this thread's units of one.

    z: place of their z (rows, 4 * width);  c_prev, c, h: places of the step's;  own: place of the
    first of these units among all of a step.
    """
    n, size = batch.rows * layer.units, rows * width
    gates, apart = place_of_gates(layer, batch, z, t, own, size)
    if gates != z:
        for k in range(4):
            z_rows = view(work, z, (rows, 4 * width))
            take_block(z_rows, k, view(work, gates + k * apart, (size,)))
    phi_c = layer.buffer[PHI_C] + own + (t * n if batch.keep else 0)
    lstm_step_forward(
        view(work, gates + I * apart, (size,)),
        view(work, gates + F * apart, (size,)),
        view(work, gates + G * apart, (size,)),
        view(work, gates + O * apart, (size,)),
        view(work, c_prev + own, (size,)),
        view(work, c + own, (size,)),
        view(work, phi_c, (size,)),
        view(work, h + own, (size,)),
        layer.activation,
        layer.recurrent_activation,
    )


@inner
def gates_are_z(layer, batch):
    """Whether the gates of a row, side by side, take the place of its z, which has the same form.

    Not where z is kept as well, nor where threads that share a row keep the gates for one of them.
    """
    wide = batch.rows == 1 or layer.units >= ALONE
    return wide and not layer.keep and not (batch.keep and shares_units(batch))


@inner
def place_of_z(layer, batch, t, group):
    """Where z of the step at time t lies: where its gates are kept, or with that of its group."""
    begin, end = own_part(batch, layer.units)
    if gates_are_z(layer, batch) and batch.keep:
        return layer.buffer[GATES] + 4 * t * batch.rows * layer.units
    return layer.buffer[Z] + 4 * batch.rows * (group * begin + t % group * (end - begin))


@inner
def place_of_gates(layer, batch, z, t, own, size):
    """Where the planes of some rows' gates lie, `size` numbers each, and how far apart."""
    n = batch.rows * layer.units
    if gates_are_z(layer, batch):
        return z, size
    if batch.keep:
        return layer.buffer[GATES] + 4 * t * n + own, n
    first, _ = own_rows(batch)
    return layer.buffer[GATES] + 4 * first * layer.units, size  # the same for all rows and steps


def group_of(T, B, H):
    """Of how many steps x W is added at once: z (group, B, 4H) stays in the cache till its step."""
    return min(T, max(1, Z_SIZE // (4 * B * H)))


steps_at_once = inner(group_of)


@body
def own_bias(layer, batch, theta, work):
    """b (4H), or of this thread's units; empty where there is none."""
    if layer.use_bias:
        return own_tensor(layer, batch, theta, work, BIAS, 1)[0]
    return nothing(theta)


@body
def own_tensor(layer, batch, theta, work, j, rows):
    """W, U or b, (rows, 4H); or the columns of this thread's units, side by side."""
    begin, end = own_part(batch, layer.units)
    if shares_units(batch):
        place = layer.tensor[j] + batch.own + rows * 4 * begin
        return view(work, place, (rows, 4 * (end - begin)))
    return view(theta, layer.tensor[j], (rows, 4 * layer.units))


@inner
def copy_own_tensors(layer, batch, theta, work):
    """Copy the columns of this thread's units, which lie in four places of each row, together.

    What it reads at every step is in one piece then, and stays in the cache next to the core.
    """
    H = layer.units
    begin, end = own_part(batch, H)
    width = end - begin
    for j in range(3 if layer.use_bias else 2):
        rows = (layer.fan_in, H, 1)[j]
        whole = view(theta, layer.tensor[j], (rows, 4 * H))
        own = own_tensor(layer, batch, theta, work, j, rows)
        for q in range(rows):
            for k in range(4):
                source = whole[q, k * H + begin : k * H + end]
                copy(source, own[q, k * width : (k + 1) * width])


@inner
def all_there(batch):
    """Wait for the other threads; whether to go on with them."""
    return call_value(batch.meet, (batch,)) > 0


@body
def recurrent_gradient(layer, batch, theta, work, dz, dh_prev, times, ready):
    """dh_prev += dz U', of one of so many steps.  dz (B, 4H), dh_prev (B, H)."""
    H = layer.units
    U = view(theta, layer.tensor[RECURRENT], (H, 4 * H))
    return add_product_nt_again(dz, U, dh_prev, batch, work, times, layer.buffer[PACKED_U], ready)


@kernel
def lstm_backward(layer, batch, flags, theta, grad, work):
    """Gradients of W, U, b, x and of the state that came in: back-propagation through time.

    dy (T / every, B, H) and the gradient of the state that went out, in;
    dx (T*B, D), dW, dU, db and the gradient of the state that came in, out, all overwritten
    (of that state only where layer.need_dstate: in training it is a constant).
    """
    backward_through_time(layer, batch, flags, theta, work, recurrent_gradient)
    weight_gradients(layer, batch, theta, grad, work)


@body
def backward_through_time(layer, batch, flags, theta, work, recurrent_gradient):
    """dz of every step and the gradient of the state that came in, with this product."""
    B, T, H = batch.rows, batch.chain * layer.steps, layer.units
    n = B * H
    first, last = own_rows(batch)
    own, size, together = first * H, (last - first) * H, are_together(batch)
    flags = view(flags, layer.x_flags, (T * B,))
    dz = view(work, layer.buffer[DZ], (T, B, 4 * H))
    dh_rows = view(work, layer.buffer[DH], (B, H))
    dh = view(work, layer.buffer[DH] + own, (size,))
    dc = view(work, layer.buffer[DC] + own, (size,))
    dout = view(work, layer.buffer[DOUT] + own, (size,))

    fill(dout, dout.dtype.type(0))
    copy(view(work, state_h(batch.dstate_out, layer, B) + own, (size,)), dh)
    copy(view(work, state_c(batch.dstate_out, layer, B) + own, (size,)), dc)
    ready = 0
    for s in range(T - 1, -1, -1):
        t, _ = step_order(s, T, layer.go_backwards)
        if (s + 1) % layer.every == 0:
            add(view(work, layer.dy + s // layer.every * n + own, (size,)), dout)
        some = rows_at_once(layer, batch, flags, t, H)
        for r in range(first, last, some):
            if flags[t * B + r] & HOLD:  # dh, dc and dout pass through
                fill(dz[t, r], dz.dtype.type(0))
                keep_gradients(layer, work, t * n + r * H, r * H, H)
            else:
                rows_backward(layer, batch, work, t, r, min(some, last - r), first)
        if together and not all_there(batch):  # the other rows of dz
            return
        if s > 0 or layer.need_dstate:
            # dh_prev += dz U'
            ready = recurrent_gradient(layer, batch, theta, work, dz[t], dh_rows, T, ready)
            if together and not all_there(batch):  # the other columns of dh_prev
                return
        restart(flags, t, s, B, first, last, layer.carry, dh, dc)  # there they stop
    copy(dh, view(work, state_h(batch.dstate_in, layer, B) + own, (size,)))
    copy(dc, view(work, state_c(batch.dstate_in, layer, B) + own, (size,)))


@body
def rows_backward(layer, batch, work, t, r, rows, first):
    """`lstm_step_backward` of some rows, from the r-th on: their dz, and dc on its way; dh = 0.

    first: of this thread's rows; what lasts for a moment lies where theirs would.
    """
    B, H = batch.rows, layer.units
    n, own, size = B * H, r * H, rows * H
    z = layer.buffer[GATES] + 4 * (t * n + own)
    gates, apart = place_of_gates(layer, batch, z, t, own, size)
    dz = layer.buffer[DZ] + 4 * (t * n + own)
    # Of one row dz has the form of the planes.
    dgates = dz if rows == 1 else layer.buffer[DGATES] + 4 * first * H
    dh = view(work, layer.buffer[DH] + own, (size,))
    dc = view(work, layer.buffer[DC] + own, (size,))
    dc_prev = view(work, layer.buffer[DC_PREV] + first * H, (size,))
    dout = view(work, layer.buffer[DOUT] + own, (size,))
    add(dout, dh)  # h is the step's output too
    lstm_step_backward(
        view(work, gates + I * apart, (size,)),
        view(work, gates + F * apart, (size,)),
        view(work, gates + G * apart, (size,)),
        view(work, gates + O * apart, (size,)),
        view(work, layer.buffer[C_PREV] + t * n + own, (size,)),
        view(work, layer.buffer[PHI_C] + t * n + own, (size,)),
        dh,
        dc,
        view(work, dgates + I * size, (size,)),
        view(work, dgates + F * size, (size,)),
        view(work, dgates + G * size, (size,)),
        view(work, dgates + O * size, (size,)),
        dc_prev,
        layer.activation,
        layer.recurrent_activation,
    )
    if dgates != dz:
        for k in range(4):
            dz_rows = view(work, dz, (rows, 4 * H))
            put_block(view(work, dgates + k * size, (size,)), k, dz_rows)
    keep_gradients(layer, work, t * n + own, own, size)
    copy(dc_prev, dc)
    fill(dh, dh.dtype.type(0))
    fill(dout, dout.dtype.type(0))


@inner
def keep_gradients(layer, work, place, own, size):
    """Keep what reaches h and c of a step, in a traced pass."""
    if layer.keep:
        dh, dc = view(work, layer.buffer[DH] + own, (size,)), layer.buffer[DC] + own
        copy(dh, view(work, layer.buffer[DH_STEPS] + place, (size,)))
        copy(view(work, dc, (size,)), view(work, layer.buffer[DC_STEPS] + place, (size,)))


@body
def weight_gradients(layer, batch, theta, grad, work):
    """dW = sum x' dz, dU = sum h_prev' dz, db = sum dz over all steps and rows, and dx = dz W'."""
    B, T, D, H = batch.rows, batch.chain * layer.steps, layer.fan_in, layer.units
    dz = view(work, layer.buffer[DZ], (T * B, 4 * H))
    x = view(work, layer.x, (T * B, D))
    dW = view(grad, layer.tensor[KERNEL], (D, 4 * H))
    # Without a carried state the first step processed started from zeros and adds nothing to dU.
    zero_steps = 0 if layer.carry else 1
    rows = (T - zero_steps) * B
    skip = 0 if layer.go_backwards else zero_steps * B
    h_prev = view(work, layer.buffer[H_PREV] + skip * H, (rows, H))
    dU = view(grad, layer.tensor[RECURRENT], (H, 4 * H))
    set_products_tn(x, h_prev, skip, dz, dW, dU, batch, work)
    if layer.use_bias:
        sum_rows(dz, view(grad, layer.tensor[BIAS], (4 * H,)), batch)
    if layer.need_dx:
        W = view(theta, layer.tensor[KERNEL], (D, 4 * H))
        set_product_nt(dz, W, view(work, layer.dx, (T * B, D)), batch, work)


@inner
def state_h(offset, layer, B):
    """Where the layer's h (B, H) lies in the state vector at that offset."""
    return offset + layer.state * B


@inner
def state_c(offset, layer, B):
    """Where the layer's c (B, H) lies in the state vector at that offset: after h."""
    return offset + (layer.state + layer.units) * B
