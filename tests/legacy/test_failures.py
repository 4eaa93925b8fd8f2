"""What a user sees of a script that stops: missing features and errors."""

import sys

import pytest

from tests.old_scripts import MODEL, run_process, run_text

MISSING = {
    "model.add(keras.layers.ConvLSTM2D(3, 3))": "keras.layers.ConvLSTM2D is not supported by",
    "keras.layers.LTSM(3)": "keras.layers.LTSM is not supported by tinylstm. Did you mean LSTM?",
    "LSTM(3, W_constraint='maxnrm')": "'maxnrm' is not supported by tinylstm.",
    "LSTM(3, kernel_constraint=abs)": "the constraint 'abs' is not supported by tinylstm.",
    "keras.constraints.Constraint()": "keras.constraints.Constraint is not supported by tinylstm.",
    "Dense(3, activation='selu')": "the activation 'selu' is not supported by tinylstm.",
    "Dense(3, activation=abs)": "the activation 'abs' of the script's own is not supported",
    "LSTM(3)(keras.layers.Input((3, 1)))": "the functional API (a layer called on another",
    "keras.models.Model(1, 2)": "Supported: Sequential, a chain of layers.",
    "model.compile('adam', 'msle')": "the loss 'msle' is not supported by tinylstm.",
    "model.compile('adam', 'hinge')": "the loss 'hinge' of this version is not supported",
    "model.compile('adam', lambda a, b: 0)": "the loss '<lambda>' of the script's own",
    "model.compile('adadelta', 'mse')": "the optimizer 'adadelta' is not supported by tinylstm.",
    "model.compile('adam', 'mse', ['mape'])": "the metric 'mape' is not supported by tinylstm.",
    "model.compile('adam', 'mse', loss_weights=[2])": "compile(loss_weights=...) is not supported",
    "keras.optimizers.Adam(amsgrad=True)": "Adam(amsgrad=...) is not supported by tinylstm.",
    "keras.optimizers.RMSprop(momentum=0.5)": "RMSprop with momentum before 2.4",
    "keras.datasets.cifar10.load_data()": "Nothing is downloaded here; load the data in the script",
    "keras.backend.sqrt(3)": "keras.backend.sqrt is not supported by tinylstm.",
    "import tensorflow as tf; tf.Variable(1)": "tensorflow.Variable is not supported by tinylstm.",
    "import theano; theano.shared(1)": "uses theano.shared, and the module theano is not",
    "class Own(keras.layers.Layer): pass": "A layer of one's own has a forward and a backward",
    "keras.losses.CategoricalCrossentropy(from_logits=True)": "(from_logits=...) is not supported",
    "keras.layers.Bidirectional(LSTM(3), weights=[1])": "Bidirectional(weights=...) is not",
    "keras.optimizers.SGD(lambda step: 0.1)": "SGD(learning_rate=...) that is not a number",
    "keras.layers.GRUCell.units": "keras.layers.GRUCell is not supported by tinylstm.",
    "model.compile('adam', 'mse', {'a': 'mse', 'b': 'mse'})": "list of metrics for 2 outputs is",
    "model.compile('adam', ['mse', 'mae'])": "loss for 2 outputs is not supported by tinylstm.",
    "model.compile('adam')": "compile without a loss is not supported by tinylstm.",
    "model(x)": "Supported: model.predict(x).",
    "import tensorflow as tf; tf.train.AdamOptimizer(0.1)": "Supported: the optimizers of keras",
    "model.layers[0].states": "Supported: model.get_states(), model.set_states(states)",
    "model.layers[0].output": "LSTM.output is not supported by tinylstm.",
    "model.layers[1].input": "output_shape, set_weights, trainable, trainable_weights, weights.",
    "model.layers[1].kernel": "Dense.kernel is not supported by tinylstm.",
    "model.metrics": "Sequential.metrics is not supported by tinylstm.",
    "model.state_updates": "Sequential.state_updates is not supported by tinylstm.",
    "keras.losses.mse(1, 2)": "mse is known to tinylstm by its name; it cannot be called.",
}
OPTIMIZERS = "Supported: Adagrad, Adam, AdamW, Lion, Nadam, RMSprop, SGD."
MEANT = {  # the line: what is said of it
    "keras.optimizers.Adadelta(lr=.01)": (
        f"keras.optimizers.Adadelta is not supported by tinylstm.\n{OPTIMIZERS}"
    ),
    "keras.optimizers.adamax()": (
        f"keras.optimizers.adamax is not supported by tinylstm.\n{OPTIMIZERS}"
    ),
    "keras.optimizers.Adm()": (
        f"keras.optimizers.Adm is not supported by tinylstm. Did you mean Adam?\n{OPTIMIZERS}"
    ),
    "from keras.layer import LSTM as Own; Own(8)": (
        "keras.layer.LSTM is not supported by tinylstm. Did you mean keras.layers.LSTM?"
    ),
    "from tensorflow.keras.optimiser import Adam; Adam()": (
        "tensorflow.keras.optimiser.Adam is not supported by tinylstm. "
        "Did you mean tensorflow.keras.optimizers.Adam?"
    ),
    "from keras.applications import VGG16; VGG16()": (
        "keras.applications.VGG16 is not supported by tinylstm."
    ),
}
ERRORS = {
    "model.complie('adam', 'mse')": "attribute 'complie'. Did you mean compile?",
    "model.layers[0].get_wieghts()": "attribute 'get_wieghts'. Did you mean get_weights?",
    "model.fit(x, y, batch_input_shape=(1, 3, 2))": "It is an argument of the first layer.",
    "Dense(3, inti='uniform')": "Dense has no argument inti. Did you mean init?",
    "Dense(3, init='unifrom')": "Unknown initializer: 'unifrom'. Did you mean 'uniform'?",
    "LSTM(units=3, output_dim=3)": "LSTM was given units twice, once as output_dim.",
    "LSTM()": "TypeError: LSTM needs units.",
    "keras.layers.Embedding(input_length=3)": "Embedding needs input_dim and output_dim.",
    "keras.utils.to_categorical(nb_classes=3)": "TypeError: to_categorical needs y.",
    "model.fit(x, y, callbacks=5)": "callbacks is not a list.",
    "keras.layers.Dropout(1, 2, 3, 4)": "Dropout takes 3 arguments by position",
    "model.fit(x, y, verbose=7)": "verbose chooses what is shown.",
    "model.fit(x[:, :2], y)": "x has the wrong number of steps.",
    "Sequential([LSTM(4, input_shape=(3, 1))]).predict(x[:, :, 0])": "x[:, :, None] where",
    "model.predict(x[0])": "x[:, None] where each sample is one step, or x[None] where all of it",
    "model.fit([[1, 2], [3]], y[:2])": "parts of one length: pad_sequences(x) fills sequences up",
    "model.fit(np.array([[1], [2, 3]], object), y[:2])": "pad_sequences(x) fills sequences up",
    "model.fit(None, y)": "x is missing.",
    "model.fit(x, np.zeros((10, 3, 4)))": "return_sequences=True in the last recurrent layer, or y",
    "model.compile(keras.optimizers.Adam, 'mse')": "Expected: what it makes: Adam()",
    "model.get_layer('lstm')": "Unknown layer of this model: 'lstm'. Did you mean 'lstm_1'?",
    "model.layers[1].nothing": "'Dense' object has no attribute 'nothing'",
    "model.layers[0].reset_states([x, x])": "Layer 'lstm_1' carries no state.",
    "LSTM(3).output_shape": "The shapes of layer 'lstm_2' are not known yet.",
    "keras.utils.to_categorical([1], 2, 'int8', 4)": "to_categorical takes 3 arguments by position",
    "model.nothing": "'Sequential' object has no attribute 'nothing'",
    "1 / 0": "ZeroDivisionError: division by zero",
}
UNUSED = """
from six.moves import range
from theano.tensor.shared_randomstreams import RandomStreams
import theano.tensor as T
import keras
from keras.layers import GRUCell, Conv1D, Merge
from keras.layers.normalization import BatchNormalization
from keras.models import Model, load_model
from keras.callbacks import TensorBoard
from keras.regularizers import activity_l2
from keras.datasets import imdb
from keras.preprocessing.text import Tokenizer
import tensorflow.contrib
from tensorflow.python.keras.layers import ConvLSTM2D
from keras.layers import *
try:
    import cPickle as pickle
except ImportError:
    import pickle
print(pickle.dumps(1) is not None, LSTM, GRUCell is not None, len(range(3)))
"""


