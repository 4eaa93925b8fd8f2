"""What a built model is, and what runs it."""
