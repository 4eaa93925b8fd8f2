"""Tests of ``tinylstm/formats/keras/``."""
