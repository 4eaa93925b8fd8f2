"""Tests of models: how they are built, trained, interrupted."""
