"""The LSTM with dropout inside: masks on x and on h_prev that stay the same for all steps.

Each gate k sees its own thinned copies, x_k = x * m_k and h_k = h_prev * r_k (with dropout of the
input alone all four gates see the same), and everything else is the LSTM of ``lstm.py``:

    z_k = x_k W_k + h_k U_k + b_k           W_k, U_k, b_k: the k-th block of columns

Sources: Gal and Ghahramani 2016; Keras, ``layers/rnn/lstm.py`` and ``dropout_rnn_cell.py``.
"""

from .compiler import inner, kernel, view
from .dropout import stream_key, uniform
from .lstm import (
    BIAS,
    BUFFERS,
    DZ,
    H_PREV,
    KERNEL,
    RECURRENT,
    backward_through_time,
    forward_through_time,
    put_block,
    take_block,
)
from .products import (
    add,
    add_product,
    add_product_nt,
    multiply,
    set_product_tn,
    sum_rows,
    zero_rows,
)

# Its further arrays, behind those of the LSTM.
(
    X_MASK,  # (4, B, D): m_k, 0 or 1 / (1 - rate)
    H_MASK,  # (4, B, H): r_k
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
    forward_through_time(layer, batch, flags, theta, work, add_thinned_input, add_thinned_recurrent)


@inner
def draw_masks(layer, batch, work):
    """m and r for this update; all ones where the batch is not for training."""
    B, D, H = batch.rows, layer.fan_in, layer.units
    key = stream_key(batch.seed, batch.step, layer.index)
    shared = layer.recurrent_rate == 0.0  # then Keras draws one mask for all gates
    m, r = (
        view(work, layer.buffer[X_MASK], (4, B * D)),
        view(work, layer.buffer[H_MASK], (4, B * H)),
    )
    for k in range(4):
        first = 0 if shared else k * B * D
        draw(key, first, layer.rate, batch.training, m[k])
        draw(key, 4 * B * D + k * B * H, layer.recurrent_rate, batch.training, r[k])


@inner
def draw(key, first, rate, training, mask):
    """0 with probability rate, else 1 / (1 - rate); drawn from the stream's `first` element on."""
    c = mask.dtype.type
    kept = c(1.0 / (1.0 - rate))
    for j in range(len(mask)):
        dropped = training and uniform(key, first + j) < rate
        mask[j] = c(0) if dropped else (kept if training else c(1))


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
    """out = a * mask, the same mask at every step.  a, out (T*B, n) or (B, n), mask (B, n)."""
    for r in range(len(a)):
        multiply(a[r], mask[r % len(mask)], out[r])


@inner
def add_thinned_input(layer, batch, theta, work, z):
    """z_k += x_k W_k for every gate, all steps at once.  z (T*B, 4H)."""
    B, D, H = batch.rows, layer.fan_in, layer.units
    x, x_k = view(work, layer.x, (len(z), D)), view(work, layer.buffer[THINNED], (len(z), D))
    m = view(work, layer.buffer[X_MASK], (4, B, D))
    W = view(work, layer.buffer[W_BLOCKS], (4, D, H))
    for k in range(4):
        thin(x, m[k], x_k)
        add_gate(layer, work, k, x_k, W[k], z)


@inner
def add_thinned_recurrent(layer, batch, theta, work, t, h_prev, z):
    """z_k += h_k U_k for every gate, the step at time t.  h_prev (B, H), z (B, 4H)."""
    B, H = h_prev.shape
    h_k = view(work, layer.buffer[THINNED], (B, H))
    r = view(work, layer.buffer[H_MASK], (4, B, H))
    U = view(work, layer.buffer[U_BLOCKS], (4, H, H))
    for k in range(4):
        thin(h_prev, r[k], h_k)
        add_gate(layer, work, k, h_k, U[k], z)


@inner
def add_gate(layer, work, k, a, B, z):
    """z_k += a B.  a (n, m), B (m, H), z (n, 4H)."""
    n, H = len(z), layer.units
    product = view(work, layer.buffer[BLOCK], (n, H))
    zero_rows(product)
    add_product(a, B, product)
    for r in range(n):
        add(product[r], z[r, k * H : (k + 1) * H])


@kernel
def lstm_dropout_backward(layer, batch, flags, theta, grad, work):
    """As `lstm_backward`, through the thinned copies."""
    backward_through_time(layer, batch, flags, theta, work, thinned_recurrent_gradient)
    thinned_weight_gradients(layer, batch, grad, work)
    if layer.need_dx:
        thinned_input_gradient(layer, batch, work)


@inner
def thinned_recurrent_gradient(layer, batch, theta, work, t, dz, dh_prev):
    """dh_prev += sum_k (dz_k U_k') * r_k, the step at time t.  dz (B, 4H), dh_prev (B, H)."""
    B, H = dh_prev.shape
    r = view(work, layer.buffer[H_MASK], (4, B, H))
    U = view(work, layer.buffer[U_BLOCKS], (4, H, H))
    dz_k, dh_k = view(work, layer.buffer[BLOCK], (B, H)), view(work, layer.buffer[PRODUCT], (B, H))
    for k in range(4):
        take_block(dz, k, view(work, layer.buffer[BLOCK], (B * H,)))
        zero_rows(dh_k)
        add_product_nt(dz_k, U[k], dh_k)  # h_k U_k
        thin(dh_k, r[k], dh_k)  # h_k = h_prev * r_k
        for b in range(B):
            add(dh_k[b], dh_prev[b])


@inner
def thinned_weight_gradients(layer, batch, grad, work):
    """dW_k = sum x_k' dz_k, dU_k = sum h_k' dz_k, db = sum dz over all steps and rows."""
    B, T, D, H = batch.rows, batch.chain * layer.steps, layer.fan_in, layer.units
    dz, n = view(work, layer.buffer[DZ], (T * B, 4 * H)), T * B
    dW = view(grad, layer.tensor[KERNEL], (D, 4 * H))
    dU = view(grad, layer.tensor[RECURRENT], (H, 4 * H))
    x, h_prev = view(work, layer.x, (n, D)), view(work, layer.buffer[H_PREV], (n, H))
    m = view(work, layer.buffer[X_MASK], (4, B, D))
    r = view(work, layer.buffer[H_MASK], (4, B, H))
    x_k = view(work, layer.buffer[THINNED], (n, D))
    h_k = view(work, layer.buffer[THINNED], (n, H))
    dz_k = view(work, layer.buffer[BLOCK], (n, H))
    product = layer.buffer[PRODUCT]
    for k in range(4):
        take_block(dz, k, view(work, layer.buffer[BLOCK], (n * H,)))
        thin(x, m[k], x_k)
        set_product_tn(x_k, dz_k, view(work, product, (D, H)))
        put_block(view(work, product, (D * H,)), k, dW)
        thin(h_prev, r[k], h_k)
        set_product_tn(h_k, dz_k, view(work, product, (H, H)))
        put_block(view(work, product, (H * H,)), k, dU)
    if layer.use_bias:
        sum_rows(dz, view(grad, layer.tensor[BIAS], (4 * H,)))


@inner
def thinned_input_gradient(layer, batch, work):
    """dx = sum_k (dz_k W_k') * m_k.  dx (T*B, D) out."""
    B, T, D, H = batch.rows, batch.chain * layer.steps, layer.fan_in, layer.units
    dz, n = view(work, layer.buffer[DZ], (T * B, 4 * H)), T * B
    m = view(work, layer.buffer[X_MASK], (4, B, D))
    W = view(work, layer.buffer[W_BLOCKS], (4, D, H))
    dx, dx_k = view(work, layer.dx, (n, D)), view(work, layer.buffer[PRODUCT], (n, D))
    dz_k = view(work, layer.buffer[BLOCK], (n, H))
    zero_rows(dx)
    for k in range(4):
        take_block(dz, k, view(work, layer.buffer[BLOCK], (n * H,)))
        zero_rows(dx_k)
        add_product_nt(dz_k, W[k], dx_k)  # x_k W_k
        thin(dx_k, m[k], dx_k)  # x_k = x * m_k
        for b in range(n):
            add(dx_k[b], dx[b])
