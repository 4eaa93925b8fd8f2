"""Checks of what one has written: gradients against differences, the engine against its twin."""
