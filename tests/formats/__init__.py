"""Tests of ``tinylstm/formats/``."""
