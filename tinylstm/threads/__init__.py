"""Threads: how many, how they share a batch, and who helps with a row."""
