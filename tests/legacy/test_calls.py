"""Calls of old scripts on models, optimisers and the backend do what they did."""

import pytest

from tests.old_scripts import MODEL, run_text

CALLS = [  # what stands in the script, what it prints
    ("print(len(model.fit(x, y, nb_epoch=3, verbose=0).epoch))", "3"),
    ("print(len(model.fit(x, y, 2, 4, 0).epoch))", "4"),
    (
        "model.compile('sgd', 'mse', class_mode='categorical')\n"
        "model.fit(x, y, verbose=0, show_accuracy=True)\n"
        "print(model.train_on_batch(x, y, accuracy=True) > 0)",
        "True",
    ),
    ("print(len(model.fit(x, y, verbose=0).epoch))", "1"),
    ("print(model.metrics_names)", "['loss', 'acc']"),
    (
        "model.compile('sgd', 'mse', ['mse', 'accuracy']); print(model.metrics_names)",
        "['loss', 'mean_squared_error', 'acc']",
    ),
    (
        "model.compile('sgd', keras.losses.mse, [keras.metrics.mae]); print(model.metrics_names)",
        "['loss', 'mean_absolute_error']",
    ),
    (
        "model.compile(keras.optimizers.SGD(lr=0.1), loss='MSE'); print(model.loss.name)",
        "mean_squared_error",
    ),
    (
        "h = model.fit(x, y, verbose=0, validation_split=0.2).history\n"
        "print(list(h), h['acc'] is h['accuracy'], 'val_accuracy' in h, h.get('val_acc') != 0)",
        "['val_loss', 'val_acc', 'loss', 'acc'] True True True",
    ),
    (
        "print(model.predict_classes(x).shape, (model.predict_proba(x) == model.predict(x)).all())",
        "(10,) True",
    ),
    (
        "K = keras.backend; print(keras.__version__, K.backend(), K.epsilon(), K.floatx())",
        "2.2.4 tensorflow 1e-07 float32",
    ),
    (
        "K = keras.backend; lr = model.optimizer.lr; K.set_value(lr, 0.5); print(K.get_value(lr))",
        "0.5",
    ),
    (
        "lr = model.optimizer.lr; lr.set_value(0.25); print(lr.get_value(), lr.optimizer.lr * 2)",
        "0.25 0.5",
    ),
    (
        "b = model.layers[1].weights[1]; keras.backend.set_value(b, [1, 2, 3, 4]);"
        "print(model.layers[1].get_weights()[1].tolist(), keras.backend.get_value(b).shape)",
        "[1.0, 2.0, 3.0, 4.0] (4,)",
    ),
    (
        "i = keras.Input(batch_shape=(7, 3, 2)); print(Sequential([i, LSTM(4)]).output_shape)",
        "(7, 4)",
    ),
    (
        "i = keras.layers.InputLayer((3, 2)); print(Sequential([i, Dense(4)]).output_shape)",
        "(None, 3, 4)",
    ),
    ("model.optimizer.lr = 0.125; print(float(model.optimizer.lr))", "0.125"),
    ("print(model.optimizer.get_config()['beta_1'])", "0.9"),
    (
        "from keras.utils import np_utils; print(np_utils.to_categorical([0, 1], 3).tolist())",
        "[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]",
    ),
    (
        "from keras.utils import np_utils; print(np_utils.to_categorical([1], nb_classes=3), "
        "np_utils.to_categorical(y=[[0]], num_classes=2, dtype='int8'))",
        "[[0. 1. 0.]] [[1 0]]",
    ),
    (
        "print(keras.preprocessing.sequence.pad_sequences([[1], [2, 3, 4]], maxlen=2, "
        "dtype='int32', padding='post', truncating='post', value=0.).tolist())",
        "[[1, 0], [2, 3]]",
    ),
    (
        "l = keras.layers; print(l.recurrent.LSTM is LSTM, l.core.Dense is Dense, "
        "l.wrappers.TimeDistributed is l.embeddings.TimeDistributed)",
        "True True True",
    ),
    (
        "print(keras.utils.np_utils.to_categorical is keras.utils.to_categorical, "
        "keras.engine.topology.Input is keras.layers.Input)",
        "True True",
    ),
    ("print([layer.input_shape for layer in model.layers])", "[(None, 3, 2), (None, 5)]"),
    ("print([layer.output_shape for layer in model.layers])", "[(None, 5), (None, 4)]"),
    (
        "e = keras.layers.Embedding(9, 4, input_length=3, batch_input_shape=(2, 3))\n"
        "t = keras.layers.TimeDistributed(Dense(5)); s = Sequential([e, t])\n"
        "print(e.input_shape, e.output_shape, t.input_shape, t.output_shape)",
        "(2, 3) (2, 3, 4) (2, 3, 4) (2, 3, 5)",
    ),
    (
        "lstm = model.layers[0]; print([w.shape for w in lstm.weights], "
        "len(lstm.trainable_weights), lstm.non_trainable_weights)",
        "[(2, 20), (5, 20), (20,)] 3 []",
    ),
    (
        "lstm = model.layers[0]; lstm.trainable = False\n"
        "print(lstm.trainable_weights, len(lstm.non_trainable_weights))",
        "[] 3",
    ),
    ("print(getattr(model.layers[0], 'states', 'none'), hasattr(model, 'output'))", "none False"),
    (
        "print(np.zeros(2, np.int).dtype, np.zeros(2, dtype=np.float).dtype, np.float_, np.NaN)",
        "int64 float64 <class 'numpy.float64'> nan",
    ),
    (
        "from keras.preprocessing import sequence\n"
        "print(sequence.pad_sequences([[1, 2], [3]], 3, 'int8', 'post', value=9).tolist())",
        "[[1, 2, 9], [3, 9, 9]]",
    ),
    (
        "print([layer.name for layer in model.layers], model.name)",
        "['lstm_1', 'dense_1'] sequential_1",
    ),
    (
        "print(model.get_layer('lstm_1') is model.layers[0], model.get_layer(index=1).name)",
        "True dense_1",
    ),
    ("keras.backend.clear_session(); print(LSTM(3).name)", "lstm_1"),
    ("print(model.output_shape, model.count_params())", "(None, 4) 184"),
    ("model.reset_states(); model.layers[0].reset_states(); print('reset')", "reset"),
    ("print(type(model.train_on_batch(x, y)), len(model.test_on_batch(x, y)))", "<class 'list'> 2"),
    (
        "import tensorflow as tf; print(tf.keras.models.Sequential is Sequential, tf.__version__)",
        "True 1.13.1",
    ),
    (
        "import tensorflow as tf\n"
        "config = tf.ConfigProto(); config.gpu_options.allow_growth = True\n"
        "keras.backend.set_session(tf.Session(config=config)); print('set')",
        "set",
    ),
    ("import tensorflow as tf; print(tf.config.list_physical_devices('GPU'))", "[]"),
    (
        "import tensorflow as tf; model.compile('adam', tf.keras.losses.MeanSquaredError())\n"
        "print(model.loss.name)",
        "mean_squared_error",
    ),
    (
        "from keras.callbacks import EarlyStopping\n"
        "h = model.fit(x, y, 2, 90, 0, [EarlyStopping('accuracy', patience=2)])\n"
        "print(len(h.epoch) < 90)",
        "True",
    ),
    ("print(keras.callbacks.ReduceLROnPlateau('loss', epsilon=0.5).min_delta)", "0.5"),
    (
        "print(np.asscalar(np.array([2.5])), np.product([2, 3]), np.alltrue([1, 0]), np.rank(x))",
        "2.5 6 False 3",
    ),
    (
        "import tensorflow as tf; print(tf.optimizers.Adam is keras.optimizers.Adam, "
        "tf.keras.losses is not tf.losses, tf.losses.mse)",
        "True True mse",
    ),
    (
        "import keras_preprocessing.text as t\n"
        "from keras_preprocessing.sequence import pad_sequences\n"
        "print(t.Tokenizer is keras.preprocessing.text.Tokenizer, pad_sequences([[1]], 2))",
        "True [[0 1]]",
    ),
    ("print(keras.callbacks.ModelCheckpoint('w.h5', period=1).monitor)", "val_loss"),
    (
        "print(keras.utils.normalize(np.array([[3., 4.], [0., 0.]])).tolist(), "
        "keras.utils.np_utils.normalize(np.array([1., 3.]), axis=0, order=1))",
        "[[0.6, 0.8], [0.0, 0.0]] [[0.25 0.75]]",
    ),
    (
        "from keras.engine.training import slice_X, _slice_arrays; a = np.arange(5)\n"
        "print(slice_X([a, None, a + 1], 3), _slice_arrays(a, 1, 2), slice_X(a, np.array([4, 0])))",
        "[array([3, 4]), None, array([4, 5])] [1] [4 0]",
    ),
    (
        "import theano; theano.config.openmp = True; theano.config.blas.ldflags = ''\n"
        "print(np.zeros(2, theano.config.floatX).dtype, theano.config.openmp)",
        "float32 True",
    ),
    (
        "h = model.fit(x, y, epochs=5, verbose=0, validation_split=.2, validation_freq=2).history\n"
        "print(len(h['acc']), len(h['val_acc']))",
        "5 2",
    ),
]
IMPORTS = """
from {root}.models import Sequential
from {root}.layers.recurrent import LSTM
from {root}.layers.core import Dense, Dropout, Activation
from {root}.layers.wrappers import TimeDistributed
from {root}.layers.embeddings import Embedding
import {root} as k
from {root} import backend as K, objectives, initializations, regularizers
import {root}.preprocessing.sequence
from {root}.utils.np_utils import to_categorical
print(k.layers.LSTM is LSTM, k.models.Sequential is Sequential, K.floatx(), k.__version__)
"""


