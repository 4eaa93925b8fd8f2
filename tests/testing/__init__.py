"""Tests of `tinylstm.testing`."""
