"""Bugs in activations, products, Dense, dropout and losses."""

from tests.planted_bugs.planting import Bug

ACTIVATIONS = [
    Bug(
        "activate_backward",
        "the derivative of a gate wrong by 1 %",
        "da[j] *= a[j] * (c(1) - a[j])",
        "da[j] *= c(1.01) * a[j] * (c(1) - a[j])",
        caught="twin_stateless twin_dense twin_training differences_stateless",
        unseen="law_samples law_chunks law_batch_carried law_rows",
    ),
    Bug(
        "activate_backward",
        "the derivative of hard_sigmoid with the slope of Keras 2",
        "da[j] / c(6.0)",
        "da[j] * c(0.2)",
        caught="twin_activations twin_dense",
        unseen="twin_stateless differences_stateless",
    ),
    Bug(
        "_power_and_rest",
        "a digit of the float32 exponential function wrong",
        "c(1.6666665459e-1)",
        "c(1.6676665459e-1)",
        caught="twin_float32",
    ),
    Bug(
        "softmax",
        "softmax of large numbers overflows",
        "y_r[k] = z_r[k] - z_max",
        "y_r[k] = z_r[k]",
        caught="twin_losses",
        unseen="twin_dense twin_training",
    ),
    Bug(
        "softmax_backward",
        "the sum over the outputs missing in softmax's gradient",
        "y[k] * (dy[k] - total)",
        "y[k] * dy[k]",
        caught="twin_dense differences_losses",
        unseen="twin_training",
    ),
]

PRODUCTS = [
    Bug(
        "small._rows_with.add",
        "the columns left over by whole tiles of a M dropped",
        "range(whole, end, narrow)",
        "range(whole, whole, narrow)",
        caught="twin_sizes twin_stateless twin_dense differences_stateless",
    ),
    Bug(
        "add_piece",
        "the rows left over by high tiles of a M dropped",
        "range(tall, n)",
        "range(tall, tall)",
        caught="twin_sizes twin_stateless twin_dense differences_stateless",
    ),
    Bug(
        "set_sum_of_few",
        "of a sum of few rows only the first is added",
        "range(1, len(a))",
        "range(1, 1)",
        caught="twin_sizes",
    ),
    Bug(
        "set_product_nt",
        "dx adds to that of the pass before",
        "fill_columns(...)",
        "pass",
        caught="law_workspace law_samples",
        unseen="twin_stateless twin_stateful",
    ),
    Bug(
        "repeated.product_with",
        "a large product of a step left out",
        "call(batch.product, ...)",
        "pass",
        caught="twin_sizes",
        unseen="twin_stateless twin_training",
    ),
    Bug(
        "blocked_product",
        "each block of the inner index reads the first rows of M",
        "pack_panels(M, M_transposed, q, ...)",
        "pack_panels(M, M_transposed, 0, deep, begin, end, shift, across, panels)",
        caught="twin_products",
        unseen="twin_stateless twin_sizes",
    ),
    Bug(
        "put_panel_tile",
        "a row more than half a tile is left out",
        "height > ROWS // 2",
        "height > ROWS // 2 + 1",
        caught="twin_products",
        unseen="twin_stateless",
    ),
    Bug(
        "add_block",
        "each block of the inner index starts from the row once more",
        "from_row = ...",
        "from_row = row",
        caught="twin_products",
        unseen="twin_stateless twin_sizes",
    ),
    Bug(
        "blocked_product",
        "what is packed is packed at each step, from whatever M has become",
        "not ready",
        "True",
        caught="twin_products",
        unseen="twin_sizes",
    ),
]

DENSE = [
    Bug(
        "dense_forward",
        "Dense reads the first step only",
        "batch.rows * batch.chain * layer.steps",
        "batch.rows * batch.chain",
        caught="twin_dense twin_loop",
        unseen="twin_training",
    ),
]

DROPOUT = [
    Bug(
        "random.draw_mask",
        "the mask not scaled",
        "1.0 / (1.0 - rate)",
        "1.0",
        caught="twin_dropout",
        unseen="differences_dropout",
    ),
    Bug(
        "dropout_backward",
        "another mask backward",
        "dx[j] = ...",
        "dx[j] = dy[j] * mask[size - 1 - j]",
        caught="twin_dropout differences_dropout",
    ),
    Bug(
        "dropout_forward",
        "the same mask in every update",
        "stream_key(batch.seed, batch.step, layer.index)",
        "stream_key(batch.seed, 0, layer.index)",
        caught="law_dropout",
        unseen="twin_dropout differences_dropout",
    ),
]

LOSSES = [
    Bug(
        "losses.softmax_crossentropy",
        "the sum over the targets missing in the cross-entropy's gradient",
        "y_r[k] * t_sum - t_r[k]",
        "y_r[k] - t_r[k]",
        caught="twin_losses",
        unseen="differences_losses twin_training",
    ),
    Bug(
        "losses.softmax_crossentropy",
        "weights ignored in the cross-entropy's gradient",
        "dz_r[k] = ...",
        "dz_r[k] = y_r[k] * t_sum - t_r[k]",
        caught="twin_losses differences_losses twin_training",
    ),
    Bug(
        "training.losses.binary_crossentropy",
        "probabilities beyond the clip still have a gradient",
        "inside = ...",
        "inside = True",
        caught="twin_losses",
        unseen="differences_losses",
    ),
]
