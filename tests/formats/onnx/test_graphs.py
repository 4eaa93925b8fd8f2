"""Graphs of others: read as ONNX Runtime runs them, or refused by the node that is in the way."""

import numpy as np
import pytest

from tests.formats.onnx.graphs import FLOAT, GRAPHS, H, message_of, of_torch, weights, with_states
from tests.formats.onnx.models import B, D, T
from tests.snapshots import refused
from tinylstm import Sequential, load_model
from tinylstm.files.refusals import Damaged
from tinylstm.formats.onnx.messages import MODEL, array_of, tensor_of
from tinylstm.formats.onnx.reading import read
from tinylstm.formats.onnx.showing import shown_of
from tinylstm.formats.onnx.wire import written
from tinylstm.formats.onnx.writing.graph import Graph

X = np.random.default_rng(2).normal(size=(B, T, D)).astype("f4")


def model_of(message):
    return read(Sequential, written(MODEL, message))


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_of_others_is_what_onnx_runtime_runs(name):
    from tests.formats.onnx.running import NEAR, run, session_of

    content = written(MODEL, GRAPHS[name])
    model, session = read(Sequential, content), session_of(content)
    first, *states = session.get_inputs()
    steps_first = first.shape[:1] == [T]
    zeros = {one.name: np.zeros((one.shape[0], B, H), "f4") for one in states}
    found = run(session, X.swapaxes(0, 1) if steps_first else X, **zeros)["out"]
    expected = found.swapaxes(0, 1) if steps_first else found
    np.testing.assert_allclose(model.predict(X, batch_size=B, verbose=0), expected, **NEAR)


@pytest.mark.parametrize("operator", ["Gather", "Slice"])
def test_the_only_step_of_a_sample_is_its_last(operator):
    graph = Graph(FLOAT)
    x = graph.node("Transpose", [graph.input("x", (1, 1, D))], perm=[1, 0, 2])
    every = graph.node("LSTM", [x, *weights(graph, "LSTM", "l0", D)], hidden_size=H)
    y = graph.node("Squeeze", [every, graph.numbers(1)])
    if operator == "Gather":
        y = graph.node("Gather", [y, graph.number(-1)], axis=0)
    else:
        y = graph.node("Slice", [y, *(graph.numbers(n) for n in (-1, 2**31 - 1, 0))])
        y = graph.node("Squeeze", [y, graph.numbers(0)])
    graph.output(y, "out", (1, H))
    model = model_of(message_of(graph))
    assert model.predict(X[:1, :1], verbose=0).shape == (1, H)
    assert not model.layers[0].return_sequences


def test_halves_are_read_as_singles():
    message = of_torch("LSTM")
    graph = dict(message["graph"])
    halves = {
        one["name"]: array_of(one).astype("f2")
        for one in graph["initializer"]
        if one["data_type"] == 1
    }
    others = [one for one in graph["initializer"] if one["name"] not in halves]
    graph["initializer"] = [*others, *(tensor_of(one, name) for name, one in halves.items())]
    model = model_of(message | {"graph": graph})
    assert model.dtype == "float32"
    assert np.array_equal(model.get_weights()[-1], halves["fc.bias"].astype("f4"))
    assert np.array_equal(model.get_weights()[-2], halves["fc.weight"].T.astype("f4"))


def test_a_node_whose_output_is_left_out_is_not_asked_for():
    message = of_torch("LSTM")
    nodes = [{"op_type": "Unheard", "output": [""]}, *message["graph"]["node"]]
    assert len(model_of(message | {"graph": message["graph"] | {"node": nodes}}).layers) == 2


def test_numbers_in_another_file_are_refused_with_the_way_to_have_one():
    message = of_torch("LSTM")
    first, *others = message["graph"]["initializer"]
    first = {key: value for key, value in first.items() if key != "raw_data"}
    entry = {"key": "location", "value": "model.onnx.data"}
    first |= {"external_data": [entry], "data_location": 1}
    message |= {"graph": message["graph"] | {"initializer": [first, *others]}}
    with pytest.raises(Damaged, match=r"torch.onnx.export\(..., external_data=False\)"):
        model_of(message)
    assert any(first["name"] in dict(row[2]) for row in shown_of(written(MODEL, message)).layers)


