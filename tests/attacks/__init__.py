"""Attacks on what the engine promises: that a call is whole or has not been, that nothing is lost.

Each module here is one attack: a function ``attack(tries, seed)`` that yields a sentence for each
find, and nothing where all holds. ``python -m tests.attacks NAME`` runs a long one; the test files
beside them run each for a bounded count of tries.
"""
