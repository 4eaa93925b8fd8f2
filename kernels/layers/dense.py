"""The Dense layer without its activation: one product on the last axis of 2-D or 3-D input.

y = x W + b            x (n, D), y (n, K), n: rows of the batch, or rows times steps
"""

from ..compiling import kernel, view
from ..products import add_product, set_product_nt, set_product_tn, sum_rows
from ..threads import own_part
from ..vectors import fill_rows, zero_rows

KERNEL, BIAS = range(2)  # W (D, K), b (K)


@kernel
def dense_forward(layer, batch, flags, theta, work):
    """y = x W + b.  x (n, D) in;  y (n, K) out."""
    D, K = layer.fan_in, layer.units
    begin, end = own_part(batch, batch.rows * batch.chain * layer.steps)
    n = end - begin  # rows, all of them or those of this thread
    W = view(theta, layer.tensor[KERNEL], (D, K))
    x = view(work, layer.x + begin * D, (n, D))
    y = view(work, layer.y + begin * K, (n, K))
    if layer.use_bias:
        fill_rows(view(theta, layer.tensor[BIAS], (K,)), y)  # y = b
    else:
        zero_rows(y)
    add_product(x, W, y, batch, work)  # y += x W


@kernel
def dense_backward(layer, batch, flags, theta, grad, work):
    """dW = x' dy, db = sum dy, dx = dy W'.  dy (n, K) in;  dx (n, D), dW, db out, overwritten."""
    n, D, K = batch.rows * batch.chain * layer.steps, layer.fan_in, layer.units
    W = view(theta, layer.tensor[KERNEL], (D, K))
    x = view(work, layer.x, (n, D))
    dy = view(work, layer.dy, (n, K))
    set_product_tn(x, dy, view(grad, layer.tensor[KERNEL], (D, K)), batch, work)
    if layer.use_bias:
        sum_rows(dy, view(grad, layer.tensor[BIAS], (K,)), batch)
    if layer.need_dx:
        set_product_nt(dy, W, view(work, layer.dx, (n, D)), batch, work)  # dx = dy W'
