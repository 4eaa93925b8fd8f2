"""Dropout inside a recurrent layer: masks on x and on h_prev that stay the same for all steps.

Each gate k sees its own thinned copies of x and h_prev (with dropout of the input alone all gates
see the same). These products take the place of those of ``recurrent.py``, whose time loop, and
everything else, stays as it is:

    x_k = x * mask_x_k      h_k = h_prev * mask_h_k
    z_k = x_k W_k + h_k U_k + b_k           W_k, U_k, b_k: the k-th block of columns

The loop calls them by address, with the number s of the step.

Sources: Gal and Ghahramani 2016; Keras, ``layers/rnn/lstm.py`` and ``dropout_rnn_cell.py``.
"""

from ..compiling import body, inner, kernel, view
from ..products import add_product, fill_columns, set_product_nt, set_product_tn, sum_rows
from ..random import draw_mask, stream_key
from ..threads import own_columns
from ..vectors import add, copy, multiply, zero_rows
from .memory import (
    BLOCK,
    H_MASK,
    KERNEL,
    PRODUCT,
    RECURRENT,
    THINNED,
    U_BLOCKS,
    W_BLOCKS,
    X_MASK,
    Z_H,
    bias,
    count_columns,
    count_steps,
    dh_of,
    dz_of,
    h_of,
    x_of,
    z_of,
)


@kernel
def thin_input(layer, batch, flags, theta, work, s, marks, z_at):
    """z_k = b_k + x_k W_k for every gate, of the group of steps from the s-th on, at a place."""
    if s == 0:
        draw_masks(layer, batch, work)
        split_weights(layer, theta, work)
    steps = min(layer.group, count_steps(layer, batch) - s)
    rows = z_of(layer, batch, work, z_at, steps)
    fill_columns(bias(layer, theta, 0), rows, own_columns(batch, rows.shape[1], 1))
    W_blocks = view(work, layer.buffer[W_BLOCKS], (layer.gates, layer.fan_in, layer.units))
    add_thinned(layer, batch, work, x_of(layer, batch, work, s, s + steps), X_MASK, W_blocks, rows)


@kernel
def thin_recurrent(layer, batch, flags, theta, work, s, marks, z_at):
    """z_k += h_k U_k for every gate, of the s-th step; where it is apart, from b_h on."""
    rows = z_of(layer, batch, work, layer.buffer[Z_H] if layer.apart else z_at, 1)
    if layer.apart:
        fill_columns(bias(layer, theta, 1), rows, own_columns(batch, rows.shape[1], 1))
    U_blocks = view(work, layer.buffer[U_BLOCKS], (layer.gates, layer.units, layer.units))
    add_thinned(layer, batch, work, h_of(layer, batch, work, s, s + 1), H_MASK, U_blocks, rows)


@kernel
def thin_recurrent_back(layer, batch, flags, theta, grad, work, s, marks):
    """dh_prev += sum_k (dz_k U_k') * mask_h_k, of the s-th step."""
    dz = dz_of(layer, batch, work, s, s + 1, 1)
    U_blocks = view(work, layer.buffer[U_BLOCKS], (layer.gates, layer.units, layer.units))
    add_thinned_nt(layer, batch, work, dz, H_MASK, U_blocks, dh_of(layer, batch, work, s))


@kernel
def thin_weights(layer, batch, flags, theta, grad, work, s, marks):
    """dW_k = sum x_k' dz_k, dU_k = sum h_k' dz_k, db = sum dz; dx = sum_k (dz_k W_k') * mask_x_k.

    Sums over all steps and rows.
    """
    T, D, H, columns = count_steps(layer, batch), layer.fan_in, layer.units, count_columns(layer)
    dz = dz_of(layer, batch, work, 0, T, 0)
    dz_h = dz_of(layer, batch, work, 0, T, 1)
    dW = view(grad, layer.tensor[KERNEL], (D, columns))
    dU = view(grad, layer.tensor[RECURRENT], (H, columns))
    set_thinned_tn(layer, batch, work, x_of(layer, batch, work, 0, T), X_MASK, dz, dW)
    set_thinned_tn(layer, batch, work, h_of(layer, batch, work, 0, T), H_MASK, dz_h, dU)
    if layer.use_bias:
        sum_rows(dz, bias(layer, grad, 0), batch)
        if layer.apart:
            sum_rows(dz_h, bias(layer, grad, 1), batch)
    if layer.need_dx:
        dx = view(work, layer.dx, (len(dz), D))
        zero_rows(dx)
        W_blocks = view(work, layer.buffer[W_BLOCKS], (layer.gates, D, H))
        add_thinned_nt(layer, batch, work, dz, X_MASK, W_blocks, dx)


