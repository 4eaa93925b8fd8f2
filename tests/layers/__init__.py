"""Tests of layers as they are described."""
