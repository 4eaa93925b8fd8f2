"""A whole model by these equations: its outputs, its loss, and the gradient of every tensor.

Each layer is a function of what comes in; it returns what goes out, the mask that goes on (True:
the step is held), and a function that goes back: from the gradient of what went out to that of what
came in, with the gradients of the layer's tensors and of the state it started from, by name.
"""

import numpy as np

from . import activations, gru, gru_reset_before, layers, losses, lstm, recurrent, simple_rnn


def run(parts, x, hold, states, kept):
    """Run layers forward; returns the output, its mask and a function that goes back.

    parts: list of (layer, its tensors by name);  x (B,T,D) or (B,D);  hold (B,T) booleans or None;
    states: {name of a recurrent layer: its arrays, or None: it starts from zeros, a constant};
    kept: {name of a Dropout: 1 = keep, 0 = drop; of a recurrent layer with dropout inside: what x
    (G,B,D) and h_prev (G,B,H) are multiplied with for each gate, at every step}.
    The function that goes back takes dy and returns dx, a list of {tensor: gradient}, one for each
    layer, and {name of a recurrent layer: gradients of the arrays that it started from}.
    """
    backs = []
    for layer, tensors in parts:
        x, hold, back = RULES[type(layer).__name__](layer, tensors, x, hold, states, kept)
        backs.append(back)

    def go_back(dy):
        gradients, dstates = [], {}
        for back in reversed(backs):
            dy, of_tensors, of_states = back(dy)
            gradients.insert(0, of_tensors)
            dstates |= of_states
        return dy, gradients, dstates

    return x, hold, go_back


def run_recurrent(layer, tensors, x, hold, states, kept, prefix=""):
    """A recurrent layer of any mode; in ``batch_carried`` the samples of a batch are one, end to
    end.

    With dropout inside, each row has weights of its own: those of what it leaves out are zero.
    """
    forward, backward, functions = TWINS[layer.cell.name]
    W, U = tensors[f"{prefix}kernel"], tensors[f"{prefix}recurrent_kernel"]
    B, T, _ = x.shape
    G, H = W.shape[1] // len(U), len(U)
    b = tensors.get(f"{prefix}bias", np.zeros((2, G * H) if layer.cell.apart else G * H))
    chained = layer.state_mode == "batch_carried"
    lay = recurrent.as_one_sample if chained else (lambda a: a)
    rows, hold_rows = lay(x), np.zeros(lay(x).shape[:2], bool) if hold is None else lay(hold)
    options = {"go_backwards": layer.go_backwards}
    options |= {function: getattr(layer, function) for function in functions}
    zeros = [np.zeros((len(rows), H)) for _ in layer.state_names]
    state = states[layer.name]
    pieces = pieces_of(kept.get(layer.name), len(rows), H)
    made = [
        forward(rows[at], W * m, U * r, b, *taken(state or zeros, at), hold_rows[at], **options)
        for at, m, r in pieces
    ]
    y = np.concatenate([one["y"] for one in made]).reshape(B, T, -1)

    def back(dy):
        d_steps = dy
        if not layer.return_sequences:
            d_steps = np.zeros_like(y)
            d_steps[:, -1] = dy
        d_rows, found = lay(d_steps), []
        for (at, m, r), one in zip(pieces, made, strict=True):
            given = one, d_rows[at], *taken(zeros, at)
            piece = backward(rows[at], W * m, U * r, *given, hold_rows[at], **options)
            found.append(piece | {"dW": piece["dW"] * m, "dU": piece["dU"] * r})
        named = {"kernel": "dW", "recurrent_kernel": "dU", "bias": "db"}
        of_tensors = {
            prefix + name: sum(piece[d] for piece in found)
            for name, d in named.items()
            if prefix + name in tensors
        }
        starts = [
            np.concatenate([piece[f"d{name}0"] for piece in found]) for name in layer.state_names
        ]
        dx = np.concatenate([piece["dx"] for piece in found]).reshape(x.shape)
        return dx, of_tensors, {layer.name: starts if state else zeros}

    return (y, hold, back) if layer.return_sequences else (y[:, -1], None, back)


def taken(arrays, at):
    """Some rows of each array."""
    return [array[at] for array in arrays]


