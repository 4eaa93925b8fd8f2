"""A layer that is tried, and one pass of it: the small models, the data, and all that comes out."""

import numpy as np

from ...data import gate
from ...engine.study import Pass
from ...layers import Dense, Layer, Recurrent
from ...layers.layer import whole
from ...layers.state import is_carried
from ...model import Sequential
from ...surface.errors import mismatch

SAMPLES, STEPS, FEATURES = 3, 4, 2  # all different, as the numbers are
OTHER_FEATURES = 5  # so that a size which is written down, and not asked for, does not fit
SEED = 7
SHAKEN = 0.3  # deviation of what is added to each parameter's first value
SMALL = 3000  # parameters; of more, slopes are asked in random directions


class Subject:
    """A layer that is tried.

    Parameters
    ----------
    layer : Layer
        It stays as it is: copies are tried.
    input_shape : tuple, optional
        Of a sample; by default what the layer names or was built for, or the first of (4, 2), (2,)
        that it takes.

    Attributes
    ----------
    shapes : list of tuple
        Of samples that it is tried with: the first in all checks, and in those of its sizes one of
        other features, if nobody has named any and it takes them.
    """

    def __init__(self, layer, input_shape=None):
        if not isinstance(layer, Layer):
            raise mismatch("This is no layer.", "a layer: MyLayer(...)", repr(layer), TypeError)
        self.layer = layer
        named = self._named(input_shape)
        self.shapes = self._tried() if named is None else [named]
        self.shape = self.shapes[0]
        built = self.model()
        self.parts = built.layers[0].parts()
        self.recurrent = bool(built.state.layers)
        self.backwards = any(getattr(part, "go_backwards", False) for part in self.parts)
        self.streams = built.layers[0].streams
        self.rows_apart = built.network.rows_apart
        self.quick = built.count_params() > SMALL
        self.modes = ("stateless", "stateful") if self.recurrent else ()
        if self.recurrent and not self.backwards:
            self.modes += ("batch_carried",)

    @property
    def name(self):
        """What is checked, as the report calls it."""
        return type(self.layer).__name__

    @property
    def tried(self):
        """The shapes of samples that it is tried with, in words."""
        first, *others = self.shapes
        also = "".join(f"; bounds and shapes with {shape}, too" for shape in others)
        return f"with samples of shape {first}{also}"

    def _named(self, input_shape):
        """Shape of one sample, if somebody has named it."""
        layer, shape = self.layer, input_shape
        if shape is None and layer.batch_input_shape is not None:
            shape = layer.batch_input_shape[1:]
        elif shape is None and layer.built:
            shape = layer.sample_shape[: 1 if layer.reads_numbers else None]
        if shape is None:
            return (STEPS,) if layer.reads_numbers else None
        return tuple(STEPS if length is None else length for length in shape)

    def _tried(self):
        """Shapes of samples that the layer takes: with steps, if it does, or without."""
        refusals = []
        for steps in ((STEPS,), ()):
            try:
                self.model(shape=(*steps, FEATURES))
            except ValueError as refusal:
                refusals.append(refusal)
                continue
            return [(*steps, FEATURES), *self._taken((*steps, OTHER_FEATURES))]
        raise refusals[0]

    def _taken(self, shape):
        """[shape], or [] if the layer takes no samples of it."""
        try:
            self.model(shape=shape)
        except ValueError:
            return []
        return [shape]

    def copy(self, dtype, **settings):
        """A copy of the layer, whose recurrent parts have these settings instead."""
        layer = self.layer.copy(dtype)
        layer._settle(batch_input_shape=None)
        for one in whole(layer):
            if isinstance(one, Recurrent):
                one._settle(batch_input_shape=None, **settings)
        return layer

    def model(self, dtype="float64", shape=None, before=(), behind=(), **settings):
        """A model of a copy, built, with random numbers in all parameters.

        The same numbers for the same layers, whatever the dtype.
        before, behind : layers around it.
        settings : of its recurrent parts: mode, return_sequences, go_backwards.
        """
        settings = settings_of(**settings)
        layers = [*before, self.copy(dtype, **settings), *behind]
        model = Sequential(dtype=dtype)
        model.seed = SEED
        for layer in layers:
            model.add(layer)
        model.build((None, *(self.shape if shape is None else shape)))
        rng = np.random.default_rng(SEED)
        model.set_weights(
            [w + SHAKEN * rng.normal(size=w.shape) for w in first_values(model, layers)]
        )
        return model

    def x(self, rows=SAMPLES, shape=None):
        """Random samples."""
        shape, rng = self.shape if shape is None else shape, np.random.default_rng(SEED + 1)
        if self.layer.reads_numbers:
            return rng.integers(0, self.layer.input_dim, (rows, *shape)).astype(np.float64)
        return rng.normal(size=(rows, *shape))

    def has_steps(self):
        """Whether samples have an axis of steps."""
        return len(self.shape) == 2 or self.layer.reads_numbers

    def longer(self, steps):
        """The shape of samples of so many steps."""
        return (steps, *self.shape[1:])


def settings_of(mode="stateless", return_sequences=None, go_backwards=None):
    """The attributes of a recurrent layer that these settings set."""
    found = {"state_mode": mode, "stateful": is_carried(mode)}
    if return_sequences is not None:
        found |= {"return_sequences": return_sequences, "keeps_mask": return_sequences}
    if go_backwards is not None:
        found["go_backwards"] = go_backwards
    return found


def first_values(model, layers):
    """The first values of all parameters, the same in both dtypes."""
    return [array.astype(np.float64) for layer in layers for array in layer.get_weights()]


def random_states(model, rows, seed):
    """Random numbers for each state: {name of a layer: [h, c]}."""
    rng = np.random.default_rng(seed)
    return {
        layer.name: [0.5 * rng.normal(size=(rows, layer.units)) for _ in layer.state_names]
        for layer in model.state.layers
    }


def start(model, x, states=None, mask=None, training=False):
    """A forward pass of a batch, which has been."""
    return Pass(
        model, model.network.chain, gate.input_samples(x, model), states, mask, training, False
    )


def go_back(made, dy=None, dstates=None):
    """The backward pass, from random numbers where none are given."""
    y = made.y()
    dy = np.random.default_rng(SEED + 2).normal(size=y.shape) if dy is None else dy
    made.set_dy(dy)
    made.set_dstates(dstates)
    made.backward()


def results(made):
    """{what it is: array}: copies of what a pass has made, forward and, where it went, back."""
    model, found = made.model, {"y": made.y()}
    found |= of_states(model, made.final_states(), "the last {}")
    if made.went_back:
        for layer in model.layers:
            for name, array in model.views(layer, model.grad).items():
                found[f"the gradient of {name}"] = array.copy()
        if not made.layers[0].reads_numbers:
            found["dx"] = made.dx()
        found |= of_states(model, made.states("dstate_in"), "the gradient of the first {}")
    return found


def of_states(model, states, words):
    """{what it is: array} of states, or gradients of them."""
    several = len(model.state.layers) > 1
    return {
        words.format(f"{name} of {layer.name}" if several else name): array
        for layer in model.state.layers
        for name, array in zip(layer.state_names, states[layer.name], strict=True)
    }


def both_ways(model, x, states=None, mask=None, training=False, dy=None, dstates=None):
    """What a pass makes, forward and back."""
    made = start(model, x, states, mask, training)
    go_back(made, dy, dstates)
    return results(made)


def with_dense(subject, **settings):
    """A compiled model of the layer and a Dense, so that there is something to learn."""
    model = subject.model(behind=[Dense(2)], **settings)
    model.compile("sgd", "mse")
    return model
