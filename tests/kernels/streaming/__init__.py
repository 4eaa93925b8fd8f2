"""Tests of one step at a time."""
