"""``python -m tinylstm convert IN OUT``: a model in another format, and what is lost is said."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

import tinylstm
from tinylstm import LSTM, Bidirectional, Dense, Dropout, Input, Sequential, TimeDistributed
from tinylstm.__main__ import main
from tinylstm.formats import FORMATS, hdf5
from tinylstm.formats.lost import lost
from tinylstm.initializers import RandomUniform

pytestmark = pytest.mark.filterwarnings("ignore:Modules of nn compute otherwise")  # a state


def converted(*given):
    """What the command says, line by line."""
    done = CliRunner().invoke(main, ["convert", *map(str, given)])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def refusal(*given):
    """What it says where it refuses."""
    done = CliRunner().invoke(main, ["convert", *map(str, given)])
    assert done.exit_code == 1, done.output
    return done.output


def trained(compiled=True, rate=0.5):
    """A model after three updates, with a carried state."""
    tinylstm.set_random_seed(7)
    layers = [LSTM(4, batch_input_shape=(2, 3, 2), stateful=True), Dropout(rate), Dense(1)]
    model = Sequential(layers)
    model.build((2, 3, 2))
    if compiled:
        model.compile("adam", "mse", metrics=["mae"])
        model.fit(np.ones((6, 3, 2)), np.ones(6), batch_size=2, verbose=0)
    return model


def test_in_our_own_format_nothing_is_lost(tmp_path):
    model = trained()
    model.save(tmp_path / "a")
    lines = converted(tmp_path / "a", tmp_path / "b.safetensors")
    assert lines[-1] == "nothing is lost"
    assert lines[0].endswith("a: a model")
    assert list(lost(model, tinylstm.load_model(tmp_path / "b.safetensors"))) == []


def test_what_a_graph_has_not_is_said(tmp_path):
    trained().save(tmp_path / "a")
    lines = converted(tmp_path / "a", tmp_path / "b.onnx")
    assert "lost: the layer dropout (Dropout)" in lines
    assert "lost: the loss, the metrics and the optimiser" in lines
    assert "lost: the number of updates, 3" in lines


def test_weights_go_alone_where_a_format_has_no_more_or_that_is_wanted(tmp_path):
    model = trained()
    model.save(tmp_path / "a")
    for given in (["b.pt"], ["c.safetensors", "--weights"]):
        lines = converted(tmp_path / "a", tmp_path / given[0], *given[1:])
        assert [line for line in lines if "lost" in line] == ["lost: all but the weights"]
        other = trained(compiled=False)
        other.load_weights(tmp_path / given[0])
        assert (other.theta == model.theta).all()


def test_weights_become_a_model_by_one_that_describes_them(tmp_path, monkeypatch):
    weights = FORMATS["torch"]._replace(can=("save_weights", "load_weights"))
    monkeypatch.setitem(FORMATS, "torch", weights)
    model, other = trained(), trained(compiled=False)
    other.theta = 0 * other.theta
    other.save(tmp_path / "described")
    model.save_weights(tmp_path / "a.pt")
    assert "--model FILE" in refusal(tmp_path / "a.pt", tmp_path / "b")
    converted(tmp_path / "a.pt", tmp_path / "b", "--model", tmp_path / "described")
    assert (tinylstm.load_model(tmp_path / "b").theta == model.theta).all()


def test_what_is_there_is_not_written_over_unless_it_is_wanted(tmp_path):
    trained().save(tmp_path / "a")
    (tmp_path / "b").write_bytes(b"mine")
    said = refusal(tmp_path / "a", tmp_path / "b")
    assert "exists already.\nExpected: --overwrite, or a new path" in said
    assert (tmp_path / "b").read_bytes() == b"mine"
    converted(tmp_path / "a", tmp_path / "b", "--overwrite", "--format", "safetensors")
    assert "no such file" in refusal(tmp_path / "none", tmp_path / "c")


@pytest.mark.filterwarnings("ignore:.*although its suffix is that of:UserWarning")
@pytest.mark.parametrize("name", [one.name for one in FORMATS.values()])
def test_a_format_by_its_name_goes_to_a_path_of_any_suffix(tmp_path, name):
    trained().save(tmp_path / "a")
    for suffix in (".bin", ".h5", ".onnx"):
        lines = converted(tmp_path / "a", tmp_path / f"{name}{suffix}", "--format", name)
        assert lines[1].startswith(f"{tmp_path / name}{suffix}: ")


def test_what_a_file_never_had_is_not_lost(tmp_path):
    trained(rate=0).save(tmp_path / "a")
    lines = converted(tmp_path / "a", tmp_path / "b.keras")
    assert [line.partition(",")[0] for line in lines[2:]] == [
        "lost: the carried state",
        "lost: where random numbers go on: another order of the samples",
    ]
    for source, target in (("b.keras", "c.h5"), ("c.h5", "d.keras"), ("d.keras", "e")):
        lines = converted(tmp_path / source, tmp_path / target)
        assert lines[2:] == ["nothing is lost"]
    assert not any("random" in line for line in converted(tmp_path / "e", tmp_path / "f"))
    lines = converted(tmp_path / "b.keras", tmp_path / "g.onnx")
    assert not any("random" in line for line in lines)


def test_of_weights_alone_nothing_is_lost_by_weights_alone(tmp_path):
    trained().save(tmp_path / "a")
    trained().save_weights(tmp_path / "a.pt")
    trained().save_weights(tmp_path / "b.weights.h5")
    for given in (["a.pt", "c.weights.h5"], ["b.weights.h5", "d.pt", "--model", tmp_path / "a"]):
        lines = converted(tmp_path / given[0], tmp_path / given[1], *given[2:])
        assert lines[2:] == ["nothing is lost"]


@pytest.mark.filterwarnings("default")
def test_a_warning_is_a_sentence_and_one_of_what_is_not_there_is_none(tmp_path):
    trained(rate=0).save(tmp_path / "a.keras")
    with_layers(LSTM(2)).save(tmp_path / "b.onnx")
    for source, target in (("b.onnx", "c.h5"), ("c.h5", "d.keras")):
        lines = converted(tmp_path / source, tmp_path / target)
        assert not any("Warning" in line for line in lines)
        assert len(lines) == 3
    lines = converted(tmp_path / "a.keras", tmp_path / "e.npz")
    assert lines[0].startswith("Warning: e.npz is a safetensors file, although its suffix is that")
    assert [line for line in lines if "Warning" in line or "callback" in line] == lines[:1]


def test_a_layer_that_another_format_lacks_is_a_sentence_and_no_traceback(tmp_path):
    write_old_gru(tmp_path / "a.h5")
    assert "resets behind the product" in refusal(tmp_path / "a.h5", tmp_path / "b.pt")
    done = CliRunner().invoke(main, ["show", str(tmp_path / "a.h5")])
    assert done.exit_code == 0, done.output
    assert "2 x 12" in done.output


def write_old_gru(path):
    """A file of Keras 2 with the weights of a GRU whose reset comes before the product."""
    arrays = {"k": np.ones((2, 12)), "r": np.ones((4, 12)), "b": np.ones(12)}
    gru = hdf5.Group(arrays, {"weight_names": [*arrays]})
    config = {"name": "gru", "units": 4, "reset_after": False, "batch_input_shape": [None, 5, 2]}
    said = {"class_name": "GRU", "config": config}
    model = {"class_name": "Sequential", "config": {"name": "s", "layers": [said]}}
    attributes = {"keras_version": "2.15.0", "model_config": json.dumps(model)}
    weights = hdf5.Group({"gru": gru}, {"layer_names": ["gru"]})
    hdf5.write(path, hdf5.Group({"model_weights": weights}, attributes))


DIFFERENCES = {
    "a number": (lambda m: m.theta.__setitem__(0, 9), "the numbers of lstm/kernel"),
    "the state": (lambda m: m.reset_states(), "the carried state"),
    "the seed": (lambda m: setattr(m, "seed", 3), "where random numbers go on"),
    "the loss": (lambda m: m.compile("adam", "mae", ["mae"]), "the loss mean_squared_error"),
    "the optimiser": (
        lambda m: m.compile("sgd", "mse", ["mae"]),
        "Adam as the optimiser: it is SGD",
    ),
    "a layer": (lambda m: m.pop(), "the layer dense (Dense)"),
    "the moments": (lambda m: m.optimizer.moments.__setitem__(0, 9), "the moments of the"),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_each_difference_is_told(name):
    change, said = DIFFERENCES[name]
    model, other = trained(), trained()
    assert list(lost(model, other)) == []
    change(other)
    found = list(lost(model, other))
    assert any(sentence.startswith(said) for sentence in found), found
    if name not in ("a layer", "the optimiser", "the loss"):
        assert len(found) == 1


def with_layers(*layers):
    """A model that reads five steps of two numbers."""
    model = Sequential([Input((5, 2)), *layers])
    model.build((None, 5, 2))
    return model


def within(units=3, drawn="random_uniform", name=None):
    """One whose layers have layers and objects in them."""
    lstm = LSTM(units, return_sequences=True, kernel_initializer=drawn, name=name)
    return with_layers(Bidirectional(lstm, name="both"), TimeDistributed(Dense(1), name="head"))


def test_what_is_written_in_another_way_is_not_lost(tmp_path):
    model = within()
    for suffix in (".h5", ".keras", ".onnx"):
        model.save(tmp_path / f"a{suffix}")
        found = list(lost(model, tinylstm.load_model(tmp_path / f"a{suffix}", compile=False)))
        assert [said for said in found if "kernel_init" not in said or suffix != ".onnx"] == []
    plain_dense = with_layers(LSTM(3, return_sequences=True), Dense(1))
    assert "TimeDistributed" not in "".join(lost(model, plain_dense))


def test_what_differs_within_a_layer_is_told_alone():
    model, other = within(), within(drawn=RandomUniform(-0.1, 0.05))
    other.theta[:] = model.theta
    assert list(lost(model, other)) == [
        "minval=-0.05 of the kernel_initializer of the layer of both: it is -0.1"
    ]
    other = within(drawn="glorot_uniform")
    other.theta[:] = model.theta
    assert list(lost(model, other)) == [
        "kernel_initializer=RandomUniform(minval=-0.05, maxval=0.05) of the layer of both: "
        "it is 'glorot_uniform'"
    ]


def test_a_setting_that_differs_is_told():
    found = list(lost(trained(False), trained(False, rate=0.25)))
    assert found == ["rate=0.5 of dropout: it is 0.25"]
