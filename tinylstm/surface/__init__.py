"""What the surface says: arguments as a user may write them, errors, and what is not there."""
