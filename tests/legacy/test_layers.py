"""Layers and initialisers that an old script builds, calls, draws from or subclasses."""

import pytest

from tests.old_scripts import MODEL, run_text

OF_KERAS_1 = """
from keras import initializations
def small(shape, name=None):
    print(sorted(set(shape)), name is not None)
    return initializations.normal(shape, scale=0.01, name=name)
model = Sequential([Dense(300, init=small, input_dim=200)])
print(abs(model.get_weights()[0].std() / .01 - 1) < .02)
print(initializations.get('one')((2, 3)).tolist(), initializations.get(small) is small)
print(initializations.uniform((3, 4)).shape, abs(initializations.orthogonal((2, 2))).max() <= 1.1)
print(Sequential([LSTM(2, init=initializations.one, input_dim=2)]).get_weights()[0].min())
"""
OF_KERAS_2 = """
from keras import initializers, backend as K
def small(shape, dtype=None):
    return K.random_normal(shape, stddev=0.01, dtype=dtype)
def plain(shape):
    return K.variable(np.full(shape, 3.))
class Mine(initializers.Initializer):
    def __call__(self, shape, dtype=None):
        return K.constant(2, shape=shape, dtype=dtype)
def both(shape, dtype, name):
    return K.ones(shape, dtype, name)
print(set(Sequential([Dense(2, init=both, input_dim=2)]).get_weights()[0].ravel().tolist()))
model = Sequential([Dense(300, kernel_initializer=small, bias_initializer=plain, input_dim=200),
                    Dense(2, kernel_initializer=Mine())])
w, b, v, a = model.get_weights()
print(abs(w.std() / .01 - 1) < .02, set(b.tolist()), set(v.ravel().tolist()))
print(initializers.RandomNormal(stddev=0.)((2, 3)).tolist(), initializers.get('ones')((2,)).dtype)
first, second = initializers.glorot_uniform(seed=3), initializers.glorot_uniform(seed=3)
print((first((3, 4)) == second((3, 4))).all(), (K.zeros((2,)) + K.ones((2,))).tolist())
print(K.dtype(K.cast(np.ones(2), 'int32')), K.random_uniform((2, 3), 1, 1).tolist())
"""


@pytest.mark.parametrize("version", ["1.2.2", "2.2.4"])
def test_initialisations_of_keras_1_are_functions_of_a_shape(tmp_path, version):
    ran = run_text(tmp_path, MODEL + OF_KERAS_1, version=version)
    assert ran.lines == [
        "[200, 300] True",
        "True",
        "[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]] True",
        "(3, 4) True",
        "1.0",
    ], ran.err


def test_initialisers_of_keras_2_are_called_alone_and_written_by_the_script(tmp_path):
    ran = run_text(tmp_path, MODEL + OF_KERAS_2)
    assert ran.lines == [
        "{1.0}",
        "True {3.0} {2.0}",
        "[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]] float32",
        "True [1.0, 1.0]",
        "int32 [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]",
    ], ran.err


def test_an_initialiser_of_another_shape_is_refused(tmp_path):
    text = "Sequential([Dense(2, init=lambda shape: np.ones(3), input_dim=2)]).get_weights()"
    assert "does not fit" in run_text(tmp_path, MODEL + text).err


BATCH_SIZE = """
import keras
one = Sequential([LSTM(4, input_shape=(3, 1), batch_size=2, stateful=True)])
two = Sequential([keras.layers.Embedding(9, 4, input_length=3, batch_size=5, input_dtype='int32')])
three = Sequential([Dense(4, input_dim=3, batch_size=6)])
print(one.input_shape, two.input_shape, three.input_shape)
"""


def test_the_batch_size_is_an_argument_of_the_first_layer(tmp_path):
    assert run_text(tmp_path, MODEL + BATCH_SIZE) == (0, "(2, 3, 1) (5, 3) (6, 3)\n", "")


