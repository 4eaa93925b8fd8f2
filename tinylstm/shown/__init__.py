"""What is shown in the terminal: progress and summaries."""