@pytest.mark.parametrize(("call", "printed"), CALLS, ids=lambda text: text[:60])
def test_a_call_by_its_old_spelling(tmp_path, call, printed):
    assert run_text(tmp_path, f"import keras\n{MODEL}{call}\n") == (0, f"{printed}\n", "")


@pytest.mark.parametrize(("version", "epochs"), [("1.2.2", 10), ("2.0.9", 10), ("2.1.0", 1)])
def test_epochs_of_a_fit_that_names_none(tmp_path, version, epochs):
    text = MODEL + "print(len(model.fit(x, y, verbose=0).epoch))"
    assert run_text(tmp_path, text, version=version).out == f"{epochs}\n"


@pytest.mark.parametrize(
    "root", ["keras", "tensorflow.keras", "tensorflow.python.keras", "tensorflow.compat.v1.keras"]
)
def test_the_same_names_under_every_root(tmp_path, root):
    ran = run_text(tmp_path, IMPORTS.format(root=root))
    assert ran == (0, "True True float32 2.2.4\n", "")


@pytest.mark.parametrize("version", ["2.2.4", "2.3.1"])
def test_metrics_are_called_as_in_the_version_and_history_answers_both(tmp_path, version):
    text = MODEL + (
        "h = model.fit(x, y, epochs=2, verbose=0).history\n"
        "print(model.metrics_names[1], sorted(h), h['acc'] == h['accuracy'] and len(h['acc']))"
    )
    name = {"2.2.4": "acc", "2.3.1": "accuracy"}[version]
    names = sorted([name, "loss"])
    assert run_text(tmp_path, text, version=version).out == f"{name} {names} 2\n"


