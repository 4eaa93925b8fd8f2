"""Data on its way in: arrays through one gate, memmaps and generators in stages, series."""
