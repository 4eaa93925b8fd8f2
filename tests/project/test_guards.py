"""The guard mode sees what a kernel writes outside a vector, and changes nothing else."""

import numpy as np
import pytest

from tests.guards import NAN, GuardWordsChanged, guarded
from tests.snapshots import refused, snapshot
from tinylstm import LSTM, Dense, Embedding, Layer, Sequential, kernel, view
from tinylstm.callbacks import LambdaCallback
from tinylstm.data import arrays

pytestmark = pytest.mark.uncompiled
X, Y = np.ones((4, 3, 2), np.float32), np.ones((4, 1), np.float32)


@kernel
def write_far(layer, batch, flags, theta, work):
    """y = 0; and a number where option says: into the workspace or the parameters, from an end."""
    view(work, layer.y, (batch.rows * layer.units,))[:] = 0
    vector = work if layer.option[0] == 0 else theta
    size = 0 if layer.option[1] == 0 else len(vector)
    view(vector, size + int(layer.option[2]), (1,))[0] = 1


@kernel
def write_back(layer, batch, flags, theta, grad, work):
    """dx = 0; and a number behind the gradient."""
    view(work, layer.dx, (batch.rows * layer.units,))[:] = 0
    view(grad, len(grad) + int(layer.option[3]), (1,))[0] = 1


class Far(Layer):
    """Writes where it should not."""

    kernels = (write_far, write_back)
    each_step = True

    def __init__(self, *option):
        super().__init__()
        self.fields = {"option": option}


WORK, THETA, FRONT, END = 0, 1, 0, 1
FAR = {
    "behind the workspace": (WORK, END, 0, -1),
    "far behind the workspace": (WORK, END, 900, -1),
    "before the workspace": (WORK, FRONT, -1, -1),
    "behind the parameters": (THETA, END, 0, -1),
    "before the parameters": (THETA, FRONT, -1, -1),
    "between two arrays of the workspace": (WORK, FRONT, 40, -1),
}
compiled_only = pytest.mark.skipif(not arrays.COMPILED, reason="slices of Python end with an array")


def model_of(*layers):
    model = Sequential([Dense(3, input_shape=(2,)), *layers, Dense(1)])
    model.compile("sgd", "mse")
    model.build((None, 2))
    return model


@compiled_only
@pytest.mark.parametrize("case", FAR)
def test_a_kernel_that_writes_outside_a_vector_is_seen(case):
    with guarded():
        model = model_of(Far(*FAR[case]))
        for call in (model.predict, model.forward, lambda x: model.stepper()(x[:1])):
            with pytest.raises(GuardWordsChanged):
                call(X[:, 0])
            model.network._programs.clear()


@compiled_only
def test_a_kernel_that_writes_behind_the_gradient_is_seen():
    with guarded():
        model = model_of(Far(WORK, FRONT, 0, 0))
        with pytest.raises(GuardWordsChanged):
            model.fit(X[:, 0], Y, verbose=0)


@pytest.fixture
def too_small(monkeypatch):
    """A model that comes of an initial value of another shape, where that is not refused."""
    monkeypatch.setattr("tinylstm.initializers.values", lambda init, shape, *_: init(shape, None))
    monkeypatch.setattr(
        "tinylstm.engine.parameters.Parameters.offsets_of", lambda self, part: [0] * 2
    )

    def make():
        layer = Dense(8, kernel_initializer=lambda shape, rng: np.ones((1, 1)), input_shape=(2,))
        model = Sequential([layer])
        model.compile("sgd", "mse")
        return model

    return make


@compiled_only
def test_a_gradient_of_a_parameter_that_is_too_small_is_seen(too_small):
    with guarded(), pytest.raises(GuardWordsChanged):
        too_small().fit(np.ones((1, 2)), np.ones((1, 8)), verbose=0)


@compiled_only
def test_what_is_read_from_behind_the_parameters_shows(too_small):
    with guarded(NAN):
        assert np.isnan(too_small().predict(np.ones((1, 2)))).any()


WORDS, CLASSES = np.ones((4, 3), np.float32), np.ones((4, 1), np.float32)


@pytest.mark.parametrize("written", ["words", "classes"])
def test_numbers_that_are_places_are_those_that_were_checked(written):
    """A callback may write into the arrays that `fit` was given."""
    given = {"words": WORDS.copy(), "classes": CLASSES.copy()}
    write = LambdaCallback(on_epoch_end=lambda epoch, logs: given[written].fill(300))
    with guarded():
        model = Sequential([Embedding(4, 3, input_shape=(3,)), LSTM(5), Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        losses = model.fit(*given.values(), epochs=3, verbose=0, callbacks=write).history["loss"]
    assert losses[0] > losses[1] > losses[2]


@pytest.mark.parametrize("feedback", ["argmax", "sample"])
def test_a_class_that_is_no_word_is_not_fed_back(feedback):
    model = Sequential([Embedding(4, 3, input_shape=(None,)), LSTM(5), Dense(5, "softmax")])
    with refused(ValueError, "fed back as a word of the Embedding"):
        model.generate([1, 2], 3, feedback)


def everything(make):
    """A model after a bit of all that calls kernels, and what came of it."""
    model = make()
    model.compile("adam", "mse")
    model.fit(X, Y, batch_size=2, epochs=2, verbose=0)
    model.forward(X[:2])
    gradients = model.backward(np.ones((2, 1)))
    stepper = model.stepper()
    steps = [stepper.copy()(step).copy() for step in X[0]]
    return model, snapshot(model), gradients.x, model.predict(X), steps


@pytest.mark.parametrize("stateful", [False, True])
def test_the_guard_mode_changes_no_result(stateful):
    def make():
        size = {"batch_input_shape": (2, 3, 2), "stateful": True} if stateful else {}
        model = Sequential([LSTM(5, **size), Dense(1)])
        model.seed = 7
        return model

    _, *plain = everything(make)
    with guarded() as guards:
        model, *watched = everything(make)
        assert len(guards.rooms) > 10  # while the model is there
        del model
    assert arrays.guard is None
    assert plain[0] == watched[0]
    for one, other in zip(plain[1:], watched[1:], strict=True):
        np.testing.assert_array_equal(one, other)