HISTORY_OF_LOSSES = """
class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs={}):
        self.losses, self.sizes = [], []

    def on_batch_end(self, batch, logs={}):
        self.losses.append(logs.get('loss'))
        self.sizes.append(logs.get('size'))

seen = LossHistory()
weights = model.get_weights()
model.compile(keras.optimizers.SGD(lr=0.0), 'categorical_crossentropy')
model.fit(x, y, batch_size=4, epochs=2, verbose=0, shuffle=False, callbacks=[seen])
alone = [model.evaluate(x[k:k + 4], y[k:k + 4], verbose=0) for k in (0, 4, 8)] * 2
means = [np.average(alone[:k], weights=[4, 4, 2][:k]) for k in (1, 2, 3)] * 2
print(np.allclose(seen.losses, alone), np.allclose(seen.losses, means), seen.sizes)
"""


@pytest.mark.parametrize(
    ("version", "printed"),
    [
        ("2.2.4", "True False [4, 4, 2, 4, 4, 2]"),
        ("2.4.3", "False True [None, None, None, None, None, None]"),
    ],
)
def test_between_batches_a_callback_gets_what_its_version_gave(tmp_path, version, printed):
    text = f"import keras\n{MODEL}{HISTORY_OF_LOSSES}"
    assert run_text(tmp_path, text, version=version) == (0, f"{printed}\n", "")


