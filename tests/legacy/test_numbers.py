"""Losses, metrics and optimisers under ``run`` are those of the version that is spoken."""

import numpy as np
import pytest
from tinylstm.kernels.compiling import is_ours

from tests.old_scripts import MODEL, run_text
from tinylstm.legacy.updates import AdagradOfKeras2, NadamOfKeras2, RMSpropOfKeras2
from tinylstm.testing import check_optimizer

LOSS = """
import keras, numpy as np
from keras.models import Sequential
from keras.layers import Dense, Activation
keras.backend.set_floatx('float64')
model = Sequential([Dense(UNITS, use_bias=False, input_shape=(1,)), Activation('ACTIVATION')])
model.compile(keras.optimizers.SGD(lr=1.), 'LOSS')
model.set_weights([np.array([WEIGHTS])])
x, y = np.ones((1, 1)), np.array(TARGET)
loss = model.evaluate(x, y, verbose=0)
model.fit(x, y, epochs=1, verbose=0)
print(round(loss, 3), (model.get_weights()[0] == np.array([WEIGHTS])).all())
"""
SOFTMAX = {"UNITS": "2", "ACTIVATION": "softmax", "WEIGHTS": "[60., 0.]"}
TANH = {"UNITS": "1", "ACTIVATION": "tanh", "WEIGHTS": "[-60.]", "TARGET": "[[1.]]"}
SIGMOID = TANH | {"ACTIVATION": "sigmoid"}
CROSSENTROPIES = [
    ("categorical_crossentropy", SOFTMAX | {"TARGET": "[[0., 1.]]"}, "60.0 False"),
    ("sparse_categorical_crossentropy", SOFTMAX | {"TARGET": "[[1]]"}, "60.0 False"),
    ("binary_crossentropy", SIGMOID, "60.0 False"),
    ("binary_crossentropy", TANH, "16.118 True"),  # no probability in any version
]


@pytest.mark.filterwarnings("ignore:binary_crossentropy")  # of what is no probability
@pytest.mark.parametrize(("loss", "told", "later"), CROSSENTROPIES)
@pytest.mark.parametrize("version", ["1.2.2", "2.2.4", "2.3.1"])
def test_crossentropies_kept_probabilities_off_the_ends(tmp_path, loss, told, later, version):
    """From 2.3 on they read the logits, as here outside of old scripts."""
    text = LOSS.replace("LOSS", loss)
    for name, value in told.items():
        text = text.replace(name, value)
    printed = later if version == "2.3.1" else "16.118 True"
    assert run_text(tmp_path, text, version=version) == (0, f"{printed}\n", "")


@pytest.mark.parametrize("version", ["2.2.4", "2.3.1"])
def test_a_loss_of_what_is_no_probability_is_doubted_under_every_version(tmp_path, version):
    text = """
model = Sequential([Dense(4, input_shape=(2,))])
model.compile('sgd', 'categorical_crossentropy')
model.fit(x[:, 0], y, epochs=1, verbose=0)
"""
    with pytest.warns(UserWarning, match="categorical_crossentropy reads probabilities"):
        run_text(tmp_path, MODEL + text, version=version)


ACCURACY = """
import keras, numpy as np
from keras.models import Sequential
from keras.layers import Dense
model = Sequential([Dense(1, input_shape=(1,))])
model.compile('sgd', 'mse', metrics=['accuracy', 'binary_accuracy'])
model.set_weights([np.array([[1.]]), np.array([0.])])
x = np.array([0.2, 0.5, 0.9, 1.4, 1.6, 4.7, 7.2, -0.6])
y = np.array([0., 0., 1., 1., 1., 5., 7., -1.])
print(model.evaluate(x, y, verbose=0)[1:])
"""


@pytest.mark.parametrize(
    ("version", "accuracy"),
    [("1.2.2", 7 / 8), ("2.2.4", 7 / 8), ("2.3.1", 7 / 8), ("2.4.3", 5 / 8)],
)
def test_an_accuracy_of_one_output_rounded_it(tmp_path, version, accuracy):
    ran = run_text(tmp_path, ACCURACY, version=version)
    assert ran == (0, f"{[accuracy, accuracy]}\n", "")


NAMED = """
import keras
model.compile('adam', keras.losses.CategoricalCrossentropy(name='cost'), metrics=[
    keras.metrics.CategoricalAccuracy(name='right'), keras.metrics.MeanSquaredError('far'),
    keras.metrics.BinaryAccuracy(), 'accuracy', 'mse', keras.metrics.mae])
print(model.metrics_names)
h = model.fit(x, y, epochs=1, verbose=0, validation_split=.5).history
print(sorted(h), h['val_right'] == h['val_accuracy'], h['val_far'] != h['val_right'])
"""


def test_a_metric_is_called_what_the_script_calls_it(tmp_path):
    ran = run_text(tmp_path, MODEL + NAMED, version="2.4.3")
    names = ["loss", "right", "far", "binary_accuracy", "accuracy", "mse", "mean_absolute_error"]
    assert ran.lines == [
        str(names),
        f"{sorted([*names, *(f'val_{name}' for name in names)])} True True",
    ]


