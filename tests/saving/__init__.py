"""Whole models: described, copied, kept in files."""
