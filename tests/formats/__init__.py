"""Tests of `tinylstm.formats`."""
