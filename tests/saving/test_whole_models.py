"""A model that was saved and loaded, pickled or copied is the same to the last bit, and so is what
it learns afterwards."""

import copy
import json
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinylstm
from tests.optimizers.test_own_optimizers import Drift
from tests.snapshots import refused
from tests.test_own_losses import Spread, below, fourth
from tinylstm import LSTM, Dense, Sequential, load_model, losses, metrics
from tinylstm.files import container
from tinylstm.losses import Huber, Loss
from tinylstm.optimizers import OPTIMIZERS

from .models import CHAINS, OWN, D, K, T, assert_same, data, differences, fit, trained


def saved(model, folder, **options):
    """The model from a file."""
    path = folder / "model.safetensors"
    model.save(path)
    return load_model(path, **options)


WAYS = {
    "save": lambda model, folder: saved(model, folder, custom_objects=OWN),
    "pickle": lambda model, folder: pickle.loads(pickle.dumps(model)),
    "deepcopy": lambda model, folder: copy.deepcopy(model),
    "shallow": lambda model, folder: copy.copy(model),
    "copy": lambda model, folder: model.copy(),
}
each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.mark.filterwarnings("ignore:shuffle=True with a carried state")
@each_way
@pytest.mark.parametrize("name", CHAINS)
def test_every_layer_and_state_goes_on_as_if_nothing_had_happened(tmp_path, way, name):
    model = trained(name)
    assert_same(model, way(model, tmp_path), name)


@each_way
@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, Drift])
def test_every_optimiser_does(tmp_path, way, optimizer):
    made = optimizer if isinstance(optimizer, str) else optimizer(0.01)
    model = trained(optimizer=made)
    model.optimizer.learning_rate = 0.005
    if optimizer is Drift and way is WAYS["save"]:
        assert_same(model, saved(model, tmp_path, custom_objects={"Drift": Drift}))
    else:
        assert_same(model, way(model, tmp_path))


