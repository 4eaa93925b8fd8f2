"""Every dtype of the surface is float32 or float64, or is refused and has changed nothing."""

import numpy as np
import pytest

import tinylstm
from tests.engine.test_reproducibility import model_of
from tests.snapshots import refused
from tinylstm import (
    LSTM,
    Activation,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Masking,
    RepeatVector,
    Reshape,
    Sequential,
    TimeDistributed,
    pad_sequences,
    to_categorical,
)

pytestmark = pytest.mark.uncompiled
LAYERS = {
    "LSTM": lambda **given: LSTM(2, **given),
    "Dense": lambda **given: Dense(2, **given),
    "Dropout": lambda **given: Dropout(0.5, **given),
    "Activation": lambda **given: Activation("tanh", **given),
    "Embedding": lambda **given: Embedding(3, 2, **given),
    "Masking": lambda **given: Masking(**given),
    "Flatten": lambda **given: Flatten(**given),
    "Reshape": lambda **given: Reshape((2, 2), **given),
    "RepeatVector": lambda **given: RepeatVector(2, **given),
    "Bidirectional": lambda **given: Bidirectional(LSTM(2), **given),
    "TimeDistributed": lambda **given: TimeDistributed(Dense(2), **given),
}
CALLS = {
    "set_floatx": tinylstm.set_floatx,
    "Sequential": lambda dtype: Sequential(dtype=dtype),
    "copy": lambda dtype: model_of().copy(dtype),
    **{name: lambda dtype, make=make: make(dtype=dtype) for name, make in LAYERS.items()},
    **{f"{name}.copy": lambda d, make=make: make().copy(d) for name, make in LAYERS.items()},
}
UNKNOWN = (
    *("bfloat16", "float23", "float16", "mixed_float16", "int32", "", "f4,,f4", "f4,f4", ">f4"),
    *(int, object(), (float, -1), 32),
)


@pytest.mark.parametrize("dtype", UNKNOWN, ids=lambda dtype: str(dtype).partition(" at 0x")[0])
@pytest.mark.parametrize("call", CALLS)
def test_an_unknown_dtype_is_refused_where_it_is_given(call, dtype):
    with refused(ValueError, "dtype is not supported"):
        CALLS[call](dtype)
    assert tinylstm.floatx() == "float32"


def test_no_dtype_is_none_for_all_models():
    with refused(ValueError, "dtype is not supported"):
        tinylstm.set_floatx(None)


@pytest.mark.parametrize("dtype", ["float64", np.float64, np.dtype("f8"), float, "double"], ids=str)
@pytest.mark.parametrize("call", CALLS)
def test_a_dtype_may_be_given_in_every_spelling_of_numpy(call, dtype):
    made = CALLS[call](dtype)
    assert (made.dtype if made is not None else tinylstm.floatx()) == "float64"


@pytest.mark.parametrize("first", ["float32", "float64"])
@pytest.mark.parametrize("second", ["float32", "float64"])
def test_all_layers_of_a_model_have_one_dtype(first, second):
    calls = (
        lambda: Sequential([Dense(2, dtype=second)], dtype=first).layers[0],
        lambda: Sequential([Dense(2, dtype=first), Dense(2, dtype=second)]).layers[1],
        lambda: Sequential([Dense(2), Dense(2, dtype=first), Dense(2, dtype=second)]).layers[2],
        lambda: TimeDistributed(Dense(2, dtype=second), dtype=first),
        lambda: Bidirectional(LSTM(2, dtype=second), dtype=first),
    )
    for call in calls:
        if first == second:
            assert call().dtype == first
        else:
            with refused(ValueError, "one dtype"):
                call()


@pytest.mark.parametrize("call", [to_categorical, lambda y, dtype: pad_sequences([y], dtype=dtype)])
def test_arrays_that_are_made_have_a_dtype_of_numpys(call):
    assert call([0, 1], dtype="int8").dtype == np.int8
    for dtype in ("float23", "f4,,f4", 5):
        with refused(ValueError, "no such dtype"):
            call([0, 1], dtype=dtype)
