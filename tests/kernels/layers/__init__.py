"""Tests of the passes over a sequence."""
