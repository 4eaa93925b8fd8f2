"""Keras on JAX, which ignores ``stateful=True`` without a word."""

import os

os.environ["KERAS_BACKEND"] = "jax"

from tests.benchmarks.keras_model import train, version
from tests.benchmarks.prediction.keras import predict

__all__ = ["VERSION", "predict", "train"]
VERSION = version()
