"""Tests of old scripts."""
