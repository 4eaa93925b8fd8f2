"""The time loop of every recurrent layer, forward, and back-propagation through time.

    z = b + x W + h_prev U              products of whole matrices
    h, c = cell(z, h_prev, c_prev)      the states behind a step, from those before it

It runs over the steps s in the order of processing. What a cell does is in ``cells/``, what lies
where in ``memory.py``, how it gets there in ``moves.py``, what masked and restarted steps do in
``masks.py``. With dropout inside, other products take the place of these: ``thinned.py``; a cell
may do some of h_prev U inside its step: ``inside.py``. Threads that share a layer have some units
each, and wait where a step needs those of all: before h_prev U, and before dz U'.

Source: Werbos 1990, Backpropagation through time.
"""

from ..compiling import body, call, kernel, view
from ..products import (
    add_product_with,
    nothing,
    own_tensor,
    recurring,
    recurring_turned,
    set_product_nt,
    set_product_tn,
    set_product_with,
    sum_rows,
)
from ..threads import all_there
from . import memory, moves
from .inside import inside_gradients, leave_out
from .masks import add_dy, marks_of, put_out, restart
from .memory import (
    BIAS,
    KERNEL,
    PACKED_U,
    PACKED_W,
    RECURRENT,
    U_OF_LOOP,
    bias,
    dh_of,
    dz_of,
    h_of,
    x_of,
    z_of,
)


@kernel
def recurrent_forward(layer, batch, flags, theta, work):
    """y of every step (or of each sample's last) from x and the states that came in.

    x (T, B, D) in;  y (T / every, B, H) out, in the order of processing.
    """
    T = memory.count_steps(layer, batch)
    moves.put_x_in_order(layer, batch, work)
    moves.take_states(layer, batch, work)
    W = input_weights(layer, batch, theta, work)
    U = state_weights(layer, batch, theta, work)
    for first in range(0, T, layer.group):
        z_at, last = memory.place_of_z(layer, batch, first), min(first + layer.group, T)
        set_input(layer, batch, flags, theta, work, W, first, last, z_at)  # z = b + x W
        for s in range(first, last):
            marks = marks_of(layer, batch, flags, s)
            states_at = memory.states_at(layer, batch, s)
            carried = restart(layer, batch, flags, work, s, marks, states_at)
            if not all_there(batch):  # h_prev of all units
                return
            if carried > 0 or layer.apart:
                add_recurrent(layer, batch, flags, theta, work, U, s, z_at)  # z += h_prev U
            call(layer.step, (layer, batch, flags, theta, work, s, marks, z_at))  # h, c = cell(...)
            put_out(layer, batch, flags, work, s, marks)  # y = h
            z_at += batch.rows * memory.count_own(layer, batch)  # of the next step
    moves.give_states(layer, batch, work)


@body
def set_input(layer, batch, flags, theta, work, W, first, last, z_at):
    """z = b + x W of a group of steps: first ... last - 1.  z_at: place of their z."""
    if layer.thinned:
        call(layer.thin_input, (layer, batch, flags, theta, work, first, 0, z_at))
    else:
        x, z = x_of(layer, batch, work, first, last), z_of(layer, batch, work, z_at, last - first)
        b = own_bias(layer, batch, theta, work, 0)
        set_product_with(b, x, W, z, batch, work)


@body
def add_recurrent(layer, batch, flags, theta, work, U, s, z_at):
    """z += h_prev U of the s-th step; or z_h = b_h + h_prev U, for a cell that reads it apart."""
    h_prev = h_of(layer, batch, work, s, s + 1)
    if layer.thinned:
        call(layer.thin_recurrent, (layer, batch, flags, theta, work, s, 0, z_at))
    elif layer.apart:
        z_h = z_of(layer, batch, work, memory.place_of_z_h(layer, batch), 1)
        b_h = own_bias(layer, batch, theta, work, 1)
        set_product_with(b_h, h_prev, U, z_h, batch, work)
    else:
        add_product_with(h_prev, U, z_of(layer, batch, work, z_at, 1), batch, work)