@pytest.mark.parametrize("line", MISSING)
def test_a_missing_feature_is_named_with_the_line_and_what_is_supported(tmp_path, line):
    text = f"import keras\n{MODEL}\n{line}\nprint('went on')\n"
    ran = run_text(tmp_path, text, check=False)
    assert (ran.status, ran.out) == (1, "")
    number = MODEL.count("\n") + 3
    first, sentence = ran.err.splitlines()[:2]
    assert first.endswith(f"script.py, line {number}: {line}")
    assert MISSING[line] in sentence + ran.err.splitlines()[-1]
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("line", MEANT)
def test_a_typo_is_told_from_what_keras_had(tmp_path, line):
    ran = run_text(tmp_path, f"import keras\n{line}\n", check=False)
    assert ran.status == 1
    assert ran.err.split("\n", 1)[1] == MEANT[line] + "\n"


@pytest.mark.parametrize(
    ("mode", "line"),
    [
        ("stateful", "model.fit(x, y, batch_size=4)"),
        ("batch_carried", "Sequential([Bidirectional(LSTM(4), input_shape=(3, 2))]).predict(x)"),
    ],
)
def test_a_mode_that_was_forced_is_named(tmp_path, mode, line):
    text = f"{MODEL}from keras.layers import Bidirectional\n{line}\n"
    forced = f"--state-mode {mode} gave all LSTM layers their state mode."
    ran = run_text(tmp_path, text, state_mode=mode)
    assert ran.status == 1
    assert ran.err.splitlines()[-1] == forced
    ran = run_text(tmp_path, f"{MODEL}model.nothing", state_mode=mode)
    assert "--state-mode" not in ran.err


