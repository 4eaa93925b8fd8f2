"""Keras on TensorFlow."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from tests.benchmarks.keras_model import train, version
from tests.benchmarks.prediction.keras import predict

__all__ = ["VERSION", "predict", "train"]
VERSION = version()
