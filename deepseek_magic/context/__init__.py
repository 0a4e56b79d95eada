"""What of the notebook goes with a question: read, cut to a budget, wrapped as data."""