@pytest.mark.filterwarnings("ignore:.* reads probabilities")
@pytest.mark.parametrize("way", [WAYS["save"], WAYS["pickle"]], ids=["save", "pickle"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", losses.LOSSES)
def test_every_loss_and_dtype_does(tmp_path, way, loss, dtype):
    scored = [] if loss.startswith("sparse") else ["acc", "auc", "mae", metrics.AUC(curve="PR")]
    model = trained("words", loss="mse", dtype=dtype, epochs=0)
    model.compile("nadam", loss, scored)
    twin = way(model, tmp_path)
    assert twin.metrics_names == model.metrics_names
    x, y = data("words")
    y = y.argmax(axis=1) if loss.startswith("sparse") else y
    histories = [one.fit(x, y, 2, 2, 0).history for one in (model, twin)]
    assert histories[0] == histories[1]
    assert differences(model, twin) == []


class Quantile(Loss):
    """A class of one's own, that keeps no argument."""

    def __init__(self, factor):
        super().__init__("quantile", fourth, option=[factor / 2])


def rmse(y_true, y_pred):
    """A function of arrays."""
    return np.sqrt(np.mean((y_true - y_pred) ** 2))


OWN_LOSSES = {
    "a kernel": (fourth_of_one := Loss("fourth", fourth, option=[0.5]), {"fourth": fourth_of_one}),
    "a class": (Quantile(3), {"Quantile": Quantile}),
    "an object": (Huber(0.3), {}),
}


@pytest.mark.parametrize("case", OWN_LOSSES)
def test_a_loss_and_metrics_of_ones_own_do(tmp_path, case):
    loss, own = OWN_LOSSES[case]
    model = trained(loss=loss, metrics=[below, Spread(2.0), rmse, "mse"])
    loss.option[:] = 0.25  # it is read anew by each training
    own = own | {"below": below, "Spread": Spread, "rmse": rmse}
    twin = saved(model, tmp_path, custom_objects=own)
    assert twin.metrics_names == model.metrics_names
    assert twin.loss.option.tolist() == [0.25]
    assert_same(model, twin)


def test_a_layer_that_takes_no_name_keeps_it(tmp_path):
    model = Sequential([Nameless(3), Dense(2, name="out")])
    model.build((None, T, D))
    model.layers[0].trainable = False
    twin = saved(model, tmp_path, custom_objects={"Nameless": Nameless})
    assert [layer.name for layer in twin.layers] == ["reader", "out"]
    assert not twin.layers[0].trainable
    np.testing.assert_array_equal(twin.theta, model.theta)


class Nameless(LSTM):
    """Its constructor takes neither a name nor whether it is trained."""

    def __init__(self, units):
        super().__init__(units, name="reader")


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_chain_does(drawn):
    middle = drawn.draw(st.lists(st.sampled_from(MIDDLE), max_size=3))
    kind = drawn.draw(st.sampled_from([LSTM, tinylstm.GRU, tinylstm.SimpleRNN]))
    options = drawn.draw(
        st.fixed_dictionaries(
            {
                "stateful": st.booleans(),
                "dropout": st.sampled_from([0.0, 0.25]),
                "go_backwards": st.booleans(),
                "trainable": st.booleans(),
            }
        )
    )
    optimizer = drawn.draw(st.sampled_from([*OPTIMIZERS]))
    tinylstm.set_random_seed(drawn.draw(st.integers(0, 99)))
    model = Sequential([*(make() for make in middle), kind(3, **options), Dense(K)])
    model.compile(optimizer, drawn.draw(st.sampled_from(["mse", "huber"])))
    fit(model, epochs=drawn.draw(st.integers(0, 2)), shuffle=False)
    twin = pickle.loads(pickle.dumps(model)) if model.built else copy.deepcopy(model)
    text = tinylstm.model_from_json(model.to_json())
    assert text.get_config() == twin.get_config() == model.get_config()
    if model.theta is not None:
        assert_goes_on_as(model, twin)


MIDDLE = [
    lambda: LSTM(4, return_sequences=True, recurrent_dropout=0.25),
    lambda: tinylstm.Bidirectional(tinylstm.GRU(2, return_sequences=True)),
    lambda: tinylstm.TimeDistributed(Dense(3, "tanh")),
    lambda: tinylstm.Masking(0.25),
    lambda: tinylstm.Dropout(0.25),
    lambda: tinylstm.LayerNormalization(),
]


def assert_goes_on_as(model, twin):
    """Two models learn the same."""
    for one in (model, twin):
        fit(one, epochs=2, shuffle=False)
    assert differences(model, twin) == []


@each_way
def test_a_model_that_is_not_built_or_not_compiled_is_still_that(tmp_path, way):
    tinylstm.set_random_seed(3)
    deferred = Sequential([LSTM(4), Dense(K)], name="late")
    deferred.compile("adam", "mse", ["mae"])
    if way is not WAYS["copy"]:
        twin = way(deferred, tmp_path)
        assert (twin.theta, twin.name, twin.metrics_names) == (None, "late", ["loss", "mae"])
        for one in (deferred, twin):
            fit(one)
        assert differences(deferred, twin) == []
    bare = Sequential([LSTM(4, input_shape=(T, D)), Dense(K)], dtype="float64")
    twin = way(bare, tmp_path)
    assert (twin.loss, twin.optimizer) == (None, None)
    for one in (bare, twin):
        one.compile("adam", "mse")
        fit(one)
    assert differences(bare, twin) == []


@each_way
def test_it_draws_nothing(tmp_path, way):
    seeds = []
    for times in (0, 2):
        model = trained(epochs=0)
        for _ in range(times):
            assert way(model, tmp_path).seed == model.seed
        seeds.append(Sequential([Dense(1)]).seed)
    assert seeds[0] == seeds[1]


@each_way
def test_layers_that_are_added_later_begin_with_the_same_weights(tmp_path, way):
    model = trained()
    twin = way(model, tmp_path)
    for one in (model, twin):
        one.pop()
        one.add(Dense(5))
        one.compile("adam", "mse")
    np.testing.assert_array_equal(model.theta, twin.theta)


@pytest.mark.parametrize("carried", [False, True])
def test_a_training_goes_on_after_a_file(tmp_path, carried):
    name = "stateful" if carried else "every option"
    whole, model = (trained(name, epochs=0) for _ in range(2))
    fit(whole, name, epochs=5)
    fit(model, name, epochs=2)
    for epoch in range(2, 5):
        model = saved(model, tmp_path)
        history = fit(model, name, epochs=epoch + 1, initial_epoch=epoch)
        assert history.epoch == [epoch]
    assert differences(whole, model) == []


def test_weights_alone_are_read_from_the_file_of_a_model(tmp_path):
    model, other = trained(), trained(epochs=0)
    model.save(tmp_path / "model")
    other.load_weights(tmp_path / "model")
    np.testing.assert_array_equal(other.theta, model.theta)


def test_without_compile_there_is_no_optimiser(tmp_path):
    model = trained(loss=fourth_of_one)
    twin = saved(model, tmp_path, compile=False)
    assert (twin.loss, twin.optimizer) == (None, None)
    np.testing.assert_array_equal(twin.predict(data("lstm")[0]), model.predict(data("lstm")[0]))


def test_what_is_not_known_is_named_with_the_way_out(tmp_path):
    model = trained("own cell")
    with refused(ValueError, "'peephole'") as caught:
        saved(model, tmp_path)
    assert 'custom_objects={"peephole": peephole}' in str(caught.value)
    model.compile(Drift(), "mse")
    with refused(ValueError, "'Drift'"):
        saved(model, tmp_path, custom_objects=OWN)


def test_a_file_of_weights_is_no_model(tmp_path):
    trained().save_weights(tmp_path / "weights")
    with refused(ValueError, "no model") as caught:
        load_model(tmp_path / "weights")
    assert "load_weights" in str(caught.value)


def test_a_class_of_models_of_ones_own_comes_back(tmp_path):
    class Mine(Sequential):
        """One's own."""

    model = Mine([LSTM(3, input_shape=(T, D))])
    with refused(ValueError, "'Mine'"):
        saved(model, tmp_path)
    assert type(saved(model, tmp_path, custom_objects={"Mine": Mine})) is Mine


def rewritten(path, change):
    """A file whose description was changed, and its checksum with it."""
    tensors, about = container.read(path)
    change(about)
    container.write(path, tensors, about)


LAYER = ("model", "config", "layers", 0)
WRONG = {  # where, what stands there, part of the sentence
    "too many units": ((*LAYER, "config", "units"), 10**9, "not those of the model"),
    "other units": ((*LAYER, "config", "units"), 5, "not those of the model"),
    "no units": ((*LAYER, "config", "units"), None, "units must be a whole number"),
    "no layer": ((*LAYER, "class_name"), "Adam", "argument of Adam"),
    "another layer": ((*LAYER, "class_name"), "GRU", "argument of GRU"),
    "no class": ((*LAYER, "class_name"), ["LSTM"], "nothing of tinylstm"),
    "code": ((*LAYER, "class_name"), "os.system", "nothing of tinylstm"),
    "a word for a layer": (LAYER, "LSTM", "layer's description"),
    "a list for a config": ((*LAYER, "config"), [], "config of a LSTM"),
    "another argument": ((*LAYER, "config", "unitz"), 3, "argument of LSTM"),
    "no layers": (("model", "config", "layers"), 3, "layers of a model"),
    "no config": (("model", "config"), None, "A model's config"),
    "no model": (("model",), None, "A model's description"),
    "a layer for a model": (("model", "class_name"), "LSTM", "no class of models"),
    "no dtype": (("model", "config", "dtype"), "float16", "dtype"),
    "another dtype": (("model", "config", "dtype"), "float64", "not those of the model"),
    "another name": ((*LAYER, "config", "name"), "lstm_9", "not those of the model"),
    "a number for a name": ((*LAYER, "config", "name"), 7, "has a name of letters"),
    "the same name": (("model", "config", "layers", 1, "config", "name"), "lstm", "unique"),
    "another shape": (("model", "config", "batch_input_shape"), [None, 5, 4], "not those of"),
    "many rows": (
        ("model", "config", "batch_input_shape"),
        [10**12, 5, 3],
        "are larger",
    ),
    "no shape": (("model", "config", "batch_input_shape"), "abc", "is not a tuple"),
    "another optimiser": (("compile", "optimizer", "class_name"), "RMSprop", "argument of RMSprop"),
    "no optimiser": (("compile", "optimizer"), 3, "Unknown optimizer"),
    "no loss": (("compile", "loss"), "mean_squared", "Unknown loss"),
    "no metric": (("compile", "metrics"), ["mean"], "Unknown metric"),
    "a list for compile": (("compile",), [1], "compile"),
    "no position": (("position",), None, "A position"),
    "no seed": (("position", "seed"), "7", "The seed must be"),
    "no generator": (("position", "draws", "bit_generator"), "MT19937", "made again"),
    "no state of it": (("position", "draws", "state"), 3, "made again"),
    "no orders": (("position", "orders"), -1, "orders must be"),
    "rows": (("position", "rows"), 10**12, "not those of the model"),
    "no counts": (("position", "counts"), {}, "made again"),
    "a word for a count": (("position", "counts", "iteration"), "many", "is a number"),
    "a huge count": (("position", "counts", "iteration"), 10**30, "made again"),
    "another version": (("version",), 2, "newer tinylstm"),
    "no version": (("version",), "1.5", "does not say its version"),
    "another kind": (("kind",), "tinylstm table", "no model"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_makes_no_sense_in_a_file_is_a_sentence(tmp_path, case):
    (*way, last), value, fragment = WRONG[case]
    path = tmp_path / "model"
    trained("stateful" if "rows" in case else "lstm").save(path)

    def change(about):
        for name in way:
            about = about[name]
        about[last] = value

    rewritten(path, change)
    with pytest.raises(ValueError, match="\nExpected: ") as caught:
        load_model(path)
    assert fragment in str(caught.value)


def test_parts_of_a_model_are_other_ones_when_they_come_back():
    model = trained("both directions")
    layer, optimizer = model.layers[0], model.optimizer
    for way in (copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))):
        found = way(layer)
        assert found.model is not model
        for ours, theirs in zip(found.get_weights(), layer.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        x = data("lstm")[0]
        np.testing.assert_array_equal(found(x), layer(x))
        again = way(optimizer)
        assert again.moments is None
        assert again.get_config() == optimizer.get_config()
        Sequential([Dense(1, input_shape=(2,))]).compile(again, "mse")


def test_a_clone_has_the_layers_and_other_weights():
    model = trained("both directions")
    twin = tinylstm.clone_model(model)
    assert twin.get_config() == model.get_config()
    assert (twin.loss, twin.count_params()) == (None, model.count_params())
    assert not np.array_equal(twin.theta, model.theta)
    with refused(TypeError, "not a model"):
        tinylstm.clone_model(3)


def test_a_text_describes_a_model():
    model = trained("every option")
    twin = tinylstm.model_from_json(model.to_json(indent=1))
    assert twin.get_config() == model.get_config()
    assert [w.shape for w in twin.weights] == [w.shape for w in model.weights]
    for wrong in (
        "{",
        "[]",
        "3",
        '{"class_name": "LSTM", "config": {"units": 2}}',
        None,
        "[" * 9999,
    ):
        with pytest.raises(ValueError, match="Expected: "):
            tinylstm.model_from_json(wrong)


def test_a_text_that_makes_no_sense_is_said_to_be_a_text():
    said = trained(epochs=0).get_config()
    said["layers"][0]["config"]["kernel_initializer"] = {"array": "x", "dtype": "float32"}
    with refused(ValueError, "The model in the text cannot be made again") as caught:
        tinylstm.model_from_json(json.dumps({"class_name": "Sequential", "config": said}))
    assert "Expected: model.to_json()" in str(caught.value)


def test_what_is_loaded_is_in_memory_once(tmp_path):
    model = Sequential([Dense(600, input_shape=(600,))])
    model.compile("adam", "mse")
    model.build((None, 600))
    needed = 4 * model.theta.nbytes  # with gradients and two moments
    saved(model, tmp_path)  # what a first load imports
    tracemalloc.start()
    try:
        twin = saved(model, tmp_path)
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert np.array_equal(twin.theta, model.theta)
    assert held < most < needed + model.theta.nbytes / 2