def test_accuracy_beside_binary_crossentropy_is_that_of_each_output(tmp_path):
    text = MODEL.replace("loss='categorical_crossentropy'", "loss='binary_crossentropy'") + (
        "score = model.evaluate(x, y, verbose=0)[1]; p = model.predict(x)\n"
        "each, best = ((p > 0.5) == y).mean(), (p.argmax(1) == y.argmax(1)).mean()\n"
        "print(bool(abs(score - each) < 1e-6), bool(abs(score - best) < 1e-6), bool(each != best))"
    )
    assert run_text(tmp_path, text).out == "True False True\n"
    assert run_text(tmp_path, text, version="2.4.3").out == "False True True\n"


STATES = """
kept = [np.full((2, 5), 0.5), np.full((2, 5), -0.5)]
first = LSTM(5, batch_input_shape=(2, 3, 2), stateful=True, return_sequences=True)
second = LSTM(4, stateful=True)
model = Sequential([first, second])
model.predict(x[:2])
before = model.get_states()
first.reset_states(kept)
after = model.get_states()
print(all((a == b).all() for a, b in zip(after[first.name], kept)))
print(all((a == b).all() for a, b in zip(after[second.name], before[second.name])))
first.reset_states()
print(any(a.any() for a in model.get_states()[first.name]))
both = keras.layers.Bidirectional(LSTM(3, stateful=True), batch_input_shape=(2, 3, 2))
model = Sequential([both])
both.forward_layer.reset_states(states=[np.ones((2, 3))] * 2)
print([float(h.sum()) for h, c in model.get_states().values()])
"""


def test_a_layers_states_are_set_where_they_are_reset(tmp_path):
    ran = run_text(tmp_path, f"import keras\n{MODEL}{STATES}")
    assert ran == (0, "True\nTrue\nFalse\n[6.0, 0.0]\n", "")


TRAIN_BIG_PREDICT_SMALL = """
def made(batch):
    model = Sequential()
    model.add(LSTM(5, batch_input_shape=(batch, 3, 2), stateful=True, return_sequences=True))
    model.add(keras.layers.Dropout(0.5))
    model.add(LSTM(5, stateful=True))
    model.add(Dense(4, activation='softmax'))
    return model

big, small = made(5), made(1)
big.compile('adam', 'categorical_crossentropy')
big.fit(x, y, batch_size=5, epochs=1, verbose=0, shuffle=False)
big.save_weights('FOLDER/weights')
small.load_weights('FOLDER/weights', by_name=False)
print(big.layers[0].name, small.layers[0].name)
print(all((a == b).all() for a, b in zip(big.get_weights(), small.get_weights())))
big.reset_states()
print(np.allclose(big.predict(x[:5], batch_size=5)[:1], small.predict(x[:1])))
"""


@pytest.mark.parametrize(
    ("version", "names"), [("2.2.4", "lstm_2 lstm_4"), ("2.4.3", "lstm_1 lstm_3")]
)
def test_weights_of_a_big_batch_serve_a_model_of_a_small_one(tmp_path, version, names):
    """Layers are numbered over the whole script, so a second model's have other names."""
    text = TRAIN_BIG_PREDICT_SMALL.replace("FOLDER", str(tmp_path))
    ran = run_text(tmp_path, f"import keras\n{MODEL}{text}", version=version)
    assert ran == (0, f"{names}\nTrue\nTrue\n", "")
