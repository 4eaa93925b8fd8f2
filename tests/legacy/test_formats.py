"""Which files of an old script are those that Keras reads."""

import pytest

from tinylstm.legacy.formats import promises_keras

pytestmark = pytest.mark.quick


@pytest.mark.parametrize("name", ["a.h5", "A.H5", "a.hdf5", "a.weights.h5", "a.Keras"])
def test_a_suffix_of_keras_is_one_however_it_is_written(name):
    assert promises_keras(name)


@pytest.mark.parametrize("name", ["a", "h5", "a.h5.tmp", "a.safetensors", "a.onnx", "a.ckpt"])
def test_others_are_none(name):
    assert not promises_keras(name)