BUILT = """
import keras
lstm, both = LSTM(4), keras.layers.Bidirectional(LSTM(2))
print(lstm.built)
for layer in lstm, both:
    layer.build((None, 3, 2))
print(lstm.built, [w.shape for w in lstm.get_weights()], lstm.count_params())
lstm.set_weights([w * 0 + 1 for w in lstm.get_weights()])
kept = lstm.get_weights() + both.get_weights()
model = Sequential([lstm])
both_alone = Sequential([both])
for m in model, both_alone:
    m.build((None, 3, 2))
found = model.get_weights() + both_alone.get_weights()
print(all((a == b).all() for a, b in zip(kept, found)), len(found))
called = Dense(3)
out = called(np.ones((2, 4), 'float32'))
again = Sequential([called])
print((again.predict(np.ones((2, 4))) == out).all())
model = Sequential([LSTM(4, input_shape=(3, 2)), Dense(1)])
model.build()
print(model.built, len(model.get_weights()))
model = Sequential([LSTM(4), Dense(1)])
model.build(input_shape=(None, 3, 2))
print(model.input_shape)
model.build((7, 3, 2))
Sequential([LSTM(4)]).build()
"""


def test_a_layer_or_a_model_is_built_before_it_sees_data(tmp_path):
    ran = run_text(tmp_path, MODEL + BUILT)
    assert ran.lines == [
        "False",
        "True [(2, 16), (4, 16), (16,)] 112",
        "True 9",
        "True",
        "True 5",
        "(None, 3, 2)",
    ], ran.err
    assert "needs a built model" in ran.err


def test_weights_of_a_built_layer_do_not_fit_another_input(tmp_path):
    text = "d = Dense(3); d.build((None, 4)); Sequential([Dense(5, input_dim=2), d]).get_weights()"
    assert "the weights do not fit" in run_text(tmp_path, MODEL + text).err


OWN = """
class MyLSTM(LSTM):
    def __init__(self, units, **kwargs):
        super(MyLSTM, self).__init__(units, return_sequences=True, **kwargs)
class Wide(Dense):
    def get_config(self):
        return {}
model = Sequential([MyLSTM(4, input_shape=(3, 2)), Wide(2)])
print(model.output_shape, [layer.name for layer in model.layers])
from keras.layers import CuDNNLSTM
class Fast(CuDNNLSTM):
    pass
print(CuDNNLSTM(2).name, Fast(2, stateful=True).name, Fast(2).recurrent_activation)
class Other(LSTM):
    def call(self, x, mask=None):
        return super().call(x)
print('defined')
Other(3)
"""


def test_a_subclass_of_a_layer_is_one_unless_it_computes_something_else(tmp_path):
    ran = run_text(tmp_path, MODEL + OWN)
    assert ran.lines == [
        "(None, 3, 2) ['my_lstm_1', 'wide_1']",
        "cu_dnnlstm_1 fast_1 sigmoid",
        "defined",
    ]
    assert "The layer Other with its own call() is not supported" in ran.err
    assert "docs/own_layer.md" in ran.err


READERS = """
import keras
from keras.layers import SimpleRNN, GRU, CuDNNGRU
model = Sequential()
model.add(SimpleRNN(6, return_sequences=True, stateful=True, batch_input_shape=(5, 3, 2)))
model.add(GRU(5, return_sequences=True))
model.add(keras.layers.Bidirectional(CuDNNGRU(4)))
model.add(Dense(4, activation='softmax'))
model.compile('rmsprop', 'categorical_crossentropy')
print([layer.name for layer in model.layers], [w.shape for w in model.get_weights()[:6]])
losses = [model.fit(x, y, batch_size=5, verbose=0, shuffle=False).history['loss'][0]
          for epoch in range(20)]
print(losses[-1] < losses[0], model.predict(x, batch_size=5).shape)
model.layers[0].reset_states([np.ones((5, 6))])
print(np.unique(model.get_states()[model.layers[0].name][0]).tolist())
"""


@pytest.mark.parametrize("version", ["1.2.2", "2.2.4", "2.4.3"])
def test_a_simple_rnn_and_a_gru_as_its_version_has_it_run(tmp_path, version):
    ran = run_text(tmp_path, MODEL + READERS, version=version)
    names = {
        "1.2.2": "['simplernn_1', 'gru_1', 'bidirectional_1', 'dense_2']",
        "2.2.4": "['simple_rnn_1', 'gru_1', 'bidirectional_1', 'dense_2']",
        "2.4.3": "['simple_rnn', 'gru', 'bidirectional', 'dense_1']",
    }
    bias = (2, 15) if version == "2.4.3" else (15,)
    assert ran.lines == [
        f"{names[version]} [(2, 6), (6, 6), (6,), (6, 15), (5, 15), {bias}]",
        "True (10, 4)",
        "[1.0]",
    ], ran.err