def test_a_tensor_that_a_node_reads_twice_is_shown_once():
    graph = Graph(FLOAT)
    kernel = graph.tensor("kernel", np.eye(D))
    graph.output(graph.node("Any", [graph.input("x", (B, D)), kernel, kernel]), "out", (B, D))
    layers = shown_of(written(MODEL, message_of(graph))).layers
    assert layers == [("Any:1", "Any", [("kernel", (D, D))])]


def test_no_axis_of_samples_is_left_out():
    for operator, told in (("Squeeze", [np.array([0])]), ("Gather", [np.array(0)])):
        graph = Graph(FLOAT)
        x = graph.input("x", (1, T, D))
        value = graph.node("MatMul", [x, graph.tensor("kernel", np.eye(D))])
        names = [graph.numbers(0) if one.ndim else graph.number(0) for one in told]
        graph.output(graph.node(operator, [value, *names]), "out", (T, D))
        with refused(ValueError, "it leaves out an axis"):
            model_of(message_of(graph))


def test_states_that_come_in_together_are_carried_by_the_layers_they_belong_to():
    from tests.formats.onnx.running import NEAR, run, session_of

    content = written(MODEL, with_states())
    model, session = read(Sequential, content), session_of(content)
    assert [layer.stateful for layer in model.layers] == [True, True]
    states = {name: np.zeros((2, B, H), "f4") for name in ("h", "c")}
    for _ in range(3):
        found = run(session, X, **states)
        expected = model.predict(X, batch_size=B, verbose=0)
        np.testing.assert_allclose(found["out"], expected, **NEAR)
        states = {"h": found["hn"], "c": found["cn"]}
    for k, (h, c) in enumerate(model.get_states().values()):
        np.testing.assert_allclose(states["h"][k], h, **NEAR)
        np.testing.assert_allclose(states["c"][k], c, **NEAR)


def test_last_states_that_go_out_are_asked_of_the_layer():
    message = GRAPHS["torch's LSTM"] | {}
    graph = dict(message["graph"])
    (node,) = [node for node in graph["node"] if node["op_type"] == "LSTM"]
    graph["output"] = [*graph["output"], {"name": node["output"][1]}]
    lstm, _ = model_of(message | {"graph": graph}).layers
    assert lstm.return_state


def with_operator(operator="LSTM", further=(), **told):
    """A graph of one operator with further inputs or attributes."""
    graph = Graph(FLOAT)
    x = graph.node("Transpose", [graph.input("x", ("batch", T, D))], perm=[1, 0, 2])
    inputs = [x, *weights(graph, operator, "l0", D)]
    for name, array in further:
        inputs += [""] * (name - len(inputs))
        inputs.append(graph.tensor(f"further{name}", array))
    _, last = graph.node(operator, inputs, outputs=2, hidden_size=H, **told)
    y = graph.node("Squeeze", [last, graph.numbers(0)])
    graph.output(y, "out", ("batch", H))
    return message_of(graph)


ONES = np.ones((1, B, H))
EQUATIONS = {
    "peepholes": (with_operator(further=[(7, np.ones((1, 3 * H)))]), "peepholes"),
    "clip": (with_operator(clip=1.0), "clip"),
    "coupled gates": (with_operator(input_forget=1), "input_forget=1"),
    "activations": (with_operator(activations=["Sigmoid", "Tanh", "Relu"]), "'Relu'"),
    "an activation": (with_operator(activations=["Softsign", "Tanh", "Tanh"]), "'Softsign'"),
    "a start": (with_operator(further=[(5, ONES), (6, ONES)]), "known numbers"),
    "lengths": (with_operator(further=[(4, np.ones(B))]), "known numbers of shape (4,)"),
    "a direction": (with_operator(direction="sideways"), "'sideways'"),
}


@pytest.mark.parametrize("name", EQUATIONS)
def test_equations_that_no_layer_has_are_refused_by_the_name_of_the_node(name):
    message, said = EQUATIONS[name]
    with refused(ValueError, "is no part of a layer of tinylstm") as caught:
        model_of(message)
    assert said in str(caught.value)
    assert "of the operator" in str(caught.value)


def test_the_same_graph_without_what_was_refused_is_read():
    assert len(model_of(with_operator()).layers) == 1
    for told in ({}, {"linear_before_reset": 0}, {"linear_before_reset": 1}):
        (gru,) = model_of(with_operator("GRU", **told)).layers
        assert gru.reset_after is bool(told.get("linear_before_reset"))


