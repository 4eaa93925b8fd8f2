"""Models that travel: files of other programs, written and read."""
