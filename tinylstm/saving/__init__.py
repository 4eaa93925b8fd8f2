"""Whole models: described, moved from one place to another, kept in files."""
