"""Tests of `tinylstm.files`."""