@kernel
def recurrent_backward(layer, batch, flags, theta, grad, work):
    """Gradients of W, U, b, x and of the states that came in: back-propagation through time.

    dy (T / every, B, H) and the gradient of the states that went out, in;  dx (T, B, D), dW, dU, db
    and the gradient of the states that came in, out, all overwritten (of those states only where
    layer.need_dstate: in training they are constants).
    """
    T = memory.count_steps(layer, batch)
    moves.take_gradients(layer, batch, grad, work)
    U = state_weights_turned(layer, batch, theta, work)
    waits = False
    for s in range(T - 1, -1, -1):
        marks = marks_of(layer, batch, flags, s)
        waits = add_dy(layer, batch, flags, work, s, marks, waits)  # y = h: dh += dy
        call(layer.step_back, (layer, batch, flags, theta, grad, work, s, marks))  # dz, dc_prev
        moves.trace_gradients(layer, batch, work, s)
        if not all_there(batch):  # dz of all units
            return
        if s > 0 or layer.need_dstate:
            add_recurrent_gradient(layer, batch, flags, theta, grad, work, U, s)  # dh_prev += dz U'
        dstates_at = memory.dstates_at(layer, batch, s)
        restart(layer, batch, flags, work, s, marks, dstates_at)  # there they stop
    moves.give_gradients(layer, batch, work)
    if layer.thinned:
        call(layer.thin_weights, (layer, batch, flags, theta, grad, work, 0, 0))
    else:
        weight_gradients(layer, batch, theta, grad, work)
    if layer.inside:
        inside_gradients(layer, batch, grad, work)  # dU_k = sum a_k' dz_k
    moves.put_dx_in_order(layer, batch, work)


@body
def add_recurrent_gradient(layer, batch, flags, theta, grad, work, U, s):
    """dh_prev += dz U' of the s-th step."""
    if layer.thinned:
        call(layer.thin_recurrent_back, (layer, batch, flags, theta, grad, work, s, 0))
    else:
        dz = dz_of(layer, batch, work, s, s + 1, 1)
        add_product_with(dz, U, dh_of(layer, batch, work, s), batch, work)


@body
def weight_gradients(layer, batch, theta, grad, work):
    """dW = sum x' dz, dU = sum h_prev' dz, db = sum dz over all steps and rows, and dx = dz W'."""
    T, D, columns = memory.count_steps(layer, batch), layer.fan_in, memory.count_columns(layer)
    x, dz = x_of(layer, batch, work, 0, T), dz_of(layer, batch, work, 0, T, 0)
    set_product_tn(x, dz, view(grad, layer.tensor[KERNEL], (D, columns)), batch, work)
    # Without a carried state the first step started from zeros and adds nothing to dU.
    first = 0 if layer.carry else 1
    h_prev, dz_h = h_of(layer, batch, work, first, T), dz_of(layer, batch, work, first, T, 1)
    dU = view(grad, layer.tensor[RECURRENT], (layer.units, columns))
    set_product_tn(h_prev, dz_h, dU, batch, work)
    if layer.use_bias:
        sum_rows(dz, bias(layer, grad, 0), batch)
        if layer.apart:
            sum_rows(dz_of(layer, batch, work, 0, T, 1), bias(layer, grad, 1), batch)
    if layer.need_dx:
        W = view(theta, layer.tensor[KERNEL], (D, columns))
        set_product_nt(dz, W, view(work, layer.dx, (len(dz), D)), batch, work)


@body
def own_bias(layer, batch, theta, work, of_h):
    """b (G H), or b_h, of own units where threads share a single row; empty where there is none."""
    columns = memory.count_columns(layer)
    if layer.use_bias:
        tensor = layer.tensor[BIAS] + of_h * columns
        return own_tensor(theta, tensor, 1, columns, layer.gates, batch, work)[0]
    return nothing(theta)


@body
def input_weights(layer, batch, theta, work):
    """W (D, G H), for a product of each group of steps."""
    T, D, columns = memory.count_steps(layer, batch), layer.fan_in, memory.count_columns(layer)
    n, times = min(layer.group, T) * batch.rows, 0 if layer.thinned else -(-T // layer.group)
    tensor, place = layer.tensor[KERNEL], layer.buffer[PACKED_W]
    return recurring(theta, tensor, D, columns, layer.gates, 0, n, times, place, batch, work)


@body
def state_weights(layer, batch, theta, work):
    """U (H, G H), for a product at each step, if there is any."""
    T, H, columns = memory.count_steps(layer, batch), layer.units, memory.count_columns(layer)
    times = 0 if layer.thinned or (T == 1 and not layer.carry) else T
    tensor, place, n = layer.tensor[RECURRENT], layer.buffer[PACKED_U], batch.rows
    gates, inside = layer.gates, layer.inside
    return recurring(theta, tensor, H, columns, gates, inside, n, times, place, batch, work)


@body
def state_weights_turned(layer, batch, theta, work):
    """U' (G H, H), for a product at each step back, if there is any."""
    T, H, columns = memory.count_steps(layer, batch), layer.units, memory.count_columns(layer)
    times = 0 if layer.thinned or (T == 1 and not layer.need_dstate) else T
    tensor, place, n = layer.tensor[RECURRENT], layer.buffer[PACKED_U], batch.rows
    if layer.inside:
        leave_out(layer, theta, work)
        theta, tensor = work, layer.buffer[U_OF_LOOP]
    return recurring_turned(theta, tensor, H, columns, n, times, place, batch, work)
