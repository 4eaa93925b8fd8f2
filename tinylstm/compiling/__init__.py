"""Kernels made ready: which, by whom, and what a person sees of it."""
