"""Tests of `tinylstm.formats.onnx`."""