DROPPED = """
from keras.layers import Embedding
from keras.optimizers import SGD
model = Sequential([Embedding(200, 3, input_length=200, dropout=0.25)])
model.compile(SGD(lr=100.), 'mse')
words = np.arange(200)[None].repeat(2, 0)
E = np.ones((200, 3))
model.set_weights([E])
y = np.zeros((2, 200, 3))
model.fit(words, y, nb_epoch=1, verbose=0)
change = E - model.get_weights()[0]
print(sorted(set(np.round(change.ravel() / (100 * 2 * 2 / 3 / 400), 2).tolist())))
print(abs((change[:, 0] == 0).mean() - .25) < .1)
print((change.max(axis=1) - change.min(axis=1) < 1e-6).all())
print((model.predict(words)[0] == model.get_weights()[0]).all())
"""


def test_an_embedding_drops_words_for_a_whole_batch(tmp_path):
    """The loss is that of E m, so its gradient is 2 E m^2, where m is 0 or 4/3."""
    ran = run_text(tmp_path, MODEL + DROPPED, version="1.2.2")
    assert ran.lines == ["[0.0, 1.78]", "True", "True", "True"], ran.err


def test_keras_2_said_that_an_embedding_drops_nothing(tmp_path):
    with pytest.warns(UserWarning, match="dropped words in Keras 1 alone"):
        ran = run_text(tmp_path, MODEL + DROPPED)
    assert ran.lines[0] == "[1.0]"


SESSION = """
import keras
from keras.backend.tensorflow_backend import set_session
import keras.backend.tensorflow_backend as KTF
import tensorflow as tf
set_session(tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1)))
KTF.set_session(KTF.get_session())
print(keras.backend.tensorflow_backend.floatx())
"""


