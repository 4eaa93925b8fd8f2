"""Bugs in activations, products, Dense, dropout and losses."""

from functools import partial

from tests.planted_bugs.planting import Bug

activation = partial(Bug, "kernels/activations.py")
product = partial(Bug, "kernels/products/matrix.py")
blocks = partial(Bug, "kernels/products/blocked.py")
dense = partial(Bug, "kernels/layers/dense.py")
dropout = partial(Bug, "kernels/layers/dropout.py")
loss = partial(Bug, "kernels/training/losses.py")

ACTIVATIONS = [
    activation(
        "the derivative of a gate wrong by 1 %",
        "da[j] *= a[j] * (c(1) - a[j])",
        "da[j] *= c(1.01) * a[j] * (c(1) - a[j])",
        caught="twin_stateless twin_dense twin_training differences_stateless",
        unseen="law_samples law_chunks law_batch_carried law_rows",
    ),
    activation(
        "the derivative of hard_sigmoid with the slope of Keras 2",
        "da[j] / c(6.0)",
        "da[j] * c(0.2)",
        caught="twin_activations twin_dense",
        unseen="twin_stateless differences_stateless",
    ),
    activation(
        "a digit of the float32 exponential function wrong",
        "c(1.6666665459e-1)",
        "c(1.6676665459e-1)",
        caught="twin_float32",
    ),
    activation(
        "softmax of large numbers overflows",
        "y_r[k] = z_r[k] - z_max",
        "y_r[k] = z_r[k]",
        caught="twin_losses",
        unseen="twin_dense twin_training",
    ),
    activation(
        "the sum over the outputs missing in softmax's gradient",
        "y[k] * (dy[k] - along)",
        "y[k] * dy[k]",
        caught="twin_dense differences_losses",
        unseen="twin_training",
    ),
]

PRODUCTS = [
    product(
        "the columns left over by whole tiles of a M dropped",
        "for j in range(whole, m, narrow):",
        "for j in range(whole, whole, narrow):",
        caught="twin_sizes twin_stateless twin_dense differences_stateless",
    ),
    product(
        "the rows left over by high tiles of a M dropped",
        "for r in range(tall, n):",
        "for r in range(tall, tall):",
        caught="twin_sizes twin_stateless twin_dense differences_stateless",
    ),
    product(
        "of a sum of few rows only the first is added",
        "for r in range(1, len(a)):",
        "for r in range(1, 1):",
        caught="twin_sizes",
    ),
    product(
        "dx adds to that of the pass before",
        "zero_rows(out)\n        add_small_product_nt(a, M, out)",
        "add_small_product_nt(a, M, out)",
        caught="law_workspace law_samples",
        unseen="twin_stateless twin_stateful",
    ),
    product(
        "a large product of a step left out",
        "call(batch.product, (*factors, row, out, begin, end, scratch, packed, ready))",
        "pass",
        caught="twin_sizes",
        unseen="twin_stateless twin_training",
    ),
    blocks(
        "each block of the inner index reads the first rows of M",
        "pack_panels(M, M_transposed, q, deep,",
        "pack_panels(M, M_transposed, 0, deep,",
        caught="twin_products",
        unseen="twin_stateless twin_sizes",
    ),
    blocks(
        "a row more than half a tile is left out",
        "if height > ROWS // 2:",
        "if height > ROWS // 2 + 1:",
        caught="twin_products",
        unseen="twin_stateless",
    ),
    blocks(
        "each block of the inner index starts from the row once more",
        "from_row = row if q == 0 else row[:0]",
        "from_row = row",
        caught="twin_products",
        unseen="twin_stateless twin_sizes",
    ),
    blocks(
        "what is packed is packed at each step, from whatever M has become",
        "if not ready:",
        "if True:",
        caught="twin_products",
        unseen="twin_sizes",
    ),
]

DENSE = [
    dense(
        "Dense reads the first step only",
        "begin, end = own_part(batch, batch.rows * batch.chain * layer.steps)",
        "begin, end = own_part(batch, batch.rows * batch.chain)",
        caught="twin_dense twin_loop",
        unseen="twin_training",
    ),
]

DROPOUT = [
    dropout(
        "the mask not scaled",
        "mask.dtype.type(1.0 / (1.0 - rate))",
        "mask.dtype.type(1.0)",
        caught="twin_dropout",
        unseen="differences_dropout",
    ),
    dropout(
        "another mask backward",
        "dx[j] = dy[j] * mask[j]",
        "dx[j] = dy[j] * mask[size - 1 - j]",
        caught="twin_dropout differences_dropout",
    ),
    dropout(
        "the same mask in every update",
        "stream_key(batch.seed, batch.step, layer.index)",
        "stream_key(batch.seed, 0, layer.index)",
        caught="law_dropout",
        unseen="twin_dropout differences_dropout",
    ),
]

LOSSES = [
    loss(
        "the sum over the targets missing in the cross-entropy's gradient",
        "y_r[k] * t_sum - t_r[k]",
        "y_r[k] - t_r[k]",
        caught="twin_losses",
        unseen="differences_losses twin_training",
    ),
    loss(
        "weights ignored in the cross-entropy's gradient",
        "dz_r[k] = w * (",
        "dz_r[k] = (",
        caught="twin_losses differences_losses twin_training",
    ),
    loss(
        "probabilities beyond the clip still have a gradient",
        "inside = low <= z[r, k] <= high",
        "inside = True",
        caught="twin_losses",
        unseen="differences_losses",
    ),
]
