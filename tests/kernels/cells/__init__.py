"""Tests of the equations of one step."""
