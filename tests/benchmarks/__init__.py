"""Benchmarks: one training step of tinylstm and of its peers, on the same data in the same run."""