STEP = """
import keras, numpy as np
from keras.models import Sequential
from keras.layers import Dense
from keras.optimizers import *
model = Sequential([Dense(1, input_shape=(2,))])
model.compile(OPTIMIZER, 'mse')
start = [np.array([[1.], [2.]]), np.array([3.])]
model.set_weights(start)
model.fit(np.array([[3., 4.]]), np.array([[0.]]), epochs=1, verbose=0)
print([float(a) for w, s in zip(model.get_weights(), start) for a in (s - w).ravel()])
"""
GRADIENT = 2 * 14.0 * np.array([3.0, 4.0, 1.0])  # of w1, w2 and b, at an output of 14
ONE_NORM = GRADIENT / np.linalg.norm(GRADIENT)
EACH_NORM = np.array([0.6, 0.8, 1.0])


@pytest.mark.parametrize(
    ("optimizer", "version", "step"),
    [
        ("SGD(lr=1., clipnorm=1.)", "1.2.2", ONE_NORM),
        ("SGD(lr=1., clipnorm=1.)", "2.3.1", ONE_NORM),
        ("SGD(lr=1., clipnorm=1.)", "2.4.3", EACH_NORM),
        ("SGD(lr=1., clipnorm=1., clipvalue=.7)", "2.2.4", ONE_NORM.clip(-0.7, 0.7)),
        ("SGD(lr=1., clipnorm=0., clipvalue=.7)", "2.2.4", np.full(3, 0.7)),
        ("SGD(lr=1., clipnorm=0.)", "2.2.4", GRADIENT),
        ("RMSprop(lr=1., epsilon=10.)", "2.2.4", GRADIENT / (0.1**0.5 * GRADIENT + 10)),
        ("RMSprop(lr=1., epsilon=10.)", "2.10.0", GRADIENT / (0.1**0.5 * GRADIENT + 10)),
        ("RMSprop(1., .9, .5, 10.)", "2.6.0", GRADIENT / np.sqrt(0.1 * GRADIENT**2 + 10)),
        ("RMSprop(lr=1., epsilon=10.)", "2.11.0", GRADIENT / np.sqrt(0.1 * GRADIENT**2 + 10)),
        ("Adagrad(lr=1., epsilon=10.)", "2.2.4", GRADIENT / (GRADIENT + 10)),
        ("Adagrad(1., .5, 10.)", "2.6.0", GRADIENT / (np.sqrt(0.5 + GRADIENT**2) + 10)),
        ("Adagrad(1., epsilon=10.)", "2.11.0", GRADIENT / np.sqrt(0.1 + GRADIENT**2 + 10)),
        ("SGD(1., weight_decay=.1)", "2.11.0", GRADIENT + np.array([0.1, 0.2, 0.3])),
        ("AdamW(0., .1)", "2.13.0", np.zeros(3)),
        ("Adam(lr=1., epsilon=10., clipvalue=50., clipnorm=500.)", "2.2.4", None),
    ],
)
def test_an_update_is_that_of_its_version(tmp_path, optimizer, version, step):
    if step is None:  # Adam's first, of clipped elements
        g = GRADIENT.clip(-50, 50)
        step = g / (g + 10 / 0.001**0.5)
    ran = run_text(tmp_path, STEP.replace("OPTIMIZER", optimizer), version=version)
    np.testing.assert_allclose(eval(ran.lines[0]), step, rtol=1e-5)


MANY_STEPS = """
import keras, numpy as np
from keras.models import Sequential
from keras.layers import Dense
from keras.optimizers import *
keras.backend.set_floatx('float64')
model = Sequential([Dense(1, use_bias=False, input_shape=(1,))])
model.compile(OPTIMIZER, 'mse')
model.set_weights([np.array([[3.]])])
for _ in range(6):
    model.train_on_batch(np.ones((1, 1)), np.zeros((1, 1)))
    print(model.get_weights()[0].item())
"""


def by_adagrad(rate=0.01, decay=0.0, epsilon=1e-7, start=0.0, under=False):
    """Six weights of a loss w^2 from w = 3 on."""
    w, v = 3.0, start
    for t in range(6):
        g = 2 * w
        v += g * g
        root = np.sqrt(v + epsilon) if under else np.sqrt(v) + epsilon
        w -= rate / (1 + decay * t) * g / root
        yield w


def by_nadam(rate=0.002, d=0.004, epsilon=1e-7):
    """The same by Nadam, whose momenta rise with 0.96^(d t)."""
    w, m, v, product = 3.0, 0.0, 0.0, 1.0
    for t in range(1, 7):
        g = 2 * w
        now, then = (0.9 * (1 - 0.5 * 0.96 ** (d * s)) for s in (t, t + 1))
        product *= now
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        step = (1 - now) * g / (1 - product) + then * m / (1 - product * then)
        w -= rate * step / (np.sqrt(v / (1 - 0.999**t)) + epsilon)
        yield w


