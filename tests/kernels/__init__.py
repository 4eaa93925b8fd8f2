"""Tests of what is compiled, folder by folder."""
