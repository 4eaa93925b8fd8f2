"""Tests of the loop over batches, losses, optimisers."""
