"""Weights of PyTorch: what a ``state_dict`` says, as models, and what models say to PyTorch."""
