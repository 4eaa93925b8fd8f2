"""The LSTM of a task as an ONNX graph.

Source: ONNX operators, LSTM-22: gates in the order i, o, f, c; W (1,4H,D), R (1,4H,H), and B
(1,8H), which holds two biases.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 22


def onnx_gates(tensor):
    """Columns of Keras' blocks i|f|g|o as rows of ONNX' blocks i|o|f|c."""
    i, f, g, o = np.split(tensor, 4, axis=-1)
    return np.ascontiguousarray(np.concatenate([i, o, f, g], axis=-1).T)


def constants(task):
    """W, R, B and, with a Dense layer, its W and b, by name."""
    W, U, b, *dense = task.weights()
    tensors = {
        "W": onnx_gates(W)[None],
        "R": onnx_gates(U)[None],
        "B": np.concatenate([onnx_gates(b), np.zeros_like(b)])[None],
    }
    if dense:
        tensors |= {"dense_W": dense[0], "dense_b": dense[1]}
    return [numpy_helper.from_array(tensor, name) for name, tensor in tensors.items()]


def graph(task):
    """A model from x (T,B,D), h (1,B,H), c (1,B,H) to y (B,H) or (B,K), h_new and c_new.

    y is the output after the last step.
    """
    T, B, D, H = task.steps, task.batch, task.features, task.units

    def tensor(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    states = ["h", "c"]
    nodes = [
        helper.make_node(
            "LSTM",
            ["x", "W", "R", "B", "", *states],
            ["", "h_new", "c_new"],
            hidden_size=H,
        ),
        helper.make_node("Squeeze", ["h_new", "axis"], ["last" if task.outputs else "y"]),
    ]
    if task.outputs:
        nodes.append(helper.make_node("Gemm", ["last", "dense_W", "dense_b"], ["y"]))
    made = helper.make_graph(
        nodes,
        task.name,
        [tensor("x", T, B, D), *(tensor(name, 1, B, H) for name in states)],
        [
            tensor("y", B, task.outputs or H),
            *(tensor(f"{name}_new", 1, B, H) for name in states),
        ],
        [*constants(task), numpy_helper.from_array(np.array([0]), "axis")],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)])
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()
