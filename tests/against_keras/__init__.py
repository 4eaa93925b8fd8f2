"""The engine beside live Keras, with the same weights and data."""
