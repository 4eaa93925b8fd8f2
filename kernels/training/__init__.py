"""The loop over batches, and what it calls: losses, metrics, penalties, optimisers."""
