"""The LSTM with dropout inside: masks on x and on h_prev that stay the same for all steps.

Each gate k sees its own thinned copies of x and h_prev (with dropout of the input alone all four
gates see the same), and everything else is the LSTM of ``lstm.py``:

    x_k = x * mask_x_k      h_k = h_prev * mask_h_k
    z_k = x_k W_k + h_k U_k + b_k           W_k, U_k, b_k: the k-th block of columns

Sources: Gal and Ghahramani 2016; Keras, ``layers/rnn/lstm.py`` and ``dropout_rnn_cell.py``.
"""

from ..compiling import inner, kernel, view
from ..products import add_product, set_product_nt, set_product_tn, sum_rows
from ..random import draw, stream_key
from ..vectors import add, fill_rows, multiply, zero_rows
from .lstm import (
    BIAS,
    BUFFERS,
    DZ,
    H_PREV,
    KERNEL,
    RECURRENT,
    backward_through_time,
    forward_through_time,
    own_bias,
    put_block,
    take_block,
)

# Its further arrays, behind those of the LSTM.
(
    X_MASK,  # (4, B, D): mask_x_k, 0 or 1 / (1 - rate)
    H_MASK,  # (4, B, H): mask_h_k
    W_BLOCKS,  # (4, D, H): W_k
    U_BLOCKS,  # (4, H, H): U_k
    THINNED,  # one gate's x_k (T*B, D) or h_k (T*B, H)
    BLOCK,  # (T*B, H): one gate's part of z or dz
    PRODUCT,  # one gate's part of dx (T*B, D), dh_prev (B, H), dW (D, H) or dU (H, H)
) = range(BUFFERS, BUFFERS + 7)


@kernel
def lstm_dropout_forward(layer, batch, flags, theta, work):
    """As `lstm_forward`, on thinned copies of x and h_prev in training."""
    draw_masks(layer, batch, work)
    split_weights(layer, theta, work)
    forward_through_time(layer, batch, flags, theta, work, set_thinned_input, add_thinned_recurrent)


@inner
def draw_masks(layer, batch, work):
    """Both masks for this update; all ones where the batch is not for training."""
    B, D, H = batch.rows, layer.fan_in, layer.units
    key = stream_key(batch.seed, batch.step, layer.index)
    shared = layer.recurrent_rate == 0.0  # then Keras draws one mask for all gates
    whole = batch.before + B + batch.behind  # rows: elements count in the whole batch
    mask_x = view(work, layer.buffer[X_MASK], (4, B * D))
    mask_h = view(work, layer.buffer[H_MASK], (4, B * H))
    for k in range(4):
        first = batch.before * D + (0 if shared else k * whole * D)
        draw(key, first, layer.rate, batch.training, mask_x[k])
        first = 4 * whole * D + k * whole * H + batch.before * H
        draw(key, first, layer.recurrent_rate, batch.training, mask_h[k])


@inner
def split_weights(layer, theta, work):
    """The four blocks of columns of W and of U, each as an array of its own."""
    D, H = layer.fan_in, layer.units
    W = view(theta, layer.tensor[KERNEL], (D, 4 * H))
    U = view(theta, layer.tensor[RECURRENT], (H, 4 * H))
    for k in range(4):
        take_block(W, k, view(work, layer.buffer[W_BLOCKS] + k * D * H, (D * H,)))
        take_block(U, k, view(work, layer.buffer[U_BLOCKS] + k * H * H, (H * H,)))


@inner
def thin(a, mask, out):
    """out = a * mask, the same mask at every step.  a, out (T*B, m) or (B, m), mask (B, m)."""
    for r in range(len(a)):
        multiply(a[r], mask[r % len(mask)], out[r])


@inner
def add_thinned(layer, batch, work, a, mask, M, z):
    """z_k += (a * mask_k) M_k for every gate.  a (n, m), mask (4, B, m), M (4, m, H), z (n, 4H)."""
    n, m, H = len(a), a.shape[1], layer.units
    thinned = view(work, layer.buffer[THINNED], (n, m))
    product = view(work, layer.buffer[BLOCK], (n, H))
    for k in range(4):
        thin(a, mask[k], thinned)
        zero_rows(product)
        add_product(thinned, M[k], product, batch, work)
        for r in range(n):
            add(product[r], z[r, k * H : (k + 1) * H])


@inner
def set_thinned_input(layer, batch, theta, work, first, z, times, ready):
    """z_k = b_k + x_k W_k for every gate, of some steps.  z (n, 4H), x from row `first` on."""
    fill_rows(own_bias(layer, batch, theta, work), z)
    B, D, H = batch.rows, layer.fan_in, layer.units
    x = view(work, layer.x + first * D, (len(z), D))
    mask_x = view(work, layer.buffer[X_MASK], (4, B, D))
    W_blocks = view(work, layer.buffer[W_BLOCKS], (4, D, H))
    add_thinned(layer, batch, work, x, mask_x, W_blocks, z)
    return ready


