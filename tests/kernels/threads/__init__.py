"""Tests of threads inside a call."""
