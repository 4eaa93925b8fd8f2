"""What users of Keras write and this package refuses: the sentence ends in the way out."""

import importlib

import numpy as np
import pytest

import tinylstm
from tests.keras_twins import keras
from tests.snapshots import refused
from tests.surface.use import STATE, H, K, N, T, X, Y, model
from tinylstm import LSTM, Adam, Dense, Dropout, Embedding, Input, Sequential, kernel
from tinylstm.callbacks import Callback
from tinylstm.testing import gradient

V, TY, A = ValueError, TypeError, AttributeError
RAGGED = [[1.0, 2.0], [1.0]]


def reader(features=1, **options):
    """A model that reads steps of so many features and gives one number."""
    made = Sequential([LSTM(4, input_shape=(T, features), **options), Dense(1)])
    made.compile("sgd", "mse")
    return made


def vectors():
    """A model without steps."""
    made = Sequential([Dense(1, input_shape=(T,))])
    made.compile("sgd", "mse")
    return made


NUMBERS, ONE = X[:, :, 0], np.ones(N)
REFUSED = {  # call, kind, part of the sentence, part of the way out
    # axes
    "steps of one number": (lambda: reader().fit(NUMBERS, ONE), V, "axes", "x[:, :, None]"),
    "samples of one step": (lambda: reader(5).predict(np.ones((N, 5))), V, "axes", "x[:, None]"),
    "one sample": (lambda: reader(5).predict(np.ones((T, 5))), V, "axes", "x[None]"),
    "unbuilt": (lambda: Sequential([LSTM(2)]).predict(NUMBERS), V, "sequences", "x[:, :, None]"),
    "a list of x": (lambda: reader(2).predict([X]), V, "axes", "x[0]"),
    "steps for a Dense": (lambda: vectors().predict(X), V, "axes", "x[:, -1]"),
    "a vector for a Dense": (lambda: vectors().predict(np.ones(T)), V, "axes", "x[None]"),
    "validation": (
        lambda: reader().fit(X[..., :1], ONE, validation_data=(NUMBERS, ONE)),
        V,
        "axes",
        "x[:, :, None]",
    ),
    # what is no array
    "ragged": (lambda: reader().fit(RAGGED, ONE), V, "x is not an array", "pad_sequences"),
    "ragged arrays": (
        lambda: reader().predict([np.ones((2, 1)), np.ones((3, 1))]),
        V,
        "x is not an array",
        "pad_sequences",
    ),
    "ragged objects": (
        lambda: reader().predict(np.array(RAGGED, dtype=object)),
        V,
        "x is not an array",
        "pad_sequences",
    ),
    "None": (lambda: reader().fit(None, ONE), TY, "x is missing", "an array"),
    "None inside": (lambda: reader().predict([[[1.0], [None]]]), TY, "x must", "in every place"),
    "a dict": (lambda: reader().predict({"x": X}), TY, "x must", "one input"),
    # what is no number, and features that are not the last axis
    "objects": (lambda: reader(2).predict(X.astype(object)), TY, "real", "x.astype('float32')"),
    "written numbers": (lambda: reader(2).predict(X.astype(str)), TY, "real", "x.astype('float32"),
    "a list of them": (
        lambda: reader(2).predict(X.astype(str).tolist()),
        TY,
        "real",
        "numpy.array(x, 'float32')",
    ),
    "letters": (lambda: reader().predict([[["a"], ["b"]]]), TY, "real", "numpy.unique(column"),
    "classes": (lambda: reader(2).fit(X, ["a", "b"] * 3), TY, "y must hold", "numpy.unique(column"),
    "complex numbers": (lambda: reader(2).predict(X + 0j), TY, "real", "numpy.abs(x)"),
    "times": (
        lambda: reader(2).predict(X.astype("i8").astype("M8[s]")),
        TY,
        "real",
        "(x - x.min()) / numpy.timedelta64(1, 's')",
    ),
    "a series of words": (
        lambda: tinylstm.sliding_windows(["a", "b", "c"], 1),
        V,
        "real",
        "numpy.unique(column",
    ),
    "features before steps": (
        lambda: reader(2).predict(X.swapaxes(1, 2)),
        V,
        "features",
        "(samples, steps, 2): features are the last axis; x.swapaxes(1, 2)",
    ),
    "other features": (
        lambda: vectors().predict(np.ones((N, T + 1))),
        V,
        "features",
        f"(samples, {T}): features are the last axis",
    ),
    # targets
    "a target a sample": (
        lambda: reader(2, return_sequences=True).fit(X, ONE),
        V,
        "place for each step",
        "no return_sequences",
    ),
    "a target a step": (
        lambda: reader(2).fit(X, np.ones((N, T, 1))),
        V,
        "place for each sample",
        "return_sequences=True",
    ),
    # functions, classes, and what is Keras'
    "a loss": (lambda: reader().compile("sgd", lambda y, z: 0), TY, "can call", "y, dz, option"),
    "a metric": (lambda: reader().compile("sgd", "mse", [abs]), TY, "metric abs", "y_true, y_pred"),
    "Keras' loss": (
        lambda: reader().compile("sgd", keras.losses.MeanSquaredError()),
        V,
        "mean 'mean_squared_error'?",
        "mse",
    ),
    "Keras' function": (
        lambda: reader().compile("sgd", keras.losses.mean_squared_error),
        V,
        "mean 'mean_squared_error'?",
        "mse",
    ),
    "Keras' metric": (
        lambda: reader().compile("sgd", "mse", [keras.metrics.MeanAbsoluteError()]),
        V,
        "mean 'mean_absolute_error'?",
        "mae",
    ),
    "Keras' optimiser": (
        lambda: reader().compile(keras.optimizers.RMSprop(), "mse"),
        V,
        "mean 'rmsprop'?",
        "rmsprop",
    ),
    "an optimiser's class": (lambda: reader().compile(Adam, "mse"), TY, "an object", "Adam()"),
    "Keras' layer": (lambda: reader().add(keras.layers.LSTM(2)), TY, "new layer", "LSTM(...)"),
    "Keras' input": (
        lambda: Sequential([keras.Input((T, 1))]),
        TY,
        "new layer",
        "Input(...) of tinylstm",
    ),
    "a layer's class": (lambda: reader().add(Dense), TY, "new layer", "Dense(...)"),
    "Keras' activation": (
        lambda: Dense(2, keras.activations.relu),
        V,
        "mean 'relu'?",
        "sigmoid",
    ),
    "Keras' initialiser": (
        lambda: Dense(2, kernel_initializer=keras.initializers.HeNormal()),
        V,
        "mean 'he_normal'?",
        "he_normal",
    ),
    "Keras' penalty": (
        lambda: Dense(2, kernel_regularizer=keras.regularizers.L2(0.1)),
        V,
        "mean 'L2'?",
        "l1_l2",
    ),
    "Keras' callback": (
        lambda: reader().fit(X, ONE, callbacks=[keras.callbacks.History()]),
        TY,
        "not a callback",
        "tinylstm.callbacks",
    ),
    # calls
    "model(x)": (lambda: reader()(X), TY, "not called", "model.predict(x)"),
    "layer(layer)": (lambda: Dense(2)(LSTM(3)), TY, "on an array", "Sequential(["),
    "layer(Input)": (lambda: Dense(2)(Input((T, 1))), TY, "on an array", "Sequential(["),
    "export": (lambda: reader().export("m"), A, "no export", "model.save(path)"),
    "to_yaml": (lambda: reader().to_yaml(), A, "no to_yaml", "model.to_json()"),
    "fit_generator": (lambda: reader().fit_generator([]), A, "fit_generator", "model.fit"),
    "predict_classes": (lambda: reader().predict_classes(X), A, "predict_classes", "argmax"),
    "a typo": (lambda: reader().evalute(X), A, "no evalute", "evaluate?"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_sentence_ends_in_the_way_out(case):
    call, kind, fragment, way_out = REFUSED[case]
    with refused(kind, fragment) as caught:
        call()
    assert way_out in str(caught.value).split("\n")[1]


def test_the_ways_out_lead_there():
    assert reader().predict(NUMBERS[:, :, None]).shape == (N, 1)
    assert Sequential([LSTM(4, input_shape=(None, 5))]).predict(np.ones((N, 5))[:, None]).any()
    assert reader(5).predict(np.ones((T, 5))[None]).shape == (1, 1)
    assert vectors().predict(X[..., :1].reshape(N, T)).shape == (N, 1)
    assert reader(2).predict(X.astype(str).astype("float32")).shape == (N, 1)
    assert reader(2).predict(np.array(X.astype(str).tolist(), "float32")).shape == (N, 1)
    times = X.astype("i8").astype("M8[s]")
    assert reader(2).predict((times - times.min()) / np.timedelta64(1, "s")).shape == (N, 1)
    words = np.array(["b", "a", "b"])
    assert tinylstm.to_categorical(np.unique(words, return_inverse=True)[1]).shape == (3, 2)


@pytest.mark.parametrize(
    ("module", "name", "way_out"),
    [
        ("tinylstm", "Conv1D", "docs/own_layer.md"),
        ("tinylstm.layers", "GRUCell", "RNN with a cell of your own"),
        ("tinylstm", "Model", "Sequential"),
        ("tinylstm", "LSMT", "LSTM?"),
        ("tinylstm.callbacks", "TensorBoard", "CSVLogger"),
        ("tinylstm.callbacks", "EarlyStoping", "EarlyStopping?"),
    ],
)
def test_an_import_of_what_is_not_there_says_what_is(module, name, way_out):
    with refused(ImportError, f"{module} has no {name}") as caught:
        exec(f"from {module} import {name}")
    assert way_out in str(caught.value)
    found = importlib.import_module(module)
    assert not hasattr(found, name)
    with refused(AttributeError, f"{module} has no {name}"):
        getattr(found, name)


def test_modules_that_are_not_imported_yet_still_are():
    for name in ("plotting", "demos", "legacy", "reference"):
        exec(f"from tinylstm import {name}")
    with pytest.raises(ImportError, match=r"^cannot import name '_nothing'"):
        exec("from tinylstm import _nothing")


UNBUILT = {
    "model": (lambda: Sequential([LSTM(2), Dense(1)]), Sequential),
    "empty model": (Sequential, Sequential),
    "LSTM": (lambda: LSTM(2), LSTM),
    "Embedding": (lambda: Embedding(4, 2), Embedding),
    "Dense": (lambda: Sequential([Dense(2, "tanh")]).layers[0], Dense),
}


@pytest.mark.parametrize("case", UNBUILT)
def test_what_is_not_built_has_no_shapes_and_says_so(case):
    make, kind = UNBUILT[case]
    unbuilt = make()
    for name in dir(kind):
        assert isinstance(hasattr(unbuilt, name), bool)
    for name in ("input_shape", "output_shape", "weights"):
        if isinstance(getattr(kind, name), property) and not hasattr(unbuilt, name):
            with refused(AttributeError, "."):
                getattr(unbuilt, name)
    assert not hasattr(unbuilt, "weights")


def test_built_things_have_what_they_say():
    built = model()
    for thing in (built, *built.layers, built.stepper(), built.optimizer, gradient):
        for name in {*dir(thing)} - {"__signature__"}:  # of the class alone
            assert hasattr(thing, name), (thing, name)
    assert built.output_shape == (None, K)
    assert built.forward(X, states=STATE).shape == Y.shape == (N, K)
    assert built.layers[0].units == H
    assert tinylstm.floatx() == "float32"


@pytest.mark.parametrize(
    ("call", "way"),
    [
        (lambda: Dense(2, kernel_initializer=keras_like), "(shape, rng)"),
        (lambda: LSTM(unit=8), "Unknown argument of LSTM: 'unit'. Did you mean 'units'?"),
        (lambda: LSTM(output_dim=8), "Did you mean 'units'?"),
        (Dense, "Dense needs units.\nExpected: Dense(units, ...)\nReceived: Dense()"),
        (lambda: Embedding(mask_zero=True), "Embedding needs input_dim and output_dim."),
        (lambda: Dropout(0.5, rate=0.1), "multiple values for argument 'rate'"),
        (lambda: tinylstm.initializers.RandomUniform(minvl=1), "Did you mean 'minval'?"),
        (lambda: tinylstm.callbacks.EarlyStopping(patiance=3), "Did you mean 'patience'?"),
        (lambda: tinylstm.callbacks.ModelCheckpoint(), "ModelCheckpoint needs filepath."),
        (lambda: Input(shap=(3, 1)), "Did you mean 'shape'?"),
        (lambda: Embedding(9, 4, input_length=6), "mean input_shape=(6,)?"),
        (lambda: LSTM(8, input_length=6, input_dim=2), "mean input_shape=(6, 2)?"),
        (lambda: LSTM(8, input_dim=2), "mean input_shape=(None, 2)?"),
        (lambda: Dense(8, input_dim=2), "mean input_shape=(2,)?"),
        (lambda: tinylstm.Adam(lr=0.1), "Did you mean 'learning_rate'?"),
        (lambda: Sequential(Dense(2), Dense(3)), "Sequential([first, second])"),
        (lambda: Dense(2, input_shape=3), "(steps, features) or (features,)"),
        (lambda: reader().compile("sgd", "logcosh"), "docs/own_loss.md"),
        (lambda: reader().compile("sgd", "mse", [turned_round]), "another order"),
        (lambda: Dense(2, "softplus"), "docs/own_parts.md"),
        (lambda: Dense(2, kernel_regularizer=HalfOne()), "kernels = (value, gradient)"),
        (lambda: after_an_update(), "other weights or states since"),
        (
            lambda: Sequential([LSTM(2, input_shape=(3, 1))]).predict(np.ones((1, 4, 1))),
            "(None, 1)",
        ),
    ],
)
def test_a_newcomers_mistake_is_told_the_way_out(call, way):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert way in str(caught.value)


@kernel
def turned_round(target, y, valid):
    """A metric, or nearly a loss, whose arguments stand as Keras has them."""
    return 0.0


class HalfOne(tinylstm.regularizers.Regularizer):
    """A penalty without a gradient."""

    kernels = (turned_round,)


def after_an_update():
    """A pass backward that follows another set of weights than the one forward."""
    one = reader()
    one.forward(X[..., :1])
    one.theta = one.theta + 1
    one.backward(np.ones((N, 1)))


def test_a_name_that_a_mapping_has_not_is_told_the_nearest():
    one = reader()
    trace = one.trace(X[..., :1])
    gradients = one.backward(np.ones((N, 1)))
    weights = one.layers[0].weights
    for mapping, name, what in (
        (trace, "lstm1", "recurrent layer of this trace: 'lstm1'. Did you mean 'lstm'?"),
        (gradients, "dens", "layer with gradients: 'dens'. Did you mean 'dense'?"),
        (weights, "kernels", "weight of layer 'lstm': 'kernels'. Did you mean 'kernel'?"),
    ):
        with pytest.raises(KeyError) as caught:
            mapping[name]
        assert str(caught.value).splitlines()[0] == f"Unknown {what}"
        assert name not in mapping
        assert mapping.get(name) is None


def test_a_class_of_penalties_is_one_with_its_defaults():
    assert tinylstm.regularizers.get(tinylstm.regularizers.L1L2).l2 == 0


def test_a_method_of_a_callback_that_nobody_calls_is_told():
    class Late(Callback):
        def on_epochs_end(self, epoch, logs=None):
            """With a letter too many."""

        def on_paper(self):
            """Its own."""

    with pytest.warns(UserWarning, match="on_epochs_end. Did you mean on_epoch_end?") as told:
        reader().fit(X[..., :1], ONE, verbose=0, callbacks=[Late()])
    assert len(told) == 1


def test_gradients_say_their_norms():
    one = reader()
    one.forward(X[..., :1])
    said = repr(one.backward(np.ones((N, 1))))
    assert "lstm/kernel (1, 16) " in said
    assert len(said) < 300


def keras_like(shape, dtype=None):
    return np.ones(shape, dtype)


def test_callbacks_are_found_where_they_are():
    with pytest.raises(ImportError, match=r"from tinylstm\.callbacks import EarlyStopping"):
        from tinylstm import EarlyStopping  # noqa: F401


def test_modules_that_take_time_are_there_when_they_are_asked_for(monkeypatch):
    for name in ("inside", "plotting", "reference"):
        module = importlib.import_module(f"tinylstm.{name}")
        monkeypatch.delattr(tinylstm, name)
        assert getattr(tinylstm, name) is module
