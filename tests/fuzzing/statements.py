"""Draws sequences of statements: models, and what is called on them."""

from functools import partial

from .draw import GRAMMAR, Draw
from .layers import BOOLEAN, Layers

SIZES = ("2", "4", "1", "32", "3")
WEIGHTS = tuple(GRAMMAR["weights"])
METRICS = tuple(GRAMMAR["metrics"])
RATES = {
    "learning_rate": ("0.1", "1e-3"),
    "clipnorm": ("1.0",),
    "clipvalue": ("1.0",),
    "global_clipnorm": ("1.0",),
    "decay": ("0.1",),
}
OPTIMIZERS = ("'adam'", "'sgd'", "'rmsprop'", "{made}", "{made}", "o")
LOSSES = ("'mse'", "'mae'", "'categorical_crossentropy'", "'sparse_categorical_crossentropy'",
          "'binary_crossentropy'", "'mse'")  # fmt: skip
FIT = {
    "batch_size": SIZES,
    "epochs": ("1", "2", "0", "3"),
    "callbacks": ("[{callback}]", "[{callback}, {callback}]", "{callback}", "None"),
    "validation_split": ("0.5", "0.25", "0.0"),
    "validation_data": ("(data(4, 3, 2), shares(4, 3))", "(data(2, 3, 2), {odd})", "{pairs}"),
    "shuffle": BOOLEAN,
    "class_weight": ("{0: 1.0, 1: 2.0}", "{{odd}: 1}", "{0: {odd}}"),
    "sample_weight": WEIGHTS,
    "initial_epoch": ("0", "1", "5"),
    "steps_per_epoch": ("1", "2"),
    "validation_steps": ("1",),
    "reset_states": ("'epoch'", "None"),
}
PASS = {"batch_size": SIZES, "steps": ("None", "1"), "verbose": ("0",)}
CLOSED = "Sequential([LSTM(3, input_shape=(None, 2)), Dense(2, 'softmax')])"
TALE = "Sequential([Embedding(6, 3, input_shape=(None,)), LSTM(4), Dense(6, 'softmax')])"
WORDS = (
    "Sequential([Embedding(6, 3, mask_zero=True, input_shape=(3,)), LSTM(4), Dense(3, 'softmax')])"
)


class Statements:
    """Draws the statements of one sequence; the first makes a model that fits."""

    def __init__(self, seed):
        self.draw = Draw(seed)
        self.layers = Layers(self.draw)

    def sequence(self):
        """A list of statements."""
        draw, (model, self.steps) = self.draw, self.layers.fitting()
        model = draw.of(*[model] * 6, CLOSED, WORDS, WORDS, TALE)
        self.words = model in (WORDS, TALE)
        found = [f"m = {model}", "n = Sequential([LSTM(4), Dense(3)])", "o = Adam()"]
        if draw.chance(0.2):
            found.append(draw.of("share_all()", "share_all(together=True)"))
        if draw.chance(0.3):
            found.append(f"m = {self.layers.model()}")
        if draw.chance(0.9):
            found.append(self.compile())
        for _ in range(draw.random.randint(2, 8)):
            found.append(draw.of(self.fit, self.fit, self.fit, self.one_pass, *[self.other] * 6))
        return found

    def filled(self, text):
        """The text with all its places filled in."""
        drawn = {
            "x": self.x,
            "y": self.y,
            "counted": lambda: self.draw.argument("3", counted=True),
            "layer": self.layers.any,
            "model": self.layers.model,
            "made": self.optimizer,
            "time": lambda: self.draw.of("'on_train_begin'", "'on_epoch_begin'", "'on_train_end'"),
        }
        lines = {name: partial(self.draw.line, name) for name in GRAMMAR if name not in drawn}
        for _ in range(4):  # what is filled in may have places too
            for name, value in (lines | drawn).items():
                while f"{{{name}}}" in text:
                    text = text.replace(f"{{{name}}}", value(), 1)
        return text

    def x(self):
        usual = "classes(6, 4, 3)" if self.words else "data(4, 3, 2)"
        return usual if self.draw.chance(0.7) else self.draw.line("x")

    def y(self):
        usual = "shares(4, 3, 3)" if self.steps and not self.words else "shares(4, 3)"
        return usual if self.draw.chance(0.7) else self.draw.line("y")

    def optimizer(self):
        kind = self.draw.of("Adam", "SGD", "RMSprop")
        more = {"SGD": {"momentum": ("0.9",), "nesterov": BOOLEAN}, "Adam": {"beta_1": ("0.5",)}}
        return self.draw.call(kind, [], RATES | more.get(kind, {"centered": BOOLEAN}), 0.2)

    def compile(self):
        loss = (
            "'categorical_crossentropy'" if self.draw.chance(0.3) else self.draw.argument(*LOSSES)
        )
        optimizer = self.draw.argument(*OPTIMIZERS)
        metrics = f", metrics={self.draw.argument(*METRICS)}" if self.draw.chance(0.4) else ""
        return self.filled(f"m.compile({optimizer}, {loss}{metrics})")

    def fit(self):
        options = self.draw.some(FIT, 0.15)
        first = f"{self.x()}, {self.y()}" if self.draw.chance(0.85) else "{pairs}"
        verbose = self.draw.of("0", "0", "0", "1", "2", "'auto'", "{odd}")
        return self.filled(f"h = m.fit({', '.join([first, *options, f'verbose={verbose}'])})")

    def one_pass(self):
        options = self.draw.some(PASS, 0.3)
        if self.draw.chance(0.5):
            return self.filled(f"m.predict({', '.join([self.x(), *options])})")
        options += self.draw.some({"sample_weight": WEIGHTS, "return_dict": BOOLEAN}, 0.3)
        return self.filled(f"m.evaluate({', '.join([self.x(), self.y(), *options])})")

    def other(self):
        return self.filled(self.draw.line("call"))
