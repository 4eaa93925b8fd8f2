"""Tests of what is given: arrays, memmaps, generators."""
