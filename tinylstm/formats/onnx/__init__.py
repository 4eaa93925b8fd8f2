"""ONNX: a graph of operators with its weights, which other programs run.

A file has what a prediction needs. The loss, the optimiser with its moments, dropout, penalties and
constraints are lost; a carried state comes in and goes out. What a graph of somebody else stands
for is read off its nodes: see `reading`. Nothing but this package is needed for either way.
"""

import sys

import numpy as np

from ...data.available import need_memory
from ...files.contents import LITTLE
from ...files.opening import opened_file
from ...files.refusals import Damaged, told
from ...surface.errors import mismatch
from . import reading, writing
from .showing import shown_of


def save(model, path):
    """Write the graph of a built model."""
    pieces = writing.pieces_of(model, sys.modules["tinylstm"].__version__)
    with open(path, "wb") as file:
        file.writelines(pieces)


def load(kind, path, compile):
    """A new model of a kind, which is not compiled: a graph has no loss."""
    return read(path, lambda content: reading.read(kind, content))


def layers_in(path):
    """[(name, class, arrays in Keras' order)] of the layers that have weights."""
    return read(path, reading.weights)


def shown(path):
    """What a file holds, a `Shown`."""
    return read(path, shown_of)


def read(path, function):
    """What a function makes of the bytes of a file.

    Raises
    ------
    OSError, ValueError
        If there is no file, or it is damaged.
    """
    content = bytes_in(path)
    try:
        return function(content)
    except Damaged as reason:
        raise mismatch(
            f"{path} is not read as an ONNX graph: {reason}.",
            "a complete file, as ONNX' exporters and model.save write it",
            f"{len(content):,} bytes that begin with {bytes(content[:8])!r}",
        ) from None


def bytes_in(path):
    """All of a file, whose size is asked first; so it is once in memory."""
    with told(path, "read"), opened_file(path) as (file, size):
        if size > LITTLE:
            need_memory(size, "The graph does not fit into memory.", str(path))
        content, at = np.empty(size, np.uint8), 0
        while at < len(content) and (count := file.readinto(content[at:])):
            at += count
        return memoryview(content)[:at]
