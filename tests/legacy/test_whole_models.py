"""Whole models in files under ``run``: saved, loaded as old ones, and trained on."""

import json

import numpy as np
import pytest

import tinylstm
from tests.old_scripts import MODEL, run_text
from tinylstm.formats import OF_KERAS, PACKAGES

VERSIONS = ["1.2.2", "2.0.2", "2.2.4", "2.3.1", "2.4.3", "2.15.0"]
SAVED = (
    "from keras.models import load_model\nmodel.save('m.model')\nloaded = load_model('m.model')\n"
)
SAME = """
def numbers(m):
    history = m.fit(x, y, batch_size=3, verbose=0).history
    return [*history.items(), m.predict(x).tolist(), [w.tolist() for w in m.get_weights()]]
print(numbers(loaded) == numbers(model))
"""
LAYERS = {
    "LSTM(3, dropout=0.3, recurrent_dropout=0.2, kernel_initializer='he_normal')": "2.2.4",
    "LSTM(3, init='normal', inner_init='identity', W_regularizer='l2')": "1.2.2",
    "LSTM(3, kernel_initializer=initializers.TruncatedNormal(0.1, seed=4))": "2.2.4",
    "LSTM(3, stateful=True, batch_input_shape=(3, 3, 2))": "2.2.4",
    "LSTM(3, kernel_constraint=constraints.maxnorm(2), bias_initializer='ones')": "2.2.4",
    "GRU(3, recurrent_initializer=initializers.Orthogonal(2.0))": "2.4.3",
    "CuDNNLSTM(3)": "2.2.4",
    "SimpleRNN(3, return_sequences=True), Flatten()": "2.2.4",
    "Bidirectional(LSTM(3, return_sequences=True), 'sum'), GRU(2)": "2.2.4",
    "Masking(), TimeDistributed(Dense(3)), Reshape((9,)), RepeatVector(2), LSTM(3)": "2.2.4",
    "Embedding(9, 4, input_length=3, dropout=0.2), LSTM(3)": "1.2.2",
    "LeakyReLU(0.1), SpatialDropout1D(0.2), Dropout(0.1), LSTM(3), Activation('elu')": "2.2.4",
    "Dense(3, weights=[np.ones((2, 3)), np.zeros(3)]), LSTM(2)": "2.2.4",
}
OPTIMIZERS = {
    "SGD(lr=0.1, momentum=0.9, decay=0.1, nesterov=True)": "2.2.4",
    "RMSprop(clipnorm=1.0, clipvalue=0.01)": "2.2.4",
    "Adam(clipvalue=0.5)": "2.3.1",
    "Adam(clipnorm=0.5)": "2.4.3",
    "Adagrad()": "2.2.4",
    "Nadam(schedule_decay=0.01)": "2.2.4",
    "AdamW()": "2.15.0",
    "Lion(1e-3)": "2.15.0",
}
LOSSES = {
    "'mse', ['mae', metrics.mse, 'acc']": "2.2.4",
    "'mse', [metrics.MeanSquaredError(name='own')]": "2.4.3",
    "'binary_crossentropy', ['accuracy', 'binary_accuracy']": "2.0.2",
    "'categorical_crossentropy', ['accuracy', 'top_k_categorical_accuracy']": "2.2.4",
}


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(folder, text, **dialect):
    """What a script prints that runs to its end."""
    ran = run_text(folder, text, **dialect)
    assert ran.status == 0, ran.err
    return ran.lines


@pytest.mark.parametrize("version", VERSIONS)
def test_a_loaded_model_is_an_old_one_and_trains_on_to_the_bit(tmp_path, version):
    text = (
        f"{MODEL}model.fit(x, y, verbose=0, epochs=2)\n{SAVED}"
        "print(loaded, loaded.layers, loaded.layers[0].units, isinstance(loaded.layers[0], LSTM))\n"
        "print(type(loaded) is Sequential, loaded.metrics_names == model.metrics_names)\n"
        "print(loaded.layers[0].recurrent_activation == model.layers[0].recurrent_activation)\n"
        "print(loaded.optimizer.get_config() == model.optimizer.get_config())\n"
        f"{SAME}"
        "model.save_weights('w'); loaded.load_weights('w'); loaded.predict_classes(x)\n"
        "loaded.pop(); loaded.add(Dense(2)); loaded.compile('sgd', 'mse'); loaded.summary()\n"
    )
    first, *others = run(tmp_path, text, version=version)
    names = "['lstm', 'dense']" if version in VERSIONS[4:] else "['lstm_1', 'dense_1']"
    lstm, dense = eval(names)
    assert first.endswith(f"{lstm}, {dense}> [<LSTM {lstm!r}>, <Dense {dense!r}>] 5 True")
    assert others[:4] == ["True True", *["True"] * 3]


