"""A small model with random numbers everywhere, and what is checked of it.

All sizes differ, weights and biases are random and independent for each gate, and states are not
zero: equal sizes and zeros hide the usual mistakes.
"""

from typing import NamedTuple

from ...model import Sequential

SAMPLES, STEPS, FEATURES = 3, 4, 2


class Case(NamedTuple):
    """Arguments of `gradient_check`."""

    model: Sequential
    x: object
    y: object
    options: dict

    def check(self, how):
        """The report of a check that takes them."""
        return how(self.model, self.x, self.y, **self.options)


def case(layers, loss, outputs, rng, steps=0, state=False, x=None, **options):
    """A model of these layers with random parameters, data and, if wanted, state.

    steps: of a sample of y, or 0; x: random numbers where none are given.
    """
    model = Sequential(layers, dtype="float64")
    model.build((None, STEPS, FEATURES) if x is None else (None, *x.shape[1:]))
    model.compile(optimizer="sgd", loss=loss)
    model.set_weights([rng.normal(scale=0.7, size=w.shape) for w in model.weights])
    if state:
        model.set_states(
            {
                layer.name: [rng.normal(size=(SAMPLES, layer.units)) for _ in layer.state_names]
                for layer in model.state.carried_layers()
            }
        )
    if x is None:
        x = rng.normal(size=(SAMPLES, STEPS, FEATURES))
    y = rng.uniform(0.1, 0.9, (SAMPLES, steps, outputs) if steps else (SAMPLES, outputs))
    if loss == "categorical_crossentropy":
        y /= y.sum(axis=-1, keepdims=True)
    if loss == "sparse_categorical_crossentropy":
        y = y.argmax(axis=-1)
    return Case(model, x, y, options)