def behind(*operators):
    """A graph of operators, one behind the other."""
    graph = Graph(FLOAT)
    value = graph.input("x", ("batch", T, D))
    for place, (operator, inputs, told) in enumerate(operators):
        names = [graph.tensor(f"{place}.{k}", one) for k, one in enumerate(inputs)]
        value = graph.node(operator, [value, *names], name=f"the {operator}", **told)
    graph.output(value, "out", ("batch", T, D))
    return message_of(graph)


@pytest.mark.parametrize(
    ("operator", "inputs", "told", "said"),
    [
        ("Loop", [], {}, "there is no layer for it"),
        ("Exp", [], {}, "there is no layer for it"),
        ("Add", [np.ones(D)], {}, "it adds to what it reads"),
        ("Mul", [np.ones(D)], {}, "it scales what it reads"),
        ("MatMul", [np.ones((D + 1, 2))], {}, "it needs parameters"),
        ("Softmax", [], {"axis": 1}, "it is over another axis"),
        ("Elu", [], {"alpha": 0.5}, "it has another alpha"),
        ("HardSigmoid", [], {"alpha": 0.3}, "it has other numbers"),
        ("Gelu", [], {"approximate": "tanh"}, "it is the approximate form"),
        ("Gather", [np.array(-1)], {"axis": 1}, "it needs to know some lengths"),
        ("Transpose", [], {"perm": [0, 0, 1]}, "it has other axes"),
        ("LayerNormalization", [np.ones(D)], {"axis": 1}, "it is over other axes"),
    ],
)
def test_a_node_that_is_no_part_of_a_layer_is_named(operator, inputs, told, said):
    message = behind(("MatMul", [np.eye(D)], {}), ("Relu", [], {}), (operator, inputs, told))
    with refused(ValueError, f"Node 'the {operator}") as caught:
        model_of(message)
    assert f"of the operator '{operator}'" in str(caught.value)
    assert said in str(caught.value)


def test_nodes_that_nothing_comes_of_are_not_looked_at():
    message = of_torch("LSTM")
    graph = message["graph"]
    graph["node"] = [*graph["node"], {"input": ["x"], "output": ["unused"], "op_type": "Exp"}]
    assert len(model_of(message).layers) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.pop("graph"), "it has no graph"),
        (lambda m: m.update(opset_import=[{"version": 12}]), "those of opset 12"),
        (lambda m: m["graph"].update(input=[]), "has no input or no output"),
        (lambda m: m["graph"]["node"].reverse(), "is read before anything makes it"),
        (lambda m: m["graph"]["node"].append(m["graph"]["node"][0]), "is made twice"),
        (lambda m: m.update(functions=[{"name": "Pack", "domain": "tinylstm"}]), "is none of"),
        (lambda m: tensor(m).update(data_location=1), "are in another file"),
        (lambda m: tensor(m).update(data_type=16), "has the data type 16"),
        (lambda m: tensor(m).update(dims=[2**40, 2**40]), "but the shape"),
        (lambda m: tensor(m).update(dims=[-1, 16, D]), "but the shape"),
        (lambda m: tensor(m).update(raw_data=b"abc"), "are cut off"),
    ],
)
def test_a_file_that_is_damaged_is_refused_with_its_path(tmp_path, change, said):
    message = of_torch("LSTM")
    change(message)
    path = tmp_path / "m.onnx"
    path.write_bytes(written(MODEL, message))
    with refused(ValueError, f"{path} is not read as an ONNX graph: ") as caught:
        load_model(path)
    assert said in str(caught.value)


def tensor(message):
    """The first weights of a file."""
    return next(one for one in message["graph"]["initializer"] if len(one["dims"]) == 3)


def test_weights_that_layers_share_are_refused():
    graph = Graph(FLOAT)
    value = graph.input("x", ("batch", 300))
    kernel = graph.tensor("kernel", np.eye(300))
    for _ in range(3):
        value = graph.node("MatMul", [value, kernel])
    graph.output(value, "out", ("batch", 300))
    with pytest.raises(Exception, match="share their weights"):
        model_of(message_of(graph))


@pytest.mark.parametrize("place", ["l0.W", "l1.W"])
def test_weights_that_are_not_finite_are_refused_in_each_layer(place):
    message = with_states()
    weights = next(one for one in message["graph"]["initializer"] if one["name"] == place)
    weights["raw_data"] = np.float32("nan").tobytes() + weights["raw_data"][4:]
    with refused(ValueError, "kernel' is not finite"):
        model_of(message)
