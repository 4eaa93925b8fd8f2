"""Tests of first starts: who compiles what, and once."""