def test_a_state_mode_of_the_scripts_own_is_not_called_forced(tmp_path):
    text = (
        f"{MODEL}model = Sequential([LSTM(4, batch_input_shape=(4, 3, 2), stateful=True)])\n"
        "model.predict(x, batch_size=4)\n"
    )
    ran = run_text(tmp_path, text)
    assert "A carried state needs whole batches" in ran.err
    assert "--state-mode" not in ran.err


def test_what_is_supported_is_what_keras_had_and_is_here(tmp_path):
    text = (
        f"{MODEL}from tinylstm.legacy import layers, model as models\n"
        "for thing, names in ((model, models.SUPPORTED), (model.layers[0], layers.SUPPORTED)):\n"
        "    print([name for name in names if not hasattr(thing, name)])\n"
        "model.input\n"
    )
    ran = run_text(tmp_path, text, check=False)
    assert ran.out == "[]\n[]\n"
    supported = ran.err.splitlines()[-1]
    assert "fit_generator" in supported
    for ours in ("bind_loss", "all_or_nothing", "displays", "stepper", "trace"):
        assert ours not in supported


@pytest.mark.parametrize("line", ERRORS)
def test_an_error_is_a_traceback_of_the_scripts_own_lines(tmp_path, line):
    text = f"import keras\n{MODEL}\ndef part():\n    {line}\n\npart()\n"
    ran = run_text(tmp_path, text)
    assert ran.status == 1
    assert ERRORS[line] in ran.err
    assert ran.err.startswith("Traceback (most recent call last):\n")
    frames = [part for part in ran.err.splitlines() if part.startswith('  File "')]
    places = [(len(MODEL.splitlines()) + 6, "<module>"), (len(MODEL.splitlines()) + 4, "part")]
    script = tmp_path / "script.py"
    assert frames == [f'  File "{script}", line {line}, in {name}' for line, name in places]


def test_causes_are_cut_too(tmp_path):
    text = (
        f"{MODEL}try:\n    model.fit(x, y[:3])\nexcept ValueError as reason:\n    raise KeyError(1)"
    )
    ran = run_text(tmp_path, text)
    assert "During handling of the above exception" in ran.err
    assert ran.err.count('File "') == 2


def test_what_is_imported_and_not_used_stops_nothing(tmp_path):
    ran = run_text(tmp_path, UNUSED)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == "True <class 'tinylstm.legacy.layers.LSTM'> True 3\n"


def test_modules_beside_the_script_are_found_and_stand_in_its_traceback(tmp_path):
    (tmp_path / "beside.py").write_text("def fail():\n    raise OSError('own')\n")
    ran = run_text(tmp_path, "import beside\nbeside.fail()\n")
    assert ran.status == 1
    assert f'{tmp_path / "beside.py"}", line 2, in fail' in ran.err
    del sys.modules["beside"]


def test_a_script_that_does_not_parse_is_shown_as_python_shows_it(tmp_path):
    ran = run_text(tmp_path, "import numpy\nprint(1 1)\n")
    assert ran.status == 1
    assert ran.err.startswith(f'  File "{tmp_path / "script.py"}", line 2\n')
    assert "SyntaxError: invalid syntax" in ran.err
    assert "Python 2" not in ran.err


def test_a_script_is_parsed_once(tmp_path):
    with pytest.warns(SyntaxWarning) as caught:
        ran = run_text(tmp_path, "if 1 is 1:\n    print(1)\n")
    assert ran == (0, "1\n", "")
    assert [(w.filename, w.lineno) for w in caught] == [(str(tmp_path / "script.py"), 1)]


def test_a_script_that_does_not_exist(tmp_path):
    ran = run_process(tmp_path / "nowhere.py")
    assert (ran.status, ran.out) == (1, "")
    assert (
        ran.err == f"The script {tmp_path}/nowhere.py cannot be read: No such file or directory.\n"
    )
