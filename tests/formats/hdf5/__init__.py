"""Tests of `tinylstm.formats.hdf5`."""
