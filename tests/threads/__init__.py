"""Tests of threads that call, and of how many a call uses."""
