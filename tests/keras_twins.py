"""The same model twice, in Keras on TensorFlow and in tinylstm, with the same random weights.

Weights, biases, states and upstream gradients are all random and independent for every gate: with
equal gates or zeros a wrong engine can agree with Keras.
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"  # the only one whose stateful LSTM works
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tensorflow as tf

import tinylstm
from tests.tolerances import KERAS_GRADIENT, KERAS_OUTPUT, KERAS_WEIGHTS, NAIVE, assert_close
from tinylstm import reference

# A graph that runs fifty times is not worth being made better: that takes longer.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

OUTPUT = {"float32": KERAS_OUTPUT, "float64": NAIVE["float64"]}
GRADIENT = {"float32": KERAS_GRADIENT, "float64": NAIVE["float64"]}
LEARNING_RATE = 0.01


def directions(layer):
    """Keras' recurrent layers of a layer: itself, or both of a Bidirectional."""
    both = isinstance(layer, keras.layers.Bidirectional)
    return (layer.forward_layer, layer.backward_layer) if both else (layer,)


def as_list(scores):
    """The scores as a list, where it is one number too."""
    return scores if isinstance(scores, list) else [scores]


class Twins:
    """One model in both libraries.

    Parameters
    ----------
    layers : callable
        Gives the list of layers from ``keras.layers`` or from ``tinylstm``.
    batch_shape : tuple
        (batch, steps, features) or (batch, features); the batch may be None.
    rng : numpy.random.Generator
    dtype : str, default="float32"
    """

    def __init__(self, layers, batch_shape, rng, dtype="float32"):
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(dtype)
        try:
            start = keras.Input(batch_shape=batch_shape, dtype=dtype)
            self.keras = keras.Sequential([start, *layers(keras.layers)])
            self.keras.supports_masking = True  # its layers do; else it warns of lost masks
        finally:
            keras.config.set_dtype_policy(policy)
        start = tinylstm.Input(batch_shape=batch_shape)
        self.ours = tinylstm.Sequential([start, *layers(tinylstm)], dtype=dtype)
        self.dtype, self.rng = dtype, rng
        self.draw_weights()

    def random(self, *shape):
        """Standard normal numbers of the model's dtype."""
        return self.rng.normal(size=shape).astype(self.dtype)

    def draw_weights(self):
        """Give both models the same new random weights."""
        weights = [0.5 * self.random(*array.shape) for array in self.ours.get_weights()]
        self.keras.set_weights(weights)
        self.ours.set_weights(weights)

    def compile(self, loss, optimizer="Adam", metrics=None, eagerly=False, **rates):
        """Compile both with an optimiser of that name, and the learning rate of these tests.

        eagerly: without a graph, which takes a second or two; for some ten updates.
        """
        rates = {"learning_rate": LEARNING_RATE} | rates
        chosen = getattr(keras.optimizers, optimizer)(**rates)
        how = {"jit_compile": False, "run_eagerly": eagerly}
        self.keras.compile(optimizer=chosen, loss=loss, metrics=metrics, **how)
        if not eagerly:  # with its variables there, one graph is enough
            chosen.build(self.keras.trainable_variables)
        chosen = getattr(tinylstm, optimizer)(**rates)
        self.ours.compile(optimizer=chosen, loss=loss, metrics=metrics)

    def reset(self):
        """Reset the state of both."""
        self.ours.reset_states()
        for layer in self.keras.layers:
            if getattr(layer, "stateful", False):
                layer.reset_state()

    def assert_weights(self, tolerance):
        """The weights of both agree."""
        for k, (a, b) in enumerate(
            zip(self.ours.get_weights(), self.keras.get_weights(), strict=True)
        ):
            assert_close(a, b, tolerance, f"weight {k} of shape {a.shape}")

    def assert_states(self, tolerance):
        """The carried states of both agree, and are not zeros."""
        stateful = [
            part
            for layer in self.keras.layers
            if getattr(layer, "stateful", False)
            for part in directions(layer)
        ]
        ours = list(self.ours.get_states().values())
        assert len(stateful) == len(ours) > 0
        for layer, arrays in zip(stateful, ours, strict=True):
            for k, (a, b) in enumerate(zip(arrays, layer.states, strict=True)):
                assert np.abs(a).max() > 0
                assert_close(a, b.numpy(), tolerance, f"{layer.name} state {k}")

    def gradients(self, x, mask=None):
        """Gradients of sum(dy * y), dy random: by Keras and by us, {tensor: array} each."""
        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = self.keras(x, mask=None if mask is None else tf.constant(mask))
            dy = self.random(*y.shape)
            total = tf.reduce_sum(y * dy)
        variables = self.keras.trainable_variables
        theirs = [
            None if g is None else tf.convert_to_tensor(g).numpy()
            for g in tape.gradient(total, [*variables, x])
        ]
        self.ours.forward(x.numpy(), mask=mask)
        grads = self.ours.backward(dy)
        ours = {f"{layer} {name}": g for layer, own in grads.items() for name, g in own.items()}
        ours["x"] = grads.x
        return dict(zip(ours, theirs, strict=True)), ours

    def assert_gradients(self, x, mask=None):
        """The gradients of both agree, for the weights and the input."""
        theirs, ours = self.gradients(x, mask)
        for name, g in theirs.items():
            if g is None:  # x of an Embedding
                assert ours[name] is None
                continue
            one_step = x.shape[1] == 1 and name.endswith("recurrent_kernel")  # exactly zero
            assert np.abs(g).max() > 0 or one_step, name
            assert_close(ours[name], g, GRADIENT[self.dtype], f"gradient of {name}")

    def fit(self, x, y, **options):
        """History of the same `fit` of both: by Keras and by us; and the weights agree."""
        given = {"shuffle": False, "verbose": 0} | options
        theirs = self.keras.fit(x, y, **given).history
        ours = self.ours.fit(x, y, **given).history
        assert set(ours) == set(theirs)
        for name, values in theirs.items():
            assert_close(ours[name], values, KERAS_WEIGHTS, name)
        self.assert_weights(KERAS_WEIGHTS)
        return theirs, ours

    def assert_scores(self, call, *data, tolerance=KERAS_OUTPUT, **options):
        """Loss and metrics that the method of that name returns agree."""
        theirs = getattr(self.keras, call)(*data, **options)
        ours = getattr(self.ours, call)(*data, **options)
        for k, (a, b) in enumerate(zip(as_list(ours), as_list(theirs), strict=True)):
            assert_close(a, b, tolerance, f"score {k} of {call}")

    def adam_steps(self, x, steps, mask):
        """Adam on sum(dy * y) in both; ours: gradients of the engine, Adam from the equations."""
        optimizer = keras.optimizers.Adam(LEARNING_RATE)
        variables = self.keras.trainable_variables
        dy = self.random(*self.ours.forward(x, mask=mask).shape)

        @tf.function
        def step():
            with tf.GradientTape() as tape:
                y = self.keras(tf.constant(x), mask=tf.constant(mask))
                total = tf.reduce_sum(y * dy)
            optimizer.apply(tape.gradient(total, variables), variables)

        weights = [array.astype(np.float64) for array in self.ours.get_weights()]
        moments = [(np.zeros_like(array), np.zeros_like(array)) for array in weights]
        for t in range(1, steps + 1):
            step()
            self.ours.forward(x, mask=mask)
            grads = self.ours.backward(dy)
            flat = [g.astype(np.float64) for own in grads.values() for g in own.values()]
            for k, g in enumerate(flat):
                weights[k], *moments[k] = reference.adam(
                    weights[k], g, *moments[k], t, LEARNING_RATE
                )
            self.ours.set_weights(weights)