def test_the_backends_of_keras_have_modules_of_their_own(tmp_path):
    assert run_text(tmp_path, SESSION) == (0, "float32\n", "")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("LSTM(3).build(3)", "input_shape is not a tuple"),
        ("LSTM(3).build(None)", "input_shape is not a tuple"),
        ("keras.initializers.Zeros()(3)", "shape is not a tuple"),
        ("keras.optimizers.Adam(clipnorm='a')", "a bound on gradients"),
        ("keras.optimizers.Adam(clipvalue=float('nan'))", "a bound on gradients"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(tmp_path, call, said):
    ran = run_text(tmp_path, f"import keras\n{MODEL}{call}")
    assert ran.status == 1
    assert said in ran.err
    assert "Expected: " in ran.err


OWN_SETTINGS = """
class Mine(LSTM):
    def __init__(self, units, **kwargs):
        self.units = units
        super().__init__(units, **kwargs)
        self.return_sequences = True
        self.activation = 'hard_sigmoid'
        self.colour = 'red'
mine = Mine(4, input_shape=(3, 2))
mine.unit_forget_bias = False
mine.trainable = False
print(mine, mine.colour, mine.name, mine.activation)
model = Sequential([mine, Dense(2)])
print(model.output_shape, model.get_weights()[2].any(), len(model.trainable_weights))
model.layers[0].trainable = True
print(mine.trainable, len(model.trainable_weights), isinstance(mine, LSTM), issubclass(Mine, LSTM))
print(model.layers[0] is mine, model.get_layer(mine.name) is mine, model.pop() is mine)
print('units' in dir(mine), 'fit' in dir(model), 'colour' in dir(mine))
mine.units = 7
"""


def test_what_a_subclass_sets_is_a_setting_until_a_model_has_the_layer(tmp_path):
    ran = run_text(tmp_path, MODEL + OWN_SETTINGS)
    assert ran.lines == [
        "<Mine 'mine_1'> red mine_1 hard_sigmoid_keras2",
        "(None, 3, 2) False 2",
        "True 5 True True",
        "True True False",
        "True True True",
    ], ran.err
    assert "units of a layer cannot be set afterwards." in ran.err


TOGETHER = """
import keras, tinylstm.plotting
model = Sequential([tinylstm.LSTM(3, input_shape=(3, 2), return_sequences=True)])
model.add(tinylstm.Dense(4))
model.summary()
print([type(layer).__module__.split('.')[0] for layer in model.layers])
model.compile(tinylstm.SGD(0.1), 'mse')
print(model.fit(x, np.ones((10, 3, 4)), epochs=1, verbose=0).model is model)
print(model.optimizer.learning_rate, model.stepper().__class__.__name__)
print(str(tinylstm.gradient_check(model, x, np.ones((10, 3, 4)))).splitlines()[-1][:5])
with tinylstm.plotting.StateRecorder(model) as recorder:
    model.predict(x)
print(len(recorder.batches))
"""


def test_layers_optimisers_and_tools_of_this_package_may_be_mixed_in(tmp_path):
    ran = run_text(tmp_path, MODEL + TOGETHER)
    assert ran.lines[-5:] == ["['tinylstm', 'tinylstm']", "True", "0.1 Stepper", "right", "1"]


KEPT = [  # what is refused as it is of this package's own things
    ("Sequential(Dense(3), Dense(4))", "Layers come in one list."),
    ("model.layers = []", "layers is not set alone."),
    ("model.optimizer = 'adam'", "optimizer is not set alone."),
    ("model.layers[0].weights = []", "weights of a layer cannot be set."),
    ("model.layers[0].output_shape = 3", "output_shape"),
    ("model.layers[0].units = 3", "units of a layer cannot be set afterwards."),
    ("Sequential([Dense(3)]).summary()", "summary needs a built model."),
    ("import pickle; pickle.dumps(model)", "cannot be pickled."),
    ("import pickle; pickle.dumps(LSTM(3))", "cannot be pickled."),
    ("model._lock", "'Sequential' object has no attribute '_lock'"),
]


@pytest.mark.parametrize(("line", "said"), KEPT)
def test_what_this_package_refuses_is_refused(tmp_path, line, said):
    ran = run_text(tmp_path, f"{MODEL}{line}\n")
    assert ran.status == 1
    assert said in ran.err


def test_copies_of_what_serves_no_model_are_things_of_their_own(tmp_path):
    text = """
import copy, keras
first = LSTM(3, name='a')
second, third = copy.copy(first), copy.deepcopy(first)
model = Sequential([first])
print([type(one).__name__ for one in (second, third)], second.units, second.held is first.held)
Sequential([second]), Sequential([third])
rate = copy.copy(keras.optimizers.SGD(lr=.5))
rate.lr = .25
print(rate.lr + 0)
"""
    ran = run_text(tmp_path, MODEL + text)
    assert ran.lines == ["['LSTM', 'LSTM'] 3 False", "0.25"], ran.err


COPIED = """
import copy, keras
model.add(Dense(4))
model = Sequential([keras.layers.Bidirectional(LSTM(3), input_shape=(3, 2)), Dense(4)])
model.compile(keras.optimizers.SGD(lr=.5), 'mse')
twin = copy.COPY(model)
before = model.get_weights()
twin.fit(x, y, epochs=2, verbose=0)
print(all((a == b).all() for a, b in zip(before, model.get_weights())))
print(any((a != b).any() for a, b in zip(before, twin.get_weights())))
print(type(twin) is Sequential, [type(layer).__name__ for layer in twin.layers])
both = twin.layers[0]
print(both.output_shape, both.forward_layer.get_weights()[0] is not None, twin.optimizer.lr + 0)
print((both.forward_layer.weights[0] == twin.get_weights()[0]).all(), both is model.layers[0])
twin.optimizer.lr = .25
print(model.optimizer.lr + 0, model.optimizer.iterations, twin.optimizer.iterations)
"""


@pytest.mark.parametrize("way", ["copy", "deepcopy"])
def test_a_copy_of_a_model_is_a_model_of_its_own(tmp_path, way):
    ran = run_text(tmp_path, MODEL + COPIED.replace("COPY", way))
    assert ran.lines == [
        "True",
        "True",
        "True ['Bidirectional', 'Dense']",
        "(None, 6) True 0.5",
        "True False",
        "0.5 0 2",
    ], ran.err


FORGOTTEN = """
import gc, keras, weakref
gc.disable()
def refer():
    both = keras.layers.Bidirectional(LSTM(3), input_shape=(3, 2))
    one = Sequential([both, Dense(4)])
    one.compile(keras.optimizers.SGD(lr=.5), 'mse', metrics=['accuracy'])
    watching = keras.callbacks.EarlyStopping('loss')
    one.fit(x, y, epochs=2, verbose=0, validation_split=.2, callbacks=[watching]).model.predict(x)
    return [weakref.ref(thing) for thing in (one, one.held, one.optimizer, both)]
print([ref() for ref in refer()])
gc.enable()
"""


def test_a_model_that_nobody_has_is_gone_at_once(tmp_path):
    assert run_text(tmp_path, MODEL + FORGOTTEN) == (0, "[None, None, None, None]\n", "")
