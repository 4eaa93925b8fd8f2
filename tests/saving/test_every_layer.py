"""Every setting of every layer comes out of a file as it went in."""

import numpy as np
import pytest

from tests.every_layer import EVERY, N, models_of, samples_for
from tests.saving.models import differences
from tinylstm import load_model


@pytest.mark.parametrize("name", EVERY)
def test_every_setting_comes_through_a_file(tmp_path, rng, name):
    for words, model in models_of(name, rng, of_weights=True):
        model.compile("sgd", "mse")
        model.save(tmp_path / "model.safetensors")
        twin, x = load_model(tmp_path / "model.safetensors"), samples_for(model, rng)
        assert twin.get_config() == model.get_config(), words
        assert differences(model, twin) == [], words
        expected = model.predict(x, N, verbose=0)
        np.testing.assert_array_equal(twin.predict(x, N, verbose=0), expected, words)