@inner
def draw_masks(layer, batch, work):
    """Both masks for this update; all ones where the batch is not for training."""
    B, D, H, G = batch.rows, layer.fan_in, layer.units, layer.gates
    key = stream_key(batch.seed, batch.step, layer.index)
    shared = layer.recurrent_rate == 0.0  # then Keras draws one mask for all gates
    whole = batch.before + B + batch.behind  # rows: elements count in the whole batch
    mask_x = view(work, layer.buffer[X_MASK], (G, B * D))
    mask_h = view(work, layer.buffer[H_MASK], (G, B * H))
    for k in range(G):
        first = batch.before * D + (0 if shared else k * whole * D)
        draw_mask(key, first, layer.rate, batch.training, mask_x[k])
        first = G * whole * D + k * whole * H + batch.before * H
        draw_mask(key, first, layer.recurrent_rate, batch.training, mask_h[k])


@inner
def split_weights(layer, theta, work):
    """The blocks of columns of W and of U, each as an array of its own."""
    D, H, columns = layer.fan_in, layer.units, count_columns(layer)
    W = view(theta, layer.tensor[KERNEL], (D, columns))
    U = view(theta, layer.tensor[RECURRENT], (H, columns))
    for k in range(layer.gates):
        take_block(W, k, view(work, layer.buffer[W_BLOCKS] + k * D * H, (D, H)))
        take_block(U, k, view(work, layer.buffer[U_BLOCKS] + k * H * H, (H, H)))
    for k in range(layer.gates - layer.inside, layer.gates):  # which the step multiplies
        zero_rows(view(work, layer.buffer[U_BLOCKS] + k * H * H, (H, H)))


@inner
def take_block(z, k, block):
    """block (n, H) = the k-th block of columns of z (n, G H)."""
    H = block.shape[1]
    for r in range(len(block)):
        copy(z[r, k * H : (k + 1) * H], block[r])


@inner
def put_block(block, k, z):
    """The k-th block of columns of z (n, G H) = block (n, H)."""
    H = block.shape[1]
    for r in range(len(block)):
        copy(block[r], z[r, k * H : (k + 1) * H])


@inner
def thin(a, mask, out):
    """out = a * mask, the same mask at every step.  a, out (T*B, m) or (B, m), mask (B, m)."""
    for r in range(len(a)):
        multiply(a[r], mask[r % len(mask)], out[r])


@body
def mask_of(layer, batch, work, which, m):
    """The masks (G, B, m) of x or of h_prev."""
    return view(work, layer.buffer[which], (layer.gates, batch.rows, m))


@inner
def add_thinned(layer, batch, work, a, which, M, z):
    """z_k += (a * mask_k) M_k for every gate.  a (n, m), M (G, m, H), z (n, G H)."""
    n, m, H = len(a), a.shape[1], layer.units
    mask = mask_of(layer, batch, work, which, m)
    thinned = view(work, layer.buffer[THINNED], (n, m))
    product = view(work, layer.buffer[BLOCK], (n, H))
    for k in range(layer.gates):
        thin(a, mask[k], thinned)
        zero_rows(product)
        add_product(thinned, M[k], product, batch, work)
        for r in range(n):
            add(product[r], z[r, k * H : (k + 1) * H])


@inner
def add_thinned_nt(layer, batch, work, dz, which, M, da):
    """da += sum_k (dz_k M_k') * mask_k.  dz (n, G H), M (G, m, H), da (n, m)."""
    n, m = da.shape
    mask = mask_of(layer, batch, work, which, m)
    dz_k = view(work, layer.buffer[BLOCK], (n, layer.units))
    product = view(work, layer.buffer[PRODUCT], (n, m))
    for k in range(layer.gates):
        take_block(dz, k, dz_k)
        set_product_nt(dz_k, M[k], product, batch, work)  # a_k M_k
        thin(product, mask[k], product)  # a_k = a * mask_k
        for r in range(n):
            add(product[r], da[r])


@inner
def set_thinned_tn(layer, batch, work, a, which, dz, dM):
    """dM_k = (a * mask_k)' dz_k for every gate.  a (n, m), dz (n, G H) in;  dM (m, G H) out."""
    n, m, H = len(a), a.shape[1], layer.units
    mask = mask_of(layer, batch, work, which, m)
    thinned = view(work, layer.buffer[THINNED], (n, m))
    dz_k = view(work, layer.buffer[BLOCK], (n, H))
    product = view(work, layer.buffer[PRODUCT], (m, H))
    for k in range(layer.gates):
        take_block(dz, k, dz_k)
        thin(a, mask[k], thinned)
        set_product_tn(thinned, dz_k, product, batch, work)
        put_block(product, k, dM)