def pieces_of(masks, rows, H):
    """Rows that share their weights: (which, what W is multiplied with, and U).

    masks: of x (G,B,D) and of h_prev (G,B,H), by dropout inside, or None. x * mask_x_k times W_k is
    x times W_k, whose rows are multiplied with the mask.
    """
    if masks is None:
        return [(slice(None), 1.0, 1.0)]
    return [
        (slice(row, row + 1), *(np.repeat(mask[:, row].T, H, axis=1) for mask in masks))
        for row in range(rows)
    ]


def run_both(layer, tensors, x, hold, states, kept):
    """A Bidirectional: two layers, the outputs of the one that goes back last step first."""
    each = layer.return_sequences
    ends = (layer.forward_layer, "forward_"), (layer.backward_layer, "backward_")
    (a, after, back_a), (b, _, back_b) = (
        run_recurrent(part, tensors, x, hold, states, kept, prefix) for part, prefix in ends
    )
    b = layers.last_step_first(b) if each else b
    y = layers.merge_forward(a, b, layer.merge_mode)
    silent = np.zeros(y.shape[:2], bool) if after is None or not each else after
    if each:
        y = np.where(silent[..., None], 0.0, y)  # zeros at a held step

    def back(dy):
        dy = np.where(silent[..., None], 0.0, dy) if each else dy
        da, db = layers.merge_backward(a, b, dy, layer.merge_mode)
        dx_a, of_a, states_a = back_a(da)
        dx_b, of_b, states_b = back_b(layers.last_step_first(db) if each else db)
        return dx_a + dx_b, of_a | of_b, states_a | states_b

    return y, after, back


def run_dense(layer, tensors, x, hold, states, kept):
    """y = x W + b; its activation follows as a layer of its own."""
    W = tensors["kernel"]
    y = layers.dense_forward(x, W, tensors.get("bias", np.zeros(W.shape[1])))

    def back(dy):
        dx, dW, db = layers.dense_backward(x, W, y, dy)
        return dx, {"kernel": dW, "bias": db} if "bias" in tensors else {"kernel": dW}, {}

    return y, hold, back


def run_activation(layer, tensors, x, hold, states, kept):
    """y = activation(x)."""
    rows = x.reshape(-1, x.shape[-1])
    if layer.activation in activations.OF_INPUT:
        function, derivative = activations.OF_INPUT[layer.activation]
        return function(x), hold, lambda dy: (dy * derivative(x), {}, {})
    y = activations.ACTIVATION[layer.activation](rows)

    def back(dy):
        dy = dy.reshape(rows.shape)
        if layer.activation == "softmax":
            return activations.softmax_backward(y, dy).reshape(x.shape), {}, {}
        return (dy * activations.DERIVATIVE[layer.activation](y)).reshape(x.shape), {}, {}

    return y.reshape(x.shape), hold, back


def run_leaky_relu(layer, tensors, x, hold, states, kept):
    """y = x where it is positive, else slope x."""
    slope = layer.negative_slope
    y = activations.leaky_relu(x, slope)
    return y, hold, lambda dy: (activations.leaky_relu_backward(x, dy, slope), {}, {})


def run_normalization(layer, tensors, x, hold, states, kept):
    """The features of each step with mean 0 and variance 1, a gain and a shift."""
    rows, K = x.reshape(-1, x.shape[-1]), x.shape[-1]
    gamma, beta = tensors.get("gamma", np.ones(K)), tensors.get("beta", np.zeros(K))
    y, n, scale = layers.layer_normalization_forward(rows, gamma, beta, layer.epsilon)

    def back(dy):
        given = layers.layer_normalization_backward(n, scale, gamma, dy.reshape(rows.shape))
        dx, *found = given
        named = dict(zip(("gamma", "beta"), found, strict=True))
        return dx.reshape(x.shape), {name: named[name] for name in tensors}, {}

    return y.reshape(x.shape), hold, back


def run_blank(layer, tensors, x, hold, states, kept):
    """Zeros at held steps, which are in the order of time; those of x are not if it went back."""
    if hold is None:
        return x, hold, lambda dy: (dy, {}, {})
    silent = (hold[:, ::-1] if layer.go_backwards else hold)[..., None]
    return np.where(silent, 0.0, x), hold, lambda dy: (np.where(silent, 0.0, dy), {}, {})