@pytest.mark.parametrize(
    ("optimizer", "version", "weights"),
    [
        ("Adagrad()", "2.2.4", by_adagrad()),
        ("'adagrad'", "1.2.2", by_adagrad(epsilon=1e-8)),
        ("Adagrad(lr=.5, decay=.3)", "2.3.1", by_adagrad(0.5, 0.3)),
        ("Adagrad()", "2.4.3", by_adagrad(0.001, start=0.1)),
        ("Adagrad(epsilon=.1)", "2.15.0", by_adagrad(0.001, 0, 0.1, 0.1, under=True)),
        ("Nadam()", "2.2.4", by_nadam()),
        ("'nadam'", "1.2.2", by_nadam(epsilon=1e-8)),
        ("Nadam(schedule_decay=.5)", "2.1.6", by_nadam(d=0.5)),
        ("Nadam()", "2.6.0", by_nadam(0.001)),
        ("Nadam()", "2.11.0", by_nadam(0.001, d=1)),
    ],
)
def test_adagrad_and_nadam_go_the_way_of_their_version(tmp_path, optimizer, version, weights):
    ran = run_text(tmp_path, MANY_STEPS.replace("OPTIMIZER", optimizer), version=version)
    np.testing.assert_allclose([float(line) for line in ran.lines], [*weights], rtol=1e-12)


@pytest.mark.parametrize("kind", [AdagradOfKeras2, NadamOfKeras2, RMSpropOfKeras2])
def test_the_updates_of_old_versions_do_all_that_an_optimiser_has_to(kind):
    assert is_ours(kind.kernel)  # kept on disk and compiled by helpers, as all of them
    check_optimizer(kind(0.1))


def test_from_2_11_on_nothing_chooses_the_momenta_of_nadam(tmp_path):
    text = "from keras.optimizers import *; Nadam(schedule_decay=.1)"
    assert run_text(tmp_path, text).status == 0
    ran = run_text(tmp_path, text, version="2.11.0")
    assert "Nadam has no argument schedule_decay." in ran.err


def test_one_number_a_sample_is_a_feature_and_a_number_of_a_word_loses_its_fraction(tmp_path):
    text = """
from keras.layers import Embedding, Flatten
words = Sequential([Embedding(4, 3, input_length=2)])
print((words.predict([[0.9, 1.2], [3.7, 2]]) == words.predict([[0, 1], [3, 2]])).all())
print(Sequential([Dense(2, input_dim=1)]).predict(np.arange(5.)).shape)
print(Sequential([Embedding(4, 3), Flatten()]).predict([1, 2, 3]).shape)
"""
    assert run_text(tmp_path, MODEL + text).lines == ["True", "(5, 2)", "(3, 3)"]


def test_two_bounds_at_once_are_refused_where_keras_has_one(tmp_path):
    ran = run_text(
        tmp_path, "from keras.optimizers import *; SGD(clipnorm=1., clipvalue=1.)", version="2.4.3"
    )
    assert "Gradients are bounded in one way at a time." in ran.err


OWN = """
import keras
class Mine(keras.optimizers.Adam):
    def __init__(self, lr=.5, **kwargs):
        super(Mine, self).__init__(lr=lr, beta_1=.8, decay=.25, **kwargs)
mine = Mine(clipnorm=2.)
print(mine.get_config())
print(mine.decay, mine.initial_decay, mine.beta_1, hasattr(mine, 'momentum'))
print(type(Mine.from_config({'clipvalue': 1.})).__name__)
model.compile(mine, 'mse')
model.fit(x, y, epochs=1, verbose=0)
print(mine.iterations)
class Other(keras.optimizers.SGD):
    def get_updates(self, loss, params):
        return []
Other(lr=.1)
"""


def test_a_subclass_of_an_optimiser_is_one_unless_it_has_updates_of_its_own(tmp_path):
    ran = run_text(tmp_path, MODEL + OWN)
    assert ran.lines == [
        "{'lr': 0.5, 'beta_1': 0.8, 'beta_2': 0.999, 'decay': 0.25, 'epsilon': 1e-07, "
        "'clipnorm': 2.0}",
        "0.25 0.25 0.8 False",
        "Mine",
        "1",
    ]
    assert ran.status == 1
    assert "get_updates of the script's own optimizer is not supported" in ran.err


SHARED = """
import keras
shared = keras.optimizers.Adam(lr=.1)
models = [Sequential([Dense(4, input_shape=(2,))]) for _ in range(2)]
for one in models:
    one.set_weights([np.ones((2, 4)), np.zeros(4)])
    one.compile(shared, 'mse')
for one in models * 2:
    one.fit(x[:, 0], y, epochs=1, verbose=0, shuffle=False)
print(*(one.optimizer.iterations for one in models), models[0].optimizer is shared)
print(all((a == b).all() for a, b in zip(*(one.get_weights() for one in models))))
models[0].compile(shared, 'mae')
print(models[0].optimizer is shared)
"""


def test_one_optimiser_serves_several_models(tmp_path):
    ran = run_text(tmp_path, MODEL + SHARED)
    assert ran == (0, "2 2 True\nTrue\nTrue\n", "")
