"""Keras' `RNN` of cells, said as the layers that compute the same: an LSTM for an LSTMCell, and of
several cells, each of which reads the one before at every step, a layer for each."""

from ...files.refusals import named
from ...surface.errors import mismatch
from .settings import class_and_config
from .things import is_of_keras, own_meaning

RNN, STACKED = "RNN", "StackedRNNCells"
CELLS = {"LSTMCell": "LSTM", "GRUCell": "GRU", "SimpleRNNCell": "SimpleRNN"}
OF_BOTH = "name", "trainable", "dtype"  # said of a cell and of its layer
OF_STACKED = {"cells": None, "reverse_state_order": False}


def layers_of_cells(said):
    """[(what stands for a layer, classes of its groups in a file)] of what stands for a layer: that
    itself, or a layer for each cell of an `RNN`.

    Raises
    ------
    ValueError
        If it has a cell that is not there, or settings that no layers one after the other have.
    """
    kind, config = class_and_config(said, "A layer")
    if kind != RNN or not is_of_keras(said) or own_meaning(said, kind) is not None:
        return [(said, (kind,))]
    who = f"Layer {named(config.get('name', kind))}"
    name, inside = class_and_config(config.get("cell"), f"The cell of {who}")
    if name != STACKED:
        return [(of_cell(config, config["cell"], who), (kind,))]
    cells = cells_in(inside, config, who)
    layers = [of_cell(config, cell, who) for cell in cells]
    for cell, layer in zip(cells, layers, strict=True):
        own = cell["config"].get("name", cell["class_name"])
        layer["config"]["name"] = name_of_cell(config.get("name", kind), own)
    for layer in layers[:-1]:
        layer["config"] |= {"return_sequences": True, "zero_output_for_mask": False}
    return [(one, (kind, cell["class_name"])) for one, cell in zip(layers, cells, strict=True)]


def name_of_cell(layer, cell):
    """What the layer is called that stands for one of several cells of an `RNN`."""
    return f"{layer}_{cell}"


def cells_in(inside, config, who):
    """What stands for each of several cells, where layers one after the other do the same."""
    cells = inside.get("cells")
    if not isinstance(cells, list) or not cells:
        raise mismatch(f"{who} has no cells.", "a list of cells", named(cells))
    settings = {k: v for k, v in inside.items() if k not in OF_BOTH}
    odd = {k: v for k, v in settings.items() if k not in OF_STACKED or (k != "cells" and v)}
    backwards = {k: True for k in ("go_backwards", "return_state") if config.get(k)}
    if odd or backwards:
        expected = "StackedRNNCells without them; or layers one after the other"
        raise mismatch(f"{who} has settings of several cells.", expected, named(odd | backwards))
    return cells


def of_cell(config, cell, who):
    """What stands for the layer of an `RNN` and one of its cells."""
    kind, own = class_and_config(cell, f"The cell of {who}")
    if kind not in CELLS or not is_of_keras(cell):
        raise mismatch(
            f"{who} has a cell that tinylstm lacks.",
            f"one of {', '.join(CELLS)}; a cell of your own: docs/own_cell.md",
            named(kind),
        )
    own = {k: v for k, v in own.items() if k not in OF_BOTH}
    trained = config.get("trainable", True) and cell["config"].get("trainable", True)
    of_layer = {k: v for k, v in config.items() if k != "cell"}
    return {"class_name": CELLS[kind], "config": of_layer | own | {"trainable": trained}}
