"""Tests of the cache of compiled code, and who may write it."""