def of_layers(layers, optimizer="'adam'", loss="'mse'"):
    words = "Embedding" in layers
    shape = (
        ""
        if words or "batch_input_shape" in layers
        else "model.add(Masking(-9., input_shape=(3, 2)))\n"
    )
    return (
        "import numpy as np\nfrom keras import constraints, initializers, metrics\n"
        "from keras.layers import *\nfrom keras.models import Sequential\n"
        "from keras.optimizers import *\nnp.random.seed(5)\n"
        f"x = np.random.{'randint(1, 9, (6, 3))' if words else 'random((6, 3, 2))'}\n"
        f"y = np.eye(4)[np.arange(6) % 4]\nmodel = Sequential()\n{shape}"
        f"for layer in [{layers}, Dense(4, activation='softmax')]:\n    model.add(layer)\n"
        f"model.compile({optimizer}, {loss})\nmodel.fit(x, y, batch_size=3, verbose=0)\n"
        f"{SAVED}print([type(layer).__name__ for layer in loaded.layers])\n{SAME}"
    )


@pytest.mark.filterwarnings("ignore:.*shuffle")
@pytest.mark.parametrize("layers", LAYERS)
def test_every_kind_of_layer_comes_back(tmp_path, layers):
    kinds, same = run(tmp_path, of_layers(layers), version=LAYERS[layers])
    assert same == "True"
    assert all(kind.strip(" ',") in f"{layers}MaskingDense" for kind in kinds[1:-1].split())
    assert tinylstm.load_model("m.model").layers[-1].units == 4


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimiser_goes_on(tmp_path, optimizer):
    text = of_layers("LSTM(3)", optimizer) + (
        "print(type(loaded.optimizer).__name__, loaded.optimizer.lr == model.optimizer.lr)\n"
        "print(loaded.optimizer.get_config() == model.optimizer.get_config())\n"
    )
    _, same, kind, config = run(tmp_path, text, version=OPTIMIZERS[optimizer])
    assert (same, kind, config) == ("True", f"{optimizer.partition('(')[0]} True", "True")
    assert tinylstm.load_model("m.model").optimizer.iterations == 2


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_and_metrics_are_those_of_the_version(tmp_path, loss):
    text = of_layers("LSTM(3)", "'adam'", loss) + "print(loaded.metrics_names)\n"
    text += "print(loaded.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0))\n"
    _, same, names, scores = run(tmp_path, text, version=LOSSES[loss])
    assert (same, scores) == ("True", "True")
    assert tinylstm.load_model("m.model").metrics_names == eval(names)


def test_a_model_of_this_package_opens_in_a_script(tmp_path):
    model = tinylstm.Sequential([tinylstm.LSTM(3, input_shape=(3, 2)), tinylstm.Dense(4)])
    model.compile("rmsprop", "mse", ["accuracy"])
    model.save("new.safetensors")
    text = (
        f"{MODEL}from keras.models import load_model\nloaded = load_model('new.safetensors')\n"
        "loaded.fit(x, y, nb_epoch=2, verbose=0)\nprint(loaded.layers[0].input_shape)\n"
        "np.save('out', loaded.predict(x)); np.save('x', x); loaded.save('old')\n"
    )
    assert run(tmp_path, text, version="1.2.2") == ["(None, 3, 2)"]
    again = tinylstm.load_model("old")
    assert np.array_equal(again.predict(np.load("x.npy")), np.load("out.npy"))
    assert again.optimizer.iterations == 2


@pytest.mark.parametrize("version", ["2.2.4", "2.4.3"])
def test_files_of_all_names_are_read_again(tmp_path, version):
    text = (
        f"{MODEL}from keras.callbacks import ModelCheckpoint\nimport keras\n"
        "keras.models.save_model(model, 'a.h5', True, False)\nmodel.save('b.hdf5')\n"
        "model.save_weights('c.h5')\n"
        "model.fit(x, y, epochs=2, verbose=0, callbacks=[ModelCheckpoint('d{epoch}.h5')])\n"
        "print([len(keras.models.load_model(n).layers) for n in ('a.h5', 'b.hdf5', 'd2.h5')])\n"
    )
    assert run(tmp_path, text, version=version) == ["[2, 2, 2]"]


