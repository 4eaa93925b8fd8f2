"""What one has written, run through all that it has to do: layers, cells, losses, optimisers."""
