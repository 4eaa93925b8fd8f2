"""Draws layers and models as text."""

from .draw import GRAMMAR

INITIALIZERS = tuple(GRAMMAR["initializer"])
REGULARIZERS = ("None", "'l2'", "'l1'", "regularizers.L1L2(0.1)", "regularizers.l2({odd})")
CONSTRAINTS = ("None", "'max_norm'", "'non_neg'", "constraints.UnitNorm(axis={odd})")
ACTIVATIONS = ("'tanh'", "'sigmoid'", "'relu'", "'softmax'", "'hard_sigmoid'", "'linear'", "None")
GATES = tuple(one for one in ACTIVATIONS if one != "'softmax'")
ACTIVATIONS = (*ACTIVATIONS, "'elu'", "'gelu'")
BOOLEAN = ("True", "False")
COMMON = {
    "name": ("'a'", "'b'", "'lstm'"),
    "trainable": BOOLEAN,
    "dtype": ("'float32'", "'float64'", "np.float32", "None"),
}
SHAPES = ("(3, 2)", "(None, 2)", "(2,)", "(3,)", "[3, 2]")
DENSE = {
    "activation": ACTIVATIONS,
    "use_bias": BOOLEAN,
    "kernel_initializer": INITIALIZERS,
    "bias_initializer": INITIALIZERS,
    "kernel_regularizer": REGULARIZERS,
    "bias_regularizer": REGULARIZERS,
    "kernel_constraint": CONSTRAINTS,
    "bias_constraint": CONSTRAINTS,
}
RECURRENT = {
    "return_sequences": BOOLEAN,
    "return_state": BOOLEAN,
    "go_backwards": BOOLEAN,
    "zero_output_for_mask": BOOLEAN,
    "stateful": BOOLEAN,
    "state_mode": ("'stateless'", "'stateful'", "'batch_carried'", "None"),
}
LSTM = DENSE | RECURRENT | {
    "activation": GATES,
    "recurrent_activation": GATES,
    "recurrent_initializer": INITIALIZERS,
    "recurrent_regularizer": REGULARIZERS,
    "unit_forget_bias": BOOLEAN,
    "dropout": ("0.5",),
    "recurrent_dropout": ("0.5",),
}  # fmt: skip
GRU = {name: values for name, values in LSTM.items() if name != "unit_forget_bias"}
SIMPLE_RNN = {name: values for name, values in GRU.items() if name != "recurrent_activation"}
RECURRENTS = (
    *(("LSTM", LSTM),) * 3,
    ("GRU", GRU | {"reset_after": BOOLEAN}),
    ("SimpleRNN", SIMPLE_RNN),
)
OWN = {
    "tensors": ("{'a': ((2, 3), 'ones')}", "{'a': ((0, 3), 'ones')}", "{'a': (3, 'ones')}",
                "{str(n): ((2,), 'ones') for n in range(9)}", "{'a': ((2,), lambda s, r: 1)}"),
    "buffers": ("{'a': (2, 3)}", "{'a': (-400, 3)}", "{'a': (2,), 'b': 'a'}", "{'a': 'b'}",
                "{str(n): (2,) for n in range(30)}"),
    "output": ("(2,)", "(3, 2)", "(7, 2)", "(0, 2)", "(None, 2)", "[4]"),
    "settings": ("{'option': (1, 2, 3, 4)}", "{'option': 5}", "{'x': 10**6}", "{'rate': 'a'}"),
}  # fmt: skip
UNITS = ("1", "2", "3", "5", "8")


class Layers:
    """Draws layers and models.

    Parameters
    ----------
    draw : Draw
    """

    def __init__(self, draw):
        self.draw = draw

    def filled(self, text):
        """The text with odd values in the places for them."""
        while "{odd}" in text:
            text = text.replace("{odd}", self.draw.argument("0.1", "1"), 1)
        return text

    def made(self, name, required, options, more=()):
        return self.filled(
            self.draw.call(name, required, {**options, **COMMON, **dict(more)}, 0.15)
        )

    def dense(self, **more):
        return self.made("Dense", [UNITS], DENSE, more)

    def lstm(self, **more):
        return self.made("LSTM", [UNITS], LSTM, more)

    def recurrent(self, **more):
        """Of any kind, most often an LSTM."""
        name, options = self.draw.random.choice(RECURRENTS)
        return self.made(name, [UNITS], options, more)

    def any(self):
        """A layer of any kind."""
        of, made = self.draw.of, self.made
        return of(
            self.dense,
            self.recurrent,
            self.recurrent,
            lambda: made("Activation", [ACTIVATIONS], {}),
            lambda: made("Dropout", [("0.5", "0")], {}),
            lambda: made("Masking", [], {"mask_value": ("0.0", "1", "-1.0")}),
            lambda: made("RepeatVector", [("2", "3")], {}),
            lambda: made("Flatten", [], {}),
            lambda: made("Reshape", [("(-1,)", "(2, -1)", "(6,)", "(3, 2)", "[2, 3]")], {}),
            lambda: made("TimeDistributed", [(self.dense, self.lstm)], {}),
            lambda: made("Bidirectional", [(self.recurrent,)], {"merge_mode": MERGES}),
            lambda: made("Own", [], OWN),
        )

    def model(self):
        """A model of any kind; it may not fit together."""
        layers = [self.any() for _ in range(self.draw.random.randint(0, 3))]
        first = self.draw.of(
            lambda: f"Input({self.draw.argument(*SHAPES)})",
            lambda: f"Input(batch_shape={self.draw.argument('(2, 3, 2)', '(None, 3, 2)')})",
            lambda: self.lstm(input_shape=SHAPES),
            lambda: self.lstm(batch_input_shape=("(2, 3, 2)", "(2, None, 2)")),
            lambda: self.made(
                "Embedding", [("6",), ("2", "3")], EMBEDDING, {"input_shape": ("(3,)",)}
            ),
            self.any,
        )
        options = self.draw.some({"name": ("'n'",), "dtype": COMMON["dtype"]}, 0.15)
        listed = f"[{', '.join([first, *layers])}]"
        return f"Sequential({', '.join([listed, *options])})"

    def fitting(self):
        """A model that fits the usual data, and whether its targets have steps."""
        of, chance = self.draw.of, self.draw.chance
        sequences = chance(0.3)
        state = of("", "", ", stateful=True", ", state_mode='batch_carried'")
        size = of("input_shape=(3, 2)", "batch_input_shape=(2, 3, 2)")
        shape = f", {size}" if chance(0.7) else ""
        more = ", return_sequences=True" if sequences else ""
        last = of("'softmax'", "'sigmoid'", "None")
        start = f", {of(*STARTS)}={self.filled(of(*INITIALIZERS))}" if chance(0.3) else ""
        mask = "Masking(), " if chance(0.2) and not shape else ""
        lstm = f"LSTM({of('4', '4', '16')}{more}{state}{shape})"
        return f"Sequential([{mask}{lstm}, Dense(3, {last}{start})])", sequences


STARTS = ("kernel_initializer", "kernel_initializer", "bias_initializer")
MERGES = ("'concat'", "'sum'", "'mul'", "'ave'")
EMBEDDING = {
    "embeddings_initializer": INITIALIZERS,
    "embeddings_regularizer": REGULARIZERS,
    "mask_zero": BOOLEAN,
}
