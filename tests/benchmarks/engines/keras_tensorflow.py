"""Keras on TensorFlow."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from tests.benchmarks.keras_model import train, version

__all__ = ["VERSION", "train"]
VERSION = version()