def test_files_called_h5_are_those_of_keras_2(tmp_path):
    text = (
        f"{MODEL}from keras.callbacks import ModelCheckpoint\nfrom keras.models import load_model\n"
        "model.fit(x, y, verbose=0, callbacks=[ModelCheckpoint('a.h5')])\n"
        "model.save_weights('b.h5')\nother = load_model('a.h5')\n"
        "print((other.predict(x) == model.predict(x)).all(), other.optimizer.iterations)\n"
        "other.load_weights('b.h5', by_name=True)\n"
        "print(other.layers[0].recurrent_activation)\n"
    )
    assert run(tmp_path, text, version="1.2.2") == ["True 10", "hard_sigmoid_keras2"]
    for name in ("a.h5", "b.h5"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89HDF")


def test_what_keras_has_not_is_saved_in_any_case(tmp_path):
    text = MODEL.replace("LSTM(5", "LSTM(5, init=lambda shape, name=None: np.ones(shape)")
    with pytest.warns(UserWarning, match="a.h5 is a safetensors file, which only tinylstm reads"):
        run(tmp_path, f"{text}model.save('a.h5')\n", version="1.2.2")
    assert not (tmp_path / "a.h5").read_bytes().startswith(b"\x89HDF")


def test_what_is_not_installed_for_a_checkpoint_is_said_before_the_training(tmp_path, monkeypatch):
    monkeypatch.setitem(PACKAGES, OF_KERAS, "no_such_package")
    text = (
        f"{MODEL}from keras.callbacks import ModelCheckpoint, LambdaCallback\n"
        "said = LambdaCallback(on_epoch_begin=lambda *_: print('begins'))\n"
        "model.fit(x, y, epochs=1, callbacks=[ModelCheckpoint('a.h5'), said], verbose=0)\n"
    )
    with pytest.warns(UserWarning, match="a.h5 .* a safetensors file") as caught:
        assert run(tmp_path, text, version="2.2.4") == ["begins"]
    words = [str(one.message).partition(" a safetensors")[0] for one in caught]
    assert words == ["a.h5 will be", "a.h5 is"]


def test_checkpoints_are_whole_models_unless_weights_are_wanted(tmp_path):
    text = (
        f"{MODEL}from keras.callbacks import ModelCheckpoint\nfrom keras.models import load_model\n"
        "saver = ModelCheckpoint('{epoch}.best', 'loss', save_best_only=True)\n"
        "light = ModelCheckpoint('weights', save_weights_only=True)\n"
        "model.fit(x, y, epochs=3, verbose=0, callbacks=[saver, light])\n"
        "loaded = load_model('3.best')\n"
        "print(loaded.layers[0].units, loaded.optimizer.iterations)\n"
        "print((loaded.predict(x) == model.predict(x)).all())\n"
        "model.load_weights('1.best'); model.load_weights('weights')\nload_model('weights')\n"
    )
    ran = run_text(tmp_path, text)
    assert ran.lines == ["5 3", "True"]
    assert "There is no model in weights." in ran.err


def test_folders_of_models_are_made_as_from_2_4_on(tmp_path):
    text = f"{MODEL}model.save('saved/model')\n"
    assert run(tmp_path, text, version="2.4.3") == []
    assert tinylstm.load_model("saved/model").layers[0].units == 5
    assert "FileNotFoundError" in run_text(tmp_path, text.replace("saved", "other")).err


def test_names_of_the_scripts_own(tmp_path):
    text = (
        f"{MODEL}from keras.models import load_model\n"
        "def own(shape, dtype=None):\n    return np.ones(shape)\n"
        "model = Sequential([Dense(2, kernel_initializer=own, input_shape=(3,))])\n"
        "model.save('m')\n"
        "print(load_model('m', {'own': own, 'LSTM': LSTM}).get_weights()[0].sum())\n"
        "load_model('m')\n"
    )
    ran = run_text(tmp_path, text)
    assert ran.lines == ["6.0"]
    assert 'Expected: custom_objects={"own": own}' in ran.err


def test_a_layer_of_a_file_is_changed_as_one_of_the_script(tmp_path):
    text = (
        f"{MODEL}model.layers[0].trainable = False\n{SAVED}last = loaded.pop()\n"
        "last.activation = 'tanh'\nloaded.add(last)\n"
        "print(loaded.layers[0].trainable, loaded.layers[1].activation, last.units, last.name)\n"
    )
    assert run(tmp_path, text) == ["False tanh 4 dense_1"]


def test_a_file_of_keras_is_called_by_its_name(tmp_path):
    (tmp_path / "k.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(90))
    ran = run_text(tmp_path, "from keras.models import load_model\nload_model('k.h5')\n")
    assert ran.status == 1
    assert "HDF5" in ran.err


TEXTS = {
    "model_from_json(model.to_json())": "2.2.4",
    "model_from_json(model.to_json(indent=1, sort_keys=True))": "1.2.2",
    "model_from_yaml(model.to_yaml())": "1.2.2",
    "Sequential.from_config(model.get_config())": "2.2.4",
    "clone_model(model)": "2.4.3",
    "model_from_json(__import__('json').dumps(__import__('json').loads(model.to_json())))": "2.3.1",
}


@pytest.mark.parametrize("way", TEXTS)
def test_the_layers_alone_come_back_with_new_weights(tmp_path, way):
    text = (
        f"{MODEL}from keras.models import *\nimport keras\n"
        f"tested = {way}\nprint(tested, tested.layers[0].units, type(tested.layers[1]) is Dense)\n"
        "print((tested.predict(x) == model.predict(x)).all(), tested.optimizer)\n"
        "model.save_weights('w'); tested.load_weights('w')\n"
        "print((tested.predict(x) == model.predict(x)).all())\n"
        "print(tested.layers[0].get_config() == model.layers[0].get_config())\n"
        "tested.compile('adam', 'mse'); tested.fit(x, y, verbose=0)\n"
    )
    first, *others = run(tmp_path, text, version=TEXTS[way])
    assert first.endswith("> 5 True")
    assert others == ["False None", "True", "True"]


def test_the_first_weights_of_a_copy_are_drawn_as_the_version_drew_them(tmp_path):
    text = (
        f"{MODEL}from keras.models import model_from_json\n"
        "same = model_from_json(model.to_json())\n"
        "gates = np.split(same.layers[0].get_weights()[1], 4, axis=1)\n"
        "print([np.allclose(g.T @ g, 1.21 * np.eye(5), 0, 1e-5) for g in gates])\n"
    )
    assert run(tmp_path, text, version="1.1.2") == ["[True, True, True, True]"]


@pytest.mark.parametrize("layer", ["LSTM(3, dropout=0.1)", "Bidirectional(LSTM(3))", "Flatten()"])
def test_a_layer_is_made_again_of_its_settings(tmp_path, layer):
    text = (
        "from keras.layers import *\n"
        f"first = {layer}\nsecond = type(first).from_config(first.get_config())\n"
        "print(type(second) is type(first), second.name == first.name, second)\n"
        "print(second.get_config() == first.get_config())\n"
    )
    first, second = run(tmp_path, text)
    assert first.startswith("True True <")
    assert second == "True"


def test_a_text_that_is_none_is_refused(tmp_path):
    ran = run_text(tmp_path, "from keras.models import *\nmodel_from_yaml('class_name: LSTM')\n")
    assert "This is no description of a model." in ran.err


@pytest.mark.parametrize(
    "text", ['{"class_name": "Model", "keras_version": "2"}', "keras_version: 2"]
)
def test_a_text_that_keras_wrote_is_called_one(tmp_path, text):
    ran = run_text(tmp_path, f"from keras.models import *\nmodel_from_json({text!r})\n")
    assert "a text that Keras wrote is not supported by tinylstm." in ran.err


HOSTILE = {  # what stands for an initialiser of old scripts in a text
    "GateByGate": {"initializer": {"reference": "zeros", "module": "tinylstm"}, "gates": 10**9},
    "Seeded": {"initializer": 3, "seed": 1},
    "Orthogonal": {"gain": [1, 2]},
    "TruncatedNormal": {"mean": "0", "stddev": 1},
    "Dropping": {"dropout": 2},
    "Holder": {},
}


def drawn_by(name, config):
    """A model of a text that says what draws its weights, built."""
    model = tinylstm.Sequential([tinylstm.Dense(4, input_shape=(3,))])
    said = json.loads(model.to_json())
    own = {"class_name": name, "config": config, "module": "tinylstm.legacy"}
    said["config"]["layers"][0]["config"]["kernel_initializer"] = own
    made = tinylstm.model_from_json(json.dumps(said))
    made.build((None, 3))
    return made


@pytest.mark.parametrize("name", HOSTILE)
def test_a_text_that_was_written_to_do_harm_makes_no_model(name):
    with pytest.raises((ValueError, TypeError)):
        drawn_by(name, HOSTILE[name])


def test_gates_within_gates_take_no_time():
    """Each would draw four times: 4^30 draws."""
    inner = {"reference": "orthogonal", "module": "tinylstm"}
    assert drawn_by("GateByGate", {"initializer": inner, "gates": 2}).built
    for _ in range(30):
        config = {"initializer": inner, "gates": 4}
        inner = {"class_name": "GateByGate", "config": config, "module": "tinylstm.legacy"}
    with pytest.raises(ValueError, match="The columns are not those of gates"):
        drawn_by("GateByGate", config)
