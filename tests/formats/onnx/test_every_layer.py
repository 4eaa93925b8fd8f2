"""Every setting of every layer in a graph, as ONNX Runtime computes it and as it is read again."""

import numpy as np
import pytest

from tests.every_layer import EVERY, N, models_of, samples_for, states_of
from tests.formats.onnx.running import NEAR, run, session_of
from tinylstm import Dense, load_model


def dense():
    """What some layers need behind them to be seen: in a prediction they do nothing."""
    return [Dense(2)]


def nothing():
    """A layer alone."""
    return []


@pytest.mark.parametrize("behind", [dense, nothing])
@pytest.mark.parametrize("name", EVERY)
def test_every_setting_puts_out_what_predict_does(tmp_path, rng, name, behind):
    path = tmp_path / "m.onnx"
    for words, model in models_of(name, rng, behind=behind):
        x = samples_for(model, rng)
        expected = model.predict(x, N, verbose=0)
        model.save(path)
        session = session_of(path.read_bytes())
        found = run(session, x, **states_of(session))["y"]
        np.testing.assert_allclose(found, expected, **NEAR, err_msg=words)
        again = load_model(path).predict(x, N, verbose=0)
        np.testing.assert_allclose(again, expected, rtol=0, atol=1e-6, err_msg=words)