@inner
def add_thinned_recurrent(layer, batch, theta, work, h_prev, z, times, ready):
    """z_k += h_k U_k for every gate, of one step.  h_prev (B, H), z (B, 4H)."""
    B, H = h_prev.shape
    mask_h = view(work, layer.buffer[H_MASK], (4, B, H))
    U_blocks = view(work, layer.buffer[U_BLOCKS], (4, H, H))
    add_thinned(layer, batch, work, h_prev, mask_h, U_blocks, z)
    return ready


@kernel
def lstm_dropout_backward(layer, batch, flags, theta, grad, work):
    """As `lstm_backward`, through the thinned copies."""
    backward_through_time(layer, batch, flags, theta, work, thinned_recurrent_gradient)
    thinned_weight_gradients(layer, batch, grad, work)
    if layer.need_dx:
        thinned_input_gradient(layer, batch, work)


@inner
def add_thinned_nt(layer, batch, work, dz, mask, M, da):
    """da += sum_k (dz_k M_k') * mask_k.  dz (n, 4H), mask (4, B, m), M (4, m, H), da (n, m)."""
    n, m, H = len(da), da.shape[1], layer.units
    dz_k = view(work, layer.buffer[BLOCK], (n, H))
    product = view(work, layer.buffer[PRODUCT], (n, m))
    for k in range(4):
        take_block(dz, k, view(work, layer.buffer[BLOCK], (n * H,)))
        set_product_nt(dz_k, M[k], product, batch, work)  # a_k M_k
        thin(product, mask[k], product)  # a_k = a * mask_k
        for r in range(n):
            add(product[r], da[r])


@inner
def thinned_recurrent_gradient(layer, batch, theta, work, dz, dh_prev, times, ready):
    """dh_prev += sum_k (dz_k U_k') * mask_h_k, of one step.  dz (B, 4H), dh_prev (B, H)."""
    B, H = dh_prev.shape
    mask_h = view(work, layer.buffer[H_MASK], (4, B, H))
    U_blocks = view(work, layer.buffer[U_BLOCKS], (4, H, H))
    add_thinned_nt(layer, batch, work, dz, mask_h, U_blocks, dh_prev)
    return ready


@inner
def thinned_input_gradient(layer, batch, work):
    """dx = sum_k (dz_k W_k') * mask_x_k.  dx (T*B, D) out."""
    B, D, H = batch.rows, layer.fan_in, layer.units
    n = batch.chain * layer.steps * B
    dz, dx = view(work, layer.buffer[DZ], (n, 4 * H)), view(work, layer.dx, (n, D))
    mask_x = view(work, layer.buffer[X_MASK], (4, B, D))
    zero_rows(dx)
    W_blocks = view(work, layer.buffer[W_BLOCKS], (4, D, H))
    add_thinned_nt(layer, batch, work, dz, mask_x, W_blocks, dx)


@inner
def set_thinned_tn(layer, batch, work, a, mask, dz, dM):
    """dM_k = (a * mask_k)' dz_k for every gate.

    a (n, m), mask (4, B, m), dz (n, 4H) in;  dM (m, 4H) out.
    """
    n, m, H = len(a), a.shape[1], layer.units
    thinned = view(work, layer.buffer[THINNED], (n, m))
    dz_k = view(work, layer.buffer[BLOCK], (n, H))
    product = layer.buffer[PRODUCT]
    for k in range(4):
        take_block(dz, k, view(work, layer.buffer[BLOCK], (n * H,)))
        thin(a, mask[k], thinned)
        set_product_tn(thinned, dz_k, view(work, product, (m, H)), batch, work)
        put_block(view(work, product, (m * H,)), k, dM)


@inner
def thinned_weight_gradients(layer, batch, grad, work):
    """dW_k = sum x_k' dz_k, dU_k = sum h_k' dz_k, db = sum dz over all steps and rows."""
    B, D, H = batch.rows, layer.fan_in, layer.units
    n = batch.chain * layer.steps * B
    dz = view(work, layer.buffer[DZ], (n, 4 * H))
    x, h_prev = view(work, layer.x, (n, D)), view(work, layer.buffer[H_PREV], (n, H))
    mask_x = view(work, layer.buffer[X_MASK], (4, B, D))
    mask_h = view(work, layer.buffer[H_MASK], (4, B, H))
    dW = view(grad, layer.tensor[KERNEL], (D, 4 * H))
    dU = view(grad, layer.tensor[RECURRENT], (H, 4 * H))
    set_thinned_tn(layer, batch, work, x, mask_x, dz, dW)
    set_thinned_tn(layer, batch, work, h_prev, mask_h, dz, dU)
    if layer.use_bias:
        sum_rows(dz, view(grad, layer.tensor[BIAS], (4 * H,)), batch)
