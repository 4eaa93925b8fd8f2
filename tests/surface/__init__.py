"""Tests of what a user may give, and what is refused in a sentence."""