def run_dropout(layer, tensors, x, hold, states, kept):
    """y = x mask / (1 - rate), the mask as it was drawn."""
    mask = kept.get(layer.name)
    if mask is None:
        return x, hold, lambda dy: (dy, {}, {})
    y = layers.dropout_forward(x, mask, layer.rate)
    return y, hold, lambda dy: (layers.dropout_backward(dy, mask, layer.rate), {}, {})


def run_masking(layer, tensors, x, hold, states, kept):
    """y = x, zeros where every feature of a step is the mask value: such a step is held."""
    y, silent = layers.masking_forward(x, layer.mask_value)
    held = silent if hold is None else hold | silent
    return y, held, lambda dy: (layers.masking_backward(dy, silent), {}, {})


def run_embedding(layer, tensors, x, hold, states, kept):
    """y = the row of E for each number; with mask_zero the step of a zero is held."""
    E, numbers = tensors["embeddings"], x[..., 0] if x.ndim == 3 else x
    held = numbers == 0 if layer.mask_zero else hold

    def back(dy):
        return None, {"embeddings": layers.embedding_backward(numbers, E, dy)}, {}

    return layers.embedding_forward(numbers, E), held, back


def run_repeat(layer, tensors, x, hold, states, kept):
    """y = x at each of n steps."""
    return layers.repeat_forward(x, layer.n), None, lambda dy: (layers.repeat_backward(dy), {}, {})


def run_reshape(layer, tensors, x, hold, states, kept):
    """The numbers of each sample in another shape."""
    y = layers.reshape(x, layer.output_shape(x.shape[1:]))
    return y, None, lambda dy: (layers.reshape(dy, x.shape[1:]), {}, {})


GATED = "activation", "recurrent_activation"
TWINS = {  # by the name of a layer's cell: forward, backward, what names their functions
    "lstm": (lstm.lstm_forward, lstm.lstm_backward, GATED),
    "gru": (gru.gru_forward, gru.gru_backward, GATED),
    "gru_reset_before": (
        gru_reset_before.gru_reset_before_forward,
        gru_reset_before.gru_reset_before_backward,
        GATED,
    ),
    "simple_rnn": (
        simple_rnn.simple_rnn_forward,
        simple_rnn.simple_rnn_backward,
        ("activation",),
    ),
}
RULES = {
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), run_recurrent),
    "Bidirectional": run_both,
    "Dense": run_dense,
    "Activation": run_activation,
    "Blank": run_blank,
    "LayerNormalization": run_normalization,
    "LeakyReLU": run_leaky_relu,
    "SpatialDropout1D": run_dropout,
    "Dropout": run_dropout,
    "Masking": run_masking,
    "Embedding": run_embedding,
    "RepeatVector": run_repeat,
    "Reshape": run_reshape,
    "Flatten": run_reshape,
}
FROM_OUTPUTS = {
    "mean_squared_error": losses.mean_squared_error,
    "mean_absolute_error": losses.mean_absolute_error,
    "mean_absolute_percentage_error": losses.mean_absolute_percentage_error,
    "huber": losses.huber,
    "hinge": losses.hinge,
    "kl_divergence": losses.kl_divergence,
    "binary_crossentropy": losses.binary_crossentropy,
    "categorical_crossentropy": losses.categorical_crossentropy,
    "sparse_categorical_crossentropy": losses.sparse_crossentropy,
}
FROM_LOGITS = {  # of an output layer whose activation the loss takes over
    "binary_crossentropy": losses.binary_crossentropy_from_logits,
    "categorical_crossentropy": losses.categorical_crossentropy_from_logits,
    "sparse_categorical_crossentropy": losses.sparse_crossentropy_from_logits,
}


def loss_of(name, logits, target, y, weights, hold, option=()):
    """The loss of a batch and dy.  target, y (B,K) or (B,T,K); classes by number one axis less.

    weights (B,T) or (B,1);  logits: y is what the activation of the output layer would take;
    option: parameters of the loss.
    """
    hold = np.zeros(weights.shape, bool) if hold is None or y.ndim == 2 else hold
    w = losses.weights_in_the_loss(weights, hold).ravel()
    rows = y.reshape(-1, y.shape[-1])
    sparse = name.startswith("sparse")
    target = target.reshape(-1).astype(int) if sparse else target.reshape(rows.shape)
    loss, *_, dy = (FROM_LOGITS if logits else FROM_OUTPUTS)[name](target, rows, w, *option)
    return loss, dy.reshape(y.shape)
