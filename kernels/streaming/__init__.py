"""One step after the other: as data comes, or on the model's own answers."""
